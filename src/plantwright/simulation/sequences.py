"""Given sequences: whose turn it is at a work center that has one."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.draws import seldom
from plantwright.simulation.queues import mark_dirty


@seldom
def turn_of(w: Any, c: Any) -> Any:
    """The row of the turn that center `c` is at; -1 where its sequence is at its end."""
    last = w.center.first_turn[c] + w.center.turns[c]
    while w.center.turn[c] < last and w.turn.left[w.center.turn[c]] < 0.5:
        w.center.turn[c] += 1
    return w.center.turn[c] if w.center.turn[c] < last else -1


@seldom
def _is_of(w: Any, turn: Any, sequenced: Any, product: Any) -> Any:
    """Whether a turn is of an order, and of a product."""
    return w.turn.sequenced[turn] == sequenced and (w.turn.product[turn] < 0 or w.turn.product[turn] == product)


@seldom
def has_turn(w: Any, turn: Any, ticket: Any) -> Any:
    """Whether it is the turn of a lot, at the operation that it waits for."""
    lot = w.ticket.lot[ticket]
    if not _is_of(w, turn, w.lot.sequenced[lot], w.lot.product[lot]) or w.lot.took[lot] & w.turn.bit[turn] != 0:
        return False
    operation = w.turn.operation[turn]
    return operation < 0 or operation == w.operation.main[w.ticket.operation[ticket]]


@seldom
def take_turn(w: Any, turn: Any, lot: Any) -> None:
    """A lot starts in its turn; so do all parts into which it was forked."""
    w.turn.left[turn] -= 1.0
    part = lot
    while True:
        w.lot.took[part] |= w.turn.bit[turn]
        part = w.lot.sibling[part]
        if part == lot:
            break


@seldom
def expect_one_more(w: Any, lot: Any) -> None:
    """A part of a lot is a lot of its own from now on: the turns in which the lot has not started yet are for both."""
    for turn in range(w.run.turns[0]):
        ahead = w.turn.left[turn] > 0.5 and w.turn.bit[turn] != 0 and w.lot.took[lot] & w.turn.bit[turn] == 0
        if ahead and _is_of(w, turn, w.lot.sequenced[lot], w.lot.product[lot]):
            w.turn.left[turn] += 1.0


@seldom
def pass_over(w: Any, lot: Any) -> None:
    """A lot of an order that sequences name is no more: no turn in which it has not started waits for it."""
    here = w.operation.main[w.lot.operation[lot]]
    for turn in range(w.run.turns[0]):
        # Where it is not known whether it has started, it has not at the steps that were before it.
        bit = w.turn.bit[turn]
        missing = w.lot.took[lot] & bit == 0 if bit != 0 else w.turn.operation[turn] > here
        if missing and _is_of(w, turn, w.lot.sequenced[lot], w.lot.product[lot]):
            w.turn.left[turn] -= 1.0
            mark_dirty(w, w.turn.center[turn])


@seldom
def pass_unborn(w: Any, order: Any, product: Any) -> None:
    """A lot of an order (-1: of none) is lost at its release, or needs no step: no turn waits for it."""
    if order < 0 or w.order.sequenced[order] < 0:
        return
    for turn in range(w.run.turns[0]):
        if _is_of(w, turn, w.order.sequenced[order], product) and w.order.took[order] & w.turn.bit[turn] == 0:
            w.turn.left[turn] -= 1.0
            mark_dirty(w, w.turn.center[turn])
