"""Bytes to a table of texts: code page, separator, and what is refused before it is read."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plantwright.errors import LogError, Place, Problem

if TYPE_CHECKING:
    import polars

LARGEST_LOG = 500_000_000
"""Files above this many bytes are refused before they are read."""

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class TextTable:
    """All cells of a file as texts (null where empty), and how the file is written."""

    frame: polars.DataFrame
    encoding: str
    separator: str


def refuse(name: str, code: str, reason: str, line: int | None = None, value: str | None = None) -> LogError:
    """The error of a log that cannot be used for one reason."""
    return LogError([Problem(code, Place(name, line), "", reason, value)])


def read_table(path: Path, largest: int = LARGEST_LOG) -> TextTable:
    """The cells of a CSV file. Raises LogError for what is not a table of text."""
    import polars

    text, encoding = _text(path, largest)
    lines = text.splitlines()
    if not lines:
        raise refuse(path.name, "PW3001", "is empty")
    separator = _separator(lines)
    if separator is None:
        raise refuse(
            path.name, "PW3002", "has one column only; an event log needs at least an order, an activity and a time", 1
        )
    header = [cell.strip() for cell in next(csv.reader([lines[0]], delimiter=separator))]
    try:
        frame = polars.read_csv(
            io.BytesIO(text.encode()), separator=separator, has_header=False, skip_rows=1, infer_schema=False,
            new_columns=_unique(header),
        )  # fmt: skip
    except polars.exceptions.NoDataError:
        raise refuse(path.name, "PW3003", "has a header but no rows") from None
    except polars.exceptions.PolarsError as error:
        raise refuse(path.name, "PW3002", f"is not a table of equal rows: {str(error).splitlines()[0]}") from None
    if frame.width != len(header):
        raise refuse(path.name, "PW3002", f"has {len(header)} column names but rows of {frame.width} cells", 1)
    frame = frame.with_columns(polars.all().str.strip_chars()).with_columns(
        polars.when(polars.all() == "").then(None).otherwise(polars.all()).name.keep()
    )
    return TextTable(frame, encoding, _SEPARATORS[separator])


def _text(path: Path, largest: int) -> tuple[str, str]:
    try:
        size = path.stat().st_size
        if size > largest:
            raise refuse(path.name, "PW3004", f"is {size / 1e6:.0f} MB; at most {largest / 1e6:.0f} MB are read")
        data = path.read_bytes()
    except OSError as error:
        raise refuse(path.name, "PW3005", f"cannot be read: {error.strerror or error}") from error
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace"), "UTF-16"
    if b"\0" in data or data[:2] == b"PK":
        raise refuse(path.name, "PW3006", "is not a text file; save the table as CSV")
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass  # The other code page that spreadsheets write is tried below; it is said in the notes.
    try:
        return data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError as error:
        raise refuse(path.name, "PW3006", f"is not text in UTF-8 or Windows-1252 (byte {error.start})") from error


def _separator(lines: list[str]) -> str | None:
    """The separator that divides the first rows into most columns of equal number."""
    sample = lines[:50]
    best: tuple[float, str] | None = None
    for separator in _SEPARATORS:
        widths = [len(row) for row in csv.reader(sample, delimiter=separator) if row]
        if widths and widths[0] > 1:
            equal = sum(width == widths[0] for width in widths) / len(widths)
            score = equal * widths[0]
            if best is None or score > best[0]:
                best = score, separator
    return best[1] if best else None


def _unique(header: list[str]) -> list[str]:
    """Column names, made different where two are the same or one is empty."""
    names: list[str] = []
    for number, name in enumerate(header, 1):
        name = name or f"column {number}"
        names.append(name if name not in names else f"{name} ({number})")
    return names
