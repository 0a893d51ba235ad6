"""Moves that stop something, and those on prices and the mix: where they are proposed, what they change, what they bring by hand."""

from __future__ import annotations

import pytest

from plantwright.improvement.families.limit import (
    bottleneck,
    brings,
    brings_per_hour,
    load_of_people,
    loads,
    sold_out,
)
from plantwright.improvement.families.stopping import AT_THE_LIMIT
from plantwright.plant import Plant, changed, read_text

from .plants import one_pair_of_hands, pouch, two_steps
from .shops import DEAR, moves_of, press, studied

DAY = 24 * 60.0


class TestTheLimitByHand:
    def test_use_is_what_is_asked_over_what_there_is(self) -> None:
        found = loads(press())
        assert found["press"].use == pytest.approx(1800 / DAY)
        assert found["bench"].use == pytest.approx(180 / DAY)
        assert found["press"].seconds == {"lid": 600.0, "pan": 1200.0}

    def test_failures_shifts_machines_and_setups_count(self) -> None:
        # Failures: 8 h of work, then 2 h of repair: four fifths are left. Two presses on 8 of 24 hours: two thirds of a day.
        fails = press(("work centers > press > failures", [{"every": "8 h", "repair": "2 h"}]))
        assert loads(fails)["press"].use == pytest.approx(1800 / DAY / 0.8)
        eight = {"shifts": {"day": {"days": "Mon-Sun", "from": "06:00", "to": "14:00"}}}
        eight |= {"work centers > press": {"machines": "2", "shift": "day"}}
        assert loads(changed(press(), eight))["press"].use == pytest.approx(1800 / (2 * 480), rel=1e-3)
        # Of 140 lots a day 100 are lids: another follows with a chance of 2 x 100 x 40 / 140 ^ 2, at 14 min.
        setups = press(("work centers > press > setup", "14 min"))
        assert loads(setups)["press"].use == pytest.approx((1800 + 140 * 14 * 2 * 100 * 40 / 140**2) / DAY)

    def test_what_only_setups_in_a_bad_order_would_take_is_not_sold_out(self) -> None:
        # 60 x 10 + 40 x 20 = 1,400 of 1,440 min; setups of an hour at every other lot would pass it, in a better order they need not.
        plant = press(("products > lid > demand > rate", "60 pieces/day"), ("work centers > press > setup", "60 min"))
        assert loads(plant)["press"].use > 2
        assert loads(plant)["press"].least == pytest.approx(1400 / DAY)
        assert sold_out(plant) is None
        assert not moves_of(plant, "price", "product mix", "release less")

    def test_an_hour_of_it_brings_price_less_material(self) -> None:
        load = bottleneck(press(DEAR))
        assert load is not None
        assert load.name == "press"
        assert brings(press(DEAR), "pan") == pytest.approx(26 - 4)
        assert brings_per_hour(press(DEAR), "pan", load) == pytest.approx(3 * 22)
        assert brings_per_hour(press(DEAR), "lid", load) == pytest.approx(6 * 8)
        # Of four lids one is scrapped: the material of four is spent on three.
        scrap = press(("products > lid > routing > check > yield", "75 %"))
        assert brings(scrap, "lid") == pytest.approx(9 - 1 / 0.75)
        assert brings_per_hour(scrap, "lid", load) == pytest.approx(6 * 0.75 * (9 - 1 / 0.75))

    def test_it_is_not_known_where_nobody_says_how_much_is_asked(self) -> None:
        assert loads(one_pair_of_hands()) == {}
        assert sold_out(press(("products > lid > demand > rate", "60 pieces/day"))) is None

    def test_people_can_be_the_limit(self) -> None:
        # An hour of Ben for each bag, 8 h a day: of 10 bags that are asked he can make 8; each bench is asked for 5 of its 8 h.
        hands = changed(one_pair_of_hands(), {"products > bag > demand": {"rate": "10 bags/working day"}})
        assert loads(hands)["left"].use == pytest.approx(5 / 8)
        load = sold_out(hands)
        assert load is not None
        assert (load.name, load.crews, load.centers, load.seconds) == (
            "Ben",
            ("Ben",),
            ("left", "right"),
            {"bag": 3600},
        )
        assert load.use == load.least == pytest.approx(10 / 8)
        assert load_of_people(changed(hands, {"people > Ben > absence": "20 %"})).use == pytest.approx(10 / 8 / 0.8)
        assert load_of_people(one_pair_of_hands()) is None

    def test_people_share_work_as_well_as_can_be(self) -> None:
        # Ann sews and cuts, Bob cuts alone. 6 h of sewing and 8 h of cutting a day: 14 of 16 h, if Ann cuts for an hour. 9 h of sewing and 4 h of
        # cutting: Ann has 9 of 8 h, whatever Bob does.
        both = load_of_people(ann_and_bob(sewing="36 min", cutting="48 min"))
        assert (both.name, both.use) == ("Ann and Bob", pytest.approx(14 / 16))
        ann = load_of_people(ann_and_bob(sewing="54 min", cutting="24 min"))
        assert (ann.name, ann.use, ann.seconds) == ("Ann", pytest.approx(9 / 8), {"bag": 54 * 60})

    def test_where_people_are_the_limit_less_is_released_and_more_is_charged(self) -> None:
        plant = changed(
            ann_and_bob(sewing="54 min", cutting="24 min"), {"currency": "USD", "products > bag > price": "20 USD"}
        )
        moves = moves_of(plant, "price", "release less")
        assert set(moves) == {"price: bag", "release less: what Ann can do"}
        less = moves["release less: what Ann can do"]
        assert less.subject == {"crew": "Ann"}
        # Ten a working day are one in 3.36 h of the calendar's; Ann can do 8 / 9 of them, and is to be busy for 95 % of her time.
        assert less.edits["products > bag > release"]["every"] == f"{3.36 * 60 * 9 / 8 / 0.95:.6g} min"


