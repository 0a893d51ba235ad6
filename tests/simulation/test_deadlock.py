"""Plants that lock up, and plants that do not: circles of places, tools and cards, each made by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import SimulationError
from plantwright.plant import Plant
from plantwright.simulation import simulate
from tests.simulation.plants import made, shop, tell


def locks(plant: Plant, *said: str) -> None:
    with pytest.raises(SimulationError, match="the plant locks up") as found:
        tell(plant, "10 d")
    for words in said:
        assert words in str(found.value)


def bench(buffer: str, pallets: int) -> Plant:
    """A bench where pallets are put on and taken off, and a mill between: a lot that waits for a pallet stands in the way of one
    that would give it back.
    """
    return shop(f"""
plant: Bench
tools: {{pallet: {{count: {pallets}}}}}
work centers: {{bench: {{machines: 1, buffer: {buffer}}}, mill: {{machines: 1, buffer: 0 lots}}}}
products:
  part:
    release: {{every: 30 min}}
    routing:
      - put: {{at: bench, time: 5 min, uses: [{{tool: pallet, until: take}}]}}
      - mill: {{at: mill, time: 2 h}}
      - take: {{at: bench, time: 5 min}}
""")


def crossed(dies: int) -> Plant:
    """Product a takes the die and then wants the gauge, b the other way round, and both keep what they have to their end."""
    return shop(f"""
plant: Crossed
tools: {{die: {{count: {dies}}}, gauge: {{count: 1}}}}
work centers: {{one: {{}}, two: {{}}, three: {{}}, four: {{}}}}
products:
  a:
    release: {{every: 10 h}}
    routing:
      - first: {{at: one, time: 1 h, uses: [{{tool: die, until: second}}]}}
      - second: {{at: two, time: 1 h, uses: [gauge]}}
  b:
    release: {{every: 10 h}}
    routing:
      - third: {{at: three, time: 1 h, uses: [{{tool: gauge, until: fourth}}]}}
      - fourth: {{at: four, time: 1 h, uses: [die]}}
""")


class TestPlaces:
    def test_two_work_centers_each_full_of_lots_for_the_other(self) -> None:
        text = """
plant: There and back
work centers: {m1: {machines: 1, buffer: 0 lots}, m2: {machines: 1, buffer: 0 lots}}
products: {part: {release: saturated, routing: [a: {at: m1, time: 1 h}, b: {at: m2, time: 1 h}, again: {at: m1, time: 1 h}]}}
"""
        locks(shop(text), "m1 -> m2 -> m1: each is full and waits for a place at the next", "a larger buffer")

    def test_one_lot_in_process_finds_its_way(self) -> None:
        text = """
plant: There and back
work centers: {m1: {machines: 1, buffer: 0 lots}, m2: {machines: 1, buffer: 0 lots}}
products: {part: {release: {conwip: 1 lot}, routing: [a: {at: m1, time: 1 h}, b: {at: m2, time: 1 h}, again: {at: m1, time: 1 h}]}}
"""
        assert made(tell(shop(text), "30.5 h")) == 10

    @pytest.mark.parametrize(("cards", "locked"), [(2, False), (3, True)])
    def test_a_buffer_that_both_share(self, cards: int, locked: bool) -> None:
        """With three lots one on each machine wants to the other, and the third has the only place; two find their way."""
        text = f"""
plant: Shared
work centers: {{m1: {{machines: 1}}, m2: {{machines: 1}}}}
buffers: {{lane: {{capacity: 1 lot, feeds: [m1, m2]}}}}
products:
  part:
    release: {{conwip: {cards} lots}}
    routing: [a: {{at: m1, time: 1 h}}, b: {{at: m2, time: 1 h}}, again: {{at: m1, time: 1 h}}, more: {{at: m2, time: 1 h}}]
