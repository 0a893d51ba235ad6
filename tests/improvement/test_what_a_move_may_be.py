"""What moves are worth over the years, what they must not pass, what they go with, and what training costs."""

from __future__ import annotations

import math

import pytest

from plantwright.errors import PlantError
from plantwright.improvement import Move, improve
from plantwright.improvement.families import propose
from plantwright.improvement.vetoes import machines_of, overtime_of, passed, people_of, power_of
from plantwright.improvement.worth import cash, money_of, payback, years_of_gain
from plantwright.plant import Plant, changed, read_text
from plantwright.plant.plant import Money
from plantwright.simulation import not_simulated
from plantwright.simulation.run import Estimate

YEAR = 365.25 * 86400.0
SHOP = """
plant: A press shop
currency: USD
shifts: {day: {days: Mon-Fri, from: "07:00", to: "15:00"}}
people:
  Ana: {shift: day, skills: {pressing: 3}, wage: 30 USD/h}
  setters: {count: 2, shift: day, skills: {setting: 2}, wage: 40 USD/h, learns: {pressing 2: 20 h, pressing 4: 200 h}}
  fitters: {shift: day, skills: {fitting: 2}, wage: 25 USD/h}
work centers:
  press: {machines: 2, shift: day, price: 100 kUSD, power: {run: 12 kW}}
  bench: {machines: 1, shift: day, price: 5 kUSD}
products:
  part:
    unit: part
    price: 3 USD
    demand: {rate: 500 parts/working day}
    release: {conwip: 9 lots}
    routing: [form: {at: press, time: 8 min, staff: pressing 2}, fit: {at: bench, time: 2 min, staff: fitting}]
"""


def shop(*edits: tuple[str, object]) -> Plant:
    return changed(read_text(SHOP), dict(edits))


def gain(*values: float) -> Estimate:
    mean = sum(values) / len(values)
    return Estimate("contribution", {}, "USD/y", mean, min(values), max(values), values)


