"""Fit a distribution to measured times: maximum likelihood, chosen by Akaike's information criterion."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from plantwright.distributions import Distribution

FEWEST = 8
"""Fewer measured times than this do not tell one distribution from another."""

_ALIKE = 0.02
"""Times that differ by no more than this share of their mean differ by how they were written down."""

Per = Literal["piece", "lot"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One distribution with the parameters of greatest likelihood; `aic` is twice its parameters less twice its log-likelihood.

    ``per`` is what a draw is for: a lot, or each piece of it (then the lot's time is the sum of its pieces' draws).
    """

    distribution: Distribution
    per: Per
    aic: float


@dataclass(frozen=True)
class FittedTime:
    """Measured times (seconds, sorted) and the distribution that fits them best.

    ``candidates`` are all that were tried, the best first. ``distance`` is the greatest distance between the measured and
    the fitted cumulative shares (Kolmogorov and Smirnov's statistic; for a time per piece, over the time divided by its mean);
    ``close`` says whether it lies below the 95 % limit for a distribution whose parameters were fitted, 0.886 / sqrt(n)
    (Lilliefors 1967, for n above 30), so that no rank of fits is mistaken for a good one.
    """

    distribution: Distribution
    per: Per
    values: tuple[float, ...]
    pieces: tuple[float, ...]
    candidates: tuple[Candidate, ...]
    distance: float

    @property
    def close(self) -> bool:
        """Whether the measured times could have come from the fitted distribution."""
        return self.distance <= 0.886 / math.sqrt(max(1, len(self.values)))


def fit_times(values: Sequence[float], pieces: Sequence[float] | None = None) -> FittedTime:
    """The distribution that measured times most likely come from.

    Parameters
    ----------
    values : sequence of float
        Times in seconds, above zero.
    pieces : sequence of float, optional
        How many pieces each time was for; where they differ, times per piece are tried too.

    Returns
    -------
    FittedTime
        Of exponential, gamma, lognormal and Weibull for the lot, and gamma for each piece (a sum of independent gammas of one
        scale is a gamma), the one of lowest Akaike information criterion; a constant where all times are the same but for 2 %; below
        `FEWEST` times an exponential whose mean is theirs.

    Raises
    ------
    ValueError
        Where there are no times, or one is not above zero.
    """
    times = np.asarray(values, np.float64)
    if times.size == 0:
        raise ValueError("no times to fit")
    if not (times > 0).all():
        raise ValueError("a time to fit must be above zero")
    counts = np.ones_like(times) if pieces is None else np.asarray(pieces, np.float64)
    if float(times.max() - times.min()) <= _ALIKE * float(times.mean()):
        found = [Candidate(Distribution.constant(float(times.mean())), "lot", -math.inf)]
    elif times.size < FEWEST:
        found = [_exponential(times)]
    else:
        found = [_exponential(times), _gamma(times), _lognormal(times), _weibull(times)]
        if counts.max() > counts.min() and counts.min() > 0:
            found.append(_gamma_pieces(times, counts))
        found = sorted((c for c in found if math.isfinite(c.aic)), key=lambda candidate: candidate.aic)
    best = found[0]
    order = np.argsort(times, kind="stable")
    return FittedTime(
        best.distribution, best.per, tuple(times[order].tolist()), tuple(counts[order].tolist()), tuple(found),
        _distance(best, times, counts),
    )  # fmt: skip


def _exponential(times: npt.NDArray[np.float64]) -> Candidate:
    mean = float(times.mean())
    return Candidate(Distribution("exponential", (mean,)), "lot", 2 + 2 * times.size * (math.log(mean) + 1))


