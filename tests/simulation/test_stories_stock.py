"""Finished stock with a limit, and demand by season. Stories worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import SimulationError
from plantwright.improvement.limits import asked, meets_demand
from plantwright.plant import Plant, changed
from tests.simulation.plants import exactly, first_difference, hours, log_of, made, shop, tell


def shed(
    stock: str = "", demand: str = "{rate: 4 pieces/day}", step: str = "time: 1 h/lot", start: str = "2026-01-05 20:00"
) -> Plant:
    """Lots of two pieces, an hour each, as fast as the machine can; customers come at midnight, four hours after the start."""
    return shop(f"""
plant: Shed
start: {start}
work centers: {{saw: {{machines: 1}}}}
products:
  board: {{lot: 2 pieces, release: saturated, demand: {demand}{stock}, routing: [cut: {{at: saw, {step}}}]}}
""")


class TestLimit:
    def test_a_finished_lot_that_does_not_fit_waits_on_its_machine(self) -> None:
        """Room for five pieces: two lots fit, the third stays on the saw from 23:00 until customers take four at 24:00. Then it and, an
        hour later, the next find room (2, 4); the one after that does not.
        """
        free, full = shed(), shed(", stock: {capacity: 5 pieces}")
        assert first_difference(free, full, "9 h", "state", "started", "ended") == (
            (180, "started", "board 4", "cut", "saw"),
            (180, "state", "saw", "blocked"),
        )
        assert log_of(full, "9 h", "completed", "state") == [
            (0, "state", "saw", "working"),
            (60, "completed", "board 1", "into stock", "stock of board", 2),
            (120, "completed", "board 2", "into stock", "stock of board", 2),
            (180, "state", "saw", "blocked"),
            (240, "completed", "board 3", "into stock", "stock of board", 2),
            (240, "state", "saw", "working"),
            (300, "completed", "board 4", "into stock", "stock of board", 2),
            (360, "state", "saw", "blocked"),
        ]
        run = tell(full, "9 h")
        assert hours(run, "saw") == {"working": 5, "blocked": 4}
        # 0, 2, 4 and 4 pieces in the first four hours, then 2 for one and 4 for four.
        assert exactly(run, "buffer level", product="board") == pytest.approx((0 + 2 + 4 + 4 + 2 + 4 * 4) / 9)
        assert exactly(run, "sales") == 4
        assert run.not_simulated == ()

    def test_a_limit_in_lots(self) -> None:
        two = shed(", stock: {capacity: 2 lots}")
        assert log_of(two, "9 h") == log_of(shed(", stock: {capacity: 4 pieces}"), "9 h")

    def test_a_limit_in_lots_is_of_lots_that_are_not_reworked(self) -> None:
        """Three lots of 9 cells: 27. Each lot is cut twice, 4 pieces to 9 cells, these to 20, so that the second finds no place."""
        text = """
plant: Cells
work centers: {saw: {}, bench: {}}
products:
  p:
    lot: 4 pieces
    unit: cell
    stock: {capacity: 3 lots}
    release: {orders: orders.csv}
    routing:
      - cut: {at: saw, time: 5 min/lot, gives: {cells: 9 cells/lot}}
      - check: {at: bench, time: 5 min/lot, rework: {share: 100 %, back to: cut, at most: 1}}
"""
        orders = ("p 00:00 quantity=4", "p 00:00 quantity=4")
        narrow, wide = shop(text, *orders), shop(text.replace("3 lots", "5 lots"), *orders)
        assert log_of(narrow, "2 h", "completed") == [(20, "completed", "p 1", "into stock", "stock of p", 20)]
        assert first_difference(narrow, wide, "2 h", "completed", "state") == (
            (25, "state", "bench", "blocked"),
            (25, "completed", "p 2", "into stock", "stock of p", 20),
        )

    def test_lots_of_a_pure_delay_wait_outside(self) -> None:
        """Two lots at a time, an hour each: the third comes in when customers were there."""
        plant = shop(
            """
plant: Shed
start: 2026-01-05 20:00
work centers: {rest: {machines: unlimited}}
products:
  board: {lot: 2 pieces, release: {every: 1 h}, demand: {rate: 4 pieces/day}, stock: {capacity: 5 pieces}, routing: [dry: {at: rest, time: 30 min/lot}]}
"""
        )
        assert log_of(plant, "5 h", "completed") == [
            (90, "completed", "board 1", "into stock", "stock of board", 2),
            (150, "completed", "board 2", "into stock", "stock of board", 2),
            (240, "completed", "board 3", "into stock", "stock of board", 2),
            (270, "completed", "board 4", "into stock", "stock of board", 2),
        ]

    def test_what_other_products_take_makes_room(self) -> None:
        """A cart takes the two wheels that are there at 02:30; the lathe, blocked since 02:00, goes on."""
        plant = shop(
            """
