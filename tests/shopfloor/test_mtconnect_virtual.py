"""The virtual plant's agent, which is another hand's and whose documents are valid: all that it says is collected, once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import pytest

from plantwright.shopfloor.connectors.mtconnect import make
from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.virtual.faults import Faults
from plantwright.shopfloor.virtual.mtconnect.agent import Agent
from plantwright.shopfloor.virtual.mtconnect.server import AgentServer
from plantwright.shopfloor.virtual.observations import Observations
from tests.shopfloor.checklist import EVER, Collected, collecting
from tests.shopfloor.virtual.plants import plants, played


class Floor:
    """A virtual plant's agent that says what a test lets it."""

    def __init__(self, buffer: int) -> None:
        self.signals, parts = played(plants()["shop"], "10 d")
        self.faults = Faults()
        self.agent = Agent(self.signals.catalogue, buffer_size=buffer, faults=self.faults)
        self.server = AgentServer(self.agent)
        self.rows = [
            row for part in parts for row in zip(part.time, part.item, part.value, strict=True)
        ]  # fmt: skip
        # by the order of time, as machines would speak
        self.rows.sort(key=lambda row: row[0])

    def say(self, start: int, end: int) -> None:
        some = self.rows[start:end]
        self.server.write(Observations(*(list(column) for column in zip(*some, strict=True))))

    def said(self) -> Counter[tuple[str, int, str]]:
        """What was said by the machines' names and items, each once."""
        items = self.signals.catalogue.items
        known = {
            (
                f"{items[item][0].name} {items[item][1].key}",
                when,
                value.split("\t")[0].upper() if items[item][1].category == "CONDITION" else value,
            )
            for when, item, value in self.rows
        }
        return Counter(
            (
                name,
                when,
                repr(float(value))
                if name.endswith(("watts", "wear", "deviation")) and value != "UNAVAILABLE"
                else value,
            )
            for name, when, value in known
        )


def kept(found: Collected) -> Counter[tuple[str, int, str]]:
    """What was collected, in the same words."""
    read: Counter[tuple[str, int, str]] = Counter()
    for number, tag in enumerate(found.history.tags()):
        if not tag.address:
            continue
        name = f"{tag.machine} {tag.name.rpartition('/')[2].replace('_', ' ')}"
        samples, events = (kind([number], *EVER) for kind in (found.history.samples, found.history.events))
        for when, value, quality in zip(samples["time"].cast(int), samples["value"], samples["quality"], strict=True):
            read[(name, when, "UNAVAILABLE" if quality else repr(value))] += 1
        for when, value in zip(events["time"].cast(int), events["value"], strict=True):
            read[(name, when, value)] += 1
    return read


def next_of(history: MemoryHistory) -> int:
    return history.positions().get("floor", {}).get("at", {}).get("next", 0)  # type: ignore[no-any-return]


@pytest.fixture
def floor() -> Iterator[Floor]:
    floor = Floor(200_000)
    floor.server.start()
    yield floor
    floor.server.close()


def test_all_that_is_said_is_collected_through_cuts(floor: Floor) -> None:
    step = len(floor.rows) // 12
    floor.say(0, step)
    with collecting(("floor", make("floor", floor.server.url, interval=0.02, heartbeat=0.3, count=500))) as found:
        for i in range(1, 12):
            if i % 3 == 0:
                floor.faults.cut, floor.faults.cut_midway = True, i % 2 == 0
                time.sleep(0.15)
            floor.say(i * step, (i + 1) * step if i < 11 else len(floor.rows))
            floor.faults.cut = False
            time.sleep(0.05)
        said = floor.said()
        found.until(lambda: sum(kept(found).values()) >= sum(said.values()), 30)
        read = kept(found)
        assert not said - read
        assert {value for _, _, value in read - said} <= {"UNAVAILABLE"}
        assert found.of("PW5001")
        assert found.events("floor/gaps") == []


def test_what_the_agents_buffer_lost_is_a_gap_and_the_rest_is_read() -> None:
    small = Floor(1000)
    small.server.start()
    try:
        small.say(0, 500)
        history = MemoryHistory()
        with collecting(
            ("floor", make("floor", small.server.url, interval=0.02, heartbeat=0.3)), history=history
        ) as found:
            found.until(lambda: next_of(history) == 501)
        small.say(500, 4000)
        with collecting(
            ("floor", make("floor", small.server.url, interval=0.02, heartbeat=0.3)), history=history
        ) as found:
            found.until(lambda: next_of(history) == 4001)
            read, rows = kept(found), small.rows[:4000]
        wanted = {when for when, _, _ in rows[-999:]}
        assert wanted <= {when for _, when, _ in read}
        ((reason, gap),) = found.events("floor/gaps")
        assert "no longer holds" in reason
        assert (gap["start"], gap["end"]) == (rows[499][0], rows[-1000][0])
    finally:
        small.server.close()
