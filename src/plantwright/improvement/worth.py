"""What a move is worth in cash over the years: what it brings and costs, discounted, less its capital, plus what it frees."""

from __future__ import annotations

import math
from dataclasses import replace

from plantwright.improvement.study import Move
from plantwright.plant.plant import Money, Plant
from plantwright.plant.products import Product
from plantwright.simulation.economics import YEAR
from plantwright.simulation.loads import batch_lots, expected_visits, lot_at, mix
from plantwright.simulation.run import Estimate

DISCOUNT, YEARS = 0.10, 5.0
"""A year, and how many of them count, where the plant does not say: a usual hurdle rate, and the years over which machines are written off."""


def money_of(plant: Plant) -> Money:
    """How money counts in a plant: its own discount and horizon, else `DISCOUNT` and `YEARS`."""
    own = plant.money
    return replace(
        own,
        discount=DISCOUNT if own.discount is None else own.discount,
        horizon=YEARS * YEAR if own.horizon is None else own.horizon,
    )


def years_of_gain(money: Money, lead_time: float, ramp_up: float = 0.0) -> float:
    """What one a year is worth today, paid evenly from the lead time on until the horizon (for ever without one).

    The integral over these years t of (1 + d)^-t, with the discount d a year, times the share that is reached in the ramp-up, which grows
    evenly; infinite without discount and horizon.
    """
    end = math.inf if money.horizon is None else money.horizon / YEAR
    begin = min(lead_time / YEAR, end)
    full = min(begin + ramp_up / YEAR, end)
    rate = math.log1p(money.discount or 0.0)
    whole = (math.exp(-rate * full) - math.exp(-rate * end)) / rate if rate else end - full
    if full <= begin:
        return whole
    return whole + _ramp(begin, full, ramp_up / YEAR, rate)


def _ramp(begin: float, end: float, length: float, rate: float) -> float:
    """The integral of (t - begin) / length exp(-rate t) from begin to end."""
    span = end - begin
    if rate * span < 1e-6:
        return math.exp(-rate * begin) * span * span / (2 * length)
    inner = (1 - math.exp(-rate * span) * (1 + rate * span)) / rate**2
    return math.exp(-rate * begin) * inner / length


def material_money(plant: Plant, product: Product) -> list[float]:
    """Money for the material that one lot takes at each step of its routing."""
    visits, told = expected_visits(product), []
    for operation in product.routing:
        pieces = lot_at(product, operation.name)
        times = {"piece": pieces, "lot": 1.0, "batch": 1 / batch_lots(plant, operation.center, pieces)}
        told.append(
            sum(
                visits[operation.name] * times[usage.per] * usage.amount * price
                for name, usage in operation.takes.items()
                if name in plant.materials and (price := plant.materials[name].price)
            )
        )
    return told


def lot_value(plant: Plant) -> float:
    """Money for the material in a lot in process, in the mean over the mix and over the steps of the routings, which count alike."""
    weights = mix(plant)
    total = sum(weights.values())
    worth = 0.0
    for name, weight in weights.items():
        steps = material_money(plant, plant.products[name])
        worth += weight / total * sum(money * (1 - number / len(steps)) for number, money in enumerate(steps))
    return worth


def cash(move: Move, gain: Estimate, money: Money, freed: Estimate | None = None, lot: float = 0.0) -> Estimate:
    """The net present value of a move; before its price, where nobody gave one.

    Parameters
    ----------
    move : Move
    gain : Estimate
        The change of the contribution a year, the move's yearly cost gone off.
    money : Money
        Its discount and horizon, as `money_of` gives them.
    freed : Estimate, optional
        The change of the work in process, in lots.
    lot : float
        The money in a lot in process.

    Returns
    -------
    Estimate
        With a value for each replication: the years of gain times the gain before the yearly cost, which ramps up, less the years of the yearly cost, less
        the capital, plus the money of the lots that are no more in process once it works.
    """
    lead, ramp = move.lead_time or 0.0, move.ramp_up or 0.0
    yearly = move.yearly or 0.0
    years = years_of_gain(money, lead, ramp)
    fixed = years * yearly - years_of_gain(money, lead) * yearly - (move.capital or 0.0)
    then = (1 + (money.discount or 0.0)) ** -((lead + ramp) / YEAR) * lot
    lots = freed.values if freed is not None and lot else (0.0,) * len(gain.values)
    values = tuple(years * value + fixed - then * less for value, less in zip(gain.values, lots, strict=True))
    return replace(
        gain, name="net present value", unit=gain.unit.removesuffix("/y"), mean=0.0, low=0.0, high=0.0, values=values
    )


def payback(move: Move, gain: Estimate) -> float | None:
    """Seconds from the spending until a move has paid itself back, undiscounted; None where it has no price or never does."""
    if not move.capital or gain.mean <= 0:
        return None
    return move.capital / gain.mean * YEAR + (move.lead_time or 0.0) + (move.ramp_up or 0.0) / 2
