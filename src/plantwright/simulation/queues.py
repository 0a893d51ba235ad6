"""Queues: the lots that wait before a work center, in the order of its rules, the places that they take, and who waits for one.

A lot whose operation several work centers can do waits at all of them at once: it has a ticket in the line of each, and stands
(takes a place) at one. When it starts, or comes in, its other tickets are void.
"""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.codes import (
    BLOCKED_LINE,
    BY_PRIORITY,
    CRITICAL_RATIO,
    EDD,
    FIFO_BY_RELEASE,
    LIFO,
    LOG_QUEUED,
    OWN_RULE,
    PER_PIECE,
    QUEUE_LINE,
    SLACK,
    SPT,
)
from plantwright.simulation.draws import compiled, inlined, seldom
from plantwright.simulation.drums import come_nearer
from plantwright.simulation.log import note
from plantwright.simulation.rule_calls import call_rule
from plantwright.simulation.tallies import tally_wait


@inlined
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


@inlined
def count_queue(w: Any, c: Any, lots: Any, pieces: Any) -> None:
    """So many lots and pieces more wait at a work center, or spend their time there where it is a pure delay."""
    now = w.run.now[0]
    w.center.queue_area[c] += w.center.queue[c] * (now - w.center.queue_since[c])
    w.center.queue_since[c] = now
    w.center.queue[c] += lots
    w.center.queue_pieces[c] += pieces


@compiled
def count_delayed(w: Any, c: Any, lots: Any) -> None:
    """So many lots more lie before they come to center `c`."""
    now = w.run.now[0]
    w.center.delay_area[c] += w.center.delayed[c] * (now - w.center.delay_since[c])
    w.center.delay_since[c] = now
    w.center.delayed[c] += lots


@compiled
def choice_row(w: Any, o: Any, k: Any) -> Any:
    """The row of the alternative of number `k`, from 0 on, of the operation that `o` is an alternative of."""
    main = w.operation.main[o]
    return main if k == 0 else w.operation.first_choice[main] + k - 1


@compiled
def _goes_before(w: Any, one: Any, other: Any) -> Any:
    if w.ticket.key[one] != w.ticket.key[other]:
        return w.ticket.key[one] < w.ticket.key[other]
    if w.ticket.second_key[one] != w.ticket.second_key[other]:
        return w.ticket.second_key[one] < w.ticket.second_key[other]
    return w.ticket.third_key[one] < w.ticket.third_key[other]


@seldom
def work_ahead(w: Any, o: Any, pieces: Any) -> Any:
    """The mean work of an operation and all that follows, for a lot of so many pieces."""
    main = w.operation.main[o]
    return w.operation.ahead_of_lot[main] + pieces * w.operation.ahead_of_piece[main]


@seldom
def mean_run(w: Any, o: Any, pieces: Any) -> Any:
    """The mean run of an operation, for a lot of so many pieces."""
    return w.operation.work[o] * (pieces if w.operation.time_per[o] == PER_PIECE else 1.0)


@seldom
def _critical_ratio(w: Any, lot: Any, ahead: Any) -> Any:
    """The time that is left until a lot is due, over the work ahead; one without a due time goes last."""
    due = w.lot.due[lot]
    if due == math.inf:
        return due
    return (due - w.run.now[0]) / max(ahead, 1e-9)


@inlined
def _key(w: Any, rule: Any, ticket: Any) -> Any:
    """What a rule orders lots by: smaller goes first."""
    lot = w.ticket.lot[ticket]
    o = w.ticket.operation[ticket]
    pieces = w.lot.pieces[lot]
    key = w.lot.arrived[lot]
    if rule == BY_PRIORITY:
        key = -w.lot.priority[lot]
    elif rule == FIFO_BY_RELEASE:
        key = w.lot.released[lot]
    elif rule == EDD:
        key = w.lot.due[lot]
    elif rule == SPT:
        key = mean_run(w, o, pieces)
    elif rule == LIFO:
        key = -key
    elif rule == SLACK:
        key = w.lot.due[lot] - work_ahead(w, o, pieces)  # less now, which is the same for all
    elif rule == CRITICAL_RATIO:
        key = _critical_ratio(w, lot, work_ahead(w, o, pieces))
    elif rule >= OWN_RULE:
        key = call_rule(
            w.own_rule.address[rule - OWN_RULE],
            w.run.now[0],
            w.lot.arrived[lot],
            w.lot.released[lot],
            w.lot.due[lot],
            w.lot.priority[lot],
            pieces,
            mean_run(w, o, pieces),
            work_ahead(w, o, pieces),
        )
    return key


@compiled
def _find_keys(w: Any, c: Any, ticket: Any) -> None:
    """What the rules of center `c` order a ticket by."""
    w.ticket.key[ticket] = _key(w, w.center.rule[c], ticket)
    w.ticket.second_key[ticket] = _key(w, w.center.second_rule[c], ticket)
    w.ticket.third_key[ticket] = _key(w, w.center.third_rule[c], ticket)


