"""Actions on other systems' plants: turn their tables into a plant file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plantwright.actions.registry import action
from plantwright.actions.studies import OutputError, check_output
from plantwright.errors import Place, Problem
from plantwright.plant import Plant, save_plant
from plantwright.plant.document import Document, parse_yaml
from plantwright.plant.reading import from_document

FORMATS = ("smt2020",)
"""What can be imported."""


@dataclass(frozen=True)
class ImportedPlant:
    """A plant that was made of another system's tables.

    Attributes
    ----------
    plant : Plant
    read, not_read : sequence of str
        The names of the tables that were read, and of others in the folder.
    """

    plant: Plant
    read: Sequence[str]
    not_read: Sequence[str]


@action("plant.read")
def import_plant(kind: str, folder: str | Path, name: str = "plant.yaml") -> ImportedPlant:
    """The plant in another system's tables; `name` is that of its file. Raises TablesError with everything that is not understood, PlantError
    where it gives a plant that cannot be. `kind` is one of `FORMATS`.
    """
    from plantwright.exchange.smt2020.importing import import_smt2020

    if kind not in FORMATS:
        raise ValueError(f"{kind!r} cannot be imported; what can: {', '.join(FORMATS)}")
    made = import_smt2020(folder)
    document = Document(parse_yaml(made.text, name), name, made.text, None, dict(made.files))
    return ImportedPlant(from_document(document), made.read, made.not_read)


def check_import_output(path: str | Path) -> Path:
    """The path of the plant file if it can be written. Raises OutputError before any work is done if not."""
    return check_output(path, (".yaml", ".yml"))


@action("plant.write")
def save_import(imported: ImportedPlant, path: str | Path) -> list[Path]:
    """Write the plant file and the tables beside it; returns their paths. Raises OutputError."""
    target = check_import_output(path)
    try:
        save_plant(imported.plant, target)
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}"
        raise OutputError([Problem("PW1900", Place(str(target)), "", reason)]) from error
    files = imported.plant.document.files if imported.plant.document else {}
    return [target, *(target.parent / name for name in files)]
