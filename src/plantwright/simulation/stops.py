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
    REPAIR,
    RESTART,
    RUN_PHASE,
    SCRAP,
)
from plantwright.simulation.draws import FAILURE, compiled, draw
from plantwright.simulation.draws import REPAIR as REPAIR_DRAW
from plantwright.simulation.lots import scrap
from plantwright.simulation.machines import count_pieces, leave_idle, let_go, make_idle, pause, phase_time, proceed
from plantwright.simulation.queues import mark_dirty
from plantwright.simulation.times import start_of_piece


@compiled
def _scrap_job(w: Any, m: Any) -> None:
    """Scrap the lots of machine `m`'s job where it stands: the machine is empty."""
    if w.machine.counts[m] == 1 and w.machine.phase[m] == RUN_PHASE:
        elapsed = w.machine.run_time[m] - w.machine.left[m]
        started = w.machine.counted[m]
        while started < w.machine.pieces[m] and start_of_piece(w, m, started) <= elapsed * w.machine.speed[m]:
            started += 1.0
        count_pieces(w, m, min(started, w.machine.pieces[m]))
    lot = w.machine.head[m]
    w.machine.head[m] = -1
    while lot >= 0:
        following = w.lot.next[lot]
        scrap(w, lot, w.lot.pieces[lot])
        lot = following
    w.machine.job[m] = EMPTY
    w.center.empty[w.machine.center[m]] += 1
    mark_dirty(w, w.machine.center[m])


@compiled
def start_clock(w: Any, k: Any) -> None:
    """Find out when failure or maintenance `k` strikes first, from now on."""
    now = w.run.now[0]
    every = draw(w, w.mode.every[k], FAILURE, w.mode.key[k], w.mode.count[k], 0)
    if w.mode.kind[k] == MAINTENANCE and w.mode.first[k] >= 0.0:
        every = w.mode.first[k]
        if w.mode.first_drawn[k] >= 0:
            every = draw(w, w.mode.first_drawn[k], FAILURE, w.mode.key[k], 0, 2)
    w.mode.first[k] = now + every
    w.mode.left[k] = every
    if w.mode.clock[k] == CALENDAR_CLOCK:
        schedule(w, w.mode.slot[k], now + every)


@compiled
def begin_stop(w: Any, m: Any, k: Any) -> None:
    """Stop machine `m` for failure or maintenance `k`: its work rests, its people leave."""
    pause(w, m)
    let_go(w, m)
    if w.machine.in_idle[m] == 1 and w.machine.lacks[m] != LACKS_NOTHING:
        mark_dirty(w, w.machine.center[m])  # the lot that lacks people lacks them on another machine now
    leave_idle(w, m)
    if w.machine.job[m] == IN_PROCESS and w.mode.then[k] == RESTART:
        w.machine.left[m] = phase_time(w, m)
    elif w.machine.job[m] == IN_PROCESS and w.mode.then[k] == SCRAP:
        _scrap_job(w, m)
    w.machine.stop[m] = w.mode.kind[k]
    w.machine.stop_mode[m] = k
    w.machine.stop_left[m] = draw(w, w.mode.lasts[k], REPAIR_DRAW, w.mode.key[k], w.mode.count[k], 0)
    w.mode.count[k] += 1
    w.mode.pending[k] = 0
    proceed(w, m)


@compiled
def due_stop(w: Any, m: Any) -> Any:
    """A stop that waits for machine `m`, or -1: a failure that struck meanwhile, or maintenance if no lot is in process."""
    first = w.machine.first_mode[m]
    for k in range(first, first + w.machine.modes[m]):
        if w.mode.kind[k] == MAINTENANCE:
            if w.machine.job[m] != EMPTY:
                continue
            if w.mode.clock[k] != CALENDAR_CLOCK and w.mode.left[k] <= 0.0:
                return k
        elif w.mode.clock[k] == COUNT_CLOCK and w.mode.left[k] <= 0.0:
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
    if w.mode.clock[k] != CALENDAR_CLOCK:
        w.mode.left[k] = every
    elif w.mode.kind[k] == REPAIR:
        schedule(w, w.mode.slot[k], w.run.now[0] + every)
    go_on_after_stop(w, m)


@compiled
def go_on_after_stop(w: Any, m: Any) -> None:
    """Let a machine whose stop is over do what it is to do next."""
    following = due_stop(w, m) if w.machine.gone[m] == 0 else -1
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
    if w.machine.stop[m] == 0 and due_stop(w, m) == k:
        begin_stop(w, m, k)
