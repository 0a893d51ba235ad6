"""When people and machines are there: shifts, breaks, exceptions, overtime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Span:
    """A span of the day in seconds after midnight, local time; `end` beyond 86,400 reaches into the next day."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Overtime:
    """Extra hours of a shift, on the weekdays given (0 is Monday), with their pay as a share of the wage."""

    days: tuple[int, ...]
    span: Span
    pay: float = 1.5


@dataclass(frozen=True, slots=True)
class Shift:
    """A working pattern that repeats every week.

    ``days`` are weekdays on which it starts (0 is Monday); ``span`` its hours; ``breaks`` the spans when work rests;
    ``exceptions`` the days that differ: closed, or open with other hours.
    """

    name: str
    days: tuple[int, ...]
    span: Span
    breaks: tuple[Span, ...] = ()
    exceptions: Mapping[date, Span | Literal["closed"]] = field(default_factory=dict)
    overtime: tuple[Overtime, ...] = ()

    @property
    def hours_per_day(self) -> float:
        """Working time of one shift without its breaks, in seconds."""
        return self.span.end - self.span.start - sum(pause.end - pause.start for pause in self.breaks)
