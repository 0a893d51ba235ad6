"""From the runs of each move to a ranking: paired differences, ties, verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from plantwright.improvement.bench import gain
from plantwright.improvement.limits import meets_demand
from plantwright.improvement.study import Measure, Move, RankedMove
from plantwright.improvement.worth import cash, lot_value, money_of, payback, years_of_gain
from plantwright.plant.plant import Money, Plant
from plantwright.simulation.economics import YEAR, wages
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.statistics import chance_positive, estimate, simultaneous

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
    "cash": ("released", "contribution", 1),
}
"""Which run and which estimate each measure is, and which direction is for the better; cash comes of the contribution (`worth.cash`)."""


@dataclass(frozen=True)
class Tried:
    """A move with its runs, None where it was not run so; ``ground`` says why it was not simulated further."""

    move: Move
    plant: Plant
    released: Run | None
    saturated: Run | None
    spends: bool
    ground: str = ""


@dataclass(frozen=True)
class Base:
    """The plant as it is, with its two runs, of at least as many replications as any move, and the study's level, which holds for each
    interval.
    """

    plant: Plant
    released: Run
    saturated: Run
    level: float

    @cached_property
    def money(self) -> Money:
        """How money counts in the plant."""
        return money_of(self.plant)

    @cached_property
    def lot_value(self) -> float:
        """Money in a lot in process."""
        return lot_value(self.plant)

    @cached_property
    def wages(self) -> float:
        """Money a second of the calendar for paid hours."""
        return wages(self.plant, self.released.warmup + self.released.horizon)


_BY_THEMSELVES = {"orders", "demand", "every"}
"""Rules that start lots whatever is in process."""


_OTHER_LOTS = {"lot", "release", "demand", "split", "merge", "transfer", "batch"}
"""Words of the plant file that change how many lots there are."""


def cycle_time_gain(move: Move, run: Run, base: Base) -> Estimate | None:
    """What a move does to the mean cycle time, paired; None where it cannot be told.

    Only lots that were finished have one. A move that keeps lots back so that those which are done were quicker, while as many come and more
    of them are in process, makes all of them later. By Little's law (1961), lots in process are lots that come in a day times the days that
    each is in the plant: so for such a move it is told by how much more is in process.
    """
    made = gain(run, base.released, "cycle time", base.level)
    if made is None or made.mean >= 0 or not base.plant.release_rules() <= _BY_THEMSELVES:
        return made
    kept = gain(run, base.released, "work in process", base.level)
    if kept is None or kept.low <= 0 or any(_OTHER_LOTS & set(path.split(" > ")) for path in move.edits):
        return made
    days = base.released.estimate("cycle time").mean / base.released.estimate("work in process").mean
    return estimate(made.name, made.of, made.unit, [days * more for more in kept.values], base.level)


def effect(ranked: RankedMove, by: Measure) -> Estimate | None:
    """The estimate that a ranking is about."""
    if by == "cash":
        return ranked.cash
    where, name, _ = OF[by]
    return (ranked.released if where == "released" else ranked.saturated).get(name)


def main_effect(move: Move, run: Run, base: Base, by: Measure) -> Estimate | None:
    """What a move does to the ranking's measure, from the run that this measure needs; None where it cannot be told."""
    where, name, _ = OF[by]
    if name == "cycle time":
        return cycle_time_gain(move, run, base)
    made = gain(run, base.released if where == "released" else base.saturated, name, base.level)
    if made is None or name != "contribution":
        return made
    net = _less(made, move.yearly) if move.yearly else made
    return net if by == "contribution" else _cash(move, net, run, base)


def _cash(move: Move, net: Estimate, run: Run, base: Base) -> Estimate:
    freed = gain(run, base.released, "work in process", base.level)
    made = cash(move, net, base.money, freed, base.lot_value)
    return estimate(made.name, made.of, made.unit, made.values, base.level)


def measured(tried: Tried, base: Base) -> RankedMove:
    """The effects of a move as paired differences, not ranked yet."""
    move = tried.move
    released: dict[str, Estimate] = {}
    if tried.released is not None:
        for name in RELEASED:
            told = cycle_time_gain(move, tried.released, base) if name == "cycle time" else None
            made = told or gain(tried.released, base.released, name, base.level)
            if made is not None:
                released[name] = made
    if move.yearly and "contribution" in released:
        released["contribution"] = _less(released["contribution"], move.yearly)
    saturated: dict[str, Estimate] = {}
    made = None if tried.saturated is None else gain(tried.saturated, base.saturated, "throughput", base.level)
    if made is not None:
        saturated["throughput"] = made
    net = released.get("contribution")
    worth = None if net is None or tried.released is None else _cash(move, net, tried.released, base)
    return RankedMove(
        rank=0,
        move=move,
        released=released,
        saturated=saturated,
        sure=0.5,
        wages=_paid(tried, base),
        cash=worth,
        net_present_value=None if tried.spends and move.capital is None else worth,
        payback=None if net is None else payback(move, net),
        capacity=None if tried.saturated is None else tried.saturated.estimate("throughput").mean,
        meets_demand=tried.released is not None and meets_demand(tried.plant, tried.released),
        spends=tried.spends,
        ground=tried.ground,
        replications=max((run.replications for run in (tried.released, tried.saturated) if run is not None), default=0),
    )


