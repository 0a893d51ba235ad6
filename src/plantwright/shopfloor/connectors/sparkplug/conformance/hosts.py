"""What the assertions ask of host applications: the will, STATE, sessions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from plantwright.shopfloor.connectors.sparkplug.conformance.recording import Seen
from plantwright.shopfloor.connectors.sparkplug.topics import NAMESPACE

Tell = Callable[[Iterable[str], str], None]

ANSWER = 5_000
"""Milliseconds within which "immediately" is over."""
ABOUT = 600_000
"""Milliseconds that a time may be off the recorder's clock before it is no current UTC time."""

WILL = (
    "payloads-state-will-message",
    "host-topic-phid-death-required",
    "operational-behavior-host-application-connect-will",
)
WILL_TOPIC = ("payloads-state-will-message", "host-topic-phid-death-topic", "operational-behavior-host-application-connect-will-topic", "operational-behavior-host-application-death-topic")  # fmt: skip
WILL_PAYLOAD = ("payloads-state-will-message-payload", "host-topic-phid-death-payload", "operational-behavior-host-application-connect-will-payload", "operational-behavior-host-application-death-payload")  # fmt: skip
WILL_QOS = ("payloads-state-will-message-qos", "host-topic-phid-death-qos", "operational-behavior-host-application-connect-will-qos", "operational-behavior-host-application-death-qos")  # fmt: skip
WILL_RETAIN = ("payloads-state-will-message-retain", "host-topic-phid-death-retain", "operational-behavior-host-application-connect-will-retained", "operational-behavior-host-application-death-retained")  # fmt: skip
BIRTH = ("host-topic-phid-birth-required", "host-topic-phid-birth-message", "message-flow-phid-sparkplug-state-publish", "payloads-state-birth", "operational-behavior-host-application-connect-birth", "principles-birth-certificates-order", "operational-behavior-primary-application-state-with-multiple-servers-state", "components-ph-state", "conformance-primary-host", "intro-sparkplug-host-state")  # fmt: skip
BIRTH_PAYLOAD = ("payloads-state-birth-payload", "host-topic-phid-birth-payload", "message-flow-phid-sparkplug-state-publish-payload", "operational-behavior-host-application-connect-birth-payload")  # fmt: skip
BIRTH_TIME = ("host-topic-phid-birth-payload-timestamp", "message-flow-phid-sparkplug-state-publish-payload-timestamp", "payloads-state-birth-payload", "operational-behavior-host-application-connect-birth-payload", "operational-behavior-host-application-multi-server-timestamp")  # fmt: skip
SUBSCRIBED = (
    "payloads-state-subscribe",
    "host-topic-phid-birth-sub-required",
    "message-flow-phid-sparkplug-subscription",
)


def state_of(payload: bytes) -> dict[str, Any]:
    """The keys of a STATE payload; empty where it is no JSON object."""
    try:
        said = json.loads(payload.decode("utf-8"))
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def is_state(said: dict[str, Any], online: bool) -> bool:
    """Whether a payload says so, with a time."""
    at = said.get("timestamp")
    return said.get("online") is online and isinstance(at, int) and not isinstance(at, bool)


@dataclass
class _Host:
    """A client that is a host application, in its present session."""

    id: str
    time: int
    will_time: Any
    filters: list[tuple[str, int]] = field(default_factory=list)
    is_born: bool = False
    is_dead: bool = False
    has_published: bool = False
    due: int | None = None


