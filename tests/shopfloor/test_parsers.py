"""Every parser of the shop floor is given what nobody would write: it reads it, or says in its own words that it cannot.

Those of the protocols have tests of their own: MTConnect's documents and streams (test_mtconnect_documents.py), SHDR (test_shdr.py), Sparkplug's
payloads (sparkplug/test_payloads.py), Modbus (test_modbus.py, test_modbus_maps.py).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import polars
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plantwright.errors import PlantwrightError
from plantwright.plant.document import parse, plain
from plantwright.shopfloor.config import ConfigError, parse_config
from plantwright.shopfloor.connectors import Draft
from plantwright.shopfloor.connectors.files.kind import FolderOfFiles
from plantwright.shopfloor.connectors.tables import instants
from plantwright.shopfloor.discovering import draft_text
from plantwright.shopfloor.history.frames import Frame, encode, frame_of, frames, later_frame
from plantwright.shopfloor.history.manifest import NAME, Manifest, read_manifest
from plantwright.shopfloor.machines.rules import read_condition
from plantwright.shopfloor.machines.windows import read_window
from plantwright.shopfloor.readings import Batch, Events, Samples, Tag
from plantwright.shopfloor.virtual.errors import ScenarioError
from plantwright.shopfloor.virtual.scenario import parse_scenario
from tests.shopfloor.checklist import collecting

CONFIG = """\
format: 1
history: history
keep: {samples: 90 d, events: 5 y}
time zone: Europe/Berlin
shifts:
  day: {days: Mon-Fri, from: "07:00", to: "15:00", breaks: ["11:00-11:30"]}
sources:
  mill 1:
    connector: mtconnect
    url: http://192.168.1.20:5000
    deadband: {SPINDLE_SPEED: 5, LOAD: 2 %}
    password: {env: MILL}
  oven:
    connector: modbus
    host: 192.168.1.30
    registers: {load: {address: 100, type: float32}}
machines:
  mill 1:
    work center: milling
    states: {STOPPED: idle}
    run time: {gear: 4 min, "*": 5 min}
  saw:
    rules:
      - {production: [load > 5, door is CLOSED]}
    signals: {parts: counter 3}
