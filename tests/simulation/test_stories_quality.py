"""Defects that nobody sees until an inspection finds them. Stories worked out by hand, in minutes."""

from __future__ import annotations

import math

import pytest

from plantwright.plant import Plant
from plantwright.simulation import history
from plantwright.simulation.loads import expected_pieces, found_shares
from tests.simulation.plants import cycle_hours, exactly, first_difference, log_of, made, shop, tell


def steps(routing: str, lot: str, *orders: str) -> Plant:
    """One product, its steps at machines of their own: `{at}` in a step is its machine."""
    count = routing.count("at: m")
    centers = ", ".join(f"m{k}: {{machines: 1}}" for k in range(1, count + 1))
    return shop(
        f"plant: Quality\nwork centers: {{{centers}}}\n"
        f"products: {{part: {{lot: {lot}, release: {{orders: orders.csv}}, routing: [{routing}]}}}}\n",
        *(orders or ("part 00:00 quantity=100",)),
    )


class TestMeasured:
    """A hundred kilograms, of which shares are lost exactly."""

    ROUTING = (
        "make: {at: m1, time: 1 h/lot, defects: {scratch: 20 %}}, "
        "roll: {at: m2, time: 1 h/lot, yield: 90 %}, "
        "look: {at: m3, time: 1 h/lot, finds: {scratch: 50 %}}"
    )

    def test_what_is_found_is_scrapped_and_the_rest_escapes(self) -> None:
        """20 kg are scratched; rolling takes 10 of 100 kg, 2 of them scratched; of 18 kg half are found: 81 kg leave, 9 scratched."""
        plant = steps(self.ROUTING, "100 kg")
        assert log_of(plant, "5 h", "scrapped", "found", "completed") == [
            (120, "scrapped", "part 1", "roll", "m2", 10),
            (180, "found", "part 1", "look", "m3", "scratch", 9),
            (180, "scrapped", "part 1", "look", "m3", 9),
            (180, "completed", "part 1", "look", "m3", 81),
        ]
        run = tell(plant, "1 d")
        assert exactly(run, "escaped share") == pytest.approx(9 / 81)
        assert exactly(run, "scrap share") == pytest.approx(19 / 100)

    def test_a_sample_of_half_finds_half_as_much(self) -> None:
        run = tell(steps(self.ROUTING.replace("50 %}", "50 %}, sample: 50 %"), "100 kg"), "1 d")
        assert made(run) == pytest.approx(85.5)
        assert exactly(run, "escaped share") == pytest.approx(13.5 / 85.5)

    @pytest.mark.parametrize(("first", "minutes"), [("look", 80), ("weld", 100)])
    def test_an_early_inspection_saves_work(self, first: str, minutes: int) -> None:
        """A fifth is scratched, and all of that is found: before the weld of a minute a kilogram, or behind it."""
        look, weld = "look: {at: m2, time: 1 h/lot, finds: {scratch: 100 %}}", "weld: {at: m3, time: 1 min/kg}"
        order = f"{look}, {weld}" if first == "look" else f"{weld}, {look}"
        plant = steps(f"make: {{at: m1, time: 1 h/lot, defects: {{scratch: 20 %}}}}, {order}", "100 kg")
        run = tell(plant, "1 d")
        assert made(run) == pytest.approx(80)
        assert cycle_hours(run) == pytest.approx((120 + minutes) / 60)
        assert exactly(run, "escaped share") == 0
        assert expected_pieces(plant.products["part"])["weld"] == pytest.approx(minutes / 100)

    def test_two_defects_and_the_share_found_by_hand(self) -> None:
        """80 of 100 kg are clean after the first defect, so that 8 kg get the second; an inspection of both finds 10 + 6 kg."""
        plant = steps(
            "make: {at: m1, time: 1 h/lot, defects: {scratch: 20 %, dent: 10 %}}, "
            "look: {at: m2, time: 1 h/lot, finds: {scratch: 50 %, dent: 75 %}}",
            "100 kg",
        )
        assert made(tell(plant, "1 d")) == pytest.approx(84)
        assert found_shares(plant.products["part"])["look"] == pytest.approx(0.16)


