"""Machines: the clock of each while it works, and the list of those that stand idle."""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.agenda import cancel, schedule
from plantwright.simulation.codes import (
    COUNT_CLOCK,
    EMPTY,
    IN_PROCESS,
    IN_SETUP,
    KIND_SHIFT,
    LACKS_NOTHING,
    NOT_YET_RUN,
    PIECE_ENDS,
    REPAIR,
    RUN_PHASE,
    SETUP_PHASE,
    STARVED,
    UNLOAD_PHASE,
    WORKING_CLOCK,
)
from plantwright.simulation.draws import compiled, draw, inlined, seldom
from plantwright.simulation.people import release_people, staff
from plantwright.simulation.queues import mark_dirty
from plantwright.simulation.states import enter, note_leaving, note_state, state_at_work
from plantwright.simulation.streams import REPAIR as REPAIR_DRAW
from plantwright.simulation.times import left_of_piece, start_of_piece
from plantwright.simulation.waiting import NOBODY, begin_waiting, stop_waiting

SOON = 1e-6
"""An interval of which fewer seconds are left is over: what rounding takes away."""


@compiled
def warm_up(w: Any, m: Any) -> None:
    """A machine that may work again warms up first if it was off shift or stopped for long."""
    if w.machine.warm_up[m] < 0 or w.machine.away_since[m] < 0.0:
        return
    stopped = w.machine.stop[m] != 0 and w.machine.stop[m] != IN_SETUP
    if stopped or w.machine.on[m] == 0 or w.machine.down[m] > 0:
        return
    away = w.run.now[0] - w.machine.away_since[m]
    w.machine.away_since[m] = -1.0
    if away > w.machine.cold_after[m]:
        k = w.machine.warm_up[m]
        leave_idle(w, m)
        w.machine.stop[m] = IN_SETUP
        w.machine.stop_mode[m] = k
        w.machine.stop_left[m] = draw(w, w.mode.lasts[k], REPAIR_DRAW, w.mode.key[k], w.mode.count[k], 0)
        w.mode.count[k] += 1


@compiled
def age(w: Any, m: Any, elapsed: Any) -> None:
    """Machine `m` has worked so long: take it off the clocks that count work."""
    first = w.machine.first_mode[m]
    for k in range(first, first + w.machine.modes[m]):
        if w.mode.clock[k] == WORKING_CLOCK:
            w.mode.left[k] -= elapsed


@compiled
def phase_time(w: Any, m: Any, phase: Any) -> Any:
    """How long a phase of machine `m`'s job takes."""
    if phase == SETUP_PHASE:
        time = w.machine.setup_time[m]
    elif phase == RUN_PHASE:
        time = w.machine.run_time[m]
    elif phase == UNLOAD_PHASE:
        time = w.machine.unload_time[m]
    else:
        time = w.machine.load_time[m]
    return time


@compiled
def count_pieces(w: Any, m: Any, started: Any) -> None:
    """So many pieces of machine `m`'s job have started to run: tell the clocks that count them."""
    more = started - w.machine.counted[m]
    w.machine.counted[m] = started
    stopped = m if w.machine.whole[m] < 0 else w.machine.whole[m]
    first = w.machine.first_mode[stopped]
    for k in range(first, first + w.machine.modes[stopped]):
        if w.mode.clock[k] == COUNT_CLOCK:
            w.mode.left[k] -= more


@seldom
def piece_that_strikes(w: Any, m: Any, k: Any) -> Any:
    """The number, from 1 on, of the piece of machine `m`'s job whose start brings on failure `k`; past the last if none does."""
    return max(1.0, math.ceil(w.machine.counted[m] + w.mode.left[k]))


@compiled
def _until_piece(w: Any, m: Any, k: Any) -> Any:
    """How long machine `m` will run until the piece starts that brings on failure `k`."""
    if w.machine.counted[m] + w.mode.left[k] > w.machine.pieces[m]:
        return math.inf
    start = start_of_piece(w, m, piece_that_strikes(w, m, k) - 1.0)
    return max(0.0, start - (w.machine.run_time[m] - w.machine.left[m]))


@seldom
def _until_transfer(w: Any, m: Any) -> Any:
    """How long machine `m` will run until so many pieces of its lot are done that they go on; for ever where the rest goes at the end."""
    lot = w.machine.head[m]
    done = w.lot.ahead[lot] + w.operation.transfer[w.machine.operation[m]]
    if done > w.lot.ahead[lot] + w.lot.pieces[lot] - 1e-9:
        return math.inf
    return max(0.0, start_of_piece(w, m, done) - (w.machine.run_time[m] - w.machine.left[m]))


