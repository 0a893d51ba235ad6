"""A workbook is a plant too: four sheets in the words of a shop, read into the same tree as a plant file.

Machines, people, routings and orders each have a sheet; a fifth, totals, may say what the owner knows of the whole. Rows in grey
that stand as they were written are examples: they are read only as long as nothing else is there.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plantwright.errors import Place, PlantError, Problem
from plantwright.plant.cells import CellError, cell_text
from plantwright.plant.document import LARGEST_FILE, Document, Scalar, in_order
from plantwright.plant.readers import nearest
from plantwright.plant.sheets import EXAMPLE_COLOUR, SHEETS, Column, example_rows
from plantwright.units import UNITS

LARGEST_UNPACKED = 100_000_000
MOST_ROWS = 100_000
_LONGEST_NAME = 60
_OF_THE_WHOLE = ("PW1302", "PW1303", "PW1304", "PW1305", "PW1311")


@dataclass
class Row:
    """One row of a sheet: its cells by column, each with its place; whether it is an example."""

    cells: dict[str, Scalar]
    place: Place
    example: bool = False

    def text(self, column: str) -> str:
        """The text of a cell, empty where there is none."""
        return self.cells[column].text if column in self.cells else ""


@dataclass
class Book:
    """What reading a workbook finds: the rows of each sheet, those that are only examples, and what is wrong."""

    name: str
    problems: list[Problem] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    examples: dict[str, list[Row]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    def wrong(self, code: str, place: Place, reason: str, value: str | None = None, known: Any = None) -> None:
        """Note a problem; `known` are the words that would be right there."""
        suggestion = nearest(value, known) if value and known else None
        self.problems.append(Problem(code, place, "", reason, value, suggestion))

    @property
    def untouched(self) -> bool:
        """Whether there is nothing but examples."""
        return not any(self.rows.values()) and any(self.examples.values())


def read_workbook(path: Path) -> tuple[Document, list[Problem]]:
    """The document of a workbook, and what is wrong with its cells but leaves the rest to be checked.

    Raises PlantError where sheets or columns are wrong, so that the rest would be only their consequences.
    """
    from plantwright.plant.workbook_tree import tree_of

    _refuse_bombs(path)
    book = Book(path.name)
    _read(path, book)
    name = path.stem.replace("-", " ").replace("_", " ").strip().capitalize() or path.name
    if book.untouched:
        book.rows = book.examples
        book.examples = {}
        name += " (the grey examples)"
    for sheet in ("machines", "routings"):
        if sheet in book.rows and not book.rows[sheet] and not book.problems:
            place = Place(path.name, sheet=book.titles[sheet])
            book.wrong(
                "PW1311", place, "has no rows of yours yet; what stands there in grey is an example: write over it"
            )
    root, files = tree_of(book, name)
    if any(problem.code in _OF_THE_WHOLE for problem in book.problems):
        raise PlantError(sorted(book.problems, key=in_order))
    return Document(root, path.name, None, path.parent, files), book.problems


def without_consequences(found: list[Problem], of_cells: Sequence[Problem]) -> list[Problem]:
    """Problems of the plant without those that follow from what is already said of a cell, or of its row where a value lacks."""
    cells = {(problem.place.sheet, problem.place.cell) for problem in of_cells}
    rows = {(sheet, _row_of(cell)) for sheet, cell in cells}
    return [
        problem
        for problem in found
        if (problem.place.sheet, problem.place.cell) not in cells
        and not (problem.code == "PW1225" and (problem.place.sheet, _row_of(problem.place.cell)) in rows)
    ]


def _row_of(cell: str | None) -> str:
    return re.sub(r"\D", "", cell or "")


def _refuse_bombs(path: Path) -> None:
    """Refuse a file that is too large, is no workbook, or would unpack to more than it may."""

    def refuse(code: str, reason: str) -> PlantError:
        return PlantError([Problem(code, Place(path.name), "", reason)])

    if path.suffix.lower() != ".xlsx":
        raise refuse("PW1301", f"{path.suffix} is not read; save it as .xlsx")
    try:
        if path.is_dir():
            raise refuse("PW1200", "is a folder; name the workbook in it")
        if not path.exists():
            from plantwright.plant.beside import not_there

            raise not_there(path)
        if path.stat().st_size > LARGEST_FILE:
            raise refuse(
                "PW1201", f"is {path.stat().st_size / 1e6:.0f} MB; at most {LARGEST_FILE // 1_000_000} MB are read"
            )
        with zipfile.ZipFile(path) as packed:
            total = sum(member.file_size for member in packed.infolist())
    except OSError as error:
        raise refuse("PW1200", f"cannot be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, NotImplementedError) as error:
        reason = "is not a workbook (.xlsx): it may be of another kind, locked with a password, or damaged"
        raise refuse("PW1301", reason) from error
    if total > LARGEST_UNPACKED:
        raise refuse("PW1303", f"would unpack to {total / 1e6:.0f} MB; it is not read")


def _read(path: Path, book: Book) -> None:
    """Read every sheet into rows."""
    import openpyxl

    try:
        workbook = openpyxl.load_workbook(path, data_only=True, read_only=True)
        try:
            _sheets(workbook, book)
        finally:
            workbook.close()
    except PlantError:
        raise
    except Exception as error:  # openpyxl raises whatever it meets inside a damaged file
        reason = f"is not a workbook that can be read: {error or type(error).__name__}"
        raise PlantError([Problem("PW1301", Place(path.name), "", reason)]) from error


def _sheets(workbook: Any, book: Book) -> None:
    present = {title.strip().lower(): title for title in workbook.sheetnames}
    for name, columns in SHEETS.items():
        if name in present:
            book.titles[name] = present[name]
            book.rows[name], book.examples[name] = [], []
            for row in _rows(workbook[present[name]], name, columns, book):
                (book.examples if row.example else book.rows)[name].append(row)
        elif name in ("machines", "routings"):
            reason = f"has no sheet {name!r}; there is {', '.join(workbook.sheetnames)}"
            book.wrong("PW1302", Place(book.name), reason, name, [title for title in present if title not in SHEETS])
    for title in present:
        if title not in SHEETS:
            reason = "is not a sheet of a plant (those are machines, people, routings, orders, totals); take it out"
            book.wrong("PW1302", Place(book.name, sheet=present[title]), reason, title, SHEETS)


def _rows(sheet: Any, name: str, columns: tuple[Column, ...], book: Book) -> Iterator[Row]:
    sheet.reset_dimensions()  # what a program says of its size may be wrong
    title = book.titles[name]
    header: _Header | None = None
    examples = [_as_text(row, columns) for row in example_rows(name)]
    for number, cells in enumerate(sheet.iter_rows(), 1):
        filled = [cell for cell in cells if cell.value is not None and str(cell.value).strip()]
        if not filled or str(filled[0].value).startswith("#"):
            if number > MOST_ROWS and filled:
                break
            continue
        if number > MOST_ROWS:
            book.wrong(
                "PW1303", Place(book.name, sheet=title, cell=f"A{number}"), f"more than {MOST_ROWS} rows are not read"
            )
            break
        if header is None:
            # What a sheet is for may stand above its headings.
            if any(_heading(cell.value)[0] in _words(columns) for cell in filled) or number > 1:
                header = _Header(filled, number, columns, book, title)
            continue
        if header.is_help(filled):
            continue
        row = header.row(filled, number)
        row.example = all(_is_grey(cell) for cell in filled) and {c: s.text for c, s in row.cells.items()} in examples
        if not row.example:
            header.check(row, number)
        yield row
    if header is None:
        book.wrong(
            "PW1305",
            Place(book.name, sheet=title, cell="A1"),
            f"has no headings; they are {', '.join(c.name for c in columns)}",
        )


def _as_text(row: Mapping[str, Any], columns: tuple[Column, ...]) -> dict[str, str]:
    by_name = {column.name: column for column in columns}
    return {word: cell_text(v, by_name[word].form, by_name[word], by_name[word].unit) for word, v in row.items()}


def _words(columns: tuple[Column, ...]) -> dict[str, Column]:
    return {word: column for column in columns for word in (column.name, *column.also)}


def _heading(value: Any) -> tuple[str, str]:
    """A heading's words without star and unit, and the unit that stands behind it in brackets."""
    text = " ".join(str(value).replace("*", " ").split()).lower()
    match = re.fullmatch(r"(.*?)\s*[(\[](.*)[)\]]", text)
    return (match[1], match[2].strip()) if match else (text, "")


