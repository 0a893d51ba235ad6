"""Opening hours: shifts of the plant in plain Python (8.1)."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plantwright.plant import Plant
from plantwright.plant.calendar import Shift


def instant(plant: Plant, local: datetime) -> float:
    """Seconds from the start of the run to a local time; one that comes twice is the first, one that is skipped that of a clock that
    was not changed.
    """
    zone = ZoneInfo(plant.time_zone)
    there = local if local.tzinfo else local.replace(tzinfo=zone, fold=0)
    return there.timestamp() - plant.start.replace(tzinfo=zone, fold=0).timestamp()


def begins_on(shift: Shift, day: datetime) -> bool:
    """Whether a shift begins on a day; overtime is none."""
    exception = shift.exceptions.get(day.date())
    return day.weekday() in shift.days if exception is None else exception != "closed"


def changes(plant: Plant, names: tuple[str, ...], end: float) -> list[tuple[float, bool]]:
    """From which second on somebody of these shifts is there or not; without shifts always."""
    if not names:
        return [(0.0, True)]
    spans: list[tuple[float, float]] = []
    midnight = plant.start.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(-2, int(end / 86400) + 3):
        begin = midnight + timedelta(days=day)
        for name in names:
            for a, b in _of_day(plant, name, begin.date()):
                spans.append(
                    (instant(plant, begin + timedelta(seconds=a)), instant(plant, begin + timedelta(seconds=b)))
                )
    moments = sorted({0.0} | {edge for span in spans for edge in span if edge > 0})
    found: list[tuple[float, bool]] = []
    for moment in moments:
        here = any(a <= moment < b for a, b in spans)
        if not found or found[-1][1] != here:
            found.append((moment, here))
    return found


def _of_day(plant: Plant, name: str, date: object) -> list[tuple[float, float]]:
    shift = plant.shifts[name]
    exception = shift.exceptions.get(date)  # type: ignore[call-overload]
    if exception == "closed":
        return []
    usual = exception or (shift.span if date.weekday() in shift.days else None)  # type: ignore[attr-defined]
    spans = [] if usual is None else [(usual.start, usual.end)]
    for pause in shift.breaks if spans else ():
        cut = []
        for a, b in spans:
            cut += [(a, min(b, pause.start)), (max(a, pause.end), b)]
        spans = [(a, b) for a, b in cut if a < b]
    return spans + [(o.span.start, o.span.end) for o in shift.overtime if date.weekday() in o.days]  # type: ignore[attr-defined]


def after(hours: list[tuple[float, bool]], start: float, work: float) -> float:
    """When so much open time has passed after `start`."""
    edges = [*(moment for moment, _ in hours), math.inf]
    for (moment, on), until in zip(hours, edges[1:], strict=True):
        if until <= start or not on:
            continue
        here = max(moment, start)
        if work <= until - here:
            return here + work
        work -= until - here
    return math.inf
