"""What a server of node-opcua says becomes readings; what is none is told, and the rest goes on."""

from __future__ import annotations

import json
import random
import socket
import threading
from collections.abc import Iterator

import pytest

asyncua = pytest.importorskip("asyncua")

from asyncua import ua  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from plantwright.shopfloor.config import ConfigError, parse_config  # noqa: E402
from plantwright.shopfloor.connectors.opcua.meanings import meaning  # noqa: E402
from plantwright.shopfloor.connectors.opcua.security import fingerprint  # noqa: E402
from plantwright.shopfloor.connectors.opcua.subscribing import after  # noqa: E402
from plantwright.shopfloor.connectors.opcua.values import plain, quality_of, text_of  # noqa: E402
from plantwright.shopfloor.discovering import discover_sources, draft_text  # noqa: E402
from plantwright.shopfloor.readings import Quality  # noqa: E402
from tests.shopfloor.checklist import collecting, gaps  # noqa: E402
from tests.shopfloor.opcua.node import NodeServer, Proxy, running  # noqa: E402
from tests.shopfloor.opcua.test_reading import LOAD, connector  # noqa: E402


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeServer]:
    with running(tmp_path_factory.mktemp("pki"), crowd=1100) as served:
        yield served


@pytest.fixture
def proxy(server: NodeServer) -> Iterator[Proxy]:
    between = Proxy(server.port)
    yield between
    between.close()


MILL = {"nodes": ["ns=1;s=mill"]}


def test_each_type_is_what_it_is(server: NodeServer) -> None:
    with collecting(("mill", connector(server.url, **MILL))) as found:
        found.until(lambda: len(found.events("mill 1/range")) == 1 and bool(found.samples(LOAD)))
        server.tell("set", name="Execution", kind="String", value="ACTIVE")
        server.tell("set", name="PartCount", kind="UInt32", value=7)
        server.tell("set", name="door", kind="Boolean", value=False)
        server.tell("set", name="StateCurrent", kind="Int32", value=6)
        server.tell("set", name="mode", kind="Int32", value=1)
        server.tell("set", name="axes", kind="Double", value=[3.5, 4.5])
        server.tell("set", name="any", kind="Double", value=8.25)
        server.tell("set", name="CurrentState", kind="LocalizedText", value="Ended")
        server.tell("set", name="load", value=4.5, status="UncertainLastUsableValue")
        server.tell("set", name="load", value=5.5, status="BadOutOfRange")
        server.tell("set", name="notice", kind="LocalizedText", value="away", status="BadNotConnected")
        found.until(lambda: len(found.events("mill 1/notice")) == 2)
        assert [text for text, _ in found.events("mill 1/Execution")] == ["READY", "ACTIVE"]
        assert [text for text, _ in found.events("mill 1/PartCount")] == ["0", "7"]
        assert [text for text, _ in found.events("mill 1/door")] == ["true", "false"]
        assert [text for text, _ in found.events("mill 1/StateCurrent")] == ["IDLE", "EXECUTE"]
        assert [text for text, _ in found.events("mill 1/mode")] == ["AUTOMATIC", "MANUAL"]
        assert [detail["value"] for _, detail in found.events("mill 1/axes")] == [[1.5, 2.5], [3.5, 4.5]]
        assert found.events("mill 1/range") == [("Range", {"value": {"Low": 1.0, "High": 2.0}})]
        assert found.values("mill 1/any") == [7.0, 8.25]
        program = [text for text, _ in found.events("mill 1/ActiveProgram/State/CurrentState")]
        assert program == ["ACTIVE", "PROGRAM_COMPLETED"]
        assert found.events("mill 1/notice")[-1] == ("UNAVAILABLE", {"status": "BadNotConnected"})
        assert found.samples(LOAD)[-2:] == [(4.5, Quality.UNCERTAIN), (5.5, Quality.BAD)]
        tags = {tag.name: (tag.kind, tag.type, tag.unit, tag.address) for tag in found.history.tags()}
        assert tags[LOAD] == ("sample", "", "W", "ns=1;s=load")
        assert tags["mill 1/StateCurrent"] == ("event", "PACKML_STATE", "", "ns=1;s=mill/StateCurrent")
        assert tags["mill 1/ActiveProgram/Name"][:2] == ("event", "PROGRAM")


