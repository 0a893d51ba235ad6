"""A virtual plant that runs: the engine's log becomes signals, which are handed to the servers when their instant has come."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from plantwright.plant.plant import Plant
from plantwright.shopfloor.virtual.devices import Device, devices_of
from plantwright.shopfloor.virtual.observations import Observations
from plantwright.shopfloor.virtual.pace import Pace
from plantwright.shopfloor.virtual.scenario import Conductor, Scenario
from plantwright.shopfloor.virtual.signals import Signals
from plantwright.simulation import Cancel, Telling

if TYPE_CHECKING:
    import polars

MOST_AT_ONCE = 20_000
"""Observations that are handed over at a time."""
LONGEST_NAP = 0.2
"""Seconds after which a plant that waits looks whether it is to stop."""
AFTER = 90 * 86400.0
"""Seconds that a plant goes on where nothing says for how long."""


class Sink(Protocol):
    """Serves what the machines say."""

    def write(self, said: Observations) -> None:
        """Take the next observations."""

    def cut(self) -> None:
        """Let no connection stand, and take none."""

    def mend(self) -> None:
        """Take connections again."""

    def close(self) -> None:
        """End."""


class _Stopped(Exception):  # noqa: N818
    """The plant is to stop."""


class VirtualPlant:
    """A plant that runs at a pace.

    Parameters
    ----------
    plant : Plant
        On the calendar on which it runs, with the dated changes of the scenario.
    pace : Pace
    horizon : float
        Seconds of the plant until it ends.
    seed : int
    scenario : Scenario
    clock : callable
        Nanoseconds since 1970.
    """

    def __init__(
        self,
        plant: Plant,
        pace: Pace,
        *,
        horizon: float,
        seed: int = 1,
        scenario: Scenario | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.plant, self.pace = plant, pace
        self._telling = Telling(plant, horizon=horizon, seed=seed)
        self.devices: Sequence[Device] = devices_of(plant, self._telling.machines)
        self.signals = Signals(plant, self.devices, self._telling.start, seed)
        self.horizon = self._telling.end
        self.conductor = Conductor(scenario or Scenario(), pace.skipped)
        self.sinks: list[Sink] = []
        self.stopping = threading.Event()
        self.said = 0
        self._cancel = Cancel()
        self._clock = clock
        self._empty: polars.DataFrame | None = None

    @property
    def position(self) -> float:
        """How many seconds of the plant have passed."""
        return min(self.horizon, self.pace.position(self._clock()))

    def run(self) -> bool:
        """Run until it ends or is stopped; whether it ran to its end. Raises what the engine raises."""
        try:
            self._hand_over(self.signals.begin())
            self._telling.play(self, self._cancel)
            self._until(self.horizon)
        except _Stopped:
            return False
        return not self.stopping.is_set()

    def stop(self) -> None:
        """Let it end within a moment."""
        self.stopping.set()
        self._cancel.stop()

    def write(self, rows: polars.DataFrame) -> None:
        """Take the next rows of the engine's log."""
        self._empty = rows.head(0)
        self._say(self.signals.take(rows))

    def complete(self) -> None:
        """The engine's log is whole."""
        if self._empty is not None:
            self._say(self.signals.take(self._empty, is_last=True))

    def _say(self, said: Observations) -> None:
        """Hand observations over, each when its instant has come."""
        place, zero = 0, self.pace.zero
        while place < len(said):
            self._until((said.time[place] - zero) / 1e9)
            now = zero + int(self.pace.position(self._clock()) * 1e9)
            end = min(place + MOST_AT_ONCE, max(place + 1, bisect_right(said.time, now, lo=place)))
            self._hand_over(said.part(place, end))
            place = end

    def _until(self, position: float) -> None:
        """Wait until so many seconds of the plant have passed."""
        while True:
            if self.stopping.is_set():
                raise _Stopped
            notices = self.conductor.look(self.position, self.sinks)
            for after, name in notices:
                self._hand_over(self.signals.notice(self.pace.skipped + after, name))
            left = self.pace.wait(position, self._clock())
            if left <= 0.0:
                return
            self.stopping.wait(min(left, LONGEST_NAP))

    def _hand_over(self, said: Observations) -> None:
        said = self.conductor.lied(said)
        for sink in self.sinks:
            sink.write(said)
        self.said += len(said)
