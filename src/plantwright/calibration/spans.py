"""Spans of seconds: what they cover, what they leave, how many hold at once."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Seconds = npt.NDArray[np.float64]
Pair = tuple[float, float]
Moment = TypeVar("Moment", float, datetime)

_USUAL = 0.95
_ZERO = datetime(1970, 1, 1)


def joined(spans: Iterable[Pair]) -> list[Pair]:
    """What at least one of the spans covers, as spans in order that do not touch."""
    made: list[Pair] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if made and start <= made[-1][1]:
            made[-1] = made[-1][0], max(end, made[-1][1])
        else:
            made.append((start, end))
    return made


def left_of(start: Moment, end: Moment, taken: Iterable[tuple[Moment, Moment]]) -> list[tuple[Moment, Moment]]:
    """What of a span the `taken` ones, in order and not touching, leave."""
    made = []
    at = start
    for begin, until in taken:
        if begin >= end:
            break
        if begin > at:
            made.append((at, begin))
        at = max(at, until)
    if at < end:
        made.append((at, end))
    return made


def left_of_each(spans: Iterable[Pair], taken: Sequence[Pair]) -> list[Pair]:
    """What the `taken` spans, in order and not touching, leave of each of some others."""
    ends = [end for _, end in taken]
    return [
        left
        for start, end in spans
        for left in left_of(start, end, itertools.islice(taken, bisect_right(ends, start), None))
    ]


def edges(*groups: Iterable[Pair]) -> Seconds:
    """All starts and ends, in order, each once."""
    return np.unique(np.array([edge for group in groups for span in group for edge in span], dtype=float))


def at_once(spans: Iterable[Pair], instants: Seconds) -> npt.NDArray[np.int64]:
    """How many of the spans hold at each instant; a span holds at its start, not at its end."""
    pairs = np.array(list(spans), dtype=float).reshape(-1, 2)
    begun = np.searchsorted(np.sort(pairs[:, 0]), instants, "right")
    ended = np.searchsorted(np.sort(pairs[:, 1]), instants, "right")
    return (begun - ended).astype(np.int64)


def seconds_of(spans: Iterable[tuple[datetime, datetime]]) -> list[Pair]:
    """Spans of local times as seconds since 1970."""
    return [((start - _ZERO).total_seconds(), (end - _ZERO).total_seconds()) for start, end in spans]


def usual_at_once(groups: Iterable[Iterable[Pair]]) -> int:
    """How many spans of one group run at once, at most, in 95 % of the time in which any of the group does."""
    held: Counter[int] = Counter()
    for spans in groups:
        steps = sorted((at, step) for start, end in spans if end > start for at, step in ((start, 1), (end, -1)))
        level = 0
        for (at, step), (after, _) in itertools.pairwise(steps):
            level += step
            if level:
                held[level] += round(after - at)
    reached = 0
    for level in sorted(held):
        reached += held[level]
        if reached >= _USUAL * held.total():
            return level
    return 1
