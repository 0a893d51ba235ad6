"""Given sequences as rows for the engine: the turns of each work center, and what becomes of them when the plant changes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from plantwright.errors import SimulationError
from plantwright.plant.plant import Plant
from plantwright.plant.resources import Turn
from plantwright.simulation import codes
from plantwright.simulation.codes import AHEAD, MISSED, TAKEN
from plantwright.simulation.tables import Tables
from plantwright.simulation.world import World


def add_turns(tables: Tables) -> None:
    """A row for each turn of each work center: those of its own sequence, or of the plant's that are for it; all orders have numbers."""
    plant = tables.plant
    for product in plant.products.values():
        for order in (order for release in product.releases for order in release.orders):
            tables.sequenced.setdefault(order.name, len(tables.sequenced))
    places: Counter[int] = Counter()
    for name, center in plant.work_centers.items():
        row = tables.rows["center"][tables.centers[name]]
        row["first_turn"] = row["turn"] = len(tables.rows["turn"])
        turns = [turn for turn in center.sequence or plant.sequence if _is_at(plant, turn, name)]
        for turn in turns:
            _add(tables, name, turn)
        row["turns"] = len(tables.rows["turn"]) - row["first_turn"]
        if row["turns"] and center.batch is not None:
            raise SimulationError(
                f"work centers > {name}: a batch holds lots of several turns; give the sequence to a work center without batches"
            )
    for row in tables.rows["turn"]:
        row["place"] = places[row["sequenced"]]
        places[row["sequenced"]] += 1


def _is_at(plant: Plant, turn: Turn, center: str) -> bool:
    """Whether a turn is for a work center: it names it, or nothing else but a step that is done there."""
    if turn.center:
        return turn.center == center
    return not turn.step or any(
        operation.name == turn.step and any(choice.center == center for choice in operation.at)
        for product in plant.products.values()
        if turn.product in ("", product.name)
        for operation in product.routing
    )


def _add(tables: Tables, center: str, turn: Turn) -> None:
    """Rows for a turn, one for each product that may come there, whether or not the order has lots of it."""
    plant = tables.plant
    number = tables.sequenced.setdefault(turn.order, len(tables.sequenced))
    for product in plant.products.values():
        if turn.product not in ("", product.name):
            continue
        steps = [
            operation.name for operation in product.routing if any(choice.center == center for choice in operation.at)
        ]
        if turn.step:
            steps = [step for step in steps if step == turn.step]
        if not steps:
            continue
        lots = sum(
            math.ceil(order.quantity / product.lot - 1e-9) if product.lot > 1 else 1
            for release in product.releases
            for order in release.orders
            if order.name == turn.order and (not order.routing or set(order.routing) & set(steps))
        )
        index = [operation.name for operation in product.routing].index(steps[0])
        # An order that comes to the work center at one step only has its turn there, also where the step is not named.
        alone = turn.step or len(steps) == 1
        tables.rows["turn"].append(
            {
                "center": tables.centers[center],
                "sequenced": number,
                "product": tables.products[product.name],
                "operation": tables.first_operation(product.name) + index if alone else -1,
                "left": float(lots),
            }
        )
        tables.turn_names.append((center, turn.order, product.name, steps[0] if alone else ""))


def carry_turns(old: World, new: World, turns: Any, in_process: Any) -> None:
    """Let lots have started in what is the same turn in a changed plant, and count anew for how many each turn is still to come.

    Parameters
    ----------
    old, new : World
        As it was stopped, and as it goes on; lots and release rules are carried over.
    turns : array
        The row in the new world of each turn, -1 where it is no more.
    in_process : array
        Of each row of lots in the new world whether it is in use.
    """
    before, after, lot = old.records["turn"], new.records["turn"], new.records["lot"]
    took = new.arrays["took"]
    took[:] = AHEAD
    for one, other in enumerate(turns[: int(old.run.turns[0])]):
        if other >= 0:
            mine = old.records["lot"]["sequenced"] == before["sequenced"][one]
            started = old.arrays["took"][:, before["place"][one]] == TAKEN
            took[mine & started, after["place"][other]] = TAKEN
    in_process = in_process & (lot["product"] >= 0)  # other rows are of materials on their way
    rings = _rings(lot["sibling"], in_process)
    for number in range(int(new.run.turns[0])):
        row = after[number]
        mine = in_process & (lot["sequenced"] == row["sequenced"]) & (lot["product"] == row["product"])
        ahead = took[:, row["place"]]
        for own in np.flatnonzero(mine & (lot["route"] >= 0) & (ahead == AHEAD)):
            if not _comes(new, row, int(lot["route"][own])):
                ahead[own] = MISSED
        here = len(set(rings[mine & (ahead == AHEAD)].tolist()))
        after["left"][number] = here + _to_start(new, row)


def _rings(sibling: Any, in_process: Any) -> Any:
    """Of each lot the first row of the parts into which it was forked, or its own."""
    found = np.arange(len(sibling))
    for one in np.flatnonzero(in_process & (sibling != found)):
        part = int(sibling[one])
        while part != one:
            found[one] = min(found[one], part)
            part = int(sibling[part])
    return found


def _to_start(world: World, turn: Any) -> int:
    """How many lots for a turn the lists of orders are still to start."""
    release, order = world.records["release"], world.records["order"]
    count = 0
    for r in range(int(world.run.releases[0])):
        if release["rule"][r] != codes.BY_ORDERS or release["product"][r] != turn["product"]:
            continue
        first = int(release["first_order"][r])
        rows = order[first + int(release["cursor"][r]) : first + int(release["orders"][r])]
        rows = rows[rows["sequenced"] == turn["sequenced"]]
        count += sum(int(route) < 0 or _comes(world, turn, int(route)) for route in rows["route"])
    return count


def _comes(world: World, turn: Mapping[str, Any], route: int) -> bool:
    """Whether an own routing, of which a row is given, comes where a turn is."""
    rows, operation = world.records["route"], world.records["operation"]
    while route > 0 and not rows["last"][route - 1]:
        route -= 1
    while True:
        main = int(rows["operation"][route])
        first = int(operation["first_choice"][main])
        choices = [main, *range(first, first + int(operation["choices"][main]) - 1)]
        if turn["operation"] == main or (
            turn["operation"] < 0 and any(operation["center"][o] == turn["center"] for o in choices)
        ):
            return True
        if rows["last"][route]:
            return False
        route += 1
