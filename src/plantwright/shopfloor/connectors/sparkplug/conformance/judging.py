"""Goes through a recording and tells which assertions it breaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from plantwright.shopfloor.connectors.sparkplug.conformance.edges import Edges
from plantwright.shopfloor.connectors.sparkplug.conformance.hosts import Hosts
from plantwright.shopfloor.connectors.sparkplug.conformance.recording import Seen
from plantwright.shopfloor.connectors.sparkplug.topics import NAMESPACE, OF_DEVICES, OF_NODES

ADVICE = frozenset({
    "case-sensitivity-metric-names", "case-sensitivity-sparkplug-ids", "operational-behavior-data-commands-dcmd-metric-name",
    "operational-behavior-data-commands-ncmd-metric-name", "operational-behavior-data-publish-dbirth-change",
    "operational-behavior-data-publish-nbirth-change", "payloads-metric-datatype-not-req", "principles-rbe-recommended",
    "payloads-ndeath-will-message-publisher",
})  # fmt: skip
"""Assertions that say SHOULD."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An assertion that a recording breaks: its id, which entry of the recording (from 0) shows it, and what is wrong there."""

    id: str
    at: int
    text: str

    @property
    def is_advice(self) -> bool:
        """Whether the assertion says SHOULD, not MUST."""
        return self.id.removeprefix("tck-id-") in ADVICE


@dataclass
class _Found:
    """Collects findings, each once for an entry."""

    at: int = 0
    findings: dict[tuple[str, int], Finding] = field(default_factory=dict)

    def __call__(self, ids: Iterable[str], text: str) -> None:
        for one in ids:
            self.findings.setdefault((one, self.at), Finding(f"tck-id-{one}", self.at, text))


def check(recording: Sequence[Seen], primary_host: str = "") -> list[Finding]:
    """The assertions that a recording breaks, in its order.

    Parameters
    ----------
    recording : sequence of Seen
        In the order in which the broker got it.
    primary_host : str
        The host for which the edge nodes wait; empty: for none.
    """
    tell = _Found()
    hosts = Hosts(tell)
    edges = Edges(tell, hosts, primary_host)
    for at, seen in enumerate(recording):
        tell.at = at
        hosts.tick(seen.time)
        edges.tick(seen.time)
        if seen.what == "publish":
            if _is_sparkplug(seen.topic):
                _topic(seen, tell)
                if seen.topic.startswith(f"{NAMESPACE}/STATE/"):
                    hosts.publish(seen)
                    edges.state(seen)
                else:
                    edges.publish(seen)
        elif seen.what == "connect":
            hosts.connect(seen)
            edges.connect(seen)
        elif seen.what == "subscribe":
            hosts.subscribe(seen)
            edges.subscribe(seen)
        else:
            hosts.end(seen)
            edges.end(seen)
    tell.at = max(0, len(recording) - 1)
    last = recording[-1].time if recording else 0
    hosts.finish(last)
    edges.finish(last)
    return sorted(tell.findings.values(), key=lambda one: (one.at, one.id))


def _is_sparkplug(topic: str) -> bool:
    parts = topic.split("/")
    return parts[0].lower().startswith("spbv") or (len(parts) > 2 and parts[2] in OF_NODES | OF_DEVICES)


def _topic(seen: Seen, tell: _Found) -> None:
    parts = seen.topic.split("/")
    if parts[0] != NAMESPACE:
        tell(("topic-structure-namespace-a", "topic-structure"), f"the namespace {parts[0]!r}")
        return
    if len(parts) > 1 and parts[1] == "STATE":
        if len(parts) != 3 or not parts[2]:
            tell(
                (
                    "topic-structure-namespace-device-id-non-associated-message-types",
                    "host-topic-phid-birth-topic",
                    "operational-behavior-host-application-connect-birth-topic",
                ),
                f"the topic {seen.topic!r}",
            )
        return
    verb = parts[2] if len(parts) > 2 else ""
    if verb not in OF_NODES | OF_DEVICES:
        tell(("topic-structure",), f"the topic {seen.topic!r}")
        return
    own = [f"topics-{verb.lower()}-topic"]
    if verb in ("NBIRTH", "DBIRTH"):
        level = "edge-node" if verb == "NBIRTH" else "device"
        own.append(f"message-flow-{level}-birth-publish-{verb.lower()}-topic")
    if verb in OF_DEVICES and len(parts) != 5:
        tell(
            ("topic-structure-namespace-device-id-associated-message-types", *own),
            f"{verb} without a device, or with more",
        )
        if verb == "DCMD":
            tell(("operational-behavior-data-commands-ncmd-verb",), "a command to a node by DCMD")
    if verb in OF_NODES and len(parts) != 4:
        tell(("topic-structure-namespace-device-id-non-associated-message-types", *own), f"{verb} with a device")
        if verb == "NCMD":
            tell(("operational-behavior-data-commands-dcmd-verb",), "a command to a device by NCMD")
    for what, at in (("group", 1), ("edge-node", 3), ("device", 4)):
        if at < len(parts):
            _id(what, parts[at], tell)


def _id(what: str, text: str, tell: _Found) -> None:
    if not text or set("+#\0") & set(text):
        tell((f"topic-structure-namespace-valid-{what}-id", f"intro-{what}-id-chars"), f"the {what} id {text!r}")
    if any("\udc80" <= letter <= "\udcff" for letter in text):
        tell((f"topic-structure-namespace-valid-{what}-id", f"intro-{what}-id-string"), f"the {what} id is not UTF-8")
