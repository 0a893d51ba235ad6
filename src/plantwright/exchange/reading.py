"""What the steps of reading a log share."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Reading:
    """What is known and found while a log is read: the name of its file, notes and warnings."""

    file: str
    notes: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def own(column: str) -> str:
    """The name of a file's column in a frame that also has columns called row, start or end: a name that no file can have."""
    return f"\0{column}"


def shown(column: str) -> str:
    """The name of a file's column as the file has it."""
    return column.removeprefix("\0")
