"""Which work center holds the plant back at each instant."""

from __future__ import annotations

import pytest

from plantwright.improvement.binding import binding, shares_of_time
from plantwright.plant import changed
from plantwright.simulation import Cancel

from .plants import pouch, two_steps

DAY = 86400.0


def told(plant, lots: int = 6) -> dict[str, float]:  # type: ignore[no-untyped-def]
    return binding(plant, horizon=20 * DAY, warmup=2 * DAY, seed=1, lots=lots, cancel=Cancel())


def test_the_longest_period_claims_its_time_and_leaves_the_rest_to_the_next() -> None:
    # a is active for 10, b for 4 within it and then for 11: b claims 9 to 20, a what is left of its own.
    periods = [(0.0, 10.0, "a"), (4.0, 8.0, "b"), (9.0, 20.0, "b")]
    assert shares_of_time(periods, 0.0, 20.0) == pytest.approx({"b": 11 / 20, "a": 9 / 20}, abs=1e-3)


def test_time_in_which_nothing_is_active_belongs_to_nobody() -> None:
    assert shares_of_time([(0.0, 5.0, "a"), (15.0, 20.0, "b")], 0.0, 20.0) == pytest.approx({"a": 0.5, "b": 0.5})
    assert shares_of_time([], 0.0, 20.0) == {}


def test_the_slower_of_two_machines_binds_always() -> None:
    assert told(two_steps("10 min", "6 min")) == {"cutter": 1.0}


def test_where_two_are_alike_and_random_the_limit_wanders() -> None:
    plant = changed(
        two_steps("exponential 10 min", "exponential 10 min"), {"products > bag > release": {"conwip": "6 lots"}}
    )
    shares = told(plant)
    assert shares.keys() == {"cutter", "sewer"}
    assert min(shares.values()) > 0.2


def test_a_night_does_not_end_what_goes_on_in_the_morning() -> None:
    # The mixer is never without work; every other work center waits for it now and then.
    shares = told(pouch(), lots=12)
    assert next(iter(shares)) == "mixer"
    assert shares["mixer"] > 0.95
    relieved = told(changed(pouch(), {"work centers > mixer > machines": "3"}), lots=12)
    assert next(iter(relieved)) != "mixer"
