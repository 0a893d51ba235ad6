"""The log of a run as a file: the same in every format, whole or not there, and XES as the standard has it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import Counter
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from plantwright.actions import simulate_plant
from plantwright.actions.studies import OutputError
from plantwright.errors import Interrupted
from plantwright.exchange.run_log import log_file
from plantwright.plant import read_plant
from plantwright.simulation import Cancel, history

PLANT = """
plant: Two steps & <one> delay
time zone: America/New_York
start: 2026-03-07 00:00
people: {Ana: {skills: {turning: 1}}}
work centers: {lathe: {machines: 1}, press: {machines: 2}, rest: {machines: unlimited}}
products:
  'pin "A"':
    lot: 4 pieces
    release: {every: exponential 2 h}
    routing:
      - turn: {at: lathe, time: exponential 1 h/lot, staff: [{skill: turning}]}
      - press: {at: press, time: 30 min/lot, yield: 50 %}
      - cool: {at: rest, time: 10 min/lot}
"""
XES = "{http://www.xes-standard.org/}"
RUN = {"horizon": "2 d", "warmup": "1 d", "replications": 2}


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plant") / "plant.yaml"
    path.write_text(PLANT, "utf-8")
    return path


@pytest.fixture(scope="module")
def rows(plant: Path) -> pl.DataFrame:
    return history(read_plant(plant), horizon="2 d", warmup="1 d", replication=2).table()


def written(plant: Path, path: Path) -> Path:
    simulate_plant(plant, log=path, log_replication=2, **RUN)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    return path


def test_parquet_is_the_history(plant: Path, rows: pl.DataFrame, tmp_path: Path) -> None:
    assert rows.height > 300
    assert pl.read_parquet(written(plant, tmp_path / "log.parquet")).equals(rows)


def test_csv_is_the_history(plant: Path, rows: pl.DataFrame, tmp_path: Path) -> None:
    read = pl.read_csv(written(plant, tmp_path / "log.csv"), infer_schema_length=None)
    assert read.drop("timestamp").cast({"lot": pl.Int64}).equals(rows.drop("timestamp"))
    told = [datetime.fromisoformat(text) for text in read["timestamp"]]
    assert told == rows["timestamp"].to_list()


def test_the_clock_is_the_plants_own(rows: pl.DataFrame) -> None:
    """On 8 March 2026 clocks in New York go from 02:00 to 03:00: 27 hours after midnight of the 7th it is 04:00."""
    after = rows.filter(pl.col("time") > 27 * 3600).row(0, named=True)
    assert after["timestamp"].utcoffset().total_seconds() == -4 * 3600
    shown = after["timestamp"].replace(tzinfo=None) - datetime(2026, 3, 7)
    assert shown.total_seconds() == pytest.approx(after["time"] + 3600, abs=1e-5)


@pytest.fixture(scope="module")
def log(plant: Path, tmp_path_factory: pytest.TempPathFactory) -> ElementTree.Element:
    return ElementTree.parse(written(plant, tmp_path_factory.mktemp("xes") / "log.xes")).getroot()


class TestXes:
    def test_the_parts_stand_in_the_standards_order(self, log: ElementTree.Element) -> None:
        """IEEE 1849: extensions, globals, classifiers, attributes, traces; attributes of a trace before its events."""
        assert log.tag == XES + "log"
        assert set(log.attrib) == {"xes.version", "xes.features"}
        tags = [child.tag.removeprefix(XES) for child in log]
        order = ["extension", "global", "classifier", "string", "trace"]
        assert tags == sorted(tags, key=order.index)
        assert {child.get("scope") for child in log.iter(XES + "global")} == {"trace", "event"}
        for trace in log.iter(XES + "trace"):
            inside = [child.tag == XES + "event" for child in trace]
            assert inside == sorted(inside)

    def test_every_prefix_is_that_of_an_extension_and_every_global_is_given(self, log: ElementTree.Element) -> None:
        prefixes = {child.get("prefix") for child in log.iter(XES + "extension")}
        assert all(child.get("uri", "").endswith(".xesext") for child in log.iter(XES + "extension"))
        for element in log.iter():
            prefix, colon, _ = element.get("key", "").partition(":")
            assert not colon or prefix in prefixes
        needed = {"concept:name", "lifecycle:transition", "time:timestamp"}
        for event in log.iter(XES + "event"):
            assert needed <= {child.get("key") for child in event}
        classifiers = {key for child in log.iter(XES + "classifier") for key in child.get("keys", "").split()}
        assert classifiers <= needed

    def test_values_are_of_their_types(self, log: ElementTree.Element) -> None:
        standard = {"schedule", "assign", "withdraw", "start", "complete"}
        for event in log.iter(XES + "event"):
            found = {child.get("key"): child for child in event}
            assert found["lifecycle:transition"].get("value") in standard
            assert found["time:timestamp"].tag == XES + "date"
            assert datetime.fromisoformat(found["time:timestamp"].get("value", "")).utcoffset() is not None
            if "amount" in found:
                assert found["amount"].tag == XES + "float"
                float(found["amount"].get("value", ""))

    def test_all_that_happened_is_there_once(self, log: ElementTree.Element, rows: pl.DataFrame) -> None:
        found = Counter(
            (datetime.fromisoformat(keys["time:timestamp"]), keys["concept:name"], keys.get("org:resource"))
            for event in log.iter(XES + "event")
            for keys in [{child.get("key", ""): child.get("value", "") for child in event}]
        )
        names = {"queued": "operation", "started": "operation", "ended": "operation", "state": "detail"}
        wanted = Counter(
            (row["timestamp"], row[names[row["what"]]] if row["what"] in names else row["what"], row["machine"])
            for row in rows.iter_rows(named=True)
        )
        assert found == wanted

    def test_a_trace_is_a_lot_in_the_order_of_time(self, log: ElementTree.Element, rows: pl.DataFrame) -> None:
        traces = [
            {c.get("key", ""): c.get("value", "") for c in trace if c.tag != XES + "event"}
            for trace in log.iter(XES + "trace")
        ]
        lots = [trace["concept:name"] for trace in traces if trace["of"] == "lot"]
        assert sorted(lots) == sorted(f'pin "A" {lot}' for lot in rows["lot"].drop_nulls().unique())
        machines = [trace["concept:name"] for trace in traces if trace["of"] == "machine"]
        assert machines == ["machine lathe / lathe", "machine press / press 1", "machine press / press 2"]
        for trace in log.iter(XES + "trace"):
            times = [c.get("value", "") for event in trace.iter(XES + "event") for c in event if c.tag == XES + "date"]
            assert times == sorted(times, key=datetime.fromisoformat)

    def test_who_worked_is_told(self, log: ElementTree.Element) -> None:
        turned = [
            {child.get("key", ""): child.get("value", "") for child in event}
            for event in log.iter(XES + "event")
            if event.find(XES + "string").get("value") == "turn"  # type: ignore[union-attr]
        ]
        assert {keys.get("people") for keys in turned if keys["lifecycle:transition"] != "schedule"} == {"Ana"}


@pytest.mark.parametrize("ending", ["csv", "parquet", "xes"])
def test_a_log_that_is_not_complete_is_not_there(plant: Path, tmp_path: Path, ending: str) -> None:
    frame = history(read_plant(plant), horizon="1 d").table()
    with log_file(tmp_path / f"log.{ending}", "plant") as log:
        log.write(frame)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RuntimeError, match="disk"):
        _break_off(tmp_path / f"log.{ending}", frame)
    assert list(tmp_path.iterdir()) == []


def _break_off(path: Path, frame: pl.DataFrame) -> None:
    with log_file(path, "plant") as log:
        log.write(frame)
        log.complete()
        raise RuntimeError("no more disk")


def test_a_run_that_is_stopped_leaves_the_old_log(plant: Path, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("of yesterday", "utf-8")
    cancel = Cancel()
    cancel.stop()
    with pytest.raises(Interrupted):
        simulate_plant(plant, log=path, cancel=cancel, **RUN)
    assert [(file.name, file.read_text("utf-8")) for file in tmp_path.iterdir()] == [("log.csv", "of yesterday")]


def test_a_log_that_cannot_be_written_is_refused_before_any_work(plant: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"may be \.parquet, \.csv, \.xes"):
        simulate_plant(plant, log=tmp_path / "log.txt", **RUN)
    with pytest.raises(OutputError, match="does not exist"):
        simulate_plant(plant, log=tmp_path / "nowhere" / "log.csv", **RUN)
    with pytest.raises(ValueError, match="there are 2 replications"):
        simulate_plant(plant, log=tmp_path / "log.csv", log_replication=3, **RUN)


PARTS = """
plant: Parts that come and go
work centers: {m1: {machines: 1}, m2: {machines: 1}, m3: {machines: 1}, m4: {machines: 1}, m5: {machines: 1}}
products:
  part:
    lot: 4 pieces
    release: {every: exponential 2 h}
    routing:
      - cut: {at: m1, time: 10 min/lot, defects: {scratch: 20 %}}
      - mill: {at: m2, time: 30 min/lot, after: cut, yield: 60 %}
      - paint: {at: m3, time: 50 min/lot, after: cut, yield: 60 %}
      - look: {at: m4, time: 5 min/lot, after: [mill, paint], finds: {scratch: 90 %}}
  bar:
    lot: 6 pieces
    release: {every: exponential 3 h}
    routing:
      - saw: {at: m1, time: 10 min/lot, split: 3 lots}
      - turn: {at: m5, time: 10 min/lot, yield: 50 %}
      - pack: {at: m4, time: 10 min/lot, merge: 2 lots}
"""


def test_every_lot_has_one_trace_whatever_becomes_of_it(tmp_path: Path) -> None:
    """Lots that are forked, joined, split, merged, and scrapped whole on the way, in the file as in the frame."""
    path = tmp_path / "plant.yaml"
    path.write_text(PARTS, "utf-8")
    simulate_plant(path, log=tmp_path / "log.xes", horizon="20 d", warmup=0.0, replications=2)
    rows = history(read_plant(path), horizon="20 d").table()
    assert {"split", "joined", "merged", "found", "scrapped", "completed"} <= set(rows["what"])
    traces: dict[str, int] = {}
    for trace in ElementTree.parse(tmp_path / "log.xes").getroot().iter(XES + "trace"):
        name = trace.find(XES + "string").get("value", "")  # type: ignore[union-attr]
        assert name not in traces
        traces[name] = len(trace.findall(XES + "event"))
    lots = rows.filter(pl.col("lot").is_not_null()).group_by("product", "lot").len()
    wanted = {f"{row['product']} {row['lot']}": row["len"] for row in lots.iter_rows(named=True)}
    assert {name: count for name, count in traces.items() if not name.startswith("machine ")} == wanted
