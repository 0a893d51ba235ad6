"""Serving: people who came free are given to the work that has waited longest.

Only the lines of teams of which somebody came free, or in which something is new, are looked through, all of them at once: whoever
has waited longest in any of them is asked next, as if they were one line.
"""

from __future__ import annotations

from typing import Any

from plantwright.simulation.centers import start_work
from plantwright.simulation.draws import compiled, inlined, seldom
from plantwright.simulation.machines import proceed
from plantwright.simulation.waiting import EVERYBODY, NEWS, NOBODY, machine_before


@compiled
def serve(w: Any) -> None:
    """Give people who came free to the work that has waited longest: first what stopped half-way, then what has not begun."""
    everybody = w.run.serve[0] == EVERYBODY
    w.run.serve[0] = NOBODY
    if everybody:
        _ask_all(w)
    team = w.run.told[0]
    w.run.told[0] = -1
    while team >= 0:
        freed = w.team.freed[team]
        w.team.freed[team] = 0
        w.team.told[team] = 0
        helpers = w.team.machine_helpers[team] | w.team.center_helpers[team]
        if everybody or (helpers & (freed | NEWS)) != 0:
            w.team.given[team] = freed
            w.team.asked[team] = 1
            w.team.next_asked[team] = w.run.asked[0]
            w.run.asked[0] = team
        team = w.team.next_told[team]
    if w.run.asked[0] < 0:
        return
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


@inlined
def _goes_first(w: Any, one: Any, other: Any) -> Any:
    """Whether the next in the line of one team has waited longer than that of another, or comes first in the plant."""
    since, others = w.team.since[one], w.team.since[other]
    return since < others or (since == others and w.team.at[one] < w.team.at[other])


@compiled
def _look_through(w: Any, team: Any, at: Any, since: Any) -> None:
    """Look through the line of a team, from who has waited since then on; nobody, where `at` is -1."""
    w.team.at[team] = at
    if at >= 0:
        w.team.since[team] = since
        place = w.run.lines_left[0]
        w.run.lines_left[0] = place + 1
        while place > 0 and _goes_first(w, team, w.team.heap[(place - 1) // 2]):
            w.team.heap[place] = w.team.heap[(place - 1) // 2]
            place = (place - 1) // 2
        w.team.heap[place] = team


@compiled
def _go_on_with(w: Any, at: Any, since: Any) -> None:
    """The next in the line whose turn it was is `at`, who has waited since then; -1: it is at its end."""
    team = w.team.heap[0]
    w.team.at[team] = at
    w.team.since[team] = since
    if at < 0:
        w.run.lines_left[0] -= 1
        team = w.team.heap[w.run.lines_left[0]]
    count = w.run.lines_left[0]
    place = 0
    below = 1
    while below < count:
        if below + 1 < count and _goes_first(w, w.team.heap[below + 1], w.team.heap[below]):
            below += 1
        if not _goes_first(w, w.team.heap[below], team):
            break
        w.team.heap[place] = w.team.heap[below]
        place = below
        below = 2 * place + 1
    w.team.heap[place] = team


@compiled
def _serve_machines(w: Any, everybody: Any) -> None:
    """Ask the machines that wait: all of them, or those that the crews that came free can help or for which there is news.

    Who comes free meanwhile counts as well.
    """
    team = w.run.asked[0]
    while team >= 0:
        w.team.at[team] = -1
        m = w.team.wait_head[team]
        if m >= 0 and (everybody or (w.team.machine_helpers[team] & (w.team.given[team] | NEWS)) != 0):
            _look_through(w, team, m, w.machine.wants_since[m])
            w.team.machine_helpers[team] = 0
        team = w.team.next_asked[team]
    while w.run.lines_left[0] > 0:
        team = w.team.heap[0]
        m = w.team.at[team]
        following = w.machine.wait_next[m]
        freed = w.team.given[team] | w.team.freed[team]
        if everybody or w.machine.news[m] == 1 or (w.machine.helpers[m] & freed) != 0:
            w.machine.news[m] = 0
            proceed(w, m)
        if w.machine.wants[m] == 1:
            w.team.machine_helpers[team] |= w.machine.helpers[m] | w.machine.news[m] * NEWS
        _go_on_with(w, following, w.machine.wants_since[max(0, following)])
        if w.run.told[0] >= 0:
            _ask_machines_behind(w, m)


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
            _look_through(w, team, m, w.machine.wants_since[max(0, m)])
        team = w.team.next_told[team]


@compiled
def _serve_centers(w: Any, everybody: Any) -> None:
    """Ask the work centers that wait, like the machines: for one job each, and then whoever has waited longest now."""
    if w.run.told[0] >= 0:
        _ask_more(w)
    team = w.run.asked[0]
    while team >= 0:
        w.team.at[team] = -1
        c = w.team.wait_first_center[team]
        freed = w.team.given[team] | w.team.freed[team]
        if c >= 0 and (everybody or (w.team.center_helpers[team] & (freed | NEWS)) != 0):
            _look_through(w, team, c, w.center.waiting_since[c])
            w.team.center_helpers[team] = 0
        team = w.team.next_asked[team]
    while w.run.lines_left[0] > 0:
        team = w.team.heap[0]
        c = w.team.at[team]
        since = w.team.since[team]
        following = w.center.wait_next[c]
        begun = False
        if everybody or w.center.news[c] == 1 or (w.center.people[c] & (w.team.given[team] | w.team.freed[team])) != 0:
            # What cannot start is not asked again.
            news = w.center.news[c]
            w.center.news[c] = 0
            begun = start_work(w, c, 1, True)
            if begun:
                w.center.news[c] = news
        if w.center.waits[c] == 1:
            w.team.center_helpers[team] |= w.center.people[c] | w.center.news[c] * NEWS
            if begun and w.center.wait_next[c] == following:
                following = c  # it may still be the first
        _go_on_with(w, following, w.center.waiting_since[max(0, following)])
        if w.run.told[0] >= 0:
            _ask_centers_behind(w, c, since)


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
            _look_through(w, team, c, w.center.waiting_since[max(0, c)])
        team = w.team.next_told[team]
