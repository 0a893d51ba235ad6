"""What a plant could do at most: as many lots as bring more, against what is known by hand and by formula."""

from __future__ import annotations

import pytest

from plantwright.errors import SimulationError
from plantwright.plant import Plant, read_text
from plantwright.simulation import Cancel, simulate
from plantwright.simulation.loads import lots_to_saturate
from plantwright.simulation.replicate import SATURATED, find_lots
from tests.simulation.plants import exactly, line, shop, tell

MINUTES = 1440
STATIONS = line([1] * 10, release="{every: exponential 1.1111 min}")


class TestEqualRandomStations:
    """Ten exponential stations of one minute and room without end: w lots make w / (w + 9) a minute (Hopp and Spearman)."""

    @pytest.mark.parametrize("lots", [10, 60])
    def test_a_given_number_of_lots_makes_what_the_practical_worst_case_says(self, lots: int) -> None:
        run = simulate(STATIONS, horizon="20 d", warmup="1 d", replications=4, saturated=True, lots=lots)
        assert run.options["lots in process"] == lots
        assert run.estimate("work in process").mean == pytest.approx(lots)
        assert run.estimate("throughput").mean / MINUTES == pytest.approx(lots / (lots + 9), rel=0.01)

    def test_saturated_is_capacity(self) -> None:
        run = simulate(STATIONS, horizon="20 d", warmup="3 d", replications=4, saturated=True)
        assert run.estimate("throughput").mean / MINUTES > 0.98
        assert run.options["lots in process"] >= 9 * 0.98 / 0.02

    def test_so_many_lots_that_twice_as_many_bring_no_more(self) -> None:
        lots = find_lots(STATIONS, 10 * 86400.0, 1, 2, Cancel())
        assert lots % lots_to_saturate(STATIONS) == 0
        made = [
            simulate(STATIONS, horizon="10 d", warmup="10 d", replications=2, saturated=True, lots=n).estimate(
                "throughput"
            )
            for n in (lots, 2 * lots)
        ]
        assert made[1].mean <= made[0].mean * (1 + 2 * SATURATED)

    def test_no_more_lots_than_go_through(self) -> None:
        """Of 2.4 slow lots and 4 quick ones a day at most 128 go through in 20 days; in equal shares it would be 4.8 a day."""
        plant = shop("""
plant: A narrow place, and a way past it
work centers: {narrow: {machines: 1}, wide: {machines: 20}}
products:
  slow: {release: {every: 5 h}, routing: [x: {at: narrow, time: 10 h}]}
  quick: {release: {every: 5 h}, routing: [x: {at: wide, time: 5 d}]}
""")
        assert find_lots(plant, 20 * 86400.0, 1, 1, Cancel()) <= 128


class TestHours:
    def opposite(self, release: str = "{every: 40 min}") -> Plant:
        """Two desks of ten minutes a lot, one from 06:00 to 14:00, the other from 14:00 to 22:00: 48 a day each."""
        return read_text(f"""
plant: Opposite
shifts:
  early: {{days: Mon-Sun, from: "06:00", to: "14:00"}}
  late: {{days: Mon-Sun, from: "14:00", to: "22:00"}}
work centers: {{a: {{machines: 1, shift: early}}, b: {{machines: 1, shift: late}}}}
products: {{part: {{release: {release}, routing: [x: {{at: a, time: 10 min}}, y: {{at: b, time: 10 min}}]}}}}
""")

    def test_opposite_shifts_need_what_lies_between_them(self) -> None:
        run = tell(self.opposite(), "14 d", "7 d", saturated=True)
        assert exactly(run, "throughput") == 48
        assert run.options["lots in process"] >= 48

    def test_fewer_lots_than_a_shift_can_do(self) -> None:
        """Twenty lots: all twenty are done by a, then by b, once a day."""
        run = simulate(self.opposite(), horizon="14 d", warmup="7 d", replications=2, saturated=True, lots=20)
        assert exactly(run, "throughput") == 20


class TestOptions:
    def test_a_run_that_is_not_saturated_says_nothing_of_lots(self) -> None:
        assert simulate(STATIONS, horizon="1 d", warmup="1 h", replications=2).options == {"saturated": False}

    def test_what_is_released_saturated_keeps_its_own_rule(self) -> None:
        plant = shop("plant: x\nwork centers: {m: {}}\nproducts: {p: {routing: [a: {at: m, time: 1 h}]}}\n")
        assert find_lots(plant, 86400.0, 1, 1, Cancel()) == lots_to_saturate(plant)
        assert exactly(tell(plant, "1 d", saturated=True), "throughput") == 24

    def test_the_mix_stays_with_few_lots(self) -> None:
        """Three of a for one of b: 18 and 6 a day at an hour each, whatever else they were released by."""
        plant = shop("""
plant: Mix
work centers: {m: {machines: 1}}
products:
  a: {demand: {rate: 30 pieces/day}, release: {every: 5 h}, routing: [x: {at: m, time: 1 h}]}
  b: {demand: {rate: 10 pieces/day}, release: {every: 1 h}, routing: [x: {at: m, time: 1 h}]}
""")
        run = simulate(plant, horizon="20 d", warmup="4 d", replications=2, saturated=True, lots=8)
        assert exactly(run, "throughput", product="a") == pytest.approx(18, abs=0.05)
        assert exactly(run, "throughput", product="b") == pytest.approx(6, abs=0.05)


@pytest.mark.parametrize("saturated", [False, True])
@pytest.mark.parametrize("release", ["{conwip: 3 lots}", "{every: 1 h}", "saturated"])
def test_a_routing_that_is_left_out_whole_is_refused(release: str, saturated: bool) -> None:
    """No lot would have anything to do: it would be done in no time, and the next come at the same instant, for ever."""
    plant = shop(f"""
plant: Nothing
work centers: {{m: {{machines: 1}}}}
products: {{p: {{release: {release}, routing: [a: {{at: m, time: 1 h, share: 0 %}}, b: {{at: m, time: 1 h, share: 0 %}}]}}}}
""")
    with pytest.raises(SimulationError, match="products > p > routing: every step is left out"):
        tell(plant, "1 d", saturated=saturated)
