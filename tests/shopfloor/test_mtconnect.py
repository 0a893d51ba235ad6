"""MTConnect: an agent is read through cuts, restarts and a full buffer, and every reading ends up in the history once."""

from __future__ import annotations

import base64
import datetime
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plantwright.shopfloor.config import Secret
from plantwright.shopfloor.connectors.mtconnect import make
from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.readings import Quality
from tests.shopfloor.checklist import Checklist, Collected, Rig, collecting, gaps
from tests.shopfloor.mtconnect_agent import RecordedAgent, serving

DATA = Path(os.environ.get("PLANTWRIGHT_TEST_DATA", "no data"))
RECORDED = DATA / "mtconnect" / "recorded"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="PLANTWRIGHT_TEST_DATA names no folder with mtconnect")

LOAD = "OKUMA/Axes/X/X1load"
PASSWORD = "swordfish 7"


@pytest.fixture
def agent() -> RecordedAgent:
    return RecordedAgent(RECORDED)


@pytest.fixture
def url(agent: RecordedAgent) -> Iterator[str]:
    with serving(agent) as url:
        yield url


class AgentRig(Rig):
    """The recorded agent, asked with a password."""

    sample = LOAD
    secret = PASSWORD

    def __init__(self, agent: RecordedAgent, url: str) -> None:
        self.agent, self.url = agent, url
        agent.password = base64.b64encode(f"plant:{PASSWORD}".encode()).decode()

    def connector(self):  # type: ignore[no-untyped-def]
        return make("mill", self.url, user="plant", password=Secret(PASSWORD), interval=0.02, heartbeat=0.3)

    def say(self, number: float) -> None:
        self.agent.say("LX1load", f"{number:g}")

    def cut(self) -> None:
        self.agent.cut = True
        self.agent.drop()

    def mend(self) -> None:
        self.agent.cut = False

    def unavailable(self) -> None:
        self.agent.say("LX1load", "UNAVAILABLE")

    def rubbish(self) -> None:
        self.agent.say("LX1load", "about 12")

    def off(self, seconds: float) -> None:
        self.agent.clock = lambda: time.time() + seconds


class TestOfTheChecklist(Checklist):
    @pytest.fixture
    def rig(self, agent: RecordedAgent, url: str) -> Rig:
        return AgentRig(agent, url)


def quick(url: str, **words: object):  # type: ignore[no-untyped-def]
    return make("mill", url, interval=0.02, heartbeat=0.3, **words)  # type: ignore[arg-type]


def loads(found: Collected) -> list[float]:
    return found.values(LOAD)


def has(found: Collected, *numbers: float) -> bool:
    return set(numbers) <= set(loads(found))


def test_what_holds_is_read_first(agent: RecordedAgent, url: str) -> None:
    with collecting(("mill", quick(url))) as found:
        found.until(lambda: found.number("mill agent/availability") is not None and "sample" in str(agent.asked))
    tags = {tag.name: tag for tag in found.history.tags()}
    assert found.samples(LOAD)[0][1] == Quality.UNAVAILABLE
    execution = next(tag for tag in tags.values() if tag.type == "EXECUTION" and tag.machine == "OKUMA")
    assert found.events(execution.name) == [("UNAVAILABLE", {})]
    assert [tag.name.rpartition("/")[2] for tag in tags.values() if tag.address == "Lp1LPathPos"] == ["X", "Y", "Z"]
    assert (tags[LOAD].unit, tags["OKUMA/Axes/X/X1actm"].subtype) == ("PERCENT", "ACTUAL")


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000, None])
def test_chunks_end_anywhere(agent: RecordedAgent, url: str, chunk: int | None) -> None:
    agent.chunk = chunk
    with collecting(("mill", quick(url))) as found:
        found.until(lambda: "sample" in str(agent.asked))
        for number in range(1, 6):
            agent.say("LX1load", str(number))
        found.until(lambda: has(found, 5))
        assert loads(found) == [1, 2, 3, 4, 5]


def test_a_stream_that_is_cut_in_the_middle_of_a_part_loses_nothing(agent: RecordedAgent, url: str) -> None:
    with collecting(("mill", quick(url))) as found:
        found.until(lambda: "sample" in str(agent.asked))
        number = 0
        for offset in (0, 10, 90, 200, 400, 700, 900):
            agent.cut_stream_after = offset
            agent.drop()
            for _ in range(3):
                number += 1
                agent.say("LX1load", str(number))
            found.until(lambda: has(found, number) and agent.cut_stream_after is None)  # noqa: B023
        assert loads(found) == list(range(1, number + 1))
        assert gaps(found) == []


