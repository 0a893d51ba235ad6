"""The promised probability on lines whose exact answer is known, with the real engine.

Each alternative of a line is simulated in one long table of replications on common random numbers. A repetition of the study is a random
choice of replications (rows) of it, without replacement, in which the procedure then asks for one after the other: given the table,
repetitions are independent, and its means are the exact ones but for a small error, which is looked at.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from scipy import stats

from plantwright.improvement.selection import KimNelson
from plantwright.simulation import simulate
from tests.simulation.exact import exponential_line

from .markov import EXACT, LINES, great_moves, usual_moves
from .test_exact_case import BASE, TRUE

WHOLE = "PLANTWRIGHT_STUDIES" in os.environ
RUNS, ROWS = (1000, 2500) if WHOLE else (100, 250)
WARMUP, HORIZON = 150 * 60.0, 400 * 60.0
PROBABILITY = 0.95
ZONES = {"slow third": 0.05, "one that fails": 0.08, "no places": 0.008, "five stations": 0.02, "uneven": 0.038}
"""Pieces per minute; the best of `no places`, `slow third` and `uneven` is so much ahead, in the others some are as good."""


def test_the_chain_gives_the_truths_that_were_there() -> None:
    base = EXACT.throughput()
    assert base == pytest.approx(BASE, abs=5e-8)
    words = {"faster": "faster machine: station {}", "repair": "better reliability: station {} repair"}
    words["buffer"] = "more buffer: station {}"
    for name, line in usual_moves(EXACT).items():
        kind, station = name.split()
        gain = 100 * (line.throughput() / base - 1)
        assert round(gain, 2) == TRUE[words[kind].format(station)], name


@pytest.mark.parametrize("name", ["slow third", "one that fails", "no places", "uneven"])
def test_the_chain_agrees_with_the_one_of_the_engine_s_truths(name: str) -> None:
    """Written apart: there pieces between machines are counted, here what each machine does."""
    line = LINES[name]
    expected, _ = exponential_line(line.work, line.fails, line.repair, line.places)
    assert line.throughput() == pytest.approx(expected, rel=1e-9)


@dataclass
class Rows:
    """Replications out of a table, in an order of their own."""

    table: np.ndarray
    order: np.ndarray

    def more(self, alternatives: Sequence[int], replications: range) -> np.ndarray:
        return self.table[self.order[replications.start : replications.stop]][:, list(alternatives)]


@cache
def simulated(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Exact throughputs, the line as it is first, and the table: pieces per minute, replications x alternatives."""
    alternatives = [LINES[name], *great_moves(LINES[name]).values()]
    columns = []
    for line in alternatives:
        run = simulate(line.plant(), horizon=HORIZON, warmup=WARMUP, replications=ROWS, seed=11)
        columns.append(np.array(run.estimate("throughput").values) / 1440)
    return np.array([line.throughput() for line in alternatives]), np.column_stack(columns)


@pytest.mark.study
@pytest.mark.parametrize("name", list(ZONES) if WHOLE else ["no places"])
def test_the_best_of_a_line_is_chosen_as_often_as_promised(name: str) -> None:
    truth, table = simulated(name)
    errors = table.std(axis=0, ddof=1) / np.sqrt(ROWS)
    assert (np.abs(table.mean(axis=0) - truth) < 5 * errors).all()
    rule, right, asked, decided = KimNelson(PROBABILITY, ZONES[name], first=10), 0, 0, 0
    for run in range(RUNS):
        order = np.random.default_rng((1, run)).permutation(ROWS)
        chosen = rule.run(Rows(table, order), len(truth), most=len(truth) * 10 + ROWS)
        right += truth.max() - truth[chosen.best] < ZONES[name]
        asked, decided = asked + chosen.simulations, decided + chosen.decided
    if WHOLE:
        ahead = np.sort(truth)[-1] - np.sort(truth)[-2]
        print(
            f"{name}: {len(truth)} alternatives, best {ahead:.4f} ahead, zone {ZONES[name]}: right in {right} of {RUNS}, "
            f"{asked / RUNS:.0f} replications"
        )
    assert decided >= 0.99 * RUNS
    assert stats.binom.cdf(right, RUNS, PROBABILITY) > 0.001
