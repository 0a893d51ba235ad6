"""Moves of technology and robots: where they are proposed, their edits, and what they bring where that can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from plantwright.improvement import Move, Study, improve, propose
from plantwright.plant import Plant, changed, read_text

from .plants import one_pair_of_hands, pouch, two_steps

DAY = 24 * 60.0


def moves_of(plant: Plant, *families: str) -> dict[str, Move]:
    return {move.name: move for move in propose(plant, families)}


def studied(plant: Plant, *families: str) -> Study:
    return improve(plant, families=families, replications=2, horizon="4 wk", warmup="1 wk")


def brings(study: Study, name: str) -> float:
    return next(item for item in study.moves if item.move.name == name).saturated["throughput"].mean


def with_effect(plant: Plant, family: str, effect: str, **words: str) -> Plant:
    return changed(plant, {f"moves > {family}": {"effect": effect, **words}})


PRESS = """
plant: A press shop
currency: USD
shifts: {day: {days: Mon-Fri, from: "07:00", to: "15:00"}}
people:
  Ana: {shift: day, skills: {pressing: 3, repair: 2}, wage: 30 USD/h}
  helpers: {count: 3, shift: day, skills: {pressing: 2}, wage: 20 USD/h}
work centers:
  press: {machines: 2, shift: day, setup: {default: 40 min}, failures: [{every: exponential 40 h, repair: 2 h, by: repair 2}]}
  bench: {machines: 1, shift: day}
products:
  part:
    lot: 10 parts
    routing:
      - form: {at: press, time: 3 min/part, load: 4 min/lot, staff: [{skill: pressing 2, for: [setup, load]}]}
      - trim: {at: bench, time: 2 min/part, staff: pressing 2}
