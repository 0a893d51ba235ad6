"""Which lots start when: the plant's release rules as rows for the engine."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from plantwright.errors import SimulationError
from plantwright.plant.once import OnceFor
from plantwright.plant.plant import Plant
from plantwright.plant.products import MONTHS, Demand, Product, Release
from plantwright.simulation import codes, loads
from plantwright.simulation.order_lists import in_turn
from plantwright.simulation.timeline import Floats, advance, calendar, open_time, working_days

ReleaseRow = dict[str, Any]
Orders = dict[str, list[Any]]
"""The lots of order lists, field by field."""


def release_rows(
    plant: Plant, end: float, saturated: bool, lots: int | None = None, listed: bool = False
) -> tuple[list[ReleaseRow], Orders, list[dict[str, Any]]]:
    """Rows of releases and loops, and the orders.

    `saturated` replaces all rules by one loop with more lots than the plant can work on, in the mix of the demand; a plant
    whose every product is released saturated keeps its own rules. If `listed`, the loop starts the orders of the plant's lists in turn,
    over and over (`order_lists.in_turn`).
    """
    releases: list[ReleaseRow] = []
    orders: Orders = {"time": [], "pieces": [], "due": [], "priority": [], "routing": [], "name": []}
    loops: list[dict[str, Any]] = []
    weights = loads.mix(plant)
    rules = plant.release_rules()
    if saturated and rules != {"saturated"}:
        for name, product in plant.products.items():
            first = product.releases[0] if product.releases else Release()
            row = _row(product, first, codes.LOOP, weights[name])
            row |= {"loop": 0, "pieces": loads.typical_lot(product)}
            if listed:
                own = in_turn(
                    plant, product, [_listed(plant, product, n, end) for n in range(len(product.releases))], end
                )
                row |= {"first_order": len(orders["time"]), "orders": len(own["time"])}
                for field, values in own.items():
                    orders[field] += values
            releases.append(row)
        cards = lots or loads.lots_to_saturate(plant)
        loop = {"cards": float(cards), "least": 1.0, "first_release": 0, "releases": len(releases)}
        loops.append(loop | {"listed": int(listed)})
        return releases, orders, loops
    for name, product in plant.products.items():
        for number, release in enumerate(product.releases):
            row = _row(product, release, codes.BY_ORDERS, weights[name]) | {"number": number}
            if release.rule == "every":
                row |= {"rule": codes.EVERY, "every": release.every}
            elif release.rule == "saturated":
                _must_fill(plant, product)
                row["rule"] = codes.SATURATED
            elif release.rule == "conwip" and release.cards is not None:
                row |= {"rule": codes.LOOP, "loop": len(loops)}
                pieces = release.cards.of == "piece"
                loops.append(
                    {
                        "cards": release.cards.value,
                        "least": row["pieces"] if pieces else 1.0,
                        "pieces": int(pieces),
                        "first_release": len(releases),
                        "releases": 1,
                    }
                )
            elif release.rule == "drum":
                row |= {"rule": codes.DRUM, "drum": release.drum, "rope": release.rope or 0.0}
            else:
                own = _listed(plant, product, number, end)
                row |= {"first_order": len(orders["time"]), "orders": len(own.get("time", ()))}
                for field, values in own.items():
                    orders[field] += values
            releases.append(row)
    return releases, orders, loops


def _must_fill(plant: Plant, product: Product) -> None:
    first = product.routing[0]
    if plant.work_centers[first.center].machines is None:
        raise SimulationError(
            f"products > {product.name} > release: saturated: {first.center!r} takes in any number of lots, so that "
            "there is no end to them; limit the lots in process, such as 'release: {conwip: 12 lots}'"
        )


def _row(product: Product, release: Release, rule: int, weight: float) -> ReleaseRow:
    return {
        "rule": rule,
        "product": product.name,
        "number": 0,
        "every": None,
        "most": math.inf if release.most is None else release.most,
        "first": -1.0 if release.first is None else release.first,
        "drum": None,
        "due": math.inf if release.due is None else release.due,
        "priority": release.priority,
        "pieces": product.lot,
        "lost": int(release.when_full == "lost"),
        "weight": weight,
        "label": release.label,
    }


def seconds_until(plant: Plant, instant: datetime | None) -> float:
    """Seconds from the start of a plant's run to an instant of its own clock; infinity for None."""
    return _between(plant.start, instant, plant.time_zone)


def _between(start: datetime, instant: datetime | None, time_zone: str) -> float:
    if instant is None:
        return math.inf
    zone = ZoneInfo(time_zone)
    return instant.replace(tzinfo=zone).timestamp() - start.replace(tzinfo=zone).timestamp()


