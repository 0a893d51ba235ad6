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


_FUNCTION = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
"""It writes its result, or where what is told of an error lies, where it is said, and returns whether it was an error."""


class Function:
    """A function of code in memory, which stays there as long as the function does; it lets go of Python's lock meanwhile."""

    def __init__(self, engine: llvm.ExecutionEngine, name: str) -> None:
        self._engine = engine
        self._function = _FUNCTION(engine.get_function_address(name))

    def __call__(self, argument: int) -> int:
        """What it gives for an argument."""
        return self.bound(argument)()

    def bound(self, argument: int) -> Callable[[], int]:
        """The function for one argument, for one thread at a time: what is called a million times looks nothing up."""
        result, error = ctypes.c_int64(), ctypes.POINTER(_Error)()
        function, of_result, of_error = self._function, ctypes.addressof(result), ctypes.addressof(error)

        def call(stays: object = self) -> int:
            if function(of_result, of_error, argument):
                kind, given, _ = pickle.loads(ctypes.string_at(error.contents.told, error.contents.size))
                raise kind(*given)
            return result.value

        return call


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


def laid_out(made: MachineCode) -> Function:
    """The function, ready to be called."""
    return Function(in_memory(made), made.name)
