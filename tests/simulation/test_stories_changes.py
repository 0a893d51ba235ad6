"""A plant that changes while it runs, worked out by hand. Times are in minutes; jobs take an hour or two and lots come as listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plantwright.plant import Plant, changed
from plantwright.simulation import State, begin, load
from tests.simulation.plants import hours, log_of, shop, tell, told

SAW = """
plant: A saw
shifts: {day: {from: "00:00", to: "08:00"}, night: {from: "01:30", to: "08:00"}}
people: {Ana: {skills: {sawing: 1}}, Ben: {count: 1, skills: {sawing: 1}}}
work centers: {saw: {machines: 1}, press: {machines: 1}}
products:
  pin: {release: {orders: orders.csv}, routing: [cut: {at: saw, time: 1 h}]}
"""
THREE = ("pin 00:00", "pin 00:10", "pin 00:20")


def after(plant: Plant, at: str, *what: str, **edits: Any) -> list[tuple[object, ...]]:
    """What happens in a plant that is changed at an instant, a path of the plant file for each edit; all, or the kinds named."""
    state = begin(plant, horizon="1 d", log=True).run_until(at)
    return of(
        state.changed({path.replace("__", " > ").replace("_", " "): value for path, value in edits.items()}), what
    )


def of(state: State, what: tuple[str, ...]) -> list[tuple[object, ...]]:
    return [told(event) for event in state.run_until("1 d").history() if not what or event.what in what]


def test_a_machine_more_starts_at_once() -> None:
    """Three hours of work on one saw; the second saw comes at 30 and takes the second lot, the third waits for the first saw."""
    plant = shop(SAW, *THREE)
    assert after(plant, "30 min", "started", "ended", work_centers__saw__machines=2) == [
        (0, "started", "pin 1", "cut", "saw 1"),
        (30, "started", "pin 2", "cut", "saw 2"),
        (60, "ended", "pin 1", "cut", "saw 1"),
        (60, "started", "pin 3", "cut", "saw 1"),
        (90, "ended", "pin 2", "cut", "saw 2"),
        (120, "ended", "pin 3", "cut", "saw 1"),
    ]


def test_a_machine_that_is_no_more_finishes_its_job() -> None:
    """Two saws work until 60 and 70; from 30 on there is to be one: the second finishes, and the third lot waits for the first."""
    plant = changed(shop(SAW, *THREE), {"work centers > saw > machines": "2"})
    assert after(plant, "30 min", "started", "ended", "state", work_centers__saw__machines=1) == [
        (0, "state", "saw 2", "starved"),
        (0, "state", "press", "starved"),
        (0, "started", "pin 1", "cut", "saw 1"),
        (0, "state", "saw 1", "working"),
        (10, "started", "pin 2", "cut", "saw 2"),
        (10, "state", "saw 2", "working"),
        (60, "ended", "pin 1", "cut", "saw 1"),
        (60, "started", "pin 3", "cut", "saw 1"),
        (70, "ended", "pin 2", "cut", "saw 2"),
        (70, "state", "saw 2", "not there"),
        (120, "ended", "pin 3", "cut", "saw 1"),
        (120, "state", "saw 1", "starved"),
    ]  # fmt: skip


def test_a_machine_that_is_not_there_is_in_no_state() -> None:
    """The second saw works from 30 to 90 minutes; it is there for 23.5 of 24 hours, and neither saw works elsewhen."""
    state = begin(shop(SAW, *THREE), horizon="1 d").run_until("30 min").changed({"work centers > saw > machines": 2})
    shares = {e.of["state"]: e.mean * 47.5 for e in state.run_until("1 d").estimates() if e.of.get("work center") == "saw" and "state" in e.of}  # fmt: skip
    assert {name: round(hours, 6) for name, hours in shares.items() if hours} == {
        "working": 3.0,
        "starved": 44.5,
    }


def test_a_machine_that_is_to_leave_and_becomes_empty_in_repair_leaves_when_that_is_over() -> None:
    """Two saws cut until 10; the second is blocked until 70, when the press is free, and is to leave from 30 on. If saws fail at 65, it is
    repaired until 105 and leaves then; if not, it leaves at 70.
    """
    failing = "work centers: {saw: {machines: 2, failures: [{every: 65 min, clock: calendar, repair: 40 min}]}, press: {machines: 1, buffer: 0 lots}}"
    text = f"""
