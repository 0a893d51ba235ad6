"""The engine as compiled code: compiled once for each machine, kept in the cache folder, loaded from there.

The same loop runs as plain Python where numba is told to be off (``NUMBA_DISABLE_JIT=1``).
"""

from __future__ import annotations

import gc
import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from plantwright.simulation import world as world_module
from plantwright.simulation.keeping import found, is_kept, keep, kept_at
from plantwright.simulation.machine_code import Function, MachineCode, laid_out
from plantwright.simulation.world import PLAIN

_LOG = logging.getLogger("plantwright")

COMPILING = "Compiling the simulation engine for this machine, once; it takes about half a minute ..."
NOT_KEPT = "The compiled engine could not be kept, so that the next process compiles it anew: {problem}"

_ready: list[_Engine] = []
_once = threading.Lock()


@dataclass(frozen=True)
class Compiled:
    """The compiled engine: the file that keeps it, and why it could not be written, where that is so."""

    path: Path
    problem: str = ""


@dataclass(frozen=True)
class _Engine:
    run: Function
    kept: Compiled


def advance(world: Any) -> int:
    """Run a world until it is finished, at the instant where it is to stop, cancelled, in need of more lots, or its log is full.

    It releases the GIL meanwhile.
    """
    if PLAIN:
        from plantwright.simulation.engine import loop

        return int(loop(world))
    return entry()(world.address)


def advancing(world: Any) -> Callable[[], int]:
    """`advance` for one world, as long as its memory lies where it is: what is done so often that a look-up counts."""
    return partial(advance, world) if PLAIN else entry().bound(world.address)


def is_compiled() -> bool:
    """Whether the engine can start at once: compiled in this process, or kept in the cache folder."""
    return PLAIN or bool(_ready) or is_kept(path())


def compile_engine(quiet: bool = False) -> Compiled:
    """Compile the engine, or load it from the cache folder.

    Parameters
    ----------
    quiet : bool
        Say nothing about it; else a line in the log (on standard error, unless the program says otherwise) tells that the engine
        is being compiled, and one if it could not be kept.
    """
    if PLAIN:
        return Compiled(path(), "numba is switched off by NUMBA_DISABLE_JIT")
    return _engine(quiet).kept


def entry(quiet: bool = False) -> Function:
    """The compiled engine: takes the address of a world, runs it, and returns why it came back."""
    return _engine(quiet).run


def _engine(quiet: bool) -> _Engine:
    """The first thread to ask loads or compiles the engine, the others wait."""
    if not _ready:
        with _once:
            if not _ready:
                _ready.append(_load_or_compile(quiet))
    return _ready[0]


def _load_or_compile(quiet: bool) -> _Engine:
    made, problem = found(path()), ""
    if made is None:
        if not quiet:
            _LOG.warning(COMPILING)
        made = _compiled()
        problem = keep(path(), made)
        if not quiet and problem:
            _LOG.warning(NOT_KEPT.format(problem=problem))
    return _Engine(laid_out(made), Compiled(path(), problem))


def _compiled() -> MachineCode:
    # The compiler and all sources of the engine are imported by who compiles alone: it takes longer than many a run.
    from numba import int64

    from plantwright.simulation.engine import loop
    from plantwright.simulation.linking import machine_code
    from plantwright.simulation.pointers import as_world
    from plantwright.simulation.remembering import remembering

    def entry(address: Any) -> Any:
        return loop(as_world(address))

    # A compiler makes many objects, few of which are garbage.
    collects = gc.isenabled()
    gc.disable()
    try:
        with remembering():
            return machine_code(entry, int64)
    finally:
        if collects:
            gc.enable()


def path() -> Path:
    """Where the compiled engine is kept, by all its sources."""
    return kept_at(f"{source_hash()} checked: {world_module.BOUNDS_CHECKED}")


@cache
def source_hash() -> str:
    """A hash of all sources that the compiled engine is made of: this file, what it imports of this room, and so on, and which way branches go."""
    from hashlib import sha256

    folder = Path(__file__).parent
    found: dict[str, bytes] = {}
    ahead = [Path(__file__).stem]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found[name] = (folder / f"{name}.py").read_bytes()
            ahead += re.findall(r"^ *from plantwright\.simulation\.(\w+) import", found[name].decode(), re.MULTILINE)
            ahead += re.findall(r"^ *from plantwright\.simulation import (\w+)", found[name].decode(), re.MULTILINE)
    found["branches.json"] = (folder / "branches.json").read_bytes()
    return sha256(b"\0".join(found[name] for name in sorted(found))).hexdigest()
