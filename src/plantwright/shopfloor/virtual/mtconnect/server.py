"""The agent's server: HTTP on a port, with as many connections and streams as it can bear."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from plantwright.shopfloor.virtual.mtconnect.agent import Agent
from plantwright.shopfloor.virtual.mtconnect.requests import Refused, read_request
from plantwright.shopfloor.virtual.observations import Observations
from plantwright.shopfloor.virtual.rubbish import spoilt

MOST_CONNECTIONS, MOST_STREAMS = 64, 16
IDLE = 30.0
"""Seconds after which a connection that asks nothing, or does not take what is sent, is closed."""


class AgentServer(ThreadingHTTPServer):
    """Serves one agent. `close` ends it with all its connections.

    Parameters
    ----------
    agent : Agent
    host : str
    port : int
        0: one that is free.
    """

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 32

    def __init__(self, agent: Agent, host: str = "127.0.0.1", port: int = 0) -> None:
        self.agent = agent
        self.ending = threading.Event()
        self.streams = threading.BoundedSemaphore(MOST_STREAMS)
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), name="agent", daemon=True)

    @property
    def url(self) -> str:
        """Where it is reached."""
        host, port = self.server_address[:2]
        return f"http://[{host!s}]:{port}" if ":" in str(host) else f"http://{host!s}:{port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """End, with all connections."""
        self.ending.set()
        self.agent.end()
        self.shutdown()
        self.server_close()
        self.cut()
        self._thread.join(5.0)

    def write(self, said: Observations) -> None:
        """Take the next observations."""
        self.agent.write(said)

    def mend(self) -> None:
        """Take connections again."""

    def cut(self) -> None:
        """Cut all connections; as long as the faults say so, none is taken."""
        self.agent.buffer.wake()
        with self._lock:
            for connection in list(self._open):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    @property
    def is_ending(self) -> bool:
        """Whether streams should end."""
        return self.ending.is_set() or self.agent.faults.cut

    def process_request(self, request: Any, client_address: Any) -> None:
        if self.agent.faults.cut or not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.discard(request)
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks is nothing to tell of."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "plantwright"
    sys_version = ""
    timeout = IDLE
    disable_nagle_algorithm = True
    server: AgentServer

    def do_GET(self) -> None:
        agent = self.server.agent
        try:
            request = read_request(self.path, agent.buffer.size)
            if request.verb in ("current", "sample") and request.interval is not None:
                documents = agent.stream(request, lambda: self.server.is_ending)
                first = next(documents, None)
                with self._place():
                    self._stream(documents, first)
                return
            self._send(200, agent.answer(request))
        except Refused as error:
            self._send(error.status, agent.writer.error(error.code, error.text, agent.now))

    def _unsupported(self) -> None:
        self.close_connection = True
        agent = self.server.agent
        text = f"{self.command[:20]} is not supported: the agent is read with GET"
        self._send(405, agent.writer.error("UNSUPPORTED", text, agent.now))

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _unsupported  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not told."""

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self.server.streams.acquire(blocking=False):
            raise Refused("TOO_MANY", f"more than {MOST_STREAMS} streams are not served at a time", 503)
        try:
            yield
        finally:
            self.server.streams.release()

    def _send(self, status: int, document: str) -> None:
        body = spoilt(document, self.server.agent.faults.rubbish).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self._write(body)

    def _stream(self, documents: Iterator[str], first: str | None) -> None:
        boundary = uuid4().hex
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace;boundary={boundary}")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        document = first
        while document is not None:
            body = spoilt(document, self.server.agent.faults.rubbish).encode()
            head = f"--{boundary}\r\nContent-type: text/xml\r\nContent-length: {len(body)}\r\n\r\n".encode()
            part = head + body + b"\r\n"
            self._write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            document = next(documents, None)
        if not self.server.agent.faults.cut:
            last = f"--{boundary}--\r\n".encode()
            self._write(f"{len(last):x}\r\n".encode() + last + b"\r\n0\r\n\r\n")

    def _write(self, data: bytes) -> None:
        faults = self.server.agent.faults
        if faults.cut_midway:
            faults.cut_midway = False
            self.wfile.write(data[: len(data) // 2])
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError("cut by the scenario")
        self.wfile.write(data)
        self.wfile.flush()
