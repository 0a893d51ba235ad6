"""What moves usually cost, in the plant's own money."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plantwright.distributions import Distribution
from plantwright.improvement.families.money import DOLLARS_FOR_ONE, FOR_A_DOLLAR, in_currency
from plantwright.improvement.families.usual import Usual, usual_of
from plantwright.plant import changed

from .plants import pouch

USUAL = Usual(Distribution("triangular", (0.2, 0.4, 0.6)), 250_000.0, 12_000.0, 86400.0, source="ours")


@pytest.mark.parametrize(
    ("currency", "amount"),
    # 250,000 dollars at the rates of the table G.5A of 2023: 250,000 / 1.0817 = 231,118; x 140.5001 = 35,125,025.
    [("USD", 250_000), ("EUR", 230_000), ("GBP", 200_000), ("JPY", 35_000_000), ("CHF", 220_000), ("MXN", 4_400_000)],
)
def test_a_dollar_is_what_the_table_of_the_federal_reserve_says_to_two_figures(currency: str, amount: float) -> None:
    assert in_currency(250_000.0, currency) == amount


@pytest.mark.parametrize("currency", [None, "XYZ"])
def test_without_a_known_currency_there_is_no_price(currency: str | None) -> None:
    plant = replace(pouch(), currency=currency)
    found = usual_of(plant, "faster machine", USUAL)
    assert (found.cost, found.yearly) == (None, None)
    assert (found.effect, found.lead_time) == (USUAL.effect, USUAL.lead_time)


def test_no_currency_is_in_the_table_twice() -> None:
    assert not DOLLARS_FOR_ONE.keys() & FOR_A_DOLLAR.keys()
    assert all(rate > 0 for rate in (*DOLLARS_FOR_ONE.values(), *FOR_A_DOLLAR.values()))


def test_what_the_plant_file_says_is_in_its_own_money_already() -> None:
    plant = replace(changed(pouch(), {"moves > faster machine": {"cost": "33 kUSD"}}), currency="EUR")
    found = usual_of(plant, "faster machine", USUAL)
    assert (found.cost, found.yearly) == (33_000, 11_000)
