"""What steps take of other products, what they give beside, and units that change on the way. Stories worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.plant import Plant, changed
from plantwright.simulation import loads
from tests.simulation.plants import cycle_hours, exactly, first_difference, hours, log_of, made, shop, tell


def carts(step: str = "", part: str = "", demand: str = "") -> Plant:
    """Two wheels to a cart; a wheel takes an hour, a cart half an hour. Wheels are ordered at 00:00, a cart at 00:30."""
    return shop(
        f"""
plant: Carts
work centers: {{lathe: {{machines: 1}}, bench: {{machines: 1}}}}
products:
  wheel: {{release: {{orders: orders.csv}}{part}, routing: [turn: {{at: lathe, time: 1 h}}]}}
  cart: {{release: {{orders: orders.csv}}{demand}, routing: [join: {{at: bench, time: 30 min{step}}}]}}
""",
        "wheel 00:00",
        "wheel 00:00",
        "wheel 00:00",
        "cart 00:30",
        "cart 00:40",
    )


class TestParts:
    def test_assembly_waits_for_its_parts(self) -> None:
        """The second wheel is there at 02:00; the third does not make a cart."""
        alone, joined = carts(), carts(", takes: {wheel: 2 pieces/lot}")
        assert first_difference(alone, joined, "5 h", "started", "completed") == (
            (30, "started", "cart 4", "join", "bench"),
            (60, "completed", "wheel 1", "turn", "lathe", 1),
        )
        assert log_of(joined, "5 h", "material taken", "started") == [
            (0, "started", "wheel 1", "turn", "lathe"),
            (60, "started", "wheel 2", "turn", "lathe"),
            (120, "started", "wheel 3", "turn", "lathe"),
            (120, "material taken", "cart 4", "join", "bench", "wheel"),
            (120, "started", "cart 4", "join", "bench"),
        ]
        run = tell(joined, "5 h")
        assert hours(run, "bench") == {"starved": 0.5, "no material": 4.0, "working": 0.5}
        # One wheel from 01:00 to 02:00, and one from 03:00 on.
        assert exactly(run, "buffer level", product="wheel") == pytest.approx((1 + 2) / 5)
        assert exactly(run, "stock-out share", product="wheel") == pytest.approx(4 / 5)

    def test_customers_and_carts_take_from_one_stock(self) -> None:
        """Two wheels are asked for at midnight, after one cart took two of the three."""
        plant = carts(", takes: {wheel: 2 pieces/lot}", ", demand: {rate: 2 pieces/day, unmet: backlog}")
        assert exactly(tell(plant, "24.5 h"), "sales", product="wheel") == 1

    def test_a_part_of_which_nothing_is_said_is_asked_for_as_it_is_taken(self) -> None:
        """Four wheels to each of 10 carts a day, in the mix of a saturated plant."""
        plant = shop("""
plant: Carts
work centers: {lathe: {machines: 1}, bench: {machines: 1}}
products:
  wheel: {routing: [turn: {at: lathe, time: 10 min}]}
  cart: {demand: {rate: 10 pieces/day}, routing: [join: {at: bench, time: 20 min, takes: {wheel: 4 pieces/piece}}]}
""")
        mix = loads.mix(plant)
        assert mix["wheel"] == pytest.approx(4 * mix["cart"])
        # A wheel each 10 min is a cart each 40 min.
        run = tell(plant, "10 d", warmup="2 d", saturated=True)
        assert made(run, product="cart") == pytest.approx(360, abs=2)


class TestGives:
    def test_what_goes_beside_is_put_on_stock(self) -> None:
        """A log of wood gives two boards, which are sold, and 3 kg of chips, of which the stove takes 4 kg an hour."""
        plant = shop(
            """
