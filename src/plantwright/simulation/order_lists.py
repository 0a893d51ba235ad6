"""What lists of orders bring: in which time, in how many lots."""

from __future__ import annotations

import math

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
