"""Contribution: what sales leave after what changes with the plan: material, energy, paid hours, yearly costs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plantwright.plant.plant import Plant
from plantwright.plant.resources import WorkCenter
from plantwright.simulation.timeline import calendar, open_time

YEAR, WEEK = 365.25 * 86400.0, 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Economics:
    """Money per unit of each flow of a plant.

    ``price``: for a piece sold, by product. ``material``: for the unit in which it is counted, by material. ``wages`` and ``upkeep``: per second of
    the calendar. ``energy``: per joule.
    """

    price: dict[str, float]
    material: dict[str, float]
    wages: float
    upkeep: float
    energy: float


def economics(plant: Plant, horizon: float) -> Economics | None:
    """The money flows of a plant, or None where no product has a price."""
    price = {name: product.price for name, product in plant.products.items() if product.price is not None}
    if not price:
        return None
    upkeep = sum(center.cost * (center.machines or 1) for center in plant.work_centers.values() if center.cost)
    material = {name: material.price or 0.0 for name, material in plant.materials.items()}
    return Economics(price, material, wages(plant, horizon), upkeep, plant.money.energy or 0.0)


_POWER_OF = {
    "working": "run", "setup": "setup", "load": "load", "unload": "unload", "starved": "idle", "blocked": "idle",
    "no staff": "idle", "no tool": "idle", "no material": "idle", "waiting for repair": "down", "in repair": "down",
    "maintenance": "down", "off shift": "off",
}  # fmt: skip
_POWER_LIKE = {"setup": "idle", "load": "run", "unload": "run"}


def watts(center: WorkCenter, state: str) -> float:
    """The power of a machine in a state, in watts; what is not given is none, but a setup takes what idling does, and load and
    unload what running does.
    """
    word = _POWER_OF[state]
    return center.power.get(word, center.power.get(_POWER_LIKE.get(word, ""), 0.0))


def wages(plant: Plant, horizon: float) -> float:
    """Mean wages per second of the calendar: hours of the crews' shifts without breaks, overtime at its own pay.

    The horizon is taken as whole weeks, so that the day of the week on which it ends does not count.
    """
    total = 0.0
    horizon = math.ceil(horizon / WEEK) * WEEK
    for crew in plant.people.values():
        if crew.wage is None:
            continue
        shifts = [plant.shifts[name] for name in crew.shift]
        there = calendar(shifts, start=plant.start, time_zone=plant.time_zone, horizon=horizon)
        paid = open_time(there, 0.0, horizon)
        extra = sum(
            (overtime.span.end - overtime.span.start) * len(overtime.days) * (overtime.pay - 1) * horizon / WEEK
            for shift in shifts
            for overtime in shift.overtime
        )
        total += crew.count * crew.wage * (paid + extra) / horizon
    return total
