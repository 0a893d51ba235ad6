"""Nothing of a plant file is passed over."""

from __future__ import annotations

import pytest

from plantwright.plant import changed, read_text
from plantwright.simulation import not_simulated, simulate

SHOP = """
plant: One lathe
work centers: {lathe: {machines: 1}}
products:
  bolt: {release: {every: 10 min}, routing: [turn: {at: lathe, time: 7 min}]}
"""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("limits", {"hires": "2 people/y", "overtime": "4 h/wk"}),
        ("money", {"discount": "12 %", "horizon": "5 y"}),
        ("moves", {"overtime": {"cost": "2 kUSD"}}),
        ("products > bolt > demand", {"rate": "99 bolts/d", "low": "9 bolts/d"}),
        ("products > bolt > routing > turn > yield", "uniform 95..99 %"),
        ("people", {"Ana": {"skills": {"turning": "1"}, "learns": {"milling 2": "80 h"}}}),
        ("work centers", {"lathe": {"machines": "unlimited", "power": "2 kW"}}),
    ],
)
def test_words_that_were_passed_over_once_are_heeded(path: str, value: object) -> None:
    plant = changed(read_text(SHOP), {path: value})
    assert not_simulated(plant) == ()
    assert simulate(plant, horizon="1 d", warmup=0, replications=2).not_simulated == ()


def test_the_time_of_the_only_place_counts() -> None:
    path = "products > bolt > routing > turn > at"
    only = changed(read_text(SHOP), {path: [{"center": "lathe", "time": "4 min"}]})
    run = simulate(only, horizon="1 d", warmup=0, replications=2)
    assert run.not_simulated == ()
    assert run.estimate("cycle time").mean == pytest.approx(4 * 60)
