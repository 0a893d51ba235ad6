"""What every connector holds to (docs/reference/connectors.md), asked of each in the same way.

A connector's test module has a `Rig`, a source with a machine behind it that can be cut and made to lie, and a class of tests::

    class TestOfTheChecklist(Checklist):
        @pytest.fixture
        def rig(self) -> Iterator[Rig]:
            with running(server()) as it:
                yield MyRig(it)

What a protocol cannot be asked is skipped with its reason.
"""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from plantwright.shopfloor.collecting.collector import Collector, Pauses
from plantwright.shopfloor.config import CollectorConfig, SourceConfig
from plantwright.shopfloor.connectors import Connector, ConnectorKind, Inlet
from plantwright.shopfloor.history import Recorder
from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.readings import Quality

QUICK = Pauses(first=0.02, longest=0.1, quarantine=60.0)
EVER = (0, 2**62)


class Rig:
    """A source under test. What it cannot do it leaves; the check is skipped then."""

    sample = ""
    """The name of the tag that `say` changes."""
    resumes = True
    """Whether what was said while the connection was cut is read afterwards (else a gap is kept)."""
    remembers = True
    """Whether what was said while the collector was not running is read afterwards (else a gap is kept)."""
    secret = ""
    """A password with which it is read."""
    limits: dict[str, Any] = {}  # noqa: RUF012
    """Words of every source (``longest_silence`` and so on)."""

    def connector(self) -> Connector:
        """A new connector that reads it."""
        raise NotImplementedError

    def say(self, number: float) -> None:
        """The machine has a new value now."""
        raise NotImplementedError

    def cut(self) -> None:
        """The machine is not reached any longer."""
        pytest.skip("cannot be cut")

    def mend(self) -> None:
        """It is reached again."""

    def unavailable(self) -> None:
        """The machine does not know its value any longer."""
        pytest.skip("the protocol has no word for unavailable")

    def rubbish(self) -> None:
        """The machine says something that is no reading, once."""
        pytest.skip("can say nothing that is no reading")

    def off(self, seconds: float) -> None:
        """The machine's clock goes wrong by so much."""
        pytest.skip("has no clock")


