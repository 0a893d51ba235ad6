"""Units along a routing: in what the lots of a product are counted at each step, and where that changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from plantwright.plant.once import Once, OnceFor
from plantwright.plant.products import Conversion, Operation, Product, Usage
from plantwright.plant.ways import Ways, ways_of
from plantwright.units import UNITS


def with_conversions(products: Mapping[str, Product], materials: Collection[str]) -> dict[str, Product]:
    """Products whose steps know into which unit they turn their lots: what a step gives that is no material and no other product."""
    stored = frozenset([*products, *materials])
    return {name: _converted(product, stored) if _gives(product) else product for name, product in products.items()}


@Once
def _gives(product: Product) -> bool:
    """Whether a step of a product gives anything."""
    return any(step.gives for step in product.routing)


def _conversions(product: Product, others: frozenset[str]) -> Product:
    stored = others - {product.name}
    turning = {step.name: turned for step in product.routing if (turned := names_turned(step, stored))}
    if not turning:
        return product
    ways = ways_of(product)
    sizes = dict.fromkeys(ways.starts, product.lot)
    steps: dict[str, Operation] = {step.name: step for step in product.routing}
    for name in _in_order(ways):
        size = sizes.get(name, product.lot)
        if name in turning:
            usage = steps[name].gives[turning[name][0]]
            steps[name] = replace(steps[name], becomes=_conversion(usage, size))
        becomes = steps[name].becomes
        for following in ways.following[name]:
            sizes.setdefault(following, size * (becomes.factor if becomes else 1.0))
    return replace(product, routing=tuple(steps[step.name] for step in product.routing))


_converted = OnceFor(_conversions)


def names_turned(step: Operation, stored: Collection[str]) -> list[str]:
    """What a step gives that goes into no store: the names of what its lots become."""
    return [name for name in step.gives if name not in stored]


def _conversion(usage: Usage, size: float) -> Conversion:
    amount = usage.amount / UNITS.get(usage.of, {}).get(usage.unit, 1.0)
    return Conversion(usage.unit or "piece", amount / (size if usage.per == "lot" else 1.0), usage.counted)


def _in_order(ways: Ways) -> list[str]:
    """The steps in the order in which lots may come to them first."""
    found = dict.fromkeys(ways.starts)
    ahead = list(found)
    while ahead:
        for name in ways.following[ahead.pop(0)]:
            if name in ways.order and name not in found:
                found[name] = None
                ahead.append(name)
    return list(found)


@Once
def units_at(product: Product) -> dict[str, str]:
    """The unit in which lots are counted when they come to each step, as they come there first."""
    if not product.routing:
        return {}
    ways = ways_of(product)
    units = dict.fromkeys(ways.starts, product.lot_unit or product.unit)
    for name in _in_order(ways):
        becomes = product.operation(name).becomes
        for following in ways.following[name]:
            units.setdefault(following, becomes.unit if becomes else units[name])
    return {step.name: units.get(step.name, product.unit) for step in product.routing}


@Once
def units_after(product: Product) -> dict[str, str]:
    """The unit in which lots are counted when they leave each step."""
    before = units_at(product)
    return {step.name: step.becomes.unit if step.becomes else before[step.name] for step in product.routing}
