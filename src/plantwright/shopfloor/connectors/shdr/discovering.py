"""Finding an SHDR adapter: one that is connected to writes lines, or answers a PING."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator

from plantwright.shopfloor.connectors import Draft
from plantwright.shopfloor.readings import Tag

PORT = 7878

_LINE = re.compile(r"(?:\d{4}-\d\d-\d\dT[^|]*)?\|[^|]+\|")


def discover_adapters(host: str, timeout: float) -> Iterator[Draft]:
    """A draft of the adapter that answers, if one does."""
    if "://" in host:
        return
    name, _, port = host.rpartition(":") if host.count(":") == 1 else (host, "", str(PORT))
    if not port.isdigit() or not 0 < int(port) < 65_536:
        return
    heard = _heard(name, int(port), timeout)
    lines = heard.decode("utf-8", "replace").splitlines()
    speaks = any(line.startswith("* PONG") or _LINE.match(line) for line in lines)
    if not speaks:
        return
    words = {"connector": "shdr", "host": name} | ({} if int(port) == PORT else {"port": port})
    items = dict.fromkeys(key for line in lines if _LINE.match(line) for key in line.split("|")[1:2])
    source = f"adapter {name}"
    offers = [Tag(f"{source}/{item}", "event", source, source, address=item) for item in items]
    notes = ("an adapter does not say what its items are: name its devices file by 'devices'", "nothing is encrypted")
    yield Draft(source, words, offers, notes)


def _heard(host: str, port: int, timeout: float) -> bytes:
    """What an adapter says first."""
    heard, until = b"", time.monotonic() + min(timeout, 2.0)
    try:
        with socket.create_connection((host, port), timeout=timeout) as connection:
            connection.sendall(b"* PING\n")
            while (left := until - time.monotonic()) > 0 and len(heard) < 262_144:
                connection.settimeout(left)
                if not (data := connection.recv(65_536)):
                    break
                heard += data
                if b"* PONG" in heard:
                    break
    except OSError:
        pass
    return heard
