"""Expected work by hand: how often a lot visits each operation, and how much work it brings to each center."""

from __future__ import annotations

import math

import numpy as np

from plantwright.plant.plant import Plant
from plantwright.plant.products import Alternative, Operation, Product, WorkTime


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


def yield_of(operation: Operation, choice: Alternative | None = None) -> float:
    """The yield of an operation at one of its work centers, the first unless said."""
    own = (choice or operation.at[0]).yield_
    return operation.yield_ if own is None else own


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


def expected_visits(product: Product) -> dict[str, float]:
    """Mean number of visits of one lot to each operation of its routing, with branches, optional steps and rework.

    Lots scrapped as a whole stop visiting. Solves the linear equations of an absorbing Markov chain.
    """
    return _expected(product, False)


def expected_pieces(product: Product) -> dict[str, float]:
    """Mean number of pieces that come to each operation for one piece started: visits, less what was scrapped before."""
    return _expected(product, True)


def _expected(product: Product, in_pieces: bool) -> dict[str, float]:
    names = [operation.name for operation in product.routing]
    index = {name: i for i, name in enumerate(names)}
    n = len(names)
    flow = np.zeros((n, n))
    for i, operation in enumerate(product.routing):
        kept = kept_share(product, operation, typical_lot(product))
        good = operation.share * (kept if in_pieces or operation.scrap == "lot" else 1.0)
        back = _rework_share(operation)
        if operation.rework:
            flow[index[operation.rework.back_to], i] += good * back
        stay = 1 - operation.share + good * (1 - back)
        if operation.next:
            for name, share in operation.next.items():
                if name in index:
                    flow[index[name], i] += stay * share
        elif i + 1 < n:
            flow[i + 1, i] += stay
    start = np.zeros(n)
    if n:
        start[0] = 1.0
    reached = np.linalg.solve(np.eye(n) - flow, start) if n else start
    return {name: float(reached[i]) * product.routing[i].share for name, i in index.items()}


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


def batch_lots(plant: Plant, center: str, pieces: float) -> float:
    """How many lots of so many pieces one job of a center can hold."""
    batch = plant.work_centers[center].batch
    if batch is None:
        return 1.0
    return batch.largest.value if batch.largest.of != "piece" else max(1.0, batch.largest.value // pieces)


def mix(plant: Plant) -> dict[str, float]:
    """Lots of each product per second that the plant is asked for: by demand, else by release; equal where neither says."""
    day = 86400.0
    rates: dict[str, float] = {}
    for name, product in plant.products.items():
        release = product.releases[0] if product.releases else None
        if product.demand is not None:
            share = 5 / 7 if product.demand.per == "working day" and plant.shifts else 1.0
            rates[name] = product.demand.rate * share / product.lot / day
        elif release is not None and release.every is not None:
            rates[name] = 1 / release.every.mean
        elif release is not None and release.orders:
            span = (release.orders[-1].release - release.orders[0].release).total_seconds()
            rates[name] = len(release.orders) / max(span, day)
    known = [rate for rate in rates.values() if rate > 0]
    fallback = sum(known) / len(known) if known else 1 / day
    return {name: rates.get(name) or fallback for name in plant.products}


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
        visits = expected_visits(product)
        for operation in product.routing:
            pieces = typical_lot(product)
            lots = batch_lots(plant, operation.center, pieces)
            seconds = share * visits[operation.name] * operation_seconds(operation, pieces, lots)
            machines = plant.work_centers[operation.center].machines
            if machines is None:
                waiting += seconds
            else:
                work[operation.center] = work.get(operation.center, 0.0) + seconds / machines
                places = max(places, lots)
    machines_total = sum(
        (center.machines or 0) * batch_lots(plant, name, 1.0 if center.batch is None else _lot(plant))
        for name, center in plant.work_centers.items()
    )
    busiest = max(work.values(), default=0.0)
    delayed = 1.5 * waiting / busiest if busiest > 0 else 0.0
    return int(max(4, 2 * machines_total + delayed))


def _lot(plant: Plant) -> float:
    return min((typical_lot(product) for product in plant.products.values()), default=1.0)
