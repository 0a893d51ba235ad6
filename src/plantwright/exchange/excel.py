"""Logs in Excel workbooks: the first sheet that holds a table, titles above it left out."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantwright.errors import LogError
from plantwright.exchange.tables import MOST_COLUMNS, Table, tidied
from plantwright.exchange.text import refuse, unique_names

if TYPE_CHECKING:
    import polars

LARGEST_UNPACKED = 2_000_000_000
MOST_PACKED = 200.0
"""How many times its size a workbook may unpack to. Sheets of reports unpack to 5 to 20 times, of equal cells to 100 times."""

_SMALL = 10_000_000
_LEAD = 20
_MOST_WIDE = 1000
_ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"))


def read_sheet(path: Path, sheet: str | None = None) -> Table:
    """The cells of a sheet of a workbook: of the one named, else of the first that holds a table."""
    _refuse_bombs(path)
    import openpyxl

    try:
        workbook = openpyxl.load_workbook(path, data_only=True, read_only=True)
        try:
            return _table(workbook, path.name, sheet)
        finally:
            workbook.close()
    except LogError:
        raise
    except Exception as error:  # openpyxl raises whatever it meets inside a damaged file
        reason = f"is a workbook or an archive that cannot be opened: {error or type(error).__name__}"
        raise refuse(path.name, "PW3006", reason) from error


def _refuse_bombs(path: Path) -> None:
    """Refuse, before anything is unpacked, what would unpack to too much or declares entities."""
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
            total = sum(member.file_size for member in members)
            if total > LARGEST_UNPACKED or (total > _SMALL and total > MOST_PACKED * path.stat().st_size):
                reason = f"would unpack to {total / 1e6:,.0f} MB, {total / path.stat().st_size:,.0f} times its size; it is not read"
                raise refuse(path.name, "PW3008", reason)
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with packed.open(member) as file:
                        if b"<!DOCTYPE" in file.read(4096).upper():
                            raise refuse(
                                path.name, "PW3007", f"declares a document type in {member.filename}; it is not read"
                            )
    except OSError as error:
        raise refuse(path.name, "PW3005", f"cannot be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        reason = (
            "is a workbook or an archive that cannot be opened: locked with a password, of another kind, or damaged"
        )
        raise refuse(path.name, "PW3006", reason) from error


def _table(workbook: Any, file: str, wanted: str | None) -> Table:
    sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    names = [sheet.title for sheet in sheets]
    if wanted is not None:
        sheets = [sheet for sheet in workbook.worksheets if sheet.title == wanted]
        if not sheets:
            raise refuse(
                file, "PW3009", f"has no sheet {wanted!r}; there is {', '.join(map(repr, names))}", value=wanted
            )
    for sheet in sheets:
        found = _rows(sheet)
        if found is not None:
            notes = {"kind": f"Excel, sheet {sheet.title!r}", "lines": "the row of the sheet"}
            if len(names) > 1:
                notes["kind"] += f" of {', '.join(map(repr, names))}"
            return _of_rows(*found, notes, file, sheet.title)
    raise refuse(file, "PW3003", "has no sheet with a table: a header of at least three columns, and rows below it")


def _rows(sheet: Any) -> tuple[list[str], int, list[int], list[Sequence[Any]]] | None:
    """The header of a sheet, its row, and the numbers and cells of the rows below; None where the sheet holds no table."""
    # The size that a sheet states may be that of the whole grid.
    sheet.reset_dimensions()
    cells = _narrow(sheet.iter_rows(values_only=True))
    lead = list(islice(cells, _LEAD))
    widths = [sum(cell is not None for cell in row) for row in lead]
    if max(widths, default=0) < 3:
        return None
    top = next(number for number, width in enumerate(widths) if width >= 0.6 * max(widths))
    header = ["" if cell is None else " ".join(str(cell).split("\n")).strip() for cell in lead[top]]
    while header and not header[-1]:
        header.pop()
    numbers, rows = [], []
    for number, row in enumerate(chain(lead[top + 1 :], cells), top + 2):
        if any(cell is not None for cell in row):
            numbers.append(number)
            rows.append(row)
    return (header, top + 1, numbers, rows) if rows else None


def _narrow(rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """The rows without what lies far to the right; one cell in the last column of each row would make millions of empty ones."""
    wide = 0
    for row in rows:
        wide += len(row) > MOST_COLUMNS
        if wide > _MOST_WIDE:
            raise ValueError(f"more than {_MOST_WIDE} rows of a sheet have more than {MOST_COLUMNS} columns")
        yield row if len(row) <= MOST_COLUMNS else row[:MOST_COLUMNS]


def _of_rows(
    header: list[str],
    top: int,
    numbers: list[int],
    rows: list[Sequence[Any]],
    notes: dict[str, str],
    file: str,
    sheet: str,
) -> Table:
    import polars as pl

    names = unique_names(header)
    wide = [
        (number, len(row))
        for number, row in zip(numbers, rows, strict=True)
        if any(c is not None for c in row[len(names) :])
    ]
    if len(wide) == len(rows):
        raise refuse(file, "PW3002", f"every row of sheet {sheet!r} is wider than its header in row {top}")
    uneven = {number for number, _ in wide}
    kept = (
        [(n, row) for n, row in zip(numbers, rows, strict=True) if n not in uneven]
        if uneven
        else list(zip(numbers, rows, strict=True))
    )
    columns = [column(name, [row[k] if k < len(row) else None for _, row in kept]) for k, name in enumerate(names)]
    twice = tuple(name for name, number in Counter(header).items() if number > 1 and name)
    lines = pl.Series("row", [n for n, _ in kept], dtype=pl.Int64)
    return Table(tidied(pl.DataFrame(columns)), lines, notes, tuple(wide), twice)


def column(name: str, cells: list[Any]) -> polars.Series:
    """Cells of Python's own kinds as a column of instants, numbers or texts, whichever all of them are."""
    import polars as pl

    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds and kinds <= {datetime, date} and not any(getattr(cell, "tzinfo", None) for cell in cells):
        whole = [
            cell if isinstance(cell, datetime) or cell is None else datetime.combine(cell, time()) for cell in cells
        ]
        return pl.Series(name, whole, dtype=pl.Datetime("us"))
    if kinds and kinds <= {int, float}:
        return pl.Series(name, cells, dtype=pl.Int64 if kinds == {int} and _short(cells) else pl.Float64, strict=False)
    return pl.Series(name, [cell_text(cell) for cell in cells], dtype=pl.String)


def _short(cells: list[Any]) -> bool:
    return all(cell is None or abs(cell) < 2**62 for cell in cells)


def cell_text(cell: Any) -> str | None:
    """What a cell shows, as a text; None for an empty one and for the errors of formulas."""
    if cell is None or cell in _ERRORS:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    return cell.isoformat("seconds") if isinstance(cell, time) else str(cell)
