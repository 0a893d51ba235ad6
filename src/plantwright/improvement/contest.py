"""The contest of moves: which is the best by the ranking's measure, with few replications, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from plantwright.errors import PlantError, SimulationError
from plantwright.improvement.bench import Bench, Stopped
from plantwright.improvement.ranking import OF, Base, main_effect
from plantwright.improvement.selection import KimNelson, Selection, SequentialHalving, Table
from plantwright.improvement.selection.table import Limits, by_mean
from plantwright.improvement.study import Guarantee, Measure, Move
from plantwright.improvement.words import amount
from plantwright.plant.plant import Plant
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.trials import Trial

Floats = npt.NDArray[np.float64]
Watch = Callable[[Sequence[tuple[str, Estimate]]], None]
"""Told of the leading moves: the title of each and what it brings, the best first."""
LEADING = 3

FIRST = 10
"""Replications of each move before any is ruled out: with fewer, the procedure is so unsure of their spread that it takes more in the end."""
GLANCE, BATCH = 2, 5
AT_A_TIME, CLOSER = 40, ((12, 5), (6, 10))
"""Where time may run out: so many moves are looked at, then so many of all seen so far in so many replications."""
ROUNDS = 20
"""Beyond the first, all moves together get at most as many replications as so many moves would in full."""
ZONE = 0.01
"""A difference smaller than this share of what the plant makes of the measure does not matter, if nobody says otherwise."""
NOTHING = 0
"""The alternative of leaving the plant as it is."""


@dataclass
class Contender:
    """A move in the contest, or several made together, which are its ``parts``; why it is out, where it is."""

    move: Move
    plant: Plant
    spends: bool
    trial: Trial | None = None
    failed: str = ""
    parts: tuple[Move, ...] = ()


@dataclass
class Contest:
    """Simulates moves for a procedure of selection; the plant as it is, is alternative 0."""

    bench: Bench
    plant: Plant
    by: Measure
    contenders: Sequence[Contender]
    runs: dict[int, Run] = field(default_factory=dict)
    base: Callable[[int], Base] | None = None
    watch: Watch | None = None
    effects: dict[int, Estimate] = field(default_factory=dict)

    def more(self, alternatives: Sequence[int], replications: range) -> Floats:
        """How much better than the plant as it is each alternative is, in these replications (rows); NaN where it cannot run."""
        assert self.base is not None
        base = self.base(replications.stop)
        values = np.full((len(replications), len(alternatives)), np.nan)
        for column, number in enumerate(alternatives):
            if number == NOTHING:
                values[:, column] = 0.0
                continue
            contender = self.contenders[number - 1]
            run = self._run(contender, replications)
            if run is None:
                continue
            self.runs[number] = run
            made = main_effect(contender.move, run, base, self.by)
            if made is None or len(made.values) < replications.stop:
                contender.failed = contender.failed or "its effect on what the ranking is by cannot be told"
                continue
            self.effects[number] = made
            values[:, column] = OF[self.by][2] * np.array(made.values[replications.start :])
        self._tell()
        return values

    def _tell(self) -> None:
        if self.watch is not None and self.effects:
            sign = OF[self.by][2]
            first = sorted(self.effects.items(), key=lambda pair: -sign * pair[1].mean)[:LEADING]
            self.watch([(self.contenders[number - 1].move.title, made) for number, made in first])

    def by_merit(self, eliminated: Mapping[int, tuple[int, int]]) -> list[int]:
        """The moves that were ruled out, the last one first; of those that went together the better mean first."""

        def mean(number: int) -> float:
            made, count = self.effects.get(number), eliminated[number][0]
            return math.inf if made is None else -OF[self.by][2] * sum(made.values[:count]) / count

        return sorted(
            eliminated, key=lambda number: (-eliminated[number][0], mean(number)) if number != NOTHING else (0, 0)
        )

    def _run(self, contender: Contender, replications: range) -> Run | None:
        saturated = OF[self.by][0] == "saturated"
        try:
            if contender.trial is None:
                contender.trial = self.bench.trial(
                    self.plant, saturated=saturated, moves=contender.parts or [contender.move]
                )
            run = self.bench.tried(contender.trial, replications.stop)
        except (PlantError, SimulationError) as error:
            contender.failed = str(error).splitlines()[0]
            return None
        if replications.start == 0:
            contender.trial.forget_plants()
        return run


def held(
    contest: Contest,
    *,
    probability: float,
    zone: float | None,
    first: int,
    budget: int | None,
    enough: Callable[[], bool] | None,
    scale: float,
) -> tuple[Selection | None, Table]:
    """Hold the contest: by Kim and Nelson's procedure, or by sequential halving where a hard budget of replications is given.

    None where it was stopped before anyone was simulated.
    """
    k = len(contest.contenders) + 1
    table = Table(k)
    if k == 1:
        return None, table
    rule, most = _procedure(contest, k, probability, zone if zone is not None else ZONE * scale, first, budget)
    try:
        return _run(rule, contest, k, table, most, enough), table
    except Stopped:
        pass
    try:
        return _run(rule, contest, k, table, most, lambda: True), table
    except (Stopped, ValueError):
        return None, table


def _procedure(
    contest: Contest, k: int, probability: float, zone: float, first: int, budget: int | None
) -> tuple[KimNelson | SequentialHalving, int | None]:
    if budget is not None:
        return SequentialHalving(max(budget, k)), None
    rule = KimNelson(max(probability, 1 / k + 1e-9), zone or 1e-9, first, BATCH)
    return rule, k * first + ROUNDS * contest.bench.replications


def _run(
    rule: KimNelson | SequentialHalving,
    contest: Contest,
    k: int,
    table: Table,
    most: int | None,
    enough: Callable[[], bool] | None,
) -> Selection:
    if enough is not None:
        _look_through(contest, k, table, Limits(most, enough, 1))
    if isinstance(rule, SequentialHalving):
        return rule.run(contest, k, table=table, enough=enough, at_once=1)
    return rule.run(contest, k, table=table, most=most, enough=enough, at_once=1)


def _look_through(contest: Contest, k: int, table: Table, limits: Limits) -> None:
    """Where time may run out: so many moves at a time, and after each so many the best by then more closely, that there be an answer whenever
    it ends.
    """
    for first in range(0, k, AT_A_TIME):
        seen = range(min(k, first + AT_A_TIME))
        if not table.fill(contest, seen, GLANCE, limits):
            return
        for count, replications in CLOSER:
            best = by_mean([i for i in seen if not table.lost[i]], table.means())[:count]
            if not table.fill(contest, best, min(FIRST, replications), limits):
                return


def guarantee_of(selection: Selection | None, contest: Contest, *, unit: str, probability: float) -> Guarantee | None:
    """What a selection promises, in a sentence."""
    if selection is None:
        return None
    name = (
        "leaving the plant as it is" if selection.best == NOTHING else contest.contenders[selection.best - 1].move.title
    )
    if selection.probability is None or not math.isfinite(selection.reached):
        text = f"the best guess that so few simulations buy is {name}; nothing is promised"
    else:
        text = f"with {100 * probability:g} % nothing tried is better than {name}"
        if selection.reached > 0:
            text += f" by more than {amount(selection.reached, unit)}"
        if len(selection.survivors) > 1:
            text += f"; {len(selection.survivors)} could not be told apart"
    return Guarantee(
        selection.procedure, selection.probability, selection.zone, unit, selection.simulations, selection.equal, text
    )


def ground_of(contest: Contest, selection: Selection, number: int) -> str:
    """Why a move was not simulated further; empty for those that were not ruled out."""
    out = selection.eliminated.get(number)
    if out is None:
        return ""
    replications, by = out
    ahead = "leaving the plant as it is" if by == NOTHING else contest.contenders[by - 1].move.title
    return f"ruled out after {replications} replications: behind {ahead}"
