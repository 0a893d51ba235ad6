"""The event log: what happened in a plant, row by row, as its own records say.

A run writes one, a machine's history becomes one, and calibration reads one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars

COLUMNS = (
    "row", "order", "activity", "station", "worker", "product", "type", "start", "end", "span", "quantity", "rejected",
    "order quantity", "rework", "span text", "copy of",
)  # fmt: skip
"""Names of the columns of `EventLog.table`, in their order.

``row``: line of the file on which the row begins (the header is line 1). ``start``, ``end``: local date and time. ``span``: the duration that the
record itself states, in seconds; null where it states none. ``type``: ``work``, ``setup`` or ``breakdown``. ``rework``: whether
the record is marked as rework. ``span text``: the stated duration as it is written. ``copy of``: the line of which this row is a copy
in every cell. A column that the file lacks holds nulls. Those of texts (`TEXTS`) are categorical: each text is held once.
"""

TEXTS = ("order", "activity", "station", "worker", "product", "type", "span text")
"""Names of the columns of `EventLog.table` that hold texts."""


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """Which column of a file was taken for what, and why."""

    what: str
    column: str
    evidence: str

    def __str__(self) -> str:
        return f"{self.what}: {self.column!r} ({self.evidence})"


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row of the file that could not become an event, and the reason."""

    row: int
    reason: str


@dataclass(frozen=True)
class Mending:
    """What reading found wrong and mended: its rows, its likely cause, and what was done."""

    kind: str
    rows: polars.Series
    cause: str
    action: str


@dataclass(frozen=True)
class EventLog:
    """Records of work: one row for each report of an order at a station, with its start and end.

    Parameters
    ----------
    name : str
        The file's name.
    table : polars.DataFrame
        The rows, with the columns `COLUMNS`.
    mapping : tuple of ColumnChoice
        Which column of the file is what.
    rows_read : int
        Rows of the file without its header; each is in `table`, was joined to one (`joined`), or is in `aside`.
    aside : tuple of SetAside
        Rows that could not be read as events.
    joined : int
        Rows that are the other half of an event: ends of start and end pairs.
    notes : mapping
        How the file was read: its separator, its text encoding, how times are written.
    warnings : tuple of str
        What was repaired while reading, and why that may be wrong.
    unread : tuple of SetAside
        Single cells that hold no number where one belongs, such as ``12 pcs``: their rows are kept, without that number.
    shape : str
        How the file told when work was done: ``intervals``, ``pairs`` (starts and ends in rows of their own), ``machine states``, ``run``
        (the log of a run), or ``completions``: then only ends are known, each start is the earliest that can have been, and times are
        effective process times, not process times.
    stops : polars.DataFrame, optional
        Stops of machines where they are told: ``row``, ``station``, ``start``, ``end``, ``reason``. Those during the work on an order are
        in `table`, too, as reports of type ``breakdown``.
    mended : tuple of Mending
        What was wrong in the file and mended when it was read.
    blank : mapping
        Rows in which a column of the file says nothing, by what it is (``station``, ``activity``, ``product``), if others say it.
    elapsed : polars.DataFrame, optional
        For the rows that span a change of the clock: ``row``, ``start``, ``end`` and the ``seconds`` that really passed, which are not end
        less start.
    dues : polars.DataFrame, optional
        Where the log says when its orders are due: ``row`` and ``due``, a local date and time, null where what is said is none.
    centers : mapping
        The work center of a station, where somebody said it.
    """

    name: str
    table: polars.DataFrame
    mapping: tuple[ColumnChoice, ...]
    rows_read: int
    aside: tuple[SetAside, ...] = ()
    joined: int = 0
    notes: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    unread: tuple[SetAside, ...] = ()
    shape: str = "intervals"
    stops: polars.DataFrame | None = None
    elapsed: polars.DataFrame | None = None
    mended: tuple[Mending, ...] = ()
    blank: Mapping[str, polars.Series] = field(default_factory=dict)
    dues: polars.DataFrame | None = None
    centers: Mapping[str, str] = field(default_factory=dict)


SPREADSHEET_SPAN = re.compile(r"^18(?:99|98)[-/.]\d{1,2}[-/.]\d{1,2}[ T](\d{1,2}):(\d{2})(?::(\d{2}))?")
"""A duration that a spreadsheet took for a time of day, and so wrote as a date of 1899."""


def is_spreadsheet_date(text: str | None) -> bool:
    """Whether a duration is written as a date of 1899."""
    return text is not None and SPREADSHEET_SPAN.match(text) is not None


def held_once(table: polars.DataFrame) -> polars.DataFrame:
    """The table of an `EventLog` with each of its texts held once: a log of millions of rows repeats a few of them."""
    import polars

    return table.with_columns(polars.col(TEXTS).cast(polars.Categorical))


def each(names: polars.Series, told: Callable[[str], Any], kind: Any) -> polars.Series:
    """What a function tells of each name of a column, as a column of that kind; each name is looked at once, however often it stands there."""
    import polars

    known = names.drop_nulls().unique().to_list()
    if not known:
        return polars.Series(names.name, [None], dtype=kind).new_from_index(0, names.len())
    return names.replace_strict(known, [told(name) for name in known], default=None, return_dtype=kind)
