"""The commands machines, timeline, stops and oee: what machines do and did, from their history."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from plantwright.cli.show import duration, show_json

if TYPE_CHECKING:
    from plantwright.actions.machines import Floor

NANOSECONDS = 1_000_000_000
NO_MACHINE = "The history knows no machine yet."


def floor_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The shop floor, a window and machines of it, and JSON: of all commands that look back."""
    for decorate in (
        click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output."),
        click.option("--machine", "machines", multiple=True, metavar="NAME", help="Only this machine; may be given again."),
        click.option("--window", default="last 24 h", show_default=True, help="today, yesterday, this week, last week, this shift, last shift, 'last 8 h', or '2026-01-05 06:00 to 2026-01-05 14:00'."),
        click.argument("place", metavar="CONFIG.yaml|HISTORY"),
    ):  # fmt: skip
        function = decorate(function)
    return function


@click.command("machines")
@click.argument("place", metavar="CONFIG.yaml|HISTORY")
@click.option(
    "--watch", callback=duration, metavar="TIME", help="Show it again each time so much has passed, such as 2s."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def machines_command(place: str, watch: float | None, as_json: bool) -> int:
    """What every machine does now, for how long, on which job; and the alarms.

    A source that says nothing for its 'no data after' is an alarm, and its machines are unknown then, not idle. Exit code 1: an alarm.

    \b
    plantwright machines shop-floor.yaml
    plantwright machines shop-floor.yaml --watch 2s
    """
    from plantwright import actions

    floor = actions.open_floor(place, os.environ)
    while True:
        now = time.time_ns()
        found = actions.look_at_machines(floor, now)
        if watch is not None and not as_json:
            click.clear()
        if as_json:
            show_json({"schema": "plantwright.machines/1", "machines": [one.to_dict(now) for one in found]})
        else:
            _show_now(found, now)
        if watch is None:
            return int(any(one.alarms for one in found))
        time.sleep(watch)


@click.command("timeline")
@floor_options
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path),
    help="Write it: .html or .svg (a picture), .csv, .parquet, .xlsx or .json (a table).",
)
@click.option(
    "--of",
    "of",
    type=click.Choice(["job", "product", "operation", "program", "tool", "worker", "alarm"]),
    help="When which of these was there, or which alarm was active, as a table, in place of the states.",
)
def timeline_command(
    place: str, window: str, machines: Sequence[str], as_json: bool, output: Path | None, of: Any
) -> int:
    """What machines did over a window, without a hole: what is not known stands there as unknown.

    \b
    plantwright timeline shop-floor.yaml --window today -o today.html
    plantwright timeline shop-floor.yaml --window "last week" --of alarm -o alarms.csv
    """
    from plantwright import actions

    target = actions.check_timeline_output(output, table=of is not None) if output else None
    floor = actions.open_floor(place, os.environ)
    span = floor.window(window)
    found = actions.machine_timelines(floor, span, machines)
    if of:
        return _show_tracks(floor, span, found, of, target, as_json)
    if target:
        actions.save_timelines(floor, found, target)
        click.echo(f"Wrote {target}.", err=as_json)
    if as_json:
        rows = [row for one in found for row in one.frame().iter_rows(named=True)]
        show_json(
            {
                "schema": "plantwright.timeline/1",
                "window": [_iso(floor, end) for end in span],
                "known": {one.machine: one.covered for one in found},
                "rows": [_row(row) for row in rows],
            }
        )
    elif not target:
        if not found:
            click.echo(NO_MACHINE)
        for one in found:
            click.echo(f"{_named(one.machine)}: {100 * one.covered:.1f} % of the window is known")
            for row in one.frame().iter_rows(named=True):
                click.echo(
                    f"  {_clock(floor, row['start'])}  {_span((row['end'] - row['start']).total_seconds()):>10}  {row['use'] or 'unknown':<10}  {row['state'] or ''}"
                )
    return 0


