"""Moves made together, at other demand, with other variability; what they do to people; what is doubtful and what that is worth."""

from __future__ import annotations

import pytest
from scipy.integrate import quad

from plantwright.distributions import Distribution
from plantwright.improvement import Move, improve
from plantwright.improvement.beliefs import believed, shares_of
from plantwright.improvement.on_people import alone, nights_of, on_people
from plantwright.improvement.outlook import demand_edits
from plantwright.improvement.screening import twins
from plantwright.improvement.sources import sources_of
from plantwright.plant import Plant, build_plant, changed, read_text
from plantwright.simulation import simulate

from .plants import pouch

SHORT = {"horizon": "5 d", "warmup": "1 d", "replications": 4}


def line(*times: str, **more: object) -> Plant:
    """Machines in a row, day and night."""
    centers = {f"m{k}": {"machines": "1"} for k, _ in enumerate(times, 1)}
    steps = [{f"s{k}": {"at": f"m{k}", "time": time}} for k, time in enumerate(times, 1)]
    return build_plant(
        {
            "plant": "A row",
            "work centers": centers,
            "products": {"bag": {"release": "saturated", "routing": steps}},
            **more,
        }
    )


def second(center: str) -> Move:
    return Move(f"second {center}", "own move", f"second {center}", {f"work centers > {center} > machines": "2"},
                subject={"work center": center})  # fmt: skip


class TestPairs:
    def test_the_best_pair_is_not_that_of_the_two_best_moves(self) -> None:
        # Two limits of 10 min and one of 9: twice of either limit brings nothing alone, both bring 144 -> 160 a day. What is best alone is
        # the third of a shorter first step, and nothing else brings anything.
        plant = line("10 min", "10 min", "9 min")
        quicker = Move("both a little", "own move", "both a little",
                       {f"products > bag > routing > s{k} > time": "9.8 min" for k in (1, 2)}, subject={"work center": "m1"})  # fmt: skip
        study = improve(plant, moves=[quicker, second("m1"), second("m2"), second("m3")], by="capacity", **SHORT)
        assert study.moves[0].move.name == "both a little"
        assert study.moves[0].saturated["throughput"].mean == pytest.approx(1440 / 9.8 - 144, abs=0.3)
        best = study.pairs[0]
        assert {best.first, best.second} == {"second m1", "second m2"}
        assert best.effect.mean == pytest.approx(16, abs=0.3)
        assert best.interaction.mean == pytest.approx(16, abs=0.3)

    def test_moves_that_exclude_each_other_or_change_the_same_are_no_pair(self) -> None:
        plant = line("10 min", "10 min")
        moves = [
            Move("a", "own move", "a", second("m1").edits, subject={"work center": "m1"}, excludes=("b",)),
            Move("b", "own move", "b", second("m2").edits, subject={"work center": "m2"}),
            Move("c", "own move", "c", {"work centers > m1 > machines": "3"}, subject={"work center": "m1"}),
        ]
        study = improve(plant, moves=moves, by="capacity", **SHORT)
        assert [{pair.first, pair.second} for pair in study.pairs] == [{"b", "c"}]


class TestDemand:
    def test_without_a_range_it_is_a_fifth_less_and_more(self) -> None:
        assert demand_edits(pouch(), "low") == {"products > NMC pouch > demand > rate": "320 cells/working day"}
        assert demand_edits(pouch(), "high") == {"products > NMC pouch > demand > rate": "480 cells/working day"}

    def test_with_a_range_it_is_at_its_ends_and_the_range_is_gone(self) -> None:
        wanted = "    demand: {rate: 400 cells/working day, low: 300 cells/working day, high: 440 cells/working day}\n"
        edits = demand_edits(pouch(wanted=wanted), "high")
        assert edits["products > NMC pouch > demand > rate"] == "440 cells/working day"
        demand = changed(pouch(wanted=wanted), edits).products["NMC pouch"].demand
        assert demand is not None
        assert (demand.rate, demand.range) == (440, None)

    def test_the_first_move_flips_where_demand_is_met(self) -> None:
        study = improve(
            pouch(), families=["add a machine", "CONWIP limit"], horizon="60 d", warmup="20 d", replications=4
        )
        assert study.first_at["as given"] == study.first_at["high"] == "add a machine: mixer"
        mixer = study.moves[0]
        assert set(mixer.at_demand) == {"low", "as given", "high"}
        # Some 308 of 320 are sold; 14 more a day at 38 USD over five years are more than a second mixer can bring.
        most = 14 * 38 * 261 * 4
        assert mixer.at_demand["low"].mean < most < mixer.at_demand["as given"].mean


class TestPeople:
    PLANT = read_text("""
plant: Nights
shifts:
  late: {days: Mon-Fri, from: "18:00", to: "02:00"}
  day: {days: Mon-Fri, from: "08:00", to: "16:00"}
people:
  Ana: {shift: late, skills: {sewing: 3}}
  crew: {count: 2, shift: day, skills: {sewing: 2}}
work centers: {bench: {machines: 2, shift: [day, late]}}
products:
  bag: {release: {conwip: 4 lots}, routing: [sew: {at: bench, time: 1 h, staff: [{skill: sewing 3}]}]}
""")

    def test_nights_are_the_hours_from_ten_to_six(self) -> None:
        # Ana works from 22:00 to 02:00 on five days.
        assert nights_of(self.PLANT) == pytest.approx(20)

    def test_a_skill_that_one_person_has_at_the_level_that_is_needed(self) -> None:
        assert alone(self.PLANT) == ("sewing 3",)
        assert alone(changed(self.PLANT, {"people > crew > skills > sewing": "3"})) == ()

    def test_before_and_with_a_move(self) -> None:
        after = changed(self.PLANT, {"people > Ana > count": "3"})
        run = simulate(self.PLANT, horizon="7 d", warmup="7 d", replications=2)
        told = on_people(self.PLANT, after, run, None)
        assert told is not None
        assert (told.headcount, told.nights, told.alone) == ((3, 5), (20, 60), (("sewing 3",), ()))


