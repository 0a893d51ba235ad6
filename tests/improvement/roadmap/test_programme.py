"""The programme chooses what trying every schedule chooses; its bound is above; what cannot be is told in words."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plantwright.errors import InputError
from plantwright.improvement.roadmap.cash import tail_weights, worth
from plantwright.improvement.roadmap.problem import Candidate, Problem, Together
from plantwright.improvement.roadmap.solving import Solver, bound, solve

from .enumerated import best, mean_of_worst, net_present_values


def problem(moves: list[Candidate], effects: Any, **options: Any) -> Problem:
    """A problem whose moves bring `effects` (money a year; moves, or scenarios x moves) otherwise than by selling more."""
    other = np.atleast_2d(np.array(effects, float))
    ceiling = np.full(len(other), math.inf)
    return Problem(tuple(moves), np.zeros_like(other), other, ceiling, **options)


def test_one_move_is_worth_its_gain_less_its_capital() -> None:
    # 100 a year for a year from the second quarter on (lead time of one), less 40: 3/4 x 100 - 40 = 35.
    one = problem([Candidate("a", capital=40, lead_time=1)], [100], quarters=4)
    plan = solve(one)
    assert plan.starts == {"a": 0}
    assert plan.value == pytest.approx(35)
    assert plan.gap == 0


def test_a_ramp_brings_half_of_its_time() -> None:
    # In the first two quarters 1/8 and 3/8 of 400 a year, then 1/4 of 400 a quarter.
    one = problem([Candidate("a", ramp_up=2)], [400], quarters=3)
    assert solve(one).value == pytest.approx(100 * (0.25 + 0.75 + 1))


def test_discounted_for_ever_is_the_perpetuity() -> None:
    # Paid evenly, 100 a year for ever at 10 % a year is worth 100 / ln 1.1.
    quarterly = 1.1**0.25 - 1
    one = problem([Candidate("a")], [100], quarters=2, discount=quarterly, after=math.inf)
    assert solve(one).value == pytest.approx(100 / math.log(1.1))


def test_a_late_ramp_counts_after_the_last_quarter() -> None:
    # Lead time of 4 quarters, the plan has 2, 4 more are counted: in force in the last two of six.
    one = problem([Candidate("a", lead_time=4)], [100], quarters=2, after=4)
    assert solve(one).value == pytest.approx(50)


def test_two_moves_that_only_help_together() -> None:
    moves = [Candidate("a", capital=10), Candidate("b", capital=10), Candidate("c", capital=15)]
    both = Together(("a", "b"), np.array([100.0]), np.zeros(1))
    three = problem(moves, [0, 0, 30], quarters=4, together=(both,), budget=20)
    assert set(solve(three).starts) == {"a", "b"}
    assert set(solve(replace(three, budget=19)).starts) == {"c"}


def test_two_moves_that_do_the_same_are_not_both_bought() -> None:
    moves = [Candidate("a", capital=10), Candidate("b", capital=10)]
    same = Together(("a", "b"), np.array([-50.0]), np.zeros(1))
    plan = solve(problem(moves, [50, 49], quarters=4, together=(same,)))
    assert set(plan.starts) == {"a"}


def test_a_move_that_pays_only_before_another() -> None:
    # The gauge brings 80 a year until the line is new, which takes a year and undoes it: worth having in the first year alone.
    moves = [Candidate("gauge", capital=30), Candidate("new line", capital=100, lead_time=4)]
    undone = Together(("gauge", "new line"), np.array([-80.0]), np.zeros(1))
    both = problem(moves, [80, 200], quarters=8, together=(undone,))
    plan = solve(both)
    assert plan.starts == {"gauge": 0, "new line": 0}
    assert plan.value == pytest.approx(80 - 30 + 200 - 100)
    there = solve(
        problem(
            [moves[0], Candidate("new line", capital=100, required=True)], [80, 200], quarters=8, together=(undone,)
        )
    )
    assert there.starts == {"new line": 0}


def test_demand_leaves_the_second_machine_nothing_to_sell() -> None:
    moves = (Candidate("a", capital=10), Candidate("b", capital=10))
    one = Problem(moves, np.array([[60.0, 55.0]]), np.zeros((1, 2)), np.array([65.0]), quarters=4)
    plan = solve(one)
    assert plan.starts == {"a": 0}
    assert plan.value == pytest.approx(50)


def test_the_plant_takes_one_change_at_a_time() -> None:
    moves = [Candidate("a", lead_time=2), Candidate("b", lead_time=2)]
    plan = solve(problem(moves, [100, 50], quarters=6, at_once=1.0))
    assert plan.starts == {"a": 0, "b": 2}


def test_what_it_brings_is_spent_on_the_next() -> None:
    # 40 a year from the first: after two quarters it has brought the 20 that the other costs.
    moves = [Candidate("small", capital=10), Candidate("large", capital=20)]
    poor = problem(moves, [40, 400], quarters=6, budget=10)
    assert solve(poor).starts == {"small": 0}
    assert solve(replace(poor, reinvest=True)).starts == {"small": 0, "large": 2}


def test_risk_is_kept_in_bounds() -> None:
    # The gamble is worth 100 in the mean, and loses 200 in one of four scenarios; the safe move brings 40 in each.
    effects = [[200, 40], [200, 40], [200, 40], [-200, 40]]
    moves = [Candidate("gamble", excludes=("safe",)), Candidate("safe")]
    bold = problem(moves, effects, quarters=4, tail=0.25)
    assert solve(bold).starts == {"gamble": 0}
    assert solve(bold).worst == pytest.approx(-200)
    assert solve(replace(bold, least=0.0)).starts == {"safe": 0}
    # With three quarters of the weight on the worst, 0.25 x 100 - 0.75 x 200 is less than 40.
    assert solve(replace(bold, weight=0.75)).starts == {"safe": 0}


def test_the_mean_of_the_worst_is_the_direct_one() -> None:
    values = np.array([5.0, -1.0, 3.0, 2.0, 9.0])
    # The worst half of five values: -1, 2 and half of 3.
    assert float(tail_weights(values, 0.5) @ values) == pytest.approx((-1 + 2 + 1.5) / 2.5)
    assert float(tail_weights(values, 0.2) @ values) == pytest.approx(-1)
    assert float(tail_weights(values, 1.0) @ values) == pytest.approx(values.mean())


def test_all_that_is_wrong_is_told_at_once() -> None:
    moves = [Candidate("a", needs=("ghost",)), Candidate("b")]
    bad = problem(moves, [1, 1], quarters=4, budget=-1, tail=2, at_once=0.0, discount=-2)
    with pytest.raises(InputError) as error:
        solve(bad)
    assert {item.code for item in error.value.problems} == {"PW4070", "PW4072", "PW4073", "PW4074", "PW4075"}


def test_what_must_be_made_and_cannot_be_is_told_in_words() -> None:
    moves = [
        Candidate("a", capital=80, required=True, excludes=("b",)),
        Candidate("b", capital=40, required=True, effort=3.0),
    ]
    with pytest.raises(InputError) as error:
        solve(problem(moves, [1, 1], quarters=4, budget=100, at_once=2.0))
    told = str(error.value)
    assert "must be made, and so must 'b', which it excludes" in told
    assert "is a change of 3, and the plant takes 2 at once" in told
    assert "costs 120, and the budget is 100: a, b" in told


def test_a_bound_on_risk_that_nothing_reaches_has_no_plan() -> None:
    risky = problem([Candidate("a")], [[100], [-100]], quarters=4, tail=0.5, least=10.0)
    with pytest.raises(InputError, match="at least 10 in the mean of the worst 50%"):
        solve(risky)


amounts = st.integers(-4, 12).map(lambda n: n * 10.0)


@st.composite
def small_problems(draw: st.DrawFn) -> Problem:
    """Up to four moves in up to three quarters, with everything that a problem may have."""
    count = draw(st.integers(1, 4))
    quarters = draw(st.integers(1, 3 if count < 4 else 2))
    scenarios = draw(st.integers(1, 4))
    names = [f"m{j}" for j in range(count)]
    moves = []
    for j in range(count):
        others = [name for name in names if name != names[j]]
        needs = tuple(draw(st.lists(st.sampled_from(names[:j]), max_size=1))) if j else ()
        excludes = tuple(draw(st.lists(st.sampled_from(others), max_size=1))) if others and draw(st.booleans()) else ()
        moves.append(
            Candidate(
                names[j], draw(st.integers(0, 8)) * 5.0, draw(st.integers(0, 2)) * 5.0, float(draw(st.integers(0, 2))),
                float(draw(st.integers(0, 2))), float(draw(st.integers(1, 2))), needs, excludes, draw(st.integers(0, 9)) == 0,
            )
        )  # fmt: skip
    table = st.lists(st.lists(amounts, min_size=count, max_size=count), min_size=scenarios, max_size=scenarios)
    each = st.lists(amounts, min_size=scenarios, max_size=scenarios)
    sets = []
    if count > 1 and draw(st.booleans()):
        members = draw(st.lists(st.sampled_from(names), min_size=2, max_size=3, unique=True))
        sets.append(Together(tuple(members), np.array(draw(each)) - 40, np.array(draw(each)) - 40))
    ceilings = st.one_of(st.just(math.inf), st.integers(0, 12).map(lambda n: n * 10.0))
    return Problem(
        tuple(moves),
        np.array(draw(table)),
        np.array(draw(table)) / 2,
        np.array(draw(st.lists(ceilings, min_size=scenarios, max_size=scenarios))),
        tuple(sets),
        quarters,
        draw(st.sampled_from([0.0, 0.03])),
        float(draw(st.integers(0, 3))),
        draw(st.sampled_from([math.inf, 60.0, 30.0, 0.0])),
        draw(st.sampled_from([None, (25.0,) * quarters])),
        draw(st.booleans()),
        draw(st.sampled_from([math.inf, 2.0, 3.0])),
        draw(st.sampled_from([0.25, 0.5, 1.0])),
        draw(st.sampled_from([None, None, 0.0, -20.0, 15.0])),
        draw(st.sampled_from([0.0, 0.3])),
    )


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(small_problems())
def test_it_finds_what_trying_every_schedule_finds(given_problem: Problem) -> None:
    expected = best(given_problem)
    try:
        plan = solve(given_problem, gap=1e-6)
    except InputError:
        assert expected is None
        return
    assert expected is not None
    close = 1e-3 * max(1.0, abs(expected[0]))
    assert plan.objective == pytest.approx(expected[0], abs=close)
    assert plan.bound >= expected[0] - close
    values = net_present_values(given_problem, plan.starts)
    assert plan.value == pytest.approx(sum(values) / len(values), abs=close)
    assert plan.worst == pytest.approx(mean_of_worst(values, given_problem.tail), abs=close)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(small_problems())
def test_more_budget_is_never_worth_less(given_problem: Problem) -> None:
    given_problem = replace(
        given_problem, moves=tuple(replace(move, required=False) for move in given_problem.moves), least=None
    )
    solver = Solver(given_problem)
    values = [solver.plan(budget, 10.0, 1e-6).objective for budget in (0.0, 20.0, 40.0, 80.0, math.inf)]
    assert all(later >= earlier - 1e-6 * max(1.0, abs(earlier)) for earlier, later in itertools.pairwise(values))


def test_a_generated_problem_has_a_bound_and_a_plan_near_it() -> None:
    from benchmarks.roadmap import generated

    middle = generated(3, moves=20, scenarios=60, quarters=8, pairs=8)
    plan = solve(middle, gap=0.01)
    assert plan.status == "within the gap"
    assert plan.objective <= plan.bound <= bound(middle) * (1 + 1e-9)
    again = worth(middle, [plan.starts.get(move.name) for move in middle.moves])
    assert plan.value == pytest.approx(again.mean)
    assert plan.worst >= -1e-6