@dataclass
class Collected:
    """What a collector reads, while it runs."""

    history: Any
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    collector: Collector | None = None

    def say(self, source: str, code: str, text: str) -> None:
        self.notes.append((source, code, text))

    def of(self, code: str, source: str | None = None) -> list[str]:
        """What was said under a code."""
        return [text for name, known, text in self.notes if known == code and source in (None, name)]

    def number(self, tag: str) -> int | None:
        names = [known.name for known in self.history.tags()]
        return names.index(tag) if tag in names else None

    def values(self, tag: str) -> list[float]:
        """Good samples of a tag, in their order."""
        number = self.number(tag)
        if number is None:
            return []
        frame = self.history.samples([number], *EVER)
        return [v for v, q in zip(frame["value"], frame["quality"], strict=True) if q == Quality.GOOD]

    def samples(self, tag: str) -> list[tuple[float, int]]:
        """All samples of a tag with their quality."""
        number = self.number(tag)
        if number is None:
            return []
        frame = self.history.samples([number], *EVER)
        return list(zip(frame["value"], frame["quality"], strict=True))

    def events(self, tag: str) -> list[tuple[str, dict[str, Any]]]:
        """The events of a tag with their details."""
        number = self.number(tag)
        if number is None:
            return []
        frame = self.history.events([number], *EVER)
        return [(v, json.loads(d) if d else {}) for v, d in zip(frame["value"], frame["detail"], strict=True)]

    def until(self, holds: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something holds."""
        limit = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < limit, f"did not come within {seconds} s; said: {self.notes}"
            time.sleep(0.01)


KIND = ConnectorKind("tested", "is tested", (), lambda name: None)  # type: ignore[arg-type, return-value]


@contextmanager
def collecting(
    *connectors: tuple[str, Connector],
    history: Recorder | None = None,
    pauses: Pauses = QUICK,
    clock: Callable[[], int] = time.time_ns,
    **limits: Any,
) -> Iterator[Collected]:
    """Run a collector of some connectors by their names."""
    kept = MemoryHistory() if history is None else history
    found = Collected(kept)
    sources = {name: SourceConfig(name, KIND, connector, **limits) for name, connector in connectors}
    found.collector = Collector(CollectorConfig("", sources), kept, say=found.say, pauses=pauses, clock=clock)
    found.collector.start()
    try:
        yield found
    finally:
        assert found.collector.stop(), "the collector did not end in time"


@dataclass
class Beats:
    """A source beside the one under test, which must go on whatever that does."""

    count: int = 0

    def run(self, inlet: Inlet) -> None:
        while not inlet.stopping.wait(0.02):
            self.count += 1
            inlet.alive()


def gaps(found: Collected) -> list[tuple[str, dict[str, Any]]]:
    """The gaps that were kept of the source under test."""
    return found.events("mill/gaps")


def a_gap_is_kept(found: Collected) -> None:
    """Wait until a gap is kept, with its reason, start and end."""
    found.until(lambda: bool(gaps(found)))
    reason, gap = gaps(found)[0]
    assert reason
    assert gap["start"] < gap["end"] <= time.time_ns()


class Checklist:
    """One test for each point that can be asked of every connector."""

    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        raise NotImplementedError

    def begun(self, rig: Rig, found: Collected, number: float = 1.0) -> None:
        """Wait until the source is read: say a number until it comes."""
        limit = time.monotonic() + 10
        while number not in found.values(rig.sample):
            assert time.monotonic() < limit, f"not read within 10 s; said: {found.notes}"
            rig.say(number)
            time.sleep(0.05)

    def test_what_is_said_is_read_in_its_order(self, rig: Rig) -> None:
        with collecting(("mill", rig.connector()), **rig.limits) as found:
            self.begun(rig, found)
            for number in range(2, 8):
                rig.say(number)
            found.until(lambda: 7 in found.values(rig.sample))
            assert [v for v in found.values(rig.sample) if v > 1] == list(range(2, 8))

    def test_a_cut_connection_comes_back(self, rig: Rig) -> None:
        with collecting(("mill", rig.connector()), **rig.limits) as found:
            self.begun(rig, found)
            rig.cut()
            found.until(lambda: bool(found.of("PW5001")))
            if rig.resumes:
                for number in (2, 3, 4):
                    rig.say(number)
            rig.mend()
            self.begun(rig, found, 5)
            if rig.resumes:
                assert [v for v in found.values(rig.sample) if 1 < v < 5] == [2, 3, 4]
                assert gaps(found) == []
            else:
                a_gap_is_kept(found)

    def test_a_collector_that_starts_again_goes_on(self, rig: Rig) -> None:
        history = MemoryHistory()
        with collecting(("mill", rig.connector()), history=history, **rig.limits) as found:
            self.begun(rig, found)
        if rig.remembers:
            for number in (2, 3, 4):
                rig.say(number)
        with collecting(("mill", rig.connector()), history=history, **rig.limits) as found:
            self.begun(rig, found, 5)
            if rig.remembers:
                assert [v for v in found.values(rig.sample) if 1 < v < 5] == [2, 3, 4]
                assert gaps(found) == []
            else:
                a_gap_is_kept(found)

    def test_unavailable_is_data(self, rig: Rig) -> None:
        with collecting(("mill", rig.connector()), **rig.limits) as found:
            self.begun(rig, found)
            rig.unavailable()
            found.until(lambda: found.samples(rig.sample)[-1][1] == Quality.UNAVAILABLE)
            assert math.isnan(found.samples(rig.sample)[-1][0])
            self.begun(rig, found, 2)

    def test_rubbish_is_told_and_not_kept_and_others_go_on(self, rig: Rig) -> None:
        beats = Beats()
        with collecting(("mill", rig.connector()), ("lathe", beats), **rig.limits) as found:
            self.begun(rig, found)
            before = len(found.samples(rig.sample))
            rig.rubbish()
            found.until(lambda: any(name == "mill" for name, code, _ in found.notes if code != "PW5001"))
            at = beats.count
            self.begun(rig, found, 2)
            found.until(lambda: beats.count > at)
            assert {v for v, q in found.samples(rig.sample)[before:] if q == Quality.GOOD} <= {1.0, 2.0}
            assert not found.of("PW5004"), found.notes

    def test_a_clock_that_is_off_by_a_year_is_quarantined(self, rig: Rig) -> None:
        beats = Beats()
        rig.off(-365 * 86_400)
        with collecting(("mill", rig.connector()), ("lathe", beats), **rig.limits) as found:
            found.until(lambda: bool(found.of("PW5002", "mill")))
            at = beats.count
            found.until(lambda: beats.count > at)

    def test_it_ends_when_it_is_asked_to(self, rig: Rig) -> None:
        with collecting(("mill", rig.connector()), **rig.limits) as found:
            self.begun(rig, found)
            time.sleep(0.1)
            begin = time.monotonic()
        assert time.monotonic() - begin < 3
        running = [thread.name for thread in threading.enumerate() if thread.name == "source mill"]
        assert not running

    def test_a_secret_is_not_told(self, rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
        if not rig.secret:
            pytest.skip("has no secret")
        caplog.set_level(logging.DEBUG)
        connector = rig.connector()
        assert rig.secret not in repr(connector)
        with collecting(("mill", connector), **rig.limits) as found:
            self.begun(rig, found)
        assert rig.secret not in caplog.text
        assert rig.secret not in str(found.notes)
