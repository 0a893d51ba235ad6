"""The command demo: the loop from a running plant back to its plant file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plantwright.cli.show import show_json, tell_compiling

if TYPE_CHECKING:
    from plantwright.actions.demo import Compared, Loop


@click.group("demo")
def demo_command() -> None:
    """See what Plantwright does, without a factory.

    \b
    plantwright demo loop
    plantwright demo loop -o loop
    """


@demo_command.command("loop")
@click.option(
    "-o",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Keep plant, collector's file, history and calibrated plant here; else in a temporary folder.",
)
@click.option("--seed", type=int, default=3, show_default=True, help="Another seed is other luck.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def loop_command(folder: Path | None, seed: int, as_json: bool) -> int:  # fmt: skip
    """The whole loop: run a small plant for ninety days of its own, serve its machines by MTConnect, find and collect them knowing
    nothing but the address, look at states and OEE, calibrate a plant of the history, and hold it against the one that was run.

    Exit code 1: a true number lies outside its interval. All together hold at 99.9 %, but a change in time is told of one series in twenty
    where there is none, and then a number may be off.
    """
    from plantwright import actions

    tell_compiling()
    began = time.monotonic()
    found = actions.demo_loop(
        folder, seed=seed, say=lambda text: click.echo(f"{time.monotonic() - began:5.1f} s  {text}", err=True)
    )
    if as_json:
        show_json(found.to_dict())
    else:
        _show(found)
    return 0 if found.closed else 1


def _show(found: Loop) -> None:
    click.echo(
        f"\n{'machine':<12}{'covered':>9}{'production':>12}{'setup':>8}{'failure':>9}{'idle':>8}{'availability':>14}{'OEE':>8}"
    )
    for account in found.accounts:
        hours = {use: account.seconds.get(use, 0.0) / 3600 for use in ("production", "setup", "failure", "idle")}
        shares = [account.covered, account.kpi("availability"), account.kpi("OEE index")]
        told = ["unknown" if share is None else f"{100 * share:.1f} %" for share in shares]
        times = "".join(f"{value:>{width}.0f} h" for value, width in zip(hours.values(), (10, 6, 7, 6), strict=True))
        click.echo(f"{account.of.get('machine', ''):<12}{told[0]:>9}{times}{told[1]:>14}{told[2]:>8}")
    width = max((len(one.path) for one in found.numbers), default=0)
    click.echo(
        f"\n{'the plant that was run, and what its history tells':<{width}}  {'':<22}{'true':>10}{'found':>10}   interval"
    )
    for one in found.numbers:
        low, high = _shown(one, one.low), _shown(one, one.high)
        mark = "" if one.within else "  outside"
        click.echo(
            f"{one.path:<{width}}  {one.what:<22}{_shown(one, one.true):>10}{_shown(one, one.found):>10}   {low} to {high}{mark}"
        )
    for path in found.unmatched:
        click.echo(f"{path}  is not in the plant")
    within = sum(one.within for one in found.numbers)
    click.echo(
        f"\n{within} of {len(found.numbers)} true numbers lie within their intervals, which hold all together at 99.9 %."
    )
    click.echo(
        f"Kept in {found.folder}. Next: plantwright timeline {found.folder / 'shop-floor.yaml'} -o timeline.html"
    )


def _shown(one: Compared, value: float) -> str:
    if one.what == "yield":
        return f"{100 * value:.2f} %"
    return f"{value:.3f}" if "cv" in one.what or one.what == "share" else f"{value / 60:.2f} min"
