"""Lots: how they come, wait, go on and leave."""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.agenda import schedule
from plantwright.simulation.codes import (
    BY_PRIORITY,
    EDD,
    FIFO_BY_RELEASE,
    LIFO,
    LOG_COMPLETED,
    LOG_LOST,
    LOG_QUEUED,
    LOG_RELEASED,
    LOG_REWORKED,
    LOG_SCRAPPED,
    LOG_STARTED,
    LOOP,
    PER_PIECE,
    SPT,
)
from plantwright.simulation.draws import (
    BRANCH,
    CONSTANT,
    LOAD,
    REWORK,
    SHARE,
    TIME,
    UNLOAD,
    YIELD,
    bad_pieces,
    compiled,
    draw,
    uniform,
)
from plantwright.simulation.log import note

TURNS = 4096
"""Visits of one lot to one operation that have draws of their own."""

BINS = 2774
"""Bins of the histogram of cycle times: 1 % wide each, from 1 ms to 1e9 s."""


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


@compiled
def _count_wip(w: Any, p: Any, change: Any) -> None:
    now = w.run.now[0]
    w.product.wip_area[p] += w.product.wip[p] * (now - w.product.wip_since[p])
    w.product.wip_since[p] = now
    w.product.wip[p] += change
    w.run.wip_area[0] += w.run.wip[0] * (now - w.run.wip_since[0])
    w.run.wip_since[0] = now
    w.run.wip[0] += change


@compiled
def _give_card_back(w: Any, r: Any) -> None:
    if r >= 0 and w.release.rule[r] == LOOP:
        loop = w.release.loop[r]
        w.loop.cards[loop] += w.release.pieces[r] if w.loop.pieces[loop] == 1 else 1.0
        w.run.pull[0] = 1


@compiled
def _leave(w: Any, lot: Any) -> None:
    p = w.lot.product[lot]
    _count_wip(w, p, -1)
    _give_card_back(w, w.lot.release[lot])
    w.lot.next[lot] = w.run.free_lot[0]
    w.run.free_lot[0] = lot
    w.run.free_lots[0] += 1


@compiled
def complete(w: Any, lot: Any) -> None:
    """A lot is finished: count it, put its pieces on stock, give its card back."""
    now = w.run.now[0]
    p = w.lot.product[lot]
    time = now - w.lot.released[lot]
    note(w, LOG_COMPLETED, lot, -1, -1, w.lot.pieces[lot])
    w.product.done_lots[p] += 1
    w.product.done_pieces[p] += w.lot.pieces[lot]
    w.product.stock[p] += w.lot.pieces[lot]
    w.product.time[p] += time
    b = 0
    if time > 1e-3:
        b = min(BINS - 1, int(math.log(time / 1e-3) / math.log1p(0.01)))
    w.histogram[p, b] += 1
    if w.lot.due[lot] < math.inf:
        w.product.with_due[p] += 1
        if now <= w.lot.due[lot]:
            w.product.on_time[p] += 1
    w.run.done[0] += 1
    w.run.done_time[0] += time
    _leave(w, lot)


@compiled
def _scrap(w: Any, lot: Any, bad: Any) -> Any:
    """Scrap pieces of a lot; returns whether any are left."""
    note(w, LOG_SCRAPPED, lot, -1, -1, bad)
    w.product.scrapped_pieces[w.lot.product[lot]] += bad
    w.lot.pieces[lot] -= bad
    if w.lot.pieces[lot] > 1e-9:
        return True
    _leave(w, lot)
    return False


@compiled
def _after(w: Any, lot: Any, o: Any, count: Any) -> Any:
    """The operation that follows `o` for this lot, optional ones skipped by their share; -1 at the end."""
    key = w.run.key[0]
    while True:
        target = w.operation.following[o]
        if w.operation.branches[o] > 0:
            u = uniform(key, BRANCH, w.operation.key[o], count, 0)
            first = w.operation.first_branch[o]
            target = w.branch.operation[first + w.operation.branches[o] - 1]
            for b in range(first, first + w.operation.branches[o]):
                if u < w.branch.share[b]:
                    target = w.branch.operation[b]
                    break
        if target < 0:
            return target
        share = w.operation.share[target]
        if share >= 1.0 or uniform(key, SHARE, w.operation.key[target], count, 0) < share:
            return target
        o = target


@compiled
def go_on(w: Any, lot: Any) -> Any:
    """What becomes of a lot whose operation is done: scrap, rework, the next operation, or completion.

    Returns whether the lot is still in process; its `operation` is then the next one.
    """
    o = w.lot.operation[lot]
    key = w.run.key[0]
    count = w.lot.serial[lot] * TURNS + w.lot.turn[lot]
    entity = w.operation.key[o]
    good = w.operation.good[o]
    if good < 1.0:
        pieces = w.lot.pieces[lot]
        if w.operation.scrap_lot[o] == 1:
            bad = pieces if uniform(key, YIELD, entity, count, 0) >= good else 0.0
        elif w.product.whole[w.lot.product[lot]] == 1:
            bad = bad_pieces(w, pieces, good, entity, count)
        else:
            bad = pieces * (1.0 - good)
        if bad > 0.0 and not _scrap(w, lot, bad):
            return False
    if w.operation.rework[o] > 0.0:
        if uniform(key, REWORK, entity, count, 0) < w.operation.rework[o]:
            if w.reworks[lot, w.operation.rework_place[o]] < w.operation.rework_most[o]:
                w.reworks[lot, w.operation.rework_place[o]] += 1
                w.lot.turn[lot] += 1
                note(w, LOG_REWORKED, lot, -1, w.operation.rework_to[o], w.lot.pieces[lot])
                w.lot.operation[lot] = w.operation.rework_to[o]
                return True
            if w.operation.rework_scrap[o] == 1:
                _scrap(w, lot, w.lot.pieces[lot])
                return False
        w.reworks[lot, w.operation.rework_place[o]] = 0
    target = _after(w, lot, o, count)
    if target < 0:
        complete(w, lot)
        return False
    if target <= o:
        w.lot.turn[lot] += 1
    w.lot.operation[lot] = target
    return True


