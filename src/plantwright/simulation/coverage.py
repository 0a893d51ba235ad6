"""What of a plant the engine does not simulate yet, said by name."""

from __future__ import annotations

from plantwright.plant.plant import Plant
from plantwright.plant.resources import Crew

HEEDED_LIMITS = ("overtime",)
"""Limits that the proposing of moves heeds."""


def not_simulated(plant: Plant) -> tuple[str, ...]:
    """Words of the plant file that stand in this plant and that the engine passes over, in the order of the file."""
    found: dict[str, None] = {}
    for word, given in (
        ("discount and horizon of money", plant.money.discount is not None or plant.money.horizon is not None),
        ("ties of families of moves", any(move.only_with or move.not_with for move in plant.family_defaults.values())),
    ):
        if given:
            found[word] = None
    found |= dict.fromkeys(f"limit of {name}" for name in plant.limits if name not in HEEDED_LIMITS)
    for crew in plant.people.values():
        found |= dict.fromkeys(_of_crew(crew))
    return tuple(found)


def _of_crew(crew: Crew) -> list[str]:
    given = {
        "learning": bool(crew.learns),
    }
    return [word for word, there in given.items() if there]
