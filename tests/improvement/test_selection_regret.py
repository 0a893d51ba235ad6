"""Chances, regrets, the worth of knowing a number and the split of a variance, against formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from plantwright.improvement.selection import chances, split, worth_of_knowing
from plantwright.improvement.selection.regret import shrunk_correlations


def loss(u: float) -> float:
    """The unit normal loss integral, E max(0, Z - u) (Raiffa and Schlaifer 1961, table of it: L(0) = .3989, L(1) = .08332)."""
    return float(stats.norm.pdf(u) - u * stats.norm.sf(u))


def test_the_loss_integral_is_that_of_the_tables() -> None:
    assert [round(loss(u), 5) for u in (0.0, 0.5, 1.0, 2.0)] == [0.39894, 0.19780, 0.08332, 0.00849]


def exactly(mean: float, error: float, n: int) -> np.ndarray:
    """Values with exactly this mean and standard error."""
    values = np.random.default_rng(n).standard_normal(n)
    values = (values - values.mean()) / values.std(ddof=1)
    return mean + error * math.sqrt(n) * values


def test_one_move_against_doing_nothing() -> None:
    """The chance is Student's, the regrets are unit normal losses where there are many replications."""
    few = chances(exactly(1.0, 1.0, 6)[:, None], draws=200_000)
    assert few.best[0] == pytest.approx(stats.t(5).cdf(1.0), abs=0.004)
    assert few.best[0] + few.nothing_best == pytest.approx(1)
    many = chances(exactly(0.8, 2.0, 2000)[:, None], draws=200_000)
    assert many.regret[0] == pytest.approx(2 * loss(0.4), rel=0.02)
    assert many.nothing_regret == pytest.approx(0.8 + 2 * loss(0.4), rel=0.02)


def test_what_replications_do_not_know_is_added() -> None:
    told = chances(exactly(0.8, 2.0, 2000)[:, None], uncertain=[[1.5**2]], draws=200_000)
    assert told.regret[0] == pytest.approx(2.5 * loss(0.8 / 2.5), rel=0.02)


def test_equals_share_their_chance() -> None:
    """Five alternatives with the same mean and no correlation; by symmetry a fifth each, and the same if two are one."""
    values = np.column_stack([exactly(0.0, 1.0, 4001)] * 5)
    for i in range(5):
        values[:, i] = np.roll(values[:, i], 800 * i)
    told = chances(values, nothing=False, draws=50_000)
    assert told.best == pytest.approx(np.full(5, 0.2), abs=0.03)
    assert told.best.sum() == pytest.approx(1)
    # The mean of the greatest of five independent standard normal values is 1.16296 (Teichroew 1956).
    assert told.regret == pytest.approx(np.full(5, 1.16296), rel=0.03)
    twice = chances(np.column_stack([values[:, 0], values[:, 0]]), nothing=False)
    assert twice.best == pytest.approx([0.5, 0.5])
    assert twice.regret == pytest.approx([0.0, 0.0])


def test_who_was_given_up_early_is_compared_on_shared_luck() -> None:
    """The first ten replications were lucky for both: what was given up is surely worse, though its own average is greater."""
    rng = np.random.default_rng(2)
    luck = np.r_[np.full(10, 3.0), np.zeros(190)] + rng.standard_normal(200)
    values = np.column_stack([luck, luck - 0.5 + 0.1 * rng.standard_normal(200)])
    values[10:, 1] = np.nan
    assert np.nanmean(values[:, 1]) > np.nanmean(values[:, 0])
    told = chances(values, nothing=False)
    assert told.best[0] > 0.999
    assert told.regret[1] == pytest.approx(0.5, abs=0.1)


def test_correlations_of_few_replications_are_drawn_to_none_unless_they_are_strong() -> None:
    rng = np.random.default_rng(0)
    values = rng.standard_normal((10, 100))
    noise = shrunk_correlations(values)
    off = ~np.eye(100, dtype=bool)
    assert np.abs(np.corrcoef(values.T)[off]).mean() > 0.25
    assert np.abs(noise[off]).mean() < 0.08
    common = rng.standard_normal((10, 1)) * 3 + rng.standard_normal((10, 100))
    assert shrunk_correlations(common)[off].mean() > 0.7
    long = rng.standard_normal((20_000, 2)) @ np.array([[1, 0.6], [0, 0.8]])
    assert shrunk_correlations(long)[0, 1] == pytest.approx(0.6, abs=0.02)
    assert np.linalg.eigvalsh(noise).min() >= -1e-12


