"""Moves on setups, stops and quality: where they are proposed, what they change, what they bring by hand."""

from __future__ import annotations

from typing import Any

import pytest

from plantwright.plant import Plant, changed, read_text
from plantwright.simulation import simulate

from .plants import two_steps
from .shops import moves_of, press, studied

DAY = 24 * 60.0
COLOURS = """
plant: Colours
work centers: {press: {machines: 1, setup: 20 min}}
products:
  red: {release: {conwip: 2 lots}, routing: [print: {at: press, time: 10 min/lot}]}
  blue: {release: {conwip: 2 lots}, routing: [print: {at: press, time: 10 min/lot}]}
"""
SETUP = "work centers > press > setup"
FAILING = """
plant: A saw that fails
work centers:
  saw:
    machines: 1
    failures: [{every: 90 min, repair: 30 min, by: fixing}]
    maintenance: [{every: 100 h, lasts: 2 h}]
people: {fitters: {count: 1, skills: {fixing: 1}}, cutters: {count: 2, skills: {cutting: 1, fixing: 1}}}
products: {bar: {release: saturated, routing: [cut: {at: saw, time: 1 min, staff: cutting}]}}
"""
FAILURE = "work centers > saw > failures > 1"


def colours(*edits: tuple[str, Any]) -> Plant:
    return changed(read_text(COLOURS), dict(edits)) if edits else read_text(COLOURS)


def saw(*edits: tuple[str, Any]) -> Plant:
    return changed(read_text(FAILING), dict(edits)) if edits else read_text(FAILING)


class TestSetups:
    def test_a_programme_takes_a_fifth_to_three_fifths_off(self) -> None:
        move = moves_of(colours(), "shorter setup")["shorter setup: press"]
        assert move.title == "press setups 20-60 % shorter"
        assert move.belief is not None
        assert move.belief.text == "setups 20 to 60 % shorter"
        assert move.edits == {SETUP: "12 min"}
        assert move.belief is not None
        # Five equally likely slices, symmetric about 40 %, of a PERT whose cv is that of a beta of 3 and 3.
        assert move.belief.shares == pytest.approx([0.8 - share for share in reversed(move.belief.shares)])
        assert [way[SETUP] for way in move.belief.ways] == [
            f"{20 * (1 - share):.6g} min" for share in move.belief.shares
        ]

    def test_by_hand_and_with_the_users_own_effect(self) -> None:
        # Each lot is of another colour: 20 + 10 min a lot, and with half of the setup done beforehand 10 + 10.
        plant = colours(("moves", {"offline setup": {"effect": "50 %"}}), ("products > red > release > conwip", "1 lot"),
                        ("products > blue > release > conwip", "1 lot"))  # fmt: skip
        [item] = studied(plant, "offline setup").moves
        assert item.released["throughput"].mean == pytest.approx(DAY / 20 - DAY / 30, abs=0.2)
        assert item.move.excludes == ("shorter setup: press",)

    def test_an_effect_beyond_all_leaves_a_twentieth(self) -> None:
        plant = colours(("moves", {"shorter setup": {"effect": "200 %"}}))
        assert moves_of(plant, "shorter setup")["shorter setup: press"].edits == {SETUP: "1 min"}

    def test_fewer_setups_by_order(self) -> None:
        edits = {name: dict(move.edits) for name, move in moves_of(colours(), "setup sequence").items()}
        assert edits == {
            "setup sequence: press least setup": {"work centers > press > rule": ["least setup", "FIFO"]},
            "setup sequence: press minimum run": {SETUP: {"default": "20 min", "minimum run": "3 lots"}},
        }

    def test_campaigns_are_made_longer(self) -> None:
        setup = {"default": "20 min", "minimum run": "2 lots", "campaign": "10 lots", "cleaning": "1 h"}
        plant = colours((SETUP, setup), ("work centers > press > rule", ["least setup"]))
        [move] = moves_of(plant, "setup sequence").values()
        assert move.edits == {f"{SETUP} > campaign": "15 lots"}

    def test_one_family_has_no_sequence_and_no_setup_no_programme(self) -> None:
        alone = colours(("products > blue", None))
        assert not moves_of(alone, "setup sequence")
        assert not moves_of(press(), "shorter setup", "offline setup", "setup sequence")

    def test_runs_of_three_need_fewer_setups_and_the_least_setup_none(self) -> None:
        # Two lots of each colour in the shop, first come, first served: two red, two blue, a setup for every two lots, 20 min a lot.
        # In runs of three 20 + 30 min for three lots. By least setup one colour only is made, 10 min a lot, and the other waits.
        study = studied(colours(), "setup sequence")
        gains = {item.move.name.rpartition("press ")[2]: item.released["throughput"].mean for item in study.moves}
        assert gains["minimum run"] == pytest.approx(DAY * 3 / 50 - DAY / 20, abs=0.2)
        assert gains["least setup"] == pytest.approx(DAY / 10 - DAY / 20, abs=0.2)


