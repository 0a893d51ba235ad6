"""The connector reads edge nodes of npm's sparkplug-client, and of bytes made here, through Mosquitto."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plantwright.shopfloor.config import Secret
from plantwright.shopfloor.connectors.mqtt.broker import Broker, Session, Will
from plantwright.shopfloor.connectors.sparkplug.edge import Change, EdgeMetric, EdgeNode
from plantwright.shopfloor.connectors.sparkplug.host import HostWords
from plantwright.shopfloor.connectors.sparkplug.kind import KIND, SparkplugHost
from plantwright.shopfloor.connectors.sparkplug.payloads import DataType, encode, metric
from plantwright.shopfloor.readings import Quality
from tests.shopfloor.checklist import Checklist, Collected, Rig, collecting, gaps
from tests.shopfloor.mosquitto import Mosquitto, NodeProgram

PASSWORD = "correct-horse-7"
HELD = {
    "node": [{"name": "uptime", "type": "Int64", "value": 1}],
    "devices": {"press": [
        {"name": "load", "alias": 7, "type": "Double", "value": 0.5, "properties": {"engUnit": {"type": "String", "value": "kN"}}},
        {"name": "state", "alias": 8, "type": "String", "value": "ACTIVE"},
        {"name": "good", "alias": 9, "type": "UInt32", "value": 4},
        {"name": "door", "alias": 10, "type": "Boolean", "value": True},
    ]},
}  # fmt: skip
LOAD = "line 1/press/load"
QUICK = {"rebirth_every": 0.3, "reorder": 0.2}


def js_edge(mosquitto: Mosquitto, *user: str) -> NodeProgram:
    program = NodeProgram(
        Path(__file__).with_name("edge.js"), mosquitto.url, "Plant", "line 1", *user, HELD=json.dumps(HELD)
    )
    try:
        program.wait(event="birth")
    except BaseException:
        program.close()
        raise
    return program


@pytest.fixture
def edge(mosquitto: Mosquitto) -> Iterator[NodeProgram]:
    program = js_edge(mosquitto)
    try:
        yield program
    finally:
        program.close()


def host(mosquitto: Mosquitto, **words: Any) -> SparkplugHost:
    return SparkplugHost("mill", Broker(mosquitto.url), "scada", HostWords(**{**QUICK, **words}))


class SparkplugRig(Rig):
    sample = LOAD
    resumes = remembers = False
    secret = PASSWORD

    def __init__(self, mosquitto: Mosquitto, edge: NodeProgram) -> None:
        self.mosquitto, self.edge = mosquitto, edge

    def connector(self) -> SparkplugHost:
        broker = Broker(self.mosquitto.url, "reader", Secret(PASSWORD))
        return SparkplugHost("mill", broker, "scada", HostWords(**QUICK))  # type: ignore[arg-type]

    def say(self, number: float | None) -> None:
        self.edge.do(do="data", device="press", metrics=[{"alias": 7, "type": "Double", "value": number}])

    def unavailable(self) -> None:
        self.say(None)

    def cut(self) -> None:
        self.mosquitto.stop()

    def mend(self) -> None:
        self.mosquitto.start()

    def rubbish(self) -> None:
        self.edge.do(do="raw", topic="spBv1.0/Plant/DDATA/line 1/press", hex="ffffff00ff")

    def off(self, seconds: float) -> None:
        self.edge.do(do="off", seconds=seconds)


class TestOfTheChecklist(Checklist):
    @pytest.fixture
    def rig(self, mosquitto: Mosquitto) -> Iterator[Rig]:
        mosquitto.admit("reader", PASSWORD)
        edge = js_edge(mosquitto, "reader", PASSWORD)
        try:
            yield SparkplugRig(mosquitto, edge)
        finally:
            edge.close()


def begun(found: Collected, edge: NodeProgram) -> None:
    """Until the births are read."""
    limit = time.monotonic() + 10
    while not found.samples(LOAD):
        assert time.monotonic() < limit, found.notes
        edge.do(do="data", metrics=[{"name": "uptime", "type": "Int64", "value": 2}])
        time.sleep(0.05)


def test_births_name_types_units_and_machines(mosquitto: Mosquitto, edge: NodeProgram) -> None:
    words = {"types": {"state": "EXECUTION", "good": "PART_COUNT.GOOD"}}
    with collecting(("mill", host(mosquitto, **words))) as found:
        begun(found, edge)
        tags = {tag.name: tag for tag in found.history.tags()}
        load, good = tags[LOAD], tags["line 1/press/good"]
        assert (load.machine, load.unit, load.kind, load.address) == (
            "line 1/press",
            "kN",
            "sample",
            "Plant/line 1/press",
        )
        assert (good.type, good.subtype, good.kind) == ("PART_COUNT", "GOOD", "event")
        assert tags["line 1/uptime"].machine == "line 1"
        found.until(lambda: bool(found.events("line 1/press/door")))
        assert found.events("line 1/press/state")[0][0] == "ACTIVE"
        assert found.events("line 1/press/good")[0][0] == "4"
        assert found.events("line 1/press/door")[0][0] == "true"
        assert not [name for name in tags if "bdSeq" in name or "Rebirth" in name]


def _settled(edge: NodeProgram) -> None:
    """Until the node tells nothing new: a host that came after its birth has asked for another, one that came before has not."""
    count = -1
    while count != len(edge.told):
        count = len(edge.told)
        time.sleep(1.5)


def test_a_lost_message_is_a_gap_until_the_rebirth_that_is_asked_for(mosquitto: Mosquitto, edge: NodeProgram) -> None:
    with collecting(("mill", host(mosquitto, rebirth_every=2.0))) as found:
        begun(found, edge)
        _settled(edge)
        before, count = len(gaps(found)), len(edge.told)
        edge.do(do="lose")
        edge.do(do="data", device="press", metrics=[{"alias": 7, "type": "Double", "value": 3.5}])
        edge.wait(event="ncmd")
        found.until(lambda: len(gaps(found)) > before)
        reason, gap = gaps(found)[-1]
        assert reason == "messages of Plant/line 1 were lost"
        assert 0 < gap["end"] - gap["start"] < 20e9
        assert "was lost; a rebirth is asked for" in found.of("PW5061")[-1]
        assert 3.5 in found.values(LOAD)
        time.sleep(0.5)
        assert sum(line["event"] == "ncmd" for line in edge.told[count:]) == 1, "asked once, as it answered"


def test_a_node_that_is_killed_or_a_device_that_dies_is_unavailable(mosquitto: Mosquitto, edge: NodeProgram) -> None:
    with collecting(("mill", host(mosquitto))) as found:
        begun(found, edge)
        edge.do(do="death", device="press")
        found.until(lambda: found.samples(LOAD)[-1][1] == Quality.UNAVAILABLE)
        assert found.samples("line 1/uptime")[-1][1] == Quality.GOOD
        edge.do(do="birth")
        found.until(lambda: found.samples(LOAD)[-1][1] == Quality.GOOD)
        edge.kill()
        found.until(lambda: found.samples("line 1/uptime")[-1][1] == Quality.UNAVAILABLE)
        found.until(lambda: found.events("line 1/press/state")[-1][0] == "UNAVAILABLE")
        assert found.samples(LOAD)[-1][1] == Quality.UNAVAILABLE


def test_history_keeps_its_time_and_packed_payloads_are_read(mosquitto: Mosquitto, edge: NodeProgram) -> None:
    at = (time.time_ns() // 10**6 - 3_600_000) * 10**6
    with collecting(("mill", host(mosquitto))) as found:
        begun(found, edge)
        stored = [
            {"alias": 7, "type": "Double", "value": v, "timestamp": at // 10**6 + v, "isHistorical": True}
            for v in (10, 20)
        ]
        edge.do(do="data", device="press", metrics=stored, compress="GZIP")
        found.until(lambda: 20 in found.values(LOAD))
        frame = found.history.samples([found.number(LOAD)], at, at + 10**9)
        assert frame["time"].to_physical().to_list() == [at + 10_000_000, at + 20_000_000]
        edge.do(do="data", device="press", metrics=[{"alias": 7, "type": "Double", "value": 77, "isTransient": True}])
        found.until(lambda: bool(found.of("PW5064")))
        assert 77 not in found.values(LOAD)


class Raw:
    """An edge node whose bytes are made by the test."""

    def __init__(self, mosquitto: Mosquitto, node: str, bd_seq: int = 4) -> None:
        self.node, self.bd_seq = node, bd_seq
        will = Will(f"spBv1.0/Plant/NDEATH/{node}", self.death(bd_seq), 1)
        self.session = Session(Broker(mosquitto.url), f"raw {node}", will=will)
        self.session.open()

    def death(self, number: int) -> bytes:
        return encode({"metrics": [metric("bdSeq", DataType.INT64, number, 1)]})

    def say(self, verb: str, metrics: list[dict[str, Any]], seq: int | None, at: int = 0, device: str = "") -> None:
        stamp = at or time.time_ns() // 10**6
        payload = {"timestamp": stamp, "metrics": metrics, "seq": seq}
        self.send(f"spBv1.0/Plant/{verb}/{self.node}{f'/{device}' if device else ''}", encode(payload))

    def send(self, topic: str, payload: bytes) -> None:
        self.session.publish(topic, payload)
        list(self.session.turn(0.0))
        while self.session.is_behind:
            list(self.session.turn(0.05))

    def birth(self, *metrics: dict[str, Any], at: int = 0) -> None:
        stamp = at or time.time_ns() // 10**6
        own = [
            metric("bdSeq", DataType.INT64, self.bd_seq, stamp),
            metric("Node Control/Rebirth", DataType.BOOLEAN, False, stamp),
        ]
        self.say("NBIRTH", [*own, *metrics], 0, at)


@contextmanager
def raw(mosquitto: Mosquitto, node: str = "saw") -> Iterator[Raw]:
    made = Raw(mosquitto, node)
    try:
        yield made
    finally:
        made.session.drop()


def now() -> int:
    return time.time_ns() // 10**6


def test_what_comes_out_of_order_is_put_in_order_and_other_deaths_do_not_count(mosquitto: Mosquitto) -> None:
    with raw(mosquitto) as node, collecting(("mill", host(mosquitto, reorder=5.0))) as found:
        found.until(
            lambda: (node.birth(metric("x", DataType.INT16, -1, now(), alias=1)), bool(found.values("saw/x")))[1]
        )
        node.birth(metric("x", DataType.INT16, -1, now(), alias=1))
        for seq, value in ((2, 22), (3, 33), (1, 11)):
            node.say("NDATA", [metric(None, DataType.INT16, value, now(), alias=1, typed=False)], seq)
        found.until(lambda: found.values("saw/x")[-3:] == [22, 33, 11] or found.values("saw/x")[-1] == 33)
        node.send("spBv1.0/Plant/NDEATH/saw", node.death(3))
        node.say("NDATA", [metric(None, DataType.INT16, -44, now(), alias=1, typed=False)], 4)
        found.until(lambda: -44 in found.values("saw/x"))
        assert {q for _, q in found.samples("saw/x")} == {Quality.GOOD}
        assert not found.of("PW5061")
        node.send("spBv1.0/Plant/NDEATH/saw", node.death(4))
        found.until(lambda: found.samples("saw/x")[-1][1] == Quality.UNAVAILABLE)


def test_rubbish_of_one_node_does_not_stop_the_others(mosquitto: Mosquitto, edge: NodeProgram) -> None:
    """Wrong types, NaN, a text of a megabyte, 200,000 metrics, a clock ten years off."""
    with raw(mosquitto) as saw, raw(mosquitto, "drill") as drill, collecting(("mill", host(mosquitto))) as found:
        begun(found, edge)
        saw.birth(metric("x", DataType.DOUBLE, 1.0, now()), metric("s", DataType.STRING, "", now()))
        found.until(lambda: bool(found.values("saw/x")))
        wrong = {**metric("x", DataType.DOUBLE, 1.0, now()), "double_value": None, "string_value": "high"}
        saw.say(
            "NDATA",
            [
                wrong,
                metric("x", DataType.DOUBLE, float("nan"), now()),
                metric("s", DataType.STRING, "y" * 2**20, now()),
            ],
            1,
        )
        saw.say("NDATA", [metric("x", DataType.DOUBLE, 2.0, now())], 2)
        found.until(lambda: 2.0 in found.values("saw/x"))
        assert len(found.of("PW5022")) >= 3
        assert not found.of("PW5002")
        saw.birth(metric("x", DataType.DOUBLE, 1.0, now()), at=now() - 10 * 365 * 86_400_000)
        found.until(lambda: bool(found.of("PW5002")))
        assert found.of("PW5002")[0].startswith(
            "Plant/saw is quarantined for 10 min: the clock of Plant/saw is 3,650 days behind"
        )
        drill.birth(*(metric(f"m{n}", DataType.DOUBLE, 1.0, now()) for n in range(200_000)))
        found.until(lambda: len(found.of("PW5002")) == 2, 40)
        assert "200,0" in found.of("PW5002")[1]
        edge.do(do="data", device="press", metrics=[{"alias": 7, "type": "Double", "value": 9.75}])
        found.until(lambda: 9.75 in found.values(LOAD))
        assert not found.of("PW5004"), found.of("PW5004")


def test_it_says_that_it_is_online_and_our_own_edge_node_waits_for_it(mosquitto: Mosquitto) -> None:
    listener = NodeProgram(Path(__file__).with_name("listen.js"), mosquitto.url)
    node = EdgeNode(
        Broker(mosquitto.url), "Plant", "line 2", {"lathe": [EdgeMetric("load", DataType.FLOAT)]}, primary_host="scada"
    )
    try:
        listener.wait(event="listening")
        node.start()
        start = time.time_ns() - 60 * 10**9
        node.write(Change("lathe", "load", float(n), start + n * 10**9) for n in range(1, 4))
        with collecting(("mill", host(mosquitto))) as found:
            online = json.loads(str(listener.wait(event="state")["payload"]))
            assert online["online"] is True
            found.until(lambda: len(found.values("line 2/lathe/load")) >= 3)
            assert sorted(set(found.values("line 2/lathe/load"))) == [1, 2, 3]
            mosquitto.stop()
            node.write([Change("lathe", "load", 4.5, time.time_ns())])
            found.until(lambda: bool(found.of("PW5001")))
            mosquitto.start()
            found.until(lambda: 4.5 in found.values("line 2/lathe/load"))
    finally:
        node.close()
        listener.close()


def test_words_go_together() -> None:
    made = KIND.make(name="line", url="broker", groups=["Plant"], machine="{device}")
    assert made.broker.address == ("mqtts", "broker", 8883)
    assert made.words.groups == ("Plant",)
    for wrong in (
        {"url": "http://broker"},
        {"url": "broker", "machine": "{plc}"},
        {"url": "broker", "host": "a/b"},
        {"url": "mqtt://b", "ca": Path("x")},
        {"url": "b", "key": Path("x")},
    ):
        with pytest.raises(ValueError, match=r"broker|machine|host|mqtt|certificate"):
            KIND.make(name="line", **wrong)
