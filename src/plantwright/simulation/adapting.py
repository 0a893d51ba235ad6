"""What follows at once when the plant has changed while its run goes on: what is new begins, what is no more leaves."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.agenda import cancel
from plantwright.simulation.arrivals import start_release
from plantwright.simulation.codes import EMPTY, IN_PROCESS
from plantwright.simulation.draws import seldom
from plantwright.simulation.machines import come_back, depart, let_go, pause, proceed
from plantwright.simulation.movers import look_at_movers
from plantwright.simulation.pacing import start_lines
from plantwright.simulation.people import count_free
from plantwright.simulation.queues import mark_dirty, sort_queue
from plantwright.simulation.shifts import look_at_absences, look_at_hours
from plantwright.simulation.states import note_coming
from plantwright.simulation.stops import go_on_after_stop, look_at_keepers, start_clock
from plantwright.simulation.stores import await_outage, note_low
from plantwright.simulation.waiting import EVERYBODY, form_lines, know_helpers

# What a change makes of machines: new or there again, with other failures or maintenance, no more stopped.
_COMES, _OTHER_STOPS, _FREED = 1, 2, 3


@seldom
def _end_what_is_no_more(w: Any) -> None:
    """A stop whose failure or maintenance is no more is over; its machine goes on when its turn comes."""
    for m in range(w.run.machines[0] + w.run.keepers[0]):
        if w.machine.stop[m] != 0 and w.machine.stop_mode[m] < 0:
            pause(w, m)
            let_go(w, m)
            w.machine.stop[m] = 0
            w.machine.fresh[m] = _FREED


@seldom
def _start_clocks(w: Any) -> None:
    """What is new among what stops machines begins to count; it does not count the work that was done before."""
    for m in range(w.run.machines[0]):
        if w.machine.fresh[m] == _OTHER_STOPS and w.machine.stop[m] == 0:
            pause(w, m)
    for k in range(w.run.modes[0]):
        if w.mode.fresh[k] == 1:
            w.mode.fresh[k] = 0
            start_clock(w, k)


@seldom
def _arrive(w: Any, m: Any) -> None:
    """A machine that is new in the plant, or there again, stands idle, or warms up first."""
    c = w.machine.center[m]
    w.machine.on[m] = w.calendar.on[w.center.calendar[c]]
    w.center.empty[c] += 1
    come_back(w, m)
    note_coming(w, m)


@seldom
def _look_at_machines(w: Any) -> None:
    """Machines leave, come, or go on with what stops them now."""
    for m in range(w.run.machines[0]):
        fresh = w.machine.fresh[m]
        w.machine.fresh[m] = 0
        if w.machine.gone[m] == 1 and w.machine.job[m] == EMPTY:
            _withdraw(w, m)
        elif fresh == _COMES:
            _arrive(w, m)
        elif fresh == _FREED:
            go_on_after_stop(w, m)
        elif fresh == _OTHER_STOPS and w.machine.job[m] == IN_PROCESS and w.machine.stop[m] == 0:
            proceed(w, m)


@seldom
def _withdraw(w: Any, m: Any) -> None:
    """An empty machine that is no more in the plant leaves, whatever was done to it."""
    if w.machine.stop[m] != 0:
        pause(w, m)
        let_go(w, m)
        w.machine.stop[m] = 0
    depart(w, m)


@seldom
def _look_at_suppliers(w: Any) -> None:
    """Stores may be low, and suppliers have outages that they had not, or have none any more."""
    for s in range(w.run.stores[0]):
        note_low(w, s)
    for s in range(w.run.suppliers[0]):
        if w.supplier.outage_every[s] < 0 and w.supplier.out[s] == 0:
            cancel(w, w.supplier.slot[s])
        elif w.slot.place[w.supplier.slot[s]] < 0:
            await_outage(w, s)


@seldom
def adapt(w: Any) -> None:
    """Let everything look at the plant as it is now, in the order of the file."""
    w.run.changed[0] = 0
    for crew in range(w.run.crews[0]):
        count_free(w, crew)
    w.run.serve[0] = EVERYBODY
    w.run.pull[0] = 1
    form_lines(w)
    _end_what_is_no_more(w)
    look_at_hours(w)
    _start_clocks(w)
    _look_at_machines(w)
    look_at_keepers(w)
    start_lines(w)
    look_at_absences(w)
    _look_at_suppliers(w)
    look_at_movers(w)
    for r in range(w.run.releases[0]):
        if w.release.fresh[r] == 1:
            w.release.fresh[r] = 0
            start_release(w, r)
    for c in range(w.run.centers[0]):
        sort_queue(w, c)
        w.center.news[c] = 1
        mark_dirty(w, c)
    know_helpers(w)
