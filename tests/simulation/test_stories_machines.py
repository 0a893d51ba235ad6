"""Machines: setups, blocking, failures, maintenance, batches. Stories without chance, worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import SimulationError
from plantwright.plant import Plant
from plantwright.simulation import simulate
from tests.simulation.plants import cycle_hours, exactly, hours, made, shop, tell


def painter(setup: str, *orders: str, rule: str = "FIFO") -> Plant:
    """One painter; red and ruby are one family, blue and green their own; an hour a piece, on order."""
    products = "\n".join(
        f"  {name}: {{family: {family}, release: {{orders: orders.csv}}, routing: [paint: {{at: painter, time: 1 h}}]}}"
        for name, family in (("red", "reds"), ("ruby", "reds"), ("blue", "blues"), ("green", "greens"))
        if any(order.split()[0] == name for order in orders)
    )
    return shop(
        f"plant: Painter\nwork centers:\n  painter: {{machines: 1, setup: {setup}, rule: [{rule}]}}\nproducts:\n{products}\n",
        *orders,
    )


class TestSetups:
    def test_the_first_job_and_every_change_of_family_need_a_setup(self) -> None:
        run = tell(painter("30 min", "red 00:00", "blue 00:01", "red 00:02"), "1 d")
        assert hours(run, "painter") == {"working": 3, "setup": 1.5, "starved": 19.5}
        assert exactly(run, "setups", work_center="painter") == 3

    def test_no_setup_between_products_of_a_family(self) -> None:
        run = tell(painter("30 min", "red 00:00", "ruby 00:01", "red 00:02"), "1 d")
        assert hours(run, "painter")["setup"] == 0.5

    def test_a_minor_setup_between_products_of_a_family(self) -> None:
        run = tell(painter("{default: 30 min, minor: 6 min}", "red 00:00", "ruby 00:01", "ruby 00:02"), "1 d")
        assert hours(run, "painter")["setup"] == 0.6

    def test_times_from_one_family_to_another(self) -> None:
        """10 minutes into reds, 2 h from reds to blues, half an hour (the rest) into greens."""
        plant = painter(
            "{default: 30 min, from: {reds: {blues: 2 h}}, into: {reds: 10 min}}",
            "red 00:00",
            "blue 00:01",
            "green 00:02",
            "red 00:03",
        )
        assert hours(tell(plant, "1 d"), "painter")["setup"] == pytest.approx((10 + 120 + 30 + 10) / 60)

    def test_least_setup_takes_the_same_family_first(self) -> None:
        """Red, red, then blue: blue is ready after 1.5 + 1 + 1.5 h, less the minute that it came later."""
        plant = painter("30 min", "red 00:00", "blue 00:01", "red 00:02", rule="least setup, FIFO")
        run = tell(plant, "1 d")
        assert hours(run, "painter")["setup"] == 1
        assert cycle_hours(run, product="blue") == pytest.approx(4 - 1 / 60)

    def test_least_setup_takes_the_shortest_of_two_changes(self) -> None:
        """From red, green takes 10 minutes and blue an hour; from green to blue it is half an hour."""
        setup = "{default: 30 min, from: {reds: {blues: 1 h, greens: 10 min}}}"
        run = tell(painter(setup, "red 00:00", "blue 00:01", "green 00:02", rule="least setup, FIFO"), "1 d")
        assert cycle_hours(run, product="green") == pytest.approx((90 + 70 - 2) / 60)
        assert cycle_hours(run, product="blue") == pytest.approx((90 + 70 + 90 - 1) / 60)

    @pytest.mark.parametrize(
        ("rule", "blue"), [("priority, least setup", 3 - 1 / 60), ("least setup, priority", 4 - 1 / 60)]
    )
    def test_priority_and_least_setup_rank_as_written(self, rule: str, blue: float) -> None:
        plant = painter("30 min", "red 00:00", "red 00:01", "blue 00:01 priority=5", rule=rule)
        assert cycle_hours(tell(plant, "1 d"), product="blue") == pytest.approx(blue)

    def test_a_machine_already_set_up_is_taken_before_one_longer_idle(self) -> None:
        """Two machines, red first on one, then blue on the other; two hours later a blue comes: no third setup."""
        text = """
