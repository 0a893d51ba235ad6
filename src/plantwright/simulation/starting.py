"""Starting a job: what it needs, the lots that share its batch, and how they come onto their machine."""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.carried import plan_carried, take_carried, unplan_carried
from plantwright.simulation.choosing import note_setup, setup_time
from plantwright.simulation.codes import (
    IN_PROCESS,
    LACKS_MATERIAL,
    LACKS_NOTHING,
    LOG_STARTED,
    PER_BATCH,
    SETUP_PHASE,
)
from plantwright.simulation.draws import compiled, inlined, seldom
from plantwright.simulation.drums import reach_drums
from plantwright.simulation.jobs import enter_phase
from plantwright.simulation.log import note
from plantwright.simulation.lots import meet_limits
from plantwright.simulation.machines import leave_idle, proceed
from plantwright.simulation.parts import carried_rows, expect_parts, parts_of
from plantwright.simulation.people import SHORT_OF_MATERIAL, SHORT_OF_TOOLS, staff
from plantwright.simulation.places import take_place
from plantwright.simulation.queues import dequeue
from plantwright.simulation.stores import forget_wanted, is_wanted_there, take_wanted, want
from plantwright.simulation.streams import LOAD, TIME, UNLOAD
from plantwright.simulation.times import time_of_cascade, work_time


@compiled
def most_of_batch(w: Any, c: Any, o: Any) -> Any:
    """How many lots or pieces a batch of operation `o` at center `c` takes at most."""
    return w.operation.batch_most[o] if w.operation.batch_most[o] > 0.0 else w.center.batch_most[c]


@compiled
def measure_groups(w: Any, c: Any) -> None:
    """For every group of lots in the queue: how much of a batch is here, and since when its first lot waits."""
    w.run.round[0] += 1
    stamp = w.run.round[0]
    ticket = w.center.head[c]
    while ticket >= 0:
        lot = w.ticket.lot[ticket]
        g = w.operation.group[w.ticket.operation[ticket]]
        if w.group.stamp[g] != stamp:
            w.group.stamp[g] = stamp
            w.group.size[g] = 0.0
            w.group.lots[g] = 0.0
            w.group.pieces[g] = 0.0
            w.group.full[g] = 0
            w.group.oldest[g] = w.lot.arrived[lot]
        w.group.oldest[g] = min(w.group.oldest[g], w.lot.arrived[lot])
        w.group.lots[g] += 1.0
        w.group.pieces[g] += w.lot.pieces[lot]
        size = w.lot.pieces[lot] if w.center.batch_in_pieces[c] == 1 else 1.0
        most = most_of_batch(w, c, w.ticket.operation[ticket])
        if w.group.size[g] > 0.0 and w.group.size[g] + size > most:
            w.group.full[g] = 1
        else:
            w.group.size[g] += size
            if w.group.size[g] >= most:
                w.group.full[g] = 1
        ticket = w.ticket.next[ticket]


@compiled
def ready_at(w: Any, c: Any, ticket: Any) -> Any:
    """From when on the batch of a lot may start, once `measure_groups` has been there: a full one at once, one that is too small never."""
    o = w.ticket.operation[ticket]
    g = w.operation.group[o]
    if w.group.full[g] == 1:
        return -math.inf
    least = w.operation.batch_least[o] if w.operation.batch_most[o] > 0.0 else w.center.batch_least[c]
    here = w.group.pieces[g] if w.center.least_in_pieces[c] == 1 else w.group.lots[g]
    if w.group.size[g] >= 0.0 and here >= least:
        return w.group.oldest[g] + w.center.batch_wait[c]
    return math.inf


@compiled
def _joins(w: Any, ticket: Any, group: Any, lots: Any, pieces: Any, c: Any) -> Any:
    """Whether a lot fits into a batch of `group` that holds so many lots and pieces."""
    if w.operation.group[w.ticket.operation[ticket]] != group:
        return False
    most = most_of_batch(w, c, w.ticket.operation[ticket])
    if w.center.batch_in_pieces[c] == 1:
        return lots == 0 or pieces + w.lot.pieces[w.ticket.lot[ticket]] <= most
    return lots + 1 <= most


@compiled
def _with_lot(w: Any, time: Any, which: Any, per: Any, purpose: Any, ticket: Any, first: Any) -> Any:
    """The time of a phase with one more lot: added where it counts by piece or lot; by the batch, that of the first lot, or of the
    slowest where different operations share it.
    """
    lot = w.ticket.lot[ticket]
    o = w.ticket.operation[ticket]
    if purpose == TIME and w.operation.cascades[o] == 1 and which == w.operation.time[o]:
        return time + time_of_cascade(w, o, lot)
    if per != PER_BATCH or ticket == first:
        return time + work_time(w, which, per, purpose, lot)
    if w.ticket.operation[ticket] == w.ticket.operation[first]:
        return time
    return max(time, work_time(w, which, per, purpose, lot))


