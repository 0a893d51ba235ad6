"""Actions on plant files: start one, check one, describe them all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plantwright.actions.registry import action
from plantwright.errors import InputError, Place, PlantError, Problem
from plantwright.plant import Default, Plant, explain, fingerprint, json_schema, read_plant


@dataclass(frozen=True)
class Check:
    """What a plant file says: a sound plant, what is not simulated of it, what was guessed or taken by default."""

    plant: Plant
    fingerprint: str
    not_simulated: tuple[str, ...]
    defaults: tuple[Default, ...]

    def to_dict(self) -> dict[str, Any]:
        """The check as a JSON document."""
        plant = self.plant
        return {
            "schema": "plantwright.check/1",
            "sound": True,
            "plant": self.fingerprint,
            "name": plant.name,
            "work centers": len(plant.work_centers),
            "machines": sum(center.machines or 0 for center in plant.work_centers.values()),
            "people": sum(crew.count for crew in plant.people.values()),
            "products": len(plant.products),
            "operations": sum(len(product.routing) for product in plant.products.values()),
            "not simulated": list(self.not_simulated),
            "guesses": [guess.path for guess in plant.guesses],
            "defaults": [{"path": d.path, "value": d.value, "why": d.why} for d in self.defaults],
            "problems": [],
        }


@action("plant.read")
def check_plant(path: str | Path) -> Check:
    """Read a plant file or workbook and say what is in it. Raises PlantError with everything that is wrong."""
    from plantwright.simulation import not_simulated

    plant = read_plant(path)
    return Check(plant, fingerprint(plant), not_simulated(plant), tuple(explain(plant)))


def problems_document(error: InputError, schema: str = "plantwright.check/1") -> dict[str, Any]:
    """All that is wrong with an input as a JSON document, for an editor or another program."""
    return {
        "schema": schema,
        "sound": False,
        "problems": [
            {
                "code": problem.code,
                "file": problem.place.file or None,
                "line": problem.place.line,
                "column": problem.place.column,
                "sheet": problem.place.sheet,
                "cell": problem.place.cell,
                "path": problem.path,
                "value": problem.value,
                "reason": problem.reason,
                "suggestion": problem.suggestion,
            }
            for problem in error.problems
        ],
    }


@action("plant.write")
def new_plant(path: str | Path, template: str = "blank") -> Path:
    """Start a plant: a YAML file from a template, or a workbook. Raises PlantError if the file is there or cannot be."""
    path = Path(path)

    def refuse(reason: str, suggestion: str | None = None) -> PlantError:
        return PlantError([Problem("PW1290", Place(str(path)), "", reason, suggestion=suggestion)])

    if path.is_dir():
        raise refuse("is a folder; name the file in it, such as 'shop.yaml'")
    if path.exists():
        raise refuse("is there already; choose another name")
    if not path.parent.is_dir():
        raise refuse(f"the folder {str(path.parent)!r} does not exist")
    if path.suffix.lower() == ".xlsx":
        if template != "blank":
            raise refuse("a workbook has no templates; write the template as a .yaml file")
        from plantwright.plant.sheets import workbook_bytes

        return _written(path, workbook_bytes())
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise refuse("a plant is a .yaml file or a .xlsx workbook")
    from plantwright.plant.readers import nearest
    from plantwright.plant.templates import template_names, template_text

    if template not in template_names():
        raise refuse(
            f"no template {template!r}; there is {', '.join(template_names())}", nearest(template, template_names())
        )
    return _written(path, template_text(template))


def _written(path: Path, content: str | bytes) -> Path:
    from plantwright.plant.writing import write_whole

    try:
        write_whole(path, content)
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}"
        raise PlantError([Problem("PW1290", Place(str(path)), "", reason)]) from error
    return path


@action("plant.read")
def plant_schema() -> dict[str, Any]:
    """The JSON Schema of the plant file."""
    return json_schema()
