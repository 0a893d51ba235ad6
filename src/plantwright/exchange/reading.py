"""What the steps of reading a log share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plantwright.events import Mending, SetAside

if TYPE_CHECKING:
    import polars


@dataclass
class Reading:
    """What is known and found while a log is read: the name of its file, notes and warnings; what a mapping file says of its words.

    ``date`` is how the dates of starts and ends are written, where the order of day and month was found out.
    """

    file: str
    notes: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    states: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    time_format: str | None = None
    date: str | None = None
    mended: list[Mending] = field(default_factory=list)
    blank: dict[str, polars.Series] = field(default_factory=dict)
    odd: list[tuple[str, polars.Series]] = field(default_factory=list)


@dataclass(frozen=True)
class Shaped:
    """Rows with ``start``, ``end`` and ``span`` (seconds), those that could not be read, and how many were joined to another.

    ``shape`` is how the log told them; ``stops`` are those of machines, where it tells such; ``elapsed`` as in `plantwright.events.EventLog`.
    """

    frame: polars.DataFrame
    aside: list[SetAside]
    joined: int = 0
    shape: str = "intervals"
    stops: polars.DataFrame | None = None
    elapsed: polars.DataFrame | None = None


def own(column: str) -> str:
    """The name of a file's column in a frame that also has columns called row, start or end: a name that no file can have."""
    return f"\0{column}"


def shown(column: str) -> str:
    """The name of a file's column as the file has it."""
    return column.removeprefix("\0")