class TestWholePieces:
    def test_a_piece_carries_one_defect_at_most_the_first(self) -> None:
        """All are scratched, so that none is dented; who looks for dents finds nothing, who looks for scratches all."""
        routing = "make: {{at: m1, time: 1 h/lot, defects: {{scratch: 100 %, dent: 50 %}}}}, look: {{at: m2, time: 1 h/lot, finds: {{{}: 100 %}}}}"
        dents = steps(routing.format("dent"), "8 pieces", "part 00:00 quantity=8")
        scratches = steps(routing.format("scratch"), "8 pieces", "part 00:00 quantity=8")
        assert first_difference(dents, scratches, "5 h", "found", "completed", "scrapped") == (
            (120, "completed", "part 1", "look", "m2", 8),
            (120, "found", "part 1", "look", "m2", "scratch", 8),
        )
        assert exactly(tell(dents, "1 d"), "escaped share") == 1
        assert exactly(tell(scratches, "1 d"), "scrap share") == 1

    def test_one_find_may_cost_the_whole_lot(self) -> None:
        """Each lot of 400 has some of its 2 % found; with `scrap: lot` none of it is left."""
        routing = "make: {at: m1, time: 1 h/lot, defects: {scratch: 2 %}}, look: {at: m2, time: 1 h/lot, finds: {scratch: 99 %}, scrap: lot}"
        log = log_of(steps(routing, "400 pieces", "part 00:00 quantity=400"), "5 h", "scrapped", "completed")
        assert log == [(120, "scrapped", "part 1", "look", "m2", 400)]

    @pytest.mark.parametrize(
        ("sample", "minutes"), [("", 40), (", sample: 20 %", 10), (", sample: 25 %", 10), (", sample: 26 %", 15)]
    )
    def test_only_the_sample_takes_time(self, sample: str, minutes: int) -> None:
        """Eight pieces of 5 min; 1.6 of them, rounded up, are two."""
        plant = steps(f"look: {{at: m1, time: 5 min/piece{sample}}}", "8 pieces", "part 00:00 quantity=8")
        assert cycle_hours(tell(plant, "1 d")) == pytest.approx(minutes / 60)

    def test_counts_are_binomial(self) -> None:
        """200 000 pieces: 5 % of them scratched, a tenth spoilt of whatever kind, and of the scratched 0.4 x 0.9 found.

        Escapes are 5 % x 0.64 of what is left, 1 - 5 % x 0.36. Three and a half standard deviations of a binomial count each.
        """
        pieces = 200_000
        routing = (
            "make: {at: m1, time: 1 h/lot, defects: {scratch: 5 %}}, roll: {at: m2, time: 1 h/lot, yield: 90 %}, "
            "look: {at: m3, time: 1 h/lot, finds: {scratch: 90 %}, sample: 40 %}"
        )
        plant = steps(routing, f"{pieces} pieces", f"part 00:00 quantity={pieces}")
        amounts = {
            event.what: event.amount or 0.0
            for event in history(plant, horizon="5 h")
            if event.what in ("found", "completed")
        }
        left = 0.9 * pieces
        share = 0.05 * 0.36
        assert abs(amounts["found"] / left - share) < 3.5 * math.sqrt(share / left)
        escaped = tell(plant, "1 d").estimate("escaped share").values[0]
        expected = 0.05 * 0.64 / (1 - share)
        assert abs(escaped - expected) < 3.5 * math.sqrt(expected / left)
        assert escaped * amounts["completed"] == pytest.approx(round(escaped * amounts["completed"]))

    def test_pieces_are_kept_account_of(self) -> None:
        """What is done, scrapped or escaped is whole pieces, and none is lost."""
        routing = (
            "make: {at: m1, time: 1 min/lot, defects: {scratch: 30 %, dent: 20 %}, yield: 80 %}, "
            "look: {at: m2, time: 1 min/lot, finds: {dent: 50 %, scratch: 50 %}, rework: {share: 30 %, back to: make}}"
        )
        run = tell(steps(routing, "7 pieces", "part 00:00 quantity=700"), "1 d", replications=4)
        for done, scrapped in zip(run.estimate("throughput").values, run.estimate("scrap share").values, strict=True):
            assert done / (1 - scrapped) == pytest.approx(700)
            assert done == round(done)
