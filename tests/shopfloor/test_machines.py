"""From readings to meaning: timelines without holes, stops with reasons, KPIs with coverage; each by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plantwright.monitoring.steps import Steps
from plantwright.plant.calendar import Shift, Span
from plantwright.shopfloor.machines.planned import planned
from plantwright.shopfloor.machines.reports import accounts
from plantwright.shopfloor.machines.rules import StateRule, read_condition
from plantwright.shopfloor.machines.settings import FloorSettings, MachineSettings
from plantwright.shopfloor.machines.stops import Reason, Reasons, carried, read_reasons, say_reason, stops
from plantwright.shopfloor.machines.timelines import Timeline, timelines
from plantwright.shopfloor.readings import NANOSECONDS, Batch, Events, Tag
from tests.shopfloor.floor import UNAVAILABLE, Floor, at

HOUR = 3600.0
DAY = {"day": Shift("day", (0, 1, 2, 3, 4), Span(7 * HOUR, 15 * HOUR), (Span(11 * HOUR, 11.5 * HOUR),))}


def seconds(steps: Steps, end: int) -> dict[str | None, float]:
    return {name: ns / NANOSECONDS for name, ns in steps.totals(end).items()}


def monday(floor: Floor, start: str = "7:00", end: str = "15:00", settings: FloorSettings | None = None) -> Timeline:
    (found,) = timelines(floor.history, at(start), at(end), settings or FloorSettings(shifts=DAY))
    return found


def mill() -> Floor:
    """Runs from before the shift; a fault from 9:00 to 9:30, two minutes of feed hold at 10:00, nothing to do from 13:00."""
    floor = Floor()
    floor.says(
        "mill", "EXECUTION",
        {"6:00": "ACTIVE", "9:00": "STOPPED", "9:30": "ACTIVE", "10:00": "FEED_HOLD", "10:02": "ACTIVE", "13:00": "READY"},
    )  # fmt: skip
    floor.says("mill", "SYSTEM", {"6:00": "NORMAL", "9:00": "FAULT", "9:30": "NORMAL"}, "condition")
    floor.heard("mill", "15:00")
    return floor


def test_a_state_holds_from_before_the_window_and_a_fault_is_a_failure() -> None:
    timeline = monday(mill())
    assert seconds(timeline.use, timeline.end) == {
        "production": 5.5 * HOUR - 120, "failure": HOUR / 2, "delay": 120.0, "idle": 2 * HOUR,
    }  # fmt: skip
    assert timeline.covered == 1.0
    frame = timeline.frame()
    assert (frame["start"][1:] == frame["end"][:-1]).all()
    assert frame["start"].to_physical()[0] == timeline.start
    assert frame["end"].to_physical()[-1] == timeline.end


def test_what_is_not_known_is_unknown_and_never_idle() -> None:
    floor = mill()
    floor.gap("mill", "13:30", "14:00")
    timeline = monday(floor)
    found = seconds(timeline.use, timeline.end)
    assert found[None] == HOUR / 2
    assert found["idle"] == 1.5 * HOUR
    assert timeline.covered == pytest.approx(1 - 0.5 / 8)


def test_unavailable_and_the_time_after_the_last_word_are_unknown() -> None:
    floor = Floor()
    floor.says("mill", "EXECUTION", {"8:00": "ACTIVE", "9:00": UNAVAILABLE, "10:00": "READY"})
    floor.heard("mill", "12:00")
    timeline = monday(floor)
    assert seconds(timeline.use, timeline.end) == {None: HOUR + HOUR + 3 * HOUR, "production": HOUR, "idle": 2 * HOUR}


def test_a_state_that_nobody_explained_is_unknown() -> None:
    floor = Floor()
    floor.says("mill", "EXECUTION", {"7:00": "DREAMING", "8:00": "ACTIVE"})
    floor.heard("mill", "15:00")
    assert seconds(monday(floor).use, at("15:00"))[None] == HOUR
    explained = FloorSettings(machines={"mill": MachineSettings(uses={"DREAMING": "idle", "ACTIVE": "production"})})
    assert seconds(monday(floor, settings=explained).use, at("15:00")) == {"idle": HOUR, "production": 7 * HOUR}


def test_functional_mode_tells_setup() -> None:
    floor = Floor()
    floor.says("mill", "EXECUTION", {"7:00": "ACTIVE", "8:00": "READY", "9:00": "ACTIVE"})
    floor.says("mill", "FUNCTIONAL_MODE", {"7:00": "PRODUCTION", "8:00": "SETUP", "9:00": "PRODUCTION"})
    floor.heard("mill", "15:00")
    assert seconds(monday(floor).use, at("15:00")) == {"production": 7 * HOUR, "setup": HOUR}


def test_a_machine_without_a_state_is_understood_by_rules() -> None:
    floor = Floor()
    floor.measures("saw", "LOAD", {"7:00": 0.0, "8:00": 40.0, "10:00": 0.5, "11:00": 60.0})
    floor.says("saw", "DOOR", {"7:00": "CLOSED", "9:30": "OPEN", "12:00": "CLOSED"})
    floor.heard("saw", "15:00")
    rules = (
        StateRule("production", (read_condition("load > 5"), read_condition("door is CLOSED"))),
        StateRule("setup", (read_condition("door is not CLOSED"),)),
    )
    settings = FloorSettings(machines={"saw": MachineSettings(rules=rules)})
    timeline = monday(floor, settings=settings)
    assert seconds(timeline.use, timeline.end) == {
        "idle": HOUR,
        "production": 1.5 * HOUR + 3 * HOUR,
        "setup": 2.5 * HOUR,
    }


@pytest.mark.parametrize("text", ["load", "load >", "> 5", "load == 5", ""])
def test_a_condition_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no condition"):
        read_condition(text)


def test_stops_are_unqualified_until_somebody_names_them(tmp_path: Path) -> None:
    settings = FloorSettings(shifts=DAY)
    timeline = monday(mill(), settings=settings)
    found = stops(timeline, settings=settings)
    assert [(stop.seconds, stop.use, stop.reason, stop.shift, stop.open) for stop in found] == [
        (HOUR / 2, "failure", "unqualified", "day", False),
        (120.0, "delay", "micro-stop", "day", False),
        (2 * HOUR, "idle", "unqualified", "day", True),
    ]
    file = tmp_path / "reasons.jsonl"
    say_reason(file, Reason("mill", found[0].start, found[0].end, "tool change", "Ana", at("16:00")))
    say_reason(file, Reason("mill", at("13:00"), at("14:00"), "maintenance", "Ana", at("16:01")))
    reasons = read_reasons(file)
    named = stops(timeline, reasons, settings)
    assert [(stop.seconds, stop.use, stop.reason) for stop in named] == [
        (HOUR / 2, "delay", "tool change"), (120.0, "delay", "micro-stop"), (HOUR, "planned", "maintenance"), (HOUR, "idle", "unqualified"),
    ]  # fmt: skip
    (account,) = accounts([timeline], settings, reasons)
    assert account.seconds["planned"] == HOUR
    assert account.elements.planned_busy == 6.5 * HOUR
    say_reason(file, Reason("mill", at("13:00"), at("14:00"), "", "Ana", at("16:02")))
    assert [stop.reason for stop in stops(timeline, read_reasons(file), settings)] == [
        "tool change",
        "micro-stop",
        "unqualified",
    ]


def test_a_line_that_was_cut_off_is_left_out_and_the_next_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "reasons.jsonl"
    say_reason(file, Reason("mill", 0, 1, "meeting", "Ana", 2))
    with file.open("a") as out:
        out.write('{"machine": "mi')
    assert len(read_reasons(file).said) == 1
    say_reason(file, Reason("mill", 5, 6, "meeting", "Ana", 7))
    assert [reason.at for reason in read_reasons(file).said] == [2, 7]
    assert read_reasons(tmp_path / "none.jsonl").said == ()


def test_a_shift_by_hand() -> None:
    floor = mill()
    counts = {f"{hour}:59": str(10 * (hour - 6)) for hour in range(7, 13)}
    floor.says("mill", "PART_COUNT", {"6:30": "0", **counts})
    floor.says("mill", "PART_COUNT.BAD", {"6:30": "0", "8:30": "2", "12:30": "3"})
    machine = MachineSettings(work_center="milling", run_times={"*": 240.0})
    settings = FloorSettings(shifts=DAY, machines={"mill": machine})
    (account,) = accounts([monday(floor, settings=settings)], settings)
    # eight hours less the break of half an hour, of which nothing is unknown; the break lies in production
    assert sum(account.seconds.values()) == 7.5 * HOUR
    assert account.seconds["production"] == 5 * HOUR - 120
    assert account.outside == {"production": HOUR / 2}
    assert account.covered == 1.0
    assert account.kpi("availability") == pytest.approx((5 * HOUR - 120) / (7.5 * HOUR))
    # sixty in all, of which three are bad; none was counted within the break
    assert account.elements.produced == 60
    assert account.kpi("quality ratio") == pytest.approx(57 / 60)
    assert account.kpi("effectiveness") == pytest.approx(60 * 240 / (5 * HOUR - 120))
    assert account.kpi("OEE index") == pytest.approx(57 * 240 / (7.5 * HOUR))
    assert account.speed_loss == pytest.approx(5 * HOUR - 120 - 60 * 240)
    assert (account.micro_stops, account.micro_stopped) == (1, 120.0)
    assert account.kpi("MTBF") == pytest.approx(5 * HOUR - 120)
    assert account.kpi("MTTR") == pytest.approx(HOUR / 2)


def test_unknown_time_is_told_and_bounds_hold_whatever_happened() -> None:
    floor = mill()
    floor.gap("mill", "13:00", "14:00")
    settings = FloorSettings(shifts=DAY)
    (account,) = accounts([monday(floor)], settings)
    assert account.covered == pytest.approx(1 - 1 / 7.5)
    assert account.kpi("availability") == pytest.approx((5 * HOUR - 120) / (6.5 * HOUR))
    assert account.bounds() == pytest.approx(((5 * HOUR - 120) / (7.5 * HOUR), (6 * HOUR - 120) / (7.5 * HOUR)))
    assert account.kpi("OEE index") is None
    assert account.why_unknown == {"produced": "no counter of pieces"}


def test_a_counter_that_never_moves_is_no_count_of_nothing() -> None:
    floor = mill()
    floor.says("mill", "PART_COUNT", {"6:00": "0", "8:00": UNAVAILABLE, "8:01": "0"})
    (account,) = accounts([monday(floor)], FloorSettings(shifts=DAY))
    assert account.elements.produced is None
    assert account.why_unknown == {"produced": "the counter of pieces never moved in hours of production"}


def test_a_counter_that_begins_anew_counts_what_it_shows() -> None:
    floor = mill()
    floor.says("mill", "PART_COUNT", {"6:59": "95", "7:30": "98", "8:00": "2", "9:00": "5"})
    timeline = monday(floor)
    assert timeline.parts is not None
    assert float(timeline.parts[1].sum()) == 3 + 2 + 3


@pytest.mark.parametrize(
    ("counters", "good", "bad"),
    [
        ({"PART_COUNT.ALL": 10, "PART_COUNT.BAD": 2}, 8, 2),
        ({"PART_COUNT": 10, "PART_COUNT.GOOD": 7}, 7, 3),
        ({"PART_COUNT.ALL": 10, "PART_COUNT.GOOD": 7, "PART_COUNT.BAD": 2}, 7, 2),
        ({"PART_COUNT.ALL": 10}, None, None),
    ],
)
def test_a_counter_of_all_counts_bad_pieces_too(counters: dict[str, int], good: int | None, bad: int | None) -> None:
    floor = mill()
    for type, count in counters.items():
        floor.says("mill", type, {"6:30": "0", "8:00": str(count)})
    (account,) = accounts([monday(floor)], FloorSettings(shifts=DAY))
    assert (account.elements.good, account.elements.scrapped) == (good, bad)
    assert account.elements.produced == (10 if good is None or bad is None else good + bad)


def test_a_fault_from_before_the_window_lasts_although_another_code_came_after_it() -> None:
    floor = Floor()
    floor.says("mill", "EXECUTION", {"6:00": "STOPPED"})
    floor.heard("mill", "15:00")
    codes = [("6:00", "FAULT", "A"), ("6:30", "WARNING", "B"), ("6:40", "NORMAL", "B"), ("9:00", "NORMAL", "A")]
    number = floor.tag("mill", "system", "SYSTEM", "condition")
    told = [json.dumps({"code": code}) for _, _, code in codes]
    events = Events.of([number] * 4, [at(clock) for clock, _, _ in codes], [level for _, level, _ in codes], told)
    floor.history.append([Batch("mill", events=events)])
    assert seconds(monday(floor).use, at("15:00")) == {"failure": 2 * HOUR, "delay": 6 * HOUR}


def test_a_sample_holds_from_before_the_window() -> None:
    floor = Floor()
    floor.measures("saw", "LOAD", {"6:50": 40.0, "8:00": 0.0})
    floor.measures("saw", "COUNTER", {"6:50": 10.0, "7:30": 12.0})
    floor.heard("saw", "15:00")
    rules = (StateRule("production", (read_condition("load > 5"),)),)
    machine = MachineSettings(rules=rules, signals={"parts": "counter"})
    timeline = monday(floor, settings=FloorSettings(machines={"saw": machine}))
    assert seconds(timeline.use, timeline.end) == {"production": HOUR, "idle": 7 * HOUR}
    assert timeline.parts is not None
    assert float(timeline.parts[1].sum()) == 2


def test_a_machine_that_two_sources_tell_of_is_unknown_where_that_of_its_state_was_not_read() -> None:
    floor = Floor()
    meter = Tag("saw/energy", "sample", "meter", "saw", "ENERGY")
    floor.history.declare([meter])
    floor.says("saw", "EXECUTION", {"7:00": "ACTIVE"})
    floor.says("saw", "PRODUCT", {"7:00": "gear"})
    floor.gap("saw", "9:00", "10:00")
    floor.heard("saw", "15:00")
    timeline = monday(floor)
    assert seconds(timeline.use, timeline.end) == {None: HOUR, "production": 7 * HOUR}
    assert timeline.product.totals(timeline.end)[None] == HOUR * NANOSECONDS


def test_readings_after_the_last_beat_are_known() -> None:
    floor = Floor()
    floor.says("mill", "EXECUTION", {"7:00": "ACTIVE", "8:00:30": "READY", "8:00:50": "ACTIVE"})
    floor.heard("mill", "8:00")
    assert seconds(monday(floor).use, at("15:00"))["idle"] == 20.0


def test_a_stop_that_the_window_cuts_is_no_micro_stop() -> None:
    floor = Floor()
    floor.says("mill", "EXECUTION", {"3:00": "STOPPED", "7:01": "ACTIVE", "8:00": "STOPPED", "9:00": "ACTIVE"})
    floor.heard("mill", "15:00")
    timeline = monday(floor)
    named = Reasons((Reason("mill", at("8:02"), at("9:00"), "tool change", "Ana", 1),))
    assert [(stop.seconds, stop.reason) for stop in stops(timeline, named)] == [
        (60.0, "unqualified"), (120.0, "unqualified"), (58 * 60.0, "tool change"),
    ]  # fmt: skip


def test_by_shift_and_product_and_outside_all_shifts() -> None:
    floor = Floor()
    floor.says("mill", "EXECUTION", {"6:00": "ACTIVE", "16:00": "READY"})
    floor.says("mill", "PRODUCT", {"6:00": "gear", "10:00": "shaft"})
    floor.says("mill", "PART_COUNT", {"6:00": "0", "10:00": "4", "12:00": "5"})
    floor.heard("mill", "20:00")
    settings = FloorSettings(
        shifts={"early": Shift("early", (0,), Span(7 * HOUR, 12 * HOUR)), "late": Shift("late", (0,), Span(12 * HOUR, 15 * HOUR))},
        machines={"mill": MachineSettings(run_times={"gear": 3600.0, "shaft": 1800.0})},
    )  # fmt: skip
    (timeline,) = timelines(floor.history, at("0:00"), at("20:00"), settings)
    by_shift = {account.of["shift"]: account for account in accounts([timeline], settings, by=["machine", "shift"])}
    assert by_shift["early"].seconds == {"production": 5 * HOUR}
    assert by_shift["late"].seconds == {"production": 3 * HOUR}
    assert by_shift["outside shifts"].outside == {"production": 2 * HOUR, "idle": 4 * HOUR, "unknown": 6 * HOUR}
    by_product = {account.of["product"]: account for account in accounts([timeline], settings, by=["product"])}
    assert by_product["gear"].elements.production == 3 * HOUR
    assert by_product["shaft"].elements.production == 5 * HOUR
    # pieces belong to what held just before they were counted
    assert (by_product["gear"].elements.produced, by_product["shaft"].elements.produced) == (4, 1)
    both = {
        tuple(account.of.values()): account.seconds
        for account in accounts([timeline], settings, by=["shift", "product"])
    }
    assert both["mill", "early", "gear"] == {"production": 3 * HOUR}
    assert both["mill", "early", "shaft"] == {"production": 2 * HOUR}
    assert both["mill", "late", "shaft"] == {"production": 3 * HOUR}
    (whole,) = accounts([timeline], settings)
    assert whole.elements.planned_production == 4 * 3600 + 1800


def test_machines_of_a_work_center_add_up() -> None:
    floor = Floor()
    for machine, until in (("mill 1", "9:00"), ("mill 2", "15:00")):
        floor.says(machine, "EXECUTION", {"7:00": "ACTIVE", until: "READY"})
        floor.heard(machine, "15:00")
    machines = {name: MachineSettings(work_center="milling") for name in ("mill 1", "mill 2")}
    settings = FloorSettings(shifts={"day": replace(DAY["day"], breaks=())}, machines=machines)
    found = timelines(floor.history, at("7:00"), at("15:00"), settings)
    (account,) = accounts(found, settings, by=["work center"])
    assert account.of == {"work center": "milling"}
    assert account.kpi("availability") == pytest.approx(10 / 16)


def test_shifts_follow_the_clock_of_their_zone_through_its_change() -> None:
    night = {"night": Shift("night", (5,), Span(22 * HOUR, 30 * HOUR))}
    saturday, monday_after = at("0:00", day=29), at("0:00", day=31)
    held = planned(night, "Europe/Berlin", saturday, monday_after)
    assert held.totals(monday_after)["night"] == 7 * HOUR * NANOSECONDS  # on 30 March 2025 the clock leaves an hour out
    assert held.time[held.code == 0].tolist() == [at("21:00", day=29)]


def test_breaks_and_closed_days() -> None:
    import datetime

    shift = replace(DAY["day"], exceptions={datetime.date(2025, 3, 4): "closed"})
    held = planned({"day": shift}, "UTC", at("0:00", day=3), at("0:00", day=5))
    assert held.totals(at("0:00", day=5)) == {
        None: int(40 * HOUR) * NANOSECONDS,
        "day": int(7.5 * HOUR) * NANOSECONDS,
        "break": int(HOUR / 2) * NANOSECONDS,
    }


def test_what_tells_no_state_is_no_machine_unless_it_is_named() -> None:
    floor = mill()
    floor.says("hall", "TEMPERATURE_LIMIT", {"7:00": "21"})
    assert [one.machine for one in timelines(floor.history, at("7:00"), at("8:00"))] == ["mill"]
    (hall,) = timelines(floor.history, at("7:00"), at("8:00"), machines=["hall"])
    assert hall.covered == 0.0


def test_a_window_without_length_and_a_machine_that_is_not_there() -> None:
    floor = mill()
    with pytest.raises(ValueError, match="no length"):
        timelines(floor.history, 5, 5)
    with pytest.raises(KeyError, match="lathe"):
        timelines(floor.history, 0, 5, machines=["lathe"])


def test_of_reasons_for_one_time_the_last_word_holds() -> None:
    timeline = monday(mill())
    said = (
        Reason("mill", at("13:00"), at("14:00"), "meeting", "A", 1),
        Reason("mill", at("13:30"), at("14:30"), "quality", "B", 2),
        Reason("saw", 0, at("15:00"), "quality", "B", 3),
    )
    held = Reasons(said).of(timeline)
    assert held.at(np.array([at("13:00"), at("13:30"), at("14:29"), at("14:30")])).tolist() == [0, 1, 1, -1]


def test_a_reason_given_while_a_machine_stands_holds_until_it_runs() -> None:
    floor = Floor()
    floor.says(
        "mill",
        "EXECUTION",
        {"7:00": "ACTIVE", "8:00": "STOPPED", "10:00": "ACTIVE", "12:00": "STOPPED", "13:00": "ACTIVE"},
    )
    floor.heard("mill", "15:00")
    reasons = Reasons((Reason("mill", at("8:00"), at("9:00"), "tool change", "Ana", at("9:00"), open=True),))
    assert [(stop.seconds, stop.reason) for stop in stops(monday(floor), reasons)] == [
        (2 * HOUR, "tool change"),
        (HOUR, "unqualified"),
    ]


def test_a_reason_given_while_a_machine_stands_holds_in_a_later_window_until_it_runs() -> None:
    floor = Floor()
    floor.says(
        "mill",
        "EXECUTION",
        {"7:00": "ACTIVE", "8:00": "STOPPED", "9:30": "READY", "12:00": "ACTIVE", "13:00": "STOPPED"},
    )
    floor.heard("mill", "15:00")
    reasons = Reasons((Reason("mill", at("8:00"), at("9:00"), "tool change", "Ana", at("9:00"), open=True),))
    for start, why in (("10:00", ["tool change", "unqualified"]), ("13:30", ["unqualified"])):
        timeline = monday(floor, start)
        said = carried(floor.history, [timeline], reasons, FloorSettings())
        assert [stop.reason for stop in stops(timeline, said)] == why