class TestWorth:
    @pytest.mark.parametrize("discount", [0.03, 0.12])
    @pytest.mark.parametrize("lead", [0.0, 0.75])
    def test_a_gain_is_the_sum_of_its_days_each_discounted(self, discount: float, lead: float) -> None:
        days = [(day + 0.5) / 365.25 for day in range(round(5 * 365.25)) if (day + 0.5) / 365.25 > lead]
        by_day = sum((1 + discount) ** -t for t in days) / 365.25
        assert years_of_gain(Money(discount, 5 * YEAR), lead * YEAR) == pytest.approx(by_day, rel=1e-3)

    def test_without_discount_years_are_years_and_without_horizon_there_is_no_end(self) -> None:
        assert years_of_gain(Money(horizon=5 * YEAR), YEAR) == pytest.approx(4)
        assert years_of_gain(Money(discount=0.1), 0.0) == pytest.approx(1 / math.log(1.1))
        assert years_of_gain(Money(horizon=5 * YEAR), 9 * YEAR) == 0

    def test_a_gain_that_ramps_up_is_the_sum_of_its_days_each_at_its_share(self) -> None:
        lead, ramp, rate = 0.5, 1.5, 0.08
        days = [(day + 0.5) / 365.25 for day in range(round(5 * 365.25))]
        shares = [min(1.0, max(0.0, (t - lead) / ramp)) for t in days]
        by_day = sum(share * (1 + rate) ** -t for t, share in zip(days, shares, strict=True)) / 365.25
        made = years_of_gain(Money(rate, 5 * YEAR), lead * YEAR, ramp * YEAR)
        assert made == pytest.approx(by_day, rel=5e-4)
        assert years_of_gain(Money(0.0, 5 * YEAR), lead * YEAR, ramp * YEAR) == pytest.approx(5 - lead - ramp / 2)

    def test_a_ramp_that_the_horizon_cuts_off_counts_as_far_as_it_goes(self) -> None:
        # One year of two: half of the way up, a triangle of 1 x 1/2 / 2.
        assert years_of_gain(Money(0.0, 1 * YEAR), 0.0, 2 * YEAR) == pytest.approx(0.25)
        assert years_of_gain(Money(0.1, 1 * YEAR), 2 * YEAR, 2 * YEAR) == 0

    def test_capital_goes_off_once(self) -> None:
        move = Move("m", "f", "t", {}, capital=100.0, lead_time=YEAR)
        made = cash(move, gain(40.0, 60.0), Money(0.0, 5 * YEAR))
        assert (made.values, made.unit) == ((60.0, 140.0), "USD")

    def test_a_yearly_cost_is_paid_in_full_while_the_gain_still_ramps_up(self) -> None:
        # 150 a year after 10 of cost, five years; the first two bring half of the 160: 5 x 150 - 160.
        move = Move("m", "f", "t", {}, yearly=10.0, ramp_up=2 * YEAR)
        assert cash(move, gain(150.0, 150.0), Money(0.0, 5 * YEAR)).values[0] == pytest.approx(5 * 150 - 160)

    def test_lots_that_are_no_more_in_process_free_their_material(self) -> None:
        move = Move("m", "f", "t", {}, lead_time=YEAR)
        freed = Estimate("work in process", {}, "lot", -2.5, -3, -2, (-2.0, -3.0))
        made = cash(move, gain(0.0, 0.0), Money(0.25, 5 * YEAR), freed, 100.0)
        assert made.values == pytest.approx((160.0, 240.0))

    def test_it_pays_back_once_its_capital_is_earned(self) -> None:
        move = Move("m", "f", "t", {}, capital=100.0, lead_time=YEAR, ramp_up=YEAR)
        assert payback(move, gain(50.0, 50.0)) == pytest.approx(3.5 * YEAR)
        assert payback(move, gain(-1.0, 1.0)) is None
        assert payback(Move("m", "f", "t", {}), gain(50.0, 50.0)) is None

    def test_where_the_plant_does_not_say_money_counts_for_five_years_at_a_tenth(self) -> None:
        assert money_of(shop()) == Money(0.10, 5 * YEAR)
        assert money_of(shop(("money", {"discount": "0 %"}))).discount == 0

    def test_a_study_tells_it(self) -> None:
        plant = shop(("money", {"discount": "10 %", "horizon": "4 y"}))
        study = improve(plant, horizon="2 wk", warmup="1 wk", replications=2, families=["add a machine"])
        press = next(item for item in study.moves if "press" in item.move.name)
        value, brings = press.net_present_value, press.released["contribution"]
        years = (1 - 1.1**-4) / math.log(1.1)
        assert value is not None
        assert value.mean == pytest.approx(years * brings.mean - 100_000)
        told = next(item for item in study.to_dict()["moves"] if item["name"] == press.move.name)
        assert told["net present value"]["mean"] == value.mean
        assert f", worth {value.mean:.4g}" in str(study)
        assert study.table().filter(study.table()["move"] == press.move.title)["net present value"][0] == value.mean
        assert study.baseline.not_simulated == ()


MORE_PEOPLE = {"people > setters > count": "4"}
MORE_MACHINES = {"work centers > press > machines": "3"}
NIGHTS = {"shifts > day > to": "23:00"}
LONGER = {"shifts > day > overtime": {"days": "Mon-Fri", "from": "15:00", "to": "16:00"}}


