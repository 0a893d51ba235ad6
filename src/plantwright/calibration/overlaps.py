"""Reports that overlap: on a station, of a person, within an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plantwright.calibration.quality import Defect
from plantwright.calibration.quiet import Quiet, seconds_awake
from plantwright.events import each

if TYPE_CHECKING:
    import polars

_DAY = 86400.0


def overlapping(table: polars.DataFrame, by: str) -> polars.DataFrame:
    """The rows that start before the latest end of the rows before them, sorted by start and end, of the same `by`; ``twice`` are the
    seconds until that end or their own.
    """
    import polars

    narrow = table.lazy().select("row", "start", "end", by).filter(polars.col(by).is_not_null()).collect()
    return _overlapping(narrow.sort("start", "end", maintain_order=True), by)


def _overlapping(ordered: polars.DataFrame, by: str) -> polars.DataFrame:
    """As `overlapping`, of rows in order; `ordered` has no null in that column."""
    import polars

    # Where no row starts before the end of the one before it, none does before the latest end: most groups need no closer look.
    near = ordered.select(polars.col(by).cast(polars.Categorical).to_physical().alias("of"), "start", "end")
    near = near.sort("of", maintain_order=True)
    one = polars.col("of") == polars.col("of").shift(1)
    busy = near.filter(one & (polars.col("start") < polars.col("end").shift(1)))["of"].unique()
    group = polars.col(by).cast(polars.Categorical).to_physical()
    latest = polars.col("end").cum_max().shift(1).over(by)
    until = ordered.filter(group.is_in(busy.implode())).with_columns(latest.alias("latest"))
    until = until.filter((polars.col("start") < polars.col("latest")).fill_null(False))
    twice = (polars.min_horizontal("end", "latest") - polars.col("start")).dt.total_seconds().alias("twice")
    return until.with_columns(twice).drop("latest")


def overlaps(table: polars.DataFrame, quiet: Quiet | None = None) -> tuple[list[Defect], dict[str, float]]:
    """The defects of reports that overlap, and of days of people that have more than 24 hours; and the seconds that would count
    twice by each, copies, made-up times and `quiet` hours aside.
    """
    import polars

    narrow = table.lazy().filter(~polars.col("negative") & ~polars.col("far") & ~polars.col("nowhen"))
    forward = narrow.select("row", "station", "worker", "order", "start", "end", "seconds").collect()
    idle = table.lazy().filter(polars.any_horizontal("imputed", "is copy", "near copy")).select("row").collect()["row"]
    twice: dict[str, float] = {}
    forward = forward.sort("start", "end", maintain_order=True)
    resting = quiet is not None and bool(quiet.rests)
    if quiet is not None and resting:
        forward = forward.with_columns(
            polars.min_horizontal("seconds", seconds_awake(quiet, forward["start"], forward["end"]))
        )

    def of(by: str) -> polars.DataFrame:
        one = forward.select("row", by, "start", "end")
        return _overlapping(one.filter(polars.col(by).is_not_null()) if one[by].null_count() else one, by)

    at, people, orders = of("station"), of("worker"), of("order")
    named = at.filter(each(at["station"], lambda name: "machine" in name.lower(), polars.Boolean))
    shared = "one machine counts once: its time is shared among the reports that overlap; a place where several work at once gets several places"
    named_what = "overlaps on stations named Machine"

    def defect(kind: str, rows: polars.DataFrame, cause: str, action: str) -> Defect:
        counted = rows.filter(~polars.col("row").is_in(idle.implode())) if idle.len() else rows
        if quiet is not None and resting:
            until = counted["start"] + (counted["twice"] * 1_000_000).cast(polars.Duration("us"))
            twice[kind] = float(seconds_awake(quiet, counted["start"], until).sum())
        else:
            twice[kind] = float(counted["twice"].sum())
        return Defect(kind, rows.height, tuple(rows["row"].sort().to_list()), cause, action)

    found = [
        defect("overlaps on a station", at, "it starts before another report at the same station ends", shared),
        defect("overlaps of one worker", people, "one person on several reports at once: tends several machines, or books late",
               "kept; the hours of a person count once"),
        defect("overlaps within an order", orders, "parts of an order are worked at two places at once",
               "kept; the order's steps are put in sequence by their starts"),
    ]  # fmt: skip
    if 0 < named.height < at.height:
        found.insert(
            1,
            defect(
                named_what,
                named,
                "of these, on single machines",
                "one machine counts once: its time is shared among the reports that overlap",
            ),
        )
    days = (
        forward.filter(polars.col("worker").is_not_null())
        .group_by("worker", polars.col("start").dt.date().alias("day"))
        .agg(polars.col("seconds").sum(), polars.col("row").min())
        .filter(polars.col("seconds") > _DAY)
    )
    twice["days of one worker over 24 hours"] = float((days["seconds"] - _DAY).sum())
    found.append(
        Defect("days of one worker over 24 hours", days.height, tuple(days["row"].sort().to_list()),
               "what one person reports for one day adds up to more than a day", "kept; the hours of a person count once", "days")
    )  # fmt: skip
    return found, twice
