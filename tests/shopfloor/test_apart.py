"""A connector in a process of its own: what it says, how it ends, and what happens when its process is killed."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from typing import Any

import pytest

from plantwright.shopfloor.collecting.collector import Collector, Pauses
from plantwright.shopfloor.config import CollectorConfig, SourceConfig, parse_config
from plantwright.shopfloor.connectors import ConnectionLost, Inlet, SourceQuarantined
from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.readings import Samples, Tag
from tests.shopfloor.checklist import KIND, Collected


@dataclass
class Counts:
    """Counts from where it was, in pieces; what it is told to do happens at a number."""

    up_to: int = 0
    at: int = -1
    does: str = ""

    def run(self, inlet: Inlet) -> None:
        tags = [Tag("mill/number", "sample", "mill", "mill"), Tag("mill/process", "sample", "mill", "mill")]
        wanted = [tag for tag in tags if inlet.wants(tag)]
        ids = inlet.declare(wanted)
        inlet.put(Samples.of([ids[1]], [time.time_ns()], [os.getpid()]))
        begin = number = int((inlet.resume or {}).get("next", 0))
        while number < self.up_to and not inlet.stopping.is_set():
            if number == self.at and begin == 0:
                self._do(inlet, ids[0])
            now = time.time_ns()
            inlet.put(
                Samples.of([ids[0]] * 10, range(now, now + 10), range(number, number + 10)),
                position={"next": number + 10},
            )
            number += 10
        assert inlet.flush()
        assert (inlet.safe or {}).get("next") is not None or not self.up_to
        while not inlet.stopping.wait(0.05):
            inlet.alive()

    def _do(self, inlet: Inlet, tag: int) -> None:
        if self.does == "lost":
            inlet.gap(1, 2, "lost")
            raise ConnectionLost("it is off")
        if self.does == "fails":
            raise RuntimeError("a fault")
        if self.does == "quarantined":
            raise SourceQuarantined("all rubbish")
        if self.does == "killed":
            assert inlet.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        if self.does == "rubbish":
            inlet.reject(tag, "x", "is no number")


def collected(connector: Any, holds: Any, **more: Any) -> Collected:
    """What a connector in a process of its own reads until something holds."""
    found = Collected(MemoryHistory())
    source = SourceConfig("mill", KIND, connector, own_process=True, **more)
    pauses = Pauses(first=0.02, longest=0.1, quarantine=60.0)
    collector = Collector(CollectorConfig("", {"mill": source}), found.history, say=found.say, pauses=pauses)
    collector.start()
    try:
        found.until(lambda: holds(found), 40.0)
    finally:
        assert collector.stop()
    return found


def counted(found: Collected) -> list[float]:
    return found.values("mill/number")


@pytest.mark.parametrize(
    ("does", "code"), [("lost", "PW5001"), ("fails", "PW5004"), ("rubbish", "PW5022"), ("killed", "PW5001")]
)
def test_it_is_read_and_gone_on_with(does: str, code: str) -> None:
    if does == "killed" and os.name != "posix":
        pytest.skip("has no SIGKILL")
    found = collected(Counts(300, 100, does), lambda found: 299 in counted(found) and bool(found.of(code)))
    own = found.values("mill/process")
    assert os.getpid() not in own
    assert len(set(own)) == (2 if does == "killed" else 1)
    assert counted(found) == list(range(300))
    wanted = {"lost": "it is off", "fails": "RuntimeError: a fault", "rubbish": "is no number", "killed": "has ended"}
    assert wanted[does] in found.of(code)[0]


def test_rubbish_quarantines_it() -> None:
    found = collected(Counts(300, 100, "quarantined"), lambda found: bool(found.of("PW5002")))
    assert counted(found) == list(range(100))


def test_the_file_says_so() -> None:
    text = "sources:\n  mill:\n    connector: files\n    folder: drop\n    own process: "
    assert parse_config(text + "yes").sources["mill"].own_process
    assert not parse_config(text + "no").sources["mill"].own_process
