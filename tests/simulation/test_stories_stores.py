"""Materials that may run out: what waits for them, who orders them and when they come. Stories worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.plant import Plant, changed
from plantwright.simulation import simulate
from tests.simulation.plants import exactly, first_difference, hours, log_of, shop, tell


def bakery(flour: str = "", supplier: str = "{}", step: str = "", words: str = "", orders: int = 6) -> Plant:
    """One oven, a loaf an hour for an hour, each of 2 kg of flour; loaves are ordered from 00:00 on."""
    return shop(
        f"""
plant: Bakery
work centers: {{oven: {{machines: 1}}}}
materials: {{flour: {{price: 1 USD/kg{flour}}}}}
suppliers: {{Mill: {supplier}}}
{words}
products: {{loaf: {{release: {{orders: orders.csv}}, routing: [bake: {{at: oven, time: 1 h, takes: {{flour: 2 kg/lot}}{step}}}]}}}}
""",
        *(f"loaf 0{hour}:00" for hour in range(orders)),
    )


SUPPLY = ("material ordered", "material delivered")


class TestOnHand:
    def test_what_is_not_counted_is_always_there(self) -> None:
        """With 5 kg there is flour for two loaves."""
        assert first_difference(bakery(), bakery(", on hand: 5 kg"), "6.5 h") == (
            (120, "material taken", "loaf 3", "bake", "oven", "flour"),
            (120, "state", "oven", "no material"),
        )

    def test_work_that_lacks_it_has_no_material(self) -> None:
        """Nothing more comes: from two o'clock on there is 1 kg, and work waits for more."""
        run = tell(bakery(", on hand: 5 kg"), "6.5 h")
        assert hours(run, "oven") == {"working": 2, "no material": 4.5}
        assert exactly(run, "material used", material="flour") * 6.5 / 24 == pytest.approx(4)
        # 3 kg for an hour, then 1 kg.
        assert exactly(run, "buffer level", material="flour") == pytest.approx((3 + 5.5 * 1) / 6.5)
        assert exactly(run, "stock-out share", material="flour") == pytest.approx(4.5 / 6.5)
        assert run.not_simulated == ()

    def test_what_is_always_there_is_counted_as_used(self) -> None:
        run = tell(bakery(), "6.5 h")
        assert exactly(run, "material used", material="flour") * 6.5 / 24 == pytest.approx(12)
        assert not run.named("stock-out share")

    def test_as_much_as_is_needed_is_enough(self) -> None:
        """Ten times 0.1 kg are 1 kg, whatever rounding says."""
        plant = changed(
            bakery(", on hand: 1 kg", orders=9),
            {"products > loaf > routing > bake > takes > flour": "0.1 kg/lot", "materials > flour > on hand": "0.9 kg"},
        )
        assert hours(tell(plant, "9 h"), "oven") == {"working": 9}