def test_a_buffer_that_ran_over_leaves_a_gap_until_its_oldest(agent: RecordedAgent, url: str) -> None:
    history = MemoryHistory()
    with collecting(("mill", quick(url)), history=history) as found:
        agent.say("LX1load", "1")
        found.until(lambda: has(found, 1))
    before = time.time_ns()
    agent.buffer = 5
    for number in range(2, 12):
        agent.say("LX1load", str(number))
        time.sleep(0.002)
    with collecting(("mill", quick(url)), history=history) as found:
        found.until(lambda: has(found, 11))
        agent.say("LX1load", "12")
        found.until(lambda: has(found, 12))
        assert loads(found) == [1, 7, 8, 9, 10, 11, 12]
        ((reason, gap),) = gaps(found)
        assert "no longer holds" in reason
        assert gap["start"] < before < gap["end"] < time.time_ns()
        frame = history.samples([found.number(LOAD)], 0, 2**62)  # type: ignore[list-item]
        (seventh,) = frame.filter(frame["value"] == 7)["time"].cast(int).to_list()
        assert gap["end"] == seventh


def test_an_agent_that_cannot_tell_the_past_leaves_a_gap_until_now(agent: RecordedAgent, url: str) -> None:
    agent.understands_at = False
    history = MemoryHistory()
    with collecting(("mill", quick(url)), history=history) as found:
        agent.say("LX1load", "1")
        found.until(lambda: has(found, 1))
    agent.buffer = 5
    for number in range(2, 12):
        agent.say("LX1load", str(number))
    with collecting(("mill", quick(url)), history=history) as found:
        found.until(lambda: has(found, 11) and bool(gaps(found)))
        agent.say("LX1load", "12")
        found.until(lambda: has(found, 12))
        assert loads(found) == [1, 11, 12]
        assert len(gaps(found)) == 1


def test_an_agent_that_starts_anew_is_read_from_its_first_number(agent: RecordedAgent, url: str) -> None:
    with collecting(("mill", quick(url))) as found:
        for number in (1, 2):
            agent.say("LX1load", str(number))
        found.until(lambda: has(found, 2))
        agent.restart()
        for number in (3, 4):
            agent.say("LX1load", str(number))
        found.until(lambda: has(found, 4))
        assert loads(found)[-2:] == [3, 4]
        found.until(lambda: bool(gaps(found)))
        ((reason, gap),) = gaps(found)
        assert "started anew" in reason
        assert gap["start"] < gap["end"] <= time.time_ns()
        assert found.history.positions()["mill"]["at"]["instance"] == str(agent.instance)


def test_an_agent_that_started_anew_while_nobody_listened(agent: RecordedAgent, url: str) -> None:
    history = MemoryHistory()
    with collecting(("mill", quick(url)), history=history) as found:
        agent.say("LX1load", "1")
        found.until(lambda: has(found, 1))
    agent.restart()
    agent.say("LX1load", "2")
    agent.say("LX1load", "3")
    with collecting(("mill", quick(url)), history=history) as found:
        found.until(lambda: has(found, 3))
        assert loads(found)[-2:] == [2, 3]
        assert len(gaps(found)) == 1


def test_a_stream_without_a_heartbeat_is_lost_and_comes_back(agent: RecordedAgent, url: str) -> None:
    with collecting(("mill", quick(url))) as found:
        agent.say("LX1load", "1")
        found.until(lambda: has(found, 1))
        agent.silent = True
        found.until(lambda: any("no answer within" in text for text in found.of("PW5001")))
        agent.say("LX1load", "2")
        agent.silent = False
        found.until(lambda: has(found, 2))
        assert loads(found) == [1, 2]
        assert gaps(found) == []


def test_a_quiet_machine_is_not_lost(agent: RecordedAgent, url: str) -> None:
    with collecting(("mill", quick(url))) as found:
        agent.say("LX1load", "1")
        found.until(lambda: has(found, 1))
        asked = len(agent.asked)
        time.sleep(1.0)
        assert not found.of("PW5001")
        assert len(agent.asked) == asked


def test_the_past_may_be_left_out(agent: RecordedAgent, url: str) -> None:
    agent.say("LX1load", "1")
    agent.say("LX1load", "2")
    with collecting(("mill", quick(url, past=False))) as found:
        found.until(lambda: has(found, 2))
        agent.say("LX1load", "3")
        found.until(lambda: has(found, 3))
        assert loads(found) == [2, 3]
        assert found.events("OKUMA/Systems1/CoolantSystem1/CoolantSystem1_cond") == [("UNAVAILABLE", {"clears": True})]
    history = MemoryHistory()
    with collecting(("mill", quick(url)), history=history) as found:
        found.until(lambda: has(found, 3))
        assert loads(found) == [1, 2, 3]


