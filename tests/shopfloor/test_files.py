"""Files dropped in a folder: every kind of table, once, moved when kept, and gone on with after a stop."""

from __future__ import annotations

import math
import os
import random
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantwright.shopfloor.connectors import Connector
from plantwright.shopfloor.connectors.files import cells
from plantwright.shopfloor.connectors.files.kind import FolderOfFiles
from plantwright.shopfloor.connectors.tables import TableReader, TableShape, instants
from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.readings import Quality
from tests.shopfloor.checklist import Collected, collecting
from tests.shopfloor.floor import at

WIDE = "time,state,load,parts\n2025-03-03 07:00:00,ACTIVE,1.5,0\n2025-03-03 07:01:00,READY,,1\n2025-03-03 07:02:00,READY,UNAVAILABLE,1\n"
LONG = "Zeit;machine;signal;value\n03.03.2025 07:00:00;mill 1;load;1.5\n03.03.2025 07:00:30;mill 2;load;2.5\n03.03.2025 07:01:00;mill 1;program;O12\n"


def read(folder: Path, history: MemoryHistory | None = None, **words: object) -> Collected:
    """Read all that lies in a folder."""
    connector = FolderOfFiles("mill", folder, settled=0.0, once=True, **words)  # type: ignore[arg-type]
    with collecting(("mill", connector), history=history) as found:
        assert found.collector is not None
        found.until(lambda: all(state.state == "done" and not state.waiting for state in found.collector.states()))  # type: ignore[union-attr]
    return found


def test_each_column_is_a_tag(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text(WIDE)
    found = read(tmp_path, shape=TableShape(types={"state": "EXECUTION", "parts": "PART_COUNT"}, units={"load": "kN"}))
    assert [text for text, _ in found.events("mill/state")] == ["ACTIVE", "READY", "READY"]
    load = found.samples("mill/load")
    assert load[0] == (1.5, Quality.GOOD)
    assert math.isnan(load[1][0])
    assert load[1][1] == Quality.UNAVAILABLE
    assert len(load) == 2
    assert [text for text, _ in found.events("mill/parts")] == ["0", "1", "1"]
    kinds = {tag.name: (tag.kind, tag.type, tag.unit) for tag in found.history.tags() if tag.machine}
    assert kinds == {
        "mill/state": ("event", "EXECUTION", ""),
        "mill/load": ("sample", "", "kN"),
        "mill/parts": ("event", "PART_COUNT", ""),
    }
    number = found.number("mill/load")
    assert number is not None
    times = found.history.samples([number], 0, 2**62)["time"].to_physical().to_list()
    assert times == [at("7:00"), at("7:02")]
    assert os.listdir(tmp_path) == ["done"]
    assert os.listdir(tmp_path / "done") == ["day.csv"]


def test_each_row_is_a_reading_and_names_its_machine(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text(LONG, encoding="cp1252")
    shape = TableShape(
        time_format="%d.%m.%Y %H:%M:%S",
        zone="Europe/Berlin",
        machine_column="machine",
        tag_column="signal",
        value_column="value",
    )
    found = read(tmp_path, shape=shape)
    assert found.values("mill 1/load") == [1.5]
    assert found.values("mill 2/load") == [2.5]
    assert [text for text, _ in found.events("mill 1/program")] == ["O12"]
    number = found.number("mill 1/load")
    assert number is not None
    assert found.history.samples([number], 0, 2**62)["time"].to_physical().to_list() == [at("6:00")]


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "tsv"])
def test_kinds_of_files(tmp_path: Path, ending: str) -> None:
    frame = pl.DataFrame(
        {"time": [datetime(2025, 3, 3, 7), datetime(2025, 3, 3, 8)], "load": [1.25, 2.5], "state": ["ACTIVE", "READY"]}
    )
    path = tmp_path / f"day.{ending}"
    if ending == "xlsx":
        from plantwright.report.workbook import frame_workbook

        path.write_bytes(frame_workbook(frame))
    elif ending == "parquet":
        frame.write_parquet(path)
    else:
        frame.write_csv(path, separator="\t")
    found = read(tmp_path)
    assert found.values("mill/load") == [1.25, 2.5]
    assert [text for text, _ in found.events("mill/state")] == ["ACTIVE", "READY"]


def test_a_file_of_the_same_name_is_another(tmp_path: Path) -> None:
    history = MemoryHistory()
    for load in ("1.5", "2.5"):
        (tmp_path / "day.csv").write_text(f"time,load\n2025-03-03 07:00:0{load[0]},{load}\n")
        found = read(tmp_path, history)
    assert found.values("mill/load") == [1.5, 2.5]
    assert sorted(os.listdir(tmp_path / "done")) == ["day (2).csv", "day.csv"]


