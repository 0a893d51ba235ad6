"""Moves that need no simulation, and on which ground: they are another move over again, pass a limit, or cannot pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plantwright.improvement.bench import found
from plantwright.improvement.limits import asked
from plantwright.improvement.ranking import Base
from plantwright.improvement.study import Move
from plantwright.improvement.words import figures
from plantwright.improvement.worth import years_of_gain
from plantwright.plant import fingerprint
from plantwright.plant.plant import Plant
from plantwright.simulation.economics import YEAR, wages


@dataclass(frozen=True)
class Money:
    """What the plant earns and spends a year, as it is: the most that any move could add is in what is asked, used and paid."""

    missed: float
    used: float
    fixed: float


def money_at_stake(base: Base) -> Money | None:
    """What could be gained at most: sales that are missed, all material and energy, all wages and upkeep, each a year; None where it has no
    bound, as without a demand for every product.
    """
    plant, run = base.plant, base.released
    made = found(run, "contribution")
    if made is None or asked(plant, run) is None:
        return None
    days = run.working_days / run.horizon * YEAR
    earned = missed = 0.0
    for name, product in plant.products.items():
        sold = found(run, "sales", product=name) or found(run, "sales")
        if product.price is None or product.demand is None or sold is None:
            return None
        high = product.demand.high or product.demand.rate
        per_day = high * (1.0 if product.demand.per == "working day" or not plant.shifts else YEAR / 86400.0 / days)
        earned += sold.mean * product.price * days
        missed += (
            max(0.0, per_day * max(product.demand.season.values(), default=1.0) - sold.mean) * product.price * days
        )
    upkeep = sum(center.cost * (center.machines or 1) for center in plant.work_centers.values() if center.cost) * YEAR
    fixed = base.wages * YEAR + upkeep
    return Money(missed, max(0.0, earned - made.mean - fixed), fixed)


_EARNS_OTHERWISE = ("price", "demand", "release", "wage", "cost", "money", "materials", "shifts", "energy")


def cannot_pay(move: Move, after: Plant, base: Base, stake: Money | None) -> str:
    """Why a move cannot pay itself back whatever it does to the flow; empty where it may.

    It can at most sell all that is missed, use nothing, and save the wages and upkeep that it does save.
    """
    if stake is None or not move.capital or _changes_earnings(move):
        return ""
    paid = (wages(after, base.released.warmup + base.released.horizon) - base.wages) * YEAR
    upkeep = [
        sum(center.cost * (center.machines or 1) for center in plant.work_centers.values() if center.cost) * YEAR
        for plant in (base.plant, after)
    ]
    most = stake.missed + stake.used - paid - (upkeep[1] - upkeep[0]) - (move.yearly or 0.0)
    worth = most * years_of_gain(base.money, move.lead_time or 0.0, move.ramp_up or 0.0)
    if worth >= move.capital:
        return ""
    currency = base.plant.currency or "money"
    return (
        f"cannot pay: it costs {figures(move.capital)} {currency}, and all that could be sold and saved is worth "
        f"{figures(max(0.0, worth))} {currency}"
    )


def _changes_earnings(move: Move) -> bool:
    return any(word in _EARNS_OTHERWISE for path in move.edits for word in path.split(" > "))


def twins(plants: Mapping[str, Plant]) -> dict[str, str]:
    """Moves that make the same plant as one before them, by name: whose they repeat."""
    first: dict[str, str] = {}
    found_twins: dict[str, str] = {}
    for name, plant in plants.items():
        said = fingerprint(plant)
        if said in first:
            found_twins[name] = first[said]
        else:
            first[said] = name
    return found_twins
