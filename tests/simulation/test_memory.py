"""What a run keeps: as much after eight horizons as after one, but for the dates that are known before it begins."""

from __future__ import annotations

import math
import tracemalloc

from plantwright.plant import Plant, read_text
from plantwright.simulation import simulate
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.replications import Cancel
from plantwright.simulation.running import run_on
from tests.simulation.plants import queue

HOUR, DAY = 3600.0, 86400.0
DATED = {"calendar_row", "day", "order"}
"""Hours of shifts, days of demand, and lots by a rate or list of orders stand in tables before the run."""


def kept(plant: Plant, horizon: float) -> dict[str, int]:
    """Bytes of each table of a world at the end of a run."""
    world = Blueprint(plant, horizon, 0.0, 0.0, False, None).world(1, 0)
    run_on(world, math.inf, Cancel())
    assert world.run.now[0] == horizon
    return {name: array.nbytes for name, array in (world.records | world.arrays).items()}


def busy() -> Plant:
    """Lots that come at random, to half of what one machine can do, which fails; half of them come back."""
    return read_text("""
plant: Busy
work centers: {a: {machines: 1, failures: [{every: exponential 9 h, repair: exponential 1 h}]}}
products:
  p: {release: {every: exponential 30 min}, routing: [do: {at: a, time: exponential 10 min, rework: {share: 50 %, back to: do}}]}
""")


def test_a_world_is_as_large_after_eight_horizons_as_after_one() -> None:
    assert kept(busy(), 8 * 20 * HOUR) == kept(busy(), 20 * HOUR)


def test_of_shifts_and_demand_only_the_dates_grow() -> None:
    """In proportion, from the second week on: 16 weeks have no more than twice the dates of 8."""
    plant = read_text("""
plant: Day shift
shifts: {day: {days: Mon-Fri, from: "08:00", to: "16:00"}}
work centers: {a: {machines: 1, shift: day}}
products:
  p: {demand: {rate: 4 pieces/working day}, routing: [do: {at: a, time: 1 h}]}
""")
    two, four = kept(plant, 56 * DAY), kept(plant, 112 * DAY)
    assert {name for name in two if two[name] != four[name]} == DATED
    assert all(two[name] < four[name] <= 2 * two[name] for name in DATED)


def test_nothing_is_kept_beside_the_world() -> None:
    """What Python and numpy ask for at most, while a run and its statistics are made."""
    plant = queue("exponential 1 min", "exponential 2 min")
    peaks = []
    for horizon in (2 * HOUR, 2 * HOUR, 16 * HOUR):
        tracemalloc.start()
        simulate(plant, horizon=horizon, warmup=0.0, replications=2, threads=1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.05 * peaks[1]
