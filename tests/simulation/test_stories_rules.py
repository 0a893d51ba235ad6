"""Which lot goes next: slack, critical ratio, given sequences and rules of a user's own. Worked out by hand, in minutes."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from plantwright.errors import PlantError, SimulationError
from plantwright.plant import Plant, changed, read_text
from plantwright.plant.document import Document, parse_yaml
from plantwright.plant.reading import from_document
from plantwright.simulation import begin, load, not_simulated
from tests.simulation.plants import log_of, shop

TWO = """
plant: Two products on one saw
rule: {rule}
work centers: {{saw: {{machines: 1}}, press: {{machines: 9}}}}
products:
  long:
    release: {{orders: orders.csv}}
    routing: [cut: {{at: saw, time: 10 min}}, press: {{at: press, time: 80 min, load: 5 min, unload: 5 min}}]
  short:
    release: {{orders: orders.csv}}
    routing: [cut: {{at: saw, time: 20 min}}]
"""


def starts(plant: Plant) -> list[tuple[object, ...]]:
    """When which lot began at the saw."""
    return [(event[0], event[2]) for event in log_of(plant, "1 d", "started") if event[3] == "cut"]


def order_of(rule: str, *orders: str) -> list[object]:
    return [lot for _, lot in starts(shop(TWO.format(rule=rule), *orders))]


def test_slack_is_the_time_that_is_left_less_the_work_ahead() -> None:
    """At 10, when the saw is free: the short one is due at 1:20, 70 minutes less 20 of work: 50. The long one at 2:00, 110 less 100: 10."""
    orders = ("short 00:00 due=23:00", "short 00:01 due=01:20", "long 00:02 due=02:00")
    assert order_of("EDD", *orders) == ["short 1", "short 2", "long 3"]
    assert order_of("slack", *orders) == ["short 1", "long 3", "short 2"]


def test_the_critical_ratio_is_taken_when_a_lot_is_chosen() -> None:
    """Long has 100 minutes of work ahead and is due at 2:45, short 20 and is due at 0:45.

    At 0:05 the ratios are 160 / 100 and 40 / 20: long goes first. At 0:20, when the saw is free, they are 145 / 100 and 25 / 20: short
    goes first; who looked when the lots came would be wrong. Slack is 60 for long and 20 for short at 0:05.
    """
    orders = ("short 00:00 due=23:00", "long 00:05 due=02:45", "short 00:05 due=00:45")
    assert order_of("CR", *orders) == ["short 1", "short 3", "long 2"]
    # Ten minutes earlier at the saw, at 0:10, the ratios are 155 / 100 and 35 / 20: long goes first.
    ten = shop(
        TWO.format(rule="CR").replace("time: 20 min", "time: 20 min, load: 0 min"), "long 00:00 due=23:00", *orders[1:]
    )
    assert [lot for _, lot in starts(ten)] == ["long 1", "long 3", "short 2"]


def test_without_a_due_time_a_lot_goes_last_and_ties_by_the_next_rule() -> None:
    orders = ("short 00:00", "short 00:01", "short 00:02 priority=5", "long 00:03 due=20:00")
    for rule in ("slack", "CR"):
        assert order_of(f"[{rule}, priority]", *orders) == ["short 1", "long 4", "short 3", "short 2"]


def test_the_work_ahead_counts_branches_by_their_share_and_pieces() -> None:
    """Of long every second lot is pressed only, 45 minutes in the mean, so that its work is 10 + 45 = 55, and its slack at 10 is 55; of
    short a lot of 3 pieces has 60 minutes, due at 2:04 its slack is 54.
    """
    text = (
        TWO.format(rule="slack")
        .replace("time: 80 min,", "time: 80 min, share: 50 %,")
        .replace("time: 20 min", "time: 20 min/piece")
    )
    text = text.replace("  short:\n", "  short:\n    lot: 3 pieces\n")
    orders = ("long 00:00 due=23:00", "long 00:01 due=02:00", "short 00:02 quantity=3 due=02:04")
    assert [lot for _, lot in starts(shop(text, *orders))] == ["long 1", "short 3", "long 2"]
    later = (*orders[:2], "short 00:02 quantity=3 due=02:06")
    assert [lot for _, lot in starts(shop(text, *later))] == ["long 1", "long 2", "short 3"]


SEQUENCED = """
plant: A saw and a press
work centers: {saw: {machines: 1, sequence: turns.csv}, press: {machines: 1}}
products:
  pin:
    lot: 2 pieces
    release: {orders: orders.csv}
    routing: [cut: {at: saw, time: 10 min/lot}, press: {at: press, time: 1 min/lot}]
  nut:
    release: {orders: orders.csv}
    routing: [press: {at: press, time: 1 min/lot}, cut: {at: saw, time: 10 min/lot}]
