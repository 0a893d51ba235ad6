"""Read a plant: file, workbook, text or mapping to a validated `Plant`, or all that is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plantwright.errors import Place, PlantError, Problem
from plantwright.plant.beside import Beside, text_of
from plantwright.plant.checks import check
from plantwright.plant.document import (
    Document,
    Entries,
    Items,
    Scalar,
    find,
    node_of,
    parse_yaml,
    plain,
    segments,
    with_value,
)
from plantwright.plant.making import PRODUCT
from plantwright.plant.plant import Plant
from plantwright.plant.readers import Context, From, Instant, Keys, ListOf, MapOf, Named, OneOf, Reader, Text, Word
from plantwright.plant.words import (
    AREA,
    CENTERS,
    CHANGE,
    LANE,
    LINE,
    LOOP,
    MATERIAL,
    MONEY,
    MOVER,
    NAMES,
    OWN_MOVE,
    PEOPLE,
    SHIFTS,
    SUPPLIER,
    TOOL,
    TOTALS,
    Limit,
)

FORMAT = "1"


def _format(text: str) -> str:
    if text != FORMAT:
        raise ValueError(f"{text!r}: this version reads format {FORMAT}")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{text!r} is not a time zone such as America/New_York") from None
    return text


def _currency(text: str) -> str:
    if not (len(text) == 3 and text.isupper()):
        raise ValueError(f"{text!r} is not a currency such as USD")
    return text


class _Moves(Reader):
    """Own moves, and under ``ban`` the names of those that are not wanted."""

    kind = "moves by name"
    schema: Mapping[str, Any] = {
        "type": "object",
        "properties": {"ban": NAMES.schema},
        "additionalProperties": OWN_MOVE.schema,
    }

    def read(self, node: Any, context: Context, path: str) -> Any:
        if not isinstance(node, Entries):
            context.wrong("PW1220", node, path, "moves by name are wanted here")
            return None
        banned: tuple[str, ...] = ()
        own = []
        for key, value in node:
            if key.text == "ban":
                banned = NAMES.read(value, context, f"{path} > ban")
            else:
                own.append((key, value))
        return Named(OWN_MOVE).read(replace(node, entries=tuple(own)), context, path), banned


PLANT = Keys(
    (
        Word("format", From("the format", lambda text, context: _format(text)), example="1", default="1"),
        Word("plant", Text(), "name", "Pouch-cell pilot line", "its name", needed=True),
        Word("currency", From("a currency", lambda text, context: _currency(text)), example="USD"),
        Word(
            "time zone",
            From("a time zone", lambda text, context: _zone(text)),
            example="America/New_York",
            default="UTC",
        ),
        Word("start", Instant(), example="2026-01-05 06:00", meaning="time 0", default="2026-01-05 00:00, a Monday"),
        Word("shifts", SHIFTS, example='{day: {from: "07:00", to: "15:00"}}', meaning="when work is done"),
        Word("people", PEOPLE, example="{Ana: {skills: {mixing: 2}}}", meaning="who does it"),
        Word("work centers", CENTERS, example="{mixer: {machines: 1}}", meaning="where it is done", needed=True),
        Word("areas", Named(AREA), meaning="work centers that stop together"),
        Word("tools", Named(TOOL, empty=True), meaning="dies, fixtures, pallets"),
        Word("materials", Named(MATERIAL, empty=True), meaning="raw materials"),
        Word("suppliers", Named(SUPPLIER, empty=True), meaning="who delivers"),
        Word("buffers", Named(LANE), meaning="shared places"),
        Word("loops", Named(LOOP), meaning="kanban"),
        Word("lines", Named(LINE), meaning="paced lines"),
        Word("transport", Named(MOVER), meaning="movers"),
        Word("rule", NAMES, example="EDD", meaning="which lot next, everywhere", default="FIFO, priority first"),
        Word("sequence", Text(), example="order.csv"),
        Word("products", Named(PRODUCT), example="{cell: {routing: [...]}}", meaning="what is made", needed=True),
        Word("changes", ListOf(CHANGE), meaning="dated changes"),
        Word("totals", TOTALS, example="{throughput: 120 jobs/mo}", meaning="what the owner knows"),
        Word("posterior", Text(), example="p.parquet"),
        Word("money", MONEY, example="{discount: 12 %}"),
        Word("limits", MapOf(Limit()), example="{overtime: 4 h/wk}"),
        Word("moves", _Moves(), meaning="own moves"),
    ),
    dict,
)


@dataclass(frozen=True, slots=True)
class Default:
    """A value that was taken because nothing is said: its path, the value, and what it means."""

    path: str
    value: str
    why: str


def read_plant(path: str | Path) -> Plant:
    """The plant in a YAML file or a workbook (``.xlsx``). Raises PlantError with everything that is wrong with it."""
    path = Path(path)
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        from plantwright.plant.workbook import read_workbook

        return from_document(read_workbook(path))
    return read_text(text_of(path), name=path.name, folder=path.parent)


def read_text(text: str, *, name: str = "plant.yaml", folder: Path | None = None) -> Plant:
    """The plant in a YAML text; files beside it are looked for in `folder`."""
    return from_document(Document(parse_yaml(text, name), name, text, folder))


def build_plant(
    mapping: Mapping[str, Any],
    *,
    name: str = "plant.yaml",
    folder: Path | None = None,
    files: Mapping[str, str] | None = None,
) -> Plant:
    """A plant from nested dicts and lists in the words of the plant file; `files` are texts of files beside it."""
    root = node_of(mapping, Place(name))
    assert isinstance(root, Entries)
    return from_document(Document(root, name, None, folder, dict(files or {})))


def from_document(document: Document) -> Plant:
    """The plant of a document. Raises PlantError."""
    plant, context = _read(document)
    if context.problems:
        raise PlantError(_in_order(context.problems))
    assert plant is not None
    return plant


def _in_order(problems: list[Problem]) -> list[Problem]:
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda p: (p.place.file, p.place.sheet or "", p.place.line or 0, p.place.column or 0))


def _read(document: Document) -> tuple[Plant | None, Context]:
    beside = Beside(document.folder, document.files)
    context = Context(beside)
    currency = document.root.get("currency")
    if isinstance(currency, Scalar):
        context.currency = currency.text
    values = PLANT.values(document.root, context, "") or {}
    if not {"name", "work_centers", "products"} <= set(values):
        return None, context
    for word in ("format", "sequence", "posterior"):
        values.pop(word, None)
    moves, banned = values.pop("moves", None) or ({}, ())
    plant = Plant(**values, moves=moves, banned=banned, guesses=tuple(context.guesses), document=document)
    check(plant, context)
    return plant, context


def changed(plant: Plant, edits: Mapping[str, Any]) -> Plant:
    """The plant with values of its file changed: `edits` maps paths to new values, None takes a word away.

    A path is written as ``work centers > coater > machines``; steps of a routing by name, items of a list by number from 1.
    Raises PlantError where a path leads nowhere or the changed plant is wrong.
    """
    document = _document(plant)
    root: Any = document.root
    for path, value in edits.items():
        root = with_value(root, segments(path), value, path)
    source = None
    if document.source is not None:
        source = document.source if not edits else None
    return from_document(replace(document, root=root, source=source))


def _document(plant: Plant) -> Document:
    if plant.document is None:
        raise ValueError(f"{plant.name} was not read from a file or mapping, so its text cannot be changed")
    return plant.document


def value_at(plant: Plant, path: str) -> Any:
    """What is written at a path: text, a list, a dict, or None."""
    node = find(_document(plant).root, path)
    return None if node is None else plain(node)


def explain(plant: Plant) -> list[Default]:
    """Every default that this plant takes, with its path and meaning."""
    _, context = _read(_document(plant))
    return [Default(*default) for default in context.defaults]


def fingerprint(plant: Plant) -> str:
    """The SHA-256 of what a plant says: its values and the files beside it, whatever the comments and spaces."""
    if plant.document is None:
        return hashlib.sha256(repr(plant).encode()).hexdigest()
    return _fingerprint(plant.document.root, tuple(sorted(plant.document.files.items())))


@lru_cache(maxsize=256)
def _fingerprint(root: Entries, files: tuple[tuple[str, str], ...]) -> str:
    said = json.dumps([plain(root), files], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the plant file, for an editor to complete and check it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plantwright plant file",
        **PLANT.schema,
    }


__all__ = ["Default", "Items", "OneOf", "build_plant", "changed", "explain", "fingerprint", "json_schema", "read_plant"]
