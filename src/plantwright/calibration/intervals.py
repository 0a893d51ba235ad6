"""How little measured times tell of their law: errors of its mean and of its coefficient of variation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plantwright.calibration.candidates import Candidate
from plantwright.calibration.likelihood import Floats, Known, distribution_of, log_likelihood, theta_of

if TYPE_CHECKING:
    from plantwright.calibration.fitting import FittedTime

_STEP = 1e-3
_FAR_BEHIND = 10.0
_MANY = 2000
_FEWEST_ALIKE = 3
_FEWNESS = 1.25
"""By so much over the number of times, the greatest likelihood has the logarithm of the spread too small: by 1 for a lognormal (the
logarithm of a chi-square), by 1.5 for a gamma (its shape is n / (n - 3) too large; Johnson, Kotz and Balakrishnan 1994, 17.7.2).
"""
_MOST = 10.0


@dataclass(frozen=True)
class Told:
    """A positive number that data tell: the logarithm of its estimate, the standard error of that, and its degrees of freedom."""

    log: float
    error: float
    freedom: float

    @property
    def value(self) -> float:
        """The estimate."""
        return math.exp(self.log)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Where the true number lies: Student's interval, of the logarithm."""
        from scipy.special import stdtrit

        away = min(_MOST, float(stdtrit(max(1.0, self.freedom), (1 + level) / 2)) * self.error)
        return math.exp(self.log - away), math.exp(self.log + away)


def mean_and_cv(fitted: FittedTime) -> tuple[Told, Told | None]:
    """What the times that were fitted tell of the mean of their law, and of its coefficient of variation (None for a constant).

    Notes
    -----
    Every distribution that was tried has its errors from the observed information by the delta method; they are averaged with Akaike's
    weights, with what their estimates differ by (Buckland, Burnham and Augustin 1997, Model selection: an integral part of inference).
    Where the times are drawn as measured, or as a mixture, the errors are those of moments (Cramer 1946, section 27.7).
    """
    known = fitted.known
    assert known is not None
    freedom = float(max(1, len(fitted.values) - 1))
    first = fitted.candidates[0]
    if first.distribution.kind == "constant":
        return _of_constant(fitted, known), None
    if first.mixture is not None or first.distribution.kind == "empirical":
        mean, cv = _of_moments(known.times)
        return Told(math.log(first.distribution.mean), mean, freedom), Told(
            math.log(first.distribution.cv), cv, freedom
        )
    share = max(1.0, known.low.size / _MANY)
    if share > 1:
        known = known.only(np.isin(np.arange(known.low.size), np.linspace(0, known.low.size - 1, _MANY).astype(int)))
    best = min(candidate.aic for candidate in fitted.candidates if not math.isnan(candidate.aic))
    tried = [c for c in fitted.candidates if c.per == first.per and c.aic - best < _FAR_BEHIND and c.mixture is None]
    found = [(math.exp(-(c.aic - best) / 2), *told) for c in tried if (told := _of_candidate(c, known)) is not None]
    # An exponential is a gamma whose spread is not asked for: where that is, it would be too sure.
    spread = [row for row in found if row[4] > 0]
    found = spread or found
    if not found:
        mean, cv = _of_moments(known.times)
        return Told(math.log(first.distribution.mean), mean, freedom), Told(
            math.log(first.distribution.cv), cv, freedom
        )
    weights = np.array([row[0] for row in found])
    weights /= weights.sum()
    made = []
    fewness = _FEWNESS / len(fitted.values)
    for at in (1, 3):
        logs, errors = (np.array([row[at + k] for row in found]) for k in (0, 1))
        center = float(weights @ logs)
        error = float(weights @ np.sqrt(errors**2 / share + (logs - center) ** 2))
        made.append(Told(center, error * math.exp(fewness), freedom))
    return made[0], Told(made[1].log + fewness, made[1].error, freedom)


def _of_candidate(candidate: Candidate, known: Known) -> tuple[float, float, float, float] | None:
    """Logarithms of mean and coefficient of variation, each with its standard error."""
    kind, per_piece = candidate.distribution.kind, candidate.per == "piece"
    theta = theta_of(candidate.distribution)
    size = theta.size

    def at(change: Floats) -> float:
        return log_likelihood(kind, theta + change, known, per_piece)

    ways = np.eye(size) * _STEP
    information = np.array(
        [[-(at(a + b) - at(a - b) - at(b - a) + at(-a - b)) / (4 * _STEP**2) for b in ways] for a in ways]
    )
    try:
        covariance = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return None
    made: list[float] = []
    for of in (_log_mean, _log_cv):
        slope = np.array([(of(kind, theta + way) - of(kind, theta - way)) / (2 * _STEP) for way in ways])
        variance = float(slope @ covariance @ slope)
        if not variance >= 0:
            return None
        made += [of(kind, theta), math.sqrt(variance)]
    return made[0], made[1], made[2], made[3]


def _log_mean(kind: str, theta: Floats) -> float:
    return math.log(distribution_of(kind, theta).mean)  # type: ignore[arg-type]


def _log_cv(kind: str, theta: Floats) -> float:
    return math.log(distribution_of(kind, theta).cv)  # type: ignore[arg-type]


def _of_moments(times: Floats) -> tuple[float, float]:
    """Standard errors of the logarithms of the mean and of the coefficient of variation of a sample."""
    mean, deviation = float(times.mean()), float(times.std())
    tells = ((times - mean) ** 2 / deviation**2 - 1) / 2 - (times - mean) / mean
    return deviation / mean / math.sqrt(times.size), float(tells.std()) / math.sqrt(times.size)


def _of_constant(fitted: FittedTime, known: Known) -> Told:
    """What is left of the differences of times that are alike; and all that rounding may hide, for constant times that begin at one moment
    of the day are all rounded alike.
    """
    times, value = known.times, fitted.distribution.mean
    if times.size < _FEWEST_ALIKE:
        # That one or two times are alike does not make a constant: they may be of any law.
        return Told(math.log(value), 1 / math.sqrt(times.size), 1.0)
    pieces = known.pieces[known.measured] if fitted.per == "piece" else np.ones_like(times)
    off = math.sqrt(0.5) * (known.high - known.low)[known.measured]
    low, high = float(((times - off) / pieces).max()), float(((times + off) / pieces).min())
    spread = math.sqrt(float(((times - value * pieces) ** 2).sum()) * times.size / max(1, times.size - 1))
    error = spread / float(times.sum())
    if low < high:
        error = max(error, (high - low) / 2 / 1.96 / value)
        value = (low + high) / 2
    return Told(math.log(value), error, float(times.size - 1))
