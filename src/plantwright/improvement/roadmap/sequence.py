"""A sequence of moves as the engine runs it: quarter by quarter in one run, on the luck of the plant as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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


@dataclass
class Sequences:
    """Simulates sequences of moves on one plant, with the luck, replications and warm-up of a study."""

    plant: Plant
    study: Study
    moves: Mapping[str, Move]
    quarters: int
    threads: int | None = None
    cancel: Cancel = field(default_factory=Cancel)
    simulations: int = 0
    _base: dict[tuple[float, ...], Floats] = field(default_factory=dict)
    _alone: dict[frozenset[str], Floats] = field(default_factory=dict)

    @property
    def replications(self) -> int:
        """As many as the study's baseline had."""
        return self.study.baseline.replications

    def run(self, force_from: Mapping[str, float]) -> Simulated:
        """What a plan brings, quarter by quarter. Raises Stopped where it was stopped."""
        stages = stages_of(force_from, self.quarters)
        if self.study.baseline.warmup_rule != FROM_THE_START:
            try:
                return self._in_one_run(stages)
            except (PlantError, SimulationError):
                # Some changes cannot be made while lots are on their way, such as another routing; see `cannot_become`.
                pass
        each = np.column_stack([self.together(stage.moves) for stage in stages])
        quarters = np.zeros((len(each), self.quarters))
        for k, stage in enumerate(stages):
            for q in range(self.quarters):
                quarters[:, q] += each[:, k] * max(0.0, min(stage.end, q + 1.0) - max(stage.begin, float(q))) / 4
        return Simulated(stages, quarters, each, in_one_run=False)

    def together(self, moves: Sequence[str]) -> Floats:
        """What moves bring together in each replication, money a year: in a plant that has them from the first day on, run as the study was."""
        key = frozenset(moves)
        if key not in self._alone:
            base = self.study.baseline
            before = np.array(base.estimate("contribution").values)
            if not key:
                self._alone[key] = np.zeros_like(before)
                return self._alone[key]
            plant = changed(self.plant, edits_of(self.moves[name] for name in sorted(key)))
            run = self._stoppable(
                lambda: simulate(
                    plant, horizon=base.horizon, warmup=base.warmup, replications=base.replications, seed=base.seed,
                    threads=self.threads, cancel=self.cancel,
                )
            )  # fmt: skip
            if run.partial:
                raise Stopped
            self._alone[key] = np.array(run.estimate("contribution").values) - before
            self.simulations += 1
        return self._alone[key]

    def _stoppable(self, work: Any) -> Any:
        if self.cancel.stopped:
            raise Stopped
        try:
            return work()
        except Interrupted as stopped:
            raise Stopped from stopped

    def _in_one_run(self, stages: tuple[Stage, ...]) -> Simulated:
        plants = [
            changed(self.plant, edits_of(self.moves[name] for name in stage.moves)) if stage.moves else self.plant
            for stage in stages
        ]
        edges = sorted({*map(float, range(self.quarters + 1)), *(stage.begin for stage in stages)})
        key = tuple(edges)
        if key not in self._base:
            self._base[key] = self._earned(edges, [], [])
        after = self._earned(edges, [stage.begin for stage in stages[1:]], plants)
        gained = after - self._base[key]
        self.simulations += 1

        def between(begin: float, end: float) -> Floats:
            made: Floats = gained[:, edges.index(end)] - gained[:, edges.index(begin)]
            return made

        quarters = np.column_stack([between(float(q), float(q + 1)) for q in range(self.quarters)])
        by_stage = np.column_stack([between(one.begin, one.end) / (one.end - one.begin) * 4 for one in stages])
        return Simulated(stages, quarters, by_stage, in_one_run=True)

    def _earned(self, edges: Sequence[float], changes: Sequence[float], plants: Sequence[Plant]) -> Floats:
        """replications x edges: money that was earned until each edge, the plant changed on its way."""
        first = plants[0] if plants else self.plant
        rows = range(1, self.replications + 1)

        def one(replication: int) -> list[float]:
            base = self.study.baseline
            state = begin(
                first, horizon=self.quarters * QUARTER, warmup=base.warmup, seed=base.seed, replication=replication
            )
            return self._followed(state, edges, dict(zip(changes, plants[1:], strict=True)))

        with ThreadPoolExecutor(self.threads or 2) as pool:
            try:
                made = list(pool.map(one, rows))
            except Interrupted as stopped:
                raise Stopped from stopped
            except KeyboardInterrupt:
                self.cancel.stop()
                raise Stopped from None
        return np.array(made)

    def _followed(self, state: State, edges: Sequence[float], changes: Mapping[float, Plant]) -> list[float]:
        start = self.study.baseline.warmup
        earned = []
        for edge in edges:
            if self.cancel.stopped:
                raise Interrupted("stopped")
            moment = min(start + edge * QUARTER, state.end)
            state.run_until(moment, self.cancel)
            so_far = 0.0
            if moment > start:
                found = [one for one in state.estimates() if one.name == "contribution" and not one.of]
                so_far = found[0].mean * (moment - start) / YEAR if found else 0.0
            earned.append(so_far)
            if edge in changes:
                state = state.continued(changes[edge])
        return earned
