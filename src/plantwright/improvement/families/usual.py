"""What moves of a family usually cost, need and bring, where neither the plant file nor the move says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from plantwright.distributions import Distribution
from plantwright.improvement.families.money import in_currency
from plantwright.plant.plant import Plant


@dataclass(frozen=True, slots=True)
class Usual:
    """Costs, times and effects of a family's moves.

    ``cost`` is money once and ``yearly`` money a year: US dollars of 2025 as the family gives them, the plant's own money once
    `usual_of` has looked at the plant. ``lead_time`` and ``ramp_up`` are seconds. ``effect`` is the size of the effect as a share.
    ``source`` says where these come from.
    """

    effect: Distribution | None = None
    cost: float | None = None
    yearly: float | None = None
    lead_time: float | None = None
    ramp_up: float | None = None
    source: str = ""


def usual_of(plant: Plant, name: str, usual: Usual) -> Usual:
    """What a family's moves cost and bring in this plant: the plant file's own figures, and the family's where it has none."""
    usual = replace(
        usual, cost=in_currency(usual.cost, plant.currency), yearly=in_currency(usual.yearly, plant.currency)
    )
    own = plant.family_defaults.get(name)
    if own is None:
        return usual
    return replace(
        usual,
        effect=own.effect if own.effect is not None else usual.effect,
        cost=own.cost if own.cost is not None else usual.cost,
        yearly=own.cost_per_year if own.cost_per_year is not None else usual.yearly,
        lead_time=own.lead_time if own.lead_time is not None else usual.lead_time,
        ramp_up=own.ramp_up if own.ramp_up is not None else usual.ramp_up,
    )


_SAID = {"capital": "cost", "yearly": "cost_per_year", "lead_time": "lead_time"}


def assumed(plant: Plant, family: str, **values: float | None) -> dict[str, Any]:
    """Of what a family takes a move to cost and need (``capital``, ``yearly``, ``lead_time``, ``training``), that which the plant file
    does not say of the family, as fields of a move with its ``assumed``.
    """
    own = plant.family_defaults.get(family)
    kept = {
        word: value
        for word, value in values.items()
        if value is not None and (own is None or getattr(own, _SAID.get(word, ""), None) is None)
    }
    return {**kept, "assumed": tuple(word.replace("_", " ") for word in kept)} if kept else {}


def times_usual(plant: Plant, family: str, usual: Usual, count: float) -> dict[str, Any]:
    """``capital``, ``yearly`` and ``assumed`` of a move that is so many times what is usual: a robot for each machine, a hire each.

    What the plant file says of the family is of a move as a whole, and left to it.
    """
    cost, yearly = (None if amount is None else amount * count for amount in (usual.cost, usual.yearly))
    return assumed(plant, family, capital=cost, yearly=yearly)
