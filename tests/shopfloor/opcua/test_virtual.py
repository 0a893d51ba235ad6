"""The virtual plant's OPC UA server is read by node-opcua, and by the collector."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("asyncua")

from plantwright.plant import read_text
from plantwright.shopfloor.virtual.opcua import OpcuaServer
from plantwright.shopfloor.virtual.rebuilding import Said, rebuilt
from tests.shopfloor.checklist import collecting, gaps
from tests.shopfloor.opcua.node import HERE, modules
from tests.shopfloor.opcua.test_reading import connector
from tests.shopfloor.virtual.plants import DAIRY, differences, log_of, played


@pytest.fixture
def served() -> Iterator[tuple[OpcuaServer, Any, Any]]:
    signals, said = played(read_text(DAIRY), "1 d")
    server = OpcuaServer(signals.catalogue, "A dairy", "127.0.0.1", 0)
    server.start()
    yield server, signals, said
    server.close()


def test_node_opcua_hears_the_log(served: tuple[OpcuaServer, Any, Any], tmp_path: Path) -> None:
    server, signals, said = served
    options = json.dumps({"modules": modules("node-opcua-client"), "url": server.url, "folder": os.fspath(tmp_path)})
    server.write(said[0])
    process = subprocess.Popen(
        ["node", os.fspath(HERE / "client.cjs"), options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    lines = (json.loads(line) for line in process.stdout if line.startswith("{"))
    try:
        told = [next(lines)]
        while "ready" not in told[-1]:
            told.append(next(lines))
        assert told[-1]["ready"] == len(signals.catalogue.items)
        for part in said[1:]:
            server.write(part)
        last = max(time for part in said for time in part.time) // 1_000_000
        heard: list[Said] = []
        while not any(one[2] // 1_000_000 == last for one in heard):
            one = next(lines)
            told.append(one)
            heard += _said(one)
        threading.Event().wait(0.5)
        process.stdin.close()
        told += lines
    finally:
        process.kill()
        process.wait()
    found = rebuilt(sorted((s for one in told for s in _said(one)), key=lambda one: one[2]), signals.zero * 1000)
    wanted = log_of(read_text(DAIRY), "1 d")
    assert len(found) == len(wanted) > 100
    assert not differences(found, wanted, 2e-3)


def _said(one: dict[str, Any]) -> list[Said]:
    if "device" not in one:
        return []
    value = "UNAVAILABLE" if one["value"] is None else str(one["value"])
    return [(one["device"], one["key"], (one["time"] * 1000 + one["micro"] % 1000) * 1000, value)]


def test_the_collector_hears_the_log_through_cuts(served: tuple[OpcuaServer, Any, Any]) -> None:
    server, signals, said = served
    server.write(said[0])
    with collecting(("dairy", connector(server.url))) as found:
        found.until(lambda: bool(found.events("vat/execution")))
        for at, part in enumerate(said[1:]):
            server.write(part)
            if at == 0:
                server.cut()
        server.mend()
        last = max(time for part in said for time in part.time)
        found.until(lambda: last // 1000 in {time // 1000 for _, _, time, _ in _kept(found)}, 30.0)
        assert gaps(found) == []
        assert {tag.machine for tag in found.history.tags() if tag.machine} >= {"vat", "floor"}
        types = {tag.name: tag.type for tag in found.history.tags()}
        assert types["vat/execution"] == "EXECUTION"
        kept = _kept(found)
    wanted = log_of(read_text(DAIRY), "1 d")
    assert not differences(rebuilt(sorted(kept, key=lambda one: one[2]), signals.zero * 1000), wanted, 1e-3)


def _kept(found: Any) -> list[Said]:
    said: list[Said] = []
    for number, tag in enumerate(found.history.tags()):
        if not tag.machine:
            continue
        device, _, key = tag.name.partition("/")
        read = found.history.samples if tag.kind == "sample" else found.history.events
        frame = read([number], 0, 2**62)
        said += [(device, key, at, str(v)) for at, v in zip(frame["time"].to_physical(), frame["value"], strict=True)]
    return said
