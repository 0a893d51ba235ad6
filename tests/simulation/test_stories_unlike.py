"""Machines that are not alike, which of them is chosen, and lots bound to one. Stories without chance, worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError, SimulationError
from plantwright.plant import Plant
from plantwright.simulation import not_simulated
from tests.simulation.plants import first_difference, hours, log_of, shop, tell


def pair(machines: str, *orders: str, words: str = "", step: str = "") -> Plant:
    """Red and blue, of the families reds and blues, ten minutes each."""
    return shop(
        f"""
plant: Pair
work centers: {{m: {{machines: {machines}{words}}}}}
products:
  red: {{family: reds, release: {{orders: orders.csv}}, routing: [turn: {{at: m, time: 10 min{step}}}]}}
  blue: {{family: blues, release: {{orders: orders.csv}}, routing: [turn: {{at: m, time: 10 min{step}}}]}}
""",
        *(orders or ("red 00:00", "red 00:00", "red 00:00", "blue 00:01")),
    )


def started(plant: Plant) -> list[tuple[object, ...]]:
    """Minute, lot and machine of every start."""
    return [(row[0], row[2], row[-1]) for row in log_of(plant, "1 d", "started")]


class TestSpeed:
    def test_the_run_is_divided_by_it(self) -> None:
        """At 200 % five minutes: the third lot starts at 5 there, and the blue one at 10 on the one longest idle."""
        plant = pair("[{name: slow}, {name: fast, speed: 200 %}]")
        assert started(plant) == [
            (0, "red 1", "slow"),
            (0, "red 2", "fast"),
            (5, "red 3", "fast"),
            (10, "blue 4", "slow"),
        ]

    def test_alike_and_unlike_machines_part_where_the_fast_one_is_done(self) -> None:
        slow, fast = (pair(f"[{{name: a}}, {{name: b{speed}}}]") for speed in ("", ", speed: 200 %"))
        assert first_difference(slow, fast, "1 d", "ended") == (
            (10, "ended", "red 1", "turn", "a"),
            (5, "ended", "red 2", "turn", "b"),
        )

    def test_loading_and_setting_up_take_as_long_as_ever(self) -> None:
        plant = pair(
            "[{name: fast, speed: 200 %}]",
            "red 00:00",
            "blue 23:00",
            words=", setup: 4 min",
            step=", load: 2 min, unload: 1 min",
        )
        assert log_of(plant, "12 h", "ended") == [(12, "ended", "red 1", "turn", "fast")]

    def test_a_piece_starts_earlier_on_a_fast_machine(self) -> None:
        """Four pieces of two minutes at 200 %: the third starts at 2 and brings the failure on, for 10 minutes."""
        plant = shop(
            """
plant: Fast
work centers: {m: {machines: [{name: fast, speed: 200 %}], failures: [{every: 3 pieces, repair: 10 min}]}}
products: {pin: {lot: 4 pieces, release: {orders: orders.csv}, routing: [turn: {at: m, time: 2 min/piece}]}}
""",
            "pin 00:00 quantity=4",
        )
        assert [(row[0], row[-1]) for row in log_of(plant, "1 d", "state")] == [
            (0, "working"), (2, "in repair"), (12, "working"), (14, "starved"),
        ]  # fmt: skip

    def test_each_has_its_own_failures(self) -> None:
        own = "failures: [{every: 5 min, repair: 1 h}]"
        plant = pair(f"[{{name: a}}, {{name: b, {own}}}]", "red 00:00", "red 00:00", "blue 23:00")
        assert [row for row in log_of(plant, "50 min", "state") if row[0] == 5] == [(5, "state", "b", "in repair")]


class TestOnly:
    def test_a_lot_waits_for_a_machine_that_can_make_it_and_others_pass(self) -> None:
        """The second red lot finds b idle, which makes blues only: the blue lot behind it starts there."""
        plant = pair("[{name: a}, {name: b, only: [blues]}]")
        assert started(plant) == [(0, "red 1", "a"), (1, "blue 4", "b"), (10, "red 2", "a"), (20, "red 3", "a")]

    def test_a_setup_qualifies_like_a_family(self) -> None:
        plant = pair("[{name: a, only: [SU1]}, {name: b, only: [blues]}]", step=", setup: SU1")
        assert started(plant)[1] == (1, "blue 4", "b")

    def test_with_the_rule_least_setup_too(self) -> None:
        plant = pair("[{name: a, only: [blues]}, {name: b}]", words=", rule: [least setup], setup: 5 min")
        assert started(plant)[:2] == [(0, "red 1", "b"), (1, "blue 4", "a")]

    def test_what_no_machine_can_make_is_refused(self) -> None:
        with pytest.raises(SimulationError, match=r"none can do the step 'turn'.*add 'reds' to one"):
            tell(pair("[{name: a, only: [blues]}, {name: b, only: [blues]}]"), "1 d")

    def test_not_where_a_batch_mixes_families(self) -> None:
        with pytest.raises(PlantError, match="PW1254"):
            pair("[{name: a, only: [blues]}, {name: b}]", words=", batch: {max: 2 lots}, batch with: any")


class TestChoose:
    @pytest.mark.parametrize(("choose", "machine"), [("longest idle", "a"), ("fastest", "c"), ("least setup", "b")])
    def test_which_of_three_free_machines(self, choose: str, machine: str) -> None:
        """Blue and red are done at 10 and 11, green at 12 (24 at the most); all three are idle at 30, none set up for violet, which takes
        9 min from blue (on a, longest idle; on c where the fastest is taken), 3 from red (on b), 6 from green.
        """
        plant = shop(
            f"""
