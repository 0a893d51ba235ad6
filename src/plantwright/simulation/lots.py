"""Lots: what becomes of one when its operation is done, and how it leaves."""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.codes import LOG_COMPLETED, LOG_REWORKED, LOG_SCRAPPED, LOOP
from plantwright.simulation.draws import BRANCH, REWORK, SHARE, YIELD, bad_pieces, compiled, uniform
from plantwright.simulation.log import note
from plantwright.simulation.times import TURNS

BINS = 2774
"""Bins of the histogram of cycle times: 1 % wide each, from 1 ms to 1e9 s."""


@compiled
def count_wip(w: Any, p: Any, change: Any) -> None:
    now = w.run.now[0]
    w.product.wip_area[p] += w.product.wip[p] * (now - w.product.wip_since[p])
    w.product.wip_since[p] = now
    w.product.wip[p] += change
    w.run.wip_area[0] += w.run.wip[0] * (now - w.run.wip_since[0])
    w.run.wip_since[0] = now
    w.run.wip[0] += change


@compiled
def give_card_back(w: Any, r: Any) -> None:
    if r >= 0 and w.release.rule[r] == LOOP:
        loop = w.release.loop[r]
        w.loop.cards[loop] += w.release.pieces[r] if w.loop.pieces[loop] == 1 else 1.0
        w.run.pull[0] = 1


@compiled
def _leave(w: Any, lot: Any) -> None:
    p = w.lot.product[lot]
    count_wip(w, p, -1)
    give_card_back(w, w.lot.release[lot])
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
def scrap(w: Any, lot: Any, bad: Any) -> Any:
    """Scrap pieces of a lot; returns whether any are left."""
    note(w, LOG_SCRAPPED, lot, -1, -1, bad)
    w.product.scrapped_pieces[w.lot.product[lot]] += bad
    w.lot.pieces[lot] -= bad
    if w.lot.pieces[lot] > 1e-9:
        return True
    _leave(w, lot)
    return False


@compiled
def step_after(w: Any, lot: Any, o: Any, count: Any) -> Any:
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
        if bad > 0.0 and not scrap(w, lot, bad):
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
                scrap(w, lot, w.lot.pieces[lot])
                return False
        w.reworks[lot, w.operation.rework_place[o]] = 0
    target = step_after(w, lot, o, count)
    if target < 0:
        complete(w, lot)
        return False
    if target <= o:
        w.lot.turn[lot] += 1
    w.lot.operation[lot] = target
    return True
