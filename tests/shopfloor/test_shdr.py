"""SHDR: adapters over TCP and their recorded lines, with the traps of real ones."""

from __future__ import annotations

import os
import random
import re
import socket
import threading
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from plantwright.errors import PlantwrightError
from plantwright.shopfloor.collecting.inlet import SourceInlet
from plantwright.shopfloor.connectors.mtconnect.sheet import Sheet
from plantwright.shopfloor.connectors.shdr import make
from plantwright.shopfloor.connectors.shdr.discovering import discover_adapters
from plantwright.shopfloor.connectors.shdr.items import GuessedItems
from plantwright.shopfloor.connectors.shdr.lines import LinesReader, entries_of, fields_of
from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.readings import Quality
from tests.shopfloor.checklist import EVER, Checklist, Collected, Rig, collecting
from tests.shopfloor.mtconnect_agent import stamp

DATA = Path(os.environ.get("PLANTWRIGHT_TEST_DATA", "no data"))
MTCONNECT, NIST = DATA / "mtconnect", DATA / "nist_smstestbed"
real = pytest.mark.skipif(not MTCONNECT.is_dir(), reason="PLANTWRIGHT_TEST_DATA names no folder with mtconnect")


@dataclass
class Adapter:
    """An adapter for tests: it says to whoever is connected what a test tells it to, and answers PING."""

    port: int = 0
    pongs: bool = True
    cut: bool = False
    greeting: str = ""
    listening: set[socket.socket] = field(default_factory=set)
    pinged: int = 0

    def send(self, text: str, end: str = "\n") -> None:
        for one in list(self.listening):
            with suppress(OSError):
                one.sendall((text + end).encode())

    def drop(self) -> None:
        for one in list(self.listening):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def serve(self, server: socket.socket) -> None:
        while True:
            try:
                one, _ = server.accept()
            except OSError:
                return
            if self.cut:
                one.close()
                continue
            threading.Thread(target=self.listen, args=(one,), daemon=True).start()

    def listen(self, one: socket.socket) -> None:
        with suppress(OSError), one:
            if self.greeting:
                one.sendall(self.greeting.encode())
            self.listening.add(one)
            while data := one.recv(1000):
                self.pinged += data.count(b"PING")
                if self.pongs:
                    one.sendall(b"* PONG 300\n")
        self.listening.discard(one)


@contextmanager
def adapting(adapter: Adapter) -> Iterator[Adapter]:
    server = socket.create_server(("127.0.0.1", 0))
    adapter.port = server.getsockname()[1]
    threading.Thread(target=adapter.serve, args=(server,), daemon=True).start()
    try:
        yield adapter
    finally:
        adapter.cut = True
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        adapter.drop()


@pytest.fixture
def adapter() -> Iterator[Adapter]:
    with adapting(Adapter()) as adapter:
        yield adapter


class AdapterRig(Rig):
    sample = "mill/load"
    resumes = False
    remembers = False

    def __init__(self, adapter: Adapter) -> None:
        self.adapter = adapter

    def connector(self):  # type: ignore[no-untyped-def]
        return make("mill", host="127.0.0.1", port=self.adapter.port)

    def say(self, number: float) -> None:
        self.adapter.send(f"{stamp(time.time())}|load|{number:g}")

    def cut(self) -> None:
        self.adapter.cut = True
        self.adapter.drop()

    def mend(self) -> None:
        self.adapter.cut = False

    def unavailable(self) -> None:
        self.adapter.send(f"{stamp(time.time())}|load|UNAVAILABLE")

    def rubbish(self) -> None:
        self.adapter.send("|".join(["y" * 300_000] * 3))
        self.adapter.send(f"yesterday|load|{1}")


class TestOfTheChecklist(Checklist):
    @pytest.fixture
    def rig(self, adapter: Adapter) -> Rig:
        return AdapterRig(adapter)


