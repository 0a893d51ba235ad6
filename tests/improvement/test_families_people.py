"""Moves on people and hours: what is proposed where, its edits, and what it brings where that can be worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.improvement import Move, Study, improve, propose
from plantwright.improvement.families import spends
from plantwright.plant import Plant, build_plant, changed, read_text

from .plants import one_pair_of_hands, pouch

HOURS_A_YEAR = 7.5 * 5 / 7 * 365.25
"""Of one of the pilot line's people: 7.5 h on five days of seven."""


def moves_of(plant: Plant, *families: str) -> dict[str, Move]:
    return {move.name: move for move in propose(plant, families)}


def studied(plant: Plant, *families: str, **options: object) -> Study:
    return improve(plant, families=families, replications=2, horizon="4 wk", warmup="1 wk", **options)  # type: ignore[arg-type]


def brings(study: Study, name: str) -> float:
    return next(item for item in study.moves if item.move.name == name).saturated["throughput"].mean


def two_trades(cut: str = "30 min/lot", sew: str = "30 min/lot", **people: object) -> Plant:
    """Ben cuts and Cleo sews at two benches each: with 30 minutes either makes 16 bags in 8 hours."""
    text = f"""
plant: Two trades
currency: USD
shifts:
  day: {{days: Mon-Fri, from: "07:00", to: "15:00"}}
people:
  Ben: {{shift: day, skills: {{cutting: 2}}, wage: 30 USD/h}}
  Cleo: {{shift: day, skills: {{sewing: 2}}, wage: 20 USD/h}}
work centers:
  left: {{machines: 2, shift: day}}
  right: {{machines: 2, shift: day}}
products:
  bag:
    release: {{conwip: 12 lots}}
    routing:
      - cut: {{at: left, time: {cut}, staff: [{{skill: cutting 2}}]}}
      - sew: {{at: right, time: {sew}, staff: [{{skill: sewing 2}}]}}
"""
    return changed(read_text(text), {f"people > {name}": words for name, words in people.items()})


class TestCoverForAbsence:
    def test_a_stand_in_comes_for_most_absences_at_half_as_much_again(self) -> None:
        # The mean of 50, 80 and 95 % is 75 %: a quarter of 5 % is left. Two people, 34 USD, half as much again.
        plant = changed(pouch(), {"people > coating > absence": "5 %"})
        (move,) = propose(plant, ["cover for absence"])
        assert move.edits == {"people > coating > absence": "1.25 %"}
        assert move.capital == 0
        assert move.yearly == pytest.approx(0.75 * 0.05 * 2 * HOURS_A_YEAR * 34 * 1.5)
        assert "yearly" in move.assumed
        assert move.belief is not None
        assert len(move.belief.ways) == 5

    def test_absences_in_spells_keep_their_spells(self) -> None:
        plant = changed(pouch(), {"people > Ana > absence": {"share": "8 %", "spell": "3 d"}})
        (move,) = propose(plant, ["cover for absence"])
        assert move.edits == {"people > Ana > absence > share": "2 %"}

    def test_nobody_stands_in_where_nobody_is_absent(self) -> None:
        assert not propose(pouch(), ["cover for absence"])

    def test_what_the_plant_file_says_of_it_counts(self) -> None:
        words = {"cost per year": "3 kUSD/y", "effect": "40 %"}
        plant = changed(pouch(), {"people > coating > absence": "5 %", "moves > cover for absence": words})
        (move,) = propose(plant, ["cover for absence"])
        assert move.edits == {"people > coating > absence": "3 %"}
        assert move.yearly == pytest.approx(3000)
        assert not {"yearly", "effect"} & set(move.assumed)

    def test_full_cover_gives_back_the_lost_half(self) -> None:
        # Ben makes 8 bags in 8 hours, half of it where he is away half of his time.
        edits = {"people > Ben > absence": "50 %", "moves > cover for absence": {"effect": "100 %"}}
        study = improve(
            changed(one_pair_of_hands(), edits), families=["cover for absence"], replications=4, horizon="1 y"
        )
        base = study.saturated.estimate("throughput").mean
        assert base == pytest.approx(4, rel=0.15)
        assert base + brings(study, "cover for absence: Ben") == pytest.approx(8, abs=0.1)


