"""Failures by count, and what becomes of the work that they stop. Stories without chance, worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.plant import Plant
from tests.simulation.plants import first_difference, log_of, made, shop, tell


def lathe(words: str, work: str, *orders: str, lot: int = 1) -> Plant:
    return shop(
        f"plant: Lathe\nwork centers: {{lathe: {{machines: 1, {words}}}}}\n"
        f"products: {{pin: {{lot: {lot} pieces, release: {{orders: orders.csv}}, routing: [turn: {{at: lathe, {work}}}]}}}}\n",
        *(orders or ("pin 00:00",)),
    )


def states(plant: Plant, horizon: str = "1 d") -> list[tuple[object, object]]:
    """Minute and new state of the lathe."""
    return [(row[0], row[-1]) for row in log_of(plant, horizon, "state")]


class TestByCount:
    def test_the_fourth_piece_brings_it_on_as_it_starts(self) -> None:
        """Ten pieces of a minute: the fourth starts at 3. Ten minutes later it goes on; four pieces more, and the eighth starts
        after 4 minutes of work; the last three take 3 minutes.
        """
        plant = lathe(
            "failures: [{every: 4 pieces, repair: 10 min}]", "time: 1 min/piece", "pin 00:00 quantity=10", lot=10
        )
        assert states(plant) == [
            (0, "working"), (3, "in repair"), (13, "working"), (17, "in repair"), (27, "working"), (30, "starved"),
        ]  # fmt: skip

    def test_pieces_are_counted_over_lots_and_loading_does_not_count(self) -> None:
        """Lots of two pieces, 2 min of loading: the third piece is the first of the second lot, whose run begins at 2 + 2 + 2."""
        plant = lathe(
            "failures: [{every: 3 pieces, repair: 10 min}]",
            "time: 1 min/piece, load: 2 min/lot",
            "pin 00:00 quantity=2",
            "pin 00:00 quantity=2",
            lot=2,
        )
        assert states(plant) == [
            (0, "load"), (2, "working"), (4, "load"), (6, "in repair"), (16, "working"), (18, "starved"),
        ]  # fmt: skip

    @pytest.mark.parametrize(("time", "strikes"), [("8 min/lot", 6), ("8 min/batch", 0)])
    def test_a_lots_time_is_shared_evenly_and_a_batchs_pieces_start_together(self, time: str, strikes: int) -> None:
        """The fourth of four pieces starts at three quarters of the lot's time, or with the batch."""
        plant = lathe("failures: [{every: 4 pieces, repair: 5 min}]", f"time: {time}", "pin 00:00 quantity=4", lot=4)
        assert (strikes, "in repair") in states(plant)
        assert states(plant)[-1] == (13, "starved")

    def test_two_that_fall_due_at_one_piece_follow_one_another(self) -> None:
        plant = lathe(
            "failures: [{every: 2 pieces, repair: 10 min}, {every: 2 pieces, repair: 5 min}]",
            "time: 1 min/piece",
            "pin 00:00 quantity=3",
            lot=3,
        )
        assert states(plant) == [(0, "working"), (1, "in repair"), (16, "working"), (18, "starved")]

    def test_with_the_working_clock_it_strikes_elsewhere(self) -> None:
        count = lathe(
            "failures: [{every: 4 pieces, repair: 10 min}]", "time: 1 min/piece", "pin 00:00 quantity=6", lot=6
        )
        clock = lathe("failures: [{every: 4 min, repair: 10 min}]", "time: 1 min/piece", "pin 00:00 quantity=6", lot=6)
        assert first_difference(count, clock, "1 d", "state") == (
            (3, "state", "lathe", "in repair"),
            (4, "state", "lathe", "in repair"),
        )

    def test_a_stop_by_another_clock_does_not_count_a_piece_twice(self) -> None:
        """A calendar failure from 1.5 to 4.5 min; the third piece starts after 2 min of work, at 5."""
        plant = lathe(
            "failures: [{every: 3 pieces, repair: 10 min}, {every: 1.5 min, clock: calendar, repair: 3 min}]",
            "time: 1 min/piece",
            "pin 00:00 quantity=4",
            lot=4,
        )
        assert states(plant, "5.5 min") == [(0, "working"), (1.5, "in repair"), (4.5, "working"), (5, "in repair")]

    def test_maintenance_by_count_waits_for_the_lot(self) -> None:
        """Lots of two pieces, 10 min each; after the second lot four pieces have been made, three were due: 5 min at 40."""
        plant = lathe(
            "maintenance: [{every: 3 pieces, lasts: 5 min}]", "time: 10 min/piece", *["pin 00:00 quantity=2"] * 4, lot=2
        )
        assert states(plant) == [
            (0, "working"), (40, "maintenance"), (45, "working"), (85, "maintenance"), (90, "starved"),
        ]  # fmt: skip

    def test_the_first_may_be_given_as_a_count(self) -> None:
        plant = lathe(
            "maintenance: [{every: 3 pieces, lasts: 5 min, first: 1 piece}]", "time: 10 min", *["pin 00:00"] * 2
        )
        assert (10, "maintenance") in states(plant)
        with pytest.raises(PlantError, match="must both be times, or both counts"):
            lathe("maintenance: [{every: 3 pieces, lasts: 5 min, first: 1 h}]", "time: 10 min")


