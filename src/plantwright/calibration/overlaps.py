"""Reports that overlap: on a station, of a person, within an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plantwright.calibration.quality import Defect

if TYPE_CHECKING:
    import polars

_DAY = 86400.0


def overlapping(table: polars.DataFrame, by: str) -> polars.DataFrame:
    """The rows that start before the latest end of the rows before them, sorted by start and end, of the same `by`."""
    import polars

    latest = polars.col("end").cum_max().shift(1).over(by)
    narrow = table.select("row", "start", "end", by)
    ordered = narrow.filter(polars.col(by).is_not_null()).sort("start", "end", maintain_order=True)
    return ordered.filter((polars.col("start") < latest).fill_null(False))


def overlaps(table: polars.DataFrame) -> list[Defect]:
    """The defects of reports that overlap, and of days of people that have more than 24 hours."""
    import polars

    narrow = table.lazy().filter(~polars.col("negative") & ~polars.col("far"))
    forward = narrow.select("row", "station", "worker", "order", "start", "end", "seconds").collect()
    at = overlapping(forward, "station")
    named = at.filter(polars.col("station").str.contains("(?i)machine"))
    people = overlapping(forward, "worker")
    orders = overlapping(forward, "order")
    shared = "one machine counts once: its time is shared among the reports that overlap; a place where several work at once gets several places"
    named_what = "overlaps on stations named Machine"

    def defect(kind: str, rows: polars.DataFrame, cause: str, action: str) -> Defect:
        return Defect(kind, rows.height, tuple(sorted(rows["row"].to_list())), cause, action)

    found = [
        defect("overlaps on a station", at, "it starts before another report at the same station ends", shared),
        defect("overlaps of one worker", people, "one person on several reports at once: tends several machines, or books late",
               "kept; the hours of a person count once"),
        defect("overlaps within an order", orders, "parts of an order are worked at two places at once",
               "kept; the order's steps are put in sequence by their starts"),
    ]  # fmt: skip
    if 0 < named.height < at.height:
        found.insert(1, defect(named_what, named, "of these, on single machines", "as above"))
    days = (
        forward.filter(polars.col("worker").is_not_null())
        .group_by("worker", polars.col("start").dt.date().alias("day"))
        .agg(polars.col("seconds").sum(), polars.col("row").min())
        .filter(polars.col("seconds") > _DAY)
    )
    found.append(
        Defect("days of one worker over 24 hours", days.height, tuple(sorted(days["row"].to_list())),
               "what one person reports for one day adds up to more than a day", "kept; the hours of a person count once", "days")
    )  # fmt: skip
    return found
