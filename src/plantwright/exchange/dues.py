"""Due dates of a log's orders, where it gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

from plantwright.errors import LogError, Place, Problem
from plantwright.events import ColumnChoice
from plantwright.exchange.reading import Reading, shown
from plantwright.exchange.tables import as_text
from plantwright.exchange.times import read_times, written_so

if TYPE_CHECKING:
    import polars

_MOST = 0.8
"""A column holds due dates if this share of what stands in it is dates."""


def read_dues(frame: polars.DataFrame, chosen: Mapping[str, ColumnChoice], reading: Reading) -> polars.DataFrame | None:
    """The rows that say when their order is due: ``row`` and ``due``, null where that is no date; None where no column does.

    They are written as starts and ends are, if that fits; else as `times.read_times` finds out. Dates alone mean until the end of the day. A
    column that was guessed and holds no dates is passed over with a warning. Raises LogError for one that somebody named.
    """
    import polars as pl

    choice = chosen.get("due")
    if choice is None:
        return None
    column = shown(choice.column)
    stated = frame.select("row", pl.col(choice.column).alias(column)).filter(pl.col(column).is_not_null())
    values, written = _instants(stated[column], reading)
    known = values.is_not_null().mean() if stated.height else 0.0
    if float(known or 0.0) < _MOST:  # type: ignore[arg-type]
        example = stated[column][0] if stated.height else None
        why = f"holds no due dates, such as {example!r}" if stated.height else "is empty"
        if choice.evidence == "as given":
            raise LogError([Problem("PW3068", Place(reading.file), "mapping > due", f"{column!r} {why}; dates such as 2026-01-31 are read",
                                    None if example is None else str(example))])  # fmt: skip
        reading.warnings.append(f"{column!r} was taken for due dates by its name and {why}: it is not looked at")
        return None
    dates = values.drop_nulls()
    if (dates.dt.time() == time()).all():
        values = values + timedelta(days=1)
        written = f"{written}; dates alone, so until the end of the day"
    reading.notes["due dates"] = written
    return stated.select(pl.col("row").cast(pl.Int64), values.alias("due"))


def _instants(column: polars.Series, reading: Reading) -> tuple[polars.Series, str]:
    """The instants of a column of due dates, and how they are written; nulls where nothing is a date."""
    import polars as pl

    if reading.date is not None and not column.dtype.is_temporal():
        values = written_so(as_text(column), reading.date)
        if float(values.is_not_null().mean() or 0.0) >= _MOST:  # type: ignore[arg-type]
            return values, f"{reading.date}, as starts and ends are"
    # What is odd in due dates is told of them alone.
    apart = replace(reading, warnings=[], mended=[], odd=[], time_format=None)
    try:
        times = read_times([column], apart)[0]
    except LogError:
        return pl.Series("due", [None], dtype=pl.Datetime("us")).new_from_index(0, column.len()), ""
    return times.values, f"{times.written} ({times.evidence})"
