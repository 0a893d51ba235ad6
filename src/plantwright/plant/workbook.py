"""A workbook is a plant too: four sheets in the words of a shop, read into the same tree as a plant file.

Machines, people, routings and orders each have a sheet; a fifth, totals, may say what the owner knows of the whole. Rows in grey
are examples and are not read.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from plantwright.errors import Place, PlantError, Problem
from plantwright.plant.document import LARGEST_FILE, Document, Entries, Items, Node, Scalar
from plantwright.plant.readers import nearest
from plantwright.plant.sheets import EXAMPLE_COLOUR, SHEETS, Column

LARGEST_UNPACKED = 100_000_000
MOST_ROWS = 100_000
_HOURS = re.compile(
    r"^\s*(?:(?P<days>[A-Za-z ,-]+?)\s+)?(?P<first>\d{1,2}:\d{2})\s*-\s*(?P<last>\d{1,2}:\d{2})(?P<rest>.*)$"
)
_BREAK = re.compile(r"(\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2})")


@dataclass
class _Row:
    """One row of a sheet: its cells by column, each with its place."""

    cells: dict[str, Scalar]
    place: Place

    def text(self, column: str) -> str:
        return self.cells[column].text if column in self.cells else ""


@dataclass
class _Book:
    """What reading a workbook finds."""

    name: str
    problems: list[Problem] = field(default_factory=list)
    rows: dict[str, list[_Row]] = field(default_factory=dict)

    def wrong(self, code: str, place: Place, reason: str, value: str | None = None, known: Any = None) -> None:
        suggestion = nearest(value, known) if value and known else None
        self.problems.append(Problem(code, place, "", reason, value, suggestion))


def read_workbook(path: Path) -> Document:
    """The document of a workbook. Raises PlantError with everything that is wrong with its sheets."""
    _refuse_bombs(path)
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        workbook = openpyxl.load_workbook(path, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise PlantError(
            [Problem("PW1301", Place(path.name), "", f"is not a workbook that can be read: {error}")]
        ) from error
    book = _Book(path.name)
    present = {title.strip().lower(): title for title in workbook.sheetnames}
    for name, columns in SHEETS.items():
        if name in present:
            book.rows[name] = list(_rows(workbook[present[name]], name, columns, book))
        elif name in ("machines", "routings"):
            book.wrong(
                "PW1302",
                Place(path.name),
                f"has no sheet {name!r}; there is {', '.join(workbook.sheetnames)}",
                name,
                present,
            )
    for title in present:
        if title not in SHEETS:
            book.wrong(
                "PW1302",
                Place(path.name, sheet=present[title]),
                "is not a sheet of a plant; take it out",
                title,
                SHEETS,
            )
    for name in ("machines", "routings"):
        if name in book.rows and not book.rows[name] and not book.problems:
            reason = "has no rows of yours yet; rows in grey are examples, so write over them in black"
            book.wrong("PW1311", Place(path.name, sheet=name), reason)
    root = _Builder(book).root(path.stem)
    if book.problems:
        raise PlantError(book.problems)
    files = {}
    for _, item in _orders(book):
        files[item[0]] = item[1]
    return Document(root, path.name, None, path.parent, files)


def _refuse_bombs(path: Path) -> None:
    """Refuse a file that is too large, is no workbook, or would unpack to more than it may."""

    def refuse(code: str, reason: str) -> PlantError:
        return PlantError([Problem(code, Place(path.name), "", reason)])

    if path.suffix.lower() != ".xlsx":
        raise refuse("PW1301", f"{path.suffix} is not read; save it as .xlsx")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise refuse(
                "PW1201", f"is {path.stat().st_size / 1e6:.0f} MB; at most {LARGEST_FILE // 1_000_000} MB are read"
            )
        with zipfile.ZipFile(path) as packed:
            total = sum(member.file_size for member in packed.infolist())
    except OSError as error:
        raise refuse("PW1200", f"cannot be read: {error.strerror or error}") from error
    except zipfile.BadZipFile as error:
        raise refuse("PW1301", "is not a workbook (.xlsx): it may be of another kind, or damaged") from error
    if total > LARGEST_UNPACKED:
        raise refuse("PW1303", f"would unpack to {total / 1e6:.0f} MB; it is not read")


def _rows(sheet: Any, name: str, columns: tuple[Column, ...], book: _Book) -> Iterator[_Row]:
    by_word = {word.lower(): column for column in columns for word in (column.name, *column.also)}
    places: dict[int, Column] = {}
    header = 0
    for number, cells in enumerate(sheet.iter_rows(max_row=MOST_ROWS), 1):
        filled = [cell for cell in cells if cell.value is not None and str(cell.value).strip()]
        if not filled:
            continue
        if not header:
            header = number
            for cell in filled:
                word = " ".join(str(cell.value).split()).lower()
                column = by_word.get(word)
                if column is None:
                    place = Place(book.name, sheet=name, cell=cell.coordinate)
                    book.wrong(
                        "PW1304", place, f"unknown column {cell.value!r}", str(cell.value), [c.name for c in columns]
                    )
                else:
                    places[cell.column] = column
            missing = [c.name for c in columns if c.needed and c not in places.values()]
            for word in missing:
                book.wrong("PW1305", Place(book.name, sheet=name, cell=f"A{number}"), f"the column {word!r} is missing")
            continue
        if all(_is_example(cell) for cell in filled) or str(filled[0].value).startswith("#"):
            continue
        row = _row(cells, places, name, book)
        for column in columns:
            if column.needed and column in places.values() and not row.text(column.name):
                book.wrong(
                    "PW1306", Place(book.name, sheet=name, cell=f"A{number}"), f"row {number} has no {column.name!r}"
                )
        yield row


def _is_example(cell: Any) -> bool:
    colour = cell.font.color
    return colour is not None and colour.type == "rgb" and str(colour.rgb)[-6:] == EXAMPLE_COLOUR


def _row(cells: Any, places: dict[int, Column], name: str, book: _Book) -> _Row:
    found: dict[str, Scalar] = {}
    for cell in cells:
        if cell.value is None or not str(cell.value).strip():
            continue
        place = Place(book.name, sheet=name, cell=cell.coordinate)
        column = places.get(cell.column)
        if column is None:
            if cell.column not in places:
                book.wrong("PW1307", place, f"{str(cell.value)[:40]!r} stands in a column without a heading")
            continue
        if isinstance(cell.value, str) and cell.value.startswith("#"):
            book.wrong("PW1308", place, f"the formula gives {cell.value}", cell.value)
            continue
        found[column.name] = Scalar(_text(cell.value, cell.number_format, column.unit), place)
    return _Row(found, Place(book.name, sheet=name, cell=cells[0].coordinate))


def _text(value: Any, number_format: str, unit: str) -> str:
    """A cell as the plant file would write it: dates in full, percent cells with their sign, numbers with the column's unit."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if "%" in number_format:
            return f"{value * 100:.10g} %"
        return f"{value:.10g} {unit}".strip()
    text = " ".join(str(value).split())
    # A number typed as text, with a decimal comma or without its unit.
    if re.fullmatch(r"[-+]?\d+([.,]\d+)?", text):
        return f"{text.replace(',', '.')} {unit}".strip()
    return text