plant: Saw mill
work centers: {saw: {machines: 1}, plane: {machines: 1}, stove: {machines: 1}}
materials: {chips: {on hand: 0 kg}}
products:
  beam: {release: {orders: orders.csv}, routing: [saw: {at: saw, time: 1 h, gives: {board: 2 pieces/lot, chips: 3 kg/piece}}]}
  board: {release: {every: 99 d}, routing: [plane: {at: plane, time: 1 h}]}
  warmth: {release: {orders: orders.csv}, routing: [burn: {at: stove, time: 1 h, takes: {chips: 4 kg/lot}}]}
""",
            "beam 00:00",
            "beam 00:00",
            "warmth 00:00",
        )
        assert log_of(plant, "9 h", "given", "started") == [
            (0, "started", "beam 1", "saw", "saw"),
            (60, "given", "beam 1", "saw", "saw", "board"),
            (60, "given", "beam 1", "saw", "saw", "chips"),
            (60, "started", "beam 3", "saw", "saw"),
            (120, "given", "beam 3", "saw", "saw", "board"),
            (120, "given", "beam 3", "saw", "saw", "chips"),
            (120, "started", "warmth 2", "burn", "stove"),
        ]
        run = tell(plant, "9 h")
        assert made(run, product="board") * 9 / 24 == pytest.approx(4 * 9 / 24)
        # 3 kg from 01:00 to 02:00, then 6 - 4 = 2 kg.
        assert exactly(run, "buffer level", material="chips") == pytest.approx((3 + 7 * 2) / 9)

    def test_what_is_spoilt_gives_nothing(self) -> None:
        plant = shop(
            """
plant: Saw mill
work centers: {saw: {machines: 1}}
materials: {chips: {on hand: 0 kg}}
products: {beam: {release: {orders: orders.csv}, routing: [saw: {at: saw, time: 1 h, yield: 0 %, gives: {chips: 3 kg/piece}}]}}
""",
            "beam 00:00",
        )
        assert log_of(plant, "9 h", "given") == []

    def test_by_the_batch_once_for_the_job(self) -> None:
        plant = shop(
            """
plant: Kiln
work centers: {kiln: {machines: 1, batch: {max: 3 lots, min: 3 lots}}}
materials: {ash: {on hand: 0 kg}}
products: {pot: {lot: 2 pieces, release: {orders: orders.csv}, routing: [burn: {at: kiln, time: 1 h/batch, gives: {ash: 5 kg/batch}}]}}
""",
            "pot 00:00 quantity=6",
        )
        assert exactly(tell(plant, "2 h"), "buffer level", material="ash") == pytest.approx(2.5)


def cells(
    mix: str = "1 h/lot", coat: str = "1 min/m", cut: str = "1 s/cell", words: str = "", steps: str = ""
) -> Plant:
    """10 kg of slurry become 42 m of foil, and 16 cells of each metre: 672 cells of a lot."""
    return shop(
        f"""
plant: Cells
currency: USD
work centers: {{mixer: {{machines: 1}}, coater: {{machines: 1}}, cutter: {{machines: 1}}}}
materials: {{powder: {{price: 2 USD/kg}}, film: {{price: 1 USD/m2}}}}
products:
  cell:
    unit: cell
    lot: 10 kg
    price: 1 USD
    release: {{orders: orders.csv}}
    {words}
    routing:
      - mix: {{at: mixer, time: {mix}, takes: {{powder: 1.1 kg/kg}}}}
      - coat: {{at: coater, time: {coat}, gives: {{foil: 4.2 m/kg}}{steps}}}
      - cut: {{at: cutter, time: {cut}, takes: {{film: 0.5 m2/m}}, gives: {{cells: 16 cells/m}}}}