class TestMorePeople:
    def test_hiring_costs_what_it_usually_does_or_what_the_file_says(self) -> None:
        move = moves_of(pouch(), "one more person")["one more person: coating"]
        assert (move.capital, move.lead_time, move.ramp_up) == (4700, 42 * 86400, 56 * 86400)
        assert set(move.assumed) == {"capital", "lead time", "ramp-up"}
        told = changed(pouch(), {"moves > one more person": {"cost": "9 kUSD"}})
        assert moves_of(told, "one more person")["one more person: coating"].capital == 9000

    def test_nobody_is_hired_for_what_nobody_needs(self) -> None:
        plant = changed(two_trades(), {"people > Dora": {"skills": {"painting": "3"}}})
        assert moves_of(plant, "one more person").keys() == {"one more person: Ben", "one more person: Cleo"}

    def test_a_floating_operator_has_all_skills_that_are_asked_at_the_highest_wage(self) -> None:
        (move,) = propose(two_trades(), ["floating operator"])
        words = {"count": "1", "shift": "day", "wage": "30 USD/h", "skills": {"cutting": "2", "sewing": "2"}}
        assert move.edits == {"people > floater 1": words}
        # Of two skills that take 80 h each one is learnt before: two weeks of 40 h after the six of hiring.
        assert move.lead_time == pytest.approx((42 + 14) * 86400)

    def test_three_who_share_what_two_did_make_half_as_much_again(self) -> None:
        # Ben and Cleo make 16 in 8 h; three people have 24 h, and a bag takes one.
        study = studied(two_trades(), "floating operator")
        assert study.saturated.estimate("throughput").mean == pytest.approx(16, abs=0.2)
        assert study.moves[0].saturated["throughput"].mean == pytest.approx(8, abs=0.5)

    @pytest.mark.parametrize("words", [{"shift": "day", "skills": {"cutting": "3", "sewing": "2"}}, None])
    def test_where_somebody_can_do_all_there_is_no_need_for_another_kind(self, words: dict[str, object] | None) -> None:
        plant = two_trades(Dora=words) if words else one_pair_of_hands()
        assert not propose(plant, ["floating operator"])


LEVELS = """
plant: Levels
currency: USD
shifts: {day: {days: Mon-Fri, from: "07:00", to: "15:00"}}
people:
  Ben: {shift: day, skills: {cutting: 3, repair: 2}}
  Cleo: {shift: day, skills: {sewing: 2}, wage: 20 USD/h}
work centers:
  saw: {machines: 1, shift: day, failures: [{every: exponential 40 h, repair: 1 h, by: repair 2}]}
products:
  bag:
    routing:
      - cut: {at: saw, time: 10 min/lot, staff: cutting 1}
      - trim: {at: saw, time: 10 min/lot, staff: cutting 3}
"""


class TestTraining:
    def test_a_skill_is_learnt_level_by_level_and_each_needs_the_one_before(self) -> None:
        moves = moves_of(read_text(LEVELS), "cross-train")
        first, third = moves["cross-train: Cleo cutting 1"], moves["cross-train: Cleo cutting 3"]
        assert (first.needs, third.needs) == ((), (first.name,))
        assert first.edits == {"people > Cleo > skills > cutting": "1"}
        assert third.edits == {"people > Cleo > skills > cutting": "3"}
        # 20 h to level 1; 240 h to level 3, those to the levels before it included.
        assert (first.training, third.training) == (20 * 3600, 240 * 3600)
        assert (first.capital, third.capital) == (20 * 20, 240 * 20)

    def test_who_has_a_level_learns_only_the_rest(self) -> None:
        plant = changed(read_text(LEVELS), {"people > Cleo > skills > cutting": "2"})
        moves = moves_of(plant, "cross-train")
        assert "cross-train: Cleo cutting 1" not in moves
        assert moves["cross-train: Cleo cutting 3"].training == (240 - 80) * 3600

    def test_repairs_are_learnt_too(self) -> None:
        move = moves_of(read_text(LEVELS), "cross-train")["cross-train: Cleo repair 2"]
        assert move.edits == {"people > Cleo > skills > repair": "2"}
        assert move.lead_time == pytest.approx(14 * 86400)

    def test_two_crews_that_take_turns_share_the_load(self) -> None:
        # Ben cuts for 30 minutes and Cleo sews for 10: 16 bags in 8 h. Together they have 16 h, and a bag takes 40 min.
        plant = two_trades(sew="10 min/lot")
        (move,) = propose(plant, ["rotation"])
        assert move.edits == {"people > Ben > skills > sewing": "2", "people > Cleo > skills > cutting": "2"}
        assert move.training == 2 * 80 * 3600
        assert move.capital == 80 * 30 + 80 * 20
        study = studied(plant, "rotation")
        assert study.saturated.estimate("throughput").mean == pytest.approx(16, abs=0.2)
        assert study.moves[0].saturated["throughput"].mean == pytest.approx(8, abs=0.7)

    @pytest.mark.parametrize(("sew", "offered"), [("22 min/lot", True), ("23 min/lot", False)])
    def test_crews_that_are_about_as_busy_need_no_turns(self, sew: str, offered: bool) -> None:
        # Three quarters of Ben's 30 minutes are 22.5.
        assert bool(propose(two_trades(sew=sew), ["rotation"])) is offered

    def test_a_limit_of_peak_load_asks_for_all_above_it_and_for_partners_that_bring_them_below(self) -> None:
        # 16 jobs a day of 8 hours: 28.5 min each are 95 % of Ben's time, 27 min 90 % of Cleo's, 21 min 70 % of Dan's, 12 min 40 % of Eve's. With Dan
        # Ben would share (95 + 70) / 2 = 82.5 %, with Eve 67.5 %; Cleo 65 % with Eve.
        plant = four_trades()
        assert set(moves_of(plant, "rotation")) == {"rotation: Ben and Eve", "rotation: Ben and Dan"}
        limited = moves_of(changed(plant, {"limits > peak load": "80 %"}), "rotation")
        assert set(limited) == {"rotation: Ben and Eve", "rotation: Cleo and Eve"}
        assert limited["rotation: Ben and Eve"].note == "by hand, Ben 95 % at work; taking turns, 68 %"
        hardly = moves_of(changed(plant, {"limits > peak load": "60 %"}), "rotation")
        assert {"rotation: Ben and Eve", "rotation: Ben and Dan", "rotation: Cleo and Eve"} <= set(hardly)


