"""What starts lots, which goes next, where they go and what becomes of them. Stories worked out by hand."""

from __future__ import annotations

import math

import pytest

from plantwright.errors import SimulationError
from plantwright.plant import Plant
from plantwright.simulation import simulate
from plantwright.simulation.loads import expected_visits
from tests.simulation.plants import cycle_hours, exactly, hours, made, shop, tell


def flow(release: str, steps: str, words: str = "", *orders: str) -> Plant:
    """One product through as many single machines (m1, m2, m3) as it likes."""
    return shop(
        "plant: Flow\nwork centers: {m1: {machines: 1}, m2: {machines: 1}, m3: {machines: 1}}\n"
        f"products: {{part: {{release: {release}, {words}routing: [{steps}]}}}}\n",
        *orders,
    )


class TestRelease:
    THREE = "a: {at: m1, time: 1 h}, b: {at: m2, time: 1 h}, c: {at: m3, time: 1 h}"

    def test_at_a_fixed_interval(self) -> None:
        """At 2, 4, ... 24 o'clock; the one of 24 o'clock is not done."""
        run = tell(flow("{every: 2 h}", "a: {at: m1, time: 1 h}"), "24.5 h")
        assert round(exactly(run, "throughput") * 24.5 / 24, 9) == 11
        assert cycle_hours(run) == 1

    @pytest.mark.parametrize(("cards", "per_day"), [(1, 8), (2, 16), (3, 24), (6, 24)])
    def test_conwip_keeps_as_many_lots_as_there_are_cards(self, cards: int, per_day: int) -> None:
        """Three stations of an hour: cards / 3 h, until the stations are full; Little gives the cycle time."""
        run = tell(flow(f"{{conwip: {cards} lots}}", self.THREE), "1 d", warmup="1 d")
        assert made(run) == per_day
        assert exactly(run, "work in process") == pytest.approx(cards)
        assert cycle_hours(run) == pytest.approx(24 * cards / per_day)

    def test_conwip_cards_may_count_pieces(self) -> None:
        """Ten pieces allow two lots of four."""
        steps = "a: {at: m1, time: 1 h/lot}, b: {at: m2, time: 1 h/lot}"
        run = tell(flow("{conwip: 10 pieces}", steps, "lot: 4 pieces, "), "1 d", warmup="1 d")
        assert exactly(run, "work in process") == pytest.approx(2)

    def test_an_order_is_split_into_lots(self) -> None:
        """Twenty pieces in lots of eight: 8, 8 and 4 pieces, a minute each."""
        plant = flow(
            "{orders: orders.csv}", "a: {at: m1, time: 1 min/piece}", "lot: 8 pieces, ", "part 00:00 quantity=20"
        )
        run = tell(plant, "1 d")
        assert made(run) == 20
        assert cycle_hours(run) == pytest.approx((8 + 16 + 20) / 3 / 60)

    def test_saturated_never_lets_the_first_machine_starve(self) -> None:
        run = tell(flow("saturated", "a: {at: m1, time: 1 h}, b: {at: m2, time: 30 min}"), "1 d", warmup="2 h")
        assert hours(run, "m1") == {"working": 24}
        assert exactly(run, "buffer level", work_center="m1") == 0

    def test_a_plant_can_be_saturated_whatever_its_release(self) -> None:
        """A lot every 4 h; the slowest station could do one every 2 h."""
        plant = flow("{every: 4 h}", "a: {at: m1, time: 1 h}, b: {at: m2, time: 2 h}")
        assert made(tell(plant, "10 d", warmup="4 d")) == 60
        assert made(tell(plant, "10 d", warmup="4 d", saturated=True)) == 120

    def test_saturated_keeps_the_mix_of_the_demand(self) -> None:
        """Twice as many a as b, an hour each on one machine: 16 and 8 a day."""
        text = """
plant: Mix
work centers: {m: {machines: 1}}
products:
  a: {demand: {rate: 40 pieces/day}, routing: [x: {at: m, time: 1 h}]}
  b: {demand: {rate: 20 pieces/day}, routing: [x: {at: m, time: 1 h}]}
"""
        run = tell(shop(text), "10 d", warmup="5 d", saturated=True)
        assert made(run, product="a") == pytest.approx(160, abs=1)
        assert made(run, product="b") == pytest.approx(80, abs=1)

    @pytest.mark.parametrize(("words", "lost", "done"), [("", 0, 3), (", when full: lost", 0.25, 3)])
    def test_a_lot_that_finds_no_place_waits_outside_or_is_lost(self, words: str, lost: float, done: int) -> None:
        """A machine of an hour, one place; four come at once: one works, one waits, two find it full (one later)."""
        text = f"""
plant: Full
work centers: {{m: {{machines: 1, buffer: 1 lot}}}}
products: {{part: {{release: {{orders: orders.csv{words}}}, routing: [x: {{at: m, time: 1 h}}]}}}}
"""
        run = tell(shop(text, "part 00:00", "part 00:10", "part 00:20", "part 01:30"), "3.2 h")
        assert round(exactly(run, "throughput") * run.working_days, 9) == done
        if words:
            assert exactly(run, "lost share") == lost

    def test_without_release_or_demand_a_product_is_saturated(self) -> None:
        plant = shop("plant: x\nwork centers: {m: {}}\nproducts: {p: {routing: [a: {at: m, time: 1 h}]}}\n")
        assert made(tell(plant, "1 d")) == 24


