"""Plan a roadmap: choose, simulate what was chosen, learn where it does not add up, and choose again."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from plantwright import __version__
from plantwright.errors import InputError, Place
from plantwright.errors import Problem as Wrong
from plantwright.improvement.bench import Stopped
from plantwright.improvement.roadmap.candidates import Measured, chosen_from
from plantwright.improvement.roadmap.cash import Starts, worth
from plantwright.improvement.roadmap.frontier import frontier
from plantwright.improvement.roadmap.learning import Parts, learn, learn_pairs, values, worth_considering
from plantwright.improvement.roadmap.problem import Candidate, Floats, Problem
from plantwright.improvement.roadmap.result import FrontierStep, Roadmap, Round
from plantwright.improvement.roadmap.scenarios import Effects, as_given, drawn_effects
from plantwright.improvement.roadmap.sequence import Sequences, Simulated
from plantwright.improvement.roadmap.solving import Plan, Solver
from plantwright.improvement.roadmap.steps import cash_rows, steps_of
from plantwright.improvement.study import Study
from plantwright.improvement.worth import YEARS, money_of
from plantwright.plant import fingerprint
from plantwright.plant.plant import Plant
from plantwright.simulation.economics import YEAR
from plantwright.simulation.replicate import Cancel
from plantwright.simulation.run import Run
from plantwright.simulation.statistics import estimate

Progress = Callable[[int, int], None]

AGREEMENT, MOST_ROUNDS = 0.02, 8
STUDIED = 80
"""Of a hundred parts of the work so many are the study's, as a progress bar shows it."""
AT_ONCE = 3.0
"""How many moves a plant can take at once, where the user does not say."""


