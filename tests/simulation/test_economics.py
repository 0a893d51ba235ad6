"""Money and energy: what material, work, machines and power cost. Stories worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from plantwright.plant import Plant
from plantwright.simulation import Run, begin, load, simulate
from plantwright.simulation.loads import expected_pieces, expected_visits
from tests.simulation.plants import exactly, shop, tell

YEAR = 365.25


def plant_of(steps: str, *orders: str, words: str = "price: 10 USD", center: str = "", more: str = "") -> Plant:
    """A product of one machine, with material at 1 USD/kg."""
    return shop(
        f"""
plant: Money
currency: USD
{more}
materials: {{steel: {{price: 1 USD/kg}}, paint: {{price: 3 USD/piece}}}}
work centers: {{m: {{machines: 1{center}}}}}
products:
  part: {{{words}, release: {"{orders: orders.csv}" if orders else "{every: 20 min}"}, routing: [{steps}]}}
""",
        *orders,
    )


def per_day(run: Run) -> float:
    return exactly(run, "contribution") / YEAR


class TestMaterial:
    def test_by_the_lot_of_a_whole_order(self) -> None:
        """An order of 50 pieces is one lot: 500 USD, less 10 kg."""
        plant = plant_of("a: {at: m, time: 1 h/lot, takes: {steel: 10 kg/lot}}", "part 00:00 quantity=50")
        assert per_day(tell(plant, "1 d")) == pytest.approx(490)

    def test_by_the_lot_of_an_order_that_is_split(self) -> None:
        """Fifty pieces in lots of 25: twice 10 kg."""
        plant = plant_of(
            "a: {at: m, time: 1 h/lot, takes: {steel: 10 kg/lot}}",
            "part 00:00 quantity=50",
            words="price: 10 USD, lot: 25 pieces",
        )
        assert per_day(tell(plant, "1 d")) == pytest.approx(480)

    def test_by_the_piece_that_comes_to_the_step(self) -> None:
        """Half is lost at a, so that b paints one piece for two started: 1.50 USD for each of them, and 1 kg at a."""
        plant = plant_of(
            "a: {at: m, time: 1 min, yield: 50 %, takes: {steel: 1 kg/piece}}, b: {at: m, time: 1 min, takes: {paint: 1 piece/piece}}"
        )
        product = plant.products["part"]
        assert expected_pieces(product) == pytest.approx({"a": 1, "b": 0.5})
        run = simulate(plant, horizon="100 d", warmup="1 d", replications=2)
        # 72 lots a day, of which every other is painted and sold.
        assert run.estimate("contribution").mean / YEAR == pytest.approx(72 * (0.5 * 10 - 2.5), rel=0.05)

    def test_by_the_weight_that_is_left(self) -> None:
        """72 lots of 100 kg a day; half of each is left, and takes 5 kg of steel at the next step."""
        plant = plant_of(
            "a: {at: m, time: 1 min/lot, yield: 50 %}, b: {at: m, time: 1 min/lot, takes: {steel: 0.1 kg/kg}}",
            words="price: 10 USD, unit: kg, lot: 100 kg",
        )
        run = tell(plant, "10 d", "1 d")
        assert per_day(run) == pytest.approx(72 * (50 * 10 - 50 * 0.1))

    @pytest.mark.parametrize(
        ("share", "most", "visits"), [(100, 2, 3), (100, 1, 2), (50, 1, 1.5), (50, 2, 1.75), (0, 2, 1)]
    )
    def test_rework_takes_its_material_again(self, share: int, most: int, visits: float) -> None:
        """A lot comes to the step once, and again with the share, at most so often."""
        plant = plant_of(
            "a: {at: m, time: 1 min, takes: {steel: 2 kg/piece}, "
            f"rework: {{share: {share} %, back to: a, at most: {most}}}}}, b: {{at: m, time: 1 min}}"
        )
        assert expected_visits(plant.products["part"]) == pytest.approx({"a": visits, "b": 1})
        run = simulate(plant, horizon="100 d", warmup="1 d", replications=2)
        assert run.estimate("material used", material="steel").mean == pytest.approx(72 * 2 * visits, rel=0.02)
        worked = run.estimate("state share", work_center="m", state="working").mean
        assert worked * 20 == pytest.approx(visits + 1, rel=0.02)

    def test_a_step_that_is_left_out_takes_nothing(self) -> None:
        plant = plant_of("a: {at: m, time: 1 min}, b: {at: m, time: 1 min, share: 25 %, takes: {steel: 4 kg/piece}}")
        run = simulate(plant, horizon="100 d", warmup="1 d", replications=2)
        assert run.estimate("contribution").mean / YEAR == pytest.approx(72 * (10 - 1), rel=0.02)


class TestEnergy:
    STEP = "a: {at: m, time: 10 min}"
    POWER = ", power: {run: 10 kW, idle: 1 kW}"

    def test_is_counted_by_what_the_machine_does(self) -> None:
        """72 pieces a day, 12 h of work at 10 kW, 12 h of waiting at 1 kW: 132 kWh at 0.20 USD."""
        run = tell(plant_of(self.STEP, center=self.POWER, more="money: {energy: 0.2 USD/kWh}"), "10 d", "1 d")
        assert exactly(run, "energy", work_center="m") == pytest.approx(132)
        assert per_day(run) == pytest.approx(72 * 10 - 132 * 0.2)
        assert "energy costs" not in run.unknown

    def test_without_its_price_what_it_costs_is_unknown(self) -> None:
        run = tell(plant_of(self.STEP, center=self.POWER), "10 d", "1 d")
        assert exactly(run, "energy", work_center="m") == pytest.approx(132)
        assert per_day(run) == pytest.approx(720)
        assert run.unknown["energy costs"] == "no price of energy"

    def test_of_a_plant_that_says_nothing_of_power_nothing_is_missing(self) -> None:
        run = tell(plant_of(self.STEP), "10 d", "1 d")
        assert not run.named("energy")
        assert "energy costs" not in run.unknown

    def test_of_setups_repairs_and_hours_off_shift(self) -> None:
        """Open from 08:00 to 12:00: an hour to set up at 3 kW, two to run at 10, one waiting at 1; then four off at 0.5."""
        plant = shop(
            """
