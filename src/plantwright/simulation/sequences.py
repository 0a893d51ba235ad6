"""Given sequences: whose turn it is at a work center that has one."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.codes import AHEAD, MISSED, TAKEN
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
    return w.turn.sequenced[turn] == sequenced and w.turn.product[turn] == product


@seldom
def _is_ahead(w: Any, turn: Any, lot: Any) -> Any:
    """Whether a turn is for a lot, which has not started in it yet."""
    mine = _is_of(w, turn, w.lot.sequenced[lot], w.lot.product[lot])
    return mine and w.took[lot, w.turn.place[turn]] == AHEAD


@seldom
def _comes(w: Any, turn: Any, route: Any) -> Any:
    """Whether an own routing, which begins with a row of `route`, comes where a turn is."""
    at = route
    while True:
        main = w.route.operation[at]
        if w.turn.operation[turn] < 0:
            if w.operation.center[main] == w.turn.center[turn]:
                return True
            first = w.operation.first_choice[main]
            for o in range(first, first + w.operation.choices[main] - 1):
                if w.operation.center[o] == w.turn.center[turn]:
                    return True
        elif w.turn.operation[turn] == main:
            return True
        if w.route.last[at] == 1:
            return False
        at += 1


@seldom
def miss_turns(w: Any, lot: Any, route: Any) -> None:
    """A lot with a routing of its own, which begins with a row of `route`, never takes the turns to which that does not come."""
    for turn in range(w.run.turns[0]):
        if _is_of(w, turn, w.lot.sequenced[lot], w.lot.product[lot]) and not _comes(w, turn, route):
            w.took[lot, w.turn.place[turn]] = MISSED


@seldom
def has_turn(w: Any, turn: Any, ticket: Any) -> Any:
    """Whether it is the turn of a lot, at the operation that it waits for."""
    operation = w.turn.operation[turn]
    here = operation < 0 or operation == w.operation.main[w.ticket.operation[ticket]]
    return here and _is_ahead(w, turn, w.ticket.lot[ticket])


@seldom
def take_turn(w: Any, turn: Any, lot: Any) -> None:
    """A lot starts in its turn; so do all parts into which it was forked."""
    w.turn.left[turn] -= 1.0
    part = lot
    while True:
        w.took[part, w.turn.place[turn]] = TAKEN
        part = w.lot.sibling[part]
        if part == lot:
            break


@seldom
def expect_one_more(w: Any, lot: Any) -> None:
    """A part of a lot is a lot of its own from now on: the turns in which the lot has not started yet are for both."""
    for turn in range(w.run.turns[0]):
        if w.turn.left[turn] > 0.5 and _is_ahead(w, turn, lot):
            w.turn.left[turn] += 1.0


@seldom
def pass_over(w: Any, lot: Any) -> None:
    """A lot is no more: no turn in which it has not started waits for it."""
    for turn in range(w.run.turns[0]):
        if _is_ahead(w, turn, lot):
            w.turn.left[turn] -= 1.0
            mark_dirty(w, w.turn.center[turn])


@seldom
def pass_unborn(w: Any, order: Any, product: Any) -> None:
    """A lot of an order (-1: of none) is lost at its release, or needs no step: no turn waits for it."""
    if order < 0:
        return
    route = w.order.route[order]
    for turn in range(w.run.turns[0]):
        if _is_of(w, turn, w.order.sequenced[order], product) and (route < 0 or _comes(w, turn, route)):
            w.turn.left[turn] -= 1.0
            mark_dirty(w, w.turn.center[turn])
