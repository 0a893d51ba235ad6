"""MTConnect's documents: real ones read to the last observation, and damaged ones refused cheaply."""

from __future__ import annotations

import json
import math
import os
import random
import re
import time
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest

from plantwright.errors import PlantwrightError
from plantwright.shopfloor.connectors.mtconnect.devices import Slot, read_devices, slots_of, tags_of
from plantwright.shopfloor.connectors.mtconnect.documents import MOST_BYTES, Malformed, errors, header, parse
from plantwright.shopfloor.connectors.mtconnect.multipart import Parts, boundary_of
from plantwright.shopfloor.connectors.mtconnect.sheet import Sheet
from plantwright.shopfloor.connectors.mtconnect.streams import Reading, StreamsReader
from plantwright.shopfloor.connectors.mtconnect.texts import instant, numbers
from plantwright.shopfloor.readings import Events, Quality, Samples, Tag

DATA = Path(os.environ.get("PLANTWRIGHT_TEST_DATA", "no data"))
MTCONNECT, NIST = DATA / "mtconnect", DATA / "nist_smstestbed"
RECORDED = MTCONNECT / "recorded"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="PLANTWRIGHT_TEST_DATA names no folder with mtconnect")


class Read:
    """A streams document that was read by the devices of a probe."""

    def __init__(self, probe: bytes, streams: bytes | None = None, whole_state: bool = False) -> None:
        self.tags: list[Tag] = []
        self.rejected: list[tuple[int, str, str]] = []
        self.slots: dict[str, Slot] = slots_of(read_devices(parse(probe)), "mill", lambda tag: True, self.declare)
        self.reader = StreamsReader(self.slots, lambda *what: self.rejected.append(what))
        if streams is not None:
            self.found, self.samples, self.events = self.read(streams, whole_state)

    def declare(self, tags: list[Tag]) -> list[int]:
        self.tags += tags
        return list(range(len(self.tags) - len(tags), len(self.tags)))

    def read(self, streams: bytes, whole_state: bool = False) -> tuple[Reading, Samples, Events]:
        sheet = Sheet(lambda *what: self.rejected.append(what))
        found = self.reader.read(parse(streams), sheet, whole_state=whole_state)
        return found, *sheet.readings()

    def counted(self) -> Counter[tuple[str, int, str]]:
        """Each reading by its item, instant and value."""
        s, e = self.samples, self.events
        numbers_ = zip(s.tag.tolist(), s.time.tolist(), s.value.tolist(), strict=True)
        words = zip(e.tag.tolist(), e.time.tolist(), e.value, strict=True)
        return Counter((self.tags[tag].address, time, shown(value)) for tag, time, value in [*numbers_, *words])


def shown(value: float | str) -> str:
    return value if isinstance(value, str) else "UNAVAILABLE" if math.isnan(value) else repr(value)


def nanoseconds(text: str) -> int:
    """An instant by another way than the program's: seconds by the standard library, the fraction by its digits."""
    import datetime

    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z", text)
    assert found
    whole = datetime.datetime.fromisoformat(found[1] + "+00:00")
    return int(whole.timestamp()) * 10**9 + int((found[2] or "").ljust(9, "0"))


def recounted(probe: bytes, streams: bytes) -> Counter[tuple[str, int, str]]:
    """What a streams document holds, counted in the plainest way."""
    items = {one.get("id"): one for one in ET.fromstring(probe).iter() if one.tag.endswith("DataItem")}
    found: Counter[tuple[str, int, str]] = Counter()
    for one in ET.fromstring(streams).iter():
        item = items.get(one.get("dataItemId"))
        if item is None:
            continue
        text, at = one.text or "", nanoseconds(one.get("timestamp") or "")
        if item.get("category") == "CONDITION":
            values = [one.tag.partition("}")[2].upper()]
        elif item.get("representation") in ("DATA_SET", "TABLE"):
            values = [text if text == "UNAVAILABLE" else str(len(one))]
        elif item.get("category") == "SAMPLE":
            words = text.split() if text != "UNAVAILABLE" else [text] * (3 if "_3D" in item.get("units", "") else 1)
            values = [word if word == "UNAVAILABLE" else repr(float(word)) for word in words]
        else:
            values = [text]
        for value in values:
            found[(item.get("id") or "", at, value)] += 1
    return found


