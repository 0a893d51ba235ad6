"""node-opcua as a server, and a proxy between it and the collector that can be cut."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
TOOLS = Path(os.environ.get("PLANTWRIGHT_TEST_TOOLS") or HERE.parents[2] / ".ci" / "tools")


def modules(package: str) -> str:
    """The folder in which a package of npm is installed; the test is skipped where it is not."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not (TOOLS / "node_modules" / package).is_dir():
        pytest.skip(f"npm's {package} is not installed in {TOOLS}")
    return str(TOOLS)


class NodeServer:
    """A server of node-opcua with one machine, in a process of its own; ``server.cjs`` says what it can be told."""

    def __init__(self, folder: Path, **options: Any) -> None:
        tools = modules("node-opcua-server")
        told = json.dumps({"modules": tools, "folder": os.fspath(folder), **options})
        self._process = subprocess.Popen(
            ["node", os.fspath(HERE / "server.cjs"), told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._turn = threading.Lock()
        answer = self._answer()
        self.port: int = answer["port"]
        self.certificate = base64.b64decode(answer["certificate"])

    @property
    def url(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}"

    def tell(self, does: str, **more: Any) -> dict[str, Any]:
        """Have it do something, and wait until it did."""
        with self._turn:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps({"does": does, **more}) + "\n")
            self._process.stdin.flush()
            return self._answer()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            if line.startswith("{"):
                told: dict[str, Any] = json.loads(line)
                assert "error" not in told, told["error"][:500]
                return told
        raise AssertionError(f"the server has ended with {self._process.wait()}")


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[NodeServer]:
    """A server for a while."""
    server = NodeServer(folder, **options)
    try:
        yield server
    finally:
        server.close()


class Proxy:
    """Passes TCP on to a port, until it is cut, and again when it is mended."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._cut = False
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """End all connections, and let none come."""
        with self._lock:
            self._cut = True
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            self._open.clear()

    def mend(self) -> None:
        with self._lock:
            self._cut = False

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._cut:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other, one is far), daemon=True).start()

    def passed(self, data: bytes) -> bytes:
        """What is passed on of what the server sends."""
        return data

    def _pass(self, one: socket.socket, other: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(self.passed(data) if is_answer else data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
