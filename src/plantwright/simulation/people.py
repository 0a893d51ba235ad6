"""Claims: people seized together or not at all, and let go."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.draws import compiled

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
            w.hold.count[k] = 0
            if w.run.waiting[0] > 0:
                w.run.serve[0] = 1


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


@compiled
def staff(w: Any, m: Any) -> Any:
    """Seize all the people that machine `m`'s stop or phase needs and does not hold yet; if one is missing, hold none.

    To hold nobody while waiting is what keeps two machines from waiting for each other for ever. Of the crews that can do
    it, the one with the fewest skills goes first, so that the versatile stay free.
    """
    if w.machine.stop[m] != 0:
        first = w.mode.first_need[w.machine.stop_mode[m]]
        needs = w.mode.needs[w.machine.stop_mode[m]]
        bit = _ALL_PHASES
    else:
        first = w.operation.first_need[w.machine.operation[m]]
        needs = w.operation.needs[w.machine.operation[m]]
        bit = 1 << w.machine.phase[m]
    for need in range(first, first + needs):
        if (w.need.phases[need] & bit) == 0:
            continue
        missing = w.need.count[need] - _held(w, m, need)
        skill = w.need.skill[need]
        for e in range(w.skill.first[skill], w.skill.first[skill] + w.skill.crews[skill]):
            if missing <= 0:
                break
            crew = w.eligible.crew[e]
            take = min(missing, free_people(w, crew))
            if take > 0:
                _seize(w, m, need, crew, take)
                missing -= take
        if missing > 0:
            release_people(w, m, 0)
            return False
    return True


@compiled
def holds_crew(w: Any, m: Any, crew: Any) -> Any:
    """Whether machine `m` holds somebody of `crew`."""
    base = m * w.run.hold_width[0]
    found = False
    for k in range(base, base + w.run.hold_width[0]):
        found = found or (w.hold.count[k] > 0 and w.hold.crew[k] == crew)
    return found
