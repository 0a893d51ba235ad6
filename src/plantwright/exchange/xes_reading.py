"""Event logs in XES (IEEE 1849) as a table: a row for each event, with the attributes of its trace beside its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plantwright.exchange.ocel import MACHINE_WORDS
from plantwright.exchange.tables import MOST_COLUMNS, Table, numbered
from plantwright.exchange.text import refuse

if TYPE_CHECKING:
    import polars

_VALUES = ("string", "date", "int", "float", "boolean")
"""Attributes with a value. ``id`` tells events apart that are else equal, so it is left out; lists and containers hold no value."""

_TRACE, _RESOURCE = "case:", "org:resource"


_OF = "case:of"
_OF_RUN = {"resource": "org:group", "worker": "people", "product": "case:product", "quantity": "amount"}
"""What the log of a run (`plantwright.exchange.xes.XesLog`) says where: its work centers, people, products and pieces."""


class XesEvents:
    """The events of an XES document; attributes of traces are called ``case:...``, as in other programs.

    Attributes within attributes are not looked at.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows: list[Mapping[str, Any]] = []
        self._order: dict[str, None] = {}
        self._trace: dict[str, str] | None = None
        self._event: dict[str, str] | None = None
        self._within: dict[int, str] = {}
        self._strangers: list[int] = []

    def start(self, tag: str, attributes: Mapping[str, str], depth: int) -> None:
        """An element begins."""
        self._within[depth] = tag
        if tag == "trace" and depth == 2:
            self._trace = {}
        elif tag == "event" and (depth == 2 or self._within.get(depth - 1) == "trace"):
            self._event = {}
        elif tag in _VALUES and "key" in attributes and attributes.get("value") is not None:
            around = self._within.get(depth - 1)
            if around == "event" and self._event is not None:
                self._note(self._event, attributes["key"], attributes["value"])
            elif around == "trace" and self._trace is not None and self._event is None:
                self._note(self._trace, _TRACE + attributes["key"], attributes["value"])

    def end(self, tag: str, text: str, depth: int) -> None:
        """An element ends."""
        if tag == "event" and self._event is not None:
            # A trace may state its attributes after its events: all of them share one dict until it ends.
            self._rows.append(_Joined(self._trace, self._event) if self._trace is not None else self._event)
            self._event = None
        elif tag == "trace" and depth == 2:
            self._trace = None

    def _note(self, cells: dict[str, str], key: str, value: str) -> None:
        if key not in self._order:
            if len(self._order) >= MOST_COLUMNS:
                raise refuse(self._name, "PW3007", f"has events with more than {MOST_COLUMNS} different attributes")
            self._order[key] = None
        cells[key] = value

    def table(self) -> Table:
        """A row for each event, numbered from 1 as they stand in the document."""
        if not self._rows:
            raise refuse(self._name, "PW3003", "holds no events")
        frame, numbers = numbered(self._rows, 1, list(self._order))
        frame, numbers, left_out = _of_lots(frame, numbers)
        notes = {"kind": "XES", "lines": "the number of the event, from 1"}
        wanted = {
            "case": ("case:concept:name", "the name of the trace"),
            "activity": ("concept:name", "the name of the event"),
        }
        hints = {role: hint for role, hint in wanted.items() if hint[0] in self._order}
        if _RESOURCE in self._order and _are_machines(frame[_RESOURCE].drop_nulls().unique().to_list()):
            hints["resource"] = _RESOURCE, "its values are names of machines"
        if left_out:
            notes["kind"] = f"XES, the log of a run; {left_out:,} events of its machines and of the plant are left out"
            hints |= {role: (column, "the log of a run") for role, column in _OF_RUN.items() if column in self._order}
        return Table(frame, numbers, notes, hints=hints)


def _of_lots(frame: polars.DataFrame, numbers: polars.Series) -> tuple[polars.DataFrame, polars.Series, int]:
    """The events of lots in the log of a run, which has traces of machines, too; and how many others there are."""
    if _OF not in frame.columns or not (frame[_OF] == "lot").any():
        return frame, numbers, 0
    lots = (frame[_OF] == "lot").fill_null(False)
    # What is released, taken or scrapped is completed at once; an operation is started first.
    operations = frame.filter(lots & (frame["lifecycle:transition"] == "start"))["concept:name"].unique()
    of_lots = lots & frame["concept:name"].is_in(operations.implode())
    kept = frame.filter(of_lots)
    return kept, numbers.filter(of_lots), int((~of_lots).sum())


def _are_machines(names: list[str]) -> bool:
    """Whether the resources of a log are machines: the standard leaves open whether they are, or people."""
    return sum(MACHINE_WORDS.search(name) is not None for name in names) >= 0.5 * len(names) > 0


class _Joined(dict[str, str]):
    """The cells of an event, and behind them those of its trace."""

    __slots__ = ("_trace",)

    def __init__(self, trace: dict[str, str], event: dict[str, str]) -> None:
        super().__init__(event)
        self._trace = trace

    def get(self, key: str, default: Any = None) -> Any:
        """The cell of that name, of the event or of its trace."""
        return super().get(key) or self._trace.get(key, default)
