"""The rounds of a roadmap: choose, simulate what was chosen, learn where it does not add up, and choose again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from plantwright import __version__
from plantwright.improvement.bench import Stopped
from plantwright.improvement.roadmap.candidates import Measured
from plantwright.improvement.roadmap.cash import Starts, worth
from plantwright.improvement.roadmap.frontier import SHARES, frontier
from plantwright.improvement.roadmap.learning import learn, values
from plantwright.improvement.roadmap.parts import Parts
from plantwright.improvement.roadmap.problem import Floats, Problem
from plantwright.improvement.roadmap.result import FrontierStep, Roadmap, Round
from plantwright.improvement.roadmap.scenarios import Effects
from plantwright.improvement.roadmap.sequence import Sequences, Simulated
from plantwright.improvement.roadmap.solving import Plan, Solver
from plantwright.improvement.roadmap.steps import cash_rows, steps_of
from plantwright.improvement.study import Study
from plantwright.plant import fingerprint
from plantwright.plant.plant import Plant
from plantwright.simulation.run import Run
from plantwright.simulation.statistics import estimate

Progress = Callable[[int, int], None]

MOST_ROUNDS = 12
LOOK, THOROUGH, FRONTIER = 6, 3, 30
"""The solver's time in a round, in one for a plan on which both agree, and for each budget of the frontier, is this part of the whole."""
FIRST = 5
"""So many replications of a sequence are simulated first; twice as many, where its net present value is not known well enough."""
FAR = 4.0
"""Both differ by far: by so many halves of the interval."""
SHARP = 0.5
"""Well enough: to this share of the agreement that is asked, to either side."""


