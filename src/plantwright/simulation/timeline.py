"""Calendars: the open time of machines and people, as seconds from the start of the run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from plantwright.plant.calendar import Shift, Span
from plantwright.plant.once import Once
from plantwright.plant.plant import Plant

Floats = npt.NDArray[np.float64]
DAY = 86400.0


@dataclass(frozen=True, eq=False)
class Calendar:
    """When something is open: from ``times[i]`` (seconds from the start, ascending, the first is 0) ``on[i]`` holds."""

    times: Floats
    on: npt.NDArray[np.int64]

    @cached_property
    def opened(self) -> Floats:
        """Open seconds until each of `times`."""
        return np.concatenate(([0.0], np.cumsum(np.diff(self.times) * self.on[:-1])))

    def opened_until(self, instants: Any) -> Any:
        """Open seconds until an instant, or until each of several."""
        piece = np.searchsorted(self.times, instants, side="right") - 1
        return self.opened[piece] + (instants - self.times[piece]) * self.on[piece]


@dataclass(frozen=True, eq=False)
class Days:
    """The days of a run: the second at which each ends (local midnight), and whether a shift began on it."""

    ends: Floats
    working: npt.NDArray[np.bool_]


def calendar(shifts: Sequence[Shift], *, start: datetime, time_zone: str, horizon: float) -> Calendar:
    """The union of the shifts' open times from `start` (local time) to `horizon` seconds after it.

    Breaks rest the shift that they belong to. Local times become real instants, so that a night shift in which clocks change
    is an hour longer or shorter; a local time that the change skips counts as if the clock had not been changed (what then
    ends before it begins is not there), and one that comes twice means the first. No shifts: always open.
    """
    if not shifts:
        return Calendar(np.zeros(1), np.ones(1, np.int64))
    return _calendar(_Shifts(shifts), start, time_zone, int(horizon // DAY) + 4)


class _Shifts:
    """Shifts as a key of a cache: equal where they say the same."""

    def __init__(self, shifts: Iterable[Shift]) -> None:
        self.shifts = tuple(shifts)
        self._key = tuple(map(_said, self.shifts))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shifts) and other._key == self._key


_said: Once[Shift, str] = Once(repr)


@lru_cache(maxsize=512)
def _calendar(listed: _Shifts, start: datetime, time_zone: str, days: int) -> Calendar:
    shifts = listed.shifts
    zone = ZoneInfo(time_zone)
    origin = start.replace(tzinfo=zone).timestamp()
    edges: list[tuple[float, int]] = []
    for k in range(-2, days):
        midnight = datetime.combine(start.date() + timedelta(days=k), datetime.min.time())
        whole = midnight.replace(tzinfo=zone).timestamp() - origin
        later = (midnight + timedelta(days=2)).replace(tzinfo=zone).timestamp() - origin
        steady = later - whole == 2 * DAY
        for shift in shifts:
            for span in open_spans(shift, midnight.date()):
                begin, end = whole + span.start, whole + span.end
                if not steady:
                    begin, end = (
                        (midnight + timedelta(seconds=second)).replace(tzinfo=zone).timestamp() - origin
                        for second in (span.start, span.end)
                    )
                # What begins in the hour that is skipped may end before it begins.
                if begin < end:
                    edges += [(begin, 1), (end, -1)]
    return _union(edges)


def _union(edges: list[tuple[float, int]]) -> Calendar:
    times, states = [0.0], [0]
    depth = 0
    for time, change in sorted(edges, key=lambda edge: (edge[0], -edge[1])):
        depth += change
        on = int(depth > 0)
        if time <= 0.0:
            states[0] = on
        elif on != states[-1]:
            times.append(time)
            states.append(on)
    made = Calendar(np.array(times), np.array(states, np.int64))
    made.times.flags.writeable = made.on.flags.writeable = False  # it is shared
    return made


def regular_spans(shift: Shift, day: date) -> list[Span]:
    """The open spans of a shift that begins on `day`, in seconds after its midnight: breaks taken out, overtime not counted."""
    exception = shift.exceptions.get(day)
    if isinstance(exception, Span):
        return _without(exception, shift.breaks)
    return _without(shift.span, shift.breaks) if exception is None and day.weekday() in shift.days else []


def open_spans(shift: Shift, day: date) -> list[Span]:
    """The open spans of a shift that begins on `day`, in seconds after its midnight: breaks taken out, overtime added."""
    if shift.exceptions.get(day) == "closed":
        return []
    return regular_spans(shift, day) + [extra.span for extra in shift.overtime if day.weekday() in extra.days]


def _without(span: Span, breaks: Sequence[Span]) -> list[Span]:
    spans, at = [], span.start
    for pause in sorted(breaks, key=lambda pause: pause.start):
        begin, end = max(pause.start, span.start), min(pause.end, span.end)
        if end <= begin:
            continue
        if begin > at:
            spans.append(Span(at, begin))
        at = max(at, end)
    if span.end > at:
        spans.append(Span(at, span.end))
    return spans


def open_time(calendar: Calendar, start: Any, end: Any) -> Any:
    """Open seconds between two instants, numbers or arrays of numbers, and so is what comes back."""
    found = np.maximum(calendar.opened_until(np.maximum(end, 0.0)) - calendar.opened_until(np.maximum(start, 0.0)), 0.0)
    return float(found) if found.ndim == 0 else found


def advance(calendar: Calendar, start: float, work: Any) -> Any:
    """The open instants at which so many open seconds have passed after `start`; infinite past the end of the calendar.

    `work` is a number or an array of numbers, and so is what comes back. What falls on the instant at which the calendar
    closes falls on its next opening.
    """
    edges = np.append(calendar.times, max(calendar.times[-1], start) + 1e12)
    lengths = np.clip(edges[1:] - np.maximum(edges[:-1], start), 0.0, None) * calendar.on
    total = np.concatenate(([0.0], np.cumsum(lengths)))
    wanted = np.asarray(work, float)
    # A microsecond for what rounding takes away.
    piece = np.clip(np.searchsorted(total, wanted + 1e-6, side="right") - 1, 0, len(lengths) - 1)
    instants = np.maximum(edges[piece], start) + np.maximum(0.0, wanted - total[piece])
    instants = np.where(wanted + 1e-6 >= total[-1], np.inf, instants)
    return float(instants) if instants.ndim == 0 else instants


def seconds_at(plant: Plant, moment: datetime) -> float:
    """Seconds from the start of a plant's run to a local date and time."""
    zone = ZoneInfo(plant.time_zone)
    there = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return there.timestamp() - plant.start.replace(tzinfo=zone).timestamp()


def local_start(plant: Plant) -> datetime:
    """The instant at which a plant's runs begin, in its own time zone."""
    return plant.start.replace(tzinfo=ZoneInfo(plant.time_zone))


def working_days(plant: Plant, end: float) -> Days:
    """The days from the start of a plant's run to `end` seconds after it. Without shifts every day is a working day.

    A working day is one on which a shift begins; overtime alone makes none, so that it adds hours to a week and not days.
    """
    return _days(_Shifts(plant.shifts.values()), plant.start, plant.time_zone, end)


@lru_cache(maxsize=64)
def _days(shifts: _Shifts, start: datetime, time_zone: str, end: float) -> Days:
    zone = ZoneInfo(time_zone)
    origin = start.replace(tzinfo=zone).timestamp()
    ends: list[float] = []
    working: list[bool] = []
    day = start.date()
    while True:
        following = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
        at = following.timestamp() - origin
        if at > end + 1e-6:
            break
        ends.append(at)
        working.append(not shifts.shifts or any(regular_spans(shift, day) for shift in shifts.shifts))
        day += timedelta(days=1)
    return Days(np.array(ends), np.array(working, np.bool_))