def four_trades() -> Plant:
    """Four people with a trade each, 16 lots a day."""
    minutes = {"Ben": 28.5, "Cleo": 27.0, "Dan": 21.0, "Eve": 12.0}
    return build_plant(
        {
            "plant": "Four trades",
            "shifts": {"day": {"days": "Mon-Fri", "from": "07:00", "to": "15:00"}},
            "people": {name: {"shift": "day", "skills": {f"trade of {name}": "2"}} for name in minutes},
            "work centers": {f"bench of {name}": {"machines": "2", "shift": "day"} for name in minutes},
            "products": {
                "bag": {
                    "demand": {"rate": "16 bags/working day"},
                    "routing": [
                        {
                            f"job of {name}": {
                                "at": f"bench of {name}",
                                "time": f"{time} min/lot",
                                "staff": f"trade of {name} 2",
                            }
                        }
                        for name, time in minutes.items()
                    ],
                }
            },
        }
    )


class TestTendMore:
    @staticmethod
    def looms(machines: int = 4, people: int = 2, **words: object) -> Plant:
        """Looms that take power, each with somebody beside it for the two hours of a lot, 8 hours a day."""
        text = f"""
plant: Looms
currency: USD
shifts:
  day: {{days: Mon-Fri, from: "07:00", to: "15:00"}}
people:
  weavers: {{count: {people}, shift: day, skills: {{weaving: 2}}, wage: 20 USD/h}}
work centers:
  looms: {{machines: {machines}, shift: day, power: {{run: 2 kW}}}}
products:
  cloth:
    release: {{conwip: 12 lots}}
    routing:
      - weave: {{at: looms, time: 2 h/lot, staff: [{{skill: weaving 2}}]}}
"""
        return changed(read_text(text), dict(words))

    def test_one_more_machine_for_whoever_stands_by_one(self) -> None:
        found = moves_of(self.looms(), "tend more machines")
        assert set(found) == {"tend more machines: looms", "tend more machines: looms, 1 fewer"}
        path = "products > cloth > routing > weave"
        move = found["tend more machines: looms"]
        assert move.edits[f"{path} > staff"] == [{"skill": "weaving 2", "tends": "2 machines"}]
        # The mean of 0, 3 and 10 % is 4.33 %.
        assert move.edits[f"{path} > time"] == "2.08667 h/lot"
        assert found["tend more machines: looms, 1 fewer"].edits["people > weavers > count"] == "1"
        assert move.capital == 5000

    def test_two_weavers_at_four_looms_make_twice_as_much(self) -> None:
        # Two at two looms: 2 x 8 h / 2 h = 8 lots a day. Two at four looms: 16, less what work takes longer; one at two: 8 as before.
        plant = changed(self.looms(), {"moves > tend more machines": {"effect": "0 %"}})
        study = studied(plant, "tend more machines", by="capacity")
        assert study.saturated.estimate("throughput").mean == pytest.approx(8, abs=0.1)
        assert brings(study, "tend more machines: looms") == pytest.approx(8, abs=0.1)
        assert brings(study, "tend more machines: looms, 1 fewer") == pytest.approx(0, abs=0.1)

    @pytest.mark.parametrize(
        "words",
        [
            {"work centers > looms > machines": "1"},
            {"work centers > looms > power": None},
            {"products > cloth > routing > weave > staff": [{"skill": "weaving 2", "count": "2"}]},
            {"products > cloth > routing > weave > staff": [{"skill": "weaving 2", "tends": "4 machines"}]},
            {"products > cloth > routing > weave > staff": [{"skill": "weaving 2", "for": "load"}]},
            {"products > cloth > routing": [{"inspect": {"at": "looms", "time": "2 h/lot", "staff": "weaving 2"}}]},
        ],
        ids=["one machine", "a bench", "two at each", "all tended", "nobody stands by", "an inspection"],
    )
    def test_not_where_there_is_no_machine_more_to_tend(self, words: dict[str, object]) -> None:
        assert not propose(self.looms(**words), ["tend more machines"])


