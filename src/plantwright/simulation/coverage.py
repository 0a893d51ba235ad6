"""What of a plant the engine does not simulate yet, said by name."""

from __future__ import annotations

from plantwright.plant.plant import Plant
from plantwright.plant.products import Product
from plantwright.plant.resources import Crew, WorkCenter

HEEDED_LIMITS = ("overtime",)
"""Limits that the proposing of moves heeds."""


def not_simulated(plant: Plant) -> tuple[str, ...]:
    """Words of the plant file that stand in this plant and that the engine passes over, in the order of the file."""
    found: dict[str, None] = {}
    for word, given in (
        ("posterior", plant.posterior),
        ("discount and horizon of money", plant.money.discount is not None or plant.money.horizon is not None),
        ("ties of families of moves", any(move.only_with or move.not_with for move in plant.family_defaults.values())),
    ):
        if given:
            found[word] = None
    found |= dict.fromkeys(f"limit of {name}" for name in plant.limits if name not in HEEDED_LIMITS)
    if plant.spreads:
        found[_of_spreads(plant)] = None
    for crew in plant.people.values():
        found |= dict.fromkeys(_of_crew(crew))
    for center in plant.work_centers.values():
        found |= dict.fromkeys(_of_center(center))
    for product in plant.products.values():
        found |= dict.fromkeys(_of_product(product))
    return tuple(found)


def _of_spreads(plant: Plant) -> str:
    first, *others = (spread.path for spread in plant.spreads)
    if not others:
        return f"the chance in {first} (its mean counts)"
    return f"the chance in {first} and {len(others)} other number{'s' if len(others) > 1 else ''} (their means count)"


def _of_crew(crew: Crew) -> list[str]:
    given = {
        "learning": bool(crew.learns),
    }
    return [word for word, there in given.items() if there]


def _of_center(center: WorkCenter) -> list[str]:
    delay = center.machines is None
    given = {
        "power of unlimited machines": delay and bool(center.power),
    }
    return [word for word, there in given.items() if there]


def _of_product(product: Product) -> list[str]:
    demand = product.demand
    given = {
        "range of demand": demand is not None and (demand.low is not None or demand.high is not None),
    }
    return [word for word, there in given.items() if there]
