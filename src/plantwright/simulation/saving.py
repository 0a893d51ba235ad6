"""States of runs in files: the plant, what the run keeps in mind, and what it has written down."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from plantwright import __version__
from plantwright.errors import PlantError, StateError
from plantwright.plant import fingerprint
from plantwright.plant.document import Document, parse
from plantwright.plant.plant import Plant
from plantwright.plant.reading import from_document
from plantwright.plant.writing import plant_text, write_whole
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.layout import RECORDS
from plantwright.simulation.tables import Least
from plantwright.simulation.world import World

SCHEMA = "plantwright.state/1"
_ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run was begun with; times in seconds, `end` from the start, the warm-up included."""

    seed: int
    replication: int
    end: float
    warmup: float
    saturated: bool
    lots: int | None
    log: bool


def write_state(path: Path, kept: Kept, blueprint: Blueprint, world: World, pieces: list[Any]) -> None:
    """Write a state; the file is there whole or not at all."""
    plant = blueprint.plant
    text = plant_text(plant)
    assert plant.document is not None
    arrays: dict[str, Any] = {f"of {name}": rows for name, rows in world.records.items() if name != "log"}
    arrays |= {f"array {name}": array for name, array in world.arrays.items() if name != "cancel"}
    arrays["history"] = np.concatenate(pieces) if pieces else np.zeros(0, RECORDS["log"])
    about = {
        "schema": SCHEMA,
        "version": __version__,
        "plant": fingerprint(plant),
        "name": plant.document.name,
        "text": text,
        "files": dict(plant.document.files),
        "run": asdict(kept),
        "least": asdict(blueprint.least),
        "content": _digest(arrays),
    }
    said = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, **(arrays | {_ABOUT: said}))
    write_whole(path, file.getvalue())


def read_state(path: Path) -> tuple[Kept, Plant, Least, Callable[[World], None], list[Any]]:
    """What a state's file holds: how the run was begun, the plant, what its world must have room for, what fills
    that world, and the log so far."""
    about, arrays = _content(path)
    if about.get("version") != __version__:
        raise StateError(
            f"{path.name}: was saved by version {about.get('version')}; this is {__version__}, whose runs may differ: "
            "begin the run anew"
        )
    if about.get("content") != _digest(arrays):
        raise StateError(f"{path.name}: is damaged: what it holds is not what was saved; save it again")
    plant = _plant(path, about)
    kept = Kept(**about["run"])
    history = arrays.pop("history")
    return (
        kept,
        plant,
        Least(**about["least"]),
        lambda world: _fill(path, world, arrays),
        [history] if len(history) else [],
    )


def _content(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    wrong = f"{path.name}: is not a saved run; 'State.save' writes one"
    try:
        with np.load(path, allow_pickle=False) as file:
            if _ABOUT not in file:
                raise StateError(wrong)
            arrays = {name: file[name] for name in file.files}
        about = json.loads(arrays.pop(_ABOUT).tobytes())
    except FileNotFoundError:
        raise StateError(f"{path.name}: is not there") from None
    except (OSError, ValueError, EOFError, AttributeError, TypeError, KeyError, zipfile.BadZipFile) as error:
        raise StateError(wrong) from error
    if not isinstance(about, dict) or about.get("schema") != SCHEMA:
        raise StateError(wrong)
    return about, arrays


def _plant(path: Path, about: Mapping[str, Any]) -> Plant:
    try:
        root, problems = parse(about["text"], about["name"])
        plant = from_document(Document(root, about["name"], about["text"], None, dict(about["files"])), problems)
    except PlantError as error:
        raise StateError(f"{path.name}: the plant in it cannot be read: {error}") from error
    if fingerprint(plant) != about["plant"]:
        raise StateError(f"{path.name}: the plant in it is not the one whose run was saved")
    return plant


def _digest(arrays: Mapping[str, Any]) -> str:
    made = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        made.update(f"{name} {array.shape} {array.dtype.descr}".encode())
        made.update(array.tobytes())
    return made.hexdigest()


def _fill(path: Path, world: World, arrays: Mapping[str, Any]) -> None:
    """Put what was saved in place of what a fresh world begins with."""
    found: dict[str, Any] = {}
    for home, kind in ((world.records, "of"), (world.arrays, "array")):
        for name, fresh in home.items():
            if name in ("log", "cancel", "own_rule"):  # where rules lie is of this process
                continue
            saved = arrays.get(f"{kind} {name}")
            if saved is None or saved.dtype != fresh.dtype or saved.shape[1:] != fresh.shape[1:]:
                raise StateError(
                    f"{path.name}: was saved by an engine that keeps other things in mind: begin the run anew"
                )
            found[name] = saved
    world.resize({name: len(saved) for name, saved in found.items() if name != "run"})
    for home in (world.records, world.arrays):
        for name in home.keys() & found:
            home[name][:] = found[name]
