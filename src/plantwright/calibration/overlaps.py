"""Reports that overlap: on a station, of a person, within an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plantwright.calibration.quality import Defect
from plantwright.events import each

if TYPE_CHECKING:
    import polars

_DAY = 86400.0


def overlapping(table: polars.DataFrame, by: str) -> polars.DataFrame:
    """The rows that start before the latest end of the rows before them, sorted by start and end, of the same `by`."""
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
    return ordered.filter(group.is_in(busy.implode())).filter((polars.col("start") < latest).fill_null(False))


def overlaps(table: polars.DataFrame) -> list[Defect]:
    """The defects of reports that overlap, and of days of people that have more than 24 hours."""
    import polars

    narrow = table.lazy().filter(~polars.col("negative") & ~polars.col("far"))
    forward = narrow.select("row", "station", "worker", "order", "start", "end", "seconds").collect()
    forward = forward.sort("start", "end", maintain_order=True)

    def of(by: str) -> polars.DataFrame:
        one = forward.select("row", by, "start", "end")
        return _overlapping(one.filter(polars.col(by).is_not_null()) if one[by].null_count() else one, by)

    at, people, orders = of("station"), of("worker"), of("order")
    named = at.filter(each(at["station"], lambda name: "machine" in name.lower(), polars.Boolean))
    shared = "one machine counts once: its time is shared among the reports that overlap; a place where several work at once gets several places"
    named_what = "overlaps on stations named Machine"

    def defect(kind: str, rows: polars.DataFrame, cause: str, action: str) -> Defect:
        return Defect(kind, rows.height, tuple(rows["row"].sort().to_list()), cause, action)

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
        Defect("days of one worker over 24 hours", days.height, tuple(days["row"].sort().to_list()),
               "what one person reports for one day adds up to more than a day", "kept; the hours of a person count once", "days")
    )  # fmt: skip
    return found
