"""Operations that several work centers can do. Stories without chance, worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.plant import Plant, read_text
from plantwright.simulation import simulate
from tests.simulation.plants import exactly, first_difference, hours, log_of, made, queue, shop, tell


def lathes(at: str, *orders: str, centers: str = "old: {machines: 1}, new: {machines: 1}", words: str = "") -> Plant:
    return shop(
        f"""
plant: Lathes
work centers: {{{centers}}}
products:
  bolt: {{release: {{orders: orders.csv}}, routing: [turn: {{at: {at}, time: 7 min{words}}}]}}
""",
        *(orders or ["bolt 00:00"] * 3),
    )


BOTH = "[{center: old}, {center: new, time: 4 min}]"


class TestWhere:
    def test_a_lot_waits_at_all_of_them_and_goes_where_it_can_start_first(self) -> None:
        """The first on the old lathe, the second on the new one; the third is in the line of both, and the new one is free at 4."""
        assert log_of(lathes(BOTH), "1 d", "queued", "started", "ended") == [
            (0, "queued", "bolt 1", "turn", "old"),
            (0, "started", "bolt 1", "turn", "old"),
            (0, "queued", "bolt 2", "turn", "old"),
            (0, "started", "bolt 2", "turn", "new"),
            (0, "queued", "bolt 3", "turn", "old"),
            (4, "ended", "bolt 2", "turn", "new"),
            (4, "started", "bolt 3", "turn", "new"),
            (7, "ended", "bolt 1", "turn", "old"),
            (8, "ended", "bolt 3", "turn", "new"),
        ]

    def test_a_second_place_to_go_changes_where_the_second_lot_starts(self) -> None:
        assert first_difference(lathes("old"), lathes(BOTH), "1 d", "started") == (
            (7, "started", "bolt 2", "turn", "old"),
            (0, "started", "bolt 2", "turn", "new"),
        )

    def test_the_first_of_the_list_is_taken_first(self) -> None:
        other = lathes("[{center: new, time: 4 min}, {center: old}]", "bolt 00:00")
        assert log_of(other, "1 d", "ended") == [(4, "ended", "bolt 1", "turn", "new")]

    def test_each_has_its_own_yield(self) -> None:
        """What the new lathe makes is all bad: the second and the third bolt."""
        plant = lathes("[{center: old}, {center: new, time: 4 min, yield: 0 %}]")
        assert made(tell(plant, "1 d")) == 1

    def test_two_work_centers_of_one_machine_are_like_one_of_two(self) -> None:
        """Lots in one order, the same luck: every lot starts and ends at the same instant, wherever it is."""
        one = queue("exponential 8 min", "exponential 5 min", machines=2)
        two = read_text("""
plant: queue
work centers: {desk: {machines: 1}, table: {machines: 1}}
products:
  job:
    release: {every: exponential 5 min}
    routing: [serve: {at: [desk, table], time: exponential 8 min}]
""")
        runs = [simulate(plant, horizon="10 d", warmup="0 s", replications=3) for plant in (one, two)]
        assert runs[0].estimate("cycle time").values == runs[1].estimate("cycle time").values

    def test_what_follows_has_the_luck_that_it_had(self) -> None:
        text = """
plant: Two steps
work centers: {{a: {{machines: 1}}, b: {{machines: 1}}, c: {{machines: 1}}}}
products:
  job: {{release: {{every: 1 h}}, routing: [one: {{at: {at}, time: 1 min}}, two: {{at: c, time: exponential 5 min}}]}}
"""
        runs = [tell(read_text(text.format(at=at)), "3 d") for at in ("a", "[a, b]")]
        assert runs[0].estimate("cycle time").values == runs[1].estimate("cycle time").values

    def test_more_lots_than_both_can_work_on(self) -> None:
        """Saturated: 12 an hour from one, 6 from the other."""
        text = """
plant: Full
work centers: {a: {machines: 1}, b: {machines: 1}}
products:
  job: {release: saturated, routing: [work: {at: [{center: a, time: 5 min}, {center: b, time: 10 min}]}]}
"""
        run = tell(read_text(text), "10 h")
        assert made(run) == 180
        assert hours(run, "b") == {"working": 10}


class TestPlaces:
    def test_it_stands_at_the_first_that_has_room(self) -> None:
        """A part a minute; a and b take 10 minutes. Lot 2 stands at a and starts at b; 3 stands at a; 4 finds no place and blocks
        the saw until a is free for lot 3, at 11; at 12 b takes lot 4, and lot 5 stands at a.
        """
        plant = shop("""
plant: Saw
work centers: {saw: {machines: 1}, a: {machines: 1, buffer: 1 lot}, b: {machines: 1, buffer: 0 lots}}
products:
  job: {release: saturated, routing: [saw: {at: saw, time: 1 min}, work: {at: [a, b], time: 10 min}]}
