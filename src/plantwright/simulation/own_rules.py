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

from llvmlite import ir
from numba import cfunc, types
from numba.extending import intrinsic

from plantwright.errors import SimulationError
from plantwright.plant.resources import RULE_ENTRY_POINTS
from plantwright.simulation.world import PLAIN

_ARGUMENTS = ("now", "arrived", "released", "due", "priority", "pieces", "run", "ahead")
_SIGNATURE = types.float64(*(types.float64 for _ in _ARGUMENTS))
_compiled: dict[Callable[..., float], Any] = {}
"""Rules that are compiled; they stay as long as the process, as worlds hold their addresses."""
_plain: list[tuple[Callable[..., float], str]] = []


if PLAIN:

    def call_rule(address: int, *numbers: float) -> float:
        """What a user's own rule says of a lot."""
        function, where = _plain[address]
        found = function(*numbers)
        if not isinstance(found, int | float):
            raise SimulationError(f"{where}: gave {found!r}; it is no function that gives a number")
        return float(found)

else:

    @intrinsic  # type: ignore[untyped-decorator]
    def call_rule(
        typing_context: Any,
        address: Any,
        now: Any,
        arrived: Any,
        released: Any,
        due: Any,
        priority: Any,
        pieces: Any,
        run: Any,
        ahead: Any,
    ) -> Any:
        """What a user's own rule, whose compiled function lies at `address`, says of a lot."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            function = ir.FunctionType(ir.DoubleType(), [ir.DoubleType()] * len(_ARGUMENTS))
            return builder.call(builder.inttoptr(args[0], function.as_pointer()), args[1:])

        return types.float64(types.int64, *(types.float64 for _ in _ARGUMENTS)), generate


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
    wanted = f"a function of ({', '.join(_ARGUMENTS)}) that gives a number"
    if not callable(function) or len(inspect.signature(function).parameters) != len(_ARGUMENTS):
        raise SimulationError(f"{where}: is not {wanted}")
    return _made(function, where, wanted)


def _made(function: Callable[..., float], where: str, wanted: str) -> int:
    if PLAIN:
        _plain.append((function, where))
        return len(_plain) - 1
    if function not in _compiled:
        try:
            _compiled[function] = cfunc(_SIGNATURE, error_model="numpy")(function)
        except Exception as error:
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise SimulationError(f"{where}: cannot be compiled as {wanted}: {first}") from error
    return int(_compiled[function].address)
