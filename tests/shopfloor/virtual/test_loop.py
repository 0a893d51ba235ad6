"""The loop: a virtual plant is collected by its protocol, knowing nothing but where it is served, and what was collected is what was run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plantwright import actions
from plantwright.plant import Plant, read_text
from plantwright.shopfloor.collecting.collector import Collector, Pauses
from plantwright.shopfloor.config import parse_config
from plantwright.shopfloor.connectors import BUILT_IN
from plantwright.shopfloor.discovering import discover_sources, draft_text
from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.virtual.pace import Pace, ended
from plantwright.shopfloor.virtual.rebuilding import rebuilt, said_in
from plantwright.shopfloor.virtual.running import VirtualPlant
from plantwright.shopfloor.virtual.scenario import parse_scenario
from plantwright.shopfloor.virtual.serving import open_servers
from plantwright.units import read
from tests.shopfloor.virtual.plants import DAIRY, SHOP, differences, log_of

pytest.importorskip("lxml")

QUICK = Pauses(first=0.02, longest=0.1, quarantine=60.0)


@contextmanager
def collecting(virtual: VirtualPlant) -> Iterator[tuple[MemoryHistory, Collector, list[tuple[str, str, str]]]]:
    """A collector that was told an address, and no more."""
    url = open_servers(virtual, "127.0.0.1", mtconnect=0, buffer=500_000)["mtconnect"]
    config = parse_config(draft_text(list(discover_sources(url, ["mtconnect"], timeout=10.0))))
    history, notes = MemoryHistory(), []
    collector = Collector(config, history, say=lambda *note: notes.append(note), pauses=QUICK)
    collector.start()
    try:
        yield history, collector, notes
    finally:
        virtual.stop()
        collector.stop()
        for sink in virtual.sinks:
            sink.close()


def run(virtual: VirtualPlant, collector: Collector) -> None:
    """Run it to its end, and wait until all that was said is kept."""
    worker = threading.Thread(target=virtual.run, daemon=True)
    worker.start()
    deadline = time.monotonic() + 60.0
    while worker.is_alive() or sum(state.readings for state in collector.states()) < virtual.said:
        assert time.monotonic() < deadline, collector.states()
        time.sleep(0.02)
    time.sleep(0.1)


def at_once(text: str, horizon: str, **more: Any) -> tuple[Plant, VirtualPlant]:
    plant, pace = ended(read_text(text), time.time_ns(), read(horizon, "duration"))
    return plant, VirtualPlant(plant, pace, horizon=read(horizon, "duration"), **more)


@pytest.mark.parametrize(("text", "horizon", "seed"), [(SHOP, "21 d", 1), (DAIRY, "5 d", 7)])
def test_the_collected_history_is_the_log_of_simulate_event_by_event(text: str, horizon: str, seed: int) -> None:
    plant, virtual = at_once(text, horizon, seed=seed)
    with collecting(virtual) as (history, collector, notes):
        run(virtual, collector)
    found = rebuilt(said_in(history), virtual.pace.zero)
    wanted = log_of(plant, horizon, seed)
    assert len(found) == len(wanted) > 300
    assert not differences(found, wanted, 1e-3)
    assert not notes
    gaps = [number for number, tag in enumerate(history.tags()) if tag.type == "GAP"]
    assert history.events(gaps, 0, 2**62).is_empty()


@pytest.mark.skipif("opcua" not in BUILT_IN, reason="there is no connector for OPC UA")
def test_what_is_collected_over_opc_ua_is_the_log_too() -> None:
    pytest.importorskip("asyncua")
    plant, virtual = at_once(DAIRY, "2 d", seed=5)
    url = open_servers(virtual, "127.0.0.1", opcua=0)["opcua"]
    config = parse_config(draft_text(list(discover_sources(url, ["opcua"], timeout=20.0))))
    history = MemoryHistory()
    collector = Collector(config, history, pauses=QUICK)
    collector.start()
    try:
        # a server keeps nothing for those who come later
        deadline = time.monotonic() + 30.0
        while sum(state.readings for state in collector.states()) < len(virtual.signals.catalogue.items):
            assert time.monotonic() < deadline, collector.states()
            time.sleep(0.02)
        virtual.pace = Pace(virtual.pace.zero, time.time_ns(), 60_000.0, 0.0)
        virtual.run()
        wanted = log_of(plant, "2 d", 5)
        assert len(wanted) > 200
        while found := differences(rebuilt(said_in(history), virtual.pace.zero), wanted, 1e-3):
            assert time.monotonic() < deadline + 30.0, found[:3]
            time.sleep(0.2)
    finally:
        virtual.stop()
        collector.stop()
        for sink in virtual.sinks:
            sink.close()


def test_cuts_in_the_middle_of_documents_lose_nothing() -> None:
    scenario = parse_scenario(
        "cuts: [{after: 6 h, for: 4 h, how: midway}, {after: 1 d, for: 2 h}, {after: 30 h, for: 1 h, how: midway}]"
    )
    plant, pace = ended(read_text(DAIRY), time.time_ns(), 2 * 86400.0)
    slow = Pace(pace.zero, time.time_ns() + 10**9, 40_000.0, 0.0)
    virtual = VirtualPlant(plant, slow, horizon=2 * 86400.0, scenario=scenario)
    with collecting(virtual) as (history, collector, notes):
        run(virtual, collector)
    assert not differences(rebuilt(said_in(history), virtual.pace.zero), log_of(plant, "2 d"), 1e-3)
    assert any(code == "PW5001" for _, code, _ in notes)


def test_the_loop_gives_the_plant_back_within_its_intervals(tmp_path: Path) -> None:
    told: list[str] = []
    found = actions.demo_loop(tmp_path / "loop", seed=3, say=told.append)
    assert found.gaps == 0
    assert found.readings >= found.observations > 80_000
    outside = [one for one in found.numbers if not one.within]
    assert not outside
    assert not found.unmatched
    kinds = {one.what for one in found.numbers}
    assert {"mean time", "cv of time", "yield", "mean setup", "work between failures", "mean repair"} <= kinds
    assert len(found.numbers) >= 20
    narrow = [one for one in found.numbers if one.what in ("mean time", "mean setup", "yield")]
    assert all(one.high - one.low < 0.6 * one.true for one in narrow)
    assert all(account.covered == pytest.approx(1.0) for account in found.accounts)
    assert {account.of["machine"] for account in found.accounts} == {"saw", "mill 1", "mill 2", "grinder"}
    assert all(0.3 < (account.kpi("OEE index") or 0.0) < 0.9 for account in found.accounts)
    assert (tmp_path / "loop" / "calibrated.yaml").read_text().count("failures:") == 1
