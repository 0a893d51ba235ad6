"""What calibration believes of a plant's numbers: a table with a column for each, by its path, and a row for each way they may be."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from plantwright.errors import Place, PlantError, Problem
from plantwright.plant.beside import Beside


@dataclass(frozen=True)
class Posterior:
    """Ways in which the numbers of a plant may be, each as likely as the others, in any unit that is the same in a column."""

    name: str
    paths: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]

    @cached_property
    def means(self) -> tuple[float, ...]:
        """The mean of each column."""
        return tuple(sum(column) / len(self.rows) for column in zip(*self.rows, strict=True))

    @cached_property
    def grouped(self) -> dict[str, tuple[str, ...]]:
        """What follows the first two words of the paths, by these; nothing, where there is no more."""
        found: dict[str, list[str]] = {}
        for path in self.paths:
            *whose, rest = [*path.split(" > ", 2), "", ""][:3]
            found.setdefault(" > ".join(word for word in whose if word), []).append(rest)
        return {whose: tuple(rest) for whose, rest in found.items()}

    def factors(self, row: int) -> dict[str, float]:
        """What each number is in one row, relative to the mean of its column; the same mapping each time."""
        if row not in self._known:
            pairs = zip(self.paths, self.rows[row], self.means, strict=True)
            self._known[row] = {path: value / mean if mean else 1.0 for path, value, mean in pairs}
        return self._known[row]

    @cached_property
    def _known(self) -> dict[int, dict[str, float]]:
        return {}


def read_posterior(name: str, beside: Beside) -> Posterior:
    """The table in a file beside the plant: Parquet or CSV. Raises PlantError, ValueError."""
    name = beside.named(name)
    if Path(name).suffix.lower() == ".parquet" and name not in beside.texts:
        beside.texts[name] = _text_of_parquet(beside.path(name))
    return _read(name, beside.text(name))


@lru_cache(maxsize=8)
def _read(name: str, text: str) -> Posterior:
    """The table in a text; once, for a plant that is changed a thousand times has the same."""
    header, *lines = csv.reader(io.StringIO(text)) or [[]]
    paths = tuple(path.strip() for path in header)
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice is not None:
        raise ValueError(f"{name} has the column {twice!r} twice")
    rows = []
    for number, line in enumerate(lines, 2):
        if not any(cell.strip() for cell in line):
            continue
        try:
            row = tuple(float(cell) for cell in line)
        except ValueError as error:
            raise ValueError(f"{name}, line {number}: {error}; the table holds numbers") from error
        if len(row) != len(paths) or not all(map(math.isfinite, row)) or min(row) < 0:
            raise ValueError(
                f"{name}, line {number}: a number that is not below zero is wanted for each of the {len(paths)} columns"
            )
        rows.append(row)
    if not rows:
        raise ValueError(f"{name} has no rows")
    return Posterior(name, paths, tuple(rows))


def _text_of_parquet(path: Path) -> str:
    import polars

    try:
        return polars.read_parquet(path).write_csv()
    except (OSError, polars.exceptions.PolarsError) as error:
        raise PlantError([Problem("PW1202", Place(path.name), "", f"is no Parquet table: {error}")]) from error
