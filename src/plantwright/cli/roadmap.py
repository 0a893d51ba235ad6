"""The command that plans which moves to make when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from plantwright.cli.show import duration, progress, share, show_json, tell_compiling
from plantwright.cli.study import cluster_options, simulation_options


@click.command("roadmap")
@click.argument("plant", type=click.Path(path_type=Path), metavar="PLANT")
@click.option("--budget", required=True, metavar="MONEY", help="Capital in all, such as '800 kUSD'; or 'unlimited'.")
@click.option(
    "--quarters", default=12, show_default=True, type=click.IntRange(1, 80), help="In which a move may begin."
)
@click.option("--by-quarter", metavar="MONEY", help="Capital in each quarter at most.")
@click.option(
    "--reinvest", is_flag=True, help="What moves have brought may be spent on others from the next quarter on."
)
@click.option(
    "--at-once",
    default=3.0,
    show_default=True,
    type=float,
    help="How many moves may be in their lead time in a quarter.",
)
@click.option("--least", metavar="MONEY", help="What the worst scenarios must still be worth in the mean.")
@click.option(
    "--tail",
    default="10%",
    show_default=True,
    metavar="SHARE",
    callback=share,
    help="How many scenarios are the worst.",
)
@click.option(
    "--with",
    "wanted",
    multiple=True,
    metavar="MOVE",
    help="This move must be made, by its name in 'improve --all'; may be given again.",
)
@click.option("--ban", "banned", multiple=True, metavar="MOVE", help="This move must not be made; may be given again.")
@click.option("--family", "families", multiple=True, help="Only moves of this family; may be given again.")
@click.option(
    "--scenarios",
    default=200,
    show_default=True,
    type=click.IntRange(1, 5000),
    help="Draws of demand, belief and luck.",
)
@simulation_options(20)
@cluster_options
@click.option(
    "--time-limit",
    callback=duration,
    metavar="TIME",
    help="Answer in that time, such as 2min, with the best plan that is known by then.",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="STUDY.json",
    help="A study of it that 'improve -o' wrote; what that simulated is not simulated again.",
)
@click.option(
    "-o", "output", type=click.Path(path_type=Path), help="Write a .html, .json, .csv, .parquet, .xlsx or .svg file."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def roadmap_command(
    plant: Path, wanted: tuple[str, ...], banned: tuple[str, ...], families: tuple[str, ...], output: Path | None, as_json: bool,
    **options: Any,
) -> int:  # fmt: skip
    """Plan which moves to make in which quarter, so that their net present value is greatest under a budget.

    \b
    plantwright roadmap shop.yaml --budget "800 kUSD"
    plantwright roadmap shop.yaml --budget unlimited --by-quarter "100 kUSD" --at-once 2
    plantwright roadmap shop.yaml --budget "1.2 MUSD" --least "0 USD" -o roadmap.html
    plantwright roadmap shop.yaml --budget "800 kUSD" --time-limit 2min

    Ctrl-C gives the best plan so far.
    """
    from plantwright import actions
    from plantwright.actions.roadmaps import ROADMAP_ENDINGS
    from plantwright.actions.studies import check_output
    from plantwright.plant import read_plant

    if output is not None:
        check_output(output, ROADMAP_ENDINGS)
    read_plant(plant)
    tell_compiling()
    with progress("Planning", as_json) as step:
        found = actions.plan_roadmap(
            plant, wanted=wanted, banned=banned, families=list(families) or None, progress=step, **options
        )
    if output is not None:
        actions.save_result(found, output)
    if as_json:
        show_json(found.to_dict())
    else:
        click.echo(str(found))
    return 0
