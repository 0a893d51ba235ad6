"""Queue-time limits: clocks that a step starts and another must not let run out."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.arrivals import come_in, wait_outside
from plantwright.simulation.codes import LOG_TOO_LATE, PAST_REPORT, PAST_REWORK
from plantwright.simulation.draws import seldom
from plantwright.simulation.drums import come_nearer
from plantwright.simulation.log import note
from plantwright.simulation.lots import scrap
from plantwright.simulation.queues import dequeue, mark_dirty
from plantwright.simulation.steps import back_to, was_at


@seldom
def _passed(w: Any, lot: Any, o: Any) -> Any:
    """The limit of operation `o` that a lot has passed and that does not let it start, or -1."""
    first = w.operation.first_limit[o]
    for k in range(first, first + w.operation.limits[o]):
        until = w.clocks[lot, w.limit.clock[k]]
        if w.limit.past[k] != PAST_REPORT and until > 0.0 and w.run.now[0] > until:
            return k
    return -1


@seldom
def _expel(w: Any, ticket: Any, k: Any) -> None:
    """A lot that has passed limit `k` is scrapped, or goes back to the step that began the clock; if there is no place it waits outside."""
    lot = w.ticket.lot[ticket]
    # What went on with others may have a clock of theirs, for a step that its own routing has not had.
    stays = w.limit.past[k] == PAST_REWORK and w.lot.route[lot] >= 0 and was_at(w, lot, w.limit.back[k]) < 0
    if not stays:
        here = w.lot.here[lot]
        dequeue(w, ticket)
        w.lot.here[lot] = here  # it was not worked on where it waited
    p = w.lot.product[lot]
    w.product.timed_queues[p] += 1
    w.product.late_queues[p] += 1
    note(w, LOG_TOO_LATE, lot, -1, w.limit.back[k], w.run.now[0] - w.clocks[lot, w.limit.clock[k]])
    w.clocks[lot, w.limit.clock[k]] = 0.0
    if stays:
        return
    if w.limit.past[k] != PAST_REWORK:
        scrap(w, lot, w.lot.pieces[lot])
        return
    back_to(w, lot, w.limit.back[k])
    w.lot.passes[lot] = 1
    if w.run.drums[0] > 0:
        come_nearer(w, lot)
    if not come_in(w, lot, True):
        wait_outside(w, lot)


@seldom
def expel_late(w: Any, c: Any) -> None:
    """Before work is started at center `c`: lots in its queue that come too late do not wait for it any longer."""
    expelled = False
    ticket = w.center.head[c]
    while ticket >= 0:
        following = w.ticket.next[ticket]
        k = _passed(w, w.ticket.lot[ticket], w.ticket.operation[ticket])
        if k >= 0:
            _expel(w, ticket, k)
            expelled = True
        ticket = following
    if expelled:
        mark_dirty(w, c)
