"""How well a distribution fits: the greatest gap between measured and fitted shares, and Anderson and Darling's statistic."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from plantwright.calibration.likelihood import Floats, Known
from plantwright.calibration.mixtures import Mixture
from plantwright.distributions import Distribution

ALIKE = 0.02
"""Times that differ by no more than this share of their mean differ by how they were written down."""

_LIMITS = {"exponential": 1.341, "lognormal": 0.752, "weibull": 0.757, "gamma": 0.786, "empirical": 2.492}
_LIMIT_OF_MIXTURES = 0.45
"""Anderson and Darling's statistic lies below this in 95 of 100 samples of a distribution whose parameters were fitted to the sample
(Stephens 1974, and D'Agostino and Stephens 1986, Goodness-of-fit techniques, tables 4.11, 4.17 and 4.21; the gamma's limit depends a
little on its shape, and is that of shapes of 1 and less). Nothing is fitted in an empirical distribution. The limit of mixtures is by
simulation (0.34 to 0.45 for parts that are more or less apart).
"""


def cumulative(distribution: Distribution | Mixture, times: Floats, pieces: Floats | float = 1.0) -> Any:
    """The share of lots that a fitted distribution expects to take no longer than each time; `pieces` for times per piece."""
    from scipy.special import gammainc, ndtr

    if isinstance(distribution, Mixture):
        return distribution.cumulative(times)
    p = distribution.parameters
    match distribution.kind:
        case "exponential":
            return 1 - np.exp(-times / p[0])
        case "gamma":
            shape = 1 / p[1] ** 2
            return gammainc(shape * pieces, times * shape / p[0])
        case "lognormal":
            variance = np.log1p(p[1] ** 2 / pieces)
            with np.errstate(divide="ignore"):
                return ndtr((np.log(times) - np.log(p[0] * pieces) + variance / 2) / np.sqrt(variance))
        case "weibull":
            return 1 - np.exp(-((times / p[1]) ** p[0]))
        case "empirical":
            values = np.sort(np.asarray(distribution.values))
            return np.searchsorted(values, times, side="right") / values.size
        case _:
            return (times >= p[0] * pieces * (1 - ALIKE)).astype(np.float64)


def shares_of(distribution: Distribution | Mixture, known: Known, per_piece: bool) -> Floats:
    """The fitted share of each measured time, sorted: even on 0 to 1 if the fit is right, also where lots differ in their pieces.

    Times that were rounded to the same value are spread evenly over the interval in which they lie, so that no gap is seen where
    only the clock was coarse.
    """
    own = known.only(known.measured)
    pieces: Floats = own.pieces if per_piece else np.ones_like(own.low)
    low = np.asarray(cumulative(distribution, own.low, pieces))
    high = np.asarray(cumulative(distribution, own.high, pieces))
    order = np.lexsort((pieces, own.high, own.low))
    keys = np.stack([own.low, own.high, pieces])[:, order]
    new = np.concatenate([[True], (np.diff(keys, axis=1) != 0).any(axis=0)])
    first = np.flatnonzero(new)
    counts = np.diff(np.concatenate([first, [order.size]]))
    place = np.arange(order.size) - np.repeat(first, counts)
    within = (place + 0.5) / np.repeat(counts, counts)
    return np.sort(low[order] + within * (high - low)[order])


def greatest_gap(shares: Floats) -> float:
    """Kolmogorov and Smirnov's statistic of sorted shares."""
    n = shares.size
    return float(max((np.arange(1, n + 1) / n - shares).max(), (shares - np.arange(n) / n).max()))


def anderson_darling(shares: Floats) -> float:
    """Anderson and Darling's statistic of sorted shares."""
    n = shares.size
    inside = np.clip(shares, 1e-12, 1 - 1e-12)
    weights = (2 * np.arange(1, n + 1) - 1) / n
    return float(-n - (weights * (np.log(inside) + np.log1p(-inside[::-1]))).sum())


def could_be(distribution: Distribution | Mixture, statistic: float, number: int, limits: float = 1.0) -> bool:
    """Whether Anderson and Darling's statistic lies below so many times the 5 % limit for that kind and number of times (with Stephens'
    factors for small numbers). Twice the limit is passed by one right fit in a thousand.
    """
    if isinstance(distribution, Mixture):
        return statistic <= limits * _LIMIT_OF_MIXTURES
    n = max(1, number)
    factor = {
        "exponential": 1 + 0.6 / n,
        "lognormal": 1 + 0.75 / n + 2.25 / n**2,
        "weibull": 1 + 0.2 / math.sqrt(n),
    }.get(distribution.kind, 1.0)
    return statistic * factor <= limits * _LIMITS.get(distribution.kind, math.inf)


def kaplan_meier(known: Known) -> tuple[Any, Any]:
    """Measured times in order, and the share that is no longer than each, where some were only seen for a while (Kaplan and Meier 1958).

    A time of which more than a lower bound is not known counts as seen up to that bound.
    """
    ends = known.times
    order = np.sort(ends)
    seen = np.concatenate([ends, known.low[~known.measured]])
    at_risk = seen.size - np.searchsorted(np.sort(seen), order, side="left")
    earlier_ties = np.arange(order.size) - np.searchsorted(order, order, side="left")
    return order, 1 - np.cumprod(1 - 1 / np.maximum(1, at_risk - earlier_ties))


def censored_gap(distribution: Distribution | Mixture, known: Known) -> float:
    """The greatest gap between Kaplan and Meier's shares and the fitted ones, up to the longest measured time."""
    times, shares = kaplan_meier(known)
    fitted = np.asarray(cumulative(distribution, times))
    before = np.concatenate([[0.0], shares[:-1]])
    return float(max(np.abs(shares - fitted).max(), np.abs(fitted - before).max()))
