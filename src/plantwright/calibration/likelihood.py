"""How likely what is known of a time is: the time itself, the interval in which it lies, or that it was longer than the log could tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from plantwright.distributions import Distribution, Kind

Floats = npt.NDArray[np.float64]

_LEAST = 1e-300


@dataclass(frozen=True)
class Known:
    """What is known of times, in seconds: each lies between `low` and `high`.

    A time known exactly has both alike; one that was still running when it was last seen has a `high` of infinity. ``pieces`` is how
    many pieces each was for. ``measured`` are the times that were measured, be it to the minute; of the others only bounds are known.
    """

    low: Floats
    high: Floats
    pieces: Floats
    measured: npt.NDArray[np.bool_]

    @staticmethod
    def of(
        values: Sequence[float],
        pieces: Sequence[float] | None = None,
        half_widths: Sequence[float] | None = None,
        longer: Sequence[bool] | None = None,
    ) -> Known:
        """Measured times, each known to within its half width; those that lasted `longer` than was seen are censored."""
        times = np.asarray(values, np.float64)
        widths = np.zeros_like(times) if half_widths is None else np.asarray(half_widths, np.float64)
        counts = np.ones_like(times) if pieces is None else np.asarray(pieces, np.float64)
        beyond = np.zeros(times.shape, bool) if longer is None else np.asarray(longer, bool)
        low = np.where(beyond, times, np.maximum(times - widths, 0.0))
        return Known(low, np.where(beyond, np.inf, times + widths), counts, ~beyond)

    @property
    def exact(self) -> Any:
        """Which times are known exactly."""
        return self.low == self.high

    @property
    def censored(self) -> Any:
        """Which times are only known to be longer than `low`."""
        return np.isinf(self.high)

    def only(self, which: npt.NDArray[np.bool_]) -> Known:
        """Some of the times."""
        return Known(self.low[which], self.high[which], self.pieces[which], self.measured[which])

    @property
    def times(self) -> Any:
        """The measured times, each as the middle of the interval in which it lies."""
        return (self.low[self.measured] + self.high[self.measured]) / 2


def distribution_of(kind: Kind, theta: Floats) -> Distribution:
    """The distribution of a kind whose parameters are the exponentials of `theta`: a mean; a mean and a shape (gamma); a median and a
    standard deviation of the logarithms (lognormal); a scale and a shape (Weibull).
    """
    first = math.exp(theta[0])
    if kind == "exponential":
        return Distribution("exponential", (first,))
    second = math.exp(theta[1])
    if kind == "gamma":
        return Distribution("gamma", (first, 1 / math.sqrt(second)))
    if kind == "weibull":
        return Distribution("weibull", (second, first))
    variance = second**2
    return Distribution(
        "lognormal", (first * math.exp(min(variance, 700.0) / 2), math.sqrt(math.expm1(min(variance, 50.0))))
    )


def theta_of(distribution: Distribution) -> Floats:
    """The logarithms of parameters that `distribution_of` takes."""
    p = distribution.parameters
    if distribution.kind == "exponential":
        return np.log([p[0]])
    if distribution.kind == "gamma":
        return np.log([p[0], 1 / p[1] ** 2])
    if distribution.kind == "weibull":
        return np.log([p[1], p[0]])
    variance = math.log1p(p[1] ** 2)
    return np.array([math.log(p[0]) - variance / 2, math.log(variance) / 2])


def log_density(kind: Kind, theta: Floats, times: Floats, pieces: Floats | float = 1.0) -> Any:
    """Logarithm of the density of each time; the time of several `pieces` has their mean and variance: a gamma is one exactly, a
    lognormal nearly (Fenton 1960).
    """
    from scipy.special import gammaln

    first = math.exp(theta[0])
    if kind == "exponential":
        return -theta[0] - times / first
    second = math.exp(theta[1])
    if kind == "gamma":
        shape, scale = second * pieces, first / second
        return (shape - 1) * np.log(times) - times / scale - gammaln(shape) - shape * math.log(scale)
    if kind == "weibull":
        ratio = np.log(times) - theta[0]
        return theta[1] - theta[0] + (second - 1) * ratio - np.exp(np.minimum(second * ratio, 700.0))
    center, deviation = of_pieces(theta, pieces)
    z = (np.log(times) - center) / deviation
    return -np.log(times) - np.log(deviation) - 0.5 * math.log(2 * math.pi) - z**2 / 2


def of_pieces(theta: Floats, pieces: Floats | float) -> tuple[Any, Any]:
    """Mean and standard deviation of the logarithm of the lognormal time of so many pieces."""
    variance = math.exp(min(2 * theta[1], 6.0))
    summed = np.log1p(math.expm1(variance) / pieces)
    return theta[0] + variance / 2 + np.log(pieces) - summed / 2, np.sqrt(summed)


def log_survival(kind: Kind, theta: Floats, times: Floats, pieces: Floats | float = 1.0) -> Any:
    """Logarithm of the chance that it takes longer than each time."""
    from scipy.special import gammaincc, log_ndtr

    first = math.exp(theta[0])
    if kind == "exponential":
        return -times / first
    second = math.exp(theta[1])
    if kind == "gamma":
        return np.log(np.maximum(gammaincc(second * pieces, times * second / first), _LEAST))
    with np.errstate(divide="ignore"):
        logs = np.log(times)
    if kind == "weibull":
        return -np.exp(np.minimum(second * (logs - theta[0]), 700.0))
    center, deviation = of_pieces(theta, pieces)
    return log_ndtr(-(logs - center) / deviation)


def log_likelihood(kind: Kind, theta: Floats, known: Known, per_piece: bool = False) -> float:
    """Logarithm of the likelihood of all that is known.

    A time known exactly counts by its density, one within an interval by the probability of the interval over its width (so that both
    kinds are of one size), one that outlasted the log by its survival (Lawless 2003, Statistical models and methods for lifetime
    data, section 2.2).
    """
    pieces = known.pieces if per_piece else np.ones_like(known.low)
    exact, censored = known.exact, known.censored
    within = ~(exact | censored)
    total = 0.0
    if exact.any():
        total += float(log_density(kind, theta, known.low[exact], pieces[exact]).sum())
    if censored.any():
        total += float(log_survival(kind, theta, known.low[censored], pieces[censored]).sum())
    if within.any():
        low, high, own = known.low[within], known.high[within], pieces[within]
        beyond, still = log_survival(kind, theta, low, own), log_survival(kind, theta, high, own)
        # log(S(low) - S(high)); where these are too close to be told apart, the density in the middle.
        gap = -np.expm1(np.minimum(still - beyond, 0.0))
        inside = np.where(gap > 1e-9, beyond + np.log(np.maximum(gap, _LEAST)) - np.log(high - low), 0.0)
        if (gap <= 1e-9).any():
            inside = np.where(gap > 1e-9, inside, log_density(kind, theta, (low + high) / 2, own))
        total += float(inside.sum())
    return total


def most_likely(kind: Kind, known: Known, start: Distribution, per_piece: bool = False) -> tuple[Distribution, float]:
    """The distribution of a kind under which what is known is most likely, and the logarithm of that likelihood.

    The search begins at `start`. Where the likelihood has no greatest value, the distribution is the best within reach of a factor of
    e^6 of the first guess, and the likelihood minus infinity.
    """
    from scipy.optimize import minimize

    begin = theta_of(start)
    bounds = [(value - 6.0, value + 6.0) for value in begin]

    def loss(theta: Floats) -> float:
        value = -log_likelihood(kind, theta, known, per_piece)
        return value if math.isfinite(value) else 1e12

    with np.errstate(all="ignore"):
        found = minimize(loss, begin, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-11, "gtol": 1e-6})
        if not found.success:
            found = minimize(loss, begin, method="Nelder-Mead", bounds=bounds, options={"xatol": 1e-7, "fatol": 1e-9})
    at_bound = any(min(x - low, high - x) < 1e-3 for x, (low, high) in zip(found.x, bounds, strict=True))
    return distribution_of(kind, found.x), -math.inf if at_bound else -float(found.fun)
