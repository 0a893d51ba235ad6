"""Moves on machines as such: one more, a new one for an old one, one less."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plantwright.distributions import Distribution
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.busy import is_told, machine_loads
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.machines import time_edits
from plantwright.improvement.families.money import in_currency
from plantwright.improvement.families.reliability import stop_paths
from plantwright.improvement.families.sound import span
from plantwright.improvement.families.technology import runs_alone
from plantwright.improvement.families.usual import Usual, assumed
from plantwright.improvement.study import Move
from plantwright.improvement.words import fresh, ordinal, singular
from plantwright.plant.plant import Plant
from plantwright.plant.reading import value_at
from plantwright.plant.resources import WorkCenter
from plantwright.plant.texts import scaled, text_at

WEEK = 7 * 86400.0
PLACE = 10_000.0
"""US dollars for a place where people work, with its table and tools (our choice)."""
RARER = 2.0
"""A new machine fails so many times as rarely as the old one (our choice)."""
BUSY_ENOUGH = 0.7
"""A machine may go where the others then work at most this share of their open time, setups and stops not counted (our choice)."""

MACHINE = Usual(
    cost=270_000.0,
    lead_time=26 * WEEK,
    ramp_up=8 * WEEK,
    source="the mean of a metalworking machine ordered in the US: 402.3 million USD for 1,471 units in June 2024 (AMT, USMTO report); a place "
    "for people 10,000 USD, and the times, are our choice",
)
REPLACEMENT = Usual(
    effect=Distribution("triangular", (0.1, 0.2, 0.4)),
    cost=MACHINE.cost,
    lead_time=MACHINE.lead_time,
    ramp_up=MACHINE.ramp_up,
    source="price as for one more machine; how much faster, and failures half as often, are our choice",
)
RETIREMENT = Usual(
    cost=0.0, lead_time=4 * WEEK, ramp_up=0.0, source="our choice; what the machine sells for is not counted"
)


def add_machine(plant: Plant, usual: Usual) -> Iterator[Move]:
    """One more machine in each work center that has a number of them, at the work center's price."""
    for name, center in plant.work_centers.items():
        if center.machines is None:
            continue
        path = f"work centers > {name} > machines"
        listed = value_at(plant, path)
        more: Any = str(center.machines + 1)
        if isinstance(listed, list):
            last = listed[-1]
            copied = last if isinstance(last, dict) else {}
            names = {item.get("name") for item in listed if isinstance(item, dict)}
            more = [*listed, {**copied, "name": fresh(str(copied.get("name", name)), names)}]
        yield Move(
            name=f"add a machine: {name}",
            family="add a machine",
            title=f"{ordinal(center.machines + 1)} {singular(name) if center.machines > 1 else name}",
            edits={path: more},
            subject={"work center": name},
            **_price(plant, "add a machine", center, 1),
        )


def _price(plant: Plant, family: str, center: WorkCenter, count: int) -> dict[str, Any]:
    """``capital`` and what of it is assumed: the work center's price, else what is usual for a place of people; for machines, and
    where the plant file says what the family costs, nothing: the family's cost is taken.
    """
    if center.price is not None:
        return {"capital": count * center.price}
    usual = in_currency(MACHINE.cost if runs_alone(plant, center.name) else PLACE, plant.currency)
    return assumed(plant, family, capital=None if usual is None else count * usual)


def replace_machine(plant: Plant, usual: Usual) -> Iterator[Move]:
    """All machines of a work center that fails, or whose price is given, give way to new ones: faster, and failing half as often."""
    effect = usual.effect or REPLACEMENT.effect or Distribution.constant(0.2)
    for name, center in plant.work_centers.items():
        if not center.machines or not (center.failures or center.price) or not time_edits(plant, name, 0.9):
            continue
        rarer: dict[str, str] = {}
        for path in stop_paths(plant, name):
            text = text_at(plant, f"{path} > every")
            new = None if text is None else scaled(text, RARER)
            if new is not None:
                rarer[f"{path} > every"] = new

        def edits(share: float, name: str = name, rarer: dict[str, str] = rarer) -> dict[str, str]:
            return {**time_edits(plant, name, 1 / (1 + share)), **rarer}

        many = center.machines > 1
        move = Move(
            name=f"replace a machine: {name}",
            family="replace a machine",
            title=f"{center.machines} new {name}" if many else f"a new {singular(name)}",
            edits={},
            subject={"work center": name},
            note="what the old brings is not counted",
            **_price(plant, "replace a machine", center, center.machines),
        )
        yield believed(move, effect, f"{span(effect)} faster", edits)


def retire_machine(plant: Plant, usual: Usual) -> Iterator[Move]:
    """One machine less where the others then work at most 70 % of their open time and a machine costs something by the year or in power."""
    if not is_told(plant):
        return
    loads = machine_loads(plant)
    for name, center in plant.work_centers.items():
        count = center.machines or 0
        costs = center.cost or any(center.power.get(word) for word in ("idle", "off"))
        if count < 2 or not costs or loads[name] * count / (count - 1) > BUSY_ENOUGH:
            continue
        path = f"work centers > {name} > machines"
        listed = value_at(plant, path)
        fewer: Any = str(count - 1)
        if isinstance(listed, list):
            slowest = min(range(count), key=lambda k: (center.unlike[k].speed, -k))
            fewer = [item for k, item in enumerate(listed) if k != slowest]
        yield Move(
            name=f"retire a machine: {name}",
            family="retire a machine",
            title=f"one {singular(name)} less",
            edits={path: fewer},
            subject={"work center": name},
        )


FAMILIES = (
    Family("retire a machine", retire_machine, False, "exploit", RETIREMENT),
    Family("add a machine", add_machine, True, usual=MACHINE),
    Family("replace a machine", replace_machine, True, usual=REPLACEMENT),
)
