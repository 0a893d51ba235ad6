"""What was done to each order, and when: what two logs are compared by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import polars

    from plantwright.calibration.visits import History

Times = npt.NDArray[np.int64]

HOUR = 3_600_000_000
WEEK = 7 * 24 * HOUR
_ZERO = datetime(1970, 1, 1)


def moment(time: datetime) -> int:
    """A local time in microseconds since 1970."""
    return (time - _ZERO) // timedelta(microseconds=1)


def date_of(time: float) -> datetime:
    """The local time of `moment`."""
    return _ZERO + timedelta(microseconds=int(time))


@dataclass(frozen=True)
class Trace:
    """What was done to one order, by start and then by end; times are local, in microseconds since 1970.

    ``work`` is how long a machine worked on each, in microseconds; the whole time from start to end if not given.
    """

    order: str
    activities: tuple[str, ...]
    starts: Times
    ends: Times
    work: Times | None = None

    @cached_property
    def worked(self) -> Times:
        """How long a machine worked on each activity."""
        return self.ends - self.starts if self.work is None else self.work

    @cached_property
    def stamps(self) -> Times:
        """All its starts and ends."""
        return np.concatenate([self.starts, self.ends])

    @cached_property
    def first(self) -> int:
        """When its first activity began."""
        return int(self.starts.min())

    @cached_property
    def last(self) -> int:
        """When its last activity ended."""
        return int(self.ends.max())

    def moved(self, by: int) -> Trace:
        """The same, so many microseconds later."""
        return Trace(self.order, self.activities, self.starts + by, self.ends + by, self.work)

    def until(self, moment: int) -> Trace | None:
        """What had ended by a moment; None where nothing had."""
        kept = self.ends <= moment
        if kept.all():
            return self
        if not kept.any():
            return None
        return Trace(
            self.order,
            tuple(name for name, keep in zip(self.activities, kept, strict=True) if keep),
            self.starts[kept],
            self.ends[kept],
            None if self.work is None else self.work[kept],
        )


def traces_of_rows(rows: Iterable[tuple[str, str, datetime, datetime, float | None]]) -> tuple[Trace, ...]:
    """Traces of rows of order, activity, start, end, and the seconds of work in it (None: all of the time)."""
    orders: dict[str, list[tuple[int, int, str, int]]] = {}
    for order, activity, start, end, work in rows:
        begin, until = moment(start), moment(end)
        seconds = until - begin if work is None else round(1e6 * work)
        orders.setdefault(order, []).append((begin, until, activity, seconds))
    made = []
    for order, own in orders.items():
        own.sort(key=lambda one: one[:2])
        times = np.array([one[:2] for one in own], dtype=np.int64)
        made.append(
            Trace(
                order,
                tuple(one[2] for one in own),
                times[:, 0],
                times[:, 1],
                np.array([one[3] for one in own], np.int64),
            )
        )
    return tuple(made)


def traces_of_reports(table: polars.DataFrame) -> tuple[Trace, ...]:
    """The reports of each order, from a table with the columns ``order``, ``activity``, ``start`` and ``end``."""
    rows: Any = table.select("order", "activity", "start", "end").iter_rows()
    return traces_of_rows((*row, None) for row in rows)


def traces_of_visits(history: History) -> tuple[Trace, ...]:
    """The visits of each order to its steps: an activity is an operation, however many reports it took; its work is what
    machines did in these.
    """
    return traces_of_rows(
        (visit.order, visit.step[0], visit.start, visit.end, visit.work + visit.setup) for visit in history.visits()
    )


@dataclass(frozen=True)
class Split:
    """A log cut in two: orders that end by the cut, those that start after it, and how many cross it."""

    cut: int
    until: int
    train: tuple[Trace, ...]
    test: tuple[Trace, ...]
    crossing: int


def cut_at(ends: polars.Series, share: float) -> int:
    """The quantile `share` of the times at which activities end."""
    return int(np.quantile(ends.drop_nulls().dt.epoch("us").to_numpy(), share))


def split(traces: Sequence[Trace], cut: int, until: int | None = None) -> Split:
    """Cut a log at a moment, as Camargo, Dumas and Gonzalez (2021) do: orders that cross it are dropped.

    With `until`, the log ends there: what had not ended by then is not in the test.
    """
    end = max(trace.last for trace in traces) if until is None else until
    train = tuple(trace for trace in traces if trace.last <= cut)
    after = (trace.until(end) for trace in traces if trace.first > cut)
    crossing = sum(trace.first <= cut < trace.last for trace in traces)
    return Split(cut, end, train, tuple(trace for trace in after if trace is not None), crossing)
