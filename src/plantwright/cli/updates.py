"""The command that revises a plant from new records: update."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from plantwright.cli.logs import JSON, LOG, UNATTENDED, read_records, reading_options
from plantwright.cli.show import show_json


@click.command("update")
@click.argument("plant", type=click.Path(path_type=Path), metavar="PLANT")
@LOG
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M"]), metavar="DATE",
              help="The first day, or moment, of the new records; all of the log, if not given.")  # fmt: skip
@click.option(
    "-o", "output", type=click.Path(path_type=Path), help="The plant file to write (.yaml); may be PLANT itself."
)
@reading_options
@UNATTENDED
@JSON
def update_command(
    plant: Path, log: str, since: datetime | None, output: Path | None, unattended: bool, as_json: bool, **how: Any
) -> int:
    """Revise the numbers of a plant file from new records: those that moved beyond noise, and guesses that are measured now. What
    people wrote stays. Without -o it only says what it would change.

    \b
    plantwright update shop.yaml LOG.csv --since 2026-10-01
    plantwright update shop.yaml LOG.csv --since 2026-10-01 -o shop.yaml
    """
    from plantwright import actions

    if output is not None:
        actions.check_update_output(log, output)
    found = actions.update_plant(plant, read_records(log, how), since=since, unattended=unattended)
    written = actions.save_update(found, output) if output is not None else None
    if as_json:
        show_json(found.to_dict())
    else:
        click.echo(str(found))
        if written is not None:
            click.echo(f"\nWrote {written}. Next: plantwright improve {written}")
        elif found.edits:
            click.echo(f"\nNothing was written: add -o {plant} to change what moved (--json has each number).")
    return 0