plant: Carts
work centers: {lathe: {machines: 1}, bench: {machines: 1}}
products:
  wheel: {release: saturated, stock: {capacity: 2 pieces}, routing: [turn: {at: lathe, time: 40 min}]}
  cart: {release: {orders: orders.csv}, routing: [join: {at: bench, time: 1 h, takes: {wheel: 2 pieces/lot}}]}
""",
            "cart 02:30",
        )
        assert log_of(plant, "3 h", "state")[2:] == [
            (120, "state", "lathe", "blocked"),
            (150, "state", "bench", "working"),
            (150, "state", "lathe", "working"),
        ]

    def test_the_rest_of_a_batch_waits_for_room(self) -> None:
        """Three pots of a kiln into a stock of two: the third keeps the kiln blocked."""
        plant = shop(
            """
plant: Kiln
work centers: {kiln: {machines: 1, batch: {max: 3 lots, min: 3 lots}}}
products: {pot: {release: {orders: orders.csv}, stock: {capacity: 2 pieces}, routing: [burn: {at: kiln, time: 1 h/batch}]}}
""",
            "pot 00:00",
            "pot 00:00",
            "pot 00:00",
        )
        run = tell(plant, "4 h")
        assert hours(run, "kiln") == {"working": 1, "blocked": 3}
        assert made(run) * 4 / 24 == pytest.approx(2 * 4 / 24)

    def test_a_lot_that_never_fits_is_refused(self) -> None:
        with pytest.raises(SimulationError, match="a lot of 2 never fits into 1"):
            tell(shed(", stock: {capacity: 1 piece}"), "1 d")


class TestSeason:
    def test_customers_ask_for_more_in_a_good_month(self) -> None:
        """Two days of January at four pieces and two of February at 150 %: 4 + 4 + 6 + 6 pieces in four days."""
        usual = shed(start="2026-01-30 00:00")
        good = changed(usual, {"products > board > demand > season": {"Feb": "150 %"}})
        assert exactly(tell(usual, "4 d"), "sales") == 4
        run = tell(good, "4 d")
        assert exactly(run, "sales") == pytest.approx(20 / 4)
        assert run.not_simulated == ()

    def test_demand_is_met_where_the_season_counts(self) -> None:
        """In two days of January and two of February 4, 4, 6 and 6 pieces are asked for: five a day in the mean."""
        good = shed(demand="{rate: 4 pieces/day, season: {Feb: 150 %}}", start="2026-01-30 00:00")
        run = tell(good, "4 d")
        assert asked(good, run) == pytest.approx(5)
        assert meets_demand(good, run)
        later = tell(good, "2 d", warmup="2 d")
        assert asked(good, later) == pytest.approx(6)

    def test_lots_start_at_the_rate_of_the_season(self) -> None:
        """Two lots a day in January, so at 0, 12, 24 and 36 o'clock of its last two days; three a day in February."""
        plant = shed(
            demand="{rate: 4 pieces/day, season: {Feb: 150 %}}", step="time: 1 min/lot", start="2026-01-30 00:00"
        )
        plant = changed(plant, {"products > board > release": None})
        released = [minute / 60 for minute, *_ in log_of(plant, "4 d", "released")]
        assert released == pytest.approx([0, 12, 24, 36, 48, 56, 64, 72, 80, 88])

    def test_in_working_hours_too(self) -> None:
        """Eight hours a day; one lot a day in January, two in February, which begins on a Sunday: from Monday on."""
        plant = shop("""
plant: Shed
start: 2026-01-29 00:00
shifts: {day: {days: Mon-Fri, from: "08:00", to: "16:00"}}
work centers: {saw: {machines: 1, shift: day}}
products:
  board: {demand: {rate: 1 pieces/working day, season: {Feb: 200 %}}, routing: [cut: {at: saw, time: 1 min}]}
""")
        released = [round(minute / 60, 6) for minute, *_ in log_of(plant, "6 d", "released")]
        # Thursday, Friday; then Monday 2 and Tuesday 3 February.
        assert released == [8, 32, 104, 108, 128, 132]

    def test_nothing_starts_in_a_month_without_demand(self) -> None:
        plant = shed(
            demand="{rate: 4 pieces/day, season: {Feb: 0 %}}", step="time: 1 min/lot", start="2026-01-30 00:00"
        )
        plant = changed(plant, {"products > board > release": None})
        assert [minute / 60 for minute, *_ in log_of(plant, "4 d", "released")] == pytest.approx([0, 12, 24, 36])