class TestDemand:
    """What is sold is the smaller of what is asked and what is made, day by day."""

    @pytest.mark.parametrize(("asked", "sold"), [(10, 10), (24, 24), (30, 24)])
    def test_sales_are_capped_by_demand(self, asked: int, sold: int) -> None:
        plant = flow("saturated", "a: {at: m1, time: 1 h}", f"demand: {{rate: {asked} pieces/day, unmet: lost}}, ")
        run = tell(plant, "10 d", warmup="2 d")
        assert exactly(run, "sales") == sold
        assert exactly(run, "throughput") == 24

    @pytest.mark.parametrize(("unmet", "sold"), [("lost", 20), ("backlog", 30)])
    def test_unmet_demand_is_lost_or_waits(self, unmet: str, sold: int) -> None:
        """Ten a day for three days; thirty are made on the second: none, ten, ten; or none, twenty, ten."""
        plant = shop(
            f"""
plant: Late
work centers: {{m: {{machines: unlimited}}}}
products:
  part:
    lot: 30 pieces
    demand: {{rate: 10 pieces/day, unmet: {unmet}}}
    release: {{orders: orders.csv}}
    routing: [x: {{at: m, time: 30 h/lot}}]
""",
            "part 00:00 quantity=30",
        )
        assert exactly(tell(plant, "3 d"), "sales") * 3 == pytest.approx(sold)

    def test_working_days_alone_ask(self) -> None:
        """Ten a working day, five days of seven; the machine makes two an hour for eight hours: 16 are made, 10 sold."""
        text = """
plant: Week
shifts: {day: {days: Mon-Fri, from: "07:00", to: "15:00"}}
work centers: {m: {machines: 1, shift: day}}
products:
  part: {demand: {rate: 10 pieces/working day}, release: saturated, routing: [x: {at: m, time: 30 min}]}
"""
        run = tell(shop(text), "28 d", warmup="7 d")
        assert run.working_days == 20
        assert exactly(run, "sales") == 10
        assert exactly(run, "throughput") == 16


RANKED = ("first 00:00", "long 00:10 due=20:00 priority=1", "short 00:20 due=12:00", "mid 00:30 due=05:00")


