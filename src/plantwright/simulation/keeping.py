"""The compiled engine on disk: one file for each version of sources, numba and processor, found by its name alone.

A file is written whole or not at all, so that two processes that compile at once write the same file one after the other;
its digest stands in it, so that a damaged one is compiled anew. Where nothing can be written the engine is compiled in memory
in each process. Files of other versions go when they have not been used for a month, or are many.
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
from contextlib import suppress
from dataclasses import astuple
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import llvmlite.binding as llvm

from plantwright.folders import cache_folder, compiler_settings
from plantwright.simulation.machine_code import MachineCode

_DIGEST = 32
_MONTH = 30 * 86400.0
_MOST = 8


def kept_at(sources: str) -> Path:
    """The file of the engine of these sources, for the numba and the processor at hand."""
    parts = (
        sources,
        version("numba"),
        version("llvmlite"),
        sys.implementation.cache_tag,
        llvm.get_process_triple(),
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
        sorted(compiler_settings().items()),
    )
    return cache_folder() / f"engine-{sha256(repr(parts).encode()).hexdigest()[:32]}.bin"


def is_kept(path: Path) -> bool:
    """Whether the engine lies there undamaged."""
    return _payload(path) is not None


def _payload(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, payload = content[:_DIGEST], content[_DIGEST:]
    return payload if sha256(payload).digest() == digest else None


def _write(path: Path, payload: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=f"{path.stem}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(sha256(payload).digest() + payload)
        os.replace(part, path)
    except OSError:
        with suppress(OSError):
            os.unlink(part)
        # Windows lets nobody replace a file that another process is reading, which then is the same.
        if not is_kept(path):
            raise


def _clear(path: Path) -> None:
    """Remove files of other versions that are old or too many, and what a process left that was killed as it wrote."""
    now = path.stat().st_mtime
    found = [(other.stat().st_mtime, other) for other in path.parent.glob("engine-*.bin") if other != path]
    found.sort(reverse=True)
    gone = [other for place, (used, other) in enumerate(found) if place >= _MOST - 1 or now - used > _MONTH]
    gone += [part for part in path.parent.glob("engine-*.part") if now - part.stat().st_mtime > _MONTH]
    for other in gone:
        with suppress(OSError):
            other.unlink()


def keep(path: Path, made: MachineCode) -> str:
    """Write the engine there, and clear away what is old; why that could not be done, or nothing."""
    try:
        _write(path, pickle.dumps(astuple(made)))
    except OSError as error:
        return f"{path.parent}: {error.strerror or error}"
    with suppress(OSError):
        _clear(path)
    return ""


def found(path: Path) -> MachineCode | None:
    """The engine that lies there, if it does, undamaged; it has been used now."""
    payload = _payload(path)
    if payload is None:
        return None
    with suppress(OSError):
        os.utime(path)
    return MachineCode(*pickle.loads(payload))
