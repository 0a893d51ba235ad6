"""From replications to intervals; when a run has settled; quantiles from counts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from plantwright.simulation.bins import BINS, low_of, middle_of
from plantwright.simulation.run import Estimate


def _half_width(values: npt.NDArray[np.float64], level: float) -> float:
    from scipy.special import stdtrit

    n = len(values)
    if n < 2:
        return math.inf
    return float(stdtrit(n - 1, 0.5 + level / 2)) * float(values.std(ddof=1)) / math.sqrt(n)


def estimate(
    name: str,
    of: Mapping[str, str],
    unit: str,
    values: Sequence[float] | npt.NDArray[np.float64],
    level: float,
    quantile: float | None = None,
) -> Estimate:
    """The mean of one number per replication with its Student interval at `level`."""
    numbers = np.asarray(values, float)
    mean, half = float(numbers.mean()), _half_width(numbers, level)
    return Estimate(name, dict(of), unit, mean, mean - half, mean + half, tuple(map(float, numbers)), quantile)


Subject = tuple[str, Mapping[str, str], str, Sequence[float] | npt.NDArray[np.float64], float | None]
"""Of what an estimate is: its name, its subject, its unit, a number for each replication, and its quantile."""


def estimates(subjects: Sequence[Subject], level: float) -> list[Estimate]:
    """An estimate of each subject, as `estimate` makes it, of all in one go; none of those of which a number is NaN."""
    from scipy.special import stdtrit

    if not subjects:
        return []
    numbers = np.array([values for _, _, _, values, _ in subjects], float)
    known = ~np.isnan(numbers).any(axis=1)
    if not known.all():
        numbers, subjects = (
            numbers[known],
            [subject for subject, is_known in zip(subjects, known, strict=True) if is_known],
        )
    n = numbers.shape[1]
    means = numbers.mean(axis=1)
    halves = np.full(len(numbers), math.inf)
    if n > 1:
        halves = float(stdtrit(n - 1, 0.5 + level / 2)) * numbers.std(axis=1, ddof=1) / math.sqrt(n)
    columns = zip(
        subjects, means.tolist(), (means - halves).tolist(), (means + halves).tolist(), numbers.tolist(), strict=True
    )
    return [
        Estimate(name, dict(of), unit, mean, low, high, tuple(values), quantile)
        for (name, of, unit, _, quantile), mean, low, high, values in columns
    ]


def relative_half_width(estimate: Estimate) -> float:
    """Half the interval of an estimate, relative to its mean: 0 where there is no chance in it."""
    if estimate.half_width <= 0:
        return 0.0
    return estimate.half_width / abs(estimate.mean) if estimate.mean else math.inf


def difference(changed: Estimate, base: Estimate, level: float = 0.95) -> Estimate:
    """The mean paired difference of two runs on common random numbers, replication by replication.

    Raises ValueError where they have different numbers of replications.
    """
    if len(changed.values) != len(base.values):
        raise ValueError(f"{len(changed.values)} and {len(base.values)} replications cannot be paired")
    pairs = np.subtract(changed.values, base.values)
    return estimate(base.name, base.of, base.unit, pairs, level, base.quantile)


def chance_positive(difference: Estimate) -> float:
    """How sure it is, between 0 and 1, that a mean difference is above zero (Student's distribution; .5 for no spread at 0)."""
    from scipy.special import stdtr

    values = np.asarray(difference.values, float)
    spread = float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    if spread == 0.0:
        return 0.5 if difference.mean == 0 else float(difference.mean > 0)
    return float(stdtr(len(values) - 1, difference.mean / spread))


def simultaneous(level: float, comparisons: int) -> float:
    """The level of each of several intervals so that all hold together with `level` (Bonferroni)."""
    return 1 - (1 - level) / max(1, comparisons)


@dataclass(frozen=True, slots=True)
class Settled:
    """Where a series settles: the first bucket to count; ``found`` is False where it never does."""

    truncation: int
    found: bool


def mser5(series: npt.ArrayLike) -> Settled:
    """The truncation point by MSER-5 (White, Cobb and Spratt 2000).

    Parameters
    ----------
    series : array, replications x buckets
        Averaged over replications, then over batches of five buckets. The point minimises the squared standard error of what
        remains after it; a point in the second half means that the series has not settled. A fifth of the batches always
        remains: a few that happen to be alike say nothing.
    """
    means = np.atleast_2d(np.asarray(series, float)).mean(axis=0)
    batches = len(means) // 5
    if batches < 4:
        return Settled(0, False)
    batch = means[: batches * 5].reshape(batches, 5).mean(axis=1)
    # Rounding must not make one part of a series that stands still look quieter than another.
    rounding = (1e-9 * float(np.abs(batch).max())) ** 2
    errors = [(float(batch[d:].var()) + rounding) / (batches - d) for d in range(batches - max(2, batches // 5))]
    best = int(np.argmin(errors))
    return Settled(best * 5, best <= batches // 2)


def remembered(series: npt.ArrayLike, truncation: int) -> float:
    """How many buckets a series remembers: five times the sum of the autocorrelations of batches of five buckets.

    For correlations that die out exponentially that is the time in which they fall to 1/e, less half a batch. The sum ends at the
    first lag that is five times as long as it (Sokal 1997), and what may be noise alone counts as none.

    Parameters
    ----------
    series : array, replications x buckets
    truncation : int
        Where the series settles (`mser5`).
    """
    settled = np.atleast_2d(np.asarray(series, float))[:, truncation:]
    batches = settled.shape[1] // 5
    batch = settled[:, : batches * 5].reshape(len(settled), batches, 5).mean(axis=2)
    off = batch - batch.mean()
    variance = float((off**2).mean())
    if variance <= (1e-9 * float(np.abs(batch).max())) ** 2:
        return 0.0
    total = 0.0
    for lag in range(1, batches // 2):
        correlation = float((off[:, :-lag] * off[:, lag:]).mean()) / variance
        if lag == 1 and correlation < 2 / math.sqrt(off.size):
            return 0.0
        total += correlation
        if lag >= 5 * total:
            break
    return 5 * max(0.0, total)


def quantiles(counts: npt.ArrayLike, shares: Sequence[float]) -> list[float]:
    """Quantiles from a histogram with the engine's bins, in seconds; NaN without counts.

    The times in a bin are taken as spread evenly over it, or over its half towards the one neighbour that holds some; where neither does, all are in
    its middle. So a quantile is off by at most 1/64, and of times that are spread over many bins by far less.
    """
    return quantiles_of(np.asarray(counts)[None, :], shares)[0].tolist()  # type: ignore[no-any-return]


def quantiles_of(histograms: npt.NDArray[np.int64], shares: Sequence[float]) -> npt.NDArray[np.float64]:
    """`quantiles` of several histograms, a row for each."""
    rows, width = histograms.shape
    flat = np.ascontiguousarray(histograms).reshape(-1)
    bins = np.flatnonzero(flat)
    if not len(bins):
        return np.full((rows, len(shares)), math.nan)
    # All counts are added up in one go; where those of each histogram begin and end is looked up.
    total = np.concatenate(([0], flat[bins].cumsum()))
    ends = bins.searchsorted(np.arange(rows + 1) * width)
    before, after = total[ends[:-1]], total[ends[1:]]
    # A count is whole: it has reached a share of the counts when it has reached the next whole number.
    wanted = before[:, None] + np.ceil((after - before)[:, None] * np.asarray(shares)).astype(np.int64)
    at = total[1:].searchsorted(wanted).clip(max=len(bins) - 1)
    begin, end = _spreads(bins, at, width)
    within = (wanted - total[at] - 0.5) / (total[at + 1] - total[at])
    return np.where((after > before)[:, None], begin + (end - begin) * within, math.nan)


def _spreads(
    bins: npt.NDArray[np.int64], at: npt.NDArray[np.int64], width: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """From when to when the times in some of the bins (by their places) are spread, in histograms of a width that lie one behind the other."""
    lows, middles = _lows(), _middles()
    here = bins[at]
    own = here % width
    left = (at > 0) & (here - bins[at - 1] == 1) & (own > 0)
    following = bins[(at + 1).clip(max=len(bins) - 1)]
    right = (following - here == 1) & (following % width > 0)
    begin = np.where(left, lows[own], middles[own])
    return begin, np.where(right, lows[(own + 1).clip(max=width - 1)], middles[own])


@cache
def _middles() -> npt.NDArray[np.float64]:
    """The middle of each bin."""
    return np.array([middle_of(b) for b in range(BINS)])


@cache
def _lows() -> npt.NDArray[np.float64]:
    """Where each bin begins."""
    return np.array([low_of(b) for b in range(BINS)])
