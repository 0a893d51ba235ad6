"""Improve a plant: run it, find what limits it, try every move on the same luck, and rank them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from plantwright.errors import InputError, Interrupted, Place, PlantError, Problem, SimulationError
from plantwright.improvement.bench import Bench, Progress, Stopped, found
from plantwright.improvement.families import all_families as known_families
from plantwright.improvement.families import propose
from plantwright.improvement.flips import demand_flip, measure_first, time_flip
from plantwright.improvement.limits import capacity_limit, limit_of, probe, too_much
from plantwright.improvement.ranking import OF, Base, Tried, effect, ranked
from plantwright.improvement.study import Flip, Limit, Measure, Move, Probe, RankedMove, Study
from plantwright.improvement.vetoes import passed, passed_when_run
from plantwright.plant.plant import Plant
from plantwright.simulation.replicate import FROM_THE_START, Cancel, horizon_of, seconds_of
from plantwright.simulation.run import Run
from plantwright.simulation.statistics import simultaneous
from plantwright.simulation.trust import trust_of

MOST_MOVES = 60
KEPT = 40
"""Where more than `MOST_MOVES` are proposed, so many are taken further."""
SCREEN_REPLICATIONS = 4
FOLLOWED, FOLLOWED_REPLICATIONS, FOLLOWED_PROBES = 4, 8, 6


def improve(
    plant: Plant,
    *,
    by: Measure | None = None,
    horizon: str | float = "auto",
    warmup: str | float = "auto",
    replications: int = 20,
    seed: int = 1,
    level: float = 0.95,
    together: bool = False,
    families: Iterable[str] | None = None,
    moves: Sequence[Move] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    threads: int | None = None,
) -> Study:
    """Rank the moves that a plant could make.

    Every move is simulated as released and saturated, with the horizon, seed, replications and warm-up of the baseline; its
    effects are paired differences, replication by replication.

    Parameters
    ----------
    plant : Plant
    by : str, optional
        ``"capacity"``, ``"cycle-time"``, ``"on-time"`` or ``"contribution"``. If not given: contribution where there are prices,
        else capacity where machines or people are the limit, else cycle time.
    horizon, warmup, replications, seed, threads, cancel
        As `plantwright.simulation.simulate` takes them; ``"auto"`` finds the warm-up once, on the baseline.
    level : float
        Of each interval; with `together`, of all intervals of the ranking's measure together (Bonferroni).
    families : iterable of str, optional
        Only these families of moves.
    moves : sequence of Move, optional
        These moves instead of those that the families propose.
    progress : callable, optional
        Called with the simulations done and expected.

    Returns
    -------
    Study
        Partial where it was stopped after the baseline.

    Raises
    ------
    InputError
        For an unknown family, or a measure that this plant cannot be ranked by.
    SimulationError
        If the plant locks up.
    Interrupted
        If it was stopped before the baseline was done.
    """
    proposed = _proposed(plant, families) if moves is None else tuple(moves)
    each = simultaneous(level, len(proposed)) if together else level
    bench = Bench(plant, horizon_of(plant, horizon), replications, seed, each, threads, cancel, progress)
    bench.expected = 2 + 2 * len(proposed) + len(plant.work_centers) + len(plant.people) + 60
    if warmup != "auto":
        bench.warmup = dict.fromkeys((False, True), seconds_of(warmup))
    released, saturated = _baseline(bench)
    session = _Session(bench, Base(plant, released, saturated, each), level)
    return session.study(proposed, by, together)


def _baseline(bench: Bench) -> tuple[Run, Run]:
    """The plant as it is, as released and saturated. Raises Interrupted if it is stopped before both are done."""
    plant = bench.plant
    try:
        released = bench.run(plant, saturated=False)
        saturated = bench.run(plant, saturated=True)
        if released.warmup != saturated.warmup and released.warmup_rule != FROM_THE_START:
            # Only over the same span of time do both have the same luck; a list of orders has only one span.
            bench.warmup = dict.fromkeys((False, True), max(released.warmup, saturated.warmup))
            # A given warm-up is not judged; whether the plant settles at all was found in finding it.
            released = replace(bench.run(plant, saturated=False), steady=released.steady)
            saturated = replace(bench.run(plant, saturated=True), steady=saturated.steady)
    except Stopped as stopped:
        raise Interrupted("stopped before the plant as it is was simulated") from stopped
    return released, saturated


def _proposed(plant: Plant, names: Iterable[str] | None) -> tuple[Move, ...]:
    if names is not None:
        import difflib

        names = list(names)
        known = list(known_families())
        wrong = [name for name in names if name not in known]
        if wrong:
            raise InputError(
                Problem(
                    "PW4001", Place(), "families", f"unknown family {name!r}; known are {', '.join(known)}", name,
                    next(iter(difflib.get_close_matches(name, known, 1)), None),
                )
                for name in wrong
            )  # fmt: skip
    return propose(plant, names)


def chosen_measure(released: Run, limit: Limit, wanted: Measure | None) -> Measure:
    """The measure to rank by: the one wanted, else the most that this plant can say.

    Raises InputError where the wanted one is unknown for this plant.
    """
    if wanted is None:
        if found(released, "contribution") is not None:
            return "contribution"
        return "capacity" if limit.kind in ("machines", "people") else "cycle-time"
    if wanted not in OF:
        reason = f"unknown measure {wanted!r}; known are {', '.join(OF)}"
        raise InputError([Problem("PW4002", Place(), "by", reason, wanted)])
    where, name, _ = OF[wanted]
    if where == "released" and found(released, name) is None:
        missing = {"on-time": "on time", "contribution": "money"}.get(wanted, wanted)
        why = released.unknown.get(missing, "nothing was finished in some replication")
        raise InputError([Problem("PW4003", Place(), "by", f"cannot rank by {wanted}: {why}", wanted)])
    return wanted


class _Session:
    """One study in the making; what was done so far is its answer if it is stopped."""

    def __init__(self, bench: Bench, base: Base, level: float) -> None:
        self.bench, self.base, self.level = bench, base, level
        self.warnings: list[str] = []
        self.tried: list[Tried] = []
        self.partial = False

    def study(self, proposed: Sequence[Move], by: Measure | None, together: bool) -> Study:
        base, bench = self.base, self.bench
        self._open()
        probes: tuple[Probe, ...] = ()
        try:
            probes = probe(bench, base.plant, base.saturated)
            capacity = capacity_limit(base.plant, base.released, base.saturated, probes, self.level)
            if capacity.kind == "unknown" and too_much(base.plant, base.released, base.saturated):
                # Several bind where work is endless; with the plant's own release one of them may still be the first.
                as_released = probe(bench, base.plant, base.released, released=True)
                found_so = capacity_limit(base.plant, base.released, base.released, as_released, self.level)
                if found_so.kind != "unknown":
                    probes, capacity = as_released, found_so
        except Stopped:
            self.partial = True
            capacity = capacity_limit(base.plant, base.released, base.saturated, probes, self.level)
        limit = limit_of(base.plant, base.released, base.saturated, capacity, self.level)
        measure = chosen_measure(base.released, limit, by)
        rules = base.plant.release_rules()
        if not base.released.steady and not rules <= {"conwip", "saturated", "drum"}:
            self.warnings.append("work in process keeps growing: more comes in than goes out; cycle times grow with it")
        try:
            for move in self._screened(proposed, measure):
                self._try(move)
        except Stopped:
            self.partial = True
        moves = ranked(self.tried, base, measure)
        flips: list[Flip] = []
        first: tuple[Flip, ...] = ()
        try:
            moves = self._followed(moves)
            if limit.kind in ("machines", "people"):
                flips += time_flip(bench, base, limit, probes)
            flips += demand_flip(bench, base, limit, moves, measure)
            first = measure_first(bench, base, moves, measure)
        except Stopped:
            self.partial = True
        return Study(
            baseline=base.released,
            saturated=base.saturated,
            by=measure,
            limit=limit,
            moves=moves,
            flips=tuple(flips),
            unknown=base.released.unknown,
            warnings=tuple(self.warnings),
            options=self._options(together),
            partial=self.partial,
            capacity_limit=capacity,
            probes=probes,
            measure_first=first,
        )

    def _options(self, together: bool) -> dict[str, object]:
        bench = self.bench
        return {
            "horizon": self.base.released.horizon,
            "warmup": bench.warmup[False],
            "warmup saturated": bench.warmup[True],
            "replications": bench.replications,
            "seed": bench.seed,
            "level": self.level,
            "level of each interval": bench.level,
            "together": together,
            "simulations": bench.done,
        }

    def _open(self) -> None:
        """What must be said before anything else: totals that the model does not reproduce."""
        _, wrong = trust_of(self.base.plant, self.base.released)
        if wrong:
            self.warnings.append("this model does not reproduce your shop: " + "; ".join(wrong))

    def _screened(self, proposed: Sequence[Move], by: Measure) -> Sequence[Move]:
        """Where there are very many moves, those that do most in a few replications; the others are left out, and said so."""
        if len(proposed) <= MOST_MOVES:
            return proposed
        bench, base = self.bench, self.base
        reach: list[tuple[bool, float, int]] = []
        where, name, sign = OF[by]
        saturated = where == "saturated"
        run = base.saturated if saturated else base.released
        whole = run.estimate(name).values[:SCREEN_REPLICATIONS]
        for i, move in enumerate(proposed):
            try:
                made = bench.run(bench.changed(move.edits), saturated=saturated, replications=SCREEN_REPLICATIONS)
                mean = sum(made.estimate(name).values) / len(whole) - sum(whole) / len(whole)
            except (PlantError, SimulationError, KeyError):
                mean = 0.0
            reach.append((move.family != "own move", -sign * mean, i))
        kept = sorted(i for _, _, i in sorted(reach)[:KEPT])
        self.warnings.append(
            f"{len(proposed) - KEPT} of {len(proposed)} moves did least in {SCREEN_REPLICATIONS} replications "
            "and were not taken further; --family shows them"
        )
        return [proposed[i] for i in kept]

    def _try(self, move: Move) -> None:
        bench = self.bench
        try:
            plant = bench.changed(move.edits)
            if (why := passed(self.base.plant, move, plant)) is not None:
                self.warnings.append(f"left out: {move.title}: {why}")
                return
            saturated = bench.run(plant, saturated=True)
            rules = plant.release_rules()
            released = saturated if rules == {"saturated"} else bench.run(plant, saturated=False)
        except (PlantError, SimulationError) as error:
            self.warnings.append(f"left out: {move.title}: {str(error).splitlines()[0]}")
            return
        if (why := passed_when_run(self.base.plant, self.base.released, released)) is not None:
            self.warnings.append(f"left out: {move.title}: {why}")
            return
        family = known_families().get(move.family)
        priced = bool(move.capital or move.yearly)
        spends = priced if move.family == "own move" else priced or family is None or family.spends
        self.tried.append(Tried(move, plant, released, saturated, spends))

    def _followed(self, moves: tuple[RankedMove, ...]) -> tuple[RankedMove, ...]:
        """For the first moves that bring something: what would limit the plant then."""
        by_name = {item.move.name: item for item in self.tried}
        listed = list(moves)
        helpful = [
            i for i, item in enumerate(listed)
            if item.verdict in ("do now", "if you spend") and item.saturated["throughput"].low > 0
        ]  # fmt: skip
        spent = [i for i in helpful if listed[i].verdict == "if you spend"][:FOLLOWED]
        for i in dict.fromkeys([*helpful[:2], *spent]):
            item = by_name[listed[i].move.name]
            probes = probe(
                self.bench,
                item.plant,
                item.saturated,
                most=FOLLOWED_PROBES,
                replications=FOLLOWED_REPLICATIONS,
            )
            then = capacity_limit(item.plant, item.released, item.saturated, probes, self.level)
            listed[i] = replace(listed[i], next_limit=then.subject)
        return tuple(listed)


__all__ = ["chosen_measure", "effect", "improve"]
