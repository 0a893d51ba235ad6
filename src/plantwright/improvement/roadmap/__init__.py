"""Which moves in which quarter: a programme chooses, the engine runs what it chose, and both come to agree.

`problem`, `cash`, `programme` and `solving` know no simulation; `sequence` is the engine's side; `planning` brings both together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plantwright.improvement.roadmap.result import Cash, FrontierStep, Roadmap, Round, Step

if TYPE_CHECKING:
    from plantwright.improvement.roadmap.planning import roadmap
    from plantwright.improvement.roadmap.problem import Candidate, Problem, Together
    from plantwright.improvement.roadmap.solving import Plan, bound, solve

__all__ = [
    "Candidate",
    "Cash",
    "FrontierStep",
    "Plan",
    "Problem",
    "Roadmap",
    "Round",
    "Step",
    "Together",
    "bound",
    "roadmap",
    "solve",
]

_HOMES = dict.fromkeys(("Candidate", "Problem", "Together"), "problem") | dict.fromkeys(
    ("Plan", "bound", "solve"), "solving"
)
_HOMES["roadmap"] = "planning"


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
