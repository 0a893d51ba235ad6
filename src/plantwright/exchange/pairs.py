"""Starts and ends in rows of their own, joined to reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from plantwright.events import ColumnChoice, SetAside
from plantwright.exchange.reading import Reading, Shaped, shown
from plantwright.exchange.times import read_times

if TYPE_CHECKING:
    import polars

START_WORDS = ("start", "begin", "started", "begun", "resume", "resumed")
END_WORDS = (
    "complete",
    "end",
    "finish",
    "stop",
    "completed",
    "ended",
    "finished",
    "suspend",
    "suspended",
    "ate_abort",
    "pi_abort",
    "abort",
)
"""Work that is suspended ends, and begins anew when it is resumed: what lies between is no work."""

_OTHER_STEPS = ("schedule", "assign", "reassign", "enqueue", "autoskip", "manualskip", "withdraw", "queued", "unknown")
"""What else XES has of the life of an activity: nothing of when work was done."""


def join_pairs(frame: polars.DataFrame, chosen: Mapping[str, ColumnChoice], reading: Reading) -> Shaped:
    """Each end of an order's activity at a station belongs to the earliest start of it that has none yet (first in, first out).

    An end before which nothing is open began before the log did, and is set aside; so is a start that is still open at the end.
    """
    import polars as pl

    column = chosen["timestamp"].column
    times = read_times([frame[column].rename(shown(column))], reading)[0]
    reading.notes["times"] = f"{times.written} ({times.evidence})"
    word = pl.col(chosen["lifecycle"].column).cast(pl.String).str.to_lowercase()
    # In the hour that comes twice, only UTC tells what came first.
    utc = times.values if times.utc is None else times.utc
    frame = frame.with_columns(times.values.alias("instant"), utc.alias("utc"), word.alias("phase"))
    keys = [chosen[role].column for role in ("case", "activity", "resource") if role in chosen]
    usable = pl.col("instant").is_not_null() & pl.col(keys[0]).is_not_null()
    begins = pl.col("phase").is_in(START_WORDS)
    halves = frame.filter(usable & (begins | pl.col("phase").is_in(END_WORDS)))
    # At one instant an end belongs to what began at that instant, too, if nothing else is open.
    halves = halves.with_columns(begins.alias("begins")).sort(pl.coalesce("utc", "instant"), ~pl.col("begins"), "row")
    halves = _without_orphans(halves, keys)
    turn = pl.int_range(pl.len()).over(keys).alias("turn")
    starts, ends = (halves.filter(pl.col("begins") == which).with_columns(turn) for which in (True, False))
    # What is said at the end, such as good pieces, counts where the start does not say it.
    said = [name for name in frame.columns if name.startswith("\0") and name not in keys]
    later = ends.select(
        *keys,
        "turn",
        pl.col("instant").alias("end"),
        pl.col("utc").alias("end utc"),
        pl.col("row").alias("end row"),
        *(pl.col(name).alias(f"end {name}") for name in said),
    )
    joined = starts.join(later, on=[*keys, "turn"], how="left", nulls_equal=True).rename(
        {"instant": "start", "utc": "start utc"}
    )
    whole = joined.filter(pl.col("end").is_not_null()).with_columns(
        pl.coalesce(f"end {name}", name).alias(name) for name in said
    )
    used = pl.concat([whole["row"], whole["end row"].alias("row")])
    others = frame.filter(usable & pl.col("phase").is_in(_OTHER_STEPS))
    if others.height:
        reading.notes["other steps"] = ", ".join(
            f"{phase} ({number:,})" for phase, number in others["phase"].value_counts(sort=True).iter_rows()
        )
    reasons = frame.join(pl.DataFrame({"row": pl.concat([used, others["row"]])}), on="row", how="anti")
    aside = [SetAside(row["row"], _why_unpaired(row, column, keys[0])) for row in reasons.iter_rows(named=True)]
    nothing = pl.lit(None, pl.Float64).alias("span")
    if times.utc is None:
        whole = whole.drop("start utc", "end utc")
    return Shaped(whole.with_columns(nothing).sort("row"), aside, whole.height + others.height, "pairs")


def _without_orphans(halves: polars.DataFrame, keys: list[str]) -> polars.DataFrame:
    """The halves without ends before which no start is open: those that bring the starts less the ends to a new low below nothing."""
    import polars as pl

    step = pl.when("begins").then(1).otherwise(-1)
    halves = halves.with_columns(step.cum_sum().over(keys).alias("open"))
    low = pl.min_horizontal(pl.col("open").cum_min().shift(1).over(keys).fill_null(0), 0)
    return halves.filter(pl.col("begins") | (pl.col("open") >= low))


def _why_unpaired(row: dict[str, object], column: str, case: str) -> str:
    if row[case] is None:
        return "no order"
    if row["instant"] is None:
        return f"no time: {row[column]}"
    phase = str(row["phase"])
    if phase in START_WORDS:
        return "a start without its end"
    return "an end without its start" if phase in END_WORDS else f"neither a start nor an end: {phase!r}"
