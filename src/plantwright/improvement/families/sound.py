"""Whether edits can be made, and how a range of an effect is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plantwright.distributions import Distribution
from plantwright.errors import PlantError
from plantwright.plant import changed
from plantwright.plant.plant import Plant

DAY = 86400.0
WEEK, MONTH = 7 * DAY, 365.25 / 12 * DAY
MOST_LESS = 0.95
"""What is made less by a share keeps so much at least, that a time stays one: 5 %."""


def is_sound(plant: Plant, edits: Mapping[str, Any]) -> bool:
    """Whether a plant with these edits is one that the checks let pass."""
    try:
        changed(plant, edits)
    except PlantError:
        return False
    return True


def span(effect: Distribution, to: str = " to ") -> str:
    """The range of an effect in words: ``20 to 60 %``, ``30 %`` where it is known, ``about 40 %`` where it has no ends."""
    p = effect.parameters
    if effect.kind in ("uniform", "triangular", "pert") and p[-1] > p[0]:
        return f"{100 * p[0]:.3g}{to}{100 * p[-1]:.3g} %"
    return f"{100 * effect.mean:.3g} %" if effect.cv <= 0 else f"about {100 * effect.mean:.2g} %"


def brief(effect: Distribution) -> str:
    """The range of an effect as short as a title needs it: ``20-60 %``."""
    return span(effect, "-")


def less(share: float) -> float:
    """The factor by which something is that is less by a share."""
    return 1 - min(share, MOST_LESS)


def whose(plant: Plant, product: str) -> str:
    """`` of`` a product, where there are several."""
    return f" of {product}" if len(plant.products) > 1 else ""
