"""Each kind of defect in a log that has it alone: its rows are named, and what was done."""

from __future__ import annotations

from pathlib import Path

import pytest

from plantwright.calibration import Quality, inspect_log
from plantwright.calibration.cleaning import clean
from plantwright.errors import LogError
from plantwright.exchange import read_log
from tests.calibration.logs import HEADER, at, inspected, row, sound, stamp, write


def kinds(quality: Quality) -> dict[str, tuple[int, ...]]:
    return {defect.kind: defect.rows for defect in quality.defects}


def saw(day: int, start: float, end: float, order: str = "A1", **cells: object) -> dict[str, str]:
    return row(order, "Sawing - Machine 1", "Machine 1 - Sawing", at(day, start), at(day, end), **cells)  # type: ignore[arg-type]


def test_a_sound_log_has_no_defects(tmp_path: Path) -> None:
    quality = inspected(tmp_path, sound())
    assert kinds(quality) == {}
    assert (quality.rows_read, quality.kept, quality.repaired, quality.left_out) == (9, 9, 0, 0)
    assert (quality.orders, quality.stations, quality.workers) == (3, 3, 1)
    assert (quality.first, quality.last) == ("2026-01-05 07:00", "2026-01-07 13:00")


def test_an_end_that_is_always_75_minutes_after_a_start_without_duration_is_made_up(tmp_path: Path) -> None:
    extra = [saw(3 + day, 7, 8.25, span="000:00", qty_completed=0) for day in range(10)]
    quality = inspected(tmp_path, sound() + extra)
    assert kinds(quality) == {"imputed ends": tuple(range(11, 21))}
    assert "75 min" in quality.defect("imputed ends").cause
    assert quality.repaired == 10
    # Nine times may be chance: then the stated nothing contradicts the times.
    assert kinds(inspected(tmp_path, sound() + extra[:9])) == {"contradicting spans": tuple(range(11, 20))}


def test_without_stated_durations_midnight_and_the_same_hour_each_time_tell_it(tmp_path: Path) -> None:
    """Packing was booked with its date alone, and somebody made it 00:00 to 01:00."""
    header = [name for name in HEADER if name != "Span"]
    extra = [row(f"B{day}", "Packing", "Packing", at(3 + day), at(3 + day, 1)) for day in range(10)]
    rows = [{name: cells[name] for name in header} for cells in sound() + extra]
    quality = inspect_log(read_log(write(tmp_path / "log.csv", rows, header)))
    assert kinds(quality)["imputed ends"] == tuple(range(11, 21))
    assert "60 min" in quality.defect("imputed ends").cause


def test_the_time_of_a_report_with_a_made_up_end_is_the_median_of_the_measured(tmp_path: Path) -> None:
    from plantwright.calibration.visits import read_history

    extra = [saw(3 + day, 7, 8.25, f"B{day}", span="000:00") for day in range(10)]
    table = clean(read_log(write(tmp_path / "log.csv", sound() + extra))).table
    history = read_history(table, {station: station for station in table["station"].unique()}, {})
    assert {visit.work for visit in history.orders["B0"]} == {2 * 3600.0}  # three saw reports of two hours


def test_a_duration_that_is_not_end_less_start(tmp_path: Path) -> None:
    quality = inspected(tmp_path, [*sound(), saw(3, 7, 8, span="002:00")])
    assert kinds(quality) == {"contradicting spans": (11,)}
    assert "start and end are believed" in quality.defect("contradicting spans").action
    assert kinds(inspected(tmp_path, [*sound(), saw(3, 7, 8, span="001:00")])) == {}


@pytest.mark.parametrize(
    ("text", "words"), [("1899/12/31 01:00:00", "agrees"), ("1899-12-31 01:49:00", "contradicts start and end too")]
)
def test_a_duration_that_a_spreadsheet_made_a_date(tmp_path: Path, text: str, words: str) -> None:
    quality = inspected(tmp_path, [*sound(), saw(3, 7, 8, span=text)])
    assert kinds(quality) == {"spreadsheet dates": (11,)}
    assert words in quality.defect("spreadsheet dates").cause


