"""Times of two kinds in one: a mixture of two lognormal distributions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from plantwright.calibration.likelihood import Floats
from plantwright.distributions import Distribution
from plantwright.units import show_duration

FEWEST_MIXED = 40
"""Fewer times than this do not show two kinds."""

_FEWEST_EACH = 10
_STRONG = 10.0
"""A difference of Bayes' criterion that is very strong evidence (Kass and Raftery 1995, Bayes factors)."""

_LEAST_SPREAD = 0.1
_QUANTILES = 200
_STEPS = 300
_MOST_POINTS = 500
"""Of more times than this, so many quantiles stand for all while the mixture is sought; how likely it is, all tell."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Two lognormal distributions, each with its share, the mean and the standard deviation of its logarithms; the shorter first."""

    shares: tuple[float, float]
    means: tuple[float, float]
    deviations: tuple[float, float]

    def cumulative(self, times: Floats) -> Any:
        """The share that takes no longer than each time."""
        from scipy.special import ndtr

        with np.errstate(divide="ignore"):
            logs = np.log(times)
        return sum(
            share * ndtr((logs - mean) / deviation)
            for share, mean, deviation in zip(self.shares, self.means, self.deviations, strict=True)
        )

    @property
    def parts(self) -> tuple[Distribution, Distribution]:
        """The two distributions."""
        made = [
            Distribution("lognormal", (math.exp(mean + deviation**2 / 2), math.sqrt(math.expm1(deviation**2))))
            for mean, deviation in zip(self.means, self.deviations, strict=True)
        ]
        return made[0], made[1]

    @property
    def mean(self) -> float:
        """Its expected value."""
        return sum(share * part.mean for share, part in zip(self.shares, self.parts, strict=True))

    def sample(self) -> Distribution:
        """Two hundred equally likely values that stand for it in a plant file, which has no word for mixtures: its quantiles, with its mean."""
        wanted = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
        reach = [m + side * 5 * d for m, d in zip(self.means, self.deviations, strict=True) for side in (-1, 1)]
        grid = np.exp(np.linspace(min(reach), max(reach), 20_001))
        values = np.interp(wanted, self.cumulative(grid), grid)
        return Distribution("empirical", (), tuple((values * self.mean / values.mean()).tolist()))

    def __str__(self) -> str:
        kinds = [
            f"{100 * share:.0f} % lognormal {show_duration(part.mean)} cv {part.cv:.2g}"
            for share, part in zip(self.shares, self.parts, strict=True)
        ]
        return f"two kinds: {kinds[0]}, {kinds[1]}"


def fit_mixture(times: Floats) -> tuple[Mixture, float] | None:
    """The mixture of two lognormals of greatest likelihood and the logarithm of that (Dempster, Laird and Rubin 1977: expectation and
    maximisation, from three first guesses). No part is narrower than a tenth of the whole, for the likelihood of a part on a
    single time has no limit. None where a part would hold fewer than ten times.
    """
    logs = np.sort(np.log(times))
    least = _LEAST_SPREAD * float(logs.std())
    if logs.size < FEWEST_MIXED or least <= 0:
        return None
    points = logs if logs.size <= _MOST_POINTS else np.quantile(logs, (np.arange(_MOST_POINTS) + 0.5) / _MOST_POINTS)
    shares, means, deviations = _climb(points, [int(split * points.size) for split in (0.25, 0.5, 0.75)], least)
    if min(shares) * logs.size < _FEWEST_EACH:
        return None
    first, second = np.argsort(means).tolist()
    mixture = Mixture(
        (float(shares[first]), float(shares[second])),
        (float(means[first]), float(means[second])),
        (float(deviations[first]), float(deviations[second])),
    )
    likelihood = np.log(np.maximum(_densities(logs, shares, means, deviations).sum(axis=0), 1e-300)).sum()
    return mixture, float(likelihood - logs.sum())


def _densities(logs: Floats, shares: Floats, means: Floats, deviations: Floats) -> Floats:
    """The density of each logarithm (the last axis) in each part, times the share of the part."""
    z = (logs - means[..., None]) / deviations[..., None]
    return np.asarray((shares / (deviations * math.sqrt(2 * math.pi)))[..., None] * np.exp(-(z**2) / 2))


def _climb(logs: Floats, cuts: Sequence[int], least: float) -> tuple[Floats, Floats, Floats]:
    """Expectation and maximisation on sorted logarithms, from several first guesses at once: the shortest so many begin as one part. The
    shares, means and deviations of the one that comes highest.
    """
    halves = [(logs[:cut], logs[cut:]) for cut in cuts]
    shares = np.array([[half.size for half in pair] for pair in halves]) / logs.size
    means = np.array([[half.mean() for half in pair] for pair in halves])
    deviations = np.maximum([[half.std() for half in pair] for pair in halves], least)
    found = np.full(len(cuts), -math.inf)
    going = np.arange(len(cuts))
    for _ in range(_STEPS):
        density = _densities(logs, shares[going], means[going], deviations[going])
        whole = np.maximum(density.sum(axis=1), 1e-300)
        likelihood = np.log(whole).sum(axis=1)
        on = likelihood - found[going] >= 1e-7 * logs.size
        found[going] = likelihood
        if not on.any():
            break
        going = going[on]
        part = density[on] / whole[on][:, None]
        weight = np.maximum(part.sum(axis=2), 1e-9)
        shares[going], means[going] = weight / logs.size, part @ logs / weight
        squares = (part * (logs - means[going][..., None]) ** 2).sum(axis=2)
        deviations[going] = np.maximum(np.sqrt(squares / weight), least)
    best = int(found.argmax())
    return shares[best], means[best], deviations[best]


def clearly_mixed(likelihood: float, single: float, number: int, parameters: int = 2) -> bool:
    """Whether a mixture is so much more likely than a single distribution that its further parameters pay: by more than ten in Bayes'
    information criterion.
    """
    return 2 * (likelihood - single) - (5 - parameters) * math.log(number) > _STRONG
