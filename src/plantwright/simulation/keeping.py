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
from hashlib import sha256
from pathlib import Path
from typing import Any

import llvmlite
import numba
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.registry import cpu_target
from numba.core.runtime import rtsys
from numba.core.serialize import dumps

from plantwright.folders import cache_folder

_DIGEST = 32
_MONTH = 30 * 86400.0
_MOST = 8


def kept_at(version: str) -> Path:
    """The file of the engine of these sources, for the numba and the processor at hand."""
    parts = (
        version,
        numba.__version__,
        llvmlite.__version__,
        sys.implementation.cache_tag,
        cpu_target.target_context.codegen().magic_tuple(),
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


class Keeper(_Cache):  # type: ignore[misc]
    """Numba's door to the file: asked before it compiles, and told after it has.

    Parameters
    ----------
    version : str
        What the engine is made of.
    """

    def __init__(self, version: str) -> None:
        self.path = kept_at(version)
        self.problem = ""
        """Why the compiled engine could not be kept; empty where it was."""

    @property
    def cache_path(self) -> str:
        return str(self.path.parent)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        # Numba would make ready to compile (`target_context.refresh()`), which takes half a second; machine code needs no more of it
        # than numba's memory, for the errors that it raises.
        rtsys.initialize(target_context)
        payload = _payload(self.path)
        if payload is None:
            return None
        with suppress(OSError):
            os.utime(self.path)
        return CompileResult._rebuild(target_context, *pickle.loads(payload))

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            _write(self.path, dumps(data._reduce()))
        except OSError as error:
            self.problem = f"{self.path.parent}: {error.strerror or error}"
            return
        with suppress(OSError):
            _clear(self.path)

    def enable(self) -> None:
        pass

    def disable(self) -> None:
        pass

    def flush(self) -> None:
        pass
