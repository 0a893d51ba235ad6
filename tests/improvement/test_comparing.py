"""Two plants compared: what differs, and what that does, held against what can be worked out on paper."""

from __future__ import annotations

import json

import pytest

import plantwright
from plantwright.improvement import PlantComparison, compare
from plantwright.plant import Plant, changed, read_text
from tests.improvement.plants import pouch

QUICK = {"horizon": "30 d", "warmup": "10 d", "replications": 3}
SAW = """\
plant: One saw
currency: EUR
work centers: {saw: {machines: 1, power: {run: 6 kW}}, bench: {machines: 1}}
products:
  bracket:
    lot: 1 piece
    price: 2 EUR
    release: {conwip: 3 lots}
    routing: [{cut: {at: saw, time: 10 min/piece}}, {file: {at: bench, time: 1 min/piece}}]
"""


@pytest.fixture(scope="module")
def faster() -> PlantComparison:
    """A saw that takes 10 min, and one that takes 8: 144 and 180 pieces in the 1,440 min of a day, 11 and 11 min of work at most."""
    plant = read_text(SAW)
    return compare(plant, changed(plant, {"products > bracket > routing > cut > time": "8 min/piece"}), **QUICK)


def test_what_a_faster_saw_brings_is_what_paper_says(faster: PlantComparison) -> None:
    effects = {effect.name: effect for effect in faster.effects}
    made = effects["throughput"]
    assert made.before is not None
    assert made.after is not None
    assert made.change is not None
    assert (made.before.mean, made.after.mean) == (pytest.approx(144), pytest.approx(180))
    assert made.change.mean == pytest.approx(36)
    assert made.change.half_width == pytest.approx(0, abs=1e-9)
    assert effects["capacity"].change is not None
    assert effects["capacity"].change.mean == pytest.approx(36)
    # Little's law: 3 lots in process, one leaves every 10 or 8 minutes.
    assert effects["cycle time"].change is not None
    assert effects["cycle time"].change.mean == pytest.approx(3 * 480 - 3 * 600)
    # The saw runs all the time in both: 24 h x 6 kW.
    assert effects["energy"].before is not None
    assert effects["energy"].before.mean == pytest.approx(144)
    assert effects["energy"].change is not None
    assert effects["energy"].change.mean == pytest.approx(0, abs=1e-6)


def test_states_that_change_are_told_the_largest_first(faster: PlantComparison) -> None:
    found = {
        (e.before.of["work center"], e.before.of["state"]): e.change for e in faster.states if e.before and e.change
    }
    # The bench works one minute in ten, then one in eight.
    assert found["bench", "working"].mean == pytest.approx(1 / 8 - 1 / 10, abs=1e-4)
    assert found["bench", "starved"].mean == pytest.approx(1 / 10 - 1 / 8, abs=1e-4)
    sizes = [abs(e.change.mean) for e in faster.states if e.change]
    assert sizes == sorted(sizes, reverse=True)


def test_each_says_what_limits_it(faster: PlantComparison) -> None:
    plant = pouch()
    second = compare(plant, changed(plant, {"work centers > mixer > machines": "2"}), **QUICK)
    assert [limit.subject for limit in faster.limits] == ["saw", "saw"]
    assert second.limits[0].subject == "mixer"
    assert second.limits[1].kind == "demand"


def test_a_plant_compared_with_itself_shows_nothing() -> None:
    none = compare(pouch(), pouch(), **QUICK)
    assert none.differs == ()
    assert none.states == ()
    assert all(effect.change is not None and effect.change.mean == 0 for effect in none.effects)
    assert "Both say the same." in str(none)


def test_what_one_plant_cannot_say_has_no_difference() -> None:
    unpriced = compare(pouch(), pouch(price=""), **QUICK)
    money = next(effect for effect in unpriced.effects if effect.name == "contribution")
    assert money.before is not None
    assert money.after is None
    assert money.change is None
    assert "only in A" in str(unpriced)


def test_both_run_over_the_same_span_with_the_longer_warm_up() -> None:
    """Eleven hours of formation more: the second plant takes longer to settle, and the first is counted from there on too."""
    plant = pouch()
    slow = changed(plant, {"products > NMC pouch > release": {"conwip": "60 lots"}})
    alone = plantwright.simulate(plant, horizon="30 d", replications=3)
    both = compare(plant, slow, horizon="30 d", replications=3)
    assert both.before.warmup == both.after.warmup >= alone.warmup
    assert {run.warmup for run in both.saturated} == {both.before.warmup}
    assert both.saturated[0].options["lots in process"] == both.saturated[1].options["lots in process"]


def test_it_is_text_tables_a_picture_and_a_document(faster: PlantComparison) -> None:
    text = str(faster)
    assert "products > bracket > routing > cut > time: 10 min/piece -> 8 min/piece" in text
    assert "+36 pieces/day" in text
    assert "contribution (sketch)" in text
    document = json.loads(json.dumps(faster.to_dict()))
    assert document["schema"] == "plantwright.comparison/1"
    assert document["effects"][0]["change"]["mean"] == pytest.approx(36)
    assert [plant["limited by"]["subject"] for plant in document["plants"]] == ["saw", "saw"]
    assert faster.table("effects").row(0, named=True)["change"] == pytest.approx(36)
    assert faster.table("differs").rows() == [
        ("products > bracket > routing > cut > time", "changed", "10 min/piece", "8 min/piece")
    ]
    with pytest.raises(KeyError, match="'effects', 'states' and 'differs'"):
        faster.table("moves")
    assert faster.chart().to_dict()["layer"]


def test_a_stopped_comparison_says_so() -> None:
    from plantwright.errors import Interrupted
    from plantwright.simulation.replicate import Cancel

    cancel = Cancel()
    cancel.stop()
    with pytest.raises(Interrupted):
        compare(pouch(), pouch(), cancel=cancel, **QUICK)


def test_plants_that_were_put_together_by_hand_are_refused() -> None:
    from dataclasses import replace

    bare: Plant = replace(pouch(), document=None)
    with pytest.raises(ValueError, match="read from a file"):
        compare(bare, pouch(), **QUICK)