class TestBeliefs:
    QUICKER = believed(
        Move("quicker", "own move", "quicker", {}), Distribution("uniform", (0.1, 0.5)), "time shorter",
        lambda share: {"products > bag > routing > s1 > time": f"{10 * (1 - share):.6g} min"},
    )  # fmt: skip

    def test_a_uniform_belief_is_cut_in_the_middles_of_its_fifths(self) -> None:
        assert shares_of(Distribution("uniform", (0.1, 0.5))) == pytest.approx((0.14, 0.22, 0.30, 0.38, 0.46))
        assert self.QUICKER.edits == {"products > bag > routing > s1 > time": "7 min"}

    def test_a_belief_that_leans_keeps_its_mean(self) -> None:
        leaning = Distribution("triangular", (0.0, 0.1, 0.8))
        assert sum(shares_of(leaning)) / 5 == pytest.approx(leaning.mean)

    def test_what_is_sure_has_one_way(self) -> None:
        assert shares_of(Distribution.constant(0.3)) == (0.3,)

    def test_the_effect_varies_as_the_belief_does_and_that_is_where_it_comes_from(self) -> None:
        study = improve(line("10 min", "1 min"), moves=[self.QUICKER], by="capacity", **(SHORT | {"replications": 20}))
        item = study.moves[0]
        outcomes = {1440 / (10 * (1 - share)) - 144 for share in (0.14, 0.22, 0.30, 0.38, 0.46)}
        for value in item.saturated["throughput"].values:
            assert min(abs(value - outcome) for outcome in outcomes) < 0.5
        assert item.shares["belief"] == pytest.approx(1.0)

    def test_sources_are_told_of_the_plant_and_the_move(self) -> None:
        wanted = "    demand: {rate: 400 cells/working day, low: 300 cells/working day, high: 440 cells/working day}\n"
        assert sources_of(pouch(), second("mixer")) == ("luck",)
        assert sources_of(pouch(wanted=wanted), self.QUICKER) == ("luck", "belief", "demand")


def test_a_move_that_makes_the_same_plant_is_not_simulated_twice() -> None:
    plant = line("10 min", "5 min")
    moves = [second("m1"), Move("again", "own move", "again", second("m1").edits)]
    study = improve(plant, moves=moves, by="capacity", **SHORT)
    assert [item.move.name for item in study.moves] == ["second m1"]
    assert [(out.move.name, out.ground) for out in study.left_out] == [("again", "makes the same plant as second m1")]
    assert twins({"a": plant, "b": plant, "c": line("9 min", "5 min")}) == {"b": "a"}


def test_what_can_never_pay_is_not_simulated_and_says_why() -> None:
    # 310 of 400 cells are sold: 90 a day at 38 USD for five years is less than 5 MUSD.
    gold = Move("gold", "own move", "a coater of gold", {"work centers > coater > machines": "2"}, capital=50e6)
    study = improve(pouch(), moves=[gold, second("mixer")], horizon="30 d", warmup="10 d", replications=3)
    item = next(item for item in study.moves if item.move.name == "gold")
    assert (item.verdict, item.replications) == ("do not buy", 0)
    assert item.ground.startswith("cannot pay: it costs 50000000 USD, and all that could be sold and saved is worth ")


def test_the_time_on_which_the_choice_hangs_is_the_one_to_measure() -> None:
    # Two machines, 10 min each in their guess; one is really the limit. Which, the guesses decide; the third time is far away.
    plant = line("10 min guess 8..12 min", "10 min", "2 min guess 1..3 min")
    quick = [Move(f"quick {k}", "own move", f"quick {k}", {f"products > bag > routing > s{k} > time": "6 min"},
                  subject={"work center": f"m{k}"}) for k in (1, 2)]  # fmt: skip
    sure = changed(plant, {"totals": {"throughput": "144 pieces/day"}})
    study = improve(sure, moves=quick, by="capacity", **SHORT)
    paths = [reading.path for reading in study.readings]
    assert paths == ["products > bag > routing > s1 > time"]
    # Below 10 min the second machine is the limit, above it the first; the better choice brings 1440 |1/10 - 1/s| a day of s drawn from the
    # triangle 8, 10, 12, the worse one nothing. Chosen once for all it is the second.
    reading = study.readings[0]
    assert reading.changes == ("quick 2", "quick 1")
    slower = quad(lambda s: 1440 * (1 / 10 - 1 / s) * (12 - s) / 4, 10, 12)[0]
    now, then = reading.regret
    assert now == pytest.approx(slower, rel=0.2)
    assert then < 0.15 * now
    (first,) = study.measure_first
    assert (first.what, first.then) == ("measure first: s1 > time", "if low: quick 2; if high: quick 1")