"""
ORDERS = "order,product,release,quantity\nA,pin,2026-01-05 00:00,4\nB,pin,2026-01-05 00:00,2\nC,nut,2026-01-05 00:30,1\nD,pin,2026-01-05 00:00,2\n"


def sequenced(turns: str, text: str = SEQUENCED, orders: str = ORDERS) -> Plant:
    files = {"orders.csv": orders, "turns.csv": turns}
    return from_document(Document(parse_yaml(text, "plant.yaml"), "plant.yaml", text, None, files))


def test_a_sequence_is_followed_and_the_others_go_when_it_is_at_its_end() -> None:
    """Lots pin 1 and 2 are order A, 3 is B, 4 is D. B goes first, then C, for which the saw waits until 0:31, then both lots of A; D, of which
    nothing is said, at the end, though it has been there from the start.
    """
    plant = sequenced("order\nB\nC\nA\n")
    assert starts(plant) == [(0, "pin 3"), (31, "nut 5"), (41, "pin 1"), (51, "pin 2"), (61, "pin 4")]
    assert not_simulated(plant) == ()
    # Without it they go as they came.
    assert [lot for _, lot in starts(sequenced("order\nB\n", SEQUENCED.replace(", sequence: turns.csv", "")))] == [
        "pin 1", "pin 2", "pin 3", "pin 4", "nut 5",
    ]  # fmt: skip


def test_a_sequence_of_the_plant_names_work_centers_steps_and_products() -> None:
    """The saw takes D before A; the press, of which only C is said, presses C first, and what is cut from 0 on waits for it until 0:30."""
    text = SEQUENCED.replace(", sequence: turns.csv", "").replace("plant: A", "sequence: turns.csv\nplant: A")
    plant = sequenced("order,product,step,work center\nD,pin,cut,saw\nC,,,press\nA,pin,cut,\n", text)
    assert [lot for _, lot in starts(plant)] == ["pin 4", "pin 1", "pin 2", "pin 3", "nut 5"]
    pressed = [event[0] for event in log_of(plant, "1 d", "started") if event[3] == "press"]
    assert pressed == [30, 31, 32, 33, 40]


def test_an_order_that_is_nowhere_is_passed_over() -> None:
    assert starts(sequenced("order\nZ\nB\n"))[0] == (0, "pin 3")


def test_a_lot_that_is_scrapped_before_its_turn_does_not_hold_the_others_up() -> None:
    """All nuts are scrapped at the press: at 0:31 the turn of C is over, and A goes on."""
    text = SEQUENCED.replace(
        "routing: [press: {at: press, time: 1 min/lot}", "routing: [press: {at: press, time: 1 min/lot, yield: 0 %}"
    )
    assert starts(sequenced("order\nB\nC\nA\n", text)) == [(0, "pin 3"), (31, "pin 1"), (41, "pin 2"), (51, "pin 4")]


TWICE = """
plant: A saw that nuts visit twice
work centers: {saw: {machines: 1, sequence: turns.csv}, press: {machines: 1}}
products:
  pin: {release: {orders: orders.csv}, routing: [cut: {at: saw, time: 10 min}]}
  nut:
    release: {orders: orders.csv}
    routing: [press: {at: press, time: 1 min}, cut: {at: saw, time: 10 min}, wash: {at: press, time: 1 min}, trim: {at: saw, time: 10 min}]
