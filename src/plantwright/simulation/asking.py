"""The caller decides: which lot goes first at a work center, each time that work may start there; and by which rules lots go."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.choosing import pick_machine
from plantwright.simulation.draws import seldom
from plantwright.simulation.queues import sort_queue


@seldom
def is_asked(w: Any, c: Any) -> Any:
    """Whether there is something to decide at center `c`: of the lots that wait there, two could go on a machine that stands idle; where
    lots go in batches, two wait. What was answered is not asked again.
    """
    if w.run.answered[0] == c + 1:
        w.run.answered[0] = 0
        return False
    if w.center.idle_head[c] < 0 or w.calendar.on[w.center.calendar[c]] == 0:
        return False
    if w.run.now[0] < w.center.asked_from[c]:
        return False
    able = 0
    ticket = w.center.head[c]
    while ticket >= 0 and able < 2:
        if w.center.batch[c] == 1 or pick_machine(w, c, ticket) >= 0:
            able += 1
        ticket = w.ticket.next[ticket]
    return able == 2


@seldom
def ask(w: Any, c: Any) -> None:
    """Let the caller answer before anything else is done: center `c` stays the first of those at which something has changed."""
    w.run.question[0] = c + 1
    if w.center.dirty[c] == 1:
        return
    w.center.dirty[c] = 1
    w.center.next_dirty[c] = w.run.dirty_head[0]
    if w.run.dirty_head[0] < 0:
        w.run.dirty_tail[0] = c
    w.run.dirty_head[0] = c


@seldom
def reorder(w: Any) -> None:
    """Put lots in the order of the rules that the caller has given."""
    w.run.reordered[0] = 0
    for c in range(w.run.centers[0]):
        if w.center.reordered[c] == 1:
            w.center.reordered[c] = 0
            sort_queue(w, c)
