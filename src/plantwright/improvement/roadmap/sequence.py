"""A sequence of moves as the engine runs it: quarter by quarter in one run, on the luck of the plant as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from plantwright.errors import Interrupted, PlantError, SimulationError
from plantwright.improvement.bench import Stopped
from plantwright.improvement.roadmap.candidates import QUARTER, edits_of
from plantwright.improvement.roadmap.problem import Floats
from plantwright.improvement.study import Move, Study
from plantwright.plant import changed
from plantwright.plant.plant import Plant
from plantwright.simulation.economics import YEAR
from plantwright.simulation.replicate import FROM_THE_START, Cancel, simulate
from plantwright.simulation.state import State, begin

DONE = 1e-9


@dataclass(frozen=True, slots=True)
class Stage:
    """A time, in quarters of the roadmap, in which the same moves are in force."""

    begin: float
    end: float
    moves: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Simulated:
    """What a sequence brought more than the plant as it is.

    ``quarters``: replications x quarters, money in each. ``stages``: replications x stages, money a year in each. ``in_one_run``: whether
    the run went on through the changes; else each stage was simulated by itself.
    """

    stages: tuple[Stage, ...]
    quarters: Floats
    by_stage: Floats
    in_one_run: bool


def stages_of(force_from: Mapping[str, float], quarters: int) -> tuple[Stage, ...]:
    """The stages of a plan: `force_from` is the instant, in quarters, from which each move is in force."""
    within = {name: at for name, at in force_from.items() if at < quarters - DONE}
    edges = sorted({0.0, float(quarters), *within.values()})
    return tuple(
        Stage(begin, end, tuple(sorted(name for name, at in within.items() if at <= begin + DONE)))
        for begin, end in pairwise(edges)
    )


class Baseline:
    """One replication of the plant as it is over all quarters: what it has earned until any instant.

    A copy of its run is kept at each quarter, so that an instant between them takes a part of a quarter and no more.
    """

    def __init__(self, state: State) -> None:
        self._kept: dict[int, State] = {}
        self._running = state
        self._earned: dict[float, float] = {}

    def until(self, edges: Iterable[float], start: float, cancel: Cancel) -> list[float]:
        """What was earned until each instant, in quarters. Raises Interrupted where it was stopped."""
        for edge in sorted(set(edges) - self._earned.keys()):
            self._earned[edge] = earned(self._at(edge, start, cancel), start)
        return [self._earned[edge] for edge in edges]

    def _at(self, edge: float, start: float, cancel: Cancel) -> State:
        whole = int(edge + DONE)
        while len(self._kept) <= whole:
            state = self._running
            state.run_until(min(start + len(self._kept) * QUARTER, state.end), cancel)
            self._kept[len(self._kept)] = state.clone()
        if abs(edge - whole) <= DONE:
            return self._kept[whole]
        state = self._kept[whole].clone()
        return state.run_until(min(start + edge * QUARTER, state.end), cancel)


def earned(state: State, start: float) -> float:
    """Money that a run has earned since the end of its warm-up."""
    if state.now <= start:
        return 0.0
    a_year = state.contribution()
    return 0.0 if a_year is None else a_year * (state.now - start) / YEAR


@dataclass
class Sequences:
    """Simulates sequences of moves on one plant, with the luck, replications and warm-up of a study."""

    plant: Plant
    study: Study
    moves: Mapping[str, Move]
    quarters: int
    threads: int | None = None
    cancel: Cancel = field(default_factory=Cancel)
    executor: Executor | None = None
    simulations: int = 0
    _base: dict[int, Baseline] = field(default_factory=dict)
    _gained: dict[tuple[Stage, ...], list[list[float]]] = field(default_factory=dict)
    _apart: set[tuple[Stage, ...]] = field(default_factory=set)
    _alone: dict[frozenset[str], Floats] = field(default_factory=dict)

    @property
    def replications(self) -> int:
        """At most so many: those of the study's baseline."""
        return self.study.baseline.replications

    def run(self, force_from: Mapping[str, float], replications: int | None = None) -> Simulated:
        """What a plan brings, quarter by quarter, in so many replications; those that were simulated before are taken as they are.

        Raises Stopped where it was stopped.
        """
        stages = stages_of(force_from, self.quarters)
        count = min(replications or self.replications, self.replications)
        if self.study.baseline.warmup_rule != FROM_THE_START and stages not in self._apart:
            try:
                return self._in_one_run(stages, count)
            except (PlantError, SimulationError):
                # Some changes cannot be made while lots are on their way, such as another routing; see `cannot_become`.
                self._apart.add(stages)
        each = np.column_stack([self.together(stage.moves, count) for stage in stages])
        quarters = np.zeros((len(each), self.quarters))
        for k, stage in enumerate(stages):
            for q in range(self.quarters):
                quarters[:, q] += each[:, k] * max(0.0, min(stage.end, q + 1.0) - max(stage.begin, float(q))) / 4
        return Simulated(stages, quarters, each, in_one_run=False)

    def together(self, moves: Sequence[str], replications: int | None = None) -> Floats:
        """What moves bring together in each replication, money a year: in a plant that has them from the first day on, run as the study was."""
        key, base = frozenset(moves), self.study.baseline
        count = min(replications or base.replications, base.replications)
        if len(self._alone.get(key, ())) < count:
            before = np.array(base.estimate("contribution").values)
            if not key:
                self._alone[key] = np.zeros_like(before)
                return self._alone[key][:count]
            plant = changed(self.plant, edits_of(self.moves[name] for name in sorted(key)))
            run = self._stoppable(
                lambda: simulate(
                    plant, horizon=base.horizon, warmup=base.warmup, replications=max(2, count), seed=base.seed,
                    threads=self.threads, executor=self.executor, cancel=self.cancel,
                )
            )  # fmt: skip
            if run.partial:
                raise Stopped
            values = np.array(run.estimate("contribution").values)
            self._alone[key] = values - before[: len(values)]
            self.simulations += 1
        return self._alone[key][:count]

    def _stoppable(self, work: Callable[[], Any]) -> Any:
        if self.cancel.stopped:
            raise Stopped
        try:
            return work()
        except Interrupted as stopped:
            raise Stopped from stopped
        except KeyboardInterrupt:
            self.cancel.stop()
            raise Stopped from None

    def _in_one_run(self, stages: tuple[Stage, ...], count: int) -> Simulated:
        edges = sorted({*map(float, range(self.quarters + 1)), *(stage.begin for stage in stages)})
        rows = self._gained.setdefault(stages, [])
        if len(rows) < count:
            plants = [changed(self.plant, edits_of(self.moves[name] for name in stage.moves)) for stage in stages]
            changes = {stage.begin: plant for stage, plant in zip(stages[1:], plants[1:], strict=True)}
            rows += self._stoppable(lambda: self._rows(edges, plants[0], changes, range(len(rows) + 1, count + 1)))
            self.simulations += 1
        gained = np.array(rows[:count])

        def between(begin: float, end: float) -> Floats:
            made: Floats = gained[:, edges.index(end)] - gained[:, edges.index(begin)]
            return made

        quarters = np.column_stack([between(float(q), float(q + 1)) for q in range(self.quarters)])
        by_stage = np.column_stack([between(one.begin, one.end) / (one.end - one.begin) * 4 for one in stages])
        return Simulated(stages, quarters, by_stage, in_one_run=True)

    def _rows(
        self, edges: Sequence[float], first: Plant, changes: Mapping[float, Plant], numbers: Sequence[int]
    ) -> list[list[float]]:
        """replications x edges: money that was earned more than in the plant as it is until each edge, the plant changed on its way."""
        start = self.study.baseline.warmup

        def one(number: int) -> list[float]:
            after = self._followed(self._begun(first, number), edges, changes)
            if number not in self._base:
                self._base[number] = Baseline(self._begun(self.plant, number))
            before = self._base[number].until(edges, start, self.cancel)
            return [a - b for a, b in zip(after, before, strict=True)]

        with ThreadPoolExecutor(self.threads or 2) as pool:
            return list(pool.map(one, numbers))

    def _begun(self, plant: Plant, number: int) -> State:
        base = self.study.baseline
        return begin(
            plant, horizon=self.quarters * QUARTER, warmup=base.warmup, seed=base.seed, replication=number
        )  # fmt: skip

    def _followed(self, state: State, edges: Sequence[float], changes: Mapping[float, Plant]) -> list[float]:
        start, so_far = self.study.baseline.warmup, []
        for edge in edges:
            if self.cancel.stopped:
                raise Interrupted("stopped")
            state.run_until(min(start + edge * QUARTER, state.end), self.cancel)
            so_far.append(earned(state, start))
            if edge in changes:
                state = state.continued(changes[edge])
        return so_far
