"""A run is held against what the owner knows of the plant."""

from __future__ import annotations

import pytest

from plantwright.plant import read_text
from plantwright.simulation import simulate
from plantwright.simulation.trust import compare_totals, trust_of

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


def test_a_saturated_run_proves_nothing_about_totals() -> None:
    plant = read_text(LINE.format(totals="throughput: 24 forms/d"))
    run = simulate(plant, horizon="20 d", warmup="1 d", replications=2, saturated=True)
    assert trust_of(plant, run) == ("sketch", [])
