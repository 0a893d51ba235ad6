"""The hand arithmetic that proves a limit: hours, over time per lot, times what a lot gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plantwright.improvement.bench import found
from plantwright.improvement.families.busy import can, person_seconds
from plantwright.improvement.study import Probe
from plantwright.improvement.words import figures
from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation, Product
from plantwright.plant.resources import Crew, WorkCenter
from plantwright.simulation.loads import (
    batch_lots,
    choice_shares,
    expected_visits,
    kept_share,
    lot_at,
    lots_at,
    mix,
    parts_at,
    seconds_at,
    sold_of_lot,
    typical_lot,
)
from plantwright.simulation.run import Run
from plantwright.simulation.timeline import Calendar, calendar, working_days
from plantwright.units import show_duration

WEEKS = 4 * 7 * 86400.0
DISAGREES, LEAST = 0.05, 0.02
"""A result by hand that is further from the simulated is said to be; shares of time below the other are left out of the line."""


@dataclass(frozen=True, slots=True)
class Worked:
    """A line of arithmetic and its result in the unit of throughput."""

    line: str
    result: float | None


def working_share(plant: Plant) -> float:
    """Working days as a share of all days, over four weeks from the start."""
    days = working_days(plant, WEEKS).working
    return float(days.mean()) if len(days) and days.any() else 1.0


def _open(plant: Plant, shifts: tuple[str, ...]) -> Calendar:
    listed = [plant.shifts[name] for name in shifts]
    return calendar(listed, start=plant.start, time_zone=plant.time_zone, horizon=WEEKS)


def _on(
    at: Calendar, minutes: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    row = np.searchsorted(at.times, minutes, side="right") - 1
    return np.asarray(at.on[row] > 0)


def hours_per_day(plant: Plant, center: str) -> float:
    """Seconds a (working) day in which a work center and at least one of those who can run it are there."""
    minutes = np.arange(30.0, WEEKS, 60.0)
    there = _on(_open(plant, plant.work_centers[center].shift), minutes)
    for product in plant.products.values():
        for operation in product.routing:
            for need in operation.staff if any(choice.center == center for choice in operation.at) else ():
                if "run" not in need.phases:
                    continue
                able = [crew for crew in plant.people.values() if can(crew, need)]
                if able and all(crew.shift for crew in able):
                    present = np.zeros(len(minutes), bool)
                    for crew in able:
                        present |= _on(_open(plant, crew.shift), minutes)
                    there &= present
    days = WEEKS / 86400.0 * (working_share(plant) if plant.shifts else 1.0)
    return float(there.sum()) * 60.0 / days


def good_share(product: Product) -> float:
    """Good pieces at the end for each piece started."""
    visits = expected_visits(product)
    good = 1.0
    for operation in product.routing:
        kept = kept_share(product, operation, typical_lot(product))
        if operation.scrap == "piece":
            good *= kept ** visits[operation.name]
        else:
            good *= 1 - (1 - kept) * min(1.0, operation.share)
    return good


def _weights(plant: Plant) -> dict[str, float]:
    weights = mix(plant)
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def seconds_per_lot(plant: Plant, center: str) -> float:
    """Machine seconds that one lot of the mix brings to a work center, setups not counted."""
    total = 0.0
    for name, share in _weights(plant).items():
        product = plant.products[name]
        visits, parts, wholes = expected_visits(product), parts_at(product), lots_at(product)
        for operation in product.routing:
            for choice in operation.at:
                if choice.center == center:
                    pieces = wholes[operation.name] / parts[operation.name]
                    taken = choice_shares(plant, operation, pieces)[center]
                    seconds = seconds_at(plant, operation, choice, pieces, batch_lots(plant, center, pieces))
                    total += share * visits[operation.name] * parts[operation.name] * taken * seconds
    return total


def _up_share(center: WorkCenter) -> float:
    """The share of its working time that failures and maintenance leave to a machine."""
    lost = sum(failure.repair.mean / failure.every.mean for failure in center.failures if failure.every.mean)
    lost += sum(care.lasts.mean / care.every.mean for care in center.maintenance if care.every.mean)
    return 1 / (1 + lost)


def _pieces(plant: Plant) -> tuple[str, float]:
    """What turns lots into the unit of throughput: its text and its factor."""
    weights = _weights(plant)
    if len({product.unit for product in plant.products.values()}) > 1:
        whole = sum(w * _finished_lots(plant.products[name]) for name, w in weights.items())
        return ("" if whole > 0.9995 else f" x {100 * whole:.3g} %"), whole
    lot = sum(weights[name] * _sold(product) for name, product in plant.products.items())
    good = sum(weights[name] * _sold(product) * good_share(product) for name, product in plant.products.items()) / lot
    text = "" if abs(lot - 1) < 1e-9 else f" x {lot:.4g}"
    return text + ("" if good > 0.9995 else f" x {100 * good:.3g} %"), lot * good


def _sold(product: Product) -> float:
    """How many of the units that are sold come of a typical lot, if nothing is lost."""
    return typical_lot(product) * sold_of_lot(product) / product.lot


def _finished_lots(product: Product) -> float:
    kept = 1.0
    for operation in product.routing:
        if operation.scrap == "lot":
            kept *= kept_share(product, operation, typical_lot(product))
    return kept


def _checked(plant: Plant, line: str, result: float, simulated: float | None) -> Worked:
    """The line, with what the simulation says where the two differ by more than 5 %."""
    if simulated is not None and simulated > 0 and abs(result - simulated) > DISAGREES * simulated:
        line += f" by hand; simulated {figures(simulated)}"
    return Worked(line, result)


def _each(plant: Plant) -> str:
    return " (mix)" if len(plant.products) > 1 else ""


def by_machines(plant: Plant, center: str, released: Run, saturated: Run) -> Worked:
    """``7.5 h / 1.5 h = 5 lots x 64 x 97 % = 310``; with several machines ``2 x 7.5 h``, stops, setups and what batches hold as
    shares.
    """
    entry = plant.work_centers[center]
    each = seconds_per_lot(plant, center)
    capacity = found(saturated, "throughput")
    if each <= 0:
        return Worked("", None)
    hours = hours_per_day(plant, center)
    machines = entry.machines or 1
    up = _up_share(entry)
    setup, alone = _state_share(saturated, center, "setup"), _state_share(saturated, center, "no staff")
    full = _fill(plant, center, each, saturated)
    lots = machines * hours * up * (1 - setup) * (1 - alone) * full / each
    line = (f"{machines} x " if machines > 1 else "") + show_duration(hours)
    line += "" if up > 0.9995 else f" x {100 * up:.3g} % up"
    line += "" if setup < 0.0005 else f" x {100 * (1 - setup):.3g} % not in setup"
    text, factor = _pieces(plant)
    line += "" if alone < LEAST else f" x {100 * (1 - alone):.3g} % staffed"
    line += "" if full > 1 - LEAST else f" x {100 * full:.3g} % full"
    line += f" / {show_duration(each)}{_each(plant)} = {figures(lots)} lots"
    if text:
        line += f"{text} = {figures(lots * factor)}"
    return _checked(plant, line, lots * factor, capacity.mean if capacity else None)


def _state_share(run: Run, center: str, state: str) -> float:
    """The share of a work center's open hours that it is in a state."""
    shares = {
        name: share.mean
        for name in (state, "off shift")
        if (share := found(run, "state share", work_center=center, state=name)) is not None
    }
    open_share = 1 - shares.get("off shift", 0.0)
    return shares.get(state, 0.0) / open_share if open_share > 0 else 0.0