plant: Blocked
{failing}
products: {{pin: {{release: {{orders: orders.csv}}, routing: [cut: {{at: saw, time: 10 min}}, stamp: {{at: press, time: 1 h}}]}}}}
"""
    told = [(0, "state", "saw 2", "working"), (10, "state", "saw 2", "blocked")]
    for written, left in (
        (text, [(65, "state", "saw 2", "in repair"), (105, "state", "saw 2", "not there")]),
        (text.replace("65 min", "65 d"), [(70, "state", "saw 2", "not there")]),
    ):
        states = after(shop(written, "pin 00:00", "pin 00:00"), "30 min", "state", work_centers__saw__machines=1)
        assert [row for row in states if row[2] == "saw 2"] == told + left


def test_a_machine_that_comes_says_its_state_at_once() -> None:
    """The saws work from 8 to 16; the second comes at 30 minutes and stands off shift until 8, the first from the begin on."""
    plant = changed(shop(SAW, "pin 20:00"), {"work centers > saw > shift": "late", "shifts > late": {"days": "Mon-Sun", "from": "08:00", "to": "16:00"}})  # fmt: skip
    assert after(plant, "30 min", "state", work_centers__saw__machines=2) == [
        (0, "state", "saw 1", "off shift"),
        (0, "state", "press", "starved"),
        (30, "state", "saw 2", "off shift"),
        (480, "state", "saw 1", "starved"),
        (480, "state", "saw 2", "starved"),
        (960, "state", "saw 1", "off shift"),
        (960, "state", "saw 2", "off shift"),
    ]


def test_a_machine_that_is_not_there_uses_no_energy() -> None:
    """Saws that are starved draw 2 kW: one for 24 hours, another from 6 to 18 o'clock only, be there another change of powers at noon or not."""
    plant = changed(shop(SAW, "pin 00:00"), {"products > pin > release": {"every": "9 d"}, "work centers > saw > power": {"idle": "2 kW"}})  # fmt: skip
    there = {6: 2, 18: 1}
    for noon in ([], [12]):
        state = begin(plant, horizon="1 d")
        for hour in sorted([*there, *noon]):
            edit = (
                {"work centers > saw > power": {"idle": "4 kW"}}
                if hour == 12
                else {"work centers > saw > machines": there[hour]}
            )
            state = state.run_until(f"{hour} h").changed(edit)
        run = state.run_until("1 d").estimates()
        used = next(e.mean for e in run if e.name == "energy" and e.of.get("work center") == "saw")
        # 18 and 6 hours of one saw, 12 of the other; from noon on, twice as much for 12 of one and 6 of the other.
        assert used == pytest.approx(2 * (24 + 12) + (2 * (12 + 6) if noon else 0))


def test_a_change_comes_before_all_else_at_its_instant() -> None:
    """At 01:00 the first pin is done; the second begins then, and takes the new time already, whether the run is stopped or the change dated."""
    expected = [
        (60, "ended", "pin 1", "cut", "saw"),
        (70, "ended", "pin 2", "cut", "saw"),
        (80, "ended", "pin 3", "cut", "saw"),
    ]
    assert after(shop(SAW, *THREE), "60 min", "ended", products__pin__routing__cut__time="10 min") == expected
    dated = "changes: [{on: 2026-01-05 01:00, set: products > pin > routing > cut > time, to: 10 min}]\n"
    assert log_of(shop(SAW + dated, *THREE), "1 d", "ended") == expected


def test_jobs_keep_their_time_and_the_next_have_the_new_one() -> None:
    plant = shop(SAW, *THREE)
    assert after(plant, "30 min", "ended", products__pin__routing__cut__time="10 min") == [
        (60, "ended", "pin 1", "cut", "saw"),
        (70, "ended", "pin 2", "cut", "saw"),
        (80, "ended", "pin 3", "cut", "saw"),
    ]


