"""Plain JSON by MQTT through Mosquitto: mapping, nothing lost over restarts, TLS, what is no reading."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from plantwright.shopfloor.config import Secret, parse_config
from plantwright.shopfloor.connectors.mqtt.broker import Broker, Session
from plantwright.shopfloor.connectors.mqtt.kind import KIND, JsonMessages, discover
from plantwright.shopfloor.connectors.mqtt.mapping import NoReading, TopicMap
from plantwright.shopfloor.history.memory import MemoryHistory
from tests.shopfloor.checklist import Checklist, Rig, collecting
from tests.shopfloor.mosquitto import Mosquitto, free_port

PASSWORD = "correct-horse-8"
MAP = TopicMap("plant/+/data", machine="{2}", time="ts", types={"state": "EXECUTION"}, units={"load": "kN"})


BEGIN = int(time.time()) - 1000


class Publisher:
    """Says documents with QoS 1, and keeps them while the broker is away."""

    def __init__(self, broker: Broker) -> None:
        self._broker, self._waiting = broker, list[tuple[str, bytes]]()
        self._session: Session | None = None
        self._connect()

    def _connect(self) -> None:
        self._session = Session(self._broker, "publisher")
        self._session.open()

    def say(self, topic: str, payload: bytes, retain: bool = False) -> None:
        if self._session is None:
            self._waiting.append((topic, payload))
            return
        self._session.publish(topic, payload, 1, retain)
        list(self._session.turn(0.01))

    def lose(self) -> None:
        """Disconnect without a word, once the broker has what was said."""
        if self._session is not None:
            for _ in range(50):
                list(self._session.turn(0.02))
            self._session.drop()
        self._session = None

    def back(self) -> None:
        self._connect()
        waiting, self._waiting = self._waiting, []
        for topic, payload in waiting:
            self.say(topic, payload)

    def close(self) -> None:
        if self._session is not None:
            self._session.close()


@pytest.fixture
def publisher(mosquitto: Mosquitto) -> Iterator[Publisher]:
    made = Publisher(Broker(mosquitto.url))
    try:
        yield made
    finally:
        made.close()


class MqttRig(Rig):
    sample = "press/load"
    secret = PASSWORD
    ahead = 0.0

    def __init__(self, mosquitto: Mosquitto, publisher: Publisher) -> None:
        self.mosquitto, self.publisher = mosquitto, publisher

    def connector(self) -> JsonMessages:
        return JsonMessages("mill", Broker(self.mosquitto.url, "reader", Secret(PASSWORD)), "collector", (MAP,))

    def say(self, number: float | None) -> None:
        self.publisher.say("plant/press/data", json.dumps({"ts": time.time() + self.ahead, "load": number}).encode())

    def unavailable(self) -> None:
        self.say(None)

    def cut(self) -> None:
        self.publisher.lose()
        self.mosquitto.stop()

    def mend(self) -> None:
        self.mosquitto.start()
        self.publisher.back()

    def rubbish(self) -> None:
        self.publisher.say("plant/press/data", b'{"ts": 1700000000, "load": ')

    def off(self, seconds: float) -> None:
        self.ahead = seconds

        def talk() -> None:
            for _ in range(40):
                time.sleep(0.05)
                self.say(1.0)

        self.talking = threading.Thread(target=talk, daemon=True)
        self.talking.start()


class TestOfTheChecklist(Checklist):
    @pytest.fixture
    def rig(self, mosquitto: Mosquitto) -> Iterator[Rig]:
        mosquitto.admit("reader", PASSWORD)
        publisher = Publisher(Broker(mosquitto.url))
        rig = MqttRig(mosquitto, publisher)
        try:
            yield rig
        finally:
            if rig.ahead:
                rig.talking.join()
            publisher.close()


def reading(mosquitto: Mosquitto, *maps: TopicMap, version: int = 5) -> JsonMessages:
    return JsonMessages("mill", Broker(mosquitto.url), "collector", maps or (MAP,), version)


def values(map_: TopicMap, document: Any, topic: str = "plant/press/data") -> list[tuple[str, str, str, Any]]:
    rows = map_.rows(topic, document if isinstance(document, bytes) else json.dumps(document).encode(), "hall")
    return [(row.machine, row.tag, row.value, row.time) for row in rows]


def test_documents_become_rows_as_the_mapping_says() -> None:
    document = {"ts": 5, "data": {"axes": [{"load": 1.5}, {"load": 2}]}, "state": "RUN", "ok": True, "none": None}
    chosen = TopicMap(
        "plant/+/data", "{2} of {1}", "{-1}", {"load": "data.axes[1].load", "state": "state", "gone": "a.b"}, time="ts"
    )
    assert values(chosen, document) == [
        ("press of plant", "data/load", "2", 5),
        ("press of plant", "data/state", "RUN", 5),
    ]
    assert values(TopicMap(), {"a": {"b": 1.0}, "c": [1, 2], "d": None}) == [
        ("hall", "a/b", "1.0", None), ("hall", "c", "[1, 2]", None), ("hall", "d", "UNAVAILABLE", None),
    ]  # fmt: skip
    several = TopicMap(each="list", time="t", values={"x": "v"})
    assert [(value, at) for *_, value, at in values(several, {"list": [{"t": 1, "v": 2}, {"t": 3, "v": 4}]})] == [
        ("2", 1),
        ("4", 3),
    ]
    assert values(TopicMap(), b"23.5") == [("hall", "value", "23.5", None)]
    for wrong in (b"{", b"\xff", b"[" * 100_000, b"1" * 5_000_000, {"x": 1}, {"ts": True}):
        with pytest.raises(NoReading):
            values(MAP, wrong)
    for bad in (
        {"topic": "a/b+"},
        {"topic": "#/a"},
        {"machine": "{0}"},
        {"topic": "a", "machine": "{2}"},
        {"time": "a..b"},
    ):
        with pytest.raises(ValueError, match=r"topic|path|level"):
            TopicMap(**bad)  # type: ignore[arg-type]


def test_documents_that_are_broken_never_break_it() -> None:
    draw = random.Random(5)
    good = json.dumps({"ts": 1700000000.5, "load": 1.5, "axes": [{"a": [1, {"b": "c"}]}], "s": "\u00e9"}).encode()
    for _ in range(2000):
        broken = bytearray(good)
        for _ in range(draw.randrange(1, 5)):
            broken[draw.randrange(len(broken))] = draw.randrange(256)
        try:
            values(MAP, bytes(broken))
        except NoReading:
            continue


@pytest.mark.parametrize("version", [5, 4])
def test_what_the_broker_keeps_is_read_after_a_stop_of_both(
    mosquitto: Mosquitto, publisher: Publisher, version: int
) -> None:
    history = MemoryHistory()

    def say(number: int) -> None:
        publisher.say("plant/press/data", json.dumps({"ts": BEGIN + number, "load": number}).encode())

    with collecting(("mill", reading(mosquitto, version=version)), history=history) as found:
        found.until(lambda: (say(0), 0 in found.values("press/load"))[1])
    for number in range(1, 300):
        say(number)
    publisher.lose()
    mosquitto.stop()
    mosquitto.start()
    publisher.back()
    with collecting(("mill", reading(mosquitto, version=version)), history=history) as found:
        found.until(lambda: 299 in found.values("press/load"))
        assert [v for v in found.values("press/load") if v > 0] == list(range(1, 300))
        assert not found.events("mill/gaps")


SCRIPT = """
import sys, threading, time
from plantwright.shopfloor.collecting.collector import Collector
from plantwright.shopfloor.config import read_config
from plantwright.shopfloor.history.folder import FolderRecorder
config = read_config(sys.argv[1])
collector = Collector(config, FolderRecorder(config.history))
collector.start()
print("reading", flush=True)
time.sleep(60)
"""


def test_a_collector_that_is_killed_loses_nothing_and_keeps_nothing_twice(
    mosquitto: Mosquitto, publisher: Publisher, tmp_path: Path
) -> None:
    config = tmp_path / "collect.yaml"
    config.write_text(
        f"history: history\nsources:\n  mill:\n    connector: mqtt\n    broker: {mosquitto.url}\n"
        '    topics: {"plant/+/data": {machine: "{2}"}}\n'
    )
    from plantwright.shopfloor.history.reading import FolderHistory

    said, draw = 0, random.Random(2)
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(config)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"reading\n"
        if not said:
            time.sleep(1.0)
        until = time.monotonic() + 0.5 + draw.random() * 0.3
        while time.monotonic() < until:
            said += 1
            publisher.say("plant/press/data", json.dumps({"load": said}).encode())
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    with collecting(
        (
            "mill",
            JsonMessages(
                "mill",
                Broker(mosquitto.url),
                f"plantwright-{socket.gethostname()}-mill",
                (TopicMap("plant/+/data", "{2}"),),
            ),
        )
    ) as last:
        last.until(lambda: said in last.values("press/load"), 20)
        rest = last.values("press/load")
    kept = FolderHistory(tmp_path / "history")
    number = [tag.name for tag in kept.tags()].index("press/load")
    found = kept.samples([number], 0, 2**62)["value"].to_list()
    assert found == sorted(found)
    assert len(set(found)) == len(found), "kept twice"
    assert set(range(int(found[0]), said + 1)) == {*map(int, found), *map(int, rest)}, "lost"
    assert said > 60


def test_retained_without_a_time_and_values_of_other_kinds(mosquitto: Mosquitto, publisher: Publisher) -> None:
    publisher.say("plant/old/data", b'{"load": 1}', retain=True)
    mapping = TopicMap("plant/+/data", machine="{2}", units={"load": "kN"})
    with collecting(("mill", reading(mosquitto, mapping))) as found:
        found.until(lambda: bool(found.of("PW5066")))
        found.until(
            lambda: (
                publisher.say("plant/press/data", b'{"load": 1, "state": "RUN"}'),
                bool(found.values("press/load")),
            )[1]
        )
        publisher.say("plant/press/data", b'{"load": "high", "state": "STOP"}')
        publisher.say("plant/press/data", b'{"load": NaN}')
        publisher.say("plant/press/data", b'{"state": "' + b"y" * 2**20 + b'"}')
        publisher.say("plant/press/data", b'{"load": 2}')
        found.until(lambda: 2 in found.values("press/load"))
        assert any("no number at press/load" in text for text in found.of("PW5022"))
        assert ("STOP", {}) in found.events("press/state")
        assert "old/load" not in {tag.name for tag in found.history.tags()}


def test_a_file_says_it_all(mosquitto: Mosquitto, publisher: Publisher) -> None:
    text = f"""
