"""Products, their operations, demand and releases as rows for the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate

from plantwright.errors import SimulationError
from plantwright.plant.products import Alternative, Operation, Product, WorkTime
from plantwright.plant.resources import WorkCenter
from plantwright.plant.ways import Ways, ways_of
from plantwright.simulation import codes, store_rows
from plantwright.simulation.center_rows import add_center
from plantwright.simulation.codes import NOT_CARRIED
from plantwright.simulation.loads import expected_visits, sold_of_lot, work_ahead, work_time, yield_of
from plantwright.simulation.qualification import add_qualifications, bindings
from plantwright.simulation.releases import Orders, ReleaseRow, lot_classes, seconds_until
from plantwright.simulation.streams import entity_key
from plantwright.simulation.tables import Row, Tables
from plantwright.simulation.timeline import working_days
from plantwright.simulation.tool_rows import check_claims, check_pools, returning, tool_needs

INTO_STOCK = "into stock"
"""What coming into a finished stock that has a limit is called in the log."""

_PER = {"piece": codes.PER_PIECE, "lot": codes.PER_LOT, "batch": codes.PER_BATCH}


def add_products(tables: Tables) -> None:
    """Rows for every product and operation."""
    groups: dict[tuple[object, ...], int] = {}
    for product in tables.plant.products.values():
        _check_work(product)
        first = len(tables.rows["operation"])
        index = {operation.name: first + i for i, operation in enumerate(product.routing)}
        ways, returns = ways_of(product), returning(tables, product)
        for i, operation in enumerate(product.routing):
            check_claims(tables, product, operation)
            row = _operation_row(tables, product, operation, index, operation.name in returns)
            row |= _followers(tables, ways, operation, index)
            row["group"] = groups.setdefault(_group(tables, operation, operation.at[0], row["key"]), len(groups))
            row |= {"main": first + i, "choices": len(operation.at)}
            tables.rows["operation"].append(row)
            tables.names["operation"].append(operation.name)
            _tell_center(tables, row)
            check_pools(tables, product, operation, row)
        for i, (of_lot, of_piece) in enumerate(work_ahead(product)[0]):
            tables.rows["operation"][first + i] |= {"ahead_of_lot": float(of_lot), "ahead_of_piece": float(of_piece)}
        demand = product.demand
        tables.rows["product"].append(
            {
                "first_operation": first,
                "last_operation": -1,
                "first_start": _forks(tables, ways.starts, index),
                "starts": len(ways.starts),
                "demand": demand.rate if demand else 0.0,
                "demand_rule": 0 if demand is None else 1 if demand.per == "day" else 2,
                "backlogged": int(demand is not None and demand.unmet == "backlog"),
            }
        )
    _add_alternatives(tables, groups)
    add_qualifications(tables)
    _add_stocks(tables, groups)
    tables.rows["group"] = [{} for _ in groups]


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
        step = Operation(INTO_STOCK, (Alternative(name),))
        center = tables.centers[name] = add_center(tables, WorkCenter(name, machines=0))
        tables.rows["center"][center] |= {"places": pieces * (1 + 1e-9), "places_in_pieces": 1, "stock": 1}
        tables.rows["store"][p]["center"] = center
        row = _operation_row(tables, replace(product, routing=(*product.routing, step)), step, {}, False)
        o = len(tables.rows["operation"])
        row |= _followers(tables, Ways(replace(product, routing=(step,))), step, {INTO_STOCK: o})
        row |= {"group": groups.setdefault(("stock", p), len(groups)), "main": o, "choices": 1}
        tables.rows["operation"].append(row)
        tables.names["operation"].append(INTO_STOCK)
        tables.rows["product"][p]["last_operation"] = o


def _check_work(product: Product) -> None:
    """Raise SimulationError where no lot ever has anything to do: it would be done in no time, again and again."""
    if sum(expected_visits(product).values()) < 1e-9:
        raise SimulationError(
            f"products > {product.name} > routing: every step is left out by its 'share'; give one step a share above 0 %"
        )


def _tell_center(tables: Tables, operation: Row) -> None:
    """A work center knows what its operations claim."""
    center = tables.rows["center"][operation["center"]]
    limits = tables.rows["limit"][operation["first_limit"] : operation["first_limit"] + operation["limits"]]
    if any(limit["past"] != codes.PAST_REPORT for limit in limits):
        center["limited"] = 1
    needs = tables.rows["need"][operation["first_need"] : operation["first_need"] + operation["needs"]]
    if needs or store_rows.waits_for_stores(tables, operation):
        center["asks"] = 1
    if any(need["until"] != NOT_CARRIED or need["borrows"] for need in needs if need["pool"] >= 0):
        by_piece = any(need["by_piece"] for need in needs if need["pool"] >= 0)
        center["carries"] = max(center.get("carries", 0), 1 + int(by_piece))


def _add_alternatives(tables: Tables, groups: dict[tuple[object, ...], int]) -> None:
    """Rows for the further work centers that can do an operation, behind those of all operations."""
    o = 0
    for product in tables.plant.products.values():
        for operation in product.routing:
            main = tables.rows["operation"][o]
            main["first_choice"] = len(tables.rows["operation"])
            for choice in operation.at[1:]:
                row = main | _own(tables, operation, choice)
                row["group"] = groups.setdefault(_group(tables, operation, choice, row["key"]), len(groups))
                tables.rows["operation"].append(row)
                tables.names["operation"].append(operation.name)
                _tell_center(tables, row)
            o += 1


def _own(tables: Tables, operation: Operation, choice: Alternative) -> Row:
    """What one of the work centers that can do an operation has of its own there."""
    time = work_time(operation, choice)
    return {
        "center": tables.centers[choice.center],
        "good": yield_of(operation, choice),
        "judged": int(yield_of(operation, choice) < 1 or bool(operation.defects) or bool(operation.finds)),
        "work": time.distribution.mean * (operation.sample if time.per == "piece" else 1.0) if time else 0.0,
        "time": tables.distribution(time.distribution) if time else -1,
        "time_per": _PER[time.per] if time else codes.PER_LOT,
    }


def _group(tables: Tables, operation: Operation, choice: Alternative, key: int) -> tuple[object, ...]:
    batch = tables.plant.work_centers[choice.center].batch
    if batch is None or batch.together == "same operation":
        return ("operation", key)
    if batch.together == "any":
        return ("any", choice.center)
    return ("recipe", choice.center, work_time(operation, choice))


def _operation_row(tables: Tables, product: Product, operation: Operation, index: dict[str, int], returns: bool) -> Row:
    """`returns`: lots may carry something until it is done."""
    key = entity_key("operation", product.name, operation.name)
    tools = tool_needs(tables, product, operation, index)
    row: Row = {
        "key": key,
        "setup": tables.setups[operation.setup or product.family or product.name],
        "scrap_lot": int(operation.scrap == "lot"),
        "share": operation.share,
        "rework_to": -1,
        **bindings(product, operation),
        **_own(tables, operation, operation.at[0]),
        **tables.needs(operation.staff, tools),
        **store_rows.takes(tables, operation.takes),
        **store_rows.gives(tables, product, operation),
        "tools": int(bool(tools)),
        "carries": int(any(need["until"] != NOT_CARRIED for need in tools)),
        "returns": int(returns),
        **_flaws(tables, operation),
        **_parts(operation),
        **_limits(tables, product, operation, index),
    }
    times: dict[str, WorkTime | None] = {
        "load": operation.load,
        "unload": operation.unload,
        "interval": operation.interval,
    }
    for word, given in times.items():
        row[word] = tables.distribution(given.distribution) if given else -1
        row[f"{word}_per"] = _PER[given.per] if given else codes.PER_LOT
    if operation.rework:
        row |= {
            "rework": operation.rework.share,
            "rework_to": index[operation.rework.back_to],
            "rework_most": operation.rework.at_most,
            "rework_scrap": int(operation.rework.then == "scrap"),
            "rework_place": index[operation.name] - min(index.values()),
        }
    row["first_branch"] = len(tables.rows["branch"])
    row["branches"] = len(operation.next)
    shares = accumulate(operation.next.values())
    tables.rows["branch"] += [
        {"share": share, "operation": index.get(target, -1)}
        for target, share in zip(operation.next, shares, strict=True)
    ]
    return row


def _parts(operation: Operation) -> Row:
    """How many lots an operation makes of one, or one of many."""
    row: Row = {"gathered_head": -1, "gathers": int(operation.merge is not None or bool(operation.after))}
    for word, amount in (("split", operation.split), ("merge", operation.merge)):
        if amount is not None:
            row |= {word: amount.value, f"{word}_lots": int(amount.of != "piece")}
    row["transfer"] = operation.transfer.value if operation.transfer else 0.0
    return row


def _followers(tables: Tables, ways: Ways, operation: Operation, index: dict[str, int]) -> Row:
    """What follows an operation whose lots do not branch, and whether it is a join."""
    following = ways.following[operation.name]
    forks = ways.forks.get(operation.name, ())
    joins = [step.name for step in ways.product.routing if step.after]
    for name in joins:
        if name in ways.reach[operation.name]:
            tables.reaches.append((index[operation.name], joins.index(name)))
    return {
        "following": index[following[0]] if following and not operation.next else -1,
        "first_fork": _forks(tables, forks, index) if forks else 0,
        "forks": len(forks),
        "joins": int(bool(operation.after)),
        "join_place": joins.index(operation.name) if operation.after else 0,
        "makes_lots": int(operation.split is not None or operation.transfer is not None or bool(forks)),
    }


def _forks(tables: Tables, steps: Sequence[str], index: dict[str, int]) -> int:
    """The first of rows for the steps with which parts of a lot begin; they are added."""
    first = len(tables.rows["fork"])
    tables.rows["fork"] += [{"operation": index[step]} for step in steps]
    return first


_PAST = {"report": codes.PAST_REPORT, "scrap": codes.PAST_SCRAP, "rework": codes.PAST_REWORK}


def _limits(tables: Tables, product: Product, operation: Operation, index: dict[str, int]) -> Row:
    """The queue time that begins with an operation, and those that end with it; they are added."""
    timed = [step.name for step in product.routing if step.queue_time is not None]
    first = len(tables.rows["limit"])
    for step in product.routing:
        if step.queue_time is not None and step.queue_time.until == operation.name:
            past = _PAST[step.queue_time.past]
            tables.rows["limit"].append({"clock": timed.index(step.name), "past": past, "back": index[step.name]})
    begun = operation.queue_time
    return {
        "clock": timed.index(operation.name) if begun else -1,
        "within": begun.within if begun else 0.0,
        "first_limit": first,
        "limits": len(tables.rows["limit"]) - first,
    }


def _flaws(tables: Tables, operation: Operation) -> Row:
    """Where the defects that an operation makes and finds stand; they are added."""
    row: Row = {"sample": operation.sample}
    names = tables.names["defect"]
    for word, given in (("defect", operation.defects), ("find", operation.finds)):
        row |= {f"first_{word}": len(tables.rows["flaw"]), f"{word}s": len(given)}
        for name, share in given.items():
            if name not in names:
                names.append(name)
            tables.rows["flaw"].append({"defect": names.index(name), "share": share})
    return row


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
        row["key"] = entity_key("release", row["product"], row.pop("number"))
        row["every"] = tables.distribution(row["every"])
        label = row.pop("label")
        row["lot_class"] = tables.classes[label] if label else -1
        row["operation"] = tables.first_operation(row["product"])
        row["drum"] = tables.drums.get(row["drum"], -1)
        row["product"] = tables.products[row["product"]]
        operation = tables.rows["operation"][row["operation"]]
        further = range(operation["first_choice"], operation["first_choice"] + operation["choices"] - 1)
        for o in (row["operation"], *further):
            center = tables.rows["center"][tables.rows["operation"][o]["center"]]
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