@inlined
def _take_place(w: Any, c: Any, ticket: Any) -> None:
    """Put a ticket in the queue of center `c`, at the place that the center's rules give it; equal lots as they came."""
    if w.center.usual[c] == 1:
        lot = w.ticket.lot[ticket]
        w.ticket.key[ticket] = -w.lot.priority[lot]
        w.ticket.second_key[ticket] = w.lot.arrived[lot]
        w.ticket.third_key[ticket] = w.lot.arrived[lot]
    else:
        _find_keys(w, c, ticket)
    ahead = w.center.tail[c]
    while ahead >= 0 and _goes_before(w, ticket, ahead):
        ahead = w.ticket.previous[ahead]
    behind = w.ticket.next[ahead] if ahead >= 0 else w.center.head[c]
    w.ticket.previous[ticket] = ahead
    w.ticket.next[ticket] = behind
    if ahead >= 0:
        w.ticket.next[ahead] = ticket
    else:
        w.center.head[c] = ticket
    if behind >= 0:
        w.ticket.previous[behind] = ticket
    else:
        w.center.tail[c] = ticket


@inlined
def _line_up(w: Any, ticket: Any, o: Any) -> None:
    """Put a ticket in the queue of the center of row `o`."""
    w.ticket.operation[ticket] = o
    _take_place(w, w.operation.center[o], ticket)
    mark_dirty(w, w.operation.center[o])


@seldom
def sort_queue(w: Any, c: Any) -> None:
    """Put the lots before center `c` in the order of its rules, as they are now; those that are equal stay as they stood."""
    ticket = w.center.head[c]
    w.center.head[c] = -1
    w.center.tail[c] = -1
    while ticket >= 0:
        following = w.ticket.next[ticket]
        _take_place(w, c, ticket)
        ticket = following


@inlined
def enqueue(w: Any, lot: Any) -> None:
    """Put a lot in the queue of its operation's center, where it stands, and of the others that can do the operation."""
    o = w.lot.operation[lot]
    count_queue(w, w.operation.center[o], 1, w.lot.pieces[lot])
    join_queue(w, lot)


@compiled
def stand(w: Any, lot: Any) -> None:
    """A lot that is on its way has its place at its operation's center from now on."""
    c = w.operation.center[w.lot.operation[lot]]
    count_queue(w, c, 1, w.lot.pieces[lot])
    w.center.coming[c] += 1


@inlined
def join_queue(w: Any, lot: Any) -> None:
    """A lot that has its place lines up, where it stands and at the other centers that can do its operation."""
    o = w.lot.operation[lot]
    w.lot.arrived[lot] = w.run.now[0]
    if w.run.drums[0] > 0:
        come_nearer(w, lot)
    if w.operation.choices[o] == 1:
        _line_up(w, lot * w.run.width[0], o)
    else:
        for k in range(w.operation.choices[o]):
            row = choice_row(w, o, k)
            _line_up(w, lot * w.run.width[0] + k, row)
            if row != o:
                w.center.visiting[w.operation.center[row]] += 1
    note(w, LOG_QUEUED, lot, -1, -1, w.lot.pieces[lot])


@compiled
def _void(w: Any, ticket: Any, line: Any) -> None:
    """Take a ticket out of its line."""
    c = w.operation.center[w.ticket.operation[ticket]]
    ahead, behind = w.ticket.previous[ticket], w.ticket.next[ticket]
    if ahead >= 0:
        w.ticket.next[ahead] = behind
    elif line == QUEUE_LINE:
        w.center.head[c] = behind
    elif line == BLOCKED_LINE:
        w.center.blocked_head[c] = behind
    else:
        w.center.outside_head[c] = behind
    if behind >= 0:
        w.ticket.previous[behind] = ahead
    elif line == QUEUE_LINE:
        w.center.tail[c] = ahead
    elif line == BLOCKED_LINE:
        w.center.blocked_tail[c] = ahead
    else:
        w.center.outside_tail[c] = ahead


@compiled
def dequeue(w: Any, ticket: Any) -> None:
    """Take a lot out of all its queues: its work starts at the center of this ticket."""
    lot = w.ticket.lot[ticket]
    stood = w.lot.operation[lot]
    c = w.operation.center[stood]
    count_queue(w, c, -1, -w.lot.pieces[lot])
    if w.operation.choices[stood] == 1:
        _void(w, ticket, QUEUE_LINE)
    else:
        for k in range(w.operation.choices[stood]):
            other = lot * w.run.width[0] + k
            row = w.ticket.operation[other]
            _void(w, other, QUEUE_LINE)
            if row != stood:
                w.center.visiting[w.operation.center[row]] -= 1
            if other != ticket:
                mark_dirty(w, w.operation.center[row])
        w.lot.operation[lot] = w.ticket.operation[ticket]
        c = w.operation.center[w.lot.operation[lot]]
    w.lot.here[lot] = c
    tally_wait(w, c, w.run.now[0] - w.lot.arrived[lot])


