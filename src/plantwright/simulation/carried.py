"""Tools and cards that lots carry from one operation until another.

What a lot carries is a list of rows of ``carry``, each of which says until when, and points to a ``holding``: so many tools of a
pool. The parts of a lot share its holdings, and the last of them gives them back.
"""

from __future__ import annotations

from typing import Any

from plantwright.simulation.cards import give_cards_back
from plantwright.simulation.codes import (
    CARDS,
    LOG_TOOL_LET_GO,
    LOG_TOOL_SEIZED,
    NOT_CARRIED,
    PARTS_OF_A_PIECE,
    UNTIL_IT_LEAVES,
)
from plantwright.simulation.draws import seldom
from plantwright.simulation.log import note
from plantwright.simulation.people import carried_by, occupy
from plantwright.simulation.waiting import came_free


@seldom
def _wanted(w: Any, lot: Any, need: Any) -> Any:
    """How many more tools a lot must take to carry what a need asks for."""
    count = w.need.count[need]
    if w.need.by_piece[need] == 1:
        count = int(w.lot.pieces[lot] * PARTS_OF_A_PIECE + 0.5)
    return max(0, count - carried_by(w, lot, w.need.pool[need]))


@seldom
def plan_carried(w: Any, lot: Any, first: Any) -> Any:
    """Plan what a lot must take with it to start in the job of lot `first`; whether all of it is free.

    What it carries already the job need not claim.
    """
    job = w.lot.operation[first]
    for need in range(w.operation.first_need[job], w.operation.first_need[job] + w.operation.needs[job]):
        if w.need.borrows[need] == 1:
            before = 0 if lot == first else w.need.covered[need]
            w.need.covered[need] = before + carried_by(w, lot, w.need.pool[need])
    o = w.lot.operation[lot]
    found = True
    for need in range(w.operation.first_need[o], w.operation.first_need[o] + w.operation.needs[o]):
        if w.need.until[need] != NOT_CARRIED:
            pool = w.need.pool[need]
            w.crew.planned[pool] += _wanted(w, lot, need)
            found = found and w.crew.free[pool] >= w.crew.planned[pool]
    return found


@seldom
def unplan_carried(w: Any, lot: Any) -> None:
    """Forget what was planned for a lot."""
    o = w.lot.operation[lot]
    for need in range(w.operation.first_need[o], w.operation.first_need[o] + w.operation.needs[o]):
        if w.need.until[need] != NOT_CARRIED:
            w.crew.planned[w.need.pool[need]] -= _wanted(w, lot, need)


@seldom
def take_carried(w: Any, lot: Any, m: Any) -> None:
    """Let a lot that starts on machine `m` (-1: none) take what its operation wants it to carry from now on."""
    o = w.lot.operation[lot]
    for need in range(w.operation.first_need[o], w.operation.first_need[o] + w.operation.needs[o]):
        if w.need.until[need] != NOT_CARRIED:
            _keep_until(w, lot, w.need.pool[need], w.need.until[need])
            count = _wanted(w, lot, need)
            if count > 0:
                _take(w, lot, m, w.need.pool[need], count, w.need.until[need])


@seldom
def _keep_until(w: Any, lot: Any, pool: Any, until: Any) -> None:
    """What a lot carries of a pool already it keeps for as long as what it takes now."""
    k = w.lot.carries[lot]
    while k >= 0:
        if w.holding.pool[w.carry.holding[k]] == pool:
            w.carry.until[k] = until
        k = w.carry.next[k]


@seldom
def _take(w: Any, lot: Any, m: Any, pool: Any, count: Any, until: Any) -> None:
    h = w.run.free_holding[0]
    w.run.free_holding[0] = w.holding.next[h]
    w.holding.pool[h] = pool
    w.holding.count[h] = count
    w.holding.parts[h] = 0
    _link(w, lot, h, until)
    occupy(w, pool, count)
    note(w, LOG_TOOL_SEIZED, lot, m, pool, count / w.crew.scale[pool])


