"""Effective process times of queues whose answer is known: worked by hand, M/M/1, M/D/1, several machines, breakdowns."""

from __future__ import annotations

import heapq
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from plantwright.calibration import calibrate
from plantwright.calibration.effective import effective_time, effective_times
from plantwright.exchange import read_log
from plantwright.plant import read_text
from plantwright.simulation import history
from tests.calibration.logs import write
from tests.calibration.small_shop import simulated


def test_a_story_worked_by_hand() -> None:
    """One machine. A comes at 0, leaves at 4. B comes at 1, could begin at 4, leaves at 6. C comes at 10 to an idle machine, leaves at 13."""
    assert effective_times([0, 1, 10], [4, 6, 13]) == [4, 2, 3]


def test_two_machines_worked_by_hand() -> None:
    """A (0 to 5) and B (1 to 3) begin as they come; C (2 to 9) when B leaves; D (2.5 to 6) when A leaves."""
    assert effective_times([0, 1, 2, 2.5], [5, 3, 9, 6], machines=2) == [2, 5, 1, 6]


def test_one_that_overtakes_takes_the_place_of_the_overtaken() -> None:
    """One machine does A (0 to 4), then C (2 to 5) before B (1 to 9): 4, 1 and 4, which is all the time that it was busy."""
    assert effective_times([0, 1, 2], [4, 9, 5]) == [4, 1, 4]
    assert effective_times([0.0, 0.0], [0.0, 0.0]) == [0.0, 0.0]


@pytest.mark.parametrize(("came", "left", "machines"), [([0], [1, 2], 1), ([2], [1], 1), ([0], [1], 0)])
def test_what_cannot_be_is_refused(came: list[float], left: list[float], machines: int) -> None:
    with pytest.raises(ValueError, match="arrival and a later departure"):
        effective_times(came, left, machines)


def queue(times: np.ndarray, every: float, machines: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Arrivals and departures of a queue that is served as lots come."""
    came = np.random.default_rng(seed).exponential(every, times.size).cumsum()
    free = [0.0] * machines
    left = np.empty_like(came)
    for lot, at in enumerate(came):
        left[lot] = max(at, heapq.heappop(free)) + times[lot]
        heapq.heappush(free, left[lot])
    return came, left


@pytest.mark.parametrize("machines", [1, 3])
@pytest.mark.parametrize(("name", "squared_cv"), [("M", 1.0), ("D", 0.0), ("gamma", 0.25)])
def test_queues_in_sequence_give_back_every_time(machines: int, name: str, squared_cv: float) -> None:
    """M/M/1, M/D/1 and M/G/m at 80 %: what comes out are the process times themselves; their mean is 60, their squared cv known."""
    chance = np.random.default_rng(1)
    times = {"M": chance.exponential(60, 40_000), "D": np.full(40_000, 60.0), "gamma": chance.gamma(4, 15, 40_000)}[
        name
    ]
    came, left = queue(times, 75 / machines, machines, 2)
    found = effective_time(came.tolist(), left.tolist(), machines)
    assert sorted(found.times) == pytest.approx(sorted(times), abs=1e-6)
    assert found.mean == pytest.approx(60, rel=0.02)
    assert found.squared_cv == pytest.approx(squared_cv, rel=0.05)
    assert found.share_busy == pytest.approx(0.8, rel=0.03)


def test_breakdowns_are_in_it() -> None:
    """Natural time t0 = 60, c0^2 = 0.25; exponential failures after 600 of work on average, repairs of 150 with c_r^2 = 1. Availability is
    600 / 750 = 0.8, so t_e = 60 / 0.8 = 75, and c_e^2 = c0^2 + (1 + c_r^2) A (1 - A) m_r / t0 = 0.25 + 2 * 0.8 * 0.2 * 150 / 60 = 1.05
    (Hopp and Spearman, Factory Physics, chapter 8).
    """
    chance = np.random.default_rng(3)
    natural = chance.gamma(4, 15, 200_000)
    failures = chance.poisson(natural / 600)
    repairs = np.where(failures > 0, chance.gamma(np.maximum(failures, 1), 150.0), 0.0)
    came, left = queue(natural + repairs, 100, 1, 4)
    found = effective_time(came.tolist(), left.tolist())
    assert found.mean == pytest.approx(75, rel=0.01)
    assert found.squared_cv == pytest.approx(1.05, rel=0.03)


def test_overtaking_keeps_the_mean() -> None:
    """Last come, first served at one machine: the busy time is shared by as many lots, so the mean is that of the process times."""
    chance = np.random.default_rng(5)
    times = chance.exponential(60, 5000)
    came = chance.exponential(75, 5000).cumsum()
    left = np.empty(5000)
    waiting: list[int] = []
    now, lot = 0.0, 0
    while lot < 5000 or waiting:
        if not waiting:
            waiting.append(lot)
            now, lot = max(now, came[lot]), lot + 1
        while lot < 5000 and came[lot] <= now:
            waiting.append(lot)
            lot += 1
        served = waiting.pop()
        now += times[served]
        left[served] = now
    assert np.mean(effective_times(came.tolist(), left.tolist())) == pytest.approx(times.mean(), rel=1e-9)


FAILING = """
plant: A machine that fails
start: 2026-01-05 00:00
work centers:
  road: {machines: unlimited}
  lathe:
    machines: 1
    failures: [{every: exponential 10 h, clock: working, repair: exponential 2.5 h}]
products:
  pin:
    release: {every: exponential 100 min}
    routing:
      - come: {at: road, time: 1 min/lot}
      - turn: {at: lathe, time: gamma 1 h/lot cv 0.5}
"""


def test_failures_of_a_simulated_plant_are_in_it() -> None:
    """The case of Hopp and Spearman as a plant: t_e = 75 min and c_e^2 = 1.05, from a run that tells when lots come and leave."""
    rows = history(read_text(FAILING), horizon="3000 d", warmup="10 d", replication=1).table()
    own = rows.filter(rows["work_center"] == "lathe").select("lot", "what", pl.col("time") / 60)
    lots = own.filter(own["what"] == "queued").join(own.filter(own["what"] == "ended"), on="lot", suffix=" of its end")
    came, left = lots["time"].to_numpy(), lots["time of its end"].to_numpy()
    found = effective_time(came.tolist(), left.tolist())
    assert lots.height > 40_000
    # Lots in work when the warm-up ends have their place taken; they are few.
    assert found.mean == pytest.approx(75, rel=0.03)
    assert found.squared_cv == pytest.approx(1.05, rel=0.08)


def test_the_work_centers_of_a_log_have_theirs(tmp_path: Path) -> None:
    """In a shop whose hours are all it lacks, the effective time of a work center is longer than its process time."""
    found = calibrate(read_log(write(tmp_path / "log.csv", simulated(orders=120))), replications=2)
    table = found.table("effective process times")
    assert set(table["work center"]) == {"Sawing", "Milling", "Inspection", "Packing"}
    assert (table["effective mean (s)"] > table["process mean (s)"]).all()
    assert table["lots"].sum() == len(found.found.history.visits())