def roadmap(
    plant: Plant,
    study: Study | None = None,
    *,
    budget: float,
    quarters: int = 12,
    by_quarter: Sequence[float] | None = None,
    reinvest: bool = False,
    at_once: float = AT_ONCE,
    effort: Mapping[str, float] | None = None,
    least: float | None = None,
    tail: float = 0.1,
    wanted: Collection[str] = (),
    banned: Collection[str] = (),
    scenarios: int = 200,
    agreement: float = AGREEMENT,
    gap: float = 0.02,
    time_limit: float = 30.0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    threads: int | None = None,
    **options: Any,
) -> Roadmap:
    """Which moves to make in which quarter, so that their expected net present value is greatest.

    A mixed-integer programme chooses by what the study measured of each move; the engine then runs what was chosen, quarter by
    quarter, on the luck of the plant as it is. Where both differ by more than `agreement` of the net present value, the programme learns what the
    moves bring together and chooses again.

    Parameters
    ----------
    plant : Plant
        With prices. Its ``money`` says the discount and how far money counts; without, 10 % a year and 5 years are assumed and said so.
    study : Study, optional
        Of this plant; made if not given.
    budget : float
        Capital in all, in the plant's currency; infinite for no limit.
    quarters : int
        In which a move may begin; the first begins with the plant's start.
    by_quarter : sequence of float, optional
        Capital in each quarter at most.
    reinvest : bool
        What moves have brought may be spent on others from the next quarter on.
    at_once : float
        How much change the plant can take in a quarter: the sum of the `effort` of the moves that are in their lead time then.
    effort : mapping, optional
        Of a move by its name; 1 if not given.
    least : float, optional
        The mean net present value of the worst `tail` of the scenarios must not be below it.
    tail : float
        A share, such as 0.1.
    wanted, banned : collection of str
        Names of moves that must be, or must not be, on it.
    scenarios : int
        Draws of demand, belief in effects, and luck.
    agreement : float
        How far the engine and the sum of the parts may differ, as a share of the net present value.
    gap, time_limit : float
        As `solve` takes them.
    progress, cancel, threads
        As `improve` takes them.
    **options
        Of `improve`, where there is no study: ``replications``, ``seed``, ``horizon``, ``families``.

    Returns
    -------
    Roadmap
        Partial where it was stopped after the study.

    Raises
    ------
    InputError
        For figures out of range, names that are no moves, a plant without prices, and rules that no plan keeps: all at once.
    """
    cancel = cancel or Cancel()
    early = _early(quarters, scenarios, agreement)
    if early:
        raise InputError(early)
    if study is None:
        from plantwright.improvement.improving import improve

        study = improve(plant, progress=_part(progress, 0, STUDIED), cancel=cancel, threads=threads, **options)
        progress = _part(progress, STUDIED, 100)
        if study.partial:
            cancel.stop()
    if not any(one.name == "contribution" for one in study.baseline.estimates):
        why = study.baseline.unknown.get("money", "the study has no contribution")
        raise InputError([Wrong("PW4083", Place(), "roadmap", f"what moves bring in money is not known: {why}")])
    discount, after, assumed = _money(plant, quarters)
    shape = Problem(
        moves=(),
        selling=np.zeros((1, 0)),
        other=np.zeros((1, 0)),
        ceiling=np.full(1, math.inf),
        quarters=quarters,
        discount=discount,
        after=after,
        budget=float(budget),
        by_quarter=tuple(map(float, by_quarter)) if by_quarter is not None else None,
        reinvest=reinvest,
        at_once=at_once,
        tail=tail,
    )
    wrong = shape.wrong()
    try:
        moves, left_out = chosen_from(study, tuple(wanted), tuple(banned), effort or {})
    except InputError as names:
        raise InputError([*wrong, *names.problems]) from None
    shape = replace(shape, moves=tuple(item.candidate for item in moves))
    wrong = wrong or shape.wrong()
    if wrong:
        raise InputError(wrong)
    shape = replace(shape, least=least)
    sequences = Sequences(plant, study, {item.move.name: item.move for item in moves}, quarters, threads, cancel)
    parts = Parts(moves, as_given(plant, study, moves))
    partial = False
    try:
        learn_pairs(parts, study, sequences)
    except Stopped:
        partial = True
    useless = worth_considering(parts, study)
    kept = [j for j, item in enumerate(moves) if item.move.name not in useless]
    moves = tuple(moves[j] for j in kept)
    shape = replace(shape, moves=tuple(_among(item.candidate, moves) for item in moves))
    parts = parts.of(moves, as_given(plant, study, moves))
    drawn = drawn_effects(plant, study, moves, scenarios, study.baseline.seed)
    planning = _Planning(shape, moves, parts, drawn, sequences, agreement, gap, time_limit, progress, partial=partial)
    planning.go()
    left_out |= useless
    settings = {
        "budget": budget, "quarters": quarters, "by quarter": shape.by_quarter, "reinvest": reinvest, "at once": at_once,
        "least": least, "tail": tail, "scenarios": scenarios, "wanted": sorted(wanted), "banned": sorted(banned),
        "discount a year": (1 + discount) ** 4 - 1, "quarters counted": quarters + after, "gap": gap, "time limit": time_limit,
        "simulations": sequences.simulations,
    }  # fmt: skip
    return planning.result(plant, study, left_out, assumed, settings)


def _among(candidate: Candidate, moves: Sequence[Measured]) -> Candidate:
    """The move, excluding only what can still be chosen."""
    names = {item.move.name for item in moves}
    return replace(candidate, excludes=tuple(name for name in candidate.excludes if name in names))


def _part(progress: Progress | None, begin: int, end: int) -> Progress | None:
    """The progress of a part of the work."""
    if progress is None:
        return None
    told = progress
    return lambda done, total: told(begin + int((end - begin) * min(done, total) / max(1, total)), 100)


def _early(quarters: int, scenarios: int, agreement: float) -> list[Wrong]:
    """What is wrong whatever the study says, so that nobody waits for it."""
    wrong = []
    if not 1 <= quarters <= 80:
        wrong.append(Wrong("PW4071", Place(), "quarters", f"{quarters}: from 1 to 80 are possible", f"{quarters}"))
    if scenarios < 1:
        wrong.append(Wrong("PW4084", Place(), "scenarios", f"{scenarios}: at least one is needed", f"{scenarios}"))
    if not agreement > 0:
        wrong.append(Wrong("PW4084", Place(), "agreement", f"{agreement}: a share above 0 is wanted", f"{agreement}"))
    return wrong


