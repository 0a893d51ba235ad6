"""Rollups: good samples summed up by minute, so that a month is drawn from a few rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from plantwright.shopfloor.readings import NANOSECONDS, Ids, Instants, Samples, Values

if TYPE_CHECKING:
    import polars
    import pyarrow

    from plantwright.shopfloor.history.manifest import Part

MINUTE = 60 * NANOSECONDS
HOUR = 60 * MINUTE
LEAST = -(2**63)
NUMBERS = ("least", "most", "mean", "first", "last")


@dataclass(frozen=True, slots=True)
class Minutes:
    """For each tag and minute in which there were good samples: how many, the least, the most, their mean, the first and the last.

    ``time`` is when the minute begins.
    """

    tag: Ids
    time: Instants
    count: npt.NDArray[np.int64]
    least: Values
    most: Values
    mean: Values
    first: Values
    last: Values

    def __len__(self) -> int:
        return len(self.tag)

    def where(self, keep: npt.NDArray[Any]) -> Minutes:
        """Those for which `keep` is true, or those rows."""
        return Minutes(*(getattr(self, name)[keep] for name in self.__slots__))

    def frame(self) -> polars.DataFrame:
        """As `History.minutes` gives them."""
        import polars

        columns = {name: getattr(self, name) for name in self.__slots__}
        columns = {"minute" if name == "time" else name: column for name, column in columns.items()}
        return polars.DataFrame(columns).with_columns(polars.col("minute").cast(polars.Datetime("ns", "UTC")))


def minutes_of(samples: Samples, width: int = MINUTE) -> Minutes:
    """Samples, sorted by tag and time, by minute; or by another width in nanoseconds."""
    is_good = (samples.quality == 0) & ~np.isnan(samples.value)
    good = samples if is_good.all() else samples.where(is_good)
    if not len(good):
        return joined_minutes([])
    span = good.time // width
    new = span[1:] != span[:-1]
    if good.tag[0] != good.tag[-1]:
        new |= good.tag[1:] != good.tag[:-1]
    starts = np.append(0, np.flatnonzero(new) + 1)
    ends = np.append(starts[1:], len(good))
    count = (ends - starts).astype(np.int64)
    return Minutes(
        good.tag[starts],
        span[starts] * width,
        count,
        np.minimum.reduceat(good.value, starts),
        np.maximum.reduceat(good.value, starts),
        np.add.reduceat(good.value, starts) / count,
        good.value[starts],
        good.value[ends - 1],
    )


def apart_minutes(parts: Sequence[Part], tail: Sequence[Instants], start: int, end: int) -> npt.NDArray[np.int64]:
    """Spans of whole minutes within a window (start and end in each row, apart from each other) that cannot be taken from rollups: of them
    several parts tell, or the tail, or they lie in the window in part.
    """
    spans: list[tuple[int, int]] = []
    reach = LEAST
    for part in sorted(parts, key=lambda part: part.first):
        first, last = part.first - part.first % MINUTE, part.last - part.last % MINUTE + MINUTE
        if first < reach:
            spans.append((first, min(last, reach)))
        reach = max(reach, last)
    for minute in np.unique(np.concatenate([np.empty(0, np.int64), *(time - time % MINUTE for time in tail)])).tolist():
        spans.append((minute, minute + MINUTE))
    for edge in (start, end):
        if edge % MINUTE and abs(edge) < 2**63 - 2 * MINUTE:
            spans.append((edge - edge % MINUTE, edge - edge % MINUTE + MINUTE))
    joined: list[list[int]] = []
    for first, last in sorted(span for span in spans if span[0] < end and span[1] > start):
        if joined and first <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], last)
        else:
            joined.append([first, last])
    return np.array(joined, np.int64).reshape(-1, 2)


def hulls(spans: npt.NDArray[np.int64], most: int = 32) -> list[tuple[int, int]]:
    """Spans put together where little lies between them, so that they are read by a few questions that ask for little else."""
    if not len(spans):
        return []
    gaps = spans[1:, 0] - spans[:-1, 1]
    apart = HOUR
    while (gaps > apart).sum() >= most:
        apart *= 2
    cuts = np.flatnonzero(gaps > apart)
    firsts, lasts = spans[np.append(0, cuts + 1), 0], spans[np.append(cuts, len(spans) - 1), 1]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def within(time: Instants, spans: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which times lie in one of some spans, which are in order and apart from each other."""
    at = np.searchsorted(spans[:, 0], time, side="right") - 1
    return np.asarray((at >= 0) & (time < spans[at, 1]))


def joined_minutes(parts: Sequence[Minutes]) -> Minutes:
    """One behind the other."""
    kinds = (np.int32, np.int64, np.int64, *[np.float64] * 5)
    return Minutes(
        *(
            np.concatenate([np.empty(0, kind), *(getattr(part, name) for part in parts)])
            for name, kind in zip(Minutes.__slots__, kinds, strict=True)
        )
    )


def tidy_minutes(minutes: Minutes) -> Minutes:
    """In the order of tag and minute; a minute that came in several pieces, in their order, is one."""
    rows = np.lexsort((minutes.time, minutes.tag))  # stable
    ordered = minutes.where(rows)
    new = (ordered.tag[1:] != ordered.tag[:-1]) | (ordered.time[1:] != ordered.time[:-1])
    if new.all():
        return ordered
    starts = np.flatnonzero(np.concatenate([[True], new]))
    ends = np.append(starts[1:], len(ordered))
    count = np.add.reduceat(ordered.count, starts)
    return Minutes(
        ordered.tag[starts],
        ordered.time[starts],
        count,
        np.minimum.reduceat(ordered.least, starts),
        np.maximum.reduceat(ordered.most, starts),
        np.add.reduceat(ordered.mean * ordered.count, starts) / count,
        ordered.first[starts],
        ordered.last[ends - 1],
    )


def pack_minutes(minutes: Minutes) -> pyarrow.Table:
    """Minutes as a table; a number that is the first again is left out."""
    import pyarrow as pa

    numbers = {
        name: pa.array(column, pa.float64(), mask=None if name == "first" else column == minutes.first)
        for name in NUMBERS
        for column in [getattr(minutes, name)]
    }
    return pa.table(
        {
            "tag": pa.array(minutes.tag, pa.int32()),
            "minute": pa.array(minutes.time // MINUTE, pa.int64()),
            "count": pa.array(minutes.count, pa.int32()),
            **numbers,
        }
    )


def unpack_minutes(table: pyarrow.Table) -> Minutes:
    """The minutes of such a table."""
    import pyarrow.compute as pc

    def column(name: str, kind: Any) -> npt.NDArray[Any]:
        return np.ascontiguousarray(table[name].to_numpy(), dtype=kind)

    numbers = [pc.coalesce(table[name], table["first"]).to_numpy() for name in NUMBERS]
    return Minutes(column("tag", np.int32), column("minute", np.int64) * MINUTE, column("count", np.int64), *numbers)
