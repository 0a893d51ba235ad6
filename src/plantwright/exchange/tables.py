"""A log as a table of cells, whatever kind of file it comes from."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from plantwright.exchange.text import LARGEST_LOG, TextTable, read_table, refuse

if TYPE_CHECKING:
    import polars

MOST_COLUMNS = 500
"""Columns above which a file is refused: what is wider is no log, and one cell in each row would make it huge."""

LARGEST_MARKUP = 500_000_000
"""Bytes above which XML and JSON are refused: read, they take several times as much memory."""

_GZIP, _ZIP, _OLD_WORKBOOK = b"\x1f\x8b", b"PK", b"\xd0\xcf\x11\xe0"
_SQLITE, _PARQUET = b"SQLite format 3\0", b"PAR1"


@dataclass(frozen=True)
class Table:
    """The cells of a log: texts, numbers or instants by column, null where empty.

    Parameters
    ----------
    frame : polars.DataFrame
    lines : polars.Series
        Where each row stands in the file: its line, its row in the sheet, or its number.
    notes : mapping
        What is said of the file: its kind, its text encoding.
    uneven : tuple
        Rows with more cells than the header names: their line and how many cells they have.
    twice : tuple of str
        Names that several columns have.
    commas_divide : bool
        Whether commas part the columns, so that a comma in a number is no decimal one.
    hints : mapping
        What the kind of file itself says of a column: the role, its column, and why.
    warnings : tuple of str
    """

    frame: polars.DataFrame
    lines: polars.Series
    notes: Mapping[str, str] = field(default_factory=dict)
    uneven: tuple[tuple[int, int], ...] = ()
    twice: tuple[str, ...] = ()
    commas_divide: bool = True
    hints: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_cells(path: Path, largest: int = LARGEST_LOG, sheet: str | None = None) -> Table:
    """The cells of a file, whose kind is told from its first bytes: a name can be wrong.

    Raises LogError for what is too large, would unpack to too much, or is of no known kind.
    """
    head = _first_bytes(path, largest)
    if head.startswith(_GZIP):
        return _unpacked(path, largest)
    if head.startswith(_OLD_WORKBOOK):
        raise refuse(path.name, "PW3006", "is a workbook of before 2007, or locked with a password; save it as .xlsx")
    if head.startswith(_ZIP):
        from plantwright.exchange.excel import read_sheet

        return read_sheet(path, sheet)
    if head.startswith(_PARQUET):
        from plantwright.exchange.parquet import read_parquet

        return read_parquet(path)
    if head.startswith(_SQLITE):
        from plantwright.exchange.ocel_sqlite import read_ocel_sqlite

        return read_ocel_sqlite(path)
    reader = _markup(head)
    if reader is not None:
        size = path.stat().st_size
        if size > LARGEST_MARKUP:
            reason = f"is {size / 1e6:.0f} MB; at most {LARGEST_MARKUP / 1e6:.0f} MB of XML or JSON are read; CSV and Parquet may be larger"
            raise refuse(path.name, "PW3004", reason)
        with path.open("rb") as file:
            return reader(file, path.name, largest)
    return of_text(read_table(path, largest))


def _markup(head: bytes) -> Callable[[BinaryIO, str, int], Table] | None:
    """The reader of XML or JSON, by the first character."""
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first == b"<":
        from plantwright.exchange.markup import read_xml_log

        return read_xml_log
    if first == b"{":
        from plantwright.exchange.ocel_json import read_ocel_json

        return read_ocel_json
    return None


def _first_bytes(path: Path, largest: int) -> bytes:
    try:
        size = path.stat().st_size
        if size > largest:
            raise refuse(path.name, "PW3004", f"is {size / 1e6:.0f} MB; at most {largest / 1e6:.0f} MB are read")
        with path.open("rb") as file:
            return file.read(64)
    except OSError as error:
        raise refuse(path.name, "PW3005", f"cannot be read: {error.strerror or error}") from error


def _unpacked(path: Path, largest: int) -> Table:
    """The table in a file packed with gzip, such as ``log.xes.gz``."""
    import tempfile

    try:
        with gzip.open(path) as packed, tempfile.TemporaryDirectory() as folder:
            inner = Path(folder) / path.stem
            written = 0
            with inner.open("wb") as out:
                while piece := packed.read(1 << 20):
                    written += len(piece)
                    if written > largest:
                        reason = f"unpacks to more than {largest / 1e6:.0f} MB; it is not read"
                        raise refuse(path.name, "PW3008", reason)
                    out.write(piece)
            with inner.open("rb") as file:
                if file.read(2) == _GZIP:
                    raise refuse(path.name, "PW3008", "is packed twice; unpack it first")
            return read_cells(inner, largest)
    except (OSError, EOFError) as error:
        raise refuse(path.name, "PW3005", f"cannot be unpacked: {error}") from error


def of_text(text: TextTable) -> Table:
    """The table of a CSV file."""
    notes = {"text": text.encoding, "separator": text.separator}
    return Table(text.frame, text.lines, notes, text.uneven, text.twice, text.separator == "comma")


def as_text(values: polars.Series) -> polars.Series:
    """Cells as the texts that a person would have written: whole numbers without a point."""
    import polars as pl

    kind = values.dtype
    if kind == pl.String:
        return values
    if kind.is_float():
        whole = values.is_finite() & (values == values.round()) & (values.abs() < 1e15)
        texts = (
            pl.when(whole).then(values.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(values.cast(pl.String))
        )
        return pl.select(texts.alias(values.name)).to_series()
    if kind == pl.Duration:
        return as_text(values.dt.total_microseconds() / 1e6)
    return values.cast(pl.String)


def held(values: polars.Series) -> polars.Series:
    """Cells as texts, each of which is held once."""
    import polars as pl

    return values if values.dtype == pl.Categorical else as_text(values).cast(pl.Categorical)


def numbered(rows: list[Mapping[str, Any]], first: int, order: list[str]) -> tuple[polars.DataFrame, polars.Series]:
    """The frame of rows that each name their cells, as texts, with the numbers of the rows."""
    import polars as pl

    columns = {name: pl.Series(name, [row.get(name) for row in rows], dtype=pl.String) for name in order}
    return tidied(pl.DataFrame(columns)), pl.Series("row", range(first, first + len(rows)), dtype=pl.Int64)


def tidied(frame: polars.DataFrame) -> polars.DataFrame:
    """The frame with texts stripped, and null where nothing stands."""
    import polars as pl

    texts = pl.col(pl.String)
    stripped = texts.str.strip_chars()
    return frame.with_columns(pl.when(stripped != "").then(stripped).name.keep())
