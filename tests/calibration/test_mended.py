"""What is wrong in a log and can be told is mended, row by row; what cannot is left."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from plantwright.calibration.cleaning import clean
from plantwright.calibration.quality import CleanLog
from plantwright.calibration.spelling import folded, unspoiled
from plantwright.errors import LogError
from plantwright.exchange import read_log
from plantwright.exchange.odd_times import numbered
from tests.calibration.logs import HEADER, at, inspected, row, sound, write


def cleaned(folder: Path, rows: list[dict[str, str]], header: tuple[str, ...] = HEADER) -> CleanLog:
    return clean(read_log(write(folder / "log.csv", rows, header)))


def cell(found: CleanLog, line: int, name: str) -> Any:
    return found.table.filter(found.table["row"] == line)[name][0]


def saw(day: int, start: float, end: float, order: str = "A1", **cells: object) -> dict[str, str]:
    made = {"worker": f"W{order}", "qty_completed": 0} | cells
    return row(order, "Sawing - Machine 1", "Machine 1 - Sawing", at(day, start), at(day, end), **made)  # type: ignore[arg-type]


def test_a_blank_machine_is_that_of_the_order_else_the_usual_one(tmp_path: Path) -> None:
    other = row("A9", "Sawing - Machine 1", "Machine 8 - Sawing", at(4, 7), at(4, 9), worker="W8")
    blank = [
        other
        | {
            "Resource": "",
            "Start Timestamp": "2026/01/09 09:00:00.000",
            "Complete Timestamp": "2026/01/09 09:30:00.000",
        }
    ]
    blank += [saw(5, 7, 8, "A8") | {"Resource": ""}, saw(5, 9, 10, "A8") | {"Resource": "", "Activity": "Bending"}]
    found = cleaned(tmp_path, [*sound(), other, *blank])
    assert [cell(found, line, "station") for line in (12, 13, 14)] == [
        "Machine 8 - Sawing",
        "Machine 1 - Sawing",
        "Bending",
    ]
    defect = found.quality.defect("missing resources")
    assert defect.rows == (12, 13, 14)
    assert "1 taken from the order's other reports, 1 from where the same is mostly done, 1 kept" in defect.action
    assert found.quality.repaired == 3


def test_a_product_is_that_of_the_order(tmp_path: Path) -> None:
    found = cleaned(tmp_path, [*sound(), saw(3, 7, 8, "A2") | {"Part Desc.": ""}])
    assert cell(found, 11, "product") == "Bolt"


def test_one_unknown_instant_leaves_the_other_and_two_leave_nothing(tmp_path: Path) -> None:
    nothing = "1970/01/01 01:00:00.000"
    rows = [
        saw(3, 7, 8) | {"Complete Timestamp": nothing},
        saw(3, 9, 10) | {"Start Timestamp": nothing, "Complete Timestamp": nothing},
    ]
    found = cleaned(tmp_path, [*sound(), *rows])
    assert found.quality.defect("placeholder dates").rows == (11,)
    assert (cell(found, 11, "start"), cell(found, 11, "end"), cell(found, 11, "timed")) == (at(3, 7), at(3, 7), False)
    assert found.quality.set_aside == {"its start and its end are dates of no day": (12,)}
    assert found.quality.first == "2026-01-05 07:00"


def test_names_that_differ_by_a_letter_may_be_others(tmp_path: Path) -> None:
    """A slip in a long word of an activity is mended; another first letter, a short word, a number, a product, a person are not."""
    rows = [saw(day, 7, 9, f"B{day}") for day in range(3, 40)]
    slip = saw(41, 7, 9, "C1") | {"Activity": "Sawnig - Machine 1"}
    others = [
        saw(42, 7, 9, "C2") | {"Activity": "Pawing - Machine 1"},
        saw(43, 7, 9, "C3") | {"Activity": "Sawing - Machine 3"},
        saw(44, 7, 9, "C4") | {"Part Desc.": "Bolts", "Worker ID": "WC5"},
    ]
    found = cleaned(tmp_path, [*rows, slip, *others])
    assert found.quality.defect("several spellings").rows == (39,)
    assert cell(found, 39, "operation") == "Sawing"
    assert [cell(found, line, "operation") for line in (40, 41)] == ["Pawing", "Sawing"]
    assert cell(found, 42, "product") == "Bolts"
    assert (folded("Fräsen -  M4"), unspoiled("FrÃ¤sen"), unspoiled("Fräsen")) == ("frasen m 4", "Fräsen", "Fräsen")


def test_a_minute_apart_is_a_copy_only_of_the_same_pieces(tmp_path: Path) -> None:
    first = saw(3, 7, 9, qty_completed=4)
    minute = {"Start Timestamp": "2026/01/08 07:01:00.000", "Complete Timestamp": "2026/01/08 09:01:00.000"}
    assert cleaned(tmp_path, [*sound(), first, first | minute]).quality.defect("near copies").rows == (12,)
    for other in ({"Qty Completed": "5"}, {"Worker ID": "W7"}, {"Case ID": "A2"}):
        assert cleaned(tmp_path, [*sound(), first, first | minute | other]).quality.count("near copies") == 0


def test_in_a_log_of_quarter_hours_a_moment_is_a_short_time(tmp_path: Path) -> None:
    """Forty reports of half an hour, ten that rounding made moments: these count as next to nothing, not as half an hour."""
    rows = [saw(day, 7.5, 8, f"B{day}") for day in range(40)] + [saw(day, 9.25, 9.25, f"B{day}") for day in range(10)]
    found = cleaned(tmp_path, rows)
    assert found.quality.count("rounded times") == 50 - 10
    assert found.quality.defect("times below the step of the clock").rows == tuple(range(42, 52))
    assert found.table.filter("timed")["seconds"].sum() == pytest.approx(40 * 1800, rel=1e-3)


def test_a_spreadsheets_day_number_and_seconds_since_1970() -> None:
    """25569 is the 1st of January 1970 in every spreadsheet; 1e9 s after it is the famous 9 September 2001, 01:46:40 UTC."""
    import polars

    found = numbered(
        polars.Series(["25569", "40908.5", "40908,25", "1000000000", "1000000000000", "123", "2026-01-05"])
    )
    assert found.to_list() == [
        datetime(1970, 1, 1), datetime(2011, 12, 31, 12), datetime(2011, 12, 31, 6), datetime(2001, 9, 9, 1, 46, 40), datetime(2001, 9, 9, 1, 46, 40),
        None, None,
    ]  # fmt: skip


def test_an_odd_date_is_read_only_where_something_tells_how(tmp_path: Path) -> None:
    """13.01. is no month; 01.02. may be either, so its row is set aside."""
    told = {"Start Timestamp": "13.01.2026 07:00", "Complete Timestamp": "13.01.2026 09:00"}
    doubtful = {"Start Timestamp": "01/02/2026 07:00", "Complete Timestamp": "01/02/2026 07:00"}
    found = cleaned(tmp_path, [*sound(), saw(8, 7, 9) | told])
    assert found.quality.defect("mixed date formats").rows == (11,)
    assert cell(found, 11, "start") == datetime(2026, 1, 13, 7)
    log = cleaned(tmp_path, [*sound(), saw(8, 7, 9) | doubtful])
    assert log.quality.set_aside == {"no time": (11,)}


def test_a_log_of_dates_and_a_log_of_starts_are_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="Export the times with hours and minutes"):
        cleaned(tmp_path, [saw(day, 0, 24 * (day % 2), f"B{day}") for day in range(30)])
    header = tuple(name for name in HEADER if name not in ("Complete Timestamp", "Span"))
    with pytest.raises(LogError, match="nothing says when it ended or how long it took") as refused:
        cleaned(tmp_path, [{name: cells[name] for name in header} for cells in sound()], header)
    assert [problem.code for problem in refused.value.problems] == ["PW3063"]


def test_a_start_and_a_duration_make_an_end(tmp_path: Path) -> None:
    header = tuple(name for name in HEADER if name != "Complete Timestamp")
    log = read_log(write(tmp_path / "log.csv", [{name: cells[name] for name in header} for cells in sound()], header))
    whole = read_log(write(tmp_path / "whole.csv", sound()))
    assert log.table["end"].to_list() == whole.table["end"].to_list()
    assert any("there is no column of ends" in warning for warning in log.warnings)


def test_an_order_that_returns_to_a_step_contradicts_nothing(tmp_path: Path) -> None:
    """It may be whole there twice, with another step between; booked twice in one go, it cannot."""
    again = row("A1", "Milling - Machine 2", "Machine 2 - Milling", at(3, 7), at(3, 9))
    assert cleaned(tmp_path, [*sound(), again]).quality.count("more pieces than ordered") == 0
    twice = [again, row("A1", "Milling - Machine 2", "Machine 2 - Milling", at(3, 9), at(3, 11))]
    assert cleaned(tmp_path, [*sound(), *twice]).quality.defect("more pieces than ordered").rows == (11, 12)


def test_an_activity_that_needs_nobody_misses_nobody(tmp_path: Path) -> None:
    """An oven has no person; a saw without one has lost it."""
    oven = [row(f"B{day}", "Baking", "Oven", at(day, 7), at(day, 9), worker="") for day in range(3, 9)]
    found = cleaned(tmp_path, [*sound(), *oven, saw(9, 7, 9, "B1", worker="")])
    assert found.quality.defect("missing people").rows == (17,)


def test_a_shop_that_goes_home_at_noon_has_lost_no_afternoon(tmp_path: Path) -> None:
    """From four until half past twelve, with 30 of 270 reports that end three hours before they start: no hour lies beyond 12, and AM and PM are not lost."""
    rows = []
    for day in range(30):
        for hour in range(4, 13):
            end = hour - 3 if hour == 8 else hour + 0.4
            rows.append(row(f"A{day}-{hour}", "Sawing", "Machine 1", at(day, hour), at(day, end), span=""))
    assert inspected(tmp_path, rows).count("negative durations") == 30


def test_a_title_above_the_header_is_passed_over_and_data_are_none(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    lines = [
        "order,step,begin,end",
        *(f"A{k},saw,2026-01-05 {6 + k:02d}:00,2026-01-05 {6 + k:02d}:30" for k in range(5)),
    ]
    path.write_text("\n".join(["Report of January;,,", "", *lines]) + "\n", "utf-8")
    assert read_log(path).table["row"].to_list() == [4, 5, 6, 7, 8]
    # A header with fewer names than its rows have cells is no title: what lies below it are data.
    path.write_text("\n".join(["order,step", *lines[1:]]) + "\n", "utf-8")
    with pytest.raises(LogError, match="its header names 2 columns, but every row has more"):
        read_log(path)


def test_versions_of_a_product_are_no_numbers_in_several_ways(tmp_path: Path) -> None:
    rows = [
        row(f"{k:03d}", "Sawing", "Machine 1", at(k, 7), at(k, 8), part_desc=("3.0", "3.1", "3")[k % 3])
        for k in range(12)
    ]
    log = read_log(write(tmp_path / "log.csv", rows))
    assert set(log.table["product"].cast(str).to_list()) == {"3.0", "3.1", "3"}
    assert log.table["order"].cast(str).to_list() == [f"{k:03d}" for k in range(12)]
    assert not log.mended
