"""What the machines of a virtual plant say is the event log of `simulate`, and follows the plant's own distributions."""

from __future__ import annotations

import itertools
import math
import os
from statistics import NormalDist

import pytest

from plantwright.errors import SimulationError
from plantwright.plant import read_text
from plantwright.shopfloor.virtual.observations import listed, unlisted
from plantwright.shopfloor.virtual.pieces import deviations, spread
from plantwright.shopfloor.virtual.rebuilding import rebuilt
from plantwright.shopfloor.virtual.states import STATES, state_of
from plantwright.simulation.codes import STATES as ENGINE_STATES
from tests.shopfloor.virtual.plants import as_said, differences, log_of, plants, played
from tests.twin.test_twin import Pairs, drawn

HORIZONS = {"shop": "21 d", "dairy": "14 d", "changed": "7 d", "pilot": "28 d", "mill": "4 d"}


@pytest.mark.parametrize("name", HORIZONS)
def test_the_log_can_be_rebuilt_from_what_the_machines_say(name: str) -> None:
    plant = plants()[name]
    signals, said = played(plant, HORIZONS[name])
    wanted = log_of(plant, HORIZONS[name])
    floor = signals.catalogue.devices[-1].name
    found = rebuilt(as_said(signals.catalogue, said), signals.zero * 1000, floor)
    assert len(found) == len(wanted) > 300
    assert not differences(found, wanted, 1e-3)


def test_the_log_of_any_plant_can_be_rebuilt() -> None:
    """Plants with any features that the file has words for: what lots carry, areas, loops, batches, dated changes of anything."""
    pairs, rows = Pairs(), 0
    for number in range(100 if os.environ.get("PLANTWRIGHT_STUDIES") else 10):
        chosen = pairs.choose(14)
        plant, on = drawn(tuple(one for one in chosen if one != "a rule of a user's own"), number) or (None, ())
        pairs.count(chosen, on)
        try:
            wanted = log_of(plant, "6 d") if plant is not None else []
        except SimulationError:
            continue  # it locks up, or asks for what is not there
        if plant is None:
            continue
        signals, said = played(plant, "6 d")
        told = as_said(signals.catalogue, said)
        found = rebuilt(told, signals.zero * 1000, signals.catalogue.devices[-1].name)
        assert not differences(found, wanted, 1e-3, ordered=False), (number, on)
        items = {(device.name, item.key): item for device, item in signals.catalogue.items}
        counts = [value for device, key, _, value in told if items[device, key].type == "PART_COUNT"]
        assert all(value.isdigit() or value == "UNAVAILABLE" for value in counts), (number, on)
        rows += len(wanted)
    assert rows > 5_000


def test_the_plants_show_every_state() -> None:
    states = {row.detail for row in log_of(plants()["shop"], "21 d") if row.what == "state"}
    states |= {row.detail for row in log_of(plants()["dairy"], "14 d") if row.what == "state"}
    assert set(ENGINE_STATES) <= states


def test_states_are_told_apart_by_what_they_show() -> None:
    assert set(STATES) == set(ENGINE_STATES)
    for state, shown in STATES.items():
        assert state_of(shown.execution, shown.waits, shown.mode, shown.power) == state
    assert len(set(STATES.values())) == len(STATES)


def test_what_one_machine_says_at_one_instant_is_one_event_and_time_never_goes_back() -> None:
    signals, said = played(plants()["shop"], "7 d")
    times = [time for part in said for time in part.time]
    assert times == sorted(times)
    per_item: dict[tuple[str, str], int] = {}
    for device, key, time, _ in as_said(signals.catalogue, said):
        assert key == "wear" or per_item.get((device, key), 0) < time
        per_item[device, key] = time


