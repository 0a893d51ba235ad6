"""The world: all that a run keeps, reachable from compiled code through one pointer.

Compiled code writes ``w.machine.state[m]``. An array handed to a compiled function costs seven words and an atomic
reference count at each call; one opaque pointer costs nothing, which makes the engine some ten times faster and halves its
compile time. The same source runs as plain Python (with numba's ``NUMBA_DISABLE_JIT=1``): there `World` itself is passed, and
``w.machine.state`` is a NumPy array.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from plantwright.folders import compiler_settings
from plantwright.simulation.concepts import ARRAYS, CONCEPTS
from plantwright.simulation.layout import DTYPES, RECORDS, Places, as_words, block, places

PLAIN = compiler_settings().get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
"""True where the engine runs as plain Python."""

BOUNDS_CHECKED = False
"""Set before the first run of a process: every access is checked, and one outside raises IndexError (some 5 % slower)."""

# The table that the pointer points to: the one row of the run, an address for each other concept and array, a row length for each
# two-dimensional array, and the number of rows of each for checks.
RUN = "run"
_RUN_SLOTS = len(CONCEPTS[RUN])
SLOTS: dict[Any, int] = {}
for _name in [*CONCEPTS, *ARRAYS]:
    SLOTS[_name] = _RUN_SLOTS + len(SLOTS)
for _name in ARRAYS:
    SLOTS["columns", _name] = _RUN_SLOTS + len(SLOTS)
for _name in [*CONCEPTS, *ARRAYS]:
    SLOTS["rows", _name] = _RUN_SLOTS + len(SLOTS)
_TABLE = _RUN_SLOTS + len(SLOTS)
_IN_ROWS = [name for name in [*CONCEPTS, *ARRAYS] if name != RUN]
_SLOTS_OF_ADDRESSES = [SLOTS[name] for name in _IN_ROWS]
_SLOTS_OF_ROWS = [SLOTS["rows", name] for name in _IN_ROWS]
_SLOTS_OF_COLUMNS = [SLOTS["columns", name] for name in ARRAYS]


class World:
    """Owner of the memory of one run: one block, in which the table lies and behind it all rows.

    Parameters
    ----------
    rows : dict
        Number of rows of each concept, and shape of each plain array.

    Attributes
    ----------
    records, arrays : dict
        The rows of each concept, and each plain array. They lie elsewhere after a `resize`.
    """

    records: dict[str, Any]
    arrays: dict[str, Any]
    table: Any

    def __init__(self, rows: Mapping[str, Any]) -> None:
        shapes = {
            name: (max(1, rows.get(name, 1)),) if name in CONCEPTS else rows.get(name, (1,) * ARRAYS[name][1])
            for name in _IN_ROWS
        }
        self._lie_in(places(shapes, _TABLE))

    def _lie_in(self, places: Places, content: Any = None) -> None:
        """Lie in a new block, with the content of another one or all zero."""
        memory = block(places.size)
        if content is not None:
            memory[:] = content
        records, arrays = {RUN: np.ndarray(1, RECORDS[RUN], memory)}, {}
        for (name, shape), start in zip(places.shapes.items(), places.starts.tolist(), strict=True):
            if name in RECORDS:
                records[name] = np.ndarray(shape, RECORDS[name], memory, start)
            else:
                arrays[name] = np.ndarray(shape, DTYPES[ARRAYS[name][0]], memory, start)
        table = np.ndarray(_TABLE, np.int64, memory)
        table[_SLOTS_OF_ADDRESSES] = places.starts + memory.ctypes.data
        table[SLOTS["rows", RUN]] = 1
        table[_SLOTS_OF_ROWS] = [shape[0] for shape in places.shapes.values()]
        table[_SLOTS_OF_COLUMNS] = [places.shapes[name][-1] for name in ARRAYS]
        # What was looked up of an older block goes with it.
        self.__dict__ = {"_places": places, "_memory": memory, "table": table, "records": records, "arrays": arrays}

    def resize(self, rows: Mapping[str, int]) -> None:
        """Give concepts and plain arrays so many rows, keeping those that they have as far as there is room."""
        shapes, old = self._places.shapes, {**self.records, **self.arrays}
        new = {name: (count, *shapes[name][1:]) for name, count in rows.items()}
        self._lie_in(places({**shapes, **new}, _TABLE))
        for name, rows_now in {**self.records, **self.arrays}.items():
            was, now = as_words(old[name]), as_words(rows_now)
            kept = min(len(was), len(now))
            now[:kept] = was[:kept]

    def clone(self) -> World:
        """A world of its own with the same content."""
        other = World.__new__(World)
        other._lie_in(self._places, self._memory)
        return other

    @property
    def address(self) -> int:
        """Where the table lies: what compiled code receives."""
        return int(self.table.ctypes.data)

    def __getattr__(self, name: str) -> Any:
        # The fields of a concept are looked up once they are asked for.
        if name in CONCEPTS:
            found: Any = _Fields(self.records[name])
        elif name in ARRAYS:
            found = self.arrays[name]
        else:
            raise AttributeError(name)
        setattr(self, name, found)
        return found


class _Fields:
    """The rows of a concept, each field an array: ``world.machine.state[m]``."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def __getattr__(self, name: str) -> Any:
        if name not in self._rows.dtype.fields:
            raise AttributeError(name)
        found = self._rows[name]
        setattr(self, name, found)
        return found
