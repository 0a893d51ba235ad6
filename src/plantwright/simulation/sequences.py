"""Given sequences: whose turn it is at a work center that has one."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.draws import compiled
from plantwright.simulation.queues import mark_dirty


@compiled
def turn_of(w: Any, c: Any) -> Any:
    """The row of the turn that center `c` is at; -1 where its sequence is at its end."""
    last = w.center.first_turn[c] + w.center.turns[c]
    while w.center.turn[c] < last and w.turn.left[w.center.turn[c]] < 0.5:
        w.center.turn[c] += 1
    return w.center.turn[c] if w.center.turn[c] < last else -1


@compiled
def has_turn(w: Any, turn: Any, ticket: Any) -> Any:
    """Whether it is the turn of a lot, at the operation that it waits for."""
    lot = w.ticket.lot[ticket]
    if w.lot.sequenced[lot] != w.turn.sequenced[turn]:
        return False
    if w.turn.product[turn] >= 0 and w.turn.product[turn] != w.lot.product[lot]:
        return False
    operation = w.turn.operation[turn]
    return operation < 0 or operation == w.operation.main[w.ticket.operation[ticket]]


@compiled
def pass_over(w: Any, lot: Any) -> None:
    """A lot of an order that sequences name is no more: no turn waits for it at the steps that were before it."""
    here = w.operation.main[w.lot.operation[lot]]
    for turn in range(w.run.turns[0]):
        if w.turn.sequenced[turn] != w.lot.sequenced[lot]:
            continue
        if w.turn.product[turn] >= 0 and w.turn.product[turn] != w.lot.product[lot]:
            continue
        if w.turn.operation[turn] > here:
            w.turn.left[turn] -= 1.0
            mark_dirty(w, w.turn.center[turn])
