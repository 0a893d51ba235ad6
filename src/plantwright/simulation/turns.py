"""Whose turn it is: lots for which a card came back, and work that waits for people."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.arrivals import release_lot, way_in
from plantwright.simulation.centers import start_work
from plantwright.simulation.draws import compiled
from plantwright.simulation.machines import proceed
from plantwright.simulation.waiting import EVERYBODY, NOBODY, next_center, next_machine


@compiled
def pull(w: Any) -> None:
    """Start lots of loops that have cards, each product by its share of the mix."""
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
            if w.run.free_lots[0] <= 1:
                w.run.pull[0] = 1
                return
            w.loop.cards[loop] -= need
            release_lot(w, best, pieces, w.run.now[0] + w.release.due[best], w.release.priority[best], -1)


@compiled
def serve(w: Any) -> None:
    """Give people who came free to the work that has waited longest: first what stopped half-way, then what has not begun."""
    everybody = w.run.serve[0] == EVERYBODY
    freed = w.run.freed[0]
    w.run.serve[0] = NOBODY
    w.run.freed[0] = 0
    w.run.round[0] += 1
    stamp = w.run.round[0]
    while w.run.waiting[0] > 0:
        everybody = everybody or w.run.serve[0] == EVERYBODY
        m = next_machine(w, stamp, everybody, freed)
        if m >= 0:
            proceed(w, m)
            continue
        c = next_center(w, stamp, everybody, freed)
        if c < 0:
            break
        # One job, and then whoever has waited longest now; a center that cannot start is not asked again.
        if not start_work(w, c, 1):
            w.center.tried[c] = stamp
            w.center.news[c] = 0
