"""How the engine calls a dispatch rule of a user's own (`own_rules`)."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from plantwright.errors import SimulationError
from plantwright.simulation.own_rules import ARGUMENTS, PLAIN_RULES
from plantwright.simulation.world import PLAIN

if PLAIN:

    def call_rule(address: int, *numbers: float) -> float:
        """What a user's own rule says of a lot."""
        function, where = PLAIN_RULES[address]
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
            function = ir.FunctionType(ir.DoubleType(), [ir.DoubleType()] * len(ARGUMENTS))
            return builder.call(builder.inttoptr(args[0], function.as_pointer()), args[1:])

        return types.float64(types.int64, *(types.float64 for _ in ARGUMENTS)), generate
