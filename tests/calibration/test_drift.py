"""Times that changed during the log: false alarms at the rate that is stated, changes found where they are."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from plantwright.calibration import calibrate
from plantwright.calibration.drift import FEWEST_AROUND, _greatest, _tail, last_change
from plantwright.exchange import read_log
from tests.calibration.logs import at, row, write

PART = 1 if "PLANTWRIGHT_STUDIES" in os.environ else 4
"""A part of each study is run where studies are not run whole; its limits are wider by the square root of it."""


def alarms(kind: str, number: int, length: int, tests: int = 1) -> float:
    """The share of sequences without a change in which one is found."""
    found = 0
    for seed in range(number):
        chance = np.random.default_rng(seed)
        noise = chance.normal(size=length)
        if kind == "alike neighbours":
            for k in range(1, length):
                noise[k] += 0.4 * noise[k - 1]
        if kind == "exponential":
            noise = np.log(chance.exponential(size=length))
        found += last_change(noise.tolist(), tests=tests, seed=seed) is not None
    return found / number


@pytest.mark.study
@pytest.mark.parametrize("length", [60, 250])
@pytest.mark.parametrize("kind", ["normal", "exponential", "alike neighbours"])
def test_false_alarms_are_one_in_twenty(kind: str, length: int) -> None:
    """Each lasts at least twenty times, and is 10 % at least: with standard deviations of 1, that leaves out none."""
    number = 600 // PART
    rate = alarms(kind, number, length)
    assert rate <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / number)
    assert rate > 0 or PART > 1


@pytest.mark.study
def test_many_steps_share_the_false_alarms() -> None:
    """Fifty steps: one in a thousand each, so that one log in twenty has any."""
    assert alarms("normal", 1600 // PART, 80, tests=50) <= 0.001 + 4 * math.sqrt(0.001 / (1600 // PART))


@pytest.mark.study
def test_a_change_is_found_where_it_is() -> None:
    """After 100 of 160 times, times become e^0.8 = 2.2 times as long, with a standard deviation of logarithms of 1: five standard errors."""
    number = 100 // PART
    places, factors = [], []
    for seed in range(number):
        chance = np.random.default_rng(seed)
        change = last_change(np.concatenate([chance.normal(0, 1, 100), chance.normal(0.8, 1, 60)]).tolist(), seed=seed)
        if change is not None:
            places.append(change.at)
            factors.append(change.factor)
    assert len(places) >= 0.9 * number
    assert np.median(places) == pytest.approx(100, abs=2)
    assert np.median(factors) == pytest.approx(math.exp(0.8), rel=0.15)


def test_the_last_of_two_changes_counts() -> None:
    chance = np.random.default_rng(2)
    level = np.repeat([0.0, 1.0, 0.5], [80, 80, 80])
    change = last_change((level + 0.3 * chance.normal(size=240)).tolist())
    assert change is not None
    assert change.at == pytest.approx(160, abs=3)
    assert (change.before, change.after) == pytest.approx((1.0, 0.5), abs=4 * 0.3 / math.sqrt(80))


def test_small_changes_are_left_alone() -> None:
    """Five percent, however sure."""
    chance = np.random.default_rng(3)
    values = np.repeat([0.0, math.log(1.05)], 500) + 0.05 * chance.normal(size=1000)
    assert stats.ttest_ind(values[:500], values[500:]).pvalue < 1e-20
    assert last_change(values.tolist()) is None
    assert last_change([0.0] * 100) is None
    assert last_change([0.0] * (FEWEST_AROUND - 1) + [9.0] * (FEWEST_AROUND - 1)) is None


def test_the_statistic_is_the_greatest_of_students() -> None:
    values = np.random.default_rng(4).normal(size=70)
    found, place = _greatest(values[None, :], 20)
    students = {k: abs(stats.ttest_ind(values[:k], values[k:]).statistic) for k in range(20, 51)}
    assert found[0] == pytest.approx(max(students.values()))
    assert place[0] == max(students, key=students.__getitem__)


def test_the_tail_is_gumbels() -> None:
    draws = stats.gumbel_r(loc=6.0, scale=2.0).rvs(20_000, random_state=np.random.default_rng(5))
    assert _tail(draws, 20.0) == pytest.approx(stats.gumbel_r(loc=6.0, scale=2.0).sf(20.0), rel=0.1)


def test_a_model_speaks_of_today(tmp_path: Path) -> None:
    """Sixty jobs of an hour, then forty of an hour and a half (cv 0.2), of two products; a third product came before the change only."""
    chance = np.random.default_rng(7)
    rows = []
    for day in range(100):
        product = "C" if day < 60 and day % 10 == 0 else "AB"[day % 2]
        minutes = round((60 if day < 60 else 90) * chance.gamma(25, 1 / 25))
        rows.append(
            row(f"O{day}", "Sawing", "Machine 1 - Sawing", at(day, 7), at(day, 7 + minutes / 60), part_desc=product)
        )
        rows.append(row(f"O{day}", "Packing", "Packing", at(day, 12), at(day, 12.5), part_desc=product))
    found = calibrate(read_log(write(tmp_path / "log.csv", rows)), unattended=True, replications=2)
    step = ("Sawing", "Sawing")
    drift = found.found.times.drifts[step]
    assert abs((drift.since - at(60, 7)).days) <= 2
    # The standard error of the logarithm is 0.2 * sqrt(1 / 60 + 1 / 40) = 4 %.
    assert drift.change.factor == pytest.approx(1.5, rel=0.16)
    for product in "ABC":
        # Six visits of the third product tell its mean to 8 %, and the change is known to 4 %.
        assert found.found.times.steps[product, step].distribution.mean == pytest.approx(
            90 * 60, rel=0.1 if product != "C" else 0.25
        )
    assert f"times since {drift.since:%Y-%m-%d}, when they became 1." in found.text()
    assert "Sawing at Sawing: times since " in str(found)
    assert ("Packing", "Packing") not in found.found.times.drifts
