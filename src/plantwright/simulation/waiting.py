"""Who waits for people: machines whose work or repair stopped half-way, and work centers whose lots have not begun.

Each stands in the line of the team of those who can help, by how long it has waited. When people come free, only those are asked whom
they can help, or for whom something else changed since they were asked last: the others would be refused again.
"""

from __future__ import annotations

from typing import Any

from plantwright.simulation.draws import compiled, inlined, seldom

# What `run.serve` asks for: nothing, everybody who waits, those for whom there is something new.
NOBODY, EVERYBODY, SOME = range(3)

NEWS = 1 << 62
"""The bit that says, beside those of crews, that something is new for one of those who wait."""


@inlined
def _tell(w: Any, team: Any) -> None:
    """Something is new for those in the line of a team."""
    if w.team.told[team] == 0:
        w.team.told[team] = 1
        w.team.next_told[team] = w.run.told[0]
        w.run.told[0] = team


@compiled
def came_free(w: Any, team: Any, people: Any) -> None:
    """Note that people of a team came free, of the crews in the bits of `people`; who waits for them is asked before the next event."""
    w.team.freed[team] |= people
    _tell(w, team)
    if w.run.waiting[0] > 0 and w.run.serve[0] == NOBODY:
        w.run.serve[0] = SOME


@compiled
def _helpers_of(w: Any, m: Any) -> Any:
    """The bits of the crews that can help machine `m` with its stop or job."""
    stopped = w.machine.stop[m] != 0
    return w.mode.people[w.machine.stop_mode[m]] if stopped else w.operation.people[w.machine.operation[m]]


@compiled
def _team_for(w: Any, m: Any) -> Any:
    """The team that can help machine `m` with its stop or job."""
    stopped = w.machine.stop[m] != 0
    return w.mode.team[w.machine.stop_mode[m]] if stopped else w.center.team[w.machine.center[m]]


@seldom
def form_lines(w: Any) -> None:
    """The plant has changed: form the lines of those who wait anew, as the teams are others."""
    w.run.told[0] = w.run.asked[0] = -1
    w.run.lines_left[0] = 0
    for team in range(w.run.teams[0]):
        w.team.freed[team] = w.team.told[team] = w.team.asked[team] = 0
        w.team.machine_helpers[team] = w.team.center_helpers[team] = 0
        w.team.wait_head[team] = w.team.wait_tail[team] = -1
        w.team.wait_first_center[team] = w.team.wait_last_center[team] = -1
    for m in range(w.run.machines[0] + w.run.keepers[0]):
        if w.machine.wants[m] == 1:
            # What stopped it may be no more; then it leaves the line at once.
            known = w.machine.stop[m] == 0 or w.machine.stop_mode[m] >= 0
            _stand_in_line(w, m, _team_for(w, m) if known else 0)
    for c in range(w.run.centers[0]):
        if w.center.waits[c] == 1:
            _center_stands_in_line(w, c)


@seldom
def know_helpers(w: Any) -> None:
    """The plant has changed: find anew who can help the machines that wait."""
    for m in range(w.run.machines[0] + w.run.keepers[0]):
        if w.machine.wants[m] == 1:
            w.machine.helpers[m] = _helpers_of(w, m)


@compiled
def begin_waiting(w: Any, m: Any, news: Any) -> None:
    """Put machine `m` in the line of those that wait for people, behind those that have waited longer; `news`: 1 to be asked soon."""
    team = _team_for(w, m)
    w.machine.wants[m] = 1
    w.machine.news[m] = news
    w.machine.helpers[m] = _helpers_of(w, m)
    w.team.machine_helpers[team] |= w.machine.helpers[m] | news * NEWS
    w.machine.wants_since[m] = w.run.now[0]
    w.run.waiting[0] += 1
    if news == 1:
        _tell(w, team)
    _stand_in_line(w, m, team)