def bodies() -> list[bytes]:
    """The parts of the recorded stream, cut out by their lengths."""
    data, found = (RECORDED / "stream.mime").read_bytes(), []
    for one in re.finditer(rb"Content-Length: (\d+)\r\n\r\n", data):
        found.append(data[one.end() : one.end() + int(one[1])])
    return found


@pytest.mark.parametrize(
    "name", ["current.xml", "current_at_1.xml", "sample_count_100.xml", "sample_from_1_count_5.xml"]
)
def test_every_recorded_observation_is_read(name: str) -> None:
    probe, streams = (RECORDED / "probe.xml").read_bytes(), (RECORDED / name).read_bytes()
    read = Read(probe, streams)
    assert read.counted() == recounted(probe, streams)
    assert read.found.count == streams.count(b" dataItemId=")
    assert (read.found.unknown, read.rejected) == (set(), [])


def test_a_real_shop_is_read_to_the_last_observation() -> None:
    probe, streams = (NIST / "agent/Devices.xml").read_bytes(), (NIST / "samples/qdr_input001.xml").read_bytes()
    # this document is of another day than the devices file, which numbers the path's last items one lower
    probe = probe.replace(b"path_basic_7'", b"path_basic_8'").replace(b"path_basic_6'", b"path_basic_7'")
    read = Read(probe, streams)
    assert read.found.count == streams.count(b" dataItemId=") == 10_049
    assert read.counted() == recounted(probe, streams)
    assert read.found.unknown == {"GFAgie01_asset_chg", "GFAgie01_asset_rem", "GFAgie01-path_basic_6"}
    assert read.rejected == []


def test_the_recorded_stream_splits_anywhere() -> None:
    data = (RECORDED / "stream.mime").read_bytes()
    head, _, body = data.partition(b"\r\n\r\n")
    kind = re.search(rb"Content-Type: (.*)\r", head)
    assert kind
    boundary = boundary_of(kind[1].decode())
    assert boundary
    expected = bodies()
    assert [header(parse(part)).next for part in expected] == [241] * 4
    # every place in the small parts at the end, and in the first head
    for at in [*range(200), *range(len(body) - 2000, len(body))]:
        parts = Parts(boundary)
        assert [*parts.feed(body[:at]), *parts.feed(body[at:])] == expected, at
    for size in (1, 3, 1000):
        parts = Parts(boundary)
        assert [p for i in range(0, len(body), size) for p in parts.feed(body[i : i + size])] == expected


def test_parts_without_a_length_end_at_the_boundary() -> None:
    body = re.sub(rb"Content-Length: \d+\r\n", b"", (RECORDED / "stream.mime").read_bytes().partition(b"\r\n\r\n")[2])
    body = body.rstrip() + b"\r\n--a80575fb-a184-46bb-8eb3-bfb0206fe8cb--\r\n"
    parts = Parts(b"a80575fb-a184-46bb-8eb3-bfb0206fe8cb")
    assert [p for i in range(0, len(body), 7) for p in parts.feed(body[i : i + 7])] == [
        part.rstrip() for part in bodies()
    ]
    assert parts.ended


@pytest.mark.parametrize(
    "path", [*sorted((MTCONNECT / "samples").glob("*.xml")), MTCONNECT / "agent/Devices.xml", NIST / "agent/Devices.xml"],
    ids=lambda path: path.name,
)  # fmt: skip
def test_every_devices_file_is_read(path: Path) -> None:
    root = ET.fromstring(path.read_bytes())
    named = [one for one in root.iter() if one.tag.partition("}")[2] == "DataItem" or one.tag == "DataItem"]
    devices = read_devices(parse(path.read_bytes()))
    tags = tags_of(devices, "mill")
    assert set(tags) == {one.get("id") for one in named}
    names = [tag.name for several in tags.values() for tag in several]
    assert len(set(names)) == len(names)
    for one in named:
        for tag in tags[one.get("id") or ""]:
            assert tag.type == one.get("type")
            assert tag.subtype == one.get("subType", "")
            assert tag.unit == one.get("units", "").removesuffix("_3D" if one.get("category") == "SAMPLE" else "none")
            assert tag.kind == {"SAMPLE": "sample", "EVENT": "event", "CONDITION": "condition"}[
                one.get("category", "")
            ] or (one.get("representation") in ("DATA_SET", "TABLE"))
            assert tag.machine in tag.name


