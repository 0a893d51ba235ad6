"""`plantwright import`: what it says and writes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

from plantwright.plant import read_plant
from tests.cli.conftest import Plantwright
from tests.exchange.small_fab import write_fab


def _small(folder: Path) -> Path:
    (folder / "small").mkdir()
    return write_fab(folder / "small")


def test_what_is_read_is_told(plantwright: Plantwright, tmp_path: Path) -> None:
    folder, out = _small(tmp_path), tmp_path / "fab.yaml"
    (folder / "operators.txt").write_text("NAME\nAna\n", encoding="utf-8")
    told = plantwright("import", "smt2020", folder, "-o", out)
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[:2] == [
        "small: 4 work centers with 8 machines, 2 products with 9 steps, 2 lots in process.",
        "Not read, as no table of this name is known: operators.txt.",
    ]
    assert f"Next: plantwright simulate {out}" in told.out
    assert read_plant(out).name == "small"


def test_what_is_read_as_a_document(plantwright: Plantwright, tmp_path: Path) -> None:
    told = plantwright("import", "smt2020", _small(tmp_path), "-o", tmp_path / "fab.yaml", "--json").json
    assert told.pop("plant") == plantwright("check", tmp_path / "fab.yaml", "--json").json["plant"]
    assert told == {
        "schema": "plantwright.import/1",
        "format": "smt2020",
        "name": "small",
        "work centers": 4,
        "machines": 8,
        "products": 2,
        "operations": 9,
        "lots at start": 2,
        "families": {"Bench": 2, "Oven": 1, "Implanter": 3, "Stepper": 2},
        "classes": {"wafer_7": ["Lot_7", "Hot_7"], "wafer_9": ["Lot_9"]},
        "read": [
            "WIP.txt", "attach.txt", "downcal.txt", "fromto.txt", "order.txt", "part.txt", "pmcal.txt", "route_7.txt", "route_9.txt",
            "setup.txt", "setupgrp.txt", "tool.txt",
        ],
        "not read": [],
        "passed over": [],
        "not simulated": [],
        "files": [str(tmp_path / name) for name in ("fab.yaml", "routes/wafer_7.csv", "routes/wafer_9.csv", "wip.csv")],
    }  # fmt: skip


def test_what_is_wrong_as_a_document(plantwright: Plantwright, tmp_path: Path) -> None:
    folder = _small(tmp_path)
    (folder / "WIP.txt").unlink()
    told = plantwright("import", "smt2020", folder, "-o", tmp_path / "fab.yaml", "--json")
    assert told.code == 2
    assert (told.json["schema"], told.json["sound"]) == ("plantwright.import/1", False)
    assert [(problem["code"], problem["file"]) for problem in told.json["problems"]] == [("PW1401", "WIP.txt")]


def test_a_table_of_another_plant_is_not_written_over(plantwright: Plantwright, tmp_path: Path) -> None:
    """The same plant may be imported anew; one of another name would take the tables of the first."""
    folder = _small(tmp_path)
    (tmp_path / "wip.csv").write_text("operation,quantity\ncut,5\n", encoding="utf-8")
    told = plantwright("import", "smt2020", folder, "-o", tmp_path / "fab.yaml")
    assert told.code == 2
    assert told.lines == [
        f"{tmp_path / 'wip.csv'}  is there already, and fab.yaml is not: it is of another plant; write to another folder [PW1900]"
    ]
    assert (tmp_path / "wip.csv").read_text(encoding="utf-8").startswith("operation,quantity\ncut")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small", "wip.csv"]
    (tmp_path / "wip.csv").unlink()
    for _ in range(2):
        assert plantwright("import", "smt2020", folder, "-o", tmp_path / "fab.yaml").code == 0
    assert plantwright("import", "smt2020", folder, "-o", tmp_path / "other.yaml").code == 2
