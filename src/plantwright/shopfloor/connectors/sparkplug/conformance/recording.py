"""Recordings of MQTT traffic: what each client did, taken down by a proxy between the clients and their broker."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from plantwright.shopfloor.connectors.sparkplug.wire import WireError

LARGEST_PACKET = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client did.

    Parameters
    ----------
    time : int
        Milliseconds since 1970.
    client : str
        Its id.
    what : str
        ``connect`` (topic, payload, qos and retain are its will's), ``subscribe`` (topic and qos are a filter's), ``publish``,
        ``disconnect`` (qos is the reason code), ``lost`` (the connection ended without a word).
    topic : str
    payload : bytes
    qos : int
    retain : bool
    version : int
        Of MQTT: 4 is 3.1.1.
    clean : bool
        Clean session, or clean start with a session that expires at once.
    """

    time: int
    client: str
    what: str
    topic: str = ""
    payload: bytes = b""
    qos: int = 0
    retain: bool = False
    version: int = 4
    clean: bool = True


def write_recording(path: Path, seen: Sequence[Seen]) -> None:
    """Write a recording: a line of JSON for each."""
    lines = [json.dumps({**asdict(one), "payload": base64.b64encode(one.payload).decode()}) for one in seen]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_recording(path: Path) -> list[Seen]:
    """Read a recording. Raises WireError where it is none."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            held = json.loads(line)
            found.append(Seen(**{**held, "payload": base64.b64decode(held.get("payload", ""), validate=True)}))
        except (ValueError, TypeError, AttributeError) as error:
            raise WireError(f"{path}:{number} is no line of a recording: {error} [PW5060]") from error
    return found


class _Packets:
    """Takes packets out of the bytes that a client sends."""

    def __init__(self) -> None:
        self._held = bytearray()
        self.client, self.version = "", 4

    def take(self, data: bytes) -> list[Seen]:
        self._held += data
        found: list[Seen] = []
        while True:
            size = shift = 0
            for at in range(1, 5):
                if at >= len(self._held):
                    return found
                size |= (self._held[at] & 127) << shift
                shift += 7
                if self._held[at] < 128:
                    break
            if size > LARGEST_PACKET or len(self._held) < at + 1 + size:
                return found
            head, body = self._held[0], bytes(self._held[at + 1 : at + 1 + size])
            del self._held[: at + 1 + size]
            with contextlib.suppress(IndexError):
                found += self._seen(head, body)

    def _seen(self, head: int, body: bytes) -> list[Seen]:
        kind, now = head >> 4, time.time_ns() // 1_000_000
        if kind == 1:
            return [self._connect(body, now)]
        if kind == 3:
            topic, at = _text(body, 0)
            qos = head >> 1 & 3
            at = self._properties(body, at + (2 if qos else 0))
            return [Seen(now, self.client, "publish", topic, body[at:], qos, bool(head & 1), self.version)]
        if kind == 8:
            at, found = self._properties(body, 2), []
            while at < len(body):
                topic, at = _text(body, at)
                found.append(Seen(now, self.client, "subscribe", topic, qos=body[at] & 3, version=self.version))
                at += 1
            return found
        if kind == 14:
            return [Seen(now, self.client, "disconnect", qos=body[0] if body else 0, version=self.version)]
        return []

    def _connect(self, body: bytes, now: int) -> Seen:
        _, at = _text(body, 0)
        self.version, flags = body[at], body[at + 1]
        start = at + 4
        at = self._properties(body, start)
        expires = (
            any(body[p] == 17 and body[p + 1 : p + 5] != b"\0\0\0\0" for p in range(start + 1, at - 4))
            and self.version == 5
        )
        self.client, at = _text(body, at)
        topic, payload = "", b""
        if flags & 4:
            topic, at = _text(body, self._properties(body, at))
            size = int.from_bytes(body[at : at + 2], "big")
            payload = body[at + 2 : at + 2 + size]
        clean = bool(flags & 2) and not expires
        return Seen(now, self.client, "connect", topic, payload, flags >> 3 & 3, bool(flags & 32), self.version, clean)

    def _properties(self, body: bytes, at: int) -> int:
        """Where what comes after the properties begins (version 5)."""
        if self.version < 5:
            return at
        size = shift = 0
        while True:
            size |= (body[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if body[at - 1] < 128:
                return at + size


def _text(body: bytes, at: int) -> tuple[str, int]:
    end = at + 2 + int.from_bytes(body[at : at + 2], "big")
    return body[at + 2 : end].decode("utf-8", "surrogateescape"), end


class Recorder:
    """A proxy: clients connect to it in place of the broker, and what they do is taken down.

    Parameters
    ----------
    broker : (str, int)
        Host and port, without encryption.
    port : int
        To listen on, on this machine alone; 0: one that is free.
    """

    def __init__(self, broker: tuple[str, int], port: int = 0) -> None:
        self._broker, self._server = broker, socket.create_server(("127.0.0.1", port))
        self.port = int(self._server.getsockname()[1])
        self.seen: list[Seen] = []
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, name="recorder", daemon=True).start()

    def close(self) -> None:
        """End, with all connections."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                try:
                    broker = socket.create_connection(self._broker, 5)
                except OSError:
                    client.close()
                    continue
                broker.settimeout(None)
                self._open += [client, broker]
                packets = _Packets()
                threading.Thread(target=self._pump, args=(client, broker, packets), daemon=True).start()
                threading.Thread(target=self._pump, args=(broker, client, None), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, packets: _Packets | None) -> None:
        last = ""
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if packets is not None:
                    # taken down before the broker has it, so that what follows from it stands behind it
                    with self._lock:
                        came = packets.take(data)
                        self.seen += came
                        last = came[-1].what if came else last
                target.sendall(data)
        if packets is not None and packets.client and last != "disconnect":
            with self._lock:
                self.seen.append(Seen(time.time_ns() // 1_000_000, packets.client, "lost"))
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
