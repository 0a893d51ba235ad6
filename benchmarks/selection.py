"""How many replications procedures need to choose the best of 200 alternatives with a probability of .95.

    python -m benchmarks.selection [--quick]

Normal values. Random means: N(0, 1), the best at least .3 ahead, deviations from 1 to 3, zone .3. Slippage: one .5 ahead of all others,
deviations 1, zone .5. Steps: each .05 behind the next, deviations 1, zone .05. Luck is common with a correlation of .8 where it is
common at all. Procedures without a promise are given as much as they need to be right in 95 of 100 runs.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from tests.improvement.sampling import Floats, Normal, random_means, rinott, slippage, steps

from plantwright.improvement.selection import KimNelson, SequentialHalving

K, PROBABILITY, CORRELATION, FIRST = 200, 0.95, 0.8, 20


@dataclass(frozen=True)
class Setting:
    """Means and deviations of a run, and the zone."""

    name: str
    zone: float
    make: Callable[[int], tuple[Floats, Floats]]


SETTINGS = (
    Setting("random means", 0.3, lambda run: random_means(K, 0.3, run)),
    Setting("slippage", 0.5, lambda _: slippage(K, 0.5)),
    Setting("steps", 0.05, lambda _: steps(K, 0.05)),
)


def least(right: Callable[[int], float], low: int, high: int) -> int:
    """The least number, to one part in a hundred, that is right as often as it should; `right` grows with it."""
    while right(high) < PROBABILITY:
        low, high = high, 2 * high
    while high - low > max(1, high // 100):
        middle = (low + high) // 2
        low, high = (low, middle) if right(middle) >= PROBABILITY else (middle, high)
    return high


def equally(setting: Setting, common: float, runs: int) -> int:
    """The same number of replications for each: their means are drawn at once."""

    def right(n: int) -> float:
        good = 0
        for run in range(runs):
            means, deviations = setting.make(run)
            random = np.random.default_rng((3, run))
            luck = math.sqrt(common) * random.standard_normal() + math.sqrt(1 - common) * random.standard_normal(K)
            good += int(np.argmax(means + deviations * luck / math.sqrt(n)) == np.argmax(means))
        return good / runs

    return K * least(right, 1, 64)


def two_stages(setting: Setting, runs: int) -> int:
    """Rinott's procedure: mean number of replications (independent luck)."""
    h, total = rinott(K, PROBABILITY, FIRST), 0.0
    for run in range(runs):
        _, deviations = setting.make(run)
        variances = deviations**2 * np.random.default_rng((4, run)).chisquare(FIRST - 1, K) / (FIRST - 1)
        total += float(np.maximum(FIRST, np.ceil(h**2 * variances / setting.zone**2)).sum())
    return round(total / runs)


def kim_nelson(setting: Setting, runs: int) -> tuple[int, float]:
    """Mean number of replications, and how often it was right."""
    rule = KimNelson(PROBABILITY, setting.zone, FIRST)
    asked, right = 0, 0
    for run in range(runs):
        means, deviations = setting.make(run)
        chosen = rule.run(Normal(means, deviations, CORRELATION, run), K)
        asked, right = asked + chosen.simulations, right + int(chosen.best == np.argmax(means))
    return round(asked / runs), right / runs


def halving(setting: Setting, runs: int) -> int:
    """The least budget."""

    def right(budget: int) -> float:
        good = 0
        for run in range(runs):
            means, deviations = setting.make(run)
            chosen = SequentialHalving(budget).run(Normal(means, deviations, CORRELATION, run), K)
            good += int(chosen.best == np.argmax(means))
        return good / runs

    return least(right, K, 1000)


def top_two(setting: Setting, runs: int, first: int = 5, batch: int = 10) -> int:
    """After how many replications the best mean is right in 95 of 100 runs: the leader is drawn from the posterior, its challenger is
    the one that costs least to mistake for it (X. Shang et al. 2020: Fixed-confidence guarantees for Bayesian best-arm
    identification, AISTATS); independent luck, deviations known.
    """
    curves = []
    for run in range(runs):
        means, deviations = setting.make(run)
        random, best = np.random.default_rng((5, run)), int(np.argmax(means))
        counts = np.full(K, float(first))
        sums = first * means + deviations * math.sqrt(first) * random.standard_normal(K)
        curve = []
        for _ in range(20_000 // batch):
            at, error = sums / counts, deviations / np.sqrt(counts)
            curve.append(int(np.argmax(at)) == best)
            chosen = []
            for _ in range(batch):
                leader = int(np.argmax(at + error * random.standard_normal(K)))
                cost = np.maximum(0, at[leader] - at) ** 2 / (error[leader] ** 2 + error**2)
                cost[leader] = np.inf
                chosen.append(leader if random.random() < 0.5 else int(np.argmin(cost)))
            np.add.at(counts, chosen, 1)
            np.add.at(sums, chosen, means[chosen] + deviations[chosen] * random.standard_normal(batch))
        curves.append(curve)
    enough = np.flatnonzero(np.mean(curves, axis=0) < PROBABILITY)
    return K * first + batch * (int(enough[-1]) + 1 if len(enough) else 0)


def main(words: Sequence[str]) -> int:
    runs = 60 if "--quick" in words else 1000
    names = ["random means", "slippage", "steps"]
    print("| procedure | " + " | ".join(names) + " |\n| --- | --- | --- | --- |", flush=True)

    def row(name: str, cells: Sequence[str]) -> None:
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)

    apart = [equally(setting, 0.0, runs) for setting in SETTINGS]
    row("equal, own luck", [f"{n:,}" for n in apart])
    row("equal, common luck", [f"{equally(setting, CORRELATION, runs):,}" for setting in SETTINGS])
    row("Rinott, own luck, promised", [f"{two_stages(setting, min(runs, 50)):,}" for setting in SETTINGS])
    raced = [kim_nelson(setting, min(runs, 300)) for setting in SETTINGS]
    row("Kim and Nelson, common luck, promised", [f"{n:,} ({100 * right:.1f} % right)" for n, right in raced])
    row("sequential halving, common luck", [f"{halving(setting, runs):,}" for setting in SETTINGS])
    row("top-two, own luck", [f"{top_two(setting, min(runs, 100)):,}" for setting in SETTINGS])
    times = [n / asked for n, (asked, _) in zip(apart, raced, strict=True)]
    row("Kim and Nelson against equal with own luck", [f"{ratio:.1f} times fewer" for ratio in times])
    return int(times[0] < 7 or times[1] < 3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
