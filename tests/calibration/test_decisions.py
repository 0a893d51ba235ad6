"""Shares of orders that changed during the log: false alarms at the rate that is stated, and a model that speaks of today."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest

from plantwright.calibration.cleaning import clean
from plantwright.calibration.decisions import Decision, Ways, of_shares
from plantwright.calibration.drafting import draft
from plantwright.calibration.drift import find_drifts, last_change
from plantwright.calibration.finding import find
from plantwright.calibration.paths import BEGIN, END, RoutingStep
from plantwright.exchange import read_log
from tests.calibration.logs import at, row, write

PART = 1 if "PLANTWRIGHT_STUDIES" in os.environ else 4
SAW, WASH, TEST, PACK = (RoutingStep(name, name) for name in ("Saw", "Wash", "Test", "Pack"))
AGAIN = RoutingStep("Saw", "Saw", again=True)


def shop(seed: int, orders: int, before: float, after: float) -> list[Ways]:
    """Two products are sawn, of which some are washed (of the second half as many: `before`, and `after` half of the orders), tested, of which one in ten is sawn again, and packed."""
    chance = np.random.default_rng(seed)
    made: dict[str, list[Decision]] = {"A": [], "B": []}
    for number in range(orders):
        product = "AB"[int(chance.integers(2))]
        share = (before if number < orders / 2 else after) * (0.5 if product == "B" else 1.0)
        way = [BEGIN, SAW, *([WASH] if chance.random() < share else []), TEST]
        way += [AGAIN, TEST] if chance.random() < 0.1 else []
        made[product] += [
            Decision(product, one, other, at(number)) for one, other in zip(way, [*way[1:], PACK], strict=True)
        ]
        made[product].append(Decision(product, PACK, END, at(number)))
    return [
        Ways.of(own, [SAW, WASH, TEST, PACK], {SAW: 1, WASH: 2, TEST: 3, PACK: 4, AGAIN: 2}) for own in made.values()
    ]


@pytest.mark.study
def test_one_stable_shop_in_twenty_shows_a_change() -> None:
    number = 400 // PART
    found = sum(bool(find_drifts(of_shares(shop(seed, 120, 0.2, 0.2)))) for seed in range(number))
    assert found / number <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / number)


@pytest.mark.study
def test_seldom_steps_make_no_more_false_alarms() -> None:
    """One of thirty shares, 200 decisions of which one in twenty does the step: such counts are so skewed that a Gumbel tail calls five times as many changed."""
    number = 1600 // PART
    found = 0
    for seed in range(number):
        done = np.random.default_rng(seed).random(200) < 0.05
        found += last_change(done.astype(float).tolist(), tests=30, seed=seed, counts=True) is not None
    assert found / number <= 0.05 / 30 + 4 * math.sqrt(0.05 / 30 / number)


@pytest.mark.study
def test_a_share_that_went_from_a_tenth_to_four_tenths_is_found() -> None:
    """With 150 orders on either side, half of them of a product of which half as many are washed: seven standard errors."""
    number = 40 // PART
    found = [find_drifts(of_shares(shop(seed, 300, 0.1, 0.4))) for seed in range(number)]
    assert sum(WASH in own for own in found) >= 0.95 * number
    since = np.median([(own[WASH].since - at(0)).days for own in found if WASH in own])
    assert since == pytest.approx(150, abs=5)


def log_of(folder: Path, washed: tuple[float, float], again: tuple[float, float]) -> Path:
    """Two orders a day for 150 days: what share is washed and sawn again, until day 90 and from then on."""
    chance, rows = np.random.default_rng(4), []
    for number in range(300):
        day, hour, new = number // 2, 7.0 + 6 * (number % 2), number >= 180
        way = ["Saw", *(["Wash"] if chance.random() < washed[new] else []), "Test"]
        way += ["Saw", "Test"] if chance.random() < again[new] else []
        for name in (*way, "Pack"):
            minutes = round(40 * chance.gamma(25, 1 / 25))
            rows.append(row(f"O{number}", name, name, at(day, hour), at(day, hour + minutes / 60)))
            hour += 0.8
    return write(folder / "log.csv", rows)


def test_shares_of_today(tmp_path: Path) -> None:
    """From day 90 on, 40 % are washed and not 10 %; one in eight is sawn again all the time."""
    found = find(clean(read_log(log_of(tmp_path, (0.1, 0.4), (0.125, 0.125))), True), "log")
    changes = found.times.changes
    assert [name for name, _ in changes.named()] == ["share of Wash at Wash"]
    drift = changes.shares[WASH]
    assert abs((drift.since - at(90)).days) <= 6
    (routing,) = found.routings.values()
    done = routing.done(WASH)
    assert done is not None
    # Of some 135 decisions since then; an order that was sent back comes by once more only where it can be washed again.
    assert done.trials == pytest.approx(120, abs=14)
    assert done.value == pytest.approx(0.4, abs=4 * math.sqrt(0.24 / 120))
    assert routing.shares(TEST)[AGAIN] == pytest.approx(0.125 / 1.125, abs=4 * math.sqrt(0.1 / 300))
    drafted = draft(found, {}, found.staff)
    said = next(comment for path, comment in drafted.comments.items() if path.endswith("routing > Wash"))
    assert drift.words in said
    assert drift.words.startswith(f"share since {drift.since:%Y-%m-%d}, when it went from ")


def test_a_step_that_is_done_no_more_stays_possible(tmp_path: Path) -> None:
    """Four in ten were sawn again until day 90, none since: the plant is still sound, and that step all but gone."""
    found = find(clean(read_log(log_of(tmp_path, (1.0, 1.0), (0.4, 0.0))), True), "log")
    assert AGAIN in found.times.changes.shares
    (routing,) = found.routings.values()
    assert routing.shares(TEST)[AGAIN] == pytest.approx(1 / 121, abs=0.002)
    assert AGAIN in routing.steps
