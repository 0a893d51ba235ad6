"""Whose turn it is: lots for which a card came back, and work that waits for people."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.arrivals import release_lot, way_in
from plantwright.simulation.centers import start_work
from plantwright.simulation.codes import ANYBODY, DRUM
from plantwright.simulation.draws import compiled, seldom
from plantwright.simulation.lots import short_of_rows
from plantwright.simulation.machines import proceed
from plantwright.simulation.waiting import EVERYBODY, NEWS, NOBODY


@seldom
def pull(w: Any) -> None:
    """Start lots of loops that have cards, each product by its share of the mix, and lots by ropes."""
    w.run.pull[0] = 0
    for loop in range(w.run.loops[0]):
        while True:
            first = w.loop.first_release[loop]
            best = first
            for r in range(first, first + w.loop.releases[loop]):
                if (w.release.count[r] + 1) * w.release.weight[best] < (w.release.count[best] + 1) * w.release.weight[
                    r
                ]:
                    best = r
            pieces = w.release.pieces[best]
            need = pieces if w.loop.pieces[loop] == 1 else 1.0
            if w.loop.cards[loop] < need:
                break
            if way_in(w, w.release.operation[best], pieces, True) < 0:
                break
            if short_of_rows(w):
                w.run.pull[0] = 1
                return
            w.loop.cards[loop] -= need
            release_lot(w, best, pieces, w.run.now[0] + w.release.due[best], w.release.priority[best], -1)
    if w.run.drums[0] > 0:
        _pull_by_ropes(w)


@seldom
def _tied(w: Any, drum: Any) -> Any:
    """Of the releases that are tied to a drum and whose rope is slack, the one that is furthest behind its share of the mix; or -1."""
    best = -1
    for r in range(w.run.releases[0]):
        if w.release.rule[r] == DRUM and w.release.drum[r] == drum and w.drum.work[drum] < w.release.rope[r] - 1e-6:
            share = w.release.weight[best] if best >= 0 else 0.0
            if best < 0 or (w.release.count[r] + 1) * share < (w.release.count[best] + 1) * w.release.weight[r]:
                best = r
    return best


@seldom
def _pull_by_ropes(w: Any) -> None:
    """Start lots as long as less work is on its way to a drum than its rope is long."""
    for drum in range(w.run.drums[0]):
        best = _tied(w, drum)
        while best >= 0 and way_in(w, w.release.operation[best], w.release.pieces[best], True) >= 0:
            if w.run.free_lots[0] <= 1:
                w.run.pull[0] = 1
                return
            due = w.run.now[0] + w.release.due[best]
            release_lot(w, best, w.release.pieces[best], due, w.release.priority[best], -1)
            best = _tied(w, drum)


@compiled
def serve(w: Any) -> None:
    """Give people who came free to the work that has waited longest: first what stopped half-way, then what has not begun."""
    everybody = w.run.serve[0] == EVERYBODY
    freed = ANYBODY if everybody else w.run.freed[0]
    w.run.serve[0] = NOBODY
    w.run.freed[0] = 0
    if everybody or (w.run.machine_helpers[0] & (freed | NEWS)) != 0:
        _serve_machines(w, freed, everybody)
    if everybody or (w.run.center_helpers[0] & (freed | w.run.freed[0] | NEWS)) != 0:
        _serve_centers(w, freed, everybody)


@compiled
def _serve_machines(w: Any, freed: Any, everybody: Any) -> None:
    """Ask the machines that wait: all of them, or those that the crews in the bits of `freed` can help or for which there is news.

    Who comes free meanwhile counts as well.
    """
    w.run.machine_helpers[0] = 0
    m = w.run.wait_head[0]
    while m >= 0:
        following = w.machine.wait_next[m]
        if everybody or w.machine.news[m] == 1 or (w.machine.helpers[m] & (freed | w.run.freed[0])) != 0:
            w.machine.news[m] = 0
            proceed(w, m)
        if w.machine.wants[m] == 1:
            w.run.machine_helpers[0] |= w.machine.helpers[m] | w.machine.news[m] * NEWS
        m = following


@compiled
def _serve_centers(w: Any, freed: Any, everybody: Any) -> None:
    """Ask the work centers that wait, like the machines: for one job each, and then whoever has waited longest now."""
    w.run.center_helpers[0] = 0
    c = w.run.wait_first_center[0]
    while c >= 0:
        following = w.center.wait_next[c]
        begun = False
        if everybody or w.center.news[c] == 1 or (w.center.people[c] & (freed | w.run.freed[0])) != 0:
            # What cannot start is not asked again.
            news = w.center.news[c]
            w.center.news[c] = 0
            begun = start_work(w, c, 1)
            if begun:
                w.center.news[c] = news
        if w.center.waits[c] == 1:
            w.run.center_helpers[0] |= w.center.people[c] | w.center.news[c] * NEWS
        still_first = begun and w.center.waits[c] == 1 and w.center.wait_next[c] == following
        c = c if still_first else following