plant: Power
start: 2026-01-05 08:00
shifts: {day: {days: Mon-Fri, from: "08:00", to: "12:00"}}
work centers: {m: {machines: 1, shift: day, setup: 1 h, power: {run: 10 kW, setup: 3 kW, idle: 1 kW, off: 500 W}}}
products: {part: {release: {orders: orders.csv}, routing: [a: {at: m, time: 2 h}]}}
""",
            "part 08:00",
        )
        run = tell(plant, "8 h")
        assert run.working_days == 1
        assert exactly(run, "energy", work_center="m") == pytest.approx(3 + 20 + 1 + 2)

    def test_a_setup_takes_what_idling_does_and_a_repair_its_own(self) -> None:
        """Set up for an hour at 1 kW, two hours of work at 10 kW around an hour of repair at 0.2 kW."""
        words = ", setup: 1 h, failures: [{every: 1 h, repair: 1 h}], power: {run: 10 kW, idle: 1 kW, down: 200 W}"
        run = tell(plant_of("a: {at: m, time: 2 h}", "part 00:00", center=words), "3.9 h")
        energy = exactly(run, "energy", work_center="m") * run.working_days
        assert energy == pytest.approx(1 + 10 * 1.9 + 0.2)


class TestCosts:
    def test_machines_cost_their_yearly_amount_each(self) -> None:
        """Two machines at 3652.50 USD a year are 20 USD a day."""
        plant = plant_of("a: {at: m, time: 10 min}", center=", cost: 3652.5 USD/y")
        assert per_day(tell(plant, "10 d", "1 d")) == pytest.approx(720 - 10)

    def test_working_days_scale_the_year(self) -> None:
        """480 USD on each of five days a week: 5 / 7 of a year's days are working days, whatever part of a week is counted."""
        text = """
plant: Week
currency: USD
shifts: {day: {days: Mon-Fri, from: "08:00", to: "16:00"}}
work centers: {m: {machines: 1, shift: day}}
products: {part: {price: 10 USD, release: saturated, routing: [a: {at: m, time: 10 min}]}}
"""
        for horizon in ("7 d", "3 d", "36 h"):
            assert exactly(tell(shop(text), horizon), "contribution") == pytest.approx(480 * YEAR * 5 / 7)


def test_each_lot_at_unlimited_machines_takes_power_for_its_own_time() -> None:
    # Lots come every 2 hours, 12 a day, and take 20 min at 1 kW, 90 min at 6 kW, 15 min at 4 kW: 10.333 kWh each. Four hours a day
    # are open; what a lot takes does not depend on how long the night between is.
    text = """
plant: Curing
work centers: {room: {machines: unlimited, shift: day, power: {run: 6 kW, load: 1 kW, unload: 4 kW, idle: 9 kW, off: 9 kW}}}
shifts: {day: {days: Mon-Sun, from: "08:00", to: "12:00"}}
money: {energy: 0.5 USD/kWh}
products:
  p: {price: 1 USD, release: {every: 2 h}, routing: [cure: {at: room, time: 90 min, load: 20 min, unload: 15 min}]}
"""
    run = simulate(shop(text), horizon="10 d", warmup="1 d", replications=2)
    energy = run.estimate("energy", work_center="room")
    assert (energy.mean, energy.unit) == (pytest.approx(12 * (6 * 1.5 + 1 / 3 + 4 / 4)), "kWh/working day")
    made = run.estimate("throughput").mean
    assert run.estimate("contribution").mean == pytest.approx((made - 0.5 * energy.mean) * 365.25)
    assert run.not_simulated == ()