""")
        told = log_of(plant, "12.5 min", "queued", "started", "state")
        assert [row for row in told if "work" in row or (row[2] == "saw" and row[1] == "state")] == [
            (0, "state", "saw", "working"),
            (1, "queued", "job 1", "work", "a"),
            (1, "started", "job 1", "work", "a"),
            (2, "queued", "job 2", "work", "a"),
            (2, "started", "job 2", "work", "b"),
            (3, "queued", "job 3", "work", "a"),
            (4, "state", "saw", "blocked"),
            (11, "queued", "job 4", "work", "a"),
            (11, "started", "job 3", "work", "a"),
            (11, "state", "saw", "working"),
            (12, "started", "job 4", "work", "b"),
            (12, "queued", "job 5", "work", "a"),
        ]
        run = tell(plant, "13 min")
        assert exactly(run, "buffer level", work_center="a") == pytest.approx((8 + 1 + 1) / 13)

    def test_a_blocked_lot_takes_the_first_place_that_comes_free_anywhere(self) -> None:
        """No buffers, 10 and 5 minutes: lots 1 and 2 at 1 and 2, lot 3 blocks from 3 until b is free at 7."""
        plant = shop("""
plant: Saw
work centers: {saw: {machines: 1}, a: {machines: 1, buffer: 0 lots}, b: {machines: 1, buffer: 0 lots}}
products:
  job:
    release: saturated
    routing: [saw: {at: saw, time: 1 min}, work: {at: [{center: a, time: 10 min}, {center: b, time: 5 min}]}]
""")
        assert log_of(plant, "13 min", "started")[3:7] == [
            (2, "started", "job 2", "work", "b"),
            (2, "started", "job 3", "saw", "saw"),
            (7, "started", "job 3", "work", "b"),
            (7, "started", "job 4", "saw", "saw"),
        ]
        assert hours(tell(plant, "11 min"), "saw") == pytest.approx({"working": 4 / 60, "blocked": 7 / 60}, abs=1e-6)

    def test_a_lot_outside_the_plant_waits_at_both(self) -> None:
        """Three at once, no buffers: the third comes in where the place comes free first."""
        plant = lathes(BOTH, centers="old: {machines: 1, buffer: 0 lots}, new: {machines: 1, buffer: 0 lots}")
        assert log_of(plant, "1 d", "queued")[-1] == (4, "queued", "bolt 3", "turn", "new")


class TestTogether:
    def test_batches_fill_from_the_lots_that_wait_at_both(self) -> None:
        """Two a batch, or one after half an hour: lots 1 and 2 fill the first oven, 3 and 4 the second, 5 waits for the first that
        is free, at 60.
        """
        plant = shop(
            """
plant: Ovens
work centers:
  one: {machines: 1, batch: {max: 2 lots, wait: 30 min}}
  two: {machines: 1, batch: {max: 2 lots, wait: 30 min}}
products: {cake: {release: {orders: orders.csv}, routing: [bake: {at: [one, two], time: 1 h/batch}]}}
""",
            *["cake 00:00"] * 5,
        )
        assert log_of(plant, "1 d", "started") == [
            (0, "started", "cake 1", "bake", "one"),
            (0, "started", "cake 2", "bake", "one"),
            (0, "started", "cake 3", "bake", "two"),
            (0, "started", "cake 4", "bake", "two"),
            (60, "started", "cake 5", "bake", "one"),
        ]

    @pytest.mark.parametrize(("rule", "third"), [("FIFO", "blue 3"), ("least setup", "red 4")])
    def test_each_follows_its_own_rule(self, rule: str, third: str) -> None:
        """The old lathe is at work until 100; the new one, set up for red, is free at 30 and finds a blue lot before a red one."""
        plant = shop(
            f"""
plant: Lathes
work centers: {{old: {{machines: 1}}, new: {{machines: 1, setup: 20 min, rule: [{rule}]}}}}
products:
  red: {{release: {{orders: orders.csv}}, routing: [turn: {{at: [old, {{center: new, time: 10 min}}], time: 100 min}}]}}
  blue: {{release: {{orders: orders.csv}}, routing: [turn: {{at: [old, {{center: new, time: 10 min}}], time: 100 min}}]}}
""",
            *("red 00:00", "red 00:00", "blue 00:11", "red 00:12"),
        )
        assert log_of(plant, "1 d", "started")[2] == (30, "started", third, "turn", "new")


class TestTheBorder:
    @pytest.mark.parametrize(
        ("at", "centers", "said"),
        [
            ("[old, old]", "old: {machines: 1}", "named twice"),
            ("[old, room]", "old: {machines: 1}, room: {machines: unlimited}", "'room' has unlimited machines"),
        ],
    )
    def test_what_cannot_be_chosen_between(self, at: str, centers: str, said: str) -> None:
        with pytest.raises(PlantError, match=said):
            lathes(at, centers=centers)
