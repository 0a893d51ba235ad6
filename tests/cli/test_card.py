"""``plantwright improve PLANT --card N FILE``: a page to hang up, or a document that can be read again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plantwright.plant import card_of
from tests.cli.conftest import Plantwright
from tests.improvement.plants import POUCH
from tests.report.conftest import example_roadmap

QUICK = ("--horizon", "30d", "--warmup", "10d", "--replications", "3", "--family", "add a machine")


@pytest.fixture
def plant(tmp_path: Path) -> Path:
    path = tmp_path / "line.yaml"
    path.write_text(POUCH, "utf-8")
    return path


def test_a_card_is_a_page_a_json_and_a_yaml_that_say_the_same(
    plantwright: Plantwright, plant: Path, tmp_path: Path
) -> None:
    import yaml

    for ending in ("html", "json", "yaml"):
        assert plantwright("improve", plant, *QUICK, "--card", 1, tmp_path / f"card.{ending}").code == 0
    card = card_of(json.loads((tmp_path / "card.json").read_text("utf-8")))
    assert card == card_of(yaml.safe_load((tmp_path / "card.yaml").read_text("utf-8")))
    assert card.title == "second mixer"
    page = (tmp_path / "card.html").read_text("utf-8")
    for said in (
        "second mixer",
        "Acceptance test",
        "The way back",
        "Owner",
        "work centers &gt; mixer &gt; machines: 1",
    ):
        assert said in page
    assert f"{card.test.days} working days" in page
    assert "<script" not in page


def test_a_move_that_is_not_there_and_an_ending_that_is_none(
    plantwright: Plantwright, plant: Path, tmp_path: Path
) -> None:
    told = plantwright("improve", plant, *QUICK, "--card", 99, tmp_path / "card.html")
    assert told.code == 2
    assert "there is no move 99" in told.err
    assert not (tmp_path / "card.html").exists()
    told = plantwright("improve", plant, *QUICK, "--card", 1, tmp_path / "card.docx")
    assert told.code == 2
    assert "PW1900" in told.err


def test_a_roadmap_goes_into_the_report(plantwright: Plantwright, plant: Path, tmp_path: Path) -> None:
    road = tmp_path / "road.json"
    road.write_text(json.dumps(example_roadmap()), "utf-8")
    assert plantwright("improve", plant, *QUICK, "--roadmap", road, "-o", tmp_path / "r.html").code == 0
    assert '<h2 id="roadmap-head">The roadmap</h2>' in (tmp_path / "r.html").read_text("utf-8")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": "plantwright.run/1"}', '{"schema": "plantwright.roadmap/1"}']
)
def test_what_is_no_roadmap_is_refused(plantwright: Plantwright, plant: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "road.json").write_text(text, "utf-8")
    told = plantwright("improve", plant, "--roadmap", tmp_path / "road.json")
    assert told.code == 2
    assert "is no roadmap" in told.err
    assert "PW1922" in told.err