def _paid(tried: Tried, base: Base) -> float | None:
    """What paid hours change, money a year."""
    if not any(crew.wage is not None for crew in tried.plant.people.values()):
        return None
    paid = wages(tried.plant, base.released.warmup + base.released.horizon) - base.wages
    return 0.0 if abs(paid) < 1e-6 * max(1e-9, base.wages) else paid * YEAR


def _less(estimate: Estimate, amount: float) -> Estimate:
    return replace(
        estimate,
        mean=estimate.mean - amount,
        low=estimate.low - amount,
        high=estimate.high - amount,
        values=tuple(value - amount for value in estimate.values),
    )


def scale_of(base: Base, by: Measure) -> float:
    """The size of what a ranking is about, in the plant as it is; cash is held against that of the whole contribution."""
    where, name, _ = OF[by]
    run = base.released if where == "released" else base.saturated
    whole = abs(run.estimate(name).mean)
    return whole * years_of_gain(base.money, 0.0) if by == "cash" else whole


def _judged(ranked: RankedMove, base: Base, by: Measure) -> RankedMove:
    main = effect(ranked, by)
    if main is None:
        return replace(ranked, verdict="do not buy" if ranked.spends else "no effect")
    sign, scale = OF[by][2], scale_of(base, by)
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
    if time is not None and time.high < -SHORTER * whole and high >= 0 and mean > -HARMLESS * scale:
        return replace(ranked, sure=chance_positive(_less_is_better(time)), verdict="do now")
    return replace(ranked, sure=sure, verdict="harms" if worse else "no effect")


def _less_is_better(estimate: Estimate) -> Estimate:
    return replace(estimate, mean=-estimate.mean, values=tuple(-value for value in estimate.values))


def ranked(tried: Sequence[Tried], base: Base, by: Measure) -> tuple[RankedMove, ...]:
    """All moves in order: those that are better, the largest effect first; then those with none; then those that harm."""
    judged = [_judged(measured(item, base), base, by) for item in tried]
    sign = OF[by][2]
    scale = scale_of(base, by)
    means = _comparable([effect(item, by) for item in judged], sign)

    def key(numbered: tuple[int, RankedMove]) -> tuple[int, float, float]:
        number, item = numbered
        mean = means[number]
        shorter = item.released.get("cycle time")
        tier = {"do now": 0, "if you spend": 0, "no effect": 2, "do not buy": 2, "harms": 3}[item.verdict]
        if item.verdict == "do now" and mean <= NEGLIGIBLE * scale:
            tier = 1
        return tier, -mean, shorter.mean if shorter is not None else 0.0

    ordered = [item for _, item in sorted(enumerate(judged), key=key)]
    ties = tied_moves([effect(item, by) for item in ordered], base.level)
    return tuple(
        replace(item, rank=i + 1, tied_with=tuple(ordered[j].move.name for j in ties.get(i, ())))
        for i, item in enumerate(ordered)
    )


def _comparable(effects: Sequence[Estimate | None], sign: int) -> list[float]:
    """Means that can be put in order though some were replicated more: each by how far it is behind the leader on the luck of both."""
    known = [item for item in effects if item is not None]
    most = max((len(item.values) for item in known), default=0)
    longest = [item for item in known if len(item.values) == most]
    if not longest:
        return [-math.inf] * len(effects)
    leader = max(longest, key=lambda item: sign * item.mean)
    made = []
    for item in effects:
        if item is None:
            made.append(-math.inf)
            continue
        first = leader.values[: len(item.values)]
        made.append(sign * (item.mean - sum(first) / len(first) + leader.mean))
    return made


def tied_moves(effects: Sequence[Estimate | None], level: float) -> dict[int, list[int]]:
    """Which effects cannot be told apart: the simultaneous interval of their paired difference holds zero.

    Bonferroni over the comparisons of one move with all others. Effects with different numbers of replications are compared on
    those that both have.
    """
    from scipy.special import stdtrit

    known = [(i, item.values) for i, item in enumerate(effects) if item is not None and len(item.values) > 1]
    if len(known) < 2:
        return {}
    each = 0.5 + simultaneous(level, len(known) - 1) / 2
    lengths = np.array([len(values) for _, values in known])
    matrix: Any = np.full((len(known), lengths.max()), np.nan)
    for row, (_, values) in enumerate(known):
        matrix[row, : len(values)] = values
    found: dict[int, list[int]] = {}
    for row, (i, _) in enumerate(known):
        near = np.zeros(len(known), bool)
        for n in np.unique(np.minimum(lengths, lengths[row])):
            shared = np.minimum(lengths, lengths[row]) == n
            apart = matrix[shared, :n] - matrix[row, :n]
            half = float(stdtrit(n - 1, each)) * apart.std(axis=1, ddof=1) / math.sqrt(n)
            near[shared] = np.abs(apart.mean(axis=1)) <= half + 1e-12
        found[i] = [known[k][0] for k in np.flatnonzero(near) if k != row]
    return found


def simultaneous_effects(effects: Mapping[str, Estimate], level: float) -> dict[str, tuple[float, float]]:
    """Intervals of paired differences that hold all together with `level` (Bonferroni), by name."""
    each = simultaneous(level, len(effects))
    made = {name: estimate(item.name, item.of, item.unit, item.values, each) for name, item in effects.items()}
    return {name: (item.low, item.high) for name, item in made.items()}
