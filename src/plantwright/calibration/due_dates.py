"""When orders were due, where the log says it: one date for each order, and what is wrong with those that it gives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from plantwright.calibration.quality import Defect, Effect

if TYPE_CHECKING:
    import polars

    from plantwright.calibration.visits import History

_FAR = timedelta(days=5 * 365)
"""Nobody promises an order so long before, nor works on one that was due so long ago: the date stands for none."""


def due_dates(dues: polars.DataFrame | None, table: polars.DataFrame) -> dict[str, datetime]:
    """The due date of each order of a log's rows: the first that its rows state, if it is a date and none far from all work."""
    if dues is None:
        return {}
    import polars as pl

    stated = _stated(dues, table).filter(pl.col("due").is_not_null() & ~pl.col("far")).sort("start", "row")
    first = stated.group_by("order", maintain_order=True).agg(pl.col("due").first())
    return {str(order): due for order, due in first.iter_rows()}


def due_defects(dues: polars.DataFrame | None, table: polars.DataFrame) -> list[Defect]:
    """What is wrong with due dates: no dates, far from all work, several for one order, before the order began."""
    if dues is None:
        return []
    import polars as pl

    stated, orders = _stated(dues, table), table["order"].n_unique()
    unread, far = stated.filter(pl.col("due").is_null()), stated.filter("far")
    good = stated.filter(pl.col("due").is_not_null() & ~pl.col("far"))
    first = (
        good.sort("start", "row")
        .group_by("order")
        .agg(pl.col("due").first().alias("first"), pl.col("start").min().alias("began"))
    )
    good = good.join(first, on="order", how="left")
    several = good.filter(pl.col("due") != pl.col("first"))
    before = good.filter(pl.col("first") < pl.col("began"))
    return [
        _defect("unreadable due dates", unread, orders, "no date where a due date belongs", "kept; the order has the due date of its other rows, else none"),
        _defect("due dates far away", far, orders, "a due date years from all work, such as 1900 or 9999: it stands for none", "kept; as if it were not stated"),
        _defect("due dates that differ", several, orders, "one order states several due dates: it was put off, or a date was typed wrong",
                "kept; the first that its rows state counts"),
        _defect("due before it was begun", before, orders, "the order was due before its first report begins: late before it was begun, or a date typed wrong",
                "kept: such an order is late whatever is done"),
    ]  # fmt: skip


def _stated(dues: polars.DataFrame, table: polars.DataFrame) -> polars.DataFrame:
    """The rows that state a due date, with their order and start, and whether it is far from all work."""
    import polars as pl

    rows = table.select("row", pl.col("order").cast(pl.String), "start").unique("row", keep="first")
    first, last = table["start"].min(), table["end"].max()
    far = ((pl.col("due") < pl.lit(first) - _FAR) | (pl.col("due") > pl.lit(last) + _FAR)).fill_null(False)
    return dues.join(rows, on="row", how="inner").with_columns(far.alias("far"))


def _defect(kind: str, found: polars.DataFrame, orders: int, cause: str, action: str) -> Defect:
    share = found["order"].n_unique() / max(1, orders) if found.height else 0.0
    words = f"{100 * share:.3g} % of the orders: by as many points the share that comes late may be wrong"
    return Defect(kind, found.height, tuple(sorted(found["row"].to_list())), cause, action, effect=Effect(words, share))


def late_share(history: History, dues: Mapping[str, datetime]) -> float | None:
    """The share of the finished orders with a due date that were finished after it; None where there is none."""
    late = [
        history.reported[order][1] > due
        for order, due in dues.items()
        if order in history.orders and order not in history.open_orders
    ]
    return sum(late) / len(late) if late else None


def due_words(history: History) -> str:
    """How many orders have a due date, and how many of the finished ones were late, in words."""
    known = sum(order in history.orders for order in history.dues)
    late = late_share(history, history.dues)
    said = f"{known} of {len(history.orders)} orders"
    return f"{said}; {100 * late:.3g} % of those that were finished came late" if late is not None else said
