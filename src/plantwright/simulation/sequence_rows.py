"""Given sequences as rows for the engine: the turns of each work center."""

from __future__ import annotations

import math
from collections.abc import Sequence

from plantwright.errors import SimulationError
from plantwright.plant.plant import Plant
from plantwright.plant.resources import Turn
from plantwright.simulation.tables import Tables

_BITS = 62
"""Turns of one order that a number tells apart."""


def add_turns(tables: Tables) -> None:
    """A row for each turn of each work center: those of its own sequence, or of the plant's that are for it."""
    plant = tables.plant
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
    """Rows for a turn, one for each product that it is of where it names a step."""
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
        lots = sum(
            math.ceil(order.quantity / product.lot - 1e-9) if product.lot > 1 else 1
            for release in product.releases
            for order in release.orders
            if order.name == turn.order and (not order.routing or set(order.routing) & set(steps))
        )
        if not lots or not steps:
            continue
        index = [operation.name for operation in product.routing].index(steps[0])
        place = sum(row["sequenced"] == number for row in tables.rows["turn"])
        # An order that comes to the work center at one step only has its turn there, also where the step is not named.
        alone = turn.step or len(steps) == 1
        tables.rows["turn"].append(
            {
                "center": tables.centers[center],
                "sequenced": number,
                "product": tables.products[product.name],
                "operation": tables.first_operation(product.name) + index if alone else -1,
                "left": float(lots),
                "bit": 1 << place if place < _BITS else 0,
            }
        )
        tables.turn_names.append((center, turn.order, product.name, steps[0] if alone else ""))


def not_come_to(tables: Tables, product: str, order: str, routing: Sequence[str]) -> int:
    """The bits of the turns of an order to which its own routing does not come; none where it has no routing of its own."""
    found = 0
    if not routing:
        return found
    for row, (center, of, made, step) in zip(tables.rows["turn"], tables.turn_names, strict=True):
        here = {
            operation.name
            for operation in tables.plant.products[product].routing
            if step in ("", operation.name) and any(choice.center == center for choice in operation.at)
        }
        if (of, made) == (order, product) and here.isdisjoint(routing):
            found |= row["bit"]
    return found
