"""Quantities of reports: what each report made, also where counters run on through an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars

_FEWEST_REPORTS, _FEWEST_GROUPS, _MOST = 3, 5, 0.8


def per_report(events: polars.DataFrame, notes: dict[str, str]) -> polars.DataFrame:
    """The events with the pieces of each report, where the file states how many an order has had so far.

    Counters run on where, in four of five orders' visits of three or more reports (and in five at least), quantities never fall, add up
    to more than one and a half times the order's, and none is above the order's. Without the order's quantity nothing tells, and
    quantities are taken for those of single reports.
    """
    import polars as pl

    keys = ["order", "activity", "station"]
    stated = pl.col("copy of").is_null() & pl.col("quantity").is_not_null() & pl.col("order quantity").is_not_null()
    read = (*keys, "row", "end", "quantity", "order quantity")
    used = events.lazy().filter(stated).select(read).collect()
    if used.is_empty():
        return events
    # Most logs have no visit of so many reports: hashes of equal visits tell it for a small part of what groups cost.
    visits = used.select(keys).hash_rows()
    ranked = visits.sort()
    often = ranked.filter((ranked == ranked.shift(_FEWEST_REPORTS - 1)).fill_null(False)).unique()
    if often.len() < _FEWEST_GROUPS:
        return events
    used = used.filter(visits.is_in(often.implode())).sort("end", "row")
    groups = used.group_by(keys).agg(
        pl.len().alias("reports"),
        (pl.col("quantity").diff().min() >= 0).alias("never falls"),
        pl.col("quantity").sum().alias("sum"), pl.col("quantity").max().alias("most"), pl.col("order quantity").first().alias("ordered"),
        # An order that is worked on twice as a whole says the same of both kinds.
        ((pl.col("quantity") > 0) & (pl.col("quantity") < pl.col("order quantity"))).any().alias("in parts"),
    ).filter((pl.col("reports") >= _FEWEST_REPORTS) & (pl.col("most") > 0) & pl.col("in parts"))  # fmt: skip
    runs_on = groups["never falls"] & (groups["sum"] > 1.5 * groups["ordered"]) & (groups["most"] <= groups["ordered"])
    if groups.height < _FEWEST_GROUPS or float(runs_on.sum()) < _MOST * groups.height:
        return events
    made = used.select(
        "row", (pl.col("quantity") - pl.col("quantity").shift(1, fill_value=0.0).over(keys)).alias("made")
    )
    notes["quantities"] = (
        f"counters that run on through an order ({int(runs_on.sum()):,} of {groups.height:,} visits): each report counts what was added"
    )
    joined = events.join(made, on="row", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("made", "quantity").alias("quantity")).drop("made")
