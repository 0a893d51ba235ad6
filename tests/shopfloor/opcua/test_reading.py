"""An OPC UA server of node-opcua is read: what it says, through cuts, and what it must not do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("asyncua")

from plantwright.shopfloor.config import parse_config
from plantwright.shopfloor.connectors import Connector
from plantwright.shopfloor.connectors.opcua import session, subscribing
from tests.shopfloor.checklist import Checklist, Rig, collecting, gaps
from tests.shopfloor.opcua.node import NodeServer, Proxy, running

LOAD = "mill 1/Spindle/load"
QUICK = {"security": "none", "every": "50 ms", "sampling": "0 s"}


def connector(url: str, folder: Path | None = None, **words: Any) -> Connector:
    """The connector of a source in the words of a collector's file."""
    told = {"connector": "opcua", "url": url, **QUICK, **words}
    text = "sources:\n  mill:\n" + "".join(f"    {word}: {json.dumps(value)}\n" for word, value in told.items())
    return parse_config(text, folder=folder).sources["mill"].connector


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeServer]:
    with running(tmp_path_factory.mktemp("pki")) as served:
        yield served


@pytest.fixture
def proxy(server: NodeServer) -> Iterator[Proxy]:
    between = Proxy(server.port)
    yield between
    between.close()


class MillRig(Rig):
    sample = LOAD
    remembers = False
    """node-opcua, as the standard has it, lets nobody take over a subscription without security."""

    def __init__(self, server: NodeServer, proxy: Proxy) -> None:
        self.server, self.proxy = server, proxy

    def connector(self) -> Connector:
        return connector(self.proxy.url)

    def say(self, number: float) -> None:
        self.server.tell("set", name="load", value=number)

    def cut(self) -> None:
        self.proxy.cut()

    def mend(self) -> None:
        self.proxy.mend()

    def unavailable(self) -> None:
        self.server.tell("set", name="load", value=0.0, status="BadNoCommunication")

    def rubbish(self) -> None:
        self.server.tell("set", name="load", value="NaN")

    def off(self, seconds: float) -> None:
        self.server.tell("off", seconds=seconds)


class TestOfTheChecklist(Checklist):
    @pytest.fixture
    def rig(self, server: NodeServer, proxy: Proxy) -> Iterator[Rig]:
        server.tell("set", name="load", value=0.5)
        yield MillRig(server, proxy)
        server.tell("off", seconds=0)


@pytest.mark.parametrize("own_process", [False, True])
def test_a_cut_that_is_shorter_than_the_queue_loses_nothing(
    server: NodeServer, proxy: Proxy, own_process: bool
) -> None:
    server.tell("set", name="load", value=0.5)
    with collecting(("mill", connector(proxy.url)), own_process=own_process) as found:
        found.until(lambda: bool(found.samples(LOAD)), 30.0)
        server.tell("count", name="load", **{"from": 100, "to": 219, "each": 20})
        found.until(lambda: 120 in found.values(LOAD))
        proxy.cut()
        time.sleep(1.0)
        proxy.mend()
        found.until(lambda: 219 in found.values(LOAD))
        assert [v for v in found.values(LOAD) if v >= 100] == list(range(100, 220))
        assert gaps(found) == []
        assert found.of("PW5001")


def test_a_longer_cut_is_kept_as_a_gap(server: NodeServer, proxy: Proxy) -> None:
    with collecting(("mill", connector(proxy.url, queue=10))) as found:
        found.until(lambda: bool(found.samples(LOAD)))
        server.tell("set", name="load", value=1000)
        found.until(lambda: 1000 in found.values(LOAD))
        proxy.cut()
        server.tell("flood", name="load", **{"from": 1001, "to": 1040})
        proxy.mend()
        found.until(lambda: 1040 in found.values(LOAD))
        assert [v for v in found.values(LOAD) if v >= 1000] == [1000, *range(1031, 1041)]
        found.until(lambda: bool(gaps(found)))
        ((reason, gap),) = gaps(found)
        assert reason == "the server's queue was full"
        number = found.number(LOAD)
        assert number is not None
        frame = found.history.samples([number], 0, 2**62)
        times = dict(zip(frame["value"], frame["time"].to_physical(), strict=True))
        assert (gap["start"], gap["end"]) == (times[1000.0], times[1031.0])


class Stalling(Proxy):
    """Takes what the server says and holds it, as a network does that swallows packets."""

    def __init__(self, port: int) -> None:
        self.passes = threading.Event()
        self.passes.set()
        super().__init__(port)

    def passed(self, data: bytes) -> bytes:
        self.passes.wait(20)
        return data


def test_a_server_that_is_silent_is_left_and_nothing_is_lost(
    server: NodeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribing, "PATIENCE", 0.5)
    monkeypatch.setattr(subscribing, "KEEP_ALIVE", 0.5)
    monkeypatch.setattr(session, "PATIENCE", 1.0)
    between = Stalling(server.port)
    server.tell("set", name="load", value=0.5)
    try:
        with collecting(("mill", connector(between.url))) as found:
            found.until(lambda: bool(found.samples(LOAD)))
            between.passes.clear()
            for number in range(100, 110):
                server.tell("set", name="load", value=number)
            found.until(lambda: any("says nothing" in text for text in found.of("PW5001")))
            between.passes.set()
            server.tell("set", name="load", value=110)
            found.until(lambda: 110 in found.values(LOAD))
            assert [v for v in found.values(LOAD) if v >= 100] == list(range(100, 111))
            assert gaps(found) == []
    finally:
        between.close()
