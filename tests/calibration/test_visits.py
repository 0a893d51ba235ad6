"""From reports to visits, work centers, routings and people, each worked out by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from plantwright.calibration.calendars import Calendar, Pattern
from plantwright.calibration.centers import find_centers, usual_concurrency
from plantwright.calibration.cleaning import clean
from plantwright.calibration.closing import closing_operation
from plantwright.calibration.quiet import find_quiet
from plantwright.calibration.routings import BEGIN, END, RoutingStep, find_routings, step_names
from plantwright.calibration.staffing import levels
from plantwright.calibration.visits import History, read_history, shared_seconds
from plantwright.calibration.waiting import excess_waits, pace, scaled, unexplained_share, waits_by_order
from plantwright.exchange import read_log
from tests.calibration.logs import at, row, sound, write

HOUR = 3600.0


def report(number: int, order: str, start: float, end: float, kind: str = "work") -> dict[str, Any]:
    return {"row": number, "order": order, "start": at(0, start), "end": at(0, end), "type": kind, "timed": True}


def history_of(folder: Path, rows: list[dict[str, str]]) -> History:
    table = clean(read_log(write(folder / "log.csv", rows))).table
    centers = find_centers(table)
    return read_history(table, {station: center.name for center in centers for station in center.stations}, {})


def test_two_orders_on_one_machine_share_the_hours_in_which_they_overlap() -> None:
    """A from 7 to 10, B from 9 to 11: of the hour from 9 to 10 each has half."""
    shares = shared_seconds([report(1, "A", 7, 10), report(2, "B", 9, 11)], 1)
    assert shares == {1: 2.5 * HOUR, 2: 1.5 * HOUR}
    assert sum(shares.values()) == 4 * HOUR  # the machine was busy from 7 to 11


def test_a_place_for_two_is_shared_by_three() -> None:
    reports = [report(k, order, 7, 10) for k, order in enumerate("ABC")]
    assert shared_seconds(reports, 2) == dict.fromkeys(range(3), 2 * HOUR)
    assert shared_seconds(reports[:2], 2) == dict.fromkeys(range(2), 3 * HOUR)


def test_reports_of_one_order_count_once_and_work_goes_before_setup() -> None:
    reports = [report(1, "A", 7, 9, "setup"), report(2, "A", 8, 10)]
    assert shared_seconds(reports, 1) == {1: HOUR, 2: 2 * HOUR}
    assert shared_seconds([report(1, "A", 7, 9), report(2, "A", 7, 9)], 3) == {1: HOUR, 2: HOUR}


def test_reports_without_a_time_of_their_own_take_none() -> None:
    assert shared_seconds([report(1, "A", 7, 8) | {"timed": False}, report(2, "B", 7, 7)], 1) == {}


def test_quiet_hours_do_not_count_as_work() -> None:
    spans = [(at(day, 8), at(day + 1, 8)) for day in range(0, 60, 2)] + [(at(day, 9), at(day, 16)) for day in range(60)]
    quiet = find_quiet(spans)
    assert quiet.hours == (16 * 60, 8 * 60)
    assert shared_seconds([report(1, "A", 8, 32)], 1, quiet) == {1: 8 * HOUR}
    assert quiet.pieces(at(0, 17), at(0, 19)) == [(at(0, 17), at(0, 17))]


def test_a_weekend_without_a_word_is_rest() -> None:
    """Reports run from Friday to Monday; on other days from morning to afternoon."""
    spans = [(at(day, 8), at(day, 15)) for day in range(70) if day % 7 < 4]
    spans += [(at(day, 8), at(day + 3, 9)) for day in range(4, 67, 7)]
    quiet = find_quiet(spans)
    assert {day.weekday() for day in quiet.dates} == {5, 6}
    assert quiet.seconds(at(4, 8), at(7, 9)) == 8 * HOUR  # until 15:00 on Friday, and an hour from 8 on Monday


def test_a_visit_lasts_until_its_pieces_are_reported(tmp_path: Path) -> None:
    """Saw 6 of 10, mill 6, saw 4, mill 4: parts moved on early, so it is one visit to each. A saw after that is a return."""

    def part(activity: str, machine: int, start: float, pieces: int) -> dict[str, str]:
        return row(
            "B1",
            f"{activity} - Machine {machine}",
            f"Machine {machine} - {activity}",
            at(4, start),
            at(4, start + 1),
            qty_completed=pieces,
        )

    rows = [
        part("Sawing", 1, 7, 6),
        part("Milling", 2, 8, 6),
        part("Sawing", 1, 9, 4),
        part("Milling", 2, 10, 4),
        part("Sawing", 1, 11, 10),
    ]
    visits = history_of(tmp_path, sound() + rows).orders["B1"]
    assert [(v.step[0], v.work, v.pieces) for v in visits] == [
        ("Sawing", 2 * HOUR, 10), ("Milling", 2 * HOUR, 10), ("Sawing", HOUR, 10),
    ]  # fmt: skip
    assert [v.reached for v in visits] == [at(4, 7), at(4, 10), at(4, 11)]


def test_setup_is_told_from_work_and_breakdowns_are_neither(tmp_path: Path) -> None:
    rows = [
        row("B1", "SETUP Sawing - Machine 1", "Machine 1 - Sawing", at(4, 7), at(4, 8), kind="S"),
        row("B1", "Sawing - Machine 1", "Machine 1 - Sawing", at(4, 8), at(4, 10)),
        row("B1", "Sawing - Machine 1", "Machine 1 - Sawing", at(4, 10), at(4, 15), kind="B"),
        row("B1", "Packing", "Packing", at(4, 15), at(4, 16)),
    ]
    visits = history_of(tmp_path, sound() + rows).orders["B1"]
    assert [(v.step[0], v.setup, v.work) for v in visits] == [("Sawing", HOUR, 2 * HOUR), ("Packing", 0, HOUR)]


def test_machines_that_do_the_same_are_one_work_center(tmp_path: Path) -> None:
    rows = sound()
    for day in range(4):
        rows.append(row(f"B{day}", "Milling - Machine 3", "Machine 3 - Milling", at(day, 7), at(day, 9)))
        rows.append(row(f"B{day}", "Packing", "Packing", at(day, 9), at(day, 12)))
        rows.append(row(f"C{day}", "Packing", "Packing", at(day, 9), at(day, 12), worker="W2"))
    centers = {c.name: c for c in find_centers(clean(read_log(write(tmp_path / "log.csv", rows))).table)}
    assert {name: c.machines for name, c in centers.items()} == {"Sawing": 1, "Milling": 2, "Packing": 2}
    assert "Machine 2 - Milling, Machine 3 - Milling" in centers["Milling"].evidence
    assert "up to 2 work at once" in centers["Packing"].evidence


def test_how_many_work_at_once() -> None:
    assert usual_concurrency([(at(0, 7), at(0, 9)), (at(0, 8), at(0, 10))]) == 2
    assert usual_concurrency([(at(0, 7), at(1, 7)), (at(0, 8), at(0, 9))]) == 1  # twice for an hour of 24
    assert usual_concurrency([]) == 1


def test_what_closes_orders() -> None:
    ends: list[tuple[str, str, datetime]] = [
        (f"A{k}", name, at(k, hour)) for k in range(4) for name, hour in (("saw", 9.0), ("pack", 12.0))
    ]
    assert closing_operation(ends) == ("pack", 1.0)
    assert closing_operation([*ends, ("B", "saw", at(9))]) == ("pack", 0.8)


def test_a_step_that_comes_again_is_another_step(tmp_path: Path) -> None:
    """Nine orders are inspected once; one fails, is milled and inspected again, and passes: none can return for ever."""

    def step(order: int, activity: str, station: str, hour: float) -> dict[str, str]:
        return row(f"A{order}", activity, station, at(order, hour), at(order, hour + 1))

    rows = []
    for order in range(10):
        rows += [step(order, "Milling", "Machine 1 - Milling", 7), step(order, "Check", "Check", 8)]
        if order == 0:
            rows += [step(order, "Milling", "Machine 1 - Milling", 9), step(order, "Check", "Check", 10)]
        rows.append(step(order, "Packing", "Packing", 12))
    routing = find_routings(history_of(tmp_path, rows))["Bolt"]
    mill, check = RoutingStep("Milling", "Milling"), RoutingStep("Check", "Check")
    again = RoutingStep("Check", "Check", True)
    assert routing.shares(BEGIN) == {mill: 1.0}
    assert routing.shares(check) == {
        RoutingStep("Packing", "Packing"): 0.9,
        RoutingStep("Milling", "Milling", True): 0.1,
    }
    assert routing.shares(again) == {RoutingStep("Packing", "Packing"): 1.0}
    assert routing.shares(RoutingStep("Packing", "Packing")) == {END: 1.0}
    assert (routing.orders, routing.variants) == (10, 2)
    assert step_names(routing.steps)[again] == "Check again"


def test_names_of_steps_are_never_the_same() -> None:
    steps = [
        RoutingStep("a", "x"),
        RoutingStep("a", "y"),
        RoutingStep("a", "x", True),
        RoutingStep("a at x again", "z"),
    ]
    names = step_names(steps)
    assert len(set(names.values())) == 4
    assert names[steps[0]] == "a at x"


def test_an_order_under_way_is_no_end_of_its_last_step(tmp_path: Path) -> None:
    rows = []
    for order in range(10):
        rows.append(row(f"A{order}", "Milling", "Machine 1 - Milling", at(order, 7), at(order, 8)))
        if order < 9:
            rows.append(row(f"A{order}", "Packing", "Packing", at(order, 9), at(order, 10)))
    history = history_of(tmp_path, rows)
    assert (history.closing, history.open_orders) == ("Packing", frozenset({"A9"}))
    assert find_routings(history)["Bolt"].shares(RoutingStep("Milling", "Milling")) == {
        RoutingStep("Packing", "Packing"): 1.0
    }


def test_orders_under_way_are_told_in_a_short_log_too(tmp_path: Path) -> None:
    """Two orders a day for 35 days, a step every other day, packed after 20 days: 32 of the 70 are, less than half; of the 28 that are silent for longer than pauses last,
    all.
    """
    rows = []
    for order in range(70):
        for step in range(11):
            day, name = order // 2 + 2 * step, f"Machine {step} - Step {step}" if step < 10 else "Packing"
            if day < 35:
                rows.append(row(f"A{order:02d}", name.rpartition(" - ")[2], name, at(day, 7), at(day, 8)))
    history = history_of(tmp_path, rows)
    assert history.closing == "Packing"
    assert history.open_orders == frozenset(f"A{order:02d}" for order in range(30, 70))


def test_an_order_silent_for_longer_than_pauses_last_was_given_up(tmp_path: Path) -> None:
    rows = [row("X", "Milling", "Machine 1 - Milling", at(0, 5), at(0, 6))]
    for order in range(20):
        rows.append(row(f"A{order}", "Milling", "Machine 1 - Milling", at(order, 7), at(order, 8)))
        rows.append(row(f"A{order}", "Packing", "Packing", at(order, 9), at(order, 10)))
    history = history_of(tmp_path, rows)
    assert history.open_orders == frozenset()
    assert find_routings(history)["Bolt"].shares(RoutingStep("Milling", "Milling"))[END] == pytest.approx(1 / 21)


def test_waiting_that_nothing_explains(tmp_path: Path) -> None:
    """Each order is milled for an hour and then packed for an hour that ends 10 hours later: 9 hours of waiting."""
    rows = []
    for day in range(10):
        rows.append(row(f"A{day}", "Milling", "Machine 1 - Milling", at(day, 0.5), at(day, 1.5)))
        rows.append(row(f"A{day}", "Packing", "Packing", at(day, 10.5), at(day, 11.5)))
    history = history_of(tmp_path, rows)
    waits = excess_waits(history, {})
    assert set(waits) == {"Packing"}
    assert waits["Packing"].mean == pytest.approx(9 * HOUR)
    # Two hours of work in eleven: of the nine others, a plant that takes five without the fitted waits explains three.
    assert unexplained_share(history, 5 * HOUR, 11 * HOUR) == pytest.approx(2 / 3)
    half = scaled(waits, 0.5, 1.0)
    assert half["Packing"].mean == pytest.approx(4.5 * HOUR)
    assert scaled(waits, 0.01, 1.0) == {}  # a wait of five minutes is not worth a line


def test_waits_in_open_hours_are_spread_over_all_hours(tmp_path: Path) -> None:
    """Packing is open from 7 to 15, eight of the 24 hours of the log: an order that is packed an hour in the four hours from 11 on has waited
    three open hours, which a delay around the clock makes of nine.
    """
    rows = [
        row("A", "Milling", "Machine 1 - Milling", at(0, 7), at(0, 11)),
        row("A", "Packing", "Packing", at(0, 14), at(0, 15)),
        row("B", "Milling", "Machine 1 - Milling", at(1, 6), at(1, 7)),
    ]
    calendars = {"Packing": Calendar((Pattern(tuple(range(7)), 7.0, 15.0),), 1.0)}
    waits = waits_by_order(history_of(tmp_path, rows), calendars)
    assert waits == {"A": [("Packing", pytest.approx(3 * HOUR / (8 / 24)))], "B": []}


def test_a_shop_that_grew_slower_is_noticed(tmp_path: Path) -> None:
    rows = []
    for day in range(60):
        later = 1 if day < 30 else 4
        rows.append(row(f"A{day:02d}", "Milling", "Machine 1 - Milling", at(day, 7), at(day, 8)))
        rows.append(row(f"A{day:02d}", "Packing", "Packing", at(day + later, 9), at(day + later, 10)))
    kept = pace(history_of(tmp_path, rows))
    assert kept is not None
    assert kept[1] > 0.9
    assert kept[2] < 0.6


def test_three_reports_make_a_skill_of_level_two() -> None:
    assert levels({"mill": 3, "saw": 2}) == {"mill": 2, "saw": 1}
