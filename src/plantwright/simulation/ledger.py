"""What a run earned and cost, at the prices of the plant as it was: a dated change changes prices from then on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from plantwright.plant.plant import Plant
from plantwright.plant.resources import WorkCenter
from plantwright.simulation.codes import STATES
from plantwright.simulation.economics import YEAR, Economics, watts
from plantwright.simulation.running import ended_at
from plantwright.simulation.window import Window
from plantwright.simulation.world import World

if TYPE_CHECKING:
    from plantwright.simulation.blueprint import Blueprint
    from plantwright.simulation.replications import Cancel


@dataclass(frozen=True, slots=True)
class Ledger:
    """Money since the end of the warm-up: ``sales`` to a demand, ``income`` of what is finished and has none, ``spent`` on material and
    energy, ``fixed`` for paid hours and yearly costs.
    """

    sales: float = 0.0
    income: float = 0.0
    spent: float = 0.0
    fixed: float = 0.0


def contribution(ledger: Ledger, window: Window) -> float:
    """Money a year that a ledger says of the span that it counts."""
    # A window of 90 days holds more working days than 90 days of the year do.
    seconds = window.days / window.share * 86400.0
    served = window.days / window.served
    brought = (ledger.sales * served + ledger.income - ledger.spent) / seconds
    return (brought - ledger.fixed / window.seconds) * YEAR


def ledger_of(world: World, blueprint: Blueprint, end: float, known: float | None = None) -> Ledger | None:
    """The ledger of a world of a blueprint whose books were closed at `end`; None where no product has a price.

    Paid hours are the mean of those until `known`, the `end` if not given.
    """
    money = blueprint.economics(end if known is None else known)
    if money is None:
        return None
    run = world.run
    priced = _priced(world, blueprint.plant, blueprint.plant, money)
    return Ledger(
        priced.sales + float(run.sales_before[0]),
        priced.income + float(run.income_before[0]),
        priced.spent + float(run.spent_before[0]),
        (money.wages + money.upkeep) * (end - max(float(run.warmup[0]), float(run.priced_since[0])))
        + float(run.fixed_before[0]),
    )


def _priced(world: World, of: Plant, plant: Plant, money: Economics) -> Ledger:
    """All that was sold, finished and used since the end of the warm-up in a world of one plant, at the prices of another."""
    records = world.records
    sales = income = 0.0
    for row, name in enumerate(of.products):
        price = money.price.get(name, 0.0)
        if plant.products[name].demand is not None:
            sales += price * float(records["product"]["sold"][row])
        else:
            income += price * float(records["product"]["done_pieces"][row])
    taken = records["store"]["taken"][len(of.products) :]
    spent = sum(money.material[name] * float(taken[row]) for row, name in enumerate(of.materials))
    return Ledger(sales, income, spent + money.energy * _joules(world, of, plant))


def _joules(world: World, of: Plant, plant: Plant) -> float:
    """The energy that machines, and lots at unlimited ones, used since the end of the warm-up, at the powers of `plant`."""
    total = 0.0
    rows = world.records["center"]
    for c, name in enumerate(of.work_centers):
        center = plant.work_centers[name]
        if center.machines is None:
            total += float(rows["joules"][c])
        elif center.power:
            first, count = int(rows["first_machine"][c]), max(0, int(rows["machines"][c]))
            spent: Any = world.arrays["state_time"][first : first + count].sum(axis=0)
            total += float(spent @ _joules_by_state(center))
    return total


def _joules_by_state(center: WorkCenter) -> Any:
    return np.array([watts(center, state) for state in STATES])


def carry_energy(world: World, before: Plant, after: Plant, new: World) -> None:
    """Let what machines used until a change keep the powers that they had then, in the world that goes on."""
    now = float(world.run.now[0])
    rows = world.records["center"]
    machines = world.records["machine"]
    for c, name in enumerate(before.work_centers):
        one, other = before.work_centers[name], after.work_centers.get(name)
        if other is None or one.machines is None or one.power == other.power:
            continue
        spent = np.zeros(len(STATES))
        for m in range(int(rows["first_machine"][c]), int(rows["first_machine"][c] + rows["machines"][c])):
            spent += world.arrays["state_time"][m]
            if machines["lead"][m] == m and (machines["gone"][m : m + machines["beside"][m]] != 2).any():
                spent[machines["state"][m]] += now - machines["since"][m]
        at = list(after.work_centers).index(name)
        new.records["center"]["joules"][at] += spent @ (_joules_by_state(one) - _joules_by_state(other))


def carry_ledger(world: World, before: Blueprint, after: Blueprint, new: World, cancel: Cancel) -> None:
    """Let what was earned and spent until a change keep its prices in the world that goes on.

    Parameters
    ----------
    world, new : World
        Stopped before the instant of the change, and the world in which the run goes on.
    before, after : Blueprint
        Of the two plants.
    """
    carry_energy(world, before.plant, after.plant, new)
    now = float(world.run.now[0])
    if now <= float(world.run.warmup[0]) or not _has_prices(before.plant, after.plant):
        return
    closed = ended_at(world, math.nextafter(now, 0.0), cancel)
    then = ledger_of(closed, before, now) or Ledger()
    prices = after.economics(now)
    anew = Ledger() if prices is None else _priced(closed, before.plant, after.plant, prices)
    new.run.sales_before[0] = then.sales - anew.sales
    new.run.income_before[0] = then.income - anew.income
    new.run.spent_before[0] = then.spent - anew.spent
    new.run.fixed_before[0] = then.fixed
    new.run.priced_since[0] = now


def _has_prices(*plants: Plant) -> bool:
    return any(product.price is not None for plant in plants for product in plant.products.values())
