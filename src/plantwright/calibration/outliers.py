"""Times so far beyond all others that no law of the others explains them: a digit too many, a night without clocking out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from plantwright.calibration.candidates import (
    Candidate,
    exponential,
    gamma,
    gamma_pieces,
    lognormal,
    lognormal_pieces,
    weibull,
)
from plantwright.calibration.fitting import FEWEST
from plantwright.calibration.goodness import ALIKE, anderson_darling, could_be, shares_of
from plantwright.calibration.likelihood import Floats, Known, of_pieces, theta_of

ONCE_IN = 10_000
"""The greatest of honest times is as far beyond the others once in so many logs."""

LEAST_RATIO = 3.0
"""A time that is shorter than this times the median is left out in no case."""

MANY = 30
LEAST_OF_FEW = 10.0
"""Among fewer than `MANY`, a longer kind of times may have come once; so there a time is left out only beyond this times the longest other."""

MOST_LEFT_OUT = 0.03
"""Where more than this share of times (and more than one) would have to be left out, they are a kind of times of their own, and stay."""

_FAR_BEHIND = 10.0
_MOST_POINTS = 1000
_STANDARD_ERRORS = 2.0

Tail = Callable[[float, float], float]


def far_beyond(times: Sequence[float], pieces: Sequence[float] | None = None) -> list[int]:
    """The places of times that are left out of a fit because they are too long to be of the law of the others.

    Parameters
    ----------
    times : sequence of float
        Measured times, above zero; nothing is left out of fewer than `FEWEST`.
    pieces : sequence of float, optional
        How many pieces each was for.

    Returns
    -------
    list of int
        The longest times, as many as the largest number k for which the k-th longest lies where, by the law of all shorter ones, the longest of
        so many times would lie less than once in `ONCE_IN` logs: Rosner's generalized test (1983, Percentage points for a generalized ESD
        many-outlier procedure), from the inside out, so that blunders do not hide each other. Rosner's law is the normal one (here of logarithms, with
        Student's distribution for a further value, which makes it the same test); here it is whichever of exponential, gamma, lognormal and Weibull (by
        lot, and by piece where these differ) makes the time least strange, of those whose Akaike criterion is at most 10 behind the best, and the
        lognormal too where the best is clearly off. Only times of `LEAST_RATIO` times the median or more are looked at (among few, see `LEAST_OF_FEW`); short ones, which
        hardly move a mean, never.
    """
    x = np.asarray(times, np.float64)
    counts = np.ones_like(x) if pieces is None else np.asarray(pieces, np.float64)
    if x.size < FEWEST:
        return []
    counts = np.where(counts > 0, counts, 1.0)
    vary = bool(counts.max() > counts.min())
    per_piece = vary and float(np.log(x / counts).std()) < float(np.log(x).std())
    order = np.argsort(-(x / counts) if per_piece else -x, kind="stable")
    x, counts = x[order], counts[order]
    most = max(1, math.floor(MOST_LEFT_OUT * x.size)) + 1
    sized = x / counts if per_piece else x
    most = min(most, x.size - FEWEST + 1, int((sized >= LEAST_RATIO * np.median(sized)).sum()))
    limit = 1 / ONCE_IN
    for number in range(most, 0, -1):
        others, own = slice(number, None), number - 1
        if x.size < MANY and sized[own] < LEAST_OF_FEW * sized[number]:
            continue
        chance = (x.size - own) * _chance(x[others], counts[others], float(x[own]), float(counts[own]), vary)
        if chance < limit:
            return [] if number > max(1, math.floor(MOST_LEFT_OUT * x.size)) else sorted(order[:number].tolist())
    return []


def _chance(others: Floats, counts: Floats, time: float, pieces: float, vary: bool) -> float:
    """The chance that a further time is so long, by the law of the others that makes it most likely."""
    if others.size > _MOST_POINTS:
        some = np.linspace(0, others.size - 1, _MOST_POINTS).astype(int)
        others, counts = others[some], counts[some]
    as_lognormal = _student(math.log(time), np.log(others))
    if float(others.max() - others.min()) <= ALIKE * float(others.mean()):
        return as_lognormal
    found = [exponential(others), gamma(others), lognormal(others), weibull(others)]
    if vary:
        found += [gamma_pieces(others, counts), lognormal_pieces(others, counts)]
    found = sorted((one for one in found if math.isfinite(one.aic)), key=lambda one: one.aic)
    best = found[0]
    shares = shares_of(best.law, Known.of(others.tolist(), counts.tolist()), best.per == "piece")
    clear = could_be(best.law, anderson_darling(shares), others.size, limits=2.0)
    chances = [
        as_lognormal if one.name == "lognormal" and one.per == "lot" else _beyond(one, others, time, pieces)
        for one in found
        if one.aic - best.aic <= _FAR_BEHIND
    ]
    return max(chances) if clear else max(as_lognormal, *chances)


def _student(value: float, others: Floats) -> float:
    """The chance that a further normal value is so large, with Student's distribution; times that are alike are so to `ALIKE`."""
    from scipy.special import stdtr

    m = others.size
    spread = max(float(others.std(ddof=1)), ALIKE) * math.sqrt(1 + 1 / m)
    return float(stdtr(m - 1, -(value - float(others.mean())) / spread))


def _beyond(fitted: Candidate, others: Floats, time: float, pieces: float) -> float:
    """The chance that a further time is so long by a fitted law; its shape is taken two standard errors towards a longer tail."""
    from scipy.special import gammaincc, stdtr

    m = others.size
    p = fitted.distribution.parameters
    lenient = math.exp(-_STANDARD_ERRORS * math.sqrt(2 / m)) * (m - 3) / m
    if fitted.distribution.kind == "lognormal":  # by piece
        center, deviation = of_pieces(theta_of(fitted.distribution), pieces)
        return float(stdtr(m - 1, -(math.log(time) - float(center)) / (float(deviation) * math.sqrt(m / (m - 2)))))
    if fitted.distribution.kind == "gamma":
        shape = lenient / p[1] ** 2
        size = pieces if fitted.per == "piece" else 1.0
        return float(gammaincc(shape * size, time * shape / p[0]))
    shape = 1.0
    if fitted.distribution.kind == "weibull":
        # The standard error of the logarithm of a Weibull shape is sqrt(6) / pi / sqrt(m) (Lawless 2003, section 5.2).
        shape = p[0] * math.exp(-_STANDARD_ERRORS * 0.78 / math.sqrt(m)) * (m - 1.4) / m
    # Powers of Weibull times are exponential; a further exponential time is so long with this chance, its mean known from m.
    ratio = time**shape / float((others**shape).mean())
    return float((1 + ratio / m) ** -m)
