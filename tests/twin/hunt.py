"""Look for a difference between the two engines on plants with the features given: ``python -m tests.twin.hunt FEATURE...``.

Exits with 0 and says in which plant they differ, with 1 if they do not in any of many.
"""

from __future__ import annotations

import sys

from plantwright.errors import PlantError, SimulationError
from tests.twin.compare import engine_log, first_difference, twin_log
from tests.twin.test_twin import HORIZON, drawn

MOST = 60


def hunt(features: tuple[str, ...]) -> str | None:
    for number in range(MOST):
        try:
            found = drawn(features, number)
            if found is None:
                continue
            plant, _ = found
            ours = engine_log(plant, HORIZON)
        except (PlantError, SimulationError):
            continue
        except (IndexError, ValueError, ZeroDivisionError) as error:
            return f"plant {number}: the engine stumbles: {error!r}"
        if first_difference(ours, twin_log(plant, HORIZON), HORIZON):
            return f"plant {number}"
    return None


if __name__ == "__main__":
    found = hunt(tuple(sys.argv[1:]))
    print(found or "no difference")
    sys.exit(0 if found else 1)