def test_there_are_25_devices_files() -> None:
    assert len(list((MTCONNECT / "samples").glob("*.xml"))) == 25


def test_names_of_tags_are_the_machines_components_and_items() -> None:
    tags = tags_of(read_devices(parse((NIST / "agent/Devices.xml").read_bytes())), "nist")
    assert tags["Mazak01-X_1"][0].name == "Mazak01/base/X/Xabs"
    assert [tag.name for tag in tags["GFAgie01-path_basic_7"]] == [
        f"GFAgie01/controller_basic/path_basic/path_pos/{axis}" for axis in "XYZ"
    ]


DEVICE = """<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.5" xmlns:x="urn:x"><Header instanceId="1"/><Devices>
<Device id="d" name="mill" uuid="u"><DataItems/><Components><x:Pump id="p" name="pump"><Compositions>
<Composition id="m" type="MOTOR"/></Compositions><DataItems>
<DataItem id="flow" type="x:FLOW" category="SAMPLE"/>
<DataItem id="wave" type="DISPLACEMENT" category="SAMPLE" representation="TIME_SERIES" units="MILLIMETER" compositionId="m"/>
<DataItem id="vars" type="VARIABLE" category="EVENT" representation="DATA_SET"/>
<DataItem id="wpo" type="WORK_OFFSET" category="EVENT" representation="TABLE"/>
<DataItem id="parts" type="PART_COUNT" subType="BAD" category="EVENT"/>
<DataItem id="msg" type="MESSAGE" category="EVENT"/>
<DataItem id="pos" type="PATH_POSITION" category="SAMPLE" units="MILLIMETER_3D" name="at/work"/>
</DataItems></x:Pump></Components></Device></Devices></MTConnectDevices>""".encode()  # noqa: UP012

AT = 'timestamp="2026-01-02T03:04:05.5Z"'
SAID = f"""<MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:2.5" xmlns:x="urn:x"><Header instanceId="1"/><Streams>
<DeviceStream name="mill" uuid="u"><ComponentStream component="Pump" componentId="p"><Samples>
<x:Flow dataItemId="flow" sequence="1" {AT}>1.5</x:Flow>
<x:Flow dataItemId="flow" sequence="2" {AT} quality="INVALID">2.5</x:Flow>
<x:Flow dataItemId="flow" sequence="3" {AT}>1_000</x:Flow>
<x:Flow dataItemId="flow" sequence="4" timestamp="yesterday">1</x:Flow>
<x:Flow dataItemId="nobody" sequence="5" {AT}>1</x:Flow>
<DisplacementTimeSeries dataItemId="wave" sequence="6" {AT} sampleCount="3" sampleRate="100">1 2 3</DisplacementTimeSeries>
<PathPosition dataItemId="pos" sequence="7" {AT}>1 2</PathPosition>
<PathPosition dataItemId="pos" sequence="7" {AT}>1 2 3 4</PathPosition>
<PathPosition dataItemId="pos" sequence="7" {AT}>5 6 7</PathPosition>
</Samples><Events>
<VariableDataSet dataItemId="vars" sequence="8" {AT} count="3"><Entry key="a">1</Entry><Entry key="b" removed="true"/>
<Entry key="c">x y</Entry></VariableDataSet>
<WorkOffsetTable dataItemId="wpo" sequence="9" {AT} count="1" resetTriggered="DAY"><Entry key="G54"><Cell key="X">1.25</Cell></Entry>
</WorkOffsetTable>
<PartCount dataItemId="parts" sequence="10" {AT} resetTriggered="SHIFT" subType="BAD">7</PartCount>
<Message dataItemId="msg" sequence="11" {AT} nativeCode="E7">low &amp; dry</Message>
</Events></ComponentStream></DeviceStream></Streams></MTConnectStreams>"""


