"""A virtual plant that runs: its pace, its scenarios, what is refused, and that it ends."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from plantwright import actions
from plantwright.actions.virtual import Served
from plantwright.plant import read_text
from plantwright.shopfloor.virtual.errors import ScenarioError, VirtualError
from plantwright.shopfloor.virtual.pace import Pace, placed
from plantwright.shopfloor.virtual.scenario import Conductor, parse_scenario, with_changes
from tests.cli.conftest import Plantwright, plantwright  # noqa: F401  (a fixture)
from tests.shopfloor.virtual.plants import CHANGED, DAIRY, SHOP, differences, log_of

SECOND = 1_000_000_000
NOW = 1_795_000_000 * SECOND


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP)
    return path


@contextmanager
def running(path: Path, **how: object) -> Iterator[Served]:
    served = actions.serve_virtual(path, mtconnect=0, **how)  # type: ignore[arg-type]
    until = threading.Event()
    worker = threading.Thread(target=served.run, args=(until,), daemon=True)
    worker.start()
    try:
        yield served
    finally:
        until.set()
        worker.join(10.0)
        assert not worker.is_alive()


def ask(served: Served, address: str) -> bytes:
    connection = http.client.HTTPConnection(urlsplit(served.addresses["mtconnect"]).netloc, timeout=10)
    try:
        connection.request("GET", address)
        return connection.getresponse().read()
    finally:
        connection.close()


def wait_for(what: str, holds: object, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_a_fast_plant_catches_up_with_the_wall_clock_as_it_ends_and_is_never_ahead() -> None:
    plant, pace = placed(read_text(DAIRY), NOW, 60.0, 8 * 3600.0, None)
    assert plant.start.weekday() == 0
    end = NOW + 8 * 3600 * SECOND
    assert pace.zero + pace.position(end) * SECOND == pytest.approx(end, abs=1e6)
    assert pace.catches_up == pytest.approx(8 * 3600.0)
    for after in (0, 3600, 9 * 3600, 10**7):
        wall = NOW + after * SECOND
        assert pace.zero + pace.position(wall) * SECOND <= wall + 1000
        assert pace.wait(pace.position(wall), wall) == pytest.approx(0.0, abs=1e-5)
    assert pace.wait(pace.position(end) + 60.0, end) == pytest.approx(60.0)  # in real time from here
    assert pace.wait(pace.skipped + 60.0, NOW) == pytest.approx(1.0)
    assert 0.0 <= pace.skipped < 7 * 86400.0


def test_in_real_time_what_was_before_now_is_said_at_once() -> None:
    plant, pace = placed(read_text(SHOP), NOW, 1.0, None, None)
    assert pace.zero + pace.position(NOW) * SECOND == pytest.approx(NOW, abs=1000)
    assert 0.0 <= pace.position(NOW) < 7 * 86400.0
    assert pace.catches_up == 0.0
    assert plant.start.time().isoformat() == "00:00:00"


def test_a_plant_with_dates_keeps_its_calendar_and_a_start_may_be_given() -> None:
    plant, pace = placed(read_text(CHANGED), NOW, 60.0, 3600.0, None)
    assert (plant.start.isoformat(), pace.skipped) == ("2026-01-05T00:00:00", 0.0)
    plant, _ = placed(read_text(SHOP), NOW, 60.0, 3600.0, "2026-03-02 06:00")
    assert plant.start.isoformat() == "2026-03-02T06:00:00"
    for start, word in (
        ("2036-01-01", "future"),
        ("soon", "local date"),
        ("2026-01-01T00:00:00+01:00", "without a zone"),
    ):
        with pytest.raises(VirtualError, match=word):
            placed(read_text(SHOP), NOW, 1.0, None, start)


def test_the_moved_plant_is_the_one_that_simulate_would_log() -> None:
    plant, _ = placed(read_text(SHOP), NOW, 600.0, 3600.0, None)
    assert not differences(
        log_of(plant, "7 d"),
        log_of(read_text(SHOP.replace("plant: A shop", f"plant: A shop\nstart: {plant.start:%Y-%m-%d}")), "7 d"),
        0.0,
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"speed": 0.0}, "above 0"),
        ({"speed": float("nan")}, "above 0"),
        ({"host": "0.0.0.0"}, "--expose"),
        ({"host": "192.0.2.1"}, "--expose"),
        ({"host": "example.org"}, "--expose"),
        ({"start": "2036-01-01"}, "future"),
    ],
)
def test_what_cannot_be_served_is_refused(shop: Path, words: dict[str, object], told: str) -> None:
    with pytest.raises(VirtualError, match=told):
        actions.serve_virtual(shop, mtconnect=0, **words)  # type: ignore[arg-type]


def test_a_port_in_use_is_told_and_nothing_stays_open(shop: Path, plantwright: Plantwright) -> None:  # noqa: F811
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = plantwright("virtual", shop, "--mtconnect", str(port))
    assert told.code == 2
    assert f"127.0.0.1:{port} cannot be served" in told.err
    assert "PW5300" in told.err


def test_an_unknown_plant_is_told(plantwright: Plantwright, tmp_path: Path) -> None:  # noqa: F811
    told = plantwright("virtual", tmp_path / "none.yaml", "--mtconnect", "0")
    assert (told.code, "PW1200" in told.err) == (2, True)


def test_it_says_where_it_is_served_and_ends_after_its_time(shop: Path, plantwright: Plantwright) -> None:  # noqa: F811
    told = plantwright("virtual", shop, "--mtconnect", "0", "--speed", "200000", "--for", "1s", "--json")
    first, last = (json.loads(line) for line in told.out.splitlines())
    assert told.code == 0
    assert first["served"]["mtconnect"].startswith("http://127.0.0.1:")
    assert last["ended"]
    assert last["observations"] > 500


def test_ctrl_c_ends_it_cleanly(shop: Path) -> None:
    command = [sys.executable, "-m", "plantwright", "virtual", str(shop), "--mtconnect", "0", "--speed", "60", "--json"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        where = json.loads(process.stdout.readline())["served"]["mtconnect"]
        connection = http.client.HTTPConnection(urlsplit(where).netloc, timeout=10)
        connection.request("GET", "/sample?interval=10&heartbeat=60000")
        connection.getresponse().read(10)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        connection.close()
    assert process.returncode == 0, err
    assert not json.loads(out)["ended"]
    assert "Traceback" not in err


SCENARIO = """
changes:
  - {after: 1 d, name: quick jaws, set: {work centers > lathe > failures > 1 > repair: 5 min}}
  - {after: 2 d, name: new coolant}
