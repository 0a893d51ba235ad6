"""What would change the answer: a time at which something else becomes the limit, a demand, a number that nobody measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from plantwright.improvement.bench import Bench, found, gain, shortened
from plantwright.improvement.families.busy import can
from plantwright.improvement.limits import asked, probe, relief
from plantwright.improvement.ranking import Base
from plantwright.improvement.study import MONEY, Flip, Limit, Measure, Probe, RankedMove
from plantwright.improvement.words import figures, is_plural
from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation, Product
from plantwright.plant.texts import scaled, text_at
from plantwright.simulation.loads import batch_lots, expected_visits, lots_at, mix, operation_seconds
from plantwright.units import show_duration

REPLICATIONS, STEPS, SHORTEST = 8, 7, 0.25
"""Runs of each trial of a threshold, halvings of its bracket, and how far below its value a time is followed."""
FEWEST, MOST = 5, 100
UNMEASURED_CV = 0.2
"""A time that is given as a constant is taken to vary by this much when it is measured."""


def operation_of(plant: Plant, limit: Limit) -> tuple[Product, Operation] | None:
    """The operation that takes most of the time of what limits the plant."""
    weights = mix(plant)
    best: tuple[float, Product, Operation] | None = None
    for product in plant.products.values():
        visits, pieces = expected_visits(product), lots_at(product)
        for operation in product.routing:
            if operation.time is None or not _uses(plant, operation, limit):
                continue
            lots = batch_lots(plant, operation.center, pieces[operation.name])
            work = (
                weights[product.name]
                * visits[operation.name]
                * operation_seconds(operation, pieces[operation.name], lots)
            )
            if best is None or work > best[0]:
                best = (work, product, operation)
    return best[1:] if best is not None else None


def _uses(plant: Plant, operation: Operation, limit: Limit) -> bool:
    if limit.kind == "machines":
        return operation.center == limit.subject
    return any(can(plant.people[limit.subject], need) for need in operation.staff)


def measurements(cv: float, value: float, threshold: float) -> int:
    """How many measurements tell a mean from a threshold with 95 % confidence: (1.96 cv value / distance) squared."""
    spread = cv if cv > 0 else UNMEASURED_CV
    if value == threshold:
        return MOST
    return min(MOST, max(FEWEST, math.ceil((1.96 * spread * value / (value - threshold)) ** 2)))


def time_flip(bench: Bench, base: Base, limit: Limit, probes: Sequence[Probe]) -> list[Flip]:
    """The time of the limiting operation under which something else holds the plant back.

    The rival is what brings most once the limit is relieved. The threshold is where relieving the rival brings as much as
    relieving the limit, by bisection on common random numbers, tried again on both sides of what was found.
    """
    plant = base.plant
    place = operation_of(plant, limit) if limit.kind in ("machines", "people") else None
    if place is None or not probes:
        return []
    product, operation = place
    path = f"products > {product.name} > routing > {operation.name} > time"
    text = text_at(plant, path)
    if text is None or operation.time is None or scaled(text, 0.5) is None:
        return []
    rival = _rival(bench, base, limit)
    if rival is None:
        return []

    def ahead(factor: float) -> bool:
        """Whether the limit is still the limit when its time is so much shorter."""
        at = bench.changed({path: scaled(text, factor)})
        ours = bench.run(
            bench.changed(relief(at, limit.kind, limit.subject), at),
            saturated=True,
            replications=REPLICATIONS,
        )
        theirs = bench.run(
            bench.changed(relief(at, rival.kind, rival.subject), at),
            saturated=True,
            replications=REPLICATIONS,
        )
        return ours.estimate("throughput").mean > theirs.estimate("throughput").mean

    low, high = SHORTEST, 1.0
    if ahead(low) or not ahead(high):
        return []
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if ahead(middle) else (middle, high)
    if ahead(low * 0.97) or not ahead(min(1.0, high * 1.03)):
        return []
    value, threshold = operation.time.distribution.mean, operation.time.distribution.mean * (low + high) / 2
    readings = measurements(operation.time.distribution.cv, value, threshold)
    per = "" if operation.time.per == "lot" else f" a {operation.time.per}"
    return [
        Flip(
            what=f"{operation.name} takes under",
            threshold=_about(threshold) + per,
            then=f"then {rival.subject} {'hold' if is_plural(rival.subject) else 'holds'} you back",
            measure_by=f"time {readings} {'lots' if operation.time.per == 'lot' else 'of them'}",
        )
    ]


def _about(seconds: float) -> str:
    """A threshold with two figures, in minutes up to two hours."""
    if 60 <= seconds < 7200:
        return f"{seconds / 60:.2g} min" if seconds < 5940 else f"{seconds / 60:.0f} min"
    return show_duration(float(f"{seconds:.2g}"))


def _rival(bench: Bench, base: Base, limit: Limit) -> Probe | None:
    relieved = bench.changed(relief(base.plant, limit.kind, limit.subject))
    run = bench.run(relieved, saturated=True)
    left = [item for item in probe(bench, relieved, run, replications=REPLICATIONS) if item.subject != limit.subject]
    return left[0] if left and left[0].gain.low > 0 else None


def demand_flip(bench: Bench, base: Base, limit: Limit, moves: Sequence[RankedMove], by: Measure) -> list[Flip]:
    """The demand at which the first move changes.

    Where demand is met, it is the capacity: above it what raises capacity pays. Where it is not, it is what is sold now: below it
    more output is worth nothing, which is tried by simulation with the first move.
    """
    wanted = asked(base.plant, base.released)
    sales, most = found(base.released, "sales"), found(base.saturated, "throughput")
    if wanted is None or sales is None or most is None:
        return []
    if limit.kind == "demand":
        raising = [item for item in moves if "throughput" in item.saturated and _lifts(item)]
        best = max(raising, key=lambda item: item.saturated["throughput"].mean, default=None)
        then = f"then: {best.move.title}" if best is not None else "then nothing here helps"
        return [Flip("demand rises above", figures(most.mean), then)]
    cheaper = [item for item in moves if item.verdict == "do now" and not _lifts(item)]
    left = ", ".join(str(item.rank) for item in cheaper[:3])
    then = f"then only {left} pay{'s' if len(cheaper) == 1 else ''}" if left else "then more output is worth nothing"
    first = next((item for item in moves if item.verdict in ("do now", "if you spend") and _lifts(item)), None)
    if first is not None and by in MONEY and not _worthless_below(bench, base, first, sales.mean / wanted):
        return []
    return [Flip("demand falls below", figures(sales.mean), then)]


def _lifts(item: RankedMove) -> bool:
    """Whether a move raises output, as released or saturated."""
    more = [effects.get("throughput") for effects in (item.released, item.saturated)]
    return any(estimate is not None and estimate.low > 0 for estimate in more)


def _worthless_below(bench: Bench, base: Base, first: RankedMove, share: float) -> bool:
    """Whether the first move sells nothing more once demand is a little below what is sold now."""
    edits: dict[str, Any] = {}
    for name in base.plant.products:
        path = f"products > {name} > demand > rate"
        text = text_at(base.plant, path)
        new = scaled(text, 0.97 * share) if text is not None else None
        if new is None:
            return True
        edits[path] = new
    lower = bench.changed(edits)
    before = bench.run(lower, saturated=False, replications=REPLICATIONS)
    after = bench.run(bench.changed(first.move.edits, lower), saturated=False, replications=REPLICATIONS)
    more = gain(after, before, "sales", bench.level)
    sold = found(before, "sales")
    return more is None or sold is None or more.mean < 0.01 * sold.mean


def label_of(plant: Plant, path: str) -> str:
    """What a number is called: the last words of its path, and whose it is where several products may have the like."""
    words = path.split(" > ")
    whose = f" of {words[1]}" if words[0] == "products" and len(words) > 3 and len(plant.products) > 1 else ""
    return " > ".join(words[-2:]) + whose


__all__ = ["demand_flip", "measurements", "operation_of", "shortened", "time_flip"]
