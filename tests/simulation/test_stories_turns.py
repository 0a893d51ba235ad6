"""Whose turn it is: people between works that wait, lots by several rules, batches and cards. Stories worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.plant import Plant
from tests.simulation.plants import cycle_hours, exactly, hours, made, shop, tell

HALF_DAY = '{days: Mon-Sun, from: "06:00", to: "14:00", breaks: ["10:00-10:30"]}'


def benches(
    people: str, *orders: str, staff: str = "[{skill: sew}]", time: str = "1 h", shifts: str = "", **centers: str
) -> Plant:
    """A bench for each product of the orders, of one machine unless it is told otherwise, and the people who serve them."""
    names = sorted({order.split()[0] for order in orders})
    rows = ", ".join(f"at {name}: {{{centers.get(name, 'machines: 1')}}}" for name in names)
    products = "".join(
        f"  {name}: {{release: {{orders: orders.csv}}, routing: [work: {{at: at {name}, time: {time}, staff: {staff}}}]}}\n"
        for name in names
    )
    return shop(
        f"plant: Benches\n{shifts}people: {{{people}}}\nwork centers: {{{rows}}}\nproducts:\n{products}", *orders
    )


class TestWhoGetsThePeople:
    def test_work_that_has_waited_longest_goes_before_what_came_just_now(self) -> None:
        """Ann needs 11.9 + 7.7 + 29.3 + 3.1 = 52 min for a lot, and one comes every 41.3 min, so that lots pile up at a.

        What waits there is always older than what comes to b. She loads a, tends b while a runs, unloads a: every 52 min
        of hers a lot is done, but for the first, while which she waits for a to run for 23.7 min; that lot leaves b
        11.9 + 23.7 + 3.1 + 11.9 + 37 = 87.6 min after she came. In 40 days of 450 min: 1 + (18000 - 87.6) / 52 = 345.4.
        """
        text = f"""
plant: Ann
shifts: {{day: {HALF_DAY}, late: {{days: Mon-Sun, from: "13:00", to: "21:00", breaks: ["17:00-17:30"]}}}}
people: {{Ann: {{shift: day, skills: {{x: 1}}}}}}
work centers: {{a: {{machines: 1, shift: day}}, b: {{machines: 1, shift: [day, late]}}}}
products:
  part:
    release: {{every: 41.3 min}}
    routing:
      - one: {{at: a, time: 23.7 min, load: 11.9 min, unload: 3.1 min, staff: [{{skill: x, for: [load, unload]}}]}}
      - two: {{at: b, time: 29.3 min, load: 7.7 min, staff: [{{skill: x, for: [load, run]}}]}}