class TestStops:
    def test_repairs_shorter_and_failures_rarer(self) -> None:
        # 90 min of work for 30 of repair: three quarters. Repairs of 21 min in the mean, or failures each 128.571 min.
        moves = moves_of(saw(), "better reliability")
        assert moves["better reliability: saw repair"].edits == {f"{FAILURE} > repair": "21 min"}
        assert moves["better reliability: saw every"].edits == {f"{FAILURE} > every": "128.571 min"}
        assert moves["better reliability: saw repair"].title == "saw repairs 10-50 % shorter"

    def test_by_hand(self) -> None:
        plant = saw(("moves", {"better reliability": {"effect": "50 %"}}), ("work centers > saw > maintenance", None))
        study = studied(plant, "better reliability")
        base = study.saturated.estimate("throughput").mean
        assert base == pytest.approx(DAY * 90 / 120, rel=0.005)
        for item in study.moves:
            assert item.saturated["throughput"].mean == pytest.approx(DAY * (90 / 105 - 90 / 120), rel=0.02)

    def test_machines_that_differ_have_their_own(self) -> None:
        machines = [{"name": "old", "failures": {"every": "10 h", "repair": "1 h"}}, {"name": "new"}]
        plant = saw(("work centers > saw", {"machines": machines}))
        assert moves_of(plant, "better reliability")["better reliability: saw repair"].edits == {
            "work centers > saw > machines > 1 > failures > repair": "0.7 h"
        }

    def test_maintenance_less_often_lets_it_fail_more_often(self) -> None:
        # (0 + 4 x 10 + 25) / 6 = 10.83 % more often: each 81.2 min of work; or as much rarer: each 100.935.
        moves = moves_of(saw(), "maintenance interval")
        care = "work centers > saw > maintenance > 1 > every"
        assert moves["maintenance interval: saw longer"].edits == {care: "150 h", f"{FAILURE} > every": "81.203 min"}
        assert moves["maintenance interval: saw shorter"].edits == {
            care: "66.6667 h",
            f"{FAILURE} > every": "100.935 min",
        }

    def test_of_what_never_fails_only_the_planned_stops_change(self) -> None:
        moves = moves_of(saw(("work centers > saw > failures", None)), "maintenance interval")
        care = "work centers > saw > maintenance > 1 > every"
        assert [dict(move.edits) for move in moves.values()] == [{care: "150 h"}, {care: "66.6667 h"}]
        assert all(move.belief is None for move in moves.values())
        assert not moves_of(saw(("work centers > saw > maintenance", None)), "maintenance interval")

    def test_spare_parts_are_kept(self) -> None:
        parts = {
            "blade": {"on hand": "2 pieces", "from": "Mill Co", "reorder": {"at": "2 pieces", "up to": "4 pieces"}}
        }
        plant = saw(
            ("suppliers", {"Mill Co": {"lead time": "3 d"}}),
            ("materials", parts),
            (f"{FAILURE} > takes", {"blade": "1 piece"}),
        )
        [move] = moves_of(plant, "spare parts").values()
        base = "materials > blade > reorder"
        assert move.edits == {f"{base} > at": "3 pieces", f"{base} > up to": "6 pieces"}
        assert changed(plant, move.edits).materials["blade"].reorder_at == 3

    def test_a_long_repair_may_have_waited_for_a_part(self) -> None:
        assert not moves_of(saw(), "spare parts")
        [move] = moves_of(saw((f"{FAILURE} > repair", "8 h")), "spare parts").values()
        assert move.edits == {f"{FAILURE} > repair": "6 h"}
        assert move.belief is not None

    def test_a_technician_repairs_and_does_nothing_else(self) -> None:
        [move] = moves_of(saw(), "one more technician").values()
        assert move.edits == {"people > fitters > count": "2"}
        assert not moves_of(two_steps(), "one more technician")

    def test_a_technician_is_who_only_repairs_and_everybody_else_is_one_more_person(self) -> None:
        both = moves_of(saw(), "one more technician", "one more person")
        assert set(both) == {"one more technician: fitters", "one more person: cutters"}


