"""The connector ``mqtt``: plain JSON on an MQTT broker."""

from __future__ import annotations

import socket
import time
import uuid
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from plantwright.plant.readers import Number, Quantity, Text
from plantwright.plant.structures import MapOf, Word
from plantwright.shopfloor.connectors import ConnectionLost, ConnectorKind, Draft, Inlet
from plantwright.shopfloor.connectors.mqtt.broker import BROKER_WORDS, EXTRA, Broker, Said, Session, broker_of
from plantwright.shopfloor.connectors.mqtt.mapping import TOPIC, NoReading, Row, TopicMap
from plantwright.shopfloor.connectors.sparkplug.discovering import brokers
from plantwright.shopfloor.connectors.tables import TableReader, instants
from plantwright.shopfloor.readings import Tag

TURN = 0.05
BACKLOG = 2.0
"""Seconds without a message after which what the broker kept has come, and times tell the source's clock again."""


@dataclass(frozen=True)
class JsonMessages:
    """Reads messages of plain JSON.

    The broker keeps what comes while the collector is away, and is told of a message only when the history has it: so a restart loses
    nothing that was published with QoS 1 or 2 and the broker still has, and what it sends again is not kept twice.
    """

    name: str
    broker: Broker
    client_id: str
    topics: tuple[TopicMap, ...]
    version: int = 5
    session: float = 7 * 86_400.0

    def run(self, inlet: Inlet) -> None:
        """Read until the collector stops."""
        session = Session(
            self.broker, self.client_id, keeps=True, version=self.version, expires=min(round(self.session), 2**32 - 2)
        )
        session.open()
        try:
            if self.broker.user and not self.broker.is_encrypted:
                inlet.note("PW5065", "the password goes over the network as it is; use mqtts:// where the broker can")
            if not session.kept:
                inlet.cannot_resume("not connected, and the broker kept nothing meanwhile")
            session.subscribe([(one.topic, 1) for one in self.topics])
            _Reading(self, session, inlet).run()
            session.close()
        finally:
            session.drop()


class _Reading:
    """One connection's reading."""

    def __init__(self, source: JsonMessages, session: Session, inlet: Inlet) -> None:
        self._source, self._session, self._inlet = source, session, inlet
        self._readers = [TableReader(source.name, one.shape) for one in source.topics]
        self._kept = Counter((inlet.resume or {}).get("unacknowledged", ()))
        self._pending: list[tuple[int, int]] = []
        self._is_live = not session.kept
        self._since = time.monotonic()

    def run(self) -> None:
        while not self._inlet.stopping.is_set():
            came = list(self._session.turn(TURN))
            if not came:
                self._is_live = self._is_live or time.monotonic() - self._since > BACKLOG
                self._inlet.alive()
            else:
                self._since = time.monotonic()
            self._take(came)
            if self._pending and self._inlet.flush(5.0):
                for number, _ in self._pending:
                    self._session.acknowledge(number)
                self._pending = []

    def _take(self, came: Sequence[Said]) -> None:
        """Hand over what came; each message is read as the first of the topics that it fits says."""
        now = time.time_ns()
        rows: list[list[Row]] = [[] for _ in self._readers]
        for said in came:
            mark = zlib.crc32(said.payload, zlib.crc32(said.topic.encode()))
            if said.qos:
                self._pending.append((said.number, mark))
                if said.again and self._kept[mark] > 0:
                    self._kept[mark] -= 1
                    continue
            at = next((n for n, one in enumerate(self._source.topics) if _fits(one.topic, said.topic)), -1)
            if at < 0:
                continue
            try:
                found = list(self._source.topics[at].rows(said.topic, said.payload, self._source.name))
            except NoReading as error:
                self._inlet.reject(-1, said.topic, str(error))
                continue
            if said.retain and any(row.time is None for row in found):
                self._inlet.note(
                    "PW5066",
                    f"{said.topic} holds a retained message without a time: nobody knows since when it holds; it is not kept",
                )
                continue
            rows[at] += found
        for at, several in enumerate(rows):
            if several:
                self._put(at, several, now)
        if self._pending and not any(rows):
            self._inlet.put(position=self._position())

    def _put(self, at: int, rows: Sequence[Row], now: int) -> None:
        import polars

        mapping = self._source.topics[at]
        times = _times([row.time for row in rows], mapping, now)
        wrong = [row for row, instant in zip(rows, times, strict=True) if instant is None]
        for row in wrong:
            self._inlet.reject(-1, str(row.time), "not a time; say how times are written by 'time format'")
        good = [(row, instant) for row, instant in zip(rows, times, strict=True) if instant is not None]
        if not good:
            return
        if self._is_live and mapping.time:
            self._inlet.clock(max(instant for _, instant in good))
        columns = {
            "time": polars.Series([instant for _, instant in good], dtype=polars.Int64),
            **{name: [getattr(row, name) for row, _ in good] for name in ("machine", "tag", "value")},
        }
        self._readers[at].put(polars.DataFrame(columns), self._inlet, self._position())

    def _position(self) -> dict[str, Any]:
        return {"unacknowledged": [mark for _, mark in self._pending]}


