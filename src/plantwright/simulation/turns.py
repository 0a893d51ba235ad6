"""Whose turn it is to start lots: loops for which a card came back, and ropes that are slack."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.arrivals import release_lot, way_in
from plantwright.simulation.draws import seldom
from plantwright.simulation.lots import short_of_rows


@seldom
def pull(w: Any) -> None:
    """Start lots of loops that have cards, each product by its share of the mix, and lots by ropes."""
    w.run.pull[0] = 0
    for loop in range(w.run.loops[0]):
        if w.loop.listed[loop] == 1:
            if _pull_in_turn(w, loop):
                continue
            return
        while w.loop.cards[loop] >= w.loop.least[loop]:
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
def _first_listed(w: Any, loop: Any) -> Any:
    """Of the releases of a loop that takes the orders of lists in turn, the one whose next order is the earliest; or -1."""
    best = -1
    earliest = 0.0
    first = w.loop.first_release[loop]
    for r in range(first, first + w.loop.releases[loop]):
        if w.release.cursor[r] < w.release.orders[r]:
            time = w.order.time[w.release.first_order[r] + w.release.cursor[r]]
            if best < 0 or time < earliest:
                best = r
                earliest = time
    return best


@seldom
def _pull_in_turn(w: Any, loop: Any) -> Any:
    """Start the orders of lists in turn as long as their loop has cards; False where there is no room for another lot."""
    best = _first_listed(w, loop) if w.loop.cards[loop] >= 1.0 else -1
    while best >= 0:
        order = w.release.first_order[best] + w.release.cursor[best]
        pieces = w.order.pieces[order]
        # One with a routing of its own may begin where no place that comes free calls for it: it waits outside.
        if w.order.route[order] < 0 and way_in(w, w.release.operation[best], pieces, True) < 0:
            return True
        if short_of_rows(w):
            w.run.pull[0] = 1
            return False
        w.loop.cards[loop] -= 1.0
        w.release.cursor[best] += 1
        release_lot(w, best, pieces, w.order.due[order], w.order.priority[order], order)
        best = _first_listed(w, loop) if w.loop.cards[loop] >= 1.0 else -1
    return True


@seldom
def _tied(w: Any, drum: Any) -> Any:
    """Of the releases that are tied to a drum and whose rope is slack, the one that is furthest behind its share of the mix; or -1."""
    best = -1
    first = w.drum.first_tied[drum]
    for k in range(first, first + w.drum.tied[drum]):
        r = w.tied.release[k]
        if w.drum.work[drum] < w.release.rope[r] - 1e-6:
            share = w.release.weight[best] if best >= 0 else 0.0
            if best < 0 or (w.release.count[r] + 1) * share < (w.release.count[best] + 1) * w.release.weight[r]:
                best = r
    return best


@seldom
def _pull_by_ropes(w: Any) -> None:
    """Start lots as long as less work is on its way to a drum than its rope is long."""
    for drum in range(w.run.drums[0]):
        best = _tied(w, drum) if w.drum.work[drum] < w.drum.longest[drum] - 1e-6 else -1
        while best >= 0 and way_in(w, w.release.operation[best], w.release.pieces[best], True) >= 0:
            if w.run.free_lots[0] <= 1:
                w.run.pull[0] = 1
                return
            due = w.run.now[0] + w.release.due[best]
            release_lot(w, best, w.release.pieces[best], due, w.release.priority[best], -1)
            best = _tied(w, drum)