def test_a_report_saved_three_times_is_kept_once(tmp_path: Path) -> None:
    rows = sound()
    quality = inspected(tmp_path, [*rows, rows[0], rows[0]])
    assert quality.defect("surplus copies").rows == (11, 12)
    assert quality.set_aside == {"copy of another row": (11, 12)}
    assert (quality.rows_read, quality.kept, quality.left_out) == (11, 9, 2)


def test_a_moment_has_no_duration(tmp_path: Path) -> None:
    quality = inspected(tmp_path, [*sound(), saw(3, 7, 7)])
    assert kinds(quality) == {"zero durations": (11,)}
    assert quality.repaired == 1


@pytest.mark.parametrize(
    ("start", "end", "stated", "kind", "hours"),
    [
        (9, 7, "", "swapped intervals", 2),  # two hours are usual for the saw, 22 are not
        (22, 1, "", "ends of the day before", 3),
        (22, 1, "021:00", "swapped intervals", 21),  # the stated duration goes before what is usual
        (9, 7, "022:00", "ends of the day before", 22),
    ],
)
def test_a_report_that_ends_before_it_starts_is_repaired_where_what_was_meant_can_be_told(
    tmp_path: Path, start: float, end: float, stated: str, kind: str, hours: float
) -> None:
    log = read_log(write(tmp_path / "log.csv", [*sound(), saw(3, start, end, "A2", span=stated, worker="W2")]))
    cleaned = clean(log)
    assert cleaned.quality.defect(kind).rows == (11,)
    assert (cleaned.quality.repaired, cleaned.quality.left_out) == (1, 0)
    assert cleaned.table.filter(cleaned.table["row"] == 11)["seconds"].to_list() == [3600.0 * hours]


@pytest.mark.parametrize("stated", ["", "005:00"])
def test_a_report_that_ends_before_it_starts_is_set_aside_where_nothing_tells(tmp_path: Path, stated: str) -> None:
    """Twelve hours either way, or neither as long as stated."""
    quality = inspected(tmp_path, [*sound(), saw(3, 19, 7, span=stated)])
    assert kinds(quality) == {"negative durations": (11,)}
    assert quality.set_aside == {"it ends before it starts": (11,)}


@pytest.mark.parametrize("years", [-10, 1, 100])
def test_a_year_typed_wrong_is_set_aside_and_moves_nothing(tmp_path: Path, years: int) -> None:
    start, end = (moment.replace(year=2026 + years) for moment in (at(3, 7), at(3, 8)))
    wrong = saw(3, 7, 8) | {"Start Timestamp": stamp(start), "Complete Timestamp": stamp(end)}
    quality = inspected(tmp_path, [*sound(), *([saw(4, 7, 8)] * 1), wrong])
    assert quality.set_aside == {"its date lies far from all others": (12,)}
    assert quality.first == "2026-01-05 07:00"


def test_a_report_of_more_than_a_day(tmp_path: Path) -> None:
    found = kinds(inspected(tmp_path, [*sound(), saw(3, 7, 7 + 25)]))
    assert found == {"longer than a day": (11,), "days of one worker over 24 hours": (11,)}


def test_midnight_is_often_only_a_date(tmp_path: Path) -> None:
    assert kinds(inspected(tmp_path, [*sound(), saw(3, 0, 1)])) == {"starts at midnight": (11,)}


def test_two_orders_on_one_machine_at_once(tmp_path: Path) -> None:
    found = kinds(inspected(tmp_path, [*sound(), saw(3, 7, 9, "A2"), saw(3, 8, 10, "A3", worker="W2")]))
    assert found == {"overlaps on a station": (12,)}  # all overlaps are on single machines: they are not counted apart