"""
        run = tell(shop(text), "40 d")
        assert made(run) == 345
        assert exactly(run, "throughput") == 8.625
        assert exactly(run, "use of people", crew="Ann") == pytest.approx((18000 - 23.7) / 18000)

    def test_one_job_and_then_whoever_has_waited_longest(self) -> None:
        """Two people come at 06:00: one for a's lot of 01:00, one for b's of 02:00; a's second machine waits till 07:00."""
        people = "sewer: {count: 2, shift: day, skills: {sew: 1}}"
        shifts = f"shifts: {{day: {HALF_DAY}}}\n"
        run = tell(benches(people, "a 01:00", "b 02:00", "a 03:00", shifts=shifts, a="machines: 2"), "1 d")
        assert cycle_hours(run, product="b") == 5
        assert cycle_hours(run, product="a") == (6 + 5) / 2

    @pytest.mark.parametrize("first", ["a", "b"])
    def test_shifts_that_begin_together_are_one_instant(self, first: str) -> None:
        """Ben, a's shift and b's own begin at 06:00; the lot of 01:00 goes first wherever it lies."""
        shifts = f"""
shifts:
  day: {HALF_DAY}
  long: {{days: Mon-Sun, from: "06:00", to: "18:00"}}
"""
        plant = benches(
            "Ben: {shift: day, skills: {sew: 1}}",
            f"{first} 01:00",
            f"{'b' if first == 'a' else 'a'} 02:00",
            shifts=shifts,
            a="machines: 1, shift: day",
            b="machines: 1, shift: long",
        )
        run = tell(plant, "1 d")
        assert cycle_hours(run, product=first) == 6
        assert cycle_hours(run, product="b" if first == "a" else "a") == 6

    @pytest.mark.parametrize("tom", ["day", "long"])
    def test_a_repair_that_waits_goes_before_one_whose_shift_begins(self, tom: str) -> None:
        """The night machine fails at 03:00, the other at 05:00 before its shift; Tom comes at 06:00, as that shift begins."""
        text = f"""
plant: Tom
shifts: {{day: {{days: Mon-Sun, from: "06:00", to: "14:00"}}, long: {{days: Mon-Sun, from: "06:00", to: "15:00"}}}}
people: {{Tom: {{shift: {tom}, skills: {{repair: 1}}}}}}
work centers:
  early: {{machines: 1, shift: day, failures: [{{every: 5 h, clock: calendar, repair: 1 h, by: repair 1}}]}}
  night: {{machines: 1, failures: [{{every: 3 h, clock: calendar, repair: 30 min, by: repair 1}}]}}
products:
  part: {{release: {{orders: orders.csv}}, routing: [a: {{at: early, time: 1 h}}]}}
  other: {{release: {{orders: orders.csv}}, routing: [a: {{at: night, time: 4 h}}]}}
"""
        # night: works 3 h, is down from 03:00 to 06:30 and works until 07:30; early: repaired from 06:30 to 07:30.
        run = tell(shop(text, "part 05:30", "other 00:00"), "8.6 h")
        assert cycle_hours(run, product="other") == 7.5
        assert cycle_hours(run, product="part") == 3

    def test_a_center_waits_since_its_oldest_lot_came_whichever_goes_first(self) -> None:
        """Ben ends b's first lot at 03:00: a's oldest came at 01:00, b's second at 02:00. At a the urgent one, of 02:30, goes first."""
        people = "Ben: {skills: {sew: 1}}"
        orders = ("b 00:00", "a 01:00", "b 02:00", "a 02:30 priority=1")
        run = tell(benches(people, *orders, time="3 h"), "1 d")
        # a's urgent lot from 03:00 to 06:00, its old one until 09:00, then b's until 12:00.
        assert cycle_hours(run, product="a") == (3.5 + 8) / 2
        assert cycle_hours(run, product="b") == (3 + 10) / 2

    def test_where_a_machine_fails_that_lacks_its_person_the_next_one_lacks_it(self) -> None:
        """Ben is away, one lot waits for him; of two machines the first lacks him until 02:00, is maintained, and then idle."""
        text = f"""
plant: Away
shifts: {{day: {HALF_DAY}}}
people: {{Ben: {{shift: day, skills: {{sew: 1}}}}}}
work centers: {{m: {{machines: 2, maintenance: [{{every: 4 h, lasts: 1 h}}]}}}}
products: {{part: {{release: {{orders: orders.csv}}, routing: [x: {{at: m, time: 1 h, staff: [{{skill: sew}}]}}]}}}}
"""
        # The second is idle until 02:00, and lacks him from then on.
        run = tell(shop(text, "part 00:00"), "3.9 h")
        assert hours(run, "m") == {"no staff": 3.9 / 2, "starved": 2.9 / 2, "maintenance": 0.5}

    def test_no_staff_on_as_many_machines_as_there_are_lots(self) -> None:
        """Four machines, two lots and one person for an hour: one works, one lacks its person, two lack lots."""
        run = tell(benches("Ben: {skills: {sew: 1}}", "a 00:00", "a 00:00", a="machines: 4"), "1 h")
        assert hours(run, "at a") == {"working": 0.25, "no staff": 0.25, "starved": 0.5}


