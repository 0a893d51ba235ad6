"""Choosing: which machine of a work center takes a lot, and which setup it needs for it."""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.codes import (
    EMPTY,
    EMPTY_MACHINE,
    FASTEST,
    IN_LOTS,
    IN_PIECES,
    LEAST_SETUP,
    LONGEST_IDLE_PLACE,
)
from plantwright.simulation.draws import compiled, draw, seldom
from plantwright.simulation.streams import SETUP
from plantwright.simulation.times import TURNS

_CLEANING_PART = 1 << 21
"""Cleaning is drawn like the setup to which it is added, on parts of its own."""


@compiled
def which_setup(w: Any, c: Any, m: Any, lot: Any) -> Any:
    """The distribution of the setup that machine `m` needs for a lot, or -1 for none."""
    offset = w.center.setup_offset[c]
    if offset < 0:
        return -1
    lead = w.machine.lead[m]
    old, new = w.machine.setup[lead], w.operation.setup[w.lot.operation[lot]]
    if old == new:
        return w.center.minor[c] if w.machine.last_product[lead] != w.lot.product[lot] else -1
    return w.setup_matrix[offset + (old + 1) * w.run.setup_names[0] + new]


@compiled
def setup_time(w: Any, c: Any, m: Any, lot: Any) -> Any:
    """How long machine `m` is set up, and cleaned where a campaign is over, for a job whose first lot this is."""
    which = which_setup(w, c, m, lot)
    cleaning = w.center.campaign[c] > 0.0 and w.machine.since_cleaning[w.machine.lead[m]] >= w.center.campaign[c]
    if which < 0 and not cleaning:
        return 0.0
    key = w.operation.key[w.lot.operation[lot]]
    count = w.lot.serial[lot] * TURNS + w.lot.turn[lot]
    time = draw(w, which, SETUP, key, count, 0) if which >= 0 else 0.0
    if cleaning:
        time += draw(w, w.center.cleaning[c], SETUP, key, count, _CLEANING_PART)
    return time


@seldom
def _amount(unit: Any, lots: Any, pieces: Any) -> Any:
    """A job in the unit in which something counts jobs: its lots, its pieces, or one batch."""
    amount = 1.0
    if unit == IN_LOTS:
        amount = 1.0 * lots
    elif unit == IN_PIECES:
        amount = pieces
    return amount


@compiled
def note_setup(w: Any, c: Any, m: Any, lots: Any) -> None:
    """A job of so many lots begins on machine `m`: its setup is there, and what counts jobs counts it."""
    setup = w.operation.setup[w.machine.operation[m]]
    lead = w.machine.lead[m]
    if w.machine.setup[lead] != setup:
        w.machine.setup[lead] = setup
        w.machine.since_setup[lead] = 0.0
    w.machine.last_product[lead] = w.lot.product[w.machine.head[m]]
    if w.center.minimum_run[c] > 0.0:
        w.machine.since_setup[lead] += _amount(w.center.minimum_unit[c], lots, w.machine.pieces[m])
    if w.center.campaign[c] > 0.0:
        if w.machine.since_cleaning[lead] >= w.center.campaign[c]:
            w.machine.since_cleaning[lead] = 0.0
        w.machine.since_cleaning[lead] += _amount(w.center.campaign_unit[c], lots, w.machine.pieces[m])


@compiled
def may_take(w: Any, c: Any, m: Any, ticket: Any) -> Any:
    """Whether machine `m` of center `c` may do a lot's operation: it can, the lot is not bound to another, and its setup may change."""
    o = w.ticket.operation[ticket]
    if w.machine.only[m] >= 0 and w.qualified[w.machine.only[m] + w.operation.family[o]] == 0:
        return False
    if w.operation.bound[o] >= 0:
        bound = w.machines_of_lots[w.ticket.lot[ticket], w.operation.bound[o]]
        if bound >= 0 and bound != w.machine.lead[m] and w.machine.center[bound] == c:
            return False
    setup = w.machine.setup[w.machine.lead[m]]
    if setup >= 0 and setup != w.operation.setup[o] and w.center.minimum_run[c] > 0.0:
        return w.machine.since_setup[w.machine.lead[m]] >= w.minimum_runs[w.center.minimum_offset[c] + setup]
    return True


@compiled
def _cost(w: Any, c: Any, m: Any, ticket: Any) -> Any:
    """By what a center chooses between machines that are not set up for a lot: the least is taken."""
    cost = 0.0
    if w.center.choose[c] == FASTEST:
        cost = -w.machine.speed[m]
    elif w.center.choose[c] == LEAST_SETUP:
        which = which_setup(w, c, m, w.ticket.lot[ticket])
        if which >= 0:
            cost = w.distribution.mean[which]
    return cost


@compiled
def at_work(w: Any, m: Any) -> Any:
    """Whether (1) or not (0) there is a job in another place of the machine of place `m`."""
    lead = w.machine.lead[m]
    found = 0
    for other in range(lead, lead + w.machine.beside[lead]):
        if w.machine.job[other] != EMPTY:
            found = 1
    return found


@compiled
def _pick_carefully(w: Any, c: Any, ticket: Any) -> Any:
    setup = w.operation.setup[w.ticket.operation[ticket]]
    # No other goes before a machine of this rank.
    first_rank = 2 if w.center.setup_offset[c] < 0 and w.center.choose[c] != FASTEST else 0
    best = -1
    rank = 4
    least = math.inf
    m = w.center.idle_head[c]
    while m >= 0:
        if may_take(w, c, m, ticket):
            ready = w.center.setup_offset[c] >= 0 and w.machine.setup[w.machine.lead[m]] == setup
            own = 0 if ready else 2
            if w.center.choose[c] == EMPTY_MACHINE:
                own = own // 2 + 2 * at_work(w, m)
            elif w.center.choose[c] != LONGEST_IDLE_PLACE:
                own += at_work(w, m)
            cost = 0.0 if ready else _cost(w, c, m, ticket)
            if own < rank or (own == rank and cost < least):
                best, rank, least = m, own, cost
                if rank == first_rank:
                    break
        m = w.machine.idle_next[m]
    return best


@compiled
def pick_machine(w: Any, c: Any, ticket: Any) -> Any:
    """The idle machine that takes a lot, or -1 if none may: one that is set up for it, else by the center's choice."""
    if w.center.picky[c] == 1:
        return _pick_carefully(w, c, ticket)
    if w.center.setup_offset[c] >= 0:
        setup = w.operation.setup[w.ticket.operation[ticket]]
        m = w.center.idle_head[c]
        while m >= 0:
            if w.machine.setup[m] == setup:
                return m
            m = w.machine.idle_next[m]
    return w.center.idle_head[c]