class TestDispatch:
    """A lot of an hour holds the machine; meanwhile come long (3 h), short (1 h) and mid (2 h), in this order."""

    @pytest.mark.parametrize(
        ("rule", "order"),
        [
            ("FIFO", ("long", "short", "mid")),
            ("LIFO", ("mid", "short", "long")),
            ("SPT", ("short", "mid", "long")),
            ("EDD", ("mid", "short", "long")),
            ("priority, EDD", ("long", "mid", "short")),
        ],
    )
    def test_which_goes_next(self, rule: str, order: tuple[str, ...]) -> None:
        work = {"first": 1, "long": 3, "short": 1, "mid": 2}
        products = "".join(
            f"  {name}: {{release: {{orders: orders.csv}}, routing: [x: {{at: m, time: {time} h}}]}}\n"
            for name, time in work.items()
        )
        text = f"plant: Rank\nwork centers: {{m: {{machines: 1, rule: [{rule}]}}}}\nproducts:\n{products}"
        run = tell(shop(text, *RANKED), "1 d")
        came = {"long": 10 / 60, "short": 20 / 60, "mid": 30 / 60}
        ended = 1.0
        for name in order:
            ended += work[name]
            assert cycle_hours(run, product=name) == pytest.approx(ended - came[name]), name

    def test_without_a_rule_priority_goes_first(self) -> None:
        text = """
plant: Hot
work centers: {m: {machines: 1}}
products:
  cold: {release: {orders: orders.csv}, routing: [x: {at: m, time: 1 h}]}
  hot: {release: {orders: orders.csv}, routing: [x: {at: m, time: 1 h}]}
"""
        run = tell(shop(text, "cold 00:00", "cold 00:10", "hot 00:20 priority=9"), "1 d")
        assert cycle_hours(run, product="hot") == pytest.approx(100 / 60)

    def test_first_released_first_served_is_not_first_come_first_served(self) -> None:
        """Old takes a detour of two hours and still goes before the young, who came to the machine earlier."""
        text = """
plant: Seniority
work centers: {m: {machines: 1, rule: FIFO by release}, walk: {machines: unlimited}}
products:
  old: {release: {orders: orders.csv}, routing: [y: {at: walk, time: 2.5 h}, x: {at: m, time: 1 h}]}
  young: {release: {orders: orders.csv}, routing: [x: {at: m, time: 2 h}]}
"""
        run = tell(shop(text, "old 00:00", "young 01:00", "young 01:10"), "1 d")
        assert cycle_hours(run, product="old") == 4  # waits for the first young one until 03:00
        assert exactly(run, "queue time", work_center="m") == pytest.approx((0 + 0.5 + 17 / 6) / 3 * 3600)

    def test_due_dates_are_kept_or_missed(self) -> None:
        plant = flow(
            "{orders: orders.csv}", "a: {at: m1, time: 1 h}", "", "part 00:00 due=01:00", "part 00:00 due=01:59"
        )
        assert exactly(tell(plant, "1 d"), "on-time share") == 0.5
        assert tell(flow("{every: 2 h}", "a: {at: m1, time: 1 h}"), "1 d").unknown["on time"] == "no due dates"

    def test_a_due_date_after_release(self) -> None:
        assert exactly(tell(flow("{every: 2 h, due: 1 h}", "a: {at: m1, time: 1 h}"), "1 d"), "on-time share") == 1
        assert exactly(tell(flow("{every: 2 h, due: 59 min}", "a: {at: m1, time: 1 h}"), "1 d"), "on-time share") == 0


