"""Moves across the fence: work given out, work taken in, hours rented elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plantwright.distributions import Distribution
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.busy import busiest
from plantwright.improvement.families.capacity import MACHINE
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.money import in_currency, rounded
from plantwright.improvement.families.sound import span
from plantwright.improvement.families.technology import operations_at, runs_alone
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.improvement.words import figures, fresh
from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation, Product
from plantwright.plant.reading import value_at
from plantwright.simulation.loads import batch_lots, expected_visits, lots_at, mix, operation_seconds, parts_at
from plantwright.units import clock

WEEK = 7 * 86400.0
MOST_CENTERS = 2
RATE = 75.0
"""US dollars for an hour of somebody else's machine: US job shops ask 60 to 80 in the mean, 50 to 150 by the machine (machinetoolsearch.com,
CNC Machining Cost per Hour, 2026).
"""
AWAY = "7 d/lot"
RENTED = 2 * 3600.0
WEEKS_A_YEAR = 365.25 / 7

PRICE_OF_HOURS = Distribution("triangular", (0.67, 1.0, 2.0))
OUTSOURCED = Usual(
    effect=PRICE_OF_HOURS,
    cost=5_000.0,
    lead_time=8 * WEEK,
    ramp_up=4 * WEEK,
    source="50 to 150 USD an hour, most likely 75 (machinetoolsearch.com, CNC Machining Cost per Hour, 2026); a week away for each lot, the cost "
    "of first articles and the times are our choice",
)
RENTAL = Usual(
    effect=PRICE_OF_HOURS,
    cost=2_000.0,
    lead_time=4 * WEEK,
    ramp_up=4 * WEEK,
    source="an hour at the price of a job shop's, as for outsourcing; two hours a day, cost of access and times are our choice",
)
INSOURCED = Usual(
    effect=PRICE_OF_HOURS,
    cost=MACHINE.cost,
    lead_time=MACHINE.lead_time,
    ramp_up=MACHINE.ramp_up,
    source="price of a machine as for one more; its hours are what was paid over the price of a job shop's hour",
)


def _rate(plant: Plant) -> float | None:
    """The price of an hour outside in the plant's money; None where its currency is not given or not known."""
    return in_currency(RATE, plant.currency)


def outsource(plant: Plant, usual: Usual) -> Iterator[Move]:
    """The operation with most work at each of the two busiest work centers is done by others: lots are away for a week, nobody and no machine
    is needed, and each lot costs its machine hours at a job shop's price.
    """
    rate = _rate(plant)
    if rate is None and plant.currency is not None:
        return  # without its price it would look like a gift
    effect = usual.effect or PRICE_OF_HOURS
    for center in busiest(plant)[:MOST_CENTERS]:
        chosen = _largest(plant, center)
        if chosen is None:
            continue
        product, operation = chosen

        def edits(share: float, product: Product = product, operation: Operation = operation) -> dict[str, Any]:
            return _given_out(plant, product, operation, None if rate is None else rate * share)

        several = f" of {product.name}" if len(plant.products) > 1 else ""
        move = Move(
            name=f"outsource: {product.name} {operation.name}",
            family="outsource",
            title=f"{operation.name}{several} done by others",
            edits={},
            subject={"work center": center},
        )
        yield believed(move, effect, f"an hour costs {span(effect)} of {figures(rate or RATE)}", edits)


def _largest(plant: Plant, center: str) -> tuple[Product, Operation] | None:
    """The operation that takes most of a work center's time, of those that can be done elsewhere as they are."""
    rates = mix(plant)
    found = [
        (rates[product.name] * expected_visits(product)[operation.name] * _seconds(plant, product, operation), i)
        for i, (product, operation) in enumerate(operations_at(plant, center))
        if _may_leave(plant, product, operation)
    ]
    return operations_at(plant, center)[max(found, key=lambda item: (item[0], -item[1]))[1]] if found else None


def _seconds(plant: Plant, product: Product, operation: Operation) -> float:
    pieces = lots_at(product)[operation.name] / parts_at(product)[operation.name]
    return operation_seconds(operation, pieces, batch_lots(plant, operation.center, pieces))


def _alone(product: Product, operation: Operation) -> float:
    """How long a machine works on one lot by itself, also where others could share its batch."""
    return operation_seconds(operation, lots_at(product)[operation.name] / parts_at(product)[operation.name])


