"""Products, their operations, demand and releases as rows for the engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from plantwright.errors import SimulationError
from plantwright.plant.products import Product
from plantwright.plant.resources import WorkCenter
from plantwright.simulation import codes
from plantwright.simulation.center_rows import add_center
from plantwright.simulation.joined_rows import Joined
from plantwright.simulation.loads import sold_of_lot
from plantwright.simulation.own_rows import OwnRows, all_carried, rows_of, stock_rows_of
from plantwright.simulation.qualification import add_qualifications
from plantwright.simulation.records import key_of, records_of
from plantwright.simulation.releases import Orders, ReleaseRow, lot_classes, seconds_until
from plantwright.simulation.step_rows import around_of
from plantwright.simulation.tables import Row, Tables
from plantwright.simulation.timeline import working_days
from plantwright.simulation.tool_rows import check_pools


def add_products(tables: Tables) -> None:
    """Rows for every product and operation."""
    groups: dict[tuple[object, ...], int] = {}
    products = tables.plant.products.values()
    parts = [_part(tables, product) for product in products]
    joined = Joined(tables, parts, groups)
    first_fork = joined.start("fork")
    for product, part, fork in zip(products, parts, first_fork, strict=True):
        first = tables.first_operation(product.name)
        row = {"first_operation": first, "last_operation": -1, "first_start": part.product["first_start"] + fork}
        tables.rows["product"].append(part.product | row)
        tables.pools_carried[product.name] = all_carried(part)
    joined.add()
    joined.tell_centers()
    add_qualifications(tables, parts)
    _add_stocks(tables, groups)
    tables.arrays["group"] = records_of("group", [{}] * len(groups))


def _part(tables: Tables, product: Product) -> OwnRows:
    """The rows of a product, by numbers of its own. Raises SimulationError where what it claims can never be there."""
    part = rows_of(product, around_of(tables, product))
    for operation in part.pooled:
        check_pools(tables, product, operation)
    return part


def _add_stocks(tables: Tables, groups: dict[tuple[object, ...], int]) -> None:
    """For each finished stock with a limit a work center without machines, whose places it has, and the step of coming there."""
    for p, product in enumerate(tables.plant.products.values()):
        if product.stock is None:
            continue
        name, lot = f"stock of {product.name}", sold_of_lot(product)
        pieces = product.stock.value * (1.0 if product.stock.of == "piece" else lot)
        if pieces < lot:
            raise SimulationError(
                f"products > {product.name} > stock > capacity: a lot of {lot:g} never fits into {pieces:g}; make it larger"
            )
        center = tables.centers[name] = add_center(tables, WorkCenter(name, machines=0))
        tables.rows["center"][center] |= {"places": pieces * (1 + 1e-9), "places_in_pieces": 1, "stock": 1}
        tables.rows["store"][p]["center"] = center
        tables.rows["product"][p]["last_operation"] = len(tables.arrays["operation"])
        Joined(tables, [stock_rows_of(product, around_of(tables, product))], groups).add()


def add_days(tables: Tables) -> None:
    """The days on which demand is served, where there is any."""
    if any(product.demand for product in tables.plant.products.values()):
        days = working_days(tables.plant, tables.end)
        first = tables.plant.start.date()
        tables.rows["day"] = [
            {"time": float(end), "working": int(working), "month": (first + timedelta(days=d)).month - 1}
            for d, (end, working) in enumerate(zip(days.ends, days.working, strict=True))
        ]


def add_releases(tables: Tables, releases: list[ReleaseRow], orders: Orders, loops: list[Row]) -> None:
    """Rows for what starts lots; a work center knows whether its lots start there."""
    tables.rows["loop"] = loops
    tables.classes = {label: k for k, label in enumerate(lot_classes(tables.plant))}
    routes: dict[tuple[int, ...], int] = {}
    _add_orders(tables, releases, orders, routes)
    for r, release in enumerate(releases):
        row = dict(release)
        row["key"] = key_of("release", row["product"], row.pop("number"))
        row["every"] = tables.distribution(row["every"])
        label = row.pop("label")
        row["lot_class"] = tables.classes[label] if label else -1
        row["operation"] = tables.first_operation(row["product"])
        row["drum"] = tables.drums.get(row["drum"], -1)
        row["product"] = tables.products[row["product"]]
        for c in tables.centers_at(row["operation"]):
            center = tables.rows["center"][c]
            if row["rule"] == codes.SATURATED:
                tables.rows["source"].append({"release": r, "next": center["first_source"]})
                center["first_source"] = len(tables.rows["source"]) - 1
            elif row["rule"] in (codes.LOOP, codes.DRUM):
                center["looped"] = 1
        tables.rows["release"].append(row)
    _tie(tables)
    for product, steps in tables.least.routes:
        _route(tables, routes, product, steps)
    tables.rows["lot_class"] = [{} for _ in tables.classes]


def _tie(tables: Tables) -> None:
    """Each drum knows the rules whose rope is tied to it."""
    tied: list[list[Row]] = [[] for _ in tables.rows["drum"]]
    for r, row in enumerate(tables.rows["release"]):
        if row["rule"] == codes.DRUM:
            tied[row["drum"]].append({"release": r})
    for drum, found in zip(tables.rows["drum"], tied, strict=True):
        longest = max((tables.rows["release"][row["release"]]["rope"] for row in found), default=0.0)
        drum |= {"longest": longest, "first_tied": len(tables.rows["tied"]), "tied": len(found)}
        tables.rows["tied"] += found


def _add_orders(tables: Tables, releases: list[ReleaseRow], orders: Orders, routes: dict[tuple[int, ...], int]) -> None:
    """Rows for the lots of order lists."""
    listed = {field: orders[field] for field in ("time", "pieces", "due", "priority")}
    products = [release["product"] for release in releases for _ in range(release.get("orders", 0))]
    own = zip(products, orders["routing"], strict=True)
    listed["route"] = [_route(tables, routes, product, routing) for product, routing in own]
    listed["sequenced"] = [tables.sequenced.get(name, -1) for name in orders["name"]]
    tables.columns["order"] = listed


def _route(tables: Tables, routes: dict[tuple[int, ...], int], product: str, steps: Sequence[str]) -> int:
    """The first row of an order's own routing, added where it is new; -1 for an order without one."""
    if not steps:
        return -1
    first = tables.first_operation(product)
    index = {operation.name: first + i for i, operation in enumerate(tables.plant.products[product].routing)}
    operations = tuple(index[step] for step in steps)
    if operations not in routes:
        routes[operations] = len(tables.rows["route"])
        last = len(operations) - 1
        tables.rows["route"] += [{"operation": o, "last": int(i == last)} for i, o in enumerate(operations)]
        tables.route_names += [(product, tuple(steps), i) for i in range(len(steps))]
    return routes[operations]


def add_initial_lots(tables: Tables) -> None:
    """Rows for the lots that stand at their steps when the run begins; where a loop starts lots of their product, it counts them."""
    for name, product in tables.plant.products.items():
        if not product.at_start:
            continue
        first = tables.first_operation(name)
        index = {operation.name: first + i for i, operation in enumerate(product.routing)}
        p = tables.products[name]
        loops = [r for r, row in enumerate(tables.rows["release"]) if row["rule"] == codes.LOOP and row["product"] == p]
        for lot in product.at_start:
            tables.rows["initial"].append(
                {
                    "product": p,
                    "operation": index[lot.operation],
                    "release": loops[0] if loops else -1,
                    "pieces": lot.quantity,
                    "due": seconds_until(tables.plant, lot.due),
                    "priority": lot.priority,
                }
            )
