"""The collector with small sources of its own: nothing lost, nothing twice, rubbish sorted out, one source never in another's way."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from plantwright.shopfloor.collecting.collector import Collector, Pauses
from plantwright.shopfloor.collecting.deadband import Deadband
from plantwright.shopfloor.config import CollectorConfig, SourceConfig
from plantwright.shopfloor.connectors import ConnectionLost, ConnectorKind, Inlet
from plantwright.shopfloor.history import HistoryFull
from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.readings import NANOSECONDS, Batch, Events, Quality, Samples, Tag

QUICK = Pauses(first=0.01, longest=0.05, quarantine=30.0)
EVER = (0, 2**62)


@dataclass
class Told:
    """A source that does what a function says."""

    function: Callable[[Inlet], None]
    runs: int = 0

    def run(self, inlet: Inlet) -> None:
        self.runs += 1
        self.function(inlet)


@dataclass
class Notes:
    """What the collector said."""

    told: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, source: str, code: str, text: str) -> None:
        self.told.append((source, code, text))

    def of(self, code: str) -> list[str]:
        return [text for _, known, text in self.told if known == code]


def source(name: str, function: Callable[[Inlet], None], **limits: object) -> SourceConfig:
    kind = ConnectorKind("told", "does what a test says", (), Told)
    return SourceConfig(name, kind, Told(function), **limits)  # type: ignore[arg-type]


def collect(
    history: MemoryHistory, *sources: SourceConfig, seconds: float = 5.0, until: Callable[[], bool] | None = None
) -> Notes:
    """Run a collector until all its sources are done, or something holds."""
    notes, end = Notes(), threading.Event()
    collector = Collector(CollectorConfig("", {s.name: s for s in sources}), history, say=notes, pauses=QUICK)
    limit = time.monotonic() + seconds

    def watch(_: object) -> None:
        if (until is not None and until()) or time.monotonic() > limit:
            end.set()

    collector.run(end, watch)
    return notes


def values(history: MemoryHistory, name: str) -> list[float]:
    number = [tag.name for tag in history.tags()].index(name)
    return history.samples([number], *EVER)["value"].to_list()


def texts(history: MemoryHistory, name: str) -> list[str]:
    number = [tag.name for tag in history.tags()].index(name)
    return history.events([number], *EVER)["value"].to_list()


def now() -> int:
    return time.time_ns()


def counts(name: str = "mill/count", most: int = 10) -> Callable[[Inlet], None]:
    """A source that counts to ten, goes on where it stopped, and loses its connection at every third."""

    def run(inlet: Inlet) -> None:
        (tag,) = inlet.declare([Tag(name, "sample", "mill")])
        start = inlet.resume["next"] if inlet.resume else 0
        for i in range(start, most):
            inlet.put(Samples.of([tag], [now()], [i]), position={"next": i + 1})
            if i % 3 == 2:
                raise ConnectionLost("the cable is out")

    return run


def test_a_lost_connection_costs_nothing_where_the_source_can_go_on() -> None:
    history = MemoryHistory()
    notes = collect(history, source("mill", counts()))
    assert values(history, "mill/count") == list(range(10))
    assert notes.of("PW5001") == ["not connected: the cable is out; it is tried again"]
    assert texts(history, "mill/notes") == ["not connected: the cable is out; it is tried again"]


def test_a_collector_that_starts_again_goes_on_where_the_history_ends() -> None:
    history = MemoryHistory()
    collect(history, source("mill", counts(most=5)))
    collect(history, source("mill", counts(most=10)))
    assert values(history, "mill/count") == list(range(10))
    assert history.positions()["mill"]["at"] == {"next": 10}


def test_a_source_that_cannot_resume_leaves_a_gap_with_its_reason() -> None:
    history = MemoryHistory()

    def run(inlet: Inlet) -> None:
        inlet.cannot_resume("the collector was not running")
        (tag,) = inlet.declare([Tag("mill/load", "sample", "mill")])
        inlet.put(Samples.of([tag], [now()], [1.0]), position={})

    collect(history, source("mill", run))
    before = now()
    collect(history, source("mill", run))
    number = [tag.name for tag in history.tags()].index("mill/gaps")
    gaps = history.events([number], *EVER)
    assert gaps["value"].to_list() == ["the collector was not running"]
    gap = json.loads(gaps["detail"][0])
    assert gap["start"] < before < gap["end"]


def test_a_source_that_fails_is_tried_again_and_others_go_on() -> None:
    history = MemoryHistory()

    def fails(inlet: Inlet) -> None:
        raise ValueError("no such node")

    notes = collect(
        history,
        source("lathe", fails),
        source("mill", counts()),
        until=lambda: "mill/count" in str(history.tags()) and len(values(history, "mill/count")) == 10,
    )
    assert values(history, "mill/count") == list(range(10))
    assert notes.of("PW5004") == ["the connector failed: ValueError: no such node; it is tried again"]


def test_rubbish_is_counted_said_and_left_out() -> None:
    history = MemoryHistory()

    def run(inlet: Inlet) -> None:
        number, word = inlet.declare([Tag("mill/load", "sample", "mill"), Tag("mill/program", "event", "mill")])
        t = now()
        late = t + 10 * 365 * 86_400 * NANOSECONDS
        inlet.put(Samples.of([number] * 4, [t, t + 1, late, t + 2], [1.0, np.nan, 2.0, np.inf]))
        inlet.put(Samples.of([number], [t + 3], [np.nan], Quality.UNAVAILABLE))
        inlet.put(events=Events.of([word] * 2, [t, t], ["x" * 1_000_000, "O1000"]))
        inlet.reject(number, "abc", "not a number")

    notes = collect(history, source("mill", run))
    kept = values(history, "mill/load")
    assert kept[0] == 1.0
    assert np.isnan(kept[1])
    assert len(kept) == 2
    assert texts(history, "mill/program") == ["O1000"]
    said = notes.of("PW5022")
    assert any("2 readings, such as nan: not a finite number" in text for text in said)
    assert any("87,600 hours ahead" in text for text in said)
    assert any("a text of 1,000,000 characters" in text for text in said)
    assert any("'abc': not a number" in text for text in said)


def test_a_source_of_rubbish_only_is_quarantined_and_others_go_on() -> None:
    history = MemoryHistory()

    def rubbish(inlet: Inlet) -> None:
        (tag,) = inlet.declare([Tag("lathe/load", "sample", "lathe")])
        while not inlet.stopping.is_set():
            inlet.put(Samples.of([tag] * 60, [now()] * 60, [np.nan] * 60))

    def many(inlet: Inlet) -> None:
        inlet.declare([Tag(f"saw/{i}", "sample", "saw") for i in range(200_000)])

    def lying(inlet: Inlet) -> None:
        inlet.clock(now() - 10 * 365 * 86_400 * NANOSECONDS)

    sources = [source("lathe", rubbish), source("saw", many), source("press", lying), source("mill", counts())]
    notes = collect(history, *sources, seconds=1.5)
    assert values(history, "mill/count") == list(range(10))
    by_source = {name: text for name, code, text in notes.told if code == "PW5002"}
    assert "120 of 120 readings within 60 s are rubbish" in by_source["lathe"]
    assert "200,000 tags, and at most 20,000 of one source are read" in by_source["saw"]
    assert "its clock is 3,650 days behind" in by_source["press"]
    assert [s.connector.runs for s in sources[:3]] == [1, 1, 1]  # type: ignore[attr-defined]
    assert len(history.tags()) < 50


def test_two_sources_do_not_write_into_one_tag() -> None:
    history = MemoryHistory()
    notes = collect(history, source("mill", counts("mill/count")), source("lathe", counts("mill/count")), seconds=1.0)
    (said,) = notes.of("PW5002")
    assert "'mill/count' is one of" in said
    assert values(history, "mill/count") == list(range(10))


class Full(MemoryHistory):
    """A history whose disk is full until a person makes room."""

    def __init__(self) -> None:
        super().__init__()
        self.room = threading.Event()
        self.refused = 0

    def append(self, batches: list[Batch]) -> None:  # type: ignore[override]
        if not self.room.is_set():
            self.refused += 1
            raise HistoryFull("the disk is full: 0 MB free")
        super().append(batches)


def test_a_full_disk_stops_with_an_error_and_goes_on_when_there_is_room() -> None:
    history = Full()
    threading.Timer(0.6, history.room.set).start()
    notes = collect(
        history,
        source("mill", counts()),
        until=lambda: history.room.is_set() and len(history.tags()) > 3 and len(values(history, "mill/count")) == 10,
    )
    assert history.refused
    assert values(history, "mill/count") == list(range(10))
    first, second = notes.of("PW5101")
    assert "the disk is full" in first
    assert "there is room again" in second


def test_a_source_that_cannot_wait_drops_with_a_gap_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plantwright.shopfloor.collecting.inlet.MOST_WAITING", 100)
    history = Full()

    def run(inlet: Inlet) -> None:
        (tag,) = inlet.declare([Tag("mill/load", "sample", "mill")])
        taken = [inlet.offer(Samples.of([tag] * 50, [now() + i for i in range(50)], range(50))) for _ in range(4)]
        assert taken == [True, True, False, False]
        history.room.set()
        assert inlet.flush(10)
        assert inlet.offer(Samples.of([tag], [now()], [99.0]))

    notes = collect(history, source("mill", run))
    assert len(values(history, "mill/load")) == 101
    assert "100 readings were dropped" in notes.of("PW5020")[0]
    assert texts(history, "mill/gaps") == ["dropped"]


def test_flush_waits_until_all_is_kept() -> None:
    history = MemoryHistory()
    kept = []

    def run(inlet: Inlet) -> None:
        (tag,) = inlet.declare([Tag("mill/load", "sample", "mill")])
        inlet.put(Samples.of([tag], [now()], [1.0]))
        assert inlet.flush()
        kept.extend(values(history, "mill/load"))

    collect(history, source("mill", run))
    assert kept == [1.0]


def test_a_deadband_keeps_the_first_the_changes_and_now_and_then_one() -> None:
    deadband = Deadband(longest=10.0)
    deadband.set(1, 0.5)
    seconds = [0, 1, 2, 3, 4, 13, 15, 16]
    given = Samples.of(
        [1] * 8, [s * NANOSECONDS for s in seconds], [5.0, 5.4, 5.6, 5.5, 5.2, 5.6, 5.6, 5.6], [0] * 7 + [3]
    )
    kept = deadband(given)
    assert (kept.time // NANOSECONDS).tolist() == [0, 2, 13, 16]
    other = Samples.of([2, 2], [0, 1], [1.0, 1.0])
    assert len(deadband(other)) == 2


def test_clock_skew_is_kept_and_said_when_it_is_large() -> None:
    from plantwright.shopfloor.collecting.inlet import SourceInlet

    history, notes, clock = MemoryHistory(), Notes(), [1_000 * 60 * NANOSECONDS]
    inlet = SourceInlet(source("mill", counts()), history.declare, lambda: clock[0], lambda: None, notes)
    for i in range(61):
        clock[0] += NANOSECONDS
        # 12 s behind; what is on the way takes 0.2 s and now and then 3 s more
        inlet.clock(clock[0] - int((12.2 + 3 * (i % 5 == 0)) * NANOSECONDS))
    assert notes.of("PW5021") == ["its clock is 12 s behind the collector's; set both by NTP"]
    (batch,) = [batch for batch in inlet.take() if len(batch.samples)]
    assert batch.samples.value.tolist() == pytest.approx([-12.2])


def test_no_data_is_an_alarm_that_ends() -> None:
    history = MemoryHistory()

    def run(inlet: Inlet) -> None:
        inlet.alive()
        inlet.stopping.wait(1.5)
        inlet.alive()
        inlet.stopping.wait(0.6)

    notes = collect(history, source("mill", run, no_data_after=1.0))
    assert notes.of("PW5030") == ["no data for 1 s; is the machine on, is the network up?"]
    assert notes.of("PW5031") == ["data again"]


def test_a_source_with_little_patience_is_told_to_be_heard_often_enough() -> None:
    def quiet(inlet: Inlet) -> None:
        for _ in range(60):
            inlet.alive()
            time.sleep(0.01)

    history = MemoryHistory()
    collect(history, source("mill", quiet, no_data_after=0.2))
    beats = [number for number, tag in enumerate(history.tags()) if tag.type == "HEARD"]
    times = history.events(beats, *EVER)["time"].to_physical().to_numpy() / NANOSECONDS
    assert len(times) >= 4
    assert np.diff(times).max() < 0.2
