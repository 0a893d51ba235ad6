"""Pairs, completions, machine states, downtime: each against a story worked out by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from plantwright.calibration import inspect_log
from plantwright.errors import LogError
from plantwright.events import EventLog
from plantwright.exchange import read_log
from tests.calibration.logs import run


def saved(folder: Path, text: str, name: str = "log.csv") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def told(log: EventLog, *columns: str) -> list[tuple[object, ...]]:
    """The rows in brief: the columns asked for, then start and end as hours and minutes."""
    return [
        (*row[:-2], f"{row[-2]:%d %H:%M}", f"{row[-1]:%d %H:%M}")
        for row in log.table.select(*columns, "start", "end").iter_rows()
    ]


def accounted(log: EventLog) -> bool:
    return log.rows_read == log.table.height + log.joined + len(log.aside)


def test_an_end_of_what_began_before_the_log_belongs_to_no_later_start(tmp_path: Path) -> None:
    """First in, first out: 06:30 ends what was under way; the two that overlap end in the order in which they began."""
    log = read_log(saved(tmp_path, """case,activity,machine,lifecycle,time,good
A,saw,M1,complete,2026-01-05 06:30,9
A,saw,M1,start,2026-01-05 07:00,
A,saw,M1,start,2026-01-05 07:10,
A,saw,M1,complete,2026-01-05 08:00,4
A,saw,M2,complete,2026-01-05 08:05,9
A,saw,M1,complete,2026-01-05 09:00,5
A,saw,M1,start,2026-01-05 09:00,
A,saw,M1,complete,2026-01-05 09:30,6
A,saw,M1,complete,2026-01-05 09:40,6
B,saw,M1,start,2026-01-05 10:00,
"""))  # fmt: skip
    assert told(log, "row", "quantity") == [
        (3, 4.0, "05 07:00", "05 08:00"),
        (4, 5.0, "05 07:10", "05 09:00"),
        (8, 6.0, "05 09:00", "05 09:30"),
    ]
    assert {row.row: row.reason for row in log.aside} == {
        2: "an end without its start", 6: "an end without its start", 10: "an end without its start", 11: "a start without its end",
    }  # fmt: skip
    assert accounted(log)
    assert log.shape == "pairs"


def test_the_life_of_an_activity_as_xes_has_it(tmp_path: Path) -> None:
    """Work rests between suspend and resume; what is scheduled and assigned says nothing of work, and is no damage."""
    lines = ["case,activity,lifecycle,time"]
    for k in range(6):
        day = f"2026-01-{k + 5:02d}"
        lines += [f"{k},saw,{word},{day} {hour}" for word, hour in (("schedule", "06:00"), ("assign", "06:30"), ("start", "07:00"),
                  ("suspend", "09:00"), ("resume", "10:00"), ("complete", "10:30"))]  # fmt: skip
    log = read_log(saved(tmp_path, "\n".join(lines)))
    assert told(log, "order")[:2] == [("0", "05 07:00", "05 09:00"), ("0", "05 10:00", "05 10:30")]
    assert log.notes["other steps"] == "schedule (6), assign (6)"
    assert accounted(log)
    assert inspect_log(log).left_out == 0


COMPLETIONS = """order,operation,machine,completed
A,saw,S,2026-01-05 08:00
B,saw,S,2026-01-05 09:00
A,mill,M,2026-01-05 10:00
A,mill,M,2026-01-05 10:00
C,saw,S,2026-01-05 11:00
B,mill,M,2026-01-05 10:30
C,mill,M,2026-01-05 14:00
,mill,M,2026-01-05 15:00
D,mill,M,soon
"""


def test_completions_give_effective_process_times(tmp_path: Path) -> None:
    """A comes to the mill at 8:00 and is the first there: nobody knows since when it was free. B comes at 9:00, and the mill is free
    at 10:00: half an hour. C comes at 11:00 to a mill that is free: three hours. What comes first of an order has no arrival.
    """
    log = read_log(saved(tmp_path, COMPLETIONS))
    assert told(log, "order", "activity") == [
        ("A", "saw", "05 08:00", "05 08:00"), ("B", "saw", "05 09:00", "05 09:00"), ("A", "mill", "05 10:00", "05 10:00"),
        ("A", "mill", "05 10:00", "05 10:00"), ("C", "saw", "05 11:00", "05 11:00"), ("B", "mill", "05 10:00", "05 10:30"),
        ("C", "mill", "05 11:00", "05 14:00"),
    ]  # fmt: skip
    assert [(row.row, row.reason) for row in log.aside] == [(9, "no order"), (10, "no time: soon")]
    assert log.shape == "completions"
    assert "process time itself cannot be known" in log.warnings[0]
    quality = inspect_log(log)
    assert (quality.count("surplus copies"), quality.count("zero durations")) == (1, 5)


STATES = """machine,timestamp,status,order
M1,2026-01-05 06:00,IDLE,
M1,2026-01-05 07:00,SETUP,
M1,2026-01-05 07:30,RUN,A
M1,2026-01-05 08:00,RUN,A
M1,2026-01-05 09:00,DOWN,
M1,2026-01-05 09:45,RUN,A
M2,2026-01-05 07:00,RUNNING,B
M2,2026-01-05 08:00,IDLE,
M2,2026-01-05 09:00,DOWN,
M1,2026-01-05 10:00,RUN,C
M2,2026-01-05 09:30,RUN,
M2,2026-01-05 10:00,IDLE,
M1,2026-01-05 11:00,IDLE,
M1,2026-01-05 12:00,RUN,D
"""


def test_states_of_machines_are_reports(tmp_path: Path) -> None:
    log = read_log(saved(tmp_path, STATES))
    assert told(log, "station", "order", "type") == [
        ("M1", "A", "setup", "05 07:00", "05 07:30"), ("M1", "A", "work", "05 07:30", "05 09:00"), ("M1", "A", "breakdown", "05 09:00", "05 09:45"),
        ("M1", "A", "work", "05 09:45", "05 10:00"), ("M2", "B", "work", "05 07:00", "05 08:00"), ("M2", "B", "breakdown", "05 09:00", "05 09:30"),
        ("M1", "C", "work", "05 10:00", "05 11:00"),
    ]  # fmt: skip
    assert {row.row: row.reason for row in log.aside} == {12: "no order", 15: "had not ended when the log ended"}
    assert accounted(log)
    assert log.shape == "machine states"
    assert log.stops is not None
    assert log.stops.select("row", "station", "reason").rows() == [(6, "M1", "DOWN"), (10, "M2", "DOWN")]


def test_a_state_that_is_not_known_is_said(tmp_path: Path) -> None:
    path = saved(tmp_path, STATES.replace("DOWN", "KAPUTT"))
    log = read_log(path, {"state": "status"})
    assert log.warnings[0].startswith("states that are not known are taken for idle: KAPUTT (2)")
    assert log.table.filter(log.table["type"] == "breakdown").is_empty()


def test_states_with_an_end_of_their_own(tmp_path: Path) -> None:
    """The machine was not watched from 8:00 to 9:00."""
    log = read_log(saved(tmp_path, """equipment,begin,end,state,job,operation
