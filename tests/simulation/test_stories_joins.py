"""Lots that are forked into parts, which go their own ways and wait for each other. Stories worked out by hand, in minutes."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.plant import Plant
from plantwright.simulation.loads import expected_visits
from tests.simulation.plants import cycle_hours, exactly, first_difference, log_of, made, shop, tell

SIDE_BY_SIDE = (
    "cut: {at: m1, time: 10 min/lot}, mill: {at: m2, time: 30 min/lot, after: cut}, "
    "paint: {at: m3, time: 50 min/lot, after: cut}, pack: {at: m4, time: 5 min/lot, after: [mill, paint]}"
)


def flow(routing: str, *orders: str, lot: str = "4 pieces", release: str = "{orders: orders.csv}") -> Plant:
    """One product through as many single machines (m1 to m6) as it likes."""
    rows = ", ".join(f"m{k}: {{machines: 1}}" for k in range(1, 7))
    return shop(
        f"plant: Joins\nwork centers: {{{rows}}}\n"
        f"products: {{part: {{lot: {lot}, release: {release}, routing: [{routing}]}}}}\n",
        *(orders or ("part 00:00 quantity=4",)),
    )


class TestForkAndJoin:
    def test_parts_go_side_by_side_and_wait_for_each_other(self) -> None:
        """Milled till 40 and painted till 60, the lot is packed from 60 to 65: 65 min, where one after the other took 95."""
        plant = flow(SIDE_BY_SIDE)
        assert log_of(plant, "5 h", "split", "started", "joined", "completed") == [
            (0, "started", "part 1", "cut", "m1"),
            (10, "split", "part 2", "paint", "m3", "1", 4),
            (10, "started", "part 1", "mill", "m2"),
            (10, "started", "part 2", "paint", "m3"),
            (60, "joined", "part 2", "pack", "m4", "1"),
            (60, "started", "part 1", "pack", "m4"),
            (65, "completed", "part 1", "pack", "m4", 4),
        ]

    def test_one_after_the_other_without_after(self) -> None:
        plain = SIDE_BY_SIDE.replace(", after: cut", "").replace(", after: [mill, paint]", "")
        assert first_difference(flow(plain), flow(SIDE_BY_SIDE), "5 h", "started", "split") == (
            (10, "started", "part 1", "mill", "m2"),
            (10, "split", "part 2", "paint", "m3", "1", 4),
        )

    def test_a_forked_lot_is_one_lot(self) -> None:
        """In process for 65 min, finished once, with four pieces."""
        run = tell(flow(SIDE_BY_SIDE), "1 d")
        assert exactly(run, "work in process") * 1440 == pytest.approx(65)
        assert exactly(run, "lots finished") == 1
        assert made(run) == 4
        assert cycle_hours(run) == pytest.approx(65 / 60)

    def test_its_card_is_one(self) -> None:
        plant = flow(SIDE_BY_SIDE, release="{conwip: 1 lot}")
        assert log_of(plant, "2 h", "released") == [
            (0, "released", "part 1", "cut", "m1", 4),
            (65, "released", "part 3", "cut", "m1", 4),
        ]

    def test_who_waits_takes_no_place(self) -> None:
        """Three lots: milled at 40, 70 and 100, painted at 60, 110 and 160; the mill is never blocked by a join."""
        orders = ["part 00:00 quantity=4"] * 3
        log = log_of(flow(SIDE_BY_SIDE, *orders), "5 h", "ended", "completed")
        assert [event[0] for event in log if event[3] == "mill"] == [40, 70, 100]
        assert [event[0] for event in log if event[1] == "completed"] == [65, 115, 165]

    def test_parts_of_different_lots_are_not_mixed(self) -> None:
        """Two painters: the second lot has no mill before 60, but its paint at 70 comes before the first's of 100 min."""
        routing = SIDE_BY_SIDE.replace("50 min/lot", "100 min/lot").replace("m3", "painters")
        plant = shop(
            "plant: Joins\nwork centers: {m1: {}, m2: {}, painters: {machines: 2}, m4: {}}\n"
            f"products: {{part: {{lot: 4 pieces, release: {{orders: orders.csv}}, routing: [{routing}]}}}}\n",
            *["part 00:00 quantity=4"] * 2,
        )
        assert [event[0:3] for event in log_of(plant, "5 h", "joined")] == [
            (110, "joined", "part 3"),
            (120, "joined", "part 4"),
        ]

    def test_three_parts_of_which_two_come_together_first(self) -> None:
        """b and c (20, 40 min) meet before e (10 min), which meets d (30 min) before f: 10 + 40 + 10, then f of 5 min."""
        plant = flow(
            "a: {at: m1, time: 10 min/lot}, b: {at: m2, time: 20 min/lot, after: a}, c: {at: m3, time: 40 min/lot, after: a}, "
            "d: {at: m4, time: 30 min/lot, after: a}, e: {at: m5, time: 10 min/lot, after: [b, c]}, "
            "f: {at: m6, time: 5 min/lot, after: [e, d]}"
        )
        assert log_of(plant, "5 h", "joined", "completed") == [
            (50, "joined", "part 2", "e", "m5", "1"),
            (60, "joined", "part 3", "f", "m6", "1"),
            (65, "completed", "part 1", "f", "m6", 4),
        ]

    def test_steps_that_nothing_leads_to_begin_with_the_lot(self) -> None:
        """Cut and mixed from the start, side by side, 10 and 25 min; then joined."""
        plant = flow(
            "cut: {at: m1, time: 10 min/lot}, mix: {at: m2, time: 25 min/lot}, coat: {at: m3, time: 5 min/lot, after: [cut, mix]}",
            release="{conwip: 1 lot}",
        )
        assert log_of(plant, "50 min", "released", "started", "completed") == [
            (0, "released", "part 1", "cut", "m1", 4),
            (0, "started", "part 1", "cut", "m1"),
            (0, "started", "part 2", "mix", "m2"),
            (25, "started", "part 1", "coat", "m3"),
            (30, "completed", "part 1", "coat", "m3", 4),
            (30, "released", "part 3", "cut", "m1", 4),
            (30, "started", "part 3", "cut", "m1"),
            (30, "started", "part 4", "mix", "m2"),
        ]

    def test_a_part_that_needs_no_work_waits_at_the_join(self) -> None:
        """Nobody needs paint: the lot is packed when it is milled."""
        plant = flow(SIDE_BY_SIDE.replace("time: 50 min/lot", "time: 50 min/lot, share: 0 %"))
        assert [event[:3] for event in log_of(plant, "5 h", "completed")] == [(45, "completed", "part 1")]

    def test_a_joined_lot_is_bound_to_the_machines_of_all_its_parts(self) -> None:
        """Packed at 60 by the painter that painted it, though the other has been idle for longer."""
        plant = shop(
            "plant: Joins\nwork centers: {m1: {}, m2: {}, painters: {machines: 2}}\n"
            "products: {part: {lot: 4 pieces, release: {orders: orders.csv}, routing: [cut: {at: m1, time: 10 min/lot}, "
            "mill: {at: m2, time: 30 min/lot, after: cut}, paint: {at: painters, time: 50 min/lot, after: cut}, "
            "pack: {at: painters, time: 5 min/lot, after: [mill, paint], same machine as: paint}]}}\n",
            "part 00:00 quantity=4",
        )
        assert log_of(plant, "5 h", "started")[-2:] == [
            (10, "started", "part 2", "paint", "painters 1"),
            (60, "started", "part 1", "pack", "painters 1"),
        ]

    def test_branches_of_next_come_together_without_waiting(self) -> None:
        """Every lot is ground or lapped, and washed at once: it was never forked."""
        plant = flow(
            "cut: {at: m1, time: 10 min/lot, next: {grind: 50 %, lap: 50 %}}, grind: {at: m2, time: 20 min/lot}, "
            "lap: {at: m3, time: 20 min/lot}, wash: {at: m4, time: 5 min/lot, after: [grind, lap]}",
            *[f"part 0{k}:00 quantity=4" for k in range(8)],
        )
        log = log_of(plant, "1 d", "completed", "started", "joined")
        assert [event[0] for event in log if event[1] == "completed"] == [60 * k + 35 for k in range(8)]
        assert {event[3] for event in log if event[1] == "started"} == {"cut", "grind", "lap", "wash"}
        assert sum(event[3] in ("grind", "lap") for event in log if event[1] == "started") == 8

    def test_rework_within_a_part(self) -> None:
        """Painted twice, till 110; packed till 115."""
        routing = SIDE_BY_SIDE.replace("50 min/lot", "50 min/lot, rework: {share: 100 %, back to: paint}")
        assert [event[0] for event in log_of(flow(routing), "5 h", "completed")] == [115]


