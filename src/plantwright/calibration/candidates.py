"""The distributions that measured times are fitted with, each with its parameters of greatest likelihood where times are known exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from plantwright.calibration.likelihood import Floats, Known, most_likely
from plantwright.calibration.mixtures import Mixture
from plantwright.distributions import Distribution

_MOST_SPREAD = 3.0

Per = Literal["piece", "lot"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One distribution with the parameters of greatest likelihood; `aic` is twice its parameters less twice its log-likelihood.

    ``per`` is what a draw is for: a lot, or each piece of it (then the lot's time is the sum of its pieces' draws). A ``mixture`` is drawn
    from its quantiles, which are `distribution` then; measured times that are drawn as they are have no `aic` (not a number).
    """

    distribution: Distribution
    per: Per
    aic: float
    mixture: Mixture | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        if self.mixture is not None:
            return "two lognormals"
        return "as measured" if self.distribution.kind == "empirical" else self.distribution.kind

    @property
    def law(self) -> Distribution | Mixture:
        """What its cumulative shares come from."""
        return self.mixture or self.distribution


def exponential(times: Floats) -> Candidate:
    """The exponential distribution of greatest likelihood: of the mean of the times."""
    mean = float(times.mean())
    return Candidate(Distribution("exponential", (mean,)), "lot", 2 + 2 * times.size * (math.log(mean) + 1))


def gamma(times: Floats) -> Candidate:
    """Shape by Newton's steps on log(shape) - digamma(shape) = log(mean) - mean(log) (Minka 2002)."""
    from scipy.special import digamma, gammaln, polygamma

    mean, gap = float(times.mean()), float(math.log(times.mean()) - np.log(times).mean())
    if gap < 1e-12:
        return Candidate(Distribution("gamma", (mean, 1e-6)), "lot", math.inf)
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


def lognormal(times: Floats) -> Candidate:
    """The lognormal distribution of greatest likelihood: of the mean and the variance of the logarithms."""
    logs = np.log(times)
    mu, variance = float(logs.mean()), float(logs.var())
    likelihood = -times.size * (mu + 0.5 * math.log(2 * math.pi * variance) + 0.5)
    spread = Distribution("lognormal", (math.exp(mu + variance / 2), math.sqrt(math.expm1(min(variance, 50.0)))))
    return Candidate(spread, "lot", 4 - 2 * likelihood)


def weibull(times: Floats) -> Candidate:
    """Shape by the root of the slope of the likelihood, which falls steadily; the scale follows (Lawless 2003, section 5.2)."""
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


def gamma_pieces(times: Floats, pieces: Floats) -> Candidate:
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


def lognormal_pieces(times: Floats, pieces: Floats) -> Candidate:
    """Each piece takes a lognormal time. Their sum is taken for a lognormal of its own mean and variance (Fenton 1960, The sum of
    log-normal probability distributions in scatter transmission systems).
    """
    mean = float(times.sum() / pieces.sum())
    rest = (times - mean * pieces) / np.sqrt(pieces)
    start = Distribution("lognormal", (mean, min(5.0, max(0.02, float(np.sqrt((rest**2).mean())) / mean))))
    best, likelihood = most_likely("lognormal", Known.of(times.tolist(), pieces.tolist()), start, per_piece=True)
    # A longer tail than that is told by few lots, and would make up most of the hours.
    return Candidate(best, "piece", 4 - 2 * likelihood if best.parameters[1] < _MOST_SPREAD else math.inf)
