"""Plants that lock up: machines that wait for each other's places in a circle."""

from __future__ import annotations

from plantwright.errors import SimulationError
from plantwright.plant.plant import Plant
from plantwright.simulation import codes
from plantwright.simulation.world import World


def blocking_cycle(world: World, plant: Plant) -> list[str]:
    """Work centers all of whose machines wait, blocked, for a place at the next one of the list; empty if there is none."""
    names = list(plant.work_centers)
    centers, machines = world.records["center"], world.records["machine"]
    waits_for: dict[int, int] = {}
    for c in range(len(names)):
        first, count = int(centers["first_machine"][c]), int(centers["machines"][c])
        own = machines[first : first + max(0, count)]
        if count > 0 and ((own["job"] == codes.DONE) & (own["blocked_by"] >= 0)).all():
            targets = {int(target) for target in own["blocked_by"]}
            if len(targets) == 1:
                waits_for[c] = targets.pop()
    for start in waits_for:
        path = [start]
        while path[-1] in waits_for:
            following = waits_for[path[-1]]
            if following in path:
                return [names[c] for c in path[path.index(following) :]]
            path.append(following)
    return []


def raise_if_locked(world: World, plant: Plant) -> None:
    """Raise SimulationError, naming the circle, if the world has come to a standstill."""
    if cycle := blocking_cycle(world, plant):
        circle = " -> ".join([*cycle, cycle[0]])
        raise SimulationError(
            f"the plant locks up: {circle}: each is full and waits for a place at the next; "
            "give one of them a larger buffer or limit the lots in process (release: {conwip: ...})"
        )
