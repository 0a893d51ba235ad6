"""Quantities of reports that cannot all be right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plantwright.calibration.quality import Defect

if TYPE_CHECKING:
    import polars

SURPLUS = 1.1
"""More than a tenth above what was ordered is no usual surplus."""


def contradictions(table: polars.DataFrame) -> list[Defect]:
    """Quantities below nothing, orders with several quantities, and steps that report more than was ordered."""
    import polars as pl

    lazy = table.lazy().filter(pl.col("copy of").is_null() & ~pl.col("near copy"))
    below = (
        lazy.filter((pl.col("quantity") < 0) | (pl.col("rejected") < 0) | (pl.col("order quantity") <= 0))
        .select("row")
        .collect()
    )
    defects = [
        Defect("quantities below nothing", below.height, tuple(below["row"].to_list()), "a number of pieces that is negative, or an order of none: "
               "a correction booked as a report, or a slip", "kept as booked: a correction takes away what was booked too much"),
    ]  # fmt: skip
    if table["order quantity"].null_count() == table.height:
        return defects
    stated = lazy.filter(pl.col("order quantity").is_not_null()).select("row", "order", "order quantity")
    sizes = stated.group_by("order").agg(
        pl.col("order quantity").min().alias("least"), pl.col("order quantity").max().alias("most")
    )
    unequal = sizes.filter(pl.col("least") < pl.col("most")).select("order").collect()
    several = (
        stated.join(unequal.lazy(), on="order", how="semi").collect() if unequal.height else stated.limit(0).collect()
    )
    odd = several.filter(pl.col("order quantity") != pl.col("order quantity").mode().sort().first().over("order"))
    defects.append(
        Defect("order quantities that differ", odd.height, tuple(odd["row"].to_list()),
               "one order states several quantities: it was changed or split on the way, or a digit was lost",
               "kept; the first that an order's visit states counts")
    )  # fmt: skip
    # A step with one report contradicts by itself; most logs have few others.
    work = lazy.filter(
        (pl.col("type") == "work") & ~pl.col("rework").fill_null(False)
        & (pl.col("often") | (_pieces() > SURPLUS * pl.col("order quantity")))
    ).select("row", "order", "activity", "station", "quantity", "rejected", "order quantity").collect()  # fmt: skip
    made = _beyond(work, ["order", "activity", "station"])
    if made.height:
        # An order that comes back to a step may be whole there twice; only what is booked in one go contradicts.
        orders = (
            lazy.join(made.lazy().select("order").unique(), on="order", how="semi")
            .collect()
            .sort("order", "start", "end", "row")
        )
        step = pl.struct("activity", "station")
        orders = orders.with_columns((step != step.shift(1).over("order")).fill_null(True).cum_sum().alias("visit"))
        work = orders.join(work.select("row"), on="row", how="semi")
        made = _beyond(work, ["order", "activity", "station", "visit"])
        work = work.join(made.select("visit"), on="visit", how="semi")
    rows = work["row"] if made.height else ()
    defects.append(
        Defect("more pieces than ordered", len(rows), tuple(sorted(rows)),
               f"{made.height:,} visits of orders report over a tenth more pieces than the order has: pieces done again without a word, "
               "booked twice, or a digit too many",
               "kept; what comes after an order's pieces are complete counts as another visit")
    )  # fmt: skip
    return defects


def _beyond(work: polars.DataFrame, keys: list[str]) -> polars.DataFrame:
    """Where more was reported than the order has."""
    import polars as pl

    sums = work.group_by(keys).agg(_pieces().sum().alias("made"), pl.col("order quantity").max())
    return sums.filter(pl.col("made") > SURPLUS * pl.col("order quantity"))


def _pieces() -> polars.Expr:
    """All pieces of a report, good and bad."""
    import polars as pl

    return pl.col("quantity").fill_null(0) + pl.col("rejected").fill_null(0)
