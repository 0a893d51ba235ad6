"""What nothing on the shop floor may do: slow another down, fill the memory, get into the history, be read in a log."""

from __future__ import annotations

import contextlib
import itertools
import logging
import math
import re
import socket
import sqlite3
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from plantwright.shopfloor.collecting.guard import LONGEST_TEXT
from plantwright.shopfloor.config import ConfigError, Secret, SecretText, parse_config
from plantwright.shopfloor.connectors import ConnectorMissing, Inlet, kind, kind_names
from plantwright.shopfloor.connectors.files.kind import FolderOfFiles
from plantwright.shopfloor.connectors.mtconnect import make as mtconnect
from plantwright.shopfloor.connectors.shdr import make as shdr
from plantwright.shopfloor.connectors.sql import SqlTable
from plantwright.shopfloor.connectors.tables import TableShape
from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.readings import NANOSECONDS, Batch, Quality, Samples, Tag
from tests.shopfloor.checklist import EVER, Collected, collecting
from tests.shopfloor.modbus_device import served
from tests.shopfloor.mtconnect_agent import RecordedAgent, serving
from tests.shopfloor.test_modbus import device, register
from tests.shopfloor.test_mtconnect import RECORDED
from tests.shopfloor.test_shdr import Adapter, adapting


@dataclass
class Counts:
    """A source that counts, and remembers how long it was held up at most."""

    name: str
    longest: float = 0.0
    count: int = 0

    def run(self, inlet: Inlet) -> None:
        (tag,) = inlet.declare([Tag(f"{self.name}/count", "sample", self.name)])
        while not inlet.stopping.wait(0.01):
            begun = time.monotonic()
            inlet.put(Samples.of([tag], [time.time_ns()], [float(self.count)]))
            self.longest = max(self.longest, time.monotonic() - begun)
            self.count += 1


@dataclass
class Blocks:
    """A source that waits for a machine and looks at nothing else."""

    free: threading.Event = field(default_factory=threading.Event)

    def run(self, inlet: Inlet) -> None:
        self.free.wait()


class SlowDisk(MemoryHistory):
    """A history that takes a second for each append."""

    appends = 0

    def append(self, batches: list[Batch]) -> None:  # type: ignore[override]
        time.sleep(1.0)
        self.appends += 1
        super().append(batches)


def test_a_slow_disk_holds_no_source_up_and_nothing_is_lost() -> None:
    history, mill, lathe = SlowDisk(), Counts("mill"), Counts("lathe")
    with served() as it:
        sources = ("mill", mill), ("lathe", lathe), ("oven", device(it.port, register("load", 0)))
        with collecting(*sources, history=history) as found:
            found.until(lambda: history.appends >= 2)
            asked = len(it.device.requests)
    assert min(mill.count, lathe.count) > 30
    assert asked > 20
    assert max(mill.longest, lathe.longest) < 0.9
    for source in (mill, lathe):
        assert found.values(f"{source.name}/count") == list(range(source.count))


def test_a_source_that_blocks_holds_no_other_up() -> None:
    blocked, mill = Blocks(), Counts("mill")
    try:
        with collecting(("saw", blocked), ("mill", mill)) as found:
            found.until(lambda: len(found.values("mill/count")) > 50)
            assert found.collector is not None
            begun = time.monotonic()
            assert not found.collector.stop(timeout=0.5)
            assert time.monotonic() - begun < 3.0
            blocked.free.set()
        assert found.values("mill/count") == list(range(mill.count))
    finally:
        blocked.free.set()


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


TEN_YEARS = 10 * 365 * 86_400.0

RUBBISH: dict[str, tuple[list[tuple[float, str, str]], str]] = {
    "wrong types": ([(0, "load", "three")] * 150, "PW5002"),
    "no numbers": ([(0, "load", "NaN")] * 150, "PW5002"),
    "without end": ([(0, "load", "1e999")] * 150, "PW5002"),
    "a text of a megabyte": ([(0, "program", "x" * 1_000_000)], "PW5022"),
    "ten years ahead": ([(TEN_YEARS, "load", "7")] * 150, "PW5002"),
    "200,000 attributes": ([(0, f"a{i}", "7") for i in range(200_000)], "PW5002"),
}
"""What a machine may say that is none: seconds off, item, value; and the code under which that is told."""