"""
        if locked:
            locks(shop(text), "each is full and waits for a place at the next")
        else:
            assert made(tell(shop(text), "10 d")) > 100


class TestTools:
    def test_a_lot_that_waits_for_a_pallet_takes_the_place_of_one_that_has_it(self) -> None:
        """The second lot waits at the bench for the only pallet; the first, milled at 02:35, finds no place there to give it back."""
        locks(
            bench("0 lots", 1),
            "bench -> pallet -> mill -> bench",
            "lots at 'bench' wait for 'pallet'",
            "all of 'pallet' that would do are with lots at 'mill'",
            "'mill' waits for a place at 'bench'",
            "have more of 'pallet'",
        )

    def test_a_larger_buffer_only_helps_if_it_never_fills(self) -> None:
        """Lots come faster than the mill works. With room for all, the first comes at 00:30 and one is made every 130 min."""
        locks(bench("2 lots", 1), "bench -> pallet -> mill -> bench")
        assert made(tell(bench("100 lots", 1), "2 d")) == (2880 - 30) // 130

    def test_two_lots_that_each_keep_what_the_other_needs(self) -> None:
        locks(
            crossed(1), "two", "gauge", "four", "die", "lots at 'two' wait for 'gauge'", "lots at 'four' wait for 'die'"
        )

    def test_with_one_die_more_they_do_not(self) -> None:
        run = tell(crossed(2), "35 h")
        assert made(run, product="a") == 3
        assert made(run, product="b") == 3

    def test_a_die_that_is_given_back_after_its_step_locks_nothing(self) -> None:
        """The same claims without `until`: whoever waits holds nothing."""
        text = """
plant: Crossed
tools: {die: {}, gauge: {}}
work centers: {one: {}, two: {}, three: {}, four: {}}
products:
  a: {release: {every: 10 h}, routing: [x: {at: one, time: 1 h, uses: [die]}, y: {at: two, time: 1 h, uses: [gauge, die]}]}
  b: {release: {every: 10 h}, routing: [x: {at: three, time: 1 h, uses: [gauge]}, y: {at: four, time: 1 h, uses: [die, gauge]}]}
"""
        run = tell(shop(text), "35 h")
        assert made(run, product="a") + made(run, product="b") == 6


class TestCards:
    def test_cards_that_come_back_only_past_who_waits_for_them(self) -> None:
        """A loop from mixing to packing, and rework from inspection, which comes before packing, to mixing's queue: that has one
        place, where a new lot waits for a card."""
        text = """
plant: Kanban
loops: {card: {cards: 1 lot, from: mix, until: pack}}
work centers: {mixer: {buffer: 0 lots}, look: {buffer: 0 lots}, pack: {}}
products:
  cake:
    release: {every: 30 min}
    routing:
      - mix: {at: mixer, time: 1 h}
      - look: {at: look, time: 5 min, rework: {share: 100 %, back to: mix, at most: 1}}
      - pack: {at: pack, time: 5 min}
"""
        locks(shop(text), "card", "'look' waits for a place at 'mixer'", "lots at 'mixer' wait for 'card'")
        free = shop(text.replace("mixer: {buffer: 0 lots}", "mixer: {}"))
        assert made(tell(free, "12 h")) == 5


def presses(run: str, buffer: str = "", rest: str = "") -> str:
    """A press that makes caps, and boxes which need two caps each."""
    return f"""
plant: Press
work centers:
  press: {{machines: 1, setup: {{default: 10 min, minimum run: {run}}}{buffer}}}
{rest}
products:
  cap: {{release: {{orders: orders.csv}}, routing: [stamp: {{at: press, time: 10 min}}]}}
  box: {{release: {{orders: orders.csv}}, routing: [fold: {{at: press, time: 10 min, takes: {{cap: 2 pieces/lot}}}}]}}
