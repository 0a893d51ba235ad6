"""Lots that are split, merged, or go on piece by piece. Stories worked out by hand, in minutes."""

from __future__ import annotations

import re

import pytest

from plantwright.errors import PlantError
from plantwright.improvement.arithmetic import seconds_per_lot
from plantwright.plant import Plant, read_text
from plantwright.simulation.loads import parts_at
from tests.simulation.plants import cycle_hours, exactly, first_difference, log_of, made, shop, tell


def flow(routing: str, *orders: str, lot: str = "10 pieces", release: str = "{orders: orders.csv}", centers: str = "",
         more: str = "") -> Plant:  # fmt: skip
    """One product through as many single machines (m1, m2, m3) as it likes."""
    rows = centers or "m1: {machines: 1}, m2: {machines: 1}, m3: {machines: 1}"
    return shop(
        f"plant: Parts\nwork centers: {{{rows}}}\n{more}"
        f"products: {{part: {{lot: {lot}, release: {release}, routing: [{routing}]}}}}\n",
        *(orders or ("part 00:00 quantity=10",)),
    )


class TestSplit:
    SAW = "saw: {{at: m1, time: 1 h/lot{}}}, mill: {{at: m2, time: 10 min/piece}}"

    def test_into_so_many_lots_the_larger_first(self) -> None:
        """Ten pieces into four lots: 3, 3, 2 and 2, one after the other; the first is the lot itself."""
        plant = flow(self.SAW.format(", split: 4 lots"))
        assert log_of(plant, "5 h", "split", "completed") == [
            (60, "split", "part 2", "saw", "m1", "1", 3),
            (60, "split", "part 3", "saw", "m1", "1", 2),
            (60, "split", "part 4", "saw", "m1", "1", 2),
            (90, "completed", "part 1", "mill", "m2", 3),
            (120, "completed", "part 2", "mill", "m2", 3),
            (140, "completed", "part 3", "mill", "m2", 2),
            (160, "completed", "part 4", "mill", "m2", 2),
        ]

    def test_into_lots_of_so_many_the_rest_last(self) -> None:
        plant = flow(self.SAW.format(", split: 4 pieces"))
        assert [event[0:3] + event[-1:] for event in log_of(plant, "5 h", "completed")] == [
            (100, "completed", "part 1", 4),
            (140, "completed", "part 2", 4),
            (160, "completed", "part 3", 2),
        ]

    def test_never_into_more_lots_than_it_has_pieces(self) -> None:
        plant = flow(self.SAW.format(", split: 4 lots"), "part 00:00 quantity=3")
        assert [event[-1] for event in log_of(plant, "5 h", "completed")] == [1, 1, 1]

    def test_what_is_measured_into_equal_shares(self) -> None:
        saw = "saw: {at: m1, time: 1 h/lot, split: 4 lots}, mill: {at: m2, time: 10 min/lot}"
        plant = flow(saw, "part 00:00 quantity=10", lot="10 kg")
        assert [event[-1] for event in log_of(plant, "5 h", "completed")] == [2.5, 2.5, 2.5, 2.5]

    def test_where_a_lot_that_is_not_split_differs(self) -> None:
        whole, parts = (flow(self.SAW.format(words)) for words in ("", ", split: 2 lots"))
        assert first_difference(whole, parts, "5 h", "ended", "split", "queued") == (
            (60, "queued", "part 1", "mill", "m2"),
            (60, "split", "part 2", "saw", "m1", "1", 5),
        )

    def test_parts_count_as_lots_and_their_time_from_the_release(self) -> None:
        """Four lots after 90, 120, 140 and 160 min; in process one lot for an hour, then four, three, two and one."""
        run = tell(flow(self.SAW.format(", split: 4 lots")), "1 d")
        assert made(run) == 10
        assert exactly(run, "lots finished") == 4
        assert cycle_hours(run) == pytest.approx((90 + 120 + 140 + 160) / 4 / 60)
        assert exactly(run, "work in process") * 1440 == pytest.approx(60 + 4 * 30 + 3 * 30 + 2 * 20 + 20)

    def test_they_block_the_machine_until_the_last_is_gone(self) -> None:
        """One place before the mill: at 60 it takes in two lots (one at work, one waits), the saw keeps two, till 90 and 120.

        So the second order, sawn from 120 to 180, is split then: its first part waits, as the mill is free.
        """
        centers = "m1: {machines: 1}, m2: {machines: 1, buffer: 1 lot}"
        plant = flow(self.SAW.format(", split: 4 lots"), "part 00:00 quantity=20", centers=centers)
        assert [event[:3] for event in log_of(plant, "3 h", "queued") if event[3] == "mill"] == [
            (60, "queued", "part 1"),
            (60, "queued", "part 3"),
            (90, "queued", "part 4"),
            (120, "queued", "part 5"),
            (180, "queued", "part 2"),
            (180, "queued", "part 6"),
        ]

    def test_the_card_comes_back_with_the_last_part(self) -> None:
        """One card: the next lot starts at 160, when the last of the four is done."""
        plant = flow(self.SAW.format(", split: 4 lots"), release="{conwip: 1 lot}")
        assert log_of(plant, "3 h", "released") == [
            (0, "released", "part 1", "saw", "m1", 10),
            (160, "released", "part 5", "saw", "m1", 10),
        ]

    def test_ten_thousand_lots_of_one_piece(self) -> None:
        """Room is made for the lots before they come: 10 000 pieces, six seconds each, take 60 000 s behind the saw."""
        routing = "saw: {at: m1, time: 1 h/lot, split: 1 piece}, mill: {at: m2, time: 6 s/piece}"
        run = tell(flow(routing, "part 00:00 quantity=10000", lot="10000 pieces"), "1 d")
        assert exactly(run, "lots finished") == 10000
        assert cycle_hours(run) == pytest.approx(1 + 6 * 10001 / 2 / 3600)

    def test_defective_pieces_are_shared_out(self) -> None:
        """All ten pieces are scratched: the parts carry 3, 3, 2 and 2 of them, and all are found."""
        routing = (
            "saw: {at: m1, time: 1 h/lot, defects: {scratch: 100 %}, split: 4 lots}, "
            "look: {at: m2, time: 1 min/piece, finds: {scratch: 100 %}}"
        )
        assert [event[-1] for event in log_of(flow(routing), "5 h", "found")] == [3, 3, 2, 2]

    def test_as_chance_has_it(self) -> None:
        """A third of 3000 pieces is scratched; of a half of them the variance is hypergeometric: n K/N (N-K)/N (N-n)/(N-1)."""
        routing = (
            "saw: {at: m1, time: 1 h/lot, defects: {scratch: 33 %}, split: 2 lots}, "
            "look: {at: m2, time: 1 s/piece, finds: {scratch: 100 %}}"
        )
        plant = flow(routing, "part 00:00 quantity=3000", lot="3000 pieces")
        first, second = (float(str(event[-1])) for event in log_of(plant, "5 h", "found"))
        share = (first + second) / 3000
        spread = (1500 * share * (1 - share) * 1500 / 2999) ** 0.5
        assert 0 < abs(first - second) / 2 < 3.5 * spread


