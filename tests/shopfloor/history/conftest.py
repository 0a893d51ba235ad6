"""The stores on which the same tests run."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plantwright.shopfloor.history import History, HistoryUnavailable, Recorder
from plantwright.shopfloor.history.clickhouse import ClickHouseHistory, ClickHouseRecorder
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
        _until_it_answers(lambda: PostgresRecorder(url + "#wait").close())
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


class InClickHouse(Store):
    url = ""

    def history(self) -> History:
        return ClickHouseHistory(self.url)

    def reopen(self) -> None:
        self.recorder.close()
        self.recorder = ClickHouseRecorder(self.url, pace=0)


SERVER = """<yandex><logger><level>fatal</level><console>1</console></logger><http_port>{port}</http_port><tcp_port>{other}</tcp_port>
<listen_host>127.0.0.1</listen_host><path>{folder}/db/</path><tmp_path>{folder}/tmp/</tmp_path><mark_cache_size>1000000</mark_cache_size>
<users_config>{folder}/users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
<timezone>UTC</timezone></yandex>"""
USERS = """<yandex><profiles><default/></profiles><quotas><default/></quotas><users><default><password></password><profile>default</profile>
<quota>default</quota><networks><ip>127.0.0.1</ip></networks></default></users></yandex>"""


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[str]:
    """The URL of a ClickHouse of our own: Debian's server."""
    program = shutil.which("clickhouse-server", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        pytest.skip("no ClickHouse server is installed")
    folder = Path(tempfile.mkdtemp(prefix="pwch"))
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        port, other = one.getsockname()[1], two.getsockname()[1]
    (folder / "config.xml").write_text(SERVER.format(port=port, other=other, folder=folder))
    (folder / "users.xml").write_text(USERS)
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    server = subprocess.Popen([program, f"--config-file={folder / 'config.xml'}"], **quiet)
    url = f"clickhouse://127.0.0.1:{port}"
    try:
        _until_it_answers(lambda: ClickHouseRecorder(f"{url}/wait", pace=0).close())
        yield url
    finally:
        server.kill()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def chdb() -> Iterator[str]:
    """The URL of a new ClickHouse engine behind a server of the test's own."""
    python = os.environ.get("PLANTWRIGHT_TEST_CHDB")
    if not python:
        pytest.skip("PLANTWRIGHT_TEST_CHDB names no Python that has chdb")
    script = Path(__file__).with_name("chdb_server.py")
    with subprocess.Popen([python, script], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"clickhouse://127.0.0.1:{int(server.stdout.readline())}"
        server.kill()


def _until_it_answers(open_it: Callable[[], None], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            return open_it()
        except HistoryUnavailable:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


COUNTER = itertools.count()


@pytest.fixture(params=["memory", *FOLDERS, "postgres", "clickhouse", "chdb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "postgres":
        url = f"{request.getfixturevalue('postgres')}#test{next(COUNTER)}"
        kept = InPostgres(PostgresRecorder(url))
        kept.url = url
        yield kept
        kept.recorder.close()
        return
    if request.param in ("clickhouse", "chdb"):
        url = f"{request.getfixturevalue(request.param)}/test{next(COUNTER)}"
        house = InClickHouse(ClickHouseRecorder(url, pace=0))
        house.url = url
        yield house
        house.recorder.close()
        return
    if request.param == "memory":
        yield InMemory(MemoryHistory())
        return
    made = FOLDERS[request.param](FolderRecorder(tmp_path / "history", reserve=0))
    yield made
    made.recorder.close()
