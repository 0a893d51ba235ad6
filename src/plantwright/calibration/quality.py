"""The quality of an event log: every kind of defect, its rows, and what is done about each."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from plantwright.calibration.quiet import Quiet
from plantwright.calibration.recent import Recent

if TYPE_CHECKING:
    import polars

    from plantwright.events import ColumnChoice


_WIDE = 120

MATTERS = 0.01
"""A defect matters where it moves something of the result by this share."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a defect does to the result, in ``words``, and what it would be if nothing were done.

    ``share`` is the greatest relative change: of hours of work, of reports, or of what the words name. ``hours`` and ``reports`` would be
    more (or, negative, less) by so much; ``operation`` is the one whose mean time changes most for all its reports together, from
    ``hours_now`` to ``hours_without`` a report. None where the defect does not tell such a change.
    """

    words: str
    share: float
    hours: float | None = None
    reports: int | None = None
    operation: str | None = None
    hours_now: float | None = None
    hours_without: float | None = None

    @property
    def matters(self) -> bool:
        """Whether it moves something of the result by one percent or more."""
        return self.share >= MATTERS

    def to_dict(self) -> dict[str, Any]:
        """The effect as JSON shows it."""
        return {
            "words": self.words, "share": self.share, "matters": self.matters, "hours": self.hours, "reports": self.reports,
            "operation": self.operation, "mean hours": self.hours_now, "mean hours without": self.hours_without,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Defect:
    """One kind of defect: its rows (lines of the file; for orders, the lines on which they begin), its likely cause, what is done, and its
    effect on the result.

    ``count`` is the number of rows, or of what ``unit`` names.
    """

    kind: str
    count: int
    rows: tuple[int, ...]
    cause: str
    action: str
    unit: str = "rows"
    effect: Effect | None = None

    @property
    def matters(self) -> bool:
        """Whether it moves something of the result by one percent or more, or nobody can say by how much."""
        return self.effect is None or self.effect.matters

    @property
    def counted(self) -> str:
        """The count with its unit: ``1 row``, ``1,735 rows``."""
        return f"{self.count:,} {self.unit.removesuffix('s') if self.count == 1 else self.unit}"

    def to_dict(self) -> dict[str, Any]:
        """The defect as JSON shows it."""
        return {
            "kind": self.kind, "count": self.count, "unit": self.unit, "rows": list(self.rows), "cause": self.cause,
            "action": self.action, "effect": None if self.effect is None else self.effect.to_dict(),
        }  # fmt: skip


@dataclass(frozen=True)
class Quality:
    """What a log is worth. Every row of the file is kept as it is, repaired, joined to the row that it ends, or set aside.

    ``set_aside`` maps each reason to the rows that have it. ``warnings`` say why what follows may be wrong.
    """

    name: str
    rows_read: int
    kept: int
    repaired: int
    joined: int
    set_aside: Mapping[str, tuple[int, ...]]
    defects: tuple[Defect, ...]
    mapping: tuple[ColumnChoice, ...]
    notes: Mapping[str, str]
    warnings: tuple[str, ...]
    orders: int
    stations: int
    workers: int
    first: str
    last: str

    def defect(self, kind: str) -> Defect:
        """The defect of that kind; KeyError where the log has none."""
        for defect in self.defects:
            if defect.kind == kind:
                return defect
        raise KeyError(kind)

    def count(self, kind: str) -> int:
        """How many rows have that defect, 0 where none."""
        return next((defect.count for defect in self.defects if defect.kind == kind), 0)

    @property
    def left_out(self) -> int:
        """Rows that were set aside, for whatever reason."""
        return sum(len(rows) for rows in self.set_aside.values())

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON shows it."""
        return {
            "schema": "plantwright.quality/1",
            "log": self.name,
            "rows": {
                "read": self.rows_read, "kept": self.kept, "repaired": self.repaired, "joined": self.joined,
                "set aside": self.left_out,
            },
            "orders": self.orders,
            "stations": self.stations,
            "workers": self.workers,
            "first": self.first,
            "last": self.last,
            "mapping": {choice.what: {"column": choice.column, "evidence": choice.evidence} for choice in self.mapping},
            "notes": dict(self.notes),
            "warnings": list(self.warnings),
            "set aside": {reason: list(rows) for reason, rows in self.set_aside.items()},
            "defects": [defect.to_dict() for defect in self.defects],
        }  # fmt: skip

    def __str__(self) -> str:
        return self.text()

    def text(self, minor: bool = True) -> str:
        """The report as lines of a screen; without what hardly matters, if not `minor`."""
        people = f", {self.workers} {'person' if self.workers == 1 else 'people'}" if self.workers else ""
        lines = [
            f"{self.name}: {self.rows_read:,} rows, {self.orders} orders, {self.stations} station{'s' * (self.stations != 1)}{people}, {self.first} to {self.last}",
            f"  rows: {self.kept:,} kept as they are, {self.repaired:,} repaired, "
            + (f"{self.joined:,} joined to the row that they end, " if self.joined else "")
            + f"{self.left_out:,} set aside",
        ]
        lines += [f"  WARNING: {warning}" for warning in self.warnings]
        lines += _wrapped("columns", "; ".join(f"{choice.what} = {choice.column}" for choice in self.mapping), 2, 11)
        for what, how in self.notes.items():
            lines += _wrapped(what, how, 2, len(what) + 4)
        matter, hardly = ([defect for defect in self.defects if defect.matters == matters] for matters in (True, False))
        if matter:
            lines += [
                "",
                "WHAT IS WRONG AND MATTERS, the greatest effect first",
                *(line for defect in matter for line in _told(defect)),
            ]
        if hardly and minor:
            lines += ["", "WHAT IS WRONG AND HARDLY MATTERS", *(line for defect in hardly for line in _told(defect))]
        elif hardly:
            lines += [
                "",
                *_wrapped(
                    "HARDLY MATTERS",
                    f"{', '.join(defect.kind for defect in hardly)}; plantwright inspect tells of them",
                    0,
                    2,
                ),
            ]
        if self.set_aside:
            lines += ["", "SET ASIDE"]
        for reason, rows in self.set_aside.items():
            lines.append(
                f"  {len(rows):>6,} {'row' if len(rows) == 1 else 'rows'} set aside: {reason} ({_lines(rows)})"
            )
        return "\n".join(lines)


