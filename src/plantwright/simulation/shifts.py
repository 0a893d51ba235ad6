"""Hours: shifts and breaks that begin and end, work that is finished first, and people who do not come."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.agenda import schedule
from plantwright.simulation.codes import IN_PROCESS, PEOPLE_OFF, SHIFT_OVER
from plantwright.simulation.draws import compiled, draw, seldom
from plantwright.simulation.machines import let_go, pause, proceed
from plantwright.simulation.people import count_free, holds_crew, last_seized
from plantwright.simulation.queues import mark_dirty
from plantwright.simulation.streams import ABSENCE, SPELL
from plantwright.simulation.waiting import EVERYBODY, came_free


@seldom
def schedule_calendar(w: Any, c: Any) -> None:
    """Put a calendar's next turn into the agenda."""
    following = w.calendar.cursor[c] + 1
    if following < w.calendar.rows[c]:
        schedule(w, w.calendar.slot[c], w.calendar_row.time[w.calendar.first[c] + following])


@seldom
def turn_calendar(w: Any, calendar: Any) -> None:
    """A calendar opens or closes; what follows from it comes once all have turned that turn at this instant."""
    w.calendar.cursor[calendar] += 1
    w.calendar.on[calendar] = w.calendar_row.on[w.calendar.first[calendar] + w.calendar.cursor[calendar]]
    w.calendar.turned[calendar] = 1
    for crew in range(w.run.crews[0]):
        if w.crew.calendar[crew] == calendar:
            count_free(w, crew)
    schedule_calendar(w, calendar)


@seldom
def on_calendar(w: Any, calendar: Any) -> None:
    """A shift or break has begun or ended: machines and people of this calendar come or go."""
    w.calendar.turned[calendar] = 0
    on = w.calendar.on[calendar]
    if on == 1:
        w.run.serve[0] = EVERYBODY
    if w.calendar.centers[calendar] > 0:
        for m in range(w.run.machines[0] + w.run.keepers[0]):
            c = w.machine.center[m]
            if w.center.calendar[c] == calendar and w.machine.gone[m] != 2 and w.machine.open_always[m] == 0:
                if on == 1:
                    _open(w, m)
                else:
                    _close(w, m)
                mark_dirty(w, c)
    if _call_roll(w, calendar):
        for crew in range(w.run.crews[0]):
            if w.crew.calendar[crew] == calendar:
                _turn_crew(w, crew, on)


@compiled
def _call_roll(w: Any, calendar: Any) -> Any:
    """Chain for each crew of a calendar the rows in which machines hold somebody of it, in their order; whether there is any."""
    at_work = 0
    for crew in range(w.run.crews[0]):
        if w.crew.calendar[crew] == calendar:
            w.roll.first[crew] = -1
            at_work += w.crew.busy[crew]
    if at_work == 0:
        return False
    width = w.run.hold_width[0]
    for m in range(w.run.machines[0] + w.run.keepers[0] - 1, -1, -1):
        if w.machine.holds[m] > 0:
            for k in range(m * width + width - 1, m * width - 1, -1):
                if w.hold.count[k] > 0 and w.crew.calendar[w.hold.crew[k]] == calendar:
                    w.roll.next[k] = w.roll.first[w.hold.crew[k]]
                    w.roll.first[w.hold.crew[k]] = k
    return True


@compiled
def _turn_crew(w: Any, crew: Any, on: Any) -> None:
    """People have come or are to go: so do those of them whom a machine holds."""
    k = w.roll.first[crew]
    while k >= 0:
        m = k // w.run.hold_width[0]
        following = w.roll.next[k]
        while following >= 0 and following // w.run.hold_width[0] == m:
            following = w.roll.next[following]
        if holds_crew(w, m, crew):
            if on == 1:
                _stay(w, m)
            else:
                _go_home(w, m, crew)
        k = following


@compiled
def _open(w: Any, m: Any) -> None:
    """The shift of machine `m` begins, or begins again before the piece was done with which it was to end."""
    if (w.machine.closing[m] & SHIFT_OVER) != 0:
        pause(w, m)
        w.machine.closing[m] &= ~SHIFT_OVER
    w.machine.on[m] = 1
    proceed(w, m)


@compiled
def _close(w: Any, m: Any) -> None:
    """The shift of machine `m` is over: its work rests, now or when the piece is done."""
    if w.center.finishes[w.machine.center[m]] == 1 and _works(w, m):
        _finish_piece(w, m, SHIFT_OVER)
        return
    pause(w, m)
    let_go(w, m)
    w.machine.on[m] = 0
    proceed(w, m)