class TestMerge:
    BAKE = "saw: {{at: m1, time: 10 min/lot}}, bake: {{at: m2, time: 1 h/lot{}}}"
    THREE = ("part 00:00 quantity=4 due=09:00", "part 00:00 quantity=3 due=05:00 priority=2", "part 00:00 quantity=2")

    def test_so_many_lots_go_on_as_one(self) -> None:
        """The one with priority is sawn second, as the first is at work when it comes: 4 + 3 pieces after 20 min; two wait in vain."""
        plant = flow(self.BAKE.format(", merge: 2 lots"), *self.THREE)
        assert log_of(plant, "5 h", "merged", "started", "completed") == [
            (0, "started", "part 1", "saw", "m1"),
            (10, "started", "part 2", "saw", "m1"),
            (20, "merged", "part 1", "bake", "m2", "2", 4),
            (20, "started", "part 2", "bake", "m2"),
            (20, "started", "part 3", "saw", "m1"),
            (80, "completed", "part 2", "bake", "m2", 7),
        ]

    def test_so_many_pieces_go_on_as_one(self) -> None:
        """Eight pieces are reached with the third lot, and then it is nine."""
        plant = flow(self.BAKE.format(", merge: 8 pieces"), *self.THREE)
        assert log_of(plant, "5 h", "completed") == [(90, "completed", "part 3", "bake", "m2", 9)]

    def test_where_lots_on_their_own_differ(self) -> None:
        alone, together = (flow(self.BAKE.format(words), *self.THREE) for words in ("", ", merge: 2 lots"))
        assert first_difference(alone, together, "5 h", "started") == (
            (10, "started", "part 1", "bake", "m2"),
            (10, "started", "part 2", "saw", "m1"),
        )

    def test_the_earliest_release_and_due_time_and_the_highest_priority_count(self) -> None:
        """It is done at 80 min, from the release at 0 of the first; and the due time of the two of 05:00 is met."""
        run = tell(flow(self.BAKE.format(", merge: 2 lots"), *self.THREE), "1 d")
        assert exactly(run, "lots finished") == 1
        assert cycle_hours(run) == pytest.approx(80 / 60)
        assert exactly(run, "on-time share") == 1

    def test_they_wait_beside_the_buffer(self) -> None:
        """No places before the oven; the saw is not blocked by lots that wait for others, and a merged lot waits there, too."""
        centers = "m1: {machines: 1}, m2: {machines: 1, buffer: 0 lots}"
        orders = [f"part 00:0{k} quantity=1" for k in range(6)]
        plant = flow(self.BAKE.format(", merge: 2 lots"), *orders, centers=centers)
        assert [event[:3] for event in log_of(plant, "5 h", "started") if event[3] == "bake"] == [
            (20, "started", "part 2"),
            (80, "started", "part 4"),
            (140, "started", "part 6"),
        ]
        assert [event[0] for event in log_of(plant, "5 h", "ended") if event[3] == "saw"] == [10, 20, 30, 40, 50, 60]

    def test_cards_come_back_with_the_merged_lot(self) -> None:
        """Two cards, in lots or pieces: both lots go on as one and are done at 80 min; then both cards are back."""
        for cards in ("2 lots", "20 pieces"):
            plant = flow(self.BAKE.format(", merge: 2 lots"), release=f"{{conwip: {cards}}}")
            assert [event[:3] for event in log_of(plant, "2 h", "released")] == [
                (0, "released", "part 1"),
                (0, "released", "part 2"),
                (80, "released", "part 3"),
                (80, "released", "part 4"),
            ], cards

    def test_split_and_merged_again_is_one_lot_with_one_card(self) -> None:
        """Split into four at 60, each 10 min in the mill, together again at 100, done at 110; the card is back, and not four."""
        routing = (
            "saw: {at: m1, time: 1 h/lot, split: 4 lots}, mill: {at: m2, time: 10 min/lot}, "
            "pack: {at: m3, time: 10 min/lot, merge: 4 lots}"
        )
        plant = flow(routing, release="{conwip: 1 lot}")
        assert [event[:3] + event[-1:] for event in log_of(plant, "4 h", "released", "completed")] == [
            (0, "released", "part 1", 10),
            (110, "completed", "part 4", 10),
            (110, "released", "part 5", 10),
            (220, "completed", "part 8", 10),
            (220, "released", "part 9", 10),
        ]

    def test_a_tool_that_the_parts_share_is_one(self) -> None:
        """One pallet carries the lot from the saw on; its parts share it, and it is free when the merged lot is packed."""
        more = "tools: {pallet: {count: 1}}\n"
        routing = (
            "saw: {at: m1, time: 1 h/lot, split: 2 lots, uses: [{tool: pallet, until: pack}]}, mill: {at: m2, time: 10 min/lot}, "
            "pack: {at: m3, time: 10 min/lot, merge: 2 lots}"
        )
        plant = flow(routing, "part 00:00 quantity=20", more=more)
        assert [event[0] for event in log_of(plant, "5 h", "started") if event[3] == "saw"] == [0, 90]
        assert [event[0] for event in log_of(plant, "5 h", "tool let go")] == [90, 180]

    def test_reworked_it_is_not_gathered_again(self) -> None:
        """The merged lot is baked twice, alone."""
        plant = flow(self.BAKE.format(", merge: 2 lots, rework: {share: 100 %, back to: bake}"), *self.THREE)
        assert [event[:3] for event in log_of(plant, "5 h", "reworked", "completed")] == [
            (80, "reworked", "part 2"),
            (140, "completed", "part 2"),
        ]


