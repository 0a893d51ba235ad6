"""Solve a problem: a bound by tangent planes, then a plan in whole moves, with the gap between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from plantwright.errors import InputError, Place
from plantwright.errors import Problem as Wrong
from plantwright.improvement.roadmap.cash import Starts, Worth, in_force, keeps_the_rules, worth
from plantwright.improvement.roadmap.greedy import greedy, settled
from plantwright.improvement.roadmap.problem import Problem
from plantwright.improvement.roadmap.programme import Programme

MOST_PLANES, MOST_LOOKS = 60, 40
"""Rounds of tangent planes for the bound; and whole plans that are looked at."""
NODES_A_SECOND = 8
"""So many nodes of HiGHS's search stand for a second of the solver: nodes are the same on a busy machine, so that the plan is, too."""
SLOW = 20.0
"""A look that takes so many times its seconds is cut short by the clock after all."""
FINE = 2e-3
"""The bound is brought down until its promise and the truth differ by no more than this share."""

Status = Literal["within the gap", "best found"]
Stop = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class Plan:
    """Which move starts in which quarter.

    ``starts``: by name, from 0 on, in order of time; moves that are not made are not there. ``value`` is its expected net present value,
    ``worst`` the mean of the worst scenarios, ``worth`` the whole. No plan brings more than ``bound`` (of what is made greatest), and
    ``gap`` is how far that is above this plan, as a share of it. ``status``: whether the gap that was asked was reached.
    """

    starts: dict[str, int]
    worth: Worth
    objective: float
    bound: float
    gap: float
    status: Status

    @property
    def value(self) -> float:
        """The expected net present value."""
        return self.worth.mean

    @property
    def worst(self) -> float:
        """The mean net present value of the worst scenarios."""
        return self.worth.worst


def bound(problem: Problem) -> float:
    """What no plan can bring more than: the programme without whole numbers. Raises as `solve`."""
    _refuse(problem.wrong())
    return Solver(problem).bound(problem.budget)


def solve(problem: Problem, *, time_limit: float = 30.0, gap: float = 0.02, stop: Stop | None = None) -> Plan:
    """The plan with the greatest expected net present value within its bounds.

    Parameters
    ----------
    problem : Problem
    time_limit : float
        Seconds of the solver, about: counted in nodes of its search, and by the clock only where they take several times as long.
    gap : float
        Good enough: as a share of what the plan brings.
    stop : callable, optional
        Asked between looks; the best plan so far is the answer where it says so.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        Where no plan keeps all the rules, with all reasons that can be told.
    """
    _refuse(problem.wrong())
    return Solver(problem).plan(problem.budget, time_limit, gap, stop)


def _refuse(wrong: Sequence[Wrong]) -> None:
    if wrong:
        raise InputError(wrong)


class Solver:
    """Solves a problem for one budget after another; what it has learnt of the truth stays."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.programme = Programme(problem)

    def bound(self, budget: float, precision: float = FINE) -> float:
        """No plan brings more. Raises InputError where there is none at all."""
        programme = self.programme
        best = np.inf
        for _ in range(MOST_PLANES):
            found = self._solved(budget, {}, whole=False)
            best = min(best, self._told(found.fun))
            if not programme.tighten(found.x, precision * max(1e-9, abs(found.fun))):
                break
        return best

    def plan(
        self,
        budget: float,
        time_limit: float,
        gap: float,
        stop: Stop | None = None,
        known: Iterable[Starts] = (),
    ) -> Plan:
        """The best plan for a budget; `known` plans are considered, too, where they keep its rules."""
        problem, programme = self.problem.with_budget(budget), self.programme
        upper = self.bound(budget)
        best: tuple[float, Starts, Worth] | None = None
        for starts in (greedy(problem), [None] * len(problem.moves), *known):
            best = self._better(problem, best, starts)
        left = time_limit
        for _ in range(MOST_LOOKS):
            if best is not None and _gap(upper, best[0]) <= gap:
                break
            if stop is not None and stop():
                break
            spent = left / 2
            try:
                options = {
                    "node_limit": max(1, round(NODES_A_SECOND * spent)), "time_limit": SLOW * spent, "mip_rel_gap": gap / 4,
                }  # fmt: skip
                found = self._solved(budget, options, whole=True)
            except InputError:
                if best is None:
                    raise
                break
            if found.mip_dual_bound is not None:
                upper = min(upper, self._told(found.mip_dual_bound))
            # Nobody looks at a clock here: a look that was not cut short is taken to be a quick one.
            left -= spent if found.status == 1 else time_limit / MOST_LOOKS
            if found.x is None or left <= 0:
                break
            starts = programme.starts_of(found.x)
            for one in (starts, settled(problem, starts)):
                best = self._better(problem, best, one)
            self._tighten(starts)
        if best is None:
            raise InputError([_no_plan(problem)])
        return self._told_plan(best, max(upper, best[0]), gap)

    def _better(
        self, problem: Problem, best: tuple[float, Starts, Worth] | None, starts: Starts
    ) -> tuple[float, Starts, Worth] | None:
        """The better of the best so far and another plan that may not keep the rules."""
        if not keeps_the_rules(problem, starts):
            return best
        made = worth(problem, starts)
        slack = 1e-9 * max(1.0, abs(made.worst))
        if problem.least is not None and made.worst < problem.least - slack:
            return best
        value = made.objective(problem.weight)
        return (value, starts, made) if best is None or value > best[0] else best

    def _tighten(self, starts: Starts) -> None:
        """Planes at a whole plan."""
        self.programme.tighten(self.programme.values_of(starts, in_force(self.problem, starts)), 0.0)

    def _solved(self, budget: float, options: Any, *, whole: bool) -> Any:
        from scipy.optimize import milp

        programme = self.programme
        integrality = np.zeros(programme.columns, np.int64)
        integrality[: programme.first_force] = int(whole)
        found = milp(
            -programme.objective(),
            integrality=integrality,
            bounds=programme.bounds(),
            constraints=programme.constraint(budget, self.problem.least),
            options=options,
        )
        if found.status == 2:
            raise InputError([_no_plan(self.problem.with_budget(budget))])
        return found

    def _told(self, negative: float) -> float:
        return -float(negative) * self.programme.scale

    def _told_plan(self, best: tuple[float, Starts, Worth], upper: float, gap: float) -> Plan:
        value, starts, made = best
        order = sorted((s, j) for j, s in enumerate(starts) if s is not None)
        reached = _gap(upper, value)
        return Plan(
            starts={self.problem.moves[j].name: s for s, j in order},
            worth=made,
            objective=value,
            bound=upper,
            gap=reached,
            status="within the gap" if reached <= gap * (1 + 1e-9) else "best found",
        )


def _gap(upper: float, value: float) -> float:
    """How far a bound lies above a plan, as a share of the plan's value; infinite where the plan is worth nothing and the bound is."""
    above = max(0.0, upper - value)
    if above <= 1e-9 * max(1.0, abs(upper)):
        return 0.0
    return above / abs(value) if value else np.inf


def _no_plan(problem: Problem) -> Wrong:
    """Why there is no plan, where no single reason could be told."""
    reason = "no plan keeps all of these together: the budget, the change at once, what must be made"
    if problem.least is not None:
        reason += f", and at least {problem.least:.10g} in the mean of the worst {problem.tail:.0%} of the scenarios"
    return Wrong("PW4080", Place(), "roadmap", f"{reason}; loosen one of them")
