"""How a log tells when work was done: as intervals, as starts and ends in rows of their own, as completions, as machine states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from plantwright.events import ColumnChoice, SetAside
from plantwright.exchange.completions import of_completions
from plantwright.exchange.pairs import join_pairs
from plantwright.exchange.reading import Reading, Shaped, shown
from plantwright.exchange.states import of_states
from plantwright.exchange.tables import as_text
from plantwright.exchange.times import read_times, span_seconds
from plantwright.exchange.zones import elapsed

if TYPE_CHECKING:
    import polars


def shaped(frame: polars.DataFrame, chosen: Mapping[str, ColumnChoice], reading: Reading) -> Shaped:
    """The rows of a log as intervals, whichever way it tells them."""
    if "state" in chosen:
        read = of_states
    elif "lifecycle" in chosen:
        read = join_pairs
    elif "start" not in chosen and "span" not in chosen:
        read = of_completions
    else:
        read = _intervals
    made = read(frame, chosen, reading)
    _tell_zone(reading)
    rows, passed = elapsed(made.frame, reading)
    return replace(made, frame=rows, elapsed=passed)


def _tell_zone(reading: Reading) -> None:
    if reading.notes["times"].startswith("UTC"):
        reading.warnings.append(
            "all times are in UTC: the hours of work found are not those of the clock on the wall, and move where summer time begins; "
            "export local times to see shifts as people know them"
        )


def stated_seconds(
    texts: polars.Series, start: polars.Series | None, end: polars.Series, reading: Reading
) -> polars.Series:
    """Stated durations in seconds; plain numbers in the unit that agrees with the times, minutes where nothing tells."""
    import polars as pl

    known = {text: span_seconds(text, True) for text in texts.unique().to_list()}
    minutes = texts.replace_strict(known, return_dtype=pl.Float64) if known else texts.cast(pl.Float64)
    if texts.drop_nulls().head(50).str.contains(":").any():
        return minutes
    if start is None:
        reading.notes["durations"] = "plain numbers, taken for minutes"
        return minutes
    measured = (end - start).dt.total_seconds()
    best = min((1.0, 1 / 60, 60.0), key=lambda factor: float((minutes * factor - measured).abs().median() or 0.0))  # type: ignore[arg-type]
    reading.notes["durations"] = {1.0: "minutes", 1 / 60: "seconds", 60.0: "hours"}[best]
    return minutes * best


def _intervals(frame: polars.DataFrame, chosen: Mapping[str, ColumnChoice], reading: Reading) -> Shaped:
    """Start and end stand in one row; a missing start is the end less the duration."""
    import polars as pl

    names = [chosen[role].column for role in ("start", "end") if role in chosen]
    times = read_times([frame[name].rename(shown(name)) for name in names], reading)
    reading.notes["times"] = f"{times[0].written} ({times[0].evidence})"
    end = times[-1].values.alias("end")
    start = times[0].values.alias("start") if "start" in chosen else None
    span = pl.Series("span", [None], dtype=pl.Float64).new_from_index(0, frame.height)
    if "span" in chosen:
        span = stated_seconds(as_text(frame[chosen["span"].column]), start, end, reading).alias("span")
    if start is None:
        start = (end - (span * 1e6).cast(pl.Duration("us"))).alias("start")
        stated = shown(chosen["span"].column)
        reading.warnings.append(
            f"there is no column of starts: each was taken as the end less {stated!r}; where the durations are wrong, so are "
            "the starts, and no start can be checked against them"
        )  # fmt: skip
    utc = [
        time.utc.alias(f"{what} utc")
        for what, time in zip(("start", "end"), times, strict=False)
        if time.utc is not None
    ]
    frame = frame.with_columns(start, end, span, *(utc if len(utc) == 2 else ()))
    case = chosen["case"].column
    unusable = pl.col("start").is_null() | pl.col("end").is_null() | pl.col(case).is_null()
    aside = [
        SetAside(row["row"], "no order" if row[case] is None else f"no time: {' / '.join(str(row[name]) for name in names)}")
        for row in frame.filter(unusable).iter_rows(named=True)
    ]  # fmt: skip
    return Shaped(frame.filter(~unusable) if aside else frame, aside)
