"""Times: how long a phase takes a lot, and when so much open time will have passed."""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.codes import PER_PIECE
from plantwright.simulation.draws import CONSTANT, compiled, draw

TURNS = 4096
"""Visits of one lot to one operation that have draws of their own."""


@compiled
def open_after(w: Any, calendar: Any, time: Any, work: Any) -> Any:
    """The instant at which `work` seconds of a calendar's open time have passed after `time` (now or later)."""
    row = w.calendar.first[calendar] + w.calendar.cursor[calendar]
    last = w.calendar.first[calendar] + w.calendar.rows[calendar] - 1
    while row < last:
        until = w.calendar_row.time[row + 1]
        if w.calendar_row.on[row] == 1 and until > time:
            if work <= until - time:
                return time + work
            work -= until - time
        time = max(time, until)
        row += 1
    return time + work if w.calendar_row.on[last] == 1 else math.inf


@compiled
def work_time(w: Any, which: Any, per: Any, purpose: Any, lot: Any) -> Any:
    """The time of a phase for one lot: a draw for each piece, or one for the lot or batch."""
    if which < 0:
        return 0.0
    entity = w.operation.key[w.lot.operation[lot]]
    count = w.lot.serial[lot] * TURNS + w.lot.turn[lot]
    if per != PER_PIECE:
        return draw(w, which, purpose, entity, count, 0)
    pieces = w.lot.pieces[lot]
    if w.distribution.kind[which] == CONSTANT:
        return pieces * w.distribution.a[which]
    whole = int(pieces)
    time = 0.0
    for piece in range(whole):
        time += draw(w, which, purpose, entity, count, piece << 21)
    if pieces > whole:
        time += (pieces - whole) * draw(w, which, purpose, entity, count, whole << 21)
    return time
