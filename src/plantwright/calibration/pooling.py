"""Thin data are pooled: each of several alike things is believed as far as its own data go, and is like the others for the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plantwright.calibration.likelihood import Floats


@dataclass(frozen=True)
class Shrunken:
    """Means pulled towards a common one: `own` is the weight of each one's own mean, `between` the variance of true means; ``errors``
    are the standard errors of the pulled means.
    """

    means: tuple[float, ...]
    own: tuple[float, ...]
    common: float
    between: float
    errors: tuple[float, ...] = ()


def shrink(means: Sequence[float], variances: Sequence[float]) -> Shrunken:
    """True means from measured ones by empirical Bayes.

    Parameters
    ----------
    means : sequence of float
        Measured means of several alike things.
    variances : sequence of float
        The sampling variance of each, above zero.

    Returns
    -------
    Shrunken
        True means are taken for normal around a common one. Their variance is that at which the measured means are as far apart as they
        should be (Paule and Mandel 1982), and the weight of the common mean is multiplied by (k - 3) / (k - 1), for that variance is
        estimated (Morris 1983, Parametric empirical Bayes inference, section 5); with equal variances this is James and Stein's estimator.
    """
    y, v = np.asarray(means, np.float64), np.asarray(variances, np.float64)
    k = y.size
    between = _between(y, v) if k > 1 else math.inf
    if math.isinf(between):
        return Shrunken(tuple(y.tolist()), (1.0,) * k, float(y.mean()), 0.0, tuple(np.sqrt(v).tolist()))
    weights = 1 / (v + between)
    common = float((weights * y).sum() / weights.sum())
    pull = v / (v + between)
    if k > 3:
        pull = pull * (k - 3) / (k - 1)
    # Morris 1983, section 5: what is left of each own error, what the common mean is off, and what the pull itself is.
    squared = v * (1 - pull) + pull**2 / float(weights.sum())
    if k > 3:
        squared = squared + 2 / (k - 3) * pull**2 * (y - common) ** 2
    pulled = common + (1 - pull) * (y - common)
    return Shrunken(
        tuple(pulled.tolist()), tuple((1 - pull).tolist()), common, between, tuple(np.sqrt(squared).tolist())
    )


def _between(y: Floats, v: Floats) -> float:
    from scipy.optimize import brentq

    def excess(between: float) -> float:
        weights = 1 / (v + between)
        common = (weights * y).sum() / weights.sum()
        return float((weights * (y - common) ** 2).sum()) - (y.size - 1)

    if excess(0.0) <= 0:
        return 0.0
    high = float(((y - y.mean()) ** 2).sum()) + float(v.max())
    while excess(high) > 0:
        high *= 2
    return float(brentq(excess, 0.0, high, xtol=1e-14, rtol=1e-12))


@dataclass(frozen=True)
class Rates:
    """Rates of rare events: believed for each, with the gamma that true rates are drawn from (its shape, and its exposure)."""

    rates: tuple[float, ...]
    shape: float
    exposure: float


def shrink_rates(counts: Sequence[int], exposures: Sequence[float]) -> Rates:
    """Rates of events by empirical Bayes.

    Parameters
    ----------
    counts : sequence of int
        How often it happened to each of several alike things.
    exposures : sequence of float
        Over how long each was watched, above zero.

    Returns
    -------
    Rates
        Counts are Poisson, true rates gamma with the parameters of greatest likelihood of all counts together (negative binomial; Carlin
        and Louis 2000, Bayes and empirical Bayes methods, section 3.3); a rate is (shape + count) / (exposure of the gamma + exposure). Where
        counts differ by no more than chance, all have the common rate.
    """
    from scipy.optimize import minimize
    from scipy.special import gammaln

    x, t = np.asarray(counts, np.float64), np.asarray(exposures, np.float64)
    common = float(x.sum() / t.sum())
    if x.size < 2 or common <= 0:
        return Rates(tuple((x / t).tolist()), math.inf, math.inf)

    def loss(theta: Floats) -> float:
        shape, rate = math.exp(theta[0]), math.exp(theta[1])
        share = t * rate / (shape + t * rate)
        terms = gammaln(shape + x) - gammaln(shape) + shape * np.log1p(-share) + x * np.log(share)
        return -float(terms.sum())

    start = np.array([0.0, math.log(common)])
    bounds = [(-6.0, 8.0), (start[1] - 6.0, start[1] + 6.0)]
    best = minimize(loss, start, method="Nelder-Mead", bounds=bounds, options={"xatol": 1e-8, "fatol": 1e-10})
    shape, mean = math.exp(best.x[0]), math.exp(best.x[1])
    if best.x[0] > 7.9:
        return Rates((common,) * x.size, math.inf, math.inf)
    return Rates(tuple(((shape + x) / (shape / mean + t)).tolist()), shape, shape / mean)