class TestLimits:
    def test_what_they_are_held_against(self) -> None:
        plant = shop(*LONGER.items())
        assert (people_of(plant), machines_of(plant), power_of(plant)) == (4, 3, 24_000)
        assert overtime_of(plant) == pytest.approx(5 / 168)

    @pytest.mark.parametrize(
        ("word", "tight", "wide", "edits", "said"),
        [
            ("budget", "99 kUSD", "100 kUSD", MORE_MACHINES, "budget: 100000 of 99000 USD"),
            ("people", "5 people", "6 people", MORE_PEOPLE, "people: 6 of 5 people"),
            ("hires", "1 people/y", "2 people/y", MORE_PEOPLE, "hires: 2 of 1 people in a year"),
            ("machines", "3 machines", "4 machines", MORE_MACHINES, "machines: 4 of 3 machines"),
            ("power", "30 kW", "36 kW", MORE_MACHINES, "power: 36 of 30 kW"),
            ("overtime", "4 h/wk", "5 h/wk", LONGER, "overtime: 5 of 4 h/wk"),
            # Four people, an hour after 22:00 each, five days a week.
            ("nights", "19 h/wk", "20 h/wk", NIGHTS, "nights: 20 of 19 h/wk"),
            # Ana alone presses and one fitter fits, before; then nobody else sets up either, which no operation needs.
            ("alone", "1 skill", "2 skills", {"people > helper": {"skills": {"fitting": "1"}}}, None),
        ],
    )
    def test_a_move_that_passes_one_is_told_from_one_that_keeps_it(
        self, word: str, tight: str, wide: str, edits: dict[str, object], said: str | None
    ) -> None:
        move = Move("m", "own move", "t", edits, capital=100_000.0)
        plant = shop(("limits", {word: tight}))
        assert passed(plant, move, changed(plant, edits)) == (f"passes the limit of {said}" if said else None)
        plant = shop(("limits", {word: wide}))
        assert passed(plant, move, changed(plant, edits)) is None

    def test_who_leaves_makes_the_plant_depend_on_one_person(self) -> None:
        plant = shop(("people > fitters > count", "2"), ("limits", {"alone": "1 skill"}))
        move = Move("m", "own move", "t", {"people > fitters > count": "1"})
        told = passed(plant, move, changed(plant, move.edits))
        assert told == "passes the limit of alone: 2 of 1 skills that one person only has"

    def test_the_load_of_the_busiest_crew_is_held_against_what_was_simulated(self) -> None:
        # 36 parts a day of 8 min are 60 % of Ana's 8 h; of 16 min they are more than all of it.
        moves = [Move("slow", "own move", "slower", {"products > part > routing > form > time": "16 min"})]
        plant = shop(("limits", {"peak load": "90 %"}), ("products > part > release", {"every": "40 min"}),
                     ("products > part > demand", None), ("products > part > price", None))  # fmt: skip
        study = improve(plant, horizon="2 wk", warmup="1 wk", replications=2, moves=moves, by="capacity")
        assert study.moves == ()
        assert any("passes the limit of peak load" in warning for warning in study.warnings)

    def test_a_plant_that_is_past_a_limit_may_still_make_moves_that_keep_it_there(self) -> None:
        plant = shop(("limits", {"people": "2 people"}))
        assert passed(plant, Move("m", "f", "t", {}), changed(plant, MORE_MACHINES)) is None

    def test_a_study_leaves_it_out_and_says_so(self) -> None:
        plant = shop(("limits", {"budget": "20 kUSD"}))
        study = improve(plant, horizon="1 wk", warmup="1 wk", replications=2, families=["add a machine"])
        assert [item.move.subject["work center"] for item in study.moves] == ["bench"]
        assert any("passes the limit of budget: 100000 of 20000 USD" in warning for warning in study.warnings)

    def test_work_in_process_and_lateness_are_held_against_what_was_simulated(self) -> None:
        # A loop of more lots has more in process; with due dates of 30 minutes more of them come late.
        moves = [
            Move(
                "more", "own move", "more lots", {"products > part > release": [{"conwip": "18 lots", "due": "30 min"}]}
            )
        ]
        for word, most, said in (
            ("work in process", "12 lots", "work in process: 18 of 12 lots"),
            ("late", "50 %", "of late:"),
        ):
            plant = shop(
                ("limits", {word: most}), ("products > part > release", [{"conwip": "2 lots", "due": "30 min"}])
            )
            study = improve(plant, horizon="1 wk", warmup="1 wk", replications=2, moves=moves)
            assert study.moves == ()
            assert any(said in warning for warning in study.warnings)

    def test_a_limit_that_nothing_could_be_held_against_is_refused(self) -> None:
        with pytest.raises(PlantError, match="'budgets' is no limit; did you mean 'budget'"):
            shop(("limits", {"budgets": "1 kUSD"}))
        with pytest.raises(PlantError, match="say per what"):
            shop(("limits", {"hires": "2 people"}))


