"""A run is held against what the owner knows of the plant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plantwright.plant import read_text
from plantwright.plant.content import content_of
from plantwright.simulation import simulate
from plantwright.simulation.statistics import estimate
from plantwright.simulation.trust import CHANGED, Comparison, compare_totals, trust_of

DAY = 86400.0

LINE = """
plant: Ten a day
work centers:
  desk: {{machines: 1}}
products:
  form: {{release: {{every: 144 min}}, routing: [sign: {{at: desk, time: 60 min}}]}}
totals: {{{totals}}}
"""


@pytest.mark.parametrize(
    ("totals", "wrong"),
    [
        ("throughput: 10 forms/d, cycle time: 1 h", []),
        ("throughput: 11.5 forms/d", []),
        ("throughput: 12 forms/d", ["throughput"]),
        ("cycle time: 2 h", ["cycle time"]),
        ("throughput: 20 forms/d, cycle time: 3 h", ["throughput", "cycle time"]),
        # Little: 10 a day, an hour each, is .417 in process.
        ("work in process: 0.4 lots", []),
        ("work in process: 2 lots", ["work in process"]),
    ],
)
def test_totals_within_15_percent_match(totals: str, wrong: list[str]) -> None:
    plant = read_text(LINE.format(totals=totals))
    run = simulate(plant, horizon="20 d", warmup="1 d", replications=2)
    compared = compare_totals(plant, run)
    assert [item.name for item in compared if not item.agrees] == wrong
    assert run.trust == ("sketch" if wrong else "totals matched")


HELD = "hold-out: {{windows: 2, {}, of: {}}}"
NAMES = ("n-gram", "absolute", "circadian", "relative", "cycle time")
GOOD = "{model: 4, width: 2.9, replay: 4, replay width: 3}"


@pytest.mark.parametrize(
    ("worse", "figures", "totals", "grade"),
    [
        ("", "", "10 forms/d", "weeks predicted"),
        ("", "", "12 forms/d", "sketch"),
        *((name, "{model: 4.1, width: 1, replay: 4, replay width: 3}", "10 forms/d", "totals matched") for name in NAMES),
        *((name, "{model: 1, width: 3, replay: 4, replay width: 3}", "10 forms/d", "totals matched") for name in NAMES),
    ],
)  # fmt: skip
def test_weeks_are_predicted_where_all_distances_are_no_worse_than_by_replay_and_surer(
    worse: str, figures: str, totals: str, grade: str
) -> None:
    line = LINE.format(totals=f"throughput: {totals}")
    of = content_of(read_text(line))
    plant = read_text(
        line + HELD.format(", ".join(f"{name}: {figures if name == worse else GOOD}" for name in NAMES), of)
    )
    assert simulate(plant, horizon="20 d", warmup="1 d", replications=2).trust == grade


def graded(text: str) -> tuple[str, str]:
    run = simulate(read_text(text), horizon="20 d", warmup="1 d", replications=2)
    return run.trust, run.unknown.get("weeks predicted", "")


def test_a_plant_that_was_changed_since_has_predicted_nothing() -> None:
    line = LINE.format(totals="throughput: 10 forms/d")
    held = HELD.format(", ".join(f"{name}: {GOOD}" for name in NAMES), content_of(read_text(line)))
    good = ("weeks predicted", "")
    assert graded(line + held) == good
    # What changes nothing in a run: names, comments, prices, moves, the order of words.
    assert graded("# looked at again\n" + line + held + "\nmoves: {ban: [add a machine]}") == good
    assert graded(held + "\n" + line.strip()) == good
    changed = ("totals matched", CHANGED)
    assert graded((line + held).replace("machines: 1", "machines: 2", 1)) == changed
    assert graded(line + held.replace("of: ", "of: 0")) == changed
    assert (
        graded(line + HELD.format(", ".join(f"{name}: {GOOD}" for name in NAMES), "").replace(", of: ", "")) == changed
    )


def test_a_saturated_run_proves_nothing_about_totals() -> None:
    plant = read_text(LINE.format(totals="throughput: 24 forms/d"))
    run = simulate(plant, horizon="20 d", warmup="1 d", replications=2, saturated=True)
    assert trust_of(plant, run) == ("sketch", [])


def compared(simulated: float, given: float, spread: float = 0.0) -> Comparison:
    """The cycle time of a run of ten replications that was so long in the mean, against what its owner says."""
    plant = read_text(LINE.format(totals=f"cycle time: {given:g} d"))
    run = simulate(plant, horizon="20 d", warmup="1 d", replications=2)
    values = [DAY * (simulated + spread * (k - 4.5)) for k in range(10)]
    found = estimate("cycle time", {}, "s", values, 0.95)
    (made,) = compare_totals(plant, replace(run, estimates=(found,)))
    return made


def test_both_figures_stand_in_the_unit_of_the_given_one() -> None:
    assert str(compared(19.8, 22.7)) == "cycle time 2.83 wk simulated, 3.24 wk given"
    assert str(compared(22.7, 19.8)) == "cycle time 22.7 d simulated, 19.8 d given"


def test_a_mean_that_is_not_sure_is_shown_with_its_interval() -> None:
    # Ten values half a day apart: standard deviation 1.514, so that the mean is known to 2.262 * 1.514 / sqrt(10) = 1.083.
    made = compared(15.0, 20.0, spread=0.5)
    assert str(made) == "cycle time 15 d (13.9 to 16.1) simulated, 20 d given"
    assert not made.agrees


def test_large_totals_are_plain_figures() -> None:
    # Ten a day are 304.4 a month; a thousand in each lot are 304,375.
    text = LINE.replace("{{release", "{{lot: 1000 forms, release").replace("60 min", "60 min/lot")
    plant = read_text(text.format(totals="throughput: 310000 forms/mo, work in process: 4000 forms"))
    run = simulate(plant, horizon="20 d", warmup="1 d", replications=2)
    throughput, held = compare_totals(plant, run)
    assert throughput.shown == ("304375 pieces/mo", "310000 pieces/mo")
    assert throughput.agrees
    assert held.shown == ("417 forms", "4000 forms")


def test_the_pieces_of_several_products_add_up() -> None:
    plant = read_text("""
plant: Two desks
work centers: {left: {machines: 1}, right: {machines: 1}}
products:
  form: {release: {every: 144 min}, lot: 3 forms, routing: [sign: {at: left, time: 60 min/lot}]}
  card: {release: {every: 72 min}, routing: [sign: {at: right, time: 30 min}]}
totals: {throughput: 1500 pieces/mo}
""")
    run = simulate(plant, horizon="20 d", warmup="1 d", replications=2)
    # 10 lots of 3 and 20 of 1 a day: 50 pieces.
    (made,) = compare_totals(plant, run)
    assert made.simulated == pytest.approx(50 / DAY, rel=1e-3)
    assert made.agrees