@pytest.mark.parametrize(("a", "b"), [(-0.5, 1.0), (1.0, 2.0), (0.3, 0.2)])
def test_the_worth_of_a_number_is_the_loss_integral(a: float, b: float) -> None:
    """Doing nothing against a + b theta with theta normal; readings leave of b the root of their share (Raiffa and Schlaifer)."""
    theta = stats.norm.ppf((np.arange(4000) + 0.5) / 4000)
    noise = 0.3 * np.random.default_rng(1).standard_normal(4000)
    values = np.column_stack([np.zeros(4000), a + b * theta + noise])
    told = worth_of_knowing(10 + 2 * theta, values, spread=6.0, readings=9)
    assert told.perfect == pytest.approx(b * loss(abs(a) / b), abs=0.01 * b + 0.005)
    share = math.sqrt(4 / (4 + 36 / 9))
    assert told.readings == pytest.approx(b * share * loss(abs(a) / (b * share)), abs=0.01 * b + 0.005)
    assert told.readings < told.perfect
    assert told.now == int(a > 0)
    assert (told.if_low, told.if_high) == (int(a - 2.0537 * b > 0), int(a + 2.0537 * b > 0))


def test_a_number_that_bends_is_followed() -> None:
    """Doing nothing against theta**2 - 1: E max(0, theta**2 - 1) = 2 phi(1)."""
    theta = stats.norm.ppf((np.arange(4000) + 0.5) / 4000)
    values = np.column_stack([np.zeros(4000), theta**2 - 1])
    assert worth_of_knowing(theta, values).perfect == pytest.approx(2 * stats.norm.pdf(1), rel=0.01)


def test_a_number_that_changes_nothing_is_worth_nothing() -> None:
    """Two hundred noisy alternatives and few replications must not look like information."""
    rng = np.random.default_rng(5)
    worths = [worth_of_knowing(rng.standard_normal(30), rng.standard_normal((30, 200))).perfect for _ in range(20)]
    assert sum(worth > 0 for worth in worths) <= 2
    constant = worth_of_knowing(np.full(30, 4.0), rng.standard_normal((30, 3)))
    assert (constant.perfect, constant.readings) == (0.0, 0.0)


def ishigami(x: np.ndarray) -> np.ndarray:
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_the_split_of_ishigamis_function() -> None:
    """Known: alone .3139, .4424, 0; in all .5576, .4424, .2437; so that the first and third share .2437 (Saltelli et al. 2008)."""
    rng = np.random.default_rng(0)
    first, second = rng.uniform(-math.pi, math.pi, (2, 200_000, 3))
    redrawn, kept = {}, {}
    for i in range(3):
        mixed, other = first.copy(), second.copy()
        mixed[:, i], other[:, i] = second[:, i], first[:, i]
        redrawn[f"x{i + 1}"], kept[f"x{i + 1}"] = ishigami(mixed), ishigami(other)
    told = split(ishigami(first), redrawn, kept)
    assert list(told.total.values()) == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.01)
    assert list(told.alone.values()) == pytest.approx([0.3139, 0.4424, 0.0], abs=0.01)
    assert told.together == pytest.approx(0.2437, abs=0.01)
    assert list(told.shares.values()) == pytest.approx([0.3139 + 0.2437 / 2, 0.4424, 0.2437 / 2], abs=0.01)
    assert sum(told.shares.values()) == pytest.approx(1)
    rough = split(ishigami(first), redrawn)
    whole = 0.5576 + 0.4424 + 0.2437
    assert list(rough.shares.values()) == pytest.approx([0.5576 / whole, 0.4424 / whole, 0.2437 / whole], abs=0.01)
    assert rough.together == pytest.approx(0.2437, abs=0.01)
    assert rough.alone == {}


def test_nothing_varies() -> None:
    told = split(np.full(9, 3.0), {"luck": np.full(9, 3.0)})
    assert (told.shares, told.together) == ({"luck": 0.0}, 0.0)