M1,2026-01-05 07:00,2026-01-05 08:00,EXECUTE,A,turn
M1,2026-01-05 09:00,2026-01-05 09:30,EXECUTE,A,turn
M1,2026-01-05 09:30,2026-01-05 09:40,ABORTED,A,turn
M1,2026-01-05 10:00,2026-01-05 10:10,EXECUTE,B,turn
"""))  # fmt: skip
    assert told(log, "order", "type") == [
        ("A", "work", "05 07:00", "05 08:00"), ("A", "work", "05 09:00", "05 09:30"), ("A", "breakdown", "05 09:30", "05 09:40"),
        ("B", "work", "05 10:00", "05 10:10"),
    ]  # fmt: skip


WORK = """order,operation,machine,start,end,good,worker
A,saw,Machine 4 - Saw,2026-01-05 07:00,2026-01-05 12:00,10,Kim
B,saw,Machine 4 - Saw,2026-01-05 12:00,2026-01-05 13:00,5,Kim
B,mill,Machine 14 - Mill,2026-01-05 07:00,2026-01-05 12:00,5,Lou
B,mill,Machine 14 - Mill,2026-01-05 13:00,2026-01-05 13:10,5,Lou
"""


def test_stops_cut_the_work_that_they_interrupt(tmp_path: Path) -> None:
    """Two stops overlap, one runs on from order A into B, one covers a whole report, one is of no order, one of no machine."""
    stops = saved(tmp_path, """Equipment;Stop from;Minutes;Cause