@inlined
def machine_before(w: Any, one: Any, other: Any) -> Any:
    """Whether one machine that waits stands before another: it has waited longer, or comes first in the plant."""
    since, others = w.machine.wants_since[one], w.machine.wants_since[other]
    return since < others or (since == others and one < other)


@compiled
def _stand_in_line(w: Any, m: Any, team: Any) -> None:
    """Put machine `m`, which waits since a time, in the line of a team."""
    w.machine.team[m] = team
    ahead = w.team.wait_tail[team]
    while ahead >= 0 and machine_before(w, m, ahead):
        ahead = w.machine.wait_previous[ahead]
    behind = w.machine.wait_next[ahead] if ahead >= 0 else w.team.wait_head[team]
    w.machine.wait_previous[m] = ahead
    w.machine.wait_next[m] = behind
    if ahead >= 0:
        w.machine.wait_next[ahead] = m
    else:
        w.team.wait_head[team] = m
    if behind >= 0:
        w.machine.wait_previous[behind] = m
    else:
        w.team.wait_tail[team] = m


@compiled
def stop_waiting(w: Any, m: Any) -> None:
    """Take machine `m` out of the line, if it waits there."""
    if w.machine.wants[m] == 0:
        return
    team = w.machine.team[m]
    w.machine.wants[m] = 0
    w.run.waiting[0] -= 1
    ahead, behind = w.machine.wait_previous[m], w.machine.wait_next[m]
    if ahead >= 0:
        w.machine.wait_next[ahead] = behind
    else:
        w.team.wait_head[team] = behind
    if behind >= 0:
        w.machine.wait_previous[behind] = ahead
    else:
        w.team.wait_tail[team] = ahead


@compiled
def center_waits(w: Any, c: Any, since: Any) -> None:
    """Put center `c` in the line of those that have waited for people since some time."""
    team = w.center.team[c]
    w.center.waits[c] = 1
    w.center.waiting_since[c] = since
    w.team.center_helpers[team] |= w.center.people[c] | w.center.news[c] * NEWS
    w.run.waiting[0] += 1
    if w.center.news[c] == 1:
        _tell(w, team)
    _center_stands_in_line(w, c)


@inlined
def center_before(w: Any, one: Any, other: Any) -> Any:
    """Whether one work center that waits stands before another."""
    since, others = w.center.waiting_since[one], w.center.waiting_since[other]
    return since < others or (since == others and one < other)


@compiled
def _center_stands_in_line(w: Any, c: Any) -> None:
    """Put center `c`, which waits since a time, in the line of its team."""
    team = w.center.team[c]
    ahead = w.team.wait_last_center[team]
    while ahead >= 0 and center_before(w, c, ahead):
        ahead = w.center.wait_previous[ahead]
    behind = w.center.wait_next[ahead] if ahead >= 0 else w.team.wait_first_center[team]
    w.center.wait_previous[c] = ahead
    w.center.wait_next[c] = behind
    if ahead >= 0:
        w.center.wait_next[ahead] = c
    else:
        w.team.wait_first_center[team] = c
    if behind >= 0:
        w.center.wait_previous[behind] = c
    else:
        w.team.wait_last_center[team] = c


@compiled
def tell_news(w: Any, c: Any) -> None:
    """Something is new at center `c`: if it waits for people, it is asked again."""
    w.center.news[c] = 1
    if w.center.waits[c] == 1:
        w.team.center_helpers[w.center.team[c]] |= NEWS
        _tell(w, w.center.team[c])


@compiled
def center_waits_no_more(w: Any, c: Any) -> None:
    """Take center `c` out of the line, if it waits there."""
    if w.center.waits[c] == 0:
        return
    team = w.center.team[c]
    w.center.waits[c] = 0
    w.run.waiting[0] -= 1
    ahead, behind = w.center.wait_previous[c], w.center.wait_next[c]
    if ahead >= 0:
        w.center.wait_next[ahead] = behind
    else:
        w.team.wait_first_center[team] = behind
    if behind >= 0:
        w.center.wait_previous[behind] = ahead
    else:
        w.team.wait_last_center[team] = ahead
