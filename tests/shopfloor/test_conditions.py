"""Conditions: several faults and warnings of one tag are active at once, each until it ends."""

from __future__ import annotations

import json

from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.machines.conditions import LOOKED_BACK, Row, active, active_at, faulty
from plantwright.shopfloor.readings import Batch, Events, Quality, Tag


def left(*rows: tuple[str, str] | tuple[str, str, dict[str, object]]) -> list[tuple[str, str, int]]:
    """The levels, codes and beginnings of what is active after levels with codes, told a nanosecond apart."""
    made: list[Row] = [
        (0, i, row[0], ({"code": row[1]} if row[1] else {}) | (row[2] if len(row) > 2 else {}))
        for i, row in enumerate(rows)
    ]
    return [(one.level, one.detail.get("code", ""), one.since) for one in active(made)]


def test_each_code_is_active_until_it_is_normal() -> None:
    both = ("WARNING", "12"), ("FAULT", "13")
    assert left(*both) == [("WARNING", "12", 0), ("FAULT", "13", 1)]
    assert left(*both, ("NORMAL", "12")) == [("FAULT", "13", 1)]
    assert left(*both, ("NORMAL", "")) == []
    assert left(*both, ("UNAVAILABLE", "")) == []
    assert left(*both, ("NORMAL", "14")) == [("WARNING", "12", 0), ("FAULT", "13", 1)]


def test_what_is_told_again_began_when_it_was_first_told() -> None:
    assert left(("FAULT", "13"), ("FAULT", "13")) == [("FAULT", "13", 0)]
    assert left(("WARNING", "13"), ("FAULT", "13")) == [("FAULT", "13", 1)]


def test_after_a_gap_what_is_not_told_again_is_over() -> None:
    assert left(("FAULT", "13"), ("WARNING", "12", {"clears": True}), ("FAULT", "7")) == [
        ("WARNING", "12", 1),
        ("FAULT", "7", 2),
    ]


def test_a_warning_that_ends_does_not_end_a_fault() -> None:
    levels = ["FAULT", "WARNING", "NORMAL", "NORMAL", "fault", "UNAVAILABLE"]
    details = ['{"code": "13"}', '{"code": "12"}', '{"code": "12"}', '{"code": "13"}', "", ""]
    assert faulty(levels, details) == [True, True, True, False, True, False]


def test_what_began_long_ago_is_active_still() -> None:
    history = MemoryHistory()
    (tag,) = history.declare([Tag("mill/system", "condition", "mill", "mill")])
    now = 3 * LOOKED_BACK
    levels = ["FAULT", "WARNING", "NORMAL"]
    details = [json.dumps({"code": code}) for code in ("13", "12", "12")]
    history.append([Batch("mill", events=Events.of([tag] * 3, [0, now - 10, now - 5], levels, details, Quality.GOOD))])
    assert [(one.detail["code"], one.since) for one in active_at(history, [tag], now)] == [("13", 0)]