""",
        "cell 00:00 quantity=10",
    )


class TestUnits:
    def test_a_lot_is_counted_in_a_new_unit_from_then_on(self) -> None:
        """Mixing takes an hour, coating a minute for each kilogram that comes, cutting two for each of 42 m."""
        plant = cells(coat="1 min/kg", cut="2 min/m")
        assert log_of(plant, "1 d", "released", "ended", "completed") == [
            (0, "released", "cell 1", "mix", "mixer", 10),
            (60, "ended", "cell 1", "mix", "mixer"),
            (70, "ended", "cell 1", "coat", "coater"),
            (154, "ended", "cell 1", "cut", "cutter"),
            (154, "completed", "cell 1", "cut", "cutter", 672),
        ]
        run = tell(plant, "1 d")
        assert made(run) == 672
        assert run.estimate("throughput").unit == "cell/day"
        assert exactly(run, "material used", material="powder") == pytest.approx(11)
        assert exactly(run, "material used", material="film") == pytest.approx(21)
        assert run.not_simulated == ()

    def test_by_the_lot_it_is_as_much_for_a_whole_lot(self) -> None:
        """42 m of ten kilograms are 4.2 m of one, whatever the order."""
        whole = cells(coat="1 min/kg", cut="2 min/m")
        by_lot = changed(whole, {"products > cell > routing > coat > gives": {"foil": "42 m/lot"}})
        assert log_of(by_lot, "1 d") == log_of(whole, "1 d")

    def test_what_is_counted_is_whole(self) -> None:
        """Of 0.99 m come 15.84 cells: fifteen."""
        plant = changed(
            cells(coat="1 min/kg", cut="2 min/m"), {"products > cell > routing > coat > gives": {"foil": "0.099 m/kg"}}
        )
        assert made(tell(plant, "1 d")) == 15

    def test_losses_count_in_what_is_sold(self) -> None:
        """Half of the foil is bad at the coater, when it is still 10 kg: 336 of 672 cells."""
        plant = cells(coat="1 min/kg", cut="2 min/m", steps=", yield: 50 %")
        run = tell(plant, "1 d")
        assert made(run) == 336
        assert exactly(run, "scrap share") == pytest.approx(0.5)
        assert cycle_hours(run) == pytest.approx((60 + 10 + 42) / 60)

    def test_lots_start_at_the_rate_of_what_is_sold(self) -> None:
        """1344 cells a day are two lots; a lot of 10 kg is worth 672 cells, and a metre 16."""
        plant = changed(
            cells(coat="1 min/kg", cut="2 min/m"),
            {"products > cell > release": None, "products > cell > demand": {"rate": "1344 cells/day"}},
        )
        assert loads.worth_at(plant.products["cell"]) == pytest.approx({"mix": 67.2, "coat": 67.2, "cut": 16})
        assert loads.lot_at(plant.products["cell"], "cut") == pytest.approx(42)
        assert loads.expected_pieces(plant.products["cell"]) == pytest.approx({"mix": 1, "coat": 1, "cut": 4.2})
        run = tell(plant, "10 d", warmup="1 d")
        assert exactly(run, "lots finished") == pytest.approx(2)
        assert exactly(run, "sales") == pytest.approx(1344)
        # 22 USD of powder and 21 USD of film for 672 USD. The lot that starts as the warm-up ends took its powder before, and its film
        # after it, as it is cut.
        assert exactly(run, "contribution") == pytest.approx(365.25 * (1344 - 1.9 * 22 - 2 * 21), rel=1e-9)

    @pytest.mark.parametrize(
        ("edits", "message"),
        [
            ({"cut > gives": None}, "begin in 'kg' and end here in 'm', but the unit that is sold is 'cell'"),
            ({"cut > time": "2 s/kg"}, "lots of 'cell' come to this step in 'm'"),
            ({"coat > gives": {"foil": "4.2 m/cell"}}, "lots of 'cell' come to this step in 'kg'"),
            ({"coat > gives": {"foil": "4.2 m/kg", "waste": "1 kg/kg"}}, "a lot can turn into one thing, not into foil and waste"),
            ({"coat > share": "50 %"}, "lots that pass this step by"),
            ({"cut > rework": {"share": "1 %", "back to": "mix"}}, "so they cannot go back"),
            ({"mix > next": {"coat": "50 %", "cut": "50 %"}}, "and from elsewhere"),
            ({"coat > takes": {"film": "1 kg/kg"}}, "'film' is counted in area, but mass of it is taken"),
            ({"coat > takes": {"cell": "1 cell/kg"}}, "is made of itself"),
            ({"coat > takes": {"fim": "1 m2/kg"}}, "unknown material 'fim'"),
        ],
    )  # fmt: skip
    def test_what_does_not_fit_is_refused(self, edits: dict[str, object], message: str) -> None:
        plant = cells(coat="1 min/kg", cut="2 min/m")
        with pytest.raises(PlantError, match=message):
            changed(plant, {f"products > cell > routing > {path}": value for path, value in edits.items()})

    def test_parts_are_counted_in_their_own_unit(self) -> None:
        with pytest.raises(PlantError, match="'wheel' is counted in 'piece', but 'kg' of it is taken"):
            carts(", takes: {wheel: 2 kg/lot}")

    def test_a_part_that_is_measured_is_taken_as_it_is_measured(self) -> None:
        """30 cm of a rope that is made in feet: 0.3 / 0.3048 feet of ten."""
        plant = shop(
            """