def ann_and_bob(sewing: str, cutting: str) -> Plant:
    """Ten bags a working day are cut and sewn; Ann can do both, Bob cuts."""
    return read_text(f"""
plant: Two pairs of hands
shifts:
  day: {{days: Mon-Fri, from: "07:00", to: "15:00"}}
people:
  Ann: {{shift: day, skills: {{sewing: 2, cutting: 2}}}}
  Bob: {{shift: day, skills: {{cutting: 2}}}}
work centers:
  table: {{machines: 5, shift: day}}
products:
  bag:
    demand: {{rate: 10 bags/working day}}
    routing:
      - cut: {{at: table, time: {cutting}/lot, staff: [{{skill: cutting 2}}]}}
      - sew: {{at: table, time: {sewing}/lot, staff: [{{skill: sewing 2}}]}}
""")


class TestDropAProduct:
    def test_the_one_that_brings_least_for_an_hour_of_the_limit_is_first(self) -> None:
        moves = list(moves_of(press(DEAR), "drop a product").values())
        assert [move.name for move in moves] == ["drop a product: lid", "drop a product: pan"]
        assert moves[0].edits == {"products > lid": None}
        assert moves[0].note == "brings 48 USD for an hour of press"
        assert moves[0].capital == 0

    def test_by_hand_what_is_left_is_worth_more_or_less(self) -> None:
        # Without lids the press makes the 40 pans that are asked, 40 x 22 USD; without pans 100 lids, 100 x 8 USD a day. With both,
        # five lids come for two pans, and each fifth comes in vain: 80 and 32 a day.
        study = studied(press(DEAR), "drop a product", by="contribution")
        now = 80 * 8 + 32 * 22
        for name, then in (("lid", 40 * 22), ("pan", 100 * 8)):
            item = next(item for item in study.moves if item.move.subject == {"product": name})
            assert item.released["contribution"].mean == pytest.approx(365.25 * (then - now), rel=0.03)

    def test_its_setup_family_goes_with_it(self) -> None:
        setup = {
            "from": {"lid": {"pan": "5 min"}, "pan": {"lid": "9 min"}},
            "into": {"lid": "1 min"},
            "default": "2 min",
        }
        move = moves_of(press(DEAR, ("work centers > press > setup", setup)), "drop a product")["drop a product: lid"]
        base = "work centers > press > setup"
        assert move.edits == {"products > lid": None, f"{base} > into > lid": None, f"{base} > from > lid": None,
                              f"{base} > from > pan > lid": None}  # fmt: skip

    def test_not_the_only_one_nor_a_part_of_another(self) -> None:
        assert not moves_of(pouch(), "drop a product")
        part = press(DEAR, ("products > pan > routing > check > takes", {"lid": "1 piece/piece"}))
        assert list(moves_of(part, "drop a product")) == ["drop a product: pan"]

    def test_none_where_a_price_is_missing(self) -> None:
        for without in ("lid", "pan"):
            assert not moves_of(changed(press(DEAR), {f"products > {without} > price": None}), "drop a product")


