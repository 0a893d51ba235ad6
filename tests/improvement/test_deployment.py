"""The deployment card: its days by the textbook's formula, its way back exact, its signal what the two runs show."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from plantwright.errors import InputError
from plantwright.improvement import Study, deployment_card, improve
from plantwright.improvement.deployment import days_needed, way_back
from plantwright.plant import DeploymentCard, Plant, card_of, changed
from plantwright.plant.differing import differences
from plantwright.plant.reading import fingerprint
from tests.improvement.plants import pouch


def test_independent_days_need_what_the_textbook_says() -> None:
    """Two samples of independent days, deviation 10, to see 5 at 95 % nine times in ten: n = 2 (1.96 + 1.2816)^2 (10 / 5)^2 = 84.06."""
    rng = np.random.default_rng(1)
    before, after = rng.normal(100, 10, (400, 600)), rng.normal(105, 10, (400, 600))
    days, least = days_needed(before, after, 5.0)
    assert days is not None
    assert least is not None
    # Whole weeks are counted.
    assert 80 <= days <= 90
    assert least == pytest.approx(1.96 * 10 * math.sqrt(2 / days), rel=0.03)


def test_longer_than_was_simulated_is_reckoned_on() -> None:
    rng = np.random.default_rng(2)
    before, after = rng.normal(100, 10, (400, 60)), rng.normal(105, 10, (400, 60))
    days, _ = days_needed(before, after, 5.0)
    assert days == pytest.approx(84, rel=0.06)


def test_days_that_hang_together_need_more_of_them() -> None:
    """An autoregressive day keeps .6 of the day before: long means vary (1 + .6) / (1 - .6) = 4 times as much."""
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 10 * math.sqrt(1 - 0.36), (200, 900))
    series = np.empty_like(noise)
    series[:, 0] = rng.normal(0, 10, 200)
    for day in range(1, noise.shape[1]):
        series[:, day] = 0.6 * series[:, day - 1] + noise[:, day]
    apart, _ = days_needed(series, series + 8, 8.0)
    alone, _ = days_needed(rng.permuted(series, axis=1), rng.permuted(series, axis=1), 8.0)
    assert apart is not None
    assert alone is not None
    assert apart / alone == pytest.approx(4, rel=0.15)


def test_what_a_year_does_not_tell_is_not_tested() -> None:
    rng = np.random.default_rng(4)
    series = rng.normal(100, 10, (40, 60))
    assert days_needed(series, series, 0.5) == (None, None)
    assert days_needed(series, series, 0.0) == (None, None)


def test_nine_tests_in_ten_see_the_change_and_one_in_forty_sees_one_that_is_not_there() -> None:
    rng = np.random.default_rng(5)
    pilot = rng.normal(100, 10, (60, 600)), rng.normal(106, 10, (60, 600))
    days, least = days_needed(*pilot, 6.0)
    assert days is not None
    assert least is not None
    tried = 4000
    means = rng.normal(100, 10, (2, tried, days)).mean(axis=2)
    seen = (means[1] + 6 - means[0] >= least).mean()
    false = (means[1] - means[0] >= least).mean()
    assert 0.88 <= seen <= 0.95
    assert 0.015 <= false <= 0.035


@pytest.mark.parametrize(
    "edits",
    [
        {"work centers > mixer > machines": "2"},
        {"work centers > coater > price": None},
        {"work centers > coater > setup > default": "25 min"},
        {"people > Bea": {"shift": "day", "skills": {"mixing": "2"}}, "people > coating > count": "3"},
        {"work centers > coater > failures > 1 > repair": "1 h"},
        {"work centers > coater > failures > 2": {"every": "100 h", "repair": "2 h"},
         "work centers > coater > failures > 3": {"every": "200 h", "repair": "2 h"}},
        {"products > NMC pouch > routing > mix > time": "80 min/lot", "products > NMC pouch > routing > form > yield": "99 %"},
    ],
)  # fmt: skip
def test_the_way_back_leads_back(edits: dict[str, Any]) -> None:
    plant = pouch()
    moved = changed(plant, edits)
    assert fingerprint(moved) != fingerprint(plant)
    back = changed(moved, way_back(plant, edits))
    if any(value is None for value in edits.values()):
        # A word that was taken away comes back at the end of its section.
        assert differences(plant, back) == ()
    else:
        assert fingerprint(back) == fingerprint(plant)


@pytest.fixture(scope="module")
def study() -> tuple[Study, Plant]:
    plant = pouch()
    return improve(
        plant, horizon="60 d", warmup="20 d", replications=4, families=["add a machine", "faster machine"]
    ), plant


@pytest.fixture(scope="module")
def card(study: tuple[Study, Plant]) -> DeploymentCard:
    found, plant = study
    rank = next(item.rank for item in found.moves if item.move.title == "second mixer")
    return deployment_card(found, plant, rank)


def test_a_card_says_what_the_two_runs_say(card: DeploymentCard, study: tuple[Study, Plant]) -> None:
    found, _ = study
    item = next(item for item in found.moves if item.move.title == "second mixer")
    assert card.owner == ""
    assert card.edits == {"work centers > mixer > machines": "2"}
    assert card.back == {"work centers > mixer > machines": "1"}
    assert card.pilot.where == "mixer"
    assert card.test.measure == "throughput"
    assert card.test.before == pytest.approx(found.baseline.estimate("throughput").mean)
    gained = item.released["throughput"]
    assert card.test.after - card.test.before == pytest.approx(gained.mean, rel=0.02)
    assert card.test.days is not None
    assert card.pilot.days == card.test.days


def test_the_signal_is_the_mixer_that_has_time_to_spare(card: DeploymentCard) -> None:
    """Two mixers share what one did: its work of 100 % of the day becomes half, times what is made more."""
    signal = next(s for s in card.signals if (s.work_center, s.state) == ("mixer", "working"))
    assert signal.before == pytest.approx(1.0, abs=0.01)
    assert signal.after == pytest.approx(card.test.after / card.test.before / 2, rel=0.03)
    assert signal.low <= signal.after - signal.before <= signal.high < 0
    assert card.signals[0].work_center == "mixer"


def test_a_time_that_changes_is_read_as_often_as_it_must_be(study: tuple[Study, Plant]) -> None:
    """Coating, triangular 50..60..80 min, faster by 5..10..20 %, in the mean 35/3 %: mean 63.33, variance (a2 + b2 + c2 - ab - ac - bc) / 18 = 38.9."""
    found, plant = study
    rank = next(item.rank for item in found.moves if item.move.title == "coater 12 % faster")
    made = deployment_card(found, plant, rank)
    (reading,) = made.readings
    assert reading.before == pytest.approx(190 / 3 * 60)
    faster = 1 + 0.35 / 3
    variance = (50**2 + 60**2 + 80**2 - 50 * 60 - 50 * 80 - 60 * 80) / 18
    apart = 190 / 3 * (1 - 1 / faster)
    assert reading.readings == math.ceil((1.959964 + 1.281552) ** 2 * variance * (1 + 1 / faster**2) / apart**2)


def test_a_card_goes_through_json_and_back(card: DeploymentCard) -> None:
    document = json.loads(json.dumps(card.to_dict()))
    assert document["schema"] == "plantwright.card/1"
    assert card_of(document) == card
    assert "second mixer" in str(card)


@pytest.mark.parametrize(
    ("wrong", "reasons"),
    [
        ({"schema": "plantwright.run/1"}, ["is no deployment card"]),
        ({"pilot": 3, "signals": None}, ["'pilot' is missing", "'signals' is missing"]),
        ({"pilot": {"place": "mixer"}}, ["version"]),
        ({"capital": "much"}, ["version"]),
    ],
)
def test_what_is_no_card_is_refused_with_all_that_is_wrong(
    card: DeploymentCard, wrong: dict[str, Any], reasons: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        card_of(card.to_dict() | wrong)
    for reason in reasons:
        assert reason in str(caught.value)
    assert {problem.code for problem in caught.value.problems} == {"PW1920"}


def test_there_is_no_card_for_a_move_that_is_not_there(study: tuple[Study, Plant]) -> None:
    with pytest.raises(InputError, match="there is no move 99"):
        deployment_card(*study, 99)