DEVICES = """<MTConnectDevices><Header/><Devices><Device id="d" name="mill" uuid="u"><DataItems>
<DataItem id="load" name="load" type="LOAD" category="SAMPLE"/><DataItem id="program" name="program" type="PROGRAM" category="EVENT"/>
</DataItems></Device></Devices></MTConnectDevices>"""

Rows = list[tuple[float, str, str]]
FIRST: Rows = [(-1, "load", "1"), (-1, "program", "O1")]
"""What it says before."""

Way = tuple[Any, Callable[[Rows], None]]
"""A connector of a source called mill, and how the machine behind it says something."""


@contextlib.contextmanager
def by_shdr(folder: Path, what: str) -> Iterator[Way]:
    """An adapter, up to 100 items a line. With a devices file, as what items are is guessed of what they say else."""
    (folder / "devices.xml").write_text(DEVICES)
    with adapting(Adapter()) as adapter:

        def say(rows: Rows) -> None:
            for first in range(0, len(rows), 100):
                some = rows[first : first + 100]
                adapter.send(f"{stamp(time.time() + some[0][0])}|" + "|".join(f"{i}|{v}" for _, i, v in some))

        words = {} if "attributes" in what else {"devices": folder / "devices.xml"}
        yield shdr("mill", host="127.0.0.1", port=adapter.port, **words), say


@contextlib.contextmanager
def by_mtconnect(folder: Path, what: str) -> Iterator[Way]:
    """An agent whose items are those of a recorded one."""
    if "attributes" in what or "ahead" in what:
        pytest.skip("tested with a probe of as many items, and a clock a year behind, in test_mtconnect.py")
    if not RECORDED.is_dir():
        pytest.skip("PLANTWRIGHT_TEST_DATA names no folder with mtconnect")
    agent = RecordedAgent(RECORDED)
    with serving(agent) as url:

        def say(rows: Rows) -> None:
            for _, item, value in rows:
                agent.say({"load": "LX1load", "program": "Lpprogram"}[item], value)

        connector = mtconnect("mill", url, names={"OKUMA": "mill"}, interval=0.02, heartbeat=0.5)
        yield connector, say


@contextlib.contextmanager
def by_files(folder: Path, what: str) -> Iterator[Way]:
    """Files with a row for each."""
    numbers = itertools.count()

    def say(rows: Rows) -> None:
        now, name = time.time(), f"{next(numbers):04}"
        text = "".join(f"{stamp(now + off)},{item},{value}\n" for off, item, value in rows)
        (folder / f"{name}.part").write_text(f"time,tag,value\n{text}")
        (folder / f"{name}.part").rename(folder / f"{name}.csv")

    yield FolderOfFiles("mill", folder, settled=0.0, every=0.02, shape=SHAPE), say


@contextlib.contextmanager
def by_sql(folder: Path, what: str) -> Iterator[Way]:
    """A table with a row for each."""
    path = folder / "mes.db"
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("create table readings (id integer primary key, time text, tag text, value text)")

    def say(rows: Rows) -> None:
        now = time.time()
        given = [(stamp(now + off), item, value) for off, item, value in rows]
        connection.executemany("insert into readings (time, tag, value) values (?, ?, ?)", given)
        connection.commit()

    yield SqlTable("mill", Secret(f"sqlite:///{path}"), "readings", "id", SHAPE, every=0.02), say
    connection.close()


SHAPE = TableShape(time="time", tag_column="tag", value_column="value")
WAYS = {"shdr": by_shdr, "mtconnect": by_mtconnect, "files": by_files, "sql": by_sql}


@pytest.mark.parametrize("what", RUBBISH)
@pytest.mark.parametrize("way", WAYS)
def test_rubbish_is_told_and_never_kept_and_the_others_go_on(way: str, what: str, tmp_path: Path) -> None:
    rows, code = RUBBISH[what]
    lathe = Counts("lathe")
    with WAYS[way](tmp_path, what) as (connector, say), collecting(("mill", connector), ("lathe", lathe)) as found:
        say(FIRST)
        begun = time.monotonic()
        while 1.0 not in [v for tag in found.history.tags() if tag.name in LOADS for v in found.values(tag.name)]:
            assert time.monotonic() < begun + 10, found.notes
            time.sleep(0.05)
            if way in ("shdr", "mtconnect"):
                say(FIRST)
        say(rows)
        found.until(lambda: bool(found.of(code, "mill")), 20)
        count = lathe.count
        found.until(lambda: lathe.count > count + 10)
        assert not found.of("PW5004"), found.notes
        assert not found.of("PW5002", "lathe")
    assert found.values("lathe/count") == list(range(lathe.count))
    clean(found)


