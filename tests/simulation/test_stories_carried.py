"""Pallets, moulds and cards that lots carry from one step until another. Stories without chance, worked out by hand, in minutes."""

from __future__ import annotations

import pytest

from plantwright.errors import SimulationError
from plantwright.plant import build_plant
from plantwright.simulation import history
from tests.simulation.plants import cycle_hours, exactly, first_difference, hours, log_of, made, shop, tell, told

TOOLS = ("tool seized", "tool let go")

PALLETS = """
plant: Pallets
tools: {pallet: {count: 2}}
work centers: {put: {}, mill: {machines: 3}, take: {}}
products:
  part:
    release: {orders: orders.csv}
    routing:
      - put: {at: put, time: 10 min, uses: [{tool: pallet, until: take}]}
      - mill: {at: mill, time: 1 h, uses: [pallet]}
      - take: {at: take, time: 20 min}
"""
THREE = ("part 00:00",) * 3


class TestCarried:
    def test_each_lot_has_a_pallet_until_it_is_taken_off(self) -> None:
        """The third waits for the first to be taken off at 01:30; milling needs no further pallet."""
        plant = shop(PALLETS, *THREE)
        assert log_of(plant, "5 h", *TOOLS, "started") == [
            (0, "tool seized", "part 1", "put", "put", "pallet"),
            (0, "started", "part 1", "put", "put"),
            (10, "tool seized", "part 2", "put", "put", "pallet"),
            (10, "started", "part 2", "put", "put"),
            (10, "started", "part 1", "mill", "mill 1"),
            (20, "started", "part 2", "mill", "mill 2"),
            (70, "started", "part 1", "take", "take"),
            (90, "tool let go", "part 1", "take", "take", "pallet"),
            (90, "started", "part 2", "take", "take"),
            (90, "tool seized", "part 3", "put", "put", "pallet"),
            (90, "started", "part 3", "put", "put"),
            (100, "started", "part 3", "mill", "mill 3"),
            (110, "tool let go", "part 2", "take", "take", "pallet"),
            (160, "started", "part 3", "take", "take"),
            (180, "tool let go", "part 3", "take", "take", "pallet"),
        ]
        run = tell(plant, "3 h")
        assert exactly(run, "use of tools", tool="pallet") == pytest.approx((90 + 100 + 90) / 360)
        assert hours(run, "put") == {"working": 0.5, "no tool": round(70 / 60, 6), "starved": round(80 / 60, 6)}

    def test_without_until_the_pallet_is_back_after_the_step(self) -> None:
        until, own = PALLETS, PALLETS.replace("[{tool: pallet, until: take}]", "[{tool: pallet}]")
        assert first_difference(shop(until, *THREE), shop(own, *THREE), "5 h", "ended", "tool let go") == (
            (10, "ended", "part 1", "put", "put"),
            (10, "tool let go", "put", "put", "pallet"),
        )

    def test_a_step_between_that_needs_two_takes_the_one_it_lacks(self) -> None:
        """Each lot has one of three pallets and the mill needs two: while part 1 is milled, part 2 waits for the third."""
        text = PALLETS.replace("count: 2", "count: 3").replace("uses: [pallet]", "uses: [{tool: pallet, count: 2}]")
        assert log_of(shop(text, *THREE[:2]), "5 h", *TOOLS)[2:6] == [
            (10, "tool seized", "mill", "mill 1", "pallet"),
            (70, "tool let go", "mill", "mill 1", "pallet"),
            (70, "tool seized", "mill", "mill 2", "pallet"),
            (90, "tool let go", "part 1", "take", "take", "pallet"),
        ]

    def test_a_lot_that_is_scrapped_gives_its_pallet_back(self) -> None:
        text = PALLETS.replace("time: 1 h,", "time: 1 h, yield: 0 %, scrap: lot,")
        assert [row for row in log_of(shop(text, *THREE), "5 h", *TOOLS) if row[2] != "part 2"] == [
            (0, "tool seized", "part 1", "put", "put", "pallet"),
            (70, "tool let go", "part 1", "mill", "mill", "pallet"),
            (70, "tool seized", "part 3", "put", "put", "pallet"),
            (140, "tool let go", "part 3", "mill", "mill", "pallet"),
        ]

    def test_a_lot_that_comes_back_has_its_pallet_already_and_passes_those_who_wait_for_one(self) -> None:
        """Part 1 comes back at 01:10, when both pallets are out and part 3 waits for one; it is put on anew before it."""
        text = PALLETS.replace("uses: [pallet]", "uses: [pallet], rework: {share: 100 %, back to: put, at most: 1}")
        assert [
            row[:3] for row in log_of(shop(text, *THREE), "5 h", *TOOLS, "started") if row[3:] == ("put", "put")
        ] == [
            (0, "started", "part 1"),
            (10, "started", "part 2"),
            (70, "started", "part 1"),
            (80, "started", "part 2"),
            (160, "started", "part 3"),
            (230, "started", "part 3"),
        ]
        assert [row[:3] for row in log_of(shop(text, *THREE), "6 h", *TOOLS)] == [
            (0, "tool seized", "part 1"),
            (10, "tool seized", "part 2"),
            (160, "tool let go", "part 1"),
            (160, "tool seized", "part 3"),
            (180, "tool let go", "part 2"),
            (320, "tool let go", "part 3"),
        ]

    def test_a_later_step_may_keep_it_for_longer(self) -> None:
        """Milling says `until: wash`: taken off at 01:30, it is given back when washed at 01:35."""
        text = PALLETS.replace("uses: [pallet]", "uses: [{tool: pallet, until: wash}]")
        text = text.replace("take: {}}", "take: {}, wash: {}}") + "      - wash: {at: wash, time: 5 min}\n"
        assert log_of(shop(text, "part 00:00"), "5 h", *TOOLS) == [
            (0, "tool seized", "part 1", "put", "put", "pallet"),
            (95, "tool let go", "part 1", "wash", "wash", "pallet"),
        ]

    def test_every_lot_of_a_batch_takes_its_own(self) -> None:
        """Of five trays the first batch takes three; the next waits, although an oven is free, until they are back at 02:00."""
        text = """
plant: Trays
tools: {tray: {count: 5}}
work centers: {oven: {machines: 2, batch: {max: 3 lots, min: 3 lots}}, take: {machines: unlimited}}
products:
  part:
    release: {orders: orders.csv}
    routing:
      - bake: {at: oven, time: 1 h/batch, uses: [{tool: tray, until: take}]}
      - take: {at: take, time: 1 h}
"""
        log = log_of(shop(text, *["part 00:00"] * 6), "5 h", "started", *TOOLS)
        assert log[:6:2] == [(0, "tool seized", f"part {k}", "bake", "oven 1", "tray") for k in (1, 2, 3)]
        # With the first that comes back there are three.
        assert log[9:12] == [
            (120, "tool let go", "part 1", "take", "take", "tray"),
            (120, "tool seized", "part 4", "bake", "oven 2", "tray"),
            (120, "started", "part 4", "bake", "oven 2"),
        ]

    def test_a_batch_that_could_never_have_its_trays_is_refused(self) -> None:
        text = """
plant: Trays
tools: {tray: {count: 5}}
work centers: {oven: {batch: {max: 3 lots}}, take: {}}
products:
  part:
    release: {every: 1 h}
    routing:
      - bake: {at: oven, time: 1 h/batch, uses: [{tool: tray, count: 2, until: take}]}
      - take: {at: take, time: 1 h}
"""
        with pytest.raises(
            SimulationError, match="part > routing > bake > uses: a batch of 3 lots at 'oven' takes 6 of 'tray'"
        ):
            tell(shop(text), "1 d")
        assert made(tell(shop(text.replace("3 lots", "2 lots")), "1 d")) == 22

    def test_lots_that_stand_between_at_the_start_have_their_pallets(self) -> None:
        """One stands at the mill with a pallet; two come to be put on: the second of them waits until 01:20."""
        words = {
            "plant": "Pallets",
            "tools": {"pallet": {"count": "2"}},
            "work centers": {"put": {}, "mill": {"machines": "3"}, "take": {}},
            "products": {
                "part": {
                    "release": {"orders": "orders.csv"},
                    "at start": "wip.csv",
                    "routing": [
                        {"put": {"at": "put", "time": "10 min", "uses": [{"tool": "pallet", "until": "take"}]}},
                        {"mill": {"at": "mill", "time": "1 h"}},
                        {"take": {"at": "take", "time": "20 min"}},
                    ],
                }
            },
        }
        orders = "release,quantity\n2026-01-05 00:00,1\n2026-01-05 00:00,1\n"
        plant = build_plant(words, files={"orders.csv": orders, "wip.csv": "operation,quantity\nmill,1\n"})
        rows = [told(event) for event in history(plant, horizon="3 h") if event.what in TOOLS]
        assert rows[:4] == [
            (0, "tool seized", "part 1", "mill", "mill", "pallet"),
            (0, "tool seized", "part 2", "put", "put", "pallet"),
            (80, "tool let go", "part 1", "take", "take", "pallet"),
            (80, "tool seized", "part 3", "put", "put", "pallet"),
        ]


