"""Windows as people name them, what every machine does now, and the pages and commands that show it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from plantwright.actions import machines as actions
from plantwright.actions.machines import Floor as OpenFloor
from plantwright.actions.machines import WindowError
from plantwright.cli.main import group
from plantwright.plant.calendar import Shift, Span
from plantwright.shopfloor.machines.now import alarms_of, machines_now
from plantwright.shopfloor.machines.settings import FloorSettings, MachineSettings
from plantwright.shopfloor.machines.windows import read_window
from plantwright.shopfloor.readings import NANOSECONDS
from tests.shopfloor.floor import Floor, at

HOUR = 3600.0
SHIFTS = {
    "early": Shift("early", (0, 1, 2, 3, 4), Span(6 * HOUR, 14 * HOUR), (Span(10 * HOUR, 10.5 * HOUR),)),
    "late": Shift("late", (0, 1, 2, 3, 4), Span(14 * HOUR, 22 * HOUR)),
}


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", at("0:00"), at("15:00")),
        ("Yesterday", at("0:00", day=2), at("0:00")),
        ("this week", at("0:00"), at("15:00")),
        ("this shift", at("14:00"), at("15:00")),
        ("last shift", at("6:00"), at("14:00")),
        ("last 8 h", at("7:00"), at("15:00")),
        ("-30min", at("14:30"), at("15:00")),
        ("2025-03-03 06:00 to 2025-03-03 09:00", at("6:00"), at("9:00")),
        ("2025-03-03..2025-03-09", at("0:00"), at("15:00")),
    ],
)
def test_windows(text: str, start: int, end: int) -> None:
    assert read_window(text, at("15:00"), "UTC", SHIFTS) == (start, end)


def test_a_window_is_of_the_shops_own_clock() -> None:
    start, _ = read_window("today", at("15:00"), "America/New_York", SHIFTS)
    assert start == int(datetime(2025, 3, 3, tzinfo=ZoneInfo("America/New_York")).timestamp()) * NANOSECONDS


@pytest.mark.parametrize(
    "text",
    [
        "sometime",
        "",
        "last",
        "last 3 kg",
        "2025-03-04 to 2025-03-03",
        "2030-01-01 to 2030-01-02",
        "x to y",
        "0001-01-01 to 2025-01-01",
        "last 900000 d",
    ],
)
def test_no_window(text: str) -> None:
    with pytest.raises(ValueError, match=r"window|ends before|date and time|kg|before 1970"):
        read_window(text, at("15:00"), "UTC", SHIFTS)
    with pytest.raises(ValueError, match="no shift now"):
        read_window("this shift", at("23:00"), "UTC", SHIFTS)


def shop() -> Floor:
    """A mill that runs since 9:00 and was heard just now, and a saw that was last heard at 10:00."""
    floor = Floor()
    floor.says("mill", "EXECUTION", {"6:30": "READY", "9:00": "ACTIVE"})
    floor.says("mill", "PART_GROUP_ID", {"9:00": "L17"})
    floor.says("mill", "SYSTEM", {"6:30": "NORMAL", "14:00": "WARNING"}, "condition")
    floor.heard("mill", "14:59:30")
    floor.says("saw", "EXECUTION", {"6:00": "ACTIVE"})
    floor.heard("saw", "10:00")
    return floor


def test_what_every_machine_does_now() -> None:
    mill, saw = machines_now(shop().history, at("15:00"))
    assert (mill.use, mill.state, mill.since, mill.job) == ("production", "ACTIVE", at("9:00"), "L17")
    assert [(alarm.code, alarm.since) for alarm in mill.alarms] == [("warning", at("14:00"))]
    assert (saw.use, saw.state, saw.since) == ("", "", at("10:00"))
    assert [(a.of, a.code, a.text) for a in alarms_of([mill, saw])] == [
        ("mill", "warning", "system: warning"),
        ("saw", "no data", "no data for 5 h"),
    ]
    patient = machines_now(shop().history, at("15:00"), no_data_after={"saw": 6 * HOUR})
    assert (patient[1].use, patient[1].alarms) == ("production", ())


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenFloor:
    settings = FloorSettings(shifts=SHIFTS, machines={"mill": MachineSettings(run_times={"*": 60.0})})
    floor = OpenFloor("shop-floor.yaml", shop().history, settings, tmp_path / "reasons.jsonl", {})
    monkeypatch.setattr(actions.time, "time_ns", lambda: at("15:00"))
    monkeypatch.setattr("plantwright.actions.open_floor", lambda *_: floor)
    return floor


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(group, words, standalone_mode=False)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.return_value, done.output


def test_the_commands(opened: OpenFloor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plantwright.cli.machines.time.time_ns", lambda: at("15:00"))
    code, text = run("machines", "x")
    assert code == 1
    assert "mill  production  for 6 h" in text
    assert "ALARM  saw: no data for 5 h" in text
    code, text = run("stops", "x", "--window", "2025-03-03 06:00 to 2025-03-03 15:00")
    assert code == 1
    assert "mill  2025-03-03 06:30:00       2.5 h  unqualified   idle     READY" in text
    code, text = run("stops", "x", "--machine", "mill", "--at", "2025-03-03 07:00", "--name", "no order", "--by", "Ana")
    assert (code, text.strip()) == (
        0,
        "mill: 2025-03-03 06:30:00 to 2025-03-03 09:00:00 (2.5 h): no order, counts as idle.",
    )
    code, _ = run("stops", "x", "--window", "last shift")
    assert code == 0
    code, text = run("oee", "x", "--window", "last shift", "--json")
    (mill, saw) = json.loads(text)["accounts"]
    assert mill["kpis"]["availability"] == pytest.approx(4.5 / 7)
    assert mill["covered"] == pytest.approx(7 / 7.5)
    assert saw["covered"] == pytest.approx(4 / 7.5)
    code, text = run("oee", "x", "--window", "last shift")
    assert "whatever happened in the time that is not known, availability is 60.0 to 66.7 %" in text
    code, text = run("timeline", "x", "--window", "last shift")
    assert "saw: 50.0 % of the window is known" in text
    for ending in ("html", "svg", "csv", "parquet", "xlsx", "json"):
        code, _ = run("timeline", "x", "--window", "last shift", "-o", str(tmp_path / f"t.{ending}"))
        assert code == 0
        assert (tmp_path / f"t.{ending}").stat().st_size > 100


def test_what_programs_read_is_told_in_the_docs(opened: OpenFloor, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.test_docs import fields_of

    monkeypatch.setattr("plantwright.cli.machines.time.time_ns", lambda: at("15:00"))
    window = ("--window", "last shift", "--json")
    for words, inner, heading in (
        (("machines", "x", "--json"), "machines", "A machine now"),
        (("timeline", "x", *window), "rows", ""),
        (("stops", "x", "--window", "today", "--json"), "stops", "A stop"),
        (("oee", "x", *window), "accounts", "An account"),
    ):
        told = json.loads(run(*words)[1])
        assert set(told) <= fields_of(told["schema"])
        if heading:
            explained = {name for row in fields_of(heading, "###") for name in row.split("`, `")}
            assert set(told[inner][0]) == explained


def test_jobs_and_alarms_over_a_window(opened: OpenFloor, tmp_path: Path) -> None:
    code, text = run("timeline", "x", "--window", "2025-03-03 06:00 to 2025-03-03 15:00", "--of", "job", "--json")
    assert code == 0
    (row,) = json.loads(text)["rows"]
    assert row == {
        "machine": "mill",
        "start": "2025-03-03T09:00:00+00:00",
        "end": "2025-03-03T14:59:30+00:00",
        "job": "L17",
    }
    code, text = run("timeline", "x", "--window", "2025-03-03 06:00 to 2025-03-03 14:30", "--of", "alarm")
    assert text.strip() == "mill  2025-03-03 14:00:00      30 min  warning system"
    run("timeline", "x", "--window", "last shift", "--of", "alarm", "-o", str(tmp_path / "alarms.csv"))
    assert (tmp_path / "alarms.csv").read_text().strip() == "machine,start,end,level,of,code,text"
    assert "No tool was told" in run("timeline", "x", "--of", "tool", "--window", "last shift")[1]


def test_a_history_without_a_machine_has_empty_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = OpenFloor("x", Floor().history, FloorSettings(), tmp_path / "reasons.jsonl", {})
    monkeypatch.setattr("plantwright.actions.open_floor", lambda *_: empty)
    for ending in ("html", "svg", "csv", "parquet", "xlsx", "json"):
        assert run("timeline", "x", "-o", str(tmp_path / f"t.{ending}"))[0] == 0
    assert (tmp_path / "t.csv").read_text().strip() == "machine,start,end,state,use,shift,job,product"
    assert "knows no machine yet" in run("oee", "x")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["oee", "x", "--machine", "mil"], r"there is no machine 'mil' \(did you mean 'mill'\?\) \[PW5201\]"),
        (["oee", "x", "--window", "never"], r"'never' is no window; one of today.*\[PW5201\]"),
        (
            ["stops", "x", "--machine", "mill", "--at", "2025-03-03 07:00", "--name", "no oder"],
            r"there is no reason 'no oder' \(did you mean 'no order'\?\)",
        ),
        (
            ["stops", "x", "--machine", "mill", "--at", "2025-03-03 12:00", "--name", "no order"],
            "mill did not stand then",
        ),
    ],
)
def test_what_cannot_be_is_said(opened: OpenFloor, words: list[str], said: str) -> None:
    from plantwright.errors import PlantwrightError

    with pytest.raises(PlantwrightError, match=said):
        run(*words)
    assert not opened.reasons.exists()


def test_windows_of_a_floor_say_what_is_wrong(opened: OpenFloor) -> None:
    with pytest.raises(WindowError, match="PW5201"):
        opened.window("someday")
