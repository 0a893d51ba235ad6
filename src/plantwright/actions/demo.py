"""The demonstration: from a running plant over its protocol, history and log back to the plant."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantwright.actions.registry import action
from plantwright.errors import PlantwrightError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plantwright.plant import Plant
    from plantwright.shopfloor.collecting.collector import Collector
    from plantwright.shopfloor.config import CollectorConfig
    from plantwright.shopfloor.machines.reports import Account
    from plantwright.shopfloor.virtual.running import VirtualPlant

LEVEL = 0.999
"""All numbers that were found hold together at this level."""
LONGEST = 300.0


class LoopError(PlantwrightError):
    """The loop could not be gone through."""

    code = "PW5310"


@dataclass(frozen=True)
class Compared:
    """A number of the plant that was run, and what was found of it."""

    path: str
    what: str
    true: float
    found: float
    low: float
    high: float
    records: int

    @property
    def within(self) -> bool:
        """Whether the true number lies within the interval."""
        return self.low <= self.true <= self.high


@dataclass(frozen=True)
class Loop:
    """What came of the loop.

    Parameters
    ----------
    plant : Plant
        The one that was run.
    observations, readings : int
        What its machines said, and what the history keeps.
    gaps : int
        Spans in which nothing is known of the source.
    accounts : sequence of Account
        Of each machine.
    numbers : sequence of Compared
    unmatched : sequence of str
        Paths of what was found, and is not in the plant.
    """

    plant: Plant
    folder: Path
    observations: int
    readings: int
    gaps: int
    accounts: Sequence[Account]
    numbers: Sequence[Compared]
    unmatched: Sequence[str]

    @property
    def closed(self) -> bool:
        """Whether all true numbers lie within their intervals."""
        return bool(self.numbers) and all(one.within for one in self.numbers) and not self.unmatched

    def to_dict(self) -> dict[str, Any]:
        """As a JSON document."""
        return {
            "schema": "plantwright.loop/1", "plant": self.plant.name, "start": self.plant.start.isoformat(), "folder": str(self.folder),
            "observations": self.observations, "readings": self.readings, "gaps": self.gaps, "level": LEVEL, "closed": self.closed,
            "machines": [account.to_dict() for account in self.accounts],
            "numbers": [
                {"path": one.path, "what": one.what, "true": one.true, "found": one.found, "low": one.low, "high": one.high, "records": one.records, "within": one.within}
                for one in self.numbers
            ],
            "not in the plant": list(self.unmatched),
        }  # fmt: skip


@action("machine.collect")
def demo_loop(
    folder: Path | None = None,
    *,
    seed: int = 3,
    say: Callable[[str], None] = lambda text: None,
    span: float | None = None,
) -> Loop:
    """Run a small plant, collect it by MTConnect knowing nothing but where it is served, and calibrate a plant of its history.

    Parameters
    ----------
    folder : Path, optional
        Where the plant, the collector's file, the history and the calibrated plant are kept; a new temporary folder without it.
    seed : int
    say : callable
        Is told what is done.
    span : float, optional
        Seconds of the plant that are run; ninety days without it.

    Raises
    ------
    LoopError
        Where the machines are not found, or not all of what they say comes.
    """
    from plantwright.plant import read_plant
    from plantwright.shopfloor.virtual.demonstration import PLANT, SPAN
    from plantwright.shopfloor.virtual.pace import ended
    from plantwright.shopfloor.virtual.running import VirtualPlant

    place = Path(tempfile.mkdtemp(prefix="plantwright-loop-")) if folder is None else folder
    place.mkdir(parents=True, exist_ok=True)
    (place / "plant.yaml").write_text(PLANT, encoding="utf-8")
    horizon = SPAN if span is None else span
    plant, pace = ended(read_plant(place / "plant.yaml"), time.time_ns(), horizon)
    virtual = VirtualPlant(plant, pace, horizon=horizon, seed=seed)
    with _served(virtual) as url:
        say(f"{plant.name} is served at {url}: {len(virtual.devices) - 1} machines, from {plant.start:%Y-%m-%d} on")
        config = _found(virtual, url, place, say)
        readings, gaps = _collected(virtual, config, say)
    window = (pace.zero, pace.zero + round(horizon * 1e9))
    accounts, numbers, unmatched = _understood(plant, place, window, say)
    return Loop(plant, place, virtual.said, readings, gaps, accounts, numbers, unmatched)


@contextmanager
def _served(virtual: VirtualPlant) -> Iterator[str]:
    from plantwright.shopfloor.virtual.serving import open_servers

    addresses = open_servers(virtual, "127.0.0.1", mtconnect=0, buffer=2_000_000)
    try:
        yield addresses["mtconnect"]
    finally:
        virtual.stop()
        for sink in virtual.sinks:
            sink.close()


def _found(virtual: VirtualPlant, url: str, place: Path, say: Callable[[str], None]) -> CollectorConfig:
    from plantwright.shopfloor.config import read_config
    from plantwright.shopfloor.discovering import discover_sources, draft_text
    from plantwright.shopfloor.virtual.demonstration import floor_words

    drafts = list(discover_sources(url, ["mtconnect"], timeout=10.0))
    if not drafts:
        raise LoopError(f"nothing answers at {url}; does a firewall forbid connections within this machine? [PW5310]")
    machines = {device.name: device.center for device in virtual.devices[:-1]}
    file = place / "shop-floor.yaml"
    file.write_text(draft_text(drafts) + floor_words(virtual.plant, machines), encoding="utf-8")
    say(f"discovered {sum(len(draft.offers) for draft in drafts)} tags; wrote {file}")
    return read_config(file)


def _collected(virtual: VirtualPlant, config: CollectorConfig, say: Callable[[str], None]) -> tuple[int, int]:
    """Run the plant while it is collected; how many readings are kept, and in how many gaps nothing is known."""
    from plantwright.shopfloor.collecting.collector import Collector
    from plantwright.shopfloor.history.opening import open_history, open_recorder

    began = time.monotonic()
    recorder = open_recorder(config.history)
    notes: list[str] = []
    try:
        collector = Collector(config, recorder, say=lambda source, code, text: notes.append(f"{text} [{code}]"))
        collector.start()
        worker = threading.Thread(target=virtual.run, daemon=True)
        try:
            worker.start()
            _wait(virtual, worker, collector, notes)
        finally:
            virtual.stop()
            collector.stop()
            worker.join(10.0)
        readings = sum(state.readings for state in collector.states())
    finally:
        recorder.close()
    history = open_history(config.history)
    own = [number for number, tag in enumerate(history.tags()) if tag.type == "GAP"]
    gaps = history.events(own, 0, 2**62).height
    say(
        f"{virtual.said:,} observations of {virtual.horizon / 86400:.0f} days collected in {time.monotonic() - began:.0f} s, {gaps} gaps"
    )
    return readings, gaps


def _wait(virtual: VirtualPlant, worker: threading.Thread, collector: Collector, notes: Sequence[str]) -> None:
    """Wait until all that was said is kept."""
    until = time.monotonic() + LONGEST
    while worker.is_alive() or sum(state.readings for state in collector.states()) < virtual.said:
        if time.monotonic() > until:
            kept = sum(state.readings for state in collector.states())
            told = f"; the collector says: {notes[-1]}" if notes else ""
            raise LoopError(
                f"only {kept:,} of {virtual.said:,} observations came within {LONGEST:.0f} s{told} [PW5310]"
            )
        time.sleep(0.05)
    time.sleep(0.1)


def _understood(
    plant: Plant, place: Path, window: tuple[int, int], say: Callable[[str], None]
) -> tuple[list[Account], list[Compared], list[str]]:
    """The KPIs of the machines, and the numbers of the plant that is made of their history beside the true ones."""
    from plantwright.actions.logs import calibrate_log
    from plantwright.actions.machines import history_log, machine_accounts, open_floor
    from plantwright.calibration.parameters import parameters_of
    from plantwright.shopfloor.virtual.demonstration import truth_of

    floor = open_floor(place / "shop-floor.yaml")
    machines = [tag.machine for tag in floor.history.tags() if tag.type == "EXECUTION"]
    accounts = machine_accounts(floor, window, machines)
    log = history_log(floor, window, machines)
    say(f"{log.table.height:,} records of work, setups and failures in the history; calibrating")
    found = calibrate_log(log, name=plant.name)
    (place / "calibrated.yaml").write_text(found.text(), encoding="utf-8")
    how_many = len(parameters_of(found.found))
    numbers, unmatched = [], []
    for one in parameters_of(found.found, 1.0 - (1.0 - LEVEL) / max(1, how_many)):
        true = truth_of(plant, one.path, one.what)
        if true is None:
            unmatched.append(f"{one.path}: {one.what}")
        else:
            numbers.append(Compared(one.path, one.what, true, one.value, one.low, one.high, one.records))
    return accounts, numbers, unmatched
