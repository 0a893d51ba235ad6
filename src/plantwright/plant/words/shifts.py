"""The words of shifts: when work is done."""

from __future__ import annotations

from typing import Any

from plantwright.plant.calendar import Overtime, Shift, Span
from plantwright.plant.moments import (
    Clock,
    DaysOf,
    ExceptionOf,
    SpanOf,
    read_day,
)
from plantwright.plant.readers import (
    Context,
    Reader,
)
from plantwright.plant.structures import Keys, ListOf, MapOf, Named, Word
from plantwright.units import read


class Pay(Reader):
    """A share of the wage, which may be more than all of it."""

    kind = "a share of the wage such as 150 %"

    def text(self, text: str, context: Context) -> float:
        return read(text, "share")


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
    inside = []
    for pause in breaks:
        moved = pause if pause.start >= span.start else Span(pause.start + 86400.0, pause.end + 86400.0)
        if moved.start < span.start or moved.end > span.end:
            raise ValueError("a break lies outside the shift")
        inside.append(moved)
    return Shift(name, _all_days(days), span, tuple(inside), exceptions or {}, overtime)


SHIFT = Keys(
    (
        Word("days", ListOf(DaysOf()), example="Mon-Fri", meaning="weekdays on which it begins", default="Mon-Fri"),
        Word("from", Clock(), "first", '"07:00"', "when it begins", needed=True),
        Word("to", Clock(), "last", '"15:00"', "when it ends; before 'from': on the next day", needed=True),
        Word("breaks", ListOf(SpanOf()), example='["11:00-11:30"]', meaning="when work rests", default="none"),
        Word("except", MapOf(ExceptionOf(), read_day), "exceptions", "{2026-12-25: closed}", "days that differ"),
        Word(
            "overtime",
            ListOf(
                Keys(
                    (
                        Word("days", ListOf(DaysOf()), example="Sat", needed=True),
                        Word("from", Clock(), "first", '"07:00"', needed=True),
                        Word("to", Clock(), "last", '"12:00"', needed=True),
                        Word("pay", Pay(), example="150 %", meaning="share of the wage", default="150 %"),
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

SHIFTS = Named(SHIFT)