@compiled
def open_after(w: Any, calendar: Any, time: Any, work: Any) -> Any:
    """The instant at which `work` seconds of a calendar's open time have passed after `time` (now or later)."""
    row = w.calendar.first[calendar] + w.calendar.cursor[calendar]
    last = w.calendar.first[calendar] + w.calendar.rows[calendar] - 1
    while row < last:
        until = w.calendar_row.time[row + 1]
        if w.calendar_row.on[row] == 1 and until > time:
            if work <= until - time:
                return time + work
            work -= until - time
        time = max(time, until)
        row += 1
    return time + work if w.calendar_row.on[last] == 1 else math.inf


@compiled
def work_time(w: Any, which: Any, per: Any, purpose: Any, lot: Any) -> Any:
    """The time of a phase for one lot: a draw for each piece, or one for the lot or batch."""
    if which < 0:
        return 0.0
    entity = w.operation.key[w.lot.operation[lot]]
    count = w.lot.serial[lot] * TURNS + w.lot.turn[lot]
    if per != PER_PIECE:
        return draw(w, which, purpose, entity, count, 0)
    pieces = w.lot.pieces[lot]
    if w.distribution.kind[which] == CONSTANT:
        return pieces * w.distribution.a[which]
    whole = int(pieces)
    time = 0.0
    for piece in range(whole):
        time += draw(w, which, purpose, entity, count, piece << 21)
    if pieces > whole:
        time += (pieces - whole) * draw(w, which, purpose, entity, count, whole << 21)
    return time


@compiled
def delay(w: Any, lot: Any) -> None:
    """Let a lot spend its operation's time at a work center of unlimited machines."""
    o = w.lot.operation[lot]
    now = w.run.now[0]
    count_queue(w, w.operation.center[o], 1, w.lot.pieces[lot])
    w.lot.arrived[lot] = now
    note(w, LOG_QUEUED, lot, -1, -1, w.lot.pieces[lot])
    note(w, LOG_STARTED, lot, -1, -1, w.lot.pieces[lot])
    time = work_time(w, w.operation.time[o], w.operation.time_per[o], TIME, lot)
    time += work_time(w, w.operation.load[o], w.operation.load_per[o], LOAD, lot)
    time += work_time(w, w.operation.unload[o], w.operation.unload_per[o], UNLOAD, lot)
    schedule(w, w.run.first_slot_of_lots[0] + lot, open_after(w, w.center.calendar[w.operation.center[o]], now, time))


@compiled
def wait_outside(w: Any, lot: Any) -> None:
    """Let a lot that finds no place wait outside its center, behind those who wait there."""
    c = w.operation.center[w.lot.operation[lot]]
    w.lot.next[lot] = -1
    if w.center.outside_head[c] < 0:
        w.center.outside_head[c] = lot
    else:
        w.lot.next[w.center.outside_tail[c]] = lot
    w.center.outside_tail[c] = lot


@compiled
def release_lot(w: Any, r: Any, pieces: Any, due: Any, priority: Any) -> None:
    """Start a lot by release rule `r`; where no place is free it waits outside, or is lost if the rule says so."""
    now = w.run.now[0]
    p = w.release.product[r]
    serial = w.product.made[p]
    w.product.made[p] = serial + 1
    w.release.count[r] += 1
    o = w.release.operation[r]
    if w.operation.share[o] < 1.0:
        u = uniform(w.run.key[0], SHARE, w.operation.key[o], serial * TURNS, 0)
        if u >= w.operation.share[o]:
            lot = w.run.free_lot[0]
            o = _after(w, lot, o, serial * TURNS)
            if o < 0:
                _give_card_back(w, r)
                return
    c = w.operation.center[o]
    instant = w.center.machines[c] < 0
    room = instant or (has_room(w, c, pieces) and w.center.outside_head[c] < 0 and w.center.blocked_head[c] < 0)
    w.product.released_lots[p] += 1
    if not room and w.release.lost[r] == 1:
        w.product.lost_lots[p] += 1
        note(w, LOG_LOST, -1, -1, p, pieces)
        _give_card_back(w, r)
        return
    w.product.started_pieces[p] += pieces
    lot = w.run.free_lot[0]
    w.run.free_lot[0] = w.lot.next[lot]
    w.run.free_lots[0] -= 1
    w.lot.product[lot] = p
    w.lot.release[lot] = r
    w.lot.operation[lot] = o
    w.lot.pieces[lot] = pieces
    w.lot.released[lot] = now
    w.lot.due[lot] = due
    w.lot.priority[lot] = priority
    w.lot.serial[lot] = serial
    w.lot.turn[lot] = 0
    w.run.lots_made[0] += 1
    w.lot.number[lot] = w.run.lots_made[0]
    for k in range(w.run.rework_width[0]):
        w.reworks[lot, k] = 0
    _count_wip(w, p, 1)
    note(w, LOG_RELEASED, lot, -1, -1, pieces)
    if instant:
        delay(w, lot)
    elif room:
        enqueue(w, lot)
    else:
        wait_outside(w, lot)
