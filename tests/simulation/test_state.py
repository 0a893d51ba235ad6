"""A run that was stopped, saved, cloned and continued equals one that never stopped, to the bit."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plantwright.errors import SimulationError, StateError
from plantwright.plant import Plant, changed, read_plant, read_text
from plantwright.simulation import State, begin, history, load, simulate
from tests.simulation.plants import EVERYTHING, queue, shop
from tests.simulation.test_any_plant import plants

EXAMPLES = sorted(
    path for path in (Path(__file__).parents[2] / "examples").iterdir() if path.suffix in (".yaml", ".xlsx")
)
DESK = queue("exponential 8 min", "exponential 10 min")


def told(state: State) -> tuple[object, ...]:
    """All numbers of a state, its history included."""
    try:
        estimates = state.estimates()
    except SimulationError as error:  # a plant that locks up says so, however it came there
        return str(error), state.history().rows.tobytes()
    return [(e.name, e.of, e.quantile, e.values) for e in estimates], state.history().rows.tobytes()


def through(plant: Plant, days: float, stops: list[float], path: Path, warmup: str = "0 s") -> tuple[State, State]:
    """A run that never stops, and one that is saved and loaded at each stop; both at the end."""
    whole = begin(plant, horizon=f"{days} d", warmup=warmup, log=True).run_until(days * 86400.0)
    state = begin(plant, horizon=f"{days} d", warmup=warmup, log=True)
    for stop in stops:
        state.run_until(stop * 86400.0).save(path)
        state = load(path)
    return whole, state.run_until(days * 86400.0)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_goes_on_to_the_bit(path: Path, tmp_path: Path) -> None:
    whole, pieces = through(read_plant(path), 40, [0.0, 0.31, 30.0, 30.0, 39.9], tmp_path / "run.npz", "0 s")
    assert told(whole) == told(pieces)


def test_a_bit_of_everything_goes_on_to_the_bit(tmp_path: Path) -> None:
    whole, pieces = through(shop(EVERYTHING), 12, [1.0, 3.4567, 8.0], tmp_path / "run.npz")
    assert told(whole) == told(pieces)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(plants(), st.lists(st.floats(0, 3), max_size=3))
def test_any_plant_goes_on_to_the_bit(tmp_path: Path, plant: Plant, stops: list[float]) -> None:
    try:
        whole, pieces = through(plant, 3, sorted(stops), tmp_path / "run.npz")
    except SimulationError:  # a plant that cannot be simulated
        return
    assert told(whole) == told(pieces)


def test_it_is_the_run_of_simulate_and_history() -> None:
    """The third replication of seed 7, stopped on its way, past a warm-up of a day."""
    state = begin(DESK, horizon="5 d", warmup="1 d", seed=7, replication=3, log=True)
    state.run_until("1.5 d").run_until("6 d")
    run = simulate(DESK, horizon="5 d", warmup="1 d", seed=7, replications=3)
    for one in state.estimates():
        assert one.values == (run.estimate(one.name, quantile=one.quantile, **one.of).values[2],)
    rows = history(DESK, horizon="5 d", warmup="1 d", seed=7, replication=3).rows
    assert state.history().rows.tobytes() == rows.tobytes()


def test_what_is_counted_on_the_way_is_a_shorter_run() -> None:
    state = begin(DESK, horizon="5 d").run_until("2 d")
    run = simulate(DESK, horizon="2 d", warmup="0 s", replications=2)
    assert [e.values[0] for e in state.estimates()] == [e.values[0] for e in run.estimates]


def test_contribution_by_the_way_is_sales_less_what_is_paid_by_hand() -> None:
    # Day and night 144 pieces a day, 1 USD each less 0.25 USD of material, and one person at 0.5 USD an hour, 12 of a day: 144 x 0.75 - 6
    # a day. Whole weeks are counted, so that hours and days of demand end with them.
    plant = read_text("""
plant: Bags
currency: USD
shifts: {day: {days: Mon-Sun, from: "06:00", to: "18:00"}}
people: {crew: {count: 1, shift: day, wage: 0.5 USD/h}}
materials: {cloth: {price: 0.25 USD/m}}
work centers: {cutter: {machines: 1}}
products:
  bag: {unit: bag, price: 1 USD, demand: {rate: 1000 bags/day, unmet: lost}, release: {conwip: 3 lots}, routing: [cut: {at: cutter, time: 10 min, takes: {cloth: 1 m/piece}}]}