@compiled
def _wait_at(w: Any, ticket: Any, o: Any, line: Any, first: Any) -> None:
    """Put a ticket at the end, or the head, of those who wait to come in to the center of row `o`."""
    c = w.operation.center[o]
    w.ticket.operation[ticket] = o
    head, tail = w.center.outside_head[c], w.center.outside_tail[c]
    if line == BLOCKED_LINE:
        head, tail = w.center.blocked_head[c], w.center.blocked_tail[c]
    w.ticket.previous[ticket] = -1 if first else tail
    w.ticket.next[ticket] = head if first else -1
    if first and head >= 0:
        w.ticket.previous[head] = ticket
    if not first and tail >= 0:
        w.ticket.next[tail] = ticket
    if first or head < 0:
        head = ticket
    if not first or tail < 0:
        tail = ticket
    if line == BLOCKED_LINE:
        w.center.blocked_head[c], w.center.blocked_tail[c] = head, tail
    else:
        w.center.outside_head[c], w.center.outside_tail[c] = head, tail


@compiled
def wait_to_come_in(w: Any, lot: Any, line: Any, ahead_at: Any) -> None:
    """Let a lot wait for a place before each center that can do its operation: behind those who wait there, at center `ahead_at`
    before them.
    """
    o = w.lot.operation[lot]
    for k in range(w.operation.choices[o]):
        row = choice_row(w, o, k)
        _wait_at(w, lot * w.run.width[0] + k, row, line, w.operation.center[row] == ahead_at)


@compiled
def leave_line(w: Any, ticket: Any, line: Any) -> None:
    """A lot that waits for a place comes in to the center of this ticket, and waits in no line any more."""
    lot = w.ticket.lot[ticket]
    o = w.lot.operation[lot]
    for k in range(w.operation.choices[o]):
        _void(w, lot * w.run.width[0] + k, line)
    w.lot.operation[lot] = w.ticket.operation[ticket]


@seldom
def can_be_done_at(w: Any, lot: Any, c: Any) -> Any:
    """Whether center `c` is one of those that can do a lot's operation."""
    o = w.lot.operation[lot]
    found = False
    for k in range(w.operation.choices[o]):
        found = found or w.operation.center[choice_row(w, o, k)] == c
    return found


ROUNDING = 1e-9
"""So many pieces more than there are places for still find room: kilograms and metres do not add up to the last bit."""


@seldom
def _lane_has_room(w: Any, c: Any, pieces: Any) -> Any:
    """Whether the shared buffer before center `c` can take in a lot: what waits beyond a job for each empty machine shares its places."""
    lane = w.center.lane[c]
    first = w.lane.first_center[lane]
    used = 0.0
    for k in range(first, first + w.lane.centers[lane]):
        other = w.lane_center.center[k]
        jobs = 1.0 * w.center.empty[other] * w.center.batch_lots[other]
        if w.center.places_in_pieces[c] == 1:
            waiting = w.center.queue_pieces[other] + (pieces if other == c else 0.0)
            beyond = waiting - jobs * pieces
        else:
            beyond = w.center.queue[other] + (1.0 if other == c else 0.0) - jobs
        if other == c and beyond <= ROUNDING:
            return True
        used += max(0.0, beyond)
    return used <= w.center.places[c] + ROUNDING


@seldom
def offer_lane(w: Any, c: Any) -> None:
    """A place in the shared buffer before center `c` may be free: the other centers that it feeds, those for whose lots it is."""
    lane = w.center.lane[c]
    first = w.lane.first_center[lane]
    for k in range(first, first + w.lane.centers[lane]):
        other = w.lane_center.center[k]
        if other == c:
            continue
        ticket = w.center.blocked_head[other]
        if ticket < 0:
            ticket = w.center.outside_head[other]
        if ticket >= 0 and has_room(w, other, w.lot.pieces[w.ticket.lot[ticket]]):
            mark_dirty(w, other)
        if w.center.looped[other] == 1:
            w.run.pull[0] = 1


@inlined
def has_place(w: Any, c: Any) -> Any:
    """Whether there is a place for a lot in the buffer of center `c`, which counts lots, or in a machine that stands empty."""
    return w.center.queue[c] < w.center.places[c] + w.center.empty[c] * w.center.batch_lots[c]


@compiled
def has_room(w: Any, c: Any, pieces: Any) -> Any:
    """Whether center `c` can take in a lot: in its buffer, or in a machine that stands empty."""
    places = w.center.places[c]
    if places < 0.0:
        return True
    if w.center.lane[c] >= 0:
        return _lane_has_room(w, c, pieces)
    if w.center.places_in_pieces[c] == 1:
        jobs = w.center.empty[c] * pieces * w.center.batch_lots[c]
        return w.center.queue_pieces[c] + pieces <= places + jobs + ROUNDING
    return has_place(w, c)
