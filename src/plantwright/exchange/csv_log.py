"""Event logs in CSV: any separator, decimal comma, code page; intervals, or start and end in rows of their own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plantwright.events import COLUMNS, ColumnChoice, EventLog, SetAside
from plantwright.exchange.columns import choose_columns
from plantwright.exchange.numbers import read_numbers
from plantwright.exchange.run_records import is_run_log, records_of_run
from plantwright.exchange.text import LARGEST_LOG, read_table, refuse
from plantwright.exchange.times import read_times, span_seconds

if TYPE_CHECKING:
    import polars

_START_WORDS = ("start", "begin", "started", "begun")
_END_WORDS = ("complete", "end", "finish", "stop", "completed", "ended", "finished")
_TRUE = ("y", "yes", "true", "1", "x", "ja", "j")
_SETUP, _BREAKDOWN = (
    re.compile(r"^\s*(set[\s-]?up|changeover|rüsten)\b", re.I),
    re.compile(r"break ?down|failure|störung", re.I),
)


def read_log(path: str | Path, mapping: Mapping[str, str] | None = None, *, largest: int = LARGEST_LOG) -> EventLog:
    """The event log in a CSV file; or the log of a run (``plantwright simulate --log``), in CSV or Parquet, as records of work.

    Parameters
    ----------
    path : path
    mapping : mapping, optional
        Which column is what, such as ``{"case": "Order", "start": "Began"}``; keys are those of
        `plantwright.exchange.columns.ROLES`. What is not given is guessed, and `EventLog.mapping` shows the evidence.
    largest : int
        Bytes above which a file is refused.

    Raises
    ------
    LogError
        With everything that is wrong: not text, too large, no rows, no column of times, times that were cut.
    """
    import polars

    path = Path(path)
    if path.suffix.lower() == ".parquet":
        return _run_in_parquet(path)
    text = read_table(path, largest)
    frame = text.frame
    if mapping is None and not text.uneven and is_run_log(frame.columns):
        return records_of_run(frame, path.name)
    rows_read = frame.height + len(text.uneven)
    if rows_read < 2:
        raise refuse(path.name, "PW3003", "has one row only; nothing can be learnt from it", 2)
    chosen = choose_columns(frame, mapping, path.name)
    cells = frame.columns
    frame = frame.rename({name: _own(name) for name in cells}).with_columns(text.lines)
    chosen = {what: replace(choice, column=_own(choice.column)) for what, choice in chosen.items()}
    first = polars.col("row").min().over([_own(name) for name in cells])
    copies = polars.when(polars.col("row") > first).then(first).cast(polars.Int64)
    frame = frame.with_columns(copies.alias("copy of"))
    notes = {"text": text.encoding, "separator": text.separator}
    warnings = [
        f"several columns are called {name!r}; the first is taken, the others are not looked at"
        for name in text.twice
        if any(choice.column == _own(name) for choice in chosen.values())
    ]
    aside = [
        SetAside(line, f"more cells than the header names columns: {number}, not {len(cells)}")
        for line, number in text.uneven
    ]
    joined = 0
    if "lifecycle" in chosen:
        frame, unusable, joined = _join_pairs(frame, chosen, path.name, notes)
    else:
        frame, unusable = _intervals(frame, chosen, path.name, notes, warnings)
    aside += unusable
    if frame.is_empty():
        raise refuse(
            path.name, "PW3003", f"no row could be read as an event; the first: {aside[0].reason}", aside[0].row
        )
    _tell_zone(notes, warnings)
    table, unread = _columns(frame, chosen, text.separator == "comma", notes)
    mapping_shown = tuple(replace(choice, column=_shown(choice.column)) for choice in chosen.values())
    return EventLog(
        path.name, table, mapping_shown, rows_read, tuple(aside), joined, notes, tuple(warnings), tuple(unread)
    )


def _run_in_parquet(path: Path) -> EventLog:
    import polars

    try:
        frame = polars.read_parquet(path)
    except (OSError, polars.exceptions.PolarsError) as error:
        raise refuse(path.name, "PW3001", f"cannot be read: {error}") from error
    if not is_run_log(frame.columns):
        raise refuse(path.name, "PW3001", "is not the log of a run; of other logs CSV is read")
    return records_of_run(frame, path.name)


def _own(column: str) -> str:
    """The name of a file's column in a frame that also has columns called row, start or end: a name that no file can have."""
    return f"\0{column}"


