"""Who waits for people: machines whose work or repair stopped half-way, and work centers whose lots have not begun.

Each stands in a line by how long it has waited. When people come free, only those are asked whom they can help, or for whom
something else changed since they were asked last: the others would be refused again.
"""

from __future__ import annotations

from typing import Any

from plantwright.simulation.draws import compiled

# What `run.serve` asks for: nothing, everybody who waits, those for whom there is something new.
NOBODY, EVERYBODY, SOME = range(3)

ANYBODY = -1
"""The bits of all crews."""


@compiled
def came_free(w: Any, people: Any) -> None:
    """Note that people came free, of the crews in the bits of `people`; who waits for them is asked before the next event."""
    w.run.freed[0] |= people
    if w.run.waiting[0] > 0 and w.run.serve[0] == NOBODY:
        w.run.serve[0] = SOME


@compiled
def begin_waiting(w: Any, m: Any) -> None:
    """Put machine `m` in the line of those that wait for people, behind those that have waited longer."""
    now = w.run.now[0]
    w.machine.wants[m] = 1
    w.machine.wants_since[m] = now
    w.run.waiting[0] += 1
    ahead = w.run.wait_tail[0]
    while ahead >= 0 and w.machine.wants_since[ahead] == now and ahead > m:
        ahead = w.machine.wait_previous[ahead]
    behind = w.machine.wait_next[ahead] if ahead >= 0 else w.run.wait_head[0]
    w.machine.wait_previous[m] = ahead
    w.machine.wait_next[m] = behind
    if ahead >= 0:
        w.machine.wait_next[ahead] = m
    else:
        w.run.wait_head[0] = m
    if behind >= 0:
        w.machine.wait_previous[behind] = m
    else:
        w.run.wait_tail[0] = m


@compiled
def stop_waiting(w: Any, m: Any) -> None:
    """Take machine `m` out of the line, if it waits there."""
    if w.machine.wants[m] == 0:
        return
    w.machine.wants[m] = 0
    w.run.waiting[0] -= 1
    ahead, behind = w.machine.wait_previous[m], w.machine.wait_next[m]
    if ahead >= 0:
        w.machine.wait_next[ahead] = behind
    else:
        w.run.wait_head[0] = behind
    if behind >= 0:
        w.machine.wait_previous[behind] = ahead
    else:
        w.run.wait_tail[0] = ahead


@compiled
def center_waits(w: Any, c: Any, since: Any) -> None:
    """Put center `c` in the line of those that have waited for people since some time."""
    w.center.waits[c] = 1
    w.center.waiting_since[c] = since
    w.run.waiting[0] += 1
    ahead = w.run.wait_last_center[0]
    while ahead >= 0 and (
        w.center.waiting_since[ahead] > since or (w.center.waiting_since[ahead] == since and ahead > c)
    ):
        ahead = w.center.wait_previous[ahead]
    behind = w.center.wait_next[ahead] if ahead >= 0 else w.run.wait_first_center[0]
    w.center.wait_previous[c] = ahead
    w.center.wait_next[c] = behind
    if ahead >= 0:
        w.center.wait_next[ahead] = c
    else:
        w.run.wait_first_center[0] = c
    if behind >= 0:
        w.center.wait_previous[behind] = c
    else:
        w.run.wait_last_center[0] = c


@compiled
def center_waits_no_more(w: Any, c: Any) -> None:
    """Take center `c` out of the line, if it waits there."""
    if w.center.waits[c] == 0:
        return
    w.center.waits[c] = 0
    w.run.waiting[0] -= 1
    ahead, behind = w.center.wait_previous[c], w.center.wait_next[c]
    if ahead >= 0:
        w.center.wait_next[ahead] = behind
    else:
        w.run.wait_first_center[0] = behind
    if behind >= 0:
        w.center.wait_previous[behind] = ahead
    else:
        w.run.wait_last_center[0] = ahead


@compiled
def machine_can_be_helped(w: Any, m: Any, freed: Any) -> Any:
    """Whether machine `m`, which waits, may get its people now, if somebody of the crews in the bits of `freed` came free."""
    if w.run.serve[0] == EVERYBODY or w.machine.news[m] == 1:
        return True
    stopped = w.machine.stop[m] != 0
    people = w.mode.people[w.machine.stop_mode[m]] if stopped else w.operation.people[w.machine.operation[m]]
    return (people & (freed | w.run.freed[0])) != 0


@compiled
def center_can_be_helped(w: Any, c: Any, freed: Any) -> Any:
    """Whether center `c`, which waits, may get people now, as `machine_can_be_helped`."""
    return w.run.serve[0] == EVERYBODY or w.center.news[c] == 1 or (w.center.people[c] & (freed | w.run.freed[0])) != 0