class TestByHand:
    def test_every_lot_visits_every_step_of_its_parts_once(self) -> None:
        assert set(expected_visits(flow(SIDE_BY_SIDE).products["part"]).values()) == {1.0}

    def test_and_branches_by_their_shares(self) -> None:
        """Within a part, 30 % are lapped; who mixes begins with the lot; half of the joined lots are packed."""
        plant = flow(
            "cut: {at: m1, time: 1 h/lot, next: {grind: 70 %, lap: 30 %}}, grind: {at: m2, time: 1 h/lot}, "
            "lap: {at: m3, time: 1 h/lot}, mix: {at: m4, time: 1 h/lot, after: []}, "
            "coat: {at: m5, time: 1 h/lot, after: [grind, lap, mix]}, pack: {at: m6, time: 1 h/lot, share: 50 %}"
        )
        visits = expected_visits(plant.products["part"])
        assert visits == pytest.approx({"cut": 1, "grind": 0.7, "lap": 0.3, "mix": 1, "coat": 1, "pack": 0.5})


class TestPieces:
    def test_it_goes_on_with_the_fewest_that_a_part_has(self) -> None:
        """Of 10 kg the mill keeps 9 and the paint 8: two are scrapped in all."""
        routing = SIDE_BY_SIDE.replace("30 min/lot", "30 min/lot, yield: 90 %").replace(
            "50 min/lot", "50 min/lot, yield: 80 %"
        )
        plant = flow(routing, "part 00:00 quantity=10", lot="10 kg")
        assert log_of(plant, "5 h", "scrapped", "completed") == [
            (40, "scrapped", "part 1", "mill", "m2", 1),
            (60, "scrapped", "part 2", "paint", "m3", 2),
            (65, "completed", "part 1", "pack", "m4", 8),
        ]
        assert exactly(tell(plant, "1 d"), "scrap share") == pytest.approx(0.2)

    @pytest.mark.parametrize("step", ["30 min/lot", "50 min/lot"])
    def test_a_part_that_is_scrapped_whole_takes_the_lot_with_it(self, step: str) -> None:
        """Whether the mill (at 40) or the paint (at 60) spoils all: at 60 both are done, the card comes back, nothing is packed."""
        routing = SIDE_BY_SIDE.replace(step, f"{step}, yield: 0 %")
        plant = flow(routing, release="{conwip: 1 lot}")
        log = log_of(plant, "65 min", "released", "scrapped", "joined", "completed")
        assert [event[:2] for event in log if event[1] != "scrapped"] == [(0, "released"), (60, "released")]
        run = tell(plant, "60.5 min")
        assert exactly(run, "scrap share") == 1
        assert exactly(run, "work in process") == 1

    def test_a_defect_before_the_fork_is_one_defect(self) -> None:
        """All four are scratched by the cut; each part carries that, and four are found when the lot is packed."""
        routing = SIDE_BY_SIDE.replace("10 min/lot", "10 min/lot, defects: {scratch: 100 %}").replace(
            "5 min/lot", "5 min/lot, finds: {scratch: 100 %}"
        )
        assert [event[-1] for event in log_of(flow(routing), "5 h", "found")] == [4]

    def test_no_piece_is_lost_or_made(self) -> None:
        routing = (
            "cut: {at: m1, time: 10 min/lot, yield: 90 %}, mill: {at: m2, time: 3 min/piece, after: cut, yield: 80 %}, "
            "paint: {at: m3, time: 5 min/piece, after: cut, yield: 70 %, scrap: lot}, "
            "look: {at: m5, time: 1 min/piece, after: mill, yield: 90 %, rework: {share: 30 %, back to: mill}}, "
            "pack: {at: m4, time: 5 min/lot, after: [look, paint], yield: 95 %}"
        )
        run = tell(
            flow(routing, *[f"part {k:02d}:00 quantity=9" for k in range(20)], lot="9 pieces"), "4 d", replications=6
        )
        for done, scrapped in zip(run.estimate("throughput").values, run.estimate("scrap share").values, strict=True):
            assert 4 * done / (1 - scrapped) == pytest.approx(180)
            assert 4 * done == pytest.approx(round(4 * done))


class TestRefused:
    @pytest.mark.parametrize(
        ("routing", "why"),
        [
            (SIDE_BY_SIDE.replace(", after: [mill, paint]", ""), "do not come together"),
            (SIDE_BY_SIDE.replace("[mill, paint]", "[mill]"), "do not come together"),
            (SIDE_BY_SIDE.replace("after: cut}, paint", "after: pack}, paint"), "does not stand before"),
            (SIDE_BY_SIDE.replace("10 min/lot", "10 min/lot, next: mill"), "the 'next' of 'cut' does not lead here"),
            (
                SIDE_BY_SIDE.replace("30 min/lot", "30 min/lot, split: 2 lots"),
                "before its parts are together again at 'pack'",
            ),
            (
                SIDE_BY_SIDE.replace("50 min/lot", "50 min/lot, rework: {share: 1 %, back to: cut}"),
                "cannot go to 'cut'",
            ),
            (SIDE_BY_SIDE.replace("10 min/lot", "10 min/lot, share: 50 %"), "would not be forked"),
        ],
    )
    def test_what_cannot_come_together(self, routing: str, why: str) -> None:
        with pytest.raises(PlantError, match=why):
            flow(routing)
