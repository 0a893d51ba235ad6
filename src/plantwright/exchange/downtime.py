"""Exports of downtime, joined to a log of work: reports are cut where their machine stood still."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantwright.errors import LogError, Place, Problem
from plantwright.events import ColumnChoice, EventLog
from plantwright.exchange.columns import choose_of
from plantwright.exchange.reading import Reading, own, shown
from plantwright.exchange.shapes import stated_seconds
from plantwright.exchange.states import stops_of, with_ends
from plantwright.exchange.tables import as_text, read_cells
from plantwright.exchange.text import LARGEST_LOG, refuse
from plantwright.exchange.times import read_times

if TYPE_CHECKING:
    import polars

_ROLES = ("resource", "start", "end", "span", "timestamp", "state", "reason")


def join_downtime(
    log: EventLog,
    path: str | Path,
    mapping: Mapping[str, str] | None = None,
    *,
    zone: str | None = None,
    states: Mapping[str, str] | None = None,
    largest: int = LARGEST_LOG,
) -> EventLog:
    """The log with the stops of an export of downtime: a row for each stop with its machine, start and end (or duration), or states.

    Work that was under way while its machine stood still is cut into the pieces before and after, with the stop as a report of type
    ``breakdown`` between them. Stops while no order was there are in `EventLog.stops` only.

    Raises LogError where the export cannot be read, or where none of its machines is in the log.
    """
    path = Path(path)
    stops, reading = _read(path, mapping, largest, Reading(path.name, zone=zone, states=states or {}))
    known = _stations(log.table["station"].unique().to_list(), stops["station"].unique().to_list())
    here = stops.with_columns(stops["station"].replace_strict(known, default=None, return_dtype=stops["station"].dtype))
    strange = sorted(name for name in stops["station"].unique().to_list() if name not in known)
    if here["station"].null_count() == here.height:
        names = ", ".join(map(repr, strange[:5]))
        raise refuse(
            path.name,
            "PW3051",
            f"none of its machines is in the log: {names}; the log has {log.table['station'][0]!r} and others",
        )
    here = here.filter(here["station"].is_not_null())
    table, cut, inside = _cut(log.table, here)
    hours = float((here["end"] - here["start"]).dt.total_seconds().sum()) / 3600.0
    notes = {**log.notes, "downtime": f"{path.name}: {here.height:,} stops of {len(set(known.values()))} machines, {hours:,.0f} h; "
             f"{cut:,} reports are cut by them"}  # fmt: skip
    warnings = [*log.warnings, *reading.warnings]
    if strange:
        lost = stops.height - here.height
        warnings.append(
            f"{path.name}: {lost:,} stops are of machines that the log does not know, such as {strange[0]!r}; they are left out"
        )
    if inside:
        warnings.append(
            f"{path.name}: {inside:,} reports lie wholly within a stop of their machine; they are kept as they are"
        )
    import polars as pl

    both = here if log.stops is None else pl.concat([log.stops, here])
    return replace(
        log,
        table=table,
        rows_read=log.rows_read + table.height - log.table.height,
        notes=notes,
        warnings=tuple(warnings),
        stops=both,
    )


def _read(
    path: Path, mapping: Mapping[str, str] | None, largest: int, reading: Reading
) -> tuple[polars.DataFrame, Reading]:
    """The stops of an export, their machines as it names them."""
    import polars as pl

    cells = read_cells(path, largest)
    chosen = choose_of(cells.frame, mapping, path.name, _ROLES)
    _check(chosen, path.name, cells.frame.columns)
    reading.warnings += cells.warnings
    frame = cells.frame.rename({name: own(name) for name in cells.frame.columns}).with_columns(cells.lines)
    chosen = {role: replace(choice, column=own(choice.column)) for role, choice in chosen.items()}
    machine = chosen["resource"].column
    reason = chosen["reason"].column if "reason" in chosen else None
    if "state" in chosen and "end" not in chosen and "span" not in chosen:
        states = with_ends(frame, chosen, reading)
        return stops_of(
            states.filter(pl.col("kind") == "breakdown"), machine, reason or chosen["state"].column
        ), reading
    names = [chosen[role].column for role in ("start", "end") if role in chosen]
    times = read_times([frame[name].rename(shown(name)) for name in names], reading)
    start, end = times[0].values.alias("start"), times[-1].values.alias("end")
    if "end" not in chosen:
        span = stated_seconds(as_text(frame[chosen["span"].column]), None, start, reading)
        end = (start + (span * 1e6).cast(pl.Duration("us"))).alias("end")
    stops = stops_of(frame.with_columns(start, end), machine, reason)
    left = frame.height - stops.height
    if left:
        reading.warnings.append(
            f"{path.name}: {left:,} rows without a machine, a start or an end after it are left out"
        )
    return stops.filter(pl.col("station").is_not_null()), reading


def _check(chosen: Mapping[str, ColumnChoice], file: str, columns: list[str]) -> None:
    names = ", ".join(map(repr, columns))
    problems = []
    if "resource" not in chosen:
        problems.append(Problem("PW3050", Place(file, 1), "", f"no column of machines is found; there is {names}"))
    if not ("state" in chosen and {"timestamp", "start"} & chosen.keys()) and not (
        "start" in chosen and {"end", "span"} & chosen.keys()
    ):
        problems.append(
            Problem(
                "PW3050",
                Place(file, 1),
                "",
                f"no start with an end or a duration is found, nor states; there is {names}",
            )
        )
    if problems:
        raise LogError(problems)


def _stations(stations: list[str], machines: list[str]) -> dict[str, str]:
    """Which station of the log each machine of the export is: of the same name, or the only one whose name holds it as words."""

    def words(name: str) -> str:
        return " " + " ".join("".join(c if c.isalnum() else " " for c in name.lower()).split()) + " "

    by_words: dict[str, str] = {words(name): name for name in stations}
    found = {}
    for machine in machines:
        name = words(machine or "")
        holding = [station for other, station in by_words.items() if name in other]
        if name in by_words:
            found[machine] = by_words[name]
        elif name.strip() and len(holding) == 1:
            found[machine] = holding[0]
    return found


def _cut(table: polars.DataFrame, stops: polars.DataFrame) -> tuple[polars.DataFrame, int, int]:
    """The table with each report cut at the stops of its station; how many were cut, and how many lie within one."""
    import polars as pl

    of: dict[str, list[tuple[Any, Any]]] = {}
    for station, start, end in stops.sort("start", "end").select("station", "start", "end").iter_rows():
        own_stops = of.setdefault(station, [])
        if own_stops and start <= own_stops[-1][1]:
            own_stops[-1] = own_stops[-1][0], max(end, own_stops[-1][1])
        else:
            own_stops.append((start, end))
    may = table.with_row_index("at").filter(
        pl.col("station").is_in(list(of)) & pl.col("type").is_in(("work", "setup")) & pl.col("copy of").is_null() & (pl.col("end") > pl.col("start"))
    )  # fmt: skip
    rows: list[int] = []
    starts, ends, kinds = [], [], []
    uncut: set[int] = set()
    inside = 0
    for at, station, start, end, kind in may.select("at", "station", "start", "end", "type").iter_rows():
        pieces = _pieces(start, end, of[station], kind)
        if [piece[2] for piece in pieces] == ["breakdown"]:
            inside += 1
        elif len(pieces) > 1:
            uncut.add(at)
            for begin, until, what in pieces:
                rows.append(at)
                starts.append(begin)
                ends.append(until)
                kinds.append(what)
    if not rows:
        return table, 0, inside
    made = table[rows].with_columns(
        pl.Series("start", starts, dtype=pl.Datetime("us")),
        pl.Series("end", ends, dtype=pl.Datetime("us")),
        pl.Series("type", kinds, dtype=pl.Categorical),
    )
    # What a report counts, it counts once: with its last piece of work. Its stated duration is of the whole.
    last = _last(rows, kinds)
    made = made.with_columns(
        *(pl.when(last).then(pl.col(name)).alias(name) for name in ("quantity", "rejected")),
        pl.lit(None, pl.Float64).alias("span"), pl.lit(None, pl.Categorical).alias("span text"),
    )  # fmt: skip
    kept = table.with_row_index("at").filter(~pl.col("at").is_in(list(uncut))).drop("at")
    return pl.concat([kept, made]).sort("row", "start", maintain_order=True), len(uncut), inside


def _last(rows: list[int], kinds: list[str]) -> polars.Series:
    """Whether each piece is the last of its report that is no stop."""
    import polars as pl

    at = {row: number for number, (row, kind) in enumerate(zip(rows, kinds, strict=True)) if kind != "breakdown"}
    return pl.Series([at.get(row) == number for number, row in enumerate(rows)])


def _pieces(start: Any, end: Any, stops: list[tuple[Any, Any]], kind: str) -> list[tuple[Any, Any, str]]:
    """A report cut at the stops within it: work, stop, work."""
    pieces = []
    at = start
    for begin, until in stops[max(0, bisect_right(stops, start, key=lambda stop: stop[0]) - 1) :]:
        if begin >= end:
            break
        if until <= at:
            continue
        if begin > at:
            pieces.append((at, begin, kind))
        pieces.append((max(at, begin), min(end, until), "breakdown"))
        at = min(end, until)
    if at < end:
        pieces.append((at, end, kind))
    return pieces
