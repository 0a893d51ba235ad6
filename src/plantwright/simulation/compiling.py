"""Whether the engine is compiled on this machine, so that a person can be told why the first run takes longer."""

from __future__ import annotations

from typing import Any


def is_compiled() -> bool:
    """Whether the engine can start at once: compiled in this process, or found in numba's cache."""
    from numba import int64

    from plantwright.simulation.engine import entry
    from plantwright.simulation.world import PLAIN

    if PLAIN:
        return True
    engine: Any = entry()
    return bool(engine.signatures) or engine._cache.load_overload((int64,), engine.targetctx) is not None


def compile_engine() -> None:
    """Compile the engine, or load it from numba's cache."""
    from numba import int64

    from plantwright.simulation.engine import entry
    from plantwright.simulation.world import PLAIN

    if not PLAIN:
        entry().compile((int64,))