@compiled
def pause(w: Any, m: Any) -> None:
    """Stop the clock of machine `m`'s work or repair, where it runs."""
    if w.machine.running[m] == 0:
        return
    w.machine.running[m] = 0
    cancel(w, m)
    elapsed = w.run.now[0] - w.machine.resumed[m]
    if w.machine.walking[m] == 1:
        w.machine.walking[m] = 0
        w.machine.walk[m] = max(0.0, w.machine.walk[m] - elapsed)
        return
    if w.machine.stop[m] != 0:
        w.machine.stop_left[m] = max(0.0, w.machine.stop_left[m] - elapsed)
        return
    w.machine.left[m] = max(0.0, w.machine.left[m] - elapsed)
    if w.machine.phase[m] != SETUP_PHASE:
        age(w, m, elapsed)


@compiled
def let_go(w: Any, m: Any) -> None:
    """Let go everybody whom machine `m` holds or waits for."""
    release_people(w, m, 0)
    w.machine.staffed[m] = 0
    if w.machine.closing[m] != 0:
        w.machine.closing[m] = 0
        w.machine.on[m] = w.calendar.on[w.center.calendar[w.machine.center[m]]]
    stop_waiting(w, m)


@compiled
def proceed(w: Any, m: Any) -> None:
    """Let the work or repair of machine `m` go on, if it is on shift and its people can be had."""
    if w.machine.warm_up[m] >= 0:
        warm_up(w, m)
    if w.machine.waits[m] != 0 and w.machine.stop[m] == 0:
        if w.machine.on[m] == 1 and w.machine.running[m] == 0 and w.machine.down[m] == 0:
            _await_run(w, m)
        note_state(w, m)
        return
    busy = w.machine.stop[m] != 0 or (w.machine.job[m] == IN_PROCESS and w.machine.down[m] == 0)
    if busy and w.machine.on[m] == 1 and w.machine.running[m] == 0:
        # While people who came free are not given out yet, a machine that does not wait for them so far gets in line.
        in_turn = w.machine.wants[m] == 1 or w.run.serve[0] == NOBODY
        if w.machine.staffed[m] == 0 and in_turn:
            if staff(w, m):
                w.machine.staffed[m] = 1
                stop_waiting(w, m)
            else:
                w.machine.lacks[m] = w.run.missing[0]
        if w.machine.staffed[m] == 1:
            _run(w, m)
            if (w.machine.walking[m] | w.machine.members[m]) == 0 and w.machine.beside[m] == 1:
                enter(w, m, state_at_work(w, m))
                return
        elif w.machine.wants[m] == 0:
            begin_waiting(w, m, 0 if in_turn else 1)
    note_state(w, m)


@seldom
def _await_run(w: Any, m: Any) -> None:
    """The job at place `m` waits for others; among what comes at the instant at which its run begins it keeps the place that it had."""
    until = w.run.now[0] + w.machine.left[m]
    w.machine.running[m] = 1
    w.machine.resumed[m] = w.run.now[0]
    order = w.run.sequence[0]
    same = w.machine.waits[m] == NOT_YET_RUN and until < math.inf and abs(w.slot.time[m] - until) <= SOON
    if same:
        w.run.sequence[0] = w.slot.key[m] & (2**KIND_SHIFT - 1)
    schedule(w, m, until)
    if same:
        w.run.sequence[0] = order


@compiled
def _run(w: Any, m: Any) -> None:
    now = w.run.now[0]
    w.machine.running[m] = 1
    w.machine.lacks[m] = LACKS_NOTHING
    w.machine.resumed[m] = now
    if w.machine.walk[m] > 0.0:
        w.machine.walking[m] = 1
        schedule(w, m, now + w.machine.walk[m])
        return
    if w.machine.stop[m] != 0:
        schedule(w, m, now + w.machine.stop_left[m])
        return
    left = w.machine.left[m]
    w.machine.fails[m] = -1
    if w.machine.phase[m] != SETUP_PHASE:
        left = _until_failure(w, m, left)
    if w.machine.closing[m] != 0:
        left = _or_piece(w, m, left)
    w.machine.sends[m] = 0
    if w.operation.transfer[w.machine.operation[m]] > 0.0 and w.machine.phase[m] == RUN_PHASE:
        until = _until_transfer(w, m)
        if until < left:
            left = until
            w.machine.fails[m] = -1
            w.machine.closing[m] &= ~PIECE_ENDS
            w.machine.sends[m] = 1
    schedule(w, m, now + left)
    if w.machine.beside[m] > 1 and w.machine.phase[m] == RUN_PHASE:
        _let_follow(w, m)


@inlined
def _until_failure(w: Any, m: Any, left: Any) -> Any:
    """So long machine `m` works before a failure strikes it, or for `left` where that is sooner."""
    if w.machine.modes[m] > 0:
        first = w.machine.first_mode[m]
        for k in range(first, first + w.machine.modes[m]):
            if w.mode.kind[k] != REPAIR:
                continue
            until = math.inf
            if w.mode.clock[k] == WORKING_CLOCK:
                until = max(0.0, w.mode.left[k])
            elif w.mode.clock[k] == COUNT_CLOCK and w.machine.phase[m] == RUN_PHASE:
                until = _until_piece(w, m, k)
            if until < left:
                left = until
                w.machine.fails[m] = k
    return left


