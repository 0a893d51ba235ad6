"""Moves on places, cards, lots and transport: where they are proposed, what they change, what they bring by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from plantwright.plant import Plant, build_plant, changed, read_text

from .plants import pouch, two_steps
from .shops import moves_of, press, studied

DAY = 24 * 60.0
CARRIED = """
plant: Carried
work centers: {saw: {machines: 1}, mill: {machines: 1}}
transport: {cart: {count: 1, speed: 1 m/s, distances: d.csv}}
products:
  bar:
    release: {conwip: 1 lot}
    routing: [cut: {at: saw, time: 5 min}, mill: {at: mill, time: 3 min, staff: [{skill: milling, walk: 2 min}]}]
people: {Ana: {skills: {milling: 1}}}
"""


def carried(tmp_path: Path) -> Plant:
    (tmp_path / "d.csv").write_text("from,to,distance\nsaw,mill,240 m\nmill,saw,240 m\n")
    return read_text(CARRIED, folder=tmp_path)


class TestPlaces:
    def test_more_and_fewer_in_front_and_shared(self) -> None:
        plant = changed(press(), {"work centers > press > buffer": "8 lots"})
        plant = changed(plant, {"buffers > rack": {"capacity": "2 pieces", "feeds": ["bench"]}})
        edits = {name: dict(move.edits) for name, move in moves_of(plant, "more buffer", "less buffer").items()}
        assert edits == {
            "more buffer: press": {"work centers > press > buffer": "10 lots"},
            "less buffer: press": {"work centers > press > buffer": "6 lots"},
            "more buffer: rack": {"buffers > rack > capacity": "3 pieces"},
            "less buffer: rack": {"buffers > rack > capacity": "1 piece"},
        }

    def test_one_place_is_left_and_without_a_limit_nothing_is_proposed(self) -> None:
        one = changed(press(), {"work centers > press > buffer": "1 lot"})
        assert list(moves_of(one, "more buffer", "less buffer")) == ["more buffer: press"]
        assert not moves_of(press(), "more buffer", "less buffer")


class TestCardsAndLots:
    def test_cards_of_a_loop(self) -> None:
        plant = changed(two_steps(), {"loops": {"cell": {"cards": "6 lots", "from": "cut", "until": "sew"}}})
        edits = [dict(move.edits) for move in moves_of(plant, "kanban cards").values()]
        assert edits == [{"loops > cell > cards": "4 lots"}, {"loops > cell > cards": "8 lots"}]

    def test_one_card_lets_one_lot_in_two_keep_the_slower_step_busy(self) -> None:
        # With one card a lot each 16 min; with two the cutter of 10 min never waits.
        plant = changed(two_steps(), {"loops": {"cell": {"cards": "1 lot", "from": "cut", "until": "sew"}}})
        [item] = studied(plant, "kanban cards").moves
        assert item.move.edits == {"loops > cell > cards": "2 lots"}
        assert item.saturated["throughput"].mean == pytest.approx(DAY / 10 - DAY / 16, abs=0.2)

    def test_pieces_go_on_before_their_lot(self) -> None:
        # Eight pieces of a minute at both steps: as a lot all are out after 16 min; two at a time after 4, 6, 8 and 10, 7 in the mean.
        plant = two_steps(first="1 min/piece", second="1 min/piece")
        plant = changed(plant, {"products > bag > lot": "8 pieces", "products > bag > release": {"every": "60 min"}})
        [item] = studied(plant, "transfer batch").moves
        assert item.move.edits == {"products > bag > routing > cut > transfer": "2 pieces"}
        assert item.released["cycle time"].mean == pytest.approx(-9 * 60, abs=1)

    def test_what_goes_on_at_a_time_already_is_halved(self) -> None:
        plant = changed(two_steps(first="1 min/piece", second="1 min/piece"), {"products > bag > lot": "20 pieces"})
        plant = changed(plant, {"products > bag > routing > cut > transfer": "5 pieces"})
        [move] = moves_of(plant, "transfer batch").values()
        assert move.edits == {"products > bag > routing > cut > transfer": "2 pieces"}

    def test_not_where_a_lot_is_done_as_a_whole_or_is_small(self) -> None:
        assert not moves_of(pouch(), "transfer batch")
        three = changed(two_steps(first="1 min/piece", second="1 min/piece"), {"products > bag > lot": "3 pieces"})
        assert not moves_of(three, "transfer batch")

    def test_not_where_parts_would_fill_the_batches(self) -> None:
        steps = [{"cut": {"at": "cutter", "time": "1 min/piece"}}, {"sew": {"at": "sewer", "time": "9 min/batch"}}]
        plant = changed(two_steps(), {"products > bag > lot": "8 pieces", "products > bag > routing": steps})
        by_piece, by_lot = (
            changed(plant, {"work centers > sewer > batch": {"max": most}}) for most in ("32 pieces", "4 lots")
        )
        assert list(moves_of(by_piece, "transfer batch")) == ["transfer batch: bag"]
        assert not moves_of(by_lot, "transfer batch")

    def test_a_batch_waits_half_and_twice_as_long(self) -> None:
        moves = moves_of(pouch(), "batch size")
        base = "work centers > formation > batch > wait"
        assert moves["batch size: formation shorter wait"].edits == {base: "15 min"}
        assert moves["batch size: formation longer wait"].edits == {base: "60 min"}


class TestDelays:
    def test_half_the_delay_is_half_the_delay(self) -> None:
        # A bag is cut at once and lies for 10 h before it is sewn: half of that is 5 h less.
        plant = changed(two_steps(), {"work centers > sewer > delay": "10 h", "work centers > cutter > delay": "99 h"})
        plant = changed(plant, {"moves": {"shorter delays": {"effect": "50 %"}}})
        [item] = studied(plant, "shorter delays").moves
        assert item.move.edits == {"work centers > sewer > delay": "5 h"}
        assert item.released["cycle time"].mean == pytest.approx(-5 * 3600, abs=1)

    def test_the_two_before_which_most_lies_and_not_those_without(self) -> None:
        assert not moves_of(two_steps(), "shorter delays")


class TestTransport:
    def test_one_more_a_faster_one_and_shorter_ways(self, tmp_path: Path) -> None:
        moves = moves_of(carried(tmp_path), "one more vehicle", "faster vehicle", "shorter ways")
        assert moves["one more vehicle: cart"].edits == {"transport > cart > count": "2"}
        assert moves["one more vehicle: cart"].title == "second cart"
        # 20 % in the mean: 1.2 m/s; ways 35 % shorter: 1 / 0.65 m/s, and a walk of 1.3 min.
        assert moves["faster vehicle: cart"].edits == {"transport > cart > speed": "1.2 m/s"}
        assert moves["shorter ways: layout"].edits == {
            "transport > cart > speed": "1.53846 m/s",
            "products > bar > routing > mill > staff > 1 > walk": "1.3 min",
        }

    def test_ways_half_as_long_take_half_the_time(self, tmp_path: Path) -> None:
        # 5 min at the saw, 4 min until the cart is back and 4 on the way, 2 of walk and 3 at the mill: 18; half of ways and walk: 13.
        plant = changed(
            carried(tmp_path), {"moves": {"shorter ways": {"effect": "50 %", "cost": "9 kUSD"}}, "currency": "USD"}
        )
        [item] = studied(plant, "shorter ways").moves
        assert item.move.capital == 9000
        assert item.released["cycle time"].mean == pytest.approx(-5 * 60, abs=2)

    def test_not_where_nothing_is_carried(self) -> None:
        assert not moves_of(press(), "one more vehicle", "faster vehicle", "shorter ways")


def test_places_and_cards_of_the_file_stay_what_they_count() -> None:
    plant = build_plant({
        "plant": "Kilos", "work centers": {"mill": {"machines": "1", "buffer": "3 boxes"}},
        "products": {"flour": {"unit": "box", "lot": "2 boxes", "routing": [{"mill": {"at": "mill", "time": "1 min/box"}}]}},
    })  # fmt: skip
    assert moves_of(plant, "less buffer")["less buffer: mill"].edits == {"work centers > mill > buffer": "2 boxes"}
