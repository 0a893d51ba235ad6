"""A plant with some of its numbers multiplied, without reading its file anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from plantwright.plant.once import Once, OnceFor
from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation, Product
from plantwright.plant.resources import WorkCenter

SHARES = " > next > "

Factor = tuple[str, str, float]
"""Of a step or work center, the word below it, and by what its number is multiplied."""


def with_factors(plant: Plant, factors: Mapping[str, float]) -> Plant | None:
    """The plant with numbers of its file multiplied; None where a path is not one of those that calibration writes.

    Parameters
    ----------
    plant : Plant
    factors : mapping of str to float
        By the path in the plant file: of times, yields, shares and shares of what follows of operations, of setups but those between two families, delays, and of failures. Yields
        stay at 100 % or below; shares of one operation add up to 1 afterwards.
    """
    grouped = groups_of(factors)
    if grouped is None:
        return None
    products, centers = grouped
    if not (products.keys() <= plant.products.keys() and centers.keys() <= plant.work_centers.keys()):
        return None
    made = {name: _products(plant.products[name], own) for name, own in products.items()}
    at = {name: _centers(plant.work_centers[name], own) for name, own in centers.items()}
    if None in made.values() or None in at.values():
        return None
    changed: Any = {"products": {**plant.products, **made}, "work_centers": {**plant.work_centers, **at}}
    return replace(plant, **changed)


Groups = Mapping[str, tuple[Factor, ...]]


def _group(factors: Mapping[str, float]) -> tuple[Groups, Groups] | None:
    """Factors by product, and by work center; None where a path is neither's."""
    products: dict[str, list[Factor]] = {}
    centers: dict[str, list[Factor]] = {}
    for path, factor in factors.items():
        match path.split(" > "):
            case ["products", product, "routing", step, *word]:
                products.setdefault(product, []).append((step, " > ".join(word), factor))
            case ["work centers", center, *word]:
                centers.setdefault(center, []).append((center, " > ".join(word), factor))
            case _:
                return None
    made = [{name: tuple(own) for name, own in groups.items()} for groups in (products, centers)]
    return made[0], made[1]


groups_of = Once(_group)


def with_even_shares(product: Product, steps: Collection[str]) -> Product:
    """The product with the shares of what follows adding up to 1 at the steps named."""
    return replace(product, routing=tuple(_even(step) if step.name in steps else step for step in product.routing))


def _even(step: Operation) -> Operation:
    total = sum(step.next.values())
    return replace(step, next={name: share / total for name, share in step.next.items()}) if total > 0 else step


def product_with(product: Product, factors: tuple[Factor, ...]) -> Product | None:
    """The product with numbers of its steps multiplied; None where a step is not there, or a word none of those that calibration writes."""
    by_step: dict[str, dict[str, float]] = {}
    for step, word, factor in factors:
        by_step.setdefault(step, {})[word] = factor
    routing = [_step(step, by_step.pop(step.name, {})) for step in product.routing]
    if by_step or None in routing:
        return None
    changed: Any = {"routing": tuple(routing)}
    return replace(product, **changed)


def _step(step: Operation, factors: Mapping[str, float]) -> Operation | None:
    if not factors:
        return step
    shares = dict(step.next)
    changed: dict[str, Any] = {}
    for word, factor in factors.items():
        target = word.removeprefix("next > ")
        if word == "time" and step.time is not None:
            changed["time"] = replace(step.time, distribution=step.time.distribution.times(factor))
        elif word == "yield":
            changed["yield_"] = min(1.0, step.yield_ * factor)
        elif word == "share":
            changed["share"] = min(1.0, step.share * factor)
        elif target != word and target in shares:
            shares[target] = min(1.0, shares[target] * factor)
        else:
            return None
    return replace(step, **changed) if shares == step.next else _even(replace(step, next=shares, **changed))


def center_with(center: WorkCenter, factors: tuple[Factor, ...]) -> WorkCenter | None:
    """The work center with its numbers multiplied; None where a word is none of those that calibration writes."""
    failures = list(center.failures)
    setup, delay = center.setup, center.delay
    for _, word, factor in factors:
        match word.split(" > "):
            case ["setup", "default"] if setup is not None and setup.default is not None:
                setup = replace(setup, default=setup.default.times(factor))
            case ["setup", "into", family] if setup is not None and family in setup.into:
                setup = replace(setup, into={**setup.into, family: setup.into[family].times(factor)})
            case ["delay"] if delay is not None:
                delay = delay.times(factor)
            case ["failures", number, "every" | "repair" as what] if number.isdigit() and int(number) <= len(failures):
                at = int(number) - 1
                value = getattr(failures[at], what)
                if not hasattr(value, "times"):
                    return None
                failures[at] = replace(failures[at], **{what: value.times(factor)})
            case _:
                return None
    return replace(center, setup=setup, delay=delay, failures=tuple(failures))


# A move leaves most of a plant as it is, and each replication draws the same for all moves: what is made of a part is made once, so that what is
# found of it elsewhere is found once, too.
_products: OnceFor[Product, tuple[Factor, ...], Product | None] = OnceFor(product_with, most=4_000)
_centers: OnceFor[WorkCenter, tuple[Factor, ...], WorkCenter | None] = OnceFor(center_with, most=4_000)