def test_another_shift_stops_the_work() -> None:
    """Always open until 30; from then on the shift begins at 1:30: 30 minutes of the first lot are left then."""
    plant = shop(SAW, *THREE)
    assert after(plant, "30 min", "ended", "state", work_centers__saw__shift="night")[2:6] == [
        (30, "state", "saw", "off shift"),
        (90, "state", "saw", "working"),
        (120, "ended", "pin 1", "cut", "saw"),
        (180, "ended", "pin 2", "cut", "saw"),
    ]


def test_other_hours_of_the_same_shift() -> None:
    """The day shift, from midnight to 8, is to end at 0:45 already: 15 minutes are left for the next day."""
    plant = changed(shop(SAW, *THREE), {"work centers > saw > shift": "day"})
    assert after(plant, "30 min", "state", shifts__day__to="00:45")[1:] == [
        (0, "state", "saw", "working"),
        (45, "state", "saw", "off shift"),
    ]


def test_another_rule_sorts_those_who_wait() -> None:
    """Lots 2 and 3 wait as they came; from 30 on the last one goes first."""
    plant = shop(SAW, *THREE)
    assert after(plant, "30 min", "started", work_centers__saw__rule="LIFO") == [
        (0, "started", "pin 1", "cut", "saw"),
        (60, "started", "pin 3", "cut", "saw"),
        (120, "started", "pin 2", "cut", "saw"),
    ]


def staffed() -> Plant:
    edits = {
        "work centers > saw > machines": "3",
        "products > pin > routing > cut > staff": [{"skill": "sawing"}],
        "people > Ana > count": "2",
        "people > Ben > shift": "night",
    }
    return changed(shop(SAW, *THREE), edits)


def test_people_more_and_fewer() -> None:
    """Ana and a second one work on two lots from 0 and 10 on; the third waits. A third Ana at 30 begins it. Were there one only, he who
    is too many would leave with his lot at 70, and the third lot go to the other at 60.
    """
    assert after(staffed(), "30 min", "started", people__Ana__count=3)[-1] == (30, "started", "pin 3", "cut", "saw 3")
    fewer = after(staffed(), "30 min", "started", "people let go", people__Ana__count=1)
    assert fewer[2:5] == [
        (60, "people let go", "cut", "saw 1", "Ana"),
        (70, "people let go", "cut", "saw 2", "Ana"),
        (70, "started", "pin 3", "cut", "saw 3"),
    ]


def test_who_goes_off_shift_by_a_change_leaves_at_once() -> None:
    """Both of crew Ana work when their shift becomes the one that begins at 1:30; Ben's begins then too: 30 and 40 minutes are left."""
    found = after(staffed(), "30 min", "ended", "people let go", people__Ana__shift="night")
    assert found == [
        (30, "people let go", "cut", "saw 1", "Ana"),
        (30, "people let go", "cut", "saw 2", "Ana"),
        (120, "people let go", "cut", "saw 1", "Ana"),
        (120, "ended", "pin 1", "cut", "saw 1"),
        (130, "people let go", "cut", "saw 2", "Ana"),
        (130, "ended", "pin 2", "cut", "saw 2"),
        (150, "people let go", "cut", "saw 3", "Ben"),
        (150, "ended", "pin 3", "cut", "saw 3"),
    ]


CONWIP = SAW.replace("{orders: orders.csv}", "{conwip: 1 lot}")


def test_more_cards_start_lots_and_fewer_wait_for_theirs() -> None:
    """One lot an hour; two cards more at 30 bring two lots at once. With one card again at 90 two lots must leave (at 120 and 180) before
    the next comes: at 240, when the last one leaves.
    """
    state = begin(shop(CONWIP), horizon="1 d", log=True).run_until("30 min")
    state = state.changed({"products > pin > release > conwip": "3 lots"}).run_until("90 min")
    state = state.changed({"products > pin > release > conwip": "1 lot"}).run_until("301 min")
    released = [told(event)[:3] for event in state.history() if event.what == "released"]
    assert released == [
        (0, "released", "pin 1"),
        (30, "released", "pin 2"),
        (30, "released", "pin 3"),
        (60, "released", "pin 4"),
        (240, "released", "pin 5"),
        (300, "released", "pin 6"),
    ]


