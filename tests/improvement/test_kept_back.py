"""A move that keeps lots back makes those that are done quicker, and all of them later: cycle time is told of all."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from plantwright.improvement import Move
from plantwright.improvement.bench import gain
from plantwright.improvement.ranking import Base, cycle_time_gain
from plantwright.plant import build_plant, changed
from plantwright.plant.plant import Plant
from plantwright.simulation import Run, simulate

DAYS, EVERY = 25, {"short": 4, "long": 24}


def shop() -> Plant:
    begin = datetime(2026, 1, 5)
    lists = {
        f"{name}.csv": "release,quantity\n"
        + "".join(f"{begin + timedelta(hours=k):%Y-%m-%d %H:%M},1\n" for k in range(0, 30 * 24, hours))
        for name, hours in EVERY.items()
    }
    times = {"short": "exponential 1 h", "long": "exponential 8 h"}
    return build_plant(
        {
            "plant": "Two kinds",
            "start": "2026-01-05",
            "work centers": {"press": {"machines": 1, "setup": {"default": "1 min"}}},
            "products": {
                name: {
                    "release": {"orders": f"{name}.csv"},
                    "routing": [{"form": {"at": "press", "time": time}}],
                }
                for name, time in times.items()
            },
        },
        files=lists,
    )


def move(word: str) -> Move:
    return Move("own", "own move", "own", {f"work centers > press > {word}": "other"})


def run(plant: Plant) -> Run:
    return simulate(plant, horizon=f"{DAYS} d", warmup=0, replications=8, seed=3)


def test_lots_that_are_kept_back_count() -> None:
    plant = shop()
    before, kept = run(plant), run(changed(plant, {"work centers > press > setup > minimum run": "200 lots"}))
    base = Base(plant, before, before, 0.95)
    done = gain(kept, before, "cycle time", 0.95)
    assert done is not None
    assert done.high < 0  # who was done was quicker
    told = cycle_time_gain(move("minimum run"), kept, base)
    assert told is not None
    assert told.low > 0
    # Lot-days in the plant over the lots that came, those that are still there counted until the end.
    came = sum(DAYS * 24 / hours for hours in EVERY.values())
    more = kept.estimate("work in process").mean - before.estimate("work in process").mean
    assert told.mean == pytest.approx(more * DAYS * 86400 / came, rel=0.15)


def test_what_is_better_for_all_is_told_as_it_was() -> None:
    plant = shop()
    before, better = run(plant), run(changed(plant, {"work centers > press > machines": 2}))
    told = cycle_time_gain(move("machines"), better, Base(plant, before, before, 0.95))
    assert told == gain(better, before, "cycle time", 0.95)
