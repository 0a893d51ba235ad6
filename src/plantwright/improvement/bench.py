"""The bench on which every change of a plant is tried under the same conditions and the same luck."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from plantwright.errors import Interrupted, PlantError, SimulationError
from plantwright.improvement.study import Move
from plantwright.plant.plant import Plant
from plantwright.simulation.drawn_rows import may_be_written
from plantwright.simulation.executing import Workers
from plantwright.simulation.replicate import Cancel, find_lots, find_warmup
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.statistics import difference
from plantwright.simulation.trials import Conditions, Trial
from plantwright.simulation.uncertainty import TOGETHER, Seeds, way

Progress = Callable[[int, int], None]

REMEMBERED = 1000
"""So many changed plants are remembered."""


class Stopped(Exception):  # noqa: N818  (a request, not an error)
    """Somebody asked the study to stop."""


@dataclass
class Bench:
    """Tries plants as released and saturated, always with the same horizon, seed, and the baseline's warm-up and lots.

    What was tried is kept, and not simulated again; ``known`` holds what an earlier study kept, by the key of each trial.
    """

    plant: Plant
    horizon: float
    replications: int
    seed: int
    level: float
    threads: Workers = None
    cancel: Cancel = field(default_factory=Cancel)
    progress: Progress | None = None
    warmup: dict[bool, float] = field(default_factory=dict)
    rule: dict[bool, str] = field(default_factory=dict)
    steady: dict[bool, bool] = field(default_factory=dict)
    lots: int | None = None
    done: int = 0
    expected: int = 0
    known: dict[str, Run] = field(default_factory=dict)
    trials: dict[str, Trial] = field(default_factory=dict)
    _changed: dict[tuple[int, str], tuple[Plant, Plant]] = field(default_factory=dict)

    def run(self, plant: Plant, *, saturated: bool, replications: int | None = None) -> Run:
        """Simulate a plant; the first run of each kind is the baseline's and finds the warm-up for all others.

        Raises Stopped where the cancel word was given, SimulationError where the plant cannot run.
        """
        wanted = min(replications or self.replications, self.replications)
        trial = self.trial(plant, saturated=saturated)
        made = self.tried(trial, wanted)
        trial.forget_plants()
        return made

    def tried(self, trial: Trial, replications: int) -> Run:
        """So many replications of a trial, those simulated that it does not have. Raises as `run` does."""
        if trial.done < replications:
            self._simulate(trial, replications)
        made = trial.run(replications)
        return replace(made, steady=self.steady.get(trial.conditions.saturated, True))

    def _simulate(self, trial: Trial, replications: int) -> None:
        if self.cancel.stopped:
            raise Stopped
        try:
            finished = trial.more(replications, threads=self.threads, cancel=self.cancel)
        except Interrupted as stopped:
            raise Stopped from stopped
        if not finished:
            raise Stopped
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, max(self.done, self.expected))

    def trial(
        self,
        plant: Plant,
        *,
        saturated: bool,
        moves: Sequence[Move] = (),
        seeds: Seeds = TOGETHER,
        factors: Sequence[Mapping[str, float]] = (),
        conditions: Conditions | None = None,
    ) -> Trial:
        """The trial of a plant with moves made, which may turn out in several ways; the same one whenever it is asked for.

        `factors` are by what numbers of the plant are multiplied, by their paths, in each replication; `conditions` are others than the
        bench's own. Raises PlantError where a way of the moves makes no plant.
        """
        conditions = conditions or self._conditions(saturated, seeds)
        uncertain = [move for move in moves if move.belief is not None]
        made = self.changed(edits_of(moves), plant) if moves else plant
        key = _key(made, conditions, uncertain, factors)
        if key not in self.trials:
            written = factors if _are_times(factors) and may_be_written(made) else ()
            others = () if written else factors
            plant_in = self._plant_in(plant, moves, seeds, others) if uncertain or others else None
            trial = Trial(made, conditions, plant_in, bool(moves), written)
            if key in self.known:
                trial.keep(self.known[key])
            self.trials[key] = trial
        return self.trials[key]

    def _plant_in(
        self, plant: Plant, moves: Sequence[Move], seeds: Seeds, factors: Sequence[Mapping[str, float]]
    ) -> Callable[[int], Plant]:
        """Which plant it is in a replication: in each, every uncertain move turns out in one of its ways."""
        from plantwright.plant import with_factors

        made: dict[tuple[int, ...], Plant] = {}

        def plant_in(replication: int) -> Plant:
            ways = tuple(
                way(self.seed, replication, move.name, len(move.belief.ways), seeds) if move.belief else 0
                for move in moves
            )
            which = (replication, *ways) if factors else ways
            if which not in made:
                changed = self.changed(edits_of(moves, ways), plant)
                made[which] = with_factors(changed, factors[replication]) if factors else changed
            return made[which]

        return plant_in

    def _conditions(self, saturated: bool, seeds: Seeds) -> Conditions:
        if saturated not in self.warmup or (saturated and self.lots is None):
            self._find_conditions(saturated)
        return Conditions(
            self.horizon,
            self.warmup[saturated],
            self.seed,
            self.level,
            saturated,
            self.lots if saturated else None,
            self.rule.get(saturated, "given"),
            seeds,
        )

    def _find_conditions(self, saturated: bool) -> None:
        """The warm-up, and how many lots saturate, from pilots of the plant as it is."""
        cancel = self.cancel
        try:
            if saturated and self.lots is None:
                self.lots = find_lots(self.plant, self.horizon, self.seed, self.threads, cancel)
            if saturated not in self.warmup:
                lots = self.lots if saturated else None
                found = find_warmup(self.plant, self.horizon, self.seed, lots, self.threads, cancel)
                self.warmup[saturated], self.rule[saturated], self.steady[saturated] = found
        except Interrupted as stopped:
            raise Stopped from stopped

    def changed(self, edits: Mapping[str, Any], plant: Plant | None = None) -> Plant:
        """The plant with the edits made; the same one as long as it is remembered, so that what is found of it is found once."""
        from plantwright.plant import changed

        plant = plant or self.plant
        key = (id(plant), json.dumps(edits, default=str))
        if key not in self._changed:
            if len(self._changed) >= REMEMBERED:
                self._changed.pop(next(iter(self._changed)))
            # The plant is kept, too: so no other can have its identity.
            self._changed[key] = plant, changed(plant, edits)
        return self._changed[key][1]

    def with_move(self, move: Move, *, saturated: bool, replications: int | None = None) -> Run | None:
        """The plant with a move made, tried; None where it cannot run."""
        try:
            trial = self.trial(self.plant, saturated=saturated, moves=[move])
            return self.tried(trial, replications or self.replications)
        except (PlantError, SimulationError):
            return None

    @property
    def simulated(self) -> int:
        """Replications that were simulated, those of pilots not counted."""
        return sum(trial.simulated for trial in self.trials.values())


def edits_of(moves: Sequence[Move], ways: Sequence[int] | None = None) -> dict[str, Any]:
    """The edits of moves made together, as they turn out in these ways, or in the mean."""
    edits: dict[str, Any] = {}
    for number, move in enumerate(moves):
        edits |= move.edits if ways is None or move.belief is None else move.belief.ways[ways[number]]
    return edits


def _are_times(factors: Sequence[Mapping[str, float]]) -> bool:
    """Whether nothing but times of steps is multiplied."""
    return bool(factors) and all(path.endswith(" > time") for path in factors[0])


def _key(
    plant: Plant, conditions: Conditions, uncertain: Sequence[Move], factors: Sequence[Mapping[str, float]]
) -> str:
    from plantwright.plant import fingerprint

    c = conditions
    beliefs = [[move.name, move.belief.ways] for move in uncertain if move.belief is not None]
    said: list[Any] = [
        c.horizon,
        c.warmup,
        c.seed,
        c.saturated,
        c.lots,
        [c.seeds.luck, c.seeds.records, c.seeds.demand, c.seeds.belief],
        beliefs,
        [dict(one) for one in factors],
    ]
    said += ["listed"] if c.listed else []
    digest = hashlib.sha256(json.dumps(said, default=dict, sort_keys=True).encode()).hexdigest()
    return f"{fingerprint(plant)[:32]}{digest[:32]}"


def found(run: Run, name: str, **of: str) -> Estimate | None:
    """The estimate of that name and subject, or None."""
    try:
        return run.estimate(name, quantile=None, **of)
    except KeyError:
        return None


def shortened(estimate: Estimate, replications: int) -> Estimate:
    """The first replications of an estimate, to be paired with a shorter run on the same luck (its interval is not used)."""
    values = estimate.values[:replications]
    return replace(estimate, values=values, mean=sum(values) / len(values))


def gain(changed: Run, base: Run, name: str, level: float) -> Estimate | None:
    """The paired difference of an estimate over all products between two runs, on the replications of both; None where one lacks it."""
    after, before = found(changed, name), found(base, name)
    if after is None or before is None:
        return None
    if after.unit == before.unit and after.unit.endswith("/working day"):
        # A move may add days to the week: what it brings is told per working day of the plant as it is.
        days = changed.working_days / changed.horizon / (base.working_days / base.horizon)
        after = replace(after, values=tuple(value * days for value in after.values))
    both = min(len(after.values), len(before.values))
    return difference(shortened(after, both), shortened(before, both), level)
