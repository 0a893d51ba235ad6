"""Failures and maintenance: when they strike a machine, and what follows when they are over."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.agenda import schedule
from plantwright.simulation.codes import (
    CALENDAR_CLOCK,
    COUNT_CLOCK,
    EMPTY,
    IN_PROCESS,
    LACKS_NOTHING,
    MAINTENANCE,
    NOT_YET_RUN,
    REPAIR,
    RESTART,
    RUN_PHASE,
    SCRAP,
)
from plantwright.simulation.draws import compiled, draw, draw_from, inlined, seldom
from plantwright.simulation.lots import scrap
from plantwright.simulation.machines import (
    come_back,
    count_pieces,
    leave_idle,
    let_go,
    pause,
    phase_time,
    proceed,
)
from plantwright.simulation.places import forget_turns
from plantwright.simulation.queues import mark_dirty
from plantwright.simulation.states import note_state
from plantwright.simulation.streams import REPAIR as REPAIR_DRAW
from plantwright.simulation.times import start_of_piece


@seldom
def _scrap_job(w: Any, m: Any) -> None:
    """Scrap the lots of machine `m`'s job where it stands: the machine is empty."""
    if w.machine.counts[m] == 1 and w.machine.phase[m] == RUN_PHASE and w.machine.waits[m] != NOT_YET_RUN:
        elapsed = w.machine.run_time[m] - w.machine.left[m]
        started = w.machine.counted[m]
        while started < w.machine.pieces[m] and start_of_piece(w, m, started) <= elapsed:
            started += 1.0
        count_pieces(w, m, min(started, w.machine.pieces[m]))
    lot = w.machine.head[m]
    w.machine.head[m] = -1
    while lot >= 0:
        following = w.lot.next[lot]
        scrap(w, lot, w.lot.pieces[lot])
        lot = following
    if w.machine.beside[m] > 1:
        forget_turns(w, m)
    w.machine.job[m] = EMPTY
    w.center.empty[w.machine.center[m]] += 1
    mark_dirty(w, w.machine.center[m])
    if w.machine.held[m] > 0:
        w.run.kept[0] = 1


@seldom
def _cut_short(w: Any, m: Any, k: Any) -> None:
    """What becomes of the job in process on machine `m` when stop `k` begins."""
    if w.machine.job[m] == IN_PROCESS and w.mode.then[k] == RESTART and w.machine.waits[m] == 0:
        w.machine.left[m] = phase_time(w, m, w.machine.phase[m])
    elif w.machine.job[m] == IN_PROCESS and w.mode.then[k] == SCRAP:
        _scrap_job(w, m)


@seldom
def _step_out(w: Any, m: Any) -> None:
    """Take machine `m` off the list of the idle; a lot that lacks people there lacks them on another machine now."""
    if w.machine.in_idle[m] == 1 and w.machine.lacks[m] != LACKS_NOTHING:
        mark_dirty(w, w.machine.center[m])
    leave_idle(w, m)


@seldom
def _hold(w: Any, q: Any) -> None:
    """Maintenance of keeper `q` is due: its machines take no new jobs."""
    w.machine.holding[q] = 1
    first = w.machine.first_member[q]
    for i in range(first, first + w.machine.members[q]):
        m = w.member.machine[i]
        w.machine.held[m] += 1
        _step_out(w, m)
        note_state(w, m)


@compiled
def hold_if_due(w: Any, m: Any) -> None:
    """Pieces were counted at place `m`: if that makes maintenance of a machine with several places due, it takes no new jobs."""
    q = w.machine.whole[m]
    if q >= 0 and w.machine.holding[q] == 0 and _is_held_back(w, q):
        _hold(w, q)
        w.run.kept[0] = 1


@seldom
def _strike_all(w: Any, q: Any, k: Any) -> None:
    """Failure `k` of keeper `q` strikes all its machines: their work rests; a stop of their own goes on."""
    first = w.machine.first_member[q]
    for i in range(first, first + w.machine.members[q]):
        m = w.member.machine[i]
        if w.machine.stop[m] == 0:
            pause(w, m)
            let_go(w, m)
        w.machine.held[m] += 1
        w.machine.down[m] += 1
        _step_out(w, m)
        _cut_short(w, m, k)


