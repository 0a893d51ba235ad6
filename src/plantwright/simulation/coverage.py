"""What of a plant the engine does not simulate, said by name."""

from __future__ import annotations

from plantwright.plant.plant import Plant


def not_simulated(plant: Plant) -> tuple[str, ...]:
    """Words of the plant file that stand in this plant and that the engine passes over, in the order of the file.

    There are none at present: what is left for later (networks of conveyors, traffic of vehicles, cranes, fluids) has no words yet.
    """
    del plant
    return ()
