"""Orders that a log cuts off, and the operation with which orders end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plantwright.calibration.names import is_lumped, operation_name
from plantwright.calibration.quality import Defect
from plantwright.events import each

if TYPE_CHECKING:
    import polars


def last_activity(table: polars.DataFrame) -> tuple[str, float]:
    """The operation that closes most orders, and the share of orders that it closes."""
    import polars

    operation = each(table["activity"], operation_name, polars.String).alias("operation")
    date_only = polars.col("imputed") & (polars.col("start").dt.time() == polars.time(0, 0))
    ends = (
        polars.when(date_only).then(polars.col("start").dt.offset_by("1d")).otherwise(polars.col("end")).alias("until")
    )
    last = table.select("order", operation, ends).filter(polars.col("until") == polars.col("until").max().over("order"))
    counts = last.select("order", "operation").unique().group_by("operation").len().sort("len", "operation")
    return counts["operation"][-1], counts["len"][-1] / table["order"].n_unique()


def cut_orders(table: polars.DataFrame, name: str, share: float) -> tuple[list[Defect], tuple[float, float]]:
    """Orders that the log cuts off: they never reach the operation that ends most orders, if one clearly does. And the mean seconds from
    the first start to the last end of all orders, and of those that are not cut off.
    """
    import polars

    span = (polars.col("end").max() - polars.col("start").min()).dt.total_seconds()
    orders = table.group_by("order").agg(polars.col("row").min(), span.alias("span"))
    every = float(orders["span"].mean() or 0.0)  # type: ignore[arg-type]
    if share < 0.5:
        return [], (every, every)
    reached = table.filter(each(table["activity"], lambda activity: operation_name(activity) == name, polars.Boolean))[
        "order"
    ].unique()
    whole = polars.col("order").is_in(reached.implode())
    open_orders = orders.filter(~whole)
    defect = Defect(
        "censored orders", open_orders.height, tuple(sorted(open_orders["row"].to_list())),
        f"never reach {name!r}, with which {100 * share:.0f} % of the orders end: under way when the log ends, or finished elsewhere",
        "kept; they end where the log ends them, in the plant file as in the log", "orders",
    )  # fmt: skip
    return [defect], (every, float(orders.filter(whole)["span"].mean() or 0.0))  # type: ignore[arg-type]


def order_warnings(table: polars.DataFrame, name: str, share: float, orders: list[Defect]) -> list[str]:
    """Why cycle times and routings found in the log may be wrong."""
    import polars

    found = []
    lumped = table.filter(each(table["activity"], is_lumped, polars.Boolean))["activity"]
    if lumped.len():
        found.append(
            f"{lumped.len()} rows are of an activity called {lumped[0]!r}: somebody merged rare activities, so routings with them are not the shop's own"
        )
    censored = next(iter(orders), None)
    if censored is not None and censored.count > 0.35 * table["order"].n_unique():
        found.append(
            f"{censored.count} of {table['order'].n_unique()} orders never reach {name!r}, though {100 * share:.0f} % end with it: the log was cut, and cycle "
            "times and routings found in it are too short"
        )  # fmt: skip
    elif censored is None and share < 0.5 and lumped.len():
        found.append(
            f"orders end in many ways (most often, {100 * share:.0f} %, with {name!r}): the log was cut, and cycle times and routings found in "
            "it are too short"
        )  # fmt: skip
    return found