def _may_leave(plant: Plant, product: Product, operation: Operation) -> bool:
    """Whether nothing ties a step to the plant: another machine, a clock, a loop, parts that are counted, vehicles."""
    tied = any(
        other.same_machine_as == operation.name
        or (other.queue_time is not None and other.queue_time.until == operation.name)
        or any(use.until == operation.name for use in other.uses)
        for other in product.routing
    )
    counted = any(
        name in plant.products or plant.materials[name].on_hand is not None
        for name in operation.takes
        if name in plant.products or name in plant.materials
    )
    held = any(use.until for use in operation.uses)
    looped = any(operation.name in (loop.start, loop.until) for loop in plant.loops.values())
    own = operation.same_machine_as or operation.queue_time or operation.transfer or operation.split or operation.merge
    paced = any(operation.center in line.stations for line in plant.lines.values())
    return (
        len(operation.at) == 1
        and plant.work_centers[operation.center].machines is not None
        and operation.time is not None
        and not (tied or counted or held or looped or own or paced or plant.transport)
    )


def _given_out(plant: Plant, product: Product, operation: Operation, rate: float | None) -> dict[str, Any]:
    base = f"products > {product.name} > routing > {operation.name}"
    outside = fresh(f"{operation.name} outside", plant.work_centers)
    edits: dict[str, Any] = {
        f"work centers > {outside}": {"machines": "unlimited"},
        f"{base} > at": outside,
        f"{base} > time": AWAY,
    }
    for word in ("staff", "uses", "load", "unload", "interval", "setup"):
        if value_at(plant, f"{base} > {word}") is not None:
            edits[f"{base} > {word}"] = None
    if rate is not None:
        several = f" of {product.name}" if len(plant.products) > 1 else ""
        paid = fresh(f"{operation.name}{several} by others", {*plant.materials, *plant.products})
        price = rate * _seconds(plant, product, operation) / 3600.0
        edits[f"materials > {paid}"] = {"price": f"{price:.4g} {plant.currency}"}
        edits[f"{base} > takes"] = {**(value_at(plant, f"{base} > takes") or {}), paid: "1 piece/lot"}
    return edits


def insource(plant: Plant, usual: Usual) -> Iterator[Move]:
    """What lots are away for at a price is done here, on a machine and by one new person: at a step at a pure delay that takes something that is
    paid by the piece or the lot and used nowhere else.
    """
    rate = _rate(plant)
    effect = usual.effect or PRICE_OF_HOURS
    for product in plant.products.values() if rate is not None else ():
        for operation in product.routing:
            paid = _paid_for(plant, operation)
            if paid is None or len(operation.at) > 1 or not operation.time:
                continue

            def edits(
                share: float, product: Product = product, operation: Operation = operation, paid: str = paid
            ) -> dict[str, Any]:
                return _taken_in(plant, product, operation, paid, (rate or RATE) * share)

            several = f" of {product.name}" if len(plant.products) > 1 else ""
            move = Move(
                name=f"insource: {product.name} {operation.name}",
                family="insource",
                title=f"{operation.name}{several} done here",
                edits={},
                subject={"work center": operation.center},
            )
            yield believed(move, effect, f"its hours as if one cost {span(effect)} of {figures(rate or RATE)}", edits)


def _paid_for(plant: Plant, operation: Operation) -> str | None:
    """What is paid for work that others do at a step: a material counted in pieces, with a price and no stock, that no other step takes."""
    if plant.work_centers[operation.center].machines is not None:
        return None
    for name, usage in operation.takes.items():
        material = plant.materials.get(name)
        users = [step for product in plant.products.values() for step in product.routing if name in step.takes]
        if material and material.price and material.on_hand is None and usage.of == "pieces" and len(users) == 1:
            return name
    return None


