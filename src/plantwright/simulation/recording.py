"""The log of a running world: room for its rows, and how they are fetched while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from plantwright.simulation import codes
from plantwright.simulation.world import World

Rows = Callable[[Any], None]
"""Takes the next rows of a log, an array with the fields of the concept ``log``."""


class Sink(Protocol):
    """Where a log goes: called with the next rows, and closed when no more come."""

    def __call__(self, rows: Any, /) -> None: ...

    def close(self) -> None: ...


_LEAST_ROWS = 32768
_SPARE = 1024


def open_log(world: World) -> None:
    """Let a world write its log from now on."""
    world.run.logging[0] = 1
    _make_room(world)


def _make_room(world: World) -> None:
    # What happens between two looks at the log is one event or one step of what follows from it: it touches each lot and each
    # machine a few times at most.
    machines = len(world.records["machine"]) * (4 + int(world.run.hold_width[0]))
    spare = _SPARE + 4 * len(world.records["lot"]) + 4 * machines
    rows = max(_LEAST_ROWS, 2 * spare)
    if rows > len(world.records["log"]):
        world.resize({"log": rows})
    world.run.log_rows[0] = len(world.records["log"])
    world.run.log_limit[0] = len(world.records["log"]) - spare


def drain(world: World, sink: Rows) -> None:
    """Hand all rows written so far to `sink`, and make room for as many as the world may need."""
    if world.run.log_missed[0]:
        raise RuntimeError(f"{world.run.log_missed[0]} rows of the log found no room; this is a fault of the engine")
    written = int(world.run.logged[0])
    if written:
        sink(world.records["log"][:written].copy())
    world.run.logged[0] = 0
    _make_room(world)


class Settled:
    """A sink that leaves out what nobody could see, before it hands rows on: states that a machine was in for no time.

    At one instant a machine may become starved, and find its next lot; only the state that it stays in is a change, and only
    if it is another than before. Rows of the last instant are held back until the next come; `close` hands them on.
    """

    def __init__(self, sink: Rows) -> None:
        self._sink = sink
        self._held: Any = None
        self._states: dict[int, int] = {}

    def __call__(self, rows: Any) -> None:
        """Take the next rows."""
        rows = rows if self._held is None else np.concatenate([self._held, rows])
        last = int(np.searchsorted(rows["time"], rows["time"][-1]))
        self._held = rows[last:]
        self._hand_on(rows[:last])

    def close(self) -> None:
        """No more rows come."""
        if self._held is not None:
            self._hand_on(self._held)
            self._held = None

    def _hand_on(self, rows: Any) -> None:
        keep = np.ones(len(rows), bool)
        stays: dict[tuple[int, float], int] = {}
        states = np.flatnonzero(rows["kind"] == codes.LOG_STATE)
        places = (states.tolist(), rows["machine"][states].tolist(), rows["time"][states].tolist())
        for row, machine, time in zip(*places, strict=True):
            if (earlier := stays.get((machine, time))) is not None:
                keep[earlier] = False
            stays[machine, time] = row
        for (machine, _), row in stays.items():
            state = int(rows["detail"][row])
            keep[row] = self._states.get(machine) != state
            self._states[machine] = state
        if keep.any():
            self._sink(rows[keep])