def _listed(plant: Plant, product: Product, number: int, end: float) -> Orders:
    release = product.releases[number]
    if release.rule == "orders":
        return _orders(product, (plant.start, plant.time_zone, number))
    if product.demand is None:
        raise SimulationError(
            f"products > {product.name}: nothing starts lots: give it a demand or a release, "
            "such as 'release: {conwip: 12 lots}'"
        )
    return _evenly(plant, product, release, end)


def _orders_from(product: Product, begins: tuple[datetime, str, int]) -> Orders:
    """The order list of a product's release of a number, in a plant that starts then, in a time zone; an order larger than the product's lot
    is split into lots.
    """
    start, time_zone, number = begins
    lots: list[tuple[Any, ...]] = []
    for order in sorted(product.releases[number].orders, key=lambda order: order.release):
        time, due = max(0.0, _between(start, order.release, time_zone)), _between(start, order.due, time_zone)
        left = order.quantity
        while left > 1e-9:
            pieces = min(left, product.lot) if product.lot > 1 else left
            left -= pieces
            lots.append((time, pieces, due, order.priority, order.routing, order.name))
    fields = ("time", "pieces", "due", "priority", "routing", "name")
    return {field: [lot[k] for lot in lots] for k, field in enumerate(fields)}


_orders = OnceFor(_orders_from)


def _evenly(plant: Plant, product: Product, release: Release, end: float) -> Orders:
    """Lots at the demand's rate, evenly spaced: over the calendar, or over the open time of the first work center."""
    demand = product.demand
    if demand is None or demand.rate <= 0:
        return {}
    first = plant.work_centers[product.routing[0].center]
    due = math.inf if release.due is None else release.due
    per_day = demand.rate / loads.sold_of_lot(product)
    if demand.season:
        times = _seasonal(plant, product, demand, end)
    elif demand.per == "day":
        times = np.arange(0.0, end, 86400.0 / per_day)
    else:
        open_hours = calendar(
            [plant.shifts[name] for name in first.shift], start=plant.start, time_zone=plant.time_zone, horizon=end
        )
        days = int(working_days(plant, end).working.sum())
        total = open_time(open_hours, 0.0, end)
        lots = per_day * days
        times = advance(open_hours, 0.0, np.arange(math.ceil(lots)) * (total / lots)) if lots > 0 else np.zeros(0)
    times = np.round(times, 6)  # so that a lot at the stroke of an hour is there at it, however it was reckoned
    alike = {"pieces": product.lot, "priority": release.priority, "routing": (), "name": ""}
    return {
        "time": times.tolist(),
        "due": (times + due).tolist(),
        **{field: [value] * len(times) for field, value in alike.items()},
    }


def season_rows(plant: Plant) -> Floats:
    """Of each product, its demand in each month of the year, 1.0 being the rate."""
    rows = np.ones((max(1, len(plant.products)), 12))
    for p, product in enumerate(plant.products.values()):
        if product.demand is not None:
            rows[p] = [product.demand.season.get(month, 1.0) for month in MONTHS]
    return rows


def _seasonal(plant: Plant, product: Product, demand: Demand, end: float) -> Any:
    """Instants at the demand's rate with its season: as far apart in open time as the month's demand says.

    Between two midnights an hour counts as many hours as the month has of the usual demand; in hours so counted lots are evenly
    spaced.
    """
    everyday = demand.per == "day"
    shifts = () if everyday else plant.work_centers[product.routing[0].center].shift
    hours = calendar([plant.shifts[name] for name in shifts], start=plant.start, time_zone=plant.time_zone, horizon=end)
    days = working_days(plant, end + 2 * 86400.0)
    dates = [plant.start.date() + timedelta(days=d) for d in range(len(days.ends))]
    share = np.array([demand.season.get(MONTHS[date.month - 1], 1.0) for date in dates])
    edges = np.minimum(np.concatenate(([0.0], days.ends)), end)
    opened = hours.opened_until(edges)
    counted = np.concatenate(([0.0], np.cumsum(np.diff(opened) * share)))
    asked_days = counted[-1] / 86400.0 if everyday else float((share * days.working)[days.ends <= end + 1e-6].sum())
    lots = demand.rate / loads.sold_of_lot(product) * asked_days
    if lots <= 0 or counted[-1] <= 0:
        return np.zeros(0)
    wanted = np.arange(math.ceil(lots - 1e-9)) * (counted[-1] / lots)
    # Back to open hours; none pass in a month without demand.
    day = np.clip(np.searchsorted(counted, wanted, side="right") - 1, 0, len(share) - 1)
    times = advance(hours, 0.0, opened[day] + (wanted - counted[day]) / np.where(share[day] > 0, share[day], 1.0))
    return times[times < end]


def lot_classes(plant: Plant) -> dict[str, list[Product]]:
    """What lots are called by the plant's release rules, in the order of the file, and the products whose lots are."""
    found: dict[str, list[Product]] = {}
    for product in plant.products.values():
        for release in product.releases:
            if release.label and product not in found.setdefault(release.label, []):
                found[release.label].append(product)
    return found
