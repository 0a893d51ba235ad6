"""Our edge node, read by npm's sparkplug-payload through Mosquitto."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plantwright.shopfloor.connectors.mqtt.broker import Broker
from plantwright.shopfloor.connectors.sparkplug.edge import Change, EdgeMetric, EdgeNode
from plantwright.shopfloor.connectors.sparkplug.payloads import DataType
from tests.shopfloor.mosquitto import Mosquitto, NodeProgram

MILL = [EdgeMetric("load", DataType.DOUBLE, {"engUnit": "kN"}), EdgeMetric("execution", DataType.STRING), EdgeMetric("parts", DataType.INT64)]  # fmt: skip
NOW = time.time_ns() // 1_000_000_000 * 1_000_000_000


@pytest.fixture
def listener(mosquitto: Mosquitto) -> Iterator[NodeProgram]:
    program = NodeProgram(Path(__file__).with_name("listen.js"), mosquitto.url)
    try:
        program.wait(event="listening")
        yield program
    finally:
        program.close()


def node_of(mosquitto: Mosquitto, **words: object) -> EdgeNode:
    return EdgeNode(Broker(mosquitto.url), "Plant", "line 1", {"mill": MILL}, **words)  # type: ignore[arg-type]


def test_births_data_and_deaths(mosquitto: Mosquitto, listener: NodeProgram) -> None:
    node = node_of(mosquitto)
    node.start()
    birth = listener.wait(topic="spBv1.0/Plant/NBIRTH/line 1")
    assert (birth["qos"], birth["retain"]) == (0, False)
    named = {one["name"]: one for one in birth["payload"]["metrics"]}
    assert named["bdSeq"]["value"] in (0, "0")
    assert named["Node Control/Rebirth"]["value"] is False
    born = listener.wait(topic="spBv1.0/Plant/DBIRTH/line 1/mill")["payload"]
    assert int(born["seq"]) == 1
    load = next(one for one in born["metrics"] if one["name"] == "load")
    assert load["type"] == "Double"
    assert load["value"] is None
    assert load["properties"]["engUnit"] == {"type": "String", "value": "kN"}
    node.write(
        [
            Change("mill", "load", 2.5, NOW),
            Change("mill", "execution", "ACTIVE", NOW),
            Change("mill", "load", 2.5, NOW + 10**9),
        ]
    )
    data = listener.wait(topic="spBv1.0/Plant/DDATA/line 1/mill")["payload"]
    assert int(data["seq"]) == 2
    assert [("name" in one, int(one["timestamp"])) for one in data["metrics"]] == [(False, NOW // 10**6)] * 2
    node.lose("mill")
    assert int(listener.wait(topic="spBv1.0/Plant/DDEATH/line 1/mill")["payload"]["seq"]) == 3
    node.find("mill")
    again = listener.wait(topic="spBv1.0/Plant/DBIRTH/line 1/mill")["payload"]
    assert [one.get("value") for one in again["metrics"]][:2] == [2.5, "ACTIVE"]
    listener.do(do="rebirth", topic="spBv1.0/Plant/NCMD/line 1")
    assert int(listener.wait(topic="spBv1.0/Plant/NBIRTH/line 1")["payload"]["seq"]) == 0
    assert int(listener.wait(topic="spBv1.0/Plant/DBIRTH/line 1/mill")["payload"]["seq"]) == 1
    node.close()
    assert "seq" not in listener.wait(topic="spBv1.0/Plant/NDEATH/line 1")["payload"]
    assert not [line for line in listener.told if line["event"] == "broken"]


def test_a_lost_connection_is_a_death_by_will_and_the_next_has_another_number(
    mosquitto: Mosquitto, listener: NodeProgram
) -> None:
    node = node_of(mosquitto)
    node.start()
    listener.wait(topic="spBv1.0/Plant/DBIRTH/line 1/mill")
    node.cut()
    death = listener.wait(topic="spBv1.0/Plant/NDEATH/line 1")["payload"]
    assert [int(one["value"]) for one in death["metrics"]] == [0]
    node.write(Change("mill", "load", float(n), NOW + n * 10**9) for n in range(3))
    node.mend()
    birth = listener.wait(topic="spBv1.0/Plant/NBIRTH/line 1")["payload"]
    assert [int(one["value"]) for one in birth["metrics"] if one["name"] == "bdSeq"] == [1]
    assert listener.wait(topic="spBv1.0/Plant/DBIRTH/line 1/mill")["payload"]["metrics"][0]["value"] == 2.0
    kept = listener.wait(topic="spBv1.0/Plant/DDATA/line 1/mill")["payload"]["metrics"]
    assert [(int(one["timestamp"]), one["isHistorical"]) for one in kept] == [
        (NOW // 10**6 + n * 1000, True) for n in range(3)
    ]
    node.close()


def test_it_waits_for_its_primary_host_and_then_says_what_it_kept(mosquitto: Mosquitto, listener: NodeProgram) -> None:
    node = node_of(mosquitto, primary_host="scada")
    node.start()
    node.write(Change("mill", "load", float(n), NOW + n * 10**9) for n in range(1, 4))
    listener.do(do="state", host="other", online=True, timestamp=5)
    listener.wait(event="state", topic="spBv1.0/STATE/other")
    time.sleep(0.3)
    assert not [line for line in listener.told if "BIRTH" in line.get("topic", "")]
    listener.do(do="state", host="scada", online=True, timestamp=1000)
    born = listener.wait(topic="spBv1.0/Plant/DBIRTH/line 1/mill")["payload"]
    assert born["metrics"][0]["value"] == 3.0
    kept = listener.wait(topic="spBv1.0/Plant/DDATA/line 1/mill")["payload"]["metrics"]
    assert [(one["isHistorical"], int(one["timestamp"])) for one in kept] == [
        (True, NOW // 10**6 + n * 1000) for n in (1, 2, 3)
    ]
    listener.do(do="state", host="scada", online=False, timestamp=900)  # late, of a session before
    listener.wait(event="state", topic="spBv1.0/STATE/scada")
    time.sleep(0.2)
    assert not [line for line in listener.told if "NDEATH" in line.get("topic", "")]
    listener.do(do="state", host="scada", online=False, timestamp=1001)
    listener.wait(topic="spBv1.0/Plant/NDEATH/line 1")
    listener.do(do="state", host="scada", online=True, timestamp=1002)
    birth = listener.wait(topic="spBv1.0/Plant/NBIRTH/line 1")["payload"]
    assert next(int(one["value"]) for one in birth["metrics"] if one["name"] == "bdSeq") >= 1
    node.close()