class TestWhatBecomesOfTheWork:
    @pytest.mark.parametrize(("then", "ends"), [("resume", 150), ("restart", 180)])
    def test_resumed_or_done_again_from_its_start(self, then: str, ends: float) -> None:
        """Two lots of an hour; down from 90 to 120, in the middle of the second."""
        words = f"failures: [{{every: 90 min, clock: calendar, repair: 30 min, then: {then}}}]"
        plant = lathe(words, "time: 1 h", "pin 00:00", "pin 00:00")
        assert log_of(plant, "200 min", "ended") == [
            (60, "ended", "pin 1", "turn", "lathe"),
            (ends, "ended", "pin 2", "turn", "lathe"),
        ]

    def test_only_the_phase_is_done_again(self) -> None:
        """10 min of loading, 1 h of work, down from 40 to 50: the hour begins again at 50."""
        words = "failures: [{every: 40 min, clock: calendar, repair: 10 min, then: restart}]"
        assert log_of(lathe(words, "time: 35 min, load: 10 min"), "2 h", "ended") == [
            (85, "ended", "pin 1", "turn", "lathe")
        ]

    def test_scrapped_lots_leave_at_once_and_the_machine_is_empty(self) -> None:
        """Down from 90 to 120 in the middle of the second lot; the third begins at 120."""
        words = "failures: [{every: 90 min, clock: calendar, repair: 30 min, then: scrap}]"
        plant = lathe(words, "time: 1 h", *["pin 00:00 quantity=1"] * 3)
        assert log_of(plant, "185 min", "ended", "scrapped", "started", "completed") == [
            (0, "started", "pin 1", "turn", "lathe"),
            (60, "ended", "pin 1", "turn", "lathe"),
            (60, "completed", "pin 1", "turn", "lathe", 1),
            (60, "started", "pin 2", "turn", "lathe"),
            (90, "scrapped", "pin 2", "turn", "lathe", 1),
            (120, "started", "pin 3", "turn", "lathe"),
            (180, "ended", "pin 3", "turn", "lathe"),
            (180, "completed", "pin 3", "turn", "lathe", 1),
        ]
        run = tell(plant, "1 d")
        assert made(run) == 2
        assert run.estimate("scrap share").mean == pytest.approx(1 / 3)

    def test_a_finished_lot_on_a_blocked_machine_is_not_scrapped(self) -> None:
        """The press works 3 h a lot, so the second lot waits on the lathe from 2:00 to 4:00; the lathe fails at 2:30."""
        plant = shop(
            """
plant: Two
work centers:
  lathe: {machines: 1, failures: [{every: 150 min, clock: calendar, repair: 30 min, then: scrap}]}
  press: {machines: 1, buffer: 0 lots}
products:
  pin: {release: {orders: orders.csv}, routing: [turn: {at: lathe, time: 1 h}, press: {at: press, time: 3 h}]}
""",
            "pin 00:00",
            "pin 00:00",
        )
        assert log_of(plant, "8 h", "scrapped") == []
        assert made(tell(plant, "8 h")) == 2

    @pytest.mark.parametrize(("every", "due"), [(4, True), (5, False)])
    def test_pieces_of_a_scrapped_lot_count_as_far_as_they_had_started(self, every: int, due: bool) -> None:
        """Lots of four, a minute a piece, down from 1.5 to 2.5 and from 4 to 5: two pieces of each lot had started."""
        plant = lathe(
            "failures: [{every: 1.5 min, clock: calendar, repair: 1 min, then: scrap}], "
            f"maintenance: [{{every: {every} pieces, lasts: 5 min}}]",
            "time: 1 min/piece",
            *["pin 00:00 quantity=4"] * 2,
            lot=4,
        )
        assert log_of(plant, "4.2 min", "scrapped") == [
            (1.5, "scrapped", "pin 1", "turn", "lathe", 4),
            (4, "scrapped", "pin 2", "turn", "lathe", 4),
        ]
        assert ((5, "maintenance") in states(plant, "6 min")) is due


class TestLuck:
    WORDS = "failures: [{every: exponential 2 h, clock: calendar, repair: exponential 20 min}], maintenance: [{every: 5 h, lasts: uniform 10..30 min}]"

    def test_a_work_center_that_is_called_otherwise_keeps_its_luck(self) -> None:
        """The lathe is called a turning cell: with `luck: lathe` it stops when it did, without it has other luck."""
        plant = lathe(self.WORDS, "time: 20 min", "pin 00:00")
        text = plant.document.source if plant.document else ""
        renamed = text.replace("lathe", "cell")
        kept, other = (
            shop(renamed.replace("machines: 1,", more), "pin 00:00")
            for more in ("machines: 1, luck: lathe,", "machines: 1,")
        )
        assert states(kept, "3 d") == states(plant, "3 d")
        assert states(other, "3 d") != states(plant, "3 d")

    def test_of_two_that_would_stop_at_once_one_is_refused(self) -> None:
        with pytest.raises(PlantError, match="'lathe' has the same luck"):
            shop("""
plant: Twins
work centers: {lathe: {machines: 1}, cell: {luck: lathe}}
products: {pin: {release: {every: 1 h}, routing: [turn: {at: lathe, time: 1 min}, again: {at: cell, time: 1 min}]}}
""")
