"""What people did with their time, and how long lots waited before each operation. Stories worked out by hand, in minutes."""

from __future__ import annotations

import pytest

from plantwright.plant import read_text
from plantwright.simulation import simulate
from tests.simulation.plants import shop

STORY = """
plant: Details
people: {Ana: {skills: {x: 1}}, Tom: {skills: {repair: 1}}}
work centers:
  a: {setup: 3 min, failures: [{every: 600 min, repair: 30 min, by: repair}]}
  b: {}
products:
  p: {release: {every: 60 min}, routing: [cut: {at: a, time: 10 min, load: 2 min, unload: 1 min, staff: [{skill: x, walk: 4 min}]}, fit: {at: b, time: 70 min}]}
  q: {release: {every: 60 min}, routing: [cut: {at: a, time: 5 min, staff: [{skill: x, walk: 4 min}]}]}
"""


def test_people_are_told_by_what_they_do_and_lots_by_what_they_wait_for() -> None:
    # Each hour Ana walks, sets up, loads, runs and unloads p for 4 + 3 + 2 + 10 + 1 minutes while q waits, then walks, sets up and
    # runs q for 4 + 3 + 5. Nothing fails within the ten hours looked at: the machine works 18 minutes an hour.
    run = simulate(shop(STORY), horizon="10 h", warmup="2 h", replications=2, details=True)
    shares = {e.of["activity"]: e.mean * 60 for e in run.named("time of people") if e.of["crew"] == "Ana"}
    assert shares == pytest.approx({"setup": 6, "load": 2, "run": 15, "unload": 1, "walking": 8})
    assert sum(shares.values()) / 60 == pytest.approx(run.estimate("use of people", crew="Ana").mean)
    assert run.estimate("queue time", product="q", operation="cut").mean == pytest.approx(20 * 60)


def test_times_of_people_add_up_to_their_use_and_waits_to_those_of_the_work_center() -> None:
    text = """
plant: Luck
shifts: {day: {days: Mon-Fri, from: "07:00", to: "15:00"}}
people: {Ana: {shift: day, skills: {x: 1}}, Tom: {shift: day, skills: {repair: 1}, absence: 5 %}}
work centers:
  a: {shift: day, setup: 3 min, failures: [{every: exponential 3 h, repair: exponential 20 min, by: [{skill: repair, walk: 3 min}]}]}
products:
  p: {release: {every: exponential 30 min}, routing: [cut: {at: a, time: exponential 9 min, staff: x}, trim: {at: a, time: exponential 4 min}]}
  q: {release: {every: exponential 40 min}, routing: [cut: {at: a, time: exponential 6 min, load: 1 min, staff: [{skill: x, for: [load, run]}]}]}
"""
    asked = simulate(read_text(text), horizon="28 d", warmup="7 d", replications=3, details=True)
    plain = simulate(read_text(text), horizon="28 d", warmup="7 d", replications=3)
    assert asked.estimates[: len(plain.estimates)] == plain.estimates
    for crew in ("Ana", "Tom"):
        parts = [e for e in asked.named("time of people") if e.of["crew"] == crew]
        for r, use in enumerate(asked.estimate("use of people", crew=crew).values):
            assert sum(e.values[r] for e in parts) == pytest.approx(use)
    assert {e.of["activity"] for e in parts} == {"repair", "walking"}
    steps = [("p", "cut"), ("p", "trim"), ("q", "cut")]
    means = [asked.estimate("queue time", product=p, operation=o).mean for p, o in steps]
    whole = asked.estimate("queue time", work_center="a").mean
    assert min(means) < whole < max(means)
    assert asked.estimate("queue time", quantile=0.9, product="q", operation="cut").mean > means[2]
    assert "What people do" in str(asked)
    assert "Wait before each operation" in str(asked)
    assert "What people do" not in str(plain)


def test_of_one_operation_the_waits_are_those_of_its_work_center() -> None:
    text = """
plant: Queue
work centers: {a: {}}
products: {p: {release: {every: exponential 10 min}, routing: [cut: {at: a, time: exponential 8 min}]}}
"""
    run = simulate(read_text(text), horizon="60 d", warmup="5 d", replications=2, details=True, precision="50 %")
    for share in (None, 0.5, 0.9, 0.95):
        ours = run.estimate("queue time", quantile=share, product="p", operation="cut")
        assert ours.values == pytest.approx(
            run.estimate("queue time", quantile=share, work_center="a").values, rel=1e-3
        )
