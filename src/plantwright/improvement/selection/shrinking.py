"""What the winner of many noisy comparisons is really to be expected to bring.

The best of 200 estimates is the best partly by luck (J. E. Smith and R. L. Winkler 2006: The optimizer's curse, Management Science 52,
311-322). So estimates are drawn towards nought as far as all of them together say, and the winner's interval takes into account that
it won.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from plantwright.improvement.selection.table import Floats
from plantwright.improvement.selection.wanted import is_share, refuse

NODES = 9
"""Points by which Student's distribution is written as a mixture of normal ones."""
NULLS = 10.0
"""Effects of nought that are counted in beforehand, so that a few odd values do not make a prior (as in Stephens 2017)."""
SURELY = 0.1
"""Of what may go wrong, the share that is spent on a winner's luck that is out of all proportion."""


class Shrunk(NamedTuple):
    """Arrays, one entry for each alternative."""

    means: Floats
    lows: Floats
    highs: Floats


def shrunk(
    means: npt.ArrayLike,
    standard_errors: npt.ArrayLike,
    freedom: npt.ArrayLike,
    level: float = 0.95,
    correlations: npt.ArrayLike | None = None,
    *,
    winner: int | None = None,
    behind: npt.ArrayLike | None = None,
) -> Shrunk:
    """Effects as they are to be expected, with intervals, after the greatest was picked.

    Parameters
    ----------
    means, standard_errors : arrays
        The estimated effects, more being better, in one unit; nought is what doing nothing brings. An error of 0 means that it is known.
    freedom : float or array
        Degrees of freedom of the standard errors: replications less one.
    level : float
        Of each interval.
    correlations : array, alternatives x alternatives, optional
        Of the errors, such as `cautious_correlations` has them. Needed where alternatives share most of their luck; without it all are taken as
        independent.
    winner : int, optional
        Who was picked; the greatest mean where None.
    behind : array, optional
        How far each is behind the winner, where that is known better than by their means (replications in common).

    Notes
    -----
    Standard errors of few replications are moderated by each other first (`moderated`). Means: posterior means under a prior that is fitted to all
    estimates, a mixture of nought and normal distributions around it of many widths (M. Stephens 2017: False discovery rates: a new deal,
    Biostatistics 18, 275-294), with Student's likelihood.

    The winner's interval: its estimate is distributed as one that is above the second best, and not further from the truth than the greatest error of
    all would be; I. Andrews, T. Kitagawa and A. McCloskey (2024): Inference on winners, Quarterly Journal of Economics 139,
    305-358, the hybrid interval. It holds with `level` whatever the effects are.

    The others: that of the rank j of k is lengthened on the side that it was picked for, to an error of j / k of the usual one, so that of the first j a
    share of ``1 - level`` misses at most, in the mean (Y. Benjamini and D. Yekutieli 2005: False discovery rate-adjusted multiple confidence
    intervals, Journal of the American Statistical Association 100, 71-81). The lower half is treated as the upper one turned round.
    """
    refuse(is_share("level", level))
    x = np.asarray(means, float)
    if not len(x):
        return Shrunk(x, x, x)
    se, free = moderated(np.asarray(standard_errors, float), np.broadcast_to(np.asarray(freedom, float), x.shape))
    lows, highs = _by_rank(x, se, free, level)
    first = int(np.argmax(x)) if winner is None else winner
    if se[first] > 0:
        gammas = np.zeros(len(x)) if correlations is None else np.asarray(correlations, float)[first] * se / se[first]
        gaps = x[first] - x if behind is None else np.asarray(behind, float)
        lows[first], highs[first] = winners_interval(
            float(x[first]), float(se[first]), gaps, gammas, float(free[first]), level
        )
    return Shrunk(np.clip(_posterior_means(x, se, free), lows, highs), lows, highs)


