"""MTConnect: an agent is asked what it offers and what holds, and then followed as it streams what changes (versions 1.2 to 2.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plantwright.plant.readers import Choice, Number, Quantity, Text
from plantwright.plant.structures import NAMES, MapOf, Word
from plantwright.shopfloor.config import FilePath, Secret, SecretText
from plantwright.shopfloor.connectors import Connector, ConnectorKind, Draft, needs

if TYPE_CHECKING:
    from plantwright.shopfloor.connectors.mtconnect.connector import MtconnectConnector


def make(
    name: str,
    url: str,
    devices: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    user: str = "",
    password: Secret | None = None,
    ca: Path | None = None,
    interval: float = 0.5,
    heartbeat: float = 10.0,
    count: int = 10_000,
    assets: bool = True,
    past: bool = True,
) -> MtconnectConnector:
    """The connector of an agent. Raises ValueError, ConnectorMissing."""
    needs("lxml.etree", "shopfloor")
    needs("pyarrow", "shopfloor")
    from plantwright.shopfloor.connectors.mtconnect.agent import Address
    from plantwright.shopfloor.connectors.mtconnect.connector import MtconnectConnector
    from plantwright.shopfloor.connectors.mtconnect.naming import Names

    if not 0.01 <= interval <= heartbeat <= 600:
        raise ValueError("'interval' is at least 10 ms and at most 'heartbeat', which is at most 10 min")
    address = Address(url, user, password, ca)
    return MtconnectConnector(name, address, Names(devices, names or {}), interval, heartbeat, count, assets, past)


def discover(host: str, timeout: float) -> Iterator[Draft]:
    """The agent at a host, a host with port, or a URL."""
    needs("lxml.etree", "shopfloor")
    from plantwright.shopfloor.connectors.mtconnect.discovering import discover_agents

    return discover_agents(host, timeout)


def _make(name: str, **values: object) -> Connector:
    return make(name, **values)  # type: ignore[arg-type]


DURATION = Quantity("duration")

KIND = ConnectorKind(
    "mtconnect",
    "an MTConnect agent over HTTP",
    (
        Word("url", Text(), "", "http://mill:5000", "where the agent is; https:// is checked against the system's certificates", needed=True),
        Word("devices", NAMES, "", "[Mazak01]", "the devices that are read, by name, uuid or id", "all"),
        Word("names", MapOf(Text()), "", "{Mazak01: mill 1}", "other names for their machines"),
        Word("user", Text(), "", "plant", "for an agent that asks who it is"),
        Word("password", SecretText(), "", "{env: MILL_PASSWORD}", "goes with 'user'"),
        Word("ca", FilePath(), "", "certificates/mill.pem", "the certificates that are trusted instead of the system's"),
        Word("interval", DURATION, "", "500 ms", "between two parts of the stream", "500 ms"),
        Word("heartbeat", DURATION, "", "10 s", "the agent says something at least so often; after two of silence it is lost", "10 s"),
        Word("count", Number(least=1, most=100_000, whole=True), "", "10000", "observations in one document at most", "10000"),
        Word("assets", Choice({"kept": True, "not kept": False}), "", "not kept", "whether the documents about tools and the like are kept", "kept"),
        Word("past", Choice({"read": True, "left out": False}), "", "left out", "whether what the agent still has of the past is read when it is first met", "read"),
    ),
    _make,
    discover,
    "shopfloor",
)  # fmt: skip
