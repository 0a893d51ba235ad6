"""The checker of the standard's assertions: one planted fault for each, and our own recorded traffic with any message altered."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plantwright.shopfloor.connectors.mqtt.broker import Broker
from plantwright.shopfloor.connectors.sparkplug.conformance import (
    Recorder,
    Seen,
    check,
    read_recording,
    write_recording,
)
from plantwright.shopfloor.connectors.sparkplug.conformance.assertions import CHECKED, UNCHECKED
from plantwright.shopfloor.connectors.sparkplug.edge import Change, EdgeMetric, EdgeNode
from plantwright.shopfloor.connectors.sparkplug.host import HostWords
from plantwright.shopfloor.connectors.sparkplug.kind import SparkplugHost
from plantwright.shopfloor.connectors.sparkplug.payloads import DataType
from tests.shopfloor.checklist import collecting
from tests.shopfloor.mosquitto import Mosquitto
from tests.shopfloor.sparkplug.sessions import (
    OWN,
    T0,
    added,
    both,
    clean,
    find,
    gone,
    late,
    moved,
    one,
    payload,
    put,
    state,
    topic,
)  # fmt: skip

HOUR = 3_600_000


def drop(key: str) -> Callable[[dict[str, Any]], Any]:
    return lambda held: held.pop(key, None)


def give(**fields: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda held: held.update(fields)


def template(edit: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda held: edit(held["template_value"])


def table(edit: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda held: edit(held["dataset_value"])


def quality(edit: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda held: edit(held["properties"]["values"][0])


def without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda said: said.update(metrics=[m for m in said["metrics"] if m.get("name") != name])


SUBSCRIBED = ("NCMD", "DCMD", "STATE")
EDGE_WILL = {"what": "connect", "client": "edge"}

FAULTS: dict[str, Any] = {
    # the host's will and STATE
    "host will topic": topic("connect", "scada", "a/b", client="host"),
    "host will payload": state("connect", drop("timestamp")),
    "host will time": both(state("connect", give(timestamp=5)), state("online", give(timestamp=5))),
    "host will qos": put("connect", client="host", qos=0),
    "host will retain": put("connect", client="host", retain=False),
    "host no will": put("connect", client="host", topic="", payload=b"", qos=0, retain=False),
    "host session": put("connect", client="host", clean=False),
    "host session 5": put("connect", client="host", clean=False, version=5),
    "host twice": added(lambda seen: replace(seen[0], client="host 2"), "NBIRTH"),
    "host birth gone": gone("online"),
    "host birth topic": topic("online", "scada", "other"),
    "host birth payload": state("online", give(online="yes")),
    "host birth time": state("online", give(timestamp=T0 + 1)),
    "host birth qos": put("online", qos=0),
    "host birth retain": put("online", retain=False),
    "host birth before it subscribes": moved("online", "subscribe", client="host", other="host"),
    "host without nodes": gone("subscribe", 1, "host"),
    "host birth level": topic("online", "scada", "scada/x"),
    "host says twice": added(lambda seen: seen[find(seen, "online")], "NDATA"),
    "host death gone": gone("offline"),
    "host death topic": topic("offline", "scada", "other"),
    "host death payload": state("offline", drop("timestamp")),
    "host death time": state("offline", give(timestamp=5)),
    "host death qos": put("offline", qos=0),
    "host death retain": put("offline", retain=False),
    "host called offline": both(added(lambda seen: Seen(0, "stranger", "publish", OWN, seen[find(seen, "offline")].payload, 1, True), "NCMD"), late("NCMD")),
    # topics
    "namespace": topic("NDATA", "spBv1.0", "spBv2.0"),
    "verb": topic("NDATA", "NDATA", "NDAT"),
    **{f"{verb} without device": topic(verb, "/mill", "") for verb in ("DBIRTH", "DDATA", "DDEATH", "DCMD")},
    **{f"{verb} with device": topic(verb, "line", "line/mill") for verb in ("NBIRTH", "NDATA", "NCMD")},
    "will with device": topic("connect", "line", "line/mill", client="edge"),
    "death with device": topic("NDEATH", "line", "line/mill"),
    **{f"{what} id {sign!r}": topic("DDATA", old, old + sign) for what, old in (("group", "Plant"), ("node", "line"), ("device", "mill")) for sign in ("+", "\udcff")},
    "case of ids": topic("DDATA", "mill", "Mill"),
    # the edge node's will and session
    "no will": put("connect", client="edge", topic="", payload=b"", qos=0),
    "will qos": put("connect", client="edge", qos=0),
    "will retain": put("connect", client="edge", retain=True),
    "will payload": put("connect", client="edge", payload=b"\xff\xff"),
    "will seq": payload("connect", give(seq=0), client="edge"),
    "will more metrics": payload("connect", lambda said: said["metrics"].append({"name": "x"}), client="edge"),
    "will without bdSeq": payload("connect", give(metrics=[]), client="edge"),
    "will number": both(one("connect", "bdSeq", give(long_value=7), 1, "edge"), one("NBIRTH", "bdSeq", give(long_value=7), 2)),
    "session": put("connect", client="edge", clean=False),
    "session 5": put("connect", client="edge", clean=False, version=5),
    "second session": added(lambda seen: replace(seen[find(seen, "connect", 0, "edge")], client="twin"), "NDATA"),
    "no NCMD": gone("subscribe", 0, "edge"),
    "NCMD subscription": put("subscribe", 0, "edge", qos=0),
    "no DCMD": gone("subscribe", 1, "edge"),
    "no STATE": gone("subscribe", 2, "edge"),
    "no death": gone("NDEATH"),
    "no death 5": both(gone("NDEATH"), put("connect", 1, "edge", version=5)),
    "wrong death": one("NDEATH", "bdSeq", give(long_value=9)),
    "death with seq": payload("NDEATH", give(seq=3)),
    # waiting for the host
    "not waited": both(moved("online", "DDATA", m=0)),
    "host went": both(state("online", give(online=False)), lambda seen: seen),
    "host other": topic("online", "scada", "other"),
    "host older": added(lambda seen: replace(seen[find(seen, "online")], payload=json.dumps({"online": False, "timestamp": T0 + 5}).encode()), "connect", 0, "edge"),
    "host stale": both(
        added(lambda seen: replace(seen[find(seen, "online")], payload=json.dumps({"online": False, "timestamp": T0 + 5}).encode()), "connect", 0, "edge"),
        added(lambda seen: replace(seen[find(seen, "online")], payload=json.dumps({"online": True, "timestamp": T0 - 5}).encode()), "connect", 0, "edge"),
    ),
    "stays without host": both(added(lambda seen: replace(seen[find(seen, "online")], payload=json.dumps({"online": False, "timestamp": T0 + 500}).encode()), "NDATA"), late("NDATA")),
    "leaves for old news": added(lambda seen: replace(seen[find(seen, "online")], payload=json.dumps({"online": False, "timestamp": T0 - 500}).encode()), "NDEATH"),
    # order and numbers
    "birth gone": gone("NBIRTH"),
    "DBIRTH first": moved("DBIRTH", "NBIRTH"),
    "data first": moved("NDATA", "NBIRTH"),
    "device data first": moved("DDATA", "DBIRTH"),
    "device never born": gone("DBIRTH", 0),
    "data before devices": both(moved("NDATA", "DBIRTH", 1, 1), lambda seen: seen),
    "data between births": moved("DDATA", "DBIRTH", 1, 1),
    "birth with another node": topic("DBIRTH", "line", "line 2"),
    "rebirth ignored": both(gone("NBIRTH", 1), gone("DBIRTH", 1)),
    "data after request": both(late("NCMD", by=1), added(lambda seen: seen[find(seen, "DDATA")], "NBIRTH", 1), lambda seen: [replace(s, time=s.time + (3000 if n > find(seen, "NCMD") else 0)) for n, s in enumerate(seen)]),
    "device born twice": added(lambda seen: seen[find(seen, "DBIRTH")], "NDATA"),
    **{f"{verb} qos": put(verb, qos=1) for verb in ("NBIRTH", "DBIRTH", "NDATA", "DDATA", "DDEATH", "NCMD", "DCMD")},
    **{f"{verb} retain": put(verb, retain=True) for verb in ("NBIRTH", "DBIRTH", "NDATA", "DDATA", "DDEATH", "NCMD", "DCMD")},
    **{f"{verb} time gone": payload(verb, drop("timestamp")) for verb in ("NBIRTH", "DBIRTH", "NDATA", "DDATA", "DDEATH", "NCMD", "DCMD")},
    "local time": payload("NDATA", give(timestamp=T0 + HOUR)),
    "metric in local time": one("NDATA", 1, give(timestamp=T0 + HOUR)),
    **{f"{verb} seq gone": payload(verb, drop("seq")) for verb in ("NBIRTH", "DBIRTH", "NDATA", "DDATA", "DDEATH")},
    **{f"{verb} seq skips": payload(verb, give(seq=77)) for verb in ("NBIRTH", "DBIRTH", "NDATA", "DDATA", "DDEATH")},
    **{f"{verb} seq": payload(verb, give(seq=1)) for verb in ("NCMD", "DCMD")},
    **{f"{verb} garbage": put(verb, payload=b"\xff\xff") for verb in ("NBIRTH", "DBIRTH")},
    # births
    "bdSeq gone": payload("NBIRTH", without("bdSeq")),
    "bdSeq type": one("NBIRTH", "bdSeq", give(datatype=12)),
    "bdSeq other": one("NBIRTH", "bdSeq", give(long_value=3)),
    "bdSeq other in rebirth": one("NBIRTH", "bdSeq", give(long_value=3), 1),
    "control gone": payload("NBIRTH", without("Node Control/Rebirth")),
    "control type": one("NBIRTH", "Node Control/Rebirth", give(datatype=3)),
    "control true": one("NBIRTH", "Node Control/Rebirth", give(boolean_value=True)),
    "control alias": one("NBIRTH", "Node Control/Rebirth", give(alias=99)),
    **{f"{verb} name gone": one(verb, name, drop("name")) for verb, name in (("NBIRTH", "temperature"), ("DBIRTH", "load"))},
    **{f"{verb} type gone": one(verb, name, drop("datatype")) for verb, name in (("NBIRTH", "temperature"), ("DBIRTH", "load"))},
    **{f"{verb} value gone": one(verb, name, drop("double_value")) for verb, name in (("NBIRTH", "temperature"), ("DBIRTH", "load"))},
    "type unknown": one("DBIRTH", "load", give(datatype=77)),
    "names in case": payload("DBIRTH", lambda said: said["metrics"].append({**said["metrics"][0], "name": "LOAD", "alias": 50})),
    "alias twice": one("DBIRTH", "load", give(alias=1)),
    "metric time gone": one("DBIRTH", "load", drop("timestamp")),
    # data and commands
    "data with name": one("NDATA", 1, give(name="temperature")),
    "data by name": one("NDATA", 1, lambda held: (held.pop("alias"), held.update(name="temperature"))),
    "data without both": one("NDATA", 1, drop("alias")),
    "data with type": one("NDATA", 1, give(datatype=10)),
    **{f"{verb} unknown": one(verb, alias, give(alias=500)) for verb, alias in (("NDATA", 1), ("DDATA", 10))},
    "NDATA unchanged": one("NDATA", 1, give(double_value=20.0)),
    "DDATA unchanged": one("DDATA", 10, give(double_value=1.0)),
    **{f"{verb} empty": payload(verb, give(metrics=[])) for verb in ("NDATA", "DDATA", "NCMD", "DCMD")},
    "DDATA order": payload("DDATA", lambda said: said["metrics"].reverse()),
    "NDATA order": payload("NDATA", lambda said: said["metrics"].append({**said["metrics"][0], "timestamp": T0, "double_value": 3.0})),
    "rebirth name": one("NCMD", "Node Control/Rebirth", give(name="Node control/rebirth")),
    "rebirth false": one("NCMD", "Node Control/Rebirth", give(boolean_value=False)),
    "rebirth by DCMD": topic("NCMD", "NCMD/line", "DCMD/line/mill"),
    **{f"{verb} unknown": one(verb, alias, give(alias=500), n) for verb, alias, n in (("NCMD", 1, 1), ("DCMD", 10, 0))},
    **{f"{verb} kind": one(verb, alias, lambda held: (held.pop("double_value"), held.update(string_value="x")), n) for verb, alias, n in (("NCMD", 1, 1), ("DCMD", 10, 0))},
    # properties, data sets, templates
    "keys": one("NBIRTH", "temperature", lambda held: held["properties"]["keys"].pop()),
    "property type gone": one("NBIRTH", "temperature", quality(drop("type"))),
    "property type": one("NBIRTH", "temperature", quality(give(type=44))),
    "quality type": one("NBIRTH", "temperature", quality(give(type=4))),
    "quality value": one("NBIRTH", "temperature", quality(give(int_value=191))),
    "set types gone": one("DBIRTH", "table", table(drop("types"))),
    "set columns": one("DBIRTH", "table", table(give(columns=["a", "b"]))),
    "set number": one("DBIRTH", "table", table(give(num_of_columns=9))),
    "set type": one("DBIRTH", "table", table(give(types=[19]))),
    "set cell": one("DBIRTH", "table", table(give(rows=[{"elements": [{}]}]))),
    "template silent": one("DBIRTH", "drive", template(drop("is_definition"))),
    "definition in DBIRTH": one("DBIRTH", "drive", template(give(is_definition=True))),
    "definition with reference": one("NBIRTH", "motor", template(give(template_ref="x"))),
    "definition not said": one("NBIRTH", "motor", template(give(is_definition=False))),
    "definition gone": payload("NBIRTH", without("motor")),
    "instance members": one("DBIRTH", "drive", template(lambda held: held["metrics"][0].update(name="x"))),
    "instance lacks": one("DBIRTH", "drive", template(drop("metrics"))),
    "instance parameters": one("DBIRTH", "drive", template(lambda held: held["parameters"][0].update(name="x"))),
    "instance reference": one("DBIRTH", "drive", template(drop("template_ref"))),
    "parameter name": one("NBIRTH", "motor", template(lambda held: held["parameters"][0].pop("name"))),
    "parameter type gone": one("NBIRTH", "motor", template(lambda held: held["parameters"][0].pop("type"))),
    "parameter type": one("NBIRTH", "motor", template(lambda held: held["parameters"][0].update(type=20))),
}  # fmt: skip


def broken(change: Any) -> set[str]:
    return {found.id.removeprefix("tck-id-") for found in check(change(clean()), "scada")}


def test_a_clean_session_breaks_nothing() -> None:
    assert check(clean(), "scada") == []
    assert check(clean()) == []


PLANTED: dict[str, list[str]] = json.loads(Path(__file__).with_name("faults.json").read_text())
"""Which assertions a fault breaks."""


@pytest.mark.parametrize("fault", list(FAULTS))
def test_each_planted_fault_is_found_under_its_ids(fault: str) -> None:
    found = broken(FAULTS[fault])
    assert found
    assert set(PLANTED.get(fault, ())) <= found


def test_each_checked_assertion_has_its_fault_and_all_are_accounted_for() -> None:
    assert {name for several in PLANTED.values() for name in several} == CHECKED
    assert not CHECKED & set(UNCHECKED)
    data = os.environ.get("PLANTWRIGHT_TEST_DATA")
    if data:
        known = json.loads((Path(data) / "sparkplug" / "assertions.json").read_text())
        assert {each["id"].removeprefix("tck-id-") for each in known} == CHECKED | set(UNCHECKED)
    page = (Path(__file__).parents[3] / "docs" / "reference" / "sparkplug-conformance.md").read_text()
    assert not [name for name in (*CHECKED, *UNCHECKED) if f"`{name}`" not in page]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    """Our own host and edge node, through the recorder and Mosquitto: births, data, a device lost and found, a rebirth, a cut, deaths."""
    mosquitto = Mosquitto(tmp_path_factory.mktemp("broker"))
    recorder = Recorder(("127.0.0.1", mosquitto.port))
    broker = Broker(f"mqtt://127.0.0.1:{recorder.port}")
    metrics = [EdgeMetric("load", DataType.DOUBLE, {"engUnit": "kN"}), EdgeMetric("state", DataType.STRING)]
    edge = EdgeNode(
        broker, "Plant", "line", {"mill": metrics}, metrics=[EdgeMetric("uptime", DataType.INT64)], primary_host="scada"
    )
    host = SparkplugHost("mill", broker, "scada", HostWords(rebirth_every=30.0))
    try:
        with collecting(("mill", host)) as found:
            edge.start()

            def say(device: str, name: str, value: Any) -> None:
                edge.write([Change(device, name, value, time.time_ns())])
                full = "/".join(part for part in ("line", device, name) if part)
                found.until(lambda: value in found.values(full) or value in [v for v, _ in found.events(full)])

            say("mill", "load", 1.5)
            say("mill", "state", "ACTIVE")
            say("", "uptime", 7)
            edge.lose("mill")
            found.until(lambda: found.samples("line/mill/load")[-1][1] != 0)
            edge.find("mill")
            say("mill", "load", 2.5)
            edge.cut()
            found.until(lambda: found.samples("line/uptime")[-1][1] != 0)
            edge.mend()
            say("mill", "load", 3.5)
            say("", "uptime", 8)
            edge.close()
    finally:
        edge.close()
        time.sleep(0.2)
        recorder.close()
        mosquitto.close()
    return list(recorder.seen)


def test_our_own_traffic_breaks_nothing(recorded: list[Seen], tmp_path: Path) -> None:
    assert {one.what for one in recorded} == {"connect", "subscribe", "publish", "disconnect", "lost"}
    assert [found for found in check(recorded, "scada") if not found.is_advice] == []
    write_recording(tmp_path / "session.jsonl", recorded)
    assert read_recording(tmp_path / "session.jsonl") == recorded


def _alterations(seen: list[Seen]) -> list[tuple[str, int, list[Seen]]]:
    """Each message left out, doubled, exchanged with the one behind it, and altered in each of its parts."""
    made = []
    for at, entry in enumerate(seen):
        if entry.what != "publish":
            continue
        parts = {
            "left out": [],
            "doubled": [entry, entry],
            "qos": [replace(entry, qos=(entry.qos + 1) % 2)],
            "retain": [replace(entry, retain=not entry.retain)],
            "client": [replace(entry, client="somebody")],
            "empty": [replace(entry, payload=b"")],
            "cut": [replace(entry, payload=entry.payload[:-1])],
            "rubbish": [replace(entry, payload=b"\xff" + entry.payload)],
            **{
                f"topic {n}": [
                    replace(
                        entry,
                        topic="/".join(part if m != n else f"{part}x" for m, part in enumerate(entry.topic.split("/"))),
                    )
                ]
                for n in range(entry.topic.count("/") + 1)
            },
        }
        made += [(how, at, [*seen[:at], *instead, *seen[at + 1 :]]) for how, instead in parts.items()]
        if at + 1 < len(seen) and seen[at + 1].client == entry.client:
            made.append(
                (
                    "exchanged",
                    at,
                    [
                        *seen[:at],
                        replace(seen[at + 1], time=entry.time),
                        replace(entry, time=seen[at + 1].time),
                        *seen[at + 2 :],
                    ],
                )
            )
    return made


def _is_last_word(seen: list[Seen], at: int) -> bool:
    """Whether it is the last message before a death, which has no seq, or before a connection is lost."""
    after = next((one for one in seen[at + 1 :] if one.client == seen[at].client), None)
    return after is not None and (after.what == "lost" or "/NDEATH/" in after.topic)


def test_our_own_traffic_is_refused_once_any_message_is_altered(recorded: list[Seen]) -> None:
    """But for what is a session that may be, too (docs/reference/sparkplug-conformance.md): a command more, less or elsewhere, the last
    message of a session.
    """
    before = {(found.id, found.text) for found in check(recorded, "scada")}
    missed = []
    for how, at, altered in _alterations(recorded):
        new = {(found.id, found.text) for found in check(altered, "scada")} - before
        may_be = "CMD" in recorded[at].topic or (how == "left out" and _is_last_word(recorded, at))
        if not new and not may_be:
            missed.append((how, at, recorded[at].client, recorded[at].topic, recorded[at].payload[:60]))
    assert missed == []


def test_any_flipped_bit_of_a_number_that_counts_is_refused() -> None:
    """Of seq and bdSeq, in each message that has them."""
    seen = clean()
    for at, entry in enumerate(seen):
        verb = entry.topic.split("/")[2] if entry.what == "publish" and "STATE" not in entry.topic else ""
        if verb in ("NBIRTH", "DBIRTH", "NDATA", "DDATA", "DDEATH"):
            for bit in range(8):
                edit = payload(
                    verb,
                    lambda said, bit=bit: said.update(seq=said["seq"] ^ 1 << bit),
                    [n for n, e in enumerate(seen) if f"/{verb}/" in e.topic].index(at),
                )
                assert check(edit(seen), "scada"), (at, bit)


def test_the_command_judges_a_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from plantwright.cli.main import main

    path = tmp_path / "session.jsonl"

    def code(*words: str) -> int:
        with pytest.raises(SystemExit) as ended:
            main(["sparkplug", "check", str(path), *words])
        return int(ended.value.code or 0)

    write_recording(path, clean())
    assert code("--primary-host", "scada") == 0
    write_recording(path, FAULTS["NDATA qos"](clean()))
    capsys.readouterr()
    assert code("--json") == 1
    told = json.loads(capsys.readouterr().out)["findings"]
    assert {one["id"] for one in told} == {"tck-id-payloads-ndata-qos", "tck-id-topics-ndata-mqtt"}
    path.write_text("no recording")
    assert code() == 2