class TestQuality:
    def test_scrap_and_defects_and_rework(self) -> None:
        steps = [{"form": {"at": "press", "time": "1 min", "yield": "90 %", "defects": {"dent": "4 %"}}},
                 {"look": {"at": "bench", "time": "1 min", "finds": {"dent": "100 %"},
                           "rework": {"share": "12 %", "back to": "form"}}}]  # fmt: skip
        words = {"yield": {"effect": "50 %"}, "rework": {"effect": "25 %"}}
        plant = press(("products > lid > routing", steps), ("products > pan", None), ("moves", words))
        base = "products > lid > routing"
        assert {name: dict(move.edits) for name, move in moves_of(plant, "yield", "rework").items()} == {
            "yield: lid form": {f"{base} > form > yield": "95 %"},
            "yield: lid form defects": {f"{base} > form > defects > dent": "2 %"},
            "rework: lid look": {f"{base} > look > rework > share": "9 %"},
        }

    def test_products_of_one_step_go_together_each_from_its_own_share(self) -> None:
        shares = {"products > lid > routing > form > yield": "90 %", "products > pan > routing > form > yield": "80 %"}
        plant = press(*shares.items(), ("moves", {"yield": {"effect": "50 %"}}))
        [move] = moves_of(plant, "yield").values()
        assert move.edits == {
            "products > lid > routing > form > yield": "95 %",
            "products > pan > routing > form > yield": "90 %",
        }
        assert move.subject == {"work center": "press"}

    def test_lots_that_are_not_sent_back_by_hand(self) -> None:
        # One in four comes back once: 1.25 visits of 10 min. With the share halved 1.125.
        steps = [{"form": {"at": "press", "time": "10 min", "rework": {"share": "24 %", "back to": "form"}}}]
        plant = press(("products > pan", None), ("products > lid > routing", steps), ("products > lid > demand", None),
                      ("moves", {"rework": {"effect": "50 %"}}))  # fmt: skip
        study = studied(plant, "rework", horizon="200 d", replications=4)
        assert study.saturated.estimate("throughput").mean == pytest.approx(DAY / 12.4, rel=0.01)
        assert study.moves[0].saturated["throughput"].mean == pytest.approx(DAY / 11.2 - DAY / 12.4, rel=0.05)

    def test_nothing_is_proposed_where_all_is_good(self) -> None:
        assert not moves_of(press(), "yield", "rework")


@pytest.mark.parametrize("word", ["repair", "every"])
def test_each_way_that_a_belief_may_turn_out_brings_what_it_says(word: str) -> None:
    # The saw works a time and is repaired for a time: its share of work is the first over both.
    plant = saw(("work centers > saw > maintenance", None))
    move = moves_of(plant, "better reliability")[f"better reliability: saw {word}"]
    assert move.belief is not None
    for share, way in zip(move.belief.shares, move.belief.ways, strict=True):
        work, repair = (90.0, 30 * (1 - share)) if word == "repair" else (90 / (1 - share), 30.0)
        made = simulate(changed(plant, way), horizon="30 d", warmup="5 d", replications=2).estimate("throughput").mean
        assert made == pytest.approx(DAY * work / (work + repair), rel=0.01)
