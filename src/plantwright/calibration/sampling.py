"""Some orders of a log, whole: enough to tell how it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars


def some_orders(table: polars.DataFrame, number: int) -> polars.DataFrame:
    """All rows of so many orders at most, spread over the log; of all orders, where there are no more."""
    import polars

    every = max(1, table.height // (8 * number))
    orders = table["order"].gather_every(every).unique(maintain_order=True)
    if orders.len() <= number and every == 1:
        return table
    chosen = orders.gather_every(max(1, orders.len() // number)).head(number)
    return table.filter(polars.col("order").is_in(chosen.implode()))