class TestRouting:
    def test_a_branch_leads_on_its_way(self) -> None:
        steps = "a: {at: m1, time: 1 h, next: {c: 100 %}}, b: {at: m2, time: 5 h}, c: {at: m3, time: 1 h}"
        assert cycle_hours(tell(flow("{every: 3 h}", steps), "1 d")) == 2

    def test_a_branch_may_lead_out(self) -> None:
        steps = "a: {at: m1, time: 1 h, next: {end: 100 %}}, b: {at: m2, time: 5 h}"
        assert cycle_hours(tell(flow("{every: 3 h}", steps), "1 d")) == 1

    def test_branches_share_as_said(self) -> None:
        """Of n lots 30 % take the branch: within four standard deviations of a binomial."""
        steps = "a: {at: m1, time: 1 min, next: {b: 30 %, c: 70 %}}, b: {at: m2, time: 2 min, next: {end: 100 %}}, c: {at: m3, time: 1 min}"
        run = simulate(flow("{every: 10 min}", steps), horizon="50 d", warmup="0 s", replications=4)
        n = 4 * 50 * 144
        share = run.estimate("state share", work_center="m2", state="working").mean / 0.2
        assert abs(share - 0.3) < 4 * math.sqrt(0.3 * 0.7 / n)

    def test_an_optional_step_is_taken_by_its_share(self) -> None:
        steps = "a: {at: m1, time: 1 min}, b: {at: m2, time: 2 min, share: 80 %}, c: {at: m3, time: 1 min}"
        run = simulate(flow("{every: 10 min}", steps), horizon="50 d", warmup="0 s", replications=4)
        n = 4 * 50 * 144
        share = run.estimate("state share", work_center="m2", state="working").mean / 0.2
        assert abs(share - 0.8) < 4 * math.sqrt(0.8 * 0.2 / n)
        # Two minutes, and two more for eight lots of ten.
        assert run.estimate("cycle time").mean / 60 == pytest.approx(2 + 2 * share, rel=1e-3)

    def test_steps_are_left_out_together(self) -> None:
        """One draw for both, whose machines so work in a ratio that is exact; a lot takes two minutes, or five."""
        steps = "a: {at: m1, time: 1 min}, b: {at: m2, time: 2 min, share: 30 %, share until: d}, d: {at: m3, time: 1 min}, c: {at: m1, time: 1 min}"
        plant = flow("{every: 10 min}", steps)
        run = simulate(plant, horizon="50 d", warmup="0 s", replications=4)
        n = 4 * 50 * 144
        share = run.estimate("state share", work_center="m3", state="working").mean / 0.1
        assert abs(share - 0.3) < 4 * math.sqrt(0.3 * 0.7 / n)
        assert run.estimate("state share", work_center="m2", state="working").mean == pytest.approx(
            0.2 * share, rel=1e-3
        )
        assert run.estimate("cycle time").mean / 60 == pytest.approx(2 + 3 * share, rel=1e-3)
        assert expected_visits(plant.products["part"]) == pytest.approx({"a": 1, "b": 0.3, "d": 0.3, "c": 1})

    def test_the_first_step_may_be_optional(self) -> None:
        steps = "a: {at: m1, time: 1 h, share: 50 %}, b: {at: m2, time: 1 h}"
        run = simulate(flow("{conwip: 5 lots}", steps), horizon="50 d", warmup="1 d", replications=4)
        assert run.estimate("work in process").mean == pytest.approx(5)
        assert run.estimate("state share", work_center="m2", state="working").mean > 0.99
        assert run.estimate("state share", work_center="m1", state="working").mean == pytest.approx(0.5, abs=0.05)

    def test_a_saturated_source_with_an_optional_first_step(self) -> None:
        """Most lots pass the source by: it must not run out of room for lots."""
        steps = "a: {at: m1, time: 1 h, share: 1 %}, b: {at: m2, time: 1 s}"
        run = simulate(flow("saturated", steps), horizon="2 d", warmup="1 d", replications=2)
        assert run.estimate("state share", work_center="m1", state="working").mean == pytest.approx(1)

    def test_rework_goes_back_as_often_as_it_may(self) -> None:
        """a b, a b, a b: six hours, then on."""
        steps = "a: {at: m1, time: 1 h}, b: {at: m2, time: 1 h, rework: {share: 100 %, back to: a, at most: 2}}"
        run = tell(flow("{every: 12 h}", steps), "23 h")
        assert cycle_hours(run) == 6

    def test_rework_that_does_not_help_ends_as_scrap(self) -> None:
        steps = "a: {at: m1, time: 1 h}, b: {at: m2, time: 1 h, rework: {share: 100 %, back to: a, at most: 2, then: scrap}}"
        run = tell(flow("{orders: orders.csv}", steps, "", "part 00:00"), "1 d")
        assert exactly(run, "scrap share") == 1
        assert hours(run, "m1")["working"] == 3

    def test_two_loops_of_rework_count_each_for_itself(self) -> None:
        """b sends back once and c once: a b a b c, a b a b c; b's own count starts anew once it is passed."""
        steps = (
            "a: {at: m1, time: 1 h}, b: {at: m2, time: 1 h, rework: {share: 100 %, back to: a, at most: 1}}, "
            "c: {at: m3, time: 1 h, rework: {share: 100 %, back to: a, at most: 1}}"
        )
        run = tell(flow("{orders: orders.csv}", steps, "", "part 00:00"), "1 d")
        assert cycle_hours(run) == 10
        assert hours(run, "m1")["working"] == 4


