"""The short way gives what the long one gives, to the bit."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tests.twin.features  # noqa: F401 - fills FEATURES
from plantwright.errors import SimulationError
from plantwright.plant import Plant
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.concepts import ARRAYS, CONCEPTS
from plantwright.simulation.replications import Cancel
from plantwright.simulation.running import run_on
from plantwright.simulation.world import World
from tests.simulation.plants import line, queue
from tests.twin.test_twin import Pairs, drawn

END = 3 * 86400.0
MARKS = {"center": {"short": 0}, "operation": {"lines_up": 0, "goes_on": 0}, "machine": {"may_be_due": 1}}
"""What sends a plant the long way."""
ROUNDS = {
    "run": {"round"},
    "operation": {"tried", "too_many"},
    "lot": {"tried"},
    "group": {"stamp"},
    "center": {"missing"},
}
"""What the long way keeps of how often it has looked."""


def ended(plant: Plant, short: bool) -> World:
    world = Blueprint(plant, END, END / 3, END / 10, False).world(1, 0)
    if not short:
        for concept, marks in MARKS.items():
            for field, value in marks.items():
                world.records[concept][field] = value
    run_on(world, math.inf, Cancel())
    return world


def check_same(plant: Plant) -> bool:
    """Compare all that two worlds know at the end; returns whether the short way was open at all."""
    one, other = ended(plant, True), ended(plant, False)
    for concept, fields in CONCEPTS.items():
        for field in set(fields) - set(MARKS.get(concept, {})) - ROUNDS.get(concept, set()):
            np.testing.assert_array_equal(
                one.records[concept][field], other.records[concept][field], f"{concept}.{field}"
            )
    for name in ARRAYS:
        np.testing.assert_array_equal(one.arrays[name], other.arrays[name], name)
    return bool(one.records["center"]["short"].any())


@pytest.mark.parametrize(
    "plant",
    [
        queue("exponential 1 min", "exponential 1.25 min"),
        queue("exponential 1 min", "exponential 2.6 min", machines=3),
        line([1.0] * 4, [0.01] * 4, [0.1] * 4, [2] * 3),
    ],
    ids=["one server", "three servers", "failing line"],
)
def test_of_plants_that_go_it_all_the_way(plant: Plant) -> None:
    assert check_same(plant)


def test_of_any_plant() -> None:
    open_to = 0
    pairs = Pairs()
    for number in range(60):
        features = pairs.choose(4)
        plant, on = drawn(features, number) or (None, ())
        pairs.count(features, on)
        if plant is None or plant.changes or "a rule of a user's own" in features:
            continue
        try:
            open_to += check_same(plant)
        except SimulationError:
            continue
        except AssertionError as failed:
            source = plant.document.source if plant.document else ""
            raise AssertionError(f"plant {number} {features}\n{source}\n{failed}") from failed
    assert open_to > 15
