"""Times that changed during the log: false alarms at the rate that is stated, changes found where they are."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from plantwright.calibration import calibrate
from plantwright.calibration.cleaning import clean
from plantwright.calibration.drafting import draft
from plantwright.calibration.drift import (
    FEWEST_AROUND,
    Series,
    _greatest,
    _tail,
    last_change,
    of_failures,
    of_scrap,
)
from plantwright.calibration.finding import find
from plantwright.calibration.visits import Visit
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


def found_in(series: Series, seed: int) -> bool:
    return last_change(series.values, level=series.level, seed=seed) is not None


def failures_drawn(seed: int, machines: int, number: int, shape: float, faster: float = 1.0) -> Series:
    """The work of all machines between failures, each machine's times Weibull; all are new when the log begins. In the second half of the log, they fail `faster`."""
    chance = np.random.default_rng(seed)
    span = number / machines * math.gamma(1 + 1 / shape)
    moments = []
    for _ in range(machines):
        gone = 0.0
        while gone < span:
            gone += float(chance.weibull(shape)) / (faster if gone > span / 2 else 1.0)
            moments.append(gone)
    moments = sorted(moment for moment in moments if moment < span)
    gaps = machines * np.diff([0.0, *moments])
    return of_failures([(at(moment), gap) for moment, gap in zip([0.0, *moments], gaps, strict=False)])


@pytest.mark.study
@pytest.mark.parametrize(("machines", "shape"), [(1, 1.0), (1, 1.5), (3, 1.0), (3, 1.5)])
def test_false_alarms_of_failures(machines: int, shape: float) -> None:
    number = 400 // PART
    rate = sum(found_in(failures_drawn(seed, machines, 70, shape), seed) for seed in range(number)) / number
    assert rate <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / number)


@pytest.mark.study
def test_failures_that_come_four_times_as_often_are_found() -> None:
    number = 40 // PART * 2
    factors = []
    for seed in range(number):
        series = failures_drawn(seed, 2, 50, 1.0, faster=4.0)
        change = last_change(series.values, level=series.level, seed=seed)
        factors += [change.factor] if change is not None else []
    assert len(factors) >= 0.8 * number
    assert np.median(factors) == pytest.approx(1 / 4, rel=0.25)


def scrapped(seed: int, number: int, before: float, after: float) -> Series:
    """Lots of 20 of two products, of which one is scrapped twice as much; what the first half scraps, and the second."""
    chance = np.random.default_rng(seed)
    visits = []
    for k in range(number):
        product = "AB"[int(chance.integers(2))]
        share = (before if k < number / 2 else after) * (2 if product == "B" else 1)
        bad = float(chance.binomial(20, share))
        visits.append(
            Visit("O", product, ("S", "S"), at(k), at(k, 1), ("S",), 60.0, 0.0, 20 - bad, bad, 20.0, True, False)
        )
    return of_scrap(visits)


@pytest.mark.study
def test_scrap_that_changed() -> None:
    """At most one in twenty is called changed that is not; three times as much is found nearly always."""
    number = 400 // PART
    rate = sum(found_in(scrapped(seed, 100, 0.02, 0.02), seed) for seed in range(number)) / number
    assert rate <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / number)
    changes = [last_change((own := scrapped(seed, 160, 0.03, 0.09)).values, level=own.level) for seed in range(10)]
    assert sum(change is not None for change in changes) >= 9
    assert np.median([change.factor for change in changes if change is not None]) == pytest.approx(3.0, rel=0.25)


def test_setups_failures_repairs_and_scrap_of_today(tmp_path: Path) -> None:
    """From day 90 of 180 on, setups of 20 minutes take 30 (cv .2), the mill fails every hour of work and not every four (exponential), repairs of half an hour take an hour (cv .2),
    and 20 % are scrapped and not 5 %; the packing, of the same number of orders, does not change.
    """
    chance = np.random.default_rng(8)
    rows: list[dict[str, str]] = []
    worked, due = 0.0, 6.0
    for day in range(180):
        new = day >= 90
        order, mill = f"O{day}", "Machine 1 - Milling"
        setup = round(60 * (0.5 if new else 1 / 3) * chance.gamma(25, 1 / 25)) / 60
        bad = int(chance.binomial(20, 0.2 if new else 0.05))
        cells = {"part_desc": "AB"[day % 2], "work_order__qty": 20}
        rows.append(row(order, "Milling", mill, at(day, 7), at(day, 7 + setup), kind="S", qty_completed=0, **cells))
        hour, left = 8.0, round(60 * 1.5 * chance.gamma(25, 1 / 25)) / 60
        while left > 0:
            part = min(left, max(1 / 60, round(60 * (due - worked)) / 60))
            done = part == left
            rows.append(row(order, "Milling", mill, at(day, hour), at(day, hour + part), qty_completed=20 - bad if done else 0,
                            qty_rejected=bad if done else 0, **cells))  # fmt: skip
            hour, left, worked = hour + part, round(60 * (left - part)) / 60, worked + part
            if not done:
                repair = round(60 * (1.0 if new else 0.5) * chance.gamma(25, 1 / 25)) / 60
                rows.append(
                    row(
                        order,
                        "Milling",
                        mill,
                        at(day, hour),
                        at(day, hour + repair),
                        kind="B",
                        qty_completed=0,
                        **cells,
                    )
                )
                hour += repair
                due = worked + float(chance.exponential(1.0 if new else 4.0))
        rows.append(row(order, "Packing", "Packing", at(day, 22), at(day, 22.5), qty_completed=20 - bad, **cells))
    found = find(clean(read_log(write(tmp_path / "log.csv", rows)), True), "log")
    times = found.times
    changes = times.changes
    assert set(dict(changes.named())) == {
        "setups of Milling", "failures of Milling", "repairs of Milling", "scrap of Milling at Milling",
    }  # fmt: skip
    for kind, factor, rel in ((changes.setups, 1.5, 0.1), (changes.failures, 1 / 4, 0.5), (changes.repairs, 2.0, 0.2)):
        drift = kind["Milling"]
        assert abs((drift.since - at(90)).days) <= 8
        assert drift.change.factor == pytest.approx(factor, rel=rel)
    setup, stops = times.setups["Milling"], times.stops["Milling"]
    assert setup.fitted.distribution.mean == pytest.approx(30 * 60, rel=0.1)
    assert setup.setups == pytest.approx(90, abs=8)
    assert stops.every.mean == pytest.approx(3600, rel=4 / math.sqrt(stops.stops))
    assert stops.repair.mean == pytest.approx(3600, rel=0.1)
    for product in "AB":
        assert times.yields[product, ("Milling", "Milling")].value == pytest.approx(0.8, abs=4 * math.sqrt(0.16 / 900))
    drafted = draft(found, {}, found.staff)
    said = drafted.comments["work centers > Milling"]
    for kind in (changes.setups, changes.failures, changes.repairs):
        assert f"; {kind['Milling'].words}" in said
    assert "failures since 2026-04-" in said
    assert "; scrap since 2026-04-05, when it became " in drafted.comments["products > A > routing > Milling"]


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
    drift = found.found.times.changes.times[step]
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
    assert [(own["of"], own["what"]) for own in json.loads(json.dumps(found.to_dict()["changes"]))] == [
        ("Sawing at Sawing", "times")
    ]
    assert ("Packing", "Packing") not in found.found.times.changes.times
