"""Every schedule of small problems, not only the best one: the programme admits those that keep the rules, at what they are worth.

A programme that is wrong somewhere can still find the best plan, as plans are worked out exactly and put right afterwards. So each schedule is laid
into the programme by itself and held against `enumerated`, which knows nothing of it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from plantwright.improvement.roadmap.cash import Starts, in_force, keeps_the_rules, tail_weights, worth
from plantwright.improvement.roadmap.problem import Candidate, Floats, Problem, Shared, Together
from plantwright.improvement.roadmap.programme import Programme
from plantwright.improvement.roadmap.solving import Solver, solve

from .enumerated import best, keeps_all, mean_of_worst, net_present_values

RISKY = {"least": -15.0, "weight": 0.3, "tail": 0.4}
GROUPS = (
    Shared(("a", "c"), np.array([40.0, 60.0, 50.0, 80.0, 0.0, 70.0])),
    Shared(("a", "b", "c"), np.array([70.0, 75.0, 60.0, 150.0, 90.0, 70.0])),
)
LOWERS = np.array([[30.0, 0, -15], [70, 0, 10], [0, 0, 20], [120, 0, -40], [0, 10, 0], [25, 0, 0]])
RULES: dict[str, dict[str, Any]] = {
    "none": {},
    "a quarter's discount": {"discount": 0.05, "after": 2.0},
    "a budget": {"budget": 45.0},
    "a budget by quarter": {"by_quarter": (30.0, 25.0, 40.0)},
    "money is spent again": {"budget": 30.0, "reinvest": True},
    "change at once": {"at_once": 2.0},
    "risk": RISKY,
    "moves that relieve the same": {"shared": GROUPS},
    "risk of such moves": {"shared": GROUPS, **RISKY},
    "less is asked": {"lowers": LOWERS},
    "risk where less is asked": {"lowers": LOWERS, "shared": GROUPS, **RISKY},
    "all": {
        "shared": GROUPS[1:],
        "lowers": LOWERS,
        "discount": 0.03,
        "after": 1.0,
        "budget": 40.0,
        "reinvest": True,
        "at_once": 3.0,
        **RISKY,
    },
}


def drawn(seed: int, **options: Any) -> Problem:
    """Three moves in three quarters under six scenarios, one pair that does not add up; the figures are dice."""
    luck = np.random.default_rng(seed)
    moves = (
        Candidate("a", 20.0, 8.0, lead_time=1.0, ramp_up=1.0, effort=2.0),
        Candidate("b", 30.0, 12.0, lead_time=0.0, ramp_up=2.0, excludes=("c",) if seed % 3 == 0 else ()),
        Candidate("c", 15.0, 0.0, lead_time=2.0, effort=1.0, needs=("a",) if seed % 2 else ()),
    )
    return Problem(
        moves,
        luck.uniform(0, 120, (6, 3)).round(),
        luck.uniform(-60, 100, (6, 3)).round(),
        luck.choice([60.0, 110.0, math.inf], 6),
        (
            Together(("a", "b"), luck.uniform(-60, 60, 6).round(), np.zeros(6)),
            Together((("a", "b"), "c"), luck.uniform(-30, 0, 6).round(), luck.uniform(-20, 0, 6).round()),
        ),
        quarters=3,
        **options,
    )


def all_starts(problem: Problem) -> Iterator[Starts]:
    """Every schedule, those that break a rule as well."""
    return itertools.product([None, *range(problem.quarters)], repeat=len(problem.moves))


def named(problem: Problem, starts: Starts) -> dict[str, int]:
    return {move.name: s for move, s in zip(problem.moves, starts, strict=True) if s is not None}


def laid_in(problem: Problem, starts: Starts) -> float | None:
    """What the programme says of one schedule, with the planes made at it; None where it does not admit it."""
    from scipy.optimize import Bounds, milp

    programme = Programme(problem)
    point = programme.values_of(starts, in_force(problem, starts))
    programme.tighten(point, 0.0)
    bounds = programme.bounds()
    whole = point[: programme.first_force]
    fixed = Bounds(
        np.concatenate([whole, bounds.lb[programme.first_force :]]),
        np.concatenate([whole, bounds.ub[programme.first_force :]]),
    )
    found = milp(-programme.objective(), bounds=fixed, constraints=programme.constraint(problem.budget, problem.least))
    return None if found.status == 2 else -float(found.fun) * programme.scale


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("seed", [2, 3])
def test_the_programme_admits_what_keeps_the_rules_at_what_it_is_worth(rules: str, seed: int) -> None:
    problem = drawn(seed, **RULES[rules])
    admitted = 0
    for starts in all_starts(problem):
        schedule = named(problem, starts)
        values = net_present_values(problem, schedule)
        worst = mean_of_worst(values, problem.tail)
        allowed = keeps_all(problem, schedule)
        assert keeps_the_rules(problem, starts) == allowed, schedule
        exact = worth(problem, starts)
        assert exact.by_scenario == pytest.approx(values, abs=0.05), schedule
        assert exact.worst == pytest.approx(worst, abs=0.05), schedule
        told = laid_in(problem, starts)
        if problem.least is not None and abs(worst - problem.least) < 0.1:
            continue
        assert (told is not None) == (allowed and (problem.least is None or worst > problem.least)), schedule
        if told is not None:
            mean = sum(values) / len(values)
            assert told == pytest.approx((1 - problem.weight) * mean + problem.weight * worst, abs=0.05), schedule
            admitted += 1
    assert admitted > 1


@pytest.mark.parametrize("rules", RULES)
def test_no_plan_is_above_the_bound_and_the_best_is_found_without_a_gap(rules: str) -> None:
    # Without the plans that the solver puts right by itself nothing is left of the gap: a row too loose would leave one.
    problem = drawn(4, **RULES[rules])
    found = best(problem)
    assert found is not None
    plan = solve(problem, gap=1e-6)
    assert plan.objective == pytest.approx(found[0], abs=0.05)
    assert plan.gap <= 2e-4
    assert Solver(problem).bound(problem.budget) >= found[0] - 0.05


def in_scenario(problem: Problem, starts: Floats, force: Floats) -> list[float]:
    """Net present values where moves may be in force in part, added up period by period."""
    values = []
    for s in range(len(problem.ceiling)):
        total = 0.0
        for p, years in enumerate(problem.weights):
            sold = sum(problem.selling[s, j] * force[j, p] for j in range(len(problem.moves)))
            rest = sum(problem.other[s, j] * force[j, p] for j in range(len(problem.moves)))
            for k, item in enumerate(problem.together):
                sold += item.selling[s] * force[len(problem.moves) + k, p]
                rest += item.other[s] * force[len(problem.moves) + k, p]
            paid = sum(
                problem.moves[j].yearly * problem.paid[j, q, p] * starts[j, q]
                for j in range(len(problem.moves))
                for q in range(problem.quarters)
            )
            total += (min(sold, problem.ceiling[s]) + rest - paid) * years
        total -= sum(
            problem.moves[j].capital * starts[j, q] / (1 + problem.discount) ** q
            for j in range(len(problem.moves))
            for q in range(problem.quarters)
        )
        values.append(total)
    return values


@pytest.mark.parametrize("seed", range(6))
def test_a_plane_of_the_worst_touches_the_truth_where_it_was_made_and_is_above_it_elsewhere(seed: int) -> None:
    # A concave function lies under each of its tangents (Rockafellar and Uryasev 2000: so is the mean of the worst).
    problem = drawn(seed, **RISKY, discount=0.04, after=3.0)
    programme, luck = Programme(problem), np.random.default_rng(seed)
    items, periods = programme.items, programme.periods

    def point() -> tuple[Floats, Floats, float]:
        starts, force = luck.dirichlet(np.ones(4), 3)[:, :3], luck.random((items, periods))
        return starts, force, mean_of_worst(in_scenario(problem, starts, force), problem.tail)

    def told(starts: Floats, force: Floats) -> float:
        plane = programme.worst_planes[-1]
        return programme.scale * float(plane.at @ force.ravel() + plane.free - (programme.costs * starts).sum())

    for _ in range(20):
        starts, force, truth = point()
        values = np.full(programme.columns, np.inf)
        values[: programme.first_force], values[programme.first_force : programme.first_sold] = (
            starts.ravel(),
            force.ravel(),
        )
        programme.tighten(values, 0.0)
        assert told(starts, force) == pytest.approx(truth, abs=1e-6)
        for _ in range(20):
            other_starts, other_force, there = point()
            assert told(other_starts, other_force) >= there - 1e-6


def test_yearly_costs_are_not_there_to_be_spent_again() -> None:
    # 40 a year less 20 is 5 a quarter: the 20 that the large one costs are there after four quarters, and without the cost after two.
    moves = (Candidate("small", capital=10, yearly=20), Candidate("large", capital=20))
    one = Problem(
        moves, np.zeros((1, 2)), np.array([[40.0, 400.0]]), np.array([math.inf]), quarters=6, budget=10, reinvest=True
    )
    plan = solve(one, gap=1e-6)
    assert plan.starts == {"small": 0, "large": 4}
    assert plan.value == pytest.approx(6 * 5 - 10 + 2 * 100 - 20)
    assert plan.bound == pytest.approx(plan.value, rel=1e-3)
    free = replace(one, moves=(replace(moves[0], yearly=0.0), moves[1]))
    assert solve(free, gap=1e-6).starts == {"small": 0, "large": 2}


def test_what_is_sold_more_is_there_to_be_spent_again_in_the_mean_of_the_scenarios() -> None:
    # 80 a year in one scenario and 40 in the other, where demand ends there: 60 in the mean, 15 a quarter; 30 are there after two.
    moves = (Candidate("small", capital=10), Candidate("large", capital=30))
    one = Problem(
        moves, np.array([[80.0, 0.0], [80.0, 0.0]]), np.array([[0.0, 400.0]] * 2), np.array([math.inf, 40.0]), quarters=6,
        budget=10, reinvest=True,
    )  # fmt: skip
    assert solve(one, gap=1e-6).starts == {"small": 0, "large": 2}


def test_a_change_takes_room_in_every_quarter_that_has_begun_of_its_lead_time() -> None:
    # A lead time of a quarter and a half takes room in two quarters, none takes it in one.
    moves = (Candidate("a", lead_time=1.5), Candidate("b"), Candidate("c"))
    one = Problem(
        moves, np.zeros((1, 3)), np.array([[1000.0, 50.0, 40.0]]), np.array([math.inf]), quarters=6, at_once=1.0
    )
    assert solve(one, gap=1e-6).starts == {"a": 0, "b": 2, "c": 3}


def test_the_worst_of_equal_scenarios_counts_in_part() -> None:
    # The worst 30 % of five scenarios: all of the worst (a fifth) and half of the next (a tenth).
    weights = tail_weights(np.array([4.0, 1.0, 2.0, 9.0, 8.0]), 0.3)
    assert weights == pytest.approx([0, 2 / 3, 1 / 3, 0, 0])