@seldom
def _release(w: Any, q: Any, down: Any) -> None:
    """A stop of keeper `q` is over: its machines go on, where nothing else holds them."""
    first = w.machine.first_member[q]
    for i in range(first, first + w.machine.members[q]):
        m = w.member.machine[i]
        w.machine.held[m] -= 1
        w.machine.down[m] -= down
        if w.machine.stop[m] == 0 and w.machine.down[m] == 0 and w.machine.gone[m] != 2:
            go_on_after_stop(w, m)
        else:
            note_state(w, m)


@seldom
def look_at_keepers(w: Any) -> None:
    """The plant has changed: find anew which machines are held back or stopped together; who no longer is goes on."""
    machines, keepers = w.run.machines[0], w.run.keepers[0]
    for q in range(machines, machines + keepers):
        if w.machine.stop[q] != MAINTENANCE and not _is_held_back(w, q):
            w.machine.holding[q] = 0
    for m in range(machines):
        was_held, was_down = w.machine.held[m] > 0, w.machine.down[m] > 0
        if not was_held and keepers == 0:
            continue
        _count_keepers(w, m)
        held, down = w.machine.held[m] > 0, w.machine.down[m] > 0
        if held and not was_held:
            _step_out(w, m)
        if down and not was_down and w.machine.stop[m] == 0:
            pause(w, m)
            let_go(w, m)
        freed = (was_held and not held) or (was_down and not down)
        if freed and not down and w.machine.stop[m] == 0 and w.machine.gone[m] != 2:
            go_on_after_stop(w, m)
        else:
            note_state(w, m)
    w.run.kept[0] = 1


@seldom
def _count_keepers(w: Any, m: Any) -> None:
    """Count what holds machine `m` back, and of it what has stopped it."""
    w.machine.held[m] = 0
    w.machine.down[m] = 0
    for q in range(w.run.machines[0], w.run.machines[0] + w.run.keepers[0]):
        first = w.machine.first_member[q]
        for i in range(first, first + w.machine.members[q]):
            if w.member.machine[i] == m:
                strikes = 1 if w.machine.stop[q] == REPAIR else 0
                w.machine.held[m] += w.machine.holding[q] + strikes
                w.machine.down[m] += strikes


@seldom
def begin_kept(w: Any) -> None:
    """Begin what waits for all machines of a keeper to be empty, where they are."""
    w.run.kept[0] = 0
    for q in range(w.run.machines[0], w.run.machines[0] + w.run.keepers[0]):
        if w.machine.stop[q] == 0:
            k = due_stop(w, q)
            if k >= 0:
                begin_stop(w, q, k)


@seldom
def start_clock(w: Any, k: Any) -> None:
    """Find out when failure or maintenance `k` strikes first, from now on."""
    now = w.run.now[0]
    every = draw_from(w, w.mode.every[k], w.mode.stream[k], w.mode.count[k], 0)
    if w.mode.kind[k] == MAINTENANCE and w.mode.first[k] >= 0.0:
        every = w.mode.first[k]
        if w.mode.first_drawn[k] >= 0:
            every = draw_from(w, w.mode.first_drawn[k], w.mode.stream[k], 0, 2)
    w.mode.first[k] = now + every
    w.mode.left[k] = every
    if w.mode.clock[k] == CALENDAR_CLOCK:
        schedule(w, w.mode.slot[k], now + every)


@seldom
def begin_stop(w: Any, m: Any, k: Any) -> None:
    """Stop machine `m` for failure or maintenance `k`: its work rests, its people leave."""
    if w.machine.members[m] > 0 and w.mode.kind[k] == REPAIR:
        _strike_all(w, m, k)
    elif w.machine.members[m] > 0 and w.machine.holding[m] == 0:
        _hold(w, m)
    pause(w, m)
    let_go(w, m)
    _step_out(w, m)
    _cut_short(w, m, k)
    w.machine.stop[m] = w.mode.kind[k]
    w.machine.stop_mode[m] = k
    w.machine.parts[m] = 0
    w.machine.stop_left[m] = draw(w, w.mode.lasts[k], REPAIR_DRAW, w.mode.key[k], w.mode.count[k], 0)
    w.mode.count[k] += 1
    w.mode.pending[k] = 0
    proceed(w, m)


