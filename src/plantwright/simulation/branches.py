"""Which way the branches of the engine mostly go, as counted in runs, so that LLVM lays the usual way out straight.

A compiler guesses what is usual; of a program as branchy as this one it guesses much wrong. `python -m benchmarks.branches` compiles an
engine that counts, lets it run plants of many kinds, and writes `branches.json`: for each function how often it is called in a million events,
and for each of its branches how often its condition holds, in a million times (0: never, 1000000: always, -: the branch was not come to). A function
that has another number of branches now is left to LLVM's guesses. Results are the same in any case.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from llvmlite import ir

SHARES = Path(__file__).with_name("branches.json")
MILLION = 1_000_000
COUNTS = "branches_of_"
"""How the names of the numbers begin that a counting engine keeps."""

_PACKAGE = "_ZN11plantwright10simulation"


class Foreseen:
    """How many branches there are in the engine that is compiled, and of how many it is known which way they go."""

    def __init__(self) -> None:
        self.known = self.all = 0

    @property
    def share(self) -> float:
        """Of how many it is known, from 0 to 1; 1 where there are none."""
        return self.known / self.all if self.all else 1.0

    def tell(self, module: ir.Module) -> None:
        """Tell LLVM, of each function of a module, which way its branches go."""
        for function in _ours(module):
            branches = _branches(function)
            calls, *shares = _counted().get(name_of(function.name), "-").split()
            self.all += len(branches)
            if calls == "-" or len(shares) != len(branches):
                continue
            self.known += len(branches)
            told = (ir.MetaDataString(module, "function_entry_count"), ir.IntType(64)(int(calls)))
            function.set_metadata("prof", module.add_metadata(told))
            for branch, share in zip(branches, shares, strict=True):
                if share != "-":
                    branch.set_weights((int(share), MILLION - int(share)))


def count(module: ir.Module, counted: dict[str, int]) -> None:
    """Let each function of a module count how often it is called, how often each of its branches is come to, and how often its condition
    holds; note its name, and how many numbers that are.
    """
    number = ir.IntType(64)
    for function in _ours(module):
        branches = _branches(function)
        counted[function.name] = 1 + 2 * len(branches)
        counts = ir.GlobalVariable(module, ir.ArrayType(number, counted[function.name]), COUNTS + function.name)
        counts.initializer = ir.Constant(counts.value_type, [0] * counted[function.name])

        def add(builder: ir.IRBuilder, place: int, more: ir.Value, counts: ir.GlobalVariable = counts) -> None:
            at = builder.gep(counts, [number(0), number(place)])
            builder.store(builder.add(builder.load(at), more), at)

        for place, branch in enumerate(branches):
            builder = ir.IRBuilder(branch.parent)
            builder.position_before(branch)
            add(builder, 1 + 2 * place, number(1))
            add(builder, 2 + 2 * place, builder.zext(branch.operands[0], number))
        builder = ir.IRBuilder(function.entry_basic_block)
        builder.position_at_start(function.entry_basic_block)
        add(builder, 0, number(1))


def written(calls: float, branches: Any) -> str:
    """How the numbers of a function are written, of a million events: its calls, and a row for each branch: how often it was come to, and held."""
    return " ".join([str(round(calls)), *(_share(times, held) for times, held in branches)])


def _share(times: float, held: float) -> str:
    """Never and always are kept for what is so."""
    if not times:
        return "-"
    if held in (0, times):
        return str(MILLION if held else 0)
    return str(min(max(round(MILLION * held / times), 1), MILLION - 1))


def name_of(mangled: str) -> str:
    """A function's name without what another version of numba, or of the engine, would write otherwise: ``agenda.cancel 5Worldx``."""
    parts, rest = [], mangled.removeprefix(_PACKAGE)
    while rest[:1].isdigit():
        part, rest = _part(rest)
        parts.append(part)
    while rest.startswith("B"):
        _, rest = _part(rest[1:])
    return f"{'.'.join(parts)} {rest.removeprefix('E')}"


def _part(text: str) -> tuple[str, str]:
    """A name that begins with its length, and what comes behind it."""
    digits = len(text) - len(text.lstrip("0123456789"))
    end = digits + int(text[:digits])
    return text[digits:end], text[end:]


def _ours(module: ir.Module) -> list[ir.Function]:
    """The functions of the engine that are in a module."""
    return [f for f in module.functions if not f.is_declaration and f.name.startswith(_PACKAGE)]


def _branches(function: ir.Function) -> list[ir.ConditionalBranch]:
    """Those of a function, in the order of its blocks."""
    return [block.terminator for block in function.blocks if isinstance(block.terminator, ir.ConditionalBranch)]


@cache
def _counted() -> dict[str, str]:
    return dict(json.loads(SHARES.read_text(encoding="utf-8")))
