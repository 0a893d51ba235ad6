"""The command import: a plant file of another system's tables."""

from __future__ import annotations

from pathlib import Path

import click

from plantwright.cli.show import show_json


@click.command("import")
@click.argument("kind", metavar="FORMAT", type=click.Choice(["smt2020"]))
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("-o", "output", type=click.Path(path_type=Path), required=True, help="The plant file to write (.yaml).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def import_command(kind: str, folder: Path, output: Path, as_json: bool) -> int:
    """Make a plant file of another system's tables: of a wafer fab in the tables of SMT2020 (AutoSched AP).

    What is not understood is named with its file and row, all of it at once, and nothing is written.

    \b
    plantwright import smt2020 HVLM -o fab.yaml
    plantwright simulate fab.yaml --horizon 730d --warmup 0d
    """
    from plantwright import actions
    from plantwright.errors import InputError

    try:
        target = actions.check_import_output(output)
        imported = actions.import_plant(kind, folder, target.name)
        written = actions.save_import(imported, target)
    except InputError as error:
        if not as_json:
            raise
        show_json(actions.problems_document(error, "plantwright.import/1"))
        return 2
    told = imported.to_dict(written)
    if as_json:
        show_json(told)
        return 0
    click.echo(
        f"{told['name']}: {told['work centers']} work centers with {told['machines']} machines, {told['products']} products with "
        f"{told['operations']} steps, {told['lots at start']} lots in process."
    )
    if imported.passed_over:
        click.echo("\n".join(["Passed over:", *(f"  {reason}" for reason in imported.passed_over)]))
    if imported.not_read:
        click.echo(f"Not read, as no table of this name is known: {', '.join(imported.not_read)}.")
    if imported.not_simulated:
        click.echo("Not simulated: " + ", ".join(imported.not_simulated) + ".")
    click.echo(f"Wrote {', '.join(map(str, written))}. Next: plantwright simulate {output}")
    if told["lots at start"]:
        click.echo(
            "That is as it runs in the long run; as it goes on from its lots in process: --horizon 90d --warmup 0d"
        )
    return 0
