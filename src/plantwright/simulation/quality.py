"""Quality: pieces that a step spoils, defects that nobody sees, and inspections that find them."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.codes import LOG_FOUND
from plantwright.simulation.draws import bad_pieces, compiled, seldom, uniform
from plantwright.simulation.log import note
from plantwright.simulation.lots import scrap
from plantwright.simulation.streams import DEFECT, FIND, SPOILT, YIELD
from plantwright.simulation.times import TURNS

_PARTS = 1 << 21


@seldom
def hidden(w: Any, lot: Any) -> Any:
    """Pieces of a lot that carry a defect unseen."""
    count = 0.0
    for d in range(w.run.defect_width[0]):
        count += w.defects[lot, d]
    return count


@compiled
def _bad(w: Any, lot: Any, o: Any, count: Any) -> Any:
    """How many pieces of a lot its operation spoils."""
    good = w.operation.good[o]
    pieces = w.lot.pieces[lot]
    if w.operation.scrap_lot[o] == 1:
        return pieces if uniform(w.run.key[0], YIELD, w.operation.key[o], count, 0) >= good else 0.0
    if w.operation.whole[o] == 1:
        return bad_pieces(w, pieces, good, YIELD, w.operation.key[o], count, 0)
    return pieces * (1.0 - good)


@seldom
def _spoil_defective(w: Any, lot: Any, o: Any, count: Any, bad: Any) -> None:
    """Of the pieces that are spoilt some carry a defect: each as likely as any other piece; of what is measured, their share."""
    left = w.lot.pieces[lot]
    if w.operation.whole[o] == 0:
        for d in range(w.run.defect_width[0]):
            w.defects[lot, d] *= 1.0 - bad / left
        return
    for piece in range(int(bad)):
        at = uniform(w.run.key[0], SPOILT, w.operation.key[o], count, piece) * left
        for d in range(w.run.defect_width[0]):
            if at < w.defects[lot, d]:
                w.defects[lot, d] -= 1.0
                break
            at -= w.defects[lot, d]
        left -= 1.0


@seldom
def _make_defects(w: Any, lot: Any, o: Any, count: Any) -> None:
    """Give pieces that are good the defects of an operation, one after the other."""
    first = w.operation.first_defect[o]
    for k in range(first, first + w.operation.defects[o]):
        clean = w.lot.pieces[lot] - hidden(w, lot)
        share = w.flaw.share[k]
        if w.operation.whole[o] == 1:
            new = bad_pieces(w, clean, 1.0 - share, DEFECT, w.operation.key[o], count, (k - first) * _PARTS)
        else:
            new = clean * share
        w.defects[lot, w.flaw.defect[k]] += new


@seldom
def _find(w: Any, lot: Any, o: Any, count: Any) -> Any:
    """Take out the defective pieces that an inspection sees; returns how many."""
    found = 0.0
    first = w.operation.first_find[o]
    for k in range(first, first + w.operation.finds[o]):
        d = w.flaw.defect[k]
        share = w.flaw.share[k] * w.operation.sample[o]
        if w.operation.whole[o] == 1:
            seen = bad_pieces(w, w.defects[lot, d], 1.0 - share, FIND, w.operation.key[o], count, (k - first) * _PARTS)
        else:
            seen = w.defects[lot, d] * share
        if seen > 0.0:
            w.defects[lot, d] -= seen
            found += seen
            note(w, LOG_FOUND, lot, -1, d, seen)
    return found


@compiled
def passes(w: Any, lot: Any) -> Any:
    """What an operation that is done does to the pieces of a lot: spoils some, gives some a defect, finds some; returns whether any are
    left.
    """
    o = w.lot.operation[lot]
    count = w.lot.serial[lot] * TURNS + w.lot.turn[lot]
    if w.operation.good[o] < 1.0:
        bad = _bad(w, lot, o, count)
        if bad > 0.0:
            if w.run.defect_width[0] > 0 and bad < w.lot.pieces[lot]:
                _spoil_defective(w, lot, o, count, bad)
            if not scrap(w, lot, bad):
                return False
    if w.operation.defects[o] > 0:
        _make_defects(w, lot, o, count)
    if w.operation.finds[o] > 0:
        found = _find(w, lot, o, count)
        if found > 0.0:
            return scrap(w, lot, w.lot.pieces[lot] if w.operation.scrap_lot[o] == 1 else found)
    return True
