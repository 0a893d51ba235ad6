"""What follows at once when the plant has changed while its run goes on: what is new begins, what is no more leaves."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.arrivals import start_release
from plantwright.simulation.codes import EMPTY, IN_PROCESS
from plantwright.simulation.draws import seldom
from plantwright.simulation.machines import depart, let_go, make_idle, pause, proceed
from plantwright.simulation.pacing import start_lines
from plantwright.simulation.people import count_free
from plantwright.simulation.queues import mark_dirty, sort_queue
from plantwright.simulation.shifts import look_at_absences
from plantwright.simulation.stops import go_on_after_stop, look_at_keepers, start_clock
from plantwright.simulation.waiting import EVERYBODY, know_helpers


@seldom
def _arrive(w: Any, m: Any) -> None:
    """A machine that is new in the plant stands idle."""
    c = w.machine.center[m]
    w.machine.on[m] = w.calendar.on[w.center.calendar[c]]
    w.center.empty[c] += 1
    make_idle(w, m)


@seldom
def _withdraw(w: Any, m: Any) -> None:
    """An empty machine that is no more in the plant leaves, whatever was done to it."""
    if w.machine.stop[m] != 0:
        pause(w, m)
        let_go(w, m)
        w.machine.stop[m] = 0
    depart(w, m)


@seldom
def _look_at_stops(w: Any, m: Any) -> None:
    """Of what stops a machine something has changed: a stop that is no more is over, and the next failure is found anew."""
    if w.machine.stop[m] != 0:
        if w.machine.stop_mode[m] < 0:
            pause(w, m)
            let_go(w, m)
            w.machine.stop[m] = 0
            go_on_after_stop(w, m)
    elif w.machine.job[m] == IN_PROCESS:
        proceed(w, m)


@seldom
def adapt(w: Any) -> None:
    """Let everything look at the plant as it is now, in the order of the file."""
    w.run.changed[0] = 0
    for crew in range(w.run.crews[0]):
        count_free(w, crew)
    # Clocks that are new do not count the work that was done before.
    for m in range(w.run.machines[0]):
        if w.machine.fresh[m] == 2 and w.machine.stop[m] == 0:
            pause(w, m)
    for k in range(w.run.modes[0]):
        if w.mode.fresh[k] == 1:
            w.mode.fresh[k] = 0
            start_clock(w, k)
    for m in range(w.run.machines[0]):
        fresh = w.machine.fresh[m]
        w.machine.fresh[m] = 0
        if w.machine.gone[m] == 1 and w.machine.job[m] == EMPTY:
            _withdraw(w, m)
        elif fresh == 1:
            _arrive(w, m)
        elif fresh == 2:
            _look_at_stops(w, m)
    look_at_keepers(w)
    start_lines(w)
    look_at_absences(w)
    for r in range(w.run.releases[0]):
        if w.release.fresh[r] == 1:
            w.release.fresh[r] = 0
            start_release(w, r)
    for c in range(w.run.centers[0]):
        sort_queue(w, c)
        w.center.news[c] = 1
        mark_dirty(w, c)
    know_helpers(w)
    w.run.pull[0] = 1
    w.run.serve[0] = EVERYBODY
