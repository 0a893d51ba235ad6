"""How functions of the engine call each other: what they return they return, as in C.

Numba lets a compiled function write its result where the caller says, and return a status: whether it raised something, which the
caller looks at. Functions of the engine raise nothing, but where each access is checked; and a result that goes by way of the memory takes
a machine that is as deep in calls as this one some time.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.core.callconv import RETCODE_OK, CPUCallConv, Status, excinfo_ptr_t
from numba.core.cpu import CPUContext

from plantwright.simulation import world as world_module

_BEGINNING, _CALLED_FROM_OUTSIDE = "_ZN11plantwright10simulation", "_ZN11plantwright10simulation9compiling"


def _is_ours(name: str) -> bool:
    """Whether that is a function of the engine, by its name in the code."""
    return name.startswith(_BEGINNING) and not name.startswith(_CALLED_FROM_OUTSIDE)


def _stop(builder: Any) -> None:
    """Where numba would raise something: it does not come here, and must not go on if it does."""
    trap = builder.module.declare_intrinsic("llvm.trap", (), ir.FunctionType(ir.VoidType(), []))
    builder.call(trap, [])
    builder.unreachable()


class _Convention(CPUCallConv):  # type: ignore[misc]
    """Ours among ourselves, numba's with all others."""

    def get_arguments(self, function: Any) -> Any:
        return function.args if _is_ours(function.name) else super().get_arguments(function)

    def return_value(self, builder: Any, value: Any) -> None:
        if _is_ours(builder.function.name):
            builder.ret(value)
        else:
            super().return_value(builder, value)

    def return_status_propagate(self, builder: Any, status: Any) -> None:
        if _is_ours(builder.function.name):
            _stop(builder)
        else:
            super().return_status_propagate(builder, status)

    def return_user_exc(self, builder: Any, *of: Any, **with_words: Any) -> None:
        if _is_ours(builder.function.name):
            _stop(builder)
        else:
            super().return_user_exc(builder, *of, **with_words)

    def call_function(self, builder: Any, callee: Any, result: Any, types: Any, values: Any, attrs: Any = None) -> Any:
        if not _is_ours(callee.name):
            return super().call_function(builder, callee, result, types, values, attrs)
        given = list(self._get_arg_packer(types).as_arguments(builder, values))
        value = self.context.get_returned_value(builder, result, builder.call(callee, given))
        yes, no = cgutils.true_bit, cgutils.false_bit
        return Status(RETCODE_OK, yes, no, no, no, no, no, ir.Constant(excinfo_ptr_t, ir.Undefined)), value


class _Context(CPUContext):  # type: ignore[misc]
    """Numba's target, with our convention."""

    @property
    def call_conv(self) -> Any:
        return _Convention(self)

    def declare_function(self, module: Any, described: Any) -> Any:
        if not _is_ours(described.mangled_name):
            return super().declare_function(module, described)
        arguments = self.call_conv._get_arg_packer(described.argtypes)
        result = self.call_conv.get_return_type(described.restype).pointee
        kind = ir.FunctionType(result, list(arguments.argument_types))
        function = cgutils.get_or_insert_function(module, kind, described.mangled_name)
        arguments.assign_names(function.args, [f"arg.{name}" for name in described.args])
        if described.inline:
            function.attributes.add("alwaysinline")
            function.attributes.discard("noinline")
        return function


def calling_directly(target: Any) -> Any:
    """Numba's target, in which functions of the engine call each other directly; as it is where each access is checked."""
    if world_module.BOUNDS_CHECKED:
        return target
    ours = copy(target)
    ours.__class__ = _Context
    ours.cached_internal_func = {}
    return ours
