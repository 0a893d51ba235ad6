"""Which steps and work centers of a plant the visits of a log belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plantwright.calibration.centers import Center
from plantwright.calibration.names import tidy
from plantwright.calibration.visits import History, Visit
from plantwright.plant import Plant
from plantwright.plant.products import Product

Where = tuple[str, str]
"""A product and a step of it, as the plant calls them."""


@dataclass(frozen=True)
class Placed:
    """The visits of each step (product and step of the plant), in order of their starts.

    ``orders`` are the visits of each order of a product, each with its step; ``machines`` the visits to each machine (work center and station) in order of
    their starts, each with its product and step; None stands for what the plant has not. ``centers`` are the plant's
    work center for each of the log's; ``unknown`` what the plant has not, with how many visits it had.
    """

    steps: Mapping[tuple[str, str], Sequence[Visit]]
    orders: Mapping[str, tuple[str, Sequence[tuple[str | None, Visit]]]]
    machines: Mapping[tuple[str, str], Sequence[tuple[Where | None, Visit]]]
    centers: Mapping[str, str]
    unknown: Mapping[str, int]


def placed(plant: Plant, history: History, centers: Sequence[Center]) -> Placed:
    """Place the visits of a log, by the names of products and steps; a step that an order comes to once more is that which is called
    so (``again``), where there is one.
    """
    products = {_plain(name): product for name, product in plant.products.items()}
    steps: dict[tuple[str, str], list[Visit]] = {}
    unknown: Counter[str] = Counter()
    where: dict[str, Counter[str]] = {}
    orders: dict[str, tuple[str, list[tuple[str | None, Visit]]]] = {}
    stations: dict[tuple[str, str], list[tuple[Where | None, Visit]]] = {}
    for order, visits in history.orders.items():
        seen: Counter[tuple[str, str]] = Counter()
        for visit in visits:
            product = products.get(_plain(visit.product))
            if product is None:
                unknown[f"product {visit.product!r}"] += 1
                _at_machines(stations, None, visit)
                continue
            name = _step_of(product, visit, again=seen[visit.step] > 0)
            seen[visit.step] += 1
            orders.setdefault(order, (product.name, []))[1].append((name, visit))
            _at_machines(stations, None if name is None else (product.name, name), visit)
            if name is None:
                unknown[f"step {visit.step[0]!r} of {product.name}"] += 1
                continue
            steps.setdefault((product.name, name), []).append(visit)
            where.setdefault(visit.step[1], Counter())[product.operation(name).center] += 1
    of_center = {center.name: _center_of(plant, center, where.get(center.name, Counter())) for center in centers}
    known = {name: center for name, center in of_center.items() if center is not None}
    return Placed(
        {key: sorted(own, key=lambda visit: visit.start) for key, own in steps.items()},
        orders,
        {
            (known[center], station): sorted(own, key=lambda pair: pair[1].start)
            for (center, station), own in stations.items()
            if center in known
        },
        known,
        dict(unknown.most_common()),
    )


def _plain(name: str) -> str:
    return tidy(name).casefold()


def _step_of(product: Product, visit: Visit, *, again: bool) -> str | None:
    """The step of a product's routing that a visit was to."""
    names = {_plain(step.name): step.name for step in product.routing}
    operation, center = visit.step
    wanted = [operation, f"{operation} at {center}"]
    if again:
        wanted = [f"{name} again" for name in wanted] + wanted
    return next((names[_plain(name)] for name in wanted if _plain(name) in names), None)


def _center_of(plant: Plant, center: Center, where: Counter[str]) -> str | None:
    """The plant's work center for one of the log's: of the same name, of a station's name, or where most of its visits belong."""
    names = {_plain(name): name for name in plant.work_centers}
    for name in (center.name, *center.stations):
        if _plain(name) in names:
            return names[_plain(name)]
    return where.most_common(1)[0][0] if where else None


def _at_machines(
    stations: dict[tuple[str, str], list[tuple[Where | None, Visit]]], where: Where | None, visit: Visit
) -> None:
    for station in visit.stations:
        stations.setdefault((visit.step[1], station), []).append((where, visit))
