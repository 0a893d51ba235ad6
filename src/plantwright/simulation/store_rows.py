"""Materials, finished stock and suppliers as rows for the engine, and what operations and repairs take of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from plantwright.plant.conversions import units_at
from plantwright.plant.once import Once
from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation, Product, Usage
from plantwright.plant.resources import Material
from plantwright.simulation import codes
from plantwright.simulation.loads import worth_at
from plantwright.simulation.records import key_of
from plantwright.simulation.tables import Row, Tables
from plantwright.units import UNITS

if TYPE_CHECKING:
    from plantwright.simulation.step_rows import Own

_PER = {"piece": codes.PER_PIECE, "lot": codes.PER_LOT, "batch": codes.PER_BATCH}
_NOT_LISTED = -2
_MEASURED = frozenset(unit for kind in ("length", "mass", "volume", "area") for unit in UNITS[kind])
"""Units of what is weighed or measured: it loses the share of its yield exactly, where pieces are good or bad."""


def add_stores(tables: Tables) -> None:
    """A row for the finished stock of every product, then for every material, and one for every supplier."""
    plant = tables.plant
    suppliers = {name: i for i, name in enumerate(plant.suppliers)}
    taken = taken_in(plant)
    for name, product in plant.products.items():
        row = _store_row("stock", name)
        row["counted"] = int(name in taken or product.demand is not None or product.stock is not None)
        tables.stores[name] = len(tables.rows["store"])
        tables.rows["store"].append(row)
    for name, material in plant.materials.items():
        row = _store_row("material", name)
        if material.on_hand is not None:
            row |= {"counted": 1, "level": material.on_hand}
            if material.reorder_at is not None and material.reorder_up_to is not None:
                row |= {"reorder_at": material.reorder_at, "reorder_to": material.reorder_up_to}
        row["supplier"] = suppliers.get(material.supplier or "", -1)
        tables.stores[name] = len(tables.rows["store"])
        tables.rows["store"].append(row)
    for name, supplier in plant.suppliers.items():
        tables.rows["supplier"].append(
            {
                "lead": tables.distribution(supplier.lead_time),
                "outage_every": tables.distribution(supplier.outage_every),
                "outage_lasts": tables.distribution(supplier.outage_lasts),
                "key": key_of("supplier", name),
                "held_head": -1,
                "held_tail": -1,
            }
        )
    tables.names["store"] = list(tables.stores)


def taken_in(plant: Plant) -> frozenset[str]:
    """The names of all that some operation takes."""
    return frozenset().union(*map(_taken_for, plant.products.values()))


@Once
def _taken_for(product: Product) -> frozenset[str]:
    """The names of all that the operations of a product take."""
    return frozenset(name for operation in product.routing for name in operation.takes)


def unit_of(material: Material) -> str:
    """The unit in which a material is counted."""
    return next((unit for unit, size in UNITS.get(material.unit, {}).items() if size == 1.0), "piece")


def _store_row(kind: str, name: str) -> Row:
    return {
        "counted": 0,
        "center": -1,
        "level": 0.0,
        "reorder_at": -1.0,
        "reorder_to": -math.inf,
        "supplier": -1,
        "key": key_of(kind, name),
        "next_wanted": _NOT_LISTED,
        "next_low": -1,
    }


def takes(tables: Tables | Own, taken: Mapping[str, Usage | float]) -> Row:
    """Where that which an operation or repair takes stands, and how much it is; it is added. A bare number is taken once."""
    first = len(tables.rows["take"])
    for name, usage in taken.items():
        amount, per = (usage.amount, usage.per) if isinstance(usage, Usage) else (usage, "batch")
        if isinstance(usage, Usage) and (unit := tables.unit_of(name)) is not None:
            # A store of a product is counted in the product's unit, which need not be SI.
            amount /= UNITS.get(usage.of, {}).get(unit, 1.0)
        tables.rows["take"].append({"store": tables.stores[name], "amount": amount, "per": _PER[per]})
    return {"first_take": first, "takes": len(tables.rows["take"]) - first}


def gives(own: Own, product: Product, operation: Operation) -> Row:
    """What an operation gives to stores, and how its lots are counted before and after it."""
    given = {name: usage for name, usage in operation.gives.items() if own.is_stored(name) and name != product.name}
    rows = takes(own, given)
    becomes = operation.becomes
    before = units_at(product)[operation.name]
    after = becomes.unit if becomes else before
    return {
        "first_give": rows["first_take"],
        "gives": rows["takes"],
        "makes": int(bool(given) or becomes is not None),
        "factor": becomes.factor if becomes else 1.0,
        "whole": _is_whole(product, before),
        "split_whole": _is_whole(product, after),
        "whole_after": int(becomes is not None and after not in _MEASURED),
        "worth": worth_at(product)[operation.name],
    }


def _is_whole(product: Product, unit: str) -> int:
    """Whether lots are whole pieces where they are counted in that unit: good or bad each."""
    turned = product.lot_unit != "" and unit != product.lot_unit
    return int(unit not in _MEASURED and (turned or float(product.lot).is_integer()))
