"""What stands in single cells: numbers, moments, names, and times as the plant file writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

Thing = TypeVar("Thing")
MOMENT = "01/31/18 07:29:20"
"""How moments are written."""
_MOMENTS = tuple(
    f"{date}{time}"
    for date in ("%m/%d/%y", "%m/%d/%Y", "%Y-%m-%d")
    for time in (" %H:%M:%S", " %H:%M", "")
)  # fmt: skip
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_LONGER = {"s": ("min", 60), "min": ("h", 60), "h": ("d", 24)}


def cells_of(line: str) -> list[str]:
    """The cells of a line, without blanks around them and without the marks in which spreadsheets put some."""
    cells = [cell.strip() for cell in line.split("\t")]
    quoted = (len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in cells)
    return [
        cell[1:-1].replace('""', '"').strip() if marked else cell for cell, marked in zip(cells, quoted, strict=True)
    ]


def number_of(text: str) -> Decimal | None:
    """A finite number such as ``12``, ``1,250.5`` or ``1e3``; None for anything else."""
    try:
        number = Decimal(text.replace(",", "") if _THOUSANDS.fullmatch(text) else text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def moment_of(text: str) -> datetime | None:
    """A moment: month, day and year, with its time of day if that is not midnight; None for anything else."""
    for form in _MOMENTS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def plain(number: Decimal) -> str:
    """A number without exponent, and without zeros behind that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def span(number: Decimal, unit: str) -> str:
    """A time as the plant file has it: of a day and more in days or hours, where these are whole."""
    shown, best = (number, unit), f"{plain(number)} {unit}"
    while shown[1] in _LONGER:
        longer, parts = _LONGER[shown[1]]
        if shown[0] % parts or shown[0] < parts:
            break
        shown = shown[0] / parts, longer
        if longer == "d" or (longer == "h" and shown[0] >= 24):
            best = f"{plain(shown[0])} {longer}"
    return best


def alike(name: str) -> str:
    """What two spellings of a name have in common: capitals do not count, nor whether a number is written 31 or 31.0."""
    number = number_of(name)
    return name.casefold() if number is None else plain(number)


class Known(Generic[Thing]):
    """Things that rows name.

    Parameters
    ----------
    kind, where : str
        What they are and where they are told, for messages: "there is no `kind` 'x'`where`".
    things : mapping or iterable of pairs
        Each by its name; of names that are alike the first counts, unless one is spelt as it is asked for.
    """

    def __init__(self, kind: str, where: str, things: Mapping[str, Thing] | Iterable[tuple[str, Thing]]) -> None:
        self.kind, self.where = kind, where
        self._things = dict(things)
        self._alike: dict[str, Thing] = {}
        for name, thing in self._things.items():
            self._alike.setdefault(alike(name), thing)

    @property
    def names(self) -> Iterable[str]:
        """How they are called."""
        return self._things.keys()

    def get(self, name: str) -> Thing | None:
        """The thing of that name, or None."""
        found = self._things.get(name)
        return self._alike.get(alike(name)) if found is None else found
