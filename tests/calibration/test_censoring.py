"""Times of which only bounds are known: held against SciPy's fits of censored data and against the truth that logs were drawn from."""

from __future__ import annotations

import math
import os

import numpy as np
import pytest
from scipy import stats

from plantwright.calibration.fitting import fit_known, fit_times
from plantwright.calibration.goodness import anderson_darling, could_be, kaplan_meier, shares_of
from plantwright.calibration.knowing import half_width
from plantwright.calibration.likelihood import Known, log_likelihood, most_likely, theta_of
from plantwright.calibration.stops import fit_gaps, log_mean_variance
from plantwright.distributions import Distribution
from tests.calibration.test_fitting import frozen

PART = 1 if "PLANTWRIGHT_STUDIES" in os.environ else 5
"""A part of each study is run where studies are not run whole; its limits are wider by the square root of it."""

SCIPY = {"exponential": stats.expon, "gamma": stats.gamma, "lognormal": stats.lognorm, "weibull": stats.weibull_min}
START = {
    "exponential": (60.0,), "gamma": (60.0, 1.0), "lognormal": (60.0, 1.0), "weibull": (1.0, 60.0),
}  # fmt: skip


def mixed(seed: int) -> tuple[Known, stats.CensoredData]:
    """Sixty times of 80 min on average: twenty exact, twenty to the ten minutes, twenty watched for an hour."""
    times = stats.weibull_min(1.6, scale=90.0).rvs(60, random_state=np.random.default_rng(seed))
    low, high = times.copy(), times.copy()
    low[20:40] = np.floor(times[20:40] / 10) * 10
    high[20:40] = low[20:40] + 10
    low[40:] = np.minimum(times[40:], 60)
    high[40:] = np.where(times[40:] > 60, np.inf, times[40:])
    theirs = stats.CensoredData(
        uncensored=low[low == high], right=low[np.isinf(high)], interval=np.column_stack([low, high])[20:40]
    )
    return Known(low, high, np.ones(60), low == high), theirs


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # SciPy's search tries a lognormal of no spread
@pytest.mark.parametrize("kind", SCIPY)
@pytest.mark.parametrize("seed", [1, 2])
def test_fits_of_censored_and_rounded_times_are_scipys(kind: str, seed: int) -> None:
    known, theirs = mixed(seed)
    found, likelihood = most_likely(kind, known, Distribution(kind, START[kind]))  # type: ignore[arg-type]
    parameters = SCIPY[kind].fit(theirs, floc=0)
    assert frozen(found).ppf([0.1, 0.5, 0.9]) == pytest.approx(SCIPY[kind](*parameters).ppf([0.1, 0.5, 0.9]), rel=2e-3)
    # SciPy counts an interval by its probability, not by the probability over its width of ten.
    assert likelihood == pytest.approx(
        -SCIPY[kind].nnlf(parameters, known.low[known.exact])
        + SCIPY[kind](*parameters).logsf(known.low[known.censored]).sum()
        + np.log(np.diff(SCIPY[kind](*parameters).cdf(np.column_stack([known.low, known.high])[20:40]), axis=1)).sum()
        - 20 * math.log(10),
        abs=1e-3,
    )


def test_kaplan_and_meiers_shares_are_scipys() -> None:
    known, _ = mixed(3)
    known = known.only(np.r_[0:20, 40:60])
    theirs = stats.ecdf(stats.CensoredData(uncensored=known.low[known.exact], right=known.low[known.censored])).cdf
    times, shares = kaplan_meier(known)
    assert times == pytest.approx(theirs.quantiles[np.isin(theirs.quantiles, times)])
    assert shares == pytest.approx(theirs.evaluate(times))


