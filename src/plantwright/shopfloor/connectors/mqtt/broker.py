"""A connection to an MQTT broker that is served by the thread that uses it."""

from __future__ import annotations

import ssl
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from plantwright.plant.readers import Quantity, Text
from plantwright.plant.structures import Word
from plantwright.shopfloor.config import FilePath, Secret, SecretText
from plantwright.shopfloor.connectors import ConnectionLost, needs

EXTRA = "shopfloor"
PORTS = {"mqtt": 1883, "mqtts": 8883}
NO_PASSWORD = Secret("")
LONGEST_CONNECT = 10.0
"""Seconds that a broker may take to answer."""


@dataclass(frozen=True)
class Broker:
    """Where a broker is, and who connects.

    Parameters
    ----------
    url : str
        ``mqtts://host:8883``, ``mqtt://host:1883`` without encryption; without ``mqtt://`` it is encrypted.
    user, password : str, Secret
    ca : Path, optional
        The certificate of the authority that signed the broker's; without it the system's authorities.
    certificate, key : Path, optional
        The client's own.
    keep_alive : float
        Seconds after which a connection that says nothing is looked after.
    """

    url: str
    user: str = ""
    password: Secret = NO_PASSWORD
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    keep_alive: float = 30.0

    def __post_init__(self) -> None:
        scheme, host, _ = self.address
        if scheme not in PORTS or not host:
            raise ValueError(f"{self.url!r} is no broker, such as mqtts://broker:8883 or mqtt://192.168.1.20")
        if scheme == "mqtt" and (self.ca or self.certificate or self.key):
            raise ValueError("certificates are of no use with mqtt://, which is not encrypted; write mqtts://")
        if self.key and not self.certificate:
            raise ValueError("'key' needs 'certificate'")

    @property
    def address(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        text = self.url if "://" in self.url else f"mqtts://{self.url}"
        parts = urlsplit(text)
        if parts.path.strip("/") or parts.query or parts.username:
            raise ValueError(f"{self.url!r} is no broker; an address and a port, the user by 'user' and 'password'")
        return parts.scheme, parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)

    @property
    def is_encrypted(self) -> bool:
        """Whether it is reached by TLS."""
        return self.address[0] == "mqtts"

    def context(self) -> ssl.SSLContext:
        """The TLS context. Raises ConnectionLost where a certificate cannot be read."""
        try:
            made = ssl.create_default_context(cafile=None if self.ca is None else str(self.ca))
            if self.certificate is not None:
                made.load_cert_chain(str(self.certificate), None if self.key is None else str(self.key))
        except (OSError, ssl.SSLError) as error:
            raise ConnectionLost(
                f"a certificate cannot be read ({error}); look at 'ca', 'certificate' and 'key' [PW5001]"
            ) from error
        return made


BROKER_WORDS = (
    Word("broker", Text(), "url", "mqtts://broker:8883", "where the broker is; mqtt:// is not encrypted", needed=True),
    Word("user", Text(), "", "collector", "who connects"),
    Word("password", SecretText(), "", "{env: BROKER_PASSWORD}", "the user's password"),
    Word("ca", FilePath(), "", "certificates/ca.pem", "the certificate of the authority that signed the broker's", "the system's"),
    Word("certificate", FilePath(), "", "certificates/collector.pem", "the collector's own certificate"),
    Word("key", FilePath(), "", "certificates/collector.key", "its private key"),
    Word("keep alive", Quantity("duration"), "", "30 s", "a broker that says nothing for one and a half of it is lost", "30 s"),
)  # fmt: skip


def broker_of(values: dict[str, Any]) -> Broker:
    """The broker that words give; they are taken out of `values`. Raises ValueError where they do not go together."""
    return Broker(**{word.field: values.pop(word.field) for word in BROKER_WORDS if word.field in values})


class Will(NamedTuple):
    """What the broker says for a client that is lost."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False


class Said(NamedTuple):
    """A message that came."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    number: int
    again: bool


