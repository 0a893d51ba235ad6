"""Roadmaps that can be worked out by hand: moves that help only together, a budget for one, a move that pays only before another."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from plantwright.errors import InputError
from plantwright.improvement import Study, improve
from plantwright.improvement.roadmap import Roadmap, roadmap
from plantwright.improvement.roadmap.candidates import chosen_from, conflict
from plantwright.improvement.roadmap.parts import Parts
from plantwright.improvement.roadmap.scenarios import as_given
from plantwright.improvement.study import Move
from plantwright.plant import Plant, read_text
from plantwright.simulation import Cancel

YEAR = 365.25
QUICK: dict[str, Any] = {"replications": 2, "horizon": "30 d", "warmup": "3 d", "families": ["own move"]}


def bags(
    sew: str = "10 min", demand: str = "1000 bags/day", moves: str = "", money: str = "{discount: 0 %, horizon: 3 y}"
) -> Plant:
    """A cutter of 10 minutes a bag (144 bags a day, 1 USD each) before a sewer, day and night, without any luck."""
    return read_text(f"""
plant: Bags
currency: USD
money: {money}
work centers: {{cutter: {{machines: 1}}, sewer: {{machines: 1}}}}
products:
  bag:
    unit: bag
    price: 1 USD
    demand: {{rate: {demand}, unmet: lost}}
    release: {{conwip: 8 lots}}
    routing:
      - cut: {{at: cutter, time: 10 min}}
      - sew: {{at: sewer, time: {sew}}}
moves:
{moves}
""")


TOGETHER = """
  second cutter: {set: {work centers > cutter > machines: 2}, cost: 20 kUSD}
  second sewer: {set: {work centers > sewer > machines: 2}, cost: 15 kUSD}
"""
BEFORE = """
  sharper knives: {set: {products > bag > routing > cut > time: 8 min}, cost: 14 kUSD}
  second cutter: {set: {work centers > cutter > machines: 2}, cost: 50 kUSD, lead time: 1 y}
"""


def planned(plant: Plant, budget: float, **options: Any) -> Roadmap:
    return roadmap(plant, improve(plant, **QUICK), budget=budget, **options)


def quarters(found: Roadmap) -> dict[str, int]:
    return {step.move.name: step.quarter for step in found.steps}


def test_two_moves_that_only_help_together() -> None:
    # Either alone leaves the other machine at 144 a day; both make 288: 144 x 365.25 USD a year for three years, less 35,000.
    found = planned(bags(moves=TOGETHER), budget=40e3)
    assert quarters(found) == {"second cutter": 1, "second sewer": 1}
    assert found.value is not None
    assert found.value.mean == pytest.approx(3 * 144 * YEAR - 35e3, rel=0.005)
    assert found.agrees
    assert found.capital == 35e3


def test_a_budget_for_one_of_two_that_need_each_other_buys_none() -> None:
    found = planned(bags(moves=TOGETHER), budget=20e3)
    assert found.steps == ()
    assert found.expected == 0
    assert found.agrees


def test_a_move_that_pays_only_before_another() -> None:
    # Knives alone: 180 a day instead of 144, 13,149 USD a year. From the second year on the second cutter makes all that is asked, 288,
    # with or without them; only the three in ten chances that demand is a fifth higher leave them something to do: 0.3 x 13,149.
    plant = bags(sew="4 min", demand="288 bags/day", moves=BEFORE)
    found = planned(plant, budget=100e3)
    assert quarters(found) == {"sharper knives": 1, "second cutter": 1}
    assert found.value is not None
    assert found.value.mean == pytest.approx(36 * YEAR + 2 * 144 * YEAR - 64e3, rel=0.01)
    at_once = planned(
        bags(sew="4 min", demand="288 bags/day", moves=BEFORE.replace(", lead time: 1 y", "")), budget=100e3
    )
    assert quarters(at_once) == {"second cutter": 1}


def test_the_engine_runs_the_sequence_quarter_by_quarter() -> None:
    found = planned(bags(sew="4 min", demand="288 bags/day", moves=BEFORE), budget=100e3)
    assert found.in_one_run
    brought = [row.simulated.mean for row in found.cash if row.simulated is not None]
    assert brought[:4] == pytest.approx([36 * YEAR / 4] * 4, rel=0.03)
    assert brought[4:] == pytest.approx([144 * YEAR / 4] * 8, rel=0.03)
    assert [row.capital for row in found.cash] == [64e3, *[0.0] * 11]


def test_where_the_parts_do_not_add_up_it_learns_and_chooses_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # Either of the two makes the cutter quicker than the sewer's 7 minutes: 205.7 bags a day instead of 144, whichever it is. By
    # the sum of the parts both are worth their money; nothing that was measured of one alone says otherwise.
    monkeypatch.setattr("plantwright.improvement.roadmap.learning.FEW", 0)
    monkeypatch.setattr("plantwright.improvement.roadmap.learning.SMALL", 1e9)
    moves = """
  second cutter: {set: {work centers > cutter > machines: 2}, cost: 30 kUSD}
  knives: {set: {products > bag > routing > cut > time: 6 min}, cost: 20 kUSD}
