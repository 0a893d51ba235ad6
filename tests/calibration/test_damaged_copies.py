"""The published log as others broke it, and as people break logs: read rightly, or refused with the cause and exit code 2."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars
import pytest

from plantwright.calibration import inspect_log
from plantwright.errors import LogError
from plantwright.events import EventLog
from plantwright.exchange import read_log
from tests.calibration.logs import real_log, run

Table = list[dict[str, str]]
START, END = "Start Timestamp", "Complete Timestamp"


@pytest.fixture(scope="module")
def rows() -> Table:
    with real_log().open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def log() -> EventLog:
    return read_log(real_log())


def saved(path: Path, rows: Table, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def timed(rows: Table, write: Callable[[datetime], str]) -> Table:
    """The rows with their times written in another way."""
    return [
        cells | {name: write(datetime.strptime(cells[name], "%Y/%m/%d %H:%M:%S.%f")) for name in (START, END)}
        for cells in rows
    ]


def facts(table: polars.DataFrame) -> list[tuple[object, ...]]:
    names = [
        "order",
        "activity",
        "station",
        "worker",
        "product",
        "type",
        "start",
        "end",
        "span",
        "quantity",
        "rejected",
    ]
    return sorted(table.select(names).rows(), key=str)


@pytest.mark.parametrize(
    "form",
    ["%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S+02:00", "%Y-%m-%d %H:%M", "%d-%b-%Y %H:%M", "%m/%d/%y %H:%M"],
)  # fmt: skip
def test_times_written_another_way_are_the_same_times(tmp_path: Path, rows: Table, log: EventLog, form: str) -> None:
    copy = read_log(saved(tmp_path / "log.csv", timed(rows, lambda moment: moment.strftime(form))))
    assert facts(copy.table) == facts(log.table)
    assert not copy.aside


def test_a_semicolon_with_decimal_commas_and_another_code_page(tmp_path: Path, rows: Table, log: EventLog) -> None:
    german = [
        cells | {name: cells[name] + ",0" for name in ("Qty Completed", "Qty Rejected", "Work Order  Qty")}
        for cells in rows
    ]
    german[0]["Part Desc."] = "Kabelöse"
    for encoding, said in (("cp1252", "Windows-1252"), ("utf-16", "UTF-16")):
        copy = read_log(saved(tmp_path / "log.csv", german, ";", encoding))
        assert (copy.notes["text"], copy.notes["separator"], copy.notes["numbers"]) == (
            said,
            "semicolon",
            "with decimal commas",
        )
        assert copy.table["quantity"].sum() == log.table["quantity"].sum()
        assert copy.table["product"][0] == "Kabelöse"


def test_shuffled_rows_and_columns_tell_the_same(tmp_path: Path, rows: Table, log: EventLog) -> None:
    chance = random.Random(3)
    names = list(rows[0])
    chance.shuffle(names)
    shuffled = [{name: cells[name] for name in names} for cells in chance.sample(rows, len(rows))]
    copy = read_log(saved(tmp_path / "log.csv", shuffled))
    assert facts(copy.table) == facts(log.table)
    here, there = inspect_log(copy), inspect_log(log)
    assert {d.kind: d.count for d in here.defects} == {d.kind: d.count for d in there.defects}


def test_other_names_of_columns_are_guessed_or_given(tmp_path: Path, rows: Table, log: EventLog) -> None:
    names = dict(
        zip(rows[0], ["Order No.", "Operation", "Machine", "Begin", "Finish", "Duration", "Order Quantity", "Product", "Employee",
                      "Record Type", "Good", "Scrap", "MRB", "Is rework"], strict=True)
    )  # fmt: skip
    renamed = [{names[name]: value for name, value in cells.items()} for cells in rows]
    assert facts(read_log(saved(tmp_path / "log.csv", renamed)).table) == facts(log.table)
    coded = [{f"F{number}": value for number, value in enumerate(cells.values(), 1)} for cells in rows]
    path = saved(tmp_path / "coded.csv", coded)
    with pytest.raises(LogError, match="no column is found for 'case'"):
        read_log(path)
    given = {"case": "F1", "activity": "F2", "resource": "F3", "start": "F4", "end": "F5", "span": "F6", "order quantity": "F7",
             "product": "F8", "worker": "F9", "type": "F10", "quantity": "F11", "rejected": "F12", "rework": "F14"}  # fmt: skip
    assert facts(read_log(path, given).table) == facts(log.table)


def test_starts_and_ends_as_rows_of_their_own(tmp_path: Path, rows: Table, log: EventLog) -> None:
    pairs = []
    for cells in rows:
        shared = {"case": cells["Case ID"], "activity": cells["Activity"], "resource": cells["Resource"]}
        pairs += [shared | {"lifecycle:transition": "start", "time:timestamp": cells[START]}]
        pairs += [shared | {"lifecycle:transition": "complete", "time:timestamp": cells[END]}]
    random.Random(5).shuffle(pairs)
    copy = read_log(saved(tmp_path / "log.csv", pairs))
    assert copy.rows_read == 2 * len(rows) == copy.table.height + copy.joined + len(copy.aside)
    assert copy.joined == len(rows)
    for name in ("start", "end"):
        assert copy.table[name].sort().to_list() == log.table[name].sort().to_list()
    quality = inspect_log(copy)
    assert quality.rows_read == quality.kept + quality.repaired + quality.joined + quality.left_out


def test_a_file_cut_in_the_middle_of_a_row_loses_that_row_only(tmp_path: Path) -> None:
    data = real_log().read_bytes()
    path = tmp_path / "log.csv"
    path.write_bytes(data[: data.index(b"\n", 300_000) + 60])
    copy = read_log(path)
    assert len(copy.aside) == 1
    assert copy.aside[0].row == copy.rows_read + 1


def test_a_cell_with_a_bare_separator_sets_its_row_aside(tmp_path: Path) -> None:
    lines = real_log().read_text("utf-8").splitlines()
    lines[99] = lines[99].replace("Case", "Case, old", 1) + "Y"
    path = tmp_path / "log.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [(row.row, row.reason) for row in read_log(path).aside] == [
        (100, "more cells than the header names columns: 15, not 14")
    ]


def variant(part: str) -> Path:
    found = [path for path in (real_log().parent / "variants").glob("*.csv") if part in path.name]
    if not found:
        pytest.skip("the variants of the log are not at hand")
    return found[0]


def test_the_variant_with_cut_times_is_refused_with_the_cause(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for arguments in (("inspect",), ("calibrate", "-o", str(tmp_path / "shop.yaml"))):
        code, out, err = run(capsys, arguments[0], str(variant("truncated")), *arguments[1:])
        assert (code, out) == (2, "")
        assert "Start Timestamp: times are cut to minutes and seconds, such as '24:00.0'" in err
        assert "Complete Timestamp: times are cut" in err
        assert "Export the log anew, with dates" in err
    assert list(tmp_path.iterdir()) == []


def test_the_variant_cut_for_prediction_is_repaired_with_three_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "inspect", str(variant("irhete")))
    assert code == 0
    warnings = [line for line in out.splitlines() if "WARNING" in line]
    assert len(warnings) == 3
    assert "there is no column of starts" in warnings[0]
    assert "'other': somebody merged rare activities" in warnings[1]
    assert "the log was cut, and cycle times and routings found in it are too short" in warnings[2]
    assert "resource = Resource.1" in out
    assert "; worker = Resource " in " ".join(out.split())
    assert "day first" in out


def test_bad_files_end_with_code_2_and_leave_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source = real_log().read_text("utf-8")
    header = source.splitlines()[0]
    bad = {
        "empty.csv": b"",
        "header.csv": header.encode() + b"\n",
        "binary.csv": bytes(range(256)) * 40,
        "book.csv": b"PK\x03\x04" + bytes(500),
        "columns.csv": "\n".join(line.split(",", 2)[2] for line in source.splitlines()).encode(),
        "one order.csv": "\n".join([header, *(line for line in source.splitlines() if line.startswith("Case 1,"))]).encode(),
        "two days.csv": "\n".join([header, *(line for line in source.splitlines() if ",2012/01/29 " in line)]).encode(),
    }  # fmt: skip
    for name, data in bad.items():
        path = tmp_path / name
        path.write_bytes(data)
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        for command in ([] if name == "two days.csv" else [["inspect"]]) + [
            ["calibrate", "-o", str(out / "shop.yaml"), "--report", str(out / "fit.html")]
        ]:
            code, shown, error = run(capsys, command[0], str(path), *command[1:])
            assert (code, shown) == (2, ""), name
            assert name in error
            assert "[PW30" in error
            assert list(out.iterdir()) == [], name
