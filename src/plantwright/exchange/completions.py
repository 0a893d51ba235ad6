"""Logs that hold nothing but when something was completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from plantwright.events import ColumnChoice, SetAside
from plantwright.exchange.reading import Reading, Shaped, shown
from plantwright.exchange.times import read_times

if TYPE_CHECKING:
    import polars


def of_completions(frame: polars.DataFrame, chosen: Mapping[str, ColumnChoice], reading: Reading) -> Shaped:
    """Reports whose start is the earliest at which their work can have begun: when the order had come, and the station was free.

    So their time is the effective process time: work and whatever kept the station from it, such as a missing person, a breakdown or a
    setup (Kock, Etman and Rooda, 2008, for one machine that keeps the sequence of its orders). An order's first report, and a station's,
    have no such start: only the moment is known.
    """
    import polars as pl

    column = chosen["end"].column
    times = read_times([frame[column].rename(shown(column))], reading)[0]
    reading.notes["times"] = f"{times.written} ({times.evidence})"
    case = chosen["case"].column
    place = chosen["resource" if "resource" in chosen else "activity"].column
    frame = frame.with_columns(times.values.alias("end"))
    unusable = pl.col("end").is_null() | pl.col(case).is_null()
    aside = [
        SetAside(row["row"], "no order" if row[case] is None else f"no time: {row[column]}")
        for row in frame.filter(unusable).iter_rows(named=True)
    ]
    # A copy must not make its own original's time nothing.
    kept = frame.filter(~unusable).sort("end", "row")
    original = pl.when(pl.col("copy of").is_null()).then(pl.col("end"))
    came, free = (original.forward_fill().shift(1).over(key) for key in (case, place))
    kept = kept.with_columns(
        pl.when(came.is_not_null() & free.is_not_null())
        .then(pl.max_horizontal(came, free))
        .otherwise(pl.col("end"))
        .alias("start"),
        pl.lit(None, pl.Float64).alias("span"),
    )
    kept = kept.with_columns(pl.min_horizontal("start", "end").alias("start"))
    reading.warnings.append(
        f"{shown(column)!r} says only when work was completed. Its start is taken for the moment at which the order had come and the station was "
        "free: so times are effective process times, with every wait for people, repair or setup in them, and process time itself cannot be "
        "known; at a station of several machines they are too short"
    )
    return Shaped(kept.sort("row"), aside, 0, "completions")
