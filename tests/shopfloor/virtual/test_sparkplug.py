"""The virtual plant as an edge node: what is published through a Mosquitto is the event log of `simulate`."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

paho = pytest.importorskip("paho.mqtt.client")

from plantwright import actions  # noqa: E402
from plantwright.plant import read_text  # noqa: E402
from plantwright.shopfloor.connectors.mqtt.broker import Broker  # noqa: E402
from plantwright.shopfloor.connectors.sparkplug.host import HostWords  # noqa: E402
from plantwright.shopfloor.connectors.sparkplug.kind import SparkplugHost  # noqa: E402
from plantwright.shopfloor.connectors.sparkplug.payloads import decode, value_of  # noqa: E402
from plantwright.shopfloor.virtual.errors import VirtualError  # noqa: E402
from plantwright.shopfloor.virtual.rebuilding import Said, rebuilt  # noqa: E402
from plantwright.shopfloor.virtual.sparkplug import SparkplugNode  # noqa: E402
from tests.shopfloor.checklist import collecting  # noqa: E402
from tests.shopfloor.mosquitto import Mosquitto, free_port  # noqa: E402
from tests.shopfloor.virtual.plants import DAIRY, SHOP, differences, log_of, played  # noqa: E402


class Listener:
    """Hears what a node's devices say, by paho alone."""

    def __init__(self, port: int) -> None:
        self.said: list[Said] = []
        self.seen: list[str] = []
        self._names: dict[tuple[str, int], tuple[str, int]] = {}
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._client.on_message = self._hear
        ready = threading.Event()
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("spBv1.0/#", 1)
        self._client.loop_start()
        assert ready.wait(10.0)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, client: Any, data: Any, message: Any) -> None:
        _, _, verb, _, *rest = message.topic.split("/")
        self.seen.append(verb)
        if verb not in ("DBIRTH", "DDATA"):
            return
        for one in decode(message.payload)["metrics"]:
            if verb == "DBIRTH":
                self._names[rest[0], one["alias"]] = one["name"], one["datatype"]
            name, kind = self._names[rest[0], one["alias"]]
            value = value_of(one, kind)
            self.said.append(
                (rest[0], name, one["timestamp"] * 1_000_000, "UNAVAILABLE" if value is None else str(value))
            )


NOW = time.time_ns()
"""What has a later instant is of a birth, before anything was said."""


def eventually(holds: Any, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    yield broker
    broker.close()


@pytest.mark.parametrize(("text", "horizon"), [(SHOP, "7 d"), (DAIRY, "3 d")])
def test_what_is_published_is_the_log(mosquitto: Mosquitto, text: str, horizon: str) -> None:
    plant = read_text(text)
    signals, said = played(plant, horizon)
    listener = Listener(mosquitto.port)
    node = SparkplugNode(signals.catalogue, plant.name, Broker(mosquitto.url))
    node.start()
    whole = said[1]
    half = len(whole) // 2
    node.write(said[0])
    node.write(whole.part(0, half))
    eventually(lambda: any(one[2] // 10**6 >= whole.time[half - 1] // 10**6 for one in listener.said if one[2] < NOW))
    node.cut()  # what is said while the connection is lost comes afterwards
    eventually(lambda: listener.seen[-1:] == ["NDEATH"])
    node.write(whole.part(half))
    for part in said[2:]:
        node.write(part)
    node.mend()
    eventually(lambda: listener.seen[-1:] == ["DDATA"])
    node.close()
    eventually(lambda: listener.seen[-1:] == ["NDEATH"])
    listener.close()
    told = [one for one in listener.said if one[2] < NOW]
    found = rebuilt(told, signals.zero * 1000)
    wanted = log_of(plant, horizon)
    assert len(found) == len(wanted) > 300
    assert not differences(found, wanted, 0.1)


def test_the_connector_knows_its_machines_by_what_they_say(mosquitto: Mosquitto) -> None:
    """As what their metrics mean stands in the births; the collector knows the broker alone."""
    plant = read_text(SHOP)
    signals, said = played(plant, "2 d")
    node = SparkplugNode(signals.catalogue, plant.name, Broker(mosquitto.url), since=signals.zero * 1000 - 10**9)
    host = SparkplugHost("shop", Broker(mosquitto.url), "scada", HostWords(machine="{device}"))
    with collecting(("shop", host), most_tags=20_000) as found:
        assert found.collector is not None
        # data go at QoS 0: what is said before the host listens is never heard
        found.until(lambda: found.collector.states()[0].heard is not None)  # type: ignore[union-attr]
        node.start()
        for part in said:
            node.write(part)
        device = signals.catalogue.devices[0]
        want = {f"{device.name}/{key}": (item.type, item.subtype, item.units) for key, item in device.items.items()}
        last = {}
        for place, (owner, item) in enumerate(signals.catalogue.items):
            if owner is device and item.type == "EXECUTION":
                last = {place: f"{device.name}/{item.key}"}
        (place,) = last
        told = [value for part in said for at, value in zip(part.item, part.value, strict=True) if at == place]
        changes = [value for at, value in enumerate(told) if at == 0 or told[at - 1] != value]
        found.until(lambda: [v for v, _ in found.events(last[place])][-len(changes) + 1 :] == changes[1:], 30)
        node.close()
    tags = {tag.name: (tag.type, tag.subtype, tag.unit) for tag in found.history.tags()}
    assert want.items() <= tags.items()
    assert {tag.machine for tag in found.history.tags() if tag.name in want} == {device.name}


def test_a_broker_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from plantwright.shopfloor.virtual import sparkplug

    monkeypatch.setattr(sparkplug, "LONGEST_BIRTH", 0.5)
    (tmp_path / "p.yaml").write_text(DAIRY)
    with pytest.raises(VirtualError, match="no broker answers"):
        actions.serve_virtual(tmp_path / "p.yaml", sparkplug=f"mqtt://127.0.0.1:{free_port()}")
    with pytest.raises(VirtualError, match="is no broker"):
        actions.serve_virtual(tmp_path / "p.yaml", sparkplug="http://127.0.0.1:1883")
    with pytest.raises(VirtualError, match="--expose"):
        actions.serve_virtual(tmp_path / "p.yaml", sparkplug="mqtt://broker.example.org")