def _shown(column: str) -> str:
    return column.removeprefix("\0")


def _tell_zone(notes: Mapping[str, str], warnings: list[str]) -> None:
    if notes["times"].startswith("UTC"):
        warnings.append(
            "all times are in UTC: the hours of work found are not those of the clock on the wall, and move where summer time begins; "
            "export local times to see shifts as people know them"
        )


def _seconds(
    texts: polars.Series, start: polars.Series | None, end: polars.Series, notes: dict[str, str]
) -> polars.Series:
    """Stated durations in seconds; plain numbers in the unit that agrees with the times, minutes where nothing tells."""
    import polars

    if texts.drop_nulls().head(50).str.contains(":").any():
        return polars.Series("span", [span_seconds(text, True) for text in texts.to_list()], dtype=polars.Float64)
    minutes = polars.Series("span", [span_seconds(text, True) for text in texts.to_list()], dtype=polars.Float64)
    if start is None:
        notes["durations"] = "plain numbers, taken for minutes"
        return minutes
    measured = (end - start).dt.total_seconds()
    best = min((1.0, 1 / 60, 60.0), key=lambda factor: float((minutes * factor - measured).abs().median() or 0.0))  # type: ignore[arg-type]
    notes["durations"] = {1.0: "minutes", 1 / 60: "seconds", 60.0: "hours"}[best]
    return minutes * best


def _intervals(
    frame: polars.DataFrame, chosen: dict[str, ColumnChoice], file: str, notes: dict[str, str], warnings: list[str]
) -> tuple[polars.DataFrame, list[SetAside]]:
    """Start and end stand in one row; a missing start is the end less the duration."""
    import polars

    names = [chosen[role].column for role in ("start", "end") if role in chosen]
    times = read_times([frame[name].rename(_shown(name)) for name in names], file)
    notes["times"] = f"{times[0].written} ({times[0].evidence})"
    end = times[-1].values.alias("end")
    start = times[0].values.alias("start") if "start" in chosen else None
    span = polars.Series("span", [None] * frame.height, dtype=polars.Float64)
    if "span" in chosen:
        span = _seconds(frame[chosen["span"].column], start, end, notes).alias("span")
    if start is None:
        start = (end - (span * 1e6).cast(polars.Duration("us"))).alias("start")
        stated = _shown(chosen["span"].column)
        warnings.append(
            f"there is no column of starts: each was taken as the end less {stated!r}; where the durations are wrong, so are "
            "the starts, and no start can be checked against them"
        )  # fmt: skip
    frame = frame.with_columns(start, end, span)
    case = chosen["case"].column
    unusable = polars.col("start").is_null() | polars.col("end").is_null() | polars.col(case).is_null()
    aside = [
        SetAside(row["row"], "no order" if row[case] is None else f"no time: {' / '.join(str(row[name]) for name in names)}")
        for row in frame.filter(unusable).iter_rows(named=True)
    ]  # fmt: skip
    return frame.filter(~unusable), aside


def _join_pairs(
    frame: polars.DataFrame, chosen: dict[str, ColumnChoice], file: str, notes: dict[str, str]
) -> tuple[polars.DataFrame, list[SetAside], int]:
    """Starts and ends in rows of their own: the n-th end of an order's activity at a station belongs to its n-th start."""
    import polars

    column = chosen["timestamp"].column
    times = read_times([frame[column].rename(_shown(column))], file)[0]
    notes["times"] = f"{times.written} ({times.evidence})"
    word = polars.col(chosen["lifecycle"].column).str.to_lowercase()
    frame = frame.with_columns(times.values.alias("instant"), word.alias("phase"))
    keys = [chosen[role].column for role in ("case", "activity", "resource") if role in chosen]
    usable = polars.col("instant").is_not_null() & polars.col(keys[0]).is_not_null()
    number = polars.int_range(polars.len()).over(keys).alias("turn")
    starts = frame.filter(usable & polars.col("phase").is_in(_START_WORDS)).sort("instant", "row").with_columns(number)
    ends = frame.filter(usable & polars.col("phase").is_in(_END_WORDS)).sort("instant", "row").with_columns(number)
    halves = ends.select(*keys, "turn", polars.col("instant").alias("end"), polars.col("row").alias("end row"))
    joined = starts.join(halves, on=[*keys, "turn"], how="left", nulls_equal=True).rename({"instant": "start"})
    whole = joined.filter(polars.col("end").is_not_null())
    used = polars.concat([whole["row"], whole["end row"].alias("row")])
    reasons = frame.filter(~polars.col("row").is_in(used.implode()))
    aside = [SetAside(row["row"], _why_unpaired(row, column, keys[0])) for row in reasons.iter_rows(named=True)]
    nothing = polars.lit(None, polars.Float64).alias("span")
    return whole.with_columns(nothing).sort("row"), aside, whole.height