"""
    plant = bags(sew="7 min", moves=moves)
    found = roadmap(plant, replace(improve(plant, **QUICK), pairs=()), budget=100e3)
    assert quarters(found) == {"knives": 1}
    assert found.agrees
    assert len(found.rounds) > 1
    assert set(found.rounds[0].moves) == {"knives", "second cutter"}
    assert found.rounds[0].differs > 0.5
    assert found.rounds[-1].differs <= 0.02
    assert found.value is not None
    assert found.value.mean == pytest.approx(3 * (24 * 60 / 7 - 144) * YEAR - 20e3, rel=0.02)


def test_a_higher_price_pays_only_while_capacity_binds(monkeypatch: pytest.MonkeyPatch) -> None:
    # 144 bags a day are made of 288 asked. A tenth dearer 230.4 are asked: 14.4 USD a day more as long as 144 are made. With the second
    # cutter 288 are sold at 1 USD, 144 more; at 1.10 only 230.4: 253.44, which is 109.44 more than now. Neither pair is measured at the start.
    monkeypatch.setattr("plantwright.improvement.roadmap.learning.FEW", 0)
    monkeypatch.setattr("plantwright.improvement.roadmap.learning.SMALL", 1e9)
    moves = """
  dearer: {set: {products > bag > price: 1.10 USD, products > bag > demand > rate: 230.4 bags/day}}
  second cutter: {set: {work centers > cutter > machines: 2}, cost: 10 kUSD}
"""
    plant = bags(sew="4 min", demand="288 bags/day", moves=moves)
    study = replace(improve(plant, **QUICK), pairs=())
    dear = roadmap(plant, study, budget=0.0)
    assert quarters(dear) == {"dearer": 1}
    assert dear.value is not None
    assert dear.value.mean == pytest.approx(3 * 14.4 * YEAR, rel=0.01)
    found = roadmap(plant, study, budget=20e3)
    assert quarters(found) == {"second cutter": 1}
    assert len(found.rounds) == 1
    measured, _ = chosen_from(study, (), (), {})
    parts = Parts(measured, as_given(plant, study, measured))
    # The programme counts what is sold more at the price of today: 144 - 57.6 + 14.4 = 100.8 where 109.44 is true.
    assert parts.brings(["dearer", "second cutter"]) == pytest.approx(100.8 * YEAR, rel=0.01)


def test_what_is_scrapped_of_lots_that_are_started_as_asked_cannot_be_sold() -> None:
    # 100 bags a day are asked and started, a tenth is scrapped: 90 can be sold. Without scrap 100: the ceiling rises by 10 a day.
    text = """
plant: Scrap
currency: USD
money: {discount: 0 %, horizon: 3 y}
work centers: {saw: {machines: 1}}
products:
  bag: {unit: bag, price: 1 USD, demand: {rate: 100 bags/day}, routing: [cut: {at: saw, time: 10 min, yield: 90 %}]}
