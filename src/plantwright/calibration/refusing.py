"""Logs that nobody can mend: refused, with what was lost and how to get it back."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from plantwright.errors import LogError, Place, Problem
from plantwright.events import EventLog

if TYPE_CHECKING:
    import polars

_DATES_ONLY = 0.8
_FEWEST = 100
_HALF, _HOURS, _BACKWARD = 0.005, 8, 0.02
"""Hours of the half day that hold this share of the times each, how many there are at least, and how many reports end before they start, past noon or midnight."""

_APART, _LIKENESS, _CROSSED = 0.5, 0.3, 0.3


def refuse_times(name: str, table: polars.DataFrame) -> None:
    """LogError for a log whose times were cut to dates or to half days, or whose columns were sorted apart."""
    _refuse_dates(name, table)
    _refuse_halves(name, table)
    _refuse_apart(name, table)


def _refuse_dates(name: str, table: polars.DataFrame) -> None:
    """Refuse a log whose times were cut to dates."""
    import polars

    dates = table.select(polars.all_horizontal(polars.col("start", "end").dt.time() == time()).mean()).item() or 0.0
    if dates >= _DATES_ONLY:
        reason = (
            f"{100 * dates:.0f} % of its rows start and end at 00:00: the times were cut to dates. When work began within a day, and how long it took, is "
            "not in it. Export the times with hours and minutes"
        )
        raise LogError([Problem("PW3064", Place(name), "", reason)])


def _refuse_halves(name: str, table: polars.DataFrame) -> None:
    """Refuse a log whose hours end at 12, though work goes on past it: AM and PM are lost."""
    import polars as pl

    if table.height < _FEWEST or float((table["seconds"] < 0).mean() or 0.0) < _BACKWARD:  # type: ignore[arg-type]
        return
    hours = pl.concat([table["start"].dt.hour(), table["end"].dt.hour().rename("start")])
    counts = dict(hours.value_counts().iter_rows())
    used = {hour for hour, number in counts.items() if number >= _HALF * hours.len()}
    # A shop that goes home at noon has no hour of 1; one that works by night has hours of 0.
    if min(counts) < 1 or max(counts) > 12 or len(used) < _HOURS or not {1, 12} <= used:
        return
    reason = (
        f"no time of day lies beyond 12 o'clock, and {100 * float((table['seconds'] < 0).mean()):.0f} % of the reports end before they start: AM and PM are lost, "  # type: ignore[arg-type]
        "and with them half of each time. Export the times with 24 hours, or with AM and PM"
    )
    raise LogError([Problem("PW3069", Place(name), "", reason)])


def _refuse_apart(name: str, table: polars.DataFrame) -> None:
    """Refuse a log whose columns of times do not belong to the rest of their rows: a spreadsheet sorted them by themselves."""
    import polars as pl

    known = table.filter(~pl.col("far") & ~pl.col("nowhen") & pl.col("copy of").is_null())
    crossed = float((known["seconds"] < 0).mean() or 0.0)  # type: ignore[arg-type]
    stated = known.filter(pl.col("contradicts") | (pl.col("span") > 0)).filter(pl.col("span") > 0)
    apart, likeness = 0.0, 1.0
    if stated.height >= _FEWEST:
        apart = float(stated["contradicts"].mean() or 0.0)  # type: ignore[arg-type]
        likeness = float(stated.select(pl.corr("span", "seconds", method="spearman")).item() or 0.0)
    if known.height < _FEWEST or (crossed < _CROSSED and (apart < _APART or likeness > _LIKENESS)):
        return
    said = [f"{100 * crossed:.0f} % of the reports end before they start"] if crossed >= _CROSSED else []
    if apart >= _APART:
        said.append(
            f"{100 * apart:.0f} % of the stated durations are not end less start, nor longer where that is longer"
        )
    reason = (
        f"{' and '.join(said)}: starts and ends do not belong to the other cells of their rows, as where a spreadsheet sorted some columns by themselves. Nobody can put "
        "them together again: export the log anew"
    )
    raise LogError([Problem("PW3070", Place(name), "", reason)])


def refuse_if_hopeless(log: EventLog, used: polars.DataFrame) -> None:
    """Raise LogError where too little of a log is left to make a plant of; ``used`` are the rows that are."""
    place = Place(log.name)
    if used.height < 0.5 * (log.rows_read - log.joined):
        reason = f"only {used.height} of {log.rows_read} rows can be used: too damaged"
        raise LogError([Problem("PW3030", place, "", reason)])
    if used["order"].n_unique() < 2:
        raise LogError([Problem("PW3031", place, "", "holds one order only; nothing can be learnt from it")])
    if not (used["seconds"] > 0).any():
        raise LogError([Problem("PW3032", place, "", "no row takes any time: the log holds moments, not work")])