class TestQuality:
    def test_yield_of_what_is_weighed_is_exact(self) -> None:
        """12.5 kg at 80 %: ten are left, and a lot of that is done in the time of ten at the next step."""
        text = """
plant: Mixing
work centers: {mixer: {machines: 1}, packer: {machines: 1}}
products:
  paste:
    unit: kg
    lot: 12.5 kg
    release: {orders: orders.csv}
    routing:
      - mix: {at: mixer, time: 1 h/lot, yield: 80 %}
      - pack: {at: packer, time: 6 min/kg}
"""
        run = tell(shop(text, "paste 00:00 quantity=12.5"), "1 d")
        assert made(run) == 10
        assert exactly(run, "scrap share") == pytest.approx(0.2)
        assert cycle_hours(run) == 2

    @pytest.mark.parametrize("lot", ["100 kg", "99.5 kg"])
    def test_a_whole_number_of_kilograms_is_weighed_all_the_same(self, lot: str) -> None:
        """Of 24 lots a day 3 % of the weight is lost, no more in one run than in another; pieces would be counted."""
        text = f"""
plant: Weighed
work centers: {{mixer: {{machines: 1}}}}
products: {{paste: {{unit: kg, lot: {lot}, release: saturated, routing: [mix: {{at: mixer, time: 1 h/lot, yield: 97 %}}]}}}}
"""
        run = tell(shop(text), "10 d")
        assert exactly(run, "scrap share") == pytest.approx(0.03)
        assert exactly(run, "throughput") == pytest.approx(24 * 97 * (0.995 if lot == "99.5 kg" else 1))

    def test_as_many_pieces_are_counted(self) -> None:
        """The same in pieces: whole pieces are lost, in each run others."""
        plant = flow("saturated", "a: {at: m1, time: 1 h/lot, yield: 97 %}", "lot: 100 pieces, ")
        run = tell(plant, "10 d", replications=8)
        lost = [24000 - value * 10 for value in run.estimate("throughput").values]
        assert len(set(lost)) > 1
        assert all(value == pytest.approx(round(value), abs=1e-6) for value in lost)
        assert abs(sum(lost) / 8 - 720) < 4 * math.sqrt(24000 * 0.03 * 0.97 / 8)

    @pytest.mark.parametrize("good", [0.05, 0.5, 0.97])
    def test_yield_of_pieces_is_binomial(self, good: float) -> None:
        """Lots of 50: scrap within four standard deviations, and as widely spread from run to run as it should be."""
        plant = flow("{every: 1 h}", f"a: {{at: m1, time: 1 min/lot, yield: {100 * good:g} %}}", "lot: 50 pieces, ")
        run = simulate(plant, horizon="10 d", warmup="0 s", replications=60)
        scrap = run.estimate("scrap share")
        n = 50 * 239
        assert abs(scrap.mean - (1 - good)) < 4 * math.sqrt(good * (1 - good) / n / 60)
        spread = sum((value - scrap.mean) ** 2 for value in scrap.values) / 59
        assert 0.5 < spread / (good * (1 - good) / n) < 1.7

    def test_scrap_by_the_lot_takes_all_or_nothing(self) -> None:
        plant = flow("{every: 1 h}", "a: {at: m1, time: 1 min/lot, yield: 90 %, scrap: lot}", "lot: 50 pieces, ")
        run = simulate(plant, horizon="10 d", warmup="0 s", replications=20)
        for value in run.estimate("scrap share").values:
            assert value * 239 == pytest.approx(round(value * 239))
        assert abs(run.estimate("scrap share").mean - 0.1) < 4 * math.sqrt(0.1 * 0.9 / 239 / 20)

    def test_a_lot_of_which_nothing_is_left_gives_its_card_back(self) -> None:
        plant = flow("{conwip: 1 lot}", "a: {at: m1, time: 1 h, yield: 0 %}, b: {at: m2, time: 1 h}")
        run = tell(plant, "1 d")
        assert hours(run, "m1") == {"working": 24}
        assert exactly(run, "scrap share") == 1


