"""Machines: phases of work, what stops it, and what follows when it is done."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.agenda import cancel, schedule
from plantwright.simulation.codes import (
    BLOCKED,
    CALENDAR_CLOCK,
    DONE,
    EMPTY,
    IN_PROCESS,
    IN_SETUP,
    LOG_ENDED,
    LOG_STATE,
    MAINTENANCE,
    NO_STAFF,
    OFF_SHIFT,
    REPAIR,
    RUN_PHASE,
    SETUP_PHASE,
    STARVED,
    UNLOAD_PHASE,
    WORKING,
    WORKING_CLOCK,
)
from plantwright.simulation.draws import FAILURE, compiled, draw
from plantwright.simulation.draws import REPAIR as REPAIR_DRAW
from plantwright.simulation.log import note
from plantwright.simulation.lots import delay, enqueue, go_on, has_room, mark_dirty
from plantwright.simulation.people import release_people, staff


@compiled
def note_state(w: Any, m: Any) -> None:
    """Book the time since the last change to the state that machine `m` was in, and find the one it is in now."""
    if w.machine.on[m] == 0:
        state = OFF_SHIFT
    elif w.machine.stop[m] != 0:
        state = w.machine.stop[m]
    elif w.machine.job[m] == DONE:
        state = BLOCKED
    elif w.machine.job[m] == IN_PROCESS:
        if w.machine.running[m] == 0:
            state = NO_STAFF
        elif w.machine.phase[m] == SETUP_PHASE:
            state = IN_SETUP
        else:
            state = WORKING
    elif w.machine.lacks[m] == 1:
        state = NO_STAFF
    else:
        state = STARVED
    old = w.machine.state[m]
    if state != old:
        now = w.run.now[0]
        w.state_time[m, old] += now - w.machine.since[m]
        w.machine.since[m] = now
        w.machine.state[m] = state
        note(w, LOG_STATE, -1, m, state, 0.0)


@compiled
def _age(w: Any, m: Any, elapsed: Any) -> None:
    first = w.machine.first_mode[m]
    for k in range(first, first + w.machine.modes[m]):
        if w.mode.clock[k] == WORKING_CLOCK:
            w.mode.left[k] -= elapsed


@compiled
def pause(w: Any, m: Any) -> None:
    """Stop the clock of machine `m`'s work or repair, where it runs."""
    if w.machine.running[m] == 0:
        return
    w.machine.running[m] = 0
    cancel(w, m)
    elapsed = w.run.now[0] - w.machine.resumed[m]
    if w.machine.stop[m] != 0:
        w.machine.stop_left[m] = max(0.0, w.machine.stop_left[m] - elapsed)
        return
    w.machine.left[m] = max(0.0, w.machine.left[m] - elapsed)
    if w.machine.phase[m] != SETUP_PHASE:
        _age(w, m, elapsed)


@compiled
def let_go(w: Any, m: Any) -> None:
    """Let go everybody whom machine `m` holds or waits for."""
    release_people(w, m, 0)
    w.machine.staffed[m] = 0
    if w.machine.wants[m] == 1:
        w.machine.wants[m] = 0
        w.run.waiting[0] -= 1


@compiled
def proceed(w: Any, m: Any) -> None:
    """Let the work or repair of machine `m` go on, if it is on shift and its people can be had."""
    busy = w.machine.stop[m] != 0 or w.machine.job[m] == IN_PROCESS
    if busy and w.machine.on[m] == 1 and w.machine.running[m] == 0:
        # While people who came free are not given out yet, a machine that does not wait for them so far gets in line.
        in_turn = w.machine.wants[m] == 1 or w.run.serve[0] == 0
        if w.machine.staffed[m] == 0 and in_turn and staff(w, m):
            w.machine.staffed[m] = 1
            if w.machine.wants[m] == 1:
                w.machine.wants[m] = 0
                w.run.waiting[0] -= 1
        if w.machine.staffed[m] == 1:
            _run(w, m)
        elif w.machine.wants[m] == 0:
            w.machine.wants[m] = 1
            w.machine.wants_since[m] = w.run.now[0]
            w.run.waiting[0] += 1
    note_state(w, m)


