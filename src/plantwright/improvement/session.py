"""One study in the making: what was done so far is its answer if it is stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from plantwright.errors import PlantError, SimulationError
from plantwright.improvement import ended
from plantwright.improvement.bench import Bench, Stopped, found
from plantwright.improvement.binding import binding
from plantwright.improvement.contest import (
    FIRST,
    NOTHING,
    Contender,
    Contest,
    Watch,
    ground_of,
    guarantee_of,
    held,
)
from plantwright.improvement.families import spends
from plantwright.improvement.flips import demand_flip, time_flip
from plantwright.improvement.keeping import kept
from plantwright.improvement.limits import capacity_limit, limit_of, probe, too_much
from plantwright.improvement.odds import with_odds
from plantwright.improvement.on_people import on_people
from plantwright.improvement.outlook import at_demands, at_variabilities
from plantwright.improvement.pairs import best_pairs
from plantwright.improvement.promise import by_promise
from plantwright.improvement.ranking import OF, Base, Tried, ranked, scale_of
from plantwright.improvement.reaction import Reaction, under_rule
from plantwright.improvement.readings import what_to_measure
from plantwright.improvement.screening import cannot_pay, money_at_stake, twins
from plantwright.improvement.selection import Selection
from plantwright.improvement.sources import with_sources
from plantwright.improvement.study import (
    OWN,
    Flip,
    Guarantee,
    LeftOut,
    Limit,
    Measure,
    Move,
    Pair,
    Probe,
    RankedMove,
    Reading,
    Study,
)
from plantwright.improvement.vetoes import passed, passed_when_run
from plantwright.simulation.run import Run
from plantwright.simulation.trust import not_told, trust_of

FULL = 24
"""So many moves, and as many of the user's own, are simulated in full, as released and saturated; of the others no more than it took to
rule them out."""
FOLLOWED, FOLLOWED_REPLICATIONS, FOLLOWED_PROBES = 4, 8, 6


@dataclass(frozen=True)
class Wanted:
    """What was asked of a study beside the plant: see `improve`."""

    by: Measure | None
    level: float
    together: bool
    zone: float | None = None
    budget: int | None = None
    enough: Callable[[], bool] | None = None
    watch: Watch | None = None


class Session:
    """Finds the limit, holds the contest of moves, ranks them, and asks what would change the answer."""

    def __init__(self, bench: Bench, base: Base, wanted: Wanted) -> None:
        self.bench, self.base, self.wanted = bench, base, wanted
        self.first = base
        self.baseline = base.released
        self.warnings: list[str] = []
        self.left_out: list[LeftOut] = []
        self.untried: list[Tried] = []
        self.partial = False

    def study(self, proposed: Sequence[Move], choose: Callable[[Run, Limit, Measure | None], Measure]) -> Study:
        """The whole of it; `choose` says what is ranked by."""
        self._open()
        contenders = self._contenders(proposed)
        if self.wanted.by is None and found(self.baseline, "contribution") is None and self._may_be_capacity():
            # What is ranked by hangs on what the limit is.
            capacity, probes = self._limit()
            limit = self._limit_as_released(capacity)
            measure = choose(self.baseline, limit, None)
            contest, selection = self._contest(self._worth_trying(contenders, measure), measure)
        else:
            # The moves first: if time runs out, they are what is wanted.
            measure = choose(self.baseline, Limit("unknown", ""), self.wanted.by)
            contest, selection = self._contest(self._worth_trying(contenders, measure), measure)
            capacity, probes = self._limit()
            limit = self._limit_as_released(capacity)
        self._warn_of_growth()
        tried = [*self._tried(contest, selection, measure), *self.untried]
        moves = with_odds(self._with_people(ranked(tried, self.base, measure), tried), measure, self.wanted.level)
        flips: list[Flip] = []
        pairs: tuple[Pair, ...] = ()
        first_at: dict[str, str] = {}
        readings: tuple[Reading, ...] = ()
        bound: dict[str, float] = {}
        reaction: Reaction | None = None
        try:
            if not self._enough():
                moves = self._followed(moves)
            if not self._enough():
                reaction = under_rule(self.bench, self.base, moves, measure)
            if limit.kind in ("machines", "people") and not self._enough():
                flips += time_flip(self.bench, self.base, limit, probes)
            if not self._enough():
                flips += demand_flip(self.bench, self.base, limit, moves, measure)
            if not self._enough():
                pairs = best_pairs(
                    self.bench, lambda n: self._extended(n, measure), moves, measure, limit, probes, self._enough
                )
            if not self._enough():
                moves, first_at = at_demands(self.bench, self.base, moves, measure)
            if not self._enough():
                moves = at_variabilities(self.bench, self.base, moves, measure)
            if not self._enough():
                moves = with_sources(self.bench, self.base, moves, measure)
            if not self._enough():
                bound = self._binding()
            if not self._enough():
                readings = what_to_measure(self.bench, self.base, moves, measure)
        except Stopped:
            self.partial = True
        return Study(
            baseline=self.baseline,
            saturated=self.first.saturated,
            by=measure,
            limit=limit,
            moves=moves,
            flips=tuple(flips),
            unknown=self.baseline.unknown,
            warnings=tuple(self.warnings),
            options=self._options(contest, selection),
            partial=self.partial,
            capacity_limit=capacity,
            probes=probes,
            guarantee=self._guarantee(contest, selection, measure),
            left_out=tuple(self.left_out),
            pairs=pairs,
            first_at=first_at,
            readings=readings,
            binding=bound,
            reaction=reaction,
            kept=kept(self.bench),
        )

    def _enough(self) -> bool:
        """Whether the search should come to its end; then it is no whole study."""
        if self.wanted.enough is not None and self.wanted.enough():
            self.partial = True
        return self.partial

    def _open(self) -> None:
        """What must be said before anything else: totals that the model does not reproduce."""
        _, wrong = trust_of(self.base.plant, self.baseline)
        self.warnings += not_told(self.base.plant).values()
        if wrong:
            self.warnings.append("this model does not reproduce your shop: " + "; ".join(wrong))

    def _warn_of_growth(self) -> None:
        if not self.baseline.steady and not self.base.plant.release_rules() <= {"conwip", "saturated", "drum"}:
            self.warnings.append("work in process keeps growing: more comes in than goes out; cycle times grow with it")

    def _may_be_capacity(self) -> bool:
        """Whether machines or people may limit the plant as it is released; else it is told without any relief that they do not."""
        return self._limit_as_released(Limit("machines", "")).kind == "machines"

    def _limit(self) -> tuple[Limit, tuple[Probe, ...]]:
        """What limits the plant with work enough, and the reliefs that prove it; of the busiest only, where time is up."""
        bench, base, level = self.bench, self.first, self.wanted.level
        probes: tuple[Probe, ...] = ()
        most, replications = (FOLLOWED_PROBES, FOLLOWED_REPLICATIONS) if self._enough() else (None, None)
        try:
            probes = probe(bench, base.plant, base.saturated, most=most, replications=replications)
            capacity = capacity_limit(base.plant, base.released, base.saturated, probes, level)
            if capacity.kind == "unknown" and most is not None:
                # Of few, nothing follows where none of them is the limit.
                probes, capacity = (), capacity_limit(base.plant, base.released, base.saturated, (), level)
            elif capacity.kind == "unknown" and too_much(base.plant, base.released, base.saturated):
                # Several bind where work is endless; with the plant's own release one of them may still be the first.
                as_released = probe(bench, base.plant, base.released, released=True)
                found_so = capacity_limit(base.plant, base.released, base.released, as_released, level)
                if found_so.kind != "unknown":
                    probes, capacity = as_released, found_so
        except Stopped:
            self.partial = True
            capacity = capacity_limit(base.plant, base.released, base.saturated, probes, level)
        return capacity, probes

    def _limit_as_released(self, capacity: Limit) -> Limit:
        base = self.first
        return limit_of(base.plant, base.released, base.saturated, capacity, self.wanted.level)

    def _contenders(self, proposed: Sequence[Move]) -> list[Contender]:
        """The moves that make a plant which passes no limit of its own."""
        found: list[Contender] = []
        for move in proposed:
            try:
                plant = self.bench.changed(move.edits)
            except PlantError as error:
                self._leave_out(move, str(error).splitlines()[0], loud=True)
                continue
            why = passed(self.base.plant, move, plant)
            if why is not None:
                self._leave_out(move, why, loud=True)
                continue
            found.append(Contender(move, plant, spends(self.base.plant, move, plant)))
        return found

    def _worth_trying(self, contenders: Sequence[Contender], measure: Measure) -> list[Contender]:
        """Those that are no other move over again and, where cash ranks, might pay."""
        again = twins({item.move.name: item.plant for item in contenders if item.move.belief is None})
        stake = money_at_stake(self.base) if measure == "cash" else None
        found: list[Contender] = []
        for item in contenders:
            if item.move.name in again:
                self._leave_out(item.move, f"makes the same plant as {again[item.move.name]}")
            elif why := cannot_pay(item.move, item.plant, self.base, stake):
                self.untried.append(Tried(item.move, item.plant, None, None, item.spends, why))
            else:
                found.append(item)
        return by_promise(found, self.base, measure) if self.wanted.enough is not None else found

    def _leave_out(self, move: Move, why: str, *, loud: bool = False) -> None:
        self.left_out.append(LeftOut(move, why))
        if loud or move.family == OWN:
            self.warnings.append(f"left out: {move.title}: {why}")

    def _contest(self, contenders: Sequence[Contender], measure: Measure) -> tuple[Contest, Selection | None]:
        bench = self.bench
        contest = Contest(
            bench,
            self.base.plant,
            measure,
            contenders,
            base=lambda n: self._extended(n, measure),
            watch=self.wanted.watch,
        )
        wanted = self.wanted
        selection, _ = held(
            contest,
            probability=wanted.level,
            zone=wanted.zone,
            first=min(FIRST, bench.replications),
            budget=wanted.budget,
            enough=self._enough if wanted.enough is not None else None,
            scale=scale_of(self.base, measure),
        )
        if bench.cancel.stopped:
            self.partial = True
        return contest, selection

    def _extended(self, replications: int, measure: Measure) -> Base:
        """The plant as it is, with at least so many replications of what the measure needs."""
        word = OF[measure][0]
        have = self.base.released if word == "released" else self.base.saturated
        if have.replications < replications:
            longer = self.bench.tried(self.bench.trial(self.base.plant, saturated=word == "saturated"), replications)
            longer = replace(longer, steady=have.steady)
            if word == "released":
                self.base = replace(self.base, released=longer)
            else:
                self.base = replace(self.base, saturated=longer)
        return self.base

    def _tried(self, contest: Contest, selection: Selection | None, measure: Measure) -> list[Tried]:
        """Every move with the runs it has; the first ones and the first of the user's own are run in full, as released and saturated."""
        numbers = sorted(contest.runs)
        full = self._in_full(contest, selection, numbers)
        where = OF[measure][0]
        made: list[Tried] = []
        for number in numbers:
            item, main = contest.contenders[number - 1], contest.runs[number]
            runs = {where: main}
            ground = ground_of(contest, selection, number) if selection is not None else ""
            if number in full:
                runs = self._run_in_full(item, where, main, runs)
            released = runs.get("released")
            why = item.failed if item.failed else ""
            if not why and released is not None:
                why = passed_when_run(self.base.plant, self.base.released, released) or ""
            if why:
                self._leave_out(item.move, why, loud=not item.failed)
                continue
            if self.partial and not ground and ended.only_glanced_at(runs.values(), self.bench.replications):
                self._leave_out(item.move, ended.GLANCED_AT)
                continue
            made.append(Tried(item.move, item.plant, released, runs.get("saturated"), item.spends, ground))
        for item in contest.contenders:
            if item.failed and contest.contenders.index(item) + 1 not in contest.runs:
                self._leave_out(item.move, item.failed)
        self._tell_not_compared(contest)
        return made

    def _tell_not_compared(self, contest: Contest) -> None:
        """Say of which moves little or nothing is known, as the study came to its end before them."""
        left = ended.not_compared(contest)
        for move in left:
            self._leave_out(move, ended.NOT_COMPARED)
        glanced = sum(out.ground == ended.GLANCED_AT for out in self.left_out)
        if left or glanced:
            self.partial = True
            self.warnings.append(ended.said(len(contest.contenders), len(left), glanced))

    def _in_full(self, contest: Contest, selection: Selection | None, numbers: Sequence[int]) -> set[int]:
        """The numbers of the first `FULL` moves, in the order in which they were ruled out, and of the first of the user's own."""
        if len(numbers) <= FULL or selection is None:
            return set(numbers)
        # Where time ran out, those that were looked at closely come first: the others were behind them.
        survivors = sorted(selection.survivors, key=lambda n: -contest.runs[n].replications if n in contest.runs else 0)
        order = [*survivors, *contest.by_merit(selection.eliminated)]
        first = [n for n in order if n != NOTHING and n in contest.runs]
        own = [n for n in first if contest.contenders[n - 1].move.family == OWN]
        return {*first[:FULL], *own[:FULL]}

    def _run_in_full(self, item: Contender, where: str, main: Run, runs: dict[str, Run]) -> dict[str, Run]:
        bench, made = self.bench, dict(runs)
        try:
            trial = item.trial
            if trial is not None and main.replications < bench.replications:
                made[where] = bench.tried(trial, bench.replications)
            other = "saturated" if where == "released" else "released"
            if item.plant.release_rules() == {"saturated"} and where == "saturated":
                made[other] = made[where]
            else:
                trial = bench.trial(self.base.plant, saturated=other == "saturated", moves=[item.move])
                made[other] = bench.tried(trial, bench.replications)
                trial.forget_plants()
        except Stopped:
            self.partial = True
        except (PlantError, SimulationError) as error:
            item.failed = str(error).splitlines()[0]
        return made

    def _with_people(self, moves: Sequence[RankedMove], tried: Sequence[Tried]) -> tuple[RankedMove, ...]:
        """The moves with what each does to people."""
        plants = {item.move.name: item for item in tried}
        told = []
        for item in moves:
            made = plants[item.move.name]
            effects = on_people(self.base.plant, made.plant, self.baseline, made.released)
            told.append(replace(item, people=effects))
        return tuple(told)

    def _followed(self, moves: tuple[RankedMove, ...]) -> tuple[RankedMove, ...]:
        """For the first moves that bring something: what would limit the plant then."""
        listed = list(moves)
        helpful = [
            i for i, item in enumerate(listed)
            if item.verdict in ("do now", "if you spend") and (more := item.saturated.get("throughput")) and more.low > 0
        ]  # fmt: skip
        spent = [i for i in helpful if listed[i].verdict == "if you spend"][:FOLLOWED]
        for i in dict.fromkeys([*helpful[:2], *spent]):
            plant = self.bench.changed(listed[i].move.edits)
            released = self.bench.run(plant, saturated=False)
            saturated = self.bench.run(plant, saturated=True)
            probes = probe(
                self.bench, plant, saturated, most=FOLLOWED_PROBES, replications=FOLLOWED_REPLICATIONS
            )  # fmt: skip
            then = capacity_limit(plant, released, saturated, probes, self.wanted.level)
            listed[i] = replace(listed[i], next_limit=then.subject)
        return tuple(listed)

    def _binding(self) -> dict[str, float]:
        bench = self.bench
        found = binding(
            self.base.plant, horizon=bench.horizon, warmup=bench.warmup[True], seed=bench.seed, lots=bench.lots or 1,
            cancel=bench.cancel,
        )  # fmt: skip
        return {} if bench.cancel.stopped else found

    def _guarantee(self, contest: Contest, selection: Selection | None, measure: Measure) -> Guarantee | None:
        run = self.base.released if OF[measure][0] == "released" else self.base.saturated
        unit = run.estimate(OF[measure][1]).unit
        if measure == "cash":
            unit = unit.removesuffix("/y")
        return guarantee_of(selection, contest, unit=unit, probability=self.wanted.level)

    def _options(self, contest: Contest, selection: Selection | None) -> dict[str, object]:
        bench, money = self.bench, self.base.money
        return {
            "horizon": self.baseline.horizon,
            "warmup": bench.warmup[False],
            "warmup saturated": bench.warmup[True],
            "replications": bench.replications,
            "seed": bench.seed,
            "level": self.wanted.level,
            "level of each interval": bench.level,
            "together": self.wanted.together,
            "simulations": bench.done,
            "replications of moves": selection.simulations if selection is not None else 0,
            "moves": len(contest.contenders),
            "discount": money.discount,
            "horizon of money": money.horizon,
        }
