"""The line to a device: requests and answers by pymodbus over a socket of our own, plain or in TLS."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.pdu import ModbusPDU

from plantwright.shopfloor.config import Secret
from plantwright.shopfloor.connectors import ConnectionLost
from plantwright.shopfloor.connectors.dialing import dial

MOST_WAITING = 16_384
"""Bytes of answers that may wait to be understood: more is no Modbus."""

LOOK = 0.25
"""Seconds between two looks at whether the collector ends."""

# pymodbus logs what fails, which is told here; without a handler Python would write it on the screen.
logging.getLogger("pymodbus").addHandler(logging.NullHandler())


class Refused(Exception):  # noqa: N818
    """The device refuses a request, with the number that it gives (MODBUS Application Protocol 1.1b3, 7)."""

    REASONS = {  # noqa: RUF012
        1: "it does not know this kind of request",
        2: "illegal address",
        3: "illegal count",
        4: "the device failed",
        5: "it takes long",
        6: "the device is busy",
        8: "its memory is damaged",
        10: "the gateway has no path to the device",
        11: "the device behind the gateway does not answer",
    }

    def __init__(self, code: int) -> None:
        super().__init__(self.REASONS.get(code, f"refused with {code}"))
        self.code = code


class Garbled(Exception):  # noqa: N818
    """An answer that is none: not Modbus, or not what was asked."""


class Ending(Exception):  # noqa: N818
    """The collector ends."""


@dataclass(frozen=True)
class Security:
    """TLS: the authorities that are trusted in place of the system's, and the collector's own certificate with its key."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    key_password: Secret | None = None

    def context(self) -> ssl.SSLContext:
        """Raises ValueError where a file cannot be used."""
        try:
            context = ssl.create_default_context(cafile=str(self.ca) if self.ca else None)
        except (OSError, ssl.SSLError):
            raise ValueError(f"'ca' {self.ca} cannot be read, or holds no certificate in PEM") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate:
            # never None: OpenSSL would ask a person at the screen
            password = self.key_password.plain if self.key_password else ""
            try:
                context.load_cert_chain(self.certificate, self.key, password)
            except (OSError, ssl.SSLError):
                raise ValueError(
                    f"'certificate' {self.certificate} and 'key' {self.key or 'in it'} cannot be used: both are PEM, and go together; "
                    "a key that is encrypted needs its 'key password'"
                ) from None
        return context


@dataclass(frozen=True)
class Address:
    """Where a device is, and how long it may take to answer."""

    host: str
    port: int = 502
    timeout: float = 3.0
    security: Security | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class _Client(ModbusTcpClient):
    """pymodbus's client on a socket that is connected already, never waiting for longer than a look at the end and its timeout."""

    def __init__(self, connected: socket.socket, address: Address, stopping: threading.Event) -> None:
        super().__init__(address.host, port=address.port, timeout=address.timeout, retries=0, trace_packet=_bounded)
        self.socket, self._stopping, self._timeout = connected, stopping, address.timeout
        self.until = 0.0

    def connect(self) -> bool:
        return self.socket is not None

    def send(self, request: bytes, addr: tuple[str, int] | None = None) -> int:
        if self.socket is None:
            raise ConnectionException("closed")
        self.until = time.monotonic() + self._timeout
        try:
            self.socket.settimeout(self._timeout)
            self.socket.sendall(request)
        except OSError as error:
            raise ConnectionLost(f"the device is gone: {error.strerror or error}") from None
        return len(request)

    def recv(self, size: int | None) -> bytes:
        assert self.socket is not None
        while (left := self.until - time.monotonic()) > 0:
            if self._stopping.is_set():
                raise Ending
            try:
                self.socket.settimeout(min(LOOK, left))
                data = self.socket.recv(4_096)
            except (TimeoutError, ssl.SSLWantReadError):
                continue
            except OSError as error:
                raise ConnectionLost(f"the device is gone: {error.strerror or error}") from None
            if not data:
                raise ConnectionLost("the device ended the connection")
            return data
        raise ConnectionLost(f"the device did not answer within {self._timeout:g} s")


def _bounded(sending: bool, data: bytes) -> bytes:
    if not sending and len(data) > MOST_WAITING:
        raise Garbled(f"{len(data):,} bytes without an answer in them")
    return data


@dataclass
class Line:
    """A connection on which registers are read. After anything but Refused it is to be closed."""

    client: _Client
    address: Address

    def read(self, table: str, unit_id: int, start: int, count: int) -> Sequence[int]:
        """What stands at addresses of a table: numbers of 16 bits, or bits. Raises Refused, Garbled, ConnectionLost, Ending."""
        client = self.client
        how = {
            "holding": client.read_holding_registers,
            "input": client.read_input_registers,
            "coil": client.read_coils,
            "discrete": client.read_discrete_inputs,
        }[table]
        with _told():
            answer: ModbusPDU = how(start, count=count, device_id=unit_id)
        if answer.isError():
            raise Refused(answer.exception_code)
        bits = table in ("coil", "discrete")
        read: Sequence[int] = answer.bits if bits else answer.registers
        whole = (count + 7) // 8 * 8 if bits else count
        if len(read) != whole or answer.function_code != {"coil": 1, "discrete": 2, "holding": 3, "input": 4}[table]:
            raise Garbled(
                f"{len(read)} values by function {answer.function_code} where {count} of {table} were asked for"
            )
        return read

    def identity(self, unit_id: int) -> dict[int, str]:
        """What the device says of itself: vendor, product, revision and so on by their numbers. Raises as `read`."""
        with _told():
            answer = self.client.read_device_information(device_id=unit_id)
        if answer.isError():
            raise Refused(answer.exception_code)
        found = getattr(answer, "information", None) or {}
        texts = {
            number: value.decode("utf-8", "replace") for number, value in found.items() if isinstance(value, bytes)
        }
        return {number: " ".join(text.split())[:100] for number, text in texts.items()}


@contextmanager
def _told() -> Iterator[None]:
    """What pymodbus says of an answer that it cannot read."""
    try:
        yield
    except ModbusException as error:
        raise Garbled(str(error)[:200]) from None
    except TimeoutError:
        raise ConnectionLost("the device did not answer in time") from None


@contextmanager
def connected(address: Address, stopping: threading.Event) -> Iterator[Line]:
    """A line to a device. Raises ConnectionLost, Ending."""
    try:
        plain = dial(address.host, address.port, address.timeout, stopping)
    except OSError as error:
        if stopping.is_set():
            raise Ending from None
        raise ConnectionLost(f"no device at {address}: {error.strerror or error}") from None
    with plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if address.security is None:
            yield Line(_Client(plain, address, stopping), address)
            return
        try:
            secured = address.security.context().wrap_socket(plain, server_hostname=address.host)
        except ssl.SSLCertVerificationError as error:
            raise ConnectionLost(
                f"the certificate of {address} is refused: {error.verify_message}; name the authority that signed it by 'ca'"
            ) from None
        except (OSError, ValueError) as error:
            said = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
            raise ConnectionLost(f"no TLS with {address}: {said}") from None
        with secured:
            yield Line(_Client(secured, address, stopping), address)
