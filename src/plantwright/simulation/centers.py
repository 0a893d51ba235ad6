"""Work centers: which lot next, on which machine; who may come in."""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.agenda import cancel, schedule
from plantwright.simulation.arrivals import arrive, release_lot
from plantwright.simulation.carried import plan_carried, take_carried, unplan_carried
from plantwright.simulation.choosing import may_take, note_setup, pick_machine, setup_time, which_setup
from plantwright.simulation.codes import (
    BLOCKED_LINE,
    IN_PROCESS,
    LACKS_MATERIAL,
    LACKS_NOTHING,
    LOG_STARTED,
    OUTSIDE_LINE,
    PER_BATCH,
    SETUP_PHASE,
)
from plantwright.simulation.draws import LOAD, TIME, UNLOAD, compiled
from plantwright.simulation.drums import reach_drums
from plantwright.simulation.jobs import block, enter_phase, send_off
from plantwright.simulation.limits import expel_late
from plantwright.simulation.log import note
from plantwright.simulation.lots import meet_limits, short_of_rows
from plantwright.simulation.machines import leave_idle, note_state, proceed
from plantwright.simulation.pacing import may_take_now
from plantwright.simulation.parts import carried_rows, expect_parts, parts_of
from plantwright.simulation.people import SHORT_OF_MATERIAL, SHORT_OF_TOOLS, staff
from plantwright.simulation.places import take_place
from plantwright.simulation.queues import can_be_done_at, dequeue, has_room, leave_line, mark_dirty, sort_queue
from plantwright.simulation.sequences import has_turn, turn_of
from plantwright.simulation.stores import forget_wanted, is_wanted_there, take_wanted, want
from plantwright.simulation.times import work_time
from plantwright.simulation.waiting import NOBODY, SOME, center_waits, center_waits_no_more


@compiled
def admit(w: Any, c: Any) -> None:
    """Let in who waits for a place before center `c`: machines that it blocks first, then lots outside, then its source."""
    while w.center.blocked_head[c] >= 0:
        ticket = w.center.blocked_head[c]
        lot = w.ticket.lot[ticket]
        if not has_room(w, c, w.lot.pieces[lot]):
            return
        m = w.lot.machine[lot]
        following = w.lot.next[lot]
        w.machine.head[m] = following
        leave_line(w, ticket, BLOCKED_LINE)
        arrive(w, lot)
        if following >= 0 and can_be_done_at(w, following, c) and w.operation.gathers[w.lot.operation[following]] == 0:
            block(w, m, c)  # a machine with more lots for here stays first in the line
        else:
            send_off(w, m)
    while w.center.outside_head[c] >= 0:
        ticket = w.center.outside_head[c]
        if not has_room(w, c, w.lot.pieces[w.ticket.lot[ticket]]):
            return
        leave_line(w, ticket, OUTSIDE_LINE)
        arrive(w, w.ticket.lot[ticket])
    if w.center.first_source[c] >= 0:
        while (
            w.center.outside_head[c] < 0
            and w.center.queue[c] + w.center.visiting[c] < w.center.empty[c] * w.center.batch_lots[c]
        ):
            if short_of_rows(w):
                mark_dirty(w, c)
                return
            best = _source(w, c)
            due = w.run.now[0] + w.release.due[best]
            release_lot(w, best, w.release.pieces[best], due, w.release.priority[best], -1, -1)
    if w.center.looped[c] == 1:
        w.run.pull[0] = 1


@compiled
def _source(w: Any, c: Any) -> Any:
    """Of the releases that start lots at center `c` whenever it has room, the one that is furthest behind its share of the mix."""
    source = w.center.first_source[c]
    best = w.source.release[source]
    while source >= 0:
        r = w.source.release[source]
        if (w.release.count[r] + 1) * w.release.weight[best] < (w.release.count[best] + 1) * w.release.weight[r]:
            best = r
        source = w.source.next[source]
    return best


@compiled
def _joins(w: Any, ticket: Any, group: Any, lots: Any, pieces: Any, c: Any) -> Any:
    """Whether a lot fits into a batch of `group` that holds so many lots and pieces."""
    if w.operation.group[w.ticket.operation[ticket]] != group:
        return False
    if w.center.batch_in_pieces[c] == 1:
        return lots == 0 or pieces + w.lot.pieces[w.ticket.lot[ticket]] <= w.center.batch_most[c]
    return lots + 1 <= w.center.batch_most[c]