class Session:
    """A connection to a broker. All of it happens in the thread that calls it.

    Parameters
    ----------
    broker : Broker
    client_id : str
    will : Will, optional
    keeps : bool
        Whether the broker keeps what comes while the connection is lost; then messages are acknowledged by `acknowledge` alone.
    version : int
        5, or 4 for MQTT 3.1.1.
    at_once : int
        Messages that a broker may send ahead of their acknowledgement (version 5).
    expires : int
        Seconds for which the broker keeps it (version 5).
    """

    def __init__(
        self,
        broker: Broker,
        client_id: str,
        *,
        will: Will | None = None,
        keeps: bool = False,
        version: int = 4,
        at_once: int = 200,
        expires: int = 0,
    ) -> None:
        paho = needs("paho.mqtt.client", EXTRA)
        self._broker = broker
        self._clean: bool | int = not keeps
        self._properties = None
        if version == 5:
            types = needs("paho.mqtt.packettypes", EXTRA).PacketTypes
            self._properties = needs("paho.mqtt.properties", EXTRA).Properties(types.CONNECT)
            self._properties.SessionExpiryInterval = expires
            self._properties.ReceiveMaximum = at_once
        self._client = paho.Client(
            paho.CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=None if version == 5 else not keeps,
            protocol=paho.MQTTProtocolVersion(version),
            reconnect_on_failure=False,
            manual_ack=keeps,
        )
        self._client.connect_timeout = LONGEST_CONNECT
        if broker.user:
            self._client.username_pw_set(broker.user, broker.password.plain or None)
        if broker.is_encrypted:
            self._client.tls_set_context(broker.context())
        if will is not None:
            self._client.will_set(will.topic, will.payload, will.qos, will.retain)
        self._inbox: deque[Said] = deque()
        self._refused = ""
        self._is_open = self._gone = False
        self._granted: dict[int, list[Any]] = {}
        self._client.on_connect = self._connected
        self._client.on_message = self._came
        self._client.on_disconnect = self._lost
        self._client.on_subscribe = lambda c, u, mid, codes, p: self._granted.__setitem__(mid, codes)
        self.kept = False

    def open(self) -> None:
        """Connect. Raises ConnectionLost with why not."""
        _, host, port = self._broker.address
        where = f"{host}:{port}"
        try:
            start = self._clean if self._properties is not None else 3
            self._client.connect(
                host, port, round(self._broker.keep_alive), clean_start=start, properties=self._properties
            )
        except ssl.SSLError as error:
            why = getattr(error, "verify_message", "") or error.reason or str(error)
            raise ConnectionLost(f"{where} is not trusted: {why}; look at 'ca' and the host's name [PW5001]") from error
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise ConnectionLost(
                f"{where} does not answer ({why}); is the broker on, the port right? [PW5001]"
            ) from error
        limit = time.monotonic() + LONGEST_CONNECT
        while not self._is_open:
            if self._refused:
                raise ConnectionLost(f"{where} refuses: {self._refused}; look at 'user' and 'password' [PW5001]")
            self._turn(0.1, where)
            if time.monotonic() > limit:
                raise ConnectionLost(f"{where} does not answer as a broker; is it MQTT, with TLS or without? [PW5001]")

    def subscribe(self, filters: list[tuple[str, int]]) -> None:
        """Subscribe, and wait until the broker has granted it. Raises ConnectionLost where it refuses."""
        code, mid = self._client.subscribe(filters)
        limit = time.monotonic() + LONGEST_CONNECT
        while code == 0 and mid not in self._granted:
            self._turn(0.1)
            if time.monotonic() > limit:
                raise ConnectionLost("the broker does not answer a subscription [PW5001]")
        refused = [
            name for (name, _), given in zip(filters, self._granted.pop(mid, []), strict=False) if given.is_failure
        ]
        if refused:
            raise ConnectionLost(f"the broker does not let it read {refused[0]!r}; give its user the right [PW5001]")

    def turn(self, seconds: float) -> Iterator[Said]:
        """Serve the connection for up to so long; what came. Raises ConnectionLost."""
        if not self._inbox:
            self._turn(seconds)
            while self._inbox and len(self._inbox) < 500:
                before = len(self._inbox)
                self._turn(0.0)
                if len(self._inbox) == before:
                    break
        while self._inbox:
            yield self._inbox.popleft()

    def publish(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> None:
        """Say something."""
        self._client.publish(topic, payload, qos, retain)

    def acknowledge(self, number: int) -> None:
        """Tell the broker that a message is kept."""
        self._client.ack(number, 1)

    @property
    def is_behind(self) -> bool:
        """Whether the broker takes more slowly than is said."""
        return bool(self._client.want_write())

    def close(self, timeout: float = 2.0) -> None:
        """Say what is to be said yet, and disconnect."""
        limit = time.monotonic() + timeout
        with suppress(ConnectionLost):
            while self._client.want_write() and time.monotonic() < limit:
                self._turn(0.05)
        self._client.disconnect()
        with suppress(ConnectionLost):
            while not self._gone and time.monotonic() < limit:
                self._turn(0.05)
        self.drop()

    def drop(self) -> None:
        """Let the connection go without a word; the broker then says the will."""
        held = self._client.socket()
        if held is not None:
            with suppress(OSError):
                held.close()

    def _turn(self, seconds: float, where: str = "") -> None:
        code = self._client.loop(seconds)
        if (code or self._gone) and not self._refused:
            raise ConnectionLost(f"the connection to the broker{f' at {where}' if where else ''} is lost [PW5001]")

    def _connected(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self._refused = str(reason)
        else:
            self._is_open, self.kept = True, bool(flags.session_present)

    def _came(self, client: Any, data: Any, message: Any) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        self._inbox.append(Said(topic, message.payload, message.qos, message.retain, message.mid, message.dup))

    def _lost(self, *_: Any) -> None:
        self._gone = True
