"""From the runs of each move to a ranking: paired differences, ties, verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from plantwright.improvement.bench import gain
from plantwright.improvement.limits import meets_demand
from plantwright.improvement.study import Measure, Move, RankedMove
from plantwright.improvement.worth import net_present_value
from plantwright.plant.plant import Plant
from plantwright.simulation.economics import YEAR, wages
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.statistics import chance_positive, simultaneous

RELEASED = (
    "throughput",
    "sales",
    "cycle time",
    "work in process",
    "on-time share",
    "scrap share",
    "contribution",
)
NEGLIGIBLE = 1e-3
"""An effect below this share of what it changes is no effect."""
HARMLESS, SHORTER = 0.005, 0.05
"""A move that costs nothing, changes the ranking's measure by less than the one and shortens cycle time by the other, is done now."""

OF: dict[Measure, tuple[str, str, int]] = {
    "capacity": ("saturated", "throughput", 1),
    "cycle-time": ("released", "cycle time", -1),
    "on-time": ("released", "on-time share", 1),
    "contribution": ("released", "contribution", 1),
}
"""Which run and which estimate each measure is, and which direction is for the better."""


@dataclass(frozen=True)
class Tried:
    """A move with its two runs."""

    move: Move
    plant: Plant
    released: Run
    saturated: Run
    spends: bool


@dataclass(frozen=True)
class Base:
    """The plant as it is, with its two runs and the study's level; `level` holds for each interval."""

    plant: Plant
    released: Run
    saturated: Run
    level: float


def effect(ranked: RankedMove, by: Measure) -> Estimate | None:
    """The estimate that a ranking is about."""
    where, name, _ = OF[by]
    return (ranked.released if where == "released" else ranked.saturated).get(name)


def measured(tried: Tried, base: Base) -> RankedMove:
    """The effects of a move as paired differences, not ranked yet."""
    released: dict[str, Estimate] = {}
    for name in RELEASED:
        made = gain(tried.released, base.released, name, base.level)
        if made is not None:
            released[name] = made
    yearly = tried.move.yearly
    if yearly and "contribution" in released:
        released["contribution"] = _less(released["contribution"], yearly)
    saturated: dict[str, Estimate] = {}
    made = gain(tried.saturated, base.saturated, "throughput", base.level)
    if made is not None:
        saturated["throughput"] = made
    paid = None
    if any(crew.wage is not None for crew in tried.plant.people.values()):
        horizon = base.released.warmup + base.released.horizon
        paid = (wages(tried.plant, horizon) - wages(base.plant, horizon)) * YEAR
        paid = 0.0 if abs(paid) < 1e-6 * YEAR * max(1e-9, wages(base.plant, horizon)) else paid
    return RankedMove(
        rank=0,
        move=tried.move,
        released=released,
        saturated=saturated,
        sure=0.5,
        wages=paid,
        net_present_value=net_present_value(tried.move, released.get("contribution"), base.plant.money, tried.spends),
        capacity=tried.saturated.estimate("throughput").mean,
        meets_demand=meets_demand(tried.plant, tried.released),
        spends=tried.spends,
    )


def _less(estimate: Estimate, amount: float) -> Estimate:
    return replace(
        estimate,
        mean=estimate.mean - amount,
        low=estimate.low - amount,
        high=estimate.high - amount,
        values=tuple(value - amount for value in estimate.values),
    )


def _scale(base: Base, by: Measure) -> float:
    where, name, _ = OF[by]
    run = base.released if where == "released" else base.saturated
    return abs(run.estimate(name).mean)


def _judged(ranked: RankedMove, base: Base, by: Measure) -> RankedMove:
    main = effect(ranked, by)
    if main is None:
        return replace(ranked, verdict="do not buy" if ranked.spends else "no effect")
    sign, scale = OF[by][2], _scale(base, by)
    low, high = sorted((sign * main.low, sign * main.high))
    mean = sign * main.mean
    signed = replace(main, mean=mean, values=tuple(sign * value for value in main.values))
    sure = chance_positive(signed)
    better = low > 0 and mean > NEGLIGIBLE * scale
    worse = high < 0 and -mean > NEGLIGIBLE * scale
    if better:
        return replace(ranked, sure=sure, verdict="if you spend" if ranked.spends else "do now")
    if ranked.spends:
        return replace(ranked, sure=sure, verdict="do not buy")
    time = ranked.released.get("cycle time")
    whole = base.released.estimate("cycle time").mean if time is not None else math.inf
    if time is not None and time.high < -SHORTER * whole and mean > -HARMLESS * scale:
        return replace(ranked, sure=chance_positive(_less_is_better(time)), verdict="do now")
    return replace(ranked, sure=sure, verdict="harms" if worse else "no effect")


def _less_is_better(estimate: Estimate) -> Estimate:
    return replace(estimate, mean=-estimate.mean, values=tuple(-value for value in estimate.values))


def ranked(tried: Sequence[Tried], base: Base, by: Measure) -> tuple[RankedMove, ...]:
    """All moves in order: those that are better, the largest effect first; then those with none; then those that harm."""
    judged = [_judged(measured(item, base), base, by) for item in tried]
    sign = OF[by][2]
    scale = _scale(base, by)

    def key(item: RankedMove) -> tuple[int, float, float]:
        main = effect(item, by)
        mean = sign * main.mean if main is not None else -math.inf
        shorter = item.released.get("cycle time")
        tier = {"do now": 0, "if you spend": 0, "no effect": 2, "do not buy": 2, "harms": 3}[item.verdict]
        if item.verdict == "do now" and mean <= NEGLIGIBLE * scale:
            tier = 1
        return tier, -mean, shorter.mean if shorter is not None else 0.0

    ordered = sorted(judged, key=key)
    ties = tied_moves([effect(item, by) for item in ordered], base.level)
    return tuple(
        replace(item, rank=i + 1, tied_with=tuple(ordered[j].move.name for j in ties.get(i, ())))
        for i, item in enumerate(ordered)
    )


def tied_moves(effects: Sequence[Estimate | None], level: float) -> dict[int, list[int]]:
    """Which effects cannot be told apart: the simultaneous interval of their paired difference holds zero.

    Bonferroni over the comparisons of one move with all others. Effects with different numbers of replications are compared on
    those that both have.
    """
    from scipy.special import stdtrit

    known = [(i, item.values) for i, item in enumerate(effects) if item is not None and len(item.values) > 1]
    if len(known) < 2:
        return {}
    n = min(len(values) for _, values in known)
    matrix: Any = np.array([values[:n] for _, values in known])
    quantile = float(stdtrit(n - 1, 0.5 + simultaneous(level, len(known) - 1) / 2))
    found: dict[int, list[int]] = {}
    for row, (i, _) in enumerate(known):
        apart = matrix - matrix[row]
        half = quantile * apart.std(axis=1, ddof=1) / math.sqrt(n)
        near = np.abs(apart.mean(axis=1)) <= half + 1e-12
        found[i] = [known[k][0] for k in np.flatnonzero(near) if k != row]
    return found


def simultaneous_effects(effects: Mapping[str, Estimate], level: float) -> dict[str, tuple[float, float]]:
    """Intervals of paired differences that hold all together with `level` (Bonferroni), by name."""
    from plantwright.simulation.statistics import estimate

    each = simultaneous(level, len(effects))
    made = {name: estimate(item.name, item.of, item.unit, item.values, each) for name, item in effects.items()}
    return {name: (item.low, item.high) for name, item in made.items()}
