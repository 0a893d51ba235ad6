"""The words under ``moves``: what an own move and a family say of cost, time, effect and ties, and what becomes of them in a move."""

from __future__ import annotations

import dataclasses
from importlib import metadata
from types import SimpleNamespace

import pytest

from plantwright.distributions import Distribution
from plantwright.errors import PlantError
from plantwright.improvement import Family, Move, all_families, propose
from plantwright.improvement import families as house
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.usual import Usual
from plantwright.plant import Plant, changed, read_text

HOUR, DAY = 3600.0, 86400.0
SHOP = """
plant: A press shop
currency: USD
shifts: {day: {days: Mon-Fri, from: "07:00", to: "15:00"}}
people:
  Ana: {shift: day, skills: {pressing: 3}, wage: 30 USD/h}
  setters: {count: 2, shift: day, skills: {setting: 2}, wage: 45 USD/h}
work centers:
  press: {machines: 1, shift: day, setup: 30 min, failures: {every: exponential 40 h, repair: exponential 2 h}}
products:
  part: {release: {conwip: 10 lots}, routing: [form: {at: press, time: triangular 6..8..10 min/lot, staff: pressing 2, yield: 96 %}]}
"""
FORM = "products > part > routing > form"


def shop(**moves: object) -> Plant:
    return changed(read_text(SHOP), {"moves": {name.replace("_", " "): words for name, words in moves.items()}})


def own(plant: Plant, name: str = "better") -> Move:
    return next(move for move in propose(plant, ["own move"]) if move.name == name)


def problems(**moves: object) -> list[tuple[str, str]]:
    with pytest.raises(PlantError) as found:
        shop(**moves)
    return [(problem.path, problem.reason) for problem in found.value.problems]


def halved(plant: Plant, usual: Usual) -> list[Move]:
    move = Move("halve: press", "halve", "press setups shorter", {})
    assert usual.effect is not None
    return [
        believed(move, usual.effect, "shorter", lambda s: {"work centers > press > setup": f"{30 * (1 - s):.6g} min"})
    ]