@compiled
def _run(w: Any, m: Any) -> None:
    now = w.run.now[0]
    w.machine.running[m] = 1
    w.machine.resumed[m] = now
    if w.machine.stop[m] != 0:
        schedule(w, m, now + w.machine.stop_left[m])
        return
    left = w.machine.left[m]
    w.machine.fails[m] = -1
    if w.machine.phase[m] != SETUP_PHASE:
        first = w.machine.first_mode[m]
        for k in range(first, first + w.machine.modes[m]):
            if w.mode.clock[k] == WORKING_CLOCK and w.mode.kind[k] == REPAIR and w.mode.left[k] < left:
                left = max(0.0, w.mode.left[k])
                w.machine.fails[m] = k
    schedule(w, m, now + left)


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
    w.machine.lacks[m] = 0


@compiled
def make_idle(w: Any, m: Any) -> None:
    """Put an empty machine at the end of those that stand idle."""
    c = w.machine.center[m]
    tail = w.center.idle_tail[c]
    w.machine.idle_previous[m] = tail
    w.machine.idle_next[m] = -1
    if tail >= 0:
        w.machine.idle_next[tail] = m
    else:
        w.center.idle_head[c] = m
    w.center.idle_tail[c] = m
    w.machine.in_idle[m] = 1
    note_state(w, m)
    mark_dirty(w, c)


@compiled
def begin_stop(w: Any, m: Any, k: Any) -> None:
    """Stop machine `m` for failure or maintenance `k`: its work rests, its people leave."""
    pause(w, m)
    let_go(w, m)
    if w.machine.lacks[m] == 1:
        mark_dirty(w, w.machine.center[m])  # the lot that lacks people lacks them on another machine now
    leave_idle(w, m)
    w.machine.stop[m] = w.mode.kind[k]
    w.machine.stop_mode[m] = k
    w.machine.stop_left[m] = draw(w, w.mode.lasts[k], REPAIR_DRAW, w.mode.key[k], w.mode.count[k], 0)
    w.mode.count[k] += 1
    w.mode.pending[k] = 0
    proceed(w, m)


@compiled
def _due(w: Any, m: Any) -> Any:
    """A stop that waits for machine `m`, or -1: a failure that struck meanwhile, or maintenance if no lot is in process."""
    first = w.machine.first_mode[m]
    for k in range(first, first + w.machine.modes[m]):
        if w.mode.kind[k] == MAINTENANCE:
            if w.machine.job[m] != EMPTY:
                continue
            if w.mode.clock[k] == WORKING_CLOCK and w.mode.left[k] <= 0.0:
                return k
        if w.mode.pending[k] == 1:
            return k
    return -1


@compiled
def end_stop(w: Any, m: Any) -> None:
    """A repair or maintenance is done: start its clock anew, and let the machine go on."""
    k = w.machine.stop_mode[m]
    let_go(w, m)
    w.machine.stop[m] = 0
    every = draw(w, w.mode.every[k], FAILURE, w.mode.key[k], w.mode.count[k], 0)
    if w.mode.clock[k] == WORKING_CLOCK:
        w.mode.left[k] = every
    elif w.mode.kind[k] == REPAIR:
        schedule(w, w.mode.slot[k], w.run.now[0] + every)
    following = _due(w, m)
    if following >= 0:
        begin_stop(w, m, following)
    elif w.machine.job[m] == EMPTY:
        make_idle(w, m)
    else:
        proceed(w, m)


@compiled
def strike(w: Any, k: Any) -> None:
    """A failure or maintenance by the calendar falls due on its machine."""
    m = w.mode.machine[k]
    if w.mode.kind[k] == MAINTENANCE and w.mode.clock[k] == CALENDAR_CLOCK:
        w.mode.first[k] += draw(w, w.mode.every[k], FAILURE, w.mode.key[k], w.mode.count[k], 1)
        schedule(w, w.mode.slot[k], max(w.run.now[0], w.mode.first[k]))
    w.mode.pending[k] = 1
    if w.machine.stop[m] == 0 and _due(w, m) == k:
        begin_stop(w, m, k)


