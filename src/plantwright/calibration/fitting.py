"""Fit a distribution to measured times: maximum likelihood, chosen by Akaike's information criterion."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from plantwright.calibration.candidates import (
    Candidate,
    Per,
    exponential,
    gamma,
    gamma_pieces,
    lognormal,
    lognormal_pieces,
    weibull,
)
from plantwright.calibration.goodness import (
    ALIKE,
    anderson_darling,
    censored_gap,
    could_be,
    greatest_gap,
    kaplan_meier,
    shares_of,
)
from plantwright.calibration.likelihood import Floats, Known, log_density, most_likely, theta_of
from plantwright.calibration.mixtures import FEWEST_MIXED, clearly_mixed, fit_mixture
from plantwright.distributions import Distribution

FEWEST = 8
"""Fewer measured times than this do not tell one distribution from another."""

_NO_MATTER = 0.01
"""Rounding is left out of account where its variance is less than this share of that of the logarithms of the times."""

_MANY = 5000
"""Of more times than this, the first guess of a search is made from all, and the search from so many."""

_TOO_COARSE = 0.1
"""Where rounding makes up more than this share of the variance of logarithms, the clock shapes what is seen."""

_FEW_RUNNING = 0.1
_MATTERS = 0.06
"""A greatest gap between measured and fitted shares below this is too small to matter, however sure it is."""

_MOST_VALUES = 200


@dataclass(frozen=True)
class FittedTime:
    """Measured times (seconds, sorted) and the distribution that fits them best.

    ``candidates`` are all that were tried, the one that is taken first. ``bounds`` is how many further times were used of which only bounds are
    known: still running when the log ends, or with an end that was made up. ``distance`` is the greatest distance between the measured
    and the fitted cumulative shares (Kolmogorov and Smirnov's statistic; for a time per piece, over the time divided by its mean).
    ``statistic`` is Anderson and Darling's, and ``close`` says whether it lies below its 5 % limit for a distribution whose parameters
    were fitted (`goodness.could_be`), so that no rank of fits is mistaken for a good one. Where there are bounds, the measured shares are
    Kaplan and Meier's, the statistic is not a number, and ``close`` is whether the distance is below 0.886 / sqrt(measured times)
    (Lilliefors 1967), which is an approximation then.
    """

    distribution: Distribution
    per: Per
    values: tuple[float, ...]
    pieces: tuple[float, ...]
    candidates: tuple[Candidate, ...]
    distance: float
    statistic: float
    close: bool
    bounds: int = 0
    measured: tuple[float, ...] | None = None
    """Kaplan and Meier's shares of times no longer than each of `values`, where there are bounds; else each time is as large a share."""
    known: Known | None = field(default=None, repr=False, compare=False)
    """All that was known of the times."""

    @property
    def name(self) -> str:
        """What the distribution is called."""
        return self.candidates[0].name

    @property
    def words(self) -> str:
        """How well it fits, for a comment in a plant file."""
        first = self.candidates[0]
        if first.mixture is not None:
            return f"{first.mixture}, distance {self.distance:.2f}"
        if first.name == "as measured":
            return f"drawn as measured, for nothing fits (nearest: {self.candidates[1].name})"
        return f"{first.name}, distance {self.distance:.2f}{'' if self.close else ' (not close)'}"


def fit_times(values: Sequence[float], pieces: Sequence[float] | None = None) -> FittedTime:
    """The distribution that measured times, known exactly, most likely come from; as `fit_known` says.

    Parameters
    ----------
    values : sequence of float
        Times in seconds, above zero.
    pieces : sequence of float, optional
        How many pieces each time was for; where they differ, times per piece are tried too.

    Raises
    ------
    ValueError
        Where there are no times, or one is not above zero.
    """
    return fit_known(Known.of(values, pieces))


def fit_known(known: Known) -> FittedTime:
    """The distribution under which all that is known of times is most likely.

    Parameters
    ----------
    known : Known
        Times in seconds: exact, to the minute, or bounds of them.

    Returns
    -------
    FittedTime
        Of exponential, gamma, lognormal and Weibull for the lot, and gamma and lognormal for each piece (a sum of independent gammas of
        one scale is a gamma; one of lognormals is taken for a lognormal of its mean and variance: Fenton 1960), the one of lowest Akaike
        information criterion; a constant, for the lot or each piece, where all times are the same but for 2 % or for their rounding; below `FEWEST` measured times an exponential whose mean is theirs. Where the best of them is not close, for the lot: a
        mixture of two lognormals if that is clearly better by Bayes' information criterion; if still nothing is close, and the misfit is
        large enough to matter, the times as they were measured.

    Raises
    ------
    ValueError
        Where there are no measured times, or one is not above zero.
    """
    times = known.times
    if times.size == 0:
        raise ValueError("no times to fit")
    if not (times > 0).all():
        raise ValueError("a time to fit must be above zero")
    counts = known.pieces[known.measured]
    if _alike(times, np.full_like(times, times.mean()), known) and _holds(known, float(times.mean())):
        found = [Candidate(Distribution.constant(float(times.mean())), "lot", -math.inf)]
    elif (
        _vary(counts)
        and _alike(times, counts * times.sum() / counts.sum(), known)
        and _holds(known, times.sum() / counts.sum(), True)
    ):
        found = [Candidate(Distribution.constant(float(times.sum() / counts.sum())), "piece", -math.inf)]
    elif times.size < FEWEST:
        found = [exponential(times)]
    else:
        found = [exponential(times), gamma(times), lognormal(times), weibull(times)]
        if _vary(counts):
            found += [gamma_pieces(times, counts), lognormal_pieces(times, counts)]
        if not _as_good_as_exact(known):
            found = [_refitted(candidate, known) for candidate in found if math.isfinite(candidate.aic)]
        found = sorted((c for c in found if math.isfinite(c.aic)), key=lambda candidate: candidate.aic)
        return _closer(judged(found, known), known)
    return judged(found, known)


def _holds(known: Known, value: float, per_piece: bool = False) -> bool:
    """Whether times of which only bounds are known could all take a constant time."""
    rest = known.only(~known.measured)
    expected = value * rest.pieces if per_piece else np.full_like(rest.low, value)
    slack = ALIKE * expected
    return bool(((rest.low <= expected + slack) & (rest.high >= expected - slack)).all())


def _alike(times: Floats, expected: Floats, known: Known) -> bool:
    """Whether measured times are as expected but for one part in a hundred, or for what their rounding can be off: the difference of two
    rounded moments is off by their step at most, which is the half width over the root of a half.
    """
    half = ((known.high - known.low) / 2)[known.measured]
    return bool((np.abs(times - expected) <= np.maximum(ALIKE / 2 * expected, math.sqrt(2) * half)).all())


def _vary(counts: Floats) -> bool:
    return bool(counts.max() > counts.min() > 0)


def _closer(single: FittedTime, known: Known) -> FittedTime:
    """A fit that is not close, or a mixture or the measured times in its place."""
    running = int((~known.measured & (known.low > 0)).sum())
    number = len(single.values)
    if single.close or single.per == "piece" or number < FEWEST_MIXED:
        return single
    if running > _FEW_RUNNING * number or _rounding(known) > _TOO_COARSE:
        return single
    first, times = single.candidates[0], np.asarray(single.values)
    if number > _MANY:
        times = times[np.linspace(0, number - 1, _MANY).astype(int)]
    best = single
    mixed = fit_mixture(times)
    if mixed is not None:
        mixture, likelihood = mixed
        parameters = len(first.distribution.parameters)
        on_measured = float(log_density(first.distribution.kind, theta_of(first.distribution), times).sum())
        if clearly_mixed(likelihood, on_measured, times.size, parameters):
            aic = min(first.aic - 2 * (likelihood - on_measured) + 2 * (5 - parameters), first.aic)
            found = Candidate(mixture.sample(), "lot", aic, mixture)
            best = judged([found, *single.candidates], known)
    if best.distance < _MATTERS or not _clearly_off(best):
        return best
    return judged([Candidate(_as_measured(best), "lot", math.nan), *best.candidates], known)


def _clearly_off(fitted: FittedTime) -> bool:
    """Among many fits, some that are right look doubtful; one in a thousand looks so."""
    number = len(fitted.values)
    if math.isnan(fitted.statistic):
        return fitted.distance > 1.3 / math.sqrt(number)
    return not could_be(fitted.candidates[0].law, fitted.statistic, number, limits=2.0)


def _as_measured(fitted: FittedTime) -> Distribution:
    """Measured times, as likely as Kaplan and Meier have them; of many, as many quantiles as tell them, with their mean."""
    values = np.asarray(fitted.values)
    shares = np.arange(1, values.size + 1) / values.size if fitted.measured is None else np.asarray(fitted.measured)
    if fitted.measured is None and values.size <= _MOST_VALUES:
        return Distribution("empirical", (), fitted.values)
    number = min(values.size, _MOST_VALUES)
    weights = np.diff(np.concatenate([[0.0], shares / shares[-1]]))
    drawn = values[
        np.minimum(np.searchsorted(shares / shares[-1], (np.arange(number) + 0.5) / number), values.size - 1)
    ]
    return Distribution("empirical", (), tuple((drawn * ((weights * values).sum() / drawn.mean())).tolist()))


def judged(found: Sequence[Candidate], known: Known) -> FittedTime:
    """The first of the candidates, held against what is known."""
    best = found[0]
    law, times, counts = best.law, known.times, known.pieces[known.measured]
    order = np.argsort(times, kind="stable")
    bounds = int((~known.measured).sum())
    measured: tuple[float, ...] | None = None
    if best.distribution.kind == "constant":
        distance, statistic, close = 0.0, 0.0, True
    elif bounds and best.per == "lot":
        distance, statistic = censored_gap(law, known), math.nan
        measured = tuple(kaplan_meier(known)[1].tolist())
        close = distance <= 0.886 / math.sqrt(times.size)
    else:
        shares = shares_of(law, known, best.per == "piece")
        distance, statistic = greatest_gap(shares), anderson_darling(shares)
        close = could_be(law, statistic, times.size)
    return FittedTime(
        best.distribution, best.per, tuple(times[order].tolist()), tuple(counts[order].tolist()), tuple(found),
        distance, statistic, close, bounds, measured, known,
    )  # fmt: skip


def _as_good_as_exact(known: Known) -> bool:
    return bool(known.measured.all()) and _rounding(known) <= _NO_MATTER


def _rounding(known: Known) -> float:
    """The variance of rounding over that of the measured times, both of logarithms."""
    times, half = known.times, ((known.high - known.low) / 2)[known.measured]
    return float(((half / times) ** 2).mean() / 3 / max(np.log(times).var(), 1e-12))


def _refitted(candidate: Candidate, known: Known) -> Candidate:
    """The candidate's kind, fitted to all that is known; the search begins at its parameters."""
    per_piece = candidate.per == "piece"
    kind = candidate.distribution.kind
    share = 1.0
    if known.low.size > _MANY:
        share = known.low.size / _MANY
        known = known.only(np.isin(np.arange(known.low.size), np.linspace(0, known.low.size - 1, _MANY).astype(int)))
    distribution, likelihood = most_likely(kind, known, candidate.distribution, per_piece)
    return Candidate(distribution, candidate.per, (2 if kind == "exponential" else 4) - 2 * likelihood * share)
