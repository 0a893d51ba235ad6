"""Numbers as records write them: with decimal points or commas, with marks between thousands."""

from __future__ import annotations

import re

_DECIMAL_COMMA = re.compile(r"^[-+]?\d+,(?:\d{1,2}|\d{4,})$|^[-+]?\d{1,3}(?:\.\d{3})+,\d+$")
_THOUSANDS_COMMA = re.compile(r"^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
_BLANKS = re.compile(r"[\s\u00a0\u202f']")


def read_numbers(texts: list[str | None], commas_divide: bool) -> tuple[list[float | None], bool]:
    """The numbers of a column, None where a cell holds none, and whether commas are decimal ones.

    A comma is decimal if any cell shows it (``3,5``); if all cells fit both (``1,250``), it is decimal unless commas divide the
    columns of the file, since who writes decimal commas divides columns by something else.
    """
    cells = [None if text is None else _BLANKS.sub("", text) for text in texts]
    with_comma = [cell for cell in cells if cell and "," in cell]
    decimal = any(_DECIMAL_COMMA.match(cell) for cell in with_comma) or (bool(with_comma) and not commas_divide)
    if decimal and not any(_DECIMAL_COMMA.match(cell) for cell in with_comma):
        decimal = not any(_THOUSANDS_COMMA.match(cell) and ("." in cell or cell.count(",") > 1) for cell in with_comma)
    return [_number(cell, decimal) for cell in cells], decimal


def _number(cell: str | None, decimal_comma: bool) -> float | None:
    if not cell:
        return None
    cell = cell.replace(".", "").replace(",", ".") if decimal_comma and "," in cell else cell.replace(",", "")
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if abs(value) < 1e15 else None
