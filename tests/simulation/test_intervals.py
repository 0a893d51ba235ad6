"""Do intervals of 95 % hold the truth 95 times of a hundred? And is the warm-up that is found long enough?"""

from __future__ import annotations

import math
import os
from collections.abc import Callable

import pytest

from plantwright.simulation import simulate
from tests.simulation.plants import queue, shop
from tests.simulation.studies import STUDIES, Study, held
from tests.simulation.studies import shop as of_a_shop

WHOLE = "PLANTWRIGHT_STUDIES" in os.environ
SEEDS = int(os.environ.get("PLANTWRIGHT_STUDIES", "40"))
"""Runs in a study: few in everyday tests; `python -m benchmarks.intervals` makes 600 of each."""


@pytest.mark.study
@pytest.mark.parametrize("make", STUDIES, ids=lambda make: make.__name__)
@pytest.mark.parametrize("warmup", ["given", "auto"])
def test_intervals_cover_the_truth_as_often_as_they_say(make: Callable[[], Study], warmup: str) -> None:
    """Within four standard deviations of a binomial at 95 %."""
    study = make() if WHOLE or make is not of_a_shop else of_a_shop(long_runs=50)
    for number, count in held(study, study.warmup if warmup == "given" else "auto", SEEDS).items():
        assert abs(count / SEEDS - 0.95) < 4 * math.sqrt(0.95 * 0.05 / SEEDS), f"{number}: {count} of {SEEDS}"


def test_a_queue_that_grows_without_end_is_said_not_to_settle() -> None:
    run = simulate(queue("exponential 1 min", "exponential 0.9 min"), horizon="10 d", replications=2)
    assert not run.steady
    assert "keeps growing" in str(run)


def test_a_slow_plant_is_given_time_to_fill() -> None:
    """Lots spend ten days in a delay: nothing is counted before the first are through."""
    plant = shop("""
plant: Curing
work centers: {room: {machines: unlimited}}
products: {p: {release: {every: exponential 2 h}, routing: [cure: {at: room, time: 10 d}]}}
""")
    run = simulate(plant, horizon="30 d", replications=2)
    assert run.steady
    assert run.warmup >= 10 * 86400
    assert run.estimate("throughput").mean == pytest.approx(12, rel=0.1)


def test_an_order_list_is_counted_from_the_start() -> None:
    plant = shop(
        "plant: x\nwork centers: {m: {}}\n"
        "products: {p: {release: {orders: orders.csv}, routing: [a: {at: m, time: 1 h}]}}\n",
        "p 00:00",
    )
    run = simulate(plant, horizon="1 d", replications=2)
    assert (run.warmup, run.warmup_rule) == (0, "none: order list")