"""


class TestMinimumRun:
    FOUR = ("cap 00:00", "cap 00:01", "box 00:02", "box 00:03")

    def test_a_setup_that_is_kept_for_a_lot_which_needs_what_only_that_machine_makes(self) -> None:
        """Two caps are made at 00:30, the first box at 00:50 of them; the press keeps its setup for the second, for which there are
        no caps, as those ordered at 01:00 wait for the press.
        """
        locks(
            shop(presses("2 lots"), *self.FOUR, "cap 01:00", "cap 01:01"),
            "press -> cap -> press",
            "'press' keeps its setup (minimum run) for lots that wait for 'cap'",
            "what would make 'cap' is at 'press'",
            "have more of 'cap', a shorter minimum run",
        )

    @pytest.mark.parametrize(
        ("run", "orders"),
        [("1 lot", ("cap 01:00", "cap 01:01")), ("2 lots", ("cap 00:00", "cap 00:00"))],
        ids=["a run of one lot", "caps ordered in time"],
    )
    def test_what_does_not_lock(self, run: str, orders: tuple[str, ...]) -> None:
        run_of = tell(shop(presses(run), *self.FOUR, *orders), "10 d")
        assert made(run_of, product="box") == 2

    def test_lots_that_are_never_ordered_are_no_circle(self) -> None:
        """The press is kept for a third box that nobody orders: it stands, and so does the cap, but nobody waits in a circle."""
        plant = shop(presses("3 lots"), "cap 00:00", "cap 00:00", "cap 00:00", "cap 00:00", *self.FOUR[2:], "cap 05:00")
        assert made(tell(plant, "10 d"), product="cap") == 4

    def test_two_presses_that_each_wait_for_what_the_other_would_make(self) -> None:
        text = """
plant: Presses
work centers:
  one: {setup: {default: 10 min, minimum run: 2 lots}}
  two: {setup: {default: 10 min, minimum run: 2 lots}}
products:
  a: {release: {orders: orders.csv}, routing: [a: {at: one, time: 10 min}]}
  b: {release: {orders: orders.csv}, routing: [b: {at: two, time: 10 min}]}
  x: {release: {orders: orders.csv}, routing: [x: {at: one, time: 10 min, takes: {b: 2 pieces/lot}}]}
  y: {release: {orders: orders.csv}, routing: [y: {at: two, time: 10 min, takes: {a: 2 pieces/lot}}]}
"""
        first, then = [f"{p} 00:00" for p in "aabb"], [f"{p} 00:05" for p in "xxyy"]
        locks(shop(text, *first, *then, "a 01:00", "a 01:00", "b 01:00", "b 01:00"), "one -> b -> two -> a -> one")
        assert made(tell(shop(text, *first, *first, *then), "10 d"), product="x") == 2

    def test_lots_of_the_setup_that_find_no_place_behind_others(self) -> None:
        """The press has one place before it. Set up for red at 00:00, it keeps that for the red lot of 00:03, which finds the blue of
        00:02 in its place; with two places it comes in.
        """
        text = """
plant: Place
work centers:
  press: {buffer: 1 lot, setup: {default: 10 min, minimum run: 2 lots}}
products:
  red: {release: {orders: orders.csv}, routing: [press: {at: press, time: 10 min}]}
  blue: {release: {orders: orders.csv}, routing: [press: {at: press, time: 10 min}]}
"""
        orders = ("red 00:00", "blue 00:02", "blue 00:03", "red 00:04")
        said = "'press' keeps its setup (minimum run) for lots that find no place before it"
        locks(shop(text, *orders), "press -> press", said, "a shorter minimum run")
        assert made(tell(shop(text.replace("1 lot,", "3 lots,"), *orders), "10 d")) == 4

    def test_lots_of_the_setup_on_a_machine_that_waits_for_a_place_behind_others(self) -> None:
        text = """
plant: Saw and press
work centers:
  saw: {}
  press: {buffer: 0 lots, setup: {default: 10 min, minimum run: 2 lots}}
products:
  red: {release: {orders: orders.csv}, routing: [saw: {at: saw, time: 1 h}, press: {at: press, time: 10 min}]}
  blue: {release: {orders: orders.csv}, routing: [press: {at: press, time: 10 min}]}
