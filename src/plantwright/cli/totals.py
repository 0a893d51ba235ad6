"""What `calibrate` does with a plant in place of a log: it moves the plant's guesses until its totals match."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from plantwright.cli.show import progress, show_json, tell_compiling

OPTIONS_OF_A_PLANT = ("replications", "seed", "cluster", "insecure_cluster")
"""The options of `calibrate` that say how a plant without a log is simulated."""
_OF_A_PLANT = ("log", "output", "report", *OPTIONS_OF_A_PLANT, "as_json")


def refuse_options_of_logs(context: click.Context, plant: str) -> None:
    """UsageError where an option is given that says something of a log."""
    given = [
        max(parameter.opts, key=len)
        for parameter in context.command.params
        if parameter.name not in (*_OF_A_PLANT, "help")
        and context.get_parameter_source(parameter.name or "") not in (ParameterSource.DEFAULT, None)
    ]
    if given:
        verb = "speaks" if len(given) == 1 else "speak"
        raise click.UsageError(
            f"{' and '.join(given)} {verb} of a log, but {plant} is a plant: its guesses are moved until its totals match. Leave "
            f"{'it' if len(given) == 1 else 'them'} out, or give a log.", context
        )  # fmt: skip


def calibrate_plant(plant: Path, output: Path, report: Path | None, as_json: bool, **options: Any) -> int:
    """Move the guesses of a plant until its totals match, and show what became of them."""
    from plantwright import actions

    actions.check_match_output(output, report)
    tell_compiling()
    with progress("Matching totals", as_json) as step:
        match = actions.match_plant_totals(plant, progress=step, **options)
    written = actions.save_match(
        match, output, report, f"plantwright calibrate {plant} -o {output} --seed {options['seed']}"
    )
    if as_json:
        show_json(match.to_dict())
    else:
        click.echo(str(match))
        click.echo(f"\nWrote {', '.join(map(str, written))}. Next: plantwright improve {output}")
    return 0 if match.matches else 1