class TestReorder:
    def test_an_order_fills_the_store_up(self) -> None:
        """At 01:00 one kilogram is left, which calls for seven; they come at 04:00 for the loaves three, four and five; at 05:00
        four are left, at 06:00 two.
        """
        plant = bakery(", on hand: 5 kg, from: Mill, reorder: {at: 2 kg, up to: 8 kg}", "{lead time: 3 h}")
        assert log_of(plant, "8.5 h", "material taken", *SUPPLY) == [
            (0, "material taken", "loaf 1", "bake", "oven", "flour"),
            (60, "material taken", "loaf 2", "bake", "oven", "flour"),
            (60, "material ordered", "flour", 7),
            (240, "material delivered", "flour", 7),
            (240, "material taken", "loaf 3", "bake", "oven", "flour"),
            (300, "material taken", "loaf 4", "bake", "oven", "flour"),
            (360, "material taken", "loaf 5", "bake", "oven", "flour"),
            (360, "material ordered", "flour", 6),
            (420, "material taken", "loaf 6", "bake", "oven", "flour"),
        ]
        assert first_difference(bakery(", on hand: 5 kg"), plant, "6.5 h", "state", *SUPPLY) == (
            (120, "state", "oven", "no material"),
            (60, "material ordered", "flour", 7),
        )

    def test_without_a_lead_time_it_comes_at_once(self) -> None:
        plant = bakery(", on hand: 2 kg, reorder: {at: 0 kg, up to: 4 kg}")
        assert log_of(plant, "6.5 h", *SUPPLY) == [
            (minute, f"material {what}", "flour", 4) for minute in (0, 120, 240) for what in ("ordered", "delivered")
        ]
        assert hours(tell(plant, "6 h"), "oven") == {"working": 6}

    def test_what_is_on_order_counts(self) -> None:
        """Every loaf calls for two kilograms more, three orders are on their way at a time."""
        plant = bakery(", on hand: 8 kg, from: Mill, reorder: {at: 6 kg, up to: 8 kg}", "{lead time: 150 min}")
        assert log_of(plant, "6.5 h", *SUPPLY) == [
            (0, "material ordered", "flour", 2),
            (60, "material ordered", "flour", 2),
            (120, "material ordered", "flour", 2),
            (150, "material delivered", "flour", 2),
            (180, "material ordered", "flour", 2),
            (210, "material delivered", "flour", 2),
            (240, "material ordered", "flour", 2),
            (270, "material delivered", "flour", 2),
            (300, "material ordered", "flour", 2),
            (330, "material delivered", "flour", 2),
            (390, "material delivered", "flour", 2),
        ]

    def test_too_little_at_the_start_is_ordered_at_the_start(self) -> None:
        plant = bakery(", on hand: 1 kg, from: Mill, reorder: {at: 2 kg, up to: 12 kg}", "{lead time: 90 min}")
        assert log_of(plant, "2 h", "material taken", *SUPPLY) == [
            (0, "material ordered", "flour", 11),
            (90, "material delivered", "flour", 11),
            (90, "material taken", "loaf 1", "bake", "oven", "flour"),
        ]

    def test_an_order_in_an_outage_waits_until_it_ends(self) -> None:
        """Out from 00:30 to 02:30: the order of 01:00 leaves at 02:30 and comes at 03:30."""
        flour = ", on hand: 4 kg, from: Mill, reorder: {at: 0 kg, up to: 8 kg}"
        steady = bakery(flour, "{lead time: 1 h}")
        shaky = bakery(flour, "{lead time: 1 h, outage: {every: 30 min, lasts: 2 h}}")
        assert first_difference(steady, shaky, "4 h", *SUPPLY) == (
            (120, "material delivered", "flour", 8),
            (210, "material delivered", "flour", 8),
        )

    def test_what_is_on_its_way_comes_in_an_outage_too(self) -> None:
        """Ordered at 01:00, out from 01:30 to 03:30."""
        plant = bakery(
            ", on hand: 4 kg, from: Mill, reorder: {at: 0 kg, up to: 8 kg}",
            "{lead time: 1 h, outage: {every: 90 min, lasts: 2 h}}",
        )
        assert log_of(plant, "3 h", *SUPPLY)[1] == (120, "material delivered", "flour", 8)

    def test_base_stock_is_a_queue_of_as_many_servers(self) -> None:
        """Of three pieces each comes back an exponential hour after it was taken, and lots that find none wait: M/M/3 with the lead
        time as its service. Erlang C for a load of 2 is 4/9, so lots wait 4/9 h, and one piece is on hand in the mean.
        """
        plant = shop("""
plant: Spare parts
work centers: {bench: {machines: 40}}
materials: {valve: {on hand: 3 pieces, from: Maker, reorder: {at: 2 pieces, up to: 3 pieces}}}
suppliers: {Maker: {lead time: exponential 1 h}}
products: {pump: {release: {every: exponential 30 min}, routing: [fit: {at: bench, time: 1 s, takes: {valve: 1 piece/lot}}]}}
""")
        run = simulate(plant, horizon="60 d", warmup="2 d", replications=8, level=0.999)
        wait, level = run.estimate("queue time", work_center="bench"), run.estimate("buffer level", material="valve")
        assert wait.low / 3600 < 4 / 9 < wait.high / 3600
        assert level.low < 1 < level.high
        # Somebody waits if more than three are asked for: 4/9 times the load of a server.
        short = run.estimate("stock-out share", material="valve")
        assert short.low < 4 / 9 * 2 / 3 < short.high
        assert short.high - short.low < 0.2