@seldom
def _works(w: Any, m: Any) -> Any:
    """Whether there is work in progress on machine `m`; a run that waits for those ahead has begun no piece."""
    at_work = w.machine.running[m] == 1 and w.machine.walking[m] == 0 and w.machine.waits[m] == 0
    return at_work and w.machine.stop[m] == 0 and w.machine.job[m] == IN_PROCESS


@seldom
def _finish_piece(w: Any, m: Any, why: Any) -> None:
    pause(w, m)
    w.machine.closing[m] |= why
    proceed(w, m)


@compiled
def _go_home(w: Any, m: Any, crew: Any) -> None:
    """The shift of people whom machine `m` holds is over: they leave it, now or when the piece is done."""
    if w.crew.finishes[crew] == 1 and _works(w, m):
        _finish_piece(w, m, PEOPLE_OFF)
        return
    pause(w, m)
    let_go(w, m)
    proceed(w, m)


@seldom
def _stay(w: Any, m: Any) -> None:
    """A shift of people whom machine `m` holds begins again; if all whom it holds are there, nobody waits for the piece to be done."""
    if (w.machine.closing[m] & PEOPLE_OFF) == 0:
        return
    base = m * w.run.hold_width[0]
    for k in range(base, base + w.run.hold_width[0]):
        if w.hold.count[k] > 0 and w.calendar.on[w.crew.calendar[w.hold.crew[k]]] == 0:
            return
    pause(w, m)
    w.machine.closing[m] &= ~PEOPLE_OFF
    proceed(w, m)


@seldom
def schedule_absence(w: Any, a: Any) -> None:
    """Put the next absence of a person who is there into the agenda."""
    time = draw(w, w.absence.between[a], ABSENCE, w.absence.key[a], w.absence.count[a], 0)
    schedule(w, w.absence.slot[a], w.run.now[0] + time)


@seldom
def on_absence(w: Any, a: Any) -> None:
    """Somebody comes back, or does not come: then all that the crew cannot do without him rests, what was begun last first."""
    crew = w.absence.crew[a]
    if w.absence.away[a] == 1:
        w.absence.away[a] = 0
        w.absence.count[a] += 1
        w.crew.away[crew] -= 1
        count_free(w, crew)
        came_free(w, w.crew.team[crew], w.crew.bit[crew])
        schedule_absence(w, a)
        return
    w.absence.away[a] = 1
    w.crew.away[crew] += 1
    count_free(w, crew)
    spell = draw(w, w.absence.spell[a], SPELL, w.absence.key[a], w.absence.count[a], 0)
    schedule(w, w.absence.slot[a], w.run.now[0] + spell)
    # It comes to an end: who rests seizes nobody of the crew again while more of it are at work than are there.
    while w.crew.busy[crew] > w.crew.count[crew] - w.crew.away[crew]:
        m = last_seized(w, crew)
        pause(w, m)
        let_go(w, m)
        proceed(w, m)


@seldom
def look_at_absences(w: Any) -> None:
    """The plant has changed: who is away is counted anew, and who is new will be away in his turn."""
    for crew in range(w.run.crews[0]):
        w.crew.away[crew] = 0
    for a in range(w.run.absences[0]):
        w.crew.away[w.absence.crew[a]] += w.absence.away[a]
        if w.slot.place[w.absence.slot[a]] < 0:
            schedule_absence(w, a)
    for crew in range(w.run.crews[0]):
        count_free(w, crew)


@seldom
def look_at_hours(w: Any) -> None:
    """The plant has changed: machines, then people, come or go whose hours are others; machines that come only now do so by themselves."""
    everything = w.run.machines[0] + w.run.keepers[0]
    for m in range(everything):
        if w.machine.gone[m] == 2 or w.machine.fresh[m] == 1 or w.machine.open_always[m] == 1:
            continue
        on = w.calendar.on[w.center.calendar[w.machine.center[m]]]
        was_on = w.machine.on[m] == 1 and (w.machine.closing[m] & SHIFT_OVER) == 0
        if on == 1 and not was_on:
            _open(w, m)
        elif on == 0 and was_on:
            _close(w, m)
    for crew in range(w.run.crews[0]):
        on = w.calendar.on[w.crew.calendar[crew]]
        for m in range(everything):
            if w.machine.holds[m] > 0 and holds_crew(w, m, crew):
                if on == 1:
                    _stay(w, m)
                elif w.crew.finishes[crew] == 0 or (w.machine.closing[m] & PEOPLE_OFF) == 0:
                    _go_home(w, m, crew)