plant: Two painters
work centers: {painter: {machines: 2, setup: 30 min}}
products:
  red: {release: {orders: orders.csv}, routing: [paint: {at: painter, time: 1 h}]}
  blue: {release: {orders: orders.csv}, routing: [paint: {at: painter, time: 1 h}]}
"""
        run = tell(shop(text, "red 00:00", "blue 00:30", "blue 04:00"), "1 d")
        assert exactly(run, "setups", work_center="painter") == 2


class TestBlocking:
    """An hour at m1, three at m2, nothing between."""

    def test_a_machine_keeps_its_finished_lot_until_there_is_room(self) -> None:
        run = tell(line_of("1 h", "3 h", places=0), "24 h", warmup="12 h")
        assert hours(run, "m1") == {"working": 8, "blocked": 16}
        assert hours(run, "m2") == {"working": 24}
        assert made(run) == 8
        assert exactly(run, "work in process") == 2
        assert cycle_hours(run) == 6

    def test_a_place_between_holds_one_lot_more(self) -> None:
        run = tell(line_of("1 h", "3 h", places=1), "24 h", warmup="12 h")
        assert exactly(run, "work in process") == 3
        assert exactly(run, "buffer level", work_center="m2") == 1
        assert cycle_hours(run) == 9

    def test_places_may_be_counted_in_pieces(self) -> None:
        """Ten places hold two lots of four."""
        text = """
plant: Pieces
work centers: {m1: {machines: 1}, m2: {machines: 1, buffer: 10 pieces}}
products:
  part: {lot: 4 pieces, release: saturated, routing: [a: {at: m1, time: 1 h/lot}, b: {at: m2, time: 3 h/lot}]}
"""
        assert exactly(tell(shop(text), "24 h", warmup="24 h"), "buffer level", work_center="m2") == 2

    def test_blocked_machines_are_let_in_first_come_first_served(self) -> None:
        """Two feeders into one machine of 3 h: with an hour of work each, both wait five of every six hours."""
        text = """
plant: Two feeders
work centers: {left: {machines: 1}, right: {machines: 1}, press: {machines: 1, buffer: 0 lots}}
products:
  a: {release: saturated, routing: [cut: {at: left, time: 1 h}, press: {at: press, time: 3 h}]}
  b: {release: saturated, routing: [cut: {at: right, time: 1 h}, press: {at: press, time: 3 h}]}
"""
        run = tell(shop(text), "24 h", warmup="12 h")
        assert made(run, product="a") == made(run, product="b") == 4
        assert hours(run, "left") == hours(run, "right") == {"working": 4, "blocked": 20}

    def test_a_plant_that_locks_up_is_named(self) -> None:
        """Two machines that send lots to each other, both full."""
        text = """
plant: Circle
work centers: {m1: {machines: 1, buffer: 0 lots}, m2: {machines: 1, buffer: 0 lots}}
products:
  a: {release: saturated, routing: [one: {at: m1, time: 1 h}, two: {at: m2, time: 1 h}]}
  b: {release: saturated, routing: [one: {at: m2, time: 1 h}, two: {at: m1, time: 1 h}]}
"""
        with pytest.raises(SimulationError, match="m1 -> m2 -> m1"):
            tell(shop(text), "1 d")

    def test_a_circle_of_machines_that_wait_for_different_centers_is_named(self) -> None:
        """One machine of x is full for y and the other for z, and both y and z are full for x, at 03:00."""
        text = """
plant: Two circles
work centers: {x: {machines: 2, buffer: 0 lots}, y: {machines: 1, buffer: 0 lots}, z: {machines: 1, buffer: 0 lots}}
products:
  a: {release: {orders: orders.csv}, routing: [one: {at: x, time: 1 h}, two: {at: y, time: 2 h}, three: {at: x, time: 1 h}]}
  b: {release: {orders: orders.csv}, routing: [one: {at: x, time: 1 h}, two: {at: z, time: 2 h}, three: {at: x, time: 1 h}]}