LOOP = """
plant: Loop
loops: {cards: {cards: 2 lots, from: mix, until: form}}
work centers: {mixer: {}, rest: {machines: unlimited}, press: {}, oven: {}}
products:
  cake:
    release: {orders: orders.csv}
    routing:
      - mix: {at: mixer, time: 10 min}
      - rest: {at: rest, time: 1 h}
      - form: {at: press, time: 5 min}
      - bake: {at: oven, time: 20 min}
"""


class TestLoops:
    def test_two_cards_between_mixing_and_forming(self) -> None:
        """Two are mixed from 00:00 and 00:10; the third starts when the first is formed at 01:15, and at 00:20 without cards."""
        cakes = ("cake 00:00",) * 3
        with_cards = shop(LOOP, *cakes)
        assert log_of(with_cards, "5 h", *TOOLS) == [
            (0, "tool seized", "cake 1", "mix", "mixer", "cards"),
            (10, "tool seized", "cake 2", "mix", "mixer", "cards"),
            (75, "tool let go", "cake 1", "form", "press", "cards"),
            (75, "tool seized", "cake 3", "mix", "mixer", "cards"),
            (85, "tool let go", "cake 2", "form", "press", "cards"),
            (150, "tool let go", "cake 3", "form", "press", "cards"),
        ]
        without = shop(LOOP.replace("loops: {cards: {cards: 2 lots, from: mix, until: form}}\n", ""), *cakes)
        assert first_difference(with_cards, without, "5 h", "started") == (
            (70, "started", "cake 1", "form", "press"),
            (20, "started", "cake 3", "mix", "mixer"),
        )
        assert exactly(tell(with_cards, "5 h"), "use of cards", loop="cards") == pytest.approx((75 + 75 + 75) / 600)

    def test_cards_by_the_piece(self) -> None:
        """Five cards: lots of 3 and 2 go in; one of 1 passes one of 3 when the 2 come out, and all is in by 02:20."""
        text = LOOP.replace("2 lots", "5 pieces")
        for step in ("10 min", "1 h", "5 min", "20 min"):
            text = text.replace(f"time: {step}", f"time: {step}/lot")
        text = text.replace("cake:\n", "cake:\n    lot: 3 pieces\n")
        cakes = "cake 00:00 quantity=2", "cake 00:00 quantity=3", "cake 00:00 quantity=3", "cake 00:00 quantity=1"
        assert [(row[0], row[2]) for row in log_of(shop(text, *cakes), "5 h", "started") if row[3] == "mix"] == [
            (0, "cake 1"),
            (10, "cake 2"),
            (75, "cake 4"),
            (85, "cake 3"),
        ]
        too_few = shop(text.replace("5 pieces", "2 pieces"), *cakes)
        with pytest.raises(
            SimulationError, match=r"loops > cards > cards: a lot of 3 pieces .* needs 3 cards, and there are 2"
        ):
            tell(too_few, "1 d")

    def test_two_products_share_the_cards(self) -> None:
        """Bread is mixed too and never formed: it keeps its card until it leaves at 01:10."""
        bread = """
  bread: {release: {orders: orders.csv}, routing: [mix: {at: mixer, time: 10 min}, rise: {at: rest, time: 1 h}]}
"""
        assert log_of(shop(LOOP + bread, "bread 00:00", "cake 00:01", "cake 00:01"), "2 h", *TOOLS)[2:4] == [
            (70, "tool let go", "bread 1", "rise", "rest", "cards"),
            (70, "tool seized", "cake 3", "mix", "mixer", "cards"),
        ]

    def test_cards_bound_what_is_between_the_steps_like_a_conwip(self) -> None:
        """A saturated line of 10 min and 30 min with one card between start and end makes a lot every 40 min."""
        text = """
plant: One card
loops: {one: {cards: 1 lot, from: a, until: b}}
work centers: {first: {}, second: {}}
products: {part: {release: {every: 5 min}, routing: [a: {at: first, time: 10 min}, b: {at: second, time: 30 min}]}}
"""
        assert made(tell(shop(text), "24.1 h")) == 36
        assert cycle_hours(tell(shop(text), "1 h")) == pytest.approx(40 / 60)
