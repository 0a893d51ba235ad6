"""A session of a host and an edge node that breaks no assertion, and ways to break it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from plantwright.shopfloor.connectors.sparkplug.conformance import Seen
from plantwright.shopfloor.connectors.sparkplug.payloads import DataType, decode, encode, metric

T0 = 1_700_000_000_000
OWN = "spBv1.0/STATE/scada"
Recording = list[Seen]


class _Session:
    def __init__(self) -> None:
        self.seen: Recording = []
        self.now = T0
        self.seq = 0

    def add(
        self, client: str, what: str, topic: str = "", payload: bytes = b"", qos: int = 0, retain: bool = False
    ) -> None:
        self.seen.append(Seen(self.now, client, what, topic, payload, qos, retain))
        self.now += 10

    def say(self, verb: str, metrics: list[dict[str, Any]] | None, device: str = "", host: bool = False) -> None:
        self.seq = 0 if verb == "NBIRTH" else self.seq
        payload: dict[str, Any] = {"timestamp": self.now, "metrics": metrics}
        if not host:
            payload["seq"], self.seq = self.seq, (self.seq + 1) % 256
        topic = f"spBv1.0/Plant/{verb}/line{f'/{device}' if device else ''}"
        self.add("host" if host else "edge", "publish", topic, encode(payload))

    def state(self, online: bool, at: int) -> bytes:
        return json.dumps({"online": online, "timestamp": at}).encode()

    def death(self, number: int) -> bytes:
        return encode({"timestamp": self.now, "metrics": [metric("bdSeq", DataType.INT64, number, self.now)]})

    def data(self, alias: int, kind: DataType, value: Any, at: int | None = None) -> dict[str, Any]:
        return metric(None, kind, value, at or self.now, alias=alias, typed=False)

    def births(self, number: int, temperature: float, load: float) -> None:
        now = self.now
        member = metric("speed", DataType.DOUBLE, 1.0, now)
        parameter = {"name": "poles", "type": 3, "int_value": 4}
        mould = {"is_definition": True, "metrics": [member], "parameters": [parameter]}
        made = {"is_definition": False, "template_ref": "motor", "metrics": [member], "parameters": [parameter]}
        table = {"num_of_columns": 1, "columns": ["n"], "types": [3], "rows": [{"elements": [{"int_value": 5}]}]}
        self.say("NBIRTH", [
            metric("bdSeq", DataType.INT64, number, now), metric("Node Control/Rebirth", DataType.BOOLEAN, False, now),
            metric("temperature", DataType.DOUBLE, temperature, now, alias=1, properties={"Quality": 192, "engUnit": "K"}),
            metric("motor", DataType.TEMPLATE, mould, now, alias=2),
        ])  # fmt: skip
        self.say("DBIRTH", [
            metric("load", DataType.DOUBLE, load, now, alias=10), metric("drive", DataType.TEMPLATE, made, now, alias=11),
            metric("table", DataType.DATASET, table, now, alias=12), metric("order", DataType.STRING, None, now, alias=13),
        ], "mill")  # fmt: skip

    def connect(self, number: int) -> None:
        self.add("edge", "connect", "spBv1.0/Plant/NDEATH/line", self.death(number), 1)
        for topic in ("spBv1.0/Plant/NCMD/line", "spBv1.0/Plant/DCMD/line/+", OWN):
            self.add("edge", "subscribe", topic, qos=1)


def clean() -> Recording:
    """A session that breaks nothing."""
    one = _Session()
    one.add("host", "connect", OWN, one.state(False, T0), 1, True)
    one.add("host", "subscribe", OWN, qos=1)
    one.add("host", "subscribe", "spBv1.0/Plant/#", qos=1)
    one.add("host", "publish", OWN, one.state(True, T0), 1, True)
    one.connect(0)
    one.births(0, 20.0, 1.0)
    one.say("NDATA", [one.data(1, DataType.DOUBLE, 21.0)])
    one.say("DDATA", [one.data(10, DataType.DOUBLE, 2.0, one.now - 1), one.data(10, DataType.DOUBLE, 3.0)], "mill")
    one.say("NCMD", [metric("Node Control/Rebirth", DataType.BOOLEAN, True, one.now, typed=False)], host=True)
    one.births(0, 21.0, 3.0)
    one.say("DCMD", [one.data(10, DataType.DOUBLE, 4.0)], "mill", host=True)
    one.say("NCMD", [one.data(1, DataType.DOUBLE, 4.0)], host=True)
    one.say("DDATA", [one.data(10, DataType.DOUBLE, 4.0)], "mill")
    one.say("DDEATH", None, "mill")
    now = one.now
    one.say(
        "DBIRTH",
        [metric("load", DataType.DOUBLE, 4.0, now, alias=10), metric("order", DataType.STRING, "A", now, alias=13)],
        "mill",
    )
    one.say("NDATA", [one.data(1, DataType.DOUBLE, 22.0)])
    one.add("edge", "lost")
    one.connect(1)
    one.births(1, 22.0, 4.0)
    one.say("DDATA", [one.data(13, DataType.STRING, "B")], "mill")
    one.add("edge", "publish", "spBv1.0/Plant/NDEATH/line", one.death(1), 1)
    one.add("edge", "disconnect")
    one.add("host", "publish", OWN, one.state(False, one.now), 1, True)
    one.add("host", "disconnect")
    return one.seen


def find(seen: Recording, what: str, n: int = 0, client: str = "") -> int:
    """The n-th entry of a kind: a verb, ``online``, ``offline``, or what a client did."""

    def fits(one: Seen) -> bool:
        if client and one.client != client:
            return False
        if what in ("online", "offline"):
            return (
                one.what == "publish"
                and "STATE" in one.topic
                and json.loads(one.payload)["online"] is (what == "online")
            )
        return one.what == what or (one.what == "publish" and f"/{what}/" in one.topic)

    return [place for place, one in enumerate(seen) if fits(one)][n]


Change = Callable[[Recording], Recording]


def put(what: str, n: int = 0, client: str = "", **fields: Any) -> Change:
    """Other fields."""

    def change(seen: Recording) -> Recording:
        at = find(seen, what, n, client)
        return [*seen[:at], replace(seen[at], **fields), *seen[at + 1 :]]

    return change


def topic(what: str, old: str, new: str, n: int = 0, client: str = "") -> Change:
    """Another topic."""
    return lambda seen: put(what, n, client, topic=seen[find(seen, what, n, client)].topic.replace(old, new))(seen)


def payload(what: str, edit: Callable[[dict[str, Any]], Any], n: int = 0, client: str = "") -> Change:
    """Another payload."""

    def change(seen: Recording) -> Recording:
        said = copy.deepcopy(dict(decode(seen[find(seen, what, n, client)].payload)))
        edit(said)
        return put(what, n, client, payload=encode(said))(seen)

    return change


def one(what: str, name: Any, edit: Callable[[dict[str, Any]], Any], n: int = 0, client: str = "") -> Change:
    """Another metric, by its name or alias."""

    def change(said: dict[str, Any]) -> None:
        edit(next(m for m in said["metrics"] if name in (m.get("name"), m.get("alias"))))

    return payload(what, change, n, client)


def gone(what: str, n: int = 0, client: str = "") -> Change:
    """Without it."""

    def change(seen: Recording) -> Recording:
        at = find(seen, what, n, client)
        return seen[:at] + seen[at + 1 :]

    return change


def moved(what: str, to: str, n: int = 0, m: int = 0, client: str = "", other: str = "") -> Change:
    """It comes before another; times stay in order."""

    def change(seen: Recording) -> Recording:
        at = find(seen, what, n, client)
        rest = seen[:at] + seen[at + 1 :]
        target = find(rest, to, m, other)
        made = [*rest[:target], seen[at], *rest[target:]]
        return [replace(entry, time=when.time) for entry, when in zip(made, seen, strict=True)]

    return change


def state(what: str, edit: Callable[[dict[str, Any]], Any], n: int = 0) -> Change:
    """Another STATE, of a message or of the host's will."""

    def change(seen: Recording) -> Recording:
        client = "host"
        said = json.loads(seen[find(seen, what, n, client)].payload)
        edit(said)
        return put(what, n, client, payload=json.dumps(said).encode())(seen)

    return change


def added(entry: Callable[[Recording], Seen], before: str, n: int = 0, client: str = "") -> Change:
    """One more."""

    def change(seen: Recording) -> Recording:
        at = find(seen, before, n, client)
        return [*seen[:at], replace(entry(seen), time=seen[at].time), *seen[at:]]

    return change


def late(what: str, n: int = 0, client: str = "", by: int = 20_000) -> Change:
    """It and all after it come so much later."""

    def change(seen: Recording) -> Recording:
        at = find(seen, what, n, client)
        return [*seen[:at], *(replace(entry, time=entry.time + by) for entry in seen[at:])]

    return change


def both(*changes: Change) -> Change:
    """One after the other."""

    def change(seen: Recording) -> Recording:
        for each in changes:
            seen = each(seen)
        return seen

    return change