"""
        with pytest.raises(SimulationError, match=r"x -> [yz] -> x: each is full"):
            tell(shop(text, "a 00:00", "b 00:00", "a 00:30", "b 00:30"), "1 d")

    def test_one_machine_that_can_go_on_is_no_lock(self) -> None:
        """As before, but the second b goes out from x: it makes room for what waits at z or y."""
        text = """
plant: One way out
work centers: {x: {machines: 2, buffer: 0 lots}, y: {machines: 1, buffer: 0 lots}, z: {machines: 1, buffer: 0 lots}}
products:
  a: {release: {orders: orders.csv}, routing: [one: {at: x, time: 1 h}, two: {at: y, time: 2 h}, three: {at: x, time: 1 h}]}
  b: {release: {orders: orders.csv}, routing: [one: {at: x, time: 1 h}, two: {at: z, time: 2 h}, three: {at: x, time: 1 h}]}
  c: {release: {orders: orders.csv}, routing: [one: {at: x, time: 1 h}]}
"""
        assert made(tell(shop(text, "a 00:00", "b 00:00", "a 00:30", "c 00:30"), "1 d")) == 4

    def test_unlimited_machines_take_everybody_at_once(self) -> None:
        text = """
plant: Drying
work centers: {room: {machines: unlimited}}
products: {sheet: {release: {orders: orders.csv}, routing: [dry: {at: room, load: 5 min, time: 2 h, unload: 10 min}]}}
"""
        run = tell(shop(text, *["sheet 00:00"] * 5), "1 d")
        assert made(run) == 5
        assert cycle_hours(run) == 2.25

    def test_a_saturated_release_needs_a_machine_that_can_be_full(self) -> None:
        text = """
plant: No end
work centers: {room: {machines: unlimited}}
products: {sheet: {release: saturated, routing: [dry: {at: room, time: 2 h}]}}
"""
        with pytest.raises(SimulationError, match="there is no end to them"):
            tell(shop(text), "1 d")


def line_of(first: str, second: str, places: int) -> Plant:
    return shop(f"""
plant: Two
work centers: {{m1: {{machines: 1}}, m2: {{machines: 1, buffer: {places} lots}}}}
products: {{part: {{release: saturated, routing: [a: {{at: m1, time: {first}}}, b: {{at: m2, time: {second}}}]}}}}
""")


def one_machine(words: str, time: str = "1 h", release: str = "{orders: orders.csv}", *orders: str) -> Plant:
    return shop(
        f"plant: One\nwork centers: {{m: {{machines: 1{words}}}}}\n"
        f"products: {{part: {{release: {release}, routing: [work: {{at: m, time: {time}}}]}}}}\n",
        *orders,
    )


class TestFailures:
    def test_work_goes_on_where_it_stopped(self) -> None:
        """Two hours of work, a failure after one of them, an hour of repair: three hours."""
        plant = one_machine(", failures: [{every: 1 h, repair: 1 h}]", "2 h", "{orders: orders.csv}", "part 00:00")
        run = tell(plant, "2.9 h")
        assert hours(run, "m") == {"working": 1.9, "in repair": 1}

    def test_by_working_time_an_idle_machine_does_not_fail(self) -> None:
        """An hour of work every four: after 2.5 h of work it fails at 12:30 and is back at 13:30."""
        plant = one_machine(", failures: [{every: 2.5 h, clock: working, repair: 1 h}]", release="{every: 4 h}")
        assert hours(tell(plant, "15 h"), "m") == {"working": 3, "in repair": 1, "starved": 11}

    def test_by_the_calendar_it_fails_working_or_not(self) -> None:
        """Down from 2:30, 6:00, 9:30 and 13:00, an hour each: the next failure counts from the end of the repair."""
        plant = one_machine(", failures: [{every: 2.5 h, clock: calendar, repair: 1 h}]", release="{every: 4 h}")
        assert hours(tell(plant, "15 h"), "m") == {"working": 3, "in repair": 4, "starved": 8}

    def test_setting_up_does_not_wear_the_machine(self) -> None:
        """Five hours of setup and one of work: no failure in 1.5 h of work."""
        plant = one_machine(
            ", setup: 5 h, failures: [{every: 1.5 h, repair: 1 h}]", "1 h", "{orders: orders.csv}", "part 00:00"
        )
        assert hours(tell(plant, "7 h"), "m") == {"setup": 5, "working": 1, "starved": 1}

    def test_two_ways_to_fail_keep_their_own_clocks(self) -> None:
        """Of 12 h of work: one after 5 and 10 h for an hour, the other after 8 h for two."""
        words = ", failures: [{every: 5 h, repair: 1 h}, {every: 8 h, repair: 2 h}]"
        plant = one_machine(words, "12 h", "{orders: orders.csv}", "part 00:00")
        run = tell(plant, "1 d")
        assert cycle_hours(run) == 16
        assert hours(run, "m") == {"working": 12, "in repair": 4, "starved": 8}

    def test_a_failed_machine_still_holds_a_place(self) -> None:
        """m2 is down from 2:00; m1's next lot takes its place and a second one blocks m1."""
        text = """
plant: Down
work centers:
  m1: {machines: 1}
  m2: {machines: 1, buffer: 0 lots, failures: [{every: 2.1 h, clock: calendar, repair: 100 h}]}
products: {part: {release: saturated, routing: [a: {at: m1, time: 1 h}, b: {at: m2, time: 0.5 h}]}}
"""
        run = tell(shop(text), "10 h")
        assert hours(run, "m1") == {"working": 3, "blocked": 7}
        assert made(run) == 1


