"""Why a problem can have no plan, in words: all reasons at once."""

from __future__ import annotations

import math
from collections.abc import Iterator

from plantwright.errors import Place
from plantwright.errors import Problem as Wrong
from plantwright.improvement.roadmap.problem import Candidate, Problem


def reasons(problem: Problem) -> list[Wrong]:
    """All reasons that can be told without solving; empty where there may be a plan."""
    found = [*_figures(problem), *_names(problem)]
    return found if found else [*_required(problem), *_risk(problem)]


def _wrong(code: str, path: str, reason: str, value: object = None) -> Wrong:
    return Wrong(code, Place(), path, reason, None if value is None else f"{value}")


def _figures(problem: Problem) -> Iterator[Wrong]:
    if not problem.budget >= 0:
        yield _wrong("PW4070", "budget", f"{problem.budget:.10g}: must be nothing or more", problem.budget)
    if problem.by_quarter is not None and (
        len(problem.by_quarter) != problem.quarters or any(not part >= 0 for part in problem.by_quarter)
    ):
        reason = f"{len(problem.by_quarter)} amounts for {problem.quarters} quarters; one for each is wanted, nothing or more"
        yield _wrong("PW4070", "budget by quarter", reason)
    if problem.quarters < 1:
        yield _wrong("PW4071", "quarters", f"{problem.quarters}: at least one is needed", problem.quarters)
    if not problem.discount > -1:
        yield _wrong("PW4072", "discount", f"{problem.discount:.4g}: must be above -100 %", problem.discount)
    if math.isinf(problem.after) and problem.discount <= 0:
        yield _wrong("PW4072", "horizon", "without a discount money is counted up to a horizon; give one of them")
    if not problem.at_once > 0:
        yield _wrong("PW4073", "at once", f"{problem.at_once:.4g}: must be more than nothing", problem.at_once)
    if not 0 < problem.tail <= 1:
        yield _wrong("PW4074", "tail", f"{problem.tail:.4g}: a share above 0 and up to 1 is wanted", problem.tail)
    if not 0 <= problem.weight <= 1:
        yield _wrong("PW4074", "weight of risk", f"{problem.weight:.4g}: a share from 0 to 1 is wanted", problem.weight)


def _names(problem: Problem) -> Iterator[Wrong]:
    for move in problem.moves:
        for word, names in (("needs", move.needs), ("excludes", move.excludes)):
            for name in names:
                if name not in problem.place and (word == "needs"):
                    yield _wrong("PW4075", f"{move.name} > {word}", f"there is no move {name!r}", name)
                if name == move.name:
                    yield _wrong("PW4075", f"{move.name} > {word}", "a move cannot name itself", name)


def _bundle(problem: Problem) -> list[Candidate]:
    """All moves that must be made, with those that they need."""
    found = [move for move in problem.moves if move.required]
    for move in found:
        found += [
            problem.moves[problem.place[name]] for name in move.needs if problem.moves[problem.place[name]] not in found
        ]
    return found


def _required(problem: Problem) -> Iterator[Wrong]:
    must = _bundle(problem)
    names = {move.name for move in must}
    for move in must:
        for name in move.excludes:
            if name in names:
                yield _wrong("PW4076", move.name, f"must be made, and so must {name!r}, which it excludes", name)
        if move.effort > problem.at_once:
            reason = f"is a change of {move.effort:.4g}, and the plant takes {problem.at_once:.4g} at once"
            yield _wrong("PW4077", move.name, reason)
        if problem.by_quarter is not None and not problem.reinvest and move.capital > max(problem.by_quarter):
            reason = f"costs {move.capital:.10g}, and no quarter has more than {max(problem.by_quarter):.10g}"
            yield _wrong("PW4078", move.name, reason)
    whole = sum(move.capital for move in must)
    if whole > problem.budget and not problem.reinvest:
        reason = (
            f"what must be made costs {whole:.10g}, and the budget is {problem.budget:.10g}: {', '.join(sorted(names))}"
        )
        yield _wrong("PW4078", "budget", reason)
    # A move may still be in its lead time when the quarters are over, but begins within them.
    change, room = sum(move.effort for move in must), problem.at_once * problem.quarters
    if change > room:
        reason = f"what must be made is a change of {change:.4g}, and {problem.quarters} quarters take {room:.4g}"
        yield _wrong("PW4077", "at once", reason)


def _risk(problem: Problem) -> Iterator[Wrong]:
    if problem.least is None or problem.least <= 0:
        return
    raised = 0.0 if problem.lowers is None else (-problem.lowers).clip(0).sum(axis=1)
    sold = problem.selling.clip(0).sum(axis=1).clip(max=problem.ceiling + raised)
    most = (sold + problem.other.clip(0).sum(axis=1)) * problem.weights.sum()
    most += sum((item.other + item.selling).clip(0) for item in problem.together) * problem.weights.sum()
    if float(most.mean()) < problem.least:
        most_of_all = f"{float(most.mean()):.10g}"
        reason = f"at least {problem.least:.10g} in the worst cases is asked, and all moves together bring no more than {most_of_all}"
        yield _wrong("PW4079", "least", reason)
