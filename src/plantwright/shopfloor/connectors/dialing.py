"""Opening a connection to a machine that may not be there, without waiting longer than one is asked to."""

from __future__ import annotations

import errno
import os
import select
import socket
import threading
import time

WAITING = {errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY, getattr(errno, "WSAEWOULDBLOCK", errno.EINPROGRESS)}


def dial(host: str, port: int, timeout: float, stopping: threading.Event) -> socket.socket:
    """A connected socket that blocks for at most `timeout` seconds at a time. Ends early when `stopping` is set. Raises OSError."""
    until, last = time.monotonic() + timeout, OSError(f"no address of {host!r}")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        made = socket.socket(family, kind, protocol)
        try:
            _connect(made, address, until, stopping)
        except OSError as error:
            made.close()
            last = error
            continue
        made.settimeout(timeout)
        return made
    raise last


def _connect(made: socket.socket, address: object, until: float, stopping: threading.Event) -> None:
    made.setblocking(False)
    found = made.connect_ex(address)  # type: ignore[arg-type]
    while found in WAITING:
        if stopping.is_set() or time.monotonic() > until:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        _, ready, failed = select.select([], [made], [made], 0.2)
        if ready or failed:
            found = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if found:
        raise OSError(found, os.strerror(found))
