"""Queues: the lots that wait before a work center, in the order of its rules, and the places that they take."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.codes import BY_PRIORITY, EDD, FIFO_BY_RELEASE, LIFO, LOG_QUEUED, PER_PIECE, SPT
from plantwright.simulation.draws import compiled
from plantwright.simulation.log import note


@compiled
def mark_dirty(w: Any, c: Any) -> None:
    """Note that something changed at center `c`; the loop looks at it before the next event, first come first served."""
    if w.center.dirty[c] == 0:
        w.center.dirty[c] = 1
        w.center.next_dirty[c] = -1
        if w.run.dirty_head[0] < 0:
            w.run.dirty_head[0] = c
        else:
            w.center.next_dirty[w.run.dirty_tail[0]] = c
        w.run.dirty_tail[0] = c


@compiled
def count_queue(w: Any, c: Any, lots: Any, pieces: Any) -> None:
    """So many lots and pieces more wait at a work center, or spend their time there where it is a pure delay."""
    now = w.run.now[0]
    w.center.queue_area[c] += w.center.queue[c] * (now - w.center.queue_since[c])
    w.center.queue_since[c] = now
    w.center.queue[c] += lots
    w.center.queue_pieces[c] += pieces


@compiled
def _goes_before(w: Any, one: Any, other: Any) -> Any:
    if w.lot.key[one] != w.lot.key[other]:
        return w.lot.key[one] < w.lot.key[other]
    if w.lot.second_key[one] != w.lot.second_key[other]:
        return w.lot.second_key[one] < w.lot.second_key[other]
    return w.lot.third_key[one] < w.lot.third_key[other]


@compiled
def _key(w: Any, rule: Any, lot: Any) -> Any:
    """What a rule orders lots by: smaller goes first."""
    o = w.lot.operation[lot]
    key = w.run.now[0]
    if rule == BY_PRIORITY:
        key = -w.lot.priority[lot]
    elif rule == FIFO_BY_RELEASE:
        key = w.lot.released[lot]
    elif rule == EDD:
        key = w.lot.due[lot]
    elif rule == SPT:
        key = w.operation.work[o] * (w.lot.pieces[lot] if w.operation.time_per[o] == PER_PIECE else 1.0)
    elif rule == LIFO:
        key = -key
    return key


@compiled
def enqueue(w: Any, lot: Any) -> None:
    """Put a lot in the queue of its operation's center, at the place that the center's rules give it; equal lots as they came."""
    c = w.operation.center[w.lot.operation[lot]]
    w.lot.arrived[lot] = w.run.now[0]
    w.lot.key[lot] = _key(w, w.center.rule[c], lot)
    w.lot.second_key[lot] = _key(w, w.center.second_rule[c], lot)
    w.lot.third_key[lot] = _key(w, w.center.third_rule[c], lot)
    ahead = w.center.tail[c]
    while ahead >= 0 and _goes_before(w, lot, ahead):
        ahead = w.lot.previous[ahead]
    behind = w.lot.next[ahead] if ahead >= 0 else w.center.head[c]
    w.lot.previous[lot] = ahead
    w.lot.next[lot] = behind
    if ahead >= 0:
        w.lot.next[ahead] = lot
    else:
        w.center.head[c] = lot
    if behind >= 0:
        w.lot.previous[behind] = lot
    else:
        w.center.tail[c] = lot
    count_queue(w, c, 1, w.lot.pieces[lot])
    note(w, LOG_QUEUED, lot, -1, -1, w.lot.pieces[lot])
    mark_dirty(w, c)


@compiled
def dequeue(w: Any, lot: Any) -> None:
    """Take a lot out of its queue: its work starts."""
    c = w.operation.center[w.lot.operation[lot]]
    ahead, behind = w.lot.previous[lot], w.lot.next[lot]
    if ahead >= 0:
        w.lot.next[ahead] = behind
    else:
        w.center.head[c] = behind
    if behind >= 0:
        w.lot.previous[behind] = ahead
    else:
        w.center.tail[c] = ahead
    count_queue(w, c, -1, -w.lot.pieces[lot])
    w.center.wait[c] += w.run.now[0] - w.lot.arrived[lot]
    w.center.waits_counted[c] += 1


@compiled
def has_room(w: Any, c: Any, pieces: Any) -> Any:
    """Whether center `c` can take in a lot: in its buffer, or in a machine that stands empty."""
    places = w.center.places[c]
    if places < 0.0:
        return True
    if w.center.places_in_pieces[c] == 1:
        return w.center.queue_pieces[c] + pieces <= places + w.center.empty[c] * pieces * w.center.batch_lots[c]
    return w.center.queue[c] < places + w.center.empty[c] * w.center.batch_lots[c]
