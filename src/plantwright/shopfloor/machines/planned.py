"""Planned time: when work is meant to be done, from shifts in a time zone to spans in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from plantwright.monitoring.steps import Steps, steps
from plantwright.plant.calendar import Shift, Span
from plantwright.shopfloor.readings import NANOSECONDS

BREAK = "break"
DEFAULT_SHIFT = Shift("day", (0, 1, 2, 3, 4), Span(7 * 3600.0, 15 * 3600.0))
"""Where no shift is given: Monday to Friday, 07:00 to 15:00. What happens outside it is shown as such, never left out."""


def planned(shifts: Mapping[str, Shift], zone: str, start: int, end: int) -> Steps:
    """Which shift it is, ``break`` within one, or unknown outside all; over a window in nanoseconds since 1970, UTC.

    Overtime belongs to its shift. Where shifts overlap, the one that began last holds.
    """
    local = ZoneInfo(zone)
    first = datetime.fromtimestamp(start / NANOSECONDS, local).date() - timedelta(days=2)
    last = datetime.fromtimestamp(end / NANOSECONDS, local).date() + timedelta(days=1)
    spans: list[tuple[int, int, str]] = []
    day = first
    while day <= last:
        for shift in shifts.values():
            spans += _of_day(shift, day, local)
        day += timedelta(days=1)
    return _layered(sorted(spans)).within(start, end)


def _of_day(shift: Shift, day: date, zone: ZoneInfo) -> list[tuple[int, int, str]]:
    """The spans of a shift that begins on a day: first its hours, then its breaks."""
    exception = shift.exceptions.get(day)
    if exception == "closed":
        return []
    found: list[tuple[int, int, str]] = []
    if isinstance(exception, Span):
        found.append((_instant(day, exception.start, zone), _instant(day, exception.end, zone), shift.name))
    elif day.weekday() in shift.days:
        found.append((_instant(day, shift.span.start, zone), _instant(day, shift.span.end, zone), shift.name))
        for pause in shift.breaks:
            found.append((_instant(day, pause.start, zone), _instant(day, pause.end, zone), BREAK))
    for extra in shift.overtime:
        if day.weekday() in extra.days:
            found.append((_instant(day, extra.span.start, zone), _instant(day, extra.span.end, zone), shift.name))
    return found


def _instant(day: date, seconds: float, zone: ZoneInfo) -> int:
    """A time of the clock on a day, as an instant; seconds beyond a day reach into the next. What the clock leaves out comes after it."""
    days, rest = divmod(round(seconds), 86_400)
    clock = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=days)
    wall = clock.replace(hour=rest // 3600, minute=rest % 3600 // 60, second=rest % 60)
    return int(wall.astimezone(UTC).timestamp()) * NANOSECONDS


def _layered(spans: list[tuple[int, int, str]]) -> Steps:
    """What holds where spans lie over each other: the one that began last."""
    edges = sorted({edge for span in spans for edge in span[:2]})
    names: list[str | None] = []
    active: list[tuple[int, int, str]] = []
    waiting = list(reversed(spans))
    for edge in edges:
        while waiting and waiting[-1][0] <= edge:
            active.append(waiting.pop())
        active = [span for span in active if span[1] > edge]
        names.append(max(active, key=lambda span: (span[0], span[2] == BREAK))[2] if active else None)
    return steps(edges, names)
