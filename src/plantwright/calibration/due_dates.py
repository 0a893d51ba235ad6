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


_OPEN = 0.05
"""Where the dates of orders that state several leave more of the share that came late open than this, it is no total."""


def due_dates(dues: polars.DataFrame | None, table: polars.DataFrame) -> dict[str, datetime]:
    """The due date of each order of a log's rows: the first that its rows state, if it is a date and none far from all work."""
    if dues is None:
        return {}
    import polars as pl

    stated = _stated(dues, table).filter(pl.col("due").is_not_null() & ~pl.col("far")).sort("start", "row")
    first = stated.group_by("order", maintain_order=True).agg(pl.col("due").first())
    return {str(order): due for order, due in first.iter_rows()}


def doubtful_dues(dues: polars.DataFrame | None, table: polars.DataFrame) -> dict[str, tuple[datetime, datetime]]:
    """The earliest and the latest due date of each order whose rows state several."""
    if dues is None:
        return {}
    import polars as pl

    good = _stated(dues, table).filter(pl.col("due").is_not_null() & ~pl.col("far"))
    ends = good.group_by("order").agg(pl.col("due").min().alias("least"), pl.col("due").max().alias("most"))
    return {str(order): (least, most) for order, least, most in ends.sort("order").iter_rows() if least < most}


def due_defects(dues: polars.DataFrame | None, table: polars.DataFrame) -> list[Defect]:
    """What is wrong with due dates: no dates, far from all work, several for one order, before the order began."""
    if dues is None:
        return []
    import polars as pl

    stated, orders = _stated(dues, table), table["order"].n_unique()
    unread, far = stated.filter(pl.col("due").is_null()), stated.filter("far")
    good = stated.filter(pl.col("due").is_not_null() & ~pl.col("far"))
    of_order = good.sort("start", "row").group_by("order").agg(
        pl.col("due").first().alias("first"), pl.col("due").min().alias("least"), pl.col("due").max().alias("most")
    )  # fmt: skip
    spans = table.group_by(pl.col("order").cast(pl.String)).agg(
        pl.col("start").min().alias("began"), pl.col("end").max().alias("done")
    )
    of_order = of_order.join(spans, on="order")
    late = {name: float((of_order["done"] > of_order[name]).mean() or 0.0) for name in ("first", "least", "most")}  # type: ignore[arg-type]
    good = good.join(of_order, on="order", how="left")
    several, before = good.filter(pl.col("due") != pl.col("first")), good.filter(pl.col("first") < pl.col("began"))
    rest = of_order.filter(pl.col("first") >= pl.col("began"))
    without = float((rest["done"] > rest["first"]).mean() or 0.0)  # type: ignore[arg-type]
    lost = [frame["order"].n_unique() / max(1, orders) if frame.height else 0.0 for frame in (unread, far)]
    unknown = [
        Effect(
            f"{100 * share:.3g} % of the orders state such a date: how many come late is told by the other dates", share
        )
        for share in lost
    ]
    apart = late["least"] - late["most"]
    return [
        _defect("unreadable due dates", unread, "no date where a due date belongs", "kept; the order has the due date of its other rows, else none", unknown[0]),
        _defect("due dates far away", far, "a due date years from all work, such as 1900 or 9999: it stands for none", "kept; as if it were not stated", unknown[1]),
        _defect("due dates that differ", several, "one order states several due dates: it was put off, or a date was typed wrong",
                "kept; the first that its rows state counts" + ("; so much is open that the share that came late is no total" if apart > _OPEN else ""),
                Effect(f"{100 * late['first']:.3g} % of the orders came late by the first date that they state; from {100 * late['most']:.3g} to {100 * late['least']:.3g} % by "
                       "whichever of their dates counts", apart)),
        _defect("due before it was begun", before, "the order was due before its first report begins: late before it was begun, or a date typed wrong",
                "kept: such an order is late whatever is done",
                Effect(f"no move makes these orders come in time: without them {100 * without:.3g} % would come late, not {100 * late['first']:.3g} %",
                       abs(late["first"] - without))),
    ]  # fmt: skip


def _stated(dues: polars.DataFrame, table: polars.DataFrame) -> polars.DataFrame:
    """The rows that state a due date, with their order and start, and whether it is far from all work."""
    import polars as pl

    rows = table.select("row", pl.col("order").cast(pl.String), "start").unique("row", keep="first")
    first, last = table["start"].min(), table["end"].max()
    far = ((pl.col("due") < pl.lit(first) - _FAR) | (pl.col("due") > pl.lit(last) + _FAR)).fill_null(False)
    return dues.join(rows, on="row", how="inner").with_columns(far.alias("far"))


def _defect(kind: str, found: polars.DataFrame, cause: str, action: str, effect: Effect) -> Defect:
    return Defect(kind, found.height, tuple(sorted(found["row"].to_list())), cause, action, effect=effect)


def late_share(history: History, dues: Mapping[str, datetime]) -> float | None:
    """The share of the finished orders with a due date that were finished after it; None where there is none."""
    late = [
        history.reported[order][1] > due
        for order, due in dues.items()
        if order in history.orders and order not in history.open_orders
    ]
    return sum(late) / len(late) if late else None


def late_between(history: History) -> tuple[float, float] | None:
    """The least and the greatest share of late orders, whichever of the dates counts of orders that state several; None without due dates."""
    least, most = (
        late_share(history, {order: history.doubtful.get(order, (due, due))[k] for order, due in history.dues.items()})
        for k in (1, 0)
    )
    return None if least is None or most is None else (least, most)


def late_total(history: History) -> float | None:
    """The share of late orders as a total that a model can be held against; None where too much of it is open."""
    between = late_between(history)
    if between is None or between[1] - between[0] > _OPEN:
        return None
    return late_share(history, history.dues)


def due_words(history: History) -> str:
    """How many orders have a due date, and how many of the finished ones were late, in words."""
    known = sum(order in history.orders for order in history.dues)
    said = f"{known} of {len(history.orders)} orders"
    between, late = late_between(history), late_total(history)
    if late is not None:
        return f"{said}; {100 * late:.3g} % of those that were finished came late"
    if between is None:
        return said
    return (
        f"{said}; {100 * between[0]:.3g} to {100 * between[1]:.3g} % of those that were finished came late, by whichever of their dates counts: no total is held "
        "against it"
    )
