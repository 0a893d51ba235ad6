"""What the caller sees of a run when it comes back: work centers, their machines, and the lots that wait there.

All of it is written into one row of numbers, which is read at once: an agent that is asked a million times has no time for more.
"""

from __future__ import annotations

from typing import Any

from plantwright.simulation.codes import (
    IN_UNLOAD,
    MAINTENANCE,
    OFF_SHIFT,
    REPAIR,
    STARVED,
    WAITING_FOR_REPAIR,
    WORKING,
)
from plantwright.simulation.draws import compiled, seldom
from plantwright.simulation.queues import mean_run, work_ahead
from plantwright.simulation.states import is_there

OF_THE_RUN = ("time share", "lots in process")
OF_A_CENTER = ("lots waiting", "starved", "at work", "down", "off shift")
"""What is told of a work center: lots, and the shares of its machines."""
OF_A_LOT = ("is there", "wait", "slack", "work ahead", "run", "priority", "setup fits")
"""What is told of a lot: 1 where there is one; hours, the slack without a due time `NO_SLACK`; 1 if an idle machine is set up for it."""
BEHIND = ("now", "asked", "lot-seconds", "finished", "finished with a due time", "on time")
"""What follows what an agent is told: seconds from the start; of which of the work centers it is asked, -1 for none; and what was counted
since the warm-up.
"""
PER_CENTER, PER_LOT = len(OF_A_CENTER), len(OF_A_LOT)
_OF_THE_RUN = len(OF_THE_RUN)
NO_SLACK = 1e4
MOST = 1e6
"""What is more is told as so much."""
_HOUR = 3600.0


@compiled
def _tell(w: Any, at: Any, number: Any) -> None:
    w.seen[at] = min(max(1.0 * number, -MOST), MOST)


@compiled
def _see_center(w: Any, c: Any, at: Any) -> None:
    """`OF_A_CENTER`, from place `at` on; what has not changed since the last look stands there."""
    _tell(w, at, w.center.queue[c] + w.center.visiting[c])
    if w.center.stirred[c] == 0:
        return
    w.center.stirred[c] = 0
    count = starved = working = down = off = 0
    first = w.center.first_machine[c]
    for m in range(
        first, first + w.center.machines[c], w.center.beside[c]
    ):  # of several places the first tells the state
        state = w.machine.state[m]
        if w.machine.gone[m] == 2 and not is_there(w, m):
            continue
        count += 1
        if state == STARVED:
            starved += 1
        elif WORKING <= state <= IN_UNLOAD:
            working += 1
        elif state in (WAITING_FOR_REPAIR, REPAIR, MAINTENANCE):
            down += 1
        elif state == OFF_SHIFT:
            off += 1
    share = 1.0 / max(1, count)
    _tell(w, at + 1, starved * share)
    _tell(w, at + 2, working * share)
    _tell(w, at + 3, down * share)
    _tell(w, at + 4, off * share)


@compiled
def _is_set_up(w: Any, c: Any, setup: Any) -> Any:
    """1 if an idle machine of center `c` is set up like that, or machines there are not set up at all."""
    if w.center.setup_offset[c] < 0:
        return 1
    m = w.center.idle_head[c]
    while m >= 0:
        if w.machine.setup[w.machine.lead[m]] == setup:
            return 1
        m = w.machine.idle_next[m]
    return 0


@compiled
def _see_lots(w: Any, c: Any, at: Any) -> None:
    """`OF_A_LOT` of the first lots in the queue of center `c`, from place `at` on; zeros where there is none, or `c` is -1."""
    ticket = w.center.head[c] if c >= 0 else -1
    for _ in range(w.run.shown[0]):
        if ticket >= 0:
            lot = w.ticket.lot[ticket]
            o = w.ticket.operation[ticket]
            now = w.run.now[0]
            ahead = work_ahead(w, o, w.lot.pieces[lot])
            slack = (w.lot.due[lot] - now - ahead) / _HOUR
            _tell(w, at, 1.0)
            _tell(w, at + 1, (now - w.lot.arrived[lot]) / _HOUR)
            _tell(w, at + 2, min(max(slack, -NO_SLACK), NO_SLACK))
            _tell(w, at + 3, ahead / _HOUR)
            _tell(w, at + 4, mean_run(w, o, w.lot.pieces[lot]) / _HOUR)
            _tell(w, at + 5, w.lot.priority[lot])
            _tell(w, at + 6, _is_set_up(w, c, w.operation.setup[o]))
            ticket = w.ticket.next[ticket]
        else:
            for k in range(at, at + PER_LOT):
                w.seen[k] = 0.0
        at += PER_LOT


@compiled
def _count(w: Any, at: Any, asked: Any) -> None:
    """`BEHIND`, from place `at` on."""
    due = on_time = 0
    for p in range(w.run.products[0]):
        due += w.product.with_due[p]
        on_time += w.product.on_time[p]
    now = w.run.now[0]
    w.seen[at] = now
    w.seen[at + 1] = asked
    w.seen[at + 2] = w.run.wip_area[0] + w.run.wip[0] * (now - w.run.wip_since[0])
    w.seen[at + 3] = w.run.done[0]
    w.seen[at + 4] = due
    w.seen[at + 5] = on_time


@seldom
def look(w: Any) -> None:
    """Write down what the caller sees now."""
    w.run.look[0] = 0
    c = w.run.question[0] - 1
    _tell(w, 0, w.run.now[0] / w.run.end[0])
    _tell(w, 1, w.run.wip[0])
    at = _OF_THE_RUN
    for k in range(w.run.watched[0]):
        _see_center(w, w.watch[k], at)
        at += PER_CENTER
    asked = -1
    if w.run.by_lot[0] == 1:
        for k in range(w.run.watched[0]):
            w.seen[at] = 0.0
            if w.watch[k] == c:
                w.seen[at] = 1.0
                asked = k
            at += 1
        _see_lots(w, c, at)
        at += PER_LOT * w.run.shown[0]
        if c < 0:
            for k in range(w.run.shown[0]):
                w.may_go[k] = 0
    else:
        for k in range(w.run.watched[0]):
            _see_lots(w, w.watch[k], at)
            at += PER_LOT * w.run.shown[0]
    _count(w, at, asked)
