"""Stores: materials and finished stock, what jobs take of them, and the orders that fill them again."""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.agenda import schedule
from plantwright.simulation.codes import (
    DELAY_EVENT,
    DELIVERY_EVENT,
    LOG_DELIVERED,
    LOG_GIVEN,
    LOG_ORDERED,
    LOG_TAKEN,
    PER_BATCH,
    PER_PIECE,
)
from plantwright.simulation.draws import compiled, draw, seldom
from plantwright.simulation.log import note
from plantwright.simulation.queues import mark_dirty
from plantwright.simulation.streams import LEAD_TIME, OUTAGE
from plantwright.simulation.waiting import came_free

_NOT_LISTED = -2


@compiled
def book_level(w: Any, s: Any) -> None:
    """Book the level of store `s`, and the time in which work waited for it, up to now."""
    elapsed = w.run.now[0] - w.store.since[s]
    w.store.area[s] += w.store.level[s] * elapsed
    if w.store.short[s] == 1:
        w.store.short_time[s] += elapsed
    w.store.since[s] = w.run.now[0]


@compiled
def set_level(w: Any, s: Any, level: Any) -> None:
    """So much is on hand in store `s` from now on; who waits for a place in finished stock is looked at where it fell."""
    book_level(w, s)
    fell = level < w.store.level[s]
    w.store.level[s] = level
    c = w.store.center[s]
    if c >= 0:
        w.center.queue_pieces[c] = level
        if fell:
            mark_dirty(w, c)


@compiled
def want(w: Any, first: Any, takes: Any, lots: Any, pieces: Any, jobs: Any) -> None:
    """Add what so many lots, pieces and jobs take, by the rows from `first` on, to what is wanted just now."""
    for t in range(first, first + takes):
        s = w.take.store[t]
        if w.store.next_wanted[s] == _NOT_LISTED:
            w.store.next_wanted[s] = w.run.wanted_head[0]
            w.run.wanted_head[0] = s
        count = lots
        if w.take.per[t] == PER_PIECE:
            count = pieces
        elif w.take.per[t] == PER_BATCH:
            count = jobs
        w.store.wanted[s] += w.take.amount[t] * count


@compiled
def is_wanted_there(w: Any) -> Any:
    """Whether all that is wanted just now is on hand."""
    there = True
    s = w.run.wanted_head[0]
    while s >= 0:
        if w.store.counted[s] == 1 and w.store.wanted[s] > w.store.level[s] * (1.0 + 1e-9) + 1e-9:
            there = False
            if w.store.short[s] == 0:
                book_level(w, s)
                w.store.short[s] = 1
        s = w.store.next_wanted[s]
    return there


@seldom
def take_wanted(w: Any, lot: Any, m: Any) -> None:
    """Take all that is wanted just now, for a job with that first lot, or a repair of machine `m`."""
    s = w.run.wanted_head[0]
    while s >= 0:
        amount = w.store.wanted[s]
        w.store.taken[s] += amount
        note(w, LOG_TAKEN, lot, m, s, amount)
        if w.store.counted[s] == 1:
            set_level(w, s, max(0.0, w.store.level[s] - amount))
            note_low(w, s)
        s = w.store.next_wanted[s]
    forget_wanted(w)


@compiled
def forget_wanted(w: Any) -> None:
    """Nothing is wanted any more."""
    s = w.run.wanted_head[0]
    while s >= 0:
        following = w.store.next_wanted[s]
        w.store.wanted[s] = 0.0
        w.store.next_wanted[s] = _NOT_LISTED
        s = following
    w.run.wanted_head[0] = -1


@seldom
def put(w: Any, s: Any, amount: Any) -> None:
    """So much more is on hand in store `s`; work that waits for it is asked again."""
    set_level(w, s, w.store.level[s] + amount)
    w.store.short[s] = 0
    came_free(w, w.store.team[s], w.store.bit[s])


@seldom
def make(w: Any, lot: Any) -> None:
    """The operation of a lot is done: it gives what it gives to stores, and the lot is counted in its new unit."""
    o = w.lot.operation[lot]
    first = w.operation.first_give[o]
    gives = w.run.job_gives[0]
    for t in range(first, first + w.operation.gives[o]):
        count = 1.0
        if w.take.per[t] == PER_PIECE:
            count = w.lot.pieces[lot]
        elif w.take.per[t] == PER_BATCH:
            count = 1.0 * gives
            w.run.job_gives[0] = 0
        amount = w.take.amount[t] * count
        if amount > 0.0:
            _give(w, lot, w.take.store[t], amount)
    w.lot.pieces[lot] *= w.operation.factor[o]
    whole = w.operation.whole_after[o] == 1
    if whole:
        w.lot.pieces[lot] = math.floor(w.lot.pieces[lot] * (1.0 + 1e-9) + 1e-9)
    for d in range(w.run.defect_width[0]):
        w.defects[lot, d] *= w.operation.factor[o]
        if whole:
            w.defects[lot, d] = math.floor(w.defects[lot, d] * (1.0 + 1e-9) + 1e-9)


