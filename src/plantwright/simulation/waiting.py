"""Who waits for people: machines whose work or repair stopped half-way, and work centers whose lots have not begun.

Each stands in a line by how long it has waited. When people come free, only those are asked whom they can help, or for whom
something else changed since they were asked last: the others would be refused again.
"""

from __future__ import annotations

from typing import Any

from plantwright.simulation.draws import compiled

# What `run.serve` asks for: nothing, everybody who waits, those for whom there is something new.
NOBODY, EVERYBODY, SOME = range(3)

NEWS = 1 << 62
"""The bit that says, beside those of crews, that something is new for one of those who wait."""


@compiled
def came_free(w: Any, people: Any) -> None:
    """Note that people came free, of the crews in the bits of `people`; who waits for them is asked before the next event."""
    w.run.freed[0] |= people
    if w.run.waiting[0] > 0 and w.run.serve[0] == NOBODY:
        w.run.serve[0] = SOME


@compiled
def _helpers_of(w: Any, m: Any) -> Any:
    """The bits of the crews that can help machine `m` with its stop or job."""
    stopped = w.machine.stop[m] != 0
    return w.mode.people[w.machine.stop_mode[m]] if stopped else w.operation.people[w.machine.operation[m]]


@compiled
def know_helpers(w: Any) -> None:
    """The plant has changed: find anew who can help the machines that wait."""
    m = w.run.wait_head[0]
    while m >= 0:
        w.machine.helpers[m] = _helpers_of(w, m)
        m = w.machine.wait_next[m]


@compiled
def begin_waiting(w: Any, m: Any, news: Any) -> None:
    """Put machine `m` in the line of those that wait for people, behind those that have waited longer; `news`: 1 to be asked soon."""
    now = w.run.now[0]
    w.machine.wants[m] = 1
    w.machine.news[m] = news
    w.machine.helpers[m] = _helpers_of(w, m)
    w.run.machine_helpers[0] |= w.machine.helpers[m] | news * NEWS
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
    w.run.center_helpers[0] |= w.center.people[c] | w.center.news[c] * NEWS
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
def tell_news(w: Any, c: Any) -> None:
    """Something is new at center `c`: if it waits for people, it is asked again."""
    w.center.news[c] = 1
    if w.center.waits[c] == 1:
        w.run.center_helpers[0] |= NEWS


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