@compiled
def _all_empty(w: Any, q: Any) -> Any:
    """Whether all machines of keeper `q` are empty."""
    first = w.machine.first_member[q]
    empty = True
    for i in range(first, first + w.machine.members[q]):
        empty = empty and w.machine.job[w.member.machine[i]] == EMPTY
    return empty


@inlined
def _is_due(w: Any, k: Any) -> Any:
    """Whether maintenance `k` is due, by the calendar, or by work or pieces."""
    return w.mode.pending[k] == 1 or (w.mode.clock[k] != CALENDAR_CLOCK and w.mode.left[k] <= 0.0)


@seldom
def _is_held_back(w: Any, q: Any) -> Any:
    """Whether maintenance of keeper `q` is due."""
    first = w.machine.first_mode[q]
    held = False
    for k in range(first, first + w.machine.modes[q]):
        held = held or (w.mode.kind[k] == MAINTENANCE and _is_due(w, k))
    return held


@compiled
def due_stop(w: Any, m: Any) -> Any:
    """A stop that waits for machine `m`, or -1: a failure that struck meanwhile, or maintenance if no lot is in process."""
    first = w.machine.first_mode[m]
    for k in range(first, first + w.machine.modes[m]):
        if w.mode.kind[k] == MAINTENANCE:
            if _is_due(w, k) and w.machine.job[m] == EMPTY and _all_empty(w, m):
                return k
        elif w.mode.pending[k] == 1 or (w.mode.clock[k] == COUNT_CLOCK and w.mode.left[k] <= 0.0):
            return k
    return -1


@seldom
def end_stop(w: Any, m: Any) -> None:
    """A repair or maintenance is done: start its clock anew, and let the machine go on."""
    k = w.machine.stop_mode[m]
    let_go(w, m)
    w.machine.stop[m] = 0
    every = draw_from(w, w.mode.every[k], w.mode.stream[k], w.mode.count[k], 0)
    if w.mode.clock[k] != CALENDAR_CLOCK:
        w.mode.left[k] = every
    elif w.mode.kind[k] == REPAIR:
        schedule(w, w.mode.slot[k], w.run.now[0] + every)
    if w.machine.members[m] > 0:
        _let_all_go_on(w, m, k)
    else:
        go_on_after_stop(w, m)


@seldom
def go_on_after_stop(w: Any, m: Any) -> None:
    """Let a machine whose stop is over do what it is to do next."""
    stays = w.machine.gone[m] == 0 or w.machine.job[m] != EMPTY
    following = due_stop(w, m) if stays and w.machine.down[m] == 0 else -1
    if following >= 0:
        begin_stop(w, m, following)
    else:
        come_back(w, m)


@seldom
def _let_all_go_on(w: Any, q: Any, k: Any) -> None:
    """Stop `k` of keeper `q` is over: its machines go on, unless the next is due."""
    if w.mode.kind[k] == REPAIR:
        _release(w, q, 1)
    elif not _is_held_back(w, q):
        w.machine.holding[q] = 0
        _release(w, q, 0)
    following = due_stop(w, q)
    if following >= 0:
        begin_stop(w, q, following)


@seldom
def strike(w: Any, k: Any) -> None:
    """A failure or maintenance by the calendar falls due on its machine."""
    m = w.mode.machine[k]
    if w.mode.kind[k] == MAINTENANCE and w.mode.clock[k] == CALENDAR_CLOCK:
        w.mode.first[k] += draw_from(w, w.mode.every[k], w.mode.stream[k], w.mode.count[k], 1)
        schedule(w, w.mode.slot[k], max(w.run.now[0], w.mode.first[k]))
    w.mode.pending[k] = 1
    if w.mode.kind[k] == MAINTENANCE and w.machine.members[m] > 0 and w.machine.holding[m] == 0:
        _hold(w, m)
    if w.machine.stop[m] == 0 and w.machine.down[m] == 0 and due_stop(w, m) == k:
        begin_stop(w, m, k)