class TestStopAnInspection:
    def test_a_check_that_finds_nothing(self) -> None:
        said = {f"products > {name} > routing > check > yield": "100 %" for name in ("lid", "pan")}
        moves = moves_of(changed(press(), said), "stop an inspection")
        move = moves["stop an inspection: check at bench"]
        assert move.edits == {f"products > {name} > routing > check > share": "0 %" for name in ("lid", "pan")}

    def test_it_gives_its_time_back(self) -> None:
        # Two steps of 10 and 6 minutes, the second a check: one lot at a time makes 90 a day, then 144.
        plant = changed(two_steps(), {"products > bag > release": {"conwip": "1 lot"}})
        routing = [
            {"cut": {"at": "cutter", "time": "10 min"}},
            {"check": {"at": "sewer", "time": "6 min", "yield": "100 %"}},
        ]
        plant = changed(plant, {"products > bag > routing": routing})
        [item] = studied(plant, "stop an inspection").moves
        assert item.released["throughput"].mean == pytest.approx(DAY / 10 - DAY / 16, abs=0.2)
        assert item.verdict == "do now"

    @pytest.mark.parametrize(
        "words",
        [
            {"yield": "99 %"},
            {"rework": {"share": "1 %", "back to": "form"}},
            {"takes": {"sheet": "1 kg/piece"}},
            {"defects": {"dent": "1 %"}},
            {"queue time": {"until": "pack", "within": "1 h"}},
        ],
    )
    def test_not_one_that_does_something(self, words: dict[str, object]) -> None:
        steps = [{"form": {"at": "press", "time": "1 min"}}, {"check": {"at": "bench", "time": "1 min", "yield": "100 %", **words}},
                 {"pack": {"at": "bench", "time": "1 min"}}]  # fmt: skip
        assert not moves_of(press(("products > lid > routing", steps), ("products > pan", None)), "stop an inspection")

    def test_not_one_of_two_that_finds_what_the_other_makes(self) -> None:
        steps = [{"form": {"at": "press", "time": "1 min", "defects": {"dent": "1 %"}}},
                 {"check": {"at": "bench", "time": "1 min", "finds": {"dent": "90 %"}}}]  # fmt: skip
        assert not moves_of(press(("products > lid > routing", steps), ("products > pan", None)), "stop an inspection")

    def test_not_one_of_which_the_file_does_not_say_that_it_finds_nothing(self) -> None:
        assert not moves_of(press(), "stop an inspection")

    def test_not_a_step_by_another_name(self) -> None:
        assert not moves_of(two_steps(), "stop an inspection")