class TestTransfer:
    """Lot streaming: 64 pieces through three steps of a minute a piece, in transfers of 16."""

    LINE = "a: {{at: m1, time: {0}{1}}}, b: {{at: m2, time: {0}{1}}}, c: {{at: m3, time: {0}}}"

    @pytest.mark.parametrize("time", ["1 min/piece", "64 min/lot"])
    def test_the_rest_is_worked_while_pieces_go_on(self, time: str) -> None:
        """Without transfers 3 x 64 min; with them the last 16 pieces leave a at 64, b at 80 and c at 96 min.

        By the lot, the time of 64 min is that of each lot that comes: what streams into b takes it four times.
        """
        whole = flow(self.LINE.format(time, ""), "part 00:00 quantity=64", lot="64 pieces")
        assert [event[0] for event in log_of(whole, "9 h", "completed")] == [192]
        stream = flow(self.LINE.format(time, ", transfer: 16 pieces"), "part 00:00 quantity=64", lot="64 pieces")
        ended = [event[0] for event in log_of(stream, "9 h", "ended") if event[3] == "a"]
        assert ended == [16, 32, 48, 64]
        if time == "1 min/piece":
            assert [(event[0], event[-1]) for event in log_of(stream, "9 h", "completed")] == [
                (48, 16),
                (64, 16),
                (80, 16),
                (96, 16),
            ]

    def test_where_the_logs_part(self) -> None:
        whole, stream = (
            flow(self.LINE.format("1 min/piece", words), "part 00:00 quantity=64", lot="64 pieces")
            for words in ("", ", transfer: 16 pieces")
        )
        assert first_difference(whole, stream, "9 h", "split", "ended") == (
            (64, "ended", "part 1", "a", "m1"),
            (16, "split", "part 2", "a", "m1", "1", 16),
        )

    def test_the_last_goes_with_the_rest_of_the_lot(self) -> None:
        """Ten pieces in fours: 4, 4 and, as the lot itself, 2."""
        plant = flow(self.LINE.format("1 min/piece", ", transfer: 4 pieces"))
        ended = [event for event in log_of(plant, "9 h", "ended") if event[3] == "a"]
        assert [event[:3] for event in ended] == [
            (4, "ended", "part 2"),
            (8, "ended", "part 3"),
            (10, "ended", "part 1"),
        ]

    def test_a_stop_delays_what_is_not_done(self) -> None:
        """The machine fails after 6 min for an hour: the second four go on after 68 min, and the rest at 70."""
        centers = "m1: {machines: 1, failures: [{every: 6 min, repair: 1 h}]}, m2: {machines: 1}, m3: {machines: 1}"
        plant = flow(self.LINE.format("1 min/piece", ", transfer: 4 pieces"), centers=centers)
        assert [event[0] for event in log_of(plant, "2 h", "ended") if event[3] == "a"] == [4, 68, 70]

    def test_without_a_place_they_wait_beside_the_work_center(self) -> None:
        """Half as fast and no places at m2: what comes at 4 is at work till 12. Then the rest of two goes in, which blocks m1 since 10,
        and at 16 the four that wait beside it since 8.
        """
        centers = "m1: {machines: 1}, m2: {machines: 1, buffer: 0 lots}, m3: {machines: 1}"
        routing = "a: {at: m1, time: 1 min/piece, transfer: 4 pieces}, b: {at: m2, time: 2 min/piece}"
        plant = flow(routing, centers=centers)
        assert [event[0:3] for event in log_of(plant, "2 h", "queued") if event[3] == "b"] == [
            (4, "queued", "part 2"),
            (12, "queued", "part 1"),
            (16, "queued", "part 3"),
        ]

    def test_yield_is_drawn_when_pieces_go_on(self) -> None:
        """Of what is measured a tenth is lost: 0.4, 0.4 and 0.2 kg; pieces finished and scrapped are those that were started."""
        routing = "a: {at: m1, time: 1 min/kg, transfer: 4 kg, yield: 90 %}"
        plant = flow(routing, "part 00:00 quantity=10", lot="10 kg")
        assert [event[0:1] + event[-1:] for event in log_of(plant, "2 h", "completed")] == [
            (4, 3.6),
            (8, 3.6),
            (10, 1.8),
        ]

    def test_random_times_by_the_piece_are_those_of_the_lot(self) -> None:
        """Streaming draws for each piece what the whole lot would: the lot leaves at the same instant."""
        whole, stream = (
            flow(self.LINE.format("exponential 3 min/piece", words), "part 00:00 quantity=9")
            for words in ("", ", transfer: 2 pieces")
        )
        last = [
            [event[0] for event in log_of(plant, "9 h", "ended") if event[2:4] == ("part 1", "a")]
            for plant in (whole, stream)
        ]
        assert last[0] == pytest.approx(last[1])

    def test_the_card_comes_back_with_the_rest(self) -> None:
        plant = flow(
            "a: {at: m1, time: 1 min/piece, transfer: 4 pieces}, b: {at: m2, time: 1 h/lot}", release="{conwip: 1 lot}"
        )
        assert [event[:2] for event in log_of(plant, "5 h", "released")] == [(0, "released"), (184, "released")]


