"""Moves on machines as such and across the fence: where they are proposed, their edits, and what they bring by hand."""

from __future__ import annotations

from typing import Any

import pytest

from plantwright.improvement import Move, improve, propose
from plantwright.plant import Plant, changed, read_text

SHOP = """
plant: A cutting shop
currency: USD
shifts: {day: {days: Mon-Fri, from: "07:00", to: "15:00"}}
people:
  Ben: {shift: day, skills: {sewing: 2}, wage: 24 USD/h}
work centers:
  cutter: {machines: 1, shift: day}
  bench: {machines: 1, shift: day}
products:
  bag:
    price: 90 USD
    release: {conwip: 6 lots}
    routing:
      - cut: {at: cutter, time: 10 min}
      - sew: {at: bench, time: 6 min, staff: sewing 2}
"""


def shop(**edits: Any) -> Plant:
    return changed(
        read_text(SHOP), {path.replace("__", " > ").replace("_", " "): value for path, value in edits.items()}
    )


def moves_of(plant: Plant, *families: str) -> dict[str, Move]:
    return {move.name: move for move in propose(plant, families)}


def gain(plant: Plant, family: str, measure: str = "throughput") -> float:
    study = improve(plant, families=[family], replications=2, horizon="4 wk", warmup="1 wk")
    item = study.moves[0]
    return (item.saturated if measure == "throughput" else item.released)[measure].mean


class TestMachines:
    def test_a_machine_costs_its_price_or_what_is_usual_and_a_place_of_people_less(self) -> None:
        moves = moves_of(shop(), "add a machine")
        assert moves["add a machine: cutter"].capital == 270_000
        assert moves["add a machine: bench"].capital == 10_000
        assert all("capital" in move.assumed for move in moves.values())
        priced = moves_of(shop(work_centers__cutter__price="80 kUSD"), "add a machine")["add a machine: cutter"]
        assert (priced.capital, "capital" in priced.assumed) == (80_000, False)
        told = moves_of(shop(moves={"add a machine": {"cost": "55 kUSD"}}), "add a machine")
        assert {move.capital for move in told.values()} == {55_000}

    def test_new_machines_are_faster_and_fail_half_as_often(self) -> None:
        words = {"machines": "2", "shift": "day", "failures": {"every": "exponential 30 h", "repair": "1 h"}}
        plant = shop(work_centers__cutter=words, moves={"replace a machine": {"effect": "25 %"}})
        (move,) = propose(plant, ["replace a machine"])
        assert move.edits == {
            "products > bag > routing > cut > time": "8 min",
            "work centers > cutter > failures > every": "exponential 60 h",
        }
        assert move.capital == 2 * 270_000

    def test_a_new_machine_a_quarter_faster_makes_a_quarter_more(self) -> None:
        plant = shop(work_centers__cutter__price="80 kUSD", moves={"replace a machine": {"effect": "25 %"}})
        assert gain(plant, "replace a machine") == pytest.approx(48 / 4, abs=0.3)

    def test_what_neither_fails_nor_has_a_price_is_not_replaced(self) -> None:
        assert not propose(shop(), ["replace a machine"])

    @pytest.mark.parametrize(("rate", "offered"), [(67, True), (68, False)])
    def test_a_machine_retires_where_one_could_do_it_at_seven_tenths(self, rate: int, offered: bool) -> None:
        # 8 h of one cutter are 96 bags of 5 minutes; seven tenths of them are 67.2.
        plant = shop(
            work_centers__cutter={"machines": "2", "shift": "day", "cost": "20 kUSD/y"},
            products__bag__routing__cut__time="5 min",
            products__bag__release=None,
            products__bag__demand={"rate": f"{rate} pieces/working day"},
        )
        moves = moves_of(plant, "retire a machine")
        assert bool(moves) is offered
        if offered:
            assert moves["retire a machine: cutter"].edits == {"work centers > cutter > machines": "1"}
            assert gain(plant, "retire a machine", "contribution") == pytest.approx(20_000, rel=0.01)

    def test_what_costs_nothing_to_keep_or_whose_demand_is_not_known_stays(self) -> None:
        two = {"machines": "2", "shift": "day"}
        assert not propose(shop(work_centers__cutter=two), ["retire a machine"])
        assert not propose(shop(work_centers__cutter={**two, "cost": "20 kUSD/y"}), ["retire a machine"])


