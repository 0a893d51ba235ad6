"""Lots: how one begins, loses pieces, is finished and leaves."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.cards import cards_for, give_cards_back
from plantwright.simulation.carried import give_back
from plantwright.simulation.codes import LOG_COMPLETED, LOG_SCRAPPED, LOG_TOO_LATE
from plantwright.simulation.draws import compiled, inlined, seldom
from plantwright.simulation.drums import forget_drums
from plantwright.simulation.log import note
from plantwright.simulation.sequences import pass_over
from plantwright.simulation.stores import put
from plantwright.simulation.tallies import tally_lot


@inlined
def count_wip(w: Any, p: Any, change: Any) -> None:
    """So many lots of product `p` more are in process from now on."""
    now = w.run.now[0]
    w.product.wip_area[p] += w.product.wip[p] * (now - w.product.wip_since[p])
    w.product.wip_since[p] = now
    w.product.wip[p] += change
    w.run.wip_area[0] += w.run.wip[0] * (now - w.run.wip_since[0])
    w.run.wip_since[0] = now
    w.run.wip[0] += change


@inlined
def new_lot(w: Any, p: Any, r: Any, o: Any, pieces: Any) -> Any:
    """A lot of product `p` by release `r` before operation `o`, released now; its due time, priority and serial are the caller's."""
    lot = w.run.free_lot[0]
    w.run.free_lot[0] = w.lot.next[lot]
    w.run.free_lots[0] -= 1
    w.run.lots_made[0] += 1
    w.lot.number[lot] = w.run.lots_made[0]
    w.lot.product[lot] = p
    w.lot.release[lot] = r
    w.lot.operation[lot] = o
    w.lot.pieces[lot] = pieces
    w.lot.released[lot] = w.run.now[0]
    w.lot.turn[lot] = 0
    w.lot.cards[lot] = cards_for(w, r, pieces)
    w.lot.route[lot] = -1
    w.lot.sequenced[lot] = -1
    w.lot.carries[lot] = -1
    w.lot.here[lot] = -1
    w.lot.on_way[lot] = 0
    w.lot.at_start[lot] = 0
    w.lot.passes[lot] = 0
    w.lot.ahead[lot] = 0.0
    w.lot.sibling[lot] = lot
    w.lot.fewest[lot] = -1.0
    w.lot.joins_at[lot] = -1
    for k in range(w.run.rework_width[0]):
        w.reworks[lot, k] = 0
    for d in range(w.run.defect_width[0]):
        w.defects[lot, d] = 0.0
    for k in range(w.run.took_width[0]):
        w.took[lot, k] = 0
    for k in range(w.run.clock_width[0]):
        w.clocks[lot, k] = 0.0
    for k in range(w.run.bound_width[0]):
        w.machines_of_lots[lot, k] = -1
    count_wip(w, p, 1)
    return lot


@compiled
def short_of_rows(w: Any) -> Any:
    """Whether there may be no room for another release."""
    return w.run.free_lots[0] <= w.run.lot_reserve[0] or w.run.free_carries[0] < w.run.carry_reserve[0]


@seldom
def _leave_siblings(w: Any, lot: Any) -> None:
    before = lot
    while w.lot.sibling[before] != lot:
        before = w.lot.sibling[before]
    w.lot.sibling[before] = w.lot.sibling[lot]
    w.lot.sibling[lot] = lot


@inlined
def leave(w: Any, lot: Any) -> None:
    """A lot is no more: its cards come back, and its row is free. Of parts of one lot only the last makes a difference."""
    if w.run.turns[0] > 0 and w.lot.sibling[lot] == lot:
        pass_over(w, lot)
    if w.lot.sibling[lot] == lot:
        count_wip(w, w.lot.product[lot], -1)
    else:
        _leave_siblings(w, lot)
    give_cards_back(w, w.lot.release[lot], w.lot.cards[lot])
    if w.lot.carries[lot] >= 0:
        give_back(w, lot, -1)
    if w.run.drums[0] > 0:
        forget_drums(w, lot)
    w.lot.next[lot] = w.run.free_lot[0]
    w.run.free_lot[0] = lot
    w.run.free_lots[0] += 1


@seldom
def meet_limits(w: Any, lot: Any) -> None:
    """A lot starts: the clocks that were to be met by then stop, and it is counted whether they were."""
    o = w.lot.operation[lot]
    p = w.lot.product[lot]
    first = w.operation.first_limit[o]
    for k in range(first, first + w.operation.limits[o]):
        until = w.clocks[lot, w.limit.clock[k]]
        if until > 0.0:
            w.product.timed_queues[p] += 1
            if w.run.now[0] > until:
                w.product.late_queues[p] += 1
                note(w, LOG_TOO_LATE, lot, -1, w.limit.back[k], w.run.now[0] - until)
            w.clocks[lot, w.limit.clock[k]] = 0.0


@inlined
def complete(w: Any, lot: Any) -> None:
    """A lot is finished: count it, put its pieces on stock, give its cards back."""
    p = w.lot.product[lot]
    note(w, LOG_COMPLETED, lot, -1, -1, w.lot.pieces[lot])
    if w.store.counted[p] == 1:
        put(w, p, w.lot.pieces[lot])
    for d in range(w.run.defect_width[0]):
        w.product.escaped_pieces[p] += w.defects[lot, d]
    tally_lot(w, lot)
    leave(w, lot)


@seldom
def scrap(w: Any, lot: Any, bad: Any) -> Any:
    """Scrap pieces of a lot; returns whether any are left."""
    note(w, LOG_SCRAPPED, lot, -1, -1, bad)
    w.lot.pieces[lot] -= bad
    other = w.lot.sibling[lot]
    if w.lot.fewest[lot] >= 0.0:
        bad = _fewer(w, lot)
    w.product.scrapped_pieces[w.lot.product[lot]] += bad * w.operation.worth[w.lot.operation[lot]]
    if w.lot.pieces[lot] > 1e-9:
        return True
    leave(w, lot)
    if other != lot:
        give_up_if_all_wait(w, other)
    return False


@seldom
def _fewer(w: Any, lot: Any) -> Any:
    """A part of a forked lot has lost pieces: the lot has as many as the part with the fewest; returns how many it has lost."""
    left = w.lot.pieces[lot] if w.lot.pieces[lot] > 1e-9 else 0.0
    lost = max(0.0, w.lot.fewest[lot] - left)
    if lost > 0.0:
        part = lot
        while True:
            w.lot.fewest[part] = left
            part = w.lot.sibling[part]
            if part == lot:
                break
    return lost


@seldom
def give_up_if_all_wait(w: Any, lot: Any) -> None:
    """A lot of which nothing is left, as a part of it is scrapped whole, is no more when all its other parts wait."""
    part = lot
    while True:
        if w.lot.joins_at[part] < 0:
            return
        part = w.lot.sibling[part]
        if part == lot:
            break
    while w.lot.sibling[lot] != lot:
        leave(w, w.lot.sibling[lot])
    leave(w, lot)
