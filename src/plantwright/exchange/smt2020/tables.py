"""The tables of a data set: found in a folder by name, read row by row, with everything that is not understood kept in mind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path

from plantwright.errors import InputError, Place, Problem

UNITS = {"s": "s", "sec": "s", "min": "min", "hr": "h", "hour": "h", "h": "h", "day": "d", "d": "d", "wk": "wk"}
"""Units of time in the tables, and in the plant file."""
CHANCES = ("constant", "uniform", "exponential")
_MOMENT = "%m/%d/%y %H:%M:%S"


class TablesError(InputError):
    """Tables of another system that cannot be turned into a plant, with everything that is not understood."""

    code = "PW1400"


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of a table: the columns that are needed, those that may be there, and those that say nothing of the plant."""

    needed: tuple[str, ...]
    others: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ("IGNORE",)

    @property
    def known(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.needed, *self.others, *self.passed_over)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: where it stands, and its cells by column; an empty cell and one that is not there are alike."""

    place: Place
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass
class Tables:
    """The tables in a folder, and all that is not understood in them.

    Attributes
    ----------
    folder : Path
    problems : list of Problem
    read : set of str
        The names of the files that were read.
    """

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    read: set[str] = field(default_factory=set)

    def wrong(
        self,
        place: Place,
        reason: str,
        code: str = "PW1404",
        column: str = "",
        value: str = "",
        known: Iterable[str] = (),
    ) -> None:
        """Note something that is not understood."""
        near = get_close_matches(value, known, 1) if value else []
        self.problems.append(Problem(code, place, column, reason, value or None, near[0] if near else None))

    def _file(self, name: str) -> Path | None:
        """The file of a table: ``tool.txt``, or ``tool.txt.1l``; capitals do not count."""
        wanted = name.lower()
        for path in sorted(self.folder.iterdir()):
            if path.is_file() and path.name.lower() in (wanted, f"{wanted}.1l"):
                return path
        return None

    def table(self, name: str, columns: Columns) -> list[Row]:
        """The rows of a table; none where it is not there or is no table."""
        path = self._file(name)
        if path is None:
            self.wrong(
                Place(name), f"is not in {self.folder.name or self.folder}; all of these tables are needed", "PW1401"
            )
            return []
        self.read.add(path.name)
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            self.wrong(Place(path.name), f"cannot be read as text: {error}", "PW1401")
            return []
        rows = [
            (number, [cell.strip() for cell in line.split("\t")])
            for number, line in enumerate(lines, 1)
            if line.strip()
        ]
        if not rows:
            self.wrong(Place(path.name), "is empty; its first row names its columns", "PW1401")
            return []
        return self._rows(path.name, rows, columns)

    def _rows(self, name: str, rows: Sequence[tuple[int, list[str]]], columns: Columns) -> list[Row]:
        spelled = {column.lower(): column for column in columns.known}
        line, given = rows[0]
        header = [spelled.get(word.lower(), word) for word in given]
        top = Place(name, line)
        for column in columns.needed:
            if column not in header:
                self.wrong(top, f"there is no column {column!r}", "PW1403", column, column, header)
        for column in sorted({word for word in header if word and header.count(word) > 1}):
            self.wrong(top, f"two columns are called {column!r}", "PW1403", column)
        filled = {column for _, cells in rows[1:] for column, cell in zip(header, cells, strict=False) if cell}
        for column in header:
            if column and column in filled and column not in columns.known:
                self.wrong(top, f"the column {column!r} is not known", "PW1402", column, column, columns.known)
        found = []
        for number, cells in rows[1:]:
            place = Place(name, number)
            if any(cells[len(header) :]):
                self.wrong(place, f"has {len(cells)} cells under {len(header)} columns", "PW1403")
            found.append(
                Row(place, {column: cell for column, cell in zip(header, cells, strict=False) if column and cell})
            )
        return found

    def text(self, row: Row, column: str) -> str:
        """A cell that must not be empty."""
        if not row[column]:
            self.wrong(row.place, "is empty", "PW1405", column)
        return row[column]

    def number(self, row: Row, column: str, least: float = 0.0, usual: str = "") -> Decimal:
        """A number, not below `least`; 1 where it is none."""
        text = row[column] or usual
        try:
            number = Decimal(text)
            if number.is_finite() and number >= Decimal(least):
                return number
            self.wrong(row.place, f"{text!r} is less than {least:g}", "PW1405", column, text)
        except InvalidOperation:
            reason = f"{text!r} is not a number" if text else "is empty; a number is needed"
            self.wrong(row.place, reason, "PW1405", column, text)
        return Decimal(1)

    def one_of(self, row: Row, column: str, words: Iterable[str], usual: str | None = None) -> str:
        """One of the words that are understood in a column; capitals do not count."""
        text = row[column].lower() or usual
        words = list(words)
        for word in words:
            if word.lower() == text:
                return word
        said = f"{row[column]!r} is not understood" if row[column] else "is empty"
        self.wrong(
            row.place, f"{said}; what is: {', '.join(filter(None, words))}", "PW1404", column, row[column], words
        )
        return words[0]

    def unit(self, row: Row, column: str) -> str:
        """A unit of time, as the plant file has it."""
        return UNITS[self.one_of(row, column, UNITS)]

    def moment(self, row: Row, column: str) -> datetime:
        """A date and time such as ``01/31/18 07:29:20``: month, day, year."""
        try:
            return datetime.strptime(row[column], _MOMENT)
        except ValueError:
            self.wrong(
                row.place, f"{row[column]!r} is not a moment such as '01/31/18 07:29:20'", "PW1405", column, row[column]
            )
            return datetime(2000, 1, 1)

    def chance(self, row: Row, kind: str, mean: str, unit: str, half: str = "") -> str:
        """A time or its distribution, as the plant file has it.

        `kind`, `mean`, `half` and `unit` are columns; a uniform time lies within half its width, ``half``, of its mean.
        """
        words = CHANCES if half else tuple(word for word in CHANCES if word != "uniform")
        word = self.one_of(row, kind, words, "constant")
        return self.distribution(row, word, mean, self.unit(row, unit), half)

    def distribution(self, row: Row, word: str, mean: str, unit: str, half: str = "") -> str:
        """The same in a unit that is known."""
        middle = self.number(row, mean)
        width = self.number(row, half, usual="0") if half and word == "uniform" else Decimal(0)
        if width > middle:
            self.wrong(
                row.place, f"half the width ({width}) is more than the mean ({middle})", "PW1405", half, str(width)
            )
        if word == "uniform" and width:
            return f"uniform {plain(middle - width)}..{plain(middle + width)} {unit}"
        return f"{'exponential ' if word == 'exponential' else ''}{plain(middle)} {unit}"

    def not_read(self) -> list[str]:
        """The names of the other tables in the folder."""
        names = [path.name for path in self.folder.iterdir() if path.is_file() and ".txt" in path.name.lower()]
        return sorted(set(names) - self.read)


def plain(number: Decimal) -> str:
    """A number without exponent, and without zeros behind that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def by(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    """Rows by what stands in a column, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


def agreeing(tables: Tables, rows: Iterable[tuple[Row, str]], column: str, of: str) -> str:
    """The one value that rows give; where they give several, that is noted with each row that differs from the first."""
    pairs = iter(rows)
    first = next(pairs, None)
    if first is None:
        return ""
    for row, value in _differing(pairs, first[1]):
        reason = f"{value!r} differs from {first[1]!r} in row {first[0].place.line}, and both are of {of}"
        tables.wrong(row.place, reason, "PW1406", column, value)
    return first[1]


def _differing(pairs: Iterator[tuple[Row, str]], value: str) -> Iterator[tuple[Row, str]]:
    return (pair for pair in pairs if pair[1] != value)
