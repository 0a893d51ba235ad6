"""Actions on other systems' plants: turn their tables into a plant file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plantwright.actions.registry import action
from plantwright.actions.studies import OutputError, check_output
from plantwright.errors import InputError, Place, PlantError, Problem
from plantwright.plant import Plant, fingerprint, save_plant
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
    kind : str
        One of `FORMATS`.
    read, not_read : sequence of str
        The names of the tables that were read, and of others in the folder.
    passed_over : sequence of str
        What the tables tell that nothing comes of, with file and row.
    not_simulated : sequence of str
    """

    plant: Plant
    kind: str
    read: Sequence[str]
    not_read: Sequence[str]
    passed_over: Sequence[str]
    not_simulated: Sequence[str]

    def to_dict(self, written: Sequence[Path]) -> dict[str, Any]:
        """What was read and written as a JSON document; `written` are the files."""
        plant = self.plant
        return {
            "schema": "plantwright.import/1",
            "format": self.kind,
            "plant": fingerprint(plant),
            "name": plant.name,
            "work centers": len(plant.work_centers),
            "machines": sum(center.machines or 0 for center in plant.work_centers.values()),
            "products": len(plant.products),
            "operations": sum(len(product.routing) for product in plant.products.values()),
            "lots at start": sum(len(product.at_start) for product in plant.products.values()),
            "families": {name: center.machines for name, center in plant.work_centers.items()},
            "classes": {
                product.name: list(dict.fromkeys(release.label for release in product.releases if release.label))
                for product in plant.products.values()
            },
            "read": list(self.read),
            "not read": list(self.not_read),
            "passed over": list(self.passed_over),
            "not simulated": list(self.not_simulated),
            "files": [str(path) for path in written],
        }


@action("plant.read")
def import_plant(kind: str, folder: str | Path, name: str = "plant.yaml") -> ImportedPlant:
    """The plant in another system's tables; `name` is that of its file. Raises TablesError with everything that is not understood, or for which
    there can be no plant. `kind` is one of `FORMATS`.
    """
    from plantwright.exchange.smt2020.importing import import_smt2020
    from plantwright.exchange.smt2020.tables import TablesError
    from plantwright.simulation import not_simulated

    if kind not in FORMATS:
        raise ValueError(f"{kind!r} cannot be imported; what can: {', '.join(FORMATS)}")
    made = import_smt2020(folder)
    try:
        document = Document(parse_yaml(made.text, name), name, made.text, None, dict(made.files))
        plant = from_document(document)
    except PlantError as error:
        raise TablesError(_as_of_tables(error, Path(folder).name)) from error
    return ImportedPlant(plant, kind, made.read, made.not_read, made.passed_over, not_simulated(plant))


def _as_of_tables(error: InputError, folder: str) -> list[Problem]:
    """What is wrong with a plant that was not written: nobody can look at its rows, so the path in it is told."""
    return [
        Problem("PW1408", Place(folder), problem.path, f"as a plant: {problem.reason}", problem.value)
        for problem in error.problems
    ]


def check_import_output(path: str | Path) -> Path:
    """The path of the plant file if it can be written. Raises OutputError before any work is done if not."""
    return check_output(path, (".yaml", ".yml"))


@action("plant.write")
def save_import(imported: ImportedPlant, path: str | Path) -> list[Path]:
    """Write the plant file and the tables beside it; returns their paths.

    Raises OutputError where they cannot be written, or where a new plant file would come beside tables of these names that are not its own.
    """
    target = check_import_output(path)
    files = imported.plant.document.files if imported.plant.document else {}
    beside = [target.parent / name for name in files]
    foreign = [] if target.exists() else [place for place in beside if place.exists()]
    if foreign:
        reason = f"is there already, and {target.name} is not: it is of another plant; write to another folder"
        raise OutputError(Problem("PW1900", Place(str(place)), "", reason) for place in foreign)
    try:
        save_plant(imported.plant, target)
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}"
        raise OutputError([Problem("PW1900", Place(str(target)), "", reason)]) from error
    return [target, *beside]