@compiled
def _with_lot(w: Any, time: Any, which: Any, per: Any, purpose: Any, ticket: Any, first: Any) -> Any:
    """The time of a phase with one more lot: added where it counts by piece or lot; by the batch, that of the first lot, or of the
    slowest where different operations share it.
    """
    lot = w.ticket.lot[ticket]
    if per != PER_BATCH or ticket == first:
        return time + work_time(w, which, per, purpose, lot)
    if w.ticket.operation[ticket] == w.ticket.operation[first]:
        return time
    return max(time, work_time(w, which, per, purpose, lot))


@compiled
def _begin(w: Any, c: Any, m: Any, first: Any) -> Any:
    """Start the lot of ticket `first`, and those that may share its batch, on machine `m`; False if a claim is missing."""
    o = w.ticket.operation[first]
    group = w.operation.group[o]
    run = load = unload = interval = pieces = 0.0
    lots = 0
    ticket = first
    while ticket >= 0:
        if w.center.batch[c] == 0 or _joins(w, ticket, group, lots, pieces, c):
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
                want(
                    w,
                    w.operation.first_take[own],
                    w.operation.takes[own],
                    1.0,
                    w.lot.pieces[w.ticket.lot[ticket]],
                    jobs,
                )
            lots += 1
            pieces += w.lot.pieces[w.ticket.lot[ticket]]
            if w.center.carries[c] != 0 and not plan_carried(w, w.ticket.lot[ticket], w.ticket.lot[first]):
                w.run.short[0] |= SHORT_OF_TOOLS
        if w.center.batch[c] == 0:
            break
        ticket = w.ticket.next[ticket]
    if w.run.wanted_head[0] >= 0 and not is_wanted_there(w):
        w.run.short[0] |= SHORT_OF_MATERIAL
    w.machine.operation[m] = o
    w.machine.pieces[m] = pieces
    w.machine.counted[m] = 0.0
    w.machine.setup_time[m] = setup_time(w, c, m, w.ticket.lot[first])
    w.machine.run_time[m] = run / w.machine.speed[m]
    w.machine.load_time[m] = load
    w.machine.interval[m] = interval / w.machine.speed[m] if w.operation.interval[o] >= 0 else math.inf
    w.machine.unload_time[m] = unload
    w.machine.phase[m] = SETUP_PHASE
    enter_phase(w, m)
    found = staff(w, m)
    w.run.short[0] = 0
    if not found:
        _forget_plan(w, c, first, group, lots)
        if w.center.missing[c] == LACKS_NOTHING:
            w.center.missing[c] = w.run.missing[0]
        return False
    if w.run.wanted_head[0] >= 0:
        take_wanted(w, w.ticket.lot[first], m)
    _load(w, c, m, first, group, lots)
    return True


@compiled
def _forget_plan(w: Any, c: Any, first: Any, group: Any, lots: Any) -> None:
    """Forget what the lots of a batch that does not start want, and what was planned to be carried by them."""
    if w.run.wanted_head[0] >= 0:
        forget_wanted(w)
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
def _may_start(w: Any, c: Any, ticket: Any, stamp: Any) -> Any:
    """Whether a lot may have its claim although another of its operation has not: because of what it carries, or its size."""
    lot = w.ticket.lot[ticket]
    o = w.ticket.operation[ticket]
    if w.operation.tried[o] != stamp or w.lot.pieces[lot] < w.operation.too_many[o]:
        return True
    if w.center.carries[c] == 0 or w.lot.tried[lot] == stamp:
        return False
    return w.lot.carries[lot] >= 0 or w.center.carries[c] == 2


@compiled
def _refuse(w: Any, ticket: Any, stamp: Any) -> None:
    """A lot may not start in this round, nor others of its operation; where material was lacking, others with as many pieces."""
    lot = w.ticket.lot[ticket]
    o = w.ticket.operation[ticket]
    w.operation.too_many[o] = w.lot.pieces[lot] if w.run.missing[0] == LACKS_MATERIAL else 0.0
    w.operation.tried[o] = stamp
    w.lot.tried[lot] = stamp