def test_values_of_every_shape() -> None:
    read = Read(DEVICE, SAID.encode())
    by_name: dict[str, list[object]] = {}
    s, e = read.samples, read.events
    for tag, time_, value, quality in zip(
        s.tag.tolist(), s.time.tolist(), s.value.tolist(), s.quality.tolist(), strict=True
    ):
        by_name.setdefault(read.tags[tag].name, []).append(
            (time_ - nanoseconds("2026-01-02T03:04:05.5Z"), value, quality)
        )
    for tag, value, detail in zip(e.tag.tolist(), e.value, e.detail, strict=True):
        by_name.setdefault(read.tags[tag].name, []).append((value, json.loads(detail)))
    assert by_name == {
        "mill/pump/flow": [(0, 1.5, Quality.GOOD), (0, 2.5, Quality.BAD)],
        "mill/pump/motor/displacement": [(-20_000_000, 1, 0), (-10_000_000, 2, 0), (0, 3, 0)],
        "mill/pump/at-work/X": [(0, 5, 0)],
        "mill/pump/at-work/Y": [(0, 6, 0)],
        "mill/pump/at-work/Z": [(0, 7, 0)],
        "mill/pump/variable": [("3", {"entries": {"a": 1, "b": None, "c": "x y"}, "count": 3})],
        "mill/pump/work offset": [("1", {"entries": {"G54": {"X": 1.25}}, "count": 1, "reset": "DAY", "clears": True})],
        "mill/pump/part count bad": [("7", {"resetTriggered": "SHIFT"})],
        "mill/pump/message": [("low & dry", {"nativeCode": "E7"})],
    }
    assert [(text, why) for _, text, why in read.rejected] == [
        ("1_000", "not a number"),
        ("yesterday", "not an instant"),
        ("1 2", "2 numbers where 3 belong"),
        ("1 2 3 4", "4 numbers where 3 belong"),
    ]
    assert read.found.unknown == {"nobody"}
    columns = Read(DEVICE, SAID.replace(' quality="INVALID"', "").encode())
    assert sorted(text for _, text, _ in columns.rejected) == ["1 2", "1 2 3 4", "1_000", "yesterday"]
    assert len(columns.samples) == len(read.samples)


def test_instants_with_any_fraction_and_zone() -> None:
    same = nanoseconds("2026-01-02T03:04:05.125Z")
    for text in (
        "2026-01-02T03:04:05.125000Z",
        "2026-01-02T03:04:05.1250000",
        "2026-01-02T05:04:05.125+02:00",
        "2026-01-01T20:04:05.1250000001234-0700",
    ):
        assert instant(text) == same
    assert instant("2026-01-02T03:04:05Z") == same - 125_000_000
    for text in (
        "",
        "now",
        "2026-13-02T03:04:05Z",
        "2026-02-30T03:04:05Z",
        "9999-01-01T00:00:00Z",
        "2026-01-02",
        "٢٠٢٦-01-02T03:04:05Z",
    ):
        assert instant(text) is None


def test_numbers_are_only_what_is_a_number() -> None:
    texts = [
        "1",
        "-2.5e3",
        " 3 ",
        ".5",
        "+4.",
        "UNAVAILABLE",
        "unavailable",
        "nan",
        "inf",
        "1_0",
        "0x1",
        "1,5",
        "",
        None,
        "1e999",
        "٣",
    ]
    values, missing, wrong = numbers(texts)
    assert values[:5].tolist() == [1, -2500, 3, 0.5, 4]
    assert [i for i, gone in enumerate(missing) if gone] == [5, 6]
    assert wrong == list(range(7, 16))
    plainly, gone, none_wrong = numbers(["1", "UNAVAILABLE", "2.5"])
    assert (plainly[::2].tolist(), gone.tolist(), none_wrong) == ([1, 2.5], [False, True, False], [])