class Hosts:
    """Follows the host applications of a recording."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._open: dict[str, _Host] = {}
        self._others: dict[str, bool] = {}
        self.states: dict[str, tuple[bool, int]] = {}

    def connect(self, seen: Seen) -> None:
        """A connection with a will."""
        self._open.pop(seen.client, None)
        parts = seen.topic.split("/")
        if "STATE" not in parts[:3] and not seen.topic.endswith("STATE"):
            self._others[seen.client] = bool(seen.topic)
            return
        self._others.pop(seen.client, None)
        tell, said = self._tell, state_of(seen.payload)
        if len(parts) != 3 or parts[:2] != [NAMESPACE, "STATE"] or not parts[2]:
            tell(WILL_TOPIC, f"the will's topic {seen.topic!r}")
        if not is_state(said, False):
            tell(WILL_PAYLOAD, "the will does not say online false with a timestamp")
        elif abs(said["timestamp"] - seen.time) > ABOUT:
            tell(
                ("host-topic-phid-death-payload-timestamp-connect",),
                "the will's timestamp is not the time of the connection",
            )
        if seen.qos != 1:
            tell(WILL_QOS, f"a will of QoS {seen.qos}")
        if not seen.retain:
            tell(WILL_RETAIN, "a will that is not retained")
        if not seen.clean:
            tell(
                (f"message-flow-phid-sparkplug-clean-session-{'50' if seen.version == 5 else '311'}",),
                "no clean session",
            )
        host = _Host(parts[-1], seen.time, said.get("timestamp"))
        if any(other.id == host.id for other in self._open.values()):
            tell(("operational-behavior-host-application-host-id",), f"two hosts are {host.id!r}")
        self._open[seen.client] = host

    def subscribe(self, seen: Seen) -> None:
        """A filter."""
        host = self._open.get(seen.client)
        if host is not None:
            host.filters.append((seen.topic, seen.qos))

    def publish(self, seen: Seen) -> None:
        """A STATE message."""
        tell, host, said = self._tell, self._open.get(seen.client), state_of(seen.payload)
        id_ = seen.topic.split("/")[-1]
        if host is None:
            tell(WILL, f"STATE of {id_!r} by a client without such a will")
            host = self._open[seen.client] = _Host(id_, seen.time, said.get("timestamp"))
        if said.get("online") is False:
            self._death(host, seen, said)
        else:
            self._birth(host, seen, said)
        if is_state(said, bool(said.get("online"))):
            self.states[id_] = bool(said["online"]), said["timestamp"]
        for other in self._open.values():
            if other is not host and other.id == id_ and other.is_born and said.get("online") is False:
                other.due = seen.time + ANSWER

    def command(self, seen: Seen) -> None:
        """A command: its client is a host, too."""
        host = self._open.get(seen.client)
        if host is None:
            self._tell(
                (*WILL, "components-ph-state", "conformance-primary-host", "intro-sparkplug-host-state"),
                "commands by a client that says no STATE",
            )
        elif not host.is_born:
            self._tell(BIRTH, "a command before the host's birth")

    def end(self, seen: Seen) -> None:
        """A connection ends. What its will says is said by the broker."""
        host = self._open.pop(seen.client, None)
        if host is None:
            return
        if seen.what == "disconnect":
            if not host.is_dead and seen.qos != 4:
                self._tell(
                    (
                        "host-topic-phid-death-payload-timestamp-disconnect-clean",
                        "operational-behavior-host-application-termination",
                    ),
                    "it disconnects without its death",
                )
            if not host.is_born:
                self._tell(BIRTH, "a host that was never born")
        else:
            self.states[host.id] = False, host.will_time if isinstance(host.will_time, int) else 0
            for other in self._open.values():
                if other.id == host.id and other.is_born:
                    other.due = seen.time + ANSWER

    def tick(self, now: int) -> None:
        """What should have come by now."""
        for host in self._open.values():
            if not host.is_born and not host.is_dead and now - host.time > ANSWER:
                self._tell(BIRTH, f"{host.id!r} says no birth within {ANSWER // 1000} s")
                host.is_born = True
            if host.due is not None and now > host.due:
                host.due = None
                self._tell(
                    ("message-flow-hid-sparkplug-state-message-delivered",),
                    f"{host.id!r} does not say that it is online after all",
                )

    def finish(self, now: int) -> None:
        """The recording ends."""
        for host in self._open.values():
            if not host.is_born and not host.is_dead:
                self._tell(BIRTH, f"{host.id!r} says no birth")
            if host.due is not None:
                self._tell(
                    ("message-flow-hid-sparkplug-state-message-delivered",),
                    f"{host.id!r} does not say that it is online after all",
                )

    def _birth(self, host: _Host, seen: Seen, said: dict[str, Any]) -> None:
        tell = self._tell
        if not is_state(said, True):
            tell(BIRTH_PAYLOAD, "a birth that does not say online true with a timestamp")
        elif said["timestamp"] != host.will_time:
            tell(BIRTH_TIME, "a birth whose timestamp is not the will's")
        if seen.topic != f"{NAMESPACE}/STATE/{host.id}":
            tell(
                ("host-topic-phid-birth-topic", "operational-behavior-host-application-connect-birth-topic"),
                f"the birth's topic {seen.topic!r}",
            )
        if seen.qos != 1:
            tell(
                (
                    "host-topic-phid-birth-qos",
                    "operational-behavior-host-application-connect-birth-qos",
                    "payloads-state-birth",
                ),
                f"a birth of QoS {seen.qos}",
            )
        if not seen.retain:
            tell(
                (
                    "host-topic-phid-birth-retain",
                    "operational-behavior-host-application-connect-birth-retained",
                    "payloads-state-birth",
                ),
                "a birth that is not retained",
            )
        own = f"{NAMESPACE}/STATE/{host.id}"
        matches = [
            f
            for f, _ in host.filters
            if f in (own, f"{NAMESPACE}/STATE/+", f"{NAMESPACE}/STATE/#", f"{NAMESPACE}/#", "#")
        ]
        others = [
            f
            for f, _ in host.filters
            if f.startswith((f"{NAMESPACE}/", "#")) and f not in (own, f"{NAMESPACE}/STATE/+", f"{NAMESPACE}/STATE/#")
        ]
        if not matches:
            tell(SUBSCRIBED, "a birth before its own STATE is subscribed")
        if not others:
            tell(
                ("host-topic-phid-birth-sub-required", "message-flow-phid-sparkplug-subscription"),
                "a birth before nodes are subscribed",
            )
        if host.is_born and host.due is None and not host.is_dead:
            tell(("components-ph-state",), "a birth that was said already")
        host.is_born, host.due, host.has_published = True, None, True

    def _death(self, host: _Host, seen: Seen, said: dict[str, Any]) -> None:
        tell = self._tell
        if not host.is_born:
            tell(BIRTH, "a death before the birth")
        if host.is_dead:
            tell(("components-ph-state",), "a death that was said already")
        if not is_state(said, False):
            tell(
                ("host-topic-phid-death-payload", "operational-behavior-host-application-death-payload"),
                "a death without a timestamp",
            )
        elif abs(said["timestamp"] - seen.time) > ABOUT:
            tell(
                ("host-topic-phid-death-payload-timestamp-disconnect-clean",), "a death whose timestamp is not its time"
            )
        if seen.topic != f"{NAMESPACE}/STATE/{host.id}":
            tell(
                ("host-topic-phid-death-topic", "operational-behavior-host-application-death-topic"),
                f"the death's topic {seen.topic!r}",
            )
        if seen.qos != 1:
            tell(
                ("host-topic-phid-death-qos", "operational-behavior-host-application-death-qos"),
                f"a death of QoS {seen.qos}",
            )
        if not seen.retain:
            tell(
                ("host-topic-phid-death-retain", "operational-behavior-host-application-death-retained"),
                "a death that is not retained",
            )
        host.is_dead = True
