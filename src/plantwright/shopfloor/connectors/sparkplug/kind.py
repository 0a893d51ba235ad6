"""The connector ``sparkplug``: a host application of Sparkplug B on an MQTT broker."""

from __future__ import annotations

import socket
import string
import time
from dataclasses import dataclass, field
from typing import Any

from plantwright.plant.readers import Quantity, Text
from plantwright.plant.structures import NAMES, MapOf, Word
from plantwright.shopfloor.connectors import ConnectorKind, Inlet
from plantwright.shopfloor.connectors.mqtt.broker import BROKER_WORDS, EXTRA, Broker, Said, Session, Will, broker_of
from plantwright.shopfloor.connectors.sparkplug.discovering import discover
from plantwright.shopfloor.connectors.sparkplug.host import Host, HostWords, patterns_of
from plantwright.shopfloor.connectors.sparkplug.topics import check_id, read_state, state_payload, state_topic, topic_of

TURN = 0.1


@dataclass(frozen=True)
class SparkplugHost:
    """Reads the edge nodes of a broker.

    It says by its STATE that it is online, so that nodes that wait for it send; births of nodes that it knew are asked for when it comes
    back.
    """

    name: str
    broker: Broker
    host: str
    words: HostWords = field(default_factory=HostWords)
    state: dict[str, Host] = field(default_factory=dict, compare=False, repr=False)

    def run(self, inlet: Inlet) -> None:
        """Read until the collector stops."""
        host = self.state.setdefault("host", Host(self.name, self.words, lambda topic, payload: None))
        stamp = time.time_ns() // 1_000_000
        own = state_topic(self.host)
        session = Session(self.broker, self.host, will=Will(own, state_payload(False, stamp), 1, True))
        session.open()
        try:
            if self.broker.user and not self.broker.is_encrypted:
                inlet.note("PW5065", "the password goes over the network as it is; use mqtts:// where the broker can")
            filters = [(f"{pattern}/{verb}/#", 1) for pattern in patterns_of(self.words.groups) for verb in VERBS]
            session.subscribe([(own, 1), *filters])
            session.publish(own, state_payload(True, stamp), 1, True)
            host.ask = session.publish
            inlet.cannot_resume("not connected to the broker")
            host.begin(inlet, time.time_ns())
            while not inlet.stopping.is_set():
                for said in session.turn(TURN):
                    self._hear(host, session, inlet, said, stamp)
                host.tick(inlet, time.time_ns())
            session.publish(own, state_payload(False, time.time_ns() // 1_000_000), 1, True)
            session.close()
        finally:
            session.drop()

    def _hear(self, host: Host, session: Session, inlet: Inlet, said: Said, stamp: int) -> None:
        if said.topic == state_topic(self.host):
            state = read_state(said.payload)
            if state is not None and not state[0]:
                session.publish(said.topic, state_payload(True, stamp), 1, True)
            return
        topic = topic_of(said.topic)
        if topic is not None and not said.retain:
            host.hear(inlet, topic, said.payload, time.time_ns())


VERBS = ("NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH")


def _make(name: str, **values: Any) -> SparkplugHost:
    broker = broker_of(values)
    host = check_id(
        values.pop("host", "") or f"plantwright {socket.gethostname()} {name}".replace("/", " "), "'host id'"
    )
    fields = {known for _, known, _, _ in string.Formatter().parse(values.get("machine", "")) if known is not None}
    if fields - {"group", "node", "device"}:
        raise ValueError("'machine' knows {group}, {node} and {device}")
    for key in ("groups", "nodes", "events"):
        if key in values:
            values[key] = tuple(values[key])
    return SparkplugHost(name, broker, host, HostWords(**values))


KIND = ConnectorKind(
    "sparkplug",
    "reads edge nodes and devices by MQTT Sparkplug B",
    (
        *BROKER_WORDS,
        Word("groups", NAMES, "", "[Plant]", "the groups that are read; * stands for anything", "all"),
        Word("nodes", NAMES, "", "[line *]", "the edge nodes that are read", "all"),
        Word("host id", Text(), "host", "scada", "as what it says by STATE that it is online; nodes may wait for it", "plantwright, this machine and the source"),
        Word("machine", Text(), "", '"{device}"', "how machines are called", "{node}/{device}"),
        Word("types", MapOf(Text()), "", "{Execution: EXECUTION, Good: PART_COUNT.GOOD}", "what metrics mean, by name"),
        Word("events", NAMES, "", "[Order]", "metrics that hold words, though they are numbers"),
        Word("reorder timeout", Quantity("duration"), "reorder", "2 s", "so late may a message come after one that was sent later", "2 s"),
        Word("rebirth every", Quantity("duration"), "", "10 s", "so often is a node asked for its birth at most", "10 s"),
    ),
    _make,
    discover,
    extra=EXTRA,
)  # fmt: skip
