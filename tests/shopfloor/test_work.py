"""The history of machines as an event log: visits, setups and failures by hand; and the way from it to a plant."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from plantwright.actions.machines import Floor as OpenFloor
from plantwright.actions.machines import history_log, is_shop_floor
from plantwright.errors import LogError
from plantwright.shopfloor.machines.settings import FloorSettings, MachineSettings
from plantwright.shopfloor.machines.timelines import timelines
from plantwright.shopfloor.machines.work import work_of
from tests.shopfloor.floor import UNAVAILABLE, Floor, at


def mill() -> Floor:
    floor = Floor()
    floor.says(
        "mill", "EXECUTION",
        {"6:00": "READY", "7:00": "ACTIVE", "8:00": "FEED_HOLD", "8:10": "ACTIVE", "9:00": "READY", "9:30": "ACTIVE", "10:00": "STOPPED",
         "10:30": "ACTIVE", "11:00": "READY", "14:30": "ACTIVE"},
    )  # fmt: skip
    floor.says("mill", "FUNCTIONAL_MODE", {"6:00": "PRODUCTION", "6:30": "SETUP", "7:00": "PRODUCTION"})
    floor.says("mill", "SYSTEM", {"6:00": "NORMAL", "10:00": "FAULT", "10:30": "NORMAL"}, "condition")
    floor.says(
        "mill",
        "PART_GROUP_ID.LOT",
        {"6:00": UNAVAILABLE, "6:30": "A", "9:00": UNAVAILABLE, "9:30": "B", "11:00": UNAVAILABLE, "14:30": "C"},
    )
    floor.says("mill", "PART_KIND_ID", {"6:30": "gear", "9:30": "shaft"})
    floor.says("mill", "PART_COUNT.GOOD", {"6:00": "0", "8:00": "3", "9:00": "5", "11:00": "9"})
    floor.says("mill", "PART_COUNT.BAD", {"6:00": "0", "10:45": "1"})
    floor.says("mill", "USER.OPERATOR", {"6:30": "Ana", "8:30": "Ben"})
    floor.heard("mill", "15:00")
    return floor


def test_visits_setups_and_failures() -> None:
    found = timelines(mill().history, at("5:00"), at("15:00"))
    settings = FloorSettings(machines={"mill": MachineSettings(work_center="milling")})
    rows = work_of(found, settings).with_columns(pl.col("start", "end").dt.strftime("%H:%M")).rows()
    assert rows == [
        ("A", "milling", "mill", "Ana", "gear", "setup", "06:30", "07:00", None, None),
        ("A", "milling", "mill", "Ana", "gear", "work", "07:00", "09:00", 5.0, 0.0),
        ("B", "milling", "mill", "Ben", "shaft", "work", "09:30", "10:00", None, None),
        ("B", "milling", "mill", None, "shaft", "breakdown", "10:00", "10:30", None, None),
        ("B", "milling", "mill", "Ben", "shaft", "work", "10:30", "11:00", 4.0, 1.0),
    ]


def test_jobs_that_are_told_together_have_a_visit_each() -> None:
    floor = Floor()
    floor.says("oven", "EXECUTION", {"6:00": "READY", "7:00": "ACTIVE", "9:00": "READY"})
    floor.says("oven", "PART_GROUP_ID.LOT", {"6:00": "", "6:50": "1", "7:00": "1; 2", "9:00": "2", "9:01": ""})
    floor.says("oven", "PART_KIND_ID", {"6:00": "", "6:50": "gear", "7:00": "gear; shaft", "9:00": "shaft", "9:01": ""})
    floor.says("oven", "PART_COUNT.GOOD", {"6:00": "0", "9:00": "20", "9:01": "25"})
    floor.says("oven", "PART_COUNT.BAD", {"6:00": "0"})
    floor.heard("oven", "15:00")
    rows = work_of(timelines(floor.history, at("5:00"), at("15:00"))).with_columns(
        pl.col("start", "end").dt.strftime("%H:%M")
    )
    assert rows.select("order", "product", "start", "end", "quantity").rows() == [
        ("1", "gear", "07:00", "09:00", 20.0),
        ("2", "shaft", "07:00", "09:00", 5.0),
    ]


def test_a_visit_that_the_window_cuts_is_left_out() -> None:
    found = timelines(mill().history, at("8:00"), at("15:00"))
    assert set(work_of(found)["order"]) == {"B"}


def floor_of(history: object, tmp_path: Path) -> OpenFloor:
    return OpenFloor("history", history, FloorSettings(), tmp_path / "reasons.jsonl", {})  # type: ignore[arg-type]


def test_a_history_without_jobs_says_what_is_missing(tmp_path: Path) -> None:
    floor = Floor()
    floor.says("saw", "EXECUTION", {"6:00": "ACTIVE"})
    with pytest.raises(LogError, match=r"tells 0 finished jobs.*signals: \{job: \.\.\.\}"):
        history_log(floor_of(floor.history, tmp_path), (at("5:00"), at("15:00")))


def test_a_history_becomes_a_plant(tmp_path: Path) -> None:
    """Two machines in line with triangular times: the plant that comes back has their mean times."""
    from plantwright.calibration import calibrate

    draw, floor = random.Random(7), Floor()
    begin = datetime(2025, 3, 3, 7, tzinfo=UTC)
    free = {"cut": begin, "bend": begin}
    told: dict[str, list[tuple[datetime, str, str]]] = {"cut": [], "bend": []}
    for number in range(120):
        ready = begin + timedelta(minutes=100 * number)
        for machine, low, high in (("cut", 8, 12), ("bend", 6, 14)):
            start = max(ready, free[machine])
            ready = free[machine] = start + timedelta(minutes=draw.triangular(low, high))
            told[machine] += [(start, "ACTIVE", f"J{number}"), (ready, "READY", UNAVAILABLE)]
    for machine, rows in told.items():
        floor.says(machine, "EXECUTION", [(_ns(moment), state) for moment, state, _ in rows])
        floor.says(machine, "PART_GROUP_ID", [(_ns(moment), job) for moment, _, job in rows])
        floor.says(machine, "HEARD", [(_ns(begin + timedelta(days=12)), "heard")])
    log = history_log(floor_of(floor.history, tmp_path), (_ns(begin), _ns(begin + timedelta(days=10))))
    assert log.table.filter(pl.col("type") == "work").height >= 238
    plant = calibrate(log, replications=2).plant
    times = {
        step.name: step.time.distribution.mean / 60
        for product in plant.products.values()
        for step in product.routing
        if step.time
    }
    assert times == {"cut": pytest.approx(10, rel=0.05), "bend": pytest.approx(10, rel=0.08)}


def _ns(moment: datetime) -> int:
    return int(moment.timestamp() * 1e6) * 1000


def test_which_path_is_a_shop_floor(tmp_path: Path) -> None:
    (tmp_path / "floor.yaml").write_text("history: h\nsources:\n  a: {connector: files}\n")
    (tmp_path / "plant.yaml").write_text("plant: P\n")
    assert is_shop_floor(tmp_path)
    assert is_shop_floor(tmp_path / "floor.yaml")
    assert not is_shop_floor(tmp_path / "plant.yaml")
    assert not is_shop_floor(tmp_path / "none.yaml")