@compiled
def _time_lot(w: Any, c: Any, m: Any, ticket: Any) -> None:
    """Give machine `m` the times of a job of the lot of a ticket alone, and plan what the lot takes."""
    o = w.ticket.operation[ticket]
    lot = w.ticket.lot[ticket]
    w.machine.pieces[m] = w.lot.pieces[lot]
    if w.operation.cascades[o] == 1:
        run = time_of_cascade(w, o, lot)
    else:
        run = work_time(w, w.operation.time[o], w.operation.time_per[o], TIME, lot)
    w.machine.run_time[m] = run / w.machine.speed[m]
    load = unload = 0.0
    if w.operation.load[o] >= 0:
        load = work_time(w, w.operation.load[o], w.operation.load_per[o], LOAD, lot)
    if w.operation.unload[o] >= 0:
        unload = work_time(w, w.operation.unload[o], w.operation.unload_per[o], UNLOAD, lot)
    w.machine.load_time[m] = load
    w.machine.unload_time[m] = unload
    w.machine.interval[m] = math.inf
    if w.operation.interval[o] >= 0:
        interval = 0.0
        if w.center.beside[c] > 1:
            interval = work_time(w, w.operation.interval[o], w.operation.interval_per[o], TIME, lot)
        w.machine.interval[m] = interval / w.machine.speed[m]
    if w.operation.takes[o] > 0:
        want(w, w.operation.first_take[o], w.operation.takes[o], 1.0, w.lot.pieces[lot], 1.0)
    if w.center.carries[c] != 0 and not plan_carried(w, lot, lot):
        w.run.short[0] |= SHORT_OF_TOOLS


@seldom
def _time_batch(w: Any, c: Any, m: Any, first: Any) -> Any:
    """Give machine `m` the times of a job of the lot of ticket `first` and those that may share its batch, and plan what they take;
    returns how many lots they are.
    """
    o = w.ticket.operation[first]
    group = w.operation.group[o]
    run = load = unload = interval = pieces = 0.0
    lots = 0
    ticket = first
    while ticket >= 0:
        if _joins(w, ticket, group, lots, pieces, c):
            own = w.ticket.operation[ticket]
            run = _with_lot(w, run, w.operation.time[own], w.operation.time_per[own], TIME, ticket, first)
            load = _with_lot(w, load, w.operation.load[own], w.operation.load_per[own], LOAD, ticket, first)
            unload = _with_lot(w, unload, w.operation.unload[own], w.operation.unload_per[own], UNLOAD, ticket, first)
            if w.center.beside[c] > 1:
                interval = _with_lot(
                    w, interval, w.operation.interval[own], w.operation.interval_per[own], TIME, ticket, first
                )
            if w.operation.takes[own] > 0:
                jobs = 1.0 if ticket == first else 0.0
                own_pieces = w.lot.pieces[w.ticket.lot[ticket]]
                want(w, w.operation.first_take[own], w.operation.takes[own], 1.0, own_pieces, jobs)
            lots += 1
            pieces += w.lot.pieces[w.ticket.lot[ticket]]
            if w.center.carries[c] != 0 and not plan_carried(w, w.ticket.lot[ticket], w.ticket.lot[first]):
                w.run.short[0] |= SHORT_OF_TOOLS
        ticket = w.ticket.next[ticket]
    w.machine.pieces[m] = pieces
    w.machine.run_time[m] = run / w.machine.speed[m]
    w.machine.load_time[m] = load
    w.machine.unload_time[m] = unload
    w.machine.interval[m] = interval / w.machine.speed[m] if w.operation.interval[o] >= 0 else math.inf
    return lots


@compiled
def begin_job(w: Any, c: Any, m: Any, first: Any) -> Any:
    """Start the lot of ticket `first`, and those that may share its batch, on machine `m`; False if a claim is missing."""
    lots = 1
    if w.center.batch[c] == 1:
        lots = _time_batch(w, c, m, first)
    else:
        _time_lot(w, c, m, first)
    if w.run.wanted_head[0] >= 0 and not is_wanted_there(w):
        w.run.short[0] |= SHORT_OF_MATERIAL
    w.machine.operation[m] = w.ticket.operation[first]
    w.machine.counted[m] = 0.0
    w.machine.setup_time[m] = setup_time(w, c, m, w.ticket.lot[first])
    w.machine.phase[m] = SETUP_PHASE
    enter_phase(w, m)
    found = staff(w, m)
    w.run.short[0] = 0
    if not found:
        _forget_plan(w, c, first, lots)
        if w.center.missing[c] == LACKS_NOTHING:
            w.center.missing[c] = w.run.missing[0]
        return False
    if w.run.wanted_head[0] >= 0:
        take_wanted(w, w.ticket.lot[first], m)
    _load(w, c, m, first, lots)
    return True