class TestBatchesDatesAndReleases:
    def test_a_batch_starts_with_what_is_there(self) -> None:
        base = "work centers > formation > batch"
        [move] = moves_of(pouch(), "batch rule").values()
        assert move.edits == {f"{base} > min": None, f"{base} > wait": None}
        batch = changed(pouch(), move.edits).work_centers["formation"].batch
        assert batch is not None
        assert (batch.smallest.value, batch.wait) == (1, 0)
        assert not moves_of(changed(pouch(), move.edits), "batch rule")

    def test_lots_no_longer_wait_for_their_batch(self) -> None:
        # A lot each 40 min into a furnace of 30 min that waits an hour for a second: without the wait it is out after 30 min. With it
        # the first waits 40 min for the second, so a lot takes 50 min in the mean.
        plant = read_text("""
plant: A furnace
work centers: {furnace: {machines: 1, batch: {max: 2 lots, wait: 60 min}}}
products: {bar: {release: {every: 40 min}, routing: [heat: {at: furnace, time: 30 min/batch}]}}
""")
        [item] = studied(plant, "batch rule").moves
        assert item.released["cycle time"].mean == pytest.approx(-20 * 60, rel=0.01)

    def test_due_dates_later_and_sooner(self) -> None:
        due = changed(two_steps(), {"products > bag > release": {"every": "12 min", "due": "20 min"}})
        moves = moves_of(due, "quoted lead time")
        assert moves["quoted lead time: longer"].edits == {"products > bag > release > due": "30 min"}
        assert moves["quoted lead time: shorter"].edits == {"products > bag > release > due": "15 min"}
        assert moves["quoted lead time: longer"].title == "quote 20 min -> 30 min"
        # A lot takes exactly 16 min: on time within 20, late within 15.
        by_name = {
            item.move.name: item.released["on-time share"].mean for item in studied(due, "quoted lead time").moves
        }
        assert by_name == {"quoted lead time: longer": 0, "quoted lead time: shorter": pytest.approx(-1)}
        assert not moves_of(two_steps(), "quoted lead time")

    def test_no_more_is_released_than_the_limit_can_do(self) -> None:
        moves = moves_of(press(), "release less")
        move = moves["release less: what press can do"]
        # 100 lids a day, 14.4 min apart, and 40 pans, 36 min apart, at 125 % of the press: to 95 % they are 125/95 as far apart.
        later = changed(press(), move.edits)
        for name, minutes in (("lid", 14.4), ("pan", 36.0)):
            every = later.products[name].releases[0].every
            assert every is not None
            assert every.mean == pytest.approx(60 * minutes * 1.25 / AT_THE_LIMIT, rel=1e-5)
        assert loads(later)["press"].use == pytest.approx(1.25)  # what is asked is the same
        assert not moves_of(press(("products > lid > demand > rate", "60 pieces/day")), "release less")

    def test_a_distribution_of_intervals_is_stretched_and_other_releases_are_let_be(self) -> None:
        plant = read_text("""
plant: Too much
work centers: {saw: {machines: 1}}
products: {bar: {release: {every: exponential 8 min, due: 1 h}, routing: [cut: {at: saw, time: 10 min}]}}
""")
        [move] = moves_of(plant, "release less").values()
        assert move.edits == {"products > bag > release > every".replace("bag", "bar"): "exponential 10.5263 min"}
        pulled = press(("products > pan > release", {"conwip": "3 lots"}))
        assert not moves_of(pulled, "release less")

    def test_a_rope_is_shortened(self) -> None:
        plant = changed(two_steps(), {"products > bag > release": {"drum": "cutter", "rope": "3 h"}})
        assert moves_of(plant, "release less")["release less: shorter rope bag"].edits == {
            "products > bag > release > rope": "2 h"
        }


