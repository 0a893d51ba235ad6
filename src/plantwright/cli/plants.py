"""The commands on plant files: check, new, schema."""

from __future__ import annotations

from pathlib import Path

import click

from plantwright.cli.show import show_json

_COUNTED = {
    "work center": "work centers", "machine": "machines", "person": "people", "product": "products", "operation": "operations",
}  # fmt: skip


def _count(number: int, name: str) -> str:
    return f"{number} {name if number == 1 else _COUNTED[name]}"


@click.command("check")
@click.argument("plant", type=click.Path(path_type=Path), metavar="PLANT")
@click.option("--explain", is_flag=True, help="List every kind of default that is taken, and every guess.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def check_command(plant: Path, explain: bool, as_json: bool) -> int:
    """Check a plant file or workbook: all that is wrong with it at once, or what it says.

    \b
    plantwright check shop.yaml
    plantwright check shop.xlsx --explain
    plantwright check shop.yaml --json
    """
    from plantwright import actions
    from plantwright.errors import PlantError

    try:
        check = actions.check_plant(plant)
    except PlantError as error:
        if not as_json:
            raise
        show_json(actions.problems_document(error))
        return 2
    if as_json:
        show_json(check.to_dict())
        return 0
    told = check.to_dict()
    click.echo(f"{check.plant.name}: sound.")
    counts = {name: _count(told[plural], name) for name, plural in _COUNTED.items()}
    click.echo(
        f"{counts['work center']} with {counts['machine']}, {counts['person']}, {counts['product']}, {counts['operation']}."
    )
    if check.not_simulated:
        click.echo("Not simulated: " + ", ".join(check.not_simulated) + ".")
    from plantwright.plant import default_kinds, value_at

    kinds = default_kinds(check.plant)
    if explain:
        if check.plant.guesses:
            click.echo("\nGuesses, marked as such in the file:")
            for guess in check.plant.guesses:
                click.echo(f"  {guess.path}: {value_at(check.plant, guess.path)}")
        click.echo("\nDefaults, taken where the file says nothing:")
        for first, *others in kinds:
            why = f"   ({first.why})" if first.why else ""
            more = f", and {len(others)} more like it" if others else ""
            click.echo(f"  {first.path}: {first.value}{why}{more}")
    else:
        click.echo(
            f"{len(check.defaults)} defaults of {len(kinds)} kinds taken, {len(check.plant.guesses)} guesses "
            "(--explain lists them)."
        )
    return 0


def _templates(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from plantwright.plant.templates import template_names

    return [name for name in template_names() if name.startswith(incomplete)]


@click.command("new")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE", required=False)
@click.option("--template", default="blank", show_default=True, shell_complete=_templates, help="What to start from.")
@click.option("--list", "listing", is_flag=True, help="List the templates.")
def new_command(file: Path | None, template: str, listing: bool) -> int:
    """Start a plant: a YAML file from a template, or a workbook to fill in.

    \b
    plantwright new shop.yaml
    plantwright new line.yaml --template pouch-cell-pilot
    plantwright new shop.xlsx
    plantwright new --list
    """
    if listing:
        from plantwright.plant.templates import template_names

        click.echo("\n".join(template_names()))
        return 0
    if file is None:
        raise click.UsageError("Missing argument 'FILE', such as 'shop.yaml' or 'shop.xlsx'.")
    from plantwright import actions

    written = actions.new_plant(file, template)
    click.echo(f"Wrote {written}. Next: plantwright check {written}, then plantwright improve {written}")
    return 0


@click.command("schema")
@click.option(
    "--collector", is_flag=True, help="Of the collector's file, with the words of the connectors that are installed."
)
def schema_command(collector: bool) -> int:
    """Print the JSON Schema of the plant file or the collector's, with which an editor completes and checks it.

    \b
    plantwright schema > plant.schema.json
    plantwright schema --collector > collector.schema.json
    and as the first line of a plant file, for editors with a YAML language server:
    # yaml-language-server: $schema=plant.schema.json
    """
    from plantwright import actions

    show_json(actions.collector_schema() if collector else actions.plant_schema())
    return 0
