"""The state of a run, carried over into a changed plant: nothing is lost on the way, whatever row it has there."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from plantwright.errors import SimulationError
from plantwright.plant import Plant, build_plant
from plantwright.plant.document import plain
from plantwright.simulation import Event, State, begin
from tests.simulation.plants import EVERYTHING, shop
from tests.simulation.test_any_plant import plants
from tests.simulation.test_state import told

NOT_SHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A plant that fails is told as it was drawn: to make it smaller takes minutes."""


def with_neighbours(plant: Plant) -> Plant:
    """The plant, and before everything in its file something of the same kind that nobody uses, so that all rows are others."""
    assert plant.document is not None
    said = plain(plant.document.root)
    said["shifts"] = {"brief": {"days": "Mon-Fri", "from": "10:00", "to": "10:10"}} | said.get("shifts", {})
    said["people"] = {"idler": {"count": 3, "shift": "brief", "skills": {"idling": 1}}} | said.get("people", {})
    said["tools"] = {"spare": {"count": 2}} | said.get("tools", {})
    said["work centers"] = {
        "first": {
            "machines": 2,
            "setup": "10 min",
            "shift": "brief",
            "failures": [{"every": "exponential 1 h", "repair": "1 h", "by": "idling"}],
        }
    } | said["work centers"]
    said["products"] = {
        "never made": {
            "lot": "5000 pieces",
            "family": "other",
            "release": {"conwip": "10 pieces"},
            "routing": [
                {"one": {"at": "first", "time": "1 h/lot", "staff": [{"skill": "idling"}], "uses": ["spare"]}},
                {"two": {"at": "first", "time": "1 h/lot", "rework": {"share": "10 %", "back to": "one"}}},
            ],
        }
    } | said["products"]
    return build_plant(said, files=dict(plant.document.files))


def of_the_others(state: State) -> list[Event]:
    """What happened but at the neighbours, by names."""
    return [event for event in state.history() if event.work_center != "first"]


def goes_on(plant: Plant, days: float, stops: list[float]) -> tuple[State, State]:
    whole = begin(plant, horizon=f"{days} d", log=True).run_until(days * 86400.0)
    state = begin(plant, horizon=f"{days} d", log=True)
    for stop in stops:
        state = state.run_until(stop * 86400.0).continued(with_neighbours(plant))
    return whole, state.run_until(days * 86400.0)


def same(whole: State, other: State) -> None:
    """Both have the same history, and counted the same to the bit, but for the neighbours."""
    assert of_the_others(other) == list(whole.history())
    try:
        expected = {(e.name, str(e.of), e.quantile): e.values for e in whole.estimates()}
    except SimulationError:  # it locks up
        return
    found = {(e.name, str(e.of), e.quantile): e.values for e in other.estimates()}
    common = [key for key in expected if "{}" not in key[1]]
    assert {key: found[key] for key in common} == {key: expected[key] for key in common}


def test_in_other_rows_a_bit_of_everything_goes_on_to_the_bit() -> None:
    same(*goes_on(shop(EVERYTHING), 12, [4.3]))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), phases=NOT_SHRUNK)
@given(plants(), st.floats(0, 3))
def test_in_other_rows_any_plant_goes_on_to_the_bit(plant: Plant, stop: float) -> None:
    try:
        states = goes_on(plant, 3, [stop])
    except SimulationError:  # a plant that cannot be simulated
        return
    same(*states)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), phases=NOT_SHRUNK)
@given(plants(), st.floats(0, 3))
def test_in_the_same_rows_any_plant_goes_on_to_the_bit(plant: Plant, stop: float) -> None:
    try:
        whole = begin(plant, horizon="3 d", log=True).run_until("3 d")
        state = begin(plant, horizon="3 d", log=True).run_until(stop * 86400).continued(plant).run_until("3 d")
    except SimulationError:
        return
    assert told(whole) == told(state)


def test_what_is_no_more_is_refused() -> None:
    plant = shop(EVERYTHING)
    assert plant.document is not None
    said = plain(plant.document.root)
    state = begin(plant, horizon="4 d").run_until("2 d")
    del said["products"]["pin"]
    with pytest.raises(SimulationError, match="products > pin would be no more"):
        state.continued(build_plant(said))
    said = plain(plant.document.root)
    said["products"]["axle"]["routing"] = said["products"]["axle"]["routing"][:1]
    with pytest.raises(
        SimulationError, match="products > axle > routing > mill would be no more, with the lots that stand there"
    ):
        state.continued(build_plant(said))