plant: Three
work centers:
  m:
    machines: [{{name: a}}, {{name: b}}, {{name: c, speed: 200 %}}]
    choose: {choose}
    setup: {{from: {{blue: {{violet: 9 min}}, red: {{violet: 3 min}}, green: {{violet: 6 min}}}}}}
products:
  blue: {{release: {{orders: orders.csv}}, routing: [turn: {{at: m, time: 10 min}}]}}
  red: {{release: {{orders: orders.csv}}, routing: [turn: {{at: m, time: 11 min}}]}}
  green: {{release: {{orders: orders.csv}}, routing: [turn: {{at: m, time: 24 min}}]}}
  violet: {{release: {{orders: orders.csv}}, routing: [turn: {{at: m, time: 10 min}}]}}
""",
            *("blue 00:00", "red 00:00", "green 00:00"),
            "violet 00:30",
        )
        assert started(plant)[3] == (30, "violet 4", machine)

    def test_one_that_is_set_up_goes_before_the_fastest(self) -> None:
        plant = pair(
            "[{name: a}, {name: b, speed: 200 %}]",
            "blue 00:00",
            "red 00:01",
            "red 00:30",
            words=", choose: fastest, setup: 3 min",
        )
        assert started(plant) == [(0, "blue 1", "b"), (1, "red 2", "a"), (30, "red 3", "a")]


BACK = """
plant: There and back
work centers: {{m: {{machines: 2{words}}}, wash: {{machines: 1}}}}
products:
  lens:
    release: {{orders: orders.csv}}
    routing: [grind: {{at: m, time: 10 min}}, wash: {{at: wash, time: 1 min}}, polish: {{at: m, time: 5 min{same}}}]
"""


class TestSameMachine:
    def test_a_lot_waits_for_the_machine_that_did_the_earlier_step(self) -> None:
        """Lens 1 on m 1 until 10, lens 2 on m 2 until 10, lens 3 on m 1 until 20. Lens 1 is washed at 11: m 2 is idle, and free
        to all but it; it waits for m 1 until 20.
        """
        free, bound = (
            shop(BACK.format(words="", same=same), *["lens 00:00"] * 3) for same in ("", ", same machine as: grind")
        )
        assert (11, "lens 1", "m 2") in started(free)
        assert started(bound) == [
            (0, "lens 1", "m 1"), (0, "lens 2", "m 2"), (10, "lens 1", "wash"), (10, "lens 3", "m 1"), (11, "lens 2", "wash"),
            (12, "lens 2", "m 2"), (20, "lens 3", "wash"), (20, "lens 1", "m 1"), (25, "lens 3", "m 1"),
        ]  # fmt: skip
        assert not_simulated(bound) == ()
        assert hours(tell(bound, "1 h"), "m")["working"] == pytest.approx(45 / 60 / 2)

    @pytest.mark.parametrize(
        ("same", "words", "said"),
        [
            ("wash", "", "'wash' is not done at 'm'"),
            ("grind", ", batch: {max: 2 lots}", "works in batches"),
            ("grid", "", "unknown step"),
        ],
    )
    def test_where_it_cannot_come_back(self, same: str, words: str, said: str) -> None:
        with pytest.raises(PlantError, match=said):
            shop(BACK.format(words=words, same=f", same machine as: {same}"), "lens 00:00")
