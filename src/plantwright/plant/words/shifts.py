"""The words of shifts: when work is done."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from plantwright.plant.calendar import Overtime, Shift, Span
from plantwright.plant.moments import (
    Clock,
    DaysOf,
    ExceptionOf,
    SpanOf,
    read_day,
)
from plantwright.plant.patterns import quantity_pattern
from plantwright.plant.readers import (
    Context,
    Reader,
    text_schema,
)
from plantwright.plant.structures import Keys, ListOf, MapOf, Named, Word
from plantwright.units import read


class Pay(Reader):
    """A share that may be more than the whole, such as overtime's pay or a machine's speed."""

    kind = "a share such as 150 %"
    may_be_guessed = True
    schema = text_schema(quantity_pattern("share"))

    def text(self, text: str, context: Context) -> float:
        value = read(text, "share")
        if value <= 0:
            raise ValueError(f"{text!r} must be above zero")
        return value


def _hours(first: float, last: float, what: str) -> Span:
    if first == last:
        raise ValueError(f"{what} from and to are the same: it has no length")
    return Span(first, last if last > first else last + 86400.0)


def _overtime(days: Any, first: float, last: float, pay: float = 1.5) -> Overtime:
    return Overtime(_all_days(days), _hours(first, last, "overtime:"), pay)


def _all_days(days: Any) -> tuple[int, ...]:
    return tuple(sorted({day for part in days for day in part}))


def _shift(
    name: str, first: float, last: float, days: Any = ((0, 1, 2, 3, 4),), breaks: Any = (), exceptions: Any = None,
    overtime: Any = (),
) -> Shift:  # fmt: skip
    span = _hours(first, last, "a shift whose")
    inside: list[Span] = []
    for pause in sorted(breaks, key=lambda pause: pause.start):
        moved = pause if pause.start >= span.start else Span(pause.start + 86400.0, pause.end + 86400.0)
        if moved.start < span.start or moved.end > span.end:
            raise ValueError("a break lies outside the shift")
        if moved.start == span.start and moved.end == span.end:
            raise ValueError("a break takes the whole shift: it has no length")
        inside.append(moved)
    inside.sort(key=lambda pause: pause.start)
    if any(later.start < earlier.end for earlier, later in pairwise(inside)):
        raise ValueError("two breaks overlap")
    return Shift(name, _all_days(days), span, tuple(inside), exceptions or {}, overtime)


SHIFT = Keys(
    (
        Word(
            "days",
            ListOf(DaysOf()),
            example="Mon-Fri",
            meaning="weekdays on which it begins",
            default="Mon-Fri",
            why="the days that most shops work",
        ),
        Word("from", Clock(), "first", '"07:00"', "when it begins", needed=True),
        Word("to", Clock(), "last", '"15:00"', "when it ends; before 'from': on the next day", needed=True),
        Word(
            "breaks",
            ListOf(SpanOf()),
            example='["11:00-11:30"]',
            meaning="when work rests",
            default="none",
            why="a shift without breaks works through",
        ),
        Word("except", MapOf(ExceptionOf(), read_day), "exceptions", "{2026-12-25: closed}", "days that differ"),
        Word(
            "overtime",
            ListOf(
                Keys(
                    (
                        Word("days", ListOf(DaysOf()), example="Sat", meaning="weekdays with it", needed=True),
                        Word("from", Clock(), "first", '"07:00"', "when it begins", needed=True),
                        Word("to", Clock(), "last", '"12:00"', "when it ends", needed=True),
                        Word(
                            "pay",
                            Pay(),
                            example="150 %",
                            meaning="share of the wage",
                            default="150 %",
                            why="time and a half, as is usual",
                        ),
                    ),
                    _overtime,
                )
            ),
            example='{days: Sat, from: "07:00", to: "12:00"}',
            meaning="extra hours",
        ),
    ),
    _shift,
)

SHIFTS = Named(SHIFT, once=True)
