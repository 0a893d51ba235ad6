"""Times: how long a phase takes a lot, and when so much open time will have passed."""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.codes import PER_BATCH, PER_PIECE, RUN_PHASE
from plantwright.simulation.draws import compiled, draw, draw_from, inlined, seldom, stream_of
from plantwright.simulation.streams import CONSTANT, TIME

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
def worked_pieces(w: Any, lot: Any) -> Any:
    """How many pieces of a lot its operation works on: all, or where it samples its share of them, of whole pieces rounded up."""
    pieces = w.lot.ahead[lot] + w.lot.pieces[lot]
    sample = w.operation.sample[w.lot.operation[lot]]
    if sample < 1.0:
        pieces *= sample
        if w.operation.whole[w.lot.operation[lot]] == 1:
            pieces = 1.0 * math.ceil(pieces - 1e-9)
    return pieces


@compiled
def work_time(w: Any, which: Any, per: Any, purpose: Any, lot: Any) -> Any:
    """The time of a phase for one lot: a draw for each piece, or one for the lot or batch."""
    if which < 0:
        return 0.0
    if per != PER_PIECE:
        count = w.lot.serial[lot] * TURNS + w.lot.turn[lot]
        if purpose == TIME:
            return draw_from(w, which, w.operation.stream[w.lot.operation[lot]], count, 0)
        return draw(w, which, purpose, w.operation.key[w.lot.operation[lot]], count, 0)
    pieces = worked_pieces(w, lot) if purpose == TIME else w.lot.pieces[lot]
    return _time_of_pieces(w, which, purpose, lot, pieces)


@inlined
def run_time(w: Any, o: Any, lot: Any) -> Any:
    """The time that operation `o` takes a lot."""
    which, per = w.operation.time[o], w.operation.time_per[o]
    if which < 0 or per == PER_PIECE:
        return work_time(w, which, per, TIME, lot)
    return draw_from(w, which, w.operation.stream[o], w.lot.serial[lot] * TURNS + w.lot.turn[lot], 0)


@compiled
def _time_of_pieces(w: Any, which: Any, purpose: Any, lot: Any, pieces: Any) -> Any:
    """The time of so many pieces of a lot, the first of it: a draw for each."""
    if w.distribution.kind[which] == CONSTANT:
        return pieces * w.distribution.a[which]
    o = w.lot.operation[lot]
    stream = w.operation.stream[o] if purpose == TIME else stream_of(w.run.key[0], purpose, w.operation.key[o])
    count = w.lot.serial[lot] * TURNS + w.lot.turn[lot]
    whole = int(pieces)
    time = 0.0
    for piece in range(whole):
        time += draw_from(w, which, stream, count, piece << 21)
    if pieces > whole:
        time += (pieces - whole) * draw_from(w, which, stream, count, whole << 21)
    return time


@compiled
def time_of_cascade(w: Any, o: Any, lot: Any) -> Any:
    """The run of a lot whose pieces begin an interval apart: the last begins after all the intervals before it, and takes its own time."""
    pieces = worked_pieces(w, lot)
    before = math.ceil(pieces) - 1.0
    count = w.lot.serial[lot] * TURNS + w.lot.turn[lot]
    last = draw_from(w, w.operation.time[o], w.operation.stream[o], count, int(before) << 21)
    return _time_of_pieces(w, w.operation.interval[o], TIME, lot, before) + (pieces - before) * last


@compiled
def start_of_piece(w: Any, m: Any, piece: Any) -> Any:
    """How long after the run of machine `m`'s job began its piece of that number (from 0) starts.

    Lots follow one another; by the lot, its pieces share its time evenly; by the batch, all start at once. Where times have changed
    meanwhile, those of now are stretched to the time that was drawn for the job.
    """
    time = _time_until(w, m, piece)
    if w.run.stretched[0] == 1:
        whole = _time_until(w, m, w.machine.pieces[m])
        return time * w.machine.run_time[m] / whole if whole > 0.0 else time
    return time / w.machine.speed[m]


@compiled
def _time_until(w: Any, m: Any, piece: Any) -> Any:
    """The time of the pieces of machine `m`'s job before that one, on a machine of usual speed."""
    time = 0.0
    lot = w.machine.head[m]
    while lot >= 0:
        o = w.lot.operation[lot]
        pieces = w.lot.ahead[lot] + w.lot.pieces[lot]
        if w.operation.time_per[o] != PER_BATCH:
            inside = min(pieces, piece)
            if w.operation.cascades[o] == 1:
                worked = min(inside, worked_pieces(w, lot))
                time += (
                    time_of_cascade(w, o, lot)
                    if inside == pieces
                    else _time_of_pieces(w, w.operation.interval[o], TIME, lot, worked)
                )
            elif w.operation.time_per[o] == PER_PIECE:
                time += _time_of_pieces(w, w.operation.time[o], TIME, lot, min(inside, worked_pieces(w, lot)))
            else:
                time += work_time(w, w.operation.time[o], w.operation.time_per[o], TIME, lot) * inside / pieces
        if piece < pieces:
            break
        piece -= pieces
        lot = w.lot.next[lot]
    return time


@seldom
def left_of_piece(w: Any, m: Any) -> Any:
    """How much longer machine `m` must run to have done the piece on which it is; for ever where its time does not count by the piece."""
    if w.machine.phase[m] != RUN_PHASE or w.operation.time_per[w.machine.operation[m]] != PER_PIECE:
        return math.inf
    elapsed = w.machine.run_time[m] - w.machine.left[m]
    # A millionth of a second for what rounding takes away: a piece that is just done is done.
    done = elapsed - 1e-6
    before = 0.0
    lot = w.machine.head[m]
    pieces = w.lot.ahead[lot] + w.lot.pieces[lot]
    while w.lot.next[lot] >= 0 and start_of_piece(w, m, before + pieces) < done:
        before += pieces
        lot = w.lot.next[lot]
        pieces = w.lot.ahead[lot] + w.lot.pieces[lot]
    low, high = 0, math.ceil(pieces)
    while low < high:
        middle = (low + high) // 2
        if start_of_piece(w, m, before + middle) < done:
            low = middle + 1
        else:
            high = middle
    return max(0.0, start_of_piece(w, m, before + min(pieces, 1.0 * low)) - elapsed)