def _times(given: Sequence[int | float | str | None], mapping: TopicMap, now: int) -> list[int | None]:
    """Times as nanoseconds since 1970; None where they are none. What says none came now."""
    import polars

    found: list[int | None] = [now] * len(given)
    for kind in (int, float, str):
        places = [place for place, value in enumerate(given) if type(value) is kind]
        if places:
            try:
                read = instants(polars.Series([given[p] for p in places]), mapping.zone, mapping.time_format).to_list()
            except (OverflowError, TypeError, polars.exceptions.PolarsError):
                read = [None] * len(places)
            for place, value in zip(places, read, strict=True):
                found[place] = value
    return found


def _fits(pattern: str, topic: str) -> bool:
    levels, parts = pattern.split("/"), topic.split("/")
    for at, level in enumerate(levels):
        if level == "#":
            return True
        if at >= len(parts) or level not in ("+", parts[at]):
            return False
    return len(levels) == len(parts)


def discover(host: str, timeout: float) -> Iterator[Draft]:
    """A source for a broker with topics of plain JSON: they are heard for so long."""
    for broker in brokers(host):
        with suppress(ConnectionLost):
            offers = _listen(broker, timeout)
            if offers:
                topics = {topic: {"machine": "{1}"} if "/" in topic else {} for topic in sorted(offers)[:50]}
                notes = [] if broker.is_encrypted else ["The broker is reached without encryption."]
                tags = [tag for several in offers.values() for tag in several]
                words = {"connector": "mqtt", "broker": broker.url, "topics": topics}
                yield Draft(broker.address[1], words, tags, notes)
                return


def _listen(broker: Broker, timeout: float) -> dict[str, list[Tag]]:
    session = Session(broker, f"plantwright-{uuid.uuid4().hex[:12]}")
    session.open()
    found: dict[str, list[Tag]] = {}
    try:
        session.subscribe([("#", 0)])
        until = time.monotonic() + timeout
        while time.monotonic() < until and len(found) < 1000:
            for said in session.turn(0.1):
                if said.topic.startswith(("spBv1.0/", "$")) or said.topic in found:
                    continue
                with suppress(NoReading):
                    rows = list(TopicMap(said.topic).rows(said.topic, said.payload, broker.address[1]))
                    found[said.topic] = [
                        Tag(f"{row.machine}/{row.tag}", "event", broker.address[1], row.machine, address=said.topic)
                        for row in rows
                    ]
        session.close()
    finally:
        session.drop()
    return found


def _make(name: str, topics: dict[str, dict[str, Any]], **values: Any) -> JsonMessages:
    broker = broker_of(values)
    maps = tuple(TopicMap(topic, **words) for topic, words in topics.items())
    if not maps:
        raise ValueError('no topic is named, such as \'topics: {"factory/+/state": {machine: "{2}"}}\'')
    client = values.pop("client_id", "") or f"plantwright-{socket.gethostname()}-{name}".replace(" ", "-")
    return JsonMessages(name, broker, client, maps, 4 if values.pop("version", 5) == 3 else 5, **values)


KIND = ConnectorKind(
    "mqtt",
    "reads plain JSON by MQTT",
    (
        *BROKER_WORDS,
        Word("topics", MapOf(TOPIC), "", '{"factory/+/state": {machine: "{2}", time: ts}}', "which topics are read, and how; + is any level, # all further ones", needed=True),
        Word("client id", Text(), "", "collector-1", "by which the broker knows the collector again", "plantwright, this machine and the source"),
        Word("version", Number(least=3, most=5, whole=True), "", "5", "of MQTT: 5, or 3 for 3.1.1", "5"),
        Word("session", Quantity("duration"), "", "7 d", "so long is the broker asked to keep what comes while the collector is away", "7 d"),
    ),
    _make,
    discover,
    extra=EXTRA,
)  # fmt: skip
