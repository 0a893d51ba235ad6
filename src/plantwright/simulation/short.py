"""The short way: how work centers that claim nothing and choose nothing begin and end jobs.

What happens, and in which order, is what `centers`, `starting` and `jobs` do; only what such a center has not is not asked for. A test
lets plants go both ways and compares them to the bit.
"""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.arrivals import line_up_at_once
from plantwright.simulation.codes import (
    DONE,
    IN_PROCESS,
    LACKS_NOTHING,
    LOG_ENDED,
    LOG_STARTED,
    RUN_PHASE,
    UNLOAD_PHASE,
    WORKING,
)
from plantwright.simulation.draws import compiled, inlined
from plantwright.simulation.jobs import block, send_off, vacate
from plantwright.simulation.log import note
from plantwright.simulation.machines import age, run_phase
from plantwright.simulation.queues import count_queue, mark_dirty
from plantwright.simulation.states import enter
from plantwright.simulation.steps import go_on, just_goes_on, pass_on
from plantwright.simulation.tallies import tally_wait
from plantwright.simulation.times import run_time


@compiled
def is_short(w: Any, c: Any) -> Any:
    """Whether center `c` goes the short way now."""
    return w.center.short[c] == 1 and (w.center.waits[c] | w.center.missing[c]) == 0


@compiled
def nobody_comes_in(w: Any, c: Any) -> Any:
    """Whether nobody waits for a place before center `c`, nor starts lots there as soon as there is one."""
    return (w.center.blocked_head[c] & w.center.outside_head[c] & w.center.first_source[c]) < 0 and w.center.looped[
        c
    ] == 0


@inlined
def start_short(w: Any, c: Any) -> None:
    """Start what can be started at center `c`: the first lot on the machine that has stood idle longest, and so on."""
    if (w.center.head[c] | w.center.idle_head[c]) < 0 or w.calendar.on[w.center.calendar[c]] == 0:
        return
    while (w.center.head[c] | w.center.idle_head[c]) >= 0:
        _begin(w, c, w.center.idle_head[c], w.center.head[c])
    if w.center.places[c] >= 0.0:
        # A place is free: who waits for it is asked, unless it is plain that nobody does.
        alone = nobody_comes_in(w, c) and (w.run.dirty_head[0] & w.run.low_head[0]) < 0
        if not alone or (w.run.pull[0] | w.run.kept[0]) != 0:
            mark_dirty(w, c)


@inlined
def _take_first(w: Any, c: Any, m: Any, ticket: Any, lot: Any) -> None:
    """The first lot leaves the queue, and the first of the idle machines their list."""
    count_queue(w, c, -1, -w.lot.pieces[lot])
    behind = w.ticket.next[ticket]
    w.center.head[c] = behind
    if behind >= 0:
        w.ticket.previous[behind] = -1
    else:
        w.center.tail[c] = -1
    w.lot.here[lot] = c
    tally_wait(w, c, w.run.now[0] - w.lot.arrived[lot])
    behind = w.machine.idle_next[m]
    w.center.idle_head[c] = behind
    if behind >= 0:
        w.machine.idle_previous[behind] = -1
    else:
        w.center.idle_tail[c] = -1
    w.machine.in_idle[m] = 0
    w.center.empty[c] -= 1


@inlined
def _begin(w: Any, c: Any, m: Any, ticket: Any) -> None:
    """Start the first lot of center `c` on machine `m`, the first that is idle."""
    lot = w.ticket.lot[ticket]
    o = w.lot.operation[lot]
    time = run_time(w, o, lot)
    if w.machine.speed[m] != 1.0:
        time /= w.machine.speed[m]
    _take_first(w, c, m, ticket, lot)
    w.lot.next[lot] = -1
    note(w, LOG_STARTED, lot, m, -1, w.lot.pieces[lot])
    w.machine.head[m] = lot
    w.machine.operation[m] = o
    w.machine.pieces[m] = w.lot.pieces[lot]
    w.machine.counted[m] = 0.0
    w.machine.setup_time[m] = 0.0
    w.machine.load_time[m] = 0.0
    w.machine.run_time[m] = time
    w.machine.unload_time[m] = 0.0
    w.machine.interval[m] = math.inf
    w.machine.walk[m] = 0.0
    w.machine.phase[m] = RUN_PHASE
    w.machine.left[m] = time
    if w.machine.setup[m] != w.operation.setup[o]:
        w.machine.setup[m] = w.operation.setup[o]
        w.machine.since_setup[m] = 0.0
    w.machine.last_product[m] = w.lot.product[lot]
    w.machine.job[m] = IN_PROCESS
    w.machine.staffed[m] = 1
    w.machine.running[m] = 1
    w.machine.lacks[m] = LACKS_NOTHING
    w.machine.resumed[m] = w.run.now[0]
    w.machine.sends[m] = 0
    run_phase(w, m, time)
    enter(w, m, WORKING)


@compiled
def ends_short(w: Any, m: Any) -> Any:
    """Whether what machine `m` was doing is a whole job of the short way, now done, and nothing has come between."""
    odd = w.machine.stop[m] | w.machine.walking[m] | w.machine.closing[m] | w.machine.sends[m] | w.machine.holds[m]
    odd |= w.machine.held[m] | w.machine.gone[m] | (w.machine.phase[m] ^ RUN_PHASE) | (1 + w.machine.fails[m])
    return odd == 0 and w.machine.unload_time[m] == 0.0 and w.center.short[w.machine.center[m]] == 1


@inlined
def end_short(w: Any, m: Any) -> None:
    """The job of machine `m` is done: its lot goes on, or blocks it."""
    w.machine.running[m] = 0
    if w.machine.modes[m] > 0:
        age(w, m, w.run.now[0] - w.machine.resumed[m])
    w.machine.phase[m] = UNLOAD_PHASE + 1
    w.machine.job[m] = DONE
    w.machine.staffed[m] = 0
    lot = w.machine.head[m]
    note(w, LOG_ENDED, lot, m, -1, w.lot.pieces[lot])
    w.run.job_gives[0] = 1
    onward = pass_on(w, lot) if just_goes_on(w, lot) else go_on(w, lot)
    w.machine.head[m] = onward
    if onward >= 0:
        if w.lot.next[onward] >= 0 or w.operation.lines_up[w.lot.operation[onward]] == 0:
            send_off(w, m)
            return
        if not line_up_at_once(w, onward, False):
            block(w, m, -1)
            return
        w.machine.head[m] = -1
    vacate(w, m)