def test_an_agent_that_does_not_stream_is_asked_again_and_again(agent: RecordedAgent, url: str) -> None:
    agent.streams = False
    with collecting(("mill", quick(url))) as found:
        for number in (1, 2, 3):
            agent.say("LX1load", str(number))
        found.until(lambda: has(found, 3))
        assert [v for v in loads(found) if v] == sorted(loads(found))
        assert not found.of("PW5001")


def test_several_conditions_of_one_item_are_active_at_once(agent: RecordedAgent, url: str) -> None:
    with collecting(("mill", quick(url))) as found:
        found.until(lambda: "sample" in str(agent.asked))
        agent.say(
            "LCoolantSystem1_cond", "WARNING", nativeCode="12", nativeSeverity="2", qualifier="LOW", text="low level"
        )
        agent.say("LCoolantSystem1_cond", "FAULT", nativeCode="13", text="pump stands")
        agent.say("LCoolantSystem1_cond", "NORMAL", nativeCode="12")
        agent.say("LCoolantSystem1_cond", "NORMAL")
        tag = next(tag.name for tag in found.history.tags() if tag.address == "LCoolantSystem1_cond")
        found.until(lambda: len(found.events(tag)) == 5)
        said = found.events(tag)
        assert said[0] == ("UNAVAILABLE", {})
        assert said[1] == ("WARNING", {"code": "12", "severity": "2", "qualifier": "LOW", "text": "low level"})
        assert said[2] == ("FAULT", {"code": "13", "text": "pump stands"})
        assert said[3:] == [("NORMAL", {"code": "12"}), ("NORMAL", {})]


def test_an_asset_that_changes_is_fetched_and_kept(agent: RecordedAgent, url: str) -> None:
    tool = '<CuttingTool assetId="T7" deviceUuid="OKUMA.123456" timestamp="2026-11-22T21:13:59Z" toolId="7"><Life>{}</Life></CuttingTool>'
    agent.assets["T6"] = tool.replace("T7", "T6")
    with collecting(("mill", quick(url))) as found:
        found.until(lambda: [value for value, _ in found.events("OKUMA/assets")] == ["T6"])
        agent.assets["T7"] = tool.format(160)
        agent.say("OKUMA.123456_asset_chg", "T7", assetType="CuttingTool")
        found.until(lambda: len(found.events("OKUMA/assets")) == 2)
        agent.say("OKUMA.123456_asset_chg", "T8", assetType="CuttingTool")
        agent.say("OKUMA.123456_asset_rem", "T7", assetType="CuttingTool")
        found.until(lambda: len(found.events("OKUMA/assets")) == 3)
        (_, changed), (name, removed) = found.events("OKUMA/assets")[-2:]
        assert (changed["type"], "160" in changed["xml"]) == ("CuttingTool", True)
        assert (name, removed) == ("T7", {"type": "CuttingTool", "removed": True})
        assert "'T8' has changed and cannot be read" in found.of("PW5054")[0]
        assert found.events("OKUMA/asset changed")[-1][0] == "T8"


