"""Which steps and work centers of a plant the visits of a log belong to."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plantwright.calibration.centers import Center
from plantwright.calibration.names import tidy
from plantwright.calibration.visits import History, Visit
from plantwright.plant import Plant
from plantwright.plant.products import Product


@dataclass(frozen=True)
class Placed:
    """The visits of each step (product and step of the plant), in order of their starts.

    ``setups`` are the seconds of each setup of a work center and how often products changed on its machines; ``centers`` the plant's
    work center for each of the log's; ``unknown`` what the plant has not, with how many visits it had.
    """

    steps: Mapping[tuple[str, str], Sequence[Visit]]
    setups: Mapping[str, tuple[Sequence[float], int]]
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
    for visits in history.orders.values():
        seen: Counter[tuple[str, str]] = Counter()
        for visit in visits:
            product = products.get(_plain(visit.product))
            if product is None:
                unknown[f"product {visit.product!r}"] += 1
                continue
            name = _step_of(product, visit, again=seen[visit.step] > 0)
            seen[visit.step] += 1
            if name is None:
                unknown[f"step {visit.step[0]!r} of {product.name}"] += 1
                continue
            steps.setdefault((product.name, name), []).append(visit)
            where.setdefault(visit.step[1], Counter())[product.operation(name).center] += 1
    of_center = {center.name: _center_of(plant, center, where.get(center.name, Counter())) for center in centers}
    known = {name: center for name, center in of_center.items() if center is not None}
    return Placed(
        {key: sorted(own, key=lambda visit: visit.start) for key, own in steps.items()},
        _setups(history, known),
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


def _setups(history: History, centers: Mapping[str, str]) -> dict[str, tuple[list[float], int]]:
    setups: dict[str, list[float]] = {}
    made: dict[str, dict[str, list[tuple[object, str]]]] = {}
    for visit in history.visits():
        center = centers.get(visit.step[1])
        if center is None:
            continue
        if visit.setup > 0:
            setups.setdefault(center, []).append(visit.setup)
        for station in visit.stations:
            made.setdefault(center, {}).setdefault(station, []).append((visit.start, visit.product))
    return {center: (values, sum(_changes(own) for own in made[center].values())) for center, values in setups.items()}


def _changes(visits: Sequence[tuple[object, str]]) -> int:
    """How often the product changed on a machine; the first one is a change, too."""
    order = [product for _, product in sorted(visits, key=lambda pair: pair[0])]  # type: ignore[arg-type, return-value]
    return 1 + sum(a != b for a, b in itertools.pairwise(order))
