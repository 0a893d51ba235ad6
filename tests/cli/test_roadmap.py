"""``plantwright roadmap`` as a person meets it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.cli.conftest import Plantwright

BAGS = """
plant: Bags
currency: USD
money: {discount: 0 %, horizon: 3 y}
work centers: {cutter: {machines: 1}, sewer: {machines: 1}}
products:
  bag:
    unit: bag
    price: 1 USD
    demand: {rate: 288 bags/day, unmet: lost}
    release: {conwip: 8 lots}
    routing:
      - cut: {at: cutter, time: 10 min}
      - sew: {at: sewer, time: 4 min}
moves:
  sharper knives: {set: {products > bag > routing > cut > time: 8 min}, cost: 14 kUSD}
  second cutter: {set: {work centers > cutter > machines: 2}, cost: 50 kUSD, lead time: 1 y}
"""
QUICK = ("--horizon", "30d", "--warmup", "3d", "--replications", "2", "--family", "own move")


@pytest.fixture
def bags(written: Callable[..., Path]) -> Path:
    return written(BAGS)


def test_it_says_what_to_buy_when(plantwright: Plantwright, bags: Path) -> None:
    told = plantwright("roadmap", bags, "--budget", "100 kUSD", *QUICK)
    assert told.code == 0
    assert "Bags: roadmap of 12 quarters, budget 100 kUSD" in told.out
    # 36 x 365.25 + 2 x 144 x 365.25 - 64,000 = 54,341.
    assert "worth today, as simulated: sketch: 54.3 kUSD" in told.out
    assert "second cutter: 50 kUSD, in force Jan 2027" in told.out
    assert "engine and sum of the parts agree" in told.out
    assert max(map(len, told.out.splitlines())) <= 130


def test_json_is_one_document(plantwright: Plantwright, bags: Path) -> None:
    document = plantwright("roadmap", bags, "--budget", "unlimited", "--json", *QUICK).json
    assert document["schema"] == "plantwright.roadmap/1"
    assert document["budget"] is None
    assert {step["move"] for step in document["steps"]} == {"second cutter", "sharper knives"}
    assert document["net present value"]["simulated"]["mean"] == pytest.approx(54341, rel=0.01)
    assert document["agreement"]["reached"]


@pytest.mark.parametrize("ending", ["json", "csv", "parquet", "xlsx", "svg", "html"])
def test_every_ending(plantwright: Plantwright, bags: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"plan.{ending}"
    assert plantwright("roadmap", bags, "--budget", "20000", "-o", path, *QUICK).code == 0
    content = path.read_bytes()
    if ending == "xlsx":
        assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == ["steps", "cash", "frontier", "rounds"]
    else:
        assert b"sharper knives" in content if ending != "parquet" else content[:4] == b"PAR1"


def test_the_page_needs_nothing_from_elsewhere(plantwright: Plantwright, bags: Path, tmp_path: Path) -> None:
    path = tmp_path / "plan.html"
    assert plantwright("roadmap", bags, "--budget", "100 kUSD", "-o", path, *QUICK).code == 0
    page = path.read_text("utf-8")
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "second cutter" in page
    # 36 x 365.25 + 2 x 144 x 365.25 - 64,000 = 54,341, by the engine and by the parts.
    assert page.count("54,300 USD") + page.count("54.3 kUSD") >= 2
    assert "plantwright roadmap PLANT --budget 100000" in page


def test_a_time_limit_that_is_over_gives_the_best_so_far(plantwright: Plantwright, bags: Path) -> None:
    told = plantwright("roadmap", bags, "--budget", "100 kUSD", "--time-limit", "1s", *QUICK)
    assert told.code == 0
    assert "second cutter" in told.out


def test_all_that_is_wrong_is_told_at_once(plantwright: Plantwright, bags: Path) -> None:
    told = plantwright("roadmap", bags, "--budget", "5 much", "--least", "3 EUR", *QUICK)
    assert told.code == 2
    assert len(told.lines) == 2
    assert "'5 much' is not an amount of money" in told.lines[0]
    assert "this plant counts in USD" in told.lines[1]
    told = plantwright("roadmap", bags, "--budget", "-5", "--at-once", "0", "--with", "second cuter", *QUICK)
    assert told.code == 2
    assert [line[-7:-1] for line in told.lines] == ["PW4070", "PW4073", "PW4081"]
    assert "did you mean 'second cutter'?" in told.lines[2]


def test_an_output_that_cannot_be_written_is_told_before_any_work(plantwright: Plantwright, bags: Path) -> None:
    told = plantwright("roadmap", bags, "--budget", "1 kUSD", "-o", "plan.docx")
    assert (told.code, told.out) == (2, "")
    assert ".xlsx, .html, .svg" in told.err


def test_ctrl_c_gives_the_best_plan_so_far(
    plantwright: Plantwright, bags: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plantwright.improvement.roadmap.sequence import Sequences

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Sequences, "run", interrupted)
    told = plantwright("roadmap", bags, "--budget", "100 kUSD", *QUICK)
    assert told.code == 0
    assert "stopped early: the best so far" in told.out
    assert "second cutter" in told.out
    assert "as simulated" not in told.out


def test_a_study_is_not_simulated_again(plantwright: Plantwright, bags: Path, tmp_path: Path) -> None:
    study = tmp_path / "study.json"
    assert plantwright("improve", bags, "-o", study, *QUICK).code == 0
    again = plantwright("roadmap", bags, "--budget", "100 kUSD", "--resume", study, *QUICK)
    assert again.code == 0
    assert again.out == plantwright("roadmap", bags, "--budget", "100 kUSD", *QUICK).out
