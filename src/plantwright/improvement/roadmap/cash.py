"""What a plan brings: cash by scenario and period, net present value, the mean of the worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plantwright.improvement.roadmap.problem import Floats, Problem
from plantwright.improvement.roadmap.sharing import brought

Starts = Sequence[int | None]
"""For each move the quarter in which it starts, from 0 on; None where it is not made."""


@dataclass(frozen=True, eq=False)
class Worth:
    """What a plan is worth: ``by_scenario`` net present values, their ``mean``, and the mean of the ``worst``."""

    by_scenario: Floats
    mean: float
    worst: float

    def objective(self, weight: float) -> float:
        """What the programme makes greatest."""
        return (1 - weight) * self.mean + weight * self.worst


def in_force(problem: Problem, starts: Starts) -> Floats:
    """items x periods: how much of each move, and then of each set of moves together, is in force."""
    moves = np.array(
        [
            problem.shares[j, start] if start is not None else np.zeros(problem.quarters + 1)
            for j, start in enumerate(starts)
        ]
    ).reshape(len(problem.moves), problem.quarters + 1)
    sets = [
        np.min([moves[[problem.place[name] for name in part]].max(axis=0) for part in item.parts], axis=0)
        for item in problem.together
    ]
    return np.vstack([moves, *sets]) if sets else moves


def matrices(problem: Problem) -> tuple[Floats, Floats]:
    """scenarios x items: what each brings by selling more, and otherwise; money a year."""
    selling = np.column_stack([problem.selling, *(item.selling for item in problem.together)])
    other = np.column_stack([problem.other, *(item.other for item in problem.together)])
    return selling, other


def yearly_costs(problem: Problem, starts: Starts) -> Floats:
    """periods: money a year that the moves of a plan cost."""
    rows = [problem.moves[j].yearly * problem.paid[j, start] for j, start in enumerate(starts) if start is not None]
    made: Floats = np.sum(rows, axis=0) if rows else np.zeros(problem.quarters + 1)
    return made


def cash(problem: Problem, starts: Starts) -> Floats:
    """scenarios x periods: money a year that a plan brings, its yearly costs gone off, its capital not."""
    selling, other = matrices(problem)
    force = in_force(problem, starts)
    made: Floats = brought(problem.groups, selling, force) + other @ force - yearly_costs(problem, starts)
    return made


def capital(problem: Problem, starts: Starts) -> Floats:
    """quarters: the capital that a plan spends."""
    spent = np.zeros(problem.quarters)
    for move, start in zip(problem.moves, starts, strict=True):
        if start is not None:
            spent[start] += move.capital
    return spent


def effort(problem: Problem, starts: Starts) -> Floats:
    """quarters: the change that the plant takes in each."""
    made = np.zeros(problem.quarters)
    for j, start in enumerate(starts):
        if start is not None:
            made[start : start + int(problem.busy[j])] += problem.moves[j].effort
    return made


def worth(problem: Problem, starts: Starts) -> Worth:
    """The net present value of a plan in each scenario."""
    paid = sum(problem.outlay[j, start] for j, start in enumerate(starts) if start is not None)
    values: Floats = cash(problem, starts) @ problem.weights - paid
    return Worth(values, float(values.mean()), float(tail_weights(values, problem.tail) @ values))


def tail_weights(values: Floats, tail: float) -> Floats:
    """What each scenario counts in the mean of the worst `tail` of them; they sum to one."""
    each = 1 / len(values)
    weights = np.zeros(len(values))
    left = tail
    for k in np.argsort(values, kind="stable"):
        weights[k] = min(each, left)
        left -= weights[k]
        if left <= 1e-15:
            break
    made: Floats = weights / tail
    return made


def keeps_the_rules(problem: Problem, starts: Starts, slack: float = 1e-6) -> bool:
    """Whether a plan stays within the budget, the change that the plant takes, and what moves need and exclude; not its risk."""
    chosen = {move.name: start for move, start in zip(problem.moves, starts, strict=True) if start is not None}
    for move in problem.moves:
        if move.name not in chosen:
            if move.required:
                return False
            continue
        if any(name not in chosen or chosen[name] > chosen[move.name] for name in move.needs):
            return False
        if any(name in chosen for name in move.excludes):
            return False
    if (effort(problem, starts) > problem.at_once * (1 + slack) + slack).any():
        return False
    spent = capital(problem, starts)
    room = slack * max(1.0, float(spent.sum()))
    if problem.by_quarter is not None and (spent > np.array(problem.by_quarter) + room).any():
        return False
    return bool((np.cumsum(spent) <= purse(problem, starts) + room).all())


def purse(problem: Problem, starts: Starts) -> Floats:
    """quarters: the capital that may have been spent by each, what was brought before it included where that may be reinvested."""
    brought = np.zeros(problem.quarters)
    if problem.reinvest:
        each = cash(problem, starts).mean(axis=0)[:-1] / 4
        brought[1:] = np.cumsum(each)[:-1]
    return problem.budget + brought
