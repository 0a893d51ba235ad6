"""Dispatch rules of a user's own: Python functions that other packages offer, compiled, and called by their address.

A rule is a function of eight numbers that gives one; the lot with the smallest goes first::

    def key(now, arrived, released, due, priority, pieces, run, ahead):
        return (due - now) / (ahead + 3600)

Times are in seconds from the start of the run (``due`` infinite where there is none); ``run`` is the mean run of the lot at this step,
``ahead`` the mean work of this step and all that follow. It is offered as an entry point of the group ``plantwright.rules``, by the name
that plant files call it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from plantwright.errors import SimulationError
from plantwright.plant.resources import RULE_ENTRY_POINTS
from plantwright.simulation.world import PLAIN

ARGUMENTS = ("now", "arrived", "released", "due", "priority", "pieces", "run", "ahead")
_compiled: dict[Callable[..., float], Any] = {}
"""Rules that are compiled; they stay as long as the process, as worlds hold their addresses."""
PLAIN_RULES: list[tuple[Callable[..., float], str]] = []


def address_of(name: str) -> int:
    """Where the compiled function of the rule of that name lies. Raises SimulationError where it cannot be used, and says why."""
    from importlib.metadata import entry_points

    points = tuple(entry_points(group=RULE_ENTRY_POINTS, name=name))
    if not points:
        raise SimulationError(
            f"rule {name!r}: no package that is installed offers it (entry points {RULE_ENTRY_POINTS!r})"
        )
    where = f"rule {name!r} ({points[0].value})"
    try:
        function = points[0].load()
    except Exception as error:
        raise SimulationError(f"{where}: cannot be loaded: {error}") from error
    wanted = f"a function of ({', '.join(ARGUMENTS)}) that gives a number"
    if not callable(function) or len(inspect.signature(function).parameters) != len(ARGUMENTS):
        raise SimulationError(f"{where}: is not {wanted}")
    return _made(function, where, wanted)


def _made(function: Callable[..., float], where: str, wanted: str) -> int:
    if PLAIN:
        PLAIN_RULES.append((function, where))
        return len(PLAIN_RULES) - 1
    if function not in _compiled:
        from numba import cfunc, types

        signature = types.float64(*(types.float64 for _ in ARGUMENTS))
        try:
            _compiled[function] = cfunc(signature, error_model="numpy")(function)
        except Exception as error:
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise SimulationError(f"{where}: cannot be compiled as {wanted}: {first}") from error
    return int(_compiled[function].address)
