"""Tools: claimed with people, all or nothing, for phases of the work. Stories without chance, worked out by hand, in minutes."""

from __future__ import annotations

import pytest

from plantwright.errors import SimulationError
from plantwright.plant import Plant
from tests.simulation.plants import cycle_hours, exactly, first_difference, hours, log_of, shop, tell

CLAIMS = ("tool seized", "tool let go", "people seized", "people let go", "started")


def presses(tools: str, uses: str, *orders: str, people: str = "", staff: str = "") -> Plant:
    """The products of the orders, an hour each, on a press of their own; all use the same tools and need the same people."""
    words = f"time: 1 h, uses: {uses}" + (f", staff: {staff}" if staff else "")
    products = "".join(
        f"  {name}: {{release: {{orders: orders.csv}}, routing: [stamp: {{at: press {name}, {words}}}]}}\n"
        for name in sorted({order[0] for order in orders})
    )
    return shop(
        f"plant: Presses\ntools: {{{tools}}}\n{people}work centers: {{press a: {{}}, press b: {{}}, press c: {{}}}}\n"
        f"products:\n{products}",
        *orders,
    )


class TestTools:
    def test_one_die_for_two_presses(self) -> None:
        """b comes at 00:10 and stamps from 01:00, when a gives the die back; with two dies it stamps at once."""
        one = presses("die: {count: 1}", "[die]", "a 00:00", "b 00:10")
        two = presses("die: {count: 2}", "[die]", "a 00:00", "b 00:10")
        assert log_of(one, "3 h", *CLAIMS) == [
            (0, "tool seized", "stamp", "press a", "die"),
            (0, "started", "a 1", "stamp", "press a"),
            (60, "tool let go", "stamp", "press a", "die"),
            (60, "tool seized", "stamp", "press b", "die"),
            (60, "started", "b 2", "stamp", "press b"),
            (120, "tool let go", "stamp", "press b", "die"),
        ]
        assert first_difference(one, two, "3 h", "started", "ended") == (
            (60, "ended", "a 1", "stamp", "press a"),
            (10, "started", "b 2", "stamp", "press b"),
        )
        run = tell(one, "4 h")
        assert exactly(run, "use of tools", tool="die") == pytest.approx(2 / 4)
        assert hours(run, "press b") == {"starved": round(1 / 6 + 2, 6), "no tool": round(5 / 6, 6), "working": 1}
        assert exactly(tell(two, "4 h"), "use of tools", tool="die") == pytest.approx(2 / 8)

    def test_two_dies_at_once_or_none(self) -> None:
        """Of three dies a holds two; b waits for two although one is free, and c, which comes later, waits behind b."""
        plant = presses("die: {count: 3}", "[{tool: die, count: 2}]", "a 00:00", "b 00:10", "c 00:20")
        run = tell(plant, "1 d")
        assert cycle_hours(run, product="b") == pytest.approx(2 - 1 / 6)
        assert cycle_hours(run, product="c") == pytest.approx(3 - 1 / 3)

    def test_who_has_waited_longest_gets_the_die(self) -> None:
        """c came before b."""
        plant = presses("die: {}", "[die]", "a 00:00", "c 00:10", "b 00:20")
        assert [row[2] for row in log_of(plant, "1 d", "started")] == ["a 1", "c 2", "b 3"]

    def test_a_die_is_not_held_while_somebody_is_missing(self) -> None:
        """a needs Ana from 06:00 on and the die; b needs the die only, and has it meanwhile."""
        text = """
plant: Half a claim
shifts: {early: {days: Mon-Sun, from: "06:00", to: "14:00"}}
people: {Ana: {shift: early, skills: {stamping: 1}}}
tools: {die: {}}
work centers: {one: {}, other: {}}
products:
  a: {release: {orders: orders.csv}, routing: [stamp: {at: one, time: 1 h, staff: [{skill: stamping}], uses: [die]}]}
  b: {release: {orders: orders.csv}, routing: [stamp: {at: other, time: 2 h, uses: [die]}]}
"""
        plant = shop(text, "a 00:00", "b 00:10")
        assert log_of(plant, "1 d", "started") == [
            (10, "started", "b 2", "stamp", "other"),
            (360, "started", "a 1", "stamp", "one"),
        ]
        # Somebody is missing first of all.
        assert hours(tell(plant, "1 d"), "one") == {"no staff": 6, "working": 1, "starved": 17}
        # From 05:00 on b has the die; Ana comes at 06:00 and is not held either.
        late = shop(text, "a 00:00", "b 05:00")
        assert log_of(late, "1 d", *CLAIMS) == [
            (300, "tool seized", "stamp", "other", "die"),
            (300, "started", "b 2", "stamp", "other"),
            (420, "tool let go", "stamp", "other", "die"),
            (420, "people seized", "stamp", "one", "Ana"),
            (420, "tool seized", "stamp", "one", "die"),
            (420, "started", "a 1", "stamp", "one"),
            (480, "people let go", "stamp", "one", "Ana"),
            (480, "tool let go", "stamp", "one", "die"),
        ]
        assert hours(tell(late, "1 d"), "one") == {"no staff": 6, "no tool": 1, "working": 1, "starved": 16}

    def test_two_pools_without_deadlock_whatever_the_order(self) -> None:
        """a names die, then gauge; b gauge, then die: one after the other, none waits for ever."""
        text = """
plant: Crosswise
tools: {die: {}, gauge: {}}
work centers: {one: {}, other: {}}
products:
  a: {release: {every: 1 h}, routing: [stamp: {at: one, time: 30 min, uses: [die, gauge]}]}
  b: {release: {every: 1 h}, routing: [stamp: {at: other, time: 30 min, uses: [gauge, die]}]}
"""
        run = tell(shop(text), "10.1 h")
        assert cycle_hours(run, product="a") == 0.5
        assert cycle_hours(run, product="b") == 1

    def test_a_gauge_for_the_setup_alone(self) -> None:
        """Setup 20 min, run 1 h: b is set up when a runs; held for all phases it is free at 01:20."""
        text = """
plant: Gauge
tools: {gauge: {}}
work centers: {one: {setup: {default: 20 min}}, other: {setup: {default: 20 min}}}
products:
  a: {release: {orders: orders.csv}, routing: [stamp: {at: one, time: 1 h, uses: [{tool: gauge, for: setup}]}]}
  b: {release: {orders: orders.csv}, routing: [stamp: {at: other, time: 1 h, uses: [{tool: gauge, for: setup}]}]}
"""
        orders = "a 00:00", "b 00:05"
        for_setup, for_all = shop(text, *orders), shop(text.replace("for: setup", "for: all"), *orders)
        assert first_difference(for_setup, for_all, "3 h", "tool let go", "started") == (
            (20, "tool let go", "stamp", "one", "gauge"),
            (80, "tool let go", "stamp", "one", "gauge"),
        )
        assert log_of(for_setup, "3 h", "started")[1] == (20, "started", "b 2", "stamp", "other")
        assert log_of(for_all, "3 h", "started")[1] == (80, "started", "b 2", "stamp", "other")

    def test_a_die_is_free_while_its_press_is_in_repair(self) -> None:
        """The press of a fails at 00:30 for an hour; b has the die from 00:30 to 01:30, and a goes on then."""
        text = """
plant: Repair
tools: {die: {}}
work centers: {one: {failures: [{every: 30 min, repair: 1 h}]}, other: {}}
products:
  a: {release: {orders: orders.csv}, routing: [stamp: {at: one, time: 45 min, uses: [die]}]}
  b: {release: {orders: orders.csv}, routing: [stamp: {at: other, time: 1 h, uses: [die]}]}
"""
        assert log_of(shop(text, "a 00:00", "b 00:10"), "1 d", "started", "ended") == [
            (0, "started", "a 1", "stamp", "one"),
            (30, "started", "b 2", "stamp", "other"),
            (90, "ended", "b 2", "stamp", "other"),
            (105, "ended", "a 1", "stamp", "one"),
        ]


@pytest.mark.parametrize(("claim", "word"), [("staff: [{skill: stamping}]", "staff"), ("uses: [die]", "uses")])
def test_who_claims_something_where_there_is_no_machine_is_told_how_to_mend_it(claim: str, word: str) -> None:
    text = f"""
plant: Benches
people: {{Ana: {{skills: {{stamping: 1}}}}}}
tools: {{die: {{}}}}
work centers: {{benches: {{machines: unlimited}}}}
products: {{a: {{release: {{every: 1 h}}, routing: [stamp: {{at: benches, time: 1 h, {claim}}}]}}}}
"""
    with pytest.raises(SimulationError, match=rf"a > routing > stamp > {word}: .*'benches' has .*'machines: 20'"):
        tell(shop(text), "1 d")
    assert tell(shop(text.replace("unlimited", "20")), "1 d").not_simulated == ()