""")
    state = begin(plant, horizon="56 d", warmup="7 d")
    for day in (21, 35, 63):
        state.run_until(day * 86400.0)
        assert state.contribution() == pytest.approx((144 * 0.75 - 6) * 365.25, rel=0.005)
        found = [one.mean for one in state.estimates() if one.name == "contribution" and not one.of]
        assert state.contribution() == pytest.approx(found[0], rel=1e-9)


def test_without_a_price_there_is_no_contribution() -> None:
    assert begin(DESK, horizon="3 d").run_until("2 d").contribution() is None


def test_a_state_stands_before_what_happens_at_its_instant() -> None:
    """A lot comes at 10 and one at 20 minutes past midnight, and takes 10 minutes: at 20 past the first is still at work."""
    plant = shop(
        "plant: Two\nwork centers: {saw: {machines: 1}}\nproducts:\n  pin:\n    release: {orders: orders.csv}\n"
        "    routing: [cut: {at: saw, time: 10 min}]\n",
        "pin 00:10",
        "pin 00:20",
    )
    state = begin(plant, horizon="1 d", log=True).run_until("20 min")
    assert [event.what for event in state.history()] == ["state", "released", "queued", "started", "state"]
    assert (state.now, state.date.isoformat()) == (1200, "2026-01-05T00:20:00+00:00")
    state.run_until(datetime(2026, 1, 5, 0, 25))
    assert [event.what for event in state.history()][5:] == [
        "ended", "completed", "released", "queued", "started"
    ]  # fmt: skip
    assert state.now == 1500


def test_clones_go_their_own_ways() -> None:
    state = begin(DESK, horizon="4 d", log=True).run_until("1 d")
    other = state.clone()
    other.run_until("4 d")
    assert (state.now, other.now) == (86400, 4 * 86400)
    assert len(other.history()) > len(state.history())
    assert told(state.run_until("4 d")) == told(other)


def test_it_goes_neither_back_nor_past_its_end() -> None:
    state = begin(DESK, horizon="2 d").run_until("1 d")
    for moment in ("23 h", "49 h"):
        with pytest.raises(ValueError, match="the run stands at 1 d and ends at 2 d"):
            state.run_until(moment)
    with pytest.raises(ValueError, match="log=True"):
        state.history()
    with pytest.raises(ValueError, match="nothing is counted before the warm-up is over, at 3 h"):
        begin(DESK, horizon="2 d", warmup="3 h").run_until("2 h").estimates()


def test_a_plant_that_a_program_changed_is_saved_with_its_change(tmp_path: Path) -> None:
    plant = changed(read_plant(EXAMPLES[0]), {"plant": "Another name"})
    begin(plant, horizon="1 d").run_until("1 h").save(tmp_path / "run.npz")
    assert load(tmp_path / "run.npz").plant.name == "Another name"


def saved(folder: Path) -> Path:
    path = folder / "run.npz"
    begin(DESK, horizon="1 d").run_until("6 h").save(path)
    return path


def with_about(path: Path, **words: object) -> None:
    """Write a saved run anew, with words of what it says about itself replaced."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    about = json.loads(arrays["about"].tobytes()) | words
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez_compressed(path, **arrays)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "plant.yaml"
    text.write_text("plant: no state", "utf-8")
    np.savez(tmp_path / "other.npz", lots=np.arange(3))
    np.save(tmp_path / "one.npy", np.arange(3))
    np.savez(tmp_path / "pickled.npz", about=np.array([{"schema": 1}], object))
    for name in ("plant.yaml", "other.npz", "one.npy", "pickled.npz"):
        with pytest.raises(StateError, match=f"{name}: is not a saved run"):
            load(tmp_path / name)
    with pytest.raises(StateError, match=r"nothing\.npz: is not there"):
        load(tmp_path / "nothing.npz")


def test_another_version_and_another_plant_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path)
    with_about(path, version="0.0.0")
    with pytest.raises(StateError, match=r"was saved by version 0\.0\.0"):
        load(path)
    path = saved(tmp_path)
    with_about(path, plant="0" * 64)
    with pytest.raises(StateError, match="not the one whose run was saved"):
        load(path)
    path = saved(tmp_path)
    with_about(path, text="plant: broken")
    with pytest.raises(StateError, match="the plant in it cannot be read"):
        load(path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StateError, match="is not a saved run"):
        load(path)
    path.write_bytes(whole)
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    arrays["of lot"]["next"][0] = 10**9
    np.savez_compressed(path, **arrays)
    with pytest.raises(StateError, match="is damaged"):
        load(path)


def test_carried_over_into_the_same_plant_nothing_changes() -> None:
    state = begin(shop(EVERYTHING), horizon="12 d", log=True).run_until("4.3 d")
    other = state.changed({})
    assert told(state.run_until("12 d")) == told(other.run_until("12 d"))
