"""``plantwright compare`` as a person meets it: text, one JSON document, a page, a workbook, all errors of both files at once."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.cli.conftest import Plantwright
from tests.improvement.plants import POUCH

QUICK = ("--horizon", "30d", "--warmup", "10d", "--replications", "3")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    one, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
    one.write_text(POUCH, "utf-8")
    other.write_text(POUCH.replace("mixer: {machines: 1", "mixer: {machines: 2"), "utf-8")
    return one, other


def test_it_tells_what_differs_and_what_that_does(plantwright: Plantwright, files: tuple[Path, Path]) -> None:
    told = plantwright("compare", *files, *QUICK)
    assert told.code == 0
    assert "  work centers > mixer > machines: 1 -> 2" in told.out
    assert "A is limited by mixer (machines): 7.5 h / 1.5 h = 5 lots x 64 x 97 % = 310" in told.out
    assert max(map(len, told.out.splitlines())) <= 110


def test_json_is_one_document(plantwright: Plantwright, files: tuple[Path, Path]) -> None:
    document = plantwright("compare", *files, *QUICK, "--json").json
    assert document["schema"] == "plantwright.comparison/1"
    assert document["differs"] == [
        {"path": "work centers > mixer > machines", "kind": "changed", "before": "1", "after": "2"}
    ]
    assert {effect["name"] for effect in document["effects"]} >= {"throughput", "capacity", "sales", "cycle time"}
    for effect in document["effects"]:
        # What is said of the change is what is said of both: a mean of differences is a difference of means.
        if effect["change"]:
            means = [effect[word]["mean"] for word in ("before", "after")]
            assert effect["change"]["mean"] == pytest.approx(means[1] - means[0], abs=1e-6)


def test_a_page_a_workbook_and_tables(plantwright: Plantwright, files: tuple[Path, Path], tmp_path: Path) -> None:
    import openpyxl
    import polars

    for ending in ("html", "xlsx", "csv", "json", "svg"):
        assert plantwright("compare", *files, *QUICK, "-o", tmp_path / f"c.{ending}").code == 0
    page = (tmp_path / "c.html").read_text("utf-8")
    assert "work centers &gt; mixer &gt; machines" in page
    assert "<script" not in page
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    assert book.sheetnames == ["effects", "differs", "states"]
    assert book["differs"]["A2"].value == "work centers > mixer > machines"
    table = polars.read_csv(io.StringIO((tmp_path / "c.csv").read_text("utf-8")))
    assert table["name"][0] == "throughput"


def test_all_that_is_wrong_with_both_is_told_at_once(plantwright: Plantwright, tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text(POUCH.replace("90 min/lot", "90 kg/lot").replace("at: coater,", "at: coter,"), "utf-8")
    other.write_text(POUCH.replace("price: 38 USD", "price: 38 EUR"), "utf-8")
    told = plantwright("compare", one, other, "-o", tmp_path / "c.html")
    assert told.code == 2
    assert [line.partition(":")[0] for line in told.lines] == ["one.yaml", "one.yaml", "other.yaml"]
    assert not (tmp_path / "c.html").exists()
    assert "Traceback" not in told.err


def test_an_output_that_cannot_be_is_refused_before_any_work(
    plantwright: Plantwright, files: tuple[Path, Path]
) -> None:
    told = plantwright("compare", *files, "-o", "comparison.docx")
    assert told.code == 2
    assert "PW1900" in told.err