class TestWhoCanDoIt:
    def test_the_versatile_makes_room_for_the_one_who_can_do_less(self) -> None:
        """X can do both, Y only a: whoever is looked at first, both go to work: 144 lots of 10 min a day."""
        text = """
plant: Two
people: {X: {skills: {a: 1, b: 1}}, Y: {skills: {a: 1, c: 1, d: 1}}}
work centers: {m: {machines: 1}}
products: {part: {release: saturated, routing: [x: {at: m, time: 10 min, staff: [{skill: a}, {skill: b}]}]}}
"""
        assert made(tell(shop(text), "1 d")) == 144

    def test_a_chain_of_three(self) -> None:
        """P goes to a and Q to b, the least versatile; then c is left to Q alone, b to P, and a to R."""
        text = """
plant: Three
people:
  P: {skills: {a: 1, b: 1}}
  Q: {skills: {b: 1, c: 1, d: 1}}
  R: {skills: {a: 1, d: 1, e: 1, f: 1}}
work centers: {m: {machines: 1}}
products:
  part:
    release: saturated
    routing: [x: {at: m, time: 10 min, staff: [{skill: a}, {skill: b}, {skill: c}]}]
"""
        run = tell(shop(text), "1 d")
        assert made(run) == 144
        assert [exactly(run, "use of people", crew=name) for name in "PQR"] == [1, 1, 1]

    def test_nobody_is_found_twice(self) -> None:
        """Only Q can do b and c: the work that needs both never starts, and holds nobody: a's goes on."""
        text = """
plant: Never
people: {P: {skills: {a: 1}}, Q: {skills: {b: 1, c: 1}}}
work centers: {m: {machines: 1}, n: {machines: 1}}
products:
  never: {release: saturated, routing: [x: {at: m, time: 10 min, staff: [{skill: a}, {skill: b}, {skill: c}]}]}
  part: {release: saturated, routing: [x: {at: n, time: 10 min, staff: [{skill: a}, {skill: b}]}]}
"""
        run = tell(shop(text), "1 d")
        assert made(run, product="part") == 144
        assert hours(run, "m") == {"no staff": 24}

    def test_who_waits_for_two_holds_nobody(self) -> None:
        """b holds one of two people until 03:00; a and c want both; e takes the one who is free from 00:30 to 01:30.

        f is loaded by one from 02:00 to 02:10 and runs with both: it lets the one go, and as it has begun it goes first.
        """
        text = """
plant: Both
people: {pair: {count: 2, skills: {press: 1}}}
work centers: {m1: {machines: 1}, m2: {machines: 1}, m3: {machines: 1}, m4: {machines: 1}, m5: {machines: 1}}
products:
  a: {release: {orders: orders.csv}, routing: [x: {at: m1, time: 1 h, staff: [{skill: press, count: 2}]}]}
  b: {release: {orders: orders.csv}, routing: [x: {at: m2, time: 3 h, staff: [{skill: press}]}]}
  c: {release: {orders: orders.csv}, routing: [x: {at: m3, time: 1 h, staff: [{skill: press, count: 2}]}]}
  e: {release: {orders: orders.csv}, routing: [x: {at: m4, time: 1 h, staff: [{skill: press}]}]}
  f:
    release: {orders: orders.csv}
    routing:
      - x: {at: m5, load: 10 min, time: 1 h, staff: [{skill: press, for: load}, {skill: press, count: 2, for: run}]}
"""
        run = tell(shop(text, "b 00:00", "a 00:10", "c 00:20", "e 00:30", "f 02:00"), "1 d")
        assert cycle_hours(run, product="e") == 1
        assert cycle_hours(run, product="b") == 3
        assert cycle_hours(run, product="f") == 2  # 03:00 to 04:00
        assert cycle_hours(run, product="a") == pytest.approx(5 - 1 / 6)
        assert cycle_hours(run, product="c") == pytest.approx(6 - 1 / 3)


class TestRulesOfAList:
    def order_of(self, rule: str, *orders: str, words: str = "", **times: str) -> str:
        """The products by when they are done; the first order keeps the one machine busy until all are there."""
        products = "".join(
            f"  {name}: {{release: {{orders: orders.csv}}, routing: [x: {{at: m, time: {times.get(name, '1 h')}}}]}}\n"
            for name in sorted({order.split()[0] for order in orders})
        )
        text = f"plant: Rules\nwork centers: {{m: {{machines: 1, rule: [{rule}]{words}}}}}\nproducts:\n{products}"
        run = tell(shop(text, *orders), "1 d")
        done = {order.split()[0]: cycle_hours(run, product=order.split()[0]) for order in orders}
        came = {order.split()[0]: int(order.split()[1][3:]) / 60 for order in orders}
        return " ".join(sorted(done, key=lambda name: came[name] + done[name]))

    @pytest.mark.parametrize(("rule", "order"), [("EDD, priority", "o z y x"), ("priority, EDD", "o x z y")])
    def test_due_date_and_priority(self, rule: str, order: str) -> None:
        orders = ("o 00:00", "x 00:01 due=10:00 priority=5", "y 00:02 due=09:00", "z 00:03 due=09:00 priority=3")
        assert self.order_of(rule, *orders) == order

    def test_among_equally_short_the_earliest_due(self) -> None:
        orders = ("o 00:00", "x 00:01 due=10:00", "y 00:02 due=09:00", "z 00:03 due=11:00")
        assert self.order_of("SPT, EDD", *orders, z="30 min") == "o z y x"

    @pytest.mark.parametrize(("rule", "order"), [("EDD, least setup", "o x w y z"), ("least setup, EDD", "o x w z y")])
    def test_due_date_and_setup(self, rule: str, order: str) -> None:
        """After o, x is due first. w, y and z are due later: an own due date for z, one for w and y; w is quickest from x."""
        setup = ", setup: {default: 30 min, from: {x: {w: 5 min}, w: {z: 10 min, y: 20 min}}}"
        orders = ("o 00:00", "x 00:01 due=08:00", "y 00:02 due=09:00", "w 00:03 due=09:00", "z 00:04 due=10:00")
        assert self.order_of(rule, *orders, words=setup) == order

    def test_three_rules(self) -> None:
        """By priority, then by due date, then the last first."""
        orders = (
            "o 00:00",
            "x 00:01 due=10:00 priority=1",
            "y 00:02 due=09:00 priority=1",
            "z 00:03 due=09:00 priority=1",
            "v 00:04 due=08:00",
        )
        assert self.order_of("priority, EDD, LIFO", *orders) == "o z y x v"


