"""Merged cells of a spreadsheet: only the first row of each block says what all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from plantwright.events import ColumnChoice, Mending

if TYPE_CHECKING:
    import polars

    from plantwright.exchange.reading import Reading

_SHARE, _FEWEST = 0.2, 3
_INNER, _MERGED = 10, 0.98
"""Cells within blocks that a column of merged cells states, at least, and which share of them differs from the one above: equal ones would have been merged."""


def fill_down(frame: polars.DataFrame, chosen: Mapping[str, ColumnChoice], reading: Reading) -> polars.DataFrame:
    """The frame with the orders that stand in the first row of their block only, and with what stands only there of them.

    A column of orders is taken for one of merged cells if a fifth of it is blank, its first cell is not, and no order stands there twice.
    """
    import polars as pl

    if "case" not in chosen or frame.is_empty():
        return frame
    case = chosen["case"].column
    named = frame[case].is_not_null()
    number = int(named.sum())
    if frame.height - number < _SHARE * frame.height or number < _FEWEST or not named[0]:
        return frame
    # A blank row below a total belongs to no order; it has no times, so it is set aside all the same.
    if frame[case].drop_nulls().n_unique() < number:
        return frame
    blank = frame["row"].filter(~named)
    columns = [case]
    for role in ("product", "order quantity"):
        column = chosen[role].column if role in chosen else None
        if column is not None and frame[column].null_count() and not (frame[column].is_not_null() & ~named).any():
            columns.append(column)
    columns += _inner(frame, chosen, named)
    block = named.cum_sum().alias("block")
    frame = frame.with_columns(block).with_columns(pl.col(columns).forward_fill().over("block")).drop("block")
    reading.mended.append(
        Mending("blank below", blank, "only the first row of each order says which order it is: merged cells of a spreadsheet, or a report that "
                "leaves out what repeats", "taken from the row above")
    )  # fmt: skip
    return frame


def _inner(frame: polars.DataFrame, chosen: Mapping[str, ColumnChoice], named: polars.Series) -> list[str]:
    """The columns of activities, machines and people that are merged within each block, too: stated in its first row, and further down only
    where they, or a column before them that is merged, differ from what stands above. What is forgotten here and there repeats itself.
    """
    import polars as pl

    known = pl.repeat(False, frame.height, eager=True)
    found: list[str] = []
    order = {name: at for at, name in enumerate(frame.columns)}
    roles = [role for role in ("activity", "resource", "worker") if role in chosen]
    for column in sorted((chosen[role].column for role in roles), key=order.__getitem__):
        values = frame[column].cast(pl.String)
        stated = values.is_not_null()
        inner = stated & ~named
        if stated.all() or float(stated.filter(named).mean() or 0.0) < _MERGED or int(inner.sum()) < _INNER:  # type: ignore[arg-type]
            continue
        differs = (values != values.forward_fill().shift(1)).fill_null(True) | known
        if float(differs.filter(inner).mean() or 0.0) >= _MERGED:  # type: ignore[arg-type]
            found.append(column)
            known = known | inner
    return found