@compiled
def _load(w: Any, c: Any, m: Any, first: Any, group: Any, lots: Any) -> None:
    """Take the lots of a batch out of the queue onto machine `m` and let the work run."""
    w.machine.head[m] = -1
    last = -1
    taken = parts = rows = 0
    pieces = 0.0
    ticket = first
    while taken < lots:
        following = w.ticket.next[ticket]
        if w.center.batch[c] == 0 or _joins(w, ticket, group, taken, pieces, c):
            dequeue(w, ticket)
            lot = w.ticket.lot[ticket]
            if w.center.carries[c] != 0:
                unplan_carried(w, lot)
                take_carried(w, lot, m)
            w.lot.next[lot] = -1
            if last >= 0:
                w.lot.next[last] = lot
            else:
                w.machine.head[m] = lot
            if w.operation.binds[w.lot.operation[lot]] >= 0:
                w.machines_of_lots[lot, w.operation.binds[w.lot.operation[lot]]] = w.machine.lead[m]
            if w.operation.makes_lots[w.lot.operation[lot]] == 1:
                parts += parts_of(w, lot)
                rows = max(rows, 1 + carried_rows(w, lot))
            if w.run.drums[0] > 0:
                reach_drums(w, lot)
            if w.operation.limits[w.lot.operation[lot]] > 0:
                meet_limits(w, lot)
            note(w, LOG_STARTED, lot, m, -1, w.lot.pieces[lot])
            last = lot
            taken += 1
            pieces += w.lot.pieces[lot]
        ticket = following
    if parts > 0:
        expect_parts(w, parts, parts * rows)
    leave_idle(w, m)
    w.center.empty[c] -= 1
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


@compiled
def _start_by_setup(w: Any, c: Any, most: Any) -> Any:
    """Rule least setup: start the lot and machine with the shortest mean setup; True if people were missing for one.

    Where another rule goes before, only lots that are first by it are compared. Ties go by the order of the queue.
    """
    w.run.round[0] += 1
    stamp = w.run.round[0]
    missing = False
    started = 0
    while w.center.idle_head[c] >= 0:
        best = machine = -1
        least = math.inf
        ticket = w.center.head[c]
        while ticket >= 0 and least > 0.0:
            before = w.center.least_setup[c] - 1
            if best >= 0 and before >= 1 and w.ticket.key[ticket] != w.ticket.key[best]:
                break
            if best >= 0 and before >= 2 and w.ticket.second_key[ticket] != w.ticket.second_key[best]:
                break
            m = w.center.idle_head[c]
            while m >= 0 and _may_start(w, c, ticket, stamp):
                which = which_setup(w, c, m, w.ticket.lot[ticket])
                mean = w.distribution.mean[which] if which >= 0 else 0.0
                if mean < least and (w.center.picky[c] == 0 or may_take(w, c, m, ticket)):
                    best, machine, least = ticket, m, mean
                m = w.machine.idle_next[m]
            ticket = w.ticket.next[ticket]
        if best < 0:
            break
        if _begin(w, c, machine, best):
            started += 1
            if started == most:
                break
        else:
            _refuse(w, best, stamp)
            missing = True
    return missing


@compiled
def _start_lots(w: Any, c: Any, most: Any) -> Any:
    """Start lots one by one in the order of the queue; True if people were missing for one."""
    w.run.round[0] += 1
    stamp = w.run.round[0]
    missing = False
    started = 0
    ticket = w.center.head[c]
    while ticket >= 0 and w.center.idle_head[c] >= 0:
        following = w.ticket.next[ticket]
        m = pick_machine(w, c, ticket) if _may_start(w, c, ticket, stamp) else -1
        if m >= 0:
            if _begin(w, c, m, ticket):
                started += 1
                if started == most:
                    break
            else:
                _refuse(w, ticket, stamp)
                missing = True
        ticket = following
    return missing


@compiled
def _start_in_turn(w: Any, c: Any, most: Any) -> Any:
    """Start lots in the turns of a given sequence, until one is not here yet; True if a claim was missing for one."""
    started = 0
    while w.center.idle_head[c] >= 0 and (most == 0 or started < most):
        turn = turn_of(w, c)
        ticket = w.center.head[c]
        while ticket >= 0 and turn >= 0 and not has_turn(w, turn, ticket):
            ticket = w.ticket.next[ticket]
        if turn < 0:
            mark_dirty(w, c)  # the sequence is at its end: now the others
            return False
        m = pick_machine(w, c, ticket) if ticket >= 0 else -1
        if m < 0:
            return False
        if not _begin(w, c, m, ticket):
            return True
        w.turn.left[turn] -= 1.0
        started += 1
    return False


@compiled
def _measure_groups(w: Any, c: Any) -> None:
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
        if w.group.size[g] > 0.0 and w.group.size[g] + size > w.center.batch_most[c]:
            w.group.full[g] = 1
        else:
            w.group.size[g] += size
            if w.group.size[g] >= w.center.batch_most[c]:
                w.group.full[g] = 1
        ticket = w.ticket.next[ticket]


