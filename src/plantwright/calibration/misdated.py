"""Dates of another year, and dates of which day and month stand now in this order, now in that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plantwright.calibration.quality import Defect

if TYPE_CHECKING:
    import polars

DAY = 86400.0
_GAP, _FEWEST, _SIDE, _NEAR = 120.0, 20, 0.4, 45.0
"""Days without any report beyond which dates may be of a wrong year, how many of these there are at least (fewer are set aside as dates far away) and at most, as
a share of all, and how far beyond the others they may lie once they are moved.
"""

BETTER = 0.7
_TWO_DAYS = 2 * DAY


def length(frame: polars.DataFrame) -> tuple[int, float]:
    """Reports that end before they start, or take more than two days; and the mean seconds that an order takes."""
    import polars as pl

    seconds = (frame["end"] - frame["start"]).dt.total_seconds()
    odd = int(((seconds < 0) | (seconds > _TWO_DAYS)).sum())
    orders = frame.group_by("order").agg((pl.col("end").max() - pl.col("start").min()).dt.total_seconds().alias("span"))
    return odd, float(orders["span"].abs().mean() or 0.0)  # type: ignore[arg-type]


def moved_to(table: polars.DataFrame, new: polars.DataFrame) -> tuple[polars.DataFrame, tuple[int, ...]]:
    """The rows with the starts and ends of `new`, ``moved`` and with their seconds where these are others; and which they are."""
    import polars as pl

    changed = (table["start"] != new["start"]) | (table["end"] != new["end"])
    wall = (new["end"] - new["start"]).dt.total_seconds().cast(pl.Float64)
    table = table.with_columns(new["start"], new["end"], (table["moved"] | changed).alias("moved")).with_columns(
        pl.select(pl.when(changed).then(wall).otherwise(table["seconds"]).alias("seconds")).to_series()
    )
    return table, tuple(table.filter(changed)["row"].to_list())


def wrong_years(table: polars.DataFrame) -> tuple[polars.DataFrame, list[Defect]]:
    """Each January somebody writes the old year. Dates a long rest away from most others are moved by a year where they then lie among these, and
    orders take less than 70 % of the time in all.
    """
    import polars as pl

    known = table.filter(~pl.col("nowhen") & ~pl.col("noend"))
    days = pl.concat([known["start"], known["end"].rename("start")]).sort()
    gaps = days.diff().dt.total_seconds() / DAY
    if days.len() < 20 or float(gaps.max() or 0.0) < _GAP:  # type: ignore[arg-type]
        return table, []
    at = int(gaps.arg_max() or 0)
    early = at <= days.len() / 2
    side, bulk = (days[:at], days[at:]) if early else (days[at:], days[:at])
    if not _FEWEST <= side.len() <= _SIDE * days.len():
        return table, []
    years, edge = ("1y" if early else "-1y"), days[at]
    near = pl.duration(days=_NEAR)
    inside: Any = pl.select((pl.lit(side.min()).dt.offset_by(years) >= pl.lit(bulk.min()) - near) & (pl.lit(side.max()).dt.offset_by(years) <= pl.lit(bulk.max()) + near)).item()  # fmt: skip
    if not inside:
        return table, []
    beyond = [(pl.col(name) < edge) if early else (pl.col(name) >= edge) for name in ("start", "end")]
    new = table.with_columns(
        pl.when(mark & ~pl.col("nowhen")).then(pl.col(name).dt.offset_by(years)).otherwise(name).alias(name)
        for name, mark in zip(("start", "end"), beyond, strict=True)
    )
    before, after = length(table), length(new)
    if after[0] > before[0] or after[1] >= BETTER * before[1]:
        return table, []
    table, rows = moved_to(table, new.select("start", "end"))
    cause = (
        f"the date lies a year from most others, and nothing is reported in the {float(gaps.max() or 0.0):.0f} days between: the old year was written on, or the new one too "  # type: ignore[arg-type]
        f"early; as written, orders would take {before[1] / DAY:.1f} days on average, in the other year {after[1] / DAY:.1f}"
    )
    return table, [
        Defect("dates of another year", len(rows), rows, cause, f"moved by a year {'on' if early else 'back'}")
    ]


def either_way(table: polars.DataFrame, turned: polars.DataFrame) -> tuple[polars.DataFrame, list[Defect]]:
    """Where some dates are written with the day first and some with the month first, those that can be read both ways are read as makes a sensible
    report, else as is nearer to the dates of their order that can be read one way only; `turned` are all rows read the other way.
    """
    import polars as pl

    clear = (pl.col("start").dt.day() > 12).alias("clear")
    middles = table.filter(clear).group_by("order").agg(pl.col("start").median().alias("middle"))
    both = table.select("row", "order", "start", "end", clear).join(
        middles, on="order", how="left", maintain_order="left"
    )
    both = both.with_columns(turned["start"].alias("start 2"), turned["end"].alias("end 2"))
    low, high = (pl.lit(end) for end in (table.filter(clear)["start"].min(), table.filter(clear)["start"].max()))
    month = pl.duration(days=13)  # before the first clear date no more than twelve days of its month can lie
    sane = [
        (pl.col(end) - pl.col(start)).dt.total_seconds().is_between(0, _TWO_DAYS)
        & pl.col(start).is_between(low - month, high + month)
        for start, end in (("start", "end"), ("start 2", "end 2"))
    ]
    far = [(pl.col(name) - pl.col("middle")).dt.total_seconds().abs().fill_null(0) for name in ("start", "start 2")]
    turn = pl.when(sane[0] != sane[1]).then(sane[1]).otherwise(far[1] < far[0])
    new = both.select(
        pl.when(turn).then("start 2").otherwise("start").alias("start"),
        pl.when(turn).then("end 2").otherwise("end").alias("end"),
    )
    tried = table.with_columns(new["start"], new["end"])
    before, after = length(table), length(tried)
    if after[0] > before[0] or after[1] >= BETTER * before[1]:
        return table, []
    table, rows = moved_to(table, new)
    cause = (
        "some rows have the day first and some the month first, as where two programs wrote one file; this one can be read both ways: read as most are, orders would take "
        f"{before[1] / DAY:.1f} days on average, read as fits {after[1] / DAY:.1f}"
    )
    return table, [
        Defect(
            "day or month first", len(rows), rows, cause, "turned round where the report or its order then make sense"
        )
    ]
