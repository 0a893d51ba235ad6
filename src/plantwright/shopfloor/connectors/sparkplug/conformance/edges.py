"""What the assertions ask of edge nodes: the will, births, order, numbers, data, commands, deaths."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from plantwright.shopfloor.connectors.sparkplug.conformance import payload_rules as rules
from plantwright.shopfloor.connectors.sparkplug.conformance.hosts import ABOUT, ANSWER, Hosts, Tell
from plantwright.shopfloor.connectors.sparkplug.conformance.recording import Seen
from plantwright.shopfloor.connectors.sparkplug.payloads import DataType, Message, carrier, decode
from plantwright.shopfloor.connectors.sparkplug.topics import BD_SEQ, NAMESPACE, REBIRTH, Topic, topic_of
from plantwright.shopfloor.connectors.sparkplug.wire import WireError

FLOW = "message-flow-edge-node-birth-publish"
DATA = "operational-behavior-data-commands"
WILL_TOPIC = (f"{FLOW}-will-message-topic", "topics-ndeath-topic")
TWICE = ("intro-edge-node-id-uniqueness", "payloads-nbirth-edge-node-descriptor", "topic-structure-namespace-unique-edge-node-descriptor")  # fmt: skip
WAITING = ("operational-behavior-edge-node-birth-sequence-wait", f"{FLOW}-phid-wait")
GONE = (f"{FLOW}-phid-offline", "operational-behavior-edge-node-termination-host-offline", "operational-behavior-primary-application-state-with-multiple-servers-walk")  # fmt: skip
NO_DEATH = ("payloads-ndeath-will-message-publisher", "operational-behavior-edge-node-intentional-disconnect-ndeath")
SEQ_NEXT = {
    "DBIRTH": ("payloads-dbirth-seq-inc", "topics-dbirth-seq", "message-flow-device-birth-publish-dbirth-payload-seq"),
    "NDATA": ("payloads-ndata-seq-inc", "topics-ndata-seq-num"),
    "DDATA": ("payloads-ddata-seq-inc", "topics-ddata-seq-num"),
    "DDEATH": ("payloads-ddeath-seq-inc", "topics-ddeath-seq-num"),
}
SEQ_THERE = {
    "NBIRTH": ("payloads-nbirth-seq", "payloads-sequence-num-req-nbirth", f"{FLOW}-nbirth-payload-seq", "topics-nbirth-seq-num"),
    "DBIRTH": ("payloads-dbirth-seq", "topics-dbirth-seq", "message-flow-device-birth-publish-dbirth-payload-seq"),
    "NDATA": ("payloads-ndata-seq", "topics-ndata-seq-num"),
    "DDATA": ("payloads-ddata-seq", "topics-ddata-seq-num"),
    "DDEATH": ("payloads-ddeath-seq", "payloads-ddeath-seq-number", "topics-ddeath-seq-num"),
}  # fmt: skip
HAS_TOPICS_TIME = frozenset({"NBIRTH", "DBIRTH", "NDATA", "DDATA", "NCMD", "DCMD"})


@dataclass
class Edge:
    """An edge node in its present session."""

    group: str
    node: str
    client: str
    version: int
    bd_seq: Any
    filters: list[tuple[str, int]] = field(default_factory=list)
    is_born: bool = False
    is_dead: bool = False
    said_data: bool = False
    seq: int = -1
    devices: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    metrics: dict[tuple[str, Any], Message] = field(default_factory=dict)
    values: dict[tuple[str, Any], Any] = field(default_factory=dict)
    aliases: dict[int, tuple[str, str]] = field(default_factory=dict)
    templates: dict[str, Message] = field(default_factory=dict)
    rebirth: int | None = None
    host_gone: int | None = None
    host_at: int = -1


class Edges:
    """Follows the edge nodes of a recording."""

    def __init__(self, tell: Tell, hosts: Hosts, primary_host: str) -> None:
        self._tell, self._hosts, self._primary = tell, hosts, primary_host
        self._open: dict[str, Edge] = {}
        self._last_bd: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._now = 0
        self._state: tuple[bool, int] | None = None
        self._stale = False
        self._others: set[str] = set()

    def connect(self, seen: Seen) -> None:
        """A connection; it is an edge node's by its will."""
        self._open.pop(seen.client, None)
        parts = seen.topic.split("/")
        if "NDEATH" not in parts:
            return
        tell, topic = self._tell, topic_of(seen.topic)
        if topic is None or topic.verb != "NDEATH":
            tell(WILL_TOPIC, f"the will's topic {seen.topic!r}")
            topic = Topic(parts[1] if len(parts) > 1 else "", "NDEATH", parts[3] if len(parts) > 3 else "")
        if seen.qos != 1:
            tell((f"{FLOW}-will-message-qos", "payloads-ndeath-will-message-qos"), f"a will of QoS {seen.qos}")
        if seen.retain:
            tell(
                (f"{FLOW}-will-message-will-retained", "payloads-ndeath-will-message-retain"), "a will that is retained"
            )
        if not seen.clean:
            tell((f"principles-persistence-clean-session-{'50' if seen.version == 5 else '311'}",), "no clean session")
        if any(e.group == topic.group and e.node == topic.node for e in self._open.values()):
            tell(TWICE, f"two sessions of {topic.descriptor}")
        bd_seq = self._death(seen.payload, topic)
        edge = Edge(topic.group, topic.node, seen.client, seen.version, bd_seq)
        last = self._last_bd.get(topic.descriptor)
        if isinstance(bd_seq, int):
            if bd_seq != (0 if last is None else (last + 1) % 256):
                tell(
                    (f"{FLOW}-will-message-payload-bdSeq", "topics-nbirth-bdseq-increment"),
                    f"bdSeq {bd_seq} after {last}",
                )
            self._last_bd[topic.descriptor] = bd_seq
        self._open[seen.client] = edge

    def subscribe(self, seen: Seen) -> None:
        """A filter."""
        edge = self._open.get(seen.client)
        if edge is not None:
            edge.filters.append((seen.topic, seen.qos))

    def publish(self, seen: Seen) -> None:
        """A message of a node or a device, or a command to it."""
        topic = topic_of(seen.topic)
        parts = seen.topic.split("/")
        verb = parts[2] if len(parts) > 2 else ""
        self._sent(seen, verb)
        try:
            said = decode(seen.payload)
        except WireError as error:
            level = {"NBIRTH": f"{FLOW}-nbirth-payload", "DBIRTH": "message-flow-device-birth-publish-dbirth-payload"}
            self._tell((level.get(verb, f"payloads-{verb.lower()}-timestamp"),), f"no payload: {error}")
            said = {}
        if topic is None:
            return
        self._case(topic)
        if verb in ("NCMD", "DCMD"):
            self._command(seen, topic, said)
            return
        edge = self._open.get(seen.client)
        if edge is None:
            edge = self._open[seen.client] = Edge(topic.group, topic.node, seen.client, seen.version, None)
            self._tell(
                (f"{FLOW}-connect", f"{FLOW}-will-message", "payloads-ndeath-will-message"),
                "a node whose connection has no death as its will",
            )
        if (topic.group, topic.node) != (edge.group, edge.node):
            own = (
                ("message-flow-device-birth-publish-dbirth-match-edge-node-topic",) if verb == "DBIRTH" else WILL_TOPIC
            )
            self._tell((*own, *TWICE), f"{topic.descriptor} by the client of {edge.group}/{edge.node}")
        if verb == "NDEATH":
            self._dies(edge, seen, said)
            return
        if edge.is_dead:
            self._tell(("principles-birth-certificates-order",), "a message after the death")
        if verb == "NBIRTH":
            self._is_born(edge, seen, topic, said)
        else:
            self._goes_on(edge, seen, topic, verb, said)

    def state(self, seen: Seen) -> None:
        """The primary host's STATE, as edge nodes see it."""
        host = seen.topic.split("/")[-1]
        if host != self._primary:
            self._others.add(host)
            return
        state = self._hosts.states.get(host)
        if state is None:
            return
        self._stale = self._state is not None and state[1] < self._state[1]
        if self._stale:
            return
        was, self._state = self._state, state
        if not state[0] and (was is None or was[0]):
            for edge in self._open.values():
                if edge.is_born and not edge.is_dead:
                    edge.host_gone = seen.time + ANSWER

    def end(self, seen: Seen) -> None:
        """A connection ends."""
        if self._primary and (held := self._hosts.states.get(self._primary)) is not None and held != self._state:
            self.state(Seen(seen.time, seen.client, "publish", f"{NAMESPACE}/STATE/{self._primary}"))
        edge = self._open.pop(seen.client, None)
        if edge is None:
            return
        if seen.what == "disconnect" and not edge.is_dead:
            if edge.version == 5:
                if seen.qos != 4:
                    self._tell(
                        (*NO_DEATH, "payloads-ndeath-will-message-publisher-disconnect-mqtt50"),
                        "it disconnects without its death, and not with its will",
                    )
            else:
                self._tell(
                    (*NO_DEATH, "payloads-ndeath-will-message-publisher-disconnect-mqtt311"),
                    "it disconnects without its death",
                )
        if self._stale and edge.is_dead and self._state is not None and self._state[0]:
            self._tell(
                ("operational-behavior-edge-node-termination-host-offline-timestamp",),
                "it leaves though the STATE was older than the last",
            )
        self._owed(edge, seen.time, True)

    def tick(self, now: int) -> None:
        """What should have come by now."""
        self._now = now
        for edge in self._open.values():
            self._owed(edge, now, False)

    def finish(self, now: int) -> None:
        """The recording ends."""
        for edge in self._open.values():
            self._owed(edge, now, True)
            if edge.host_gone is not None:
                self._tell(GONE, "it stays though its host is offline")

    def _owed(self, edge: Edge, now: int, is_over: bool) -> None:
        if edge.rebirth is not None and (is_over or now > edge.rebirth):
            edge.rebirth = None
            if not edge.is_dead:
                self._tell((f"{DATA}-rebirth-action-2",), "no birth after it was asked for")
        if edge.host_gone is not None and now > edge.host_gone and not is_over:
            edge.host_gone = None
            self._tell(GONE, "it stays though its host is offline")
        if edge.missing and is_over and not edge.is_dead:
            self._tell((f"{DATA}-rebirth-action-2", "payloads-dbirth-order"), f"no birth of {sorted(edge.missing)}")

    def _death(self, payload: bytes, topic: Topic) -> Any:
        tell = self._tell
        try:
            said = decode(payload)
        except WireError as error:
            tell((f"{FLOW}-will-message-payload",), f"no payload: {error}")
            return None
        if "seq" in said:
            tell(("payloads-ndeath-seq", "topics-ndeath-seq"), "a death with seq")
        metrics = said.get("metrics", [])
        if [one.get("name") for one in metrics] != [BD_SEQ]:
            tell(("topics-ndeath-payload",), "a death with other than the bdSeq alone")
        found = next((one for one in metrics if one.get("name") == BD_SEQ), None)
        if (
            found is None
            or not isinstance(number := rules.value_or_none(found, DataType.INT64), int)
            or found.get("datatype") not in (4, 8)
        ):
            tell((f"{FLOW}-will-message-payload-bdSeq", "payloads-ndeath-bdseq"), "a death without a bdSeq of Int64")
            return None
        return number

    def _sent(self, seen: Seen, verb: str) -> None:
        """QoS and retain."""
        low, tell = verb.lower(), self._tell
        if verb == "NDEATH":
            if seen.qos != 1:
                tell(("payloads-ndeath-will-message-qos",), f"NDEATH of QoS {seen.qos}")
            if seen.retain:
                tell(("payloads-ndeath-will-message-retain",), "NDEATH retained")
            return
        flow = {"NBIRTH": f"{FLOW}-nbirth", "DBIRTH": "message-flow-device-birth-publish-dbirth"}.get(verb)
        own = () if verb == "DDEATH" else (f"payloads-{low}-qos",)
        if seen.qos:
            tell((f"topics-{low}-mqtt", *own, *((f"{flow}-qos",) if flow else ())), f"{verb} of QoS {seen.qos}")
        if seen.retain:
            own = () if verb == "DDEATH" else (f"payloads-{low}-retain",)
            tell((f"topics-{low}-mqtt", *own, *((f"{flow}-retained",) if flow else ())), f"{verb} retained")

    def _timed(self, seen: Seen, verb: str, said: Message) -> None:
        at = said.get("timestamp")
        if at is None:
            self._tell(
                (
                    f"payloads-{verb.lower()}-timestamp",
                    *((f"topics-{verb.lower()}-timestamp",) if verb in HAS_TOPICS_TIME else ()),
                ),
                f"{verb} without a timestamp",
            )
        elif abs(at - seen.time) > ABOUT:
            self._tell(
                ("payloads-timestamp-in-UTC", f"payloads-{verb.lower()}-timestamp"),
                f"{verb} was not published at its timestamp; is it local time?",
            )

    def _run(self, told: rules.Told) -> None:
        for ids, text in told:
            self._tell(ids, text)

    def _case(self, topic: Topic) -> None:
        for text in (topic.group, topic.descriptor, *((f"{topic.descriptor}/{topic.device}",) if topic.device else ())):
            if self._names.setdefault(text.lower(), text) != text:
                self._tell(("case-sensitivity-sparkplug-ids",), f"{text!r} and {self._names[text.lower()]!r}")

    def _is_born(self, edge: Edge, seen: Seen, topic: Topic, said: Message) -> None:
        tell, metrics = self._tell, said.get("metrics", [])
        self._timed(seen, "NBIRTH", said)
        if said.get("seq") != 0:
            ids = SEQ_THERE["NBIRTH"] if not 0 <= said.get("seq", -1) <= 255 else ("topics-nbirth-seq-num",)
            tell(
                (*ids, *(("payloads-sequence-num-always-included",) if "seq" not in said else ())),
                f"NBIRTH with seq {said.get('seq')}",
            )
        if not edge.is_born:
            own = f"{NAMESPACE}/{edge.group}/NCMD/{edge.node}"
            if not any(
                q == 1 and f in (own, f"{own}/#", f"{NAMESPACE}/#", "#", f"{NAMESPACE}/{edge.group}/NCMD/+")
                for f, q in edge.filters
            ):
                tell(("message-flow-edge-node-ncmd-subscribe",), "NCMD is not subscribed with QoS 1")
            if self._primary:
                self._waited(edge)
        elif edge.rebirth is None:
            tell((f"{DATA}-rebirth-action-2",), "a birth that nobody asked for")
        again = edge.is_born
        edge.missing = set(edge.devices) - edge.lost if again else set()
        edge.is_born, edge.said_data, edge.rebirth, edge.seq = True, False, None, said.get("seq", 0)
        edge.devices, edge.metrics, edge.values, edge.aliases, edge.templates = set(), {}, {}, {}, {}
        self._bd_seq(edge, metrics, again)
        self._control(metrics)
        self._birth_metrics(edge, "NBIRTH", "", seen, metrics)

    def _waited(self, edge: Edge) -> None:
        tell = self._tell
        if f"{NAMESPACE}/STATE/{self._primary}" not in [f for f, _ in edge.filters]:
            tell(
                ("operational-behavior-primary-application-state-with-multiple-servers-state-subs",),
                "the primary host's STATE is not subscribed",
            )
        if self._state is None or not self._state[0]:
            ids = list(WAITING)
            if self._state is not None:
                ids.append(f"{FLOW}-phid-wait-timestamp" if self._stale else f"{FLOW}-phid-wait-online")
            elif self._others:
                ids.append(f"{FLOW}-phid-wait-id")
            tell(ids, "a birth while its host is not online")

    def _bd_seq(self, edge: Edge, metrics: Iterable[Message], again: bool) -> None:
        found = next((one for one in metrics if one.get("name") == BD_SEQ), None)
        if found is None:
            self._tell(
                ("payloads-nbirth-bdseq", "topics-nbirth-bdseq-included", f"{FLOW}-nbirth-payload-bdSeq"),
                "NBIRTH without bdSeq",
            )
            return
        if found.get("datatype") not in (4, 8):
            self._tell((f"{FLOW}-nbirth-payload-bdSeq",), f"bdSeq is of type {found.get('datatype')}")
        if rules.value_or_none(found, DataType.INT64) != edge.bd_seq:
            more = (f"{DATA}-rebirth-action-3",) if again else ()
            self._tell(
                (
                    "payloads-nbirth-bdseq-repeat",
                    "topics-nbirth-bdseq-matching",
                    "payloads-ndeath-bdseq",
                    f"{FLOW}-nbirth-payload-bdSeq",
                    *more,
                ),
                "bdSeq is not the will's",
            )

    def _control(self, metrics: Iterable[Message]) -> None:
        found = next((one for one in metrics if one.get("name") == REBIRTH), None)
        both = ("payloads-nbirth-rebirth-req", "topics-nbirth-rebirth-metric")
        if found is None:
            self._tell((*both, f"{DATA}-rebirth-name"), "NBIRTH without the rebirth metric")
        else:
            if found.get("datatype") != DataType.BOOLEAN:
                self._tell((*both, f"{DATA}-rebirth-datatype"), "the rebirth metric is no Boolean")
            if found.get("boolean_value") is not False:
                self._tell((*both, f"{DATA}-rebirth-value"), "the rebirth metric is not false")

    def _birth_metrics(self, edge: Edge, verb: str, device: str, seen: Seen, metrics: list[Message]) -> None:
        self._run(rules.metrics_of_birth(verb, metrics))
        self._run(rules.timed(verb, metrics, seen.time))
        self._run(rules.templates(verb, metrics, edge.templates))
        for one in metrics:
            name, alias = one.get("name", ""), one.get("alias")
            if alias is not None:
                if edge.aliases.setdefault(alias, (device, name)) != (device, name):
                    self._tell(
                        ("payloads-alias-uniqueness",), f"the alias {alias} of {name!r} and {edge.aliases[alias][1]!r}"
                    )
                edge.metrics[device, alias] = one
            edge.metrics[device, name] = one
            edge.values[device, name] = (carrier(one), one.get(carrier(one)))

    def _goes_on(self, edge: Edge, seen: Seen, topic: Topic, verb: str, said: Message) -> None:
        tell, metrics = self._tell, said.get("metrics", [])
        self._timed(seen, verb, said)
        if not edge.is_born:
            first = {
                "DBIRTH": ("message-flow-device-birth-publish-nbirth-wait",),
                "NDATA": ("payloads-ndata-order",),
                "DDATA": ("payloads-ddata-order",),
            }
            tell((*first.get(verb, ()), "principles-birth-certificates-order"), f"{verb} before NBIRTH")
        seq = said.get("seq")
        if seq is None:
            tell((*SEQ_THERE[verb], "payloads-sequence-num-always-included"), f"{verb} without seq")
        elif edge.is_born and seq != (edge.seq + 1) % 256:
            tell((*SEQ_NEXT[verb], "payloads-sequence-num-incrementing"), f"seq {seq} after {edge.seq}")
        edge.seq = seq if seq is not None else (edge.seq + 1) % 256
        if edge.rebirth is not None and verb in ("NDATA", "DDATA") and seen.time > edge.rebirth - ANSWER + 1000:
            tell((f"{DATA}-rebirth-action-1",), "data after a rebirth was asked for")
        if verb == "DBIRTH":
            if edge.said_data and topic.device in edge.missing:
                tell(("payloads-dbirth-order",), "DBIRTH after data")
            if topic.device in edge.devices and topic.device not in edge.lost:
                tell(("topic-structure-namespace-unique-device-id",), f"{topic.device!r} is born twice")
            edge.devices.add(topic.device)
            edge.lost.discard(topic.device)
            edge.missing.discard(topic.device)
            self._birth_metrics(edge, verb, topic.device, seen, metrics)
        elif verb == "DDEATH":
            edge.lost.add(topic.device)
        else:
            self._data(edge, seen, topic, verb, metrics)

    def _data(self, edge: Edge, seen: Seen, topic: Topic, verb: str, metrics: list[Message]) -> None:
        tell, low = self._tell, verb.lower()
        level = "nbirth" if verb == "NDATA" else "dbirth"
        edge.said_data = True
        if edge.missing:
            tell((f"payloads-{low}-order",), f"{verb} before the births of {sorted(edge.missing)}")
        if topic.device and (topic.device not in edge.devices or topic.device in edge.lost):
            tell(("payloads-ddata-order",), f"DDATA of {topic.device!r}, which is not born")
        if not metrics:
            tell((f"topics-{low}-payload",), f"{verb} without metrics")
        self._run(rules.metrics_of_data(verb, metrics))
        self._run(rules.timed(verb, metrics, seen.time))
        self._run(rules.templates(verb, metrics, edge.templates))
        for one in metrics:
            key = one.get("name") or one.get("alias")
            known = edge.metrics.get((topic.device, key))
            if known is None:
                tell(
                    (f"topics-{level}-metric-reqs", f"operational-behavior-data-publish-{level}"),
                    f"the metric {key!r}, which no birth named",
                )
                continue
            if "alias" not in one and "alias" in known and one.get("name") != REBIRTH:
                tell(("payloads-alias-data-cmd-requirement",), f"{key!r} by its name, though it has an alias")
            value = (carrier(one), one.get(carrier(one)))
            name = known.get("name", "")
            if not one.get("is_historical"):
                if edge.values.get((topic.device, name)) == value:
                    tell(
                        (
                            f"operational-behavior-data-publish-{level}-change",
                            "principles-rbe-recommended",
                            f"topics-{low}-payload",
                        ),
                        f"{name!r} has not changed",
                    )
                edge.values[topic.device, name] = value

    def _command(self, seen: Seen, topic: Topic, said: Message) -> None:
        tell, low = self._tell, topic.verb.lower()
        self._hosts.command(seen)
        self._timed(seen, topic.verb, said)
        if "seq" in said:
            tell((f"payloads-{low}-seq",), f"{topic.verb} with seq")
        metrics = said.get("metrics", [])
        if not metrics:
            tell((f"topics-{low}-payload",), f"{topic.verb} without metrics")
        self._run(rules.metrics_of_data(topic.verb, metrics))
        edge = next((e for e in self._open.values() if (e.group, e.node) == (topic.group, topic.node)), None)
        if topic.verb == "DCMD" and edge is not None:
            own = f"{NAMESPACE}/{edge.group}/DCMD/{edge.node}/"
            if not any(q == 1 and f in (f"{own}{topic.device}", f"{own}+", f"{own}#") for f, q in edge.filters):
                tell(("message-flow-device-dcmd-subscribe",), f"DCMD of {topic.device!r} is not subscribed with QoS 1")
        for one in metrics:
            name = one.get("name", "")
            if name.lower().endswith("rebirth") and name != REBIRTH:
                tell((f"{DATA}-ncmd-rebirth-name",), f"a rebirth request by {name!r}")
            if name == REBIRTH:
                if topic.verb != "NCMD":
                    tell((f"{DATA}-ncmd-rebirth-verb",), "a rebirth request by DCMD")
                if one.get("boolean_value") is not True:
                    tell((f"{DATA}-ncmd-rebirth-value",), "a rebirth request that is not true")
                elif edge is not None and edge.is_born:
                    edge.rebirth = seen.time + ANSWER
            elif edge is not None and edge.is_born:
                self._written(edge, topic, one)

    def _written(self, edge: Edge, topic: Topic, one: Message) -> None:
        low = topic.verb.lower()
        known = edge.metrics.get((topic.device, one.get("name") or one.get("alias")))
        if known is None:
            self._tell((f"{DATA}-{low}-metric-name",), "a metric that no birth named")
        elif not carrier(one) or (carrier(known) and carrier(one) != carrier(known)):
            self._tell(
                (f"{DATA}-{low}-metric-value",), f"{known.get('name')!r} is written by a {carrier(one) or 'nothing'}"
            )

    def _dies(self, edge: Edge, seen: Seen, said: Message) -> None:
        if edge.is_dead:
            self._tell(("payloads-ndeath-will-message-publisher",), "a second death")
        number = self._death(seen.payload, Topic(edge.group, "NDEATH", edge.node))
        if number != edge.bd_seq:
            self._tell(("payloads-ndeath-bdseq",), "the death's bdSeq is not the will's")
        edge.is_dead, edge.host_gone = True, None