DEVICES = """<MTConnectDevices><Header/><Devices><Device id="d" name="mill" uuid="u"><DataItems>
<DataItem id="i1" name="system" type="SYSTEM" category="CONDITION"/>
<DataItem id="i2" name="msg" type="MESSAGE" category="EVENT"/>
<DataItem id="i3" name="wave" type="DISPLACEMENT" category="SAMPLE" representation="TIME_SERIES"/>
<DataItem id="i4" name="vars" type="VARIABLE" category="EVENT" representation="DATA_SET"/>
<DataItem id="i5" name="wpo" type="WORK_OFFSET" category="EVENT" representation="TABLE"/>
<DataItem id="i6" name="pos" type="PATH_POSITION" category="SAMPLE" units="MILLIMETER_3D"/>
<DataItem id="i7" name="program" type="PROGRAM" category="EVENT"><Source>prg</Source></DataItem>
<DataItem id="i8" name="load" type="LOAD" category="SAMPLE"/>
<DataItem id="i9" name="alarm" type="ALARM" category="EVENT"/>
<DataItem id="i10" name="chg" type="ASSET_CHANGED" category="EVENT"/>
</DataItems></Device></Devices></MTConnectDevices>"""

LINES = """\
* shdrVersion: 2
2026-01-02T03:04:05Z|load|12.5|prg|O1000|program|O1001
2026-01-02T03:04:05.123Z|system|FAULT|E12|1|HIGH|spindle hot
2026-01-02T03:04:05.123456Z|system|normal||||
2026-01-02T03:04:05.1234567Z|msg|C7|door open|load|13
2026-01-02T03:04:06Z@2.5|program|O1002
2026-01-02T03:04:07Z|wave|3|10|1 2 3
2026-01-02T03:04:07Z|wave|2|10|1 2 3
2026-01-02T03:04:08Z|vars|a=1 b='two words' c d={x=1}
2026-01-02T03:04:08Z|vars|:MANUAL a=2
2026-01-02T03:04:09Z|wpo|G54={X=1.5 Y=-2} G55
2026-01-02T03:04:10Z|pos|1 2 3
2026-01-02T03:04:10Z|mill:load|UNAVAILABLE|pos|UNAVAILABLE|vars|UNAVAILABLE|wave|UNAVAILABLE|msg|UNAVAILABLE|system|UNAVAILABLE||||
2026-01-02T03:04:11Z|program|"a \\| b"|load|x
2026-01-02T03:04:12Z|@ASSET@|T1|CuttingTool|--multiline--A1
<CuttingTool assetId="T1">
 <Life>1|2</Life></CuttingTool>
--multiline--A1
2026-01-02T03:04:13Z|@ASSET@|T2|CuttingTool|<CuttingTool/>
2026-01-02T03:04:14Z|@REMOVE_ASSET@|T1
2026-01-02T03:04:15Z|@REMOVE_ALL_ASSETS@|CuttingTool
2026-01-02T03:04:16Z|nobody|1|load|14
2026-01-02T03:04:17Z|alarm|CODE|7|CRITICAL|ACTIVE|overload
2026-01-02T03:04:18Z|chg|CuttingTool|T1
17|load|15
"""


def collected(path: Path, **words: Any) -> Collected:
    """The lines of files, read to their end."""
    with collecting(("mill", make("mill", files=[path], **words))) as found:
        found.until(lambda: found.collector.states()[0].state == "done", 60)  # type: ignore[union-attr]
    return found


