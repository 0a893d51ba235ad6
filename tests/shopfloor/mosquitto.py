"""A Mosquitto of one's own: a broker process on a free port of this machine, and programs of Node.js that speak with it."""

from __future__ import annotations

import json
import os
import queue
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
TOOLS = Path(os.environ.get("PLANTWRIGHT_TEST_TOOLS", HERE.parent.parent / ".ci" / "tools"))
"""Where ``.ci/run`` installs what tests need of npm."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """A broker.

    Parameters
    ----------
    folder : Path
    words : str
        More of its configuration.
    anonymous : bool
    """

    def __init__(self, folder: Path, words: str = "", anonymous: bool = True) -> None:
        found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
        if found is None:
            pytest.skip("needs mosquitto (apt-get install mosquitto)")
        self._program, self.port = found, free_port()
        self._config = folder / "mosquitto.conf"
        self._log = folder / "mosquitto.log"
        user = "user root\n" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous {'true' if anonymous else 'false'}\n{user}"
            f"persistence true\npersistence_location {folder}/\nmax_queued_messages 100000\n{words}\n"
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([self._program, "-c", str(self._config)], stdout=log, stderr=log)
        limit = time.monotonic() + 10
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < limit, self._log.read_text()
            time.sleep(0.01)

    def admit(self, user: str, password: str) -> None:
        """Know a user."""
        words = self._config.parent / "users"
        subprocess.run(["mosquitto_passwd", "-b", "-c", str(words), user, password], check=True, capture_output=True)
        words.chmod(0o644)
        self._config.write_text(self._config.read_text() + f"password_file {words}\n")
        self.stop()
        self.start()

    def stop(self) -> None:
        """End it as a person would: what it keeps for clients is on the disk."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)


class NodeProgram:
    """A program of Node.js: told by lines of JSON, and telling so."""

    def __init__(self, script: Path, *arguments: str, **environment: str) -> None:
        node = shutil.which("node")
        if node is None or not (TOOLS / "node_modules" / "sparkplug-client").is_dir():
            pytest.skip("needs node and sparkplug-client (npm install --prefix .ci/tools sparkplug-client@3.2.4)")
        environment = {**os.environ, "NODE_PATH": str(TOOLS / "node_modules"), **environment}
        self._process = subprocess.Popen(
            [node, str(script), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )
        self.told: list[dict[str, Any]] = []
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def do(self, **what: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def wait(self, seconds: float = 20.0, **what: Any) -> Mapping[str, Any]:
        """The next line that holds all this."""
        limit = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, limit - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"did not tell {what}; told: {self.told[-5:]}") from None
            if all(line.get(key) == value for key, value in what.items()):
                return line

    def kill(self) -> None:
        """End it at once (kill -9)."""
        self._process.kill()
        self._process.wait(10)

    def close(self) -> None:
        self.kill()
        self._thread.join(5)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):
            self._process.stdin.close()
        self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with suppress(ValueError):
            for text in self._process.stdout:
                line = json.loads(text)
                self.told.append(line)
                self._lines.put(line)