def test_wear_rises_with_work_and_falls_to_nothing_when_the_machine_was_stopped() -> None:
    signals, said = played(plants()["shop"], "21 d")
    worked, since = 0.0, 0.0
    wear = [
        (t, float(v))
        for d, k, t, v in as_said(signals.catalogue, said)
        if (d, k) == ("lathe 1", "wear") and v != "UNAVAILABLE"
    ]
    state, falls = "", []
    for row in log_of(plants()["shop"], "21 d"):
        if row.machine != "lathe 1" or row.what != "state":
            continue
        if state in ("load", "working", "unload"):
            worked += row.time - since
        if state in ("in repair", "maintenance") and row.detail not in (
            "in repair",
            "maintenance",
            "off shift",
            "waiting for repair",
        ):
            falls.append(worked)
            worked = 0.0
        state, since = row.detail or "", row.time
    peaks = [a for (_, a), (_, b) in itertools.pairwise(wear) if b < a]
    assert len(peaks) > 5
    assert peaks == pytest.approx([worked for worked in falls if worked > 0.0], abs=0.01)


def test_as_many_pieces_are_out_of_tolerance_as_are_scrapped() -> None:
    signals, said = played(plants()["pilot"], "28 d")
    values = [
        float(v)
        for d, k, _, v in as_said(signals.catalogue, said)
        if (d, k) == ("coater", "deviation") and v != "UNAVAILABLE"
    ]
    rows = log_of(plants()["pilot"], "28 d")
    made = sum(row.amount or 0 for row in rows if row.what == "ended" and row.machine == "coater")
    bad = sum(row.amount or 0 for row in rows if row.what == "scrapped" and row.operation == "coat")
    assert len(values) == made
    assert sum(abs(value) > 1.0 for value in values) == bad > 50


def test_deviations_are_those_of_the_normal_whose_share_within_tolerance_is_the_yield() -> None:
    share = 0.9
    normal = NormalDist(0.0, spread(share))
    assert normal.cdf(1.0) - normal.cdf(-1.0) == pytest.approx(share)
    found = sorted(value for lot in range(400) for value in deviations(7, 3, lot, 10, 1, share))
    distance = max(abs((i + 0.5) / len(found) - normal.cdf(value)) for i, value in enumerate(found))
    assert distance < 1.95 / math.sqrt(len(found))  # Kolmogorov's 0.1 %
    assert (
        deviations(7, 3, 11, 10, 1, share) == deviations(7, 3, 11, 10, 1, share) != deviations(8, 3, 11, 10, 1, share)
    )


def test_a_failure_is_a_fault_until_it_is_repaired_and_maintenance_is_none() -> None:
    signals, said = played(plants()["shop"], "21 d")
    alarms = [v for d, k, _, v in as_said(signals.catalogue, said) if d.startswith("lathe") and k == "alarm"]
    assert {"FAULT", "WARNING", "NORMAL"} <= {alarm.split("\t")[0] for alarm in alarms}
    alarms = [v for d, k, _, v in as_said(signals.catalogue, said) if d == "lathe 1" and k == "alarm"]
    repairs = sum(v.startswith("FAULT\tF1\tis repaired") for v in alarms)
    starts = [row for row in log_of(plants()["shop"], "21 d") if row.machine == "lathe 1" and row.what == "state"]
    states = [row.detail for row in starts if row.detail != "off shift"]
    assert repairs == sum(b == "in repair" != a for a, b in itertools.pairwise(states))


def test_names_with_what_parts_lists_come_back() -> None:
    texts = ["a; b", "50 %", "", "c%3Bd"]
    assert unlisted(listed(texts[:2] + texts[3:])) == texts[:2] + texts[3:]


def test_watts_follow_the_states() -> None:
    signals, said = played(plants()["shop"], "3 d")
    watts = {
        float(v)
        for d, k, _, v in as_said(signals.catalogue, said)
        if (d, k) == ("lathe 1", "watts") and v != "UNAVAILABLE"
    }
    assert watts == {0.0, 2000.0, 3000.0, 9000.0}


def test_a_plant_without_failures_says_nothing_of_wear() -> None:
    plant = read_text(
        "plant: p\nwork centers: {a: {machines: 1}}\nproducts: {x: {unit: piece, release: saturated, routing: [s: {at: a, time: 1 h}]}}"
    )
    signals, _ = played(plant, "2 d")
    assert "wear" not in signals.catalogue.devices[0].items
    assert "deviation" not in signals.catalogue.devices[0].items
