"""Improve a plant: run it, find what limits it, try every move on the same luck, and rank them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from plantwright.errors import InputError, Interrupted, Place, Problem
from plantwright.improvement.bench import Bench, Progress, Stopped, found
from plantwright.improvement.contest import Watch
from plantwright.improvement.families import all_families as known_families
from plantwright.improvement.families import propose
from plantwright.improvement.keeping import take
from plantwright.improvement.ranking import OF, Base
from plantwright.improvement.session import Session, Wanted
from plantwright.improvement.study import Limit, Measure, Move, Study
from plantwright.plant.document import collector_seldom
from plantwright.plant.plant import Plant
from plantwright.simulation.replicate import FROM_THE_START, Cancel, horizon_of, seconds_of
from plantwright.simulation.run import Run
from plantwright.simulation.statistics import simultaneous


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
    zone: float | None = None,
    budget: int | None = None,
    enough: Callable[[], bool] | None = None,
    resume: Mapping[str, Any] | None = None,
    watch: Watch | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
) -> Study:
    """Rank the moves that a plant could make.

    Effects are paired differences to the plant as it is, replication by replication, on the same luck. All moves are simulated a few times;
    then those that are surely not the best are ruled out, stage by stage (`selection.KimNelson`), until one is left or what is
    left is too close to call. The first ones and the user's own are simulated `replications` times, as released and saturated.

    Parameters
    ----------
    plant : Plant
    by : str, optional
        ``"cash"`` (net present value), ``"capacity"``, ``"cycle-time"``, ``"on-time"`` or ``"contribution"`` (money a year). If not given:
        cash where there are prices, else capacity where machines or people are the limit, else cycle time.
    horizon, warmup, seed, threads, cancel, executor
        As `plantwright.simulation.simulate` takes them; ``"auto"`` finds the warm-up once, on the baseline.
    replications : int
        Of the plant as it is and of the moves that are told of in full; the closest contenders get more.
    level : float
        Of each interval; with `together`, of all intervals of the ranking's measure together (Bonferroni). It is also the promised
        probability of having chosen the best.
    families : iterable of str, optional
        Only these families of moves.
    moves : sequence of Move, optional
        These moves instead of those that the families propose.
    zone : float, optional
        The smallest difference between two moves that matters, in the unit of the measure; a hundredth of what the plant makes of it, if not
        given.
    budget : int, optional
        So many replications for all moves together, spent by sequential halving; then nothing is promised.
    enough : callable, optional
        Asked between simulations; once it says True, the search comes to its end with what is known.
    resume : mapping, optional
        The document of an earlier study of the same plant, horizon and seed, with what it kept (``{**study.to_dict(), "kept": study.kept}``); what
        it simulated is not simulated again.
    watch : callable, optional
        Called with the titles of the leading moves and what each brings so far, the best first.
    progress : callable, optional
        Called with the simulations done and expected.

    Returns
    -------
    Study
        Partial where it was stopped after the baseline.

    Raises
    ------
    InputError
        For an unknown family, a measure that this plant cannot be ranked by, or a study to go on from that does not fit.
    SimulationError
        If the plant locks up.
    Interrupted
        If it was stopped before the baseline was done.
    """
    proposed = _proposed(plant, families) if moves is None else tuple(moves)
    each = simultaneous(level, len(proposed)) if together else level
    workers = threads if executor is None else executor
    bench = Bench(plant, horizon_of(plant, horizon), replications, seed, each, workers, cancel or Cancel(), progress)
    bench.expected = 2 + 2 * len(proposed) + len(plant.work_centers) + len(plant.people) + 60
    if warmup != "auto":
        bench.warmup = dict.fromkeys((False, True), seconds_of(warmup))
    if resume is not None:
        take(bench, resume)
    released, saturated = _baseline(bench)
    base, wanted = Base(plant, released, saturated, each), Wanted(by, level, together, zone, budget, enough, watch)
    try:
        with collector_seldom():
            return Session(bench, base, wanted).study(proposed, chosen_measure)
    except KeyboardInterrupt:
        # What is known by now is told once more, and nothing else is simulated.
        bench.cancel.stop()
        return Session(bench, base, wanted).study(proposed, chosen_measure)


def _baseline(bench: Bench) -> tuple[Run, Run]:
    """The plant as it is, as released and saturated. Raises Interrupted if it is stopped before both are done."""
    plant = bench.plant
    try:
        released = bench.run(plant, saturated=False)
        saturated = bench.run(plant, saturated=True)
        if released.warmup != saturated.warmup and released.warmup_rule != FROM_THE_START:
            # Only over the same span of time do both have the same luck; a list of orders has only one span.
            bench.warmup = dict.fromkeys((False, True), max(released.warmup, saturated.warmup))
            bench.rule.clear()
            released, saturated = bench.run(plant, saturated=False), bench.run(plant, saturated=True)
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
            return "cash"
        return "capacity" if limit.kind in ("machines", "people") else "cycle-time"
    if wanted not in OF:
        reason = f"unknown measure {wanted!r}; known are {', '.join(OF)}"
        raise InputError([Problem("PW4002", Place(), "by", reason, wanted)])
    where, name, _ = OF[wanted]
    if where == "released" and found(released, name) is None:
        missing = {"on-time": "on time", "contribution": "money", "cash": "money"}.get(wanted, wanted)
        why = released.unknown.get(missing, "nothing was finished in some replication")
        raise InputError([Problem("PW4003", Place(), "by", f"cannot rank by {wanted}: {why}", wanted)])
    return wanted