PERMIT = {
    "set": {"work centers > bench > buffer": "4 lots"},
    "cost": "7 kUSD",
    "cost per year": "1 kUSD/y",
    "lead time": "9 mo",
}


class TestTies:
    def test_a_family_that_goes_only_with_a_move_is_made_together_with_it(self) -> None:
        plant = shop(("moves", {"permit": PERMIT, "add a machine": {"only with": "permit", "lead time": "3 mo"}}))
        press = next(move for move in propose(plant, ["add a machine"]) if move.subject["work center"] == "press")
        assert press.edits == {"work centers > bench > buffer": "4 lots", "work centers > press > machines": "3"}
        assert (press.capital, press.yearly) == (107_000, pytest.approx(1000))
        assert press.lead_time == pytest.approx(0.75 * YEAR)
        assert press.title.endswith(" with permit")
        assert not_simulated(plant) == ()

    def test_what_excludes_each_other_is_not_proposed(self) -> None:
        waiver = {"set": {"rule": "SPT"}, "not with": "permit"}
        own = {"permit": PERMIT, "waiver": waiver, "add a machine": {"only with": ["permit", "waiver"]}}
        assert propose(shop(("moves", own)), ["add a machine"]) == ()
        banned = {"permit": PERMIT, "add a machine": {"only with": "permit"}, "ban": "permit"}
        assert propose(shop(("moves", banned)), ["add a machine"]) == ()

    def test_what_a_family_is_not_to_go_with_is_said_of_its_moves(self) -> None:
        plant = shop(("moves", {"permit": PERMIT, "add a machine": {"not with": "permit"}}))
        assert {move.note for move in propose(plant, ["add a machine"])} == {"not with permit"}

    def test_ties_to_moves_that_are_not_there_are_refused(self) -> None:
        with pytest.raises(PlantError, match="unknown move 'permits'"):
            shop(("moves", {"permit": PERMIT, "add a machine": {"only with": "permits"}}))


def test_training_costs_the_wages_of_its_hours_and_takes_as_long_as_the_shifts_need() -> None:
    # Setters learn pressing 2 in 20 hours, which are half of a week of 40: two of them for 40 USD an hour.
    setters, *others = propose(shop(), ["cross-train"])
    assert setters.edits == {"people > setters > skills > pressing": "2"}
    assert setters.capital == pytest.approx(2 * 20 * 40)
    assert setters.lead_time == pytest.approx(0.5 * 7 * 86400)
    assert (setters.training, "training" in setters.assumed) == (2 * 20 * 3600, False)
    # Nobody said how long the others take: 80 h to level 2 and 20 h to level 1 are usual, at their own wages.
    usual = {"Ana fitting 1": 20 * 30, "setters fitting 1": 2 * 20 * 40, "fitters pressing 2": 80 * 25}
    assert {move.name.removeprefix("cross-train: "): move.capital for move in others} == pytest.approx(usual)
    assert all({"capital", "training", "lead time"} <= set(move.assumed) for move in others)


def test_who_learns_a_higher_level_knows_the_lower_one() -> None:
    plant = shop(("people > setters > learns", {"pressing 4": "200 h", "fitting 1": "8 h"}))
    costs = {move.name: move.capital for move in propose(plant, ["cross-train"])}
    assert costs["cross-train: setters pressing 2"] == pytest.approx(2 * 200 * 40)
    assert costs["cross-train: setters fitting 1"] == pytest.approx(2 * 8 * 40)
