"""What lists of orders bring: in which time, in how many lots."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from plantwright.plant.plant import Plant
from plantwright.plant.products import Product


def span_listed(plant: Plant) -> float:
    """Seconds from the first to the last release of all lists of orders: a product with one order comes once in that time, not once a day."""
    moments = [
        order.release for product in plant.products.values() for release in product.releases for order in release.orders
    ]
    return (max(moments) - min(moments)).total_seconds() if moments else 0.0


def lots_listed(product: Product) -> int:
    """Lots of all orders of a product; an order larger than the lot is split."""
    orders = [order for release in product.releases for order in release.orders]
    return sum(math.ceil(order.quantity / product.lot - 1e-9) if product.lot > 1 else 1 for order in orders)


_MOST_TIMES_FASTER = 5.0
"""A plant that is given its orders in turn never runs out of them unless it is so many times as fast as they came."""


def in_turn(
    plant: Plant, product: Product, lists: Sequence[Mapping[str, Sequence[Any]]], end: float
) -> dict[str, list[Any]]:
    """The lots of a product's lists (`releases._orders`), over and over: each time later by as long as the plant's lists reach.

    Where most orders of the plant have no routing of their own, those that have are not repeated: they are orders that had begun before
    the list did, of which only the rest is left. Nor are due dates.
    """
    own = sum(
        bool(order.routing) for one in plant.products.values() for release in one.releases for order in release.orders
    )
    every = sum(len(release.orders) for one in plant.products.values() for release in one.releases)
    long = span_listed(plant) * (1 + 1 / max(1, every - 1)) or 1.0
    fields = ("time", "pieces", "due", "priority", "routing", "name")
    lots = sorted(
        (lot for listed in lists for lot in zip(*(listed[field] for field in fields), strict=True)),
        key=lambda lot: lot[0],
    )
    made = list(lots)
    for again in range(1, 2 + math.ceil(_MOST_TIMES_FASTER * end / long)):
        made += [
            (time + again * long, pieces, math.inf, priority, routing, "")
            for time, pieces, _, priority, routing, _ in lots
            if not routing or 2 * own > every
        ]
    return {field: [lot[k] for lot in made] for k, field in enumerate(fields)}
