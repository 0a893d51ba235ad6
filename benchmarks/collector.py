"""Whether the collector's memory stays flat: `plantwright collect` reads 20 adapters that say 10,000 readings a second in all.

    python benchmarks/collector.py --minutes 20

The adapters are a process of their own and speak SHDR over TCP: numbers, a state, words that were never said before; one of them ends its
connection every 20 s, one says rubbish now and then. The resident memory of the collector's process is read every 5 s; after a warm-up,
in which the history's first segments are sealed, it must not grow. What was kept is counted against what was said. Needs ``[shopfloor]``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

ADAPTERS, LINES, ITEMS = 20, 20, 25
"""Adapters, lines a second of each, readings a line."""


class Adapter:
    """Says lines to whoever is connected, and counts its readings."""

    def __init__(self, number: int) -> None:
        self.number, self.said = number, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection, contextlib.suppress(OSError):
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        random, values = np.random.default_rng(self.number), np.zeros(ITEMS - 2)
        begun = time.monotonic()
        for line in range(2**40):
            values += random.normal(0, 0.1, ITEMS - 2)
            numbers = "|".join(f"axis{i}|{v:.2f}" for i, v in enumerate(values.tolist()))
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
            rest = f"program|O{self.number}-{time.time_ns()}|execution|{'ACTIVE' if line // 50 % 2 else 'READY'}"
            connection.sendall(f"{now}Z|{numbers}|{rest}\n".encode())
            self.said += ITEMS
            if self.number == 1 and line % 100 == 7:
                connection.sendall(b"\xff|axis0|no number\n2031-01-01T00:00:00Z|axis1|1\n")
            if self.number == 0 and line == 20 * LINES:
                return
            time.sleep(max(0.0, begun + line / LINES - time.monotonic()))


def resident(pid: int) -> float:
    """Resident memory of a process in MB."""
    text = Path(f"/proc/{pid}/statm").read_text()
    return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def watched(pid: int, seconds: float, every: float) -> tuple[np.ndarray, np.ndarray]:
    """Seconds, and the resident memory at them."""
    begun, times, sizes = time.monotonic(), [], []
    while (now := time.monotonic() - begun) < seconds:
        times.append(now)
        sizes.append(resident(pid))
        print(f"{now:.0f} s {sizes[-1]:.1f} MB", file=sys.stderr, flush=True)
        time.sleep(every)
    return np.array(times), np.array(sizes)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0, help="after the warm-up")
    parser.add_argument("--warm-up", type=float, default=3.0, help="minutes")
    parser.add_argument("--folder", help="where the history is made; a temporary folder without it")
    given = parser.parse_args()
    adapters = [Adapter(number) for number in range(ADAPTERS)]
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        sources = {f"mill {a.number}": {"connector": "shdr", "host": "127.0.0.1", "port": a.port} for a in adapters}
        config = Path(name) / "collect.yaml"
        config.write_text(json.dumps({"format": 1, "history": "history", "sources": sources}), "utf-8")
        whole = 60 * (given.warm_up + given.minutes)
        collector = subprocess.Popen(
            [sys.executable, "-m", "plantwright", "collect", str(config), "--for", f"{whole + 30:.0f} s", "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        begun = time.monotonic()
        times, sizes = watched(collector.pid, whole, 5.0)
        rate = sum(adapter.said for adapter in adapters) / (time.monotonic() - begun)
        out, _ = collector.communicate(timeout=120)
    kept = sum(source["readings"] for source in json.loads(out.splitlines()[-1])["sources"])
    after = times >= 60 * given.warm_up
    slope = float(np.polyfit(times[after] / 60, sizes[after], 1)[0])
    begin, end = sizes[after][:12], sizes[after][-12:]
    print(
        f"{rate:,.0f} readings a second over {whole / 60:.0f} minutes; kept {kept:,}, said {sum(a.said for a in adapters):,}"
    )
    print(
        f"resident after the warm-up {begin.mean():.1f} MB, in the last minute {end.mean():.1f} MB, most {sizes[after].max():.1f} MB"
    )
    print(f"growth {end.mean() - begin.mean():+.1f} MB, by a straight line {slope * given.minutes:+.1f} MB")


if __name__ == "__main__":
    main()
