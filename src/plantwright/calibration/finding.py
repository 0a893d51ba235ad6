"""All that a cleaned log tells of the plant, before it is simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from plantwright.calibration.begun import begun_before
from plantwright.calibration.calendars import (
    Calendar,
    Instants,
    Weeks,
    find_calendar,
    find_calendars,
    find_weeks,
    on_days,
)
from plantwright.calibration.causes import find_causes
from plantwright.calibration.centers import Center, find_centers
from plantwright.calibration.drafting import Found
from plantwright.calibration.going_on import find_going_on
from plantwright.calibration.left_out import Outliers, leave_out
from plantwright.calibration.machines import find_machines, speeds_of
from plantwright.calibration.quality import CleanLog
from plantwright.calibration.quiet import Quiet
from plantwright.calibration.routings import find_routings
from plantwright.calibration.skills import Purpose, find_skills
from plantwright.calibration.staffing import find_people
from plantwright.calibration.times import find_times
from plantwright.calibration.visits import History, read_history
from plantwright.errors import LogError, Place, Problem
from plantwright.events import each

if TYPE_CHECKING:
    import polars


def find(
    cleaned: CleanLog, log: str, name: str | None = None, names: bool = False, purpose: Purpose | None = None
) -> Found:
    """All that a cleaned log tells of the plant, before it is simulated; `log` is what the log is called, else as `calibrate`.

    Raises LogError for a log that spans less than a week.
    """
    seen = find_history(cleaned)
    table, centers, center_of, places, history = seen.table, seen.centers, seen.center_of, seen.places, seen.history
    if history.span < 7 * 86400.0:
        reason = f"spans {history.span / 86400:.1f} days; hours of work and routings need at least a week"
        raise LogError([Problem("PW3033", Place(log), "", reason)])
    at_work = _at_work(table, cleaned.quiet)
    whole = at_work.select("start", "end").to_numpy()
    weeks = find_weeks(whole)
    routings = find_routings(history)
    asked = [(product, step.step) for product, routing in routings.items() for step in routing.steps]
    plant_hours = find_calendar(whole, weeks)
    calendars = _calendars(table, _spans_of(at_work, center_of), centers, plant_hours, weeks)
    staff, shown = find_people(at_work, center_of, weeks, names, table["worker"].drop_nulls().n_unique())
    ways = [routing.decided for routing in routings.values() if not routing.borrowed]
    times = find_times(table, history, centers, places, cleaned.quiet, seen.outliers, asked=asked, ways=ways)
    if times.changes.shares:
        routings = find_routings(history, times.changes.shares)
    # What keeps a lot where only completions are known is neither the machine's doing nor the person's.
    machines = () if cleaned.effective else find_machines(history, times, centers)
    if speeds := speeds_of(machines):
        times = find_times(table, history, centers, places, cleaned.quiet, seen.outliers, speeds, asked, ways)
    skills = None
    if staff is not None:
        told = not names or purpose is not None
        skills = find_skills(
            at_work, history, times, center_of, staff, shown, told, purpose, own_times=not cleaned.effective
        )
    return Found(
        name=name or Path(log).stem.replace("_", " "),
        log=log,
        history=history,
        centers=centers,
        calendars=calendars,
        weeks=weeks,
        routings=routings,
        times=times,
        plant_hours=plant_hours,
        staff=staff,
        waiting=find_causes(table, at_work, history, centers, calendars, weeks, staff),
        skills=skills,
        machines=machines,
        going_on=find_going_on(history, weeks),
    )


def _calendars(
    table: polars.DataFrame, spans: Mapping[str, Instants], centers: Sequence[Center], plant: Calendar, weeks: Weeks
) -> dict[str, Calendar]:
    """The calendar of each work center; that of the plant on its weekdays where it has no measured `spans`."""
    found = find_calendars(spans, weeks)
    for center in centers:
        if center.name not in found:
            dates = table.filter(table["station"].is_in(list(center.stations)))["start"].dt.weekday()
            found[center.name] = on_days(plant, [day - 1 for day in dates])
    return found


@dataclass(frozen=True)
class Seen:
    """The work centers of a cleaned log, and its orders as visits to them.

    ``center_of`` maps stations to work centers, ``places`` to how many orders each can work on at once. ``table`` has the rows of the log; those
    whose times are `outliers` of work or setups are as rows whose ends are made up.
    """

    table: polars.DataFrame
    centers: tuple[Center, ...]
    center_of: dict[str, str]
    places: dict[str, int]
    history: History
    outliers: tuple[Outliers, ...]


def find_history(cleaned: CleanLog) -> Seen:
    """Find the work centers, and what was done to each order."""
    import polars

    table = cleaned.table
    centers = find_centers(table, cleaned.centers)
    center_of = {station: center.name for center in centers for station in center.stations}
    places = {
        station: 1 if len(center.stations) > 1 else center.machines for center in centers for station in center.stations
    }
    history = read_history(table, center_of, places, cleaned.quiet)
    outliers = leave_out(history)
    if outliers:
        odd = [row for one in outliers for own in one.times for row in own.rows]
        table = table.with_columns(polars.col("timed") & ~polars.col("row").is_in(odd))
        history = read_history(table, center_of, places, cleaned.quiet)
    history = replace(history, begun=begun_before(history), dues=cleaned.dues, doubtful=cleaned.doubtful)
    return Seen(table, centers, center_of, places, history, outliers)


def _spans_of(at_work: polars.DataFrame, center_of: Mapping[str, str]) -> dict[str, Instants]:
    """The starts and ends at each work center, in the order in which each was first at work."""
    import polars

    centers = each(at_work["station"], center_of.__getitem__, polars.String).alias("center")
    frame = at_work.select("start", "end").with_columns(centers)
    return {
        str(name): own.select("start", "end").to_numpy()
        for (name,), own in frame.partition_by("center", as_dict=True, maintain_order=True).items()
    }


def _at_work(table: polars.DataFrame, quiet: Quiet) -> polars.DataFrame:
    """The measured rows, one for each piece between quiet hours."""
    import polars

    timed = table.filter("timed")
    if not quiet.rests:
        return timed
    pieces = [quiet.pieces(start, end) for start, end in timed.select("start", "end").iter_rows()]
    of = [number for number, own in enumerate(pieces) for _ in own]
    flat = [piece for own in pieces for piece in own]
    return timed[of].with_columns(
        polars.Series("start", [start for start, _ in flat], dtype=polars.Datetime("us")),
        polars.Series("end", [end for _, end in flat], dtype=polars.Datetime("us")),
    )