@seldom
def _give(w: Any, lot: Any, s: Any, amount: Any) -> None:
    """So much goes into store `s`; of a product it counts as made."""
    note(w, LOG_GIVEN, lot, -1, s, amount)
    if s < w.run.products[0]:
        w.product.done_pieces[s] += amount
    else:
        w.store.taken[s] -= amount
    if w.store.counted[s] == 1:
        put(w, s, amount)


@seldom
def note_low(w: Any, s: Any) -> None:
    """Put store `s` in the line of those for which an order is to be placed, if what is on hand and on order calls for one."""
    position = w.store.level[s] + w.store.on_order[s]
    if w.store.low[s] == 1 or position > w.store.reorder_at[s] or position >= w.store.reorder_to[s]:
        return
    w.store.low[s] = 1
    w.store.next_low[s] = -1
    if w.run.low_head[0] < 0:
        w.run.low_head[0] = s
    else:
        w.store.next_low[w.run.low_tail[0]] = s
    w.run.low_tail[0] = s


@seldom
def place_order(w: Any) -> None:
    """Order for the first store of those that are low, up to its full level; in an outage the order waits at the supplier."""
    s = w.run.low_head[0]
    w.run.low_head[0] = w.store.next_low[s]
    w.store.low[s] = 0
    amount = w.store.reorder_to[s] - w.store.level[s] - w.store.on_order[s]
    w.store.on_order[s] += amount
    order = w.run.free_lot[0]
    w.run.free_lot[0] = w.lot.next[order]
    w.run.free_lots[0] -= 1
    w.lot.product[order] = -1
    w.lot.operation[order] = s
    w.lot.pieces[order] = amount
    w.lot.serial[order] = w.store.orders[s]
    w.store.orders[s] += 1
    note(w, LOG_ORDERED, -1, -1, s, amount)
    supplier = w.store.supplier[s]
    if supplier < 0 or w.supplier.out[supplier] == 0:
        _send(w, order)
        return
    w.lot.next[order] = -1
    if w.supplier.held_head[supplier] < 0:
        w.supplier.held_head[supplier] = order
    else:
        w.lot.next[w.supplier.held_tail[supplier]] = order
    w.supplier.held_tail[supplier] = order


@seldom
def _send(w: Any, order: Any) -> None:
    """An order is on its way for the lead time of its supplier."""
    s = w.lot.operation[order]
    time = 0.0
    supplier = w.store.supplier[s]
    if supplier >= 0 and w.supplier.lead[supplier] >= 0:
        time = draw(w, w.supplier.lead[supplier], LEAD_TIME, w.store.key[s], w.lot.serial[order], 0)
    slot = w.run.first_slot_of_lots[0] + order
    w.slot.kind[slot] = DELIVERY_EVENT
    schedule(w, slot, w.run.now[0] + time)


@seldom
def on_delivery(w: Any, order: Any) -> None:
    """An order comes."""
    s = w.lot.operation[order]
    w.slot.kind[w.run.first_slot_of_lots[0] + order] = DELAY_EVENT
    note(w, LOG_DELIVERED, -1, -1, s, w.lot.pieces[order])
    w.store.on_order[s] -= w.lot.pieces[order]
    put(w, s, w.lot.pieces[order])
    w.lot.next[order] = w.run.free_lot[0]
    w.run.free_lot[0] = order
    w.run.free_lots[0] += 1


@seldom
def await_outage(w: Any, supplier: Any) -> None:
    """Put the next outage of a supplier into the agenda, if it has any."""
    if w.supplier.outage_every[supplier] >= 0:
        key, count = w.supplier.key[supplier], w.supplier.outages[supplier]
        every = draw(w, w.supplier.outage_every[supplier], OUTAGE, key, count, 0)
        schedule(w, w.supplier.slot[supplier], w.run.now[0] + every)


@seldom
def on_outage(w: Any, supplier: Any) -> None:
    """A supplier's outage begins or ends; at its end the orders that waited are sent, in the order in which they were placed."""
    if w.supplier.out[supplier] == 0:
        w.supplier.out[supplier] = 1
        key, count = w.supplier.key[supplier], w.supplier.outages[supplier]
        lasts = draw(w, w.supplier.outage_lasts[supplier], OUTAGE, key, count, 1 << 21)
        schedule(w, w.supplier.slot[supplier], w.run.now[0] + lasts)
        return
    w.supplier.out[supplier] = 0
    w.supplier.outages[supplier] += 1
    order = w.supplier.held_head[supplier]
    w.supplier.held_head[supplier] = -1
    while order >= 0:
        following = w.lot.next[order]
        _send(w, order)
        order = following
    await_outage(w, supplier)
