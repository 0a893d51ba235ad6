"""Given sequences that are long, and that change while their orders are in process. Worked out by hand, in minutes."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.plant import Plant
from tests.simulation.plants import log_of, shop

SAWS = """
plant: Saw
sequence: turns.csv
work centers: {saw: {}, press: {}}
products:
  pin:
    release: {orders: orders.csv}
    routing: [cut: {at: saw, time: 1 h}, press: {at: press, time: 1 h}, trim: {at: saw, time: 1 h}]
"""
ORDERS = (
    "order,product,release,quantity\nA,pin,2026-01-05 00:00,1\nB,pin,2026-01-05 00:00,1\nC,pin,2026-01-05 00:00,1\n"
)
CUT_ONCE = SAWS.replace("}, press: {at: press, time: 1 h}, trim: {at: saw, time: 1 h}]", "}]")


def sequenced(text: str, turns: str, then: str = "", at: str = "00:30", orders: str = ORDERS) -> Plant:
    """The plant with a sequence, and with another from a time on."""
    files = {"turns.csv": turns.replace(" ", "\n"), "orders.csv": orders, "then.csv": then.replace(" ", "\n")}
    if then:
        text += f"changes: [{{on: 2026-01-05 {at}, set: sequence, to: then.csv}}]\n"
    return shop(text, files=files)


def starts(plant: Plant, horizon: str = "20 h") -> list[tuple[object, object, object]]:
    """When which lot starts at the saw, with which step."""
    rows = log_of(plant, horizon, "started")
    return [(row[0], row[2], row[3]) for row in rows if row[4] == "saw"]


def test_turns_that_are_put_in_another_order() -> None:
    """A has been started by the change at 00:30, and is not waited for again."""
    assert starts(sequenced(CUT_ONCE, "order A B C")) == [
        (0, "pin 1", "cut"),
        (60, "pin 2", "cut"),
        (120, "pin 3", "cut"),
    ]
    assert starts(sequenced(CUT_ONCE, "order A B C", "order C B A")) == [
        (0, "pin 1", "cut"),
        (60, "pin 3", "cut"),
        (120, "pin 2", "cut"),
    ]


def test_a_lot_has_started_in_the_turn_in_which_it_has_wherever_that_stands_now() -> None:
    """A was cut. It is pressed until 02:00 and trimmed in the turn that is the first now; its cut is over, and B is cut at 03:00."""
    plant = sequenced(SAWS, "order,step A,cut A,trim B,cut", "order,step A,trim A,cut B,cut")
    assert starts(plant)[:3] == [(0, "pin 1", "cut"), (120, "pin 1", "trim"), (180, "pin 2", "cut")]


def test_a_turn_that_comes_new_does_not_wait_for_lots_that_are_no_more() -> None:
    """Three lots of A; one is done, and one is at the saw, as the sequence comes at 01:30. It waits for the third, and C goes before B."""
    text = CUT_ONCE.replace("sequence: turns.csv\n", "").replace("pin:\n", "pin:\n    lot: 2 pieces\n")
    text = text.replace("1 h", "1 h/lot")
    orders = ORDERS.replace("00:00,1", "00:00,2").replace("00:00,2\nB", "00:00,6\nB")
    plain = [
        (0, "pin 1", "cut"),
        (60, "pin 2", "cut"),
        (120, "pin 3", "cut"),
        (180, "pin 4", "cut"),
        (240, "pin 5", "cut"),
    ]
    assert starts(sequenced(text, "order", orders=orders)) == plain
    plant = sequenced(text, "order", "order A C", "01:30", orders)
    # The second is on the machine and was not started in the turn, which is over once it is done.
    assert starts(plant) == [*plain[:3], (180, "pin 5", "cut"), (240, "pin 4", "cut")]


def test_an_order_that_its_list_holds_no_more_is_waited_for_while_it_is_in_process() -> None:
    """At 00:30 the list holds D alone, of 04:00. B and C are here and go in their turns, C first; and D has none before B is gone."""
    turns = "order A C B D"
    text = CUT_ONCE + "changes:\n  - {on: 2026-01-05 00:30, set: products > pin > release, to: {orders: later.csv}}\n"
    files = {
        "turns.csv": turns.replace(" ", "\n"),
        "orders.csv": ORDERS,
        "later.csv": "order,product,release,quantity\nD,pin,2026-01-05 01:30,1\n",
    }
    assert starts(shop(text, files=files)) == [
        (0, "pin 1", "cut"),
        (60, "pin 3", "cut"),
        (120, "pin 2", "cut"),
        (180, "pin 4", "cut"),
    ]


@pytest.mark.parametrize("more", [2, 61, 62, 70, 200])
def test_a_lot_is_waited_for_in_no_turn_once_it_is_no_more(more: int) -> None:
    """A has so many turns, and comes once: it is done at 01:00, and then B is cut."""
    assert starts(sequenced(CUT_ONCE, "order " + "A " * more + "B C"))[:2] == [
        (0, "pin 1", "cut"),
        (60, "pin 2", "cut"),
    ]


@pytest.mark.parametrize("more", [2, 61, 62, 70])
def test_a_lot_that_comes_again_waits_for_another_turn_of_its_order(more: int) -> None:
    """A is trimmed in its second turn, at 02:00, also if many other turns of A come behind it; then it is done."""
    plant = sequenced(SAWS, "order " + "A " * more + "B C")
    assert starts(plant)[:3] == [(0, "pin 1", "cut"), (120, "pin 1", "trim"), (180, "pin 2", "cut")]


def test_a_lot_starts_once_in_each_turn_of_many() -> None:
    """70 turns of A's cut go before B; A is cut in one. Sent back after its trim, with B pressed, it takes another, and only then B goes on."""
    text = SAWS.replace(
        "trim: {at: saw, time: 1 h}", "trim: {at: saw, time: 1 h, rework: {share: 100 %, back to: cut, at most: 1}}"
    )
    turns = "order,step " + "A,cut " * 70 + "A,trim A,trim B,cut"
    # Turn 1 is taken at 00:00; turns 2 to 70 wait for A to come to its cut again, which it cannot before its trim: A goes on to the end
    # of the sequence, so nothing more happens at the saw.
    assert starts(sequenced(text, turns)) == [(0, "pin 1", "cut")]


class TestOwnRoutings:
    def test_turns_to_which_it_does_not_come_are_not_its(self) -> None:
        """A is trimmed alone: the turns of its cut, 65 of them, are over."""
        orders = ORDERS.replace("quantity", "quantity,routing").replace("00:00,1", "00:00,1,", 3)
        orders = orders.replace("A,pin,2026-01-05 00:00,1,", "A,pin,2026-01-05 00:00,1,trim")
        plant = sequenced(SAWS, "order,step " + "A,cut " * 65 + "A,trim B,cut", orders=orders)
        assert starts(plant)[:2] == [(0, "pin 1", "trim"), (60, "pin 2", "cut")]

    def test_lots_come_to_each_step_in_the_unit_that_it_counts(self) -> None:
        text = """
plant: Cells
work centers: {saw: {}}
products:
  p:
    lot: 4 kg
    unit: cell
    release: {orders: orders.csv}
    routing: [cut: {at: saw, time: 5 min/lot, gives: {cells: 9 cells/lot}}, trim: {at: saw, time: 1 min/cell}]
"""
        shop(text, "p 00:00 quantity=4 routing=cut>trim")
        for steps, said in (("trim", "to 'trim' in cell, but in kg"), ("cut>cut>trim", "to 'cut' in kg, but in cell")):
            with pytest.raises(PlantError, match=said):
                shop(text, f"p 00:00 quantity=4 routing={steps}")
