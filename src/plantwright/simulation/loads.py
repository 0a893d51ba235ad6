"""Expected work by hand: how often a lot visits each operation, and how much work it brings to each center."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from plantwright.plant.once import Once
from plantwright.plant.plant import Plant
from plantwright.plant.products import MONTHS, Alternative, Demand, Operation, Product, WorkTime
from plantwright.plant.ways import Ways, ways_of
from plantwright.simulation.order_lists import lots_listed, span_listed
from plantwright.units import UNITS


@Once
def typical_lot(product: Product) -> float:
    """Pieces in a lot as it comes: the product's lot, or the mean order where orders move whole."""
    orders = [order.quantity for release in product.releases for order in release.orders]
    if product.lot > 1 or not orders:
        return product.lot
    mean = sum(orders) / len(orders)
    return float(round(mean)) if all(quantity.is_integer() for quantity in orders) else mean


def work_time(operation: Operation, choice: Alternative | None = None) -> WorkTime | None:
    """The time of an operation's run at one of its work centers, the first unless said; where machines cascade, the interval
    between lots.
    """
    return (choice or operation.at[0]).time or operation.time or operation.interval


def pieces_cascade(operation: Operation, choice: Alternative | None = None) -> bool:
    """Whether the pieces of a lot begin one after the other, an interval apart: time and interval are both by the piece."""
    time, interval = (choice or operation.at[0]).time or operation.time, operation.interval
    return time is not None and interval is not None and time.per == interval.per == "piece"


def yield_of(operation: Operation, choice: Alternative | None = None) -> float:
    """The yield of an operation at one of its work centers, the first unless said."""
    own = (choice or operation.at[0]).yield_
    return operation.yield_ if own is None else own


@Once
def found_shares(product: Product) -> dict[str, float]:
    """The share of the pieces that each inspection of a product finds defective in the mean, the steps taken in their order."""
    carried: dict[str, float] = {}
    shares: dict[str, float] = {}
    for operation in product.routing:
        for defect, share in operation.defects.items():
            clean = 1 - sum(carried.values())
            carried[defect] = carried.get(defect, 0.0) + clean * share * operation.share
        found = {
            defect: carried.get(defect, 0.0) * share * operation.sample for defect, share in operation.finds.items()
        }
        share = sum(found.values())
        shares[operation.name] = share
        left = 1 - share * operation.share
        for defect in carried:
            remaining = carried[defect] - found.get(defect, 0.0) * operation.share
            carried[defect] = remaining / left if left > 1e-12 else 0.0
    return shares


def kept_share(product: Product, operation: Operation, pieces: float) -> float:
    """The share of what comes to an operation that goes on: of pieces, or of lots of so many pieces with `scrap: lot`."""
    found = found_shares(product)[operation.name] if operation.finds else 0.0
    return yield_of(operation) * (float((1 - found) ** pieces) if operation.scrap == "lot" else 1 - found)


def _rework_share(operation: Operation) -> float:
    """The share of visits that are sent back, such that a lot comes back as often in the mean as it does with its limit."""
    if operation.rework is None:
        return 0.0
    share, most = operation.rework.share, operation.rework.at_most
    times = most if share >= 1 else share * (1 - share**most) / (1 - share)
    return float(times / (1 + times))


@Once
def expected_visits(product: Product) -> dict[str, float]:
    """Mean number of visits of one lot to each operation of its routing, with branches, optional steps and rework.

    Lots scrapped as a whole stop visiting. Solves the linear equations of an absorbing Markov chain.
    """
    return _expected(product, False)


@Once
def expected_pieces(product: Product) -> dict[str, float]:
    """Mean number of pieces that come to each operation for one piece started: visits, less what was scrapped before."""
    return _expected(product, True)


def _expected(product: Product, in_pieces: bool) -> dict[str, float]:
    names = [operation.name for operation in product.routing]
    n = len(names)
    ways = ways_of(product)
    start = np.array([float(name in ways.starts) for name in names])
    flow = _flow(product, in_pieces, in_pieces, ways.counted)
    reached = np.linalg.solve(np.eye(n) - flow, start) if n else start
    return {name: float(reached[i]) * product.routing[i].share for i, name in enumerate(names)}


