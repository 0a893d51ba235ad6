"""What holds a plant back, found by relieving each thing in turn and simulating; never by which is slowest or busiest."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import timedelta

from plantwright.errors import PlantError, SimulationError
from plantwright.improvement.arithmetic import by_demand, by_machines, by_orders, by_people, by_release, no_arithmetic
from plantwright.improvement.bench import Bench, found, gain
from plantwright.improvement.study import Limit, Probe
from plantwright.plant.plant import Plant
from plantwright.plant.products import MONTHS, Demand
from plantwright.simulation.replicate import only_orders
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.statistics import difference
from plantwright.simulation.timeline import working_days

MET = 0.99
"""Demand counts as met where this share of it is sold."""

MANY, FEW_REPLICATIONS = 8, 4
"""Of more candidates than this, each is first tried in a few replications."""

SLACK = 1.01
"""A plant whose saturated throughput is this much above what is released has capacity to spare."""


def relief(plant: Plant, kind: str, subject: str) -> dict[str, str]:
    """The edit that relieves a work center or a crew altogether: twice as many."""
    if kind == "machines":
        return {f"work centers > {subject} > machines": str(2 * (plant.work_centers[subject].machines or 1))}
    return {f"people > {subject} > count": str(2 * plant.people[subject].count)}


def candidates(plant: Plant, saturated: Run) -> list[tuple[str, str]]:
    """Work centers and crews that could be the limit, the busiest first; the order is all that their use decides."""
    listed: list[tuple[float, str, str]] = []
    for name, center in plant.work_centers.items():
        if center.machines is not None:
            idle = sum(
                share.mean
                for state in ("starved", "off shift")
                if (share := found(saturated, "state share", work_center=name, state=state)) is not None
            )
            listed.append((1 - idle, "machines", name))
    from plantwright.improvement.families.people import alike

    for crew in alike(plant):
        use = found(saturated, "use of people", crew=crew.name)
        listed.append((use.mean if use else 0.0, "people", crew.name))
    return [(kind, name) for _, kind, name in sorted(listed, key=lambda item: -item[0])]


def probe(
    bench: Bench,
    plant: Plant,
    base: Run,
    *,
    most: int | None = None,
    replications: int | None = None,
    released: bool = False,
) -> tuple[Probe, ...]:
    """Relieve each candidate in a saturated run, or in one as released; the paired gains of throughput, the largest first.

    Where there are many, those that gain most in a few replications are tried in all. Raises Stopped. A relief with which the
    plant cannot run tells nothing and is left out.
    """

    def tried(listed: Iterable[tuple[str, str]], number: int | None) -> list[Probe]:
        made: list[Probe] = []
        for kind, name in listed:
            try:
                changed = bench.changed(relief(plant, kind, name), plant)
                relieved = bench.run(changed, saturated=not released, replications=number)
            except (PlantError, SimulationError):
                continue
            more = gain(relieved, base, "throughput", bench.level)
            if more is not None:
                made.append(Probe("machines" if kind == "machines" else "people", name, more))
        return sorted(made, key=lambda item: -item.gain.mean)

    listed = candidates(plant, base)[:most]
    if len(listed) <= MANY or bench.replications <= FEW_REPLICATIONS:
        return tuple(tried(listed, replications))
    glance = tried(listed, FEW_REPLICATIONS)
    closer = [(item.kind, item.subject) for item in glance[:MANY]]
    done = tried(closer, replications)
    return (*done, *(item for item in glance if (item.kind, item.subject) not in closer))


def tied(first: Probe, other: Probe, level: float) -> bool:
    """Whether two reliefs cannot be told apart: the interval of their paired difference holds zero."""
    apart = difference(first.gain, other.gain, level)
    return apart.low <= 0 <= apart.high


def capacity_limit(plant: Plant, released: Run, saturated: Run, probes: tuple[Probe, ...], level: float) -> Limit:
    """What limits the plant when there is work enough: the relief that brings most, if any brings anything."""
    capacity = found(saturated, "throughput")
    least = 0.005 * (capacity.mean if capacity else 0.0)
    # What gained too little in a few replications to be tried in all is no limit.
    tried = max((len(item.gain.values) for item in probes), default=0)
    helpful = [
        item for item in probes if item.gain.low > 0 and item.gain.mean > least and len(item.gain.values) == tried
    ]
    if not helpful:
        return Limit("unknown", "several together" if probes else "", no_arithmetic(probes))
    first = helpful[0]
    equal = tuple(item.subject for item in helpful[1:] if tied(first, item, level))
    worked = (by_machines if first.kind == "machines" else by_people)(plant, first.subject, released, saturated)
    return Limit(first.kind, first.subject, worked.line, worked.result, equal)


def asked(plant: Plant, run: Run) -> float | None:
    """What is asked of all products together, in their unit, per day as the demands count, in the time that a run counts; None where
    one has no demand.
    """
    demands = [product.demand for product in plant.products.values()]
    units = {product.unit for product in plant.products.values()}
    if not demands or len(units) > 1 or any(demand is None for demand in demands):
        return None
    if not plant.shifts:
        return sum(_rate(plant, demand, run) for demand in demands if demand)
    from plantwright.improvement.arithmetic import working_share

    share = working_share(plant)
    return sum(_rate(plant, demand, run) / (share if demand.per == "day" else 1.0) for demand in demands if demand)


def _rate(plant: Plant, demand: Demand, run: Run) -> float:
    """The rate of a demand with its season, in the mean of the days that a run counts."""
    if not demand.season:
        return demand.mean
    days = working_days(plant, run.warmup + run.horizon)
    shares = [
        demand.season.get(MONTHS[(plant.start + timedelta(days=d)).month - 1], 1.0)
        for d, (end, works) in enumerate(zip(days.ends, days.working, strict=True))
        if end > run.warmup + 1.0 and (works or demand.per == "day")
    ]
    return demand.mean * sum(shares) / max(1, len(shares))


def incoming(plant: Plant, run: Run) -> float | None:
    """Lots a (working) day that lists of orders bring in over the time that the run counts; None without such lists.

    Lots and not pieces: what a lot takes often does not depend on its size, and large ones may come early or late.
    """
    if not only_orders(plant):
        return None
    began = plant.start + timedelta(seconds=run.warmup)
    until = began + timedelta(seconds=run.horizon)
    total = sum(
        math.ceil(order.quantity / product.lot - 1e-9) if product.lot > 1 else 1
        for product in plant.products.values()
        for release in product.releases
        for order in release.orders
        if began <= order.release < until
    )
    return total / max(1.0, run.working_days)


def too_much(plant: Plant, released: Run, saturated: Run) -> bool:
    """Whether more is asked, or comes in by itself, than the plant can make: then no demand and no release rule is the limit."""
    rules = plant.release_rules()
    if rules & {"conwip", "drum", "saturated"}:
        return False
    wanted, most = asked(plant, saturated), found(saturated, "throughput")
    listed, lots = incoming(plant, released), found(saturated, "lots finished")
    if listed is not None and lots is not None:
        return listed > lots.mean
    return not released.steady or (wanted is not None and most is not None and wanted * MET > most.mean)


def meets_demand(plant: Plant, run: Run) -> bool:
    """Whether all that is asked is sold."""
    sales, wanted = found(run, "sales"), asked(plant, run)
    return sales is not None and wanted is not None and sales.mean >= MET * wanted


def limit_of(plant: Plant, released: Run, saturated: Run, capacity: Limit, level: float) -> Limit:
    """What limits the plant as it is released: demand, its own release rule, or its capacity.

    Demand where all that is asked is sold, or where what comes in (orders, a rate) is less than the plant could do; the
    release rule where saturated it would do more than released; else, and wherever more comes in than goes out, what limits
    capacity.
    """
    rules = plant.release_rules()
    if meets_demand(plant, released):
        worked = by_demand(plant, released)
        return Limit("demand", "demand", worked.line, worked.result)
    now, most = found(released, "throughput"), found(saturated, "throughput")
    if now is None or most is None or too_much(plant, released, saturated):
        return capacity
    if only_orders(plant):
        worked = by_orders(plant, released, saturated)
        return Limit("demand", "orders", worked.line, worked.result)
    spare: Estimate = difference(most, now, level)
    if spare.low > 0 and most.mean > SLACK * now.mean and rules != {"saturated"}:
        if "conwip" in rules or "drum" in rules:
            worked = by_release(plant, released)
            return Limit("release", "release", worked.line, worked.result)
        worked = by_demand(plant, released)
        return Limit("demand", "demand" if rules == {"demand"} else "orders", worked.line, worked.result)
    return capacity