machine 4;05.01.2026 08:00;60;belt
machine 4;05.01.2026 08:30;60;belt
machine 4;05.01.2026 11:30;60;sensor
Machine 14;05.01.2026 13:00;15;jam
Machine 14;05.01.2026 20:00;15;jam
Machine 99;05.01.2026 20:00;15;jam
Machine 14;;15;jam
""", "stops.csv")  # fmt: skip
    from plantwright.exchange.downtime import join_downtime

    mapping = {"start": "Stop from", "span": "Minutes"}
    log = join_downtime(read_log(saved(tmp_path, WORK)), stops, mapping)
    assert told(log, "row", "order", "type", "quantity") == [
        (2, "A", "work", None, "05 07:00", "05 08:00"), (2, "A", "breakdown", None, "05 08:00", "05 09:30"),
        (2, "A", "work", 10.0, "05 09:30", "05 11:30"), (2, "A", "breakdown", None, "05 11:30", "05 12:00"),
        (3, "B", "breakdown", None, "05 12:00", "05 12:30"), (3, "B", "work", 5.0, "05 12:30", "05 13:00"),
        (4, "B", "work", 5.0, "05 07:00", "05 12:00"), (5, "B", "work", 5.0, "05 13:00", "05 13:10"),
    ]  # fmt: skip
    assert log.notes["downtime"] == "stops.csv: 5 stops of 2 machines, 4 h; 2 reports are cut by them"
    assert len(log.warnings) == 3
    assert "'Machine 99'" in log.warnings[1]
    assert "1 reports lie wholly within a stop" in log.warnings[2]
    assert accounted(log)
    assert log.stops is not None
    assert log.stops["reason"].to_list() == ["belt", "belt", "sensor", "jam", "jam"]
    assert log.stops["end"][0] == datetime(2026, 1, 5, 9)


def test_states_are_downtime_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    states = saved(tmp_path, "machine,time,state\nMachine 4 - Saw,2026-01-05 07:00,RUN\nMachine 4 - Saw,2026-01-05 08:00,DOWN\n"
                   "Machine 4 - Saw,2026-01-05 08:20,RUN\n", "states.csv")  # fmt: skip
    log = read_log(saved(tmp_path, WORK), downtime=states)
    assert told(log, "row", "type")[:3] == [
        (2, "work", "05 07:00", "05 08:00"), (2, "breakdown", "05 08:00", "05 08:20"), (2, "work", "05 08:20", "05 12:00"),
    ]  # fmt: skip
    code, out, _ = run(capsys, "inspect", str(tmp_path / "log.csv"), "--downtime", str(states))
    assert (code, "states.csv: 1 stops of 1 machines" in out) == (0, True)


@pytest.mark.parametrize(
    ("text", "codes", "words"),
    [
        ("a,b,c\n1,2,3\n4,5,6\n", ["PW3050", "PW3050"], "no column of machines"),
        ("machine,start,end\nX,2026-01-05 08:00,2026-01-05 08:20\nY,2026-01-06 08:00,2026-01-06 08:20\n", ["PW3051"], "none of its machines"),
    ],
)  # fmt: skip
def test_downtime_that_cannot_be_joined_is_refused(tmp_path: Path, text: str, codes: list[str], words: str) -> None:
    with pytest.raises(LogError, match=words) as refused:
        read_log(saved(tmp_path, WORK), downtime=saved(tmp_path, text, "stops.csv"))
    assert [problem.code for problem in refused.value.problems] == codes


def test_counters_that_run_on_are_told_from_quantities_of_reports(tmp_path: Path) -> None:
    """Each order of 10 is reported at 4, 7 and 10 pieces: 4, 3 and 3 were made. Orders of 21 with the same numbers were reported each."""

    def written(ordered: int) -> Path:
        lines = ["order,operation,start,end,qty,order qty"]
        for k in range(6):
            day = f"2026-01-{k + 5:02d}"
            lines += [
                f"{k},saw,{day} {hour:02d}:00,{day} {hour:02d}:50,{n},{ordered}"
                for hour, n in ((7, 4), (8, 7), (9, 10))
            ]
        return saved(tmp_path, "\n".join(lines))

    log = read_log(written(10))
    assert log.table["quantity"].to_list() == [4, 3, 3] * 6
    assert log.notes["quantities"].startswith("counters that run on through an order (6 of 6 visits)")
    assert read_log(written(21)).table["quantity"].to_list() == [4, 7, 10] * 6
