"""Stations of a log to work centers: which machines do the same work, and how many can work at a place at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plantwright.calibration.calendars import Span
from plantwright.calibration.interchangeable import Alike, find_alike
from plantwright.calibration.names import machine_number, operation_name
from plantwright.calibration.spans import seconds_of, usual_at_once
from plantwright.calibration.spelling import folded

if TYPE_CHECKING:
    import polars

SELDOM = 0.1
"""A station with less than this share of the reports of the busiest one of its kind is kept apart: that it can do the same work
is not shown by so few.
"""


@dataclass(frozen=True)
class Center:
    """A work center found in a log: its stations (single machines, or one place where several work), how many work at once."""

    name: str
    stations: tuple[str, ...]
    machines: int
    evidence: str


def find_centers(table: polars.DataFrame, given: Mapping[str, str] | None = None) -> tuple[Center, ...]:
    """Group the stations of a cleaned log. Machines (stations with a machine's number) whose most frequent operation is the same
    are one work center, and so are other stations that are interchangeable in fact (`interchangeable.find_alike`); every other station is a place of its own, for as many as work
    there at once in 95 % of its busy time. `given` names the work center of a station where somebody knows it.
    """
    reports: dict[str, Counter[str]] = {}
    for station, operation, rework in table.select("station", "operation", "rework").iter_rows():
        # What a machine is for is told by its planned work; rework goes where there is room.
        reports.setdefault(station, Counter())[operation] += 0 if rework else 1
    totals = Counter(table["station"].to_list())
    known = {folded(station): center for station, center in (given or {}).items()}
    groups: dict[str, list[str]] = {}
    named: dict[str, list[str]] = {}
    apart: dict[str, list[str]] = {}
    for station in sorted(reports):
        name = reports[station].most_common(1)[0][0]
        if folded(station) in known:
            named.setdefault(known[folded(station)], []).append(station)
        elif machine_number(station) is None:
            apart.setdefault(name, []).append(station)
        else:
            groups.setdefault(station if reports[station][name] == 0 else f"\0{name}", []).append(station)
    centers: list[Center] = []
    taken: set[str] = set()
    for name, stations in named.items():
        centers.append(_as_given(table, name, stations, taken))
    for name, stations in apart.items():
        for alike in _alike(table, name, stations, totals):
            centers.append(
                Center(_unique(name, alike.stations[0], taken), alike.stations, len(alike.stations), alike.words)
            )
            stations = [station for station in stations if station not in alike.stations]
        groups |= {station: [station] for station in stations}
    for key, stations in groups.items():
        most = max(totals[station] for station in stations)
        kept = [station for station in stations if totals[station] >= SELDOM * most]
        for station in stations:
            if station not in kept:
                centers.append(_place(table, station, station, taken))
        name = key.removeprefix("\0")
        if len(kept) == 1:
            centers.append(_place(table, kept[0], operation_name(kept[0]) if key[0] == "\0" else kept[0], taken, name))
        else:
            evidence = f"{len(kept)} machines that mostly do {name!r}: " + ", ".join(kept)
            centers.append(Center(_unique(name, kept[0], taken), tuple(kept), len(kept), evidence))
    return tuple(sorted(centers, key=lambda center: -sum(totals[station] for station in center.stations)))


def _alike(table: polars.DataFrame, operation: str, stations: Sequence[str], totals: Mapping[str, int]) -> list[Alike]:
    """The groups of stations that are interchangeable, of those that do an operation most, one order at a time."""
    import polars

    if not operation or len(stations) < 2:
        return []
    most = max(totals[station] for station in stations)
    single = [
        station
        for station in stations
        if totals[station] >= SELDOM * most
        and usual_concurrency(table.filter((polars.col("station") == station) & polars.col("timed")).select("start", "end").iter_rows()) == 1
    ]  # fmt: skip
    return find_alike(table, operation, single) if len(single) > 1 else []


def _as_given(table: polars.DataFrame, name: str, stations: list[str], taken: set[str]) -> Center:
    """A work center that somebody named: several machines, or one place for as many as work there."""
    if len(stations) == 1:
        return _place(table, stations[0], name, taken, name)
    return Center(_unique(name, stations[0], taken), tuple(stations), len(stations), f"as given: {', '.join(stations)}")


def _unique(name: str, other: str, taken: set[str]) -> str:
    made = name if name and name not in taken else other
    taken.add(made)
    return made


def _place(table: polars.DataFrame, station: str, name: str, taken: set[str], operation: str = "") -> Center:
    import polars

    rows = table.filter(polars.col("station") == station)
    if machine_number(station) is not None:
        places, evidence = 1, "one machine"
    elif rows["timed"].any():
        places = usual_concurrency(rows.filter("timed").select("start", "end").iter_rows())
        evidence = (
            f"a place where up to {places} work at once in 95 % of its busy time"
            if places > 1
            else "a place where one order is worked on at a time"
        )
    else:
        days = rows.group_by(polars.col("start").dt.date()).agg(polars.col("worker").n_unique())["worker"]
        places = max(1, int(days.max() or 1))  # type: ignore[arg-type]
        evidence = f"a place whose reports have no times; at most {places} worked there on one day"
    return Center(_unique(operation or name, station, taken), (station,), places, f"{evidence}: {station}")


def usual_concurrency(spans: Iterable[Span]) -> int:
    """How many of the spans run at once, at most, in 95 % of the time in which any does."""
    return usual_at_once([seconds_of(spans)])
