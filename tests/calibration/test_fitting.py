"""Fits held against SciPy's own, and against the truth that synthetic times were drawn from."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from plantwright.calibration.fitting import FEWEST, FittedTime, fit_times
from plantwright.calibration.goodness import cumulative
from plantwright.distributions import Distribution


def frozen(distribution: Distribution, pieces: float = 1.0) -> stats.rv_continuous:
    """SciPy's distribution with the same parameters."""
    p = distribution.parameters
    match distribution.kind:
        case "exponential":
            return stats.expon(scale=p[0])
        case "gamma":
            return stats.gamma(pieces / p[1] ** 2, scale=p[0] * p[1] ** 2)
        case "lognormal":
            variance = math.log1p(p[1] ** 2)
            return stats.lognorm(math.sqrt(variance), scale=p[0] / math.exp(variance / 2))
        case _:
            return stats.weibull_min(p[0], scale=p[1])


SCIPY = {
    "exponential": lambda t: stats.expon(*stats.expon.fit(t, floc=0)),
    "gamma": lambda t: stats.gamma(*stats.gamma.fit(t, floc=0)),
    "lognormal": lambda t: stats.lognorm(*stats.lognorm.fit(t, floc=0)),
    "weibull": lambda t: stats.weibull_min(*stats.weibull_min.fit(t, floc=0)),
}

DRAWS = {
    "exponential": stats.expon(scale=1800),
    "gamma": stats.gamma(4.0, scale=900),
    "nearly constant": stats.gamma(400.0, scale=9),
    "very uneven": stats.gamma(0.2, scale=9000),
    "lognormal": stats.lognorm(0.8, scale=3600),
    "weibull": stats.weibull_min(1.7, scale=7200),
    "two kinds": stats.uniform(60, 90000),
}


@pytest.mark.parametrize("drawn", DRAWS)
def test_each_candidate_is_the_one_that_scipy_finds(drawn: str) -> None:
    times = DRAWS[drawn].rvs(400, random_state=np.random.default_rng(7))
    fitted = fit_times(times.tolist())
    tried = [candidate for candidate in fitted.candidates if candidate.distribution.kind != "empirical"]
    assert {candidate.distribution.kind for candidate in tried} == set(SCIPY)
    for candidate in tried:
        kind = candidate.distribution.kind
        ours, theirs = frozen(candidate.distribution), SCIPY[kind](times)
        likelihood = float(ours.logpdf(times).sum())
        # SciPy's optimiser stops a little below the greatest likelihood; ours must not be below it.
        assert likelihood >= float(theirs.logpdf(times).sum()) - 1e-6
        assert candidate.aic == pytest.approx(2 * (1 if kind == "exponential" else 2) - 2 * likelihood, abs=1e-6)
        quantiles = np.array([0.05, 0.5, 0.95])
        assert ours.ppf(quantiles) == pytest.approx(theirs.ppf(quantiles), rel=2e-3)


@pytest.mark.parametrize("drawn", [name for name in DRAWS if name != "two kinds"])
def test_the_least_aic_is_chosen_and_its_distance_is_scipys(drawn: str) -> None:
    times = DRAWS[drawn].rvs(300, random_state=np.random.default_rng(11))
    fitted = fit_times(times.tolist())
    assert [c.aic for c in fitted.candidates] == sorted(c.aic for c in fitted.candidates)
    assert fitted.distribution == fitted.candidates[0].distribution
    assert fitted.distance == pytest.approx(stats.kstest(times, frozen(fitted.distribution).cdf).statistic, abs=1e-9)
    grid = np.linspace(1, float(times.max()), 50)
    assert cumulative(fitted.distribution, grid) == pytest.approx(frozen(fitted.distribution).cdf(grid), abs=1e-9)


@pytest.mark.parametrize(
    ("truth", "kind"),
    [
        (Distribution("exponential", (1800.0,)), "exponential"),
        (Distribution("gamma", (3600.0, 0.5)), "gamma"),
        (Distribution("lognormal", (5400.0, 1.2)), "lognormal"),
        (Distribution("weibull", (3.0, 7200.0)), "weibull"),
    ],
)
def test_the_distribution_that_times_were_drawn_from_is_found(truth: Distribution, kind: str) -> None:
    """With 4,000 times each parameter lies within 6 % of the truth: four standard errors or more."""
    times = frozen(truth).rvs(4000, random_state=np.random.default_rng(3))
    fitted = fit_times(times.tolist())
    assert fitted.distribution.kind == kind
    assert fitted.distribution.parameters == pytest.approx(truth.parameters, rel=0.06)
    assert fitted.distance <= 0.886 / math.sqrt(4000)


def test_a_gamma_for_each_piece_is_told_from_one_for_the_lot() -> None:
    """Lots of 1 to 60 pieces at 5 min each, cv 0.8: a lot's time is a sum."""
    chance = np.random.default_rng(5)
    pieces = chance.integers(1, 61, 800).astype(float)
    shape, scale = 1 / 0.8**2, 300 * 0.8**2
    times = stats.gamma(shape * pieces, scale=scale).rvs(random_state=chance)
    fitted = fit_times(times.tolist(), pieces.tolist())
    assert (fitted.per, fitted.distribution.kind) == ("piece", "gamma")
    assert fitted.distribution.parameters == pytest.approx((300, 0.8), rel=0.06)
    likelihood = float(stats.gamma(pieces / fitted.distribution.parameters[1] ** 2,
                                   scale=fitted.distribution.parameters[0] * fitted.distribution.parameters[1] ** 2).logpdf(times).sum())  # fmt: skip
    assert fitted.candidates[0].aic == pytest.approx(4 - 2 * likelihood, rel=1e-9)
    assert fitted.close


def test_times_that_do_not_grow_with_the_lot_stay_times_of_the_lot() -> None:
    chance = np.random.default_rng(6)
    times = stats.gamma(4, scale=900).rvs(400, random_state=chance)
    fitted = fit_times(times.tolist(), chance.integers(1, 61, 400).astype(float).tolist())
    assert fitted.per == "lot"


def test_equal_times_are_a_constant() -> None:
    fitted = fit_times([600.0] * 20)
    assert fitted.distribution == Distribution.constant(600.0)
    assert fitted.distance == 0


def test_few_times_are_not_told_apart() -> None:
    fitted = fit_times([60.0 * (k + 1) for k in range(FEWEST - 1)])
    assert [c.distribution.kind for c in fitted.candidates] == ["exponential"]
    assert fitted.distribution.mean == 240.0


def test_a_bad_fit_is_not_called_close() -> None:
    """Half the visits take a minute, half a day: no distribution of one hump is close, and thirty are too few for two."""
    chance = np.random.default_rng(8)
    times = np.concatenate([chance.normal(60, 3, 15), chance.normal(86400, 900, 15)])
    fitted = fit_times(times.tolist())
    assert not fitted.close
    assert fitted.words.endswith("(not close)")


@pytest.mark.parametrize("values", [[], [60.0, 0.0], [60.0, -1.0]])
def test_times_must_be_above_zero(values: list[float]) -> None:
    with pytest.raises(ValueError, match=r"no times|above zero"):
        fit_times(values)


def test_a_fit_remembers_its_times_in_order() -> None:
    fitted: FittedTime = fit_times([300.0, 60.0, 120.0], [3.0, 1.0, 2.0])
    assert fitted.values == (60.0, 120.0, 300.0)
    assert fitted.pieces == (1.0, 2.0, 3.0)
