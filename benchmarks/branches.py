"""Which way the branches of the engine go: counted in runs of many plants, and written for the compiler.

    python -m benchmarks.branches

Compiles an engine that counts, runs the full shop, one server, a line that fails and blocks, and every example, and writes
`src/plantwright/simulation/branches.json`, by which the engine is laid out when it is compiled (`simulation/branches.py`). Run it
after work on the engine: a test says when too little is known. All plants weigh the same, however many events they have.
"""

from __future__ import annotations

import ctypes
import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from benchmarks.full_shop import full_shop
from benchmarks.models import QUEUE, line

from plantwright.plant import Plant, read_plant, read_text
from plantwright.simulation import compiling
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.branches import COUNTS, SHARES, name_of, written
from plantwright.simulation.linking import counting
from plantwright.simulation.machine_code import Function, in_memory
from plantwright.simulation.replications import Cancel
from plantwright.simulation.running import run_on

DAY = 86400.0
OF_THE_GYM = ("asking.", "observing.")
"""Here nobody is asked; what a run in the gym is full of would be taken for what never happens."""
EVENTS = 1e6
"""What each plant's numbers are scaled to, as if it had so many."""


def plants() -> Iterator[tuple[str, Plant, float]]:
    """What is run, and for how many days."""
    yield "full shop", full_shop(), 40.0
    yield "one server", read_text(QUEUE), 30.0
    yield "line of ten", read_text(line()), 10.0
    for path in sorted((Path(__file__).parents[1] / "examples").glob("*.*")):
        if path.suffix in {".yaml", ".xlsx"}:
            yield path.name, read_plant(path), 1000.0


class Counting:
    """The engine, counting."""

    def __init__(self) -> None:
        with counting() as self.counted:
            made = compiling._compiled()
        self._memory = in_memory(made)
        compiling._ready[:] = [
            compiling._Engine(Function(self._memory, made.name), compiling.Compiled(compiling.path()))
        ]
        compiled = [name for name in self.counted if self._memory.get_global_value_address(COUNTS + name)]
        self.counts = {name: self._counts(name) for name in compiled}

    def _counts(self, name: str) -> np.ndarray:
        """Of a function: its calls, and for each branch how often it was come to, and how often its condition held."""
        kind = ctypes.c_int64 * self.counted[name]
        return np.ctypeslib.as_array(kind.from_address(self._memory.get_global_value_address(COUNTS + name)))

    def of(self, plant: Plant, days: float) -> tuple[int, dict[str, np.ndarray]]:
        """The events of one run of a plant, and what is counted in it."""
        for counts in self.counts.values():
            counts[:] = 0
        world = Blueprint(plant, days * DAY, 0.0, 0.0, False, None).world(1, 0)
        run_on(world, math.inf, Cancel())
        return int(world.run.events[0]), {name: counts.astype(float) for name, counts in self.counts.items()}


def main() -> None:
    """Count, and write."""
    engine = Counting()
    sums: dict[str, np.ndarray] = {}
    for name, plant, days in plants():
        events, counts = engine.of(plant, days)
        times = sum(numbers[1::2].sum() for numbers in counts.values())
        print(f"{name:<32} {events:>10,} events {times / events:>8.0f} branches each")
        for function, numbers in counts.items():
            sums[function] = sums.get(function, 0.0) + numbers * (EVENTS / events)
    sums = {name: numbers for name, numbers in sums.items() if not name_of(name).startswith(OF_THE_GYM)}
    shares = {name_of(name): written(numbers[0], numbers[1:].reshape(-1, 2)) for name, numbers in sums.items()}
    SHARES.write_text(json.dumps(dict(sorted(shares.items())), indent=0) + "\n", encoding="utf-8")
    branches = [share for line in shares.values() for share in line.split()[1:]]
    come_to = sum(share != "-" for share in branches)
    print(f"{len(shares)} functions, {len(branches)} branches, {come_to} of them come to")


if __name__ == "__main__":
    main()