def _fill(plant: Plant, center: str, each: float, run: Run) -> float:
    """How full the batches of a work center are: time that its lots would take in full ones, over the time that it worked."""
    if plant.work_centers[center].batch is None:
        return 1.0
    phases = [
        share.mean
        for state in ("load", "working", "unload")
        if (share := found(run, "state share", work_center=center, state=state)) is not None
    ]
    lots, worked = found(run, "lots finished"), sum(phases)
    if lots is None or worked <= 0:
        return 1.0
    spent = worked * (plant.work_centers[center].machines or 1) * run.horizon
    return min(1.0, each * lots.mean * run.working_days / spent)


def crew_seconds(plant: Plant, operation: Operation, product: Product, crew_name: str) -> float:
    """Seconds of people that one visit to an operation takes of those with the skills of a crew."""
    crew, pieces = plant.people[crew_name], lot_at(product, operation.name)
    return sum(person_seconds(plant, operation, need, pieces) for need in operation.staff if can(crew, need))


def _heads(crew: Crew) -> float:
    """How many of a crew come in the mean."""
    return crew.count * (1 - crew.absence.share if crew.absence else 1.0)


def by_people(plant: Plant, crew_name: str, released: Run, saturated: Run) -> Worked:
    """``2 people x 7.5 h / 4.2 h = 3.6 lots``: the hours of a crew, and of all who can stand in for it, over those that a lot takes."""
    each = 0.0
    needs = []
    for name, share in _weights(plant).items():
        product = plant.products[name]
        visits = expected_visits(product)
        for operation in product.routing:
            each += share * visits[operation.name] * crew_seconds(plant, operation, product, crew_name)
            needs += [need for need in operation.staff if can(plant.people[crew_name], need)]
    if each <= 0:
        return Worked("", None)
    pool = [crew for crew in plant.people.values() if any(can(crew, need) for need in needs)]
    people = sum(crew.count for crew in pool)
    minutes = np.arange(30.0, WEEKS, 60.0)
    days = WEEKS / 86400.0 * (working_share(plant) if plant.shifts else 1.0)
    worked = sum(_heads(crew) * float(_on(_open(plant, crew.shift), minutes).sum()) * 60.0 / days for crew in pool)
    lots = worked / each
    text, factor = _pieces(plant)
    who = "1 person" if people == 1 else f"{people} people"
    line = f"{who} x {show_duration(worked / people)} / {show_duration(each)}{_each(plant)} = {figures(lots)} lots"
    if text:
        line += f"{text} = {figures(lots * factor)}"
    capacity = found(saturated, "throughput")
    return _checked(plant, line, lots * factor, capacity.mean if capacity else None)


