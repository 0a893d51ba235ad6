"""Lists of orders at low and high demand: fewer orders of the list, or some of them once more."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from plantwright.plant.plant import Plant
from plantwright.plant.products import Order
from plantwright.simulation.streams import entity_key

MOST_LEFT_OUT = 0.5
"""Of the orders of a product with several, at most about so many are left out to make up for products that have one order only."""
COLUMNS = ("order", "release", "quantity", "due", "priority", "routing")


@dataclass(frozen=True, slots=True)
class _Listed:
    """An order and where it stands: the product, the number of its release, its place in the list."""

    product: str
    number: int
    place: int
    order: Order


def lists_at(plant: Plant, factors: Mapping[str, float]) -> dict[tuple[str, int], tuple[Order, ...]]:
    """The lists of orders where each product is asked for `factors` times as many: by product and the place of the release.

    Parameters
    ----------
    plant : Plant
    factors : mapping of str to float
        By how much the orders of each product with a list are multiplied.

    Returns
    -------
    dict
        Empty where there is no list, where a given sequence names orders, or where low demand cannot be told: each product keeps an
        order at least, so of a list in which hardly any product has two, none can be left out.

    Notes
    -----
    Orders are taken by systematic sampling with unequal chances (Madow 1949) from all orders by product and quantity, those alike
    in an order drawn by lot: so each product and each size has its share to within one order. What is left out is left out; what is
    taken once more comes at the moment of another order, these chosen alike from all moments, and is due as long after its release
    as the first. Draws hang on the names of products and places in the list alone, so they are the same for all moves and seeds.
    """
    listed = [
        _Listed(name, number, place, order)
        for name, product in plant.products.items()
        for number, release in enumerate(product.releases)
        for place, order in enumerate(release.orders)
        if name in factors
    ]
    if not listed or plant.sequence or any(center.sequence for center in plant.work_centers.values()):
        return {}
    wanted = [factors[item.product] - 1 for item in listed]
    out = _left_out(listed, [max(0.0, -share) for share in wanted])
    if out is None:
        return {}
    copies = _once_more(listed, [max(0.0, share) for share in wanted])
    kept = [item for number, item in enumerate(listed) if number not in out]
    lists: dict[tuple[str, int], list[Order]] = {(item.product, item.number): [] for item in listed}
    for item in (*kept, *copies):
        lists[item.product, item.number].append(item.order)
    # Of several lists of one product, one may have lost all its orders; it then keeps one, as a list must.
    for (name, number), orders in lists.items():
        if not orders:
            orders.append(next(item.order for item in listed if (item.product, item.number) == (name, number)))
    return {key: tuple(sorted(orders, key=lambda order: order.release)) for key, orders in lists.items()}


def _left_out(listed: Sequence[_Listed], shares: Sequence[float]) -> set[int] | None:
    """The numbers of the orders that are left out; None where not even half of what is wanted can be."""
    wanted = sum(shares)
    left = Counter(item.product for item in listed)
    able = [share if left[item.product] > 1 else 0.0 for item, share in zip(listed, shares, strict=True)]
    if wanted <= 0:
        return set()
    if sum(able) <= 0:
        return None
    more = wanted / sum(able)
    chances = [max(share, min(share * more, MOST_LEFT_OUT)) for share in able]
    out: set[int] = set()
    for number in _sampled(_by_size(listed), chances, "left out"):
        if left[listed[number].product] > 1:
            left[listed[number].product] -= 1
            out.add(number)
    return out if len(out) >= wanted / 2 else None


def _once_more(listed: Sequence[_Listed], shares: Sequence[float]) -> list[_Listed]:
    """Copies of orders at the moments of others."""
    chosen = _sampled(_by_size(listed), shares, "once more")
    in_time = sorted(range(len(listed)), key=lambda k: (listed[k].order.release, _chance("moment", *_where(listed[k]))))
    even = [len(chosen) / len(listed)] * len(listed)
    moments = [listed[k].order.release for k in _sampled(in_time, even, "moments")]
    drawn = sorted(range(len(chosen)), key=lambda k: _chance("turn", k, *_where(listed[chosen[k]])))
    return [
        replace(listed[chosen[k]], order=_moved(listed[chosen[k]].order, moment))
        for k, moment in zip(drawn, moments, strict=True)
    ]


def _moved(order: Order, release: datetime) -> Order:
    """The same order at another moment, due as long after it."""
    due = None if order.due is None else release + (order.due - order.release)
    return replace(order, name=f"{order.name}, once more", release=release, due=due)


def _by_size(listed: Sequence[_Listed]) -> list[int]:
    """The numbers of all orders, product by product from that of the smallest orders on, each from its smallest order on."""
    of: dict[str, list[float]] = {}
    for item in listed:
        of.setdefault(item.product, []).append(item.order.quantity)
    mean = {name: sum(each) / len(each) for name, each in of.items()}
    return sorted(
        range(len(listed)),
        key=lambda k: (
            mean[listed[k].product], listed[k].product, listed[k].order.quantity, _chance("alike", *_where(listed[k])),
        ),
    )  # fmt: skip


def _where(item: _Listed) -> tuple[object, ...]:
    return item.product, item.number, item.place


def _chance(*names: object) -> float:
    """A number from 0 to 1 that belongs to some names, always the same."""
    return entity_key("orders", *names) / 2.0**63


def _sampled(order: Iterable[int], shares: Sequence[float], what: str) -> list[int]:
    """Systematic sampling: each number as often as whole numbers lie in its stretch of the line of all shares, which begins at random."""
    reached, found = _chance(what), []
    for number in order:
        after = reached + shares[number]
        # Shares such as a fifth are no sums of powers of two: ten of them shall be two.
        found += [number] * (math.floor(after + 1e-9) - math.floor(reached + 1e-9))
        reached = after
    return found


def as_table(orders: Sequence[Order]) -> str:
    """A list of orders as the text of a file such as ``orders.csv``."""
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(COLUMNS)
    for order in orders:
        due = "" if order.due is None else order.due.isoformat(" ")
        rows.writerow(
            [order.name, order.release.isoformat(" "), f"{order.quantity:.12g}", due, f"{order.priority:.12g}",
             " > ".join(order.routing)]
        )  # fmt: skip
    return table.getvalue()
