"""What is said never to go on does not: plants are drawn, looked at, and run on."""

from __future__ import annotations

import random

import tests.twin.features  # noqa: F401 - fills FEATURES
from plantwright.errors import SimulationError
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.replications import Cancel
from plantwright.simulation.running import run_on
from plantwright.simulation.standstill import Standstill
from plantwright.simulation.world import World
from tests.twin.drawing import FEATURES
from tests.twin.own_rules import offered
from tests.twin.pairs import go_together
from tests.twin.test_twin import drawn

DAY = 86400.0
LOCKING = (
    "minimum run",
    "a buffer of lots",
    "a buffer of pieces",
    "a shared buffer",
    "parts",
    "conwip",
    "saturated",
    "loops of cards",
)
"""Features with which plants lock up: two of them are on besides the minimum run."""


def chosen(chance: random.Random) -> tuple[str, ...]:
    features = ["minimum run"]
    for names, count in ((list(LOCKING), 3), (list(FEATURES), 8)):
        chance.shuffle(names)
        for name in names:
            more = (*features, name)
            if len(features) < count and name not in (*features, "dated changes") and go_together(more):
                features.append(name)
    return tuple(features)


def standing(world: World) -> dict[int, tuple[int, float]]:
    """The lots that cannot go on: where each stands, and its pieces, by its number."""
    still = Standstill(world)
    return {
        int(still.lot["number"][lot]): (still.main(lot), float(still.lot["pieces"][lot]))
        for lot in still.lots
        if not still.lot_goes_on(lot)
    }


def test_what_cannot_go_on_stands_where_it_is_days_later() -> None:
    chance = random.Random(4)
    stood = 0
    for number in range(60):
        features = chosen(chance)
        plant, _ = drawn(features, number) or (None, ())
        try:
            with offered():
                world = Blueprint(plant, 4 * DAY, 0.0, 0.0, False).world(1, 0) if plant else None
        except SimulationError:
            continue  # refused before it runs
        if world is None:
            continue
        run_on(world, DAY, Cancel())
        found = standing(world)
        run_on(world, 3.5 * DAY, Cancel())
        still = Standstill(world)
        later = {
            int(still.lot["number"][lot]): (still.main(lot), float(still.lot["pieces"][lot])) for lot in still.lots
        }
        assert found.items() <= later.items(), f"plant {number} {features}"
        stood += bool(found)
    assert stood >= 10
