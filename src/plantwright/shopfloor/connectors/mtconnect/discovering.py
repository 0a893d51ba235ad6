"""Finding an MTConnect agent: it is asked at the given address, or at its usual port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

from plantwright.shopfloor.connectors import ConnectionLost, Draft
from plantwright.shopfloor.connectors.mtconnect.agent import Address, Agent, Refused
from plantwright.shopfloor.connectors.mtconnect.devices import Device, read_devices, tags_of
from plantwright.shopfloor.connectors.mtconnect.documents import Malformed

PORT = 5000


def discover_agents(host: str, timeout: float) -> Iterator[Draft]:
    """A draft of the agent that answers, if one does."""
    url = _url(host)
    if url is None:
        return
    try:
        address = Address(url, timeout=timeout)
        found = read_devices(Agent(address, threading.Event()).ask("probe"))
    except (ConnectionLost, Malformed, Refused, ValueError):
        return
    machines = [one for one in found if not one.agent]
    name = machines[0].name if len(machines) == 1 else f"agent {urlsplit(url).hostname}"
    offers = [tag for several in tags_of(found, name).values() for tag in several]
    yield Draft(name, {"connector": "mtconnect", "url": url}, offers, list(_notes(url, machines)))


def _notes(url: str, machines: list[Device]) -> Iterator[str]:
    if machines:
        yield "devices: " + ", ".join(
            f"{one.name} ({one.description})" if one.description else one.name for one in machines
        )
    if url.startswith("http://"):
        yield "nothing is encrypted between the agent and here"


def _url(host: str) -> str | None:
    """The URL to ask; None where another protocol is meant."""
    if "://" in host:
        scheme = host.partition("://")[0]
        return host.rstrip("/").removesuffix("/probe").removesuffix("/current") if scheme in ("http", "https") else None
    bare = f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
    return f"http://{bare}" if bare.rpartition("]")[2].count(":") or host.count(":") == 1 else f"http://{bare}:{PORT}"
