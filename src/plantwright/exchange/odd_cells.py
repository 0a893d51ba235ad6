"""Cells that programs spoil on the way: words for nothing, characters written as HTML, hard blanks, numbers in several ways."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from plantwright.events import ColumnChoice, Mending, each

if TYPE_CHECKING:
    import polars

    from plantwright.exchange.reading import Reading

_NAMES = ("case", "activity", "resource", "worker", "product")
_NOTHING = frozenset(("null", "(null)", "<null>", "nan", "nat", "none", "n/a", "#n/a", "n.a.", "<na>", "(blank)", "(leer)", "#ref!", "#value!", "#name?", "#div/0!", "#num!",
                      "-", "--", "---", "?", "???"))  # fmt: skip
"""What programs and people write into a cell that holds nothing."""

_HTML = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-f]{1,5}|[A-Za-z]{1,2}(?:uml|acute|grave|circ|tilde|cedil|ring|slash|lig));", re.IGNORECASE)  # fmt: skip
_HARD = re.compile(r"[\u00a0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff\t]+")
_WHOLE = re.compile(r"^(0*)(\d{1,15})(?:[.,]0+)?$")
_PART = re.compile(r"^\d+[.,]\d*[1-9]\d*$")

_SAID = {
    "nothing": ("words for nothing", "a word that programs and people write where there is nothing", "read as an empty cell"),
    "html": ("characters written as HTML", "a program put '&amp;' for '&' and the like: a table taken from a web page", "read as the characters that they stand for"),
    "hard": ("blanks that are none", "blanks that do not break, or marks that nobody sees: copied from a web page or a document", "read as plain blanks"),
    "numbers": ("numbers in several ways", "one number is written with a point and without, or with zeros before it: a spreadsheet took names for numbers",
                "the most frequent way stands for all"),
}  # fmt: skip


def mend_cells(frame: polars.DataFrame, chosen: Mapping[str, ColumnChoice], reading: Reading) -> polars.DataFrame:
    """The frame with its names as they were meant; what was mended is noted in `reading`, with its rows and some of the cells."""
    import polars as pl

    marks: dict[str, list[polars.Series]] = {}
    shown: dict[str, dict[str, None]] = {}
    columns = {chosen[role].column: role for role in _NAMES if role in chosen}
    for column in columns:
        values = frame[column]
        if values.dtype not in (pl.String, pl.Categorical):
            continue
        for what, mend in _MENDS.items():
            known = values.drop_nulls().unique().cast(pl.String)
            new = mend(known, values)
            if not new:
                continue
            odd = values.cast(pl.String).is_in(list(new))
            marks.setdefault(what, []).append(frame["row"].filter(odd))
            shown.setdefault(what, {}).update(dict.fromkeys(sorted(new)))
            values = each(values, lambda cell, new=new: new.get(cell, cell), values.dtype)  # type: ignore[misc]
        frame = frame.with_columns(values.alias(column))
    for what, rows in marks.items():
        kind, cause, action = _SAID[what]
        some = ", ".join(repr(cell) for cell in list(shown[what])[:3])
        reading.mended.append(Mending(kind, pl.concat(rows).unique().sort(), f"{cause}, such as {some}", action))
    return frame


def _by(
    pattern: str, told: Callable[[str], str | None]
) -> Callable[[polars.Series, polars.Series], dict[str, str | None]]:
    def mend(known: polars.Series, values: polars.Series) -> dict[str, str | None]:
        found = known.filter(known.str.contains(pattern))
        return {cell: new for cell in found.to_list() if (new := told(cell)) != cell}

    return mend


def _nothing(known: polars.Series, values: polars.Series) -> dict[str, str | None]:
    found = known.filter((known.str.len_chars() <= 8) & known.str.to_lowercase().is_in(list(_NOTHING)))
    return dict.fromkeys(found.to_list()) if found.len() < known.len() else {}


def _numbers(known: polars.Series, values: polars.Series) -> dict[str, str | None]:
    """Whole numbers that stand there in several ways; nothing where some have a part behind the point: 3.0 and 3.1 are names."""
    if not known.str.contains(r"^\d+[.,]0+$|^0\d").any() or known.str.contains(_PART.pattern).any():
        return {}
    import polars as pl

    ways: dict[str, list[str]] = {}
    for cell in known.to_list():
        match = _WHOLE.match(cell)
        if match is not None:
            ways.setdefault(match[2], []).append(cell)
    several = {number: own for number, own in ways.items() if len(own) > 1}
    if not several:
        return {}
    every = pl.Series([cell for own in several.values() for cell in own])
    cells = values.cast(pl.String)
    counts = dict(cells.filter(cells.is_in(every.implode())).value_counts().iter_rows())
    made: dict[str, str | None] = {}
    for own in ways.values():
        best = re.sub(r"[.,]0+$", "", max(own, key=lambda cell: (counts.get(cell, 0), cell)))
        made |= {cell: best for cell in own if cell != best}
    return made


_MENDS = {
    "html": _by(_HTML.pattern.replace("&(?:", "(?i)&(?:", 1), lambda cell: html.unescape(cell)),
    "hard": _by(_HARD.pattern, lambda cell: _HARD.sub(" ", cell).strip() or None),
    "nothing": _nothing,
    "numbers": _numbers,
}  # fmt: skip
