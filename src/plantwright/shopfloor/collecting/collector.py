"""The collector: every source in a thread of its own, one that keeps what they say."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from plantwright.errors import PlantwrightError
from plantwright.shopfloor.collecting.apart import Apart
from plantwright.shopfloor.collecting.inlet import SourceInlet
from plantwright.shopfloor.config import CollectorConfig, SourceConfig, wanted
from plantwright.shopfloor.connectors import ConnectionLost, SourceQuarantined
from plantwright.shopfloor.history import HistoryFull, Recorder
from plantwright.shopfloor.readings import NANOSECONDS, Batch, Tag

logger = logging.getLogger(__name__)

LONGEST_GATHER = 0.05
"""Seconds in which readings are gathered to be kept with one sync."""

LISTEN = 0.25
"""Seconds between two looks at which sources are silent."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long to wait before a source is tried again, in seconds: it doubles from `first` to `longest`, each a little random so that
    many sources do not come back at once.
    """

    first: float = 1.0
    longest: float = 60.0
    quarantine: float = 600.0

    def after(self, failures: int) -> float:
        """The pause after so many failures in a row."""
        whole = min(self.longest, self.first * 2.0 ** min(failures - 1, 30))
        return whole * random.uniform(0.5, 1.0)


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source stands: ``state`` is ``connecting``, ``reading``, ``waiting``, ``quarantined`` or ``done``."""

    name: str
    state: str
    readings: int
    waiting: int
    heard: int | None
    says: str = ""


