"""The house: which room may know which."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "plantwright"

BASE = {"errors", "distributions", "units", "doors"}
MODEL = BASE | {"plant", "events"}
MAY_KNOW = {
    "errors": set(),
    "doors": set(),
    "folders": set(),
    "units": {"errors"},
    "distributions": {"errors", "units"},
    "plant": BASE,
    "events": BASE,
    "simulation": MODEL | {"folders"},
    "improvement": MODEL | {"simulation"},
    "calibration": MODEL | {"simulation", "exchange"},
    "exchange": MODEL,
    "monitoring": MODEL,
    "shopfloor": MODEL | {"simulation", "monitoring"},
    "gym": MODEL | {"simulation"},
    "report": MODEL | {"simulation", "improvement", "calibration", "monitoring"},
    "actions": MODEL | {"simulation", "improvement", "calibration", "exchange", "report", "monitoring", "shopfloor"},
    "cli": MODEL | {"actions", "report", "simulation", "calibration", "improvement", "monitoring", "shopfloor"},
    "__main__": {"cli"},
}
"""Arrows point down only. The package's own ``__init__`` gives the public names and may know all engines."""


def imports(path: Path) -> set[str]:
    """The rooms that a file imports from, at the top or inside a function."""
    rooms: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "plantwright" else [f"plantwright.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        rooms |= {name.split(".")[1] for name in names if name.startswith("plantwright.")}
    return rooms


def files() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if path != SOURCE / "__init__.py"]


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_arrows_point_down(path: Path) -> None:
    room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    assert room in MAY_KNOW, f"a new room {room}: say here what it may know"
    above = imports(path) - MAY_KNOW[room] - {room, "__version__"}
    assert not above, f"{room} knows {', '.join(sorted(above))}"


def test_engines_are_pure() -> None:
    """Engines open no socket, database, clock or environment."""
    forbidden = {"socket", "sqlite3", "sqlalchemy", "requests", "time", "random", "subprocess"}
    for room in ("simulation", "improvement", "calibration", "monitoring"):
        for path in (SOURCE / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    assert not {alias.name.split(".")[0] for alias in node.names} & forbidden, path
                if isinstance(node, ast.ImportFrom) and node.module:
                    assert node.module.split(".")[0] not in forbidden, path
                if isinstance(node, ast.Attribute) and node.attr == "environ":
                    raise AssertionError(f"{path} reads the environment")


def test_a_room_that_looks_up_is_found(tmp_path: Path) -> None:
    lazy = tmp_path / "lazy.py"
    lazy.write_text("def f():\n    from plantwright.cli import main\n    import plantwright.report.html\n")
    assert imports(lazy) == {"cli", "report"}
