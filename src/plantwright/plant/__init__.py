"""What a plant is, how it is written, read, checked and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plantwright.plant.plant import Plant

if TYPE_CHECKING:
    from plantwright.plant.card import DeploymentCard, card_of
    from plantwright.plant.quantities import distribution_text
    from plantwright.plant.reading import (
        Default,
        build_plant,
        changed,
        default_kinds,
        explain,
        fingerprint,
        json_schema,
        read_plant,
        read_text,
        value_at,
        with_factors,
        with_variability,
    )
    from plantwright.plant.writing import edited, mapping_text, plant_text, save_plant

__all__ = [
    "Default",
    "DeploymentCard",
    "Plant",
    "build_plant",
    "card_of",
    "changed",
    "default_kinds",
    "distribution_text",
    "edited",
    "explain",
    "fingerprint",
    "json_schema",
    "mapping_text",
    "plant_text",
    "read_plant",
    "read_text",
    "save_plant",
    "value_at",
    "with_factors",
    "with_variability",
]

_HOMES = {"distribution_text": "quantities", "DeploymentCard": "card", "card_of": "card"} | dict.fromkeys(
    ("edited", "mapping_text", "plant_text", "save_plant"), "writing"
)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'reading')}"), name)