@seldom
def _link(w: Any, lot: Any, h: Any, until: Any) -> None:
    """Let a lot, or one more part of a lot, carry a holding."""
    k = w.run.free_carry[0]
    w.run.free_carry[0] = w.carry.next[k]
    w.run.free_carries[0] -= 1
    w.carry.holding[k] = h
    w.carry.until[k] = until
    w.carry.next[k] = w.lot.carries[lot]
    w.lot.carries[lot] = k
    w.holding.parts[h] += 1


@seldom
def _drop(w: Any, lot: Any, k: Any) -> None:
    """Free a row of what a lot carries; if nobody else shares it, it is given back."""
    h = w.carry.holding[k]
    w.carry.next[k] = w.run.free_carry[0]
    w.run.free_carry[0] = k
    w.run.free_carries[0] += 1
    w.holding.parts[h] -= 1
    if w.holding.parts[h] > 0:
        return
    pool = w.holding.pool[h]
    w.holding.next[h] = w.run.free_holding[0]
    w.run.free_holding[0] = h
    if pool == CARDS:
        give_cards_back(w, w.holding.release[h], w.holding.cards[h])
        return
    occupy(w, pool, -w.holding.count[h])
    note(w, LOG_TOOL_LET_GO, lot, -1, pool, w.holding.count[h] / w.crew.scale[pool])
    came_free(w, w.crew.team[pool], w.crew.bit[pool])


@seldom
def give_back(w: Any, lot: Any, o: Any) -> None:
    """Let a lot give back what it carries until operation `o`, which is done; all of it where `o` is -1."""
    last = -1
    k = w.lot.carries[lot]
    while k >= 0:
        following = w.carry.next[k]
        if o < 0 or w.carry.until[k] == o:
            if last >= 0:
                w.carry.next[last] = following
            else:
                w.lot.carries[lot] = following
            _drop(w, lot, k)
        else:
            last = k
        k = following


@seldom
def hold_cards(w: Any, lot: Any) -> None:
    """Make what a lot has of the cards of its loop a holding, which its parts can share."""
    h = w.run.free_holding[0]
    w.run.free_holding[0] = w.holding.next[h]
    w.holding.pool[h] = CARDS
    w.holding.release[h] = w.lot.release[lot]
    w.holding.cards[h] = w.lot.cards[lot]
    w.holding.parts[h] = 0
    w.lot.cards[lot] = 0.0
    _link(w, lot, h, UNTIL_IT_LEAVES)


@seldom
def share_carried(w: Any, lot: Any, part: Any) -> None:
    """A new part of a lot carries with it what the lot carries."""
    k = w.lot.carries[lot]
    while k >= 0:
        _link(w, part, w.carry.holding[k], w.carry.until[k])
        k = w.carry.next[k]


@seldom
def hand_carried_on(w: Any, lot: Any, other: Any) -> None:
    """Lot `other` carries on, beside what it carries, what `lot` carries, which is merged into it; what both share it carries once."""
    k = w.lot.carries[lot]
    w.lot.carries[lot] = -1
    while k >= 0:
        following = w.carry.next[k]
        if _shares(w, other, w.carry.holding[k]):
            _drop(w, lot, k)
        else:
            w.carry.next[k] = w.lot.carries[other]
            w.lot.carries[other] = k
        k = following


@seldom
def _shares(w: Any, lot: Any, h: Any) -> Any:
    k = w.lot.carries[lot]
    while k >= 0 and w.carry.holding[k] != h:
        k = w.carry.next[k]
    return k >= 0


@seldom
def carry_at_start(w: Any, lot: Any) -> None:
    """A lot that stands at a step when the run begins carries what the steps before it, in the order of the list, had it take."""
    here = w.lot.operation[lot]
    for o in range(w.product.first_operation[w.lot.product[lot]], here):
        if w.operation.carries[o] == 1:
            for need in range(w.operation.first_need[o], w.operation.first_need[o] + w.operation.needs[o]):
                until = w.need.until[need]
                if until >= here or until == UNTIL_IT_LEAVES:
                    _keep_until(w, lot, w.need.pool[need], until)
                    count = _wanted(w, lot, need)
                    if count > 0:
                        _take(w, lot, -1, w.need.pool[need], count, until)
