"""What the engine writes while it runs is marked as state, so that a run can go on in a changed plant."""

from __future__ import annotations

import ast
from pathlib import Path

import plantwright.simulation
from plantwright.simulation.concepts import ARRAYS, CONCEPTS
from plantwright.simulation.marks import ARRAYS as MARKED_ARRAYS
from plantwright.simulation.marks import COLUMNS, NAMES, POOLS, SCRATCH, STATE, fields_of

FOLDER = Path(plantwright.simulation.__file__).parent


def compiled_functions(path: Path) -> list[ast.FunctionDef]:
    return [
        node
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and any(
            isinstance(word, ast.Name) and word.id in ("compiled", "inlined", "seldom") for word in node.decorator_list
        )
    ]


def written(node: ast.AST) -> set[str]:
    """What a function writes: ``concept.field`` or the name of an array."""
    found = set()
    for statement in ast.walk(node):
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AugAssign | ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        for target in targets:
            for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(one, ast.Subscript) and ast.unparse(one.value).startswith("w."):
                    found.add(ast.unparse(one.value).removeprefix("w."))
    return found


def test_all_that_is_written_is_marked() -> None:
    missing = set()
    for path in FOLDER.glob("*.py"):
        for function in compiled_functions(path):
            for place in written(function):
                concept, _, field = place.partition(".")
                marked = field in fields_of(concept) if field else concept in MARKED_ARRAYS
                if concept not in SCRATCH and not marked:
                    missing.add(f"{place}, written in {path.name}")
    assert not missing, f"mark these in simulation/marks.py, with what they point to: {sorted(missing)}"


def test_marks_lead_somewhere() -> None:
    concepts = set(CONCEPTS) | set(NAMES)
    for concept in STATE:
        for field, (target, _) in fields_of(concept).items():
            assert field in CONCEPTS[concept], f"{concept}.{field} is no field"
            assert target in concepts | {""}, f"{concept}.{field} points to {target}"
    assert set(MARKED_ARRAYS) <= set(ARRAYS)
    assert set(MARKED_ARRAYS.values()) <= set(CONCEPTS)
    assert {name for name, concept in MARKED_ARRAYS.items() if concept == "lot"} == set(COLUMNS)
    assert set(CONCEPTS) | set(ARRAYS) >= SCRATCH
    assert set(CONCEPTS) >= POOLS
