"""Serving: people who came free are given to the work that has waited longest.

Only the lines of teams of which somebody came free, or in which something is new, are looked through, all of them at once: whoever
has waited longest in any of them is asked next, as if they were one line.
"""

from __future__ import annotations

from typing import Any

from plantwright.simulation.centers import start_work
from plantwright.simulation.draws import compiled, seldom
from plantwright.simulation.machines import proceed
from plantwright.simulation.waiting import EVERYBODY, NEWS, NOBODY, center_before, machine_before


@compiled
def serve(w: Any) -> None:
    """Give people who came free to the work that has waited longest: first what stopped half-way, then what has not begun."""
    everybody = w.run.serve[0] == EVERYBODY
    w.run.serve[0] = NOBODY
    if everybody:
        _ask_all(w)
    team = w.run.told[0]
    w.run.told[0] = -1
    w.run.asked[0] = team
    while team >= 0:
        following = w.team.next_told[team]
        w.team.given[team] = w.team.freed[team]
        w.team.freed[team] = 0
        w.team.told[team] = 0
        w.team.asked[team] = 1
        w.team.next_asked[team] = following
        team = following
    _serve_machines(w, everybody)
    _serve_centers(w, everybody)
    team = w.run.asked[0]
    while team >= 0:
        w.team.asked[team] = 0
        team = w.team.next_asked[team]
    w.run.asked[0] = -1


@seldom
def _ask_all(w: Any) -> None:
    """The lines of all teams are to be looked through."""
    w.run.told[0] = -1
    for team in range(w.run.teams[0]):
        w.team.told[team] = 1
        w.team.next_told[team] = w.run.told[0]
        w.run.told[0] = team


@seldom
def _ask_more(w: Any) -> None:
    """The lines of teams of which somebody came free meanwhile are looked through, too."""
    team = w.run.told[0]
    while team >= 0:
        if w.team.asked[team] == 0:
            w.team.asked[team] = 1
            w.team.given[team] = 0
            w.team.at[team] = -1
            w.team.next_asked[team] = w.run.asked[0]
            w.run.asked[0] = team
        team = w.team.next_told[team]


@compiled
def _serve_machines(w: Any, everybody: Any) -> None:
    """Ask the machines that wait: all of them, or those that the crews that came free can help or for which there is news.

    Who comes free meanwhile counts as well.
    """
    team = w.run.asked[0]
    while team >= 0:
        w.team.at[team] = -1
        if everybody or (w.team.machine_helpers[team] & (w.team.given[team] | NEWS)) != 0:
            w.team.at[team] = w.team.wait_head[team]
            w.team.machine_helpers[team] = 0
        team = w.team.next_asked[team]
    m = _longest_waiting_machine(w)
    while m >= 0:
        team = w.machine.team[m]
        w.team.at[team] = w.machine.wait_next[m]
        freed = w.team.given[team] | w.team.freed[team]
        if everybody or w.machine.news[m] == 1 or (w.machine.helpers[m] & freed) != 0:
            w.machine.news[m] = 0
            proceed(w, m)
        if w.machine.wants[m] == 1:
            w.team.machine_helpers[team] |= w.machine.helpers[m] | w.machine.news[m] * NEWS
        if w.run.told[0] >= 0:
            _ask_machines_behind(w, m)
        m = _longest_waiting_machine(w)


@compiled
def _longest_waiting_machine(w: Any) -> Any:
    """Of the machines that are the next to be asked in their lines, the one that stands before the others; or -1."""
    found = -1
    team = w.run.asked[0]
    while team >= 0:
        m = w.team.at[team]
        if m >= 0 and (found < 0 or machine_before(w, m, found)):
            found = m
        team = w.team.next_asked[team]
    return found


@seldom
def _ask_machines_behind(w: Any, last: Any) -> None:
    """Somebody came free while machine `last` was asked: those who wait for him and stand behind it are asked as well."""
    _ask_more(w)
    team = w.run.told[0]
    while team >= 0:
        if w.team.at[team] < 0 and (w.team.machine_helpers[team] & w.team.freed[team]) != 0:
            m = w.team.wait_head[team]
            while m >= 0 and not machine_before(w, last, m):
                m = w.machine.wait_next[m]
            w.team.at[team] = m
        team = w.team.next_told[team]


@compiled
def _serve_centers(w: Any, everybody: Any) -> None:
    """Ask the work centers that wait, like the machines: for one job each, and then whoever has waited longest now."""
    if w.run.told[0] >= 0:
        _ask_more(w)
    team = w.run.asked[0]
    while team >= 0:
        w.team.at[team] = -1
        freed = w.team.given[team] | w.team.freed[team]
        if everybody or (w.team.center_helpers[team] & (freed | NEWS)) != 0:
            w.team.at[team] = w.team.wait_first_center[team]
            w.team.center_helpers[team] = 0
        team = w.team.next_asked[team]
    c = _longest_waiting_center(w)
    while c >= 0:
        team = w.center.team[c]
        following = w.center.wait_next[c]
        since = w.center.waiting_since[c]
        w.team.at[team] = following
        begun = False
        if everybody or w.center.news[c] == 1 or (w.center.people[c] & (w.team.given[team] | w.team.freed[team])) != 0:
            # What cannot start is not asked again.
            news = w.center.news[c]
            w.center.news[c] = 0
            begun = start_work(w, c, 1)
            if begun:
                w.center.news[c] = news
        if w.center.waits[c] == 1:
            w.team.center_helpers[team] |= w.center.people[c] | w.center.news[c] * NEWS
            if begun and w.center.wait_next[c] == following:
                w.team.at[team] = c  # it may still be the first
        if w.run.told[0] >= 0:
            _ask_centers_behind(w, c, since)
        c = _longest_waiting_center(w)


@compiled
def _longest_waiting_center(w: Any) -> Any:
    """The same of work centers."""
    found = -1
    team = w.run.asked[0]
    while team >= 0:
        c = w.team.at[team]
        if c >= 0 and (found < 0 or center_before(w, c, found)):
            found = c
        team = w.team.next_asked[team]
    return found


@seldom
def _ask_centers_behind(w: Any, last: Any, since: Any) -> None:
    """Somebody came free while center `last`, which had waited since then, was asked: those who wait for him behind it are asked as well."""
    _ask_more(w)
    team = w.run.told[0]
    while team >= 0:
        if w.team.at[team] < 0 and (w.team.center_helpers[team] & w.team.freed[team]) != 0:
            c = w.team.wait_first_center[team]
            while c >= 0 and (w.center.waiting_since[c] < since or (w.center.waiting_since[c] == since and c <= last)):
                c = w.center.wait_next[c]
            w.team.at[team] = c
        team = w.team.next_told[team]