class TestOutside:
    def test_rented_hours_are_a_work_center_with_a_shift_of_two_hours(self) -> None:
        plant = shop(moves={"rent hours": {"effect": "100 %"}})
        (move,) = propose(plant, ["rent hours"])
        # Two hours on five days of 52.18 weeks at 75 USD are 39,134: to two figures 39,000.
        assert move.edits == {
            "shifts > rented hours, cutter": {"days": "Mon-Fri", "from": "07:00", "to": "09:00"},
            "work centers > shared cutter": {
                "machines": "1", "shift": "rented hours, cutter", "buffer": "0 lots", "cost": "39000 USD/y"
            },
            "products > bag > routing > cut > at": [{"center": "shared cutter"}, "cutter"],
        }  # fmt: skip

    def test_two_hours_more_of_eight_make_a_quarter_more(self) -> None:
        # Six bags an hour at each cutter; sewing must keep up with both.
        quick = shop(products__bag__routing__sew__time="3 min")
        assert gain(quick, "rent hours") == pytest.approx(12, abs=0.6)

    def test_not_for_lots_that_take_longer_than_the_hours(self) -> None:
        assert not propose(shop(products__bag__routing__cut__time="121 min"), ["rent hours"])

    def test_what_others_do_needs_nobody_here_and_costs_its_hours(self) -> None:
        plant = shop(moves={"outsource": {"effect": "100 %"}})
        moves = moves_of(plant, "outsource")
        # Ten minutes at 75 USD an hour.
        assert moves["outsource: bag cut"].edits == {
            "work centers > cut outside": {"machines": "unlimited"},
            "products > bag > routing > cut > at": "cut outside",
            "products > bag > routing > cut > time": "7 d/lot",
            "materials > cut by others": {"price": "12.5 USD"},
            "products > bag > routing > cut > takes": {"cut by others": "1 piece/lot"},
        }
        sewn = moves["outsource: bag sew"].edits
        assert sewn["products > bag > routing > sew > staff"] is None
        assert changed(plant, sewn).products["bag"].operation("sew").staff == ()

    @pytest.mark.parametrize(
        "words",
        [
            {"queue time": {"until": "sew", "within": "8 h"}},
            {"takes": {"cloth": "1 kg/lot"}},
            {"at": ["cutter", "bench"]},
        ],
    )
    def test_what_is_tied_to_the_plant_stays(self, words: dict[str, Any]) -> None:
        told = {"at": "cutter", "time": "10 min", **words}
        steps = [{"cut": told}, {"sew": {"at": "bench", "time": "6 min", "staff": "sewing 2"}}]
        cloth = {"cloth": {"price": "2 USD/kg", "on hand": "900 kg"}}
        assert "outsource: bag cut" not in moves_of(shop(products__bag__routing=steps, materials=cloth), "outsource")

    def test_in_a_currency_without_a_rate_it_would_look_like_a_gift(self) -> None:
        from dataclasses import replace

        assert not propose(replace(shop(), currency="XYZ"), ["outsource", "insource"])

    def test_what_was_given_out_at_a_price_comes_back_with_its_hours(self) -> None:
        fixed = {"outsource": {"effect": "100 %"}, "insource": {"effect": "100 %"}}
        plant = shop(moves=fixed)
        assert not propose(plant, ["insource"])
        outside = changed(plant, moves_of(plant, "outsource")["outsource: bag cut"].edits)
        (move,) = propose(outside, ["insource"])
        assert move.edits["products > bag > routing > cut > time"] == "10 min/lot"
        assert move.edits["products > bag > routing > cut > takes"] is None
        assert move.edits["people > for cut"] == {"skills": {"cut": "2"}, "shift": "day", "wage": "24 USD/h"}
        back = changed(outside, move.edits)
        assert back.work_centers["cut"].machines == 1
        assert move.capital == 270_000


@pytest.mark.parametrize("family", ["rent hours", "outsource", "add a machine"])
def test_a_banned_family_proposes_nothing(family: str) -> None:
    assert propose(shop(), [family])
    assert not propose(shop(moves={"ban": [family]}), [family])