"""


def test_a_known_effect_changes_the_plant_from_then_on_and_a_null_effect_nothing(shop: Path) -> None:
    plant = read_text(SHOP)
    scenario = parse_scenario(SCENARIO)
    changed = with_changes(plant, scenario, skipped=3 * 86400.0)
    (change,) = changed.changes
    assert (change.on.isoformat(), change.path) == (
        "2026-01-09T00:00:00",
        "work centers > lathe > failures > 1 > repair",
    )
    before, after = ([row for row in log_of(one, "12 d") if row.what == "state"] for one in (plant, changed))
    same = [row for row in before if row.time < 4 * 86400.0]
    assert same == [row for row in after if row.time < 4 * 86400.0]
    assert before != after
    null = with_changes(plant, parse_scenario("changes: [{after: 2 d, name: new coolant}]"), 0.0)
    assert null is plant


def test_changes_are_noticed_on_the_floor(shop: Path, tmp_path: Path) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text(SCENARIO)
    with running(shop, scenario=scenario, speed=300_000.0, lasts=3.0) as served:
        wait_for("two notices", lambda: ask(served, "/floor/sample?count=100000").count(b"d4_notice") == 3)
        told = ask(served, "/floor/sample?count=100000").decode()
    assert told.index(">quick jaws<") < told.index(">new coolant<")


def test_all_that_is_wrong_with_a_scenario_is_told_at_once(tmp_path: Path) -> None:
    text = """
changes: [{name: x, set: {a: 1}}]
cuts: [{after: soon, for: 3 min}, {after: 1 h, for: 3 kg, how: sometimes}]
clocks: []
rubbish: [{after: 1 h, for: 1 h, kind: poetry}]
"""
    with pytest.raises(ScenarioError) as told:
        parse_scenario(text)
    found = str(told.value)
    assert all(word in found for word in ("'after' is missing", "soon", "kg", "sometimes", "clocks", "poetry"))
    assert "did you mean 'clock'" in found
    for empty in ("", "  \n", "- a", "[", "a: b"):
        with pytest.raises(ScenarioError):
            parse_scenario(empty)
    with pytest.raises(ScenarioError, match="leads nowhere"):
        with_changes(
            read_text(SHOP),
            parse_scenario("changes: [{after: 1 d, set: {work centers > saw > machines: 2, people > Bob > count: 2}}]"),
            0.0,
        )
    with pytest.raises(ScenarioError, match="cannot be read"):
        actions.read_virtual_scenario(tmp_path / "none.yaml")


def test_a_lying_clock_jumps_and_drifts() -> None:
    conductor = Conductor(
        parse_scenario(
            "clock: [{after: 1 h, for: 2 h, ahead: 90 s, drift: 6 s, per: 1 h}, {after: 2 h, behind: 30 s}]"
        ),
        100.0,
    )
    ahead = []
    for hours in (0.5, 1.0, 1.5, 2.5, 3.5):
        conductor.look(100.0 + hours * 3600.0, [])
        ahead.append(conductor.faults.ahead / SECOND)
    assert ahead == pytest.approx([0.0, 90.0, 93.0, 69.0, -30.0])


def test_a_cut_ends_connections_midway_and_none_is_taken_until_it_is_over(shop: Path, tmp_path: Path) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text("cuts: [{after: 1 h, for: 1 h, how: midway}]")
    with running(shop, scenario=scenario, speed=3600.0, lasts=60.0) as served:
        wait_for("it answers", lambda: ask(served, "/probe"))
        broken, refused = False, False

        def is_over() -> bool:
            nonlocal broken, refused
            try:
                ask(served, "/current")
            except http.client.IncompleteRead:
                broken = True
            except (http.client.RemoteDisconnected, ConnectionError):
                refused = True
            else:
                return broken and refused
            return False

        wait_for("broken, refused, and over", is_over)


def test_rubbish_is_said_for_its_time(shop: Path, tmp_path: Path) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text(
        "rubbish: [{after: 10 min, for: 1 h, kind: text}, {after: 70 min, for: 1 h, kind: values}, {after: 130 min, for: 1 h, kind: huge}]"
    )
    with running(shop, scenario=scenario, speed=3600.0, lasts=60.0) as served:
        wait_for("a page of HTML", lambda: ask(served, "/current").startswith(b"<html>"))
        wait_for("no numbers", lambda: b"NaN" in ask(served, "/current"))
        wait_for("a megabyte", lambda: len(ask(served, "/current")) > 1_000_000)


def test_pace_at_speed_below_one() -> None:
    pace = Pace(0, 1000 * SECOND, 0.5, 100.0)
    assert pace.position(1010 * SECOND) == 105.0
    assert pace.wait(110.0, 1010 * SECOND) == pytest.approx(10.0)
    assert pace.catches_up == float("inf")