def _why_unpaired(row: dict[str, object], column: str, case: str) -> str:
    if row[case] is None:
        return "no order"
    if row["instant"] is None:
        return f"no time: {row[column]}"
    phase = str(row["phase"])
    if phase in _START_WORDS:
        return "a start without its end"
    return "an end without its start" if phase in _END_WORDS else f"neither a start nor an end: {phase!r}"


def _columns(
    frame: polars.DataFrame, chosen: dict[str, ColumnChoice], commas_divide: bool, notes: dict[str, str]
) -> tuple[polars.DataFrame, list[SetAside]]:
    """The table of an `EventLog` from the columns of the file, and the cells that should hold a number and do not."""
    import polars

    unread: list[SetAside] = []

    def text(role: str, fallback: str | None = None) -> polars.Series:
        if role in chosen:
            return frame[chosen[role].column].alias(role)
        return polars.Series(role, [fallback] * frame.height, dtype=polars.String)

    def numbers(role: str) -> polars.Series:
        texts = text(role).to_list()
        values, decimal_comma = read_numbers(texts, commas_divide)
        if decimal_comma:
            notes["numbers"] = "with decimal commas"
        unreadable(role, texts, values)
        return polars.Series(role, values, dtype=polars.Float64)

    def unreadable(role: str, texts: list[str | None], values: list[float | None]) -> None:
        for row, cell, value in zip(frame["row"].to_list(), texts, values, strict=True):
            if cell is not None and value is None:
                unread.append(SetAside(row, f"{_shown(chosen[role].column)}: {cell}"))

    activity = text("activity").fill_null("unnamed")
    station = text("resource") if "resource" in chosen else activity
    kinds = [_kind(kind, name) for kind, name in zip(text("type").to_list(), activity.to_list(), strict=True)]
    if "type" in chosen:
        notes["types"] = _types(text("type").to_list(), kinds)
    if "span" in chosen:
        unreadable("span", text("span").to_list(), frame["span"].to_list())
    rework = [None if value is None else value.lower() in _TRUE for value in text("rework").to_list()]
    table = polars.DataFrame(
        [
            frame["row"].cast(polars.Int64),
            text("case").alias("order"),
            activity,
            station.alias("station").fill_null(activity),
            text("worker"),
            text("product").fill_null("order"),
            polars.Series("type", kinds, dtype=polars.String),
            frame["start"].cast(polars.Datetime("us")),
            frame["end"].cast(polars.Datetime("us")),
            frame["span"],
            numbers("quantity"),
            numbers("rejected"),
            numbers("order quantity"),
            polars.Series("rework", rework, dtype=polars.Boolean),
            text("span").alias("span text"),
            frame["copy of"],
        ]
    ).select(COLUMNS)
    return table, unread


def _types(written: list[str | None], kinds: list[str]) -> str:
    """How each type of report is read: the mark ``S`` says setup only because people write it so."""
    pairs = Counter(zip([word or "blank" for word in written], kinds, strict=True)).most_common(8)
    return ", ".join(f"{word} read as {kind} ({number:,})" for (word, kind), number in pairs)


def _kind(kind: str | None, activity: str) -> str:
    """What a report is about: its own type, or what its name says. One letter is read as S for setup and B for breakdown."""
    word = (kind or "").strip().lower()
    if word in ("s", "setup", "set-up", "set up", "changeover", "rüsten") or _SETUP.match(activity):
        return "setup"
    return (
        "breakdown"
        if word in ("b", "breakdown", "failure", "störung", "down") or _BREAKDOWN.search(activity)
        else "work"
    )
