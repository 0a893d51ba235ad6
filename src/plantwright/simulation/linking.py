"""How the engine is put together: every function lowered on its own, all of them optimised once, as one program.

Numba makes of every compiled function a library: optimised, made machine code, with wrappers to be called from Python, and
optimised again in each that calls it. The functions of the engine are called by nobody but each other. So their libraries
stay as they were lowered, and the entry, which alone is called from Python, links all of them, declares them its own (a
compiler may do with them what it likes) and has the whole optimised. That takes half the time, and the code is better.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import llvmlite.binding as llvm
from numba.core import config
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, CompilerBase, Flags, _LowerResult, compile_extra
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.registry import cpu_target
from numba.core.typed_passes import NativeLowering

from plantwright.simulation.branches import Foreseen, count
from plantwright.simulation.calling import calling_directly
from plantwright.simulation.machine_code import MachineCode

_APART: list[str] = []
"""How the names of functions that are seldom called begin, as numba writes them."""


def told_apart(function: Any) -> None:
    """Let a function of the engine lie apart: the processor's cache, which holds little code, is for what is called often."""
    names = [*function.__module__.split("."), function.__name__]
    _APART.append("_ZN" + "".join(f"{len(name)}{name}" for name in names) + "B")


# Steps for what the engine's functions do without: arrays, closures, contexts, literals as types, generated code.
_NOT_NEEDED = frozenset(
    {
        "WithLifting",
        "InlineClosureLikes",
        "RewriteSemanticConstants",
        "GenericRewrites",
        "RewriteDynamicRaises",
        "MakeFunctionToJitFunction",
        "InlineInlinables",
        "FindLiterallyCalls",
        "LiteralUnroll",
        "LiteralPropagationSubPipelinePass",
        "InlineOverloads",
        "NopythonRewrites",
        "DumpParforDiagnostics",
    }
)


class _Part(JITCodeLibrary):  # type: ignore[misc]
    """One function of the engine, as it was lowered."""

    _shared_module: Any
    foreseen = Foreseen()
    counted: dict[str, int] | None = None

    def add_ir_module(self, ir_module: Any) -> None:
        if _Part.counted is None:
            _Part.foreseen.tell(ir_module)
        else:
            count(ir_module, _Part.counted)
        for function in ir_module.functions:
            # As text: LLVM's own door for attributes gave them to what a function returns until llvmlite 0.48.
            if not function.is_declaration and function.name.startswith(tuple(_APART)):
                function.attributes.add("cold")
                function.attributes.add("noinline")
        super().add_ir_module(ir_module)

    def finalize(self) -> None:
        self._raise_if_finalized()
        self._finalized = True

    def _get_module_for_linking(self) -> Any:
        if self._shared_module is None:
            whole = self._final_module.clone()
            for library in _below(self):
                module = library._final_module if isinstance(library, _Part) else library._get_module_for_linking()
                whole.link_in(module, preserve=True)
            for function in whole.functions:
                if not function.is_declaration and function.linkage.name == "external":
                    function.linkage = "linkonce_odr"
            self._shared_module = whole
        return self._shared_module


def _below(library: Any) -> list[Any]:
    """All libraries that a part calls, and those that they call, each once."""
    found: dict[Any, None] = {}
    ahead = list(library._linking_libraries)
    while ahead:
        other = ahead.pop()
        if other not in found:
            found[other] = None
            if isinstance(other, _Part):
                ahead.extend(other._linking_libraries)
    return list(found)


class _Whole(JITCodeLibrary):  # type: ignore[misc]
    """The entry with all that it calls."""

    def _optimize_final_module(self) -> None:
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage.name == "linkonce_odr":
                function.linkage = "internal"
        super()._optimize_final_module()

    emitted_apart = False

    def _finalize_final_module(self) -> None:
        if self.emitted_apart:
            # Numba's own engine is not given it: it would make machine code of it once more.
            self._finalized = True
        else:
            super()._finalize_final_module()


def _lower_directly(step: Any, state: Any) -> bool:
    """Lower a function of the engine, which calls others directly."""
    usual, state.targetctx = state.targetctx, calling_directly(state.targetctx)
    try:
        return bool(NativeLowering.run_pass(step, state))
    finally:
        state.targetctx = usual


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerPart(NativeLowering):  # type: ignore[misc]
    _name = "plantwright_lower_part"

    def run_pass(self, state: Any) -> bool:
        state.library = _Part(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_cpython_wrapper = state.flags.no_cfunc_wrapper = state.flags.no_compile = True
        _lower_directly(self, state)
        # Numba knows a compiled function by the builtin that Python would call; nobody calls this one.
        lowered, known_as = state["cr"], [].clear
        state.targetctx.insert_user_function(known_as, lowered.fndesc, [state.library])
        state["cr"] = _LowerResult(lowered.fndesc, lowered.call_helper, cfunc=known_as, env=lowered.env)
        return True


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerWhole(NativeLowering):  # type: ignore[misc]
    _name = "plantwright_lower_whole"

    def run_pass(self, state: Any) -> bool:
        state.library = _Whole(state.targetctx.codegen(), state.func_id.func_qualname)
        return _lower_directly(self, state)


def _with_lowering(lowering: Any) -> Any:
    """A pipeline of numba that lowers in our way."""

    class Pipeline(CompilerBase):  # type: ignore[misc]
        def define_pipelines(self) -> list[Any]:
            (usual,) = Compiler.define_pipelines(self)
            manager = PassManager("plantwright")
            for step, told in usual.passes:
                if lowering is not _LowerPart or step.__name__ not in _NOT_NEEDED:
                    manager.add_pass(lowering if step is NativeLowering else step, told)
            manager.finalize()
            return [manager]

    return Pipeline


PART = _with_lowering(_LowerPart)
WHOLE = _with_lowering(_LowerWhole)


@contextmanager
def counting() -> Iterator[dict[str, int]]:
    """What is compiled meanwhile counts how its branches go: names of functions, and how many numbers each keeps."""
    _Part.counted = {}
    try:
        yield _Part.counted
    finally:
        _Part.counted = None


_NEAR = sys.platform != "win32" and llvm.get_process_triple().startswith("x86_64")
"""Whether calls tell how far off the code lies that they call, in half the bytes, and not where: tried on this processor alone."""


def _emitted(library: Any) -> bytes:
    """The machine code of a library, for the processor at hand."""
    options: dict[str, Any] = {}
    library.codegen._customize_tm_options(options)
    if _NEAR:
        options |= {"reloc": "pic", "codemodel": "small"}
    target = llvm.Target.from_default_triple().create_target_machine(opt=config.OPT, **options)
    return bytes(target.emit_object(library._final_module))


def machine_code(function: Any, *arguments: Any) -> MachineCode:
    """A function that takes such arguments, of types of numba, compiled with all that it calls; Python cannot call it as it can others of
    numba, so that its machine code needs nothing of Python's.
    """
    flags = Flags()
    flags.nrt, flags.error_model = False, "numpy"
    flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
    typing, target = cpu_target.typing_context, cpu_target.target_context
    foreseen = _Part.foreseen = Foreseen()
    with global_compiler_lock:
        typing.refresh()
        target.refresh()
        made = compile_extra(typing, target, function, arguments, None, flags, {}, pipeline_class=WHOLE)
        made.library.emitted_apart = True
        made.library.finalize()
    calls = [f.name for f in made.library._final_module.functions if f.is_declaration]
    needs = tuple(name for name in calls if not name.startswith("llvm."))
    return MachineCode(made.fndesc.llvm_func_name, _emitted(made.library), needs, _NEAR, foreseen.share)
