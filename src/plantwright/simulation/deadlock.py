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
    waits_for: dict[int, set[int]] = {}
    for c in range(len(names)):
        first, count = int(centers["first_machine"][c]), int(centers["machines"][c])
        own = machines[first : first + max(0, count)]
        if count > 0 and ((own["job"] == codes.DONE) & (own["blocked_by"] >= 0)).all():
            waits_for[c] = {target for lot in own["head"] for target in _targets(world, int(lot))}
    # A work center that waits for one that can go on will go on itself: a lot that several can take waits for any of them.
    while free := [c for c, targets in waits_for.items() if not targets <= waits_for.keys()]:
        for c in free:
            del waits_for[c]
    path = [min(waits_for)] if waits_for else []
    while path:
        following = min(waits_for[path[-1]])
        if following in path:
            return [names[c] for c in path[path.index(following) :]]
        path.append(following)
    return []


def _targets(world: World, lot: int) -> set[int]:
    """The work centers that can do the operation of a lot, and those that share the buffer before them."""
    operations = world.records["operation"]
    main = int(operations["main"][world.records["lot"]["operation"][lot]])
    first = int(operations["first_choice"][main])
    further = operations["center"][first : first + int(operations["choices"][main]) - 1]
    found = {int(operations["center"][main]), *further.tolist()}
    lanes, shared, centers = world.records["lane"], world.records["lane_center"], world.records["center"]
    for c in list(found):
        if (lane := int(centers["lane"][c])) >= 0:
            at = int(lanes["first_center"][lane])
            found |= set(shared["center"][at : at + int(lanes["centers"][lane])].tolist())
    return found


def raise_if_locked(world: World, plant: Plant) -> None:
    """Raise SimulationError, naming the circle, if the world has come to a standstill."""
    if cycle := blocking_cycle(world, plant):
        circle = " -> ".join([*cycle, cycle[0]])
        raise SimulationError(
            f"the plant locks up: {circle}: each is full and waits for a place at the next; "
            "give one of them a larger buffer or limit the lots in process (release: {conwip: ...})"
        )
