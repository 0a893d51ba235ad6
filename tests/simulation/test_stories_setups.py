"""When a setup may change, and when a machine is cleaned. Stories without chance, worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.plant import Plant
from tests.simulation.plants import first_difference, log_of, shop

IN_TURN = ("red 00:00", "blue 00:00", "red 00:01", "blue 00:01", "red 00:02")


def painter(setup: str, *orders: str, machines: str = "1", lot: int = 1) -> Plant:
    """Red before blue at each minute, ten minutes a lot."""
    return shop(
        f"""
plant: Painter
work centers: {{painter: {{machines: {machines}, setup: {{{setup}}}}}}}
products:
  red: {{lot: {lot}, release: {{orders: orders.csv}}, routing: [paint: {{at: painter, time: 10 min/lot}}]}}
  blue: {{lot: {lot}, release: {{orders: orders.csv}}, routing: [paint: {{at: painter, time: 10 min/lot}}]}}
""",
        *(orders or IN_TURN),
    )


def started(plant: Plant) -> list[tuple[object, object]]:
    """Minute and lot of every start."""
    return [(row[0], row[2]) for row in log_of(plant, "10 h", "started")]


class TestMinimumRun:
    def test_so_many_lots_before_another_family(self) -> None:
        """Setup 5 min. Two at least: red 1 and red 3, then blue 2 and blue 4, then red 5."""
        free, bound = painter("default: 5 min"), painter("default: 5 min, minimum run: 2 lots")
        assert started(bound) == [(0, "red 1"), (15, "red 3"), (25, "blue 2"), (40, "blue 4"), (50, "red 5")]
        assert first_difference(free, bound, "1 d", "started") == (
            (15, "started", "blue 2", "paint", "painter"),
            (15, "started", "red 3", "paint", "painter"),
        )

    def test_it_stands_idle_rather_than_change_before(self) -> None:
        """Red 1 is done at 15; blue 2 waits there until the second red lot, which comes at 60, is done at 70."""
        plant = painter("default: 5 min, minimum run: 2 lots", "red 00:00", "blue 00:00", "red 01:00")
        assert started(plant) == [(0, "red 1"), (60, "red 3"), (70, "blue 2")]
        assert (15, "state", "painter", "starved") in log_of(plant, "10 h", "state")

    def test_another_machine_takes_what_one_may_not(self) -> None:
        plant = painter("default: 5 min, minimum run: 3 lots", "red 00:00", "blue 00:00", "blue 00:01", machines="2")
        assert started(plant) == [(0, "red 1"), (0, "blue 2"), (15, "blue 3")]

    def test_counted_in_pieces(self) -> None:
        """Lots of three: after two of them six pieces, at least five."""
        orders = [order + " quantity=3" for order in IN_TURN]
        plant = painter("default: 5 min, minimum run: 5 pieces", *orders, lot=3)
        assert [lot for _, lot in started(plant)] == ["red 1", "red 3", "blue 2", "blue 4", "red 5"]


class TestCampaigns:
    def test_cleaning_before_the_job_that_follows_a_campaign(self) -> None:
        """Two lots a campaign, an hour of cleaning; one setup of 5 min at the first lot, and cleaning before lots 3 and 5."""
        plant = painter("default: 5 min, campaign: 2 lots, cleaning: 1 h", *["red 00:00"] * 5, "blue 23:00")
        assert started(plant) == [(0, "red 1"), (15, "red 2"), (25, "red 3"), (95, "red 4"), (105, "red 5")]
        assert [(row[0], row[-1]) for row in log_of(plant, "10 h", "state")][3:5] == [(85, "working"), (105, "setup")]

    def test_a_change_of_family_is_no_cleaning_and_cleaning_adds_to_the_setup(self) -> None:
        """Red 1 until 15, blue 2 until 30; the third lot needs 60 + 5 min."""
        plant = painter("default: 5 min, campaign: 2 lots, cleaning: 1 h", *IN_TURN[:3])
        assert started(plant) == [(0, "red 1"), (15, "blue 2"), (30, "red 3")]
        assert log_of(plant, "10 h", "ended")[-1][0] == 30 + 65 + 10

    def test_counted_in_pieces(self) -> None:
        """Lots of three; after the second lot six pieces: cleaning before the third."""
        plant = painter("campaign: 5 pieces, cleaning: 1 h", *["red 00:00 quantity=3"] * 3, "blue 23:00", lot=3)
        assert [row[0] for row in log_of(plant, "10 h", "ended")] == [10, 20, 90]

    @pytest.mark.parametrize("half", ["campaign: 2 lots", "cleaning: 1 h"])
    def test_half_of_it_is_refused(self, half: str) -> None:
        with pytest.raises(PlantError, match="give both or none"):
            painter(half)
