"""A dispatch policy that is tuned on some seeds and measured on others: an example of `plantwright.gym`.

    python examples/dispatching/policy.py

The plant is a made-up small fab (`due-date-fab.yaml`), whose own rule is FIFO. The policy gives each waiting lot a score, a weighted
sum of its slack, its run, its work ahead, its wait, and whether it is late anyway; the smallest goes first. The weights are found by the cross-entropy method
(Rubinstein 1999) on the seeds `TUNED_ON`; what counts is measured on the seeds `HELD_OUT`, against FIFO on the same luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from plantwright import changed, read_plant
from plantwright.gym import DispatchEnv
from plantwright.simulation import begin

PLANT = Path(__file__).with_name("due-date-fab.yaml")
SPAN = {"horizon": "60 d", "warmup": "5 d"}
TUNED_ON = range(1, 33)
HELD_OUT = range(4001, 4101)
LOTS = 30
FEATURES = ("slack", "run", "work ahead", "wait")
"""In hours; the last weight is of a lot without slack, which will be late whatever is done."""
BEGINS = (1.0, 0.0, 0.0, 0.0, 0.0)
"""The rule slack, from which the search begins, and how far it looks at first."""
SPREAD = (0.5, 0.5, 0.5, 0.5, 8.0)
TUNED = (1.0, -0.009, -0.257, 0.924, 8.108)
"""What `tuned()` finds."""


def new_env() -> DispatchEnv:
    """The fab, with a choice of lots at each of its work centers."""
    return DispatchEnv(PLANT, mode="lot", lots=LOTS, reward="on time", **SPAN)  # type: ignore[arg-type]


def on_time(estimates: Sequence[Any]) -> float:
    """The share of lots with a due time that were on time."""
    return next(e.mean for e in estimates if e.name == "on-time share" and not e.of)


def played(env: DispatchEnv, weights: Any, seed: int) -> float:
    """The on-time share of a run in which the lot with the smallest score goes first."""
    weights = np.asarray(weights)
    per_lot = [label.removeprefix("asked: lot 1: ") for label in env.labels if label.startswith("asked: lot 1: ")]
    columns = [per_lot.index(name) for name in FEATURES]
    first = len(env.labels) - LOTS * len(per_lot)
    seen, info = env.reset(seed=seed)
    over = False
    while not over:
        lots = seen[first:].reshape(LOTS, len(per_lot))
        scores = lots[:, columns] @ weights[:-1] + weights[-1] * (lots[:, columns[0]] < 0)
        scores = np.where(info["action_mask"][:-1] == 1, scores, np.inf)
        seen, _, over, _, info = env.step(int(scores.argmin()) if info["action_mask"][0] else LOTS)
    return on_time(env.estimates())


def by_rule(rule: str, seed: int) -> float:
    """The on-time share of a plain run in which all work centers follow a rule."""
    state = begin(changed(read_plant(PLANT), {"rule": [rule]}), seed=seed, **SPAN)  # type: ignore[arg-type]
    return on_time(state.run_until(state.end).estimates())


def tuned(rounds: int = 5, tried: int = 20, kept: int = 5) -> tuple[float, ...]:
    """Weights that do well on `TUNED_ON`, by the cross-entropy method; the first has size 1, as only their ratios matter."""
    env, draws = new_env(), np.random.default_rng(1)
    mean, spread = np.array(BEGINS), np.array(SPREAD)
    for number in range(rounds):
        weights = mean + spread * draws.standard_normal((tried, len(BEGINS)))
        shares = [float(np.mean([played(env, row, seed) for seed in TUNED_ON])) for row in weights]
        best = weights[np.argsort(shares)[-kept:]]
        mean, spread = best.mean(axis=0), best.std(axis=0)
        print(f"round {number + 1}: best on-time share on the seeds that it is tuned on {100 * max(shares):.1f} %")
    return tuple(float(weight) for weight in np.round(mean / abs(mean[0]), 3))


def paired(one: Sequence[float], other: Sequence[float], level: float = 0.95) -> tuple[float, float, float]:
    """The mean difference of runs on the same luck, and its Student interval."""
    differences = np.subtract(one, other)
    half = stats.t.ppf((1 + level) / 2, len(differences) - 1) * differences.std(ddof=1) / np.sqrt(len(differences))
    mean = float(differences.mean())
    return mean, mean - float(half), mean + float(half)


def main() -> None:
    weights = tuned()
    print(
        "weights: "
        + ", ".join(f"{name} {weight:+.3f}" for name, weight in zip((*FEATURES, "late anyway"), weights, strict=True))
    )
    env = new_env()
    policy = [played(env, weights, seed) for seed in HELD_OUT]
    print(f"on {len(HELD_OUT)} seeds that it has not seen: on time {100 * np.mean(policy):.1f} %")
    for rule in ("FIFO", "EDD", "slack"):
        shares = [by_rule(rule, seed) for seed in HELD_OUT]
        mean, low, high = paired(policy, shares)
        print(
            f"  {rule}: {100 * np.mean(shares):.1f} %; the policy {100 * mean:+.2f} points ({100 * low:.2f} to {100 * high:.2f})"
        )


if __name__ == "__main__":
    main()
