"""The commands that answer: improve, simulate, compile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from plantwright.cli.show import duration, leading, progress, share, show_json, tell_compiling

_PLANT = click.argument("plant", type=click.Path(path_type=Path), metavar="PLANT")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


_Command = TypeVar("_Command", bound=Callable[..., Any])


def simulation_options(default_replications: int) -> Callable[[_Command], _Command]:
    """The options that simulations share."""

    def decorate(function: _Command) -> _Command:
        for option in reversed(
            (
                click.option("--horizon", default="auto", show_default=True, callback=duration, metavar="TIME",
                             help="How long to count, after the warm-up; auto: 90 d, or as long as a list of orders."),
                click.option("--warmup", default="auto", show_default=True, callback=duration, metavar="TIME",
                             help="How long to run before counting; auto: MSER-5."),
                click.option("--replications", default=default_replications, show_default=True,
                             type=click.IntRange(2, 1_000_000), help="Independent repetitions."),
                click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the random draws."),
                click.option("--level", default=0.95, show_default=True, type=click.FloatRange(0.5, 0.99999),
                             help="Confidence level of the intervals."),
                click.option("--threads", default=None, type=click.IntRange(1), help="All processors, if not given."),
            )
        ):  # fmt: skip
            function = option(function)
        return function

    return decorate


def cluster_options(function: _Command) -> _Command:
    """The options that say on which cluster replications run."""
    allow = click.option(
        "--insecure-cluster",
        is_flag=True,
        help="Allow tcp:// to other machines; whoever reaches it can run code on it.",
    )
    where = click.option(
        "--cluster", metavar="ADDRESS", help="Run replications on the Dask cluster there, such as tls://host:8786."
    )
    return where(allow(function))


@click.command("simulate")
@_PLANT
@simulation_options(20)
@cluster_options
@click.option("--saturated", is_flag=True, help="Give it more lots than it can work on: its capacity.")
@click.option(
    "--lots", type=click.IntRange(1), help="How many lots are in process when saturated; found, if not given."
)
@click.option(
    "--with",
    "moves",
    multiple=True,
    metavar="MOVE,...",
    help="With these moves made, by their numbers in 'improve' or names as 'improve --all' lists them; may be given again.",
)
@click.option(
    "--precision",
    metavar="SHARE",
    callback=share,
    help="Add replications, so many at a time, until the headlines' intervals are that tight, such as 1%.",
)
@click.option(
    "--most-replications", default=1000, show_default=True, type=click.IntRange(2), help="Where that is given up."
)
@click.option(
    "--by",
    "bucket",
    metavar="TIME",
    callback=duration,
    help="Count by bucket of time as well, such as 1wk; for --json, -o and charts.",
)
@click.option(
    "--log",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write all that happens in one replication: a .parquet, .csv or .xes file.",
)
@click.option(
    "--log-replication", default=1, show_default=True, type=click.IntRange(1), help="Of which replication that is."
)
@click.option(
    "--details",
    is_flag=True,
    help="Also what people did with their time, and the wait before each operation; takes several times as long.",
)
@click.option(
    "-o", "output", type=click.Path(path_type=Path), help="Write a .json, .csv, .parquet, .xlsx, .html or .svg file."
)
@_JSON
def simulate_command(
    plant: Path, moves: tuple[str, ...], log: Path | None, output: Path | None, as_json: bool, **options: Any
) -> int:
    """Simulate a plant: throughput, sales, work in process, cycle time, states.

    \b
    plantwright simulate examples/pouch-cell-pilot.yaml
    plantwright simulate shop.yaml --horizon 90d --replications 20 --seed 1 --json
    plantwright simulate shop.xlsx --saturated -o run.html
    plantwright simulate shop.yaml --with 1,3
    plantwright simulate shop.yaml --precision 1%
    plantwright simulate shop.yaml --by 1wk -o weeks.csv
    plantwright simulate shop.yaml --horizon 7d --log week.csv
    plantwright simulate shop.yaml --replications 1000 --cluster tls://scheduler.example:8786
    """
    from plantwright import actions
    from plantwright.actions.studies import LOG_ENDINGS, check_output
    from plantwright.plant import read_plant

    if output is not None:
        check_output(output)
    if log is not None:
        check_output(log, LOG_ENDINGS)
    if options["log_replication"] > options["replications"]:
        raise click.BadParameter(f"there are {options['replications']} replications", param_hint="--log-replication")
    read = read_plant(plant)
    tell_compiling()
    with progress("Simulating", as_json) as step:
        run = actions.simulate_plant(read, moves=moves, log=log, progress=step, **options)
    if output is not None:
        actions.save_result(run, output, read)
    if as_json:
        show_json(run.to_dict())
    else:
        click.echo(str(run))
    return 0


@click.command("improve")
@_PLANT
@simulation_options(20)
@cluster_options
@click.option(
    "--by", type=click.Choice(["cash", "capacity", "cycle-time", "on-time", "contribution"]), help="What to rank by."
)
@click.option("--family", "families", multiple=True, help="Only moves of this family; may be given again.")
@click.option("--all", "everything", is_flag=True, help="The whole table of moves, with their names.")
@click.option(
    "--zone",
    type=click.FloatRange(0, min_open=True),
    metavar="AMOUNT",
    help="The smallest difference that matters, in the unit of what is ranked by; 1 % of it, if not given.",
)
@click.option(
    "--budget",
    type=click.IntRange(1),
    metavar="N",
    help="So many replications for all moves together; then nothing is promised.",
)
@click.option(
    "--time-limit",
    callback=duration,
    metavar="TIME",
    help="Answer in that time, such as 60s, with what is known by then.",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="STUDY.json",
    help="Go on from a study that -o wrote; nothing is simulated twice.",
)
@click.option(
    "--save-move",
    nargs=2,
    type=(int, click.Path(path_type=Path)),
    metavar="N FILE",
    help="Write the plant file with move N made.",
)
@click.option(
    "--card",
    nargs=2,
    type=(int, click.Path(path_type=Path)),
    metavar="N FILE",
    help="Write the deployment card of move N: a .html, .json or .yaml file.",
)
@click.option(
    "--roadmap",
    type=click.Path(path_type=Path),
    metavar="ROADMAP.json",
    help="Put this roadmap in the report; 'roadmap -o' wrote it.",
)
@click.option(
    "-o", "output", type=click.Path(path_type=Path), help="Write a .html, .json, .csv, .parquet or .xlsx file."
)
@_JSON
def improve_command(
    plant: Path, families: tuple[str, ...], everything: bool, save_move: tuple[int, Path] | None,
    card: tuple[int, Path] | None, roadmap: Path | None, output: Path | None, as_json: bool, **options: Any,
) -> int:  # fmt: skip
    """Rank a plant's next moves: what holds it back, what costs nothing, what to spend on, what not to buy.

    \b
    plantwright improve examples/pouch-cell-pilot.yaml
    plantwright improve shop.yaml -o report.html
    plantwright improve shop.yaml --by cycle-time --all
    plantwright improve shop.yaml --save-move 1 better.yaml
    plantwright improve shop.yaml --card 1 card.html
    plantwright improve shop.yaml --time-limit 60s -o study.json
    plantwright improve shop.yaml --resume study.json -o study.json

    Ctrl-C stops it; the answer is then what is known by that time.
    """
    from plantwright import actions
    from plantwright.actions.studies import CARD_ENDINGS, check_output
    from plantwright.report import first_screen

    if output is not None:
        check_output(output)
    if save_move is not None:
        check_output(save_move[1], (".yaml", ".yml"))
    if card is not None:
        check_output(card[1], CARD_ENDINGS)
    road = actions.read_roadmap(roadmap) if roadmap is not None else None
    from plantwright.plant import read_plant

    read = read_plant(plant)
    tell_compiling()
    with progress("Trying moves", as_json) as step:
        watch = leading(step) if step is not None else None
        read, study = actions.improve_plant(
            read, families=list(families) or None, progress=step, watch=watch, **options
        )
    if output is not None:
        actions.save_result(study, output, read, road)
    if save_move is not None:
        actions.save_move(read, study, save_move[0], save_move[1])
    if card is not None:
        actions.save_card(
            read,
            study,
            card[0],
            card[1],
            **{name: options[name] for name in ("threads", "cluster", "insecure_cluster")},
        )
    if as_json:
        show_json(actions.study_document(read, study, road))
    elif everything:
        click.echo(str(study))
    else:
        click.echo(first_screen(study, read, command=str(plant)))
    return 0


@click.command("compile")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def compile_command(as_json: bool) -> int:
    """Compile the simulation engine ahead of time, as when a container is built.

    \b
    plantwright compile

    It is kept in the user's cache folder, or in the one that PLANTWRIGHT_CACHE_DIR names. Exits with 1 if it could not be kept.
    """
    from plantwright.simulation.compiling import compile_engine, is_compiled

    was = is_compiled()
    tell_compiling()
    engine = compile_engine(quiet=True)
    if as_json:
        show_json(
            {
                "schema": "plantwright.compiled/1",
                "path": str(engine.path),
                "kept": not engine.problem,
                "problem": engine.problem or None,
                "compiled now": not was,
            }
        )
    elif not engine.problem:
        click.echo(f"{'The engine is compiled already' if was else 'The engine is compiled'}: {engine.path}")
    return 1 if engine.problem else 0
