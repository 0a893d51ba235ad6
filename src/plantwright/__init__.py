"""Plantwright finds a factory's next best move, and helps to make it.

>>> import plantwright                                            # doctest: +SKIP
>>> plant = plantwright.read_plant("examples/pouch-cell-pilot.yaml")
>>> print(plantwright.simulate(plant))
>>> print(plantwright.improve(plant))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plantwright.doors import tells_families

if TYPE_CHECKING:
    from plantwright.actions import save_calibration
    from plantwright.calibration import Calibration, calibrate, inspect_log
    from plantwright.errors import InputError, LogError, PlantError, PlantwrightError, SimulationError
    from plantwright.exchange import read_log
    from plantwright.improvement import Move, PlantComparison, Study, compare, deployment_card, improve, propose
    from plantwright.improvement.roadmap import Roadmap, roadmap
    from plantwright.plant import DeploymentCard, Plant, build_plant, changed, read_plant, read_text, save_plant
    from plantwright.simulation import Estimate, Event, History, Run, difference, history, simulate

__version__ = "0.1.0"

_HOMES = {
    "actions": ("save_calibration",),
    "calibration": ("Calibration", "calibrate", "inspect_log"),
    "errors": ("InputError", "LogError", "PlantError", "PlantwrightError", "SimulationError"),
    "exchange": ("read_log",),
    "improvement": ("Move", "PlantComparison", "Study", "compare", "deployment_card", "improve", "propose"),
    "improvement.roadmap": ("Roadmap", "roadmap"),
    "plant": ("DeploymentCard", "Plant", "build_plant", "changed", "read_plant", "read_text", "save_plant"),
    "simulation": ("Estimate", "Event", "History", "Run", "difference", "history", "simulate"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Calibration",
    "DeploymentCard",
    "Estimate",
    "Event",
    "History",
    "InputError",
    "LogError",
    "Move",
    "Plant",
    "PlantComparison",
    "PlantError",
    "PlantwrightError",
    "Roadmap",
    "Run",
    "SimulationError",
    "Study",
    "build_plant",
    "calibrate",
    "changed",
    "compare",
    "deployment_card",
    "difference",
    "history",
    "improve",
    "inspect_log",
    "propose",
    "read_log",
    "read_plant",
    "read_text",
    "roadmap",
    "save_calibration",
    "save_plant",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def _family_names() -> tuple[str, ...]:
    from plantwright.improvement.families import all_families

    return tuple(all_families())


tells_families(_family_names)
