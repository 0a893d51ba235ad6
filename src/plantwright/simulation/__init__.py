"""What would happen: a plant in, a run out. The compiled event engine, replications and statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plantwright.simulation.run import Estimate, Run

if TYPE_CHECKING:
    from plantwright.simulation.compiling import is_compiled
    from plantwright.simulation.coverage import not_simulated
    from plantwright.simulation.histories import Event, History, Telling, history
    from plantwright.simulation.replicate import Cancel, simulate
    from plantwright.simulation.state import State, begin, load
    from plantwright.simulation.statistics import difference

__all__ = [
    "Cancel",
    "Estimate",
    "Event",
    "History",
    "Run",
    "State",
    "Telling",
    "begin",
    "difference",
    "history",
    "is_compiled",
    "load",
    "not_simulated",
    "simulate",
]

# What simulates brings numpy and LLVM with it, which take a quarter of a second to import; so each name is fetched when it is asked for.
_HOMES = {
    "Cancel": "replicate",
    "State": "state",
    "begin": "state",
    "load": "state",
    "Event": "histories",
    "History": "histories",
    "Telling": "histories",
    "history": "histories",
    "simulate": "replicate",
    "difference": "statistics",
    "is_compiled": "compiling",
    "not_simulated": "coverage",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
