"""Read a plant: file, workbook, text or mapping to a validated `Plant`, or all that is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from plantwright.errors import Place, PlantError, Problem
from plantwright.plant.beside import Beside, text_of
from plantwright.plant.checks import check
from plantwright.plant.document import (
    Document,
    Entries,
    Scalar,
    find,
    node_of,
    parse_yaml,
    plain,
    segments,
    with_value,
)
from plantwright.plant.plant import Plant
from plantwright.plant.readers import Context
from plantwright.plant.words.plant import PLANT


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


__all__ = ["Default", "build_plant", "changed", "explain", "fingerprint", "json_schema", "read_plant"]