def _taken_in(plant: Plant, product: Product, operation: Operation, paid: str, rate: float) -> dict[str, Any]:
    base = f"products > {product.name} > routing > {operation.name}"
    usage = operation.takes[paid]
    pieces = lots_at(product)[operation.name] / parts_at(product)[operation.name]
    for_a_lot = (plant.materials[paid].price or 0.0) * usage.amount * (pieces if usage.per == "piece" else 1.0)
    here = fresh(operation.name, plant.work_centers)
    skill = fresh(operation.name, {skill for crew in plant.people.values() for skill in crew.skills})
    shift = {"shift": next(iter(plant.shifts))} if plant.shifts else {}
    wages = sorted(crew.wage for crew in plant.people.values() if crew.wage is not None)
    wage = {"wage": f"{3600 * wages[len(wages) // 2]:.4g} {plant.currency}/h"} if wages else {}
    takes = {name: text for name, text in value_at(plant, f"{base} > takes").items() if name != paid}
    return {
        f"work centers > {here}": {"machines": "1", **shift},
        f"people > {fresh(f'for {operation.name}', plant.people)}": {"skills": {skill: "2"}, **shift, **wage},
        f"{base} > at": here,
        f"{base} > time": f"{60 * for_a_lot / rate:.4g} min/lot",
        f"{base} > staff": [{"skill": f"{skill} 2"}],
        f"{base} > takes": takes or None,
    }


def rent_hours(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Two hours a day on a machine of a shared facility, at the beginning of the shift and with the plant's own people, for each of the two
    busiest work centers; paid by the hour, used or not.
    """
    rate = _rate(plant)
    effect = usual.effect or PRICE_OF_HOURS
    for center in busiest(plant)[:MOST_CENTERS]:
        if not runs_alone(plant, center) or not _may_share(plant, center):
            continue

        def edits(share: float, center: str = center) -> dict[str, Any]:
            return _rented(plant, center, None if rate is None else rate * share)

        move = Move(
            name=f"rent hours: {center}",
            family="rent hours",
            title=f"2 h a day on a shared {center}",
            edits={},
            subject={"work center": center},
            note="the hours are in its yearly cost in the plant file" if rate is not None else "",
        )
        yield believed(move, effect, f"an hour costs {span(effect)} of {figures(rate or RATE)}", edits)


def _may_share(plant: Plant, center: str) -> bool:
    """Whether lots may go to another place for a work center's steps: nothing carries, paces or ties them, its hours are a shift's, and each
    is done within the hours of a day.
    """
    steps = [operation for _, operation in operations_at(plant, center)]
    long = any(_alone(product, operation) > RENTED for product, operation in operations_at(plant, center))
    names = {operation.name for operation in steps}
    every = [operation for product in plant.products.values() for operation in product.routing]
    tied = any(step.same_machine_as for step in steps) or any(step.same_machine_as in names for step in every)
    paced = any(center in line.stations for line in plant.lines.values())
    shared = any(center in lane.feeds for lane in plant.buffers.values())
    return bool(plant.work_centers[center].shift) and not (tied or paced or shared or long or plant.transport)


def _rented(plant: Plant, center: str, rate: float | None) -> dict[str, Any]:
    shift = plant.shifts[plant.work_centers[center].shift[0]]
    hours = fresh(f"rented hours, {center}", plant.shifts)
    words = value_at(plant, f"shifts > {shift.name}")
    days = words.get("days", "Mon-Fri") if isinstance(words, dict) else "Mon-Fri"
    shared = fresh(f"shared {center}", plant.work_centers)
    told = value_at(plant, f"work centers > {center}")
    kept = {word: told[word] for word in ("setup", "batch", "batch with", "places") if word in (told or {})}
    start, end = shift.span.start, min(shift.span.start + RENTED, shift.span.end)
    cost = None if rate is None else rounded(rate * (end - start) / 3600.0 * len(shift.days) * WEEKS_A_YEAR)
    place: dict[str, Any] = {"machines": "1", "shift": hours, "buffer": "0 lots", **kept}
    if cost is not None:
        place["cost"] = f"{cost:.6g} {plant.currency}/y"
    edits: dict[str, Any] = {
        f"shifts > {hours}": {"days": days, "from": clock(start), "to": clock(end)},
        f"work centers > {shared}": place,
    }
    for product, operation in operations_at(plant, center):
        path = f"products > {product.name} > routing > {operation.name} > at"
        now = value_at(plant, path)
        choices = now if isinstance(now, list) else [now]
        edits[path] = [_instead(choices, center, shared), *choices]
    return edits


def _instead(choices: list[Any], center: str, shared: str) -> Any:
    """The choice of a shared machine, with the time and yield of the one that it stands beside."""
    told = next((choice for choice in choices if isinstance(choice, dict) and choice.get("center") == center), {})
    return {**told, "center": shared}


FAMILIES = (
    Family("rent hours", rent_hours, True, usual=RENTAL),
    Family("outsource", outsource, True, usual=OUTSOURCED),
    Family("insource", insource, True, usual=INSOURCED),
)