class TestBooks:
    def test_the_warm_up_is_not_counted(self) -> None:
        """From noon on: twelve lots of an hour, all of them within their hour."""
        run = tell(flow("saturated", "a: {at: m1, time: 1 h}"), "12 h", warmup="12 h")
        assert exactly(run, "throughput") == 24
        assert hours(run, "m1") == {"working": 12}

    def test_quantiles_of_the_cycle_time(self) -> None:
        """Seven lots of an hour and three of two: the median is one hour, nine of ten are done within two."""
        orders = [f"part {hour:02d}:00" for hour in range(10)]
        text = """
plant: Quantiles
work centers: {m: {machines: unlimited}}
products:
  part: {release: {orders: orders.csv}, routing: [x: {at: m, time: 1 h}]}
  slow: {release: {orders: orders.csv}, routing: [x: {at: m, time: 2 h}]}
"""
        run = tell(shop(text, *orders[:7], *(order.replace("part", "slow") for order in orders[7:])), "1 d")
        assert exactly(run, "cycle time") == pytest.approx(1.3 * 3600)
        for share, truth in ((0.5, 1), (0.9, 2), (0.95, 2)):
            assert exactly(run, "cycle time", quantile=share) / 3600 == pytest.approx(truth, rel=0.006)

    def test_a_locked_plant_gives_no_result(self) -> None:
        steps = "a: {at: m1, time: 1 h}, b: {at: m2, time: 1 h}, again: {at: m1, time: 1 h}"
        text = f"""
plant: Reentrant
work centers: {{m1: {{machines: 1, buffer: 0 lots}}, m2: {{machines: 1, buffer: 0 lots}}}}
products: {{part: {{release: saturated, routing: [{steps}]}}}}
"""
        with pytest.raises(SimulationError, match="locks up"):
            tell(shop(text), "1 d")

    def test_contribution_per_year(self) -> None:
        """24 a day at 10 USD less 4 USD of material, one person at 20 USD/h day and night."""
        text = """
plant: Money
currency: USD
people: {Ben: {skills: {x: 1}, wage: 20 USD/h}}
work centers: {m: {machines: 1}}
materials: {bar: {price: 4 USD/piece}}
products:
  part: {price: 30 USD, release: saturated, routing: [x: {at: m, time: 1 h, takes: {bar: 1 piece/piece}}]}
"""
        run = tell(shop(text), "10 d", warmup="1 d")
        assert exactly(run, "contribution") == pytest.approx(365.25 * 24 * (30 - 4 - 20), rel=1e-3)