def _money(plant: Plant, quarters: int) -> tuple[float, float, tuple[str, ...]]:
    """The discount of a quarter, how many quarters after the last are counted, and what was assumed."""
    money = money_of(plant)
    assumed = []
    if plant.money.discount is None:
        assumed.append(f"money is discounted by {money.discount:.0%} a year (money > discount)")
    if plant.money.horizon is None:
        assumed.append(f"money counts for {YEARS:g} years (money > horizon)")
    after = max(0.0, (money.horizon or 0.0) / YEAR * 4 - quarters)
    return (1 + (money.discount or 0.0)) ** 0.25 - 1, after, tuple(assumed)


@dataclass
class _Planning:
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
    rounds: list[Round] = field(default_factory=list)
    plan: Plan | None = None
    found: Floats | None = None
    simulated: Simulated | None = None
    frontier: tuple[FrontierStep, ...] = ()
    agrees: bool = False
    partial: bool = False
    best: tuple[float, Plan, Floats, Simulated] | None = None
    known: dict[tuple[int | None, ...], Simulated] = field(default_factory=dict)

    def go(self) -> None:
        """Choose and simulate until both agree; then the frontier."""
        try:
            self._rounds()
            solver = Solver(self.problem(self.drawn))
            self.frontier = frontier(
                solver, self.shape.budget, self.time_limit / 3, self.gap, self._stopped, self._plans()
            )
        except (Stopped, KeyboardInterrupt):
            self.partial = True
            if self.plan is None:
                self._choose()

    def problem(self, effects: Effects) -> Problem:
        """The problem with what was learnt so far."""
        return replace(
            self.shape,
            selling=effects.selling,
            other=effects.other,
            ceiling=effects.ceiling,
            together=self.parts.together(len(effects.ceiling)),
        )

    def _stopped(self) -> bool:
        return self.sequences.cancel.stopped

    def _plans(self) -> list[Starts]:
        return [list(starts) for starts in self.known]

    def _choose(self) -> Starts:
        solver = Solver(self.problem(self.drawn))
        self.plan = solver.plan(self.shape.budget, self.time_limit, self.gap, self._stopped, self._plans())
        return self.starts()

    def starts(self) -> Starts:
        """The plan as it is now, move by move."""
        assert self.plan is not None
        return [self.plan.starts.get(move.name) for move in self.shape.moves]

    def _rounds(self) -> None:
        for number in range(MOST_ROUNDS):
            starts = self._choose()
            self._tell(number)
            key = tuple(starts)
            if key not in self.known:
                self.found = self.simulated = None
                self.known[key] = self.sequences.run(force_from(self.shape, starts))
            self.simulated = self.known[key]
            given = self.problem(self.parts.effects)
            thought, self.found = values(given, self.parts, starts, self.simulated)
            truth = float(self.found.mean())
            differs = abs(thought - truth) / max(abs(truth), 1e-9) if abs(thought - truth) > 1e-6 else 0.0
            assert self.plan is not None
            if self.best is None or truth > self.best[0]:
                self.best = (truth, self.plan, self.found, self.simulated)
            self.agrees = differs <= self.agreement
            said = (
                () if self.agrees else learn(self.parts, self.simulated, self.sequences, force_from(self.shape, starts))
            )
            self.rounds.append(Round(tuple(self.plan.starts), thought, truth, differs, said))
            if self.agrees or not said:
                break
        if not self.agrees and self.best is not None:
            _, self.plan, self.found, self.simulated = self.best

    def _tell(self, number: int) -> None:
        if self.progress is not None:
            self.progress(number, MOST_ROUNDS)

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
            partial=self.partial or study.partial,
            left_out=left_out,
            assumed=assumed,
            warnings=self._warnings(study),
            not_simulated=run.not_simulated,
            options={
                **{key: study.options.get(key) for key in ("horizon", "warmup", "replications", "seed", "level")},
                **settings,
            },
            version=__version__,
        )

    def _warnings(self, study: Study) -> tuple[str, ...]:
        said = list(study.warnings)
        if self.rounds and not self.agrees:
            last = min(self.rounds, key=lambda item: item.differs)
            said.append(
                f"the engine and the sum of the parts still differ by {last.differs:.1%} of the net present value after "
                f"{len(self.rounds)} rounds; this is the best plan that was simulated"
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