@inlined
def run_phase(w: Any, m: Any, left: Any) -> None:
    """Let the run of a job that nothing but failures can cut short go on for so long."""
    w.machine.fails[m] = -1
    schedule(w, m, w.run.now[0] + _until_failure(w, m, left))


@seldom
def _let_follow(w: Any, m: Any) -> None:
    """The run at place `m` goes on, and so does the interval that the next run waits for."""
    lead = w.machine.lead[m]
    for other in range(lead, lead + w.machine.beside[lead]):
        follows = w.machine.waits[other] == NOT_YET_RUN and w.machine.turn[other] == w.machine.turn[m] + 1
        if follows and w.machine.next_run[lead] == w.machine.turn[other]:
            w.machine.left[other] = max(0.0, w.machine.interval[m] - (w.machine.run_time[m] - w.machine.left[m]))
            w.machine.running[other] = 1
            w.machine.resumed[other] = w.run.now[0]
            schedule(w, other, w.run.now[0] + w.machine.left[other])


@seldom
def _or_piece(w: Any, m: Any, left: Any) -> Any:
    """So long machine `m`, which closes, goes on: until its piece is done, or for `left` where that is sooner."""
    until = left_of_piece(w, m)
    w.machine.closing[m] &= ~PIECE_ENDS
    if until < left:
        w.machine.closing[m] |= PIECE_ENDS
        w.machine.fails[m] = -1
        return until
    return left


@compiled
def leave_idle(w: Any, m: Any) -> None:
    """Take a machine off the list of those that stand idle, if it is there."""
    if w.machine.in_idle[m] == 0:
        return
    c = w.machine.center[m]
    ahead, behind = w.machine.idle_previous[m], w.machine.idle_next[m]
    if ahead >= 0:
        w.machine.idle_next[ahead] = behind
    else:
        w.center.idle_head[c] = behind
    if behind >= 0:
        w.machine.idle_previous[behind] = ahead
    else:
        w.center.idle_tail[c] = ahead
    w.machine.in_idle[m] = 0
    w.machine.lacks[m] = LACKS_NOTHING


@seldom
def depart(w: Any, m: Any) -> None:
    """Let an empty machine leave the plant; with its last place goes what stops all of them."""
    leave_idle(w, m)
    w.machine.gone[m] = 2
    w.machine.on[m] = 0
    _forget_stops(w, m)
    w.center.empty[w.machine.center[m]] -= 1
    q = w.machine.whole[m]
    if q >= 0 and _has_left(w, q):
        pause(w, q)
        let_go(w, q)
        w.machine.stop[q] = 0
        w.machine.holding[q] = 0
        w.machine.gone[q] = 2
        _forget_stops(w, q)
    note_state(w, m)
    note_leaving(w, m)


@seldom
def _forget_stops(w: Any, m: Any) -> None:
    """Nothing stops a machine that has left."""
    first = w.machine.first_mode[m]
    for k in range(first, first + w.machine.modes[m]):
        cancel(w, w.mode.slot[k])
        w.mode.pending[k] = 0


@seldom
def _has_left(w: Any, q: Any) -> Any:
    """Whether all places of the machine that keeper `q` stops have left."""
    first = w.machine.first_member[q]
    left = True
    for i in range(first, first + w.machine.members[q]):
        left = left and w.machine.gone[w.member.machine[i]] == 2
    return left


@inlined
def make_idle(w: Any, m: Any) -> None:
    """Put an empty machine at the end of those that stand idle; one that is no more in the plant leaves, one that is held back waits."""
    if w.machine.gone[m] == 1:
        depart(w, m)
        return
    c = w.machine.center[m]
    if w.machine.held[m] > 0:
        note_state(w, m)
        mark_dirty(w, c)
        return
    tail = w.center.idle_tail[c]
    w.machine.idle_previous[m] = tail
    w.machine.idle_next[m] = -1
    if tail >= 0:
        w.machine.idle_next[tail] = m
    else:
        w.center.idle_head[c] = m
    w.center.idle_tail[c] = m
    w.machine.in_idle[m] = 1
    if w.machine.on[m] == 1 and w.machine.lacks[m] == LACKS_NOTHING and w.machine.beside[m] == 1:
        enter(w, m, STARVED)
    else:
        if w.machine.lacks[m] != LACKS_NOTHING:
            w.center.lacking[c] = 1
        note_state(w, m)
    mark_dirty(w, c)


@seldom
def come_back(w: Any, m: Any) -> None:
    """Let machine `m`, which was stopped, warm up, stand idle or go on with its job."""
    warm_up(w, m)
    if w.center.line[w.machine.center[m]] >= 0:
        mark_dirty(w, w.machine.center[m])
    if w.machine.stop[m] == 0 and w.machine.job[m] == EMPTY:
        make_idle(w, m)
    else:
        proceed(w, m)
