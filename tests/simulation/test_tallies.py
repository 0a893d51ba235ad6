"""Quantiles in fixed memory against exact ones; lots by their class; memory that does not grow with time."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from numba import njit

from plantwright.simulation import history, simulate
from plantwright.simulation.bins import BINS, bin_at, middle_of
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.codes import FINISHED
from plantwright.simulation.linking import WHOLE
from plantwright.simulation.replications import Cancel
from plantwright.simulation.running import run_on
from plantwright.simulation.tallies import bin_of
from plantwright.simulation.world import PLAIN
from tests.simulation.plants import exactly, line, queue, shop

NOTHING = 1e-3
"""Shorter times are counted as none, in seconds."""


def exact(times: list[float], share: float) -> float:
    """The smallest time that so many of all are not longer than."""
    return float(np.quantile(times, share, method="inverted_cdf"))


PLANTS = {
    "minutes": (queue("lognormal 5 min cv 3", "exponential 6 min"), "20 d"),
    "seconds": (queue("exponential 0.8 s", "exponential 1 s"), "1 h"),
    "months": (queue("gamma 30 d cv 2", "exponential 50 d"), "100 y"),
    "a line": (line([1.0, 1.2], [0.01, 0.02], [0.1, 0.1], [5], "{every: exponential 2 min}"), "10 d"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_quantiles_are_within_a_percent_of_the_exact_ones(name: str) -> None:
    plant, horizon = PLANTS[name]
    run = simulate(plant, horizon=horizon, warmup=0.0, replications=2)
    released: dict[int, float] = {}
    queued: dict[int, float] = {}
    cycle: list[float] = []
    waits: dict[str, list[float]] = defaultdict(list)
    for event in history(plant, horizon=horizon, replication=2):
        if event.lot is None or event.work_center is None:
            continue
        if event.what == "released":
            released[event.lot] = event.time
        elif event.what == "queued":
            queued[event.lot] = event.time
        elif event.what == "started":
            waits[event.work_center].append(event.time - queued[event.lot])
        elif event.what == "completed":
            cycle.append(event.time - released[event.lot])
    assert len(cycle) > 20
    for share in (0.5, 0.9, 0.95):
        found = run.estimate("cycle time", quantile=share).values[1]
        assert found == pytest.approx(exact(cycle, share), rel=0.009, abs=NOTHING)
        for center, times in waits.items():
            found = run.estimate("queue time", quantile=share, work_center=center).values[1]
            assert found == pytest.approx(exact(times, share), rel=0.009, abs=NOTHING), center


@njit(pipeline_class=WHOLE)  # type: ignore[untyped-decorator]
def fill_bins(times: Any, out: Any) -> None:
    for i in range(len(times)):
        out[i] = bin_of(times[i])


def test_the_bins_reach_from_a_millisecond_to_thirty_years_and_are_narrow() -> None:
    times = np.concatenate([[0.0, 0.9e-3, 1e12], np.geomspace(1e-3, 30 * 365 * 86400, 20_011)])
    found = np.zeros(len(times), np.int64)
    fill_bins(times, found)
    assert list(found[:3]) == [0, 0, BINS - 1]
    assert 0 < found[3] <= found[-1] < BINS - 1
    assert np.diff(found[3:]).min() >= 0
    assert list(found) == [bin_at(time) for time in times]
    assert [middle_of(b) for b in found[3:]] == pytest.approx(times[3:], rel=0.008)


def test_lots_by_their_class() -> None:
    """One machine of an hour. Hot lots come at 4, 8, ... 20 o'clock (that of 24 is not done) and go first: an hour each, due after
    half an hour. Others come every two hours: those of 2, 6, ... 22 take an hour, those of 4, 8, ... 20 wait for a hot one: two hours.
    """
    text = """
plant: Classes
work centers: {m: {machines: 1}}
products:
  part:
    release:
      - {every: 4 h, class: Hot, priority: 1, due: 30 min}
      - {every: 2 h, class: usual, due: 90 min}
    routing: [x: {at: m, time: 1 h}]
"""
    run = simulate(shop(text), horizon="24.5 h", warmup=0.0, replications=2)
    days = 24.5 / 24
    assert exactly(run, "throughput", **{"class": "Hot"}) * days == pytest.approx(5)
    assert exactly(run, "throughput", **{"class": "usual"}) * days == pytest.approx(11)
    assert exactly(run, "cycle time", **{"class": "Hot"}) == 3600
    assert exactly(run, "cycle time", **{"class": "usual"}) == pytest.approx(3600 * (6 + 5 * 2) / 11)
    assert exactly(run, "cycle time", quantile=0.5, **{"class": "usual"}) == pytest.approx(3600, rel=0.005)
    assert exactly(run, "cycle time", quantile=0.9, **{"class": "usual"}) == pytest.approx(7200, rel=0.005)
    assert exactly(run, "on-time share", **{"class": "Hot"}) == 0
    assert exactly(run, "on-time share", **{"class": "usual"}) == pytest.approx(6 / 11)
    assert "class Hot" in str(run)


def test_a_class_of_two_products_counts_lots_where_their_units_differ() -> None:
    text = """
plant: Classes
work centers: {m: {machines: unlimited}}
products:
  bolt: {unit: bolt, lot: 10 bolts, release: {every: 4 h, class: Hot}, routing: [x: {at: m, time: 1 h/lot}]}
  wire: {unit: m, lot: 5 m, release: {every: 6 h, class: Hot}, routing: [x: {at: m, time: 3 h/lot}]}
"""
    run = simulate(shop(text), horizon="1 d", warmup=0.0, replications=2)
    found = run.estimate("throughput", **{"class": "Hot"})
    # Bolts of 4 to 20 o'clock, wire of 6 to 18.
    assert (found.mean, found.unit) == (8, "lot/day")
    assert exactly(run, "cycle time", **{"class": "Hot"}) == pytest.approx(3600 * (5 * 1 + 3 * 3) / 8)


@pytest.mark.parametrize("days", [10 if not PLAIN else 1])
def test_memory_does_not_grow_with_time(days: int) -> None:
    """The same memory after ten times as long, of a plant that is steady; only open hours and days of demand stand in lists."""
    sizes = []
    for span in (days, 10 * days):
        world = Blueprint(
            line([1.0, 1.2], [0.01, 0.02], [0.1, 0.1], [5], "{conwip: 8 lots}"), span * 86400.0, 0.0, 0.0, False
        ).world(1, 0)
        assert run_on(world, math.inf, Cancel()) == FINISHED
        assert world.run.events[0] > 1000 * span
        sizes.append(sum(array.nbytes for array in (*world.records.values(), *world.arrays.values())))
    assert sizes[0] == sizes[1]


def test_a_log_that_is_handed_on_takes_no_more_memory_the_longer_it_is() -> None:
    """Pieces of a log stay small, however many there are."""

    class Largest:
        rows, most, pieces = 0, 0, 0

        def write(self, frame) -> None:  # type: ignore[no-untyped-def]
            self.rows += frame.height
            self.most = max(self.most, frame.height)
            self.pieces += 1

        def complete(self) -> None:
            self.pieces = -self.pieces

    logs = {}
    for days in (2, 20) if PLAIN else (20, 200):
        logs[days] = Largest()
        simulate(
            queue("exponential 0.5 min", "exponential 1 min"),
            horizon=f"{days} d",
            warmup=0.0,
            replications=2,
            log=logs[days],
        )
    short, long = logs.values()
    assert long.rows > 8 * short.rows
    assert long.pieces < short.pieces < 0
    assert long.most < 40_000