class TestBatchesAndCards:
    def test_cards_that_come_back_fill_the_batch_that_starts(self) -> None:
        """Six cards: four lots bake and two wait; as the four are done, four come, and four of six bake: four an hour."""
        text = """
plant: Cards
work centers: {oven: {machines: 1, batch: {max: 4 lots, min: 2 lots, wait: 0 min}}}
products: {cake: {release: {conwip: 6 lots}, routing: [bake: {at: oven, time: 1 h/batch}]}}
"""
        run = tell(shop(text), "1 d", warmup="4 h")
        assert made(run) == 96
        assert cycle_hours(run) == 1.5  # Little: six lots at four an hour

    def test_a_lot_that_finds_its_place_now_fills_the_batch_that_starts(self) -> None:
        """At 00:00 three bake, two find places, and two cards are left; at 01:00 those come in and three of the four bake."""
        text = """
plant: Places
work centers: {oven: {machines: 1, batch: {max: 3 lots, min: 1 lot, wait: 0 min}, buffer: 2 lots}, rest: {machines: unlimited}}
products: {cake: {release: {conwip: 7 lots}, routing: [bake: {at: oven, time: 1 h/batch}, cool: {at: rest, time: 30 min}]}}
"""
        assert made(tell(shop(text), "24 h", warmup="10 h")) == 72

    @pytest.mark.parametrize("orders", [("cake 00:00", "tart 00:05"), ("tart 00:00", "cake 00:05")])
    def test_a_batch_of_anything_takes_as_long_as_its_slowest(self, orders: tuple[str, ...]) -> None:
        text = """
plant: Oven
work centers: {oven: {machines: 1, batch: {max: 4 lots, min: 2 lots, wait: 0 min}, batch with: any}}
products:
  cake: {release: {orders: orders.csv}, routing: [bake: {at: oven, time: 1 h/batch}]}
  tart: {release: {orders: orders.csv}, routing: [bake: {at: oven, time: 2 h/batch}]}
"""
        run = tell(shop(text, *orders), "1 d")
        assert hours(run, "oven")["working"] == 2
        assert cycle_hours(run, product=orders[1].split()[0]) == 2

    def test_a_machine_with_several_lots_keeps_its_turn(self) -> None:
        """Three cakes are baked at 01:00 and packed from then on, an hour each; the box of 01:30 comes after the last."""
        text = """
plant: Line
work centers: {oven: {machines: 1, batch: {max: 3 lots, min: 3 lots}}, saw: {machines: 1}, pack: {machines: 1, buffer: 0 lots}}
products:
  cake: {release: {orders: orders.csv}, routing: [bake: {at: oven, time: 1 h/batch}, pack: {at: pack, time: 1 h}]}
  box: {release: {orders: orders.csv}, routing: [cut: {at: saw, time: 1.5 h}, pack: {at: pack, time: 1 h}]}
"""
        run = tell(shop(text, "cake 00:00", "cake 00:00", "cake 00:00", "box 00:00"), "1 d")
        assert cycle_hours(run, product="box") == 5
        assert cycle_hours(run, product="cake") == 3  # 2, 3 and 4 h
