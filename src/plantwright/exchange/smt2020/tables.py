"""The tables of a data set: found in a folder by name, read row by row, with everything that is not understood kept in mind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from plantwright.errors import InputError, LogError, Place, Problem
from plantwright.exchange.smt2020.cells import MOMENT, Known, Thing, alike, cells_of, moment_of, number_of, plain, span
from plantwright.exchange.text import read_text

UNITS = {
    "s": "s", "sec": "s", "second": "s", "min": "min", "minute": "min", "hr": "h", "hour": "h", "h": "h", "day": "d", "d": "d", "wk": "wk",
    "week": "wk",
}  # fmt: skip
"""Units of time in the tables, of one or of several, and in the plant file."""
CHANCES = ("constant", "uniform", "normal", "exponential")
"""How times are distributed: a uniform one lies within so much of its mean, a normal one has that standard deviation."""
LARGEST_TABLE = 200_000_000
"""Tables above this many bytes are refused."""


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
    passed_over : list of str
        What the tables tell that nothing comes of, each with its file and row.
    """

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    passed_over: list[str] = field(default_factory=list)

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

    def pass_over(self, place: Place, reason: str) -> None:
        """Note something that changes nothing."""
        self.passed_over.append(f"{place}  {reason}")

    def file_of(self, name: str) -> Path | None:
        """The file of a table: ``tool.txt``, or ``tool.txt.1l``; capitals do not count, nor the folder where it was once."""
        wanted = PurePosixPath(name.replace("\\", "/")).name.lower()
        names = [wanted, f"{wanted}.1l", f"{wanted}.txt", f"{wanted}.txt.1l"]
        files = [path for path in sorted(self.folder.iterdir()) if path.is_file() and path.name.lower() in names]
        return min(files, key=lambda path: names.index(path.name.lower()), default=None)

    def table(self, name: str, columns: Columns) -> list[Row]:
        """The rows of a table; none where it is not there or is no table."""
        path = self.file_of(name)
        if path is None:
            self.wrong(
                Place(name), f"is not in {self.folder.name or self.folder}; all of these tables are needed", "PW1401"
            )
            return []
        self.read.add(path.name)
        try:
            text = read_text(path, LARGEST_TABLE)[0]
        except LogError as error:
            self.wrong(Place(path.name), error.problems[0].reason, "PW1401")
            return []
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        rows = [(number, cells_of(line)) for number, line in enumerate(lines, 1) if line.strip()]
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

    def find(self, row: Row, column: str, known: Known[Thing]) -> Thing | None:
        """The thing that a cell names."""
        found = known.get(row[column])
        if found is None:
            reason = (
                f"there is no {known.kind} {row[column]!r}{known.where}"
                if row[column]
                else f"is empty; a {known.kind} is needed"
            )
            self.wrong(row.place, reason, "PW1407", column, row[column], known.names)
        return found

    def number(self, row: Row, column: str, least: float = 0.0, usual: str = "") -> Decimal:
        """A number, not below `least`; 1 where it is none."""
        text = row[column] or usual
        number = number_of(text)
        if number is None:
            reason = f"{text!r} is not a number" if text else "is empty; a number is needed"
            self.wrong(row.place, reason, "PW1405", column, text)
        elif number < Decimal(least):
            self.wrong(row.place, f"{text!r} is less than {least:g}", "PW1405", column, text)
        else:
            return number
        return Decimal(1)

    def whole(self, row: Row, column: str, least: int = 0, usual: str = "") -> int:
        """A whole number, not below `least`."""
        number = self.number(row, column, least, usual)
        if number != int(number):
            self.wrong(row.place, f"{row[column]} is no whole number", "PW1405", column, row[column])
        return int(number)

    def percent(self, row: Row, column: str) -> Decimal:
        """A share in percent, written with its sign or without."""
        number = number_of(row[column].removesuffix("%").strip())
        if number is None or not 0 <= number <= 100:
            reason = f"{row[column]!r} is no share between 0 and 100 %"
            self.wrong(row.place, reason, "PW1405", column, row[column])
            return Decimal(100)
        return number

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
        text = row[column].lower().rstrip(".")
        known = text if text in UNITS else text.removesuffix("s")
        return UNITS[known] if known in UNITS else UNITS[self.one_of(row, column, UNITS)]

    def time(self, row: Row, column: str, unit: str) -> str:
        """A time, as the plant file has it; empty where it is nothing."""
        number = self.number(row, column, usual="0")
        return span(number, self.unit(row, unit)) if number else ""

    def moment(self, row: Row, column: str) -> datetime:
        """A date and time such as ``01/31/18 07:29:20``: month, day, year."""
        moment = moment_of(row[column])
        if moment is None:
            reason = f"{row[column]!r} is not a moment such as {MOMENT!r}: month, day, year"
            self.wrong(row.place, reason, "PW1405", column, row[column])
        return moment or datetime(2000, 1, 1)

    def chance(self, row: Row, kind: str, mean: str, unit: str, second: str) -> str:
        """A time or its distribution, as the plant file has it.

        `kind`, `mean`, `unit` and `second` are columns; the second number of a uniform time is half its width, of a normal one its standard
        deviation.
        """
        word = self.one_of(row, kind, CHANCES, "constant")
        if not row[kind] and row[second] and number_of(row[second]) != 0:
            self.wrong(row.place, f"is empty, but there is a second number ({second})", "PW1406", kind)
        return self.distribution(row, word, mean, self.unit(row, unit), second)

    def distribution(self, row: Row, word: str, mean: str, unit: str, second: str) -> str:
        """The same of a kind and in a unit that are known."""
        middle = self.number(row, mean)
        if word == "exponential":
            return f"exponential {span(middle, unit)}"
        width = self.number(row, second, usual="0") if word in ("uniform", "normal") else Decimal(0)
        if word == "uniform" and width > middle:
            self.wrong(
                row.place, f"half the width ({width}) is more than the mean ({middle})", "PW1405", second, str(width)
            )
        if not width:
            return span(middle, unit)
        if word == "normal":
            return f"normal {plain(middle)} {unit} sd {plain(width)} {unit}"
        return f"uniform {plain(middle - width)}..{plain(middle + width)} {unit}"

    def not_read(self) -> list[str]:
        """The names of the other tables in the folder."""
        names = [path.name for path in self.folder.iterdir() if path.is_file() and ".txt" in path.name.lower()]
        return sorted(set(names) - self.read)


def by(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    """Rows by what stands in a column, in their order; a name that is spelt in two ways is one, as it is spelt first."""
    found: dict[str, list[Row]] = {}
    spelt: dict[str, str] = {}
    for row in rows:
        found.setdefault(spelt.setdefault(alike(row[column]), row[column]), []).append(row)
    return found


def agreeing(tables: Tables, rows: Iterable[tuple[Row, str]], column: str, of: str) -> str:
    """The one value that rows give; where they give several, that is noted with each row that differs from the first."""
    rows = list(rows)
    for row, value in rows:
        if value != rows[0][1]:
            reason = f"{value!r} differs from {rows[0][1]!r} in row {rows[0][0].place.line}, and both are of {of}"
            tables.wrong(row.place, reason, "PW1406", column, value)
    return rows[0][1] if rows else ""