def _show_tracks(
    floor: Floor, span: tuple[int, int], found: Sequence[Any], of: Any, target: Path | None, as_json: bool
) -> int:
    from plantwright import actions

    frame = actions.machine_tracks(floor, found, of)
    if target:
        actions.save_tracks(frame, target)
        click.echo(f"Wrote {target}.", err=as_json)
    rows = list(frame.iter_rows(named=True))
    if as_json:
        window = [_iso(floor, end) for end in span]
        show_json({"schema": "plantwright.timeline/1", "window": window, "of": of, "rows": [_row(row) for row in rows]})
    elif not target:
        for row in rows:
            lasted = _span((row["end"] - row["start"]).total_seconds())
            said = " ".join(str(row[name]) for name in frame.columns[3:] if row[name])
            click.echo(f"{_named(row['machine'])}  {_clock(floor, row['start'])}  {lasted:>10}  {said}")
        if not rows:
            click.echo(f"No {of} was told in this window.")
    return 0


@click.command("stops")
@floor_options
@click.option(
    "--name", "reason", metavar="REASON", help="Give the stop at --at this reason; '' takes back what was said."
)
@click.option(
    "--at",
    "instant",
    metavar="TIME",
    help="A time within the stop, such as '2026-01-05 09:15'; now, where none is given.",
)
@click.option("--by", default=None, metavar="NAME", help="Who says so; your login where nothing is said.")
@click.option("--note", default="", metavar="TEXT", help="Anything more to know.")
@click.option("--all", "every", is_flag=True, help="Micro-stops, too.")
def stops_command(
    place: str, window: str, machines: Sequence[str], as_json: bool, reason: str | None, instant: str | None, by: str | None, note: str, every: bool
) -> int:  # fmt: skip
    """The stops of machines and their reasons; or give one its reason.

    A stop is 'unqualified' until somebody names it. Readings are never changed by a name. Exit code 1: there are unqualified stops.

    \b
    plantwright stops shop-floor.yaml --window "last shift"
    plantwright stops shop-floor.yaml --machine "mill 1" --at "2026-01-05 09:15" --name "tool change"
    """
    from plantwright import actions

    floor = actions.open_floor(place, os.environ)
    if reason is not None:
        if len(machines) != 1:
            raise click.UsageError("Say whose stop it is, by --machine.")
        named = actions.name_stop(floor, machines[0], _instant(floor, instant), reason, by or getpass.getuser(), note)
        if as_json:
            show_json({"schema": "plantwright.stop/1", **_stop(floor, named)})
        else:
            click.echo(
                f"{named.machine}: {_clock(floor, named.start)} to {_clock(floor, named.end)} ({_span(named.seconds)}): {named.reason}, counts as {named.use}."
            )
        return 0
    found = actions.machine_stops(floor, floor.window(window), machines)
    open_ones = [stop for stop in found if stop.reason == "unqualified"]
    if as_json:
        show_json({"schema": "plantwright.stops/1", "stops": [_stop(floor, stop) for stop in found]})
        return int(bool(open_ones))
    shown = found if every else [stop for stop in found if stop.reason != "micro-stop"]
    for stop in shown:
        lasts = " (lasts yet)" if stop.open else ""
        click.echo(
            f"{_named(stop.machine)}  {_clock(floor, stop.start)}  {_span(stop.seconds):>10}  {stop.reason:<12}  {stop.use:<8} {stop.state}{'' if stop.shift else '  outside shifts'}{lasts}"
        )
    micro = [stop for stop in found if stop.reason == "micro-stop"]
    lost = sum(stop.seconds for stop in found)
    click.echo(
        f"{len(found)} stops, {_span(lost)} in all; {len(open_ones)} unqualified; {len(micro)} micro-stops, {_span(sum(s.seconds for s in micro))}."
    )
    return int(bool(open_ones))


@click.command("oee")
@floor_options
@click.option(
    "--by",
    "by",
    multiple=True,
    type=click.Choice(["machine", "work center", "shift", "product"]),
    help="Of each machine (the default) or work center; told by shift or product.",
)
def oee_command(place: str, window: str, machines: Sequence[str], as_json: bool, by: Sequence[str]) -> int:
    """The KPIs of ISO 22400-2 of machines over a window, with the share of planned time that the data cover.

    What is not known is said, never taken for zero: OEE needs a counter of pieces, one of bad pieces, and a planned run time.

    \b
    plantwright oee shop-floor.yaml --window "last shift"
    plantwright oee shop-floor.yaml --window "last week" --by "work center" --by product --json
    """
    from plantwright import actions

    floor = actions.open_floor(place, os.environ)
    span = floor.window(window)
    found = actions.machine_accounts(floor, span, machines, tuple(by) or ("machine",))  # type: ignore[arg-type]
    if as_json:
        show_json(
            {
                "schema": "plantwright.kpis/1",
                "window": [_iso(floor, end) for end in span],
                "accounts": [one.to_dict() for one in found],
            }
        )
        return 0
    if not found:
        click.echo(NO_MACHINE)
        return 0
    click.echo(f"{_iso(floor, span[0])} to {_iso(floor, span[1])}, planned time only.")
    for one in found:
        _show_account(one)
    return 0


