"""What a run writes down, when it is asked to."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from plantwright.simulation import Event, history, recording, simulate
from plantwright.simulation.codes import LOG_STATE
from tests.simulation.plants import EVERYTHING, exactly, first_difference, log_of, shop, tell

STAFFED = """
plant: Two steps
people: {Ana: {skills: {turning: 1}}}
work centers: {lathe: {machines: 1, buffer: 0 lots}, press: {machines: 2}, rest: {machines: unlimited}}
products:
  pin:
    lot: 4 pieces
    release: {orders: orders.csv}
    routing:
      - turn: {at: lathe, time: 1 h/lot, staff: [{skill: turning}]}
      - press: {at: press, time: 30 min/lot}
      - cool: {at: rest, time: 10 min/lot}
"""


def test_a_day_in_the_life_of_two_lots() -> None:
    """Eight pieces in two lots come at ten past; the second waits outside until the lathe is free."""
    assert log_of(shop(STAFFED, "pin 00:10 quantity=8"), "5 h") == [
        (0, "state", "lathe", "starved"),
        (0, "state", "press 1", "starved"),
        (0, "state", "press 2", "starved"),
        (10, "released", "pin 1", "turn", "lathe", 4),
        (10, "queued", "pin 1", "turn", "lathe"),
        (10, "people seized", "turn", "lathe", "Ana"),
        (10, "started", "pin 1", "turn", "lathe"),
        (10, "state", "lathe", "working"),
        (10, "released", "pin 2", "turn", "lathe", 4),
        (70, "people let go", "turn", "lathe", "Ana"),
        (70, "ended", "pin 1", "turn", "lathe"),
        (70, "queued", "pin 1", "press", "press"),
        (70, "started", "pin 1", "press", "press 1"),
        (70, "state", "press 1", "working"),
        (70, "queued", "pin 2", "turn", "lathe"),
        (70, "people seized", "turn", "lathe", "Ana"),
        (70, "started", "pin 2", "turn", "lathe"),
        (100, "ended", "pin 1", "press", "press 1"),
        (100, "queued", "pin 1", "cool", "rest"),
        (100, "started", "pin 1", "cool", "rest"),
        (100, "state", "press 1", "starved"),
        (110, "ended", "pin 1", "cool", "rest"),
        (110, "completed", "pin 1", "cool", "rest", 4),
        (130, "people let go", "turn", "lathe", "Ana"),
        (130, "ended", "pin 2", "turn", "lathe"),
        (130, "queued", "pin 2", "press", "press"),
        (130, "state", "lathe", "starved"),
        (130, "started", "pin 2", "press", "press 2"),
        (130, "state", "press 2", "working"),
        (160, "ended", "pin 2", "press", "press 2"),
        (160, "queued", "pin 2", "cool", "rest"),
        (160, "started", "pin 2", "cool", "rest"),
        (160, "state", "press 2", "starved"),
        (170, "ended", "pin 2", "cool", "rest"),
        (170, "completed", "pin 2", "cool", "rest", 4),
    ]


def test_where_two_plants_part() -> None:
    """Twenty minutes in the press instead of thirty."""
    slow, fast = (shop(text, "pin 00:10 quantity=8") for text in (STAFFED, STAFFED.replace("30 min", "20 min")))
    assert first_difference(slow, fast, "5 h") == (
        (100, "ended", "pin 1", "press", "press 1"),
        (90, "ended", "pin 1", "press", "press 1"),
    )
    with pytest.raises(AssertionError, match="the same"):
        first_difference(slow, slow, "5 h")


def test_lost_reworked_and_scrapped_lots_are_told() -> None:
    """The second lot finds the only place taken; the first is sent back once and is then given up."""
    text = """
plant: Bad luck
work centers: {m: {machines: 1, buffer: 0 lots}, n: {machines: 1}}
products:
  part:
    release: {orders: orders.csv, when full: lost}
    routing:
      - make: {at: m, time: 1 h}
      - look: {at: n, time: 30 min, rework: {share: 100 %, back to: make, at most: 1, then: scrap}}
