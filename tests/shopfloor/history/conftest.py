"""The stores on which the same tests run."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plantwright.shopfloor.history import History, HistoryUnavailable, Recorder
from plantwright.shopfloor.history.folder import FolderRecorder
from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.history.postgres import PostgresHistory, PostgresRecorder
from plantwright.shopfloor.history.reading import FolderHistory
from plantwright.shopfloor.history.sealing import Sealer


@dataclass
class Store:
    """A history to test: `settle` is called after each step of a test, and may bring what is kept into another form."""

    recorder: Recorder

    def history(self) -> History:
        raise NotImplementedError

    def settle(self) -> None:
        return

    def reopen(self) -> None:
        """As after a restart."""


class InMemory(Store):
    def history(self) -> History:
        assert isinstance(self.recorder, MemoryHistory)
        return self.recorder


class InFolder(Store):
    def history(self) -> History:
        assert isinstance(self.recorder, FolderRecorder)
        return FolderHistory(self.recorder.folder)

    def reopen(self) -> None:
        assert isinstance(self.recorder, FolderRecorder)
        self.recorder.close()
        self.recorder = FolderRecorder(self.recorder.folder, reserve=0)


class Sealed(InFolder):
    """Each step is sealed, so that there are as many parts as steps."""

    settled = 600.0

    def settle(self) -> None:
        assert isinstance(self.recorder, FolderRecorder)
        self.recorder.roll()
        sealer = Sealer(self.recorder.folder, grace=0, settled=self.settled)
        sealer.run()
        sealer.close()


class Compacted(Sealed):
    """Each step is sealed, and the parts of past days are one."""

    settled = 0.0


FOLDERS = {"folder": InFolder, "sealed": Sealed, "compacted": Compacted}


class InPostgres(Store):
    url = ""

    def history(self) -> History:
        return PostgresHistory(self.url)

    def reopen(self) -> None:
        self.recorder.close()
        self.recorder = PostgresRecorder(self.url)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL of our own, as a user that is not root."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres")) or [Path(shutil.which("postgres") or "/none")]
    if not found[-1].exists():
        pytest.skip("no PostgreSQL is installed")
    programs, folder = found[-1].parent, Path(tempfile.mkdtemp(prefix="pw"))
    who: dict[str, Any] = {}
    if hasattr(os, "getuid") and os.getuid() == 0:
        import pwd

        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
        who = {"user": "nobody"}
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **who}
    subprocess.run(
        [programs / "initdb", "-D", folder / "db", "-U", "postgres", "-A", "trust", "-N"], check=True, **quiet
    )
    server = subprocess.Popen([programs / "postgres", "-D", folder / "db", "-k", folder, "-h", "", "-F"], **quiet)
    url = f"postgresql://postgres@/postgres?host={folder}"
    try:
        for _ in range(300):
            try:
                PostgresRecorder(url + "#wait").close()
                break
            except HistoryUnavailable:
                time.sleep(0.1)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


COUNTER = itertools.count()


@pytest.fixture(params=["memory", *FOLDERS, "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "postgres":
        url = f"{request.getfixturevalue('postgres')}#test{next(COUNTER)}"
        kept = InPostgres(PostgresRecorder(url))
        kept.url = url
        yield kept
        kept.recorder.close()
        return
    if request.param == "memory":
        yield InMemory(MemoryHistory())
        return
    made = FOLDERS[request.param](FolderRecorder(tmp_path / "history", reserve=0))
    yield made
    made.recorder.close()