def shrunk_effects(values: Floats, level: float = 0.95, winner: int | None = None) -> Shrunk:
    """`shrunk` from values: replications x alternatives, paired differences to doing nothing.

    NaN after the last replication of those that were given up (the values of a `Table`); at least two of each. These are held against the
    winner on the replications that both have.
    """
    counts = np.isfinite(values).sum(axis=0)
    if counts.min(initial=2) < 2:
        raise ValueError("an effect needs two replications")
    means = np.nansum(values, axis=0) / counts
    errors = np.sqrt(np.nansum((values - means) ** 2, axis=0) / (counts - 1) / counts)
    # Rounding is no luck.
    errors[errors < 1e-12 * np.abs(means)] = 0.0
    first = int(np.argmax(means)) if winner is None else winner
    shared = np.isfinite(values[:, [first]]) & np.isfinite(values)
    behind = np.where(shared, values[:, [first]] - values, 0.0).sum(axis=0) / shared.sum(axis=0)
    correlations = cautious_correlations(values[: counts.min()])
    return shrunk(means, errors, counts - 1, level, correlations, winner=first, behind=behind)


def moderated(standard_errors: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """Standard errors drawn together as far as they look alike, and the degrees of freedom that this gains.

    Variances are taken to come from a scaled inverse chi-squared distribution, fitted by the moments of their logarithms; G. K. Smyth (2004): Linear
    models and empirical Bayes methods for assessing differential expression in microarray experiments, Statistical Applications in
    Genetics and Molecular Biology 3, section 6.2. Where they differ much nothing is drawn.
    """
    from scipy.special import digamma, polygamma

    noisy = standard_errors > 0
    if noisy.sum() < 10:
        return standard_errors, freedom
    half = freedom[noisy] / 2
    logs = 2 * np.log(standard_errors[noisy]) - digamma(half) + np.log(half)
    spread = float(logs.var(ddof=1) - polygamma(1, half).mean())
    own = 2 * _inverse_trigamma(spread) if spread > 1e-6 else 1e6
    typical = float(np.exp(logs.mean() + digamma(own / 2) - np.log(own / 2)))
    out = standard_errors.copy()
    out[noisy] = np.sqrt((own * typical + 2 * half * standard_errors[noisy] ** 2) / (own + 2 * half))
    return out, freedom + own


def _inverse_trigamma(value: float) -> float:
    """Where the trigamma function has this value, by bisection of its logarithm; it falls from infinity to 0."""
    from scipy.special import polygamma

    low, high = -20.0, 20.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if float(polygamma(1, np.exp(middle))) > value else (low, middle)
    return float(np.exp((low + high) / 2))


def cautious_correlations(values: Floats) -> Floats:
    """Correlations of columns that are surely there: the lower end of their 95 % intervals, where it is above 0 (Fisher's z).

    From few replications the greatest of many correlations is large by luck alone.
    """
    n, k = values.shape
    spread = values.std(axis=0)
    scaled = np.divide(values - values.mean(axis=0), spread, out=np.zeros_like(values), where=spread > 0)
    found = np.clip(scaled.T @ scaled / n, -1, 1)
    if n <= 3:
        same: Floats = (found > 1 - 1e-12).astype(float)
        return same
    sure = np.tanh(np.arctanh(np.clip(found, -1 + 1e-12, 1 - 1e-12)) - 1.96 / np.sqrt(n - 3))
    out: Floats = np.maximum(0, sure)
    out[np.diag_indices(k)] = 1.0
    return out


def winners_interval(
    mean: float, own: float, gaps: Floats, gammas: Floats, freedom: float, level: float
) -> tuple[float, float]:
    """The hybrid interval of the alternative that was picked (`shrunk`): `mean` and standard error `own`, the others `gaps` behind.

    ``gammas`` are regressions of the other estimates on the winner's: what is left of another one, z = x - gamma x_winner, says nothing of the winner's
    error, and the winner stays ahead of it as long as its own estimate is above z / (1 - gamma), or below where gamma is above 1.
    """
    from scipy.special import stdtr, stdtrit

    error, spent = 1 - level, SURELY * (1 - level)
    # Who is equal to the bit is the same alternative under another name.
    others = gaps > 1e-12 * (abs(mean) + own)
    slower, faster = others & (gammas < 1), others & (gammas > 1)
    floor = mean - float(np.min(gaps[slower] / (1 - gammas[slower]), initial=np.inf))
    ceiling = mean + float(np.min(gaps[faster] / (gammas[faster] - 1), initial=np.inf))
    widest = float(stdtrit(freedom, 1 - spent / (2 * len(gaps)))) * own

    def above(truth: float) -> float:
        """The chance of an estimate above this one, if that is the truth and it won."""
        low, high = max(floor, truth - widest), min(ceiling, truth + widest)
        tail = [float(stdtr(freedom, (truth - at) / own)) for at in (low, mean, high)]
        return (tail[1] - tail[2]) / (tail[0] - tail[2]) if tail[0] > tail[2] else float(truth > mean)

    each = (error - spent) / (1 - spent) / 2
    return _where(above, each, mean, widest), _where(above, 1 - each, mean, widest)


def _where(above: Callable[[float], float], wanted: float, mean: float, widest: float) -> float:
    low, high = mean - widest, mean + widest
    for _ in range(60):
        middle = (low + high) / 2
        if above(middle) > wanted:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def _by_rank(x: Floats, se: Floats, freedom: Floats, level: float) -> tuple[Floats, Floats]:
    """Intervals of alternatives that are looked at because of their rank."""
    from scipy.special import stdtrit

    k = len(x)
    rank = np.empty(k)
    rank[np.argsort(-x, kind="stable")] = np.arange(1, k + 1)
    each = (1 - level) / 2
    down = stdtrit(freedom, 1 - each * np.minimum(1, 2 * rank / (k + 1)))
    up = stdtrit(freedom, 1 - each * np.minimum(1, 2 * (k + 1 - rank) / (k + 1)))
    return x - down * se, x + up * se


def _posterior_means(x: Floats, se: Floats, freedom: Floats) -> Floats:
    """Posterior means under the fitted mixture; what has no error stays."""
    from scipy.special import gammaincinv

    noisy = se > 0
    out = x.copy()
    if not noisy.any():
        return out
    y, s = x[noisy], se[noisy]
    # Student's distribution is a normal one whose variance is divided by a gamma variable of mean 1.
    shape = freedom[noisy, None] / 2
    parts = gammaincinv(shape, (np.arange(NODES) + 0.5) / NODES) / shape
    noise = s[:, None, None] ** 2 / np.maximum(parts, 1e-12)[:, :, None]
    widths = _widths(y, s)
    total = noise + widths**2
    log = -0.5 * (y[:, None, None] ** 2 / total + np.log(total))
    density = np.exp(log - log.max(axis=(1, 2), keepdims=True))
    weights = _fitted(density.mean(axis=1))
    share = density * weights
    share /= share.sum(axis=(1, 2), keepdims=True)
    out[noisy] = y * (share * (widths**2 / total)).sum(axis=(1, 2))
    return out


def _widths(y: Floats, s: Floats) -> Floats:
    """Nought, and standard deviations of effects from far below the least error to twice what the largest effect may be."""
    widest = 2 * float(np.sqrt(np.maximum(y**2 - s**2, s**2).max()))
    least = max(float(np.median(s)) / 4, widest / 1e4)
    steps = int(np.ceil(np.log2(max(2.0, widest / least))))
    widths: Floats = np.r_[0.0, widest * 2.0 ** -np.arange(steps, -1, -1)]
    return widths


def _fitted(density: Floats) -> Floats:
    """Weights of the mixture with the greatest likelihood, by expectation and maximisation."""
    weights = np.full(density.shape[1], 0.5 / (density.shape[1] - 1))
    weights[0] = 0.5
    before = np.zeros(len(weights))
    before[0] = NULLS - 1
    for _ in range(500):
        share = density * weights
        share /= share.sum(axis=1, keepdims=True)
        fitted: Floats = share.sum(axis=0) + before
        fitted /= fitted.sum()
        if np.abs(fitted - weights).max() < 1e-4:
            return fitted
        weights = fitted
    return weights