def test_a_device_that_is_added_is_read(agent: RecordedAgent, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plantwright.shopfloor.connectors.mtconnect.connector.PROBE_AGAIN", 0.0)
    whole = agent.probe
    agent.probe = whole.replace(b'id="LX1load"', b'id="LX1other"')
    with collecting(("mill", quick(url, devices=["OKUMA"]))) as found:
        found.until(lambda: any("LX1load" in text for text in found.of("PW5053")))
        agent.probe = whole
        agent.say("LX1load", "5")
        found.until(lambda: has(found, 5))
        assert not any(tag.machine == "Mazak" for tag in found.history.tags())


def test_machines_are_called_as_the_file_says(agent: RecordedAgent, url: str) -> None:
    with collecting(("mill", quick(url, devices=["OKUMA.123456"], names={"OKUMA": "mill 1"}))) as found:
        agent.say("LX1load", "5")
        found.until(lambda: 5 in found.values("mill 1/Axes/X/X1load"))
    assert {tag.machine for tag in found.history.tags() if tag.address} == {"mill 1"}


def test_only_what_is_asked_for_is_kept(agent: RecordedAgent, url: str) -> None:
    with collecting(("mill", quick(url)), only=("LOAD", "*execution")) as found:
        agent.say("LX1load", "5")
        found.until(lambda: has(found, 5))
    assert {tag.type for tag in found.history.tags() if tag.source == "mill" and tag.address} == {"LOAD", "EXECUTION"}


@pytest.mark.parametrize(
    ("request_", "status", "data", "says"),
    [
        ("probe", 200, b"<html><body>Welcome</body></html>", "<html> where the devices"),
        ("probe", 500, b"Internal error", "HTTP 500"),
        ("probe", 302, b"", "sends on to"),
        ("current", 200, b"<MTConnectStreams><Streams>", "no XML"),
        ("current", 200, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "a DTD"),
        ("sample", 200, b"\x00\x01\x02", "no XML"),
        ("sample", 404, b"<MTConnectError><Errors><Error errorCode='X'>y</Error></Errors></MTConnectError>", "X y"),
    ],
)
def test_answers_that_are_none_are_told(
    agent: RecordedAgent, url: str, request_: str, status: int, data: bytes, says: str
) -> None:
    agent.canned[request_] = (status, "text/xml", data)
    with collecting(("mill", quick(url))) as found:
        found.until(lambda: any(says in text for text in found.of("PW5001")))
        agent.canned.clear()
        agent.say("LX1load", "5")
        found.until(lambda: has(found, 5))


def test_an_agent_that_says_nothing_readable_is_quarantined(agent: RecordedAgent, url: str) -> None:
    agent.canned["current"] = (
        200,
        "text/xml",
        b"<a b='1' " + b"".join(b"c%d='1' " % i for i in range(200_000)) + b"/>",
    )
    with collecting(("mill", quick(url))) as found:
        found.until(lambda: any("200,00" in text for text in found.of("PW5002")))


def test_the_recorded_answers_themselves_are_read(agent: RecordedAgent, url: str) -> None:
    """Every byte as the reference agent sent it, at the time when it did."""
    head, _, body = (RECORDED / "stream.mime").read_bytes().partition(b"\r\n\r\n")
    kind = next(line.partition(b": ")[2] for line in head.splitlines() if line.startswith(b"Content-Type"))
    for request in ("probe", "current", "asset"):
        agent.canned[request] = (200, "text/xml", (RECORDED / f"{request}.xml").read_bytes())
    agent.canned["assets"] = agent.canned["asset"]
    agent.canned["sample"] = (200, kind.decode(), body)
    when = int(datetime.datetime(2026, 11, 22, 21, 14, 2, tzinfo=datetime.UTC).timestamp()) * 1_000_000_000
    with collecting(("mill", quick(url)), clock=lambda: when) as found:
        found.until(lambda: any("ended its stream" in text for text in found.of("PW5001")))
        found.until(lambda: found.history.positions().get("mill", {}).get("at", {}).get("next") == 241)
        assert found.history.positions()["mill"]["at"]["instance"] == "1795382034"
        addresses = {tag.address for tag in found.history.tags() if tag.address}
        assert len(addresses) == 235
        assert not [note for note in found.notes if note[1] not in ("PW5001", "PW5021")]


def test_discover_writes_the_file_that_collect_reads(agent: RecordedAgent, url: str, tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "plantwright", *words], capture_output=True, text=True, cwd=tmp_path, timeout=60
        )

    agent.say("LX1load", "41")
    found = run("discover", url, "--connector", "mtconnect", "-o", "shop-floor.yaml")
    assert found.returncode == 0, found.stderr
    assert "OKUMA/Axes/X/X1load  sample  LOAD  PERCENT" in found.stdout
    assert f"url: {url}" in (tmp_path / "shop-floor.yaml").read_text()
    read = run("collect", "shop-floor.yaml", "--for", "1.5s", "--json")
    assert read.returncode == 0, read.stderr
    (source,) = json.loads(read.stdout.splitlines()[-1])["sources"]
    assert source["readings"] >= 236


def test_an_address_where_nobody_answers_does_not_hold_the_collector_up() -> None:
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = [socket.socket() for _ in range(4)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(full.getsockname())
    try:
        with collecting(("mill", quick(f"http://127.0.0.1:{full.getsockname()[1]}"))) as found:
            time.sleep(0.3)
            assert found.notes == []
            begin = time.monotonic()
        assert time.monotonic() - begin < 3
    finally:
        for one in (*waiting, full):
            one.close()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that signs itself, and its key."""
    pytest.importorskip("cryptography")
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mill")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "mill.pem", folder / "mill.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private


def test_a_certificate_that_signs_itself_is_refused_unless_it_is_named(agent: RecordedAgent, tmp_path: Path) -> None:
    public, private = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(public, private)
    with serving(agent, tls) as url:
        with collecting(("mill", quick(url))) as found:
            found.until(lambda: any("certificate is not trusted" in text for text in found.of("PW5001")))
            assert not loads(found)
        agent.say("LX1load", "5")
        with collecting(("mill", make("mill", url, ca=public))) as found:
            found.until(lambda: has(found, 5))
            begin = time.monotonic()
        assert time.monotonic() - begin < 3
        with collecting(("mill", quick(url.replace("https", "http")))) as found:
            found.until(lambda: bool(found.of("PW5001")))