LOADS = ("mill/load", "mill/Axes/X/X1load")


def clean(found: Collected) -> None:
    """Nothing is kept that is no reading."""
    every = range(len(found.history.tags()))
    samples, events = found.history.samples(every, *EVER), found.history.events(every, *EVER)
    good = samples.filter(samples["quality"] == Quality.GOOD)["value"]
    assert len(good)
    assert good.is_finite().all()
    assert int(events["value"].str.len_chars().max()) <= LONGEST_TEXT  # type: ignore[arg-type]
    assert samples["time"].to_physical().max() <= time.time_ns() + 3_600 * NANOSECONDS  # type: ignore[operator]
    assert all(len(text) < 2_000 for _, _, text in found.notes)


def test_a_modbus_device_of_rubbish_only_is_quarantined() -> None:
    lathe = Counts("lathe")
    with served() as it:
        it.device.put(0, *struct.unpack(">20H", struct.pack(">10f", *[math.inf] * 10)))
        many = [register(f"r{n}", 2 * n, "float32") for n in range(10)]
        with collecting(("mill", device(it.port, *many)), ("lathe", lathe)) as found:
            found.until(lambda: bool(found.of("PW5002", "mill")))
            count = lathe.count
            found.until(lambda: lathe.count > count + 10)
    assert "inf: not a finite number" in found.of("PW5002", "mill")[0]
    clean(found)


SECRET = "hunter2-8f3a"


def words_of(name: str, port: int) -> str | None:
    """A source of a kind by its own examples, at a port where nothing answers, its secrets from the environment; None where it has none."""
    words = kind(name).words
    secret = [word for word in words if isinstance(word.reader, SecretText)]
    if not secret:
        return None
    given = {word.name: word.example for word in words if word.needed and word not in secret}
    for word, value in given.items():
        given[word] = re.sub(r"(://)[^/:\s]+(:\d+)?", rf"\g<1>127.0.0.1:{port}", value)
        given[word] = re.sub(r"^\d+\.\d+\.\d+\.\d+$", "127.0.0.1", given[word])
    given |= {word.name: f"{{env: {word.name.upper().replace(' ', '_')}}}" for word in secret}
    if any(word.name == "user" for word in words):
        given["user"] = "joe"
    if any(word.name == "port" for word in words):
        given["port"] = str(port)
    if any(word.name == "tls" for word in words):
        given["tls"] = "yes"
    return "{connector: " + name + "".join(f", {word}: {value}" for word, value in given.items()) + "}"


@pytest.mark.parametrize("name", kind_names())
def test_secrets_are_in_no_log_and_no_message(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    try:
        text = words_of(name, port)
        if text is None:
            pytest.skip("has no secret")
        environment = dict.fromkeys(["PASSWORD", "KEY_PASSWORD", "TOKEN"], SECRET)
        environment["URL"] = f"postgresql+psycopg://joe:{SECRET}@127.0.0.1:{port}/mes"
        config = parse_config(f"sources: {{mill: {text}}}", environment=environment)
    except ConnectorMissing as missing:
        pytest.skip(str(missing))
    except ConfigError as error:
        pytest.skip(f"its examples do not go together: {error}")
    assert SECRET not in repr(config)
    with collecting(("mill", config.sources["mill"].connector)) as found:
        found.until(lambda: bool(found.of("PW5001")), 20)
    for said in (caplog.text, str(found.notes), str(found.history.tags())):
        assert SECRET not in said
    assert not found.of("PW5004")


def test_words_of_secrets_read_as_secrets() -> None:
    """A word that is called like a secret is one."""
    for name in kind_names():
        try:
            words = kind(name).words
        except ConnectorMissing:
            continue
        for word in words:
            if re.search(r"password|token|secret|passphrase", word.name):
                assert isinstance(word.reader, SecretText), (name, word.name)
