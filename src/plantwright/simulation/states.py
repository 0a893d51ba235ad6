"""States: in which each machine is, and how long it has been in each."""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.codes import (
    BLOCKED,
    DONE,
    EMPTY,
    IN_LOAD,
    IN_PROCESS,
    IN_SETUP,
    IN_UNLOAD,
    LACKS_NOTHING,
    LACKS_PEOPLE,
    LOAD_PHASE,
    LOG_STATE,
    NO_STAFF,
    NOT_THERE,
    OFF_SHIFT,
    SETUP_PHASE,
    STARVED,
    UNLOAD_PHASE,
    WAITING_FOR_REPAIR,
    WORKING,
)
from plantwright.simulation.draws import compiled, inlined, seldom
from plantwright.simulation.log import note


@seldom
def _keeper_of(w: Any, m: Any) -> Any:
    """Of the keepers that hold machine `m` or have stopped it the one that tells its state: the last that has begun, else the first."""
    found = -1
    first = w.machine.first_kept_by[m]
    for k in range(first, first + w.machine.kept_by[m]):
        q = w.kept_by.keeper[k]
        if w.machine.stop[q] != 0 or (found < 0 and w.machine.holding[q] == 1):
            found = q
    return found


@seldom
def is_there(w: Any, lead: Any) -> Any:
    """Whether a machine, or one of its places, is in the plant."""
    there = False
    for m in range(lead, lead + w.machine.beside[lead]):
        there = there or w.machine.gone[m] != 2
    return there


@inlined
def state_at_work(w: Any, m: Any) -> Any:
    """The state of machine `m` while its stop or the phase of its job goes on."""
    if w.machine.stop[m] != 0:
        return w.machine.stop[m]
    phase = w.machine.phase[m]
    state = WORKING
    if phase == SETUP_PHASE:
        state = IN_SETUP
    elif phase == LOAD_PHASE:
        state = IN_LOAD
    elif phase == UNLOAD_PHASE:
        state = IN_UNLOAD
    return state


@compiled
def _state(w: Any, m: Any) -> Any:
    """The state in which machine `m` is: of those that are true the first."""
    if w.machine.on[m] == 0:
        state = OFF_SHIFT
    elif w.machine.stop[m] != 0:
        at_it = w.machine.running[m] == 1 and w.machine.walking[m] == 0
        state = w.machine.stop[m] if at_it else WAITING_FOR_REPAIR
    elif w.machine.held[m] > 0 and (w.machine.down[m] > 0 or w.machine.job[m] == EMPTY):
        q = _keeper_of(w, m)
        at_it = w.machine.running[q] == 1 and w.machine.walking[q] == 0
        state = w.machine.stop[q] if at_it else WAITING_FOR_REPAIR
    elif w.machine.job[m] == DONE:
        state = BLOCKED
    elif w.machine.job[m] == IN_PROCESS:
        if w.machine.running[m] == 0 or w.machine.walking[m] == 1:
            state = NO_STAFF + max(0, w.machine.lacks[m] - LACKS_PEOPLE)
        else:
            state = state_at_work(w, m)
    elif w.machine.lacks[m] != LACKS_NOTHING:
        state = NO_STAFF + w.machine.lacks[m] - LACKS_PEOPLE
    else:
        state = STARVED
    return state


@compiled
def _furthest(w: Any, lead: Any) -> Any:
    """Of the places of a machine the one that tells its state: where the job is that came in first, one that is not finished if there is any."""
    best = lead
    rank = math.inf
    for m in range(lead, lead + w.machine.beside[lead]):
        own = math.inf
        if w.machine.job[m] == IN_PROCESS:
            own = 1.0 * w.machine.turn[m]
        elif w.machine.job[m] == DONE:
            own = 1e18
        elif w.machine.lacks[m] != LACKS_NOTHING:
            own = 1e19
        if own < rank:
            best, rank = m, own
    return best


@inlined
def enter(w: Any, m: Any, state: Any) -> None:
    """Book the time since the last change to the state that machine `m` was in; from now on it is in `state`."""
    old = w.machine.state[m]
    if state != old:
        now = w.run.now[0]
        w.state_time[m, old] += now - w.machine.since[m]
        w.machine.since[m] = now
        w.machine.state[m] = state
        w.center.stirred[w.machine.center[m]] = 1
        note(w, LOG_STATE, -1, m, state, 0.0)
        if w.machine.warm_up[m] >= 0 and w.machine.away_since[m] < 0.0 and state >= WAITING_FOR_REPAIR:
            w.machine.away_since[m] = now


@compiled
def _book_state(w: Any, place: Any) -> None:
    m = w.machine.lead[place]
    enter(w, m, _state(w, m if w.machine.beside[m] == 1 else _furthest(w, m)))


@seldom
def note_coming(w: Any, m: Any) -> None:
    """A machine that has come says its state, whatever that is."""
    lead = w.machine.lead[m]
    note(w, LOG_STATE, -1, lead, w.machine.state[lead], 0.0)


@seldom
def note_leaving(w: Any, m: Any) -> None:
    """A machine whose last place has left is in no state from now on."""
    lead = w.machine.lead[m]
    if not is_there(w, lead):
        w.center.stirred[w.machine.center[lead]] = 1
        w.state_time[lead, w.machine.state[lead]] += w.run.now[0] - w.machine.since[lead]
        w.machine.since[lead] = w.run.now[0]
        note(w, LOG_STATE, -1, lead, NOT_THERE, 0.0)


@compiled
def note_state(w: Any, m: Any) -> None:
    """Book the time since the last change to the state that machine `m` was in, and find the one it is in now; of a keeper that of its
    members.
    """
    if w.machine.members[m] == 0:
        _book_state(w, m)
    first = w.machine.first_member[m]
    for k in range(first, first + w.machine.members[m]):
        _book_state(w, w.member.machine[k])