def test_times_are_the_sources_own(server: NodeServer) -> None:
    with collecting(("mill", connector(server.url, **MILL))) as found:
        found.until(lambda: bool(found.samples(LOAD)))
        server.tell("set", name="load", value=77, at="2026-03-02T07:30:00.123Z")
        found.until(lambda: 77 in found.values(LOAD))
        number = found.number(LOAD)
        assert number is not None
        frame = found.history.samples([number], 0, 2**62)
        times = dict(zip(frame["value"], frame["time"].to_physical(), strict=True))
        assert times[77.0] == 1_772_436_600_123_000_000


def test_what_is_no_reading_is_told_and_the_rest_goes_on(server: NodeServer) -> None:
    with collecting(("mill", connector(server.url, **MILL))) as found:
        found.until(lambda: bool(found.samples("mill 1/any")))
        for tell, wanted in (
            ({"does": "set", "name": "any", "kind": "String", "value": "seven"}, "holds numbers"),
            ({"does": "huge", "name": "Execution", "size": 1_000_000}, "1,000,000 characters"),
            ({"does": "set", "name": "axes", "kind": "Double", "value": [1 / 3] * 5000}, "of an array or structure"),
            ({"does": "set", "name": "load", "value": 1.0, "at": "2126-01-01T00:00:00Z"}, "ahead of the collector's"),
        ):
            server.tell(**tell)
            found.until(lambda wanted=wanted: any(wanted in text for text in found.of("PW5022")))
        server.tell("set", name="load", value=2.5)
        found.until(lambda: 2.5 in found.values(LOAD))
        assert not found.of("PW5001")
        assert not found.of("PW5004")
        server.tell("set", name="any", kind="Double", value=7)


def test_a_server_with_too_many_nodes_is_quarantined(server: NodeServer) -> None:
    with collecting(
        ("mill", connector(server.url, **{"most nodes": 1000})), ("other", connector(server.url, **MILL))
    ) as found:
        found.until(lambda: bool(found.of("PW5002", "mill")))
        assert "more than 1,000 nodes" in found.of("PW5002", "mill")[0]
        found.until(lambda: bool(found.samples(LOAD)))


def test_nodes_are_chosen_by_id_and_by_pattern(server: NodeServer) -> None:
    words = {"nodes": ["nsu=urn:nowhere;s=mill"]}
    with collecting(("mill", connector(server.url, **words))) as found:
        found.until(lambda: bool(found.of("PW5001")))
        assert "no namespace" in found.of("PW5001")[0]
    with collecting(("mill", connector(server.url, nodes=["Line 1/v1?", "*/load"], machine="here"))) as found:
        found.until(lambda: bool(found.samples("here/Line 1/mill 1/Spindle/load")))
        names = sorted(tag.name for tag in found.history.tags() if tag.machine)
        assert names == sorted(["here/Line 1/mill 1/Spindle/load", *(f"here/Line 1/v1{n}" for n in range(10))])


def test_a_subscription_that_the_server_lost_leaves_a_gap(server: NodeServer, proxy: Proxy) -> None:
    with collecting(("mill", connector(proxy.url, **MILL))) as found:
        found.until(lambda: bool(found.samples(LOAD)))
        proxy.cut()
        server.tell("forget")
        server.tell("set", name="load", value=123)
        proxy.mend()
        found.until(lambda: 123 in found.values(LOAD))
        ((reason, gap),) = gaps(found)
        assert reason == "the server no longer held the subscription"
        assert gap["start"] < gap["end"]


class Spoiling(Proxy):
    """Changes some of the bytes that the server sends."""

    def __init__(self, port: int, seed: int) -> None:
        self._random = random.Random(seed)
        self.share = 0.0
        super().__init__(port)

    def passed(self, data: bytes) -> bytes:
        spoilt = bytearray(data)
        for _ in range(len(spoilt)):
            if self._random.random() < self.share:
                spoilt[self._random.randrange(len(spoilt))] = self._random.randrange(256)
        return bytes(spoilt)