class Collector:
    """Reads all sources of a collector's file into a history.

    Parameters
    ----------
    config : CollectorConfig
    recorder : Recorder
    clock : callable, optional
        Nanoseconds since 1970.
    say : callable, optional
        ``say(source, code, text)`` is called with each note, from any thread.
    pauses : Pauses
    """

    def __init__(
        self,
        config: CollectorConfig,
        recorder: Recorder,
        *,
        clock: Callable[[], int] = time.time_ns,
        say: Callable[[str, str, str], None] | None = None,
        pauses: Pauses = Pauses(),
    ) -> None:
        self._recorder, self._clock, self._pauses = recorder, clock, pauses
        self._say = say or (lambda source, code, text: logger.warning("%s: %s [%s]", source, text, code))
        self._ready, self._ending = threading.Event(), threading.Event()
        self._declaring = threading.Lock()
        self._owners: dict[str, str] = {}
        self._sources = config.sources
        positions = recorder.positions()
        self._inlets = {name: self._inlet(source, positions.get(name)) for name, source in self._sources.items()}
        self._states = dict.fromkeys(self._sources, ("connecting", ""))
        self._threads: list[threading.Thread] = []
        self._failed: BaseException | None = None

    def start(self) -> None:
        """Begin to read. Call `stop` in the end."""
        self._threads = [
            threading.Thread(target=self._read, args=(source,), name=f"source {name}", daemon=True)
            for name, source in self._sources.items()
        ]
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        watcher = threading.Thread(target=self._watch, args=(self._clock(),), name="watcher", daemon=True)
        for thread in (self._keeper, watcher, *self._threads):
            thread.start()

    def stop(self, timeout: float = 10.0) -> bool:
        """Stop reading and keep what has come; whether all sources ended in time and all is kept."""
        for inlet in self._inlets.values():
            inlet.stop()
        until = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._ending.set()
        self._ready.set()
        self._keeper.join(max(1.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in (self._keeper, *self._threads)) and not self._waiting()

    def run(self, until: threading.Event, watch: Callable[[Sequence[SourceState]], None] | None = None) -> None:
        """Read until an event is set, or all sources are done. `watch` is shown how the sources stand, twice a second."""
        self.start()
        try:
            while not until.wait(0.5) and self._failed is None:
                states = self.states()
                if watch is not None:
                    watch(states)
                if all(state.state == "done" and not state.waiting for state in states):
                    break
        finally:
            self.stop()
        if self._failed is not None:
            raise self._failed

    def states(self) -> list[SourceState]:
        """How each source stands."""
        found = []
        for name, inlet in self._inlets.items():
            state, says = self._states[name]
            found.append(SourceState(name, state, inlet.readings, inlet.waiting, inlet.heard, says))
        return found

    def _inlet(self, source: SourceConfig, position: Mapping[str, Any] | None) -> SourceInlet:
        declare = partial(self._declare, source.name)
        return SourceInlet(source, declare, self._clock, self._ready.set, self._say, position)

    def _declare(self, source: str, tags: Sequence[Tag]) -> list[int]:
        """The ids of a source's tags. Raises SourceQuarantined where another source has a tag of one of the names."""
        with self._declaring:
            for tag in tags:
                owner = self._owners.setdefault(tag.name, source)
                if owner != source:
                    raise SourceQuarantined(
                        f"its tag {tag.name!r} is one of {owner!r} already; give one of the two machines another name"
                    )
            return self._recorder.declare(tags)

    def _read(self, source: SourceConfig) -> None:
        """One source, tried again for as long as the collector runs."""
        inlet, failures = self._inlets[source.name], 0
        connector = source.connector
        if source.own_process:
            connector = Apart(connector, partial(wanted, source.only, source.without))
        while not inlet.stopping.is_set():
            heard = inlet.heard
            self._states[source.name] = "reading", ""
            try:
                connector.run(inlet)
                if not inlet.stopping.is_set():
                    self._states[source.name] = "done", ""
                return
            except SourceQuarantined as error:
                pause, state = self._pauses.quarantine, "quarantined"
                inlet.note("PW5002", f"quarantined for {pause / 60:.0f} min: {error}")
            except ConnectionLost as error:
                failures = 1 if inlet.heard != heard else failures + 1
                pause, state = self._pauses.after(failures), "waiting"
                inlet.note("PW5001", f"not connected: {error}; it is tried again")
            except Exception as error:
                failures = 1 if inlet.heard != heard else failures + 1
                pause, state = self._pauses.after(failures), "waiting"
                logger.debug("%s", source.name, exc_info=True)
                what = str(error) if isinstance(error, PlantwrightError) else f"{type(error).__name__}: {error}"
                inlet.note("PW5004", f"the connector failed: {what}; it is tried again")
            self._states[source.name] = state, f"again in {pause:.0f} s"
            inlet.stopping.wait(pause)

    def _watch(self, since: int) -> None:
        """Say which sources are silent."""
        while not self._ending.wait(LISTEN):
            for name, inlet in self._inlets.items():
                if self._states[name][0] != "done" and not inlet.stopping.is_set():
                    inlet.silence(since)

    def _waiting(self) -> int:
        return sum(inlet.waiting for inlet in self._inlets.values())

    def _keep(self) -> None:
        """Keep what waits, as long as there is any."""
        full_since: int | None = None
        while not (self._ending.is_set() and not self._ready.is_set() and full_since is None):
            self._ready.wait()
            if not self._ending.is_set():
                self._ending.wait(LONGEST_GATHER / 2)
            self._ready.clear()
            taken = {name: inlet.take() for name, inlet in self._inlets.items()}
            batches = [batch for several in taken.values() for batch in several]
            if not batches:
                continue
            last = self._ending.is_set()
            try:
                self._recorder.append(batches)
            except HistoryFull as error:
                self._return(taken)
                if full_since is None:
                    full_since = self._clock()
                    self._say("history", "PW5101", str(error))
                if last:
                    return
                self._ending.wait(1.0)
                self._ready.set()
                continue
            except Exception as error:
                self._return(taken)
                self._failed = error
                return
            if full_since is not None:
                self._say(
                    "history",
                    "PW5101",
                    f"there is room again after {(self._clock() - full_since) / NANOSECONDS:.0f} s; what waited is kept",
                )
                full_since = None
            for name, several in taken.items():
                self._inlets[name].kept(several)

    def _return(self, taken: Mapping[str, Sequence[Batch]]) -> None:
        for name, several in taken.items():
            self._inlets[name].back(several)
