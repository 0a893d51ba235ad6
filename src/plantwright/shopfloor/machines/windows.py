"""Windows of time as people name them: today, the last shift, from one clock time to another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plantwright.monitoring.steps import UNKNOWN
from plantwright.plant.calendar import Shift
from plantwright.plant.moments import read_instant
from plantwright.shopfloor.machines.planned import BREAK, planned
from plantwright.shopfloor.readings import NANOSECONDS
from plantwright.units import UnitError, read

DAY = 86_400 * NANOSECONDS
LAST_SHIFT = "last shift"
THIS_SHIFT = "this shift"
NAMED = ("today", "yesterday", "this week", "last week", THIS_SHIFT, LAST_SHIFT)
_AGO = re.compile(r"^(?:last\s+|-)(\d.*)$")


def read_window(text: str, now: int, zone: str, shifts: Mapping[str, Shift]) -> tuple[int, int]:
    """A window by its name (`NAMED`), or as ``last 8 h``, or ``2026-01-05 06:00 to 2026-01-05 14:00``.

    Instants are nanoseconds since 1970; local times are of `zone`. A window that reaches beyond `now` ends there. Raises ValueError.
    """
    local = ZoneInfo(zone)
    here = datetime.fromtimestamp(now // NANOSECONDS, local)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    spans = {
        "today": (midnight, midnight + timedelta(days=1)),
        "yesterday": (midnight - timedelta(days=1), midnight),
        "this week": (monday, monday + timedelta(days=7)),
        "last week": (monday - timedelta(days=7), monday),
    }
    name = text.strip().lower()
    if name in spans:
        start, end = (_instant(moment) for moment in spans[name])
    elif name in (THIS_SHIFT, LAST_SHIFT):
        start, end = _shift(name, now, zone, shifts)
    elif match := _AGO.match(name):
        try:
            start, end = now - round(read(match[1], "duration") * NANOSECONDS), now
        except UnitError as error:
            raise ValueError(f"{text!r}: {error}") from error
    else:
        parts = re.split(r"\s+to\s+|\.\.", text.strip())
        if len(parts) != 2:
            raise ValueError(
                f"{text!r} is no window; one of {', '.join(NAMED)}, 'last 8 h', or '2026-01-05 06:00 to 2026-01-05 14:00'"
            )
        try:
            start, end = (_instant(read_instant(part).replace(tzinfo=local)) for part in parts)
        except OverflowError as error:
            raise ValueError(f"{text!r} begins before 1970") from error
    end = min(end, now)
    if start < 0:
        raise ValueError(f"{text!r} begins before 1970")
    if end <= start:
        raise ValueError(f"{text!r} ends before it begins, or lies ahead")
    return start, end


def _shift(name: str, now: int, zone: str, shifts: Mapping[str, Shift]) -> tuple[int, int]:
    """From the start of a shift to its end, breaks within it: the one that it is, or the last that is over."""
    held = planned(shifts, zone, now - 9 * DAY, now + 2 * DAY)
    rest = held.names.index(BREAK) if BREAK in held.names else UNKNOWN
    ends = [*held.time[1:].tolist(), now + 2 * DAY]
    found: list[list[int]] = []
    for start, end, code in zip(held.time.tolist(), ends, held.code.tolist(), strict=True):
        if code == UNKNOWN:
            continue
        same = found and found[-1][1] == start and (code == rest or code == found[-1][2])
        if same:
            found[-1][1] = end
        else:
            found.append([start, end, code])
    over = [(start, end) for start, end, _ in found if end <= now]
    running = [(start, end) for start, end, _ in found if start <= now < end]
    if name == THIS_SHIFT:
        if not running:
            raise ValueError("it is no shift now; try 'last shift'")
        return running[-1]
    if not over:
        raise ValueError("no shift ended within the last nine days")
    return over[-1]


def _instant(moment: datetime) -> int:
    return int(moment.timestamp()) * NANOSECONDS
