"""Means of what records show, with the intervals in which they lie."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plantwright.calibration.intervals import Told


@dataclass(frozen=True)
class Estimated:
    """An estimate; ``interval`` gives its lower and upper end at a level between 0 and 1."""

    mean: float
    interval: Callable[[float], tuple[float, float]]


def ratio(values: Sequence[float], counts: Sequence[float], clock: float = 0.0) -> Estimated | None:
    """The mean for one of what is counted: all values over all counts; None where fewer than two or nothing are there.

    The interval is Student's, of the logarithm, with the variance of a ratio of sums (Cochran 1977, Sampling Techniques, 6.4): each
    visit is one draw, however many pieces it has. Where moments were read to `clock` seconds, each value has the variance clock^2 / 6 of the
    difference of two rounded moments besides.
    """
    n, total, count = len(values), math.fsum(values), math.fsum(counts)
    if n < 2 or total <= 0 or count <= 0:
        return None
    mean = total / count
    squares = math.fsum((value - mean * of) ** 2 for value, of in zip(values, counts, strict=True))
    return _of_logarithm(mean, math.sqrt(n * (squares / (n - 1) + clock**2 / 6)) / total, n - 1)


def mean_of(values: Sequence[float]) -> Estimated | None:
    """The mean of values; as `ratio`."""
    return ratio(values, [1.0] * len(values))


def share(parts: Sequence[float], wholes: Sequence[float]) -> Estimated | None:
    """A share that is nearly 1, such as that of good pieces; what is missing of it is estimated as `ratio` does, so that scrap that comes
    by the lot makes a wide interval.
    """
    missing = ratio([whole - part for part, whole in zip(parts, wholes, strict=True)], wholes)
    if missing is None:
        return None

    def interval(level: float) -> tuple[float, float]:
        low, high = missing.interval(level)
        return max(0.0, 1 - high), 1 - low

    return Estimated(1 - missing.mean, interval)


def rate_between(values: Sequence[float], chances: float) -> Estimated | None:
    """What `values` that came at some of so many chances come to for each chance: a compound Poisson sum, of variance n (s^2 + mean^2)."""
    n, total = len(values), math.fsum(values)
    if n < 2 or total <= 0 or chances <= 0:
        return None
    return _of_logarithm(total / chances, math.sqrt(math.fsum(value**2 for value in values)) / total, n - 1)


def between_events(seen: float, events: int) -> Estimated | None:
    """The mean time between events of which so many came in the time `seen`; the interval is Garwood's (1936), exact for a Poisson process
    and too wide where events come more regularly.
    """
    if events < 1 or seen <= 0:
        return None

    def interval(level: float) -> tuple[float, float]:
        from scipy.special import chdtri

        tail = (1 - level) / 2
        return float(2 * seen / chdtri(2 * events + 2, tail)), float(2 * seen / chdtri(2 * events, 1 - tail))

    return Estimated(seen / events, interval)


def of_few(mean: float, number: int) -> Estimated:
    """The mean of a few times: so few do not tell their law, and are taken for exponential, so that their sum tells it as `between_events` has it."""
    told = between_events(mean * number, number)
    assert told is not None
    return told


def _of_logarithm(mean: float, relative: float, freedom: int) -> Estimated:
    return Estimated(mean, Told(math.log(mean), relative, float(freedom)).interval)
