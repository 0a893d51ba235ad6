"""A plant with some of its numbers multiplied, without reading its file anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation, Product
from plantwright.plant.resources import WorkCenter

SHARES = " > next > "


def with_factors(plant: Plant, factors: Mapping[str, float]) -> Plant | None:
    """The plant with numbers of its file multiplied; None where a path is not one of those that calibration writes.

    Parameters
    ----------
    plant : Plant
    factors : mapping of str to float
        By the path in the plant file: of times, yields and shares of what follows of operations, of default setups, and of failures. Yields
        stay at 100 % or below; shares of one operation add up to 1 afterwards.
    """
    steps: dict[str, dict[str, dict[str, float]]] = {}
    centers: dict[str, dict[str, float]] = {}
    for path, factor in factors.items():
        match path.split(" > "):
            case ["products", product, "routing", step, *word]:
                steps.setdefault(product, {}).setdefault(step, {})[" > ".join(word)] = factor
            case ["work centers", center, *word]:
                centers.setdefault(center, {})[" > ".join(word)] = factor
            case _:
                return None
    if not (steps.keys() <= plant.products.keys() and centers.keys() <= plant.work_centers.keys()):
        return None
    products: dict[str, Product | None] = {name: _product(plant.products[name], own) for name, own in steps.items()}
    made: dict[str, WorkCenter | None] = {name: _center(plant.work_centers[name], own) for name, own in centers.items()}
    if None in products.values() or None in made.values():
        return None
    changed: Any = {"products": {**plant.products, **products}, "work_centers": {**plant.work_centers, **made}}
    return replace(plant, **changed)


def with_even_shares(product: Product, steps: Collection[str]) -> Product:
    """The product with the shares of what follows adding up to 1 at the steps named."""
    return replace(product, routing=tuple(_even(step) if step.name in steps else step for step in product.routing))


def _even(step: Operation) -> Operation:
    total = sum(step.next.values())
    return replace(step, next={name: share / total for name, share in step.next.items()}) if total > 0 else step


def _product(product: Product, factors: Mapping[str, Mapping[str, float]]) -> Product | None:
    left = set(factors)
    routing = []
    for step in product.routing:
        if step.name not in factors:
            routing.append(step)
            continue
        made = _step(step, factors[step.name])
        if made is None:
            return None
        routing.append(made)
        left.discard(step.name)
    return None if left else replace(product, routing=tuple(routing))


def _step(step: Operation, factors: Mapping[str, float]) -> Operation | None:
    shares = dict(step.next)
    changed: dict[str, Any] = {}
    for word, factor in factors.items():
        target = word.removeprefix("next > ")
        if word == "time" and step.time is not None:
            changed["time"] = replace(step.time, distribution=step.time.distribution.times(factor))
        elif word == "yield":
            changed["yield_"] = min(1.0, step.yield_ * factor)
        elif target != word and target in shares:
            shares[target] = min(1.0, shares[target] * factor)
        else:
            return None
    return replace(step, **changed) if shares == step.next else _even(replace(step, next=shares, **changed))


def _center(center: WorkCenter, factors: Mapping[str, float]) -> WorkCenter | None:
    failures = list(center.failures)
    setup = center.setup
    for word, factor in factors.items():
        match word.split(" > "):
            case ["setup", "default"] if setup is not None and setup.default is not None:
                setup = replace(setup, default=setup.default.times(factor))
            case ["failures", number, "every" | "repair" as what] if number.isdigit() and int(number) <= len(failures):
                at = int(number) - 1
                value = getattr(failures[at], what)
                if not hasattr(value, "times"):
                    return None
                failures[at] = replace(failures[at], **{what: value.times(factor)})
            case _:
                return None
    return replace(center, setup=setup, failures=tuple(failures))
