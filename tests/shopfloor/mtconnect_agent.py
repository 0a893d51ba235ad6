"""An agent for tests: it answers with what the reference agent answered when it was recorded, goes on from there, and can be made to fail.

It is no implementation of MTConnect to test against: it says what a test tells it to, in the reference agent's own words.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import etree

STREAMS = "urn:mtconnect.org:MTConnectStreams:2.3"


@dataclass(frozen=True)
class Said:
    """An observation as the reference agent wrote it: its number, its component, its group and its XML."""

    sequence: int
    device: tuple[tuple[str, str], ...]
    component: tuple[tuple[str, str], ...]
    group: str
    xml: str
    item: str


def said_in(data: bytes) -> list[Said]:
    """All observations of a streams document in the order of their numbers."""
    found = []
    for one in etree.fromstring(data).iterfind(".//{*}ComponentStream/*/*"):
        group, component = one.getparent(), one.getparent().getparent()
        xml = etree.tostring(one, encoding="unicode", with_tail=False)
        xml = re.sub(r' xmlns(:\w+)?="[^"]*"', "", xml)
        found.append(
            Said(
                int(one.get("sequence")),
                tuple(component.getparent().attrib.items()),
                tuple(component.attrib.items()),
                etree.QName(group).localname,
                xml,
                one.get("dataItemId"),
            )
        )
    return sorted(found, key=lambda said: said.sequence)


@dataclass
class RecordedAgent:
    """The state of the agent, and the faults that a test plants.

    Parameters
    ----------
    folder : Path
        Where the recordings lie.
    """

    folder: Path
    instance: int = 1795382034
    buffer: int = 4096
    said: list[Said] = field(default_factory=list)
    lock: threading.Condition = field(default_factory=threading.Condition)
    clock: Callable[[], float] = time.time
    cut: bool = False
    silent: bool = False
    streams: bool = True
    understands_at: bool = True
    chunk: int | None = None
    cut_stream_after: int | None = None
    password: str = ""
    assets: dict[str, str] = field(default_factory=dict)
    canned: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    open: set[socket.socket] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.probe = (self.folder / "probe.xml").read_bytes()
        self.said = said_in((self.folder / "current.xml").read_bytes())

    @property
    def first(self) -> int:
        return max(1, self.following - self.buffer)

    @property
    def following(self) -> int:
        return self.said[-1].sequence + 1 if self.said else 1

    def say(self, item: str, said: str, /, **attributes: str) -> int:
        """A new observation of an item that has been observed before; its number."""
        with self.lock:
            before = next(one for one in reversed(self.said) if one.item == item)
            number = self.following
            element = etree.fromstring(before.xml)
            element.text = said
            if before.group == "Condition":
                element.tag, element.text = said.title(), attributes.pop("text", None)
                for key in ("nativeCode", "nativeSeverity", "qualifier"):
                    element.attrib.pop(key, None)
            element.set("sequence", str(number))
            element.set("timestamp", f"{stamp(self.clock())}")
            for key, value in attributes.items():
                element.set(key, value)
            xml = etree.tostring(element, encoding="unicode")
            self.said.append(Said(number, before.device, before.component, before.group, xml, item))
            self.lock.notify_all()
            return number

    def restart(self, lost: int = 0) -> None:
        """The agent starts anew: another instance, numbers from 1, every item as it was last but of now."""
        with self.lock:
            self.instance += 1000
            latest = {one.item: one for one in self.said}
            self.said = [self._again(one, number) for number, one in enumerate(latest.values(), 1)]
            self.lock.notify_all()
        self.drop()

    def _again(self, one: Said, number: int) -> Said:
        element = etree.fromstring(one.xml)
        element.set("sequence", str(number))
        element.set("timestamp", stamp(self.clock()))
        xml = etree.tostring(element, encoding="unicode")
        return Said(number, one.device, one.component, one.group, xml, one.item)

    def drop(self) -> None:
        """All connections end at once."""
        for one in list(self.open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def header(self, following: int) -> str:
        return (
            f'<Header creationTime="{stamp(self.clock())}" sender="vm" instanceId="{self.instance}" version="2.3.0.16" '
            f'deviceModelChangeTime="2026-11-22T21:13:54.912308Z" bufferSize="{self.buffer}" nextSequence="{following}" '
            f'firstSequence="{self.first}" lastSequence="{self.following - 1}"/>'
        )

    def document(self, some: list[Said], following: int) -> bytes:
        """A streams document as the reference agent groups it: by device, component and category."""
        lines, device, component, group = [], None, None, None
        for one in sorted(some, key=lambda s: (s.device, s.component, s.group != "Samples", s.group, s.sequence)):
            if one.device != device or one.component != component:
                lines += _ends(group, component, device if one.device != device else None)
                if one.device != device:
                    lines.append(_opens("DeviceStream", one.device))
                lines.append(_opens("ComponentStream", one.component))
                device, component, group = one.device, one.component, None
            if one.group != group:
                lines += [f"</{group}>"] if group else []
                lines.append(f"<{one.group}>")
                group = one.group
            lines.append(one.xml)
        lines += _ends(group, component, device)
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<MTConnectStreams xmlns:m="{STREAMS}" xmlns="{STREAMS}" '
            f'xmlns:x="urn:other">{self.header(following)}<Streams>{"".join(lines)}</Streams></MTConnectStreams>'
        ).encode()

    def current(self, at: int | None = None) -> bytes:
        latest = {one.item: one for one in self.said if at is None or one.sequence <= at}
        return self.document(list(latest.values()), self.following)

    def sample(self, start: int, count: int) -> tuple[bytes, int]:
        some = [one for one in self.said if one.sequence >= start][:count]
        following = some[-1].sequence + 1 if some else max(start, self.following)
        return self.document(some, following), following

    def error(self, code: str, text: str) -> bytes:
        recorded = (self.folder / "sample_from_99999999.xml").read_text()
        recorded = re.sub(r'errorCode="\w+">[^<]*<', f'errorCode="{code}">{text}<', recorded)
        recorded = recorded.replace("1795382034", str(self.instance))
        return re.sub(r'creationTime="[^"]*"', f'creationTime="{stamp(self.clock())}"', recorded).encode()

    def probed(self) -> bytes:
        data = re.sub(rb'creationTime="[^"]*"', f'creationTime="{stamp(self.clock())}"'.encode(), self.probe, count=1)
        data = data.replace(b'bufferSize="4096"', b'bufferSize="%d"' % self.buffer)
        return data.replace(b'instanceId="1795382034"', b'instanceId="%d"' % self.instance)


def stamp(seconds: float) -> str:
    whole, micro = divmod(round(seconds * 1e6), 1_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{micro:06d}Z"


def _opens(name: str, attributes: tuple[tuple[str, str], ...]) -> str:
    return f"<{name} " + " ".join(f'{key}="{value}"' for key, value in attributes) + ">"


def _ends(group: str | None, component: object, device: object) -> list[str]:
    ends = [f"</{group}>"] if group else []
    ends += ["</ComponentStream>"] if component is not None else []
    return ends + (["</DeviceStream>"] if device is not None else [])


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    agent: RecordedAgent

    def log_message(self, format: str, *args: Any) -> None:
        return

    def setup(self) -> None:
        super().setup()
        self.agent.open.add(self.connection)

    def finish(self) -> None:
        self.agent.open.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def do_GET(self) -> None:
        agent, url = self.agent, urlsplit(self.path)
        agent.asked.append(self.path)
        self.close_connection = True
        if agent.cut:
            return
        if agent.password and self.headers.get("Authorization") != f"Basic {agent.password}":
            self.answer(b"<html>Who are you?</html>", 401)
            return
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        request = url.path.strip("/")
        if request in agent.canned:
            status, kind, data = agent.canned[request]
            self.answer(data, status, kind)
            return
        with suppress(OSError):
            getattr(self, request.partition("/")[0], self.unknown)(request, query)

    def answer(self, data: bytes, status: int = 200, kind: str = "text/xml") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def unknown(self, request: str, query: dict[str, str]) -> None:
        self.answer(self.agent.error("UNSUPPORTED", f"no {request}"), 404)

    def probe(self, request: str, query: dict[str, str]) -> None:
        self.answer(self.agent.probed())

    def current(self, request: str, query: dict[str, str]) -> None:
        with self.agent.lock:
            at = int(query["at"]) if "at" in query else None
            if at is not None and (not self.agent.understands_at or at < self.agent.first):
                data, status = self.agent.error("OUT_OF_RANGE", f"'at' must be greater than {self.agent.first}"), 400
            else:
                data, status = self.agent.current(at), 200
        self.answer(data, status)

    def assets(self, request: str, query: dict[str, str]) -> None:
        self.asset("", query)

    def asset(self, request: str, query: dict[str, str]) -> None:
        name = request.partition("/")[2]
        some = [xml for key, xml in self.agent.assets.items() if not name or key == name]
        if name and not some:
            self.answer(self.agent.error("ASSET_NOT_FOUND", f"no {name}"), 404)
            return
        recorded = (self.agent.folder / "asset.xml").read_text()
        recorded = re.sub(r'creationTime="[^"]*"', f'creationTime="{stamp(self.agent.clock())}"', recorded)
        self.answer(recorded.replace("<Assets/>", f"<Assets>{''.join(some)}</Assets>").encode())

    def sample(self, request: str, query: dict[str, str]) -> None:
        agent, start, count = self.agent, int(query.get("from", 1)), int(query.get("count", 100))
        if count > agent.buffer:
            self.answer(agent.error("OUT_OF_RANGE", f"'count' must be less than {agent.buffer}"), 400)
            return
        if not agent.first <= start <= agent.following:
            self.answer(agent.error("OUT_OF_RANGE", f"'from' must be greater than {agent.first}"), 400)
            return
        if "interval" not in query or not agent.streams:
            with agent.lock:
                data, _ = agent.sample(start, count)
            self.answer(data)
            return
        self.stream(start, count, int(query["interval"]) / 1000, int(query["heartbeat"]) / 1000)

    def stream(self, start: int, count: int, interval: float, heartbeat: float) -> None:
        agent, self.sent = self.agent, 0
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Content-Type", "multipart/mixed;boundary=a80575fb-a184")
        self.end_headers()
        last = 0.0
        while not agent.cut:
            with agent.lock:
                if start < agent.first:
                    data = agent.error("OUT_OF_RANGE", "Client fell too far behind, disconnecting")
                    self.part(data)
                    return
                data, following = agent.sample(start, count)
            if following > start or time.monotonic() - last > heartbeat:
                self.part(data)
                last, start = time.monotonic(), following
            with agent.lock:
                while agent.silent and not agent.cut:
                    agent.lock.wait(0.05)
                if agent.following == start:
                    agent.lock.wait(min(interval, heartbeat))

    def part(self, data: bytes) -> None:
        """A part of the stream, in chunks of a size that has nothing to do with it."""
        whole = b"--a80575fb-a184\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(data) + data + b"\r\n"
        size = self.agent.chunk or len(whole)
        for i in range(0, len(whole), size):
            piece = whole[i : i + size]
            limit = self.agent.cut_stream_after
            if limit is not None and self.sent + len(piece) > limit:
                self.wfile.write(b"%x\r\n" % len(piece) + piece[: max(0, limit - self.sent)])
                self.agent.cut_stream_after = None
                self.connection.shutdown(socket.SHUT_RDWR)
                raise ConnectionAbortedError
            self.wfile.write(b"%x\r\n" % len(piece) + piece + b"\r\n")
            self.sent += len(piece)


@contextmanager
def serving(agent: RecordedAgent, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve an agent on a free port of the loopback; its URL."""
    handler = type("Bound", (Handler,), {"agent": agent})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads, server.block_on_close = True, False
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        agent.cut = True
        with agent.lock:
            agent.lock.notify_all()
        agent.drop()
        server.shutdown()
        server.server_close()
        thread.join()
