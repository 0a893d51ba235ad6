"""Topics of Sparkplug: ``spBv1.0/group/verb/node`` or ``spBv1.0/group/verb/node/device``, and ``spBv1.0/STATE/host``."""

from __future__ import annotations

import json
from dataclasses import dataclass

NAMESPACE = "spBv1.0"

OF_NODES = frozenset({"NBIRTH", "NDATA", "NDEATH", "NCMD"})
OF_DEVICES = frozenset({"DBIRTH", "DDATA", "DDEATH", "DCMD"})

BD_SEQ = "bdSeq"
REBIRTH = "Node Control/Rebirth"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of an edge node or a device (``device`` is empty for the node itself)."""

    group: str
    verb: str
    node: str
    device: str = ""

    @property
    def descriptor(self) -> str:
        """The edge node's: ``group/node``."""
        return f"{self.group}/{self.node}"

    def __str__(self) -> str:
        return "/".join((NAMESPACE, self.group, self.verb, self.node, *((self.device,) if self.device else ())))


def topic_of(text: str) -> Topic | None:
    """The topic in a text, None where it is no node's and no device's."""
    parts = text.split("/")
    if len(parts) == 4 and parts[0] == NAMESPACE and parts[2] in OF_NODES and all(parts):
        return Topic(parts[1], parts[2], parts[3])
    if len(parts) == 5 and parts[0] == NAMESPACE and parts[2] in OF_DEVICES and all(parts):
        return Topic(parts[1], parts[2], parts[3], parts[4])
    return None


def state_topic(host: str) -> str:
    """The topic on which a host application says whether it is online."""
    return f"{NAMESPACE}/STATE/{host}"


def state_payload(online: bool, timestamp: int) -> bytes:
    """What it says there; the timestamp is in milliseconds since 1970."""
    return json.dumps({"online": online, "timestamp": timestamp}).encode()


def read_state(payload: bytes) -> tuple[bool, int] | None:
    """Whether a host is online, and the timestamp of that; None where the payload is none."""
    try:
        said = json.loads(payload)
        online, timestamp = said["online"], said["timestamp"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if isinstance(online, bool) and isinstance(timestamp, int) and not isinstance(timestamp, bool):
        return online, timestamp
    return None


def check_id(text: str, what: str) -> str:
    """An id of a group, node, device or host. Raises ValueError where topics cannot hold it."""
    wrong = next((sign for sign in "+/#\0" if sign in text), None)
    if not text or wrong is not None:
        raise ValueError(
            f"{what} is empty" if not text else f"{what} {text!r} holds {wrong!r}, which topics do not allow"
        )
    return text
