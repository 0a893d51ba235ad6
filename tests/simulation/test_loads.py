"""How much work a lot brings to machines, by hand: alternatives, unlike machines, several places."""

from __future__ import annotations

import pytest

from plantwright.improvement.arithmetic import seconds_per_lot
from plantwright.plant import Plant, build_plant, read_text
from plantwright.simulation.loads import choice_shares, mix
from tests.simulation.plants import made, tell


def plant(centers: str, step: str) -> Plant:
    return read_text(f"""
plant: Loads
work centers: {{{centers}}}
products: {{part: {{release: saturated, routing: [work: {{{step}}}]}}}}
""")


def test_alternatives_share_lots_by_how_fast_they_are() -> None:
    """12 an hour and 6 an hour: two lots of three go to the fast one; a lot is 200 s of either, which makes 18 an hour."""
    both = plant("a: {}, b: {}", "at: [{center: a, time: 5 min}, {center: b, time: 10 min}]")
    shares = choice_shares(both, both.products["part"].routing[0], 1.0)
    assert shares == pytest.approx({"a": 2 / 3, "b": 1 / 3})
    assert [seconds_per_lot(both, name) for name in "ab"] == pytest.approx([200, 200])
    assert made(tell(both, "10 h")) == 10 * 3600 / 200


def test_faster_machines_need_less_of_the_run_alone() -> None:
    """At 100 and 300 %: 12 min of run are 6 by the mean speed, and 2 of loading; the two make 10 + 20 lots in the run's 120 min."""
    unlike = plant("a: {machines: [{name: x}, {name: y, speed: 300 %}]}", "at: a, time: 12 min, load: 2 min")
    assert seconds_per_lot(unlike, "a") == pytest.approx(8 * 60)


@pytest.mark.parametrize(
    ("places", "step", "seconds"),
    [
        (1, "time: 10 min, load: 3 min, unload: 2 min", 15),
        (2, "time: 10 min, load: 3 min, unload: 2 min", 10),
        (2, "time: 10 min, load: 3 min, unload: 2 min, interval: 4 min", 7.5),
        (4, "time: 10 min, load: 3 min, unload: 2 min, interval: 4 min", 4),
    ],
)
def test_places_hide_loading_and_an_interval_lets_runs_overlap(places: int, step: str, seconds: float) -> None:
    """Each lot keeps a place for 15 min; with two places one lot in 7.5 min at the best, with four one in the interval of 4."""
    cascade = plant(f"a: {{places: {places}}}", f"at: a, {step}")
    assert seconds_per_lot(cascade, "a") == pytest.approx(60 * seconds)
    # Over a long time the simulation makes as many, but for those that are in the machine at its end.
    assert made(tell(cascade, "100 h")) == pytest.approx(100 * 60 / seconds, abs=places + 1)


def test_the_mix_of_a_list_of_orders_is_that_of_its_lots() -> None:
    """Ten days: eight orders of one product, one of another, and one of 25 pieces in lots of ten, which is three lots; not one a day of what comes once."""
    rows = [f"a{day},often,2026-01-{5 + day:02},1" for day in (0, 1, 2, 3, 6, 8, 9, 10)]
    rows += ["b,once,2026-01-07,40", "c,in lots,2026-01-09,25"]
    listed = {"release": {"orders": "list.csv"}, "routing": [{"work": {"at": "a", "time": "1 h/lot"}}]}
    shop = build_plant(
        {
            "plant": "Orders",
            "start": "2026-01-05",
            "work centers": {"a": {}},
            "products": {"often": listed, "once": listed, "in lots": {"lot": "10 pieces", **listed}},
        },
        files={"list.csv": "\n".join(["order,product,release,quantity", *rows])},
    )
    assert {name: rate * 10 * 86400 for name, rate in mix(shop).items()} == pytest.approx(
        {"often": 8, "once": 1, "in lots": 3}
    )
