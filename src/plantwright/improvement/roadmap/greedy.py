"""A first plan without a solver: moves one by one, each as early as it may be, as long as each makes the plan better."""

from __future__ import annotations

from plantwright.improvement.roadmap.cash import Starts, keeps_the_rules, worth
from plantwright.improvement.roadmap.problem import Problem


def greedy(problem: Problem) -> Starts:
    """A plan that keeps the rules, or does nothing.

    Moves are tried in the order of what each alone is worth for its capital; those that must be made first.
    """
    count = len(problem.moves)
    alone: list[tuple[bool, float, int]] = []
    for j, move in enumerate(problem.moves):
        starts: list[int | None] = [None] * count
        starts[j] = 0
        made = worth(problem, starts)
        alone.append((not move.required, -made.mean / max(move.capital, 1e-9 + abs(made.mean) / 10), j))
    chosen: list[int | None] = [None] * count
    best = worth(problem, chosen).objective(problem.weight)
    must = any(move.required for move in problem.moves)
    for optional, _, j in sorted(alone):
        for quarter in range(problem.quarters):
            tried = list(chosen)
            tried[j] = quarter
            if not optional and must:
                # Until all that must be made is there, no plan keeps the rules; they are checked at the end.
                chosen = tried
                break
            if not keeps_the_rules(problem, tried):
                continue
            made = worth(problem, tried)
            if problem.least is not None and made.worst < problem.least:
                continue
            if made.objective(problem.weight) > best:
                chosen, best = tried, made.objective(problem.weight)
                break
    return chosen


def settled(problem: Problem, starts: Starts) -> Starts:
    """A plan that breaks a rule with its moves put off, in order of time, until each keeps them; those that never do are left out."""
    chosen: list[int | None] = [None] * len(starts)
    for start, j in sorted((s, j) for j, s in enumerate(starts) if s is not None):
        for quarter in range(start, problem.quarters):
            chosen[j] = quarter
            if keeps_the_rules(problem, chosen):
                break
        else:
            chosen[j] = None
    return chosen
