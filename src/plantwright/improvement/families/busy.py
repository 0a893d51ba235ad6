"""How busy work centers and crews would be by hand, so that a family proposes first where there is most to do."""

from __future__ import annotations

from collections.abc import Iterator

from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation, Product
from plantwright.plant.resources import Crew, Staffing
from plantwright.simulation.loads import (
    batch_lots,
    choice_shares,
    expected_visits,
    lot_seconds,
    lots_at,
    mix,
    parts_at,
    seconds_at,
)
from plantwright.simulation.timeline import calendar, open_time

WEEK = 7 * 86400.0


def share_open(plant: Plant, shifts: tuple[str, ...]) -> float:
    """The share of all time, over four weeks from the start, that some shifts are there; 1 where none is named."""
    horizon = 4 * WEEK
    there = calendar(
        [plant.shifts[name] for name in shifts], start=plant.start, time_zone=plant.time_zone, horizon=horizon
    )
    return open_time(there, 0.0, horizon) / horizon or 1.0


def can(crew: Crew, need: Staffing) -> bool:
    """Whether the people of a crew have the skill at the level."""
    return crew.skills.get(need.skill, -1) >= need.level


def _visits(plant: Plant) -> Iterator[tuple[Product, Operation, float, float]]:
    """Each operation with how often it is done for one lot of its product, parts of a lot one by one, and the pieces that come to it."""
    for product in plant.products.values():
        visits, parts, wholes = expected_visits(product), parts_at(product), lots_at(product)
        for operation in product.routing:
            pieces = wholes[operation.name] / parts[operation.name]
            yield product, operation, visits[operation.name] * parts[operation.name], pieces


def machine_seconds(plant: Plant) -> dict[str, dict[str, float]]:
    """Machine seconds (load, run, unload) that one lot of each product brings to each work center; setups are not counted."""
    found: dict[str, dict[str, float]] = {}
    for product, operation, times, pieces in _visits(plant):
        taken = choice_shares(plant, operation, pieces) if len(operation.at) > 1 else {operation.center: 1.0}
        for choice in operation.at:
            each = seconds_at(plant, operation, choice, pieces, batch_lots(plant, choice.center, pieces))
            if times * each > 0:
                here = found.setdefault(choice.center, {})
                here[product.name] = here.get(product.name, 0.0) + times * taken[choice.center] * each
    return found


def machine_loads(plant: Plant) -> dict[str, float]:
    """The share of its open time that each machine of a work center would work (load, run, unload) to do what is asked.

    Setups and stops are not counted. Where nothing says how much is asked, products count alike, and only the order means something.
    """
    rates, seconds = mix(plant), machine_seconds(plant)
    return {
        name: sum(rates[product] * each for product, each in seconds.get(name, {}).items())
        / center.machines
        / share_open(plant, center.shift)
        for name, center in plant.work_centers.items()
        if center.machines
    }


def busiest(plant: Plant) -> list[str]:
    """The work centers that have work, the busiest first."""
    found = machine_loads(plant)
    return sorted((name for name, load in found.items() if load > 0), key=lambda name: -found[name])


def person_seconds(plant: Plant, operation: Operation, need: Staffing, pieces: float) -> float:
    """Seconds of people that one lot of so many pieces takes at an operation for one of its needs, setups not counted."""
    lots = batch_lots(plant, operation.center, pieces)
    phases = (("load", operation.load), ("run", operation.time), ("unload", operation.unload))
    seconds = sum(lot_seconds(time, pieces, lots) for phase, time in phases if phase in need.phases)
    return need.count / need.tends * seconds


def who_can(plant: Plant, need: Staffing) -> tuple[str, ...]:
    """The crews that have the skill at the level."""
    return tuple(name for name, crew in plant.people.items() if can(crew, need))


def people_seconds(plant: Plant) -> dict[tuple[str, ...], dict[str, float]]:
    """Seconds of people that one lot of each product takes of those crews that alone can do it, setups not counted."""
    found: dict[tuple[str, ...], dict[str, float]] = {}
    for product, operation, times, pieces in _visits(plant):
        for need in operation.staff:
            seconds = times * person_seconds(plant, operation, need, pieces)
            if seconds > 0:
                here = found.setdefault(who_can(plant, need), {})
                here[product.name] = here.get(product.name, 0.0) + seconds
    return found


def time_there(plant: Plant, crew: Crew) -> float:
    """How many of a crew are there in the mean of all time: its number, less the absent, times the share that its shifts are open."""
    return crew.count * (1 - (crew.absence.share if crew.absence else 0.0)) * share_open(plant, crew.shift)


def people_loads(plant: Plant) -> dict[str, float]:
    """The share of its time that each crew would be at work, where all who can do a job share it by their number."""
    rates, work = mix(plant), dict.fromkeys(plant.people, 0.0)
    for crews, seconds in people_seconds(plant).items():
        people = sum(plant.people[name].count for name in crews)
        for name in crews:
            asked = sum(rates[product] * each for product, each in seconds.items())
            work[name] += asked * plant.people[name].count / people
    return {
        name: seconds / max(1, plant.people[name].count) / share_open(plant, plant.people[name].shift)
        for name, seconds in work.items()
    }


def people_at(plant: Plant) -> dict[str, float]:
    """People at work at each work center in the mean, to do what is asked."""
    rates, work = mix(plant), dict.fromkeys(plant.work_centers, 0.0)
    for product, operation, times, pieces in _visits(plant):
        seconds = sum(person_seconds(plant, operation, need, pieces) for need in operation.staff)
        work[operation.center] += rates[product.name] * times * seconds
    return work


def is_told(plant: Plant) -> bool:
    """Whether the plant says how much is asked of every product: a demand, a time between lots, or a list of orders."""
    return all(
        product.demand is not None or any(release.every is not None or release.orders for release in product.releases)
        for product in plant.products.values()
    )