class TestMaintenance:
    def test_it_waits_for_the_lot_in_process(self) -> None:
        """Lots of 3 h; due at 2:00, done from 3:00 to 4:00; due again at 11:00, done from 13:00."""
        plant = one_machine(", maintenance: [{every: 9 h, lasts: 1 h, first: 2 h}]", "3 h", "saturated")
        run = tell(plant, "14 h")
        assert hours(run, "m") == {"working": 12, "maintenance": 2}
        assert made(run) == 4

    def test_by_working_time_it_follows_the_work(self) -> None:
        """After 4 h of work, which take 16 h at an hour of work every four."""
        plant = one_machine(
            ", maintenance: [{every: 4 h, clock: working, lasts: 30 min, first: 4 h}]", release="{every: 4 h}"
        )
        assert hours(tell(plant, "20 h"), "m") == {"working": 4, "maintenance": 0.5, "starved": 15.5}

    def test_machines_that_are_alike_take_turns(self) -> None:
        """Every 8 h: the first at 4, 12 and 20 o'clock, the second at 8 and 16."""
        text = """
plant: Pair
work centers: {m: {machines: 2, maintenance: [{every: 8 h, lasts: 1 h}]}}
products: {part: {release: {orders: orders.csv}, routing: [work: {at: m, time: 1 h}]}}
"""
        run = tell(shop(text, "part 00:00"), "23 h")
        assert exactly(run, "state share", work_center="m", state="maintenance") == pytest.approx(5 / 46)

    def test_when_the_first_is_due_is_drawn_for_each_machine(self) -> None:
        """Twenty machines, an hour each at some time of 100 h: all have had it by 101 h, and some 49 of 100 by 49 h."""
        text = """
plant: Twenty
work centers: {m: {machines: 20, maintenance: [{every: 1000 h, lasts: 1 h, first: uniform 0..100 h}]}}
products: {part: {release: {orders: orders.csv}, routing: [work: {at: m, time: 1 min}]}}
"""
        plant = shop(text, "part 00:00")
        whole = tell(plant, "101 h").estimate("state share", work_center="m", state="maintenance")
        assert whole.mean * 101 == pytest.approx(1)
        half = simulate(plant, horizon="50 h", warmup="0 s", replications=10)
        shares = half.estimate("state share", work_center="m", state="maintenance").values
        # Who began by 49 h is done by 50 h: hours of maintenance count the machines, but for those still at it.
        counts = [share * 50 * 20 for share in shares]
        assert max(counts) - min(counts) > 1
        assert abs(sum(counts) - 99) < 4 * (200 * 0.495 * 0.505) ** 0.5


