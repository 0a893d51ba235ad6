"""Claims: people and tools seized together or not at all, and let go."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.codes import (
    IN_PROCESS,
    LACKS_MATERIAL,
    LACKS_PEOPLE,
    LACKS_TOOL,
    LOG_LET_GO,
    LOG_SEIZED,
    LOG_TOOL_LET_GO,
    LOG_TOOL_SEIZED,
    MORE,
    NOBODY_ASKED,
)
from plantwright.simulation.draws import compiled, inlined, seldom
from plantwright.simulation.log import note
from plantwright.simulation.stores import forget_wanted, is_wanted_there, take_wanted, want
from plantwright.simulation.waiting import came_free

# What the lots of a job that begins lack, as bits of `run.short`.
SHORT_OF_TOOLS, SHORT_OF_MATERIAL = 1, 2
_NOBODY, _HELD = -1, -2
_PHASES = 4
_ALL_PHASES = (1 << _PHASES) - 1


@compiled
def count_free(w: Any, crew: Any) -> None:
    """Find anew how many of a crew, or of a pool of tools, are there and have no work."""
    there = w.crew.count[crew] - w.crew.away[crew] if w.calendar.on[w.crew.calendar[crew]] == 1 else 0
    w.crew.free[crew] = there - w.crew.busy[crew]


@inlined
def occupy(w: Any, crew: Any, count: Any) -> None:
    """So many more of a crew, or of a pool of tools, are at work from now on."""
    now = w.run.now[0]
    w.crew.busy_area[crew] += w.crew.busy[crew] * (now - w.crew.since[crew])
    w.crew.since[crew] = now
    w.crew.busy[crew] += count
    w.crew.free[crew] -= count


@compiled
def _tended(w: Any, need: Any, crew: Any) -> Any:
    """Where the claims of a need's kind that a crew serves are counted."""
    row = w.need.first_tended[need]
    e = w.skill.first[w.need.skill[need]]
    while w.eligible.crew[e] != crew:
        e += 1
        row += 1
    return row


@inlined
def _put_to_work(w: Any, need: Any, tends: Any, crew: Any, change: Any) -> None:
    """A crew serves so many claims more of a need; its people share them as they like, so that as few as can be are at work."""
    if tends > 1:
        change = _shared(w, need, crew, change)
    occupy(w, crew, change)


