"""A Dask cluster of real processes on this machine: a scheduler and two workers of one thread each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Running:
    """A scheduler's address and the processes of its workers."""

    address: str
    workers: list[subprocess.Popen[bytes]]
    start_worker: Callable[[], None]


@contextmanager
def running(folder: Path, *options: str, workers: int = 2) -> Iterator[Running]:
    """A cluster as long as the block lasts."""
    begun: list[subprocess.Popen[bytes]] = []

    def start(kind: str, *arguments: str, out: Path) -> None:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments, *options]
        with out.open("wb") as file:
            begun.append(subprocess.Popen(command, stdout=file, stderr=file, cwd=folder, env=os.environ))

    try:
        out = folder / "scheduler.txt"
        start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", out=out)
        found = None
        while found is None and begun[0].poll() is None:
            found = re.search(r"(tcp|tls)://127\.0\.0\.1:\d+", out.read_text("utf-8"))
            try:
                begun[0].wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        assert found, out.read_text("utf-8")
        address, joined = found[0], []

        def start_worker() -> None:
            own = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder))
            start("worker", address, "--host", "127.0.0.1", *own, out=folder / f"worker{len(joined)}.txt")
            joined.append(begun[-1])

        for _ in range(workers):
            start_worker()
        yield Running(address, joined, start_worker)
    finally:
        for process in reversed(begun):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Two workers without certificates, on the loopback."""
    pytest.importorskip("distributed", reason="needs pip install 'plantwright[cluster]'")
    with running(tmp_path_factory.mktemp("cluster")) as made:
        yield made
