"""Bytes to a table of texts: code page, separator, and what is refused before it is read."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantwright.errors import LogError, Place, Problem
from plantwright.events import each

if TYPE_CHECKING:
    import polars

LARGEST_LOG = 2_000_000_000
"""Files above this many bytes are refused before they are read."""

LARGE = 20_000_000
"""Files of so many bytes are read at once if they can be."""

PIECE = 1 << 22
"""Bytes that are looked through at a time."""

_SAMPLE = 20_000
"""Rows that are looked at to see in which columns texts repeat."""

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_LEAD, _HEADER, _LEAST_WIDE = 20, 0.6, 3
"""A header stands among the first lines, fills this share of the cells of the widest row, and names so many columns at least where it is not the first line."""

_DIGITS = re.compile(r"^[\d\s.,:/-]*\d[\d\s.,:/-]*$")
_SEPARATOR_LINE = re.compile(r"^\ufeff?\"?sep=(.)\"?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class TextTable:
    """All cells of a file as texts (null where empty), the line on which each row begins, and how the file is written.

    ``uneven`` are rows with more cells than the header names: their line and how many cells they have.
    """

    frame: polars.DataFrame
    lines: polars.Series
    uneven: tuple[tuple[int, int], ...]
    twice: tuple[str, ...]
    encoding: str
    separator: str


def refuse(name: str, code: str, reason: str, line: int | None = None, value: str | None = None) -> LogError:
    """The error of a log that cannot be used for one reason."""
    return LogError([Problem(code, Place(name, line), "", reason, value)])


@dataclass(frozen=True)
class _Head:
    """How a file is written: lines before its header, its separator, the names of its columns, those given twice."""

    skipped: int
    separator: str
    names: list[str]
    twice: tuple[str, ...]


def read_table(path: Path, largest: int = LARGEST_LOG) -> TextTable:
    """The cells of a CSV file. Raises LogError for what is not a table of text."""
    large = _at_once(path, largest)
    if large is not None:
        return large
    text, encoding = read_text(path, largest)
    # Other characters that Python takes for line ends may stand within a cell.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.removesuffix("\n").split("\n")
    head = _head(path.name, lines)
    separator, names, skipped = head.separator, head.names, head.skipped
    rows = _quickly(text, lines, separator, names, skipped) or _row_by_row(path.name, lines, separator, names, skipped)
    frame, starts, uneven = rows
    if frame.is_empty():
        if uneven:
            shown = ", ".join(str(line) for line, _ in uneven[:5])
            reason = f"its header names {len(names)} columns, but every row has more cells (lines {shown}, ...)"
            raise refuse(path.name, "PW3002", reason, skipped + 1)
        raise refuse(path.name, "PW3003", "has a header but no rows")
    frame = frame.with_columns(*stripped())
    return TextTable(frame, starts, uneven, head.twice, encoding, _SEPARATORS.get(separator, repr(separator)))


def stripped(*columns: str) -> list[polars.Expr]:
    """Cells without blanks around them, null where nothing is left; of all columns if none is named."""
    import polars

    texts = (polars.col(columns) if columns else polars.all()).str.strip_chars()
    return [polars.when(texts != "").then(texts).name.keep()]


def _stripped_once(column: polars.Series) -> polars.Series:
    """As `stripped`, of texts that are each held once."""
    import polars

    texts = column.drop_nulls().unique().cast(polars.String)
    if not ((texts != texts.str.strip_chars()) | (texts == "")).any():
        return column
    return each(column, lambda text: text.strip() or None, polars.Categorical)


def repeated(sample: polars.DataFrame) -> list[str]:
    """The columns of texts of which each stands twice or more, on average: such are held once."""
    import polars

    texts = (column for column in sample if column.dtype == polars.String)
    return [column.name for column in texts if column.n_unique() <= column.len() / 2]


def _head(file: str, lines: list[str]) -> _Head:
    skipped = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    if skipped == len(lines):
        raise refuse(file, "PW3001", "is empty")
    said = _SEPARATOR_LINE.match(lines[skipped])
    skipped += said is not None
    separator, above = (said[1], 0) if said else _separator(lines[skipped:])
    skipped += above
    if separator is None or skipped == len(lines):
        reason = "has one column only; an event log needs at least an order, an activity and a time"
        raise refuse(file, "PW3002", reason, 1)
    header = [cell.strip() for cell in next(csv.reader([lines[skipped]], delimiter=separator))]
    while len(header) > 1 and not header[-1]:
        header.pop()
    twice = tuple(name for name, number in Counter(header).items() if number > 1 and name)
    return _Head(skipped, separator, unique_names(header), twice)


def _at_once(path: Path, largest: int) -> TextTable | None:
    """A large file in UTF-8 in which each row is one line of as many cells as the header; None for any other, which is read with care."""
    import polars

    try:
        size = path.stat().st_size
        if not LARGE <= size <= largest:
            return None
        newlines = _lines_of_rows(path)
        with path.open("rb") as file:
            first = file.read(1 << 20)
    except OSError:
        return None
    if newlines is None or _utf_16(first) is not None:
        return None
    text = first.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    head = _head(path.name, text.split("\n")[:-1])
    try:
        frame = _cells(path, head)
    except polars.exceptions.PolarsError:
        return None
    if frame.height != newlines - head.skipped - 1:
        return None
    begin = head.skipped + 2
    rows = polars.int_range(begin, begin + frame.height, eager=True).alias("row")
    return TextTable(frame, rows, (), head.twice, "UTF-8", _SEPARATORS.get(head.separator, repr(head.separator)))


def _cells(path: Path, head: _Head) -> polars.DataFrame:
    """The cells of a large file; texts that repeat are held once each."""
    import polars

    how: dict[str, Any] = {"separator": head.separator, "has_header": False, "skip_lines": head.skipped + 1}
    kinds: dict[str, Any] = dict.fromkeys(head.names, polars.String)
    often = repeated(polars.read_csv(path, schema=kinds, n_rows=_SAMPLE, **how))
    others = [name for name in kinds if name not in often]
    lazy = polars.scan_csv(path, schema=kinds | dict.fromkeys(often, polars.Categorical), **how)
    frame = lazy.with_columns(*stripped(*others) if others else ()).collect(engine="streaming")
    return frame.with_columns(_stripped_once(column) for column in frame if column.dtype == polars.Categorical)


def _lines_of_rows(path: Path) -> int | None:
    """How many lines a file has, if none is blank, each ends as the others do, and no byte is null."""
    import numpy as np

    lines, returns, pairs, before = 0, 0, 0, b"\n"
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            seam = before[-2:] + piece
            ends = np.frombuffer(seam, np.uint8) == ord("\n")
            if (ends[1:] & ends[:-1]).any() or b"\0" in piece:
                return None
            lines += int(np.count_nonzero(ends[len(seam) - len(piece) :]))
            if b"\r" in seam:
                if b"\n\r\n" in seam:
                    return None
                returns += piece.count(b"\r")
                pairs += (before[-1:] + piece).count(b"\r\n")
            before = piece if len(piece) > 1 else seam
    return lines + (before[-1:] != b"\n") if returns == pairs else None


Rows = tuple["polars.DataFrame", "polars.Series", tuple[tuple[int, int], ...]]


def _quickly(text: str, lines: list[str], separator: str, names: list[str], skipped: int) -> Rows | None:
    """The rows where each is one line of as many cells as the header; None where that is not so."""
    import polars

    if "\n" not in text or any(not line.strip() for line in lines[skipped:]):
        return None
    try:
        frame = polars.read_csv(
            io.BytesIO(text.encode()), separator=separator, has_header=False, skip_lines=skipped + 1,
            schema=dict.fromkeys(names, polars.String),
        )  # fmt: skip
    except polars.exceptions.PolarsError:
        return None
    if frame.height != len(lines) - skipped - 1 or frame.width != len(names):
        return None
    return frame, polars.Series("row", range(skipped + 2, skipped + 2 + frame.height), dtype=polars.Int64), ()


def _row_by_row(file: str, lines: list[str], separator: str, names: list[str], skipped: int) -> Rows:
    """The rows of a file with blank lines, line ends in cells or rows of unequal length."""
    import polars

    reader = csv.reader((line + "\n" for line in lines[skipped:]), delimiter=separator)
    next(reader)
    cells: list[list[str]] = []
    starts: list[int] = []
    uneven: list[tuple[int, int]] = []
    begin = reader.line_num
    try:
        for row in reader:
            line, begin = skipped + begin + 1, reader.line_num
            if not any(cell.strip() for cell in row):
                continue
            while len(row) > len(names) and not row[-1].strip():
                row.pop()
            if len(row) > len(names):
                uneven.append((line, len(row)))
            else:
                cells.append(row + [""] * (len(names) - len(row)))
                starts.append(line)
    except csv.Error as error:
        raise refuse(file, "PW3002", f"is not a table: {error}", skipped + begin + 1) from error
    if cells and reader.line_num + skipped - starts[-1] >= 1 and sum(line.count('"') for line in lines) % 2:
        raise refuse(file, "PW3002", "a quotation mark opens here and never closes", starts[-1])
    frame = polars.DataFrame(cells, schema=dict.fromkeys(names, polars.String), orient="row")
    return frame, polars.Series("row", starts, dtype=polars.Int64), tuple(uneven)


def read_text(path: Path, largest: int) -> tuple[str, str]:
    """The text of a file without its mark, and its code page. Raises LogError for what cannot be read, is larger or is no text."""
    try:
        size = path.stat().st_size
        if size > largest:
            raise refuse(path.name, "PW3004", f"is {size / 1e6:.0f} MB; at most {largest / 1e6:.0f} MB are read")
        data = path.read_bytes()
    except OSError as error:
        raise refuse(path.name, "PW3005", f"cannot be read: {error.strerror or error}") from error
    wide = _utf_16(data)
    if wide is not None:
        try:
            return data.decode(wide).removeprefix("\ufeff"), "UTF-16"
        except UnicodeDecodeError as error:
            raise refuse(path.name, "PW3006", f"is not text in UTF-16 (byte {error.start}); was it cut?") from error
    if b"\0" in data:
        raise refuse(path.name, "PW3006", "is not a text file; save the table as CSV")
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass  # The other code page that spreadsheets write is tried below; it is said in the notes.
    try:
        return data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError as error:
        raise refuse(path.name, "PW3006", f"is not text in UTF-8 or Windows-1252 (byte {error.start})") from error


def _utf_16(data: bytes) -> str | None:
    """The code page of text with two bytes a character, with its mark or without."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    sample = data[:200]
    if len(sample) >= 20 and not any(sample[1::2]):
        return "utf-16-le"
    return "utf-16-be" if len(sample) >= 20 and not any(sample[0::2]) else None


