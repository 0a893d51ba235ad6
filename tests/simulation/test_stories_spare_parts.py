"""Spare parts: a repair claims its technician and its part together. Stories worked out by hand, in minutes."""

from __future__ import annotations

import pytest

from plantwright.plant import Plant, changed
from tests.simulation.plants import exactly, first_difference, hours, log_of, shop, tell

WORDS = ("people seized", "people let go", "material taken", "material delivered", "ended")


def mill(
    takes: str = ", takes: {bearing: 1 piece}", on_hand: str = "1 piece", shift: str = "", order: str = "cut 00:00"
) -> Plant:
    """A mill that fails after each half hour of work, and a lot that it works on for 70 min."""
    return shop(
        f"""
plant: Mill
shifts: {{day: {{days: Mon-Sun, from: "00:00", to: "23:00", breaks: ["00:45-01:00"]}}}}
people: {{Tom: {{{shift}skills: {{repair: 1}}}}}}
materials: {{bearing: {{on hand: {on_hand}, from: Bearing Co, reorder: {{at: 0 pieces, up to: 1 piece}}}}}}
suppliers: {{Bearing Co: {{lead time: 3 h}}}}
work centers: {{mill: {{failures: [{{every: 30 min, repair: 1 h, by: repair{takes}}}]}}}}
products: {{cut: {{release: {{orders: orders.csv}}, routing: [cut: {{at: mill, time: 70 min}}]}}}}
""",
        order,
    )


class TestSpareParts:
    def test_a_repair_waits_for_its_part_and_holds_nobody_meanwhile(self) -> None:
        """Fails at 00:30 and takes the only bearing; the next is ordered and comes at 03:30. It fails again at 02:00."""
        plant = mill()
        assert (
            log_of(plant, "6 h", *WORDS)
            == [
                (30, "people seized", "mill", "Tom"),
                (30, "material taken", "mill", "bearing"),
                (90, "people let go", "mill", "Tom"),
                (210, "material delivered", "bearing"),
                (210, "people seized", "mill", "Tom"),
                (210, "material taken", "mill", "bearing"),
                (270, "people let go", "mill", "Tom"),
                (280, "ended", "cut 1", "cut", "mill"),
                (390, "material delivered", "bearing"),
            ][:-1]
        )
        run = tell(plant, "6 h")
        assert hours(run, "mill") == {
            "working": round(70 / 60, 6), "in repair": 2, "waiting for repair": 1.5, "starved": round(80 / 60, 6),
        }  # fmt: skip
        assert exactly(run, "use of people", crew="Tom") == pytest.approx(2 / 6)
        assert run.not_simulated == ()

    def test_without_the_word_it_is_repaired_at_once(self) -> None:
        assert first_difference(mill(), mill(takes=""), "6 h", "people seized") == (
            (210, "people seized", "mill", "Tom"),
            (120, "people seized", "mill", "Tom"),
        )

    def test_a_part_is_taken_once_however_often_the_repair_rests(self) -> None:
        """Tom's break is from 00:45 to 01:00: the repair ends at 01:45, with the bearing that it took at 00:30."""
        log = log_of(mill(shift="shift: day, ", on_hand="2 pieces"), "110 min", *WORDS)
        assert log == [
            (30, "people seized", "mill", "Tom"),
            (30, "material taken", "mill", "bearing"),
            (45, "people let go", "mill", "Tom"),
            (60, "people seized", "mill", "Tom"),
            (105, "people let go", "mill", "Tom"),
        ]

    def test_no_part_is_taken_while_nobody_can_fit_it(self) -> None:
        """It fails at 00:48, in Tom's break: part and person come together at 01:00."""
        log = log_of(mill(shift="shift: day, ", order="cut 00:18"), "90 min", *WORDS)
        assert log == [(60, "people seized", "mill", "Tom"), (60, "material taken", "mill", "bearing")]

    def test_a_repair_that_needs_nobody_waits_for_its_part_too(self) -> None:
        """As in the first story, without Tom."""
        alone = changed(mill(), {"work centers > mill > failures > 1 > by": None})
        assert log_of(alone, "6 h", "material taken", "ended") == [
            (30, "material taken", "mill", "bearing"),
            (210, "material taken", "mill", "bearing"),
            (280, "ended", "cut 1", "cut", "mill"),
        ]
