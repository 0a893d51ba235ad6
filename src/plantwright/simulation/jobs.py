"""Jobs: the phases of work on a machine, and what becomes of its lots when it is done."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.arrivals import come_in, come_in_or_wait
from plantwright.simulation.codes import (
    BLOCKED_LINE,
    COUNT_CLOCK,
    DONE,
    EMPTY,
    LOG_ENDED,
    PIECE_ENDS,
    RUN_PHASE,
    SETUP_PHASE,
    UNLOAD_PHASE,
)
from plantwright.simulation.draws import compiled, inlined, seldom
from plantwright.simulation.drums import reach_drums
from plantwright.simulation.log import note
from plantwright.simulation.machines import (
    age,
    count_pieces,
    let_go,
    make_idle,
    phase_time,
    piece_that_strikes,
    proceed,
)
from plantwright.simulation.parts import part_off
from plantwright.simulation.people import release_people
from plantwright.simulation.places import line_up_run, look_behind, run_goes_on
from plantwright.simulation.queues import mark_dirty, wait_to_come_in
from plantwright.simulation.states import note_state
from plantwright.simulation.steps import go_on
from plantwright.simulation.stops import begin_stop, due_stop, end_stop, hold_if_due


@compiled
def enter_phase(w: Any, m: Any) -> Any:
    """Find the phase, from the machine's present one on, that takes time (the run always counts); False past the last."""
    phase = w.machine.phase[m]
    while phase <= UNLOAD_PHASE:
        left = phase_time(w, m, phase)
        if left > 0.0 or phase == RUN_PHASE:
            w.machine.phase[m] = phase
            w.machine.left[m] = left
            return True
        phase += 1
    w.machine.phase[m] = phase
    return False


@inlined
def vacate(w: Any, m: Any) -> None:
    """Machine `m` is empty: a stop that has waited for that begins, or it stands idle."""
    w.machine.job[m] = EMPTY
    w.machine.blocked_by[m] = -1
    c = w.machine.center[m]
    w.center.empty[c] += 1
    if w.machine.stop[m] == 0:
        k = due_stop(w, m) if w.machine.may_be_due[m] == 1 and w.machine.gone[m] == 0 else -1
        if k >= 0:
            begin_stop(w, m, k)
        else:
            make_idle(w, m)
    mark_dirty(w, c)
    if w.machine.held[m] > 0:
        w.run.kept[0] = 1


@compiled
def block(w: Any, m: Any, ahead_at: Any) -> None:
    """Let the first finished lot of machine `m` wait there for a place; at center `ahead_at` before all who wait."""
    lot = w.machine.head[m]
    w.lot.machine[lot] = m
    w.machine.blocked_by[m] = w.operation.center[w.lot.operation[lot]]
    wait_to_come_in(w, lot, BLOCKED_LINE, ahead_at)
    note_state(w, m)


@compiled
def send_off(w: Any, m: Any) -> Any:
    """Move the finished lots of machine `m` on, in order, until one finds no place; it then blocks the machine.

    Returns whether the machine is empty now.
    """
    while w.machine.head[m] >= 0:
        lot = w.machine.head[m]
        following = w.lot.next[lot]
        if not come_in(w, lot, False):
            block(w, m, -1)
            return False
        w.machine.head[m] = following
    vacate(w, m)
    return True


@seldom
def _send_ahead(w: Any, m: Any) -> None:
    """Let the pieces of machine `m`'s lot that are done go on, while the rest is worked on."""
    lot = w.machine.head[m]
    pieces = w.operation.transfer[w.machine.operation[m]]
    part = part_off(w, lot, pieces, w.operation.whole[w.machine.operation[m]])
    w.lot.ahead[lot] += pieces
    if w.run.drums[0] > 0:
        reach_drums(w, lot)
    note(w, LOG_ENDED, part, m, -1, pieces)
    w.run.job_gives[0] = 0  # by the batch it gives when the job ends
    come_in_or_wait(w, go_on(w, part))


@compiled
def finish(w: Any, m: Any) -> None:
    """The last phase is over: people leave, and the lots go on; those on a paced line when it indexes."""
    w.machine.job[m] = DONE
    let_go(w, m)
    lot = w.machine.head[m]
    while lot >= 0:
        note(w, LOG_ENDED, lot, m, -1, w.lot.pieces[lot])
        if w.center.line[w.machine.center[m]] < 0:
            break
        lot = w.lot.next[lot]
    if w.center.line[w.machine.center[m]] < 0:
        give(w, m)
    else:
        note_state(w, m)
        mark_dirty(w, w.machine.center[m])


@compiled
def give(w: Any, m: Any) -> None:
    """Every lot of the job that is done on machine `m` becomes what it becomes, and those that go on are sent off."""
    first = w.machine.head[m]
    paced = w.center.line[w.machine.center[m]] >= 0
    w.run.job_gives[0] = 1
    lot = first
    w.machine.head[m] = -1
    last = -1
    while lot >= 0:
        following = w.lot.next[lot]
        if lot != first and not paced:
            note(w, LOG_ENDED, lot, m, -1, w.lot.pieces[lot])
        onward = go_on(w, lot)
        if last >= 0:
            w.lot.next[last] = onward
        else:
            w.machine.head[m] = onward
        while onward >= 0:
            last = onward
            onward = w.lot.next[onward]
        lot = following
    send_off(w, m)


@compiled
def on_machine_event(w: Any, m: Any) -> None:
    """What machine `m` was doing is over: its people's walk, a repair, a phase, or its work is cut short by a failure."""
    w.machine.running[m] = 0
    if w.machine.walking[m] == 1:
        w.machine.walking[m] = 0
        w.machine.walk[m] = 0.0
        proceed(w, m)
        return
    if w.machine.stop[m] != 0:
        end_stop(w, m)
        return
    elapsed = w.run.now[0] - w.machine.resumed[m]
    if w.machine.phase[m] != SETUP_PHASE:
        age(w, m, elapsed)
    closing = w.machine.closing[m]
    if (closing & PIECE_ENDS) != 0:
        w.machine.left[m] = max(0.0, w.machine.left[m] - elapsed)
        let_go(w, m)
        proceed(w, m)
        return
    if w.machine.beside[m] > 1 and w.machine.phase[m] == RUN_PHASE and run_goes_on(w, m):
        return
    k = w.machine.fails[m]
    if k >= 0:
        w.machine.left[m] = max(0.0, w.machine.left[m] - elapsed)
        if w.mode.clock[k] == COUNT_CLOCK:
            count_pieces(w, m, min(w.machine.pieces[m], piece_that_strikes(w, m, k)))
        begin_stop(w, m, k)
        return
    if w.machine.sends[m] == 1:
        w.machine.left[m] = max(0.0, w.machine.left[m] - elapsed)
        _send_ahead(w, m)
        proceed(w, m)
        return
    if w.machine.counts[m] == 1 and w.machine.phase[m] == RUN_PHASE:
        count_pieces(w, m, w.machine.pieces[m])
        hold_if_due(w, m)
    w.machine.phase[m] += 1
    more = enter_phase(w, m)
    if w.machine.beside[m] > 1:
        if w.machine.phase[m] == RUN_PHASE:
            line_up_run(w, m)
        elif w.machine.phase[m] > RUN_PHASE:
            look_behind(w, w.machine.lead[m])
    if more:
        if closing != 0:
            let_go(w, m)
        release_people(w, m, 1 << w.machine.phase[m])
        w.machine.staffed[m] = 0
        proceed(w, m)
    else:
        finish(w, m)