def _flow(
    product: Product,
    in_pieces: bool,
    lossy: bool,
    along: Mapping[str, Sequence[str]],
    *,
    needed: bool = False,
    turned: bool = False,
) -> Any:
    """From each step (column) to each step (row) to which it leads: lots, or pieces in the units that they have there, with or without
    losses. `needed`: of lots that do the step, whatever its share. `turned`: of lots, what becomes of one of their units.
    """
    index = {operation.name: i for i, operation in enumerate(product.routing)}
    flow = np.zeros((len(index), len(index)))
    pieces = typical_lot(product)
    for i, operation in enumerate(product.routing):
        kept = kept_share(product, operation, pieces)
        share = 1.0 if needed else operation.share
        good = share * (kept if lossy or (operation.scrap == "lot" and not in_pieces) else 1.0)
        back = _rework_share(operation)
        if operation.rework:
            flow[index[operation.rework.back_to], i] += good * back
        stay = good * (1 - back) * (factor_of(operation) if in_pieces or turned else 1.0)
        for name in along[operation.name]:
            flow[index[name], i] += (stay if operation.share_until else 1 - share + stay) * operation.next.get(
                name, 1.0
            )
        if operation.share_until:
            ways, last = ways_of(product), operation.share_until
            behind = ways.behind(last)
            if behind is not None and (behind in along[last] or behind not in ways.following[last]):
                flow[index[behind], i] += 1 - share
    return flow


def work_ahead(product: Product, at: str | None = None) -> tuple[Any, Any]:
    """For each step: the mean work (load, run, unload) of it and all that follows, and of what follows alone; for each lot and for each
    piece of the lot.

    Steps that not every lot does count with their share, rework with what it brings back; of several work centers the first, and of
    the ways of a forked lot that of its first part. With `at` only what is done at that work center counts, if it can do it, on the
    ways of all parts, and what follows their join once.
    """
    work = np.zeros((len(product.routing), 2))
    for i, operation in enumerate(product.routing):
        choice = next((choice for choice in operation.at if at in (None, choice.center)), None)
        for time in (work_time(operation, choice), operation.load, operation.unload) if choice else ():
            if time is not None:
                work[i, int(time.per == "piece")] += time.distribution.mean
    along = _one_way(ways_of(product)) if at is None else ways_of(product).counted
    shares = np.array([operation.share for operation in product.routing])
    later = np.zeros_like(work)
    for column, turned in ((0, False), (1, True)):
        flow = _flow(product, False, False, along, turned=turned)
        reached = np.linalg.solve(np.eye(len(work)) - flow.T, shares * work[:, column]) if len(work) else shares
        later[:, column] = _flow(product, False, False, along, needed=True, turned=turned).T @ reached
    return work + later, later


def _one_way(ways: Ways) -> dict[str, tuple[str, ...]]:
    """What follows each step, of the parts of a forked lot the first."""
    return {name: steps[:1] if name in ways.forks else steps for name, steps in ways.following.items()}


def factor_of(operation: Operation) -> float:
    """How much of its unit after an operation comes of one of its unit before."""
    return operation.becomes.factor if operation.becomes else 1.0


@Once
def worth_at(product: Product) -> dict[str, float]:
    """How many of the units that are sold come of one of the units at each step, if nothing is lost or reworked from there on."""
    if all(operation.becomes is None for operation in product.routing):
        return {operation.name: 1.0 for operation in product.routing}
    if any(operation.rework for operation in product.routing):
        product = replace(product, routing=tuple(replace(operation, rework=None) for operation in product.routing))
    n = len(product.routing)
    ways = ways_of(product)
    flow = _flow(product, True, False, _one_way(ways))
    factors = np.array([operation.share * factor_of(operation) + 1 - operation.share for operation in product.routing])
    # What leaves the routing at a step, or goes on from it: all of it, or what the branches that end take.
    ends = np.zeros(n)
    names = {operation.name for operation in product.routing}
    for i, operation in enumerate(product.routing):
        if operation.next:
            share = sum(share for name, share in operation.next.items() if name not in names)
        else:
            share = float(ways.ends(operation))
        ends[i] = (1 - operation.share + operation.share * factor_of(operation)) * share
    worth = np.linalg.solve(np.eye(n) - flow.T, ends) if n and any(factors != 1.0) else np.ones(n)
    return {operation.name: float(worth[i]) for i, operation in enumerate(product.routing)}


def sold_of_lot(product: Product) -> float:
    """How many of the units that are sold come of one lot, if nothing is lost."""
    return product.lot * worth_at(product)[product.routing[0].name]


