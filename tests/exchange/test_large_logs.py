"""Logs of many rows, whose texts are held once: what is read is the same as row by row, whatever the file."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars
import pytest

from plantwright.events import TEXTS
from plantwright.exchange import parquet, read_log, text
from plantwright.exchange.times import read_times

BEGIN = datetime(2026, 1, 5, 6)
CELLS = (" saw", "saw ", "saw", "mill", '""', "", '" "', "näh  en")


def csv_of(rows: int) -> str:
    """Reports of four steps to an order, with blanks around names, empty cells and, each seventh, a copy of the row before."""
    lines = []
    for number in range(rows):
        start = BEGIN + timedelta(hours=number)
        cells = (
            f"W{number // 4}", CELLS[number % len(CELLS)], f"Machine {number % 3 + 1}", f"{start:%d.%m.%Y %H:%M:%S}",
            f"{start + timedelta(minutes=50):%d.%m.%Y %H:%M:%S}", "12" if number % 5 else "1,5", "x" if number % 2 else "",
        )  # fmt: skip
        lines.append(";".join(cells))
        if number % 7 == 0:
            lines.append(lines[-1])
    return "Order;Activity;Machine;Start;End;Good;Rework\n" + "\n".join(lines) + "\n"


def test_a_large_csv_is_read_as_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log.csv"
    path.write_text(csv_of(200), encoding="utf-8")
    small = read_log(path)
    monkeypatch.setattr(text, "LARGE", 1)
    frame = text.read_table(path).frame
    assert frame.schema["Activity"] == polars.Categorical
    assert frame.schema["Start"] == polars.String  # each is another
    large = read_log(path)
    assert large.table.equals(small.table)
    assert large.mapping == small.mapping
    assert (large.notes, large.warnings, large.aside, large.rows_read) == (
        small.notes, small.warnings, small.aside, small.rows_read
    )  # fmt: skip
    # What stands there, by hand: the second row is a copy of the first; the blanks are gone, what is empty has no name.
    assert large.table["copy of"].to_list()[:3] == [None, 2, None]
    assert set(large.table["activity"].to_list()) == {"saw", "mill", "unnamed", "näh  en"}
    assert large.table["quantity"].to_list()[:3] == [1.5, 1.5, 12.0]
    assert large.table["copy of"].drop_nulls().len() == 29  # 0, 7, ..., 196


def test_parquet_with_many_rows_is_read_as_the_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log.csv"
    path.write_text(csv_of(200), encoding="utf-8")
    cells = polars.read_csv(path, separator=";", infer_schema=False)
    cells.write_parquet(tmp_path / "log.parquet")
    monkeypatch.setattr(parquet, "_SAMPLE", 50)
    frame = parquet.read_parquet(tmp_path / "log.parquet").frame
    assert frame.schema["Activity"] == polars.Categorical
    told = read_log(path).table.drop("row", "copy of")
    assert read_log(tmp_path / "log.parquet").table.drop("row", "copy of").equals(told)


def test_each_text_is_held_once(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(csv_of(20), encoding="utf-8")
    schema = read_log(path).table.schema
    assert {schema[name] for name in TEXTS} == {polars.Categorical()}


def test_fractions_of_seconds_are_read_where_some_have_them() -> None:
    written = ["2026-01-05 07:00:00", "2026-01-05 07:00:00.5", "2026-01-05 07:01", None, "soon", "0026-01-05 07:00:00"]
    found = read_times([polars.Series("t", written * 500), polars.Series("u", written[::-1] * 500)], "log.csv")
    seven = datetime(2026, 1, 5, 7)
    expected = [seven, seven + timedelta(seconds=0.5), seven + timedelta(minutes=1), None, None, None]
    assert found[0].values.to_list() == expected * 500
    assert found[1].values.to_list() == expected[::-1] * 500