def by_release(plant: Plant, released: Run) -> Worked:
    """Little's law: ``12 lots / 3.4 d = 3.5 lots a day``, turned into pieces a (working) day."""
    cards = [release.cards for product in plant.products.values() for release in product.releases if release.cards]
    cycle, now = found(released, "cycle time"), found(released, "throughput")
    held = found(released, "work in process")
    if cycle is None or held is None or cycle.mean <= 0:
        return Worked("", None)
    lots = sum(card.value for card in cards if card.of != "piece") or held.mean
    days = cycle.mean / 86400.0 * (working_share(plant) if plant.shifts else 1.0)
    text, factor = _pieces(plant)
    unit = "working days" if plant.shifts else "days"
    line = f"{figures(lots)} lots / {days:.3g} {unit} = {figures(lots / days)} lots a day"
    if text:
        line += f"{text} = {figures(lots / days * factor)}"
    return _checked(plant, line, lots / days * factor, now.mean if now else None)


def by_demand(plant: Plant, released: Run) -> Worked:
    """What is asked, or what comes in."""
    from plantwright.improvement.limits import asked

    wanted = asked(plant, released)
    if wanted is not None:
        return Worked(f"{figures(wanted, 4)} asked, all of them sold", wanted)
    now = found(released, "throughput")
    return Worked(f"{figures(now.mean)} come in", now.mean) if now else Worked("", None)


def by_orders(plant: Plant, released: Run, saturated: Run) -> Worked:
    """``2.5 lots a day come in, 2.7 could be done``: lists of orders against capacity, in lots."""
    from plantwright.improvement.limits import incoming

    listed, most = incoming(plant, released), found(saturated, "lots finished")
    if listed is None or most is None:
        return Worked("", None)
    per = "working day" if plant.shifts else "day"
    return Worked(f"{figures(listed)} lots come in a {per}, {figures(most.mean)} could be done", listed)


def no_arithmetic(probes: tuple[Probe, ...]) -> str:
    """What to say where no single relief helps."""
    return "no single work center or crew, doubled, would bring more" if probes else ""