class TestAllAtOnce:
    def test_who_lacks_material_is_passed_over(self) -> None:
        """The first lot wants flour of which there is none; the roll behind it goes first, and then nothing can."""
        plant = shop(
            """
plant: Bakery
work centers: {oven: {machines: 1}}
materials: {flour: {on hand: 0 kg}, rye: {on hand: 3 kg}}
products:
  loaf: {release: {orders: orders.csv}, routing: [bake: {at: oven, time: 1 h, takes: {flour: 2 kg/lot}}]}
  roll: {release: {orders: orders.csv}, routing: [bake: {at: oven, time: 1 h, takes: {rye: 2 kg/lot}}]}
""",
            "loaf 00:00",
            "roll 01:00",
            "roll 01:30",
        )
        assert log_of(plant, "5 h", "state", "started") == [
            (0, "state", "oven", "no material"),
            (60, "started", "roll 2", "bake", "oven"),
            (60, "state", "oven", "working"),
            (120, "state", "oven", "no material"),
        ]

    def test_a_smaller_lot_may_go_first(self) -> None:
        """Five pieces want 5 kg, three want 3 kg, and 4 kg are there."""
        plant = shop(
            """
plant: Bakery
work centers: {oven: {machines: 1}}
materials: {flour: {on hand: 4 kg}}
products:
  loaf: {lot: 9 pieces, release: {orders: orders.csv}, routing: [bake: {at: oven, time: 1 h/lot, takes: {flour: 1 kg/piece}}]}
""",
            "loaf 00:00 quantity=5",
            "loaf 00:00 quantity=3",
        )
        assert log_of(plant, "5 h", "started") == [(0, "started", "loaf 2", "bake", "oven")]

    def test_who_waits_for_people_takes_no_material(self) -> None:
        """Ann comes at 02:00; until then the flour is there for the pan, whose lot came later."""
        plant = shop(
            """
plant: Bakery
shifts: {late: {days: Mon-Sun, from: "02:00", to: "10:00"}}
people: {Ann: {shift: late, skills: {baking: 1}}}
work centers: {oven: {machines: 1}, pan: {machines: 1}}
materials: {flour: {on hand: 3 kg}}
products:
  loaf: {release: {orders: orders.csv}, routing: [bake: {at: oven, time: 1 h, takes: {flour: 2 kg/lot}, staff: [{skill: baking}]}]}
  cake: {release: {orders: orders.csv}, routing: [fry: {at: pan, time: 1 h, takes: {flour: 2 kg/lot}}]}
""",
            "loaf 00:00",
            "cake 01:00",
        )
        assert log_of(plant, "5 h", "started", "people seized", "state")[2:] == [
            (60, "started", "cake 2", "fry", "pan"),
            (60, "state", "pan", "working"),
            (120, "state", "pan", "starved"),
            (120, "state", "oven", "no material"),
        ]

    def test_who_waits_for_material_holds_nobody(self) -> None:
        """Ann would bake, but there is no flour; so she fries."""
        plant = shop(
            """
plant: Bakery
people: {Ann: {skills: {cooking: 1}}}
work centers: {oven: {machines: 1}, pan: {machines: 1}}
materials: {flour: {on hand: 0 kg}}
products:
  loaf: {release: {orders: orders.csv}, routing: [bake: {at: oven, time: 1 h, takes: {flour: 2 kg/lot}, staff: [{skill: cooking}]}]}
  egg: {release: {orders: orders.csv}, routing: [fry: {at: pan, time: 1 h, staff: [{skill: cooking}]}]}
""",
            "loaf 00:00",
            "egg 01:00",
        )
        assert log_of(plant, "5 h", "started") == [(60, "started", "egg 2", "fry", "pan")]

    def test_what_comes_goes_to_who_has_waited_longest(self) -> None:
        """The pan's lot came first; 2 kg come at 03:00, and the oven, which is first in the file, gets the next."""
        plant = shop(
            """
plant: Bakery
work centers: {oven: {machines: 1}, pan: {machines: 1}}
materials: {flour: {on hand: 0 kg, from: Mill, reorder: {at: 0 kg, up to: 2 kg}}}
suppliers: {Mill: {lead time: 3 h}}
products:
  loaf: {release: {orders: orders.csv}, routing: [bake: {at: oven, time: 1 h, takes: {flour: 2 kg/lot}}]}
  cake: {release: {orders: orders.csv}, routing: [fry: {at: pan, time: 1 h, takes: {flour: 2 kg/lot}}]}
""",
            "cake 00:30",
            "loaf 01:00",
        )
        assert log_of(plant, "7 h", "started") == [
            (180, "started", "cake 1", "fry", "pan"),
            (360, "started", "loaf 2", "bake", "oven"),
        ]


class TestBatches:
    @pytest.mark.parametrize(
        ("usage", "kilograms"), [("1 kg/lot", 3), ("1 kg/piece", 6), ("1 kg/batch", 1)], ids=["lot", "piece", "batch"]
    )
    def test_a_batch_takes_for_all_its_lots(self, usage: str, kilograms: float) -> None:
        """Three lots of two pieces in one batch."""
        plant = shop(
            f"""
plant: Kiln
work centers: {{kiln: {{machines: 1, batch: {{max: 3 lots, min: 3 lots}}}}}}
materials: {{gas: {{on hand: 10 kg}}}}
products:
  pot: {{lot: 2 pieces, release: {{orders: orders.csv}}, routing: [burn: {{at: kiln, time: 1 h/batch, takes: {{gas: {usage}}}}}]}}
""",
            "pot 00:00 quantity=6",
        )
        run = tell(plant, "1 d")
        assert exactly(run, "material used", material="gas") == pytest.approx(kilograms)
        short = changed(plant, {"materials > gas > on hand": f"{kilograms - 0.5} kg"})
        assert log_of(short, "1 d", "started") == []


class TestRefused:
    def test_what_nothing_can_wait_for(self) -> None:
        with pytest.raises(PlantError, match="nothing waits at unlimited machines"):
            changed(bakery(", on hand: 5 kg"), {"work centers > oven > machines": "unlimited"})

    def test_a_reorder_of_what_is_not_counted(self) -> None:
        with pytest.raises(PlantError, match="say how much is on hand"):
            bakery(", reorder: {at: 1 kg, up to: 2 kg}")

    def test_two_things_of_one_name(self) -> None:
        with pytest.raises(PlantError, match="both called 'loaf'"):
            changed(bakery(), {"materials > loaf": {"price": "1 USD/kg"}})

    def test_a_pure_delay_takes_what_is_always_there(self) -> None:
        plant = changed(bakery(), {"work centers > oven > machines": "unlimited"})
        assert exactly(tell(plant, "1 d"), "material used", material="flour") == 12