@pytest.mark.parametrize("seed", range(3))
def test_spoilt_bytes_do_no_harm(server: NodeServer, seed: int) -> None:
    between = Spoiling(server.port, seed)
    try:
        with collecting(("mill", connector(between.url, **MILL))) as found:
            found.until(lambda: bool(found.samples(LOAD)))
            between.share = 0.002
            for number in range(40):
                server.tell("set", name="load", value=3000 + number)
                between.cut() if number % 15 == 14 else None
                between.mend()
                threading.Event().wait(0.02)
            between.share = 0.0
            between.cut()
            between.mend()
            server.tell("set", name="load", value=4000)
            found.until(lambda: 4000 in found.values(LOAD), 30.0)
            assert not found.of("PW5004"), found.notes
    finally:
        between.close()


def test_a_server_that_speaks_no_opc_ua_does_no_harm() -> None:
    said = random.Random(3)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for _ in range(3):
                with listener.accept()[0] as one:
                    one.recv(1000)
                    one.sendall(said.randbytes(200))

        threading.Thread(target=serve, daemon=True).start()
        with collecting(("mill", connector(f"opc.tcp://127.0.0.1:{listener.getsockname()[1]}"))) as found:
            found.until(lambda: bool(found.of("PW5001")))
            assert not found.of("PW5004")


def test_a_server_is_discovered(server: NodeServer) -> None:
    (draft,) = discover_sources(server.url, ["opcua"], timeout=5.0)
    assert draft.words["trust"] == fingerprint(server.certificate)
    assert LOAD in {tag.name for tag in draft.offers}
    assert "Aes256_Sha256_RsaPss sign and encrypt" in draft.notes[0]
    config = parse_config(draft_text([draft]))
    assert config.sources["A mill"].kind.name == "opcua"
    assert list(discover_sources("http://127.0.0.1:1", ["opcua"])) == []


def test_words_that_do_not_go_together_are_told() -> None:
    for words, told in (
        ({"url": "http://mill"}, "no address of an OPC UA server"),
        ({"url": "opc.tcp://ana:secret@mill"}, "not in the address"),
        ({"url": "opc.tcp://mill", "password": "x"}, "'password' needs 'user'"),
        ({"url": "opc.tcp://mill", "user certificate": "ana.pem"}, "go together"),
        ({"url": "opc.tcp://mill", "security": "Basic256"}, "is no security"),
    ):
        lines = "".join(f"    {word}: {value}\n" for word, value in words.items())
        with pytest.raises(ConfigError, match=told) as refused:
            parse_config(f"sources:\n  mill:\n    connector: opcua\n{lines}")
        assert "secret" not in str(refused.value)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_status_has_a_quality(status: int) -> None:
    code = ua.StatusCode(status)
    quality = quality_of(status)
    assert (quality == Quality.GOOD) == code.is_good()
    assert quality in (Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.UNAVAILABLE)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.datetimes() | st.uuids()
    | st.builds(ua.LocalizedText, st.text() | st.none())
    | st.builds(ua.Range, st.floats(), st.floats()),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_every_value_has_a_text(value: object) -> None:
    json.dumps(plain(value), allow_nan=False)
    assert isinstance(text_of(value), str)


def test_of_a_structure_that_nobody_knows_its_type_and_bytes_are_kept() -> None:
    tool = ua.ExtensionObject(TypeId=ua.NodeId(5001, 2), Body=b"\x07drill")
    assert plain(tool) == {"type": "ns=2;i=5001", "bytes": "076472696c6c"}


def test_numbers_of_messages_begin_again_at_one() -> None:
    assert (after(0), after(1), after(2**32 - 2), after(2**32 - 1)) == (1, 2, 2**32 - 1, 1)


@pytest.mark.parametrize(
    ("path", "whole", "wanted"),
    [
        ("mill/PartCount", True, "PART_COUNT"),
        ("mill/part count", True, "PART_COUNT"),
        ("mill/good", True, "PART_COUNT.GOOD"),
        ("mill/good", False, ""),
        ("mill/functional mode", False, "FUNCTIONAL_MODE"),
        ("filler/Status/StateCurrent", True, "PACKML_STATE"),
        ("mill/Production/ActiveProgram/State/CurrentState", False, "EXECUTION"),
        ("mill/Other/CurrentState", False, ""),
        ("mill/load", False, ""),
    ],
)
def test_what_a_name_means(path: str, whole: bool, wanted: str) -> None:
    told = meaning(path.split("/"), whole)
    assert (f"{told.type}.{told.subtype}".rstrip(".") if told else "") == wanted
