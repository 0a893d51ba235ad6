"""Work centers: which lot next, on which machine; who may come in."""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.agenda import cancel, schedule
from plantwright.simulation.arrivals import arrive, release_lot
from plantwright.simulation.asking import bring_forward, forget_choice, look_again
from plantwright.simulation.choosing import at_work, may_take, pick_machine, which_setup
from plantwright.simulation.codes import (
    BLOCKED_LINE,
    EMPTY_MACHINE,
    LACKS_NOTHING,
    OUTSIDE_LINE,
)
from plantwright.simulation.draws import compiled, seldom
from plantwright.simulation.jobs import block, send_off
from plantwright.simulation.limits import expel_late
from plantwright.simulation.lots import short_of_rows
from plantwright.simulation.pacing import may_take_now
from plantwright.simulation.queues import can_be_done_at, has_room, leave_line, mark_dirty, sort_queue
from plantwright.simulation.sequences import has_turn, take_turn, turn_of
from plantwright.simulation.starting import begin_job, may_start, measure_groups, ready_at, refuse
from plantwright.simulation.states import note_state
from plantwright.simulation.waiting import NOBODY, SOME, center_waits, center_waits_no_more, tell_news


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
            release_lot(w, best, w.release.pieces[best], due, w.release.priority[best], -1)
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
def _start_by_setup(w: Any, c: Any, most: Any) -> Any:
    """Rule least setup: start the lot and machine with the shortest mean setup; True if people were missing for one.

    Where another rule goes before, only lots that are first by it are compared, and where empty machines go first, only those, if one
    of them may. Ties go by the order of the queue.
    """
    w.run.round[0] += 1
    stamp = w.run.round[0]
    missing = False
    started = 0
    while w.center.idle_head[c] >= 0:
        best = machine = -1
        least = math.inf
        busy = 1
        ticket = w.center.head[c]
        while ticket >= 0 and (least > 0.0 or busy == 1):
            before = w.center.least_setup[c] - 1
            if best >= 0 and before >= 1 and w.ticket.key[ticket] != w.ticket.key[best]:
                break
            if best >= 0 and before >= 2 and w.ticket.second_key[ticket] != w.ticket.second_key[best]:
                break
            m = w.center.idle_head[c] if may_start(w, c, ticket, stamp) else -1
            while m >= 0 and (least > 0.0 or busy == 1):
                which = which_setup(w, c, m, w.ticket.lot[ticket])
                mean = w.distribution.mean[which] if which >= 0 else 0.0
                works = at_work(w, m) if w.center.choose[c] == EMPTY_MACHINE else 0
                sooner = works < busy or (works == busy and mean < least)
                if sooner and (w.center.picky[c] == 0 or may_take(w, c, m, ticket)):
                    best, machine, least, busy = ticket, m, mean, works
                m = w.machine.idle_next[m]
            ticket = w.ticket.next[ticket]
        if best < 0:
            break
        if begin_job(w, c, machine, best):
            started += 1
            if started == most:
                break
        else:
            refuse(w, best, stamp)
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
        m = pick_machine(w, c, ticket) if may_start(w, c, ticket, stamp) else -1
        if m >= 0:
            if begin_job(w, c, m, ticket):
                started += 1
                if started == most:
                    break
            else:
                refuse(w, ticket, stamp)
                missing = True
        ticket = following
    return missing


@seldom
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
        lot = w.ticket.lot[ticket]
        if not begin_job(w, c, m, ticket):
            return True
        take_turn(w, turn, lot)
        started += 1
    return False


@compiled
def _start_batch(w: Any, c: Any) -> Any:
    """Start the first batch that may start. Returns 1 if one did, 0 if none may yet, -1 if people were missing."""
    measure_groups(w, c)
    now = w.run.now[0]
    wake = math.inf
    missing = 0
    ticket = w.center.head[c]
    while ticket >= 0:
        ready = ready_at(w, c, ticket)
        if ready <= now:
            m = pick_machine(w, c, ticket)
            if m < 0:
                ticket = w.ticket.next[ticket]
                continue
            if begin_job(w, c, m, ticket):
                return 1
            missing = -1
            g = w.operation.group[w.ticket.operation[ticket]]
            w.group.full[g] = 0
            w.group.size[g] = -1.0
        elif ready < math.inf:
            wake = min(wake, ready)
        ticket = w.ticket.next[ticket]
    if wake < math.inf:
        schedule(w, w.center.slot[c], wake)
    return missing


@compiled
def line_up(w: Any, c: Any) -> None:
    """Let center `c` wait its turn for people, so that it takes them from nobody who has waited longer."""
    tell_news(w, c)
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
    if jobs <= 0 and w.center.lacking[c] == 0:
        return
    w.center.lacking[c] = int(jobs > 0)
    m = w.center.idle_head[c]
    while m >= 0:
        lacks = w.center.missing[c] if jobs > 0 else LACKS_NOTHING
        if w.machine.lacks[m] != lacks:
            w.machine.lacks[m] = lacks
            note_state(w, m)
        jobs -= 1
        m = w.machine.idle_next[m]


@compiled
def start_work(w: Any, c: Any, most: Any, served: Any) -> Any:
    """Start what can be started at center `c`: at most so many jobs, or all that can where `most` is 0. Returns whether any was.

    One that is `served` waits on once it has begun, as its turn comes again.
    """
    center_waits_no_more(w, c)
    if _can_start(w, c):
        if w.center.chosen[c] >= 0:
            bring_forward(w, c)
        if w.center.moving[c] == 1 and w.center.chosen[c] < 0:
            sort_queue(w, c)
        if w.center.limited[c] == 1:
            expel_late(w, c)
    if not _can_start(w, c):
        _note_lacks(w, c, 0)
        return False
    waiting = w.center.queue[c] + w.center.visiting[c] - w.center.coming[c]
    w.center.missing[c] = LACKS_NOTHING
    missing = False
    started = 0
    in_turn = w.center.turns[c] > 0 and turn_of(w, c) >= 0
    if in_turn:
        missing = _start_in_turn(w, c, most)
    elif w.center.batch[c] == 1:
        cancel(w, w.center.slot[c])
        while w.center.idle_head[c] >= 0 and w.center.head[c] >= 0 and (most == 0 or started < most):
            did = _start_batch(w, c)
            if did <= 0:
                missing = did < 0
                break
            started += 1
    elif w.center.least_setup[c] > 0 and w.center.chosen[c] < 0:
        missing = _start_by_setup(w, c, most)
    else:
        missing = _start_lots(w, c, most)
    left_waiting = w.center.queue[c] + w.center.visiting[c] - w.center.coming[c]
    begun = left_waiting < waiting
    if begun and w.center.chosen[c] >= 0:
        forget_choice(w, c)
    if begun and w.center.places[c] >= 0.0:
        mark_dirty(w, c)
    left = w.center.idle_head[c] >= 0 and w.center.head[c] >= 0
    if left and (missing or (begun and served)):
        _wait(w, c)
    if not (left and begun and served):
        jobs = 0
        if missing and left:
            jobs = 1 if w.center.batch[c] == 1 or in_turn else left_waiting
        _note_lacks(w, c, jobs)
    return begun


@seldom
def start_chosen(w: Any, c: Any) -> None:
    """Start the lot that the caller has chosen, one job; then it may be asked again."""
    if start_work(w, c, 1, False):
        look_again(w, c)