def test_overlaps_count_from_the_latest_end_before(tmp_path: Path) -> None:
    """A short report inside a long one does not hide that the third overlaps the long one too."""
    rows = [saw(3, 7, 12, "A1"), saw(3, 8, 9, "A2", worker="W2"), saw(3, 10, 11, "A3", worker="W3")]
    assert kinds(inspected(tmp_path, sound() + rows)) == {"overlaps on a station": (12, 13)}


def test_overlaps_at_a_place_for_several_are_told_from_those_on_machines(tmp_path: Path) -> None:
    places = [row(f"A{k}", "Packing", "Packing", at(4, 7), at(4, 8), worker=f"W{k}", qty_completed=0) for k in (1, 2)]
    found = kinds(inspected(tmp_path, [*sound(), saw(3, 7, 9, "A2"), saw(3, 8, 10, "A3", worker="W2"), *places]))
    assert found == {"overlaps on a station": (12, 14), "overlaps on stations named Machine": (12,)}


def test_one_worker_on_two_machines(tmp_path: Path) -> None:
    mill = row("A2", "Milling - Machine 2", "Machine 2 - Milling", at(3, 8), at(3, 10))
    assert kinds(inspected(tmp_path, [*sound(), saw(3, 7, 9), mill])) == {"overlaps of one worker": (12,)}


def test_a_worker_with_more_than_24_hours_in_a_day(tmp_path: Path) -> None:
    mill = row("A2", "Milling - Machine 2", "Machine 2 - Milling", at(3, 7), at(3, 20))
    found = inspected(tmp_path, [*sound(), saw(3, 7, 20), mill])
    assert set(kinds(found)) == {"overlaps of one worker", "days of one worker over 24 hours"}
    assert found.defect("days of one worker over 24 hours").counted == "1 day"


def test_an_order_at_two_places_at_once(tmp_path: Path) -> None:
    mill = row("A1", "Milling - Machine 2", "Machine 2 - Milling", at(3, 8), at(3, 10), worker="W2")
    assert kinds(inspected(tmp_path, [*sound(), saw(3, 7, 9), mill])) == {"overlaps within an order": (12,)}


def test_one_thing_has_one_name(tmp_path: Path) -> None:
    odd = saw(3, 7, 9) | {"Activity": "Sawing  -Machine 1", "Resource": "Machine 1- Sawing"}
    log = read_log(write(tmp_path / "log.csv", [*sound(), odd]))
    cleaned = clean(log)
    assert kinds(cleaned.quality) == {"irregular names": (11,)}
    assert cleaned.quality.repaired == 1
    assert set(cleaned.table["station"]) == {"Machine 1 - Sawing", "Machine 2 - Milling", "Packing"}
    assert set(cleaned.table["operation"]) == {"Sawing", "Milling", "Packing"}


def test_the_routing_names_one_machine_and_another_did_it(tmp_path: Path) -> None:
    other = row("A1", "Sawing - Machine 1", "Machine 9 - Sawing", at(3, 7), at(3, 9))
    assert kinds(inspected(tmp_path, [*sound(), other])) == {"machine in the activity is not the station": (11,)}


def test_rare_values_that_somebody_merged(tmp_path: Path) -> None:
    quality = inspected(tmp_path, [*sound(), row("A1", "other", "other", at(3, 7), at(3, 9))])
    assert kinds(quality) == {"merged names": (11,)}
    assert any("merged rare activities" in warning for warning in quality.warnings)


def test_rework_that_is_not_marked_and_marks_without_the_name(tmp_path: Path) -> None:
    rows = sound()
    rows[0]["Rework"] = "Y"
    rework = row("A3", "Milling Rework - Machine 2", "Machine 2 - Milling", at(3, 7), at(3, 9))
    found = kinds(inspected(tmp_path, [*rows, rework]))
    assert found == {"rework by name, not marked": (11,), "rework by mark, not by name": (2,)}


def test_an_order_that_never_reaches_packing(tmp_path: Path) -> None:
    quality = inspected(tmp_path, [*sound(), saw(3, 7, 9, "A4")])
    assert kinds(quality) == {"censored orders": (11,)}
    assert quality.defect("censored orders").counted == "1 order"
    assert "'Packing'" in quality.defect("censored orders").cause