def test_errors_of_old_and_new_agents() -> None:
    assert errors(parse((RECORDED / "sample_from_99999999.xml").read_bytes())) == [
        ("OUT_OF_RANGE", "'from' must be less than 242")
    ]
    assert errors(parse(b"<MTConnectError><Error errorCode='NO_DEVICE'>none</Error></MTConnectError>")) == [
        ("NO_DEVICE", "none")
    ]
    new = b"<MTConnectError><Errors><OutOfRange errorCode='OUT_OF_RANGE'><ErrorMessage>low</ErrorMessage></OutOfRange></Errors></MTConnectError>"
    assert errors(parse(new)) == [("OUT_OF_RANGE", "low")]
    assert errors(parse(b"<MTConnectStreams/>")) == []


LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(12)
) + b"]><a>&m;</a>"  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS,
        LAUGHS.decode().encode("utf-16"),
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        b"<a " + b" ".join(b'x%d="1"' % i for i in range(200_000)) + b"/>",
        b"<a>" * 100_000,
        b"<a>" + b"<b/>" * 3_000_000 + b"</a>",
        b"<a>" + b"x" * (MOST_BYTES + 1) + b"</a>",
        b"<a>" + b"x" * 11_000_000 + b"</a>",
        b"",
        b"\xff\xfe",
        b"{}",
    ],
    ids=[
        "laughs",
        "wide laughs",
        "external",
        "attributes",
        "deep",
        "many",
        "large",
        "long text",
        "empty",
        "two bytes",
        "json",
    ],
)
def test_what_is_no_document_is_refused_cheaply(data: bytes) -> None:
    begin = time.process_time()
    with pytest.raises(Malformed):
        read_devices(parse(data))
    assert time.process_time() - begin < 1.0


def test_a_part_of_a_gigabyte_is_refused_before_it_comes() -> None:
    parts = Parts(b"b")
    with pytest.raises(Malformed, match="1,000,000,000 bytes"):
        list(parts.feed(b"--b\r\nContent-Length: 1000000000\r\n\r\n"))
    parts = Parts(b"b")
    list(parts.feed(b"--b\r\n\r\n"))
    with pytest.raises(Malformed):
        [part for _ in range(300) for part in parts.feed(b"x" * 65_536)]
    with pytest.raises(Malformed):
        list(Parts(b"b").feed(b"x" * 100_000))


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A document with a few bytes changed, left out, doubled or moved."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(found))
        end = min(len(found), at + chance.choice((1, 1, 3, 10, 100, 1000)))
        match chance.randrange(5):
            case 0:
                found[at] = chance.randrange(256)
            case 1:
                del found[at:end]
            case 2:
                found[at:at] = found[at:end]
            case 3:
                found[at:end] = bytes(chance.choice(b'<>&"=/ 0aZ|{}\x00\xff') for _ in range(end - at))
            case _:
                other = chance.randrange(len(found))
                found[at:end] = found[other : other + end - at]
        if not found:
            return b"<"
    return bytes(found)


def test_damaged_documents_raise_nothing_but_our_own() -> None:
    chance = random.Random(8)
    probe = (RECORDED / "probe.xml").read_bytes()
    readers = Read(probe), Read(DEVICE)
    documents = [(RECORDED / n).read_bytes() for n in ("sample_count_100.xml", "sample_from_1_count_5.xml")]
    survived = 0
    begin = time.process_time()
    for i in range(1500):
        reader = readers[i % 2]
        data = damaged(SAID.encode() if i % 2 else documents[i // 2 % 2], chance)
        try:
            reader.read(data, whole_state=bool(i % 3))
            header(parse(data))
            survived += 1
        except PlantwrightError:
            pass
    for _ in range(300):
        try:
            read_devices(parse(damaged(probe if chance.random() < 0.2 else DEVICE, chance)))
            survived += 1
        except PlantwrightError:
            pass
    stream = (RECORDED / "stream.mime").read_bytes().partition(b"\r\n\r\n")[2][38_000:]
    for _ in range(500):
        parts, data = Parts(b"a80575fb-a184-46bb-8eb3-bfb0206fe8cb"), damaged(stream, chance)
        try:
            for part in parts.feed(data):
                errors(parse(part))
                survived += 1
        except PlantwrightError:
            pass
    assert survived > 300
    assert time.process_time() - begin < 60
