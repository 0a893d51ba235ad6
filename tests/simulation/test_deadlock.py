"""Plants that lock up, and plants that do not: circles of places, tools and cards, each made by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import SimulationError
from plantwright.plant import Plant
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
