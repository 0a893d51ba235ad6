"""The caller decides: which lot goes first at a work center, each time that work may start there; and by which rules lots go."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.choosing import pick_machine
from plantwright.simulation.draws import compiled, seldom
from plantwright.simulation.pacing import may_take_now
from plantwright.simulation.queues import sort_queue
from plantwright.simulation.sequences import turn_of
from plantwright.simulation.starting import measure_groups, ready_at


@seldom
def is_asked(w: Any, c: Any) -> Any:
    """Whether there is something to decide at center `c`: two of the lots that the caller is told of may go now, and not in one batch.
    What was answered is not asked again.
    """
    if w.run.answered[0] == c + 1:
        w.run.answered[0] = 0
        return False
    first = w.center.head[c]
    if first < 0 or w.ticket.next[first] < 0:
        return False
    if w.center.idle_head[c] < 0 or w.calendar.on[w.center.calendar[c]] == 0:
        return False
    if w.run.now[0] < w.center.asked_from[c]:
        return False
    if (w.center.turns[c] > 0 and turn_of(w, c) >= 0) or (w.center.line[c] >= 0 and not may_take_now(w, c)):
        return False
    if w.center.moving[c] == 1 and w.center.chosen[c] < 0:
        sort_queue(w, c)
    return _offer(w, c) >= 2 and (w.center.batch[c] == 0 or not _all_in_one(w, c))


@compiled
def _offer(w: Any, c: Any) -> Any:
    """Note the first lots in the queue of center `c`, and which of them may go now; returns how many that are.

    A lot may go if an idle machine may take it and, where lots go in batches, its batch may start. People, tools and material are not
    asked for.
    """
    if w.center.batch[c] == 1:
        measure_groups(w, c)
    able = 0
    k = 0
    ticket = w.center.head[c]
    while k < w.run.shown[0]:
        may_go = 0
        if ticket >= 0 and (w.center.batch[c] == 0 or ready_at(w, c, ticket) <= w.run.now[0]):
            may_go = 1 if pick_machine(w, c, ticket) >= 0 else 0
        w.offered[k] = ticket
        w.may_go[k] = may_go
        able += may_go
        k += 1
        if ticket >= 0:
            ticket = w.ticket.next[ticket]
    return able


@compiled
def _all_in_one(w: Any, c: Any) -> Any:
    """Whether all lots that may go now go in one batch, so that nothing is to be decided."""
    group = -1
    for k in range(w.run.shown[0]):
        if w.may_go[k] == 1:
            g = w.operation.group[w.ticket.operation[w.offered[k]]]
            if group >= 0 and g != group:
                return False
            group = g
    here = w.group.pieces[group] if w.center.batch_in_pieces[c] == 1 else w.group.lots[group]
    return w.group.size[group] == here


@seldom
def look_again(w: Any, c: Any) -> None:
    """Center `c` is the first of those at which something has changed."""
    if w.center.dirty[c] == 1:
        return
    w.center.dirty[c] = 1
    w.center.next_dirty[c] = w.run.dirty_head[0]
    if w.run.dirty_head[0] < 0:
        w.run.dirty_tail[0] = c
    w.run.dirty_head[0] = c


@seldom
def ask(w: Any, c: Any) -> None:
    """Let the caller answer before anything else is done."""
    w.run.question[0] = c + 1
    look_again(w, c)


@seldom
def take_answer(w: Any) -> None:
    """The caller has said which of the lots that it was told of goes first; where that may not go, the rules decide."""
    c = w.run.question[0] - 1
    w.run.question[0] = 0
    w.run.answered[0] = c + 1
    w.center.asked_from[c] = w.run.now[0] + w.run.rest[0]
    if w.center.chosen[c] >= 0:
        w.center.chosen[c] = -1
        sort_queue(w, c)
    k = w.run.answer[0]
    if 0 <= k < w.run.shown[0] and w.may_go[k] == 1:
        w.center.chosen[c] = w.offered[k]


@seldom
def bring_forward(w: Any, c: Any) -> None:
    """Put the lot that the caller has chosen in front of the queue of center `c`; if it is there no more, nothing is chosen."""
    chosen = w.center.chosen[c]
    first = w.center.head[c]
    ticket = first
    while ticket >= 0 and ticket != chosen:
        ticket = w.ticket.next[ticket]
    if ticket < 0:
        w.center.chosen[c] = -1
    elif ticket != first:
        ahead, behind = w.ticket.previous[ticket], w.ticket.next[ticket]
        w.ticket.next[ahead] = behind
        if behind >= 0:
            w.ticket.previous[behind] = ahead
        else:
            w.center.tail[c] = ahead
        w.ticket.previous[first] = ticket
        w.ticket.next[ticket] = first
        w.ticket.previous[ticket] = -1
        w.center.head[c] = ticket


@seldom
def forget_choice(w: Any, c: Any) -> None:
    """Work has started at center `c`: what was chosen is chosen no more, and if it still waits, it goes back to its place."""
    if w.center.head[c] == w.center.chosen[c]:
        sort_queue(w, c)
    w.center.chosen[c] = -1


@seldom
def reorder(w: Any) -> None:
    """Put lots in the order of the rules that the caller has given."""
    w.run.reordered[0] = 0
    for c in range(w.run.centers[0]):
        if w.center.reordered[c] == 1:
            w.center.reordered[c] = 0
            sort_queue(w, c)