def _gamma(times: npt.NDArray[np.float64]) -> Candidate:
    """Shape by Newton's steps on log(shape) - digamma(shape) = log(mean) - mean(log) (Minka 2002)."""
    from scipy.special import digamma, gammaln, polygamma

    mean, gap = float(times.mean()), float(math.log(times.mean()) - np.log(times).mean())
    shape = (3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(50):
        step = (math.log(shape) - float(digamma(shape)) - gap) / (1 / shape - float(polygamma(1, shape)))
        shape = max(shape / 10, shape - step)
        if abs(step) < 1e-10 * shape:
            break
    likelihood = times.size * (
        (shape - 1) * float(np.log(times).mean()) - shape - float(gammaln(shape)) - shape * math.log(mean / shape)
    )
    return Candidate(Distribution("gamma", (mean, 1 / math.sqrt(shape))), "lot", 4 - 2 * likelihood)


def _lognormal(times: npt.NDArray[np.float64]) -> Candidate:
    logs = np.log(times)
    mu, variance = float(logs.mean()), float(logs.var())
    likelihood = -times.size * (mu + 0.5 * math.log(2 * math.pi * variance) + 0.5)
    spread = Distribution("lognormal", (math.exp(mu + variance / 2), math.sqrt(math.expm1(min(variance, 50.0)))))
    return Candidate(spread, "lot", 4 - 2 * likelihood)


def _weibull(times: npt.NDArray[np.float64]) -> Candidate:
    from scipy.optimize import brentq

    scaled = times / times.max()
    logs = np.log(scaled)

    def slope(shape: float) -> float:
        powers = scaled**shape
        return float((powers * logs).sum() / powers.sum() - 1 / shape - logs.mean())

    low, high = 1e-3, 1.0
    while slope(high) < 0 and high < 1e4:
        high *= 2
    if slope(low) * slope(high) > 0:
        return Candidate(Distribution("weibull", (1.0, 1.0)), "lot", math.inf)
    shape = float(brentq(slope, low, high, xtol=1e-12))
    scale = float((scaled**shape).mean() ** (1 / shape))
    n = times.size
    likelihood = n * (math.log(shape) - shape * math.log(scale)) + (shape - 1) * float(logs.sum()) - n
    likelihood -= n * math.log(float(times.max()))
    return Candidate(Distribution("weibull", (shape, scale * float(times.max()))), "lot", 4 - 2 * likelihood)


def _gamma_pieces(times: npt.NDArray[np.float64], pieces: npt.NDArray[np.float64]) -> Candidate:
    """Each piece takes a gamma time of one shape and scale: a lot of q pieces has q times the shape. For a given shape, the scale
    of greatest likelihood is all time over all shape.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    mean = float(times.sum() / pieces.sum())

    def loss(log_shape: float) -> float:
        shapes = math.exp(log_shape) * pieces
        scale = mean / math.exp(log_shape)
        return -float(((shapes - 1) * np.log(times) - times / scale - gammaln(shapes) - shapes * math.log(scale)).sum())

    found = minimize_scalar(loss, bounds=(-18.0, 8.0), method="bounded", options={"xatol": 1e-9})
    return Candidate(Distribution("gamma", (mean, math.exp(-float(found.x) / 2))), "piece", 4 + 2 * float(found.fun))


def cumulative(
    distribution: Distribution, times: npt.NDArray[np.float64], pieces: npt.NDArray[np.float64] | float = 1.0
) -> Any:
    """The share of lots that a fitted distribution expects to take no longer than each time; `pieces` for a gamma per piece."""
    from scipy.special import gammainc, ndtr

    p = distribution.parameters
    match distribution.kind:
        case "exponential":
            return 1 - np.exp(-times / p[0])
        case "gamma":
            shape = 1 / p[1] ** 2
            return gammainc(shape * pieces, times * shape / p[0])
        case "lognormal":
            variance = math.log1p(p[1] ** 2)
            return ndtr((np.log(times) - math.log(p[0]) + variance / 2) / math.sqrt(variance))
        case "weibull":
            return 1 - np.exp(-((times / p[1]) ** p[0]))
        case _:
            return (times >= p[0] * (1 - _ALIKE)).astype(np.float64)


def _distance(best: Candidate, times: npt.NDArray[np.float64], pieces: npt.NDArray[np.float64]) -> float:
    if best.distribution.kind == "constant":
        return 0.0
    # Each time's own share is uniform if the fit is right, also where lots differ in their pieces.
    shares = np.sort(cumulative(best.distribution, times, pieces if best.per == "piece" else 1.0))
    n = shares.size
    return float(max((np.arange(1, n + 1) / n - shares).max(), (shares - np.arange(n) / n).max()))