"""


class TestFasterMachine:
    def test_it_may_turn_out_in_five_ways_around_their_mean(self) -> None:
        # The mean of triangular 5..10..20 % is 35/3 %: 13.4 minutes become 12.
        (move, *_) = propose(two_steps(first="13.4 min"), ["faster machine"])
        assert move.edits == {"products > bag > routing > cut > time": "12 min"}
        assert move.belief is not None
        assert sum(move.belief.shares) / 5 == pytest.approx(0.35 / 3)
        for share, way in zip(move.belief.shares, move.belief.ways, strict=True):
            minutes = float(way["products > bag > routing > cut > time"].split()[0])
            assert minutes == pytest.approx(13.4 / (1 + share), rel=1e-4)


class TestToolPresetting:
    def test_setups_that_somebody_does_lose_the_part_of_the_tools(self) -> None:
        (move,) = propose(with_effect(read_text(PRESS), "tool presetting", "25 %"), ["tool presetting"])
        assert move.edits == {"work centers > press > setup > default": "30 min"}
        assert move.capital == 30_000

    def test_not_where_nobody_sets_up(self) -> None:
        staff = {"products > part > routing > form > staff": [{"skill": "pressing 2", "for": "load"}]}
        assert not propose(changed(read_text(PRESS), staff), ["tool presetting"])


class TestMachineMonitoring:
    def test_one_move_for_all_machines_but_not_for_places_of_people(self) -> None:
        (move,) = propose(with_effect(read_text(PRESS), "machine monitoring", "4 %"), ["machine monitoring"])
        assert move.edits == {"products > part > routing > form > time": "2.88 min/part"}
        # Two presses.
        assert (move.capital, move.yearly) == (2 * 2_500, 2 * 1_200)

    def test_what_the_file_says_is_for_the_move_as_a_whole(self) -> None:
        plant = with_effect(read_text(PRESS), "machine monitoring", "4 %", cost="9 kUSD")
        (move,) = propose(plant, ["machine monitoring"])
        assert (move.capital, move.yearly) == (9_000, 2 * 1_200)
        assert "capital" not in move.assumed


class TestConditionMonitoring:
    def test_what_is_foreseen_becomes_a_planned_stop_half_as_long(self) -> None:
        (move,) = propose(with_effect(read_text(PRESS), "condition monitoring", "50 %"), ["condition monitoring"])
        stop = {"every": "exponential 80 h", "clock": "working", "lasts": "1 h", "by": "repair 2"}
        assert move.edits == {
            "work centers > press > failures > 1 > every": "exponential 80 h",
            "work centers > press > maintenance": [stop],
        }
        assert (move.capital, move.yearly) == (12_000, 4_000)

    def test_maintenance_that_is_there_stays(self) -> None:
        plant = changed(read_text(PRESS), {"work centers > press > maintenance": [{"every": "500 h", "lasts": "4 h"}]})
        (move,) = propose(plant, ["condition monitoring"])
        stops = move.edits["work centers > press > maintenance"]
        assert stops[0] == {"every": "500 h", "lasts": "4 h"}
        assert len(stops) == 2

    @pytest.mark.parametrize(("repair", "offered"), [("9 min", False), ("10 min", True)])
    def test_short_stops_nobody_sees_coming(self, repair: str, offered: bool) -> None:
        plant = changed(read_text(PRESS), {"work centers > press > failures > 1 > repair": repair})
        assert bool(propose(plant, ["condition monitoring"])) is offered

    def test_half_of_the_breakdowns_foreseen_give_back_a_quarter_of_the_lost_time(self) -> None:
        # 100 minutes of work, 20 of repair: 10/12 up. Then 200 of work, 20 of repair and 10 of a planned stop: 200/230 up.
        stops = {"work centers > cutter > failures": [{"every": "exponential 100 min", "repair": "20 min"}]}
        plant = with_effect(changed(two_steps("1 min", "0.5 min"), stops), "condition monitoring", "50 %")
        study = improve(plant, families=["condition monitoring"], replications=6, horizon="120 d", warmup="5 d")
        assert study.saturated.estimate("throughput").mean == pytest.approx(DAY * 100 / 120, rel=0.01)
        gain = study.moves[0].saturated["throughput"].mean
        assert gain == pytest.approx(DAY * (200 / 230 - 100 / 120), rel=0.15)


def inspected(**words: Any) -> Plant:
    """A maker of 5 minutes and an inspector of 10: a fifth of what is made is scratched, and the inspector finds it."""
    routing = [
        {"make": {"at": "maker", "time": "5 min", **words.get("make", {"defects": {"scratch": "20 %"}})}},
        {"pack": {"at": "packer", "time": "1 min"}},
        {"check": {"at": "tester", "time": "10 min", **words.get("check", {"finds": {"scratch": "100 %"}})}},
    ]
    centers = {name: {"machines": "1"} for name in ("maker", "packer", "tester")}
    from plantwright.plant import build_plant

    return build_plant(
        {
            "plant": "Inspected",
            "work centers": centers,
            "products": {"part": {"release": "saturated", "routing": routing}},
        }
    )


class TestInlineInspection:
    def test_hidden_defects_are_found_by_the_step_that_makes_them(self) -> None:
        (move,) = propose(with_effect(inspected(), "inline inspection", "60 %"), ["inline inspection"])
        assert move.edits == {"products > part > routing > make > finds": {"scratch": "60 %"}}

    def test_the_inspector_then_sees_only_good_ones(self) -> None:
        # The inspector does 144 a day, of which four fifths are good; with all scratches found before, all are.
        study = studied(with_effect(inspected(), "inline inspection", "100 %"), "inline inspection")
        assert study.saturated.estimate("throughput").mean == pytest.approx(0.8 * DAY / 10, rel=0.03)
        assert study.moves[0].saturated["throughput"].mean == pytest.approx(0.2 * DAY / 10, rel=0.1)

    def test_losses_of_an_inspection_fall_on_the_first_step_and_the_whole_yield_stays(self) -> None:
        plant = with_effect(inspected(make={"yield": "98 %"}, check={"yield": "90 %"}), "inline inspection", "50 %")
        (move,) = propose(plant, ["inline inspection"])
        # Half of a tenth is found after the first step: 98 % x 95 %, and 90/95 at the inspection.
        assert move.edits["products > part > routing > make > yield"] == "93.1 %"
        after = changed(plant, move.edits).products["part"]
        assert after.operation("make").yield_ * after.operation("check").yield_ == pytest.approx(0.98 * 0.9)

    def test_not_where_the_step_makes_its_scrap_itself(self) -> None:
        assert not propose(pouch(), ["inline inspection"])
        assert not propose(inspected(make={}, check={}), ["inline inspection"])


class TestRobots:
    def test_a_loader_takes_the_loading_and_leaves_the_setup_and_fails_by_itself(self) -> None:
        plant = with_effect(read_text(PRESS), "automate loading", "150 %")
        kept = moves_of(plant, "automate loading")["automate loading: press"]
        failures = kept.edits["work centers > press > failures"]
        assert failures[0] == {"every": "exponential 40 h", "repair": "2 h", "by": "repair 2"}
        assert failures[1]["by"] == "repair 2"
        assert {path: value for path, value in kept.edits.items() if "failures" not in path} == {
            "products > part > routing > form > load": "6 min/lot",
            "products > part > routing > form > staff": [{"skill": "pressing 2", "for": ["setup"]}],
        }
        assert (kept.capital, kept.yearly) == (2 * 150_000, 2 * 7_500)

    def test_those_whom_it_frees_may_leave_but_never_all_of_a_crew(self) -> None:
        moves = moves_of(read_text(PRESS), "automate loading")
        fewer = moves["automate loading: press, 2 fewer"]
        assert fewer.edits["people > helpers > count"] == "1"
        two = changed(read_text(PRESS), {"people > helpers > count": "2"})
        assert "automate loading: press, 1 fewer" in moves_of(two, "automate loading")
        one = changed(read_text(PRESS), {"people > helpers > count": "1"})
        assert moves_of(one, "automate loading").keys() == {"automate loading: press"}

    def test_where_people_stand_by_only_the_tenth_that_is_loading_changes(self) -> None:
        words = {
            "products > part > routing > form > staff": "pressing 2",
            "products > part > routing > form > load": None,
        }
        plant = with_effect(changed(read_text(PRESS), words), "automate loading", "150 %")
        edits = moves_of(plant, "automate loading")["automate loading: press"].edits
        assert edits["products > part > routing > form > time"] == "3.15 min/part"

    def test_a_place_of_people_becomes_a_robots(self) -> None:
        plant = with_effect(read_text(PRESS), "automate an operation", "120 %")
        move = moves_of(plant, "automate an operation")["automate an operation: bench"]
        assert move.edits["products > part > routing > trim > time"] == "2.4 min/part"
        assert move.edits["products > part > routing > trim > staff"] is None
        assert changed(plant, move.edits).products["part"].operation("trim").staff == ()
        assert (move.capital, move.yearly) == (250_000, 12_000)

    def test_one_who_is_freed_of_half_his_work_makes_twice_as_much(self) -> None:
        # Ben needs half an hour at each bench: 8 a day. With a robot at the left he makes 16, as the robot does when it is up.
        plant = with_effect(one_pair_of_hands(), "automate an operation", "50 %")
        study = studied(plant, "automate an operation")
        assert brings(study, "automate an operation: left") == pytest.approx(8, abs=0.3)

    def test_not_where_people_would_still_be_needed_elsewhere(self) -> None:
        words = {
            "work centers > old press": {"machines": "1", "shift": "day"},
            "products > part > routing > form > at": ["press", "old press"],
        }
        assert not propose(changed(read_text(PRESS), words), ["automate loading"])

    def test_not_where_nobody_is_needed(self) -> None:
        assert not propose(two_steps(), ["automate loading", "automate an operation"])


@pytest.mark.parametrize("banned", ["automate loading", "automate loading: press", "robots load press"])
def test_what_is_banned_is_not_proposed(banned: str) -> None:
    left = moves_of(changed(read_text(PRESS), {"moves > ban": [banned]}), "automate loading")
    assert "automate loading: press" not in left