def test_another_release_rule_counts_the_lots_that_are_there() -> None:
    """Lots every 40 minutes, an hour of work each: at 90 two are there. From then on two cards: the next comes when one leaves, at 100."""
    plant = changed(shop(CONWIP), {"products > pin > release": {"every": "40 min"}})
    found = after(plant, "90 min", "released", "completed", products__pin__release={"conwip": "2 lots"})
    assert [event[:2] for event in found[:5]] == [
        (40, "released"),
        (80, "released"),
        (100, "completed"),
        (100, "released"),
        (160, "completed"),
    ]


def test_a_new_step_at_a_new_work_center() -> None:
    """From 30 on pins are polished, 5 minutes each, at a bench that was not there; who is cut already then is polished too."""
    plant = shop(SAW, *THREE)
    routing = [{"cut": {"at": "saw", "time": "1 h"}}, {"polish": {"at": "bench", "time": "5 min"}}]
    state = begin(plant, horizon="1 d", log=True).run_until("30 min")
    state = state.changed({"work centers > bench": {"machines": 1}, "products > pin > routing": routing})
    assert of(state, ("ended", "completed")) == [
        (60, "ended", "pin 1", "cut", "saw"),
        (65, "ended", "pin 1", "polish", "bench"),
        (65, "completed", "pin 1", "polish", "bench", 1),
        (120, "ended", "pin 2", "cut", "saw"),
        (125, "ended", "pin 2", "polish", "bench"),
        (125, "completed", "pin 2", "polish", "bench", 1),
        (180, "ended", "pin 3", "cut", "saw"),
        (185, "ended", "pin 3", "polish", "bench"),
        (185, "completed", "pin 3", "polish", "bench", 1),
    ]


def test_failures_that_are_no_more_strike_no_more_and_a_repair_of_them_is_over() -> None:
    """The saw fails after 20 minutes of work for an hour: at 20, and would after 20 more. At 30 it has no failures: 40 minutes are left."""
    plant = changed(shop(SAW, "pin 00:00"), {"work centers > saw > failures": [{"every": "20 min", "repair": "1 h"}]})
    assert after(plant, "30 min", "state", work_centers__saw__failures=None)[1:] == [
        (0, "state", "saw", "working"),
        (20, "state", "saw", "in repair"),
        (30, "state", "saw", "working"),
        (70, "state", "saw", "starved"),
    ]
    # At 10 nothing has failed yet, and nothing will.
    assert after(plant, "10 min", "state", work_centers__saw__failures=None)[1:] == [
        (0, "state", "saw", "working"),
        (60, "state", "saw", "starved"),
    ]


def test_new_failures_count_from_the_change() -> None:
    """From 30 on the saw fails after 20 minutes of work each: at 50, for an hour; the 10 minutes that are left end at 120."""
    plant = shop(SAW, "pin 00:00")
    failures = [{"every": "20 min", "repair": "1 h"}]
    assert after(plant, "30 min", "state", work_centers__saw__failures=failures)[1:] == [
        (0, "state", "saw", "working"),
        (50, "state", "saw", "in repair"),
        (110, "state", "saw", "working"),
        (120, "state", "saw", "starved"),
    ]


def test_a_smaller_buffer_empties_before_it_fills() -> None:
    """Two lots wait in places for two; with one place from 30 on the fourth comes in when one of them has gone to the saw and left room:
    at 120, where there were two places it came at 60.
    """
    plant = changed(shop(SAW, *THREE, "pin 00:25"), {"work centers > saw > buffer": "2 lots"})
    same = after(plant, "30 min", "queued")
    fewer = after(plant, "30 min", "queued", work_centers__saw__buffer="1 lot")
    assert (same[-1][0], fewer[-1][0]) == (60, 120)


