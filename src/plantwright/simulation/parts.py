"""Parts: a lot that is split, pieces that go on before their lot is done, and lots that go on as one."""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.carried import hand_carried_on, hold_cards, share_carried
from plantwright.simulation.codes import LOG_MERGED, LOG_SPLIT
from plantwright.simulation.draws import seldom, uniform
from plantwright.simulation.log import note
from plantwright.simulation.lots import leave, new_lot
from plantwright.simulation.sequences import expect_one_more
from plantwright.simulation.streams import PART_OFF
from plantwright.simulation.times import TURNS


@seldom
def part_of(w: Any, lot: Any, pieces: Any) -> Any:
    """A new lot of so many pieces, numbered on, that is in all else as `lot` is; what that carries they share."""
    part = new_lot(w, w.lot.product[lot], w.lot.release[lot], w.lot.operation[lot], pieces)
    w.lot.serial[part] = w.product.made[w.lot.product[lot]]
    w.product.made[w.lot.product[lot]] += 1
    w.lot.cards[part] = 0.0
    w.lot.released[part] = w.lot.released[lot]
    w.lot.due[part] = w.lot.due[lot]
    w.lot.priority[part] = w.lot.priority[lot]
    w.lot.at_start[part] = w.lot.at_start[lot]
    w.lot.here[part] = w.lot.here[lot]
    w.lot.route[part] = w.lot.route[lot]
    w.lot.sequenced[part] = w.lot.sequenced[lot]
    for k in range(w.run.rework_width[0]):
        w.reworks[part, k] = w.reworks[lot, k]
    for k in range(w.run.took_width[0]):
        w.took[part, k] = w.took[lot, k]
    for k in range(w.run.clock_width[0]):
        w.clocks[part, k] = w.clocks[lot, k]
    for k in range(w.run.bound_width[0]):
        w.machines_of_lots[part, k] = w.machines_of_lots[lot, k]
    if w.lot.cards[lot] > 0.0:
        hold_cards(w, lot)
    if w.lot.carries[lot] >= 0:
        share_carried(w, lot, part)
    return part


@seldom
def _share_defects(w: Any, lot: Any, part: Any, whole: Any) -> None:
    """Pieces with a defect go with a part as chance has it, each as likely as any other; of what is measured, their share."""
    pieces = w.lot.pieces[lot]
    room = w.lot.pieces[part]
    key = w.operation.key[w.lot.operation[lot]]
    count = w.lot.serial[part] * TURNS
    draw = 0
    for d in range(w.run.defect_width[0]):
        if whole == 1:
            going = 0.0
            for _ in range(int(w.defects[lot, d])):
                if uniform(w.run.key[0], PART_OFF, key, count, draw) * pieces < room:
                    going += 1.0
                    room -= 1.0
                pieces -= 1.0
                draw += 1
        else:
            going = w.defects[lot, d] * room / pieces
        w.defects[lot, d] -= going
        w.defects[part, d] = going


@seldom
def part_off(w: Any, lot: Any, pieces: Any, whole: Any) -> Any:
    """Take so many pieces of a lot away, as a lot of their own; where `whole` is 1, it is counted in whole pieces."""
    part = part_of(w, lot, pieces)
    if w.run.turns[0] > 0:
        expect_one_more(w, lot)
    _share_defects(w, lot, part, whole)
    w.lot.pieces[lot] -= pieces
    note(w, LOG_SPLIT, part, -1, w.lot.number[lot], pieces)
    return part


@seldom
def expect_parts(w: Any, parts: Any, carries: Any) -> None:
    """One event may make so many lots, which carry so much: see to it that there is room for them when it comes."""
    if parts > w.run.most_parts[0]:
        w.run.lot_margin[0] += parts - w.run.most_parts[0]
        w.run.most_parts[0] = parts
    if carries > w.run.most_carries[0]:
        w.run.carry_margin[0] += carries - w.run.most_carries[0]
        w.run.most_carries[0] = carries


@seldom
def parts_of(w: Any, lot: Any) -> Any:
    """How many lots may come of a lot whose operation is done, and that was there before."""
    o = w.lot.operation[lot]
    parts = 2
    if w.operation.split[o] > 0.0:
        pieces = w.lot.pieces[lot] * w.operation.factor[o]
        parts += int(w.operation.split[o] if w.operation.split_lots[o] == 1 else pieces / w.operation.split[o])
    return parts * max(1, w.operation.forks[o])


