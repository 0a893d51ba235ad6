"""What a result passes over, it says; what it heeds, it does not."""

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
    ("path", "value", "said"),
    [
        ("limits", {"hires": "2 people/y", "overtime": "4 h/wk"}, ("limit of hires",)),
        ("money", {"discount": "12 %"}, ("discount and horizon of money",)),
        ("money", {"horizon": "5 y"}, ("discount and horizon of money",)),
        ("money", {"energy": "0.14 USD/kWh"}, ()),
        ("moves", {"overtime": {"cost": "2 kUSD"}}, ()),
        ("moves", {"overtime": {"only with": "x"}}, ("ties of families of moves",)),
    ],
)
def test_words_that_are_kept_and_not_heeded_are_said(path: str, value: object, said: tuple[str, ...]) -> None:
    assert not_simulated(changed(read_text(SHOP), {path: value})) == said


def test_a_run_says_it_too() -> None:
    plant = changed(read_text(SHOP), {"money > discount": "12 %", "limits": {"hires": "2 people/y"}})
    run = simulate(plant, horizon="1 d", warmup=0, replications=2)
    assert run.not_simulated == ("discount and horizon of money", "limit of hires")


def test_the_time_of_the_only_place_counts() -> None:
    path = "products > bolt > routing > turn > at"
    only = changed(read_text(SHOP), {path: [{"center": "lathe", "time": "4 min"}]})
    run = simulate(only, horizon="1 d", warmup=0, replications=2)
    assert run.not_simulated == ()
    assert run.estimate("cycle time").mean == pytest.approx(4 * 60)