def _wrapped(name: str, words: str, first: int, further: int) -> list[str]:
    return textwrap.wrap(
        f"{name}: {words}", _WIDE, initial_indent=" " * first, subsequent_indent=" " * further, break_long_words=False
    )


def _told(defect: Defect) -> list[str]:
    """A defect as lines of a screen."""
    number, unit = defect.counted.split(" ", 1)
    lines = [f"  {number:>6} {unit}: {defect.kind} ({_lines(defect.rows)})"]
    parts = [("cause", defect.cause), ("done", defect.action)]
    parts += [("effect", defect.effect.words)] if defect.effect is not None else []
    for name, words in parts:
        lines += textwrap.wrap(f"{name + ':':<8}{words}", _WIDE, initial_indent=" " * 9, subsequent_indent=" " * 17)
    return lines


def _lines(rows: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, rows[:5])) + (", ..." if len(rows) > 5 else "")
    return f"line{'s' * (len(rows) != 1)} {shown}"


@dataclass(frozen=True)
class CleanLog:
    """The rows that are used, repaired, with what calibration needs to know of each.

    ``table`` has the columns of an event log and ``operation`` (the activity without its machine), ``timed`` (False where the duration
    of the row is not known, only its place). ``seconds`` leaves out `quiet` hours, in which nothing ever begins or ends.
    ``recent`` is which part of a large log the rows are, ``dues`` when orders were due, where the log says it, ``doubtful`` the
    earliest and the latest date of orders that state several; ``effective`` is whether only
    completions are known, so that times are effective process times. ``centers`` are work centers of stations where somebody named them.
    """

    table: polars.DataFrame
    quality: Quality
    quiet: Quiet
    recent: Recent | None = None
    dues: Mapping[str, datetime] = field(default_factory=dict)
    doubtful: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)
    effective: bool = False
    centers: Mapping[str, str] = field(default_factory=dict)
