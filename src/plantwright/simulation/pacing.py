"""Paced lines: stations that take and give lots only when the line indexes, all together."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.agenda import schedule
from plantwright.simulation.codes import DONE, EMPTY, IN_PROCESS
from plantwright.simulation.draws import compiled, seldom
from plantwright.simulation.jobs import give
from plantwright.simulation.queues import mark_dirty


@seldom
def _is_ready(w: Any, line: Any) -> Any:
    """Whether every job on a line is done, and every station could take the next."""
    first = w.line.first_station[line]
    ready = True
    for i in range(first, first + w.line.stations[line]):
        c = w.station.center[i]
        m = w.center.first_machine[c]
        stopped = w.machine.on[m] == 0 or w.machine.stop[m] != 0 or w.machine.down[m] > 0
        waits = w.center.owed[c] == 1 and w.machine.job[m] == EMPTY
        ready = ready and not stopped and w.machine.job[m] != IN_PROCESS and not waits
    return ready


@seldom
def _make_room(w: Any, line: Any) -> None:
    """A lot finds no place: stations behind it that are empty already take what waits before them, as that may be in its way."""
    first = w.line.first_station[line]
    for i in range(first + w.line.at[line] + 1, first + w.line.stations[line]):
        c = w.station.center[i]
        if w.center.head[c] >= 0 and w.center.owed[c] == 0 and w.machine.job[w.center.first_machine[c]] == EMPTY:
            w.center.owed[c] = 1
            mark_dirty(w, c)


@seldom
def index_if_ready(w: Any, line: Any) -> Any:
    """Index a line whose time has come, if it is ready: from the last station on lots go where they go, and each may take another.

    A lot that finds no place keeps those before it waiting; they go on when it has found one. Returns whether it has indexed.
    """
    if w.line.due[line] == 0:
        return False
    if w.line.at[line] < 0:
        if not _is_ready(w, line):
            return False
        w.line.at[line] = w.line.stations[line] - 1
    first = w.line.first_station[line]
    for i in range(first + w.line.stations[line] - 1, first + w.line.at[line], -1):
        m = w.center.first_machine[w.station.center[i]]
        if w.machine.job[m] == DONE and w.machine.blocked_by[m] < 0:
            give(w, m)
    while w.line.at[line] >= 0:
        m = w.center.first_machine[w.station.center[first + w.line.at[line]]]
        if w.machine.job[m] == DONE:
            if w.machine.blocked_by[m] < 0:
                give(w, m)
            if w.machine.blocked_by[m] >= 0:
                _make_room(w, line)
                return False
        w.line.at[line] -= 1
    w.line.due[line] = 0
    schedule(w, w.line.slot[line], w.run.now[0] + w.line.index[line])
    for i in range(first + w.line.stations[line] - 1, first - 1, -1):
        c = w.station.center[i]
        w.center.opened[c] = w.run.now[0]
        w.center.owed[c] = 1 if w.center.head[c] >= 0 else 0
        mark_dirty(w, c)
    return True


@seldom
def on_index(w: Any, line: Any) -> None:
    """The time has come at which a line may index."""
    w.line.due[line] = 1
    mark_dirty(w, w.station.center[w.line.first_station[line]])


@compiled
def may_take_now(w: Any, c: Any) -> Any:
    """Whether a station may take a lot: its line has just indexed, or has given it one that could not start yet."""
    return w.center.owed[c] == 1 or w.center.opened[c] == w.run.now[0]


@seldom
def start_lines(w: Any) -> None:
    """Lines that do not move yet may index now."""
    for line in range(w.run.lines[0]):
        if w.line.due[line] == 0 and w.slot.place[w.line.slot[line]] < 0:
            schedule(w, w.line.slot[line], w.run.now[0])
