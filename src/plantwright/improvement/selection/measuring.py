"""What it would be worth to know a number of the plant better before choosing.

The value of information: M. Strong, J. E. Oakley and A. Brennan (2014): Estimating multiparameter partial expected value of perfect information from
a probabilistic sensitivity analysis sample, Medical Decision Making 34, 311-326; and of readings H. Jalal and F. Alarid-Escudero (2018): A Gaussian
approximation approach for value of information analysis, ibid. 38, 174-188.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plantwright.improvement.selection.table import Floats

DEGREES = 3
NODES = 12
"""Points over which what readings leave open is averaged."""
LOW, HIGH = 0.02, 0.98
"""A number that turns out low or high: these quantiles of what it may be. Nearer the middle, what only an end would change is not seen."""


@dataclass(frozen=True)
class Worth:
    """What knowing one number is worth, in the unit of the values.

    Attributes
    ----------
    perfect : float
        Expected gain by choosing when it is known exactly.
    readings : float
        Expected gain by choosing after so many readings; the same as `perfect` where nothing is said of them.
    now : int
        The alternative that is chosen now.
    if_low, if_high : int
        Those that are chosen if it turns out at the tenth lowest and tenth highest of a hundred.
    """

    perfect: float
    readings: float
    now: int
    if_low: int
    if_high: int


def worth_of_knowing(
    number: npt.ArrayLike,
    values: Floats,
    *,
    spread: float | None = None,
    readings: int = 30,
    likely: npt.ArrayLike | None = None,
) -> Worth:
    """The worth of knowing one uncertain number.

    Parameters
    ----------
    number : array, one for each replication
        What the number was in it.
    values : array, replications x alternatives
        More being better; doing nothing is a column of zeros, if it may be chosen.
    spread : float, optional
        Standard deviation of one reading of the number.
    readings : int
        How many.
    likely : array, optional
        More draws of the number, over which the gain is averaged; those of the replications where None.

    Notes
    -----
    What each alternative brings given the number is a polynomial of up to the third degree, of which the extended Bayesian criterion keeps what is surely
    there (J. Chen and Z. Chen 2008, Biometrika 95, 759-771: the more alternatives, the less is believed). After m readings the number is expected at
    ``mean + v / (v + spread**2 / m)`` of the way to theirs, v its variance, and lies normally around it.
    """
    known, made = np.asarray(number, float), np.asarray(values, float)
    mean, deviation = float(known.mean()), float(known.std(ddof=1))
    means = made.mean(axis=0)
    now = int(np.argmax(means))
    if deviation <= 1e-12 * max(abs(mean), 1e-300):
        return Worth(0.0, 0.0, now, now, now)
    coefficients = _fitted((known - mean) / deviation, made)
    at = (np.asarray(known if likely is None else likely, float) - mean) / deviation
    told = 1.0 if spread is None else 1 / (1 + (spread / deviation) ** 2 / max(1, readings))
    after = _expected(coefficients, math.sqrt(told) * at, 1 - told)
    ends = _expected(coefficients, np.quantile(at, (LOW, HIGH)), 0.0).argmax(axis=1)
    return Worth(
        perfect=_gain(_expected(coefficients, at, 0.0)),
        readings=_gain(after),
        now=now,
        if_low=int(ends[0]),
        if_high=int(ends[1]),
    )


def _gain(expected: Floats) -> float:
    """Choosing for each case less choosing once for all; draws x alternatives."""
    gain = float(expected.max(axis=1).mean() - expected.mean(axis=0).max())
    return gain if gain > 1e-9 * float(np.abs(expected).max()) else 0.0


def _fitted(x: Floats, values: Floats) -> Floats:
    """Coefficients of the polynomials (degrees x alternatives), those that are not surely there at 0."""
    n, k = values.shape
    out = np.zeros((DEGREES + 1, k))
    lowest = np.full(k, np.inf)
    for degree in range(min(DEGREES, max(0, (n - 3) // 4)) + 1):
        powers = x[:, None] ** np.arange(degree + 1)
        found = np.linalg.lstsq(powers, values, rcond=None)[0]
        left = np.maximum(((values - powers @ found) ** 2).sum(axis=0), 1e-24 * (values**2).sum(axis=0) + 1e-300)
        criterion = n * np.log(left / n) + degree * (math.log(n) + 2 * math.log(max(2, k)))
        better = criterion < lowest
        lowest[better] = criterion[better]
        out[:, better] = 0.0
        out[: degree + 1, better] = found[:, better]
    return out


def _expected(coefficients: Floats, at: Floats, left: float) -> Floats:
    """Values expected (points x alternatives) where the number is normal around `at` with variance `left`."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    powers = (at[:, None] + math.sqrt(max(0.0, left)) * nodes)[:, :, None] ** np.arange(len(coefficients))
    moments = (powers * (weights / weights.sum())[:, None]).sum(axis=1)
    expected: Floats = moments @ coefficients
    return expected
