"""An edge node: says what devices say by Sparkplug B, as the virtual plant does. It runs in a thread of its own."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from plantwright.shopfloor.connectors import ConnectionLost
from plantwright.shopfloor.connectors.mqtt.broker import Broker, Said, Session, Will
from plantwright.shopfloor.connectors.sparkplug.payloads import DataType, decode, encode, metric, value_of
from plantwright.shopfloor.connectors.sparkplug.topics import BD_SEQ, REBIRTH, Topic, check_id, read_state, state_topic
from plantwright.shopfloor.connectors.sparkplug.wire import WireError

TURN = 0.02
"""Seconds between two looks at what is to be said."""
MOST_AT_ONCE = 1000
"""Values in one message."""


@dataclass(frozen=True, slots=True)
class EdgeMetric:
    """A metric that a device, or the node itself, will say.

    Parameters
    ----------
    name : str
    datatype : DataType
    properties : mapping
        Such as ``{"engUnit": "mm"}``; in births.
    """

    name: str
    datatype: DataType
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Known:
    """A metric with its alias and the last that was said of it."""

    metric: EdgeMetric
    alias: int
    value: Any = None
    time: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A value of a metric: of a device (empty: of the node), at an instant in nanoseconds since 1970; None is null."""

    device: str
    name: str
    value: Any
    time: int


