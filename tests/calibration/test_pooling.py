"""Thin data pooled: held against published examples, and against truths that were drawn."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from plantwright.calibration import calibrate
from plantwright.calibration.pooling import shrink, shrink_rates
from plantwright.exchange import read_log
from tests.calibration.logs import at, row, write

HITS = (18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7)
"""Hits of 18 players in their first 45 times at bat (Efron and Morris 1977, Stein's paradox in statistics)."""

SEASON = (
    0.346, 0.298, 0.276, 0.222, 0.273, 0.270, 0.263, 0.210, 0.269, 0.230, 0.264, 0.256, 0.303, 0.264, 0.226, 0.285, 0.316, 0.200,
)  # fmt: skip
"""What they hit over the whole season."""


def test_baseball() -> None:
    """Published: a factor of .212 around .265, which makes .294 of the best player's .400 and .242 of the last one's .156."""
    averages = [hits / 45 for hits in HITS]
    common = sum(averages) / 18
    found = shrink(averages, [common * (1 - common) / 45] * 18)
    assert found.common == pytest.approx(0.265, abs=5e-4)
    assert found.own == pytest.approx([0.212] * 18, abs=5e-4)
    assert (found.means[0], found.means[-1]) == pytest.approx((0.294, 0.242), abs=5e-4)
    off = sum((mean - season) ** 2 for mean, season in zip(found.means, SEASON, strict=True))
    assert off < sum((average - season) ** 2 for average, season in zip(averages, SEASON, strict=True)) / 3


FAILURES = (5, 1, 5, 14, 3, 19, 1, 1, 4, 22)
HOURS = (94.320, 15.720, 62.880, 125.760, 5.240, 31.440, 1.048, 1.048, 2.096, 10.480)
"""Failures of ten pumps, in thousands of hours (Gaver and O'Muircheartaigh 1987, Robust empirical Bayes analyses of event rates)."""


def test_pumps() -> None:
    """Published: the gamma of greatest marginal likelihood has shape 0.82 and exposure 1.26 (Carlin and Louis 2000, section 3.3)."""
    found = shrink_rates(FAILURES, HOURS)
    assert (found.shape, found.exposure) == pytest.approx((0.82, 1.26), abs=5e-3)
    assert found.rates[0] == pytest.approx((0.82 + 5) / (1.26 + 94.32), rel=2e-3)
    assert found.rates[7] == pytest.approx((0.82 + 1) / (1.26 + 1.048), rel=2e-3)


def test_what_does_not_differ_is_pooled_whole() -> None:
    assert shrink([1.0, 1.1, 0.9], [1.0, 1.0, 1.0]).between == 0.0
    assert shrink_rates([2, 3, 2, 3], [10.0] * 4).rates == pytest.approx([0.25] * 4)
    assert shrink([3.0], [1.0]).means == (3.0,)
    assert shrink_rates([2], [10.0]).rates == (0.2,)


def test_pulled_means_are_nearer_the_truth() -> None:
    """True log means with standard deviation 0.5, seen through 1 to 7 visits of standard deviation 0.8. Known variances would leave, of the
    squared error of v, the share tau^2 / (v + tau^2); with the common mean and tau^2 estimated from k things, James and Stein's estimator saves
    (k - 3) / k of that (exact where variances are equal; Efron and Morris 1973).
    """
    chance = np.random.default_rng(3)
    alone, pulled, theory = 0.0, 0.0, 0.0
    for _ in range(300):
        truth = chance.normal(1.0, 0.5, 12)
        variances = 0.8**2 / chance.integers(1, 8, 12)
        seen = truth + chance.normal(size=12) * np.sqrt(variances)
        alone += ((seen - truth) ** 2).sum()
        pulled += ((np.array(shrink(seen.tolist(), variances.tolist()).means) - truth) ** 2).sum()
        theory += (variances - 9 / 12 * variances**2 / (variances + 0.25)).sum()
    assert pulled == pytest.approx(theory, rel=0.08)
    assert pulled < 0.7 * alone


def test_pulled_rates_are_nearer_the_truth() -> None:
    chance = np.random.default_rng(4)
    alone, pulled = 0.0, 0.0
    for _ in range(200):
        truth = chance.gamma(2.0, 0.05, 15)
        exposure = chance.uniform(10, 100, 15)
        counts = chance.poisson(truth * exposure)
        alone += ((counts / exposure - truth) ** 2).sum()
        pulled += ((np.array(shrink_rates(counts.tolist(), exposure.tolist()).rates) - truth) ** 2).sum()
    assert pulled < 0.75 * alone


def test_products_with_few_visits_borrow_and_say_so(tmp_path: Path) -> None:
    """Six products that take 1 h to 3 h at a mill (cv 0.5), four visits each, and one with three visits only at a saw of its own."""
    chance = np.random.default_rng(5)
    rows = []
    truth = dict(zip("ABCDEF", np.linspace(60, 180, 6).tolist(), strict=True))
    visits = [product for product in truth for _ in range(4)]
    for day, product in enumerate(visits):
        minutes = round(truth[product] * chance.gamma(4.0, 0.25))
        rows.append(
            row(f"O{day}", "Milling", "Machine 1 - Milling", at(day, 7), at(day, 7 + minutes / 60), part_desc=product)
        )
        rows.append(row(f"O{day}", "Packing", "Packing", at(day, 20), at(day, 20.5), part_desc=product))
    for day in range(3):
        rows.append(row(f"S{day}", "Sawing", "Machine 2 - Sawing", at(day, 7), at(day, 8 + day), part_desc="G"))
        rows.append(row(f"S{day}", "Packing", "Packing", at(day, 20), at(day, 20.5), part_desc="G"))
    found = calibrate(read_log(write(tmp_path / "log.csv", rows)), unattended=True, replications=2).found
    step = ("Milling", "Milling")
    times = {product: found.times.steps[product, step] for product in truth}
    own = {p: [v.work for v in found.history.visits() if v.product == p and v.step == step] for p in truth}
    means = {product: time.distribution.mean for product, time in times.items()}
    # The hours of all visits come out as measured.
    assert sum(4 * mean for mean in means.values()) == pytest.approx(sum(map(sum, own.values())), rel=1e-6)
    geometric = {p: math.exp(np.mean(np.log(values))) for p, values in own.items()}
    spread = max(geometric.values()) / min(geometric.values())
    assert 1 < max(means.values()) / min(means.values()) < spread
    assert all("4 visits, too few: mean" in time.evidence for time in times.values())
    saw = found.times.steps["G", ("Sawing", "Sawing")]
    assert saw.distribution.mean == pytest.approx(2 * 3600, rel=1e-3)
    assert "too few to tell a distribution" in saw.evidence
