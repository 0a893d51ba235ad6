"""What to do next: moves that a plant could make, tried on the same luck and ranked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plantwright.improvement.study import Flip, Limit, Move, Probe, RankedMove, Study

if TYPE_CHECKING:
    from plantwright.improvement.beliefs import believed
    from plantwright.improvement.comparing import PlantComparison, compare
    from plantwright.improvement.deployment import deployment_card
    from plantwright.improvement.families import Family, Usual, all_families, propose
    from plantwright.improvement.improving import improve
    from plantwright.improvement.ranking import effect

__all__ = [
    "Family",
    "Flip",
    "Limit",
    "Move",
    "PlantComparison",
    "Probe",
    "RankedMove",
    "Study",
    "Usual",
    "all_families",
    "believed",
    "compare",
    "deployment_card",
    "effect",
    "improve",
    "propose",
]

# Improving simulates, and the engine takes half a second to import; so each name is fetched when it is asked for.
_HOMES = {
    "PlantComparison": "comparing",
    "compare": "comparing",
    "deployment_card": "deployment",
    "believed": "beliefs",
    "Family": "families",
    "Usual": "families",
    "all_families": "families",
    "propose": "families",
    "improve": "improving",
    "effect": "ranking",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