def _separator(lines: list[str]) -> tuple[str | None, int]:
    """The separator that divides the first rows into most columns of equal number, and how many lines stand above the header, such as a title."""
    sample = lines[:50]
    best: tuple[float, str, int] | None = None
    for separator in _SEPARATORS:
        rows = [(number, row) for number, row in enumerate(csv.reader(sample, delimiter=separator)) if row]
        at = _top([row for _, row in rows])
        widths = [len(row) for _, row in rows[at:]]
        if widths and widths[0] > 1:
            equal = sum(width == widths[0] for width in widths) / len(widths)
            score = equal * widths[0]
            if best is None or score > best[0]:
                best = score, separator, rows[at][0] if at else 0
    return best[1:] if best else (None, 0)


def _top(rows: list[list[str]]) -> int:
    """Which of the first rows is the header: the first one, unless it fills less than 60 % of the cells of the widest, and a row of names does, below which there
    are others as wide.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    most = max(filled, default=0)
    top = next((at for at, number in enumerate(filled[:_LEAD]) if number >= _HEADER * most), 0)
    names = not top or not any(_DIGITS.search(cell) for cell in rows[top])
    return top if most >= _LEAST_WIDE and names and sum(number >= _HEADER * most for number in filled[top + 1 :]) else 0


def unique_names(header: list[str]) -> list[str]:
    """Column names, made different where two are the same or one is empty."""
    names: list[str] = []
    for number, name in enumerate(header, 1):
        name = name or f"column {number}"
        names.append(name if name not in names else f"{name} ({number})")
    return names