"""
    plant = shop(text, "part 00:00", "part 00:30")
    assert log_of(plant, "5 h", "lost", "reworked", "scrapped", "completed") == [
        (30, "lost", "part", 1),
        (90, "reworked", "part 1", "look", "n", "make"),
        (180, "scrapped", "part 1", "look", "n", 1),
    ]


def test_the_log_and_the_books_agree() -> None:
    """Of a plant with a bit of everything: time by state, lots and pieces finished, people's hours are the same in both."""
    plant = shop(EVERYTHING)
    run = tell(plant, "21 d")
    table = history(plant, horizon="21 d", replication=2)
    rows = list(table)
    span = 21 * 86400.0
    done = [event for event in rows if event.what == "completed" and event.product == "axle"]
    assert sum(event.amount or 0 for event in done) == pytest.approx(
        run.estimate("throughput", product="axle").values[1] * run.working_days
    )
    for center in ("saw", "mill", "oven", "check"):
        spent: dict[str, float] = {}
        since: dict[str, tuple[float, str]] = {}
        for event in rows:
            if event.what == "state" and event.work_center == center:
                assert event.machine is not None
                assert event.detail is not None
                at, state = since.get(event.machine, (0.0, event.detail))
                assert event.machine not in since or state != event.detail
                spent[state] = spent.get(state, 0.0) + event.time - at
                since[event.machine] = (event.time, event.detail)
        for at, state in since.values():
            spent[state] = spent.get(state, 0.0) + span - at
        for state, seconds in spent.items():
            share = run.estimate("state share", work_center=center, state=state).values[1]
            assert seconds / span / len(since) == pytest.approx(share, abs=1e-9), (center, state)
    busy = sum((-1 if event.what == "people seized" else 1) * event.time for event in rows if event.detail == "Ana")
    held = sum((1 if event.what == "people seized" else -1) for event in rows if event.detail == "Ana")
    assert (busy + held * span) == pytest.approx(run.estimate("use of people", crew="Ana").values[1] * 15 * 7.5 * 3600)


def test_a_log_in_pieces_is_the_same_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is fetched hundreds of times, or once; and writing it down changes no result."""
    plant = shop(EVERYTHING)
    whole = history(plant, horizon="42 d")
    pieces: list[int] = []
    drain = recording.drain

    def count(world: object, sink: object) -> None:
        pieces.append(1)
        drain(world, sink)  # type: ignore[arg-type]

    monkeypatch.setattr(recording, "_LEAST_ROWS", 1)
    monkeypatch.setattr(recording, "_SPARE", 200)
    monkeypatch.setattr("plantwright.simulation.running.drain", count)
    assert np.array_equal(history(plant, horizon="42 d").rows, whole.rows)
    assert len(pieces) > 5


def test_as_a_frame() -> None:
    table = history(shop(STAFFED, "pin 00:10 quantity=8"), horizon="5 h").table()
    assert table.columns == ["time", "timestamp", *Event._fields[1:]]
    assert table.height == 35
    at = datetime(2026, 1, 5, 0, 10, tzinfo=UTC)
    assert table.row(3) == (600.0, at, "released", 1, "pin", "turn", "lathe", None, None, 4.0)


def test_a_state_that_lasts_no_time_is_not_told() -> None:
    """The engine's own rows have the moment between two lots; the history has not."""
    plant = shop(
        "plant: x\nwork centers: {m: {}}\nproducts: {p: {release: saturated, routing: [a: {at: m, time: 1 h}]}}\n"
    )
    rows = history(plant, horizon="10 h").rows
    assert (rows["kind"] == LOG_STATE).sum() == 1
    assert (
        exactly(
            simulate(plant, horizon="10 h", warmup=0.0, replications=2), "state share", work_center="m", state="working"
        )
        == 1
    )