"""
NUTS = "order,product,release,quantity\nA,pin,2026-01-05 00:00,1\nC,nut,2026-01-05 00:00,1\nC,nut,2026-01-05 00:00,1\n"
"""Lot pin 1 is order A; nut 2 and 3, of one piece each, are order C: at the saw at 0:01 and 0:02."""


def saw(turns: str, *changes: tuple[str, str], orders: str = NUTS) -> list[tuple[object, ...]]:
    """What starts at the saw, with the minute and the step."""
    text = TWICE
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    plant = sequenced(turns, text, orders)
    return [event[:4] for event in log_of(plant, "1 d", "started") if event[4] == "saw"]


class TestTurnsThatNobodyTakes:
    """A turn that names no step, where lots come to the saw at two, waits for each lot of the order that is still to come."""

    def test_while_the_lots_come_it_waits_for_them(self) -> None:
        """Both nuts are cut, the second at 0:11; in the turn of C nobody is cut twice, so that they are trimmed when it is at its end."""
        began = saw("order\nC\nA\n")
        assert [event[0] for event in began] == [1, 11, 21, 31, 41]
        assert [event[3] for event in began] == ["cut", "cut", "cut", "trim", "trim"]

    def test_one_that_is_scrapped_before_is_passed_over(self) -> None:
        assert saw(
            "order\nC\nA\n", ("press: {at: press, time: 1 min}", "press: {at: press, time: 1 min, yield: 0 %}")
        ) == [(2, "started", "pin 1", "cut")]

    def test_one_that_is_scrapped_between_its_turns_is_passed_over(self) -> None:
        """Order C has two turns. The nuts are lost when they are washed, the second at 0:22; without the second turn A starts then."""
        lost = ("wash: {at: press, time: 1 min}", "wash: {at: press, time: 1 min, yield: 0 %}")
        twice = "order,product\nC,nut\nC,\nA,\n"
        assert [event[0] for event in saw(twice, lost)] == [1, 11, 22]
        # Were they not lost, A would come after their last turn.
        assert [event[2:] for event in saw(twice)][-2:] == [("nut 3", "trim"), ("pin 1", "cut")]

    @pytest.mark.parametrize("step", ["", "cut"])
    def test_one_that_goes_another_way_and_is_finished_is_passed_over(self, step: str) -> None:
        """All nuts leave after the press, at 0:01 and 0:02: then it is the turn of A, whether the turn of C names the step or not."""
        away = ("press: {at: press, time: 1 min}", "press: {at: press, time: 1 min, next: {end: 100 %}}")
        assert saw(f"order,step\nC,{step}\nA,\n", away) == [(2, "started", "pin 1", "cut")]

    def test_one_that_finds_no_place_and_is_lost_is_passed_over(self) -> None:
        """The press has no buffer: the second nut of 0:00 is lost. The saw takes the first at 0:01 and then the pin."""
        full = (
            "nut:\n    release: {orders: orders.csv}",
            "nut:\n    release: {orders: orders.csv, when full: lost}",
        )
        began = saw("order\nC\nA\n", full, ("press: {machines: 1}", "press: {machines: 1, buffer: 0 lots}"))
        assert began[:2] == [(1, "started", "nut 2", "cut"), (11, "started", "pin 1", "cut")]

    def test_lots_that_go_on_as_one_are_one(self) -> None:
        """Both nuts are washed as one lot: the second turn of C is over when that is trimmed, and A starts at 0:33."""
        merged = ("wash: {at: press, time: 1 min}", "wash: {at: press, time: 1 min, merge: 2 lots}")
        assert [event[0] for event in saw("order,product\nC,nut\nC,\nA,\n", merged)] == [1, 11, 22, 32]

    def test_the_parts_of_a_lot_have_its_turns(self) -> None:
        """One nut lot of two pieces is split at the press: the saw cuts both parts before it takes the pin."""
        split = ("press: {at: press, time: 1 min}", "press: {at: press, time: 1 min/lot, split: 2 lots}")
        one = NUTS.rpartition("C,nut")[0].replace("nut,2026-01-05 00:00,1", "nut,2026-01-05 00:00,2")
        began = saw(
            "order\nC\nA\n",
            split,
            ("10 min}, wash", "10 min/lot}, wash"),
            ("1 min}, trim", "1 min/lot}, trim"),
            ("trim: {at: saw, time: 10 min}", "trim: {at: saw, time: 10 min/lot}"),
            orders=one,
        )
        assert [event[0] for event in began[:3]] == [1, 11, 21]
        assert [event[2] for event in began[:3]] == ["nut 2", "nut 3", "pin 1"]

    def test_one_whose_own_routing_does_not_come_is_not_waited_for(self) -> None:
        """Of two lists of order C one has a routing of its own that ends with the press: its lot, which leaves at 0:02, takes no turn."""
        orders = "order,product,release,quantity,routing\nA,pin,2026-01-05 00:00,1,\nC,nut,2026-01-05 00:00,1,press\nC,nut,2026-01-05 00:00,1,\n"
        began = saw("order\nC\nA\n", orders=orders)
        assert began[:2] == [(2, "started", "nut 3", "cut"), (12, "started", "pin 1", "cut")]


def test_a_sequence_goes_on_in_a_saved_and_in_a_changed_run(tmp_path: Path) -> None:
    plant = sequenced("order\nB\nC\nA\n")
    state = begin(plant, horizon="1 d", log=True).run_until("35 min")
    state.save(tmp_path / "run.npz")
    for other in (load(tmp_path / "run.npz"), state.changed({"work centers > saw > buffer": "9 lots"})):
        began = [
            event.time / 60
            for event in other.run_until("1 d").history()
            if event.what == "started" and event.operation == "cut"
        ]
        assert began == [0, 31, 41, 51, 61]


def test_a_sequence_before_batches_is_refused() -> None:
    plant = changed(sequenced("order\nB\n"), {"work centers > saw > batch": {"max": "2 lots"}})
    with pytest.raises(SimulationError, match="work centers > saw: a batch holds lots of several turns"):
        begin(plant, horizon="1 d")


def farthest(now, arrived, released, due, priority, pieces, run, ahead):  # type: ignore[no-untyped-def]
    """The lot with the most work ahead, as long as the day is young; then the one that has waited longest."""
    return -ahead if now < 900.0 else arrived - now


def too_few(now):  # type: ignore[no-untyped-def]
    return now


def no_number(now, arrived, released, due, priority, pieces, run, ahead):  # type: ignore[no-untyped-def]
    return "soon"


class Offered:
    """An entry point of another package."""

    def __init__(self, name: str) -> None:
        self.name, self.value = name, f"somewhere:{name}"

    def load(self) -> object:
        if self.name == "missing":
            raise ImportError("no module named somewhere")
        return globals()[self.name.replace(" ", "_")]


def test_the_work_ahead_turns_with_the_unit() -> None:
    """Of 10 kg come 40 m, wound in 2 minutes each: 80 minutes, and 10 to cut. At 10 the slack of foil that is due at 2:00 is 20, that of
    the short one, due at 1:20, is 50.
    """
    text = TWO.format(rule="slack") + (
        "  foil:\n    lot: 10 kg\n    unit: m\n    release: {orders: orders.csv}\n    routing: "
        "[cut: {at: saw, time: 10 min/lot, gives: {foil: 4 m/kg}}, wind: {at: press, time: 2 min/m}]\n"
    )
    orders = ("long 00:00 due=23:00", "short 00:01 due=01:20", "foil 00:02 quantity=10 due=02:00")
    assert [lot for _, lot in starts(shop(text, *orders))] == ["long 1", "foil 3", "short 2"]


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = importlib.metadata.entry_points

    def entry_points(**words: str) -> object:
        if words.get("group") != "plantwright.rules":
            return usual(**words)
        names = ("farthest", "too few", "no number", "missing")
        return [Offered(name) for name in names if words.get("name", name) == name]

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    monkeypatch.setattr("plantwright.plant.checks.entry_points", entry_points)


@pytest.mark.usefixtures("offered")
def test_a_rule_of_a_users_own() -> None:
    """At 0:10 the lot with the most work ahead goes before one that came earlier; at 0:20, past 900 s, they go as they came."""
    orders = ("long 00:00", "short 00:01", "long 00:02", "short 00:03", "long 00:04")
    assert starts(shop(TWO.format(rule="farthest"), *orders)) == [
        (0, "long 1"), (10, "long 3"), (20, "short 2"), (40, "short 4"), (60, "long 5"),
    ]  # fmt: skip


@pytest.mark.usefixtures("offered")
def test_behind_another_rule_it_settles_ties() -> None:
    orders = ("long 00:00", "short 00:01", "long 00:02", "short 00:03 priority=1")
    assert order_of("[priority, farthest]", *orders) == ["long 1", "short 4", "short 2", "long 3"]
    assert order_of("[farthest, priority]", *orders) == ["long 1", "long 3", "short 2", "short 4"]


@pytest.mark.usefixtures("offered")
@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (
            "too few",
            r"rule 'too few' \(somewhere:too few\): is not a function of \(now, arrived, .*\) that gives a number",
        ),
        ("missing", r"rule 'missing' \(somewhere:missing\): cannot be loaded: no module named somewhere"),
    ],
)
def test_a_rule_that_cannot_be_used_says_why(rule: str, reason: str) -> None:
    with pytest.raises(SimulationError, match=reason):
        starts(shop(TWO.format(rule=rule), "short 00:00", "long 00:00"))


@pytest.mark.usefixtures("offered")
def test_a_rule_that_gives_no_number_says_so() -> None:
    with pytest.raises(SimulationError, match=r"rule 'no number' \(somewhere:no number\): .* gives a number"):
        starts(shop(TWO.format(rule="no number"), "short 00:00", "long 00:01"))


def test_a_rule_that_nobody_offers_is_refused_when_the_plant_is_read() -> None:
    with pytest.raises(PlantError, match="unknown rule 'slak'"):
        read_text(TWO.format(rule="slak").replace("{orders: orders.csv}", "{every: 1 h}"))