@seldom
def carried_rows(w: Any, lot: Any) -> Any:
    """How many rows it takes to tell what a part of a lot carries."""
    rows = 1 if w.lot.cards[lot] > 0.0 else 0
    k = w.lot.carries[lot]
    while k >= 0:
        rows += 1
        k = w.carry.next[k]
    return rows


@seldom
def split(w: Any, lot: Any, o: Any) -> None:
    """Split a lot as its operation says; its parts are chained behind it in their order."""
    size = w.operation.split[o]
    parts = 0.0
    if w.operation.split_lots[o] == 1:
        parts = size
        if w.operation.split_whole[o] == 1:
            parts = min(parts, max(1.0, w.lot.pieces[lot]))
    sizes = w.lot.pieces[lot]
    own = _next_size(sizes, size, parts, w.operation.split_whole[o])
    sizes -= own
    parts -= 1.0
    last = lot
    while sizes > 1e-9:
        pieces = _next_size(sizes, size, parts, w.operation.split_whole[o])
        if sizes - pieces < 1e-9:
            pieces = w.lot.pieces[lot] - own
        part = part_off(w, lot, pieces, w.operation.split_whole[o])
        w.lot.next[last] = part
        w.lot.next[part] = -1
        last = part
        sizes -= pieces
        parts -= 1.0


@seldom
def _next_size(left: Any, size: Any, parts: Any, whole: Any) -> Any:
    """How many pieces the next of so many parts of what is left gets; where their number is not given, up to `size`."""
    if parts <= 0.0:
        return min(left, size)
    if whole == 1:
        return 1.0 * math.ceil(left / parts - 1e-9)
    return left / parts


@seldom
def keep_earliest(w: Any, keeper: Any, lot: Any) -> None:
    """Of the clocks of two lots that go on as one, those count that run out first."""
    for k in range(w.run.clock_width[0]):
        if w.clocks[lot, k] > 0.0 and (w.clocks[keeper, k] <= 0.0 or w.clocks[lot, k] < w.clocks[keeper, k]):
            w.clocks[keeper, k] = w.clocks[lot, k]


@seldom
def _absorb(w: Any, keeper: Any, lot: Any) -> None:
    """Let a lot go on inside another."""
    note(w, LOG_MERGED, lot, -1, w.lot.number[keeper], w.lot.pieces[lot])
    w.lot.pieces[keeper] += w.lot.pieces[lot]
    w.lot.released[keeper] = min(w.lot.released[keeper], w.lot.released[lot])
    w.lot.due[keeper] = min(w.lot.due[keeper], w.lot.due[lot])
    w.lot.priority[keeper] = max(w.lot.priority[keeper], w.lot.priority[lot])
    w.lot.at_start[keeper] = max(w.lot.at_start[keeper], w.lot.at_start[lot])
    for d in range(w.run.defect_width[0]):
        w.defects[keeper, d] += w.defects[lot, d]
    keep_earliest(w, keeper, lot)
    if w.lot.cards[lot] > 0.0:
        if w.lot.cards[keeper] == 0.0 or w.lot.release[keeper] == w.lot.release[lot]:
            w.lot.release[keeper] = w.lot.release[lot]
            w.lot.cards[keeper] += w.lot.cards[lot]
            w.lot.cards[lot] = 0.0
        else:
            hold_cards(w, lot)
    if w.lot.carries[lot] >= 0:
        hand_carried_on(w, lot, keeper)
    leave(w, lot)


@seldom
def gather(w: Any, lot: Any) -> Any:
    """Let a lot wait beside its operation until as many are there as go on as one; returns that one, or -1."""
    o = w.lot.operation[lot]
    w.lot.next[lot] = -1
    if w.operation.gathered_head[o] < 0:
        w.operation.gathered_head[o] = lot
    else:
        w.lot.next[w.operation.gathered_tail[o]] = lot
    w.operation.gathered_tail[o] = lot
    w.operation.gathered[o] += 1.0 if w.operation.merge_lots[o] == 1 else w.lot.pieces[lot]
    if w.operation.gathered[o] < w.operation.merge[o] - 1e-9:
        return -1
    other = w.operation.gathered_head[o]
    while other != lot:
        following = w.lot.next[other]
        _absorb(w, lot, other)
        other = following
    w.operation.gathered_head[o] = -1
    w.operation.gathered[o] = 0.0
    w.lot.next[lot] = -1
    return lot