def _show_now(found: Sequence[Any], now: int) -> None:
    from plantwright.shopfloor.machines.now import alarms_of

    if not found:
        click.echo(NO_MACHINE)
    width = max((len(_named(one.machine)) for one in found), default=0)
    for one in found:
        job = " ".join(part for part in (one.product, one.job) if part)
        elapsed = f"for {_span((now - one.since) / NANOSECONDS)}"
        click.echo(
            f"{_named(one.machine):<{width}}  {one.use or 'unknown':<10}  {elapsed:<14}  {one.state}{f'  {job}' if job else ''}"
        )
    for alarm in alarms_of(found):
        click.echo(f"ALARM  {alarm.of}: {alarm.text}", err=True)


def _show_account(one: Any) -> None:
    name = ", ".join(map(_named, one.of.values()))
    covered = "no planned time" if one.covered is None else f"{100 * one.covered:.1f} % of the planned time is known"
    click.echo(f"\n{name} ({covered})")
    parts = [f"{use} {_span(seconds)}" for use, seconds in one.seconds.items()]
    if parts:
        click.echo(f"  {', '.join(parts)}")
    if one.outside:
        click.echo(f"  outside shifts: {', '.join(f'{use} {_span(seconds)}' for use, seconds in one.outside.items())}")
    shown = ("availability", "effectiveness", "quality ratio", "OEE index", "NEE index", "setup ratio", "MTBF", "MTTR")
    values = [(kpi, one.kpi(kpi)) for kpi in shown]
    told = [
        f"{kpi} {_span(value) if kpi in ('MTBF', 'MTTR') else f'{100 * value:.1f} %'}"
        for kpi, value in values
        if value is not None
    ]
    if told:
        click.echo(f"  {', '.join(told)}")
    losses = [f"{one.micro_stops} micro-stops {_span(one.micro_stopped)}"] if one.micro_stops else []
    if one.speed_loss is not None and one.elements.production:
        losses.append(f"speed loss {_span(one.speed_loss)} (production less planned run time x pieces)")
    if losses:
        click.echo(f"  {', '.join(losses)}")
    bounds = one.bounds()
    if bounds and bounds[1] - bounds[0] > 0.001:
        click.echo(
            f"  whatever happened in the time that is not known, availability is {100 * bounds[0]:.1f} to {100 * bounds[1]:.1f} %"
        )
    for what, why in one.why_unknown.items():
        click.echo(f"  not known: {what} ({why})")


def _named(machine: str) -> str:
    """A name on one line, cut where it is very long."""
    name = " ".join(machine.split())
    return name if len(name) <= 40 else name[:39] + "\u2026"


def _span(seconds: float) -> str:
    from plantwright.units import show_duration

    return show_duration(seconds)


def _clock(floor: Floor, instant: Any) -> str:
    moment = (
        instant.astimezone(ZoneInfo(floor.settings.zone)) if isinstance(instant, datetime) else _moment(floor, instant)
    )
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _moment(floor: Floor, instant: int) -> datetime:
    return datetime.fromtimestamp(instant / NANOSECONDS, ZoneInfo(floor.settings.zone))


def _iso(floor: Floor, instant: int) -> str:
    return _moment(floor, instant).isoformat(timespec="seconds")


def _instant(floor: Floor, text: str | None) -> int:
    if text is None:
        return time.time_ns() - 1
    from plantwright.plant.moments import read_instant

    try:
        return int(read_instant(text).replace(tzinfo=ZoneInfo(floor.settings.zone)).timestamp()) * NANOSECONDS
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--at") from error


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "start": row["start"].isoformat(), "end": row["end"].isoformat()}


def _stop(floor: Floor, stop: Any) -> dict[str, Any]:
    return {
        "machine": stop.machine, "start": _moment(floor, stop.start).isoformat(), "end": _moment(floor, stop.end).isoformat(), "seconds": stop.seconds, "use": stop.use,
        "state": stop.state, "reason": stop.reason, "shift": stop.shift or None, "open": stop.open,
    }  # fmt: skip