plant: Bells
work centers: {walk: {machines: 1}, bench: {machines: 1}}
products:
  rope: {unit: ft, lot: 10 ft, release: {orders: orders.csv}, routing: [twist: {at: walk, time: 1 h/lot}]}
  bell: {release: {orders: orders.csv}, routing: [hang: {at: bench, time: 1 h, takes: {rope: 30 cm/piece}}]}
""",
            "rope 00:00 quantity=10",
            "bell 00:00",
        )
        run = tell(plant, "2 h")
        assert exactly(run, "buffer level", product="rope") == pytest.approx((10 - 0.3 / 0.3048) / 2)

    def test_batches_in_pieces_count_the_unit_of_their_step(self) -> None:
        """An oven of 100 m dries two lots of 42 m at a time: it is full when the third comes, which waits its three hours."""
        plant = shop(
            """
plant: Foil
work centers: {coater: {machines: 1}, oven: {machines: 1, batch: {max: 100 m, wait: 3 h}}}
products:
  foil:
    unit: m
    lot: 10 kg
    release: {orders: orders.csv}
    routing:
      - coat: {at: coater, time: 1 h/lot, gives: {foil: 4.2 m/kg}}
      - dry: {at: oven, time: 1 h/batch}
""",
            "foil 00:00 quantity=30",
        )
        assert log_of(plant, "9 h", "started")[3:] == [
            (180, "started", "foil 1", "dry", "oven"),
            (180, "started", "foil 2", "dry", "oven"),
            (360, "started", "foil 3", "dry", "oven"),
        ]


def test_what_is_given_by_the_batch_comes_once_when_the_job_ends() -> None:
    """Chips of the cutting come at 20, when the job is over, and not with the pieces that are sent on at 10, though a lot that gave
    nothing was spoilt before.
    """
    plant = shop(
        "plant: Chips\nwork centers: {m1: {}, m2: {}, m3: {}}\nmaterials: {chips: {on hand: 0 kg}}\nproducts:\n"
        "  bad: {release: {orders: orders.csv}, routing: [spoil: {at: m1, time: 1 min/lot, yield: 0 %}]}\n"
        "  good: {lot: 4 pieces, release: {orders: orders.csv}, routing: [cut: {at: m2, time: 5 min/piece, "
        "transfer: 2 pieces, gives: {chips: 1 kg/batch}}, wash: {at: m3, time: 1 min/lot}]}\n",
        "bad 00:00",
        "good 00:00 quantity=4",
    )
    assert log_of(plant, "1 h", "given") == [(20, "given", "good 2", "cut", "m2", "chips")]
