"""What a machine is doing, told apart: loading, running, unloading, waiting for whom or what. Stories worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.plant import Plant
from plantwright.simulation import simulate
from tests.simulation.plants import exactly, first_difference, hours, log_of, shop, tell


def press(words: str = "", step: str = "", people: str = "") -> Plant:
    """One machine, one part that comes at one o'clock: loaded for 30 min, run for 2 h, unloaded for 15 min."""
    return shop(
        f"""
plant: Press
{people}
work centers: {{press: {{machines: 1{words}}}}}
products:
  part:
    release: {{orders: orders.csv}}
    routing: [form: {{at: press, load: 30 min, time: 2 h, unload: 15 min{step}}}]
""",
        "part 01:00",
    )


def test_every_phase_is_a_state() -> None:
    assert log_of(press(", setup: 1 h"), "6 h", "state") == [
        (0, "state", "press", "starved"),
        (60, "state", "press", "setup"),
        (120, "state", "press", "load"),
        (150, "state", "press", "working"),
        (270, "state", "press", "unload"),
        (285, "state", "press", "starved"),
    ]


def test_loading_and_unloading_use_their_own_power() -> None:
    """0.5 h at 2 kW, 2 h at 10, 0.25 h at 4, the other 21.25 of a day at 1; without their own, load and unload take the run's."""
    own = tell(press(", power: {run: 10 kW, load: 2 kW, unload: 4 kW, idle: 1 kW}"), "1 d")
    assert exactly(own, "energy", work_center="press") == pytest.approx(1 + 20 + 1 + 21.25)
    usual = tell(press(", power: {run: 10 kW, idle: 1 kW}"), "1 d")
    assert exactly(usual, "energy", work_center="press") == pytest.approx(27.5 + 21.25)
    assert own.not_simulated == ()


def test_a_stop_waits_for_repair_until_the_repairer_is_there() -> None:
    """It fails after an hour of work, at 02:00 (half an hour of loading counts); Tom comes at 03:00 and takes an hour."""
    words = ", failures: [{every: 1 h, repair: 1 h%s}]"
    people = (
        'shifts: {late: {days: Mon-Sun, from: "03:00", to: "23:00"}}\npeople: {Tom: {shift: late, skills: {repair: 1}}}'
    )
    alone, with_tom = press(words % "", people=people), press(words % ", by: repair", people=people)
    assert first_difference(alone, with_tom, "3.9 h", "state") == (
        (120, "state", "press", "in repair"),
        (120, "state", "press", "waiting for repair"),
    )
    assert hours(tell(with_tom, "3.9 h"), "press") == {
        "starved": 1,
        "load": 0.5,
        "working": 0.5,
        "waiting for repair": 1,
        "in repair": 0.9,
    }


def test_maintenance_waits_for_its_people_too() -> None:
    words = ", maintenance: [{every: 24 h, first: 2 h, lasts: 1 h%s}]"
    people = (
        'shifts: {late: {days: Mon-Sun, from: "09:00", to: "23:00"}}\npeople: {Tom: {shift: late, skills: {care: 1}}}'
    )
    alone, with_tom = press(words % "", people=people), press(words % ", by: care", people=people)
    # The part is on the machine from 01:00 to 03:45; maintenance waits for it.
    assert first_difference(alone, with_tom, "12 h", "state") == (
        (225, "state", "press", "maintenance"),
        (225, "state", "press", "waiting for repair"),
    )
    assert hours(tell(with_tom, "12 h"), "press")["waiting for repair"] == 5.25


def test_a_phase_without_its_people_has_no_staff() -> None:
    """Ann, who is wanted for the run alone, comes at 03:00; loading was done at 01:30."""
    people = 'shifts: {late: {days: Mon-Sun, from: "03:00", to: "23:00"}}\npeople: {Ann: {shift: late, skills: {forming: 1}}}'
    plant = press(step=", staff: [{skill: forming, for: run}]", people=people)
    assert log_of(plant, "6 h", "state", "people seized", "people let go")[1:] == [
        (60, "state", "press", "load"),
        (90, "state", "press", "no staff"),
        (180, "people seized", "form", "press", "Ann"),
        (180, "state", "press", "working"),
        (300, "people let go", "form", "press", "Ann"),
        (300, "state", "press", "unload"),
        (315, "state", "press", "starved"),
    ]


def test_the_states_of_a_machine_add_up_to_the_time_counted() -> None:
    run = simulate(press(), horizon="1 d", warmup=0.0, replications=2)
    assert sum(e.mean for e in run.named("state share")) == pytest.approx(1, abs=1e-12)
