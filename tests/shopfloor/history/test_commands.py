"""The commands on a history: info, export, seal, mend."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import polars
import pytest
from click.testing import CliRunner

from plantwright.cli.history import history_command
from plantwright.errors import PlantwrightError
from plantwright.shopfloor.history.folder import FolderRecorder
from plantwright.shopfloor.history.reading import FolderHistory
from plantwright.shopfloor.readings import NANOSECONDS, Batch, Events, Samples, Tag

START = 1_772_409_600 * NANOSECONDS  # 2026-03-02T00:00Z


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    recorder = FolderRecorder(tmp_path / "history", reserve=0)
    recorder.declare(
        [
            Tag("mill/load", "sample", "mill", type="LOAD", unit="%"),
            Tag("mill/program", "event", "mill", type="PROGRAM"),
            Tag("mill/gaps", "note", "mill", type="GAP"),
        ]
    )
    times = [START + i * NANOSECONDS + 120 for i in range(180)]
    gap = json.dumps({"start": START, "end": START + 3_600 * NANOSECONDS})
    recorder.append(
        [
            Batch("mill", Samples.of([0] * 180, times, [i / 4 for i in range(180)], [3] + [0] * 179)),
            Batch("mill", events=Events.of([1, 2], [START, START], ["=1+1", "the cable was out"], ["", gap])),
        ]
    )
    recorder.close()
    return tmp_path / "history"


def run(*words: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(history_command, [str(word) for word in words], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    assert done.return_value == code
    return done.output


def test_info_before_and_after_sealing(folder: Path) -> None:
    first = json.loads(run("info", folder, "--json"))
    assert first["rows"] == {"samples": 0, "events": 0, "minutes": 0, "segments": 182}
    assert run("seal", folder) == "Sealed.\n"
    assert run("seal", folder) == "There was nothing to seal.\n"
    told = json.loads(run("info", folder, "--json", "--tags"))
    assert told["rows"] == {"samples": 180, "events": 2, "minutes": 3, "segments": 0}
    assert (told["tags"], told["days"], told["first"]) == (3, 1, "2026-03-02T00:00:00.000Z")
    assert told["gaps"][0] == {
        "source": "mill", "start": "2026-03-02T00:00:00.000Z", "end": "2026-03-02T01:00:00.000Z", "reason": "the cable was out",
    }  # fmt: skip
    assert [tag["name"] for tag in told["tags listed"]] == ["mill/load", "mill/program", "mill/gaps"]
    said = run("info", folder, "--tags")
    assert "3 tags, 182 readings" in said
    assert "gap of mill" in said
    assert "mill/load  sample  LOAD  %" in said


def test_export_gives_what_the_history_holds(folder: Path, tmp_path: Path) -> None:
    said = run(
        "export",
        folder,
        "--tags",
        "mill/load",
        "--tags",
        "PROGRAM",
        "--to",
        "2026-03-02T01:01",
        "--zone",
        "Europe/Berlin",
        "-o",
        tmp_path / "x.csv",
    )
    assert said == f"Wrote 61 rows of 2 tags to {tmp_path / 'x.csv'}.\n"
    lines = (tmp_path / "x.csv").read_text().splitlines()
    assert lines[:3] == [
        "tag,time,value,text,unit,quality,detail",
        "mill/load,2026-03-02T00:00:00.00000012Z,0.0,,%,unavailable,",
        "mill/load,2026-03-02T00:00:01.00000012Z,0.25,,%,good,",
    ]
    assert lines[-1] == 'mill/program,2026-03-02T00:00:00Z,,=1+1,"",good,""'
    run("export", folder, "-o", tmp_path / "x.parquet")
    frame = polars.read_parquet(tmp_path / "x.parquet")
    history = FolderHistory(folder).samples([0], 0, 2**62)
    assert frame.filter(polars.col("tag") == "mill/load")["value"].to_list() == history["value"].to_list()
    assert frame["time"].dtype == polars.Datetime("ns", "UTC")
    told = json.loads(run("export", folder, "--minutes", "--json", "-o", tmp_path / "m.parquet"))
    assert (told["rows"], told["tags"]) == (3, 3)
    assert polars.read_parquet(tmp_path / "m.parquet")["count"].to_list() == [59, 60, 60]
    run("export", folder, "-o", tmp_path / "x.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["readings"]
    cells = {row[3].value: row[3].data_type for row in sheet.iter_rows(min_row=2) if row[3].value}
    assert cells == {"=1+1": "s", "the cable was out": "s"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--tags", "mill/lod", "-o", "x.csv"], r"no tag fits 'mill/lod'; near are mill/load.*PW5103"),
        (["--from", "yesterday", "-o", "x.csv"], r"'yesterday' in 'UTC' is no time.*PW5103"),
        (["--from", "2026-03-02", "--zone", "Mars/Olympus", "-o", "x.csv"], r"in 'Mars/Olympus' is no time.*PW5103"),
        (["-o", "x.json"], r"what should be written\? End it in .csv, .parquet, .xlsx \[PW5104\]"),
        (["-o", "no/such/folder/x.csv"], r"there is no folder 'no/such/folder'; make it first \[PW5104\]"),
    ],
)
def test_what_cannot_be_exported_is_said(folder: Path, words: list[str], says: str) -> None:
    with pytest.raises(PlantwrightError, match=says):
        run("export", folder, *words)


def test_mending_keeps_what_is_whole(folder: Path) -> None:
    assert run("mend", folder) == "Nothing is damaged.\n"
    (segment,) = (folder / "wal").glob("*.wal")
    recorder = FolderRecorder(folder, reserve=0)
    recorder.append([Batch("mill", Samples.of([0], [START], [7.0]))])
    recorder.close()
    data = bytearray(segment.read_bytes())
    data[data.index(b"mill/program")] ^= 1  # in the frame of tags
    segment.write_bytes(data)
    with pytest.raises(PlantwrightError, match="history mend"):
        run("info", folder)
    said = run("mend", folder, code=1)
    assert "182 readings are kept" in said
    assert f"{segment.with_suffix('.damaged')} was put aside" in said
    assert segment.with_suffix(".damaged").read_bytes() == data
    assert FolderHistory(folder).samples([0], 0, 2**62)["value"].to_list()[:2] == [7.0, 0.0]
    assert run("mend", folder) == "Nothing is damaged.\n"
