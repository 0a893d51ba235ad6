"""A connector in a process of its own, for a source that says more than one process can take beside the others."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from plantwright.errors import PlantwrightError
from plantwright.shopfloor.connectors import ConnectionLost, Connector, Inlet, SourceQuarantined
from plantwright.shopfloor.readings import NO_EVENTS, NO_SAMPLES, Events, Samples, Tag

MOST_ON_THE_WAY = 50_000
"""Readings that were handed over and not yet taken."""
PATIENCE = 3.0
"""Seconds in which a connector ends when it is asked to."""
LOOK = 0.1

Wants = Callable[[Tag], bool]


@dataclass
class Apart:
    """Runs a connector in a process of its own, which lives as long as the collector, so that what the connector knows of its last
    connection is there at the next.

    Parameters
    ----------
    connector : Connector
        Can be pickled.
    wants : callable
        As `Inlet.wants`; can be pickled.
    """

    connector: Connector
    wants: Wants
    _process: Any = field(default=None, init=False, repr=False)
    _wire: Any = field(default=None, init=False, repr=False)

    def run(self, inlet: Inlet) -> None:
        """Have it read until the collector stops. Raises what it raises, and ConnectionLost where its process ends."""
        if self._process is None or not self._process.is_alive():
            self._start()
        try:
            self._wire.send(("run", inlet.resume, inlet.heard, inlet.safe))
            self._listen(inlet)
        except (EOFError, OSError) as error:
            self._end()
            raise ConnectionLost("the process in which it is read has ended; it is started again") from error
        except SourceQuarantined:
            self._end()
            raise
        self._end()

    def _start(self) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._wire, theirs = spawning.Pipe()
        self._process = spawning.Process(target=serve, args=(theirs, self.connector, self.wants), daemon=True)
        self._process.start()
        theirs.close()

    def _end(self) -> None:
        if self._process is not None:
            self._wire.close()
            self._process.join(1.0)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process = None

    def _listen(self, inlet: Inlet) -> None:
        """Do what the connector asks of its inlet, until it ends."""
        safe, until = inlet.safe, None
        while True:
            if inlet.safe is not safe:
                safe = inlet.safe
                self._wire.send(("safe", safe))
            if inlet.stopping.is_set() and until is None:
                until = time.monotonic() + PATIENCE
                self._wire.send(("stop",))
            if until is not None and time.monotonic() > until:
                return
            if not self._wire.poll(LOOK):
                continue
            what, *given = self._wire.recv()
            if what == "ended":
                _raise(*given)
                return
            told = getattr(inlet, what)(*given)
            if what in ("put", "offer"):
                self._wire.send(("took", len(given[0]) + len(given[1])))
            elif what in ("declare", "flush"):
                self._wire.send(("answer", told))


def _raise(kind: str, text: str) -> None:
    if kind == "lost":
        raise ConnectionLost(text)
    if kind == "quarantined":
        raise SourceQuarantined(text)
    if kind:
        raise PlantwrightError(text)


class FarInlet:
    """An inlet whose other end is in another process."""

    def __init__(self, wire: Connection, wants: Wants) -> None:
        self._wire, self.wants = wire, wants
        self.stopping = threading.Event()
        self.resume: Mapping[str, Any] | None = None
        self.safe: Mapping[str, Any] | None = None
        self.heard: int | None = None
        self._sending, self._change = threading.Lock(), threading.Condition()
        self._on_the_way = 0
        self._answers: list[Any] = []

    def declare(self, tags: Sequence[Tag]) -> list[int]:
        return list(self._ask("declare", list(tags)))

    def put(
        self, samples: Samples = NO_SAMPLES, events: Events = NO_EVENTS, position: Mapping[str, Any] | None = None
    ) -> None:
        many = len(samples) + len(events)
        with self._change:
            self._change.wait_for(lambda: self._on_the_way < MOST_ON_THE_WAY or self.stopping.is_set())
            self._on_the_way += many
        self._send("put", samples, events, position)
        if position is not None:
            self.resume = position

    def offer(
        self, samples: Samples = NO_SAMPLES, events: Events = NO_EVENTS, position: Mapping[str, Any] | None = None
    ) -> bool:
        self.put(samples, events, position)
        return True

    def reject(self, tag: int, text: str, why: str) -> None:
        self._send("reject", tag, text[:200], why)

    def gap(self, start: int, end: int, reason: str) -> None:
        self._send("gap", start, end, reason)

    def cannot_resume(self, reason: str) -> None:
        self._send("cannot_resume", reason)

    def note(self, code: str, text: str) -> None:
        self._send("note", code, text)

    def clock(self, instant: int, of: str = "") -> None:
        self._send("clock", instant, of)

    def alive(self) -> None:
        self._send("alive")

    def flush(self, timeout: float = 60.0) -> bool:
        return bool(self._ask("flush", timeout))

    def end(self, kind: str = "", text: str = "") -> None:
        """Tell how the connector ended."""
        self._send("ended", kind, text)

    def hear(self, what: str, *given: Any) -> None:
        """Take in what the other end says."""
        with self._change:
            if what == "safe":
                (self.safe,) = given
            elif what == "took":
                self._on_the_way -= given[0]
            elif what == "answer":
                self._answers.append(given[0])
            elif what == "stop":
                self.stopping.set()
            self._change.notify_all()

    def _send(self, what: str, *given: Any) -> None:
        if what not in ("gap", "cannot_resume", "note", "ended"):
            self.heard = time.time_ns()
        with self._sending:
            self._wire.send((what, *given))

    def _ask(self, what: str, *given: Any) -> Any:
        self._send(what, *given)
        with self._change:
            self._change.wait_for(lambda: bool(self._answers))
            return self._answers.pop(0)


def serve(wire: Connection, connector: Connector, wants: Wants) -> None:
    """Run a connector as often as the other end asks for it; the process ends with the other end."""
    runs: list[FarInlet] = []
    asked = threading.Semaphore(0)

    def hear() -> None:
        try:
            while True:
                what, *given = wire.recv()
                if what == "run":
                    inlet = FarInlet(wire, wants)
                    inlet.resume, inlet.heard, inlet.safe = given
                    runs.append(inlet)
                    asked.release()
                else:
                    runs[-1].hear(what, *given)
        except (EOFError, OSError):
            os._exit(0)

    threading.Thread(target=hear, daemon=True).start()
    while asked.acquire():
        inlet = runs[-1]
        try:
            connector.run(inlet)
        except ConnectionLost as error:
            inlet.end("lost", str(error))
        except SourceQuarantined as error:
            inlet.end("quarantined", str(error))
        except Exception as error:
            inlet.end("failed", f"{type(error).__name__}: {error}")
        else:
            inlet.end()