class TestWhatIsSpentOn:
    def test_a_family_that_costs_nothing_here_is_no_spending_unless_people_or_machines_cost_more(self) -> None:
        free = {f"moves > {family}": {"cost": "0 USD"} for family in ("shorter setup", "one more person")}
        plant = changed(pouch(), {"work centers > coater > setup": "20 min", **free})
        moves = propose(plant, ["shorter setup", "one more person"])
        spent = {move.family: spends(plant, move, changed(plant, move.edits)) for move in moves}
        assert spent == {"shorter setup": False, "one more person": True}
        priced = changed(pouch(), {"work centers > coater > setup": "20 min"})
        (usual,) = propose(priced, ["shorter setup"])
        assert spends(priced, usual, changed(priced, usual.edits))


class TestHours:
    def test_saturday_has_the_hours_of_another_day(self) -> None:
        move = moves_of(pouch(), "weekend work")["weekend work: day"]
        extra = {"days": "Sat", "from": "07:00", "to": "14:30", "pay": "150 %"}
        assert move.edits == {"shifts > day > overtime": extra}

    def test_a_saturday_of_a_shift_around_the_clock_ends_at_midnight(self) -> None:
        whole = changed(pouch(), {"shifts > day": {"days": "Mon-Fri", "from": "00:00", "to": "24:00"}})
        move = moves_of(whole, "weekend work")["weekend work: day"]
        made = changed(whole, move.edits).shifts["day"]
        assert [(extra.span.start, extra.span.end) for extra in made.overtime] == [(0.0, 86400.0)]

    def test_a_saturday_brings_a_fifth_more_and_costs_half_as_much_again(self) -> None:
        study = improve(pouch(), families=["weekend work"], horizon="90 d", replications=4)
        item = next(item for item in study.moves if item.move.name == "weekend work: day")
        assert item.saturated["throughput"].mean == pytest.approx(
            study.saturated.estimate("throughput").mean / 5, rel=0.05
        )
        assert item.wages == pytest.approx((36 + 2 * 34) * 1.5 * 7.5 * 365.25 / 7, rel=0.01)

    @pytest.mark.parametrize(("limit", "until"), [("4 h/wk", "11:00"), ("90 min/wk", None), ("8 h/wk", "14:30")])
    def test_the_limit_of_overtime_leaves_so_many_hours(self, limit: str, until: str | None) -> None:
        moves = moves_of(changed(pouch(), {"limits > overtime": limit}), "weekend work")
        assert bool(moves) is (until is not None)
        if until:
            assert moves["weekend work: day"].edits["shifts > day > overtime"]["to"] == until

    @pytest.mark.parametrize(
        "words",
        [
            {"shifts > late": {"days": "Sat", "from": "06:00", "to": "14:00"}},
            {"shifts > day > days": "Mon-Sat"},
            {"shifts > day > overtime": {"days": "Fri", "from": "15:00", "to": "17:00"}},
        ],
    )
    def test_where_saturday_is_worked_already_it_is_not_proposed(self, words: dict[str, object]) -> None:
        assert not propose(changed(pouch(), words), ["weekend work"])

    def test_who_is_hired_for_another_shift_is_paid_for_each(self) -> None:
        moves = moves_of(pouch(), "another shift")
        # Ana and two coating are copied for everybody; the mixer alone needs one.
        assert moves["another shift: day"].capital == 3 * 4700
        assert moves["another shift: mixer day"].capital == 4700
        told = changed(pouch(), {"moves > another shift": {"cost": "20 kUSD"}})
        assert {move.capital for move in propose(told, ["another shift"])} == {20_000}


@pytest.mark.parametrize("name", ["weekend work", "weekend work: mixer day", "Saturday work, day"])
def test_what_is_banned_is_not_proposed(name: str) -> None:
    left = moves_of(changed(pouch(), {"moves > ban": [name]}), "weekend work")
    assert left.keys() < moves_of(pouch(), "weekend work").keys()
