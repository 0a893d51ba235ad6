"""The workbook that is written: a shop knows what to fill in, and what it leaves as it was is an example."""

from __future__ import annotations

import importlib.util
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from plantwright.errors import PlantError
from plantwright.plant import read_plant
from plantwright.plant.sheets import FIRST_ROW, SHEETS, WRITTEN, example_rows
from plantwright.plant.workbook import write_workbook

EXAMPLES = Path(__file__).parents[2] / "examples"


class TestAsWritten:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        write_workbook(tmp_path / "shop.xlsx")
        return tmp_path / "shop.xlsx"

    def test_four_sheets_that_say_what_to_write(self, path: Path) -> None:
        book = openpyxl.load_workbook(path)
        assert tuple(book.sheetnames) == WRITTEN == ("machines", "people", "routings", "orders")
        for name in WRITTEN:
            sheet, columns = book[name], SHEETS[name]
            assert sheet["A1"].value.startswith("One row for each")
            assert "Write over the grey rows: they are examples" in sheet["A1"].value
            assert sheet.freeze_panes == f"B{FIRST_ROW}"
            for number, column in enumerate(columns, 1):
                heading, below = sheet.cell(2, number), sheet.cell(3, number)
                assert heading.value == column.name + (" *" if column.needed else "")
                assert below.value == column.help
                assert column.help[:10].lower() in heading.comment.text.lower()
                assert sheet.column_dimensions[heading.column_letter].width >= min(len(column.name), 11)
            rows = list(sheet.iter_rows(min_row=FIRST_ROW))
            assert len(rows) == len(example_rows(name))
            assert all(
                cell.font.color.rgb == "FF8A8A8A" and cell.font.italic
                for row in rows
                for cell in row
                if cell.value is not None
            )

    def test_lists_to_choose_from(self, path: Path) -> None:
        book = openpyxl.load_workbook(path)
        lists = {
            (name, str(check.sqref).split(":")[0], check.formula1)
            for name in WRITTEN for check in book[name].data_validations.dataValidation if check.type == "list"
        }  # fmt: skip
        assert lists == {
            ("machines", "H4", '"FIFO,EDD,SPT,LIFO"'),
            ("routings", "C4", "machines!$A$4:$A$1000"),
            ("orders", "B4", "routings!$A$4:$A$1000"),
        }
        assert book["orders"].column_dimensions["D"].number_format == "yyyy-mm-dd hh:mm"
        assert book["routings"].column_dimensions["G"].number_format == "0.0%"

    def test_untouched_it_is_a_plant_that_says_so(self, path: Path) -> None:
        plant = read_plant(path)
        assert plant.name == "Shop (the grey examples)"
        assert list(plant.work_centers) == ["lathe", "mill", "inspection"]
        assert list(plant.products) == ["shaft", "bracket"]

    def test_a_row_written_over_is_ones_own_though_its_font_stays_grey(self, path: Path) -> None:
        """In Excel, what is typed into a cell keeps the cell's colour."""
        book = openpyxl.load_workbook(path)
        machines, routings = book["machines"], book["routings"]
        machines["A4"], machines["B4"] = "saw", 3
        for cell, value in zip(routings[4], ["beam", "cut", "saw", None, 4, None, None], strict=True):
            cell.value = value
        book.save(path)
        plant = read_plant(path)
        assert plant.name == "Shop"
        assert {name: center.machines for name, center in plant.work_centers.items()} == {"saw": 3}
        assert list(plant.products) == ["beam"]
        assert plant.people == {}
        assert [release.rule for release in plant.products["beam"].releases] == ["saturated"], (
            "the grey orders are not read"
        )

    def test_a_name_that_stands_in_an_example_only(self, path: Path) -> None:
        book = openpyxl.load_workbook(path)
        book["machines"]["A4"] = "saw"
        book["routings"].append(["beam", "cut", "saw", None, 4])
        book["routings"].append(["beam", "look", "inspection", None, 4])
        book["orders"].append(["B-1", "shaft", 4, datetime(2026, 1, 5)])
        book.save(path)
        with pytest.raises(PlantError) as caught:
            read_plant(path)
        said = [str(problem) for problem in caught.value.problems]
        assert any(
            "routings!C10  'inspection' stands on the sheet 'machines' only as a grey example (A6)" in line
            for line in said
        )
        assert any("'shaft' stands on the sheet 'routings' only as a grey example (A4)" in line for line in said)

    def test_an_example_in_black_is_read(self, path: Path) -> None:
        book = openpyxl.load_workbook(path)
        for name, rows in {"machines": (4,), "routings": (4,)}.items():
            for row in rows:
                for cell in book[name][row]:
                    cell.font = Font(color="FF000000")
        book["people"]["A4"].value, book["people"]["B4"].value = "our turners", 1
        book.save(path)
        plant = read_plant(path)
        assert (list(plant.work_centers), [step.name for step in plant.products["shaft"].routing]) == (
            ["lathe"],
            ["turn"],
        )

    def test_one_sheet_filled_in_and_the_others_not(self, path: Path) -> None:
        book = openpyxl.load_workbook(path)
        book["machines"]["A4"] = "saw"
        book.save(path)
        with pytest.raises(PlantError) as caught:
            read_plant(path)
        assert [str(problem) for problem in caught.value.problems] == [
            "shop.xlsx:routings  has no rows of yours yet; what stands there in grey is an example: write over it [PW1311]"
        ]

    def test_the_same_rows_make_the_same_file(self, tmp_path: Path) -> None:
        for name in ("a.xlsx", "b.xlsx"):
            write_workbook(tmp_path / name)
        contents = []
        for name in ("a.xlsx", "b.xlsx"):
            with zipfile.ZipFile(tmp_path / name) as packed:
                contents.append(
                    {member: packed.read(member) for member in packed.namelist() if member != "docProps/core.xml"}
                )
        assert contents[0] == contents[1]


def test_the_workbook_in_the_repository_is_what_its_script_builds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.spec_from_file_location(
        "build_precision_machine_shop", EXAMPLES / "build_precision_machine_shop.py"
    )
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.build(tmp_path / "precision-machine-shop.xlsx")
    books = [openpyxl.load_workbook(folder / "precision-machine-shop.xlsx") for folder in (tmp_path, EXAMPLES)]
    cells = [
        {(sheet.title, cell.coordinate): (cell.value, cell.number_format, cell.comment and cell.comment.text)
         for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
        for book in books
    ]  # fmt: skip
    assert cells[0] == cells[1]
    assert len(cells[0]) > 500
