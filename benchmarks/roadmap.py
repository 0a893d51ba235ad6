"""How quickly a roadmap is chosen: bounds, plans and gaps on generated problems of 50 moves, 12 quarters and 200 scenarios.

    python -m benchmarks.roadmap [SEED ...]

CPU seconds of one thread. The limits: a bound in 0.5 s, and a plan within 2 % of it in 30 s.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from plantwright.improvement.roadmap.problem import Candidate, Problem, Together
from plantwright.improvement.roadmap.solving import Solver, solve

MOVES, QUARTERS, SCENARIOS, PAIRS = 50, 12, 200, 20
SEEDS = (1, 2, 3, 4, 5)
BOUND_SECONDS, PLAN_SECONDS, GAP = 0.5, 30.0, 0.02


def generated(
    seed: int, moves: int = MOVES, scenarios: int = SCENARIOS, quarters: int = QUARTERS, pairs: int = PAIRS
) -> Problem:
    """Moves of 0 to 800 thousand that bring a tenth to nine tenths of their capital a year, under a demand that is not known."""
    luck = np.random.default_rng(seed)
    capital = np.where(luck.random(moves) < 0.2, 0.0, luck.uniform(20e3, 800e3, moves))
    mean = capital * luck.uniform(0.1, 0.9, moves) + luck.uniform(0, 60e3, moves)
    belief = luck.lognormal(-0.06, 0.35, (scenarios, moves))
    through_sales = luck.random(moves) < 0.7
    effects = mean * belief
    demand = luck.choice([0.4, 1.0, 1.6], scenarios, p=[0.3, 0.4, 0.3]) * luck.lognormal(0, 0.1, scenarios)
    candidates = []
    for j in range(moves):
        needs = (f"move {int(luck.integers(0, j))}",) if j and luck.random() < 0.1 else ()
        excludes = (f"move {int(luck.integers(0, moves))}",) if luck.random() < 0.1 else ()
        candidates.append(
            Candidate(
                f"move {j}", float(capital[j]), float(capital[j] * luck.uniform(0, 0.05)), float(luck.integers(0, 5)),
                float(luck.integers(0, 4)), float(luck.choice([1.0, 2.0])), needs, tuple(set(excludes) - {f"move {j}", *needs}),
            )
        )  # fmt: skip
    sets = []
    for _ in range(pairs):
        i, j = luck.choice(moves, 2, replace=False)
        amount = luck.normal(0, 0.3) * min(mean[i], mean[j]) * np.ones(scenarios)
        sets.append(Together((f"move {i}", f"move {j}"), np.zeros(scenarios), amount))
    return Problem(
        moves=tuple(candidates),
        selling=effects * through_sales,
        other=effects * ~through_sales,
        ceiling=demand * 0.35 * float((mean * through_sales).sum()),
        together=tuple(sets),
        quarters=quarters,
        discount=0.03,
        after=8.0,
        budget=0.3 * float(capital.sum()),
        at_once=6.0,
        tail=0.1,
        least=0.0,
    )


def measured(seed: int) -> dict[str, float]:
    """Seconds and gap of one problem."""
    problem = generated(seed)
    begin = time.process_time()
    bound = Solver(problem).bound(problem.budget)
    bounded = time.process_time()
    plan = solve(problem, time_limit=PLAN_SECONDS, gap=GAP)
    done = time.process_time()
    return {
        "bound": bound / 1e6, "seconds of the bound": bounded - begin, "value": plan.value / 1e6, "worst": plan.worst / 1e6,
        "gap": plan.gap, "seconds of the plan": done - bounded, "moves": float(len(plan.starts)),
    }  # fmt: skip


def main(arguments: list[str]) -> None:
    """Print a table; exit with 1 where a limit is passed."""
    solve(generated(0, moves=4, scenarios=5, quarters=2, pairs=0))  # SciPy is imported
    passed = False
    print("| problem | bound, million | CPU s | plan, million | moves made | worst tenth, million | gap | CPU s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for seed in map(int, arguments) if arguments else SEEDS:
        m = measured(seed)
        passed |= m["seconds of the bound"] > BOUND_SECONDS or m["seconds of the plan"] > PLAN_SECONDS or m["gap"] > GAP
        print(
            f"| {seed} | {m['bound']:.3f} | {m['seconds of the bound']:.2f} | {m['value']:.3f} | {m['moves']:.0f} | {m['worst']:.3f} "
            f"| {m['gap']:.2%} | {m['seconds of the plan']:.1f} |"
        )
    sys.exit(passed)


if __name__ == "__main__":
    main(sys.argv[1:])
