"""Days, times of day and dates: text to value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from plantwright.plant.calendar import Span
from plantwright.plant.patterns import CLOCK, SPAN
from plantwright.plant.readers import (
    Context,
    Reader,
    text_schema,
)

_FULL_DAYS = {
    name.lower(): i
    for i, name in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
}


def read_days(text: str) -> tuple[int, ...]:
    """``Mon-Fri``, ``Mon, Wed``, ``Sat``, ``daily`` as weekdays, 0 is Monday."""
    if text.strip().lower() in ("daily", "every day"):
        return tuple(range(7))
    days: list[int] = []
    for part in re.split(r"[,\s]+", text.strip()):
        ends = [_day(word) for word in part.split("-")]
        if len(ends) > 2:
            raise ValueError(f"{part!r} is not a span of days such as Mon-Fri")
        last = ends[-1] if ends[-1] >= ends[0] else ends[-1] + 7
        days += [day % 7 for day in range(ends[0], last + 1)]
    return tuple(sorted(set(days)))


def _day(word: str) -> int:
    for name, number in _FULL_DAYS.items():
        if len(word) >= 2 and name.startswith(word.lower()):
            return number
    raise ValueError(f"{word!r} is not a day; write Mon, Tue, Wed, Thu, Fri, Sat or Sun")


class DaysOf(Reader):
    """Days of the week."""

    kind = "days such as Mon-Fri"

    def text(self, text: str, context: Context) -> tuple[int, ...]:
        return read_days(text)


_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(.*)")


def read_instant(text: str) -> datetime:
    """A date, or date and time, of the plant's own clock: ISO, or with points and the day first as in ``5.1.2026 06:00``."""
    dotted = _DOTTED.fullmatch(text.strip())
    iso = f"{dotted[3]}-{int(dotted[2]):02}-{int(dotted[1]):02}{dotted[4]}" if dotted else text
    try:
        return datetime.fromisoformat(iso).replace(tzinfo=None)
    except ValueError:
        raise ValueError(f"{text!r} is not a date and time such as '2026-01-05 06:00'") from None


class Instant(Reader):
    """A local date and time, or a date."""

    kind = "a date such as 2026-01-05 06:00"

    def text(self, text: str, context: Context) -> datetime:
        return read_instant(text)


def read_day(text: str) -> date:
    """An ISO date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date such as 2026-12-25") from None


def read_clock(text: str) -> float:
    """``07:00`` as seconds after midnight; up to 48:00."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", text.strip())
    if match is None or int(match[2]) > 59 or int(match[1]) > 48:
        raise ValueError(f"{text!r} is not a time of day such as 07:00")
    return int(match[1]) * 3600.0 + int(match[2]) * 60.0 + int(match[3] or 0)


def read_span(text: str) -> Span:
    """``11:00-11:30``; an end before its start is on the next day."""
    begin, separator, end = text.partition("-")
    if not separator:
        raise ValueError(f"{text!r} is not a span of the day such as 11:00-11:30")
    first, last = read_clock(begin), read_clock(end)
    if first == last:
        raise ValueError(f"{text!r} has no length")
    return Span(first, last if last > first else last + 86400.0)


@dataclass
class Clock(Reader):
    """A time of day."""

    kind = "a time of day such as 07:00"
    schema = text_schema(CLOCK)

    def text(self, text: str, context: Context) -> float:
        return read_clock(text)


class SpanOf(Reader):
    """A span of the day."""

    kind = "a span such as 11:00-11:30"
    schema = text_schema(SPAN)

    def text(self, text: str, context: Context) -> Span:
        return read_span(text)


class ExceptionOf(Reader):
    """``closed``, or the hours of that day."""

    kind = "'closed' or hours such as 07:00-12:00"

    def text(self, text: str, context: Context) -> Any:
        return "closed" if text == "closed" else read_span(text)
