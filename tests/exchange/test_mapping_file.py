"""The mapping file: what was guessed is written, and read back gives the same log; what is wrong is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from plantwright.errors import LogError
from plantwright.exchange import LogMapping, mapping_text, read_log, read_mapping
from tests.calibration.logs import real_log, run
from tests.exchange.formats import FILES, rows_of

LOG = """No;What;Where;From;To;Kind;Pieces
A;saw;M1;05.01.26 07h00;05.01.26 08h00;PR;3
A;saw;M1;05.01.26 08h00;05.01.26 09h00;RU;3
B;saw;M1;06.01.26 07h00;06.01.26 08h00;ST;3
"""
MAP = """format: 1
columns:
  case: "No"
  activity: What
  resource: Where
  start: From
  end: To
  type: Kind
  quantity: Pieces
zone: Europe/Berlin
time format: "%d.%m.%y %Hh%M"
types: {PR: work, RU: setup, ST: breakdown}
"""


def saved(folder: Path, text: str, name: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def test_a_mapping_file_says_what_no_guess_could(tmp_path: Path) -> None:
    log = saved(tmp_path, LOG, "log.csv")
    with pytest.raises(LogError):
        read_log(log)
    found = read_log(log, read_mapping(saved(tmp_path, MAP, "map.yaml")))
    assert found.table.select("order", "station", "type", "quantity").rows() == [
        ("A", "M1", "work", 3.0), ("A", "M1", "setup", 3.0), ("B", "M1", "breakdown", 3.0),
    ]  # fmt: skip
    assert f"{found.table['start'][0]:%Y-%m-%d %H:%M}" == "2026-01-05 07:00"
    assert found.notes["times"] == "%d.%m.%y %Hh%M (as given)"
    assert found.notes["zone"] == "Europe/Berlin"


def test_states_may_be_said(tmp_path: Path) -> None:
    log = saved(tmp_path, "machine,time,status,order\nM,2026-01-05 07:00,GRÜN,A\nM,2026-01-05 08:00,ROT,A\nM,2026-01-05 09:00,GRÜN,B\n"
                "M,2026-01-05 10:00,GELB,B\n", "log.csv")  # fmt: skip
    mapping = LogMapping(columns={"state": "status"}, states={"grün": "work", "rot": "breakdown"})
    found = read_log(log, mapping)
    assert found.table.select("order", "type").rows() == [("A", "work"), ("A", "breakdown"), ("B", "work")]
    assert "GELB (1)" in found.warnings[0]


def test_everything_that_is_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = (
        MAP.replace("  end: To", "  end: Too")
        .replace("case:", "cas:")
        .replace("Berlin", "Berlinn")
        .replace("work,", "wrk,")
    )
    text = text.replace("format: 1", "format: 7") + "colour: red\nsheet: {a: b}\nstates: [RUN]\n"
    with pytest.raises(LogError) as refused:
        read_log(saved(tmp_path, LOG, "log.csv"), read_mapping(saved(tmp_path, text, "map.yaml")))
    assert sorted((p.code, p.place.line, p.value, p.suggestion) for p in refused.value.problems if p.value) == [
        ("PW3010", 3, "cas", "case"), ("PW3011", 7, "Too", "To"), ("PW3023", 10, "Europe/Berlinn", "Europe/Berlin"),
        ("PW3060", 13, "colour", "columns"), ("PW3061", 1, "7", None), ("PW3062", 12, "wrk", "work"),
    ]  # fmt: skip
    assert [p.path for p in refused.value.problems if not p.value] == ["sheet", "states"]


@pytest.mark.parametrize(
    ("form", "words"), [("%d/%m/%Y", "no time is written as"), ("%Q", "no time is written as"), ("%H:%M", "%H:%M"), ("", "no known way to write a time")]
)  # fmt: skip
def test_a_time_format_that_fits_nothing_is_refused(tmp_path: Path, form: str, words: str) -> None:
    mapping = read_mapping(saved(tmp_path, MAP.replace("%d.%m.%y %Hh%M", form), "map.yaml"))
    with pytest.raises(LogError, match=words):
        read_log(saved(tmp_path, LOG, "log.csv"), mapping)


@pytest.mark.parametrize(
    ("text", "words"), [("columns: {case: [", "map.yaml"), ("a: &x 1\nb: *x\n", "anchors"), ("- case\n", "map.yaml"), ("case: A\ncase: B\n", "twice")]
)  # fmt: skip
def test_what_is_no_mapping_file_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(LogError, match=words):
        read_log(saved(tmp_path, LOG, "log.csv"), read_mapping(saved(tmp_path, text, "map.yaml")))


def test_a_missing_mapping_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="cannot be read"):
        read_mapping(tmp_path / "absent.yaml")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "xes", "ocel json"])
def test_the_mapping_that_is_saved_gives_the_same_log(tmp_path: Path, kind: str) -> None:
    path = real_log() if kind == "csv" else FILES[kind](rows_of(real_log()), tmp_path)
    log = read_log(path)
    text = mapping_text(log, "Asia/Jerusalem")
    read = read_mapping(saved(tmp_path, text, "map.yaml"))
    assert not read.problems
    assert read.columns == {choice.what: choice.column for choice in log.mapping} == yaml.safe_load(text)["columns"]
    assert read.zone == "Asia/Jerusalem"
    assert all(choice.evidence in text for choice in log.mapping)
    again = read_log(path, read_mapping(saved(tmp_path, mapping_text(log), "map.yaml")))
    assert again.table.equals(log.table)
    assert {choice.evidence for choice in again.mapping} == {"as given"}


def test_the_mapping_of_machine_states_and_of_pairs_gives_the_same_log(tmp_path: Path) -> None:
    for text in (
        "machine,time,status,order\nM,2026-01-05 07:00,RUN,A\nM,2026-01-05 08:00,IDLE,\nM,2026-01-05 09:00,RUN,B\nM,2026-01-05 10:00,IDLE,\n",
        "order,step,lifecycle,time\nA,saw,start,2026-01-05 07:00\nA,saw,complete,2026-01-05 08:00\n",
        "order,step,machine,completed\nA,saw,M,2026-01-05 07:00\nA,mill,N,2026-01-05 08:00\n",
    ):
        path = saved(tmp_path, text, "log.csv")
        log = read_log(path)
        assert read_log(path, read_mapping(saved(tmp_path, mapping_text(log), "map.yaml"))).table.equals(log.table)


def test_the_command_line_saves_and_reads_a_mapping(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["job,step,begin,end", *(f"{k},saw,2026-01-{k + 5:02d} 07:00,2026-01-{k + 5:02d} 08:00" for k in range(5))]
    path, target = saved(tmp_path, "\n".join(lines), "log.csv"), tmp_path / "map.yaml"
    code, out, _ = run(capsys, "inspect", str(path), "--save-map", str(target))
    assert (code, f"--map {target}" in out) == (0, True)
    target.write_text(target.read_text("utf-8").replace('activity: "step"', 'activity: "job"'), "utf-8")
    code, out, _ = run(capsys, "inspect", str(path), "--map", str(target))
    assert (code, "activity = job" in out) == (0, True)
    code, out, _ = run(capsys, "inspect", str(path), "--map", str(target), "--map", "activity=step")
    assert (code, "activity = step" in out) == (0, True)
    code, _, said = run(capsys, "inspect", str(path), "--save-map", str(path))
    assert (code, "PW1900" in said) == (2, True)
    code, _, said = run(capsys, "inspect", str(path), "--map", "map.txt")
    assert (code, "nor a mapping file" in said) == (2, True)