moves: {no scrap: {set: {products > bag > routing > cut > yield: 100 %}}}
"""
    plant = read_text(text)
    study = improve(plant, **{**QUICK, "replications": 10})
    measured, _ = chosen_from(study, (), (), {})
    given = as_given(plant, study, measured)
    assert study.baseline.estimate("sales").mean == pytest.approx(90, abs=2)
    assert given.lowers[0] == pytest.approx([-10 * YEAR], rel=1e-6)
    assert given.ceiling[0] == pytest.approx(0, abs=2 * YEAR)


def test_a_budget_for_one_buys_the_better_one() -> None:
    found = planned(bags(sew="4 min", demand="288 bags/day", moves=BEFORE), budget=50e3)
    # 3 x 36 x 365.25 - 14,000 = 25,447 for the knives; 2 x 144 x 365.25 - 50,000 = 55,192 for the cutter.
    assert quarters(found) == {"second cutter": 1}
    assert quarters(planned(bags(sew="4 min", demand="288 bags/day", moves=BEFORE), budget=20e3)) == {
        "sharper knives": 1
    }


def test_the_frontier_says_what_each_budget_buys_first() -> None:
    found = planned(bags(sew="4 min", demand="288 bags/day", moves=BEFORE), budget=20e3)
    values = [step.value for step in found.frontier]
    assert values == sorted(values)
    assert (found.frontier[0].budget, found.frontier[0].value, found.frontier[0].first) == (0.0, 0.0, None)
    assert math.isinf(found.frontier[-1].budget)
    assert {step.first for step in found.frontier if step.budget == 20e3} == {"sharper knives"}
    assert set(found.frontier[-1].moves) == {"sharper knives", "second cutter"}


def test_money_later_is_worth_less() -> None:
    found = planned(bags(moves=TOGETHER, money="{discount: 10 %, horizon: 3 y}"), budget=40e3)
    assert found.value is not None
    years = (1 - 1.1**-3) / math.log(1.1)
    assert found.value.mean == pytest.approx(years * 144 * YEAR - 35e3, rel=0.005)


def test_a_horizon_beyond_the_quarters_goes_on_as_at_their_end() -> None:
    found = planned(bags(moves=TOGETHER), budget=40e3, quarters=4)
    assert found.value is not None
    assert found.value.mean == pytest.approx(3 * 144 * YEAR - 35e3, rel=0.01)
    assert len(found.cash) == 4


def test_moves_that_give_one_path_two_values_are_not_both_made() -> None:
    moves = """
  fast: {set: {products > bag > routing > cut > time: 7 min}, cost: 1 kUSD}
  faster: {set: {products > bag > routing > cut > time: 6 min}, cost: 30 kUSD}
"""
    found = planned(bags(sew="4 min", moves=moves), budget=100e3)
    # 240 a day instead of 205.7 is worth 12,500 a year: more than the 29,000 that it costs more in three years.
    assert quarters(found) == {"faster": 1}
    inside = Move("a", "own move", "a", {"work centers > cutter": {"machines": "2"}})
    assert conflict(inside, Move("b", "own move", "b", {"work centers > cutter > machines": "3"}))
    assert not conflict(inside, Move("c", "own move", "c", {"work centers > sewer > machines": "3"}))


def test_what_goes_only_with_another_is_bought_on_top_of_it() -> None:
    moves = """
  second sewer: {set: {work centers > sewer > machines: 2}, cost: 15 kUSD, only with: [second cutter]}
  second cutter: {set: {work centers > cutter > machines: 2}, cost: 20 kUSD}
"""
    found = planned(bags(moves=moves), budget=40e3)
    assert {step.move.name: step.capital for step in found.steps} == {"second cutter": 20e3, "second sewer": 15e3}
    assert found.value is not None
    assert found.value.mean == pytest.approx(3 * 144 * YEAR - 35e3, rel=0.005)


def test_wanted_and_banned() -> None:
    plant = bags(sew="4 min", demand="288 bags/day", moves=BEFORE)
    assert quarters(planned(plant, budget=100e3, banned=["second cutter"])) == {"sharper knives": 1}
    dear = planned(
        bags(moves="  paint: {set: {work centers > cutter > power: {run: 1 kW}}, cost: 5 kUSD}"),
        budget=9e3,
        wanted=["paint"],
    )
    assert set(quarters(dear)) == {"paint"}
    assert dear.expected == pytest.approx(-5e3, rel=0.01)


def test_wrong_names_are_told_all_at_once() -> None:
    plant = bags(moves=TOGETHER)
    study = improve(plant, **QUICK)
    with pytest.raises(InputError) as error:
        roadmap(plant, study, budget=1e3, wanted=["second cuter"], banned=["ghost"])
    assert [item.code for item in error.value.problems] == ["PW4081", "PW4081"]
    assert error.value.problems[0].suggestion == "second cutter"
    with pytest.raises(InputError) as error:
        roadmap(plant, study, budget=-1.0, at_once=0.0)
    assert {item.code for item in error.value.problems} == {"PW4070", "PW4073"}


def test_a_change_that_no_run_can_go_on_in_is_simulated_stage_by_stage() -> None:
    # A machine keeps its places while it runs, so this cutter can only be simulated from the first day on.
    moves = """
  quick cutter: {set: {products > bag > routing > cut > time: 8 min, work centers > cutter > places: 2}, cost: 9 kUSD, lead time: 1 y}