@dataclass
class Planning:
    """One roadmap in the making; what was done so far is its answer if it is stopped."""

    shape: Problem
    moves: Sequence[Measured]
    parts: Parts
    drawn: Effects
    sequences: Sequences
    agreement: float
    gap: float
    time_limit: float
    progress: Progress | None
    level: float = 0.95
    rounds: list[Round] = field(default_factory=list)
    plan: Plan | None = None
    found: Floats | None = None
    simulated: Simulated | None = None
    frontier: tuple[FrontierStep, ...] = ()
    agrees: bool = False
    partial: bool = False
    best: tuple[float, Plan, Floats, Simulated, Parts] | None = None
    agreed: tuple[float, Plan, Floats, Simulated, Parts] | None = None
    known: dict[tuple[int | None, ...], Simulated] = field(default_factory=dict)
    enough: Callable[[], bool] | None = None
    limited: bool = False
    settled: bool = True

    def go(self) -> None:
        """Choose and simulate until both agree; then the frontier."""
        try:
            self._rounds()
            if not self._is_over():
                solver = Solver(self.problem(self.drawn))
                self.frontier = frontier(
                    solver,
                    self.shape.budget,
                    self.time_limit / FRONTIER,
                    self.gap,
                    self._stopped,
                    self._plans(),
                    self._tell_frontier,
                )
        except (Stopped, KeyboardInterrupt):
            self.partial = True
            if self.best is not None:
                _, self.plan, self.found, self.simulated, self.parts = self.best
                self.settled = False
            elif self.plan is None:
                self.sequences.cancel.stop()
                self._choose(self.time_limit)

    def problem(self, effects: Effects) -> Problem:
        """The problem with what was learnt so far."""
        return replace(
            self.shape,
            selling=effects.selling,
            other=effects.other,
            ceiling=effects.ceiling,
            lowers=effects.lowers,
            together=self.parts.together(len(effects.ceiling)),
            shared=self.parts.shared(effects),
        )

    def _stopped(self) -> bool:
        return self.sequences.cancel.stopped

    def _plans(self) -> list[Starts]:
        return [list(starts) for starts in self.known]

    def _is_over(self) -> bool:
        """Whether the time is up, so that no other round is begun."""
        if not self.limited and self.enough is not None and self.enough():
            self.limited = True
        return self.limited

    def _choose(self, seconds: float) -> Starts:
        solver = Solver(self.problem(self.drawn))
        self.plan = solver.plan(self.shape.budget, seconds, self.gap, self._stopped, self._plans())
        return self.starts()

    def starts(self) -> Starts:
        """The plan as it is now, move by move."""
        assert self.plan is not None
        return [self.plan.starts.get(move.name) for move in self.shape.moves]

    def _rounds(self) -> None:
        """Short looks until both agree; then the whole time for the plan that is told, which may be another."""
        thorough = False
        for number in range(MOST_ROUNDS):
            self._tell(number)
            starts = self._choose(self.time_limit / (THOROUGH if thorough else LOOK))
            assert self.plan is not None
            thorough = thorough or self.plan.gap <= self.gap
            self._tell(number, 1)
            thought = self._simulate(starts)
            assert self.found is not None
            assert self.simulated is not None
            truth = float(self.found.mean())
            differs = abs(thought - truth) / max(abs(truth), 1e-9) if abs(thought - truth) > 1e-6 else 0.0
            self.agrees = differs <= self.agreement
            if self.agrees and (self.agreed is None or truth > self.agreed[0]):
                self.agreed = (truth, self.plan, self.found, self.simulated, self.parts.copy())
            self._tell(number, 2)
            said: tuple[str, ...] = ()
            if not self.agrees:
                said = learn(self.parts, self.problem(self.parts.effects), starts, self.simulated, self.sequences)
            if self.best is None or truth > self.best[0]:
                # With what was learnt of it: what is learnt of others later says nothing of this plan.
                self.best = (truth, self.plan, self.found, self.simulated, self.parts.copy())
            within = half_width(self.found, self.level) / max(abs(truth), 1e-9) if self.plan.starts else 0.0
            self.rounds.append(Round(tuple(self.plan.starts), thought, truth, differs, said, len(self.found), within))
            if self._is_over() or (self.agrees and thorough) or (not self.agrees and not said):
                break
            thorough = self.agrees
        if not self.agrees and self.agreed is not None:
            # What was tried after it is no better, and what was learnt of that says nothing of this plan.
            _, self.plan, self.found, self.simulated, self.parts = self.agreed
            self._again()
        elif not self.agrees and self.best is not None:
            _, self.plan, self.found, self.simulated, self.parts = self.best
            self.settled = False
            self._again()

    def _again(self) -> None:
        """What the sum of the parts says of the plan that is told, with all that was learnt."""
        assert self.plan is not None
        assert self.simulated is not None
        thought, self.found = values(self.problem(self.parts.effects), self.parts, self.starts(), self.simulated)
        truth = float(self.found.mean())
        differs = abs(thought - truth) / max(abs(truth), 1e-9)
        self.agrees = differs <= self.agreement
        within = half_width(self.found, self.level) / max(abs(truth), 1e-9)
        self.rounds.append(Round(tuple(self.plan.starts), thought, truth, differs, (), len(self.found), within))

    def _simulate(self, starts: Starts) -> float:
        """Run a plan in as many replications as tell its net present value well enough; what the sum of the parts says of it."""
        given, count = self.problem(self.parts.effects), FIRST
        key = tuple(starts)
        while True:
            run = self.sequences.run(force_from(self.shape, starts), count)
            self.known[key] = run
            thought, found = values(given, self.parts, starts, run)
            self.simulated, self.found = run, found
            wanted = SHARP * self.agreement * abs(float(found.mean()))
            half = half_width(found, self.level)
            # Where both differ by far, more replications would say no more than that.
            if len(found) >= self.sequences.replications or half <= wanted or abs(thought - found.mean()) > FAR * half:
                return thought
            count = 2 * len(found)

    def _tell(self, number: int, part: int = 0) -> None:
        if self.progress is not None:
            self.progress(3 * number + part, self._steps)

    def _tell_frontier(self, number: int) -> None:
        if self.progress is not None:
            self.progress(3 * MOST_ROUNDS + number, self._steps)

    @property
    def _steps(self) -> int:
        return 3 * MOST_ROUNDS + len(SHARES) + 2

    def result(
        self,
        plant: Plant,
        study: Study,
        left_out: Mapping[str, str],
        assumed: tuple[str, ...],
        settings: Mapping[str, Any],
    ) -> Roadmap:
        """What was found, as the frozen result."""
        assert self.plan is not None
        run: Run = study.baseline
        starts = self.starts()
        problem = self.problem(self.drawn)
        made = worth(problem, starts)
        level = study.options.get("level", run.level)
        unit = plant.currency or "money"
        value = None if self.found is None else estimate("net present value", {}, unit, self.found, level)
        low, high = np.quantile(made.by_scenario, [0.1, 0.9])
        # What was learnt after the plan was chosen may have changed what it is thought to bring.
        bound = max(self.plan.bound, made.mean)
        return Roadmap(
            name=run.name,
            plant=fingerprint(plant),
            trust=run.trust,
            currency=unit,
            budget=self.shape.budget,
            quarters=self.shape.quarters,
            steps=steps_of(plant, self.moves, starts),
            cash=cash_rows(plant, problem, starts, self.simulated, level, unit),
            value=value,
            expected=made.mean,
            low=float(low),
            high=float(high),
            worst=made.worst,
            tail=self.shape.tail,
            loses=float((made.by_scenario < -1e-9).mean()),
            bound=bound,
            gap=self.plan.gap,
            frontier=self.frontier,
            rounds=tuple(self.rounds),
            agreement=self.agreement,
            agrees=self.agrees,
            in_one_run=self.simulated.in_one_run if self.simulated is not None else True,
            partial=self.partial or study.partial or self.limited,
            left_out=left_out,
            assumed=assumed,
            warnings=self._warnings(study),
            not_simulated=run.not_simulated,
            options={
                **{key: study.options.get(key) for key in ("horizon", "warmup", "replications", "seed", "level")},
                "warmup rule": run.warmup_rule,
                **settings,
            },
            version=__version__,
        )

    def _warnings(self, study: Study) -> tuple[str, ...]:
        said = list(study.warnings)
        if self.rounds and not self.agrees:
            last = self.rounds[-1]
            said.append(
                f"the engine and the sum of the parts still differ by {last.differs:.1%} of the net present value "
                f"(known to {last.within:.1%} to either side) after {len(self.rounds)} rounds; this is the best plan that was simulated"
            )
        elif self.rounds and not self.settled:
            said.append(
                f"after {len(self.rounds) - 1} rounds of choosing and simulating the sum of the parts still promised more of other plans than the "
                "engine had of them; this is the best plan that was simulated, and there may be a better one"
            )
        if self.simulated is not None and not self.simulated.in_one_run:
            said.append(
                "the changes cannot be made in one run; each stage was simulated by itself, without what is carried over"
            )
        return tuple(said)


def force_from(problem: Problem, starts: Starts) -> dict[str, float]:
    """The instant, in quarters, from which each move is simulated in force: its lead time over, in the middle of its ramp-up."""
    return {
        move.name: start + move.lead_time + move.ramp_up / 2
        for move, start in zip(problem.moves, starts, strict=True)
        if start is not None
    }


def half_width(values: Floats, level: float) -> float:
    """Half of the Student interval of a mean."""
    found = estimate("", {}, "", values, level)
    return (found.high - found.low) / 2 if len(values) > 1 else float("inf")