def test_lines_of_every_kind(tmp_path: Path) -> None:
    (tmp_path / "d.xml").write_text(DEVICES)
    (tmp_path / "lines.txt").write_text(LINES)
    found = collected(tmp_path / "lines.txt", devices=tmp_path / "d.xml")
    assert found.samples("mill/load")[:2] == [(12.5, 0), (13.0, 0)]
    assert [quality for _, quality in found.samples("mill/load")] == [0, 0, Quality.UNAVAILABLE, 0]
    assert found.events("mill/system") == [
        ("FAULT", {"code": "E12", "severity": "1", "qualifier": "HIGH", "text": "spindle hot"}),
        ("NORMAL", {}),
        ("UNAVAILABLE", {}),
    ]
    assert found.events("mill/message") == []
    assert found.events("mill/msg") == [("door open", {"code": "C7"}), ("UNAVAILABLE", {})]
    assert found.events("mill/program") == [
        ("O1000", {}),
        ("O1001", {}),
        ("O1002", {"duration": 2.5}),
        ("a | b", {}),
    ]
    assert found.values("mill/wave") == [1, 2, 3]
    assert found.events("mill/vars") == [
        ("4", {"entries": {"a": 1, "b": "two words", "c": None, "d": {"x": 1}}}),
        ("1", {"entries": {"a": 2}, "reset": "MANUAL", "clears": True}),
        ("UNAVAILABLE", {}),
    ]
    assert found.events("mill/wpo") == [("2", {"entries": {"G54": {"X": 1.5, "Y": -2}, "G55": None}})]
    assert [found.values(f"mill/pos/{axis}") for axis in "XYZ"] == [[1], [2], [3]]
    assert found.events("mill/assets") == [
        ("T1", {"type": "CuttingTool", "xml": '<CuttingTool assetId="T1">\n <Life>1|2</Life></CuttingTool>'}),
        ("T2", {"type": "CuttingTool", "xml": "<CuttingTool/>"}),
        ("T1", {"removed": True}),
        ("", {"type": "CuttingTool", "removed": True}),
    ]
    assert found.events("mill/alarm")[0][1] == {
        "code": "CODE",
        "nativeCode": "7",
        "severity": "CRITICAL",
        "state": "ACTIVE",
    }
    assert found.events("mill/chg") == [("T1", {"type": "CuttingTool"})]
    said = " ".join(found.of("PW5022"))
    assert "'x': not a number" in said
    assert "'17|load|15': no line that begins with an instant" in said
    assert "says it has '2' values" in said
    assert found.of("PW5053") == ["items that the devices file does not name were left out: ['nobody']"]


