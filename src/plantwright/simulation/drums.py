"""Drums: work centers to which ropes are tied, and the work that is on its way to them."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.draws import compiled, seldom


@compiled
def _weighs(w: Any, lot: Any) -> Any:
    """Whether a lot has brought work to a drum, or will bring any from its operation on."""
    return (w.lot.weighs[lot] | w.operation.drums[w.operation.main[w.lot.operation[lot]]]) == 1


@compiled
def _set_work(w: Any, lot: Any, drum: Any, work: Any) -> None:
    before = w.drum_work[lot, drum]
    if work == before:
        return
    w.lot.weighs[lot] = 1
    w.drum_work[lot, drum] = work
    w.drum.work[drum] += work - before
    if work < before:
        w.run.pull[0] = 1


@compiled
def come_nearer(w: Any, lot: Any) -> None:
    """A lot has come to its operation: what of its work is still to be done at the drums is known anew."""
    if _weighs(w, lot):
        row = w.operation.first_on_way[w.operation.main[w.lot.operation[lot]]]
        first = w.product.first_drum[w.lot.product[lot]]
        for k in range(first, first + w.product.drums[w.lot.product[lot]]):
            drum = w.product_drum.drum[k]
            _set_work(w, lot, drum, w.on_way.of_lot[row] + w.lot.pieces[lot] * w.on_way.of_piece[row])
            row += 1


@compiled
def reach_drums(w: Any, lot: Any) -> None:
    """A lot begins at its operation: it is on its way only to what comes later."""
    if _weighs(w, lot):
        row = w.operation.first_on_way[w.operation.main[w.lot.operation[lot]]]
        first = w.product.first_drum[w.lot.product[lot]]
        for k in range(first, first + w.product.drums[w.lot.product[lot]]):
            drum = w.product_drum.drum[k]
            _set_work(w, lot, drum, w.on_way.later_of_lot[row] + w.lot.pieces[lot] * w.on_way.later_of_piece[row])
            row += 1


@seldom
def forget_drums(w: Any, lot: Any) -> None:
    """A lot that is no more is on its way to nothing."""
    if w.lot.weighs[lot] == 1:
        first = w.product.first_drum[w.lot.product[lot]]
        for k in range(first, first + w.product.drums[w.lot.product[lot]]):
            _set_work(w, lot, w.product_drum.drum[k], 0.0)
        w.lot.weighs[lot] = 0