class TestBalance:
    def test_no_piece_is_lost_or_made(self) -> None:
        """Split, merged, streamed, spoilt, inspected: what was started is done or scrapped when the plant is empty."""
        routing = (
            "saw: {at: m1, time: 2 min/piece, transfer: 3 pieces, yield: 95 %, defects: {scratch: 20 %}}, "
            "mill: {at: m2, time: 1 min/piece, split: 2 lots, rework: {share: 20 %, back to: saw}}, "
            "look: {at: m3, time: 1 min/piece, finds: {scratch: 70 %}, merge: 2 pieces}"
        )
        run = tell(
            flow(routing, *[f"part 0{k}:00 quantity=11" for k in range(8)], lot="11 pieces"), "4 d", replications=6
        )
        for done, scrapped, wip in zip(
            run.estimate("throughput").values,
            run.estimate("scrap share").values,
            run.estimate("work in process").values,
            strict=True,
        ):
            left = 88 - round(4 * done / (1 - scrapped), 9)
            assert left in (0, 1), "one piece may wait for another that never comes"
            assert 4 * done == pytest.approx(round(4 * done))
            assert wip > 0


class TestRefused:
    @pytest.mark.parametrize(
        ("centers", "words", "why"),
        [
            ("m1: {machines: unlimited}", "time: 1 h/lot, transfer: 2 pieces", "has unlimited machines"),
            ("m1: {batch: {max: 2 lots}}", "time: 1 h/lot, transfer: 2 pieces", "works in batches"),
            ("m1: {machines: 1}", "time: 1 h/batch, transfer: 2 pieces", "works in batches"),
            ("m1: {machines: 1}", "time: 1 h/lot, transfer: 2 lots", "so many pieces of a lot"),
        ],
    )
    def test_a_transfer_where_pieces_are_done_at_once(self, centers: str, words: str, why: str) -> None:
        with pytest.raises(PlantError, match=why):
            flow(f"a: {{at: m1, {words}}}", centers=centers)


