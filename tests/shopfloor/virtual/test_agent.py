"""The virtual plant's MTConnect agent: every document is valid, and requests are answered as the standard says."""

from __future__ import annotations

import http.client
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from lxml import etree

from plantwright.shopfloor.virtual.mtconnect.agent import Agent
from plantwright.shopfloor.virtual.mtconnect.buffer import Buffer, OutOfRange
from plantwright.shopfloor.virtual.mtconnect.requests import read_request
from plantwright.shopfloor.virtual.mtconnect.server import MOST_CONNECTIONS, MOST_STREAMS, AgentServer
from plantwright.shopfloor.virtual.observations import Observations
from tests.shopfloor.virtual.plants import plants, played

DATA = Path(os.environ.get("PLANTWRIGHT_TEST_DATA", ""), "mtconnect", "schemas")
needs_schemas = pytest.mark.skipif(not DATA.is_dir(), reason="PLANTWRIGHT_TEST_DATA holds no schemas of MTConnect")


@cache
def schema(kind: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(DATA / f"MTConnect{kind}_2.3_1.0.xsd"))


@pytest.fixture(scope="module")
def server() -> Iterator[AgentServer]:
    signals, said = played(plants()["shop"], "21 d")
    agent = Agent(signals.catalogue, buffer_size=20_000)
    for part in said:
        agent.write(part)
    served = AgentServer(agent)
    served.start()
    yield served
    served.close()


def ask(server: AgentServer, address: str, method: str = "GET") -> tuple[int, etree._Element]:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    try:
        connection.request(method, address)
        answer = connection.getresponse()
        return answer.status, etree.fromstring(answer.read())
    finally:
        connection.close()


def errors(server: AgentServer, address: str) -> tuple[int, str]:
    status, root = ask(server, address)
    return status, root.find(".//{*}Error").get("errorCode")


def header(root: etree._Element) -> dict[str, int]:
    found = root.find("{*}Header")
    return {key: int(found.get(key)) for key in ("firstSequence", "lastSequence", "nextSequence")}


def sequences(root: etree._Element) -> list[int]:
    return sorted(int(one.get("sequence")) for one in root.iter() if one.get("sequence"))


@needs_schemas
@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("Devices", "/"),
        ("Devices", "/probe"),
        ("Devices", "/lathe%201/probe"),
        ("Devices", "/oven"),
        ("Streams", "/current"),
        ("Streams", "/lathe%202/current"),
        ("Streams", "/sample?count=20000"),
        ("Streams", "/sample?count=-100"),
        ("Streams", "/sample?from=LAST"),
        ("Streams", "/current?path=//Path//DataItem[@category='SAMPLE']"),
        ("Assets", "/assets"),
        ("Assets", "/assets?removed=true"),
        ("Assets", "/asset/lathe%201.1;lathe%202.1"),
        ("Error", "/nobody/current"),
        ("Error", "/sample?from=1"),
        ("Error", "/a/b/c"),
    ],
)
def test_every_document_is_valid_by_the_schema(server: AgentServer, kind: str, address: str) -> None:
    _, root = ask(server, address.replace("LAST", str(server.agent.buffer.current([0]).last)))
    assert etree.QName(root).localname == f"MTConnect{kind}"
    schema(kind).assertValid(root)
    if "count=20000" in address:
        names = {etree.QName(one).localname for one in root.iter() if one.get("sequence")}
        assert {
            "Execution",
            "WaitState",
            "PartCount",
            "Fault",
            "Normal",
            "Length",
            "EquipmentTimer",
            "Wattage",
            "User",
        } <= names


@needs_schemas
def test_every_example_is_valid_too() -> None:
    for name in ("dairy", "changed", "mill"):
        signals, said = played(plants()[name], "2 d")
        agent = Agent(signals.catalogue)
        for part in said:
            agent.write(part)
        for kind, address in (("Devices", "/probe"), ("Streams", "/current"), ("Streams", "/sample?count=131072")):
            schema(kind).assertValid(etree.fromstring(agent.answer(read_request(address, agent.buffer.size)).encode()))