def lot_at(product: Product, name: str) -> float:
    """Pieces in a typical lot as it comes to a step, in the unit that it has there, if nothing is lost."""
    return lots_at(product)[name]


@Once
def lots_at(product: Product) -> dict[str, float]:
    """`lot_at` of each step."""
    worth = worth_at(product)
    lot = typical_lot(product)
    return {
        operation.name: lot * worth[product.routing[0].name] / worth[operation.name] for operation in product.routing
    }


@Once
def parts_at(product: Product) -> dict[str, float]:
    """How many lots there are at each step of one that was started: more where it was split or sent on in part, fewer where lots merge."""
    ways = ways_of(product)
    come: dict[str, float] = {}
    found: dict[str, float] = {}
    wholes = lots_at(product)
    for operation in product.routing:
        whole = wholes[operation.name]
        lots = come.get(operation.name, 1.0)
        if operation.merge is not None:
            lots = whole / operation.merge.value if operation.merge.of == "piece" else lots / operation.merge.value
        found[operation.name] = lots
        if operation.transfer is not None:
            lots *= max(1, math.ceil(whole / lots / operation.transfer.value - 1e-9))
        if operation.split is not None:
            each = whole * factor_of(operation) / lots
            parts = each / operation.split.value if operation.split.of == "piece" else min(operation.split.value, each)
            lots *= max(1, math.ceil(parts - 1e-9))
        for name in ways.forward(operation.name):
            come.setdefault(name, lots)
    return found


def lot_seconds(time: WorkTime | None, pieces: float, lots_per_batch: float = 1.0) -> float:
    """Mean machine time of one lot, in seconds; a batch's time is shared by its lots."""
    if time is None:
        return 0.0
    mean = time.distribution.mean
    if time.per == "piece":
        return mean * pieces
    return mean / lots_per_batch if time.per == "batch" else mean


def inspected(operation: Operation, pieces: float) -> float:
    """How many of a lot's pieces are looked at: of whole pieces a whole number."""
    share = pieces * operation.sample
    return float(math.ceil(share - 1e-9)) if float(pieces).is_integer() else share


def operation_seconds(operation: Operation, pieces: float, lots_per_batch: float = 1.0) -> float:
    """Mean time that one lot keeps a machine: load, run of the pieces that are worked on, and unload, without setup."""
    sampled = pieces if operation.sample >= 1 else inspected(operation, pieces)
    run = lot_seconds(work_time(operation), sampled, lots_per_batch)
    return run + sum(lot_seconds(time, pieces, lots_per_batch) for time in (operation.load, operation.unload))


def seconds_at(
    plant: Plant, operation: Operation, choice: Alternative, pieces: float, lots_per_batch: float = 1.0
) -> float:
    """Mean time for which one lot keeps a machine of one of the work centers of an operation from taking another.

    The run is shorter on faster machines, of which the mean counts. In a machine with several places load and unload go on beside
    the runs: a lot costs the interval, without one its run, or its share of the time for which it keeps one of the places.
    """
    center = plant.work_centers[choice.center]
    speed = sum(machine.speed for machine in center.unlike) / len(center.unlike) if center.unlike else 1.0
    sampled = pieces if operation.sample >= 1 else inspected(operation, pieces)
    run = lot_seconds(work_time(operation, choice), sampled, lots_per_batch) / speed
    if pieces_cascade(operation, choice):
        run = (run + (sampled - 1) * lot_seconds(operation.interval, sampled, lots_per_batch) / speed) / sampled
    beside = sum(lot_seconds(time, pieces, lots_per_batch) for time in (operation.load, operation.unload))
    if center.places == 1:
        return run + beside
    interval = run if operation.interval is None else lot_seconds(operation.interval, pieces, lots_per_batch) / speed
    return max(interval, (run + beside) / center.places)


def choice_shares(plant: Plant, operation: Operation, pieces: float) -> dict[str, float]:
    """Which share of an operation's lots each of its work centers takes if all are busy: in proportion to its rate."""
    rates = {
        choice.center: (plant.work_centers[choice.center].machines or 1)
        / max(1e-9, seconds_at(plant, operation, choice, pieces, batch_lots(plant, choice.center, pieces)))
        for choice in operation.at
    }
    total = sum(rates.values())
    return {name: rate / total for name, rate in rates.items()}


