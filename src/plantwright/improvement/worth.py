"""What a move is worth over the years: its capital, and what it brings, discounted."""

from __future__ import annotations

import math
from dataclasses import replace

from plantwright.improvement.study import Move
from plantwright.plant.plant import Money
from plantwright.simulation.economics import YEAR
from plantwright.simulation.run import Estimate


def years_of_gain(money: Money, lead_time: float) -> float:
    """What one a year is worth today, paid evenly from the lead time on until the horizon (for ever without one).

    The integral of (1 + d)^-t over these years t, with the discount d a year; infinite without discount and horizon.
    """
    begin = lead_time / YEAR
    end = math.inf if money.horizon is None else max(begin, money.horizon / YEAR)
    if not money.discount:
        return end - begin
    rate = math.log1p(money.discount)
    return (math.exp(-rate * begin) - math.exp(-rate * end)) / rate


def net_present_value(move: Move, gain: Estimate | None, money: Money, spends: bool) -> Estimate | None:
    """The contribution that a move brings, discounted, less its capital.

    Parameters
    ----------
    move : Move
    gain : Estimate
        The change of the contribution a year, the move's yearly cost gone off.
    money : Money
        Its ``discount`` and ``horizon``.
    spends : bool
        Whether it is a move that costs money.

    Returns
    -------
    Estimate
        None where the plant says neither discount nor horizon, or has no prices, or where nobody gave what the move costs.
    """
    if gain is None or (money.discount is None and money.horizon is None) or (spends and move.capital is None):
        return None
    years = years_of_gain(money, move.lead_time or 0.0)
    if math.isinf(years):
        return None
    capital = move.capital or 0.0
    return replace(
        gain,
        name="net present value",
        unit=gain.unit.removesuffix("/y"),
        mean=years * gain.mean - capital,
        low=years * gain.low - capital,
        high=years * gain.high - capital,
        values=tuple(years * value - capital for value in gain.values),
    )
