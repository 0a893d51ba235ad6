"""Logs in Parquet: native types, texts or both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from plantwright.exchange.tables import MOST_COLUMNS, Table
from plantwright.exchange.text import refuse, repeated, stripped

if TYPE_CHECKING:
    import polars

MOST_ROWS = 100_000_000
"""Rows above which a Parquet file is refused: equal rows pack so well that a small file may hold any number of them."""

_SAMPLE = 20_000
"""Rows that are looked at to see in which columns texts repeat."""


def read_parquet(path: Path) -> Table:
    """The cells of a Parquet file; columns that hold no single values (lists, structures) are left out and said."""
    import polars as pl

    try:
        lazy = pl.scan_parquet(path, glob=False)
        schema = lazy.collect_schema()
        if len(schema) > MOST_COLUMNS:
            raise refuse(path.name, "PW3002", f"has {len(schema)} columns; a log has at most {MOST_COLUMNS}")
        height = lazy.select(pl.len()).collect().item()
        if height > MOST_ROWS:
            raise refuse(path.name, "PW3008", f"unpacks to {height:,} rows; at most {MOST_ROWS:,} are read")
        left_out = [name for name, kind in schema.items() if kind.is_nested() or kind == pl.Binary]
        lazy = lazy.drop(left_out).with_columns(*_plain(schema, left_out))
        texts = [name for name, kind in lazy.collect_schema().items() if kind == pl.String]
        if texts:
            lazy = lazy.with_columns(*stripped(*texts))
        often = repeated(lazy.head(_SAMPLE).collect()) if height > _SAMPLE else []
        frame = lazy.with_columns(pl.col(often).cast(pl.Categorical)).collect(engine="streaming")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise refuse(path.name, "PW3001", f"cannot be read: {error}") from error
    if frame.is_empty():
        raise refuse(path.name, "PW3003", "holds no rows")
    notes = {"kind": "Parquet", "lines": "the number of the row, from 1"}
    warnings = (f"columns that hold no single values are left out: {', '.join(left_out)}",) if left_out else ()
    numbers = pl.int_range(1, frame.height + 1, eager=True).alias("row")
    return Table(frame, numbers, notes, warnings=warnings)


def _plain(schema: polars.Schema, left_out: list[str]) -> list[polars.Expr]:
    """Casts of the kinds of column that texts, numbers and instants can stand for."""
    import polars as pl

    made = []
    for name, kind in schema.items():
        if name in left_out:
            continue
        if kind in (pl.Categorical, pl.Enum, pl.Boolean, pl.Time):
            made.append(pl.col(name).cast(pl.String))
        elif kind == pl.Date:
            made.append(pl.col(name).cast(pl.Datetime("us")))
        elif isinstance(kind, pl.Datetime):
            made.append(pl.col(name).dt.cast_time_unit("us"))
        elif isinstance(kind, pl.Decimal):
            made.append(pl.col(name).cast(pl.Float64))
        elif kind == pl.Duration:
            made.append(pl.col(name).dt.total_microseconds().cast(pl.Float64) / 1e6)
    return made