def test_changed_there_and_back() -> None:
    """A second saw from 30 to 40 minutes: it has begun the second lot, and finishes it; it is there again from 85 on, when it still works."""
    plant = shop(SAW, *THREE, "pin 01:10")
    state = begin(plant, horizon="1 d", log=True).run_until("30 min")
    for minute, machines in ((30, 2), (40, 1), (85, 2)):
        state = state.run_until(f"{minute} min").changed({"work centers > saw > machines": machines})
    assert of(state, ("started",)) == [
        (0, "started", "pin 1", "cut", "saw 1"),
        (30, "started", "pin 2", "cut", "saw 2"),
        (60, "started", "pin 3", "cut", "saw 1"),
        (90, "started", "pin 4", "cut", "saw 2"),
    ]


DATED = SAW + "changes:\n"


def dated(*changes: str) -> Plant:
    return shop(DATED + "".join(f"  - {{{change}}}\n" for change in changes), *THREE)


def test_dated_changes_are_made_at_their_time() -> None:
    """Two saws from 0:30 to 1:10: as `test_a_machine_more_starts_at_once`, but that the second saw leaves when it is done at 1:30."""
    plant = dated(
        "on: 2026-01-05 00:30, set: work centers > saw > machines, to: 2",
        "on: 2026-01-05 01:10, set: work centers > saw > machines, to: 1",
    )
    assert log_of(plant, "1 d", "started", "ended") == [
        (0, "started", "pin 1", "cut", "saw 1"),
        (30, "started", "pin 2", "cut", "saw 2"),
        (60, "ended", "pin 1", "cut", "saw 1"),
        (60, "started", "pin 3", "cut", "saw 1"),
        (90, "ended", "pin 2", "cut", "saw 2"),
        (120, "ended", "pin 3", "cut", "saw 1"),
    ]
    assert log_of(plant, "1 d", "state")[-2:] == [
        (90, "state", "saw 2", "not there"),
        (120, "state", "saw 1", "starved"),
    ]
    # Three hours of work; one saw is there for 24 hours, the other for one: of 24 at a saw that is there, 3 of 25 parts were worked.
    assert hours(tell(plant, "1 d"), "saw") == {"working": 24 * 3 / 25, "starved": 24 * 22 / 25}


def test_a_run_through_dated_changes_is_the_same_in_pieces(tmp_path: Path) -> None:
    plant = dated(
        "on: 2026-01-05 00:30, set: work centers > saw > machines, to: 2",
        "on: 2026-01-05 01:10, set: products > pin > routing > cut > time, to: 15 min",
    )
    state = begin(plant, horizon="1 d", log=True)
    for minute in (0, 30, 31, 60, 70, 90):
        state.run_until(f"{minute} min").save(tmp_path / "run.npz")
        state = load(tmp_path / "run.npz")
    assert of(state, ()) == log_of(plant, "1 d")
    assert [e.values[0] for e in state.estimates()] == [e.values[0] for e in tell(plant, "1 d").estimates]


def test_a_date_without_a_time_is_local_midnight_and_those_behind_are_made_at_once() -> None:
    """The run begins on Monday at 0:00 in New York; the change of Tuesday is made after 24 hours, that of Sunday at the start."""
    plant = shop(
        "time zone: America/New_York"
        + DATED.replace("{orders: orders.csv}", "{every: 60 min}")
        + "  - {on: 2026-01-04, set: products > pin > routing > cut > time, to: 10 min}\n"
        "  - {on: 2026-01-06, set: products > pin > routing > cut > time, to: 30 min}\n"
    )
    ended = [event[0] for event in log_of(plant, "26 h", "ended")]
    assert ended == [*(60 * k + 10 for k in range(1, 24)), 1470, 1530]


def test_changes_on_one_day_are_made_in_the_order_of_the_file() -> None:
    plant = dated(
        "on: 2026-01-05 00:30, set: work centers > saw > machines, to: 3",
        "on: 2026-01-05 00:30, set: work centers > saw > machines, to: 2",
    )
    assert log_of(plant, "1 d", "started")[1:] == [
        (30, "started", "pin 2", "cut", "saw 2"),
        (60, "started", "pin 3", "cut", "saw 1"),
    ]