"""
    found = planned(bags(sew="4 min", moves=moves), budget=10e3)
    assert not found.in_one_run
    assert any("cannot be made in one run" in warning for warning in found.warnings)
    assert found.value is not None
    assert found.value.mean == pytest.approx(2 * 36 * YEAR - 9e3, rel=0.005)


def test_no_plan_is_shown_as_one() -> None:
    found = planned(bags(moves=TOGETHER), budget=0.0)
    assert "Make none of the moves" in str(found)
    assert "-0" not in str(found)
    assert found.table("steps").is_empty()
    assert found.chart("steps").to_dict()["layer"]


def test_a_plant_without_prices_has_no_roadmap() -> None:
    plant = read_text(
        "plant: Free\nwork centers: {saw: {machines: 1}}\nproducts: {pin: {release: saturated, routing: [cut: {at: saw, time: 9 min}]}}\n"
        "moves: {second saw: {set: {work centers > saw > machines: 2}}}\n"
    )
    with pytest.raises(InputError, match="no prices"):
        planned(plant, budget=10.0)


def test_stopped_before_the_engine_ran_it_is_the_programmes_plan() -> None:
    plant = bags(sew="4 min", demand="288 bags/day", moves=BEFORE)
    study = improve(plant, **QUICK)
    cancel = Cancel()
    cancel.stop()
    found = roadmap(plant, study, budget=100e3, cancel=cancel)
    assert found.partial
    assert found.value is None
    assert "second cutter" in quarters(found)


@pytest.fixture(scope="module")
def knives() -> tuple[Plant, Study]:
    plant = bags(sew="4 min", demand="288 bags/day", moves=BEFORE)
    return plant, improve(plant, **QUICK)


def test_the_same_study_gives_the_same_roadmap(knives: tuple[Plant, Study]) -> None:
    one, other = (roadmap(*knives, budget=100e3) for _ in range(2))
    assert one == other


def test_demand_that_is_not_known_spreads_what_it_is_worth(knives: tuple[Plant, Study]) -> None:
    found = roadmap(*knives, budget=100e3)
    # At low demand, a fifth below 288, only 86.4 more than now can be sold, for two years; the knives' 36 for one.
    assert found.low == pytest.approx(36 * YEAR + 2 * 86.4 * YEAR - 64e3, rel=0.02)
    assert found.worst == pytest.approx(found.low, rel=0.02)
    assert found.low < found.expected <= found.high


def test_a_bound_on_the_worst_cases_keeps_the_capital(knives: tuple[Plant, Study]) -> None:
    # In the worst tenth both leave 12,264; the knives alone 36 x 3 x 365.25 - 14,000 = 25,447.
    found = roadmap(*knives, budget=100e3, least=20e3)
    assert quarters(found) == {"sharper knives": 1}
    assert found.worst >= 20e3


def test_tables_and_document(knives: tuple[Plant, Study]) -> None:
    found = roadmap(*knives, budget=100e3)
    assert found.table("steps").height == 2
    assert found.table("cash").height == 12
    assert np.isclose(found.table("frontier")["value"].max(), found.frontier[-1].value)
    with pytest.raises(KeyError, match="'steps', 'cash', 'frontier' and 'rounds'"):
        found.table("nothing")
    document = found.to_dict()
    assert document["schema"] == "plantwright.roadmap/1"
    assert [step["move"] for step in document["steps"]] == [step.move.name for step in found.steps]
    assert document["frontier"][-1]["budget"] is None
    assert "sketch" in str(found)
    for name in ("steps", "frontier"):
        assert found.chart(name).to_dict()["layer"]
