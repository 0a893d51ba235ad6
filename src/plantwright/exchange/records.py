"""The table of an event log from the columns of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from plantwright.events import COLUMNS, ColumnChoice, SetAside, each
from plantwright.exchange.numbers import read_numbers
from plantwright.exchange.reading import Reading, shown
from plantwright.exchange.tables import held

if TYPE_CHECKING:
    import polars

_TRUE = ("y", "yes", "true", "1", "x", "ja", "j")
_SETUP, _BREAKDOWN = (
    re.compile(r"^\s*(set[\s-]?up|changeover|rüsten)\b", re.I),
    re.compile(r"break ?down|failure|störung", re.I),
)
_MOST_UNREAD = 100_000
_BLANK = {"station": "resource", "activity": "activity", "product": "product"}


class _Cells:
    """The columns of a frame by what they are, and the cells that should hold a number and do not."""

    def __init__(
        self, frame: polars.DataFrame, chosen: Mapping[str, ColumnChoice], commas_divide: bool, notes: dict[str, str]
    ) -> None:
        self.frame, self.chosen = frame, chosen
        self._commas_divide, self._notes = commas_divide, notes
        self.unread: list[SetAside] = []

    def text(self, role: str) -> polars.Series:
        """The texts of a column, each held once; nulls where the file lacks it."""
        import polars as pl

        if role in self.chosen:
            return held(self.frame[self.chosen[role].column]).alias(role)
        return pl.Series(role, [None], dtype=pl.Categorical).new_from_index(0, self.frame.height)

    def numbers(self, role: str) -> polars.Series:
        """The numbers of a column; each way to write one is read once."""
        import polars as pl

        if role in self.chosen and self.frame[self.chosen[role].column].dtype.is_numeric():
            return self.frame[self.chosen[role].column].cast(pl.Float64).alias(role)
        texts = self.text(role)
        written = texts.drop_nulls().unique().to_list()
        values, decimal_comma = read_numbers(written, self._commas_divide)
        if decimal_comma:
            self._notes["numbers"] = "with decimal commas"
        known = dict(zip(written, values, strict=True))
        found = each(texts, known.get, pl.Float64)
        self.note_unread(role, texts, found)
        return found.alias(role)

    def note_unread(self, role: str, texts: polars.Series, values: polars.Series) -> None:
        """Note the cells with a text and no value."""
        bad = (texts.is_not_null() & values.is_null()).arg_true().head(_MOST_UNREAD)
        column = shown(self.chosen[role].column) if role in self.chosen else role
        rows = self.frame["row"].gather(bad).to_list()
        self.unread += [
            SetAside(row, f"{column}: {cell}") for row, cell in zip(rows, texts.gather(bad).to_list(), strict=True)
        ]


def records(
    frame: polars.DataFrame, chosen: Mapping[str, ColumnChoice], commas_divide: bool, reading: Reading
) -> tuple[polars.DataFrame, list[SetAside]]:
    """The table of an `EventLog` from rows with ``start``, ``end`` and ``span``, and the cells that should hold a number and do not."""
    import polars as pl

    notes = reading.notes
    cells = _Cells(frame, chosen, commas_divide, notes)
    named = {what: cells.text(role) for what, role in _BLANK.items() if role in chosen}
    reading.blank |= {
        what: frame["row"].filter(own.is_null()) for what, own in named.items() if 0 < own.null_count() < own.len()
    }
    activity = cells.text("activity").fill_null("unnamed")
    station = named.get("station", activity)
    kinds = (
        frame["kind"].alias("type") if "kind" in frame.columns else _kinds(cells.text("type"), activity, reading.types)
    )
    if "type" in chosen:
        notes["types"] = _types(cells.text("type"), kinds)
    numbers = [cells.numbers(role) for role in ("quantity", "rejected", "order quantity")]
    spans = cells.text("span")
    if "span" in chosen:
        cells.note_unread("span", spans, frame["span"])
    rework = each(cells.text("rework"), lambda mark: mark.lower() in _TRUE, pl.Boolean)
    table = pl.DataFrame(
        [
            frame["row"].cast(pl.Int64),
            cells.text("case").alias("order"),
            activity,
            station.alias("station").fill_null(activity),
            cells.text("worker"),
            cells.text("product").fill_null("order"),
            kinds,
            frame["start"].cast(pl.Datetime("us")),
            frame["end"].cast(pl.Datetime("us")),
            frame["span"],
            *numbers,
            rework.alias("rework"),
            spans.alias("span text"),
            frame["copy of"],
        ]
    ).select(COLUMNS)
    return table, cells.unread


def _kinds(words: polars.Series, activities: polars.Series, given: Mapping[str, str]) -> polars.Series:
    """What each report is about; each pair of a type and an activity is looked at once."""
    import polars as pl

    pairs = pl.DataFrame([words.alias("word"), activities.alias("activity")])
    known = pairs.unique()
    kinds = pl.Series(
        "type",
        [given.get((word or "").lower()) or _kind(word, name) for word, name in known.iter_rows()],
        dtype=pl.String,
    )
    return pairs.join(
        known.with_columns(kinds), on=["word", "activity"], how="left", nulls_equal=True, maintain_order="left"
    )["type"]


def _types(written: polars.Series, kinds: polars.Series) -> str:
    """How each type of report is read: the mark ``S`` says setup only because people write it so."""
    import polars as pl

    pairs = pl.DataFrame([written.fill_null("blank").alias("word"), kinds.alias("kind")])
    counted = (
        pairs.group_by("word", "kind", maintain_order=True)
        .len()
        .sort("len", descending=True, maintain_order=True)
        .head(8)
    )
    return ", ".join(f"{word} read as {kind} ({number:,})" for word, kind, number in counted.iter_rows())


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