class TestPriceAndMix:
    def test_a_higher_price_costs_demand_by_its_elasticity(self) -> None:
        plant = press(("moves", {"price": {"effect": "200 %"}}), ("products > lid > demand > low", "80 pieces/day"))
        assert moves_of(plant, "price")["price: lid"].edits == {
            "products > lid > price": "9.45 USD",
            "products > lid > demand > rate": "90 pieces/day",
            "products > lid > demand > low": "72 pieces/day",
        }

    def test_nobody_knows_it_for_sure(self) -> None:
        move = moves_of(press(), "price")["price: lid"]
        assert move.belief is not None
        rates = [changed(press(), way).products["lid"].demand for way in move.belief.ways]
        assert [rate.rate for rate in rates if rate] == pytest.approx(
            [100 - 5 * share for share in move.belief.shares], rel=1e-5
        )
        assert sum(move.belief.shares) / 5 == pytest.approx((0.5 + 4 * 1.76 + 2.62) / 6)
        assert "effect" in move.assumed

    def test_it_brings_five_percent_of_what_is_still_sold(self) -> None:
        # Sold out by far, the press makes lids all day, 144 of 400 that are asked, at 9 USD and then at 9.45.
        plant = press(("products > pan", None), ("products > lid > demand > rate", "400 pieces/day"))
        plant = changed(plant, {"moves": {"price": {"effect": "200 %"}}})
        [item] = studied(plant, "price", by="contribution").moves
        assert item.released["contribution"].mean == pytest.approx(365.25 * 144 * 0.45, rel=0.01)

    def test_only_where_more_is_asked_than_can_be_made_and_there_is_a_price(self) -> None:
        assert not moves_of(press(("products > lid > demand > rate", "60 pieces/day")), "price", "product mix")
        assert list(moves_of(press(("products > lid > price", None)), "price")) == ["price: pan"]

    def test_what_brings_most_for_an_hour_of_the_limit_goes_first_and_less_is_taken_of_the_least(self) -> None:
        moves = moves_of(press(DEAR), "product mix")
        assert {name: dict(move.edits) for name, move in moves.items()} == {
            "product mix: pan first": {"products > pan > release > priority": "1"},
            "product mix: lid less": {"products > lid > demand > rate": "75 pieces/day"},
        }
        assert moves["product mix: pan first"].note == "an hour of press brings USD: pan 66, lid 48"

    def test_by_hand_all_pans_and_the_rest_of_the_time_lids(self) -> None:
        # First come, first served: 80 lids and 32 pans a day. Pans first: 40 of them take 800 of 1,440 min, and 64 lids the rest.
        study = studied(press(DEAR), "product mix", by="contribution")
        item = next(item for item in study.moves if item.move.name == "product mix: pan first")
        gain = (64 * 8 + 40 * 22) - (80 * 8 + 32 * 22)
        assert item.released["contribution"].mean == pytest.approx(365.25 * gain, rel=0.03)
        assert item.verdict == "do now"

    def test_pulled_lots_and_intervals_follow(self) -> None:
        plant = press(
            DEAR, ("products > lid > release", {"conwip": "8 lots"}), ("products > pan > release", {"every": "30 min"})
        )
        moves = moves_of(plant, "product mix")
        assert moves["product mix: lid less"].edits == {
            "products > lid > demand > rate": "75 pieces/day", "products > lid > release > conwip": "6 lots"
        }  # fmt: skip
        assert moves["product mix: pan first"].edits == {"products > pan > release > priority": "1"}

    def test_not_where_the_rule_does_not_look_at_priority_nor_where_all_bring_the_same(self) -> None:
        ruled = press(DEAR, ("work centers > press > rule", "SPT"))
        assert list(moves_of(ruled, "product mix")) == ["product mix: lid less"]
        assert not moves_of(press(), "product mix")


def test_each_may_be_banned_and_tied() -> None:
    plant: Plant = press(DEAR, ("moves", {"ban": ["drop a product", "price: pan", "pan first"]}))
    names = set(moves_of(plant, "drop a product", "price", "product mix"))
    assert names == {"price: lid", "product mix: lid less"}
    own = {"new customers": {"set": {"products > pan > demand > rate": "50 pieces/day"}, "cost": "4 kUSD"}}
    tied = press(DEAR, ("moves", {**own, "product mix": {"only with": "new customers", "lead time": "2 mo"}}))
    move = moves_of(tied, "product mix")["product mix: lid less"]
    assert move.edits == {
        "products > pan > demand > rate": "50 pieces/day",
        "products > lid > demand > rate": "75 pieces/day",
    }
    assert (move.capital, move.needs) == (4000, ("new customers",))
