"""Claims: people seized together or not at all, and let go."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.codes import LACKS_PEOPLE, LOG_LET_GO, LOG_SEIZED
from plantwright.simulation.draws import compiled
from plantwright.simulation.log import note
from plantwright.simulation.waiting import came_free

_ALL_PHASES = 15


@compiled
def free_people(w: Any, crew: Any) -> Any:
    """How many of a crew are there and have no work."""
    there = w.crew.count[crew] if w.calendar.on[w.crew.calendar[crew]] == 1 else 0
    return there - w.crew.busy[crew]


@compiled
def _occupy(w: Any, crew: Any, count: Any) -> None:
    now = w.run.now[0]
    w.crew.busy_area[crew] += w.crew.busy[crew] * (now - w.crew.since[crew])
    w.crew.since[crew] = now
    w.crew.busy[crew] += count


@compiled
def release_people(w: Any, m: Any, keep: Any) -> None:
    """Let go the people whom machine `m` holds, but those whose need has a phase in the bits of `keep`."""
    base = m * w.run.hold_width[0]
    for k in range(base, base + w.run.hold_width[0]):
        if w.hold.count[k] > 0 and (w.need.phases[w.hold.need[k]] & keep) == 0:
            _occupy(w, w.hold.crew[k], -w.hold.count[k])
            note(w, LOG_LET_GO, -1, m, w.hold.crew[k], 1.0 * w.hold.count[k])
            w.hold.count[k] = 0
            came_free(w, w.crew.bit[w.hold.crew[k]])


@compiled
def _held(w: Any, m: Any, need: Any) -> Any:
    base = m * w.run.hold_width[0]
    count = 0
    for k in range(base, base + w.run.hold_width[0]):
        if w.hold.count[k] > 0 and w.hold.need[k] == need:
            count += w.hold.count[k]
    return count


@compiled
def _seize(w: Any, m: Any, need: Any, crew: Any, count: Any) -> None:
    base = m * w.run.hold_width[0]
    for k in range(base, base + w.run.hold_width[0]):
        if w.hold.count[k] == 0:
            w.hold.need[k] = need
            w.hold.crew[k] = crew
            w.hold.count[k] = count
            break
    _occupy(w, crew, count)
    note(w, LOG_SEIZED, -1, m, crew, 1.0 * count)


@compiled
def _asked(w: Any, m: Any) -> Any:
    """Write a row of the plan for each person whom machine `m`'s stop or phase asks for and does not hold; how many."""
    if w.machine.stop[m] != 0:
        first = w.mode.first_need[w.machine.stop_mode[m]]
        needs = w.mode.needs[w.machine.stop_mode[m]]
        bit = _ALL_PHASES
    else:
        first = w.operation.first_need[w.machine.operation[m]]
        needs = w.operation.needs[w.machine.operation[m]]
        bit = 1 << w.machine.phase[m]
    asked = 0
    for need in range(first, first + needs):
        if (w.need.phases[need] & bit) != 0:
            for _ in range(w.need.count[need] - _held(w, m, need)):
                w.plan.need[asked] = need
                w.plan.crew[asked] = -1
                asked += 1
    return asked


@compiled
def _match(w: Any, row: Any, asked: Any) -> Any:
    """Find somebody for a row of the plan, others moving on to other crews where that makes room; whether there is one.

    An augmenting path of bipartite matching (Kuhn 1955), breadth first. Of the crews that can do it, the one with the
    fewest skills is looked at first, so that the versatile stay free.
    """
    for other in range(asked):
        w.plan.reached[other] = 0
    w.plan.reached[row] = 1
    w.plan.before[row] = -1
    w.plan.line[0] = row
    at, end = 0, 1
    while at < end:
        here = w.plan.line[at]
        at += 1
        skill = w.need.skill[w.plan.need[here]]
        first = w.skill.first[skill]
        for e in range(first, first + w.skill.crews[skill]):
            crew = w.eligible.crew[e]
            if free_people(w, crew) > w.crew.planned[crew]:
                w.crew.planned[crew] += 1
                while here >= 0:
                    left = w.plan.crew[here]
                    w.plan.crew[here] = crew
                    crew = left
                    here = w.plan.before[here]
                return True
        for e in range(first, first + w.skill.crews[skill]):
            for other in range(asked):
                if w.plan.reached[other] == 0 and w.plan.crew[other] == w.eligible.crew[e]:
                    w.plan.reached[other] = 1
                    w.plan.before[other] = here
                    w.plan.line[end] = other
                    end += 1
    return False


@compiled
def staff(w: Any, m: Any) -> Any:
    """Seize all the people that machine `m`'s stop or phase needs and does not hold yet; if one is missing, hold none.

    To hold nobody while waiting is what keeps two machines from waiting for each other for ever. If the people who are free
    can do it in any way, they do.
    """
    asked = _asked(w, m)
    found = True
    for row in range(asked):
        found = found and _match(w, row, asked)
    for row in range(asked):
        crew = w.plan.crew[row]
        if crew >= 0:
            w.crew.planned[crew] -= 1
            if found:
                _seize(w, m, w.plan.need[row], crew, 1)
    if not found:
        w.run.missing[0] = LACKS_PEOPLE
        release_people(w, m, 0)
    return found


@compiled
def holds_crew(w: Any, m: Any, crew: Any) -> Any:
    """Whether machine `m` holds somebody of `crew`."""
    base = m * w.run.hold_width[0]
    found = False
    for k in range(base, base + w.run.hold_width[0]):
        found = found or (w.hold.count[k] > 0 and w.hold.crew[k] == crew)
    return found
