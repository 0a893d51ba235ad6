"""Object-centric logs (OCEL 2.0) as a table: a row for each event, with a column for each type of object."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from plantwright.exchange.tables import MOST_COLUMNS, Table, numbered
from plantwright.exchange.text import refuse

MOST_ROWS = 20_000_000
"""Rows above which a log is refused: an event of a thousand orders is a thousand rows."""

MACHINE_WORDS = re.compile(
    r"\b(?:machines?|work ?(?:cent(?:er|re)|station)s?|stations?|equipments?|resources?|cells?|lines?|ovens?|lathes?|mills?|press(?:es)?|"
    r"forklifts?|trucks?|maschinen?)\b", re.I,
)  # fmt: skip
"""What machines and the places of work are called."""

_ROLE_WORDS = {
    "case": re.compile(r"\b(?:(?:work|production|manufacturing|shop|process) ?orders?|orders?|jobs?|lots?|batch(?:es)?|cases?|auftr[aä]ge?)\b", re.I),
    "resource": MACHINE_WORDS,
    "worker": re.compile(r"\b(?:workers?|operators?|employees?|persons?|people|staff|technicians?|users?|mitarbeiter|bediener)\b", re.I),
    "product": re.compile(r"\b(?:products?|parts?|materials?|articles?|produkte?|artikel)\b", re.I),
}  # fmt: skip


@dataclass
class Ocel:
    """What an object-centric log holds, whichever way it is written.

    ``kinds`` is the type of each object by its identifier; ``attributes`` the last value of each of its attributes.
    """

    kinds: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Event:
    """One event: its type, its time, its attributes, and the identifiers of the objects it is about."""

    kind: str
    time: str | None
    attributes: dict[str, str]
    objects: list[str]


def ocel_table(log: Ocel, name: str, how: str) -> Table:
    """The table of an object-centric log: the activity, the time, the event's attributes, and a column for each type of object.

    An event that is about several orders becomes a row for each; of other objects all are named in one cell. Which type of object
    is the order, the machine, the person and the product is told by their names, and for the order, where none fits, by how many
    events are about one of them. `how` is how the file is written.
    """
    if not log.events:
        raise refuse(name, "PW3003", "holds no events")
    roles = _roles(log)
    case = roles["case"][0] if "case" in roles else None
    rows: list[Mapping[str, Any]] = []
    order: dict[str, None] = {"activity": None, "time": None}
    numbers: list[int] = []
    several = 0
    for number, event in enumerate(log.events, 1):
        made = _rows_of(event, log, case)
        several += len(made) > 1
        for row in made:
            order.update(dict.fromkeys(row))
            rows.append(row)
            numbers.append(number)
        if len(rows) > MOST_ROWS or len(order) > MOST_COLUMNS:
            raise refuse(
                name, "PW3008", f"unfolds to more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns; it is not read"
            )
    import polars as pl

    frame, _ = numbered(rows, 1, list(order))
    notes = {"kind": f"OCEL 2.0 in {how}", "lines": "the number of the event, from 1", "types of objects": _shown(log)}
    warnings = []
    if several:
        warnings.append(
            f"{several:,} events are about several {case!r} at once: each of these has a row of its own with the whole time, "
            "so the work on them is counted more than once"
        )
    hints = {"activity": ("activity", "the type of the event")}
    hints |= {role: (_column(kind), why) for role, (kind, why) in roles.items() if _column(kind) in order}
    return Table(frame, pl.Series("row", numbers, dtype=pl.Int64), notes, hints=hints, warnings=tuple(warnings))


def _column(kind: str) -> str:
    """The column of a type of object; one that is called like a column of events keeps apart."""
    return f"{kind} (object)" if kind in ("activity", "time") else kind


def _rows_of(event: Event, log: Ocel, case: str | None) -> list[dict[str, str]]:
    cells = {"activity": event.kind, **({"time": event.time} if event.time else {}), **event.attributes}
    by_kind: dict[str, list[str]] = {}
    for identifier in dict.fromkeys(event.objects):
        kind = log.kinds.get(identifier)
        if kind is not None:
            by_kind.setdefault(kind, []).append(identifier)
    cases = by_kind.pop(case, []) if case is not None else []
    for kind, identifiers in by_kind.items():
        cells[_column(kind)] = ", ".join(identifiers)
    if case is None or not cases:
        return [cells]
    rows = []
    for identifier in cases:
        own = {f"{case}: {key}": value for key, value in log.attributes.get(identifier, {}).items()}
        rows.append({**own, **cells, _column(case): identifier})
    return rows


def _roles(log: Ocel) -> dict[str, tuple[str, str]]:
    """Which type of object is the order, the machine, the person, the product, and why."""
    touched = Counter(kind for event in log.events for kind in {log.kinds.get(one) for one in event.objects} if kind)
    roles: dict[str, tuple[str, str]] = {}
    for role, words in _ROLE_WORDS.items():
        fitting = [
            kind
            for kind in touched
            if words.search(re.sub(r"[\W_]+", " ", kind)) and kind not in {k for k, _ in roles.values()}
        ]
        if fitting:
            kind = max(fitting, key=lambda one: touched[one])
            roles[role] = (
                kind,
                f"a type of object, by its name; {100 * touched[kind] / len(log.events):.0f} % of the events are about one",
            )
    if "case" not in roles:
        left = {kind: number for kind, number in touched.items() if kind not in {k for k, _ in roles.values()}}
        if left:
            kind = max(left, key=lambda one: left[one])
            roles["case"] = (
                kind,
                f"the type of object that most events are about ({100 * left[kind] / len(log.events):.0f} %)",
            )
    return roles


def _shown(log: Ocel) -> str:
    return ", ".join(f"{kind} ({number:,})" for kind, number in Counter(log.kinds.values()).most_common(12))


def value_text(value: Any) -> str | None:
    """The value of an attribute as a text; None where there is none."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def last_values(attributes: Iterable[tuple[str, Any, str]]) -> dict[str, str]:
    """Of each attribute the value with the latest time: what an object is at the end of the log."""
    found: dict[str, tuple[str, str]] = {}
    for key, value, time in attributes:
        text = value_text(value)
        if text is not None and (key not in found or time >= found[key][0]):
            found[key] = time, text
    return {key: text for key, (_, text) in found.items()}