def test_work_by_hand_counts_the_parts() -> None:
    """Split into four of 2.5 each, streamed by 2 (into two each), merged by four lots: 1, 4, 8 and 2 lots at the steps."""
    plant = flow(
        "a: {at: m1, time: 1 h/lot, split: 4 lots}, b: {at: m2, time: 1 h/lot, transfer: 2 pieces}, "
        "c: {at: m3, time: 1 h/lot}, d: {at: m1, time: 1 h/lot, merge: 4 lots}"
    )
    assert parts_at(plant.products["part"]) == {"a": 1, "b": 4, "c": 8, "d": 2}
    assert seconds_per_lot(plant, "m1") == pytest.approx(3 * 3600)
    assert seconds_per_lot(plant, "m3") == pytest.approx(8 * 3600)


GATHER = """
plant: Gather
work centers: {a: {}, b: {}, c: {}}
products:
  p: {lot: 4 pieces, release: {conwip: 6 lots}, routing: [cut: {at: a, time: 5 min/lot, split: 2 lots}, mix: {at: b, time: 5 min/lot, merge: 6 lots}, bake: {at: c, time: 5 min/lot, merge: 2 lots}]}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "conwip: 6 lots",
            "conwip: 5 lots",
            "bake > merge: gathers what comes of 6 lots, but conwip lets 5 be in process",
        ),
        (
            "conwip: 6 lots",
            "conwip: 2 lots",
            "mix > merge: gathers what comes of 3 lots, but conwip lets 2 be in process",
        ),
        ("conwip: 6 lots", "conwip: 23 pieces", "comes of 6 lots, but conwip lets 5"),
        (
            "plant: Gather",
            "plant: Gather\nloops: {k: {cards: 2 lots, from: cut, until: mix}}",
            "comes of 3 lots, but the loop 'k' lets 2",
        ),
        ("merge: 2 lots", "merge: 28 pieces", "bake > merge: gathers what comes of 7 lots, but conwip lets 6"),
    ],
)
def test_to_gather_more_lots_than_there_are_cards_for_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(PlantError, match=re.escape(said)):
        read_text(GATHER.replace(old, new))


def test_to_gather_as_many_as_there_are_cards_for_goes_on_for_ever() -> None:
    # Six lots of five minutes at a, then two of six halves each at b, then one at c: 24 pieces every 30 + 5 + 5 minutes, as b does
    # the first six halves while a works on.
    run = tell(read_text(GATHER), "10 d")
    assert run.estimate("throughput").mean == pytest.approx(24 * 36, rel=0.01)
