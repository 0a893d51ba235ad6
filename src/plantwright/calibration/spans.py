"""Spans of seconds: what they cover, what they leave, how many hold at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Seconds = npt.NDArray[np.float64]
Pair = tuple[float, float]


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


def left_of(start: float, end: float, taken: Sequence[Pair]) -> list[Pair]:
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


def edges(*groups: Iterable[Pair]) -> Seconds:
    """All starts and ends, in order, each once."""
    return np.unique(np.array([edge for group in groups for span in group for edge in span], dtype=float))


def at_once(spans: Iterable[Pair], instants: Seconds) -> npt.NDArray[np.int64]:
    """How many of the spans hold at each instant; a span holds at its start, not at its end."""
    pairs = np.array(list(spans), dtype=float).reshape(-1, 2)
    begun = np.searchsorted(np.sort(pairs[:, 0]), instants, "right")
    ended = np.searchsorted(np.sort(pairs[:, 1]), instants, "right")
    return (begun - ended).astype(np.int64)
