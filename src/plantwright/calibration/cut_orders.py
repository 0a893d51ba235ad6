"""Orders that a log cuts off, and the operation with which orders end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from plantwright.calibration.names import is_lumped, operation_name
from plantwright.calibration.overlaps import overlapping
from plantwright.calibration.quality import Defect
from plantwright.calibration.sampling import some_orders
from plantwright.events import each

if TYPE_CHECKING:
    import polars

_OPENS, _FEWEST = 0.02, 20
_ORDERS, _MEETING, _MEETS, _AT_ONCE = 3000, 50, 0.9, 0.05


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


def begun_before(table: polars.DataFrame, usual_seconds: float) -> Defect:
    """Orders that the log shows from the middle on: they come first in the time that an order usually takes, and with an operation with
    which none of the later orders begins.
    """
    import polars

    begin, last = table["start"].min(), table["start"].max()
    assert isinstance(begin, datetime)
    assert isinstance(last, datetime)
    until = begin + min(timedelta(seconds=usual_seconds), (last - begin) / 4)
    # A report of which only the date is known comes after the others of its day.
    date_only = polars.col("imputed") & (polars.col("start").dt.time() == polars.time(0, 0))
    at = polars.when(date_only).then(polars.col("start").dt.offset_by("1d")).otherwise("start").alias("start")
    narrow = table.filter(polars.col("type") != "breakdown").select("order", "activity", "row", at, "end")
    early = _firsts(narrow.filter(polars.col("start") < until))
    late = _firsts(some_orders(narrow, _ORDERS)).filter(polars.col("start") >= until)
    counts = dict(late["operation"].value_counts().iter_rows())
    openers = {name for name, number in counts.items() if number >= max(1.0, _OPENS * late.height)}
    cut = early.filter(~polars.col("operation").is_in(sorted(openers)))
    if late.height < _FEWEST:
        cut = cut.clear()
    names = ", ".join(repr(name) for name in sorted(openers, key=lambda name: -counts[name])[:3])
    return Defect(
        "orders begun before the log", cut.height, tuple(sorted(cut["row"].to_list())),
        f"begin in the first days of the log with what no later order begins with ({names} mostly): their first steps were done before it",
        "kept: they are released when they are first seen, with the steps that the log shows; how orders begin is told by the others", "orders",
    )  # fmt: skip


def _firsts(rows: polars.DataFrame) -> polars.DataFrame:
    """The first report of each order, with its operation."""
    import polars

    first = rows.sort("start", "end", "row").unique("order", keep="first", maintain_order=True)
    return first.with_columns(each(first["activity"], operation_name, polars.String).alias("operation"))


def ends_from_starts(table: polars.DataFrame) -> Defect:
    """Reports that end to the second when the next one of their order starts, where stations could not have worked so."""
    import polars

    some = some_orders(table.select("row", "order", "station", "start", "end"), _ORDERS).sort(
        "order", "start", "end", "row"
    )
    same = (polars.col("end") == polars.col("start").shift(-1)) & (polars.col("order") == polars.col("order").shift(-1))
    some = some.with_columns(
        same.fill_null(False).alias("meets"), (polars.col("order") == polars.col("order").shift(-1)).alias("not last")
    )
    inner = int(some["not last"].sum() or 0)
    meets = some.filter("meets")
    none = Defect("ends taken from the next start", 0, (), "", "")
    if inner < _MEETING or meets.height < _MEETS * inner:
        return none
    # Where nobody waits, ends are such starts, too; but then a station does one thing after another.
    at_once = overlapping(meets, "station").height
    if at_once < _AT_ONCE * meets.height:
        return none
    rows = tuple(meets["row"].sort()) if some.height == table.height else tuple(table["row"].sort())
    return Defect(
        "ends taken from the next start", len(rows), rows,
        f"{100 * meets.height / inner:.0f} % of the reports end to the second when the next one of their order starts, and {100 * at_once / meets.height:.0f} % "
        "of these lie upon others at their station: only starts were known, and somebody filled in the ends",
        "kept, though nobody can know from it how long work took: each time holds the wait for the next step. Export real ends, or take the starts for "
        "completions of the step before",
    )  # fmt: skip


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
