"""Near copies: the same report twice, with times some seconds apart or names spelt otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars

APART = 60
"""Seconds by which starts and ends of near copies are apart at most."""

_SAME = ("order", "activity", "station", "type", "quantity", "rejected")


def reported_often(table: polars.DataFrame) -> polars.Series:
    """Whether a row is one of several reports of an order at a step."""
    import polars as pl

    codes = [table[name].cast(pl.Categorical).to_physical().fill_null(0).cast(pl.UInt64) for name in _SAME[:3]]
    key = codes[0]
    for own in codes[1:]:
        key = key * 1_000_003 + own
    ranked = key.sort()
    if not (ranked == ranked.shift(1)).any():
        return pl.repeat(False, key.len(), eager=True).alias("often")
    return key.is_duplicated().alias("often")


def near_copies(table: polars.DataFrame) -> polars.Series:
    """For each row, whether it is a near copy of an earlier one in the file.

    Both are of the same order, activity, machine, type and quantities, and of the same person as far as both name one. Their starts and
    ends are up to a minute apart (less, where no pieces are reported), and they lie beside each other for half of their time at least; or
    their times are the same, and one was spelt otherwise (``respelt``). Reports alike in all that is read but for a column that is not
    are no copies: they may be of pieces that were worked together. Only steps reported ``often`` are looked at.
    """
    import polars as pl

    nothing = pl.repeat(False, table.height, eager=True).alias("near copy")
    usable = pl.col("copy of").is_null() & (pl.col("end") > pl.col("start")) & ~pl.col("nowhen") & pl.col("often")
    narrow = table.lazy().filter(usable).select("row", "start", *_SAME).collect()
    narrow = narrow.filter(narrow.select(_SAME).hash_rows().is_duplicated())
    if narrow.is_empty():
        return nothing
    seconds = narrow["start"].dt.epoch("s")
    candidates = pl.repeat(False, narrow.height, eager=True)
    # Two instants less than a minute apart lie in one slot of two minutes, or in one of those that begin a minute later.
    for later in (0, APART):
        slot = ((seconds + later) // (2 * APART)).alias("slot")
        candidates = candidates | narrow.select(pl.col(_SAME), slot).hash_rows().is_duplicated()
    some = table.filter(pl.col("row").is_in(narrow.filter(candidates)["row"].implode()) & usable)
    if some.is_empty():
        return nothing
    keys = list(_SAME)
    some = some.select("row", "start", "end", "worker", "respelt", *keys).sort(*keys, "start", "end", "row")
    before = {name: pl.col(name).shift(1).over(keys) for name in ("start", "end", "row", "worker", "respelt")}
    apart = [(pl.col(name) - before[name]).dt.total_seconds().abs() for name in ("start", "end")]
    beside = (pl.min_horizontal("end", before["end"]) - pl.max_horizontal("start", before["start"])).dt.total_seconds()
    whole = (pl.max_horizontal("end", before["end"]) - pl.min_horizontal("start", before["start"])).dt.total_seconds()
    same_person = (pl.col("worker") == before["worker"]).fill_null(True)
    differs = (apart[0] + apart[1] > 0) | pl.col("respelt") | before["respelt"]
    # Where nothing was made, a minute between two reports is no chance of a second clock.
    told = ((pl.col("quantity") > 0) | (pl.col("rejected") > 0)).fill_null(False) | pl.max_horizontal(apart).lt(APART)
    is_near = told & (apart[0] <= APART) & (apart[1] <= APART) & (beside >= 0.5 * whole) & same_person & differs
    found = some.with_columns(
        is_near.fill_null(False).alias("near"), pl.max_horizontal("row", before["row"]).alias("second")
    )
    rows = found.filter("near")["second"].cast(pl.Int64)
    return table["row"].is_in(rows.implode()).alias("near copy")