def test_samples_follow_each_other_without_a_gap(server: AgentServer) -> None:
    _, root = ask(server, "/sample?count=500")
    first = header(root)["firstSequence"]
    found = sequences(root)
    while header(root)["nextSequence"] <= header(root)["lastSequence"]:
        _, root = ask(server, f"/sample?count=7000&from={header(root)['nextSequence']}")
        found += sequences(root)
    assert found == list(range(first, header(root)["lastSequence"] + 1))
    assert len(found) == 20_000


def test_current_at_a_sequence_is_what_held_then(server: AgentServer) -> None:
    head = header(ask(server, "/current")[1])
    at = head["firstSequence"] + 7000
    _, then = ask(server, f"/lathe%201/current?at={at}")
    _, until = ask(server, f"/lathe%201/sample?from={head['firstSequence']}&to={at}&count=20000")
    last = {one.get("dataItemId"): one.get("sequence") for one in until.iter() if one.get("sequence")}
    held = {one.get("dataItemId"): one.get("sequence") for one in then.iter() if one.get("sequence")}
    assert last
    assert last.items() <= held.items()
    assert max(sequences(then)) <= at


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/nobody/probe", 404, "NO_DEVICE"),
        ("/sample?from=1", 400, "OUT_OF_RANGE"),
        ("/sample?from=99999999", 400, "OUT_OF_RANGE"),
        ("/sample?count=0", 400, "OUT_OF_RANGE"),
        ("/sample?count=999999999", 400, "OUT_OF_RANGE"),
        ("/current?at=3", 400, "OUT_OF_RANGE"),
        ("/sample?from=ten", 400, "INVALID_REQUEST"),
        ("/sample?from=" + "9" * 400, 400, "INVALID_REQUEST"),
        ("/current?at=3&interval=100", 400, "INVALID_REQUEST"),
        ("/sample?interval=10&from=1", 400, "OUT_OF_RANGE"),
        ("/current?path=//Nothing", 400, "INVALID_PATH"),
        ("/current?path=count(//DataItem)", 400, "INVALID_PATH"),
        ("/current?path=" + "//*" * 100, 400, "INVALID_PATH"),
        ("/asset/nothing", 404, "ASSET_NOT_FOUND"),
        ("/probe/of/what", 404, "INVALID_URI"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_code(
    server: AgentServer, address: str, status: int, code: str
) -> None:
    assert errors(server, quote(address, safe="/?=&%")) == (status, code)


def test_nothing_but_get_is_supported(server: AgentServer) -> None:
    for method in ("POST", "PUT", "DELETE"):
        status, root = ask(server, "/probe", method)
        assert (status, root.find(".//{*}Error").get("errorCode")) == (405, "UNSUPPORTED")


def test_a_path_chooses_data_items(server: AgentServer) -> None:
    _, root = ask(
        server,
        "/current?path="
        + quote('//Device[@name="oven"]//DataItem[@type="EXECUTION"]|//Controller[@id="d0_controller"]/DataItems'),
    )
    assert {one.get("dataItemId") for one in root.iter() if one.get("sequence")} == {
        "d2_execution",
        "d0_controller_mode",
        "d0_alarm",
    }


def test_assets_tell_the_wear_of_tools_taken_out(server: AgentServer) -> None:
    _, root = ask(server, "/assets?removed=true&count=1000")
    tools = {tool.get("assetId"): tool for tool in root.iter("{*}CuttingTool")}
    worn = [float(tool.find(".//{*}ToolLife").text) for tool in tools.values() if tool.get("removed")]
    assert len(worn) > 10
    assert all(float(tool.find(".//{*}ToolLife").get("limit")) == 360.0 for tool in tools.values())
    assert sum(not tool.get("removed") for tool in tools.values()) == 2


def parts_of(server: AgentServer, address: str, most: int, raw: list[bytes] | None = None) -> Iterator[etree._Element]:
    """The documents of a stream, as they come."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    connection.request("GET", address)
    answer = connection.getresponse()
    boundary = re.search(r"boundary=(\w+)", answer.getheader("Content-Type"))
    assert boundary is not None
    try:
        for _ in range(most):
            line = answer.readline()
            while line.strip() != b"--" + boundary[1].encode():
                if not line:
                    return
                line = answer.readline()
            length = 0
            while (line := answer.readline()).strip():
                if line.lower().startswith(b"content-length"):
                    length = int(line.split(b":")[1])
            body = answer.read(length)
            if raw is not None:
                raw.append(body)
            yield etree.fromstring(body)
    finally:
        connection.close()


@pytest.fixture
def small() -> Iterator[AgentServer]:
    """A server whose agent knows nothing yet."""
    signals, _ = played(plants()["dairy"], "1 d")
    served = AgentServer(Agent(signals.catalogue, buffer_size=100))
    served.start()
    yield served
    served.close()


def say(server: AgentServer, values: list[str], item: int = 0) -> None:
    server.write(Observations([time.time_ns()] * len(values), [item] * len(values), values))


@needs_schemas
def test_a_stream_tells_what_is_new_and_beats_where_nothing_is(small: AgentServer) -> None:
    say(small, ["AVAILABLE"])
    stream = parts_of(small, "/sample?interval=10&heartbeat=150&from=1", 4)
    assert sequences(next(stream)) == [1]
    beat = next(stream)
    assert sequences(beat) == []
    assert header(beat)["nextSequence"] == 2
    schema("Streams").assertValid(beat)
    say(small, ["UNAVAILABLE", "AVAILABLE"])
    assert sequences(next(stream)) == [2, 3]
    stream.close()


def test_a_stream_that_fell_behind_is_told_so_and_ends(small: AgentServer) -> None:
    say(small, ["AVAILABLE"])
    stream = parts_of(small, "/sample?interval=300&heartbeat=2000&from=1&count=10", 5)
    next(stream)
    for _ in range(8):
        say(small, ["UNAVAILABLE", "AVAILABLE"] * 20)
    last = list(stream)[-1]
    assert last.find(".//{*}Error").get("errorCode") == "OUT_OF_RANGE"


def test_streams_and_connections_are_limited(small: AgentServer) -> None:
    say(small, ["AVAILABLE"])
    streams = [parts_of(small, "/sample?interval=1000&heartbeat=60000&from=1", 2) for _ in range(MOST_STREAMS)]
    for stream in streams:
        next(stream)
    assert errors(small, "/sample?interval=1000") == (503, "TOO_MANY")
    assert ask(small, "/probe")[0] == 200
    for stream in streams:
        stream.close()
    idle = [socket.create_connection(small.server_address[:2]) for _ in range(MOST_CONNECTIONS + 5)]
    time.sleep(0.2)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        ask(small, "/probe")
    for one in idle:
        one.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            assert ask(small, "/probe")[0] == 200
            break
        except (http.client.RemoteDisconnected, ConnectionError):
            time.sleep(0.05)
    else:
        raise AssertionError("connections were not given back")


def test_it_closes_while_streams_run(small: AgentServer) -> None:
    say(small, ["AVAILABLE"])
    stream = parts_of(small, "/sample?interval=10&heartbeat=60000&from=1", 100)
    next(stream)
    ended = threading.Thread(target=lambda: list(stream), daemon=True)
    ended.start()
    began = time.monotonic()
    small.close()
    ended.join(5.0)
    assert not ended.is_alive()
    assert time.monotonic() - began < 5.0


def test_what_is_no_http_is_refused_and_others_go_on(small: AgentServer) -> None:
    for rubbish in (
        b"\x00\xff" * 1000 + b"\r\n\r\n",
        b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 5000,
    ):
        with socket.create_connection(small.server_address[:2], timeout=10) as connection, suppress(OSError):
            connection.sendall(rubbish)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(100)
    assert ask(small, "/probe")[0] == 200


def test_the_buffer_forgets_the_oldest_and_says_from_where_it_knows() -> None:
    buffer = Buffer(10)
    buffer.add(Observations(list(range(25)), [0, 1, 2, 1, 1] * 5, [str(i) for i in range(25)]))
    part = buffer.sample({0, 1, 2}, None, 100)
    assert [entry.value for entry in part.entries] == [str(i) for i in range(15, 25)]
    assert (part.first, part.last, part.next) == (16, 25, 26)
    assert [entry.value for entry in buffer.current([0, 1, 2], at=16).entries] == ["15", "14", "12"]
    assert [entry.value for entry in buffer.sample({2}, 20, -2).entries] == ["17"]
    for call in (lambda: buffer.sample({0}, 15, 1), lambda: buffer.sample({0}, 27, 1), lambda: buffer.current([0], 15)):
        with pytest.raises(OutOfRange):
            call()
    assert buffer.sample({0}, 26, 1).entries == []