def batch_lots(plant: Plant, center: str, pieces: float) -> float:
    """How many lots of so many pieces one job of a center can hold."""
    batch = plant.work_centers[center].batch
    if batch is None:
        return 1.0
    return batch.largest.value if batch.largest.of != "piece" else max(1.0, batch.largest.value // pieces)


def mix(plant: Plant) -> dict[str, float]:
    """Lots of each product per second that the plant is asked for: by demand, else by release; equal where neither says."""
    day, listed = 86400.0, span_listed(plant)
    rates: dict[str, float] = {}
    for name, product in plant.products.items():
        release = product.releases[0] if product.releases else None
        if product.demand is not None:
            share = 5 / 7 if product.demand.per == "working day" and plant.shifts else 1.0
            rates[name] = product.demand.rate * _mean_season(product.demand) * share / sold_of_lot(product) / day
        elif release is not None and release.every is not None:
            rates[name] = 1 / release.every.mean
        elif release is not None and release.orders:
            rates[name] = lots_listed(product) / max(listed, day)
    _add_parts(plant, rates)
    known = [rate for rate in rates.values() if rate > 0]
    fallback = sum(known) / len(known) if known else 1 / day
    return {name: rates.get(name) or fallback for name in plant.products}


def _mean_season(demand: Demand) -> float:
    """The mean of the year's months, 1.0 being the rate."""
    return sum(demand.season.get(month, 1.0) for month in MONTHS) / len(MONTHS)


def _add_parts(plant: Plant, rates: dict[str, float]) -> None:
    """Parts of whose rate nothing else is said are asked for as they are taken, by products and parts of parts."""
    parts = [name for name in plant.products if name not in rates]
    for _ in parts:
        for part in parts:
            asked = sum(
                rates.get(name, 0.0) * _taken_per_lot(plant, product, part)
                for name, product in plant.products.items()
                if name != part
            )
            if asked > 0:
                rates[part] = asked / sold_of_lot(plant.products[part])


def _taken_per_lot(plant: Plant, product: Product, part: str) -> float:
    """How many of a part one lot of a product takes."""
    total = 0.0
    for operation in product.routing:
        usage = operation.takes.get(part)
        if usage is not None:
            size = lot_at(product, operation.name)
            times = {"piece": size, "lot": 1.0, "batch": 1.0 / batch_lots(plant, operation.center, size)}[usage.per]
            unit = plant.products[part].unit
            total += usage.amount / UNITS.get(usage.of, {}).get(unit, 1.0) * times
    return total


def lots_to_saturate(plant: Plant) -> int:
    """How many lots in process may keep a plant busy: two jobs for each machine, and what is in delays; where more are needed,
    `replicate.find_lots` finds out.

    The delays are taken at the rate of the center with the most work per machine, half as much again for safety.
    """
    weights = mix(plant)
    total = sum(weights.values())
    work: dict[str, float] = {}
    waiting = 0.0
    places = 0.0
    for name, product in plant.products.items():
        share = weights[name] / total
        visits, parts, wholes = expected_visits(product), parts_at(product), lots_at(product)
        for operation in product.routing:
            pieces = wholes[operation.name] / parts[operation.name]
            taken = choice_shares(plant, operation, pieces)
            for choice in operation.at:
                name = choice.center
                lots = batch_lots(plant, name, pieces)
                each = seconds_at(plant, operation, choice, pieces, lots)
                seconds = share * visits[operation.name] * parts[operation.name] * taken[name] * each
                machines = plant.work_centers[name].machines
                if machines is None:
                    waiting += seconds
                else:
                    work[name] = work.get(name, 0.0) + seconds / machines
                    places = max(places, lots)
    smallest = smallest_lots(plant)
    machines_total = sum(
        (center.machines or 0)
        * center.places
        * batch_lots(plant, name, 1.0 if center.batch is None else smallest[name])
        for name, center in plant.work_centers.items()
    )
    busiest = max(work.values(), default=0.0)
    delayed = 1.5 * waiting / busiest if busiest > 0 else 0.0
    return int(max(4, 2 * machines_total + delayed))


def smallest_lots(plant: Plant) -> dict[str, float]:
    """Pieces of the smallest typical lot that comes to each work center; where none does, of any."""
    any_lot = min((typical_lot(product) for product in plant.products.values()), default=1.0)
    found: dict[str, float] = {}
    for product in plant.products.values():
        wholes = lots_at(product)
        for operation in product.routing:
            pieces = wholes[operation.name]
            for choice in operation.at:
                found[choice.center] = min(found.get(choice.center, math.inf), pieces)
    return {name: found.get(name, any_lot) for name in plant.work_centers}