def oven(batch: str, *orders: str, lot: str = "1 piece", time: str = "1 h/batch") -> Plant:
    return shop(
        f"plant: Oven\nwork centers: {{oven: {{machines: 1, batch: {batch}}}}}\n"
        f"products: {{cake: {{lot: {lot}, release: {{orders: orders.csv}}, routing: [bake: {{at: oven, time: {time}}}]}}}}\n",
        *orders,
    )


class TestBatches:
    TWO_TO_FOUR = "{max: 4 lots, min: 2 lots, wait: 1 h}"

    def test_starts_when_full(self) -> None:
        run = tell(oven(self.TWO_TO_FOUR, "cake 00:00", "cake 00:10", "cake 00:20", "cake 00:30"), "1 d")
        assert cycle_hours(run) == pytest.approx((90 + 80 + 70 + 60) / 4 / 60)
        assert hours(run, "oven")["working"] == 1

    def test_starts_once_the_wait_is_over_if_enough_are_there(self) -> None:
        run = tell(oven(self.TWO_TO_FOUR, "cake 00:00", "cake 00:10"), "1 d")
        assert cycle_hours(run) == pytest.approx((120 + 110) / 2 / 60)

    def test_starts_when_the_least_is_there_if_the_wait_is_over(self) -> None:
        run = tell(oven(self.TWO_TO_FOUR, "cake 00:00", "cake 01:30"), "1 d")
        assert cycle_hours(run) == pytest.approx((150 + 60) / 2 / 60)

    def test_never_starts_below_the_least(self) -> None:
        run = tell(oven(self.TWO_TO_FOUR, "cake 00:00"), "1 d")
        assert hours(run, "oven") == {"starved": 24}

    def test_pieces_fill_a_batch(self) -> None:
        """Ten pieces hold two lots of four; the third waits for the next batch."""
        plant = oven("{max: 10 pieces, wait: 10 min}", *["cake 00:00 quantity=4"] * 3, lot="4 pieces")
        assert cycle_hours(tell(plant, "1 d")) == pytest.approx((1 + 1 + 2) / 3)

    def test_time_per_lot_adds_up_in_a_batch(self) -> None:
        plant = oven("{max: 2 lots}", "cake 00:00", "cake 00:00", "cake 00:00", time="1 h/lot")
        # The first starts alone; the others share a batch of two hours.
        assert cycle_hours(tell(plant, "1 d")) == pytest.approx((1 + 3 + 3) / 3)

    @pytest.mark.parametrize(("words", "baking"), [("", 2.0), (", batch with: same recipe", 1.0)])
    def test_products_share_a_batch_where_the_recipe_is_the_same(self, words: str, baking: float) -> None:
        text = f"""
plant: Oven
work centers: {{oven: {{machines: 1, batch: {{max: 4 lots, wait: 10 min}}{words}}}}}
products:
  cake: {{release: {{orders: orders.csv}}, routing: [bake: {{at: oven, time: 1 h/batch}}]}}
  tart: {{release: {{orders: orders.csv}}, routing: [bake: {{at: oven, time: 1 h/batch}}]}}
"""
        assert hours(tell(shop(text, "cake 00:00", "tart 00:00"), "1 d"), "oven")["working"] == baking


class TestTimes:
    def test_load_run_and_unload_per_piece_and_lot(self) -> None:
        """5 + 10 x 3 + 10 x 1 = 45 minutes."""
        text = """
plant: Turning
work centers: {lathe: {machines: 1}}
products:
  bolt:
    lot: 10 pieces
    release: {orders: orders.csv}
    routing: [turn: {at: lathe, load: 5 min/lot, time: 3 min/piece, unload: 1 min/piece}]
"""
        assert cycle_hours(tell(shop(text, "bolt 00:00 quantity=10"), "1 d")) == 0.75

    def test_machines_of_a_center_work_side_by_side(self) -> None:
        text = """
plant: Pair
work centers: {m: {machines: 2}}
products: {part: {release: {orders: orders.csv}, routing: [work: {at: m, time: 1 h}]}}
"""
        run = tell(shop(text, "part 00:00", "part 00:00", "part 00:00"), "1 d")
        assert cycle_hours(run) == pytest.approx((1 + 1 + 2) / 3)
        assert hours(run, "m") == {"working": 1.5, "starved": 22.5}
