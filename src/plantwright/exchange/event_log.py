"""Event logs in: the table of a file or of a query to records of work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plantwright.errors import LogError, Place, Problem
from plantwright.events import EventLog, SetAside, held_once
from plantwright.exchange.columns import choose_columns, problems_of_given
from plantwright.exchange.dues import read_dues
from plantwright.exchange.mapping_file import LogMapping, as_mapping
from plantwright.exchange.merged_cells import fill_down
from plantwright.exchange.odd_cells import mend_cells
from plantwright.exchange.odd_times import mended
from plantwright.exchange.quantities import per_report
from plantwright.exchange.reading import Reading, own, shown
from plantwright.exchange.records import records
from plantwright.exchange.run_records import is_run_log, records_of_run
from plantwright.exchange.shapes import shaped
from plantwright.exchange.tables import Table, read_cells
from plantwright.exchange.text import LARGEST_LOG, refuse
from plantwright.exchange.zones import check_zone
from plantwright.plant.readers import nearest

if TYPE_CHECKING:
    import polars

_MOST_TOLD = 12
_PIECE = 1_000_000
_TIMES = ("start", "end", "timestamp")


def read_log(
    path: str | Path,
    mapping: Mapping[str, str] | LogMapping | None = None,
    *,
    zone: str | None = None,
    downtime: str | Path | None = None,
    largest: int = LARGEST_LOG,
) -> EventLog:
    """The event log in a file: CSV, Excel (.xlsx), Parquet, XES or OCEL 2.0 (JSON, XML, SQLite), also packed with gzip.

    The kind is told from the file's first bytes. The log of a run (``plantwright simulate --log``) is read as records of work.

    Parameters
    ----------
    path : path
    mapping : mapping, optional
        Which column is what, such as ``{"case": "Order", "start": "Began"}``; keys are those of
        `plantwright.exchange.columns.ROLES`. Or what `plantwright.exchange.read_mapping` reads from a mapping file. What is not given is guessed, and `EventLog.mapping` shows the evidence.
    zone : str, optional
        Where the plant stands, such as ``Europe/Berlin``: times in UTC or with offsets become its local ones, and changes of its clock
        are heeded.
    downtime : path, optional
        An export of downtime: stops of machines, which are joined to the log (`EventLog.stops`).
    largest : int
        Bytes above which a file is refused.

    Raises
    ------
    LogError
        With everything that is wrong: of no known kind, too large or unpacking to too much, no rows, no column of times, times that
        were cut.
    """
    path = Path(path)
    check_zone(zone, path.name)
    known = as_mapping(mapping)
    log = log_of_table(read_cells(path, largest, known.sheet), path.name, known, zone)
    return _with_downtime(log, downtime, known, zone, largest)


def _with_downtime(
    log: EventLog, downtime: str | Path | None, known: LogMapping, zone: str | None, largest: int = LARGEST_LOG
) -> EventLog:
    if downtime is None:
        return log
    from plantwright.exchange.downtime import join_downtime

    return join_downtime(log, downtime, known.downtime, zone=zone or known.zone, states=known.states, largest=largest)


def read_query(
    url: str,
    query: str,
    mapping: Mapping[str, str] | LogMapping | None = None,
    *,
    zone: str | None = None,
    downtime: str | Path | None = None,
) -> EventLog:
    """The event log that a query of a database gives; `mapping`, `zone` and `downtime` as in `read_log`.

    Parameters
    ----------
    url : str
        As SQLAlchemy takes it, such as ``sqlite:///mes.db``; it and the database's driver must be installed (``plantwright[sql]``).
    query : str
        A ``SELECT``; it is rolled back when its rows are read.

    Raises
    ------
    LogError
        With what is wrong: nothing to connect with, what the database says, and what `read_log` finds.
    """
    from plantwright.exchange.sql import query_cells

    name, table = query_cells(url, query)
    check_zone(zone, name)
    known = as_mapping(mapping)
    return _with_downtime(log_of_table(table, name, known, zone), downtime, known, zone)


def log_of_table(
    table: Table, name: str, mapping: Mapping[str, str] | LogMapping | None = None, zone: str | None = None
) -> EventLog:
    """The records of work in a table of cells; `name` is what its file is called."""
    frame = table.frame
    known = as_mapping(mapping)
    if replace(known, centers={}, places={}) == LogMapping() and not table.uneven and is_run_log(frame.columns):
        return _with_centers(records_of_run(frame, name), known)
    rows_read = frame.height + len(table.uneven)
    if rows_read < 2:
        raise refuse(name, "PW3003", "has one row only; nothing can be learnt from it", 2)
    problems = [*known.problems, *problems_of_given(frame, known.columns, name, known.places)]
    if problems:
        raise LogError(problems)
    chosen = choose_columns(frame, known.columns, name, table.hints)
    reading = Reading(
        name, dict(table.notes), list(table.warnings), known.states, known.types, zone or known.zone, known.time_format
    )
    reading.warnings += [
        f"several columns are called {twice!r}; the first is taken, the others are not looked at"
        for twice in table.twice
        if any(choice.column == twice for choice in chosen.values())
    ]
    cells = frame.columns
    unused = [repr(column) for column in cells if column not in {choice.column for choice in chosen.values()}]
    if unused:
        reading.notes["not used"] = ", ".join(unused[:_MOST_TOLD]) + (", ..." if len(unused) > _MOST_TOLD else "")
    frame = frame.rename({column: own(column) for column in cells}).with_columns(table.lines)
    chosen = {what: replace(choice, column=own(choice.column)) for what, choice in chosen.items()}
    frame = mend_cells(frame, chosen, reading)
    frame = fill_down(frame, chosen, reading)
    frame = frame.with_columns(_copies(frame, [own(column) for column in cells]))
    aside = [
        SetAside(line, f"more cells than the header names columns: {number}, not {len(cells)}")
        for line, number in table.uneven
    ]
    commas_divide = table.commas_divide
    # The texts of times take as much memory as all else; nobody looks at them again once they are read.
    del table
    made = shaped(frame, chosen, reading)
    reading.mended += mended(reading, frame["row"])
    read = {choice.column for what, choice in chosen.items() if what not in _TIMES}
    frame = made.frame.select(name for name in made.frame.columns if name in read or name != own(shown(name)))
    made = replace(made, frame=frame)
    aside += made.aside
    if frame.is_empty():
        raise refuse(name, "PW3003", f"no row could be read as an event; the first: {aside[0].reason}", aside[0].row)
    dues = read_dues(frame, chosen, reading)
    events, unread = records(frame, chosen, commas_divide, reading)
    events = per_report(events, reading.notes)
    shown_mapping = tuple(replace(choice, column=shown(choice.column)) for choice in chosen.values())
    log = EventLog(
        name, held_once(events), shown_mapping, rows_read, tuple(aside), made.joined, reading.notes, tuple(reading.warnings), tuple(unread),
        made.shape, made.stops, made.elapsed, tuple(reading.mended), reading.blank, dues,
    )  # fmt: skip
    return _with_centers(log, known)


def _with_centers(log: EventLog, known: LogMapping) -> EventLog:
    """The log with the work centers that a mapping file names. LogError for stations that are not in it."""
    if not known.centers:
        return log
    there = [str(station) for station in log.table["station"].unique().to_list()]
    problems = [
        Problem("PW3071", known.places.get(f"work centers > {station}", Place(log.name)), f"work centers > {station}",
                f"no station of {log.name} is called so", station, nearest(station, there))
        for station in known.centers
        if station not in there
    ]  # fmt: skip
    if problems:
        raise LogError(problems)
    return replace(log, centers=known.centers)


def _copies(frame: polars.DataFrame, cells: list[str]) -> polars.Series:
    """For each row that equals an earlier one in every cell, where that stands. Only rows of equal hash are compared."""
    import polars as pl

    # In pieces, for the hashes of the single cells are held beside each other.
    narrow = frame.select(cells).with_columns(pl.col(pl.Categorical).to_physical())
    hashes = pl.concat([piece.hash_rows(seed=1) for piece in narrow.iter_slices(_PIECE)])
    ranked = hashes.sort()
    if not (ranked == ranked.shift(1)).any():
        return pl.Series("copy of", [None], dtype=pl.Int64).new_from_index(0, frame.height)
    like = hashes.is_duplicated()
    first = pl.col("row").min().over(cells)
    found = frame.filter(like).select("row", pl.when(pl.col("row") > first).then(first).cast(pl.Int64).alias("copy of"))
    copies = found.filter(pl.col("copy of").is_not_null()).unique("row")
    return frame.select("row").join(copies, on="row", how="left", maintain_order="left")["copy of"]
