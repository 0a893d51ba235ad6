"""Lists of orders at low and high demand: what stays, what comes twice, and what that makes of a plant worked out by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from plantwright.improvement import Move, improve
from plantwright.improvement.orders_at import as_table, lists_at
from plantwright.improvement.outlook import at_demand
from plantwright.plant import Plant, build_plant, changed, fingerprint
from plantwright.plant.products import Order
from plantwright.simulation import simulate

MONDAY = datetime(2026, 1, 5)
DAY = timedelta(days=1)


def shop(*orders: tuple[str, str], product: str = "part", time: str = "6 h/lot", **more: object) -> Plant:
    """One machine and one list of orders, each a quantity and the product; one a day, due after the third."""
    rows = [
        f"{number},{name},{MONDAY + number * DAY},{quantity},{MONDAY + (number + 3) * DAY}"
        for number, (quantity, name) in enumerate(orders)
    ]
    names = dict.fromkeys(name for _, name in orders)
    return build_plant(
        {
            "plant": "A shop",
            "start": "2026-01-05",
            "work centers": {"lathe": {"machines": "1"}},
            "products": {
                name: {"release": {"orders": "list.csv"}, "routing": [{"turn": {"at": "lathe", "time": time}}]}
                for name in names
            },
            **more,
        },
        files={"list.csv": "\n".join(["order,product,release,quantity,due", *rows])},
    )


def orders_of(plant: Plant | None) -> list[Order]:
    assert plant is not None
    listed = [order for made in plant.products.values() for release in made.releases for order in release.orders]
    return [replace(order, product="") for order in listed]


class TestLists:
    TEN = shop(*[("5", "part")] * 5, *[("50", "part")] * 5)

    def test_low_is_the_list_without_one_order_of_five_of_each_size(self) -> None:
        left = orders_of(at_demand(self.TEN, "low"))
        assert Counter(order.quantity for order in left) == {5: 4, 50: 4}
        assert set(left) < set(orders_of(self.TEN))

    def test_high_has_one_order_of_five_of_each_size_once_more(self) -> None:
        given, more = orders_of(self.TEN), orders_of(at_demand(self.TEN, "high"))
        assert Counter(order.quantity for order in more) == {5: 6, 50: 6}
        assert set(given) < set(more)
        further = [order for order in more if order not in given]
        # Each comes when another order does, in either half of the list one, and is due three days later as all are.
        assert {order.release for order in further} <= {order.release for order in given}
        assert sorted(order.release >= MONDAY + 5 * DAY for order in further) == [False, True]
        assert all(order.due == order.release + 3 * DAY for order in further)

    def test_orders_that_are_alike_are_drawn_and_not_counted_off(self) -> None:
        # Five a week, all alike: whoever leaves out every fifth leaves out one day of the week.
        alike = shop(*[("5", "part")] * 50)
        left = {order.release for order in orders_of(at_demand(alike, "low"))}
        out = {number % 5 for number in range(50) if MONDAY + number * DAY not in left}
        assert len(left) == 40
        assert len(out) >= 3

    def test_each_product_keeps_an_order_and_the_others_make_up_for_it(self) -> None:
        # Five of twenty orders are of products with one order: four are left out all the same, of the other fifteen.
        mixed = shop(*[("5", "part")] * 15, *[("5", f"single {k}") for k in range(5)])
        left = Counter(
            name for name, made in (at_demand(mixed, "low") or mixed).products.items() for _ in made.releases[0].orders
        )
        assert left == {"part": 11, **{f"single {k}": 1 for k in range(5)}}

    def test_where_every_product_has_one_order_nothing_can_be_left_out(self) -> None:
        singles = shop(*[("5", f"single {k}") for k in range(10)])
        assert at_demand(singles, "low") is None
        assert len(orders_of(at_demand(singles, "high"))) == 12

    def test_a_range_of_demand_holds_for_the_list_too(self) -> None:
        asked = changed(self.TEN, {"products > part > demand": {"rate": "10 pieces/day", "low": "4 pieces/day"}})
        assert Counter(order.quantity for order in orders_of(at_demand(asked, "low"))) == {5: 2, 50: 2}

    def test_a_given_sequence_says_which_orders_there_are(self) -> None:
        fixed = build_plant(
            {**_words(self.TEN), "sequence": "order.csv"},
            files={**_files(self.TEN), "order.csv": "order\n" + "\n".join(str(k) for k in range(10))},
        )
        assert lists_at(fixed, {"part": 0.8}) == {}

    def test_the_lists_are_always_the_same(self) -> None:
        first, again = at_demand(self.TEN, "high"), at_demand(shop(*[("5", "part")] * 5, *[("50", "part")] * 5), "high")
        assert first is not None
        assert again is not None
        assert fingerprint(first) == fingerprint(again) != fingerprint(self.TEN)

    def test_a_move_made_at_another_demand_finds_the_same_orders(self) -> None:
        low = at_demand(self.TEN, "low")
        assert low is not None
        assert orders_of(changed(low, {"work centers > lathe > machines": "2"})) == orders_of(low)

    def test_what_is_written_is_read_again(self) -> None:
        order = Order("A, 1", MONDAY + timedelta(hours=6, minutes=30), 2.5, MONDAY + 3 * DAY, 7.0, ("turn",))
        plain = Order("B", MONDAY, 4.0)
        words = {
            "plant": "A shop", "work centers": {"lathe": {"machines": "1"}},
            "products": {"part": {"release": {"orders": "a.csv"}, "routing": [{"turn": {"at": "lathe", "time": "1 h/lot"}}]}},
        }  # fmt: skip
        plant = build_plant(words, files={"a.csv": as_table([order, plain])})
        assert orders_of(plant) == [order, plain]


def _words(plant: Plant) -> dict[str, object]:
    from plantwright.plant.document import plain

    assert plant.document is not None
    return dict(plain(plant.document.root))


def _files(plant: Plant) -> dict[str, str]:
    assert plant.document is not None
    return plant.document.files


class TestPlant:
    # Twenty orders, one a day, each 26.4 h of one lathe: 22 days of work come in 20.
    BUSY = shop(*[("5", "part")] * 20, time="26.4 h/lot")

    def test_what_is_done_by_hand(self) -> None:
        # Four fifths are 17.6 days of work in 19 days, all done by day 25. At six fifths the lathe is the limit: 20 x 1.1 d are 22 days.
        low = simulate(at_demand(self.BUSY, "low"), horizon="25 d", warmup="0 d", replications=2)
        high = simulate(at_demand(self.BUSY, "high"), horizon="22 d", warmup="0 d", replications=2)
        assert low.estimate("throughput").mean * 25 == pytest.approx(16 * 5)
        assert high.estimate("throughput").mean * 22 == pytest.approx(20 * 5)

    def test_of_orders_of_a_product_each_high_demand_alone_is_told(self) -> None:
        second = Move("second lathe", "own move", "second lathe", {"work centers > lathe > machines": "2"})
        singles = shop(*[("5", f"single {k}") for k in range(10)], time="26.4 h/lot")
        study = improve(singles, moves=[second], by="cycle-time", replications=2)
        assert set(study.first_at) == {"as given", "high"}

    def test_what_a_second_lathe_brings_hangs_on_the_level(self) -> None:
        second = Move("second lathe", "own move", "second lathe", {"work centers > lathe > machines": "2"})
        study = improve(self.BUSY, moves=[second], by="cycle-time", replications=2)
        assert study.first_at == dict.fromkeys(("as given", "low", "high"), "second lathe")
        brings = study.moves[0].at_demand
        assert brings["low"].mean > brings["as given"].mean > brings["high"].mean
        # With two nobody waits at the given demand. With one, the kth waits .1 k days: those that are done in 19 days, 0 to 16, .8 days.
        assert brings["as given"].mean == pytest.approx(-0.8 * 86400)