sources:
  hall:
    connector: mqtt
    broker: {mosquitto.url}
    topics:
      plant/+/data: {{machine: "{{2}}", time: ts, values: {{load: data.load}}}}
"""
    source = parse_config(text).sources["hall"]
    with collecting(("hall", source.connector)) as found:
        document = b'{"ts": "%s", "data": {"load": 2.5}}' % datetime.now(UTC).isoformat().encode()
        found.until(lambda: (publisher.say("plant/saw/data", document), 2.5 in found.values("saw/load"))[1])
    with pytest.raises(ValueError, match="no topic is named"):
        KIND.make(name="x", url="mqtt://b", topics={})


def test_discovery_hears_topics(mosquitto: Mosquitto, publisher: Publisher) -> None:
    publisher.say("plant/saw/data", b'{"load": 2.5}', retain=True)
    (draft,) = discover(f"127.0.0.1:{mosquitto.port}", 0.4)
    assert draft.words == {
        "connector": "mqtt",
        "broker": mosquitto.url,
        "topics": {"plant/saw/data": {"machine": "{1}"}},
    }
    assert draft.notes


def _certificates(folder: Path) -> None:
    """An authority, and a broker's and a client's certificate that it signed."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make certificates")

    def run(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    for name in ("ca", "other"):
        run(
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.pem",
            "-subj",
            f"/CN={name}",
            "-days",
            "2",
        )
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for name in ("broker", "client"):
        run(
            "req",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.csr",
            "-subj",
            f"/CN={name}",
        )
        run(
            "x509",
            "-req",
            "-in",
            f"{name}.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-out",
            f"{name}.pem",
            "-days",
            "2",
            "-extfile",
            "names",
        )
    for path in folder.iterdir():
        if path.is_file():
            os.chmod(path, 0o644)


def test_tls_is_verified_and_certificates_are_asked_for(tmp_path: Path) -> None:
    _certificates(tmp_path)
    port = free_port()
    words = f"listener {port} 127.0.0.1\ncafile {tmp_path}/ca.pem\ncertfile {tmp_path}/broker.pem\nkeyfile {tmp_path}/broker.key\nrequire_certificate true"
    mosquitto = Mosquitto(tmp_path, words)
    try:
        mine = {"certificate": tmp_path / "client.pem", "key": tmp_path / "client.key"}
        good = Broker(f"127.0.0.1:{port}", ca=tmp_path / "ca.pem", **mine)
        source = JsonMessages("mill", good, "collector", (MAP,))
        publisher = Publisher(Broker(mosquitto.url))
        document = json.dumps({"ts": BEGIN, "load": 1.5}).encode()
        with collecting(("mill", source)) as found:
            found.until(lambda: (publisher.say("plant/press/data", document), bool(found.values("press/load")))[1])
        publisher.close()
        wrong = {
            "self-signed|verify failed|unable to get": Broker(f"127.0.0.1:{port}", ca=tmp_path / "other.pem", **mine),
            "is not trusted": Broker(f"mqtts://localhost:{port}", ca=tmp_path / "ca.pem", **mine),
            "lost|refuses|trusted": Broker(f"127.0.0.1:{port}", ca=tmp_path / "ca.pem"),
            "does not answer|is lost": Broker(f"mqtt://127.0.0.1:{port}"),
            "cannot be read": Broker(f"127.0.0.1:{port}", ca=tmp_path / "gone.pem"),
        }
        for says, broker in wrong.items():
            with collecting(("mill", JsonMessages("mill", broker, "collector", (MAP,)))) as found:
                found.until(lambda found=found: bool(found.of("PW5001")))
                assert any(part in found.of("PW5001")[0] for part in says.split("|")), found.of("PW5001")
    finally:
        mosquitto.close()
