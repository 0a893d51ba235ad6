"""Two engines, one page: on small random plants they must say the same, event by event."""

from __future__ import annotations

from hypothesis import HealthCheck, given, reject, settings

from plantwright.errors import SimulationError
from plantwright.plant import Plant
from tests.simulation.test_any_plant import plants
from tests.twin.compare import engine_log, first_difference, twin_log

DAY = 86400.0


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plants())
def test_two_engines_agree_on_any_plant(plant: Plant) -> None:
    try:
        ours = engine_log(plant, 3 * DAY)
    except SimulationError:
        reject()  # it locks up, which tests of its own tell
    difference = first_difference(ours, twin_log(plant, 3 * DAY), 3 * DAY)
    assert difference is None, f"{difference}\n{plant.document and plant.document.source}"