def test_numbers_that_are_none(tmp_path: Path) -> None:
    rows = [*sound(), saw(3, 7, 9, qty_completed="12 pcs"), saw(4, 7, 9, span="a while")]
    quality = inspected(tmp_path, rows)
    assert kinds(quality) == {"unreadable numbers": (11, 12)}
    assert "12 pcs" in quality.defect("unreadable numbers").cause


def long_shift(reports: int) -> list[dict[str, str]]:
    """A one-shift shop (07:00 to 15:00) whose reports run from one afternoon to the next morning."""
    rows = []
    for day in range(reports):
        monday = 7 * (day // 4) + day % 4
        rows.append(row(f"B{day}", "Sawing - Machine 1", "Machine 1 - Sawing", at(monday, 13), at(monday + 1, 9)))
        rows.append(row(f"B{day}", "Packing", "Packing", at(monday + 1, 9), at(monday + 1, 15), worker="W2"))
    return rows


def test_work_rests_in_hours_in_which_nothing_begins_or_ends(tmp_path: Path) -> None:
    rows = long_shift(40)
    log = read_log(write(tmp_path / "log.csv", rows))
    cleaned = clean(log)
    assert cleaned.quality.defect("runs through quiet hours").rows == tuple(range(2, 82, 2))
    assert "from 15:00 to 09:00" in cleaned.quality.defect("runs through quiet hours").cause
    saws = cleaned.table.filter(cleaned.table["operation"] == "Sawing")
    assert set(saws["seconds"]) == {2 * 3600.0}  # 13:00 to 15:00; from 09:00 on it is at the next step
    assert clean(log, unattended=True).table["seconds"].max() == 20 * 3600.0


def test_reports_at_all_hours_leave_no_quiet_hours(tmp_path: Path) -> None:
    rows = [saw(day, hour, hour + 3, f"B{day}") for day in range(40) for hour in ((day % 8) * 3,)]
    assert clean(read_log(write(tmp_path / "log.csv", rows))).quiet.rests == ()


def test_a_log_without_quantities_or_workers_is_read(tmp_path: Path) -> None:
    header = ("Case ID", "Activity", "Start Timestamp", "Complete Timestamp")
    rows = [{name: cells[name] for name in header} for cells in sound()]
    quality = inspect_log(read_log(write(tmp_path / "log.csv", rows, header)))
    assert (quality.kept, quality.workers, quality.stations) == (9, 0, 3)


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        ([saw(day, 19, 7, span="") for day in range(6)] + sound()[:3], "PW3030", "only 3 of 9 rows can be used"),
        ([saw(day, 7, 9) for day in range(6)], "PW3031", "one order only"),
        ([saw(day, 7, 7, f"A{day}") for day in range(6)], "PW3032", "moments, not work"),
    ],
)
def test_a_log_that_is_too_damaged_is_refused(
    tmp_path: Path, rows: list[dict[str, str]], code: str, words: str
) -> None:
    with pytest.raises(LogError, match=words) as refused:
        inspected(tmp_path, rows)
    assert refused.value.problems[0].code == code


def test_the_report_says_the_same_in_text_and_as_json(tmp_path: Path) -> None:
    quality = inspected(tmp_path, [*sound(), saw(3, 19, 7, span=""), saw(3, 7, 7, qty_completed=0)])
    shown = str(quality)
    assert "11 rows, 3 orders, 3 stations, 1 person" in shown
    assert "9 kept as they are, 1 repaired, 1 set aside" in shown
    assert "1 row set aside: it ends before it starts (line 11)" in shown
    document = quality.to_dict()
    assert document["rows"] == {"read": 11, "kept": 9, "repaired": 1, "joined": 0, "set aside": 1}
    assert [defect["kind"] for defect in document["defects"]] == ["negative durations", "zero durations"]  # by effect
    with pytest.raises(KeyError):
        quality.defect("overlaps on a station")
    assert quality.count("overlaps on a station") == 0
