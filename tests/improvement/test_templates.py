"""What a new user starts from is a shop in which there is something to find."""

from __future__ import annotations

from pathlib import Path

from plantwright.improvement import Study, improve
from plantwright.improvement.limits import asked
from plantwright.plant import read_plant, read_text
from plantwright.plant.sheets import workbook_bytes
from plantwright.plant.templates import BLANK

FAMILIES = ("overtime", "add a machine", "one more person")


def verdicts(study: Study) -> dict[str, str]:
    return {item.move.title: item.verdict for item in study.moves}


def test_the_blank_plant_sells_a_little_less_than_is_asked_and_its_mill_is_the_limit() -> None:
    plant = read_text(BLANK)
    study = improve(plant, families=FAMILIES, replications=4, horizon="84 d")
    assert study.baseline.steady
    assert not study.warnings
    assert study.limit.subject == "mill"
    wanted = asked(plant, study.baseline)
    assert wanted == 135 + 45
    assert 0.8 < study.baseline.estimate("sales").mean / wanted < 0.97
    found = verdicts(study)
    assert found["one hour overtime, day"] == "do now"
    assert found["third mill"] == "if you spend"
    assert found["second saw"] == found["one more operator"] == "do not buy"


def test_the_grey_rows_of_the_workbook_do_too(tmp_path: Path) -> None:
    path = tmp_path / "shop.xlsx"
    path.write_bytes(workbook_bytes())
    study = improve(read_plant(path), families=FAMILIES, replications=4)
    assert study.baseline.steady
    assert not study.warnings
    assert study.limit.subject == "mill"
    found = verdicts(study)
    assert found["second mill"] == "if you spend"
    assert found["third lathe"] == "do not buy"
    # Orders come late, and with an hour more a day they do not.
    assert study.baseline.estimate("on-time share").mean < 0.9
    overtime = next(item for item in study.moves if item.move.family == "overtime")
    assert overtime.released["on-time share"].low > 0.1