@compiled
def enter_phase(w: Any, m: Any) -> Any:
    """Find the phase, from the machine's present one on, that takes time (the run always counts); False past the last."""
    while w.machine.phase[m] <= UNLOAD_PHASE:
        phase = w.machine.phase[m]
        if phase == SETUP_PHASE:
            left = w.machine.setup_time[m]
        elif phase == RUN_PHASE:
            left = w.machine.run_time[m]
        elif phase == UNLOAD_PHASE:
            left = w.machine.unload_time[m]
        else:
            left = w.machine.load_time[m]
        if left > 0.0 or phase == RUN_PHASE:
            w.machine.left[m] = left
            return True
        w.machine.phase[m] = phase + 1
    return False


@compiled
def _vacate(w: Any, m: Any) -> None:
    w.machine.job[m] = EMPTY
    c = w.machine.center[m]
    w.center.empty[c] += 1
    if w.machine.stop[m] == 0:
        k = _due(w, m)
        if k >= 0:
            begin_stop(w, m, k)
        else:
            make_idle(w, m)
    mark_dirty(w, c)


@compiled
def send_off(w: Any, m: Any) -> Any:
    """Move the finished lots of machine `m` on, in order, until one finds no place; it then blocks the machine.

    Returns whether the machine is empty now.
    """
    while w.machine.head[m] >= 0:
        lot = w.machine.head[m]
        c = w.operation.center[w.lot.operation[lot]]
        following = w.lot.next[lot]
        if w.center.machines[c] < 0:
            delay(w, lot)
        elif has_room(w, c, w.lot.pieces[lot]) and w.center.blocked_head[c] < 0:
            enqueue(w, lot)
        else:
            w.machine.blocked_next[m] = -1
            if w.center.blocked_head[c] < 0:
                w.center.blocked_head[c] = m
            else:
                w.machine.blocked_next[w.center.blocked_tail[c]] = m
            w.center.blocked_tail[c] = m
            w.machine.blocked_by[m] = c
            note_state(w, m)
            return False
        w.machine.head[m] = following
    w.machine.blocked_by[m] = -1
    _vacate(w, m)
    return True


@compiled
def finish(w: Any, m: Any) -> None:
    """The last phase is over: people leave, every lot becomes what it becomes, and those that go on are sent off."""
    w.machine.job[m] = DONE
    let_go(w, m)
    lot = w.machine.head[m]
    w.machine.head[m] = -1
    last = -1
    while lot >= 0:
        following = w.lot.next[lot]
        note(w, LOG_ENDED, lot, m, -1, w.lot.pieces[lot])
        if go_on(w, lot):
            w.lot.next[lot] = -1
            if last >= 0:
                w.lot.next[last] = lot
            else:
                w.machine.head[m] = lot
            last = lot
        lot = following
    send_off(w, m)


@compiled
def on_machine_event(w: Any, m: Any) -> None:
    """What machine `m` was doing is over: a repair, a phase, or its work is cut short by a failure."""
    w.machine.running[m] = 0
    if w.machine.stop[m] != 0:
        end_stop(w, m)
        return
    elapsed = w.run.now[0] - w.machine.resumed[m]
    if w.machine.phase[m] != SETUP_PHASE:
        _age(w, m, elapsed)
    k = w.machine.fails[m]
    if k >= 0:
        w.machine.left[m] = max(0.0, w.machine.left[m] - elapsed)
        begin_stop(w, m, k)
        return
    w.machine.phase[m] += 1
    if enter_phase(w, m):
        release_people(w, m, 1 << w.machine.phase[m])
        w.machine.staffed[m] = 0
        proceed(w, m)
    else:
        finish(w, m)
