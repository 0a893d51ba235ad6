"""Plan a roadmap: choose, simulate what was chosen, learn where it does not add up, and choose again."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

import numpy as np

from plantwright.errors import InputError, Place
from plantwright.errors import Problem as Wrong
from plantwright.improvement.bench import Stopped
from plantwright.improvement.roadmap.candidates import Measured, chosen_from
from plantwright.improvement.roadmap.learning import learn_pairs, worth_considering
from plantwright.improvement.roadmap.parts import Parts
from plantwright.improvement.roadmap.problem import Candidate, Problem
from plantwright.improvement.roadmap.result import Roadmap
from plantwright.improvement.roadmap.rounds import Planning, Progress
from plantwright.improvement.roadmap.scenarios import as_given, drawn_effects
from plantwright.improvement.roadmap.sequence import Sequences
from plantwright.improvement.study import Study
from plantwright.improvement.worth import YEARS, money_of
from plantwright.plant.plant import Plant
from plantwright.simulation.economics import YEAR
from plantwright.simulation.replicate import Cancel

AGREEMENT = 0.02
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
    executor: Executor | None = None,
    enough: Callable[[], bool] | None = None,
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
    progress, cancel, threads, executor
        As `improve` takes them. What goes on through the changes of a plan, quarter by quarter, runs on threads here.
    enough : callable, optional
        Asked between rounds; no other is begun where it says so, and the best plan so far is the answer.
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

        study = improve(
            plant,
            progress=_part(progress, 0, STUDIED),
            cancel=cancel,
            threads=threads,
            executor=executor,
            enough=enough,
            **options,
        )
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
    sequences = Sequences(
        plant, study, {item.move.name: item.move for item in moves}, quarters, threads, cancel, executor
    )
    parts = Parts(moves, as_given(plant, study, moves))
    partial = False
    try:
        learn_pairs(parts, study, sequences)
    except (Stopped, KeyboardInterrupt):
        partial = True
        cancel.stop()
    useless = worth_considering(parts, study)
    kept = [j for j, item in enumerate(moves) if item.move.name not in useless]
    moves = tuple(moves[j] for j in kept)
    shape = replace(shape, moves=tuple(_among(item.candidate, moves) for item in moves))
    parts = parts.of(moves, as_given(plant, study, moves))
    drawn = drawn_effects(plant, study, moves, scenarios, study.baseline.seed)
    planning = Planning(
        shape, moves, parts, drawn, sequences, agreement, gap, time_limit, progress, study.baseline.level, partial=partial,
        enough=enough,
    )  # fmt: skip
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
