"""The command that holds two plants against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from plantwright.cli.show import progress, show_json, tell_compiling
from plantwright.cli.study import cluster_options, simulation_options


@click.command("compare")
@click.argument("before", type=click.Path(path_type=Path), metavar="A")
@click.argument("after", type=click.Path(path_type=Path), metavar="B")
@simulation_options(20)
@cluster_options
@click.option(
    "-o", "output", type=click.Path(path_type=Path), help="Write a .html, .json, .csv, .parquet, .xlsx or .svg file."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def compare_command(before: Path, after: Path, output: Path | None, as_json: bool, **options: Any) -> int:
    """What differs between the plants A and B, and what that does, simulated on the same luck.

    \b
    plantwright compare shop.yaml better.yaml
    plantwright compare shop.yaml better.yaml -o comparison.html
    plantwright compare shop.xlsx shop-next-year.xlsx --json
    """
    from plantwright import actions
    from plantwright.actions.studies import check_output

    if output is not None:
        check_output(output)
    actions.read_two_plants(before, after)
    tell_compiling()
    with progress("Simulating both", as_json) as step:
        comparison = actions.compare_plants(before, after, progress=step, **options)
    if output is not None:
        actions.save_result(comparison, output)
    if as_json:
        show_json(comparison.to_dict())
    else:
        click.echo(str(comparison))
    return 0
