"""What a broker offers: the edge nodes that are born, or die, or say something while it is listened to."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import suppress

from plantwright.shopfloor.connectors import ConnectionLost, Draft
from plantwright.shopfloor.connectors.mqtt.broker import Broker, Session
from plantwright.shopfloor.connectors.sparkplug.payloads import DataType, decode, encode, metric
from plantwright.shopfloor.connectors.sparkplug.readings import tag_of
from plantwright.shopfloor.connectors.sparkplug.topics import BD_SEQ, REBIRTH, Topic, topic_of
from plantwright.shopfloor.connectors.sparkplug.wire import WireError
from plantwright.shopfloor.readings import Tag


def brokers(host: str) -> list[Broker]:
    """The brokers that an address may mean."""
    if "://" in host:
        return [Broker(host)] if host.startswith(("mqtt://", "mqtts://")) else []
    if ":" in host.rpartition("]")[2]:
        return [Broker(f"mqtts://{host}"), Broker(f"mqtt://{host}")]
    return [Broker(f"mqtts://{host}:8883"), Broker(f"mqtt://{host}:1883")]


def discover(host: str, timeout: float) -> Iterator[Draft]:
    """A source for each broker with edge nodes that answers: they are heard for so long, and asked for their births once."""
    for broker in brokers(host):
        with suppress(ConnectionLost):
            found = listen(broker, timeout)
            if found:
                groups = sorted({topic.group for topic, _ in found})
                words = {"connector": "sparkplug", "broker": broker.url, "groups": groups}
                notes = [] if broker.is_encrypted else ["The broker is reached without encryption."]
                yield Draft(broker.address[1], words, [tag for _, tags in found for tag in tags], notes)
                return


def listen(broker: Broker, timeout: float) -> list[tuple[Topic, list[Tag]]]:
    """Nodes and devices with their metrics, as they are born within a time."""
    session = Session(broker, f"plantwright-{uuid.uuid4().hex[:12]}")
    session.open()
    found: dict[tuple[str, str], tuple[Topic, list[Tag]]] = {}
    asked: set[str] = set()
    try:
        session.subscribe([("spBv1.0/+/+/#", 0)])
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            for said in session.turn(0.1):
                topic = topic_of(said.topic)
                if topic is None or topic.verb in ("NCMD", "DCMD", "NDEATH"):
                    continue
                if topic.verb in ("NBIRTH", "DBIRTH"):
                    with suppress(WireError):
                        named = [
                            m
                            for m in decode(said.payload).get("metrics", ())
                            if m.get("name") not in (None, BD_SEQ, REBIRTH)
                        ]
                        machine = f"{topic.node}/{topic.device}".rstrip("/")
                        tags = [tag_of(m, broker.address[1], machine, {}, (), topic.descriptor) for m in named]
                        found[topic.descriptor, topic.device] = topic, tags
                elif topic.descriptor not in asked:
                    now = time.time_ns() // 1_000_000
                    please = metric(REBIRTH, DataType.BOOLEAN, True, now)
                    session.publish(
                        str(Topic(topic.group, "NCMD", topic.node)), encode({"timestamp": now, "metrics": [please]})
                    )
                asked.add(topic.descriptor)
        session.close()
    finally:
        session.drop()
    return list(found.values())