HALVE = Family(
    "halve", halved, False, "exploit",
    Usual(Distribution("uniform", (0.2, 0.6)), cost=10e3, yearly=500.0, lead_time=30 * DAY, ramp_up=60 * DAY, source="a test"),
)  # fmt: skip


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another package offers the family `HALVE`, at the door by which any package does."""
    here = SimpleNamespace(name="halve", load=lambda: HALVE)
    monkeypatch.setattr(metadata, "entry_points", lambda group: [here] if group == house.ENTRY_POINTS else [])
    house.all_families.cache_clear()
    yield
    house.all_families.cache_clear()


class TestOwnMoves:
    def test_a_share_of_the_change_comes_true(self) -> None:
        # From 8 to 6 minutes in the mean; 50, 75 or 100 % of it comes true: 7, 6.5 and 6 minutes, spread as the new time is.
        words = {"set": {f"{FORM} > time": "triangular 5..6..7 min/lot"}, "effect": "uniform 50..100 %"}
        move = own(shop(better=words))
        assert move.edits[f"{FORM} > time"] == "triangular 5.41667..6.5..7.58333 min/lot"
        assert move.belief is not None
        assert move.belief.shares == pytest.approx((0.55, 0.65, 0.75, 0.85, 0.95))
        means = [changed(shop(), way).products["part"].routing[0].time.distribution.mean for way in move.belief.ways]
        assert means == pytest.approx([60 * (8 - 2 * share) for share in move.belief.shares], rel=1e-5)

    def test_a_share_that_is_known_leaves_no_doubt(self) -> None:
        move = own(shop(better={"set": {f"{FORM} > yield": "100 %"}, "effect": "50 %"}))
        assert move.edits == {f"{FORM} > yield": "98 %"}
        assert move.belief is None

    def test_what_goes_away_goes_in_part_and_what_is_counted_or_a_word_changes_whole(self) -> None:
        edits = {"work centers > press > setup": "0 min", "work centers > press > machines": "2", "rule": "SPT",
                 "products > part > release > conwip": "5 lots"}  # fmt: skip
        move = own(shop(better={"set": edits, "effect": "50 %"}))
        assert move.edits == {**edits, "work centers > press > setup": "15 min",
                              "products > part > release > conwip": "8 lots"}  # fmt: skip

    def test_training_costs_the_wages_of_those_who_are_away(self) -> None:
        words = {
            "set": {"people > setters > skills > pressing": "2"},
            "cost": "1 kUSD",
            "training": "40 h",
            "ramp-up": "2 mo",
        }
        move = own(shop(better=words))
        assert move.capital == pytest.approx(1000 + 40 * 45)
        assert (move.training, move.ramp_up) == (40 * HOUR, pytest.approx(365.25 / 6 * DAY))
        # A move that names nobody takes the mean of all: (30 + 2 x 45) / 3 = 40.
        assert own(shop(better=words | {"set": {"rule": "SPT"}})).capital == pytest.approx(1000 + 40 * 40)

    def test_ties_stand_in_the_move(self) -> None:
        words = {"set": {"rule": "SPT"}, "only with": "floor", "not with": ["overtime", "add a machine: press", "roof"]}
        floor = {
            "set": {"work centers > press > machines": "2"},
            "cost": "9 kUSD",
            "training": "10 h",
            "ramp-up": "1 wk",
        }
        move = own(shop(better=words, floor=floor, roof={"set": {"rule": "LIFO"}}))
        assert (move.needs, move.excludes) == (("floor",), ("add a machine: press", "overtime", "roof"))
        assert (move.training, move.ramp_up) == (10 * HOUR, 7 * DAY)
        assert move.edits == {"rule": "SPT", "work centers > press > machines": "2"}

    def test_an_effect_of_all_own_moves_holds_for_those_that_say_none_and_have_numbers(self) -> None:
        half, whole = {"set": {f"{FORM} > time": "4 min/lot"}}, {"set": {"rule": "SPT"}}
        plant = shop(half=half, whole=whole, sure=half | {"effect": "100 %"}, own_move={"effect": "uniform 40..60 %"})
        assert own(plant, "half").edits == {f"{FORM} > time": "6 min/lot"}
        assert own(plant, "half").belief is not None
        assert (own(plant, "whole").edits, own(plant, "whole").belief) == ({"rule": "SPT"}, None)
        assert (own(plant, "sure").edits, own(plant, "sure").belief) == ({f"{FORM} > time": "4 min/lot"}, None)

    def test_beliefs_of_moves_that_go_together_go_together(self) -> None:
        first = {"set": {f"{FORM} > time": "4 min/lot"}, "effect": "uniform 0..100 %", "only with": "second"}
        second = {"set": {"work centers > press > setup": "0 min"}, "effect": "uniform 50..100 %"}
        move = own(shop(first=first, second=second), "first")
        assert move.belief is not None
        assert [dict(way) for way in move.belief.ways] == [
            {f"{FORM} > time": f"{8 - 4 * a:.6g} min/lot", "work centers > press > setup": f"{30 * (1 - b):.6g} min"}
            for a, b in zip((0.1, 0.3, 0.5, 0.7, 0.9), (0.55, 0.65, 0.75, 0.85, 0.95), strict=True)
        ]


class TestWhatIsRefused:
    def test_all_at_once(self) -> None:
        words = {
            "set": {"rule": "SPT"},
            "effect": "lognormal 50 % cv 0.5",
            "only with": ["x"],
            "not with": ["x"],
            "ramp-up": "2",
        }
        found = problems(better=words, x={"set": {"rule": "LIFO"}}, overtime={"training": "3 h", "effekt": "3 %"})
        assert sorted(path for path, _ in found) == [
            "moves > better > effect", "moves > better > not with", "moves > better > ramp-up",
            "moves > overtime > effekt", "moves > overtime > training",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("words", "word", "said"),
        [
            ({"effect": "uniform 50..120 %"}, "effect", "at most 100 %"),
            ({"effect": "20..40 %"}, "effect", "20..40 %"),
            ({"set": {"rule": "SPT"}, "effect": "50 %"}, "effect", "no number of the file that could be any"),
            ({"set": {"work centers > press > machines": "2"}, "effect": "50 %"}, "effect", "no number of the file"),
            ({"set": {f"{FORM} > yield": "96 %"}, "effect": "50 %"}, "effect", "no number of the file"),
            ({"not with": ["overtimes"]}, "not with", "unknown move 'overtimes'"),
            ({"not with": ["better"]}, "not with", "unknown move 'better'"),
            ({"only with": ["overtime"]}, "only with", "unknown move 'overtime'"),
            ({"training": "40 m"}, "training", "a duration is wanted"),
        ],
    )  # fmt: skip
    def test_one_by_one(self, words: dict[str, object], word: str, said: str) -> None:
        whole = {"set": {f"{FORM} > time": "6 min/lot"}} | words
        [(path, reason)] = problems(better=whole)
        assert path == f"moves > better > {word}"
        assert said in reason


@pytest.mark.usefixtures("offered")
class TestFamilies:
    def test_what_nobody_says_is_usual_and_assumed(self) -> None:
        [move] = propose(shop(), ["halve"])
        assert (move.capital, move.yearly, move.lead_time, move.ramp_up) == (10e3, 500.0, 30 * DAY, 60 * DAY)
        assert set(move.assumed) == {"capital", "yearly", "lead time", "ramp-up", "effect"}
        assert move.edits == {"work centers > press > setup": "18 min"}

    def test_what_the_file_says_is_not_assumed(self) -> None:
        words = {"cost": "3 kUSD", "ramp-up": "5 d", "effect": "pert 10..20..30 %"}
        [move] = propose(shop(halve=words), ["halve"])
        assert (move.capital, move.yearly, move.lead_time, move.ramp_up) == (3e3, 500.0, 30 * DAY, 5 * DAY)
        assert set(move.assumed) == {"yearly", "lead time"}
        assert move.edits == {"work centers > press > setup": "24 min"}
        assert move.belief is not None
        # The middles of five slices of a PERT, whose mean is 20 %.
        assert sum(move.belief.shares) / 5 == pytest.approx(0.2)
        assert move.belief.shares[0] > 0.1

    def test_a_plant_without_money_has_no_costs_by_default(self) -> None:
        bare = read_text(
            SHOP.replace("currency: USD\n", "").replace(", wage: 30 USD/h", "").replace(", wage: 45 USD/h", "")
        )
        [move] = propose(bare, ["halve"])
        assert (move.capital, move.yearly, move.lead_time) == (None, None, 30 * DAY)
        assert set(move.assumed) == {"lead time", "ramp-up", "effect"}

    def test_one_that_is_tied_keeps_what_it_may_turn_out_to_bring(self) -> None:
        floor = {"set": {"work centers > press > machines": "2"}, "cost": "9 kUSD"}
        [move] = propose(shop(floor=floor, halve={"only with": "floor", "not with": "overtime"}), ["halve"])
        assert (move.capital, move.needs, move.excludes) == (19e3, ("floor",), ("overtime",))
        assert move.belief is not None
        assert {way["work centers > press > machines"] for way in move.belief.ways} == {"2"}
        assert [way["work centers > press > setup"] for way in move.belief.ways] == [
            f"{30 * (1 - share):.6g} min" for share in (0.24, 0.32, 0.4, 0.48, 0.56)
        ]

    def test_the_name_of_one_that_another_package_offers_may_stand_in_the_file(self) -> None:
        assert "halve" in all_families()
        assert shop(halve={"cost": "3 kUSD"}).family_defaults["halve"].cost == 3e3
        assert problems(halved={"cost": "3 kUSD"})[0][1].endswith("did you mean 'halve'?")

    def test_what_is_offered_must_be_a_family(self, monkeypatch: pytest.MonkeyPatch) -> None:
        wrong = SimpleNamespace(name="wrong", load=lambda: dataclasses.astuple(HALVE)[0])
        monkeypatch.setattr(metadata, "entry_points", lambda group: [wrong])
        house.all_families.cache_clear()
        with pytest.raises(TypeError, match=r"'wrong' of plantwright\.moves is not a Family"):
            all_families()