"""
        orders = ("red 00:00", "blue 01:15", "red 01:16")
        said = "'saw' waits for a place at 'press'; 'press' keeps its setup (minimum run) for lots at 'saw'"
        locks(shop(text, *orders), "saw -> press -> saw", said)
        assert made(tell(shop(text.replace("0 lots", "1 lot"), *orders), "10 d")) == 3

    @pytest.mark.parametrize(("lots", "locked"), [(2, True), (3, False)])
    def test_lots_of_the_setup_that_get_no_card(self, lots: int, locked: bool) -> None:
        """Two cards, red and blue in turn: red, blue, red start, so that after two red the cards are with blue lots. With a third card
        the next is red.
        """
        text = """
plant: Cards
work centers: {press: {setup: {default: 10 min, minimum run: 3 lots}}}
products:
  red: {release: {every: 1 h}, routing: [press: {at: press, time: 10 min}]}
  blue: {release: {every: 1 h}, routing: [press: {at: press, time: 10 min}]}
"""
        if locked:
            with pytest.raises(SimulationError, match="for lots not started, as no 'cards of red, blue' come back"):
                simulate(shop(text), horizon="2 d", warmup="0 s", replications=2, saturated=True, lots=lots)
        else:
            run = simulate(shop(text), horizon="2 d", warmup="0 s", replications=2, saturated=True, lots=lots)
            assert made(run) > 200

    def test_lots_that_start_when_a_machine_is_free_and_nobody_waits(self) -> None:
        """Saturated, red and blue in turn: after the first red a blue lot is here, so that no red one is started."""
        text = (
            presses("2 lots").replace("{orders: orders.csv}", "saturated").replace(", takes: {cap: 2 pieces/lot}", "")
        )
        locks(shop(text), "press -> press")

    def test_a_rope_that_lots_of_another_setup_hold(self) -> None:
        """Caps and boxes in turn on one rope of 15 min: a cap, a box and a cap start, then boxes hold the rope."""
        text = presses("3 lots").replace("{orders: orders.csv}", "{drum: press, rope: 15 min}")
        locks(shop(text.replace(", takes: {cap: 2 pieces/lot}", "")), "press -> press")

    def test_a_slow_plant_is_not_called_locked(self) -> None:
        """Its press stands all but always, kept for boxes that come each day."""
        text = (
            presses("5 lots")
            .replace("{orders: orders.csv}", "{every: 1 d}")
            .replace(", takes: {cap: 2 pieces/lot}", "")
        )
        done = [made(tell(shop(text), horizon)) for horizon in ("25 h", "49 h", "5.5 d", "8.5 d")]
        assert done == sorted(done)
        assert done[0] >= 1
        assert done[-1] > done[0]


def test_an_instant_that_does_not_end_is_an_error_that_names_it() -> None:
    """A card comes back at the instant at which it went: from 02:00 on, when the second step takes no time, lots go round for ever."""
    text = """
plant: Round and round
work centers: {one: {}}
products: {part: {release: {conwip: 1 lot}, routing: [do: {at: one, time: 50 min}]}}
changes: [{on: 2026-01-05 02:00, set: products > part > routing > do > time, to: 0 min}]
"""
    with pytest.raises(
        SimulationError, match=r"2\.5 h after the start time stands still: a million events at one instant"
    ):
        tell(shop(text), "10 h")
    assert made(tell(shop(text.replace("to: 0 min", "to: 1 s")), "10 h")) == 3 + 7.5 * 3600


def test_a_busy_plant_is_not_called_locked() -> None:
    """Blocked machines, lots outside and tools all out, and yet it goes on for ever."""
    text = """
plant: Busy
tools: {pallet: {count: 3}}
work centers: {put: {buffer: 1 lot}, mill: {machines: 2, buffer: 1 lot}, take: {buffer: 0 lots}}
products:
  part:
    release: {every: 5 min}
    routing:
      - put: {at: put, time: 5 min, uses: [{tool: pallet, until: take}]}
      - mill: {at: mill, time: 1 h, uses: [pallet]}
      - take: {at: take, time: 40 min}
"""
    for horizon in ("1 h", "100 min", "130 min", "10 d"):
        tell(shop(text), horizon)
    assert made(tell(shop(text), "10 d")) > 100