@pytest.mark.study
def test_new_machines_watched_for_a_while() -> None:
    """Weibull 1.5, 100 h; 30 new machines, each watched for 100 h: E[T] = 100 h Gamma(1 + 1 / 1.5) = 90.27 h, and 37 % outlast the
    watch. The mean of the failures seen is 42 % too short. Ours is within 5 % on average over 1,000 such logs.
    """
    chance = np.random.default_rng(2026)
    truth = 100 * math.gamma(1 + 1 / 1.5)
    ours, naive, outlast = [], [], []
    for _ in range(1000 // PART):
        times = 100 * chance.weibull(1.5, 30)
        seen = times[times <= 100]
        found = fit_gaps(seen.tolist(), [100.0] * int((times > 100).sum()))
        ours.append(found.distribution.mean / truth)
        naive.append(seen.mean() / truth)
        outlast.append((times > 100).mean())
    assert np.mean(outlast) == pytest.approx(math.exp(-1), abs=0.01 * math.sqrt(PART))
    assert np.mean(naive) == pytest.approx(0.58, abs=0.01 * math.sqrt(PART))
    assert abs(np.mean(ours) - 1) < 0.05
    assert abs(np.median(ours) - 1) < 0.05


def test_the_variance_of_a_log_mean_is_that_of_repeated_logs() -> None:
    """The delta method's standard error against the scatter of 300 estimates from 200 machines each."""
    chance = np.random.default_rng(4)
    logs, variances = [], []
    for _ in range(300):
        times = 100 * chance.weibull(1.5, 200)
        known = Known.of(np.minimum(times, 100.0).tolist(), longer=(times > 100).tolist())
        best, _ = most_likely("weibull", known, Distribution("weibull", (1.0, 100.0)))
        logs.append(math.log(best.mean))
        variances.append(log_mean_variance(best, known))
    # The standard error of a standard deviation is 1 / sqrt(2 * 300) = 4 % of it.
    assert math.sqrt(np.mean(variances)) == pytest.approx(np.std(logs), rel=0.16)


def test_an_exponential_is_said_where_it_says_the_same() -> None:
    """Its mean is all time over all failures."""
    times = stats.expon(scale=40.0).ppf((np.arange(400) + 0.5) / 400)
    found = fit_gaps(times[times < 60].tolist(), [60.0] * int((times >= 60).sum()))
    assert found.distribution.kind == "exponential"
    assert found.distribution.mean == pytest.approx(np.minimum(times, 60).sum() / (times < 60).sum())
    assert found.bounds == (times >= 60).sum()


def minute_log(truth: stats.rv_continuous, number: int, seed: int) -> Known:
    """Jobs that begin at any moment; begin and end are written down to the minute, as a clock shows it; those of none are not seen."""
    chance = np.random.default_rng(seed)
    start = chance.uniform(0, 1e6, number)
    end = start + truth.rvs(number, random_state=chance)
    written = np.floor(end / 60) * 60 - np.floor(start / 60) * 60
    return Known.of(written[written > 0].tolist(), half_widths=[half_width(60.0, 1)] * int((written > 0).sum()))


def test_minutes_do_not_widen_short_times() -> None:
    """Gamma of 4 min, cv 0.2. A pair of clock readings adds 60^2 / 6 to the variance, cv 0.225 in all; the fit takes it off again."""
    known = minute_log(stats.gamma(25.0, scale=240 / 25), 20_000, 5)
    as_read = fit_times(known.times.tolist())
    assert as_read.distribution.cv == pytest.approx(math.hypot(0.2, 60 / math.sqrt(6) / 240), rel=0.02)
    found = fit_known(known)
    # The standard error of the cv is 0.5 % of it.
    assert found.distribution.cv == pytest.approx(0.2, rel=0.02)
    assert found.distribution.mean == pytest.approx(240, rel=0.01)
    assert found.distribution.kind in ("gamma", "lognormal")


def test_a_coarse_clock_is_no_misfit() -> None:
    """Times to the quarter of an hour fall on a dozen values; the gap is measured between, not at, them."""
    times = stats.gamma(4.0, scale=1200).rvs(300, random_state=np.random.default_rng(9))
    low = np.floor(times / 900) * 900
    known = Known(low, low + 900, np.ones(300), np.ones(300, bool))
    found = fit_known(known)
    assert found.close
    assert found.distribution.mean == pytest.approx(4800, rel=4 * 0.5 / math.sqrt(300))
    assert not could_be(
        found.distribution, anderson_darling(shares_of(found.distribution, Known.of(low + 450.0), False)), 300
    )


@pytest.mark.study
@pytest.mark.parametrize("kind", SCIPY)
def test_a_right_kind_is_doubted_once_in_twenty(kind: str) -> None:
    """The limit of Anderson and Darling's statistic, of 60 times each; SciPy's own gives the statistic."""
    draws = {
        "exponential": stats.expon(scale=60), "gamma": stats.gamma(3.0, scale=20), "lognormal": stats.lognorm(0.7, scale=50),
        "weibull": stats.weibull_min(1.7, scale=60),
    }  # fmt: skip
    chance = np.random.default_rng(6)
    number = 2000 // PART
    doubted = 0
    for _ in range(number):
        times = draws[kind].rvs(60, random_state=chance)
        own = next(c for c in fit_times(times.tolist()).candidates if c.distribution.kind == kind)
        shares = shares_of(own.distribution, Known.of(times.tolist()), False)
        doubted += not could_be(own.distribution, anderson_darling(shares), 60)
    assert doubted / number == pytest.approx(0.05, abs=0.015 + 4 * math.sqrt(0.05 * 0.95 / number))


@pytest.mark.filterwarnings("ignore::FutureWarning")  # SciPy will give a p-value with it
def test_the_statistic_is_scipys() -> None:
    times = stats.lognorm(0.7, scale=50).rvs(80, random_state=np.random.default_rng(2))
    own = next(c for c in fit_times(times.tolist()).candidates if c.distribution.kind == "exponential")
    shares = shares_of(own.distribution, Known.of(times.tolist()), False)
    assert anderson_darling(shares) == pytest.approx(stats.anderson(times, "expon").statistic, rel=1e-9)


def test_a_likelihood_counts_pieces() -> None:
    """A lot of three pieces, still running after 5 min: the survival of a gamma of three times the shape."""
    known = Known(np.array([300.0]), np.array([math.inf]), np.array([3.0]), np.array([False]))
    piece = Distribution("gamma", (120.0, 0.5))
    assert log_likelihood("gamma", theta_of(piece), known, per_piece=True) == pytest.approx(
        stats.gamma(12.0, scale=30.0).logsf(300.0)
    )
