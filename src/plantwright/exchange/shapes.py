"""How a log tells when work was done: as intervals, as starts and ends in rows of their own, as completions, as machine states."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

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
    texts: polars.Series, start: polars.Series | None, end: polars.Series | None, reading: Reading
) -> polars.Series:
    """Stated durations in seconds; plain numbers in the unit that agrees with the times, minutes where nothing tells."""
    import polars as pl

    known = {text: span_seconds(text, True) for text in texts.unique().to_list()}
    minutes = texts.replace_strict(known, return_dtype=pl.Float64) if known else texts.cast(pl.Float64)
    if texts.drop_nulls().head(50).str.contains(":").any():
        return minutes
    if start is None or end is None:
        reading.notes["durations"] = "plain numbers, taken for minutes"
        return minutes
    measured = (end - start).dt.total_seconds()
    best = min((1.0, 1 / 60, 60.0), key=lambda factor: float((minutes * factor - measured).abs().median() or 0.0))  # type: ignore[arg-type]
    reading.notes["durations"] = {1.0: "minutes", 1 / 60: "seconds", 60.0: "hours"}[best]
    return minutes * best


_TOTAL = re.compile(
    r"^\s*(?:grand |sub)?(?:total|sum|summe|gesamt|zwischensumme|average|mittelwert|count|page|seite)\b"
    r"|\b(?:total|subtotal|ergebnis|summe|totaal|totale|razem)\s*:?\s*$",
    re.IGNORECASE,
)


def why_unusable(row: Mapping[str, Any], case: str, times: Sequence[str]) -> str:
    """Why a row without an order or a time is no report: it is the header again, a total, or it lacks the one or the other."""
    cells = {name: str(value) for name, value in row.items() if name.startswith("\0") and value is not None}
    if sum(shown(name) == value.strip() for name, value in cells.items()) > 0.5 * len(cells):
        return "the header again"
    if all(row[name] is None for name in times) and any(_TOTAL.search(value) for value in cells.values()):
        return "a total, no report"
    if row[case] is None:
        return "no order"
    return f"no time: {' / '.join(str(row[name]) for name in times)}"


def _intervals(frame: polars.DataFrame, chosen: Mapping[str, ColumnChoice], reading: Reading) -> Shaped:
    """Start and end stand in one row; a missing one is the other less, or with, the duration."""
    import polars as pl

    names = [chosen[role].column for role in ("start", "end") if role in chosen]
    times = read_times([frame[name].rename(shown(name)) for name in names], reading)
    reading.notes["times"] = f"{times[0].written} ({times[0].evidence})"
    end = times[-1].values.alias("end") if "end" in chosen else None
    start = times[0].values.alias("start") if "start" in chosen else None
    span = pl.Series("span", [None], dtype=pl.Float64).new_from_index(0, frame.height)
    if "span" in chosen:
        span = stated_seconds(as_text(frame[chosen["span"].column]), start, end, reading).alias("span")
    if end is None:
        assert start is not None
        end = (start + (span * 1e6).cast(pl.Duration("us"))).alias("end")
        reading.warnings.append(
            f"there is no column of ends: each was taken as the start and {shown(chosen['span'].column)!r}; where the durations are wrong, so are the ends"
        )
    elif start is None:
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
        SetAside(row["row"], why_unusable(row, case, names)) for row in frame.filter(unusable).iter_rows(named=True)
    ]
    return Shaped(frame.filter(~unusable) if aside else frame, aside)