@compiled
def _start_batch(w: Any, c: Any) -> Any:
    """Start the first batch that may start. Returns 1 if one did, 0 if none may yet, -1 if people were missing."""
    _measure_groups(w, c)
    now = w.run.now[0]
    wake = math.inf
    missing = 0
    ticket = w.center.head[c]
    while ticket >= 0:
        g = w.operation.group[w.ticket.operation[ticket]]
        here = w.group.pieces[g] if w.center.least_in_pieces[c] == 1 else w.group.lots[g]
        enough = w.group.size[g] >= 0.0 and here >= w.center.batch_least[c]
        ready = w.group.oldest[g] + w.center.batch_wait[c]
        if w.group.full[g] == 1 or (enough and now >= ready):
            m = pick_machine(w, c, ticket)
            if m < 0:
                ticket = w.ticket.next[ticket]
                continue
            if _begin(w, c, m, ticket):
                return 1
            missing = -1
            w.group.full[g] = 0
            w.group.size[g] = -1.0
        elif enough:
            wake = min(wake, ready)
        ticket = w.ticket.next[ticket]
    if wake < math.inf:
        schedule(w, w.center.slot[c], wake)
    return missing


@compiled
def line_up(w: Any, c: Any) -> None:
    """Let center `c` wait its turn for people, so that it takes them from nobody who has waited longer."""
    w.center.news[c] = 1
    if w.run.serve[0] == NOBODY:
        w.run.serve[0] = SOME
    if w.center.waits[c] == 0 and _can_start(w, c):
        _wait(w, c)


@compiled
def _wait(w: Any, c: Any) -> None:
    """Let center `c` wait for people, since its oldest lot came, whichever its rules take first."""
    oldest = math.inf
    ticket = w.center.head[c]
    while ticket >= 0:
        oldest = min(oldest, w.lot.arrived[w.ticket.lot[ticket]])
        ticket = w.ticket.next[ticket]
    center_waits(w, c, oldest)


@compiled
def _can_start(w: Any, c: Any) -> Any:
    if w.center.line[c] >= 0 and not may_take_now(w, c):
        return False
    return w.center.head[c] >= 0 and w.center.idle_head[c] >= 0 and w.calendar.on[w.center.calendar[c]] == 1


@compiled
def _note_lacks(w: Any, c: Any, jobs: Any) -> None:
    """So many of the idle machines of a center lack a claim, and the others lots."""
    m = w.center.idle_head[c]
    while m >= 0:
        lacks = w.center.missing[c] if jobs > 0 else LACKS_NOTHING
        if w.machine.lacks[m] != lacks:
            w.machine.lacks[m] = lacks
            note_state(w, m)
        jobs -= 1
        m = w.machine.idle_next[m]


@compiled
def start_work(w: Any, c: Any, most: Any) -> Any:
    """Start what can be started at center `c`: at most so many jobs, or all that can where `most` is 0. Returns whether any was."""
    center_waits_no_more(w, c)
    if w.center.limited[c] == 1 and _can_start(w, c):
        expel_late(w, c)
    if not _can_start(w, c):
        _note_lacks(w, c, 0)
        return False
    waiting = w.center.queue[c] + w.center.visiting[c] - w.center.coming[c]
    w.center.missing[c] = LACKS_NOTHING
    missing = False
    started = 0
    if w.center.moving[c] == 1:
        sort_queue(w, c)
    if w.center.turns[c] > 0 and turn_of(w, c) >= 0:
        missing = _start_in_turn(w, c, most)
    elif w.center.batch[c] == 1:
        cancel(w, w.center.slot[c])
        while w.center.idle_head[c] >= 0 and w.center.head[c] >= 0 and (most == 0 or started < most):
            did = _start_batch(w, c)
            if did <= 0:
                missing = did < 0
                break
            started += 1
    elif w.center.least_setup[c] > 0:
        missing = _start_by_setup(w, c, most)
    else:
        missing = _start_lots(w, c, most)
    left_waiting = w.center.queue[c] + w.center.visiting[c] - w.center.coming[c]
    begun = left_waiting < waiting
    if begun and w.center.places[c] >= 0.0:
        mark_dirty(w, c)
    left = w.center.idle_head[c] >= 0 and w.center.head[c] >= 0
    if left and (missing or (begun and most > 0)):
        _wait(w, c)
    if not (left and begun and most > 0):
        jobs = 0
        if missing and left:
            jobs = 1 if w.center.batch[c] == 1 else left_waiting
        _note_lacks(w, c, jobs)
    return begun