def test_it_goes_on_within_a_file_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "AT_ONCE", 10)
    rows = "".join(f"2025-03-03 07:00:{n:02}.{n:03},{n}\n" for n in range(60))
    (tmp_path / "day.csv").write_text("time,load\n" + rows)
    history = MemoryHistory()
    put, count = TableReader.put, []

    # fails once within the file: what was put before is kept
    def puts(self: TableReader, *given: object) -> int:
        count.append(1)
        if len(count) == 4:
            raise RuntimeError("killed")
        return put(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(TableReader, "put", puts)
    with collecting(("mill", FolderOfFiles("mill", tmp_path, settled=0.0, once=True)), history=history) as found:
        found.until(lambda: bool(found.of("PW5004")))
        found.until(lambda: (tmp_path / "done" / "day.csv").exists())
    assert found.values("mill/load") == list(range(60))
    assert len(count) == 7


def test_a_file_that_is_none_is_told_and_moved_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("load,state\n1,ACTIVE\n")
    (tmp_path / "b.xlsx").write_bytes(b"PK no workbook")
    (tmp_path / "c.parquet").write_bytes(b"PAR1 no table")
    (tmp_path / "d.csv").write_text("")
    (tmp_path / "e.csv").write_text("time,load\n2025-03-03 07:00,1.5\n")
    found = read(tmp_path)
    assert sorted(os.listdir(tmp_path / "failed")) == ["a.csv", "b.xlsx", "c.parquet", "d.csv"]
    assert os.listdir(tmp_path / "done") == ["e.csv"]
    assert (
        "a.csv: has no column that is called like a time; name it by 'time'; there are: 'load', 'state'"
        in found.of("PW5040")[0]
    )
    assert found.values("mill/load") == [1.5]


def test_what_is_no_number_or_time_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time,load\n2025-03-03 07:00,1.5\n")
    (tmp_path / "b.csv").write_text("time,load\n2025-03-03 07:01,high\nyesterday,2\n2025-03-03 07:02,3\n")
    found = read(tmp_path)
    assert found.of("PW5022") == [
        "not kept: a reading, 'yesterday': not a time; say how times are written by 'time format'",
        "not kept: a reading, 'high': no number at mill/load",
    ]
    assert found.values("mill/load") == [1.5, 3.0]


def test_a_file_that_is_written_yet_is_left(tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    path.write_text("time,load\n2025-03-03 07:00,1\n")
    with collecting(("mill", FolderOfFiles("mill", tmp_path, every=0.05, settled=0.3))) as found:
        for second in range(1, 6):
            with path.open("a") as out:
                out.write(f"2025-03-03 07:00:0{second},{second}\n")
            found.collector._ending.wait(0.1)  # type: ignore[union-attr]
        found.until(lambda: (tmp_path / "done" / "day.csv").exists())
    assert found.values("mill/load") == [1, 1, 2, 3, 4, 5]


def test_a_folder_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    connector: Connector = FolderOfFiles("mill", folder, every=0.05, settled=0.0)
    with collecting(("mill", connector)) as found:
        found.until(lambda: bool(found.of("PW5001")))
        folder.mkdir()
        (folder / "day.csv").write_text("time,load\n2025-03-03 07:00,1\n")
        found.until(lambda: found.values("mill/load") == [1.0])


@given(st.integers(-(2**60), 2**60))
@settings(max_examples=50, deadline=None)
def test_nanoseconds_come_through(number: int) -> None:
    if abs(number) >= 10**17:
        assert instants(pl.Series([str(number)]), "UTC").to_list() == [number]


def test_times_of_all_kinds() -> None:
    def one(value: object, written: str = "") -> int | None:
        return instants(pl.Series([value]), "Europe/Berlin", written).to_list()[0]

    seven = at("6:00")
    for text in (
        "2025-03-03 07:00",
        "2025-03-03T07:00:00",
        "2025-03-03T06:00:00Z",
        "2025-03-03 06:00:00+00:00",
        str(seven // 10**9),
        str(seven // 10**6),
        str(seven),
    ):
        assert one(text) == seven, text
    assert one(datetime(2025, 3, 3, 7)) == seven
    assert one(seven // 10**9) == seven
    assert one(seven / 10**9 + 0.25) == seven + 250_000_000
    assert one("2025-03-03 07:00:00.123456789") == seven + 123_456_789
    assert one("3.3.2025 7:00", "%d.%m.%Y %H:%M") == seven
    assert one("soon") is None
    assert one(math.inf) is None


def test_bytes_that_are_no_table_never_break_it(tmp_path: Path) -> None:
    draw = random.Random(3)
    good = WIDE.encode()
    for number in range(60):
        broken = bytearray(good)
        for _ in range(draw.randrange(1, 8)):
            broken[draw.randrange(len(broken))] = draw.randrange(256)
        (tmp_path / f"{number}.csv").write_bytes(bytes(broken))
    found = read(tmp_path)
    assert not found.of("PW5004"), found.of("PW5004")
    there = {
        *os.listdir(tmp_path / "done"),
        *(os.listdir(tmp_path / "failed") if (tmp_path / "failed").exists() else []),
    }
    assert len(there) == 60