class TestPricesThatChange:
    TEXT = """
plant: Dearer
people: {Ana: {skills: {x: 1}, wage: 30 USD/h}}
work centers: {m: {machines: 1, power: {run: 6 kW}}}
materials: {ore: {price: 1 USD/kg}}
money: {energy: 0.5 USD/kWh}
changes:
  - {on: 2026-01-06, set: products > p > price, to: 20 USD}
  - {on: 2026-01-06, set: people > Ana > wage, to: 60 USD/h}
  - {on: 2026-01-06, set: materials > ore > price, to: 3 USD/kg}
  - {on: 2026-01-06, set: money > energy, to: 1 USD/kWh}
  - {on: 2026-01-07, set: work centers > m > power, to: {run: 12 kW}}
products:
  p: {price: 10 USD, release: {every: 1 h}, routing: [do: {at: m, time: 10 min, takes: {ore: 2 kg/lot}}]}
"""

    def test_each_price_counts_in_its_own_time(self) -> None:
        # Lots come at 1:00, 2:00, ... and take 10 minutes: 23 on the first day, then 24 a day, each with 2 kg and 1 (then 2)
        # kWh; one more takes its ore as the run ends.
        run = tell(shop(self.TEXT), "3 d")
        income = 23 * 10 + 48 * 20
        ore = 2 * (23 * 1 + 49 * 3)
        energy = 23 * 1 * 0.5 + 24 * 1 * 1 + 24 * 2 * 1
        wages = 24 * 30 + 48 * 60
        assert exactly(run, "contribution") == pytest.approx((income - ore - energy - wages) / 3 * 365.25)

    def test_energy_is_that_of_each_power_in_its_time(self) -> None:
        """Ten minutes at 6 kW are 1 kWh, at 12 kW 2: 23 and 24 on the first two days, 48 on the third; by day, and where the change lies
        within a bucket of 60 hours.
        """
        run = tell(shop(self.TEXT), "3 d")
        assert exactly(run, "energy", work_center="m") == pytest.approx((23 + 24 + 48) / 3)
        for bucket, used in (("1 d", [23, 24, 48]), ("60 h", [(23 + 24 + 12 * 2) / 2.5, 12 * 2 / 0.5])):
            parts = simulate(shop(self.TEXT), horizon="3 d", warmup=0.0, replications=2, bucket=bucket)
            assert [e.mean for e in parts.over_time("energy", work_center="m")] == pytest.approx(used)
            assert parts.estimates == run.estimates

    def test_energy_of_a_power_that_is_taken_away_stays(self) -> None:
        text = self.TEXT.replace("to: {run: 12 kW}", "to: {}")
        assert exactly(tell(shop(text), "3 d"), "energy", work_center="m") == pytest.approx((23 + 24) / 3)

    def test_what_was_before_the_warm_up_is_not_counted(self) -> None:
        plant = shop(self.TEXT)
        run = simulate(plant, horizon="2 d", warmup="1 d", replications=2)
        money = 48 * 20 - 2 * 48 * 3 - (24 + 48) - 48 * 60
        assert run.estimate("contribution").mean == pytest.approx(money / 2 * 365.25)
        assert run.estimate("energy", work_center="m").mean == pytest.approx((24 + 48) / 2)

    def test_a_run_step_by_step_and_from_a_file_has_the_same_money(self, tmp_path: Path) -> None:
        plant = shop(self.TEXT)
        state = begin(plant, horizon="3 d").run_until("30 h")
        state.save(tmp_path / "state.npz")
        made = load(tmp_path / "state.npz").run_until("3 d").estimates()
        money = next(e.mean for e in made if e.name == "contribution")
        energy = next(e.mean for e in made if e.name == "energy")
        assert energy == tell(plant, "3 d").estimate("energy", work_center="m").mean
        assert money == tell(plant, "3 d").estimate("contribution").mean

    def test_the_demand_of_the_day_that_ends_with_a_change_is_paid_for_as_changed(self) -> None:
        text = self.TEXT.replace("price: 10 USD, release", "price: 10 USD, demand: {rate: 5 p/day}, unit: p, release")
        run = tell(shop(text), "2 d")
        money = 2 * 5 * 20 - 2 * (23 * 1 + 25 * 3) - (23 * 0.5 + 24) - (24 * 30 + 24 * 60)
        assert exactly(run, "contribution") == pytest.approx(money / 2 * 365.25)
