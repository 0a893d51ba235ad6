"""Changes of unit (6.3): how many of the units that are sold come of one of those that come to a step."""

from __future__ import annotations

from plantwright.plant.products import Product
from tests.twin.following import followers, parts_behind


def sold_of_one(product: Product, step: int = 0) -> float:
    """Of one that comes to a step, if nothing is lost."""
    operation = product.routing[step]
    factor = operation.becomes.factor if operation.becomes else 1.0
    on = {target: operation.next.get(product.routing[target].name, 1.0) for target in followers(product, step)}
    if parts_behind(product, step):
        on = {parts_behind(product, step)[0]: 1.0}
    on = {target: share for target, share in on.items() if target > step}
    ends = 1 - sum(on.values())
    return factor * (ends + sum(share * sold_of_one(product, target) for target, share in on.items()))


def lot_at(product: Product, step: int, usual: float) -> float:
    """The pieces of a usual lot as it comes to a step."""
    return usual * sold_of_one(product) / sold_of_one(product, step)
