"""Hours in which nothing ever begins or ends: a report that spans them was not worked on in them."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from plantwright.calibration.spans import left_of

if TYPE_CHECKING:
    import polars

Span = tuple[datetime, datetime]

_FEWEST = 60
_RUN = 4
_SELDOM = 0.005
_ROUND = 15
"""Shifts begin and end at quarters of an hour."""


@dataclass(frozen=True)
class Quiet:
    """The hours of the day (from, to in minutes after midnight; past midnight where `to` is not after `from`) and the dates on
    which a plant rests, though reports of its log run on through them.
    """

    hours: tuple[int, int] | None = None
    dates: frozenset[date] = frozenset()
    rests: tuple[Span, ...] = field(default=(), repr=False)

    def pieces(self, start: datetime, end: datetime) -> list[Span]:
        """What of a span lies outside the rests; the span itself where there are none."""
        if not self.rests or end <= start:
            return [(start, end)]
        first = max(0, bisect_right(self.rests, start, key=lambda rest: rest[0]) - 1)
        made = left_of(start, end, itertools.islice(self.rests, first, None))
        return made or [(start, start)]

    def seconds(self, start: datetime, end: datetime) -> float:
        """Seconds of a span outside the rests."""
        return sum((until - begin).total_seconds() for begin, until in self.pieces(start, end))

    @property
    def said(self) -> str:
        """The rests in words."""
        parts = (
            ["from {:02d}:{:02d} to {:02d}:{:02d}".format(*divmod(self.hours[0], 60), *divmod(self.hours[1], 60))]
            if self.hours
            else []
        )
        parts += [f"on {len(self.dates)} whole days"] if self.dates else []
        return " and ".join(parts)


def find_quiet(spans: Sequence[Span]) -> Quiet:
    """The rests that spans show, as `quiet_of` finds them."""
    import polars

    frame = polars.DataFrame(list(spans), schema=dict.fromkeys(("start", "end"), polars.Datetime("us")), orient="row")
    return quiet_of(frame["start"], frame["end"])


def quiet_of(starts: polars.Series, ends: polars.Series) -> Quiet:
    """The rests that a log shows: at least four hours in a row of all days in which no more than 1 in 200 of its reports begin or
    end, and whole days in which none does, as far as reports run through them.
    """
    import polars

    forward = ends > starts
    starts, ends = starts.filter(forward), ends.filter(forward)
    instants = polars.concat([starts.alias("at"), ends.alias("at")])
    if instants.len() < _FEWEST:
        return Quiet()
    hours = _quiet_hours(instants)
    busy = set(instants.dt.date().unique().to_list())
    first, last = min(busy), max(busy)
    every = [first + timedelta(days=k) for k in range((last - first).days + 1)]
    dates = frozenset(day for day in every if day not in busy)
    rests = _joined(every, hours, dates)
    begins, untils = (polars.Series([rest[k] for rest in rests], dtype=polars.Datetime("us")) for k in (0, 1))
    number = begins.search_sorted(starts, "left")
    inside = number < len(rests)
    if not (untils.gather(number.filter(inside)) <= ends.filter(inside)).any():
        return Quiet()
    return Quiet(hours, dates, tuple(rests))


def seconds_awake(quiet: Quiet, starts: polars.Series, ends: polars.Series) -> polars.Series:
    """Seconds of each span outside the rests, as `Quiet.seconds` tells of one."""
    import numpy as np
    import polars

    begins, untils = (np.array([rest[k] for rest in quiet.rests], "datetime64[us]").astype(float) for k in (0, 1))
    before = np.concatenate([[0.0], np.cumsum(untils - begins)])

    def rested(instants: polars.Series) -> np.ndarray[Any, Any]:
        """Microseconds of rest before each instant."""
        at = instants.dt.epoch("us").to_numpy().astype(float)
        number = np.searchsorted(begins, at, "right")
        within = np.where(number > 0, np.maximum(0.0, untils[number - 1] - at), 0.0)
        return np.asarray(before[number] - within)

    wall = (ends - starts).dt.total_microseconds().to_numpy().astype(float)
    awake = np.where(wall > 0, wall - (rested(ends) - rested(starts)), wall)
    return polars.Series("seconds", awake / 1e6)


def _quiet_hours(instants: polars.Series) -> tuple[int, int] | None:
    """The longest run of hours with few instants: from the quarter of an hour after the last instant before it to the one before the first
    after it.
    """
    import polars

    counts: dict[int, int] = dict(instants.dt.hour().value_counts().iter_rows())
    most = _SELDOM * instants.len()
    start, length = 0, 0
    for first in range(24):
        total = run = 0
        while run < 24 and total + counts.get((first + run) % 24, 0) <= most:
            total += counts.get((first + run) % 24, 0)
            run += 1
        if run > length:
            start, length = first, run
    if not _RUN <= length < 24:
        return None
    # The day is told from the middle of the rest on, so that it holds no midnight; the few instants within the rest are left out.
    middle, half = 60 * start + 30 * length, 30 * length
    frame = instants.to_frame("at").select(
        60 * polars.col("at").dt.hour().cast(polars.Int32)
        + polars.col("at").dt.minute()
        + (polars.col("at").dt.second() > 0)
        - middle
    )
    awake = [minute % 1440 for minute in frame.to_series().unique().to_list() if half <= minute % 1440 <= 1440 - half]
    # Work ends when a shift does, at or after the last instant that was seen.
    last, first = -(-(max(awake) + middle) // _ROUND) * _ROUND, (min(awake) + middle) // _ROUND * _ROUND
    return last % 1440, first % 1440


def _joined(days: Sequence[date], hours: tuple[int, int] | None, dates: frozenset[date]) -> list[Span]:
    rests: list[Span] = []
    for day in days:
        midnight = datetime.combine(day, time())
        if day in dates:
            rests.append((midnight, midnight + timedelta(days=1)))
        if hours is not None:
            late = hours[1] if hours[1] > hours[0] else hours[1] + 1440
            rests.append((midnight + timedelta(minutes=hours[0]), midnight + timedelta(minutes=late)))
    if hours is not None and days and hours[1] <= hours[0]:
        midnight = datetime.combine(days[0], time())
        rests.append((midnight, midnight + timedelta(minutes=hours[1])))
    rests.sort()
    made: list[Span] = []
    for begin, until in rests:
        if made and begin <= made[-1][1]:
            made[-1] = made[-1][0], max(until, made[-1][1])
        else:
            made.append((begin, until))
    return made
