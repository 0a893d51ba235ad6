"""Local times across changes of the clock. In Berlin it is put forward on 29 March 2026 at 2:00, and back on 25 October 2026 at 3:00."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import polars
import pytest

from plantwright.calibration import inspect_log
from plantwright.calibration.cleaning import clean
from plantwright.errors import LogError
from plantwright.events import EventLog
from plantwright.exchange import read_log
from tests.calibration.logs import run

BERLIN = "Europe/Berlin"


def saved(folder: Path, rows: list[tuple[str, str]], name: str = "log.csv") -> Path:
    lines = ["order,step,start,end", *(f"{k},saw,{start},{end}" for k, (start, end) in enumerate(rows))]
    (folder / name).write_text("\n".join(lines), "utf-8")
    return folder / name


def hours(log: EventLog) -> list[float]:
    """What each report lasts, in hours, as the quality report counts it."""
    return [seconds / 3600 for seconds in clean(log, unattended=True).table.sort("row")["seconds"]]


def test_a_shift_through_the_change_lasts_what_it_lasts(tmp_path: Path) -> None:
    """From 22:00 to 6:00 are seven hours in the night in which the clock is put forward, nine in the other, eight else."""
    nights = [
        ("2026-03-28 22:00", "2026-03-29 06:00"),
        ("2026-10-24 22:00", "2026-10-25 06:00"),
        ("2026-06-01 22:00", "2026-06-02 06:00"),
    ]
    path = saved(tmp_path, nights)
    assert hours(read_log(path)) == [8, 8, 8]
    log = read_log(path, zone=BERLIN)
    assert hours(log) == [7, 9, 8]
    assert log.table.equals(read_log(path).table)
    assert log.notes["changes of the clock"].startswith("2 reports span one")


def test_hours_that_come_twice_and_hours_that_do_not_exist(tmp_path: Path) -> None:
    """2:50 to 2:10 are twenty minutes if the clock was put back in between; 2:30 in March is 3:30 on a clock that was put forward."""
    rows = [("2026-10-25 02:50", "2026-10-25 02:10"), ("2026-10-25 02:10", "2026-10-25 02:30"), ("2026-10-25 02:30", "2026-10-25 03:30"),
            ("2026-03-29 01:30", "2026-03-29 02:30"), ("2026-03-29 02:30", "2026-03-29 04:00"), ("2026-03-29 01:30", "2026-03-29 03:30")]  # fmt: skip
    log = read_log(saved(tmp_path, rows), zone=BERLIN)
    assert hours(log) == pytest.approx([1 / 3, 1 / 3, 2, 1, 0.5, 1])
    assert log.table.row(3, named=True)["end"] == datetime(2026, 3, 29, 3, 30)
    assert [warning.split(" times")[0] for warning in log.warnings] == ["5", "2"]
    assert inspect_log(log).count("negative durations") == 0
    assert inspect_log(read_log(saved(tmp_path, rows))).count("negative durations") == 1


def test_utc_becomes_the_clock_on_the_wall(tmp_path: Path) -> None:
    """5:00 UTC is 6:00 in winter and 7:00 in summer; 0:30 to 1:30 UTC on the day of the change is 2:30 to 2:30."""
    rows = [("2026-01-05T05:00:00Z", "2026-01-05T06:00:00Z"), ("2026-07-06T05:00:00Z", "2026-07-06T06:00:00Z"), ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z")]  # fmt: skip
    path = saved(tmp_path, rows)
    log = read_log(path, zone=BERLIN)
    assert log.table["start"].to_list() == [
        datetime(2026, 1, 5, 6),
        datetime(2026, 7, 6, 7),
        datetime(2026, 10, 25, 2, 30),
    ]
    assert log.table["end"][2] == datetime(2026, 10, 25, 2, 30)
    assert hours(log) == [1, 1, 1]
    assert log.warnings == ()
    assert "UTC" in read_log(path).warnings[0]


def test_offsets_tell_what_passed_even_without_a_zone(tmp_path: Path) -> None:
    rows = [
        ("2026-03-28T22:00:00+01:00", "2026-03-29T06:00:00+02:00"),
        ("2026-04-01T22:00:00+0200", "2026-04-02T06:00:00+02"),
    ]
    log = read_log(saved(tmp_path, rows))
    assert hours(log) == [7, 8]
    assert log.table["start"][0] == datetime(2026, 3, 28, 22)
    assert log.warnings == ()
    assert "+02:00 (3), +01:00 (1)" in log.notes["times"]


def test_clocks_of_several_places_are_told(tmp_path: Path) -> None:
    rows = [("2026-01-05T07:00:00+01:00", "2026-01-05T08:00:00+01:00"), ("2026-01-05T07:00:00-06:00", "2026-01-05T08:00:00-06:00"),
            ("2026-01-06T07:00:00", "2026-01-06T08:00:00")]  # fmt: skip
    path = saved(tmp_path, rows)
    assert "2 of 6 times say no zone" in read_log(path).warnings[0]
    log = read_log(path, zone=BERLIN)
    assert [start.hour for start in log.table["start"]] == [7, 14, 7]
    path = saved(tmp_path, rows[:2])
    assert "differ by more than summer time" in read_log(path).warnings[0]


def test_pairs_in_the_hour_that_comes_twice_are_put_in_order_by_their_offsets(tmp_path: Path) -> None:
    """2:40 summer time is before 2:10 winter time."""
    text = "order,step,lifecycle,time\n" + "".join(
        f"{order},saw,{what},{time}\n"
        for order, what, time in (
            ("A", "start", "2026-10-25T02:40:00+02:00"), ("A", "complete", "2026-10-25T02:10:00+01:00"),
            ("B", "start", "2026-10-25T04:00:00+01:00"), ("B", "complete", "2026-10-25T05:00:00+01:00"),
        )
    )  # fmt: skip
    (tmp_path / "log.csv").write_text(text, "utf-8")
    log = read_log(tmp_path / "log.csv")
    assert hours(log) == [0.5, 1]
    assert not log.aside


def test_instants_with_a_zone_in_parquet(tmp_path: Path) -> None:
    day = [datetime(2026, 7, 6, 5, tzinfo=timezone.utc), datetime(2026, 7, 7, 5, tzinfo=timezone.utc)]  # noqa: UP017  (datetime.UTC reads like a class)
    frame = polars.DataFrame(
        {"order": ["A", "B"], "step": ["saw", "saw"], "start": day, "end": [one.replace(hour=6) for one in day]}
    )
    frame.write_parquet(tmp_path / "log.parquet")
    assert read_log(tmp_path / "log.parquet", zone=BERLIN).table["start"][0] == datetime(2026, 7, 6, 7)
    log = read_log(tmp_path / "log.parquet")
    assert (log.table["start"][0], "UTC" in log.warnings[0]) == (datetime(2026, 7, 6, 5), True)


def test_a_zone_that_is_not_known_is_refused_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path, [("2026-03-28 22:00", "2026-03-29 06:00")] * 3)
    with pytest.raises(LogError, match="did you mean 'Europe/Berlin'"):
        read_log(path, zone="Europe/Berlinn")
    for zone in ("../../etc/passwd", ""):
        with pytest.raises(LogError, match="there is no time zone"):
            read_log(path, zone=zone)
    code, _, said = run(capsys, "inspect", str(path), "--zone", "nowhere")
    assert (code, "PW3023" in said) == (2, True)