@compiled
def _shared(w: Any, need: Any, crew: Any, change: Any) -> Any:
    """Of a crew whose people serve several claims of a need each: so many more of them are at work as there are so many claims more."""
    row = _tended(w, need, crew)
    before = -(-w.tended.claims[row] // w.need.tends[need])
    w.tended.claims[row] += change
    return -(-w.tended.claims[row] // w.need.tends[need]) - before


@compiled
def _has_a_hand_free(w: Any, need: Any, crew: Any) -> Any:
    """Whether somebody of a crew who tends others already can serve one more; nobody can while more are at work than are there."""
    there = w.calendar.on[w.crew.calendar[crew]] == 1 and w.crew.free[crew] >= 0
    return there and w.tended.claims[_tended(w, need, crew)] % w.need.tends[need] != 0


@compiled
def release_people(w: Any, m: Any, keep: Any) -> None:
    """Let go the people and tools that machine `m` holds, but those whose need has a phase in the bits of `keep`."""
    left = w.machine.holds[m]
    k = m * w.run.hold_width[0]
    while left > 0:
        if w.hold.count[k] > 0:
            left -= 1
            if (w.hold.phases[k] & keep) == 0:
                _release(w, m, k)
        k += 1


@inlined
def _release(w: Any, m: Any, k: Any) -> None:
    """Let go whom row `k` of what machine `m` holds tells of."""
    need, crew, count = w.hold.need[k], w.hold.crew[k], w.hold.count[k]
    _put_to_work(w, need, w.hold.tends[k], crew, -count)
    note(w, LOG_LET_GO if w.need.pool[need] < 0 else LOG_TOOL_LET_GO, -1, m, crew, 1.0 * count)
    w.hold.count[k] = 0
    w.machine.holds[m] -= 1
    came_free(w, w.crew.team[crew], w.crew.bit[crew])


@compiled
def _held(w: Any, m: Any, need: Any) -> Any:
    """How many people or tools machine `m` holds for a need."""
    count = 0
    left = w.machine.holds[m]
    k = m * w.run.hold_width[0]
    while left > 0:
        if w.hold.count[k] > 0:
            left -= 1
            if w.hold.need[k] == need:
                count += w.hold.count[k]
        k += 1
    return count


@inlined
def _seize(w: Any, m: Any, need: Any, crew: Any, count: Any) -> None:
    k = m * w.run.hold_width[0]
    while w.hold.count[k] > 0:
        k += 1
    w.hold.need[k] = need
    w.hold.crew[k] = crew
    w.hold.count[k] = count
    w.hold.phases[k] = w.need.phases[need]
    w.hold.tends[k] = w.need.tends[need]
    w.run.seizures[0] += 1
    w.hold.order[k] = w.run.seizures[0]
    w.machine.holds[m] += 1
    _put_to_work(w, need, w.need.tends[need], crew, count)
    note(w, LOG_SEIZED if w.need.pool[need] < 0 else LOG_TOOL_SEIZED, -1, m, crew, 1.0 * count)


@compiled
def _ask(w: Any, m: Any, first: Any, after: Any, bit: Any) -> Any:
    """Write a row of the plan for each person whom machine `m`'s stop or phase asks for and does not hold; how many.

    Its needs are the rows from `first` to before `after`, those of its phase have the bit `bit`.
    """
    asked = 0
    for need in range(first, after):
        if w.need.pool[need] < 0 and (w.need.phases[need] & bit) != 0:
            for _ in range(w.need.count[need] - _held(w, m, need)):
                w.plan.need[asked] = need
                w.plan.crew[asked] = -1
                w.plan.tended[asked] = 0
                asked += 1
    return asked


@seldom
def carried_by(w: Any, lot: Any, pool: Any) -> Any:
    """How many tools of a pool a lot carries."""
    count = 0
    k = w.lot.carries[lot]
    while k >= 0:
        if w.holding.pool[w.carry.holding[k]] == pool:
            count += w.holding.count[w.carry.holding[k]]
        k = w.carry.next[k]
    return count


@compiled
def _tools_asked(w: Any, m: Any, need: Any) -> Any:
    """How many tools of a need machine `m` does not hold, nor the lots of its job carry."""
    count = w.need.count[need] - _held(w, m, need)
    if w.need.borrows[need] == 1:
        if w.machine.job[m] == IN_PROCESS:
            w.need.covered[need] = 0
            lot = w.machine.head[m]
            while lot >= 0:
                w.need.covered[need] += carried_by(w, lot, w.need.pool[need])
                lot = w.lot.next[lot]
        count -= w.need.covered[need]
    return max(0, count)


@compiled
def _plan_tools(w: Any, m: Any, first: Any, after: Any, bit: Any) -> Any:
    """Plan the tools that machine `m`'s phase needs and does not have; whether all of them are free."""
    found = True
    for need in range(first, after):
        pool = w.need.pool[need]
        if pool >= 0 and (w.need.phases[need] & bit) != 0:
            w.crew.planned[pool] += _tools_asked(w, m, need)
            found = found and w.crew.free[pool] >= w.crew.planned[pool]
    return found


@compiled
def _take_tools(w: Any, m: Any, first: Any, after: Any, bit: Any, found: Any) -> None:
    """End the plan for tools: seize what was planned, if all that is needed was found."""
    for need in range(first, after):
        pool = w.need.pool[need]
        if pool >= 0 and (w.need.phases[need] & bit) != 0:
            count = _tools_asked(w, m, need)
            w.crew.planned[pool] -= count
            if found and count > 0:
                _seize(w, m, need, pool, count)


@compiled
def _match(w: Any, row: Any, asked: Any) -> Any:
    """Find somebody for a row of the plan, others moving on to other crews where that makes room; whether there is one.

    An augmenting path of bipartite matching (Kuhn 1955), breadth first. Of the crews that can do it, the one with the
    fewest skills is looked at first, so that the versatile stay free.
    """
    need = w.plan.need[row]
    if w.need.tends[need] > 1:
        first = w.skill.first[w.need.skill[need]]
        for e in range(first, first + w.skill.crews[w.need.skill[need]]):
            if _has_a_hand_free(w, need, w.eligible.crew[e]):
                w.plan.crew[row] = w.eligible.crew[e]
                w.plan.tended[row] = 1
                return True
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
            if w.crew.free[crew] > w.crew.planned[crew]:
                w.crew.planned[crew] += 1
                while here >= 0:
                    left = w.plan.crew[here]
                    w.plan.crew[here] = crew
                    crew = left
                    here = w.plan.before[here]
                return True
        for e in range(first, first + w.skill.crews[skill]):
            for other in range(asked):
                taken = w.plan.crew[other] == w.eligible.crew[e] and w.plan.tended[other] == 0
                if taken and w.plan.reached[other] == 0:
                    w.plan.reached[other] = 1
                    w.plan.before[other] = here
                    w.plan.line[end] = other
                    end += 1
    return False


@seldom
def _parts_are_there(w: Any, m: Any) -> Any:
    """Whether the spare parts of machine `m`'s repair are on hand."""
    k = w.machine.stop_mode[m]
    want(w, w.mode.first_take[k], w.mode.takes[k], 0.0, 0.0, 1.0)
    return is_wanted_there(w)


@seldom
def _take_parts(w: Any, m: Any, found: Any) -> None:
    """Take the spare parts that machine `m`'s repair wants, if all that it needs was found."""
    if found:
        w.machine.parts[m] = 1
        take_wanted(w, -1, m)
    else:
        forget_wanted(w)


@compiled
def staff(w: Any, m: Any) -> Any:
    """Seize all the people and tools that machine `m`'s stop or phase needs and does not hold yet, and take the spare parts
    that its repair begins with; if one is missing, hold none.

    To hold nothing while waiting is what keeps two machines from waiting for each other for ever. If the people who are free
    can do it in any way, they do.
    """
    if w.machine.stop[m] != 0:
        mode = w.machine.stop_mode[m]
        claim = w.mode.claim[mode]
        parts = w.machine.parts[m] == 0 and w.mode.takes[mode] > 0
    else:
        o = w.machine.operation[m]
        if w.operation.needs[o] == 0 and w.run.short[0] == 0:
            w.machine.walk[m] = 0.0
            return True
        claim = _PHASES * o + w.machine.phase[m]
        parts = False
    kind = w.claim.kind[claim]
    if kind == MORE or w.run.short[0] != 0 or parts:
        return _staff_by_plan(w, m, parts)
    w.machine.walk[m] = 0.0
    return kind == NOBODY_ASKED or _staff_by_one(w, m, claim)


@inlined
def _staff_by_one(w: Any, m: Any, claim: Any) -> Any:
    """The same where one person is needed, and beside him tools of one pool at most: the first of the crews of whom somebody is free."""
    need, tool = w.claim.need[claim], w.claim.tool[claim]
    crew = _HELD
    if _held(w, m, need) == 0:
        w.machine.walk[m] = w.claim.walk[claim]
        crew = _somebody_free(w, claim)
    missing = LACKS_PEOPLE
    if crew != _NOBODY:
        tools = 0
        if tool >= 0:
            tools = max(0, w.claim.tools[claim] - _held(w, m, tool))
        if tool < 0 or w.crew.free[w.claim.pool[claim]] >= w.crew.planned[w.claim.pool[claim]] + tools:
            if crew >= 0:
                _seize(w, m, need, crew, 1)
            if tools > 0:
                _seize(w, m, tool, w.claim.pool[claim], tools)
            return True
        missing = LACKS_TOOL
    w.run.missing[0] = missing
    release_people(w, m, 0)
    return False


@inlined
def _somebody_free(w: Any, claim: Any) -> Any:
    """The first of the crews that can help of whom somebody is free, or _NOBODY."""
    e = w.claim.first[claim]
    for _ in range(w.claim.crews[claim]):
        if w.crew.free[w.eligible.crew[e]] > 0:
            return w.eligible.crew[e]
        e += 1
    return _NOBODY


@compiled
def _staff_by_plan(w: Any, m: Any, parts: Any) -> Any:
    """The same for any claim, with spare parts where `parts` says so."""
    if w.machine.stop[m] != 0:
        mode = w.machine.stop_mode[m]
        first, after, bit, tools = w.mode.first_need[mode], w.mode.needs[mode], _ALL_PHASES, False
    else:
        o = w.machine.operation[m]
        first, after, bit, tools = (
            w.operation.first_need[o],
            w.operation.needs[o],
            1 << w.machine.phase[m],
            w.operation.tools[o] == 1,
        )
    after += first
    asked = _ask(w, m, first, after, bit)
    found = True
    for row in range(asked):
        found = found and _match(w, row, asked)
    missing = LACKS_TOOL if found else LACKS_PEOPLE
    if tools:
        found = _plan_tools(w, m, first, after, bit) and found
    if parts:
        found = _parts_are_there(w, m) and found
    # The lots of a job that begins lack what they must carry, or material.
    if found and w.run.short[0] == SHORT_OF_MATERIAL:
        missing = LACKS_MATERIAL
    found = found and w.run.short[0] == 0
    walk = 0.0
    for row in range(asked):
        crew = w.plan.crew[row]
        walk = max(walk, w.need.walk[w.plan.need[row]])
        if crew >= 0:
            w.crew.planned[crew] -= 1 - w.plan.tended[row]
            if found:
                _seize(w, m, w.plan.need[row], crew, 1)
    if tools:
        _take_tools(w, m, first, after, bit, found)
    if parts:
        _take_parts(w, m, found)
    w.machine.walk[m] = walk
    if not found:
        w.run.missing[0] = missing
        release_people(w, m, 0)
    return found


@compiled
def holds_crew(w: Any, m: Any, crew: Any) -> Any:
    """Whether machine `m` holds somebody of `crew`."""
    if w.machine.holds[m] == 0:
        return False
    base = m * w.run.hold_width[0]
    found = False
    for k in range(base, base + w.run.hold_width[0]):
        found = found or (w.hold.count[k] > 0 and w.hold.crew[k] == crew)
    return found


@seldom
def last_seized(w: Any, crew: Any) -> Any:
    """The machine that seized somebody of `crew` last, of those that hold somebody of it."""
    machine = last = -1
    width = w.run.hold_width[0]
    for k in range((w.run.machines[0] + w.run.keepers[0]) * width):
        if w.hold.count[k] > 0 and w.hold.crew[k] == crew and w.hold.order[k] > last:
            last = w.hold.order[k]
            machine = k // width
    return machine
