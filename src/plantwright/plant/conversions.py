"""Units along a routing: in what the lots of a product are counted at each step, and where that changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from plantwright.plant.products import Conversion, Operation, Product, Usage
from plantwright.units import UNITS


def with_conversions(products: Mapping[str, Product], materials: Collection[str]) -> dict[str, Product]:
    """Products whose steps know into which unit they turn their lots: what a step gives that is no material and no other product."""
    return {name: _converted(product, {*products, *materials} - {name}) for name, product in products.items()}


def _converted(product: Product, stored: Collection[str]) -> Product:
    turning = {step.name: turned for step in product.routing if (turned := names_turned(step, stored))}
    if not turning:
        return product
    sizes = {product.routing[0].name: product.lot}
    steps: dict[str, Operation] = {step.name: step for step in product.routing}
    for name in _in_order(product):
        size = sizes.get(name, product.lot)
        if name in turning:
            usage = steps[name].gives[turning[name][0]]
            steps[name] = replace(steps[name], becomes=_conversion(usage, size))
        becomes = steps[name].becomes
        for following in followers(product, name):
            sizes.setdefault(following, size * (becomes.factor if becomes else 1.0))
    return replace(product, routing=tuple(steps[step.name] for step in product.routing))


def names_turned(step: Operation, stored: Collection[str]) -> list[str]:
    """What a step gives that goes into no store: the names of what its lots become."""
    return [name for name in step.gives if name not in stored]


def _conversion(usage: Usage, size: float) -> Conversion:
    amount = usage.amount / UNITS.get(usage.of, {}).get(usage.unit, 1.0)
    return Conversion(usage.unit or "piece", amount / (size if usage.per == "lot" else 1.0), usage.counted)


def followers(product: Product, name: str) -> list[str]:
    """The steps that may follow a step: those of its ``next``, else those that name it in ``after``, else the next of the list."""
    names = [step.name for step in product.routing]
    at = names.index(name)
    if product.routing[at].next:
        return [target for target in product.routing[at].next if target in names]
    joined = [step.name for step in product.routing if name in step.after]
    return joined or [step.name for step in product.routing[at + 1 : at + 2] if not step.after]


def _in_order(product: Product) -> list[str]:
    """The steps in the order in which lots may come to them first."""
    found = dict.fromkeys([product.routing[0].name])
    ahead = list(found)
    while ahead:
        for name in followers(product, ahead.pop(0)):
            if name not in found:
                found[name] = None
                ahead.append(name)
    return list(found)


def units_at(product: Product) -> dict[str, str]:
    """The unit in which lots are counted when they come to each step, as they come there first."""
    if not product.routing:
        return {}
    units = {product.routing[0].name: product.lot_unit or product.unit}
    for name in _in_order(product):
        becomes = product.operation(name).becomes
        for following in followers(product, name):
            units.setdefault(following, becomes.unit if becomes else units[name])
    return {step.name: units.get(step.name, product.unit) for step in product.routing}


def unit_after(product: Product, name: str) -> str:
    """The unit in which lots are counted when they leave a step."""
    becomes = product.operation(name).becomes
    return becomes.unit if becomes else units_at(product)[name]