class _Builder:
    """Makes the tree of a plant file from the rows of the sheets."""

    def __init__(self, book: _Book) -> None:
        self.book = book
        self.shifts: dict[str, Node] = {}
        self.setups: dict[str, list[tuple[Scalar, Node]]] = {}

    def rows(self, sheet: str) -> list[_Row]:
        return self.book.rows.get(sheet, [])

    def root(self, stem: str) -> Entries:
        place = Place(self.book.name)
        products = self._products()
        people = self._named("people", "person or crew", self._person)
        centers = self._named("machines", "work center", self._center)
        entries: list[tuple[Scalar, Node]] = [
            (Scalar("plant", place), Scalar(stem.replace("-", " ").replace("_", " ").strip().capitalize(), place))
        ]
        if (currency := self._currency()) is not None:
            entries.append((Scalar("currency", place), currency))
        if (start := self._start()) is not None:
            entries.append((Scalar("start", place), start))
        if self.shifts:
            shifts = tuple((Scalar(name, node.place), node) for name, node in self.shifts.items())
            entries.append((Scalar("shifts", place), Entries(shifts, place)))
        for word, found in (("people", people), ("work centers", centers), ("products", products)):
            if found:
                entries.append((Scalar(word, place), Entries(tuple(found), place)))
        totals = [
            (Scalar(row.text("what"), row.cells["what"].place), row.cells["value"])
            for row in self.rows("totals")
            if "what" in row.cells and "value" in row.cells
        ]
        if totals:
            entries.append((Scalar("totals", place), Entries(tuple(totals), place)))
        return Entries(tuple(entries), place)

    def _named(self, sheet: str, column: str, make: Callable[[_Row], Entries]) -> list[tuple[Scalar, Node]]:
        found: list[tuple[Scalar, Node]] = []
        seen: set[str] = set()
        for row in self.rows(sheet):
            if column not in row.cells:
                continue
            name = row.cells[column]
            if name.text in seen:
                self.book.wrong("PW1210", name.place, f"{name.text!r} is given twice; keep one", name.text)
                continue
            seen.add(name.text)
            found.append((name, make(row)))
        return found

    def _hours(self, cell: Scalar) -> Scalar:
        """The shift of a cell such as ``Mon-Fri 07:00-15:00, break 11:00-11:30``, made once for each text."""
        match = _HOURS.match(cell.text)
        if match is None:
            self.book.wrong(
                "PW1309",
                cell.place,
                f"{cell.text!r} is not hours such as 'Mon-Fri 07:00-15:00, break 11:00-11:30'",
                cell.text,
            )
            return cell
        name = cell.text.replace(",", "")
        if name not in self.shifts:
            breaks = [Scalar(text.replace(" ", ""), cell.place) for text in _BREAK.findall(match["rest"])]
            words = {"days": (match["days"] or "Mon-Fri").strip(" ,"), "from": match["first"], "to": match["last"]}
            entries: list[tuple[Scalar, Node]] = [
                (Scalar(w, cell.place), Scalar(t, cell.place)) for w, t in words.items()
            ]
            if breaks:
                entries.append((Scalar("breaks", cell.place), Items(tuple(breaks), cell.place)))
            self.shifts[name] = Entries(tuple(entries), cell.place)
        return Scalar(name, cell.place)

    def _entries(self, row: _Row, words: dict[str, str]) -> list[tuple[Scalar, Node]]:
        """The cells of a row under the words of the plant file."""
        return [
            (Scalar(word, row.cells[column].place), row.cells[column])
            for column, word in words.items()
            if column in row.cells
        ]

    def _person(self, row: _Row) -> Entries:
        entries = self._entries(row, {"how many": "count", "wage per hour": "wage", "absence": "absence"})
        if "hours" in row.cells:
            entries.append((Scalar("shift", row.place), self._hours(row.cells["hours"])))
        if "skills" in row.cells:
            cell = row.cells["skills"]
            skills = []
            for part in re.split(r"[,;]", cell.text):
                name, _, level = part.strip().rpartition(" ")
                if not level.isdigit() or not name:
                    name, level = part.strip(), "2"
                skills.append((Scalar(name, cell.place), Scalar(level, cell.place)))
            entries.append((Scalar("skills", cell.place), Entries(tuple(skills), cell.place)))
        return Entries(tuple(entries), row.place)

    def _center(self, row: _Row) -> Entries:
        entries = self._entries(
            row,
            {
                "how many": "machines",
                "places in front": "buffer",
                "price of one more": "price",
                "which lot next": "rule",
            },
        )
        if "hours" in row.cells:
            entries.append((Scalar("shift", row.place), self._hours(row.cells["hours"])))
        setups = self.setups.get(row.text("work center"))
        if setups:
            into = Entries(tuple(setups), row.place)
            entries.append((Scalar("setup", row.place), Entries(((Scalar("into", row.place), into),), row.place)))
        if "runs between failures" in row.cells and "repair" in row.cells:
            failure = self._entries(row, {"runs between failures": "every", "repair": "repair"})
            entries.append((Scalar("failures", row.place), Items((Entries(tuple(failure), row.place),), row.place)))
        elif "runs between failures" in row.cells or "repair" in row.cells:
            self.book.wrong("PW1306", row.place, "'runs between failures' and 'repair' go together; give both or none")
        return Entries(tuple(entries), row.place)

    def _products(self) -> list[tuple[Scalar, Node]]:
        routings: dict[str, list[Node]] = {}
        first: dict[str, Scalar] = {}
        for row in self.rows("routings"):
            if "product" not in row.cells or "step" not in row.cells:
                continue
            product = row.cells["product"]
            first.setdefault(product.text, product)
            step = Entries(((row.cells["step"], self._step(row)),), row.place)
            routings.setdefault(product.text, []).append(step)
        orders = dict(_orders(self.book))
        found: list[tuple[Scalar, Node]] = []
        for name, steps in routings.items():
            place = first[name].place
            entries: list[tuple[Scalar, Node]] = []
            if name in orders:
                release = Entries(((Scalar("orders", place), Scalar(orders[name][0], place)),), place)
                entries.append((Scalar("release", place), release))
            entries.append((Scalar("routing", place), Items(tuple(steps), place)))
            found.append((first[name], Entries(tuple(entries), place)))
        for row in self.rows("orders"):
            cell = row.cells.get("product")
            if cell is not None and cell.text not in routings:
                self.book.wrong("PW1310", cell.place, f"no routing makes {cell.text!r}", cell.text, routings)
        return found

    def _step(self, row: _Row) -> Entries:
        entries = self._entries(row, {"work center": "at", "yield": "yield"})
        if "minutes per piece" in row.cells:
            cell = row.cells["minutes per piece"]
            text = cell.text if "/" in cell.text else f"{cell.text}/piece"
            entries.append((Scalar("time", cell.place), Scalar(text, cell.place)))
        if "setup minutes" in row.cells:
            cell = row.cells["setup minutes"]
            name = f"{row.text('product')} {row.text('step')}"
            entries.append((Scalar("setup", cell.place), Scalar(name, cell.place)))
            self.setups.setdefault(row.text("work center"), []).append((Scalar(name, cell.place), cell))
        if "skill" in row.cells:
            entries.append((Scalar("staff", row.place), Items((row.cells["skill"],), row.place)))
        return Entries(tuple(entries), row.place)

    def _currency(self) -> Scalar | None:
        for sheet, column in (("people", "wage per hour"), ("machines", "price of one more")):
            for row in self.rows(sheet):
                match = re.search(r"\b[kM]?([A-Z]{3})\b", row.text(column))
                if match:
                    return Scalar(match[1], row.cells[column].place)
        return None

    def _start(self) -> Scalar | None:
        cells = [row.cells["release"] for row in self.rows("orders") if "release" in row.cells]
        days = [cell for cell in cells if re.match(r"\d{4}-\d{2}-\d{2}", cell.text)]
        if not days:
            return None
        earliest = min(days, key=lambda cell: cell.text)
        return Scalar(earliest.text[:10], earliest.place)


def _orders(book: _Book) -> Iterator[tuple[str, tuple[str, str]]]:
    """For each product with orders: the name and text of the order list that the plant file would have beside it."""
    lines: dict[str, list[str]] = {}
    for row in book.rows.get("orders", []):
        missing = [column for column in ("product", "quantity", "release") if column not in row.cells]
        if missing:
            continue
        cells = [row.text(column) for column in ("order", "release", "quantity", "due", "priority")]
        lines.setdefault(row.text("product"), []).append(",".join(cells))
    for product, rows in lines.items():
        name = f"orders {re.sub(r'[^A-Za-z0-9 _-]', '_', product)}.csv"
        yield product, (name, "order,release,quantity,due,priority\n" + "\n".join(rows) + "\n")


def write_workbook(path: Path, rows: dict[str, list[dict[str, Any]]] | None = None) -> None:
    """Write a workbook to fill in: headings with explanations, and examples in grey; or with `rows` for each sheet."""
    from plantwright.plant.sheets import workbook_bytes
    from plantwright.plant.writing import write_whole

    write_whole(path, workbook_bytes(rows))