class EdgeNode:
    """An edge node of Sparkplug B 3.0 with its devices.

    It gives birth to itself and its devices, says changes by alias, gives birth again when it is asked to, and dies by its will or before
    it disconnects. What changes while no one listens (no broker, the primary host offline) is said afterwards, as historical.

    Parameters
    ----------
    broker : Broker
    group, node : str
    devices : mapping of str to sequence of EdgeMetric
    metrics : sequence of EdgeMetric
        Of the node itself.
    primary_host : str
        The host whose STATE it waits for; empty: none.
    store : int
        Changes that are kept while no one listens; beyond it the oldest are forgotten.
    clock : callable
        Nanoseconds since 1970.
    first_bd_seq : int
    since : int, optional
        The instant from which what was never said is unknown, in nanoseconds since 1970; without it, the birth's.
    """

    def __init__(
        self,
        broker: Broker,
        group: str,
        node: str,
        devices: Mapping[str, Sequence[EdgeMetric]],
        *,
        metrics: Sequence[EdgeMetric] = (),
        primary_host: str = "",
        store: int = 100_000,
        clock: Callable[[], int] = time.time_ns,
        first_bd_seq: int = 0,
        since: int | None = None,
    ) -> None:
        self.group, self.node = check_id(group, "the group"), check_id(node, "the edge node")
        for name in devices:
            check_id(name, "the device")
        self._broker, self._host, self._clock = broker, primary_host, clock
        self._known: dict[str, dict[str, _Known]] = {}
        alias = 0
        for device, several in (("", metrics), *devices.items()):
            self._known[device] = {}
            for one in several:
                alias += 1
                self._known[device][one.name] = _Known(one, alias)
        self._since = since
        self._lost: set[str] = set()
        self._waiting: deque[Change] = deque(maxlen=store)
        self._stored: deque[Change] = deque(maxlen=store)
        self._said_lost: deque[str] = deque()
        self._lock = threading.Lock()
        self._bd_seq, self._seq = first_bd_seq - 1, -1
        self._state: tuple[bool, int] | None = None
        self._reached = threading.Event()
        self._reached.set()
        self._stopping = threading.Event()
        self._session: Session | None = None
        self.is_born = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"edge node {node}", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def write(self, changes: Iterable[Change]) -> None:
        """Take changes, in the order of their times; they are said soon. Raises KeyError for a metric that is not there."""
        given = list(changes)
        for change in given:
            self._known[change.device][change.name]
        with self._lock:
            self._waiting.extend(given)

    def lose(self, device: str) -> None:
        """The device is not reached any longer: it dies."""
        self._tell_lost(device)

    def find(self, device: str) -> None:
        """It is reached again: it is born anew."""
        self._tell_lost(f"+{device}")

    def cut(self) -> None:
        """Lose the connection without a word, and do not connect until `mend`."""
        self._reached.clear()

    def mend(self) -> None:
        """Connect again."""
        self._reached.set()

    def close(self, timeout: float = 5.0) -> None:
        """Say what waits, die and disconnect."""
        self._stopping.set()
        self._reached.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _tell_lost(self, text: str) -> None:
        with self._lock:
            self._said_lost.append(text)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            self._reached.wait()
            try:
                self._live()
                failures = 0
            except ConnectionLost:
                failures = 1 if self.is_born.is_set() else failures + 1
            self.is_born.clear()
            if self._reached.is_set():
                self._stopping.wait(min(30.0, 0.25 * 2.0 ** min(failures, 10)) * random.uniform(0.5, 1.0))

    def _live(self) -> None:
        """One connection, from the will to the death."""
        self._bd_seq = (self._bd_seq + 1) % 256
        death = encode({"timestamp": self._now(), "metrics": [self._bd_metric()]})
        topic = str(Topic(self.group, "NDEATH", self.node))
        session = Session(self._broker, f"{self.group}/{self.node}", will=Will(topic, death, 1, False))
        session.open()
        try:
            commands = [
                (str(Topic(self.group, "NCMD", self.node)), 1),
                (str(Topic(self.group, "DCMD", self.node, "+")), 1),
            ]
            session.subscribe(commands + ([(state_topic(self._host), 1)] if self._host else []))
            if not self._host:
                self._give_birth(session)
            while True:
                for said in session.turn(TURN):
                    if not self._hear(session, said):
                        session.publish(topic, death, 1, False)
                        session.close()
                        return
                if not self._reached.is_set():
                    return
                if not self.is_born.is_set():
                    self._keep()
                elif not session.is_behind:
                    self._say(session)
                if self._stopping.is_set() and not (self.is_born.is_set() and self._waiting):
                    if self.is_born.is_set():
                        session.publish(topic, death, 1, False)
                    session.close()
                    return
        finally:
            session.drop()

    def _hear(self, session: Session, said: Said) -> bool:
        """Take a message; false where the primary host is gone."""
        if self._host and said.topic == state_topic(self._host):
            state = read_state(said.payload)
            if state is None or (self._state is not None and state[1] < self._state[1]):
                return True
            self._state = state
            if state[0] and not self.is_born.is_set():
                self._give_birth(session)
            return state[0] or not self.is_born.is_set()
        with suppress(WireError, ValueError):
            if said.topic == str(Topic(self.group, "NCMD", self.node)) and self.is_born.is_set():
                asked = decode(said.payload).get("metrics", ())
                if any(one.get("name") == REBIRTH and value_of(one, DataType.BOOLEAN) for one in asked):
                    self._give_birth(session)
        return True

    def _give_birth(self, session: Session) -> None:
        if not self.is_born.is_set():
            self._keep()
        self._seq = -1
        control = metric(REBIRTH, DataType.BOOLEAN, False, self._now())
        self._publish(session, "NBIRTH", "", [self._bd_metric(), control, *self._birth_metrics("")])
        for device in self._known:
            if device and device not in self._lost:
                self._publish(session, "DBIRTH", device, self._birth_metrics(device))
        self.is_born.set()
        self._flush(session)

    def _birth_metrics(self, device: str) -> list[dict[str, Any]]:
        since = self._now() if self._since is None else self._since // 1_000_000
        return [
            metric(
                known.metric.name,
                known.metric.datatype,
                known.value,
                known.time or since,
                alias=known.alias,
                properties=known.metric.properties,
            )
            for known in self._known[device].values()
        ]

    def _say(self, session: Session) -> None:
        """Say what waits."""
        with self._lock:
            waiting = list(self._waiting)
            self._waiting.clear()
            lost = list(self._said_lost)
            self._said_lost.clear()
        changed: dict[str, list[dict[str, Any]]] = {}
        for change in waiting:
            known = self._known[change.device][change.name]
            at = change.time // 1_000_000
            if (known.value, type(known.value)) == (change.value, type(change.value)) and known.time:
                continue
            known.value, known.time = change.value, at
            if change.device not in self._lost:
                changed.setdefault(change.device, []).append(
                    metric(None, known.metric.datatype, change.value, at, alias=known.alias, typed=False)
                )
        for device, metrics in changed.items():
            for first in range(0, len(metrics), MOST_AT_ONCE):
                self._publish(session, "DDATA" if device else "NDATA", device, metrics[first : first + MOST_AT_ONCE])
        for text in lost:
            device = text.removeprefix("+")
            if text.startswith("+") and device in self._lost:
                self._lost.remove(device)
                self._publish(session, "DBIRTH", device, self._birth_metrics(device))
            elif not text.startswith("+") and device not in self._lost:
                self._lost.add(device)
                self._publish(session, "DDEATH", device, None)

    def _keep(self) -> None:
        """Keep what changes while no one listens."""
        with self._lock:
            waiting = list(self._waiting)
            self._waiting.clear()
        for change in waiting:
            known = self._known[change.device][change.name]
            if (known.value, type(known.value)) != (change.value, type(change.value)) or not known.time:
                self._stored.append(change)
                known.value, known.time = change.value, change.time // 1_000_000

    def _flush(self, session: Session) -> None:
        """Say what was kept."""
        several: dict[str, list[dict[str, Any]]] = {}
        while self._stored:
            change = self._stored.popleft()
            known, at = self._known[change.device][change.name], change.time // 1_000_000
            several.setdefault(change.device, []).append(
                metric(None, known.metric.datatype, change.value, at, alias=known.alias, typed=False, historical=True)
            )
        for device, metrics in several.items():
            if device not in self._lost:
                for first in range(0, len(metrics), MOST_AT_ONCE):
                    self._publish(
                        session, "DDATA" if device else "NDATA", device, metrics[first : first + MOST_AT_ONCE]
                    )

    def _publish(self, session: Session, verb: str, device: str, metrics: list[dict[str, Any]] | None) -> None:
        self._seq = (self._seq + 1) % 256
        payload = {"timestamp": self._now(), "metrics": metrics, "seq": self._seq}
        session.publish(str(Topic(self.group, verb, self.node, device)), encode(payload))

    def _bd_metric(self) -> dict[str, Any]:
        return metric(BD_SEQ, DataType.INT64, self._bd_seq, self._now())

    def _now(self) -> int:
        return self._clock() // 1_000_000
