"""Machine code, kept apart from the compiler that made it: a process that only runs it need not import numba.

LLVM itself lays the code into memory and finds what it calls, the logarithm and its like, as it does for numba.
"""

from __future__ import annotations

import ctypes
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass

import llvmlite.binding as llvm


@dataclass(frozen=True, slots=True)
class MachineCode:
    """A function that takes an integer and gives one, as numba compiles it.

    Attributes
    ----------
    name : str
        Of the function, in the code.
    code : bytes
        An object file of the machine.
    needs : sequence of str
        The names of functions that it calls, which are not in it.
    near : bool
        Its sections must lie near each other in memory.
    foreseen : float
        Of what share of its branches it was known which way they go when it was compiled.
    """

    name: str
    code: bytes
    needs: tuple[str, ...]
    near: bool
    foreseen: float


class _Error(ctypes.Structure):
    """What numba tells of an error: the pickled class, what it was given, and where."""

    _fields_ = (("told", ctypes.c_void_p), ("size", ctypes.c_int32))


_FUNCTION = ctypes.CFUNCTYPE(
    ctypes.c_int32, ctypes.POINTER(ctypes.c_int64), ctypes.POINTER(ctypes.POINTER(_Error)), ctypes.c_int64
)


def in_memory(made: MachineCode) -> llvm.ExecutionEngine:
    """The code, laid into memory by LLVM, which has the addresses of what is in it; it goes when that goes."""
    if sys.platform == "win32" or not all(hasattr(ctypes.CDLL(None), name) for name in made.needs):
        # Numba has some of what C's own library lacks, and tells LLVM of it as it makes its target ready.
        from numba.core.registry import cpu_target

        assert cpu_target.target_context
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple().create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target, use_lmm=True if made.near else None)
    engine.add_object_file(llvm.ObjectFileRef.from_data(made.code))
    engine.finalize_object()
    return engine


def laid_out(made: MachineCode) -> Callable[[int], int]:
    """The function, ready to be called; it lets go of Python's lock meanwhile."""
    return function_of(in_memory(made), made.name)


def function_of(engine: llvm.ExecutionEngine, name: str) -> Callable[[int], int]:
    """A function of code in memory, which stays there as long as the function does."""
    function = _FUNCTION(engine.get_function_address(name))

    def call(argument: int, engine: object = engine) -> int:
        result, error = ctypes.c_int64(), ctypes.POINTER(_Error)()
        if function(ctypes.byref(result), ctypes.byref(error), argument):
            kind, given, _ = pickle.loads(ctypes.string_at(error.contents.told, error.contents.size))
            raise kind(*given)
        return result.value

    return call
