"""How likely each alternative is the best of all, and how much is lost in the mean by choosing it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plantwright.improvement.selection.table import Floats

DRAWS = 4000
"""Draws from what is known of the true means: a chance of one half is off by .8 % (one standard deviation)."""


@dataclass(frozen=True)
class Chances:
    """For each alternative, and for doing nothing.

    Attributes
    ----------
    best : array
        The chance that it is the best of all, doing nothing included; with ``nothing_best`` they sum to 1.
    regret : array
        How much better than it the best of all is in the mean, in the unit of the values.
    """

    best: Floats
    regret: Floats
    nothing_best: float
    nothing_regret: float


def chances(
    values: Floats,
    *,
    uncertain: npt.ArrayLike | None = None,
    nothing: bool = True,
    draws: int = DRAWS,
    seed: int = 0,
) -> Chances:
    """Chances to be the best and expected regrets, from the joint posterior of the means.

    Parameters
    ----------
    values : array, replications x alternatives
        On common random numbers, more being better; NaN after the last replication of an alternative that was given up. At least two
        of each.
    uncertain : array, alternatives x alternatives, optional
        Covariance of what replications do not know: parameters, beliefs, demand. It is added.
    nothing : bool
        Whether doing nothing, at 0, may be chosen as well.

    Notes
    -----
    Under no prior knowledge the means are distributed as a multivariate t around the averages. Differences to the best average count alone, so that
    those that were simulated less often are compared on the luck that they share with it; means of n and m >= n replications of the same luck have
    their covariance divided by m. Correlations are shrunk as `shrunk_correlations` does, which few replications of many alternatives need. Drawn
    with a seed of its own: the same values give the same answer.
    """
    values = np.asarray(values, float)
    if nothing:
        values = np.column_stack([values, np.where(np.isfinite(values).any(axis=1), 0.0, np.nan)])
    k = values.shape[1]
    counts = np.isfinite(values).sum(axis=0)
    if counts.min() < 2:
        raise ValueError("chances need two replications of each alternative")
    averages = np.nansum(values, axis=0) / counts
    longest = counts == counts.max()
    reference = int(np.argmax(np.where(longest, averages, -np.inf)))
    ahead = values - values[:, [reference]]
    center = np.nansum(ahead, axis=0) / counts
    spread = np.sqrt(np.nansum((ahead - center) ** 2, axis=0) / (counts - 1))
    correlations = shrunk_correlations(ahead[: counts.min()])
    covariance = correlations * np.outer(spread, spread) / np.maximum.outer(counts, counts)
    random = np.random.default_rng(seed)
    truth = center + _normal(covariance, draws, random) * _heavier(counts - 1, draws, random)
    if uncertain is not None:
        own = np.zeros((k, k))
        size = k - nothing
        own[:size, :size] = uncertain
        truth += _normal(own, draws, random)
    return _told(truth, nothing)


def _told(truth: Floats, nothing: bool) -> Chances:
    top = truth.max(axis=1, keepdims=True)
    # Alternatives that are the same to the bit share the honour.
    first = truth >= top
    best = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)
    regret = (top - truth).mean(axis=0)
    if not nothing:
        return Chances(best, regret, 0.0, float("nan"))
    return Chances(best[:-1], regret[:-1], float(best[-1]), float(regret[-1]))


def _normal(covariance: Floats, draws: int, random: np.random.Generator) -> Floats:
    """Draws x alternatives; of a covariance that may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(0, values))
    drawn: Floats = random.standard_normal((draws, len(covariance))) @ root.T
    # What has no variance is known, and rounding must not move it.
    drawn[:, np.diag(covariance) == 0] = 0.0
    return drawn


def _heavier(freedom: npt.NDArray[np.int64], draws: int, random: np.random.Generator) -> Floats:
    """What makes a normal draw one of Student's; the same luck for all alternatives, as their variances go together."""
    from scipy.special import chdtri

    luck = random.random((draws, 1))
    different, which = np.unique(freedom, return_inverse=True)
    factors: Floats = np.sqrt(different / chdtri(different, luck))[:, which]
    return factors


def shrunk_correlations(values: Floats) -> Floats:
    """Correlations of columns, drawn towards their own mean as far as that is expected to bring them nearest to the truth.

    O. Ledoit and M. Wolf (2004): Honey, I shrunk the sample covariance matrix, Journal of Portfolio Management 30, 110-119: towards a constant
    correlation, which differences to one and the same alternative have; here on columns scaled to a variance of 1, with the noise of the
    correlations alone, and towards no negative one. A column that does not vary has none.
    """
    n, k = values.shape
    spread = values.std(axis=0)
    varies = np.flatnonzero(spread > 1e-12 * np.abs(values).max(initial=0.0))
    out = np.eye(k)
    if len(varies) < 2:
        return out
    scaled = (values[:, varies] - values[:, varies].mean(axis=0)) / spread[varies]
    found = scaled.T @ scaled / n
    pairs = len(varies) * (len(varies) - 1)
    target = np.full(found.shape, max(0.0, float((found.sum() - np.trace(found)) / pairs)))
    target[np.diag_indices(len(varies))] = 1.0
    distance = float(((found - target) ** 2).sum())
    noise = (float(((scaled**2).sum(axis=1) ** 2).sum()) / n - float((found**2).sum())) / n
    share = min(1.0, max(0.0, noise / distance)) if distance > 0 else 1.0
    out[np.ix_(varies, varies)] = (1 - share) * found + share * target
    out[np.diag_indices(k)] = 1.0
    return out