reasons: {changeover: setup}
micro-stop: 5 min
"""


def altered(text: str, draw: random.Random) -> str:
    """A text with something left out, doubled, or put in."""
    pieces = re.split(r"(\W)", text)
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(pieces))
        how = draw.randrange(5)
        if how == 0:
            del pieces[at]
        elif how == 1:
            pieces.insert(at, pieces[draw.randrange(len(pieces))])
        elif how == 2:
            pieces[at] = draw.choice(
                ["", "{", "]", ":", "\t", "\0", "&a", "*a", "!!python/object", "'", "-1", "9" * 400]
            )
        elif how == 3:
            pieces[at] = "".join(chr(draw.choice([0, 27, 133, 0x2028, 0xD7FF, 0x1F600, 65])) for _ in range(3))
        else:
            other = draw.randrange(len(pieces))
            pieces[at], pieces[other] = pieces[other], pieces[at]
    return "".join(pieces)


def test_an_altered_collectors_file_is_read_or_refused_in_its_own_words() -> None:
    draw, ends = random.Random(8), {"read": 0, "refused": 0}
    for _ in range(300):
        text = altered(CONFIG, draw)
        try:
            parse_config(text, environment={"MILL": "x"})
            ends["read"] += 1
        except ConfigError:
            ends["refused"] += 1
    assert min(ends.values()) > 15


SCENARIO = """\
changes: [{after: 2 h, name: new coolant, set: {work centers > mill > speed: 1.1}}]
cuts: [{after: 1 h, for: 3 min, how: midway}, {after: 5 h, for: 1 min}]
clock: [{after: 2 h, ahead: 5 min, drift: 1 s, per: 1 h, for: 1 h}]
rubbish: [{after: 1 h, for: 1 h, kind: huge}]
"""


def test_an_altered_scenario_is_read_or_refused_in_its_own_words() -> None:
    draw, read = random.Random(6), 0
    for _ in range(200):
        try:
            parse_scenario(altered(SCENARIO, draw))
            read += 1
        except ScenarioError:
            continue
    assert 10 < read < 190


WINDOWS = [
    "today",
    "last 8 h",
    "2026-01-05 06:00 to 2026-01-05 14:00",
    "this shift",
    "-30 min",
    "0001-01-01..9999-12-31",
]
PIECES = st.sampled_from(
    ["last ", " to ", "..", "-", "2026-01-05", "06:00", "h", "1e400", "9" * 30, "\0", "é", "today", " "]
)


@settings(max_examples=150, deadline=None)
@example("0001-01-01 to 9999-12-31 23:59")
@example("last 9999999999 y")
@given(st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=6).map("".join), st.sampled_from(WINDOWS)))
def test_any_window_is_one_or_refused(text: str) -> None:
    now = 1_767_600_000 * 10**9
    try:
        start, end = read_window(text, now, "Europe/Berlin", {})
    except (ValueError, PlantwrightError):
        return
    assert start < end <= now


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(["load", " is ", " not ", " > ", ">=", "5", "1e999", " or ", ","]), max_size=7).map("".join)))  # fmt: skip
def test_any_condition_is_one_or_refused(text: str) -> None:
    try:
        condition = read_condition(text)
    except ValueError:
        return
    assert condition.tag
    assert condition.holds("5") in (True, False)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=30), st.integers().map(str), st.floats().map(str)), max_size=5), st.sampled_from(["", "%d.%m.%Y", "%", "%Q"]))  # fmt: skip
def test_any_times_of_a_table_are_instants_or_none(texts: list[str], written: str) -> None:
    try:
        found = instants(polars.Series("t", texts, polars.String), "Europe/Berlin", written)
    except polars.exceptions.PolarsError:
        assert written not in ("", "%d.%m.%Y")
        return
    assert len(found) == len(texts)
    assert found.dtype == polars.Int64


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_any_bytes_that_are_dropped_are_read_or_put_aside(ending: str, tmp_path: Path) -> None:
    draw = random.Random(5)
    good = tmp_path / f"good.{ending}"
    frame = polars.DataFrame({"time": ["2025-03-03 07:00:00"] * 5, "load": [1.0, 2.0, 3.0, 4.0, 5.0]})
    write: dict[str, Callable[[Path], object]] = {
        "csv": frame.write_csv, "parquet": frame.write_parquet,
        "xlsx": lambda path: written(frame, path),
    }  # fmt: skip
    write[ending](good)
    data = good.read_bytes()
    good.unlink()
    drop = tmp_path / "drop"
    drop.mkdir()
    for number in range(25):
        spoilt = bytearray(data)
        for _ in range(draw.randint(1, 6)):
            spoilt[draw.randrange(len(spoilt))] = draw.randrange(256)
        if number % 3 == 0:
            del spoilt[draw.randrange(len(spoilt)) :]
        (drop / f"{number:02}.{ending}").write_bytes(bytes(spoilt))
    with collecting(("mill", FolderOfFiles("mill", drop, settled=0.0, once=True))) as found:
        assert found.collector is not None
        found.until(lambda: all(state.state != "reading" for state in found.collector.states()), 30)  # type: ignore[union-attr]
    assert not found.of("PW5004"), found.notes
    left = list(drop.glob(f"*.{ending}"))
    assert not left or found.of("PW5002"), found.notes


def written(frame: polars.DataFrame, path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in [frame.columns, *frame.iter_rows()]:
        book.active.append(row)
    book.save(path)


def test_altered_frames_are_never_taken_for_whole_ones() -> None:
    batch = Batch("mill", Samples.of([0, 1], [1, 2], [1.0, 2.0]), Events.of([2], [3], ["é"]), {"next": 7})
    whole = encode(frame_of([batch])) + encode(Frame({0: Tag("a", "sample", "mill")})) + encode(frame_of([batch]))
    ends = [0, *(end for end, _ in frames(whole))]
    assert ends[-1] == len(whole)
    draw = random.Random(9)
    for _ in range(400):
        data, at = bytearray(whole), draw.randrange(len(whole))
        if draw.random() < 0.3:
            del data[at:]
        else:
            data[at] ^= draw.randrange(1, 256)
        before = max(end for end in ends if end <= at)
        assert [end for end, _ in frames(bytes(data))] == [end for end in ends[1:] if end <= before]
        later = later_frame(bytes(data), before)
        assert later is None or later in ends


def test_an_altered_manifest_is_refused(tmp_path: Path) -> None:
    whole, draw = Manifest(positions={"mill": {"at": {"next": 7}}}).encode(), random.Random(3)
    for _ in range(200):
        data, at = bytearray(whole), draw.randrange(len(whole) - 1)
        data[at] ^= draw.randrange(1, 256)
        (tmp_path / NAME).write_bytes(bytes(data))
        with pytest.raises(PlantwrightError):
            read_manifest(tmp_path)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@example("a", "b\nhistory: elsewhere", "x: &y")
@example("\x85", "\0", "\u2028")
@given(NAMES, NAMES, NAMES)
def test_what_a_machine_calls_itself_is_text_in_the_draft_and_nothing_else(name: str, note: str, value: str) -> None:
    text = draft_text(
        [Draft(name, {"connector": "modbus", "host": value, "registers": {value: {"address": 0}}}, (), (note,))]
    )
    root, problems = parse(text, "draft.yaml")
    assert not problems
    read = plain(root)
    assert set(read) == {"format", "history", "sources"}
    assert read["sources"] == {name: {"connector": "modbus", "host": value, "registers": {value: {"address": "0"}}}}