@compiled
def _forget_plan(w: Any, c: Any, first: Any, lots: Any) -> None:
    """Forget what the lots of a batch that does not start want, and what was planned to be carried by them."""
    if w.run.wanted_head[0] >= 0:
        forget_wanted(w)
    group = w.operation.group[w.ticket.operation[first]]
    taken = 0
    pieces = 0.0
    ticket = first
    while w.center.carries[c] != 0 and taken < lots:
        if _joins(w, ticket, group, taken, pieces, c):
            lot = w.ticket.lot[ticket]
            unplan_carried(w, lot)
            taken += 1
            pieces += w.lot.pieces[lot]
        ticket = w.ticket.next[ticket]


@compiled
def may_start(w: Any, c: Any, ticket: Any, stamp: Any) -> Any:
    """Whether a lot may have its claim although another of its operation has not: because of what it carries, or its size."""
    lot = w.ticket.lot[ticket]
    o = w.ticket.operation[ticket]
    if w.operation.tried[o] != stamp or w.lot.pieces[lot] < w.operation.too_many[o]:
        return True
    if w.center.carries[c] == 0 or w.lot.tried[lot] == stamp:
        return False
    return w.lot.carries[lot] >= 0 or w.center.carries[c] == 2


@compiled
def refuse(w: Any, ticket: Any, stamp: Any) -> None:
    """A lot may not start in this round, nor others of its operation; where material was lacking, others with as many pieces."""
    lot = w.ticket.lot[ticket]
    o = w.ticket.operation[ticket]
    w.operation.too_many[o] = w.lot.pieces[lot] if w.run.missing[0] == LACKS_MATERIAL else 0.0
    w.operation.tried[o] = stamp
    w.lot.tried[lot] = stamp


@inlined
def _take_lot(w: Any, c: Any, m: Any, ticket: Any) -> None:
    """The lot of a ticket leaves its queue and starts on machine `m`."""
    dequeue(w, ticket)
    lot = w.ticket.lot[ticket]
    o = w.lot.operation[lot]
    if w.center.carries[c] != 0:
        unplan_carried(w, lot)
        take_carried(w, lot, m)
    w.lot.next[lot] = -1
    if w.operation.binds[o] >= 0:
        w.machines_of_lots[lot, w.operation.binds[o]] = w.machine.lead[m]
    if w.run.drums[0] > 0:
        reach_drums(w, lot)
    if w.operation.limits[o] > 0:
        meet_limits(w, lot)
    note(w, LOG_STARTED, lot, m, -1, w.lot.pieces[lot])


@seldom
def _take_batch(w: Any, c: Any, m: Any, first: Any, lots: Any) -> None:
    """The lots of a batch leave the queue and start on machine `m`, one behind the other."""
    group = w.operation.group[w.ticket.operation[first]]
    last = -1
    taken = 0
    pieces = 0.0
    ticket = first
    while taken < lots:
        following = w.ticket.next[ticket]
        if _joins(w, ticket, group, taken, pieces, c):
            _take_lot(w, c, m, ticket)
            lot = w.ticket.lot[ticket]
            if last >= 0:
                w.lot.next[last] = lot
            else:
                w.machine.head[m] = lot
            last = lot
            taken += 1
            pieces += w.lot.pieces[lot]
        ticket = following


@seldom
def _await_parts(w: Any, m: Any) -> None:
    """Keep room for the lots that the job of machine `m` will make."""
    parts = rows = 0
    lot = w.machine.head[m]
    while lot >= 0:
        if w.operation.makes_lots[w.lot.operation[lot]] == 1:
            parts += parts_of(w, lot)
            rows = max(rows, 1 + carried_rows(w, lot))
        lot = w.lot.next[lot]
    if parts > 0:
        expect_parts(w, parts, parts * rows)


@compiled
def _load(w: Any, c: Any, m: Any, first: Any, lots: Any) -> None:
    """Take the lots of a job out of the queue onto machine `m` and let the work run."""
    if w.center.batch[c] == 1:
        _take_batch(w, c, m, first, lots)
    else:
        _take_lot(w, c, m, first)
        w.machine.head[m] = w.ticket.lot[first]
    if w.center.batch[c] == 1 or w.operation.makes_lots[w.machine.operation[m]] == 1:
        _await_parts(w, m)
    leave_idle(w, m)
    w.center.empty[c] -= 1
    if w.center.line[c] >= 0:
        w.center.owed[c] = 0
        w.center.opened[c] = -1.0
    if w.machine.setup_time[m] > 0.0:
        w.center.setups[c] += 1
    note_setup(w, c, m, lots)
    w.machine.job[m] = IN_PROCESS
    w.machine.staffed[m] = 1
    if w.machine.beside[m] > 1:
        take_place(w, m)
    proceed(w, m)
