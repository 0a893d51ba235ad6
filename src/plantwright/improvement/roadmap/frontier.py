"""Value against budget: the best plan for one budget after another, and the first move that each buys."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from plantwright.errors import InputError
from plantwright.improvement.roadmap.cash import Starts
from plantwright.improvement.roadmap.result import FrontierStep
from plantwright.improvement.roadmap.solving import Plan, Solver, Stop

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)


def frontier(
    solver: Solver,
    budget: float,
    time_limit: float,
    gap: float,
    stop: Stop | None = None,
    known: Sequence[Starts] = (),
    tell: Callable[[int], None] | None = None,
) -> tuple[FrontierStep, ...]:
    """The efficient frontier around a budget: nothing, shares of it (`SHARES`), and no limit.

    Tangent planes that one budget has found serve the next, and a plan for less is a plan for more: value never falls. Budgets for which no
    plan keeps the rules are left out.
    """
    plans: list[Starts] = list(known)
    unlimited = solver.plan(math.inf, time_limit, gap, stop, plans)
    base = budget if math.isfinite(budget) else spent_by(solver, unlimited)
    made = []
    amounts = (*(share * base for share in SHARES if base > 0 or share == 0.0), math.inf)
    for number, amount in enumerate(amounts, 1):
        if tell is not None:
            tell(number)
        if stop is not None and stop():
            break
        try:
            plan = solver.plan(amount, time_limit, gap, stop, [*plans, starts_of(solver, unlimited)])
        except InputError:
            continue
        plans.append(starts_of(solver, plan))
        made.append(
            FrontierStep(
                budget=amount,
                value=plan.value,
                worst=plan.worst,
                capital=spent_by(solver, plan),
                gap=plan.gap,
                moves=tuple(plan.starts),
                first=first_bought(solver, plan),
            )
        )
    return tuple(made)


def starts_of(solver: Solver, plan: Plan) -> Starts:
    """A plan move by move."""
    return [plan.starts.get(move.name) for move in solver.problem.moves]


def spent_by(solver: Solver, plan: Plan) -> float:
    """The capital of a plan."""
    return sum(move.capital for move in solver.problem.moves if move.name in plan.starts)


def first_bought(solver: Solver, plan: Plan) -> str | None:
    """Of the moves that cost capital, the first in time; of one quarter the one that brings most. Where none does, the first of all."""
    means = (solver.problem.selling + solver.problem.other).mean(axis=0)
    rank = [
        (solver.problem.moves[j].capital <= 0, start, -float(means[j]), name)
        for name, start in plan.starts.items()
        for j in [solver.problem.place[name]]
    ]
    return min(rank)[-1] if rank else None
