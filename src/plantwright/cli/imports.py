"""The command import: a plant file of another system's tables."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("import")
@click.argument("kind", metavar="FORMAT", type=click.Choice(["smt2020"]))
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("-o", "output", type=click.Path(path_type=Path), required=True, help="The plant file to write (.yaml).")
def import_command(kind: str, folder: Path, output: Path) -> int:
    """Make a plant file of another system's tables: of a wafer fab in the tables of SMT2020 (AutoSched AP).

    What is not understood is named with its file and row, all of it at once, and nothing is written.

    \b
    plantwright import smt2020 HVLM -o fab.yaml
    plantwright simulate fab.yaml --horizon 730d --warmup 0d
    """
    from plantwright import actions

    target = actions.check_import_output(output)
    imported = actions.import_plant(kind, folder, target.name)
    written = actions.save_import(imported, target)
    plant = imported.plant
    machines = sum(center.machines or 0 for center in plant.work_centers.values())
    lots = sum(len(product.at_start) for product in plant.products.values())
    steps = sum(len(product.routing) for product in plant.products.values())
    click.echo(
        f"{plant.name}: {len(plant.work_centers)} work centers with {machines} machines, {len(plant.products)} products with "
        f"{steps} steps, {lots} lots in process."
    )
    if imported.not_read:
        click.echo(f"Not read, as no table of this name is known: {', '.join(imported.not_read)}.")
    click.echo(f"Wrote {', '.join(map(str, written))}. Next: plantwright simulate {output}")
    return 0
