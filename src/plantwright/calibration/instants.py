"""Starts and ends that cannot be, mended where what they were can be told: placeholders, day and month confused, start and end swapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plantwright.calibration.misdated import BETTER, either_way, length, moved_to, wrong_years
from plantwright.calibration.names import operation_name
from plantwright.calibration.quality import Defect
from plantwright.calibration.sampling import some_orders
from plantwright.events import each

if TYPE_CHECKING:
    import polars

DAY = 86400.0

_PLACEHOLDER_DAYS = ((1970, 1, 1), (1900, 1, 1), (1899, 12, 30), (1899, 12, 31), (1904, 1, 1), (1753, 1, 1),
                     (2099, 12, 31), (2999, 12, 31), (9999, 12, 31), (4712, 12, 31))  # fmt: skip
"""Days that programs write where they know none."""

_LATEST_BEGIN, _EARLIEST_END = 1970, 2099

_FEWEST, _ORDERS = 10, 3000
_LIKELY, _CLEARER = 4.0, 2.0
"""A repaired time must lie within a factor of four of what is usual for the operation, and be twice as near to it as the other one."""


def mend_instants(table: polars.DataFrame, mixed: bool = False) -> tuple[polars.DataFrame, list[Defect]]:
    """The rows with the starts and ends that must have been meant, `moved` where one was changed, ``nowhen`` where no time is left
    to be believed, ``noend`` where only one is; and the report on them. `mixed` is whether dates are written in several ways.
    """
    import polars

    table = table.with_columns(polars.lit(False).alias(name) for name in ("moved", "nowhen", "noend"))
    defects: list[Defect] = []
    for mend in (_placeholders, wrong_years, _day_and_month, _swapped):
        table, found = mend(table)
        defects += found
        if mend is _day_and_month and mixed and not found:
            table, found = either_way(table, _turned(table, ("start", "end")))
            defects += found
    return table, defects


def _wall() -> polars.Expr:
    import polars

    return (polars.col("end") - polars.col("start")).dt.total_seconds().cast(polars.Float64)


def _placeholders(table: polars.DataFrame) -> tuple[polars.DataFrame, list[Defect]]:
    """Where one of two instants is that of a program that knew none, the other is when it happened; where both are, nothing is."""
    import datetime

    import polars

    days = [datetime.date(*day) for day in _PLACEHOLDER_DAYS]
    low, high = min(table["start"].min(), table["end"].min()), max(table["start"].max(), table["end"].max())  # type: ignore[type-var]
    assert isinstance(low, datetime.datetime)
    assert isinstance(high, datetime.datetime)
    if low.year > _LATEST_BEGIN and high.year < _EARLIEST_END:
        return table, []
    if table["start"].dt.date().quantile(0.5, "nearest") in days:
        return table, []
    found = [table[name].dt.date().is_in(days) for name in ("start", "end")]
    if not any(one.any() for one in found):
        return table, []
    start, end = (one.alias(name) for one, name in zip(found, ("no start", "no end"), strict=True))
    table = table.with_columns(start, end)
    both, one = polars.col("no start") & polars.col("no end"), polars.col("no start") ^ polars.col("no end")
    table = table.with_columns(
        polars.when(one & polars.col("no start")).then("end").otherwise("start").alias("start"),
        polars.when(one & polars.col("no end")).then("start").otherwise("end").alias("end"),
        polars.when(one).then(0.0).otherwise("seconds").alias("seconds"),
        (polars.col("nowhen") | both).alias("nowhen"), (polars.col("noend") | one).alias("noend"),
    )  # fmt: skip
    halves, wholes = (tuple(table.filter(mark)["row"].to_list()) for mark in (one, both))
    table = table.drop("no start", "no end")
    cause = "a date such as 1970-01-01 or 9999-12-31, which a program writes where it knows none"
    return table, [
        Defect("placeholder dates", len(halves), halves, f"its start or its end is {cause}",
               "kept for its place in the route, at the other of its two times; its time is the median of the measured reports of the same operation"),
        Defect("no date at all", len(wholes), wholes, f"start and end are {cause}", "set aside"),
    ]  # fmt: skip


def _day_and_month(table: polars.DataFrame) -> tuple[polars.DataFrame, list[Defect]]:
    """A spreadsheet that expects the month first turns 05.01. into the 1st of May, and leaves 13.01. alone. Turned back where orders then
    take less than 70 % of the time in all, and no more reports than before end before they start.
    """
    some = some_orders(table.select("order", "start", "end"), _ORDERS)
    unclear = [
        (some[name].dt.day() <= 12) & (some[name].dt.day() != some[name].dt.month()) for name in ("start", "end")
    ]
    number = max(int(one.sum()) for one in unclear)
    clear = int((some["start"].dt.day() > 12).sum())
    if number < _FEWEST or clear < _FEWEST:
        return table, []
    tries = {names: length(_turned(some, names)) for names in ((), ("start",), ("end",), ("start", "end"))}
    best = min(tries, key=lambda names: tries[names])
    if tries[best][1] >= BETTER * tries[()][1] or tries[best][0] > tries[()][0]:
        return table, []
    table, rows = moved_to(table, _turned(table, best).select("start", "end"))
    cause = (
        "day and month are confused where the day is no more than 12, as by a spreadsheet that expects the month first: as written, orders "
        f"would take {tries[()][1] / DAY:.1f} days on average, the other way {tries[best][1] / DAY:.1f}"
    )
    return table, [Defect("day and month confused", len(rows), rows, cause, "turned back")]


def _turned(frame: polars.DataFrame, names: tuple[str, ...]) -> polars.DataFrame:
    """The rows with day and month exchanged in some columns, where the day can be a month."""
    import polars

    def turned(name: str) -> polars.Expr:
        at = polars.col(name)
        month = polars.min_horizontal(at.dt.day(), polars.lit(12))
        day = polars.datetime(at.dt.year(), month, at.dt.month(), time_unit="us")
        return polars.when(at.dt.day() <= 12).then(day + (at - at.dt.truncate("1d"))).otherwise(at).alias(name)

    return frame.with_columns(turned(name) for name in names)


def _swapped(table: polars.DataFrame) -> tuple[polars.DataFrame, list[Defect]]:
    """Reports that end before they start: start and end are turned round, or the end is of the next day, whichever gives the stated
    duration; where none is stated, whichever is usual for the operation, if one clearly is.
    """
    import polars

    backward = table.filter(
        (table["seconds"] < 0) & (table["seconds"] > -DAY) & table["copy of"].is_null() & ~table["nowhen"]
    )
    # A clock that is put back on a Sunday night, in a log without a zone, also makes an end that lies before its start.
    at = backward["start"]
    back = (
        (at.dt.weekday() == 7)
        & at.dt.month().is_in([3, 4, 9, 10, 11])
        & (at.dt.hour() <= 3)
        & (backward["seconds"] >= -3600)
    )
    backward = backward.filter(~back)
    if backward.is_empty():
        return table, []
    usual = _usual_seconds(table, backward["activity"].unique().to_list())
    choices = []
    for row, activity, seconds, span in backward.select("row", "activity", "seconds", "span").iter_rows():
        choices.append((row, _choice(-seconds, DAY + seconds, span, usual.get(operation_name(activity)))))
    chosen = polars.DataFrame(choices, schema={"row": polars.Int64, "choice": polars.String}, orient="row")
    table = table.join(chosen, on="row", how="left", maintain_order="left")
    turn, later = polars.col("choice") == "turn", polars.col("choice") == "later"
    table = table.with_columns(
        polars.when(turn).then("end").otherwise("start").alias("start"),
        polars.when(turn)
        .then("start")
        .when(later)
        .then(polars.col("end").dt.offset_by("1d"))
        .otherwise("end")
        .alias("end"),
        (polars.col("moved") | polars.col("choice").is_not_null()).alias("moved"),
    )
    table = table.with_columns(
        polars.when(polars.col("choice").is_not_null()).then(_wall()).otherwise("seconds").alias("seconds")
    )
    turned, next_day = (tuple(table.filter(mark)["row"].to_list()) for mark in (turn, later))
    why = "so it takes as long as is stated or usual for its operation"
    return table.drop("choice"), [
        Defect("swapped intervals", len(turned), turned, "it ends before it starts: start and end are in each other's place", f"turned round: {why}"),
        Defect("ends of the day before", len(next_day), next_day, "it ends before it starts: past midnight, with the date of the evening",
               f"the end is taken for the next day: {why}"),
    ]  # fmt: skip


def _usual_seconds(table: polars.DataFrame, activities: list[str]) -> dict[str, float]:
    """The median time of the reports of each operation that take any."""
    import polars

    wanted = {operation_name(activity) for activity in activities}
    operations = each(table["activity"], operation_name, polars.String).alias("operation")
    forward = table.select("seconds", operations).filter(
        (polars.col("seconds") > 0) & polars.col("operation").is_in(wanted)
    )
    return dict(forward.group_by("operation").agg(polars.col("seconds").median()).iter_rows())


def _choice(turned: float, later: float, stated: float | None, usual: float | None) -> str | None:
    """Which of two times a report took that ends before it starts."""
    if stated is not None and stated > 0:
        near = [name for name, seconds in (("turn", turned), ("later", later)) if abs(seconds - stated) < 90.0]
        return near[0] if near else None
    if not usual:
        return None
    off = {
        name: max(seconds / usual, usual / seconds)
        for name, seconds in (("turn", turned), ("later", later))
        if seconds > 0
    }
    best = min(off, key=lambda name: off[name])
    other = max(off.values()) if len(off) > 1 else float("inf")
    return best if off[best] <= _LIKELY and other >= _CLEARER * off[best] else None