def test_what_items_are_is_guessed_without_a_devices_file(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text(
        "2026-01-02T03:04:05Z|load|UNAVAILABLE\n2026-01-02T03:04:06Z|load|1.5|mode|AUTO\n2026-01-02T03:04:07Z|load|UNAVAILABLE\n"
        "2026-01-02T03:04:08Z|hot|WARNING|7||HIGH|too hot\n2026-01-02T03:04:09Z|load|none|mode|5\n"
    )
    found = collected(tmp_path / "lines.txt", machine="lathe")
    assert [quality for _, quality in found.samples("lathe/load")] == [0, Quality.UNAVAILABLE]
    assert found.events("lathe/load in words") == [("none", {})]
    assert found.events("lathe/mode") == [("AUTO", {}), ("5", {})]
    assert found.events("lathe/hot") == [("WARNING", {"code": "7", "qualifier": "HIGH", "text": "too hot"})]


def recounted(path: Path, devices: Path, device: str) -> Counter[tuple[str, str]]:
    """How often each item says each thing, in the plainest way."""
    root = ET.fromstring(devices.read_text())
    (machine,) = [one for one in root.iter() if one.tag.endswith("Device") and one.get("name") == device]
    listed = [one for one in machine.iter() if one.tag.endswith("DataItem")]
    items = {one.get(word): one for word in ("id", "name") for one in listed if one.get(word)}
    found: Counter[tuple[str, str]] = Counter()
    for line in path.read_text().splitlines():
        if not re.match(r"\d{4}-", line) or "|@" in line:
            continue
        words = [word.strip() for word in line.split("|")[1:]]
        if len(words) == 6 and words[0] in items and items[words[0]].get("category") == "CONDITION":
            found[(called(items[words[0]]), words[1].upper())] += 1
            continue
        for key, value in zip(words[::2], words[1::2], strict=True):
            if key not in items:
                continue
            number = items[key].get("category") == "SAMPLE" and value != "UNAVAILABLE"
            for part in value.split() if number else [value]:
                found[(called(items[key]), repr(float(part)) if number else part)] += 1
    return found


def called(item: ET.Element) -> str:
    return item.get("name") or item.get("id") or ""


def counted(found: Collected) -> Counter[tuple[str, str]]:
    kept: Counter[tuple[str, str]] = Counter()
    for number, tag in enumerate(found.history.tags()):
        if not tag.address:
            continue
        name = tag.name.rstrip("XYZ").rstrip("/").rpartition("/")[2] if tag.description else tag.name.rpartition("/")[2]
        for value, quality in found.history.samples([number], *EVER)[["value", "quality"]].iter_rows():
            kept[(name, "UNAVAILABLE" if quality == Quality.UNAVAILABLE else repr(value))] += 1
        for value in found.history.events([number], *EVER)["value"]:
            kept[(name, value)] += 1
    return kept


class Everything(MemoryHistory):
    """Keeps readings that came twice too, as a recount does."""

    def samples(self, tags: Any, start: int, end: int) -> Any:
        import polars

        from plantwright.shopfloor.history.memory import samples_frame

        return samples_frame(self._samples).filter(polars.col("tag").is_in(list(tags)))

    def events(self, tags: Any, start: int, end: int) -> Any:
        import polars

        from plantwright.shopfloor.history.memory import events_frame

        return events_frame(self._events).filter(polars.col("tag").is_in(list(tags)))


@real
@pytest.mark.parametrize(
    ("file", "devices", "device"),
    [
        (MTCONNECT / "agent/okuma.txt", MTCONNECT / "agent/Devices.xml", "OKUMA"),
        (NIST / "samples/Hurco01-20170518-20170519.txt", NIST / "agent/Devices.xml", "Hurco01"),
        (NIST / "samples/Mazak01-20161129-20161130.txt", NIST / "agent/Devices.xml", "Mazak01"),
    ],
    ids=["okuma", "hurco", "mazak"],
)
def test_real_recordings_are_read_to_the_last_value(file: Path, devices: Path, device: str) -> None:
    connector = make("mill", files=[file], devices=devices, device=device)
    with collecting(("mill", connector), history=Everything()) as found:
        found.until(lambda: found.collector.states()[0].state == "done", 60)  # type: ignore[union-attr]
    expected = recounted(file, devices, device)
    kept = counted(found)
    assert kept - expected == expected - kept == Counter()
    assert sum(kept.values()) > 2000
    assert not [text for _, code, text in found.notes if code not in ("PW5053",)]


@real
def test_a_recorded_day_goes_on_where_it_stopped(tmp_path: Path) -> None:
    file = NIST / "samples/Mazak01-20161129-20161130.txt"
    lines = file.read_text().splitlines(keepends=True)
    part = tmp_path / file.name
    words = {"devices": NIST / "agent/Devices.xml", "device": "Mazak01"}
    history = MemoryHistory()
    for until in (30_000, len(lines)):
        part.write_text("".join(lines[:until]))
        with collecting(("mill", make("mill", files=[part], **words)), history=history) as found:  # type: ignore[arg-type]
            found.until(lambda: found.collector.states()[0].state == "done", 60)  # type: ignore[union-attr]
    assert found.history.positions()["mill"]["at"] == {"file": file.name, "line": len(lines)}
    whole = collected(file, **words)
    assert counted(found) == counted(whole)


def test_an_adapter_that_answers_and_then_is_silent_is_lost(adapter: Adapter) -> None:
    with collecting(("mill", make("mill", host="127.0.0.1", port=adapter.port))) as found:
        found.until(lambda: adapter.pinged >= 2)
        adapter.pongs = False
        found.until(lambda: any("silent" in text for text in found.of("PW5001")))


def test_an_adapter_that_never_answers_may_be_silent(adapter: Adapter) -> None:
    adapter.pongs = False
    with collecting(("mill", make("mill", host="127.0.0.1", port=adapter.port, heartbeat=0.2))) as found:
        found.until(lambda: adapter.pinged >= 4)
        assert found.of("PW5001") == []


def test_lines_come_in_pieces_and_without_an_instant(adapter: Adapter) -> None:
    adapter.pongs = False  # else an answer would come between two pieces
    with collecting(("mill", make("mill", host="127.0.0.1", port=adapter.port))) as found:
        found.until(lambda: bool(adapter.listening))
        text = f"{stamp(time.time())}|load|1\r\n|load|2\r\n{stamp(time.time() + 1)}|load|3\r\n"
        for piece in text:
            adapter.send(piece, "")
        found.until(lambda: found.values("mill/load") == [1, 2, 3])


def test_the_clock_of_an_adapter_is_told_by_what_it_says_now(adapter: Adapter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plantwright.shopfloor.connectors.shdr.connector.FIRST_WORDS", 0.2)
    clocks: list[float] = []

    def clock(self: SourceInlet, instant: int) -> None:
        clocks.append(instant / 1e9 - time.time())

    monkeypatch.setattr(SourceInlet, "clock", clock)
    adapter.greeting = f"{stamp(time.time() - 4000)}|load|1\n"
    with collecting(("mill", make("mill", host="127.0.0.1", port=adapter.port))) as found:
        found.until(lambda: found.values("mill/load") == [1])
        time.sleep(0.3)
        adapter.send(f"{stamp(time.time() - 30)}|load|2")
        found.until(lambda: found.values("mill/load") == [1, 2])
    assert clocks == pytest.approx([-30], abs=3)


def test_an_adapter_is_found_by_what_it_says(adapter: Adapter) -> None:
    adapter.greeting = f"{stamp(time.time())}|avail|AVAILABLE\n"
    (draft,) = discover_adapters(f"127.0.0.1:{adapter.port}", 2.0)
    assert draft.words == {"connector": "shdr", "host": "127.0.0.1", "port": str(adapter.port)}
    assert list(discover_adapters("127.0.0.1:1", 0.5)) == []


def test_files_and_hosts_that_do_not_go_together(tmp_path: Path) -> None:
    (tmp_path / "d.xml").write_text(DEVICES)
    for words, says in (
        ({}, "either 'host' or 'file'"),
        ({"host": "mill", "files": [tmp_path]}, "either 'host' or 'file'"),
        ({"host": "mill", "device": "mill"}, "'devices' names"),
        ({"host": "mill", "devices": tmp_path / "none.xml"}, "cannot be read"),
        ({"host": "mill", "devices": tmp_path / "d.xml", "device": "lathe"}, "has no device 'lathe'; there are: mill"),
    ):
        with pytest.raises(ValueError, match=re.escape(says)):
            make("mill", **words)  # type: ignore[arg-type]


def test_fields_in_quotation_marks() -> None:
    assert fields_of('a|"b \\| c"|d') == ["a", "b | c", "d"]
    assert fields_of('a|"b|c') == ["a", '"b', "c"]
    assert fields_of('a|"b" |') == ["a", "b", ""]
    assert fields_of("a| b |") == ["a", "b", ""]


def test_entries_of_data_sets() -> None:
    assert dict(entries_of('a=1 b={x y} c="q r" d={k=1 l={m n}} e=')) == {
        "a": 1,
        "b": "x y",
        "c": "q r",
        "d": {"k": 1, "l": "m n"},
        "e": None,
    }
    with pytest.raises(ValueError, match="does not close"):
        dict(entries_of("a={b"))


def test_damaged_lines_raise_nothing_but_our_own() -> None:
    chance, tags = random.Random(8), []

    class Inlet:
        def wants(self, tag: object) -> bool:
            return True

        def declare(self, some: list[object]) -> list[int]:
            tags.extend(some)
            return list(range(len(tags) - len(some), len(tags)))

    items = GuessedItems("mill", "mill", Inlet())  # type: ignore[arg-type]
    reader = LinesReader(items.find, lambda *_: None, lambda *_: None)
    lines = [line for line in LINES.splitlines() if "|" in line]
    for _ in range(10_000):
        line = list(chance.choice(lines))
        for _ in range(chance.choice((1, 2, 8))):
            line[chance.randrange(len(line))] = chance.choice("|=:{}'\"\\@ -9aT\x00é")
        with suppress(PlantwrightError):
            sheet = Sheet(lambda *_: None)
            reader.read("".join(line), 0, sheet)
            sheet.readings()
    begin = time.process_time()
    for line in (
        "|".join(["2026-01-02T03:04:05Z"] + ["x"] * 100_000),
        '2026-01-02T03:04:05Z|a|"' + "\\" * 200_000,
        "2026-01-02T03:04:05Z|v|" + "a={" * 60_000,
    ):
        reader.read(line, 0, Sheet(lambda *_: None))
        with suppress(ValueError):
            dict(entries_of(line[23:]))
    assert time.process_time() - begin < 5