def _is_grey(cell: Any) -> bool:
    colour = cell.font.color if cell.font is not None else None
    return colour is not None and colour.type == "rgb" and str(colour.rgb)[-6:] == EXAMPLE_COLOUR


class _Header:
    """The headings of a sheet, and how the rows below them are read."""

    def __init__(self, filled: list[Any], number: int, columns: tuple[Column, ...], book: Book, title: str) -> None:
        self.book, self.title, self.columns = book, title, columns
        self.places: dict[int, Column | None] = {}
        self.units: dict[int, str] = {}
        known = _words(columns)
        for cell in filled:
            word, unit = _heading(cell.value)
            column = known.get(word)
            place = Place(book.name, sheet=title, cell=cell.coordinate)
            self.places[cell.column] = column
            if column is None:
                book.wrong("PW1304", place, f"unknown column {str(cell.value)[:_LONGEST_NAME]!r}", word, known)
                continue
            if list(self.places.values()).count(column) > 1:
                book.wrong("PW1304", place, f"a second column {column.name!r}; keep one", word)
            self.units[cell.column] = self._unit(column, unit, place)
        for column in columns:
            if column.needed and column not in self.places.values():
                reason = f"the column {column.name!r} is missing"
                book.wrong("PW1305", Place(book.name, sheet=title, cell=f"A{number}"), reason)

    def _unit(self, column: Column, unit: str, place: Place) -> str:
        """What bare numbers are counted in: the unit behind the heading, or the column's own."""
        if not unit or unit == column.unit:
            return column.unit
        if column.unit in UNITS["duration"]:
            if unit in UNITS["duration"]:
                return unit
            self.book.wrong(
                "PW1304", place, f"{unit!r} behind the heading is not a unit of time", unit, UNITS["duration"]
            )
        return column.unit

    def is_help(self, filled: list[Any]) -> bool:
        """Whether a row tells what to write under the headings."""
        columns = [self.places.get(cell.column) for cell in filled]
        said = [" ".join(str(cell.value).split()) for cell in filled]
        return all(column is not None and text == column.help for column, text in zip(columns, said, strict=True))

    def row(self, filled: list[Any], number: int) -> Row:
        """A row of cells as text."""
        found: dict[str, Scalar] = {}
        for cell in filled:
            place = Place(self.book.name, sheet=self.title, cell=cell.coordinate)
            if cell.column not in self.places:
                said = str(cell.value)[:_LONGEST_NAME]
                self.book.wrong("PW1307", place, f"{said!r} stands in a column without a heading", said)
                continue
            column = self.places[cell.column]
            if column is None:
                continue
            if isinstance(cell.value, str) and cell.value.startswith("#"):
                self.book.wrong("PW1308", place, f"the formula gives {cell.value}", cell.value)
                continue
            try:
                text = cell_text(cell.value, cell.number_format or "", column, self.units[cell.column])
            except CellError as error:
                self.book.wrong("PW1308", place, str(error), str(cell.value))
            else:
                found[column.name] = Scalar(text, place)
        return Row(found, Place(self.book.name, sheet=self.title, cell=f"A{number}"))

    def check(self, row: Row, number: int) -> None:
        """Note what a row needs and does not have."""
        for column in self.columns:
            wrong = any(problem.place.cell == f"{letter}{number}" for problem in self.book.problems[-8:]
                        if problem.place.sheet == self.title
                        for letter in [re.sub(r"\d", "", problem.place.cell or "")])  # fmt: skip
            if column.needed and column in self.places.values() and not row.text(column.name) and not wrong:
                self.book.wrong("PW1306", row.place, f"row {number} has no {column.name!r}")


def write_workbook(path: Path, rows: Mapping[str, list[dict[str, Any]]] | None = None) -> None:
    """Write a workbook to fill in: headings with explanations, and examples in grey; or with `rows` for each sheet."""
    from plantwright.plant.sheets import workbook_bytes
    from plantwright.plant.writing import write_whole

    write_whole(path, workbook_bytes(rows))
