"""Shifts of a plant against the hours in which records show work: told, and not changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from plantwright.calibration.quiet import Quiet
from plantwright.calibration.renewing import Candidate
from plantwright.calibration.spans import joined, left_of
from plantwright.plant import Plant
from plantwright.plant.calendar import Shift

if TYPE_CHECKING:
    import polars

_MUCH = 0.2
_FEWEST = 8
_MIDNIGHT = datetime(1970, 1, 1)


def hours_of(
    plant: Plant, centers: Mapping[str, str], center_of: Mapping[str, str], table: polars.DataFrame, quiet: Quiet
) -> Iterator[Candidate]:
    """The hours of each work center of which over a fifth of the measured work lies outside; `centers` are those of the plant for the log's, `center_of` those
    for its stations.
    """
    spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for station, start, end in table.filter("timed").select("station", "start", "end").iter_rows():
        center = centers.get(center_of[station])
        if center is not None and plant.work_centers[center].shift:
            spans[center] += quiet.pieces(start, end)
    for center, own in spans.items():
        if len(own) < _FEWEST:
            continue
        first, last = min(start for start, _ in own).date(), max(end for _, end in own).date()
        shifts = [plant.shifts[name] for name in plant.work_centers[center].shift]
        there = open_hours(shifts, first, last)
        done = sum((end - start).total_seconds() for start, end in own)
        outside = sum(b - a for start, end in own for a, b in left_of(_seconds(start), _seconds(end), there))
        if outside > _MUCH * done:
            names = ", ".join(shift.name for shift in shifts)
            why = (
                f"{100 * outside / done:.0f} % of the work recorded there lies outside of the hours of {names}; records tell when work was done, "
                "not when somebody was to be there: change the shift yourself"
            )
            yield Candidate(f"work centers > {center} > shift", 0.0, None, len(own), "share", why)


def open_hours(shifts: list[Shift], first: date, last: date) -> list[tuple[float, float]]:
    """The hours of some shifts, with overtime, from one date to another, as spans of seconds since 1970."""
    made = []
    for number in range(-1, (last - first).days + 2):
        day = first + timedelta(days=number)
        zero = _seconds(datetime.combine(day, datetime.min.time()))
        for shift in shifts:
            special = shift.exceptions.get(day)
            if special is None and day.weekday() in shift.days:
                made.append((zero + shift.span.start, zero + shift.span.end))
            elif special is not None and special != "closed":
                made.append((zero + special.start, zero + special.end))
            made += [
                (zero + extra.span.start, zero + extra.span.end)
                for extra in shift.overtime
                if day.weekday() in extra.days
            ]
    return joined(made)


def _seconds(moment: datetime) -> float:
    return (moment - _MIDNIGHT).total_seconds()
