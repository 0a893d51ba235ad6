"""Lots: where they stand at the start, and orders with a routing of their own. Stories worked out by hand, in minutes."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.plant import Plant
from tests.simulation.plants import cycle_hours, exactly, first_difference, log_of, made, shop, tell

FLOW = """
plant: Flow
work centers: {{m1: {{machines: 1{words}}}, m2: {{machines: 1}}, rest: {{machines: unlimited}}}}
products:
  part:
    lot: 4 pieces
    release: {release}
    at start: wip.csv
    routing:
      - cut: {{at: m1, time: 1 h/lot}}
      - bake: {{at: m2, time: 30 min/lot}}
      - cool: {{at: rest, time: 10 min/lot}}
"""


def flow(*at_start: str, orders: tuple[str, ...] = ("part 02:00 quantity=4",), release: str = "{orders: orders.csv}",
         words: str = "") -> Plant:  # fmt: skip
    return shop(FLOW.format(release=release, words=words), *orders, at_start=at_start)


class TestAtStart:
    """A lot before the oven, one before the saw, one that cools; and one that comes at two."""

    LOTS = ("part bake quantity=3 due=00:20", "part cut", "part cool quantity=2 due=01:00 priority=1")

    def test_each_goes_on_from_its_step(self) -> None:
        plant = flow(*self.LOTS)
        assert log_of(plant, "4 h", "queued", "released", "completed") == [
            (0, "queued", "part 1", "bake", "m2"),
            (0, "queued", "part 2", "cut", "m1"),
            (0, "queued", "part 3", "cool", "rest"),
            (10, "completed", "part 3", "cool", "rest", 2),
            (30, "queued", "part 1", "cool", "rest"),
            (40, "completed", "part 1", "cool", "rest", 3),
            (60, "queued", "part 2", "bake", "m2"),
            (90, "queued", "part 2", "cool", "rest"),
            (100, "completed", "part 2", "cool", "rest", 1),
            (120, "released", "part 4", "cut", "m1", 4),
            (120, "queued", "part 4", "cut", "m1"),
            (180, "queued", "part 4", "bake", "m2"),
            (210, "queued", "part 4", "cool", "rest"),
            (220, "completed", "part 4", "cool", "rest", 4),
        ]

    def test_without_them_the_first_thing_is_the_order(self) -> None:
        assert first_difference(flow(*self.LOTS), flow("part cut"), "4 h", "queued") == (
            (0, "queued", "part 1", "bake", "m2"),
            (0, "queued", "part 1", "cut", "m1"),
        )

    def test_they_count_in_output_and_on_time_but_not_in_cycle_times(self) -> None:
        """Ten pieces; one of two with a due time was late; the one that was released took 100 min. In process: 40, 100, 10, 100 min."""
        run = tell(flow(*self.LOTS), "1 d")
        assert made(run) == 10
        assert exactly(run, "on-time share") == 0.5
        assert cycle_hours(run) == pytest.approx(100 / 60)
        assert exactly(run, "work in process") * 1440 == pytest.approx(40 + 100 + 10 + 100)

    def test_place_or_no_place(self) -> None:
        """The saw has no places; three stand before it all the same, and the order waits outside until all three are cut or in work."""
        plant = flow("part cut", "part cut", "part cut", words=", buffer: 0 lots")
        assert log_of(plant, "5 h", "queued", "started")[:2] == [
            (0, "queued", "part 1", "cut", "m1"),
            (0, "queued", "part 2", "cut", "m1"),
        ]
        queued = [event for event in log_of(plant, "5 h", "queued") if event[2] == "part 4"]
        assert queued[0] == (180, "queued", "part 4", "cut", "m1")

    def test_a_conwip_counts_them(self) -> None:
        """Two cards and three lots: the first lot is released when two of the three are through, at 40 and at 100 min."""
        lots = ("part bake", "part cut", "part cut")
        log = log_of(flow(*lots, release="{conwip: 2 lots}"), "4 h", "released", "completed")
        assert log[:4] == [
            (40, "completed", "part 1", "cool", "rest", 1),
            (100, "completed", "part 2", "cool", "rest", 1),
            (100, "released", "part 4", "cut", "m1", 4),
            (160, "completed", "part 3", "cool", "rest", 1),
        ]

    def test_a_conwip_in_pieces_counts_their_pieces(self) -> None:
        """Eight cards less three pieces leave room for one lot of four; the next comes when the three are back, at 40 min."""
        log = log_of(flow("part bake quantity=3", release="{conwip: 8 pieces}"), "2 h", "released", "completed")
        assert log[:3] == [
            (0, "released", "part 2", "cut", "m1", 4),
            (40, "completed", "part 1", "cool", "rest", 3),
            (40, "released", "part 3", "cut", "m1", 4),
        ]


OWN = """
plant: Own ways
work centers: {m1: {machines: 1}, m2: {machines: 1}, m3: {machines: 1}}
products:
  part:
    release: {orders: orders.csv}
    routing:
      - cut: {at: m1, time: 1 h}
      - bake: {at: m2, time: 30 min, share: 0 %}
      - look: {at: m3, time: 10 min, rework: {share: 100 %, back to: cut, at most: 1}}
"""


class TestOwnRoutings:
    def test_an_order_goes_its_own_way(self) -> None:
        """It bakes, though nobody needs that of himself; it does not cut again, as it is never looked at."""
        plant = shop(OWN, "part 00:00 routing=cut>bake>cut")
        assert log_of(plant, "5 h", "ended", "completed") == [
            (60, "ended", "part 1", "cut", "m1"),
            (90, "ended", "part 1", "bake", "m2"),
            (150, "ended", "part 1", "cut", "m1"),
            (150, "completed", "part 1", "cut", "m1", 1),
        ]

    def test_where_it_leaves_the_way_of_its_product(self) -> None:
        own, usual = (shop(OWN, f"part 00:00{words}") for words in (" routing=cut>bake", ""))
        assert first_difference(own, usual, "5 h", "started") == (
            (60, "started", "part 1", "bake", "m2"),
            (60, "started", "part 1", "look", "m3"),
        )

    def test_it_may_begin_where_it_likes(self) -> None:
        assert log_of(shop(OWN, "part 00:00 routing=bake"), "5 h", "queued", "completed") == [
            (0, "queued", "part 1", "bake", "m2"),
            (30, "completed", "part 1", "bake", "m2", 1),
        ]

    def test_rework_goes_back_on_its_own_way(self) -> None:
        """Cut, bake, cut and look; sent back once to the second cut: 60 + 30 + 60 + 10 + 60 + 10 = 230 min."""
        assert log_of(shop(OWN, "part 00:00 routing=cut>bake>cut>look"), "5 h", "reworked", "completed") == [
            (160, "reworked", "part 1", "look", "m3", "cut"),
            (230, "completed", "part 1", "look", "m3", 1),
        ]

    def test_rework_to_a_step_that_it_does_not_have_is_refused(self) -> None:
        with pytest.raises(PlantError, match=r"'look' sends its rework back to 'cut', which does not stand before it"):
            shop(OWN, "part 00:00 routing=bake>look")
