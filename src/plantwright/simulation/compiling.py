"""The engine as compiled code: compiled once for each machine, kept in the cache folder, loaded from there.

The same loop runs as plain Python where numba is told to be off (``NUMBA_DISABLE_JIT=1``).
"""

from __future__ import annotations

import gc
import logging
import re
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from numba import int64, njit

from plantwright.simulation import world as world_module
from plantwright.simulation.engine import loop
from plantwright.simulation.keeping import Keeper, is_kept
from plantwright.simulation.linking import WHOLE
from plantwright.simulation.remembering import remembering
from plantwright.simulation.world import PLAIN, as_world

_LOG = logging.getLogger("plantwright")

COMPILING = "Compiling the simulation engine for this machine, once; it takes about half a minute ..."
NOT_KEPT = "The compiled engine could not be kept, so that the next process compiles it anew: {problem}"

_ready: list[Any] = []
_once = threading.Lock()


@dataclass(frozen=True)
class Compiled:
    """The compiled engine: the file that keeps it, and why it could not be written, where that is so."""

    path: Path
    problem: str = ""


def advance(world: Any) -> int:
    """Run a world until it is finished, at the instant where it is to stop, cancelled, in need of more lots, or its log is full.

    It releases the GIL meanwhile.
    """
    return int(loop(world)) if PLAIN else int(entry()(world.address))


def is_compiled() -> bool:
    """Whether the engine can start at once: compiled in this process, or kept in the cache folder."""
    return PLAIN or bool(_ready) or is_kept(keeper().path)


def compile_engine(quiet: bool = False) -> Compiled:
    """Compile the engine, or load it from the cache folder.

    Parameters
    ----------
    quiet : bool
        Say nothing about it; else a line in the log (on standard error, unless the program says otherwise) tells that the engine
        is being compiled, and one if it could not be kept.
    """
    if PLAIN:
        return Compiled(keeper().path, "numba is switched off by NUMBA_DISABLE_JIT")
    entry(quiet)
    return Compiled(keeper().path, keeper().problem)


def entry(quiet: bool = False) -> Any:
    """The compiled engine: takes the address of a world, runs it, and returns why it came back.

    The first thread to ask loads or compiles it, the others wait.
    """
    if not _ready:
        with _once:
            if not _ready:
                _ready.append(_load_or_compile(quiet))
    return _ready[0]


def _load_or_compile(quiet: bool) -> Any:
    engine = _make_entry()
    if not quiet and not is_kept(keeper().path):
        _LOG.warning(COMPILING)
    # A compiler makes many objects, few of which are garbage.
    collects = gc.isenabled()
    gc.disable()
    try:
        with remembering():
            engine.compile((int64,))
    finally:
        if collects:
            gc.enable()
    if not quiet and keeper().problem:
        _LOG.warning(NOT_KEPT.format(problem=keeper().problem))
    return engine


def _make_entry() -> Any:
    @njit(nogil=True, error_model="numpy", pipeline_class=WHOLE)  # type: ignore[untyped-decorator]
    def entry(address: Any) -> Any:
        return loop(as_world(address))

    entry._cache = keeper()
    return entry


@cache
def keeper() -> Keeper:
    """Where the compiled engine is kept, by all its sources: numba would not notice an edit in a function that is called."""
    return Keeper(f"{source_hash()} checked: {world_module.BOUNDS_CHECKED}")


@cache
def source_hash() -> str:
    """A hash of all sources that the compiled engine is made of: this file, what it imports of this room, and so on."""
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
    return sha256(b"\0".join(found[name] for name in sorted(found))).hexdigest()
