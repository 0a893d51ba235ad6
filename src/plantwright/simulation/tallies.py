"""What is counted of lots that wait and of lots that are finished: times with their histograms, by product, class and work center."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from plantwright.simulation.bins import BINS, FIRST_OCTAVE, PARTS
from plantwright.simulation.draws import compiled, inlined, seldom

# A float's exponent and the first bits of its fraction, read as one integer, number its bin.
_SHIFT = 52 - int(math.log2(PARTS))
_BEFORE_FIRST = (1023 + FIRST_OCTAVE) * PARTS - 1


@compiled
def bin_of(time: Any) -> Any:
    """The bin of a time in seconds, at least 0."""
    return max(0, min(BINS - 1, (np.float64(time).view(np.int64) >> _SHIFT) - _BEFORE_FIRST))


@inlined
def tally_wait(w: Any, c: Any, time: Any) -> None:
    """A lot has waited so long before center `c`."""
    w.center.wait[c] += time
    w.center.waits_counted[c] += 1
    w.wait_histogram[c, bin_of(time)] += 1


@inlined
def tally_lot(w: Any, lot: Any) -> None:
    """A lot is finished: count its pieces, its cycle time unless its release is unknown, and whether it is on time."""
    p = w.lot.product[lot]
    now = w.run.now[0]
    time = now - w.lot.released[lot]
    w.product.done_lots[p] += 1
    w.product.done_pieces[p] += w.lot.pieces[lot]
    w.run.done[0] += 1
    b = 0
    if w.lot.at_start[lot] == 0:
        b = bin_of(time)
        w.product.timed_lots[p] += 1
        w.product.time[p] += time
        w.histogram[p, b] += 1
        w.run.done_time[0] += time
    if w.lot.due[lot] < math.inf:
        w.product.with_due[p] += 1
        if now <= w.lot.due[lot]:
            w.product.on_time[p] += 1
    if w.run.lot_classes[0] > 0 and w.lot.release[lot] >= 0:
        k = w.release.lot_class[w.lot.release[lot]]
        if k >= 0:
            _tally_class(w, k, lot, time, b)


@seldom
def _tally_class(w: Any, k: Any, lot: Any, time: Any, b: Any) -> None:
    w.lot_class.done_lots[k] += 1
    w.lot_class.done_pieces[k] += w.lot.pieces[lot]
    if w.lot.at_start[lot] == 0:
        w.lot_class.timed_lots[k] += 1
        w.lot_class.time[k] += time
        w.class_histogram[k, b] += 1
    if w.lot.due[lot] < math.inf:
        w.lot_class.with_due[k] += 1
        if w.run.now[0] <= w.lot.due[lot]:
            w.lot_class.on_time[k] += 1


@seldom
def forget_tallies(w: Any) -> None:
    """Set all that is counted here to zero."""
    for c in range(w.run.centers[0]):
        w.center.wait[c] = 0.0
        w.center.joules[c] = 0.0
        w.center.waits_counted[c] = 0
        for b in range(BINS):
            w.wait_histogram[c, b] = 0
    for p in range(w.run.products[0]):
        w.product.done_lots[p] = 0
        w.product.done_pieces[p] = 0.0
        w.product.timed_lots[p] = 0
        w.product.time[p] = 0.0
        w.product.on_time[p] = 0
        w.product.with_due[p] = 0
        for b in range(BINS):
            w.histogram[p, b] = 0
    for k in range(w.run.lot_classes[0]):
        w.lot_class.done_lots[k] = 0
        w.lot_class.done_pieces[k] = 0.0
        w.lot_class.timed_lots[k] = 0
        w.lot_class.time[k] = 0.0
        w.lot_class.on_time[k] = 0
        w.lot_class.with_due[k] = 0
        for b in range(BINS):
            w.class_histogram[k, b] = 0
