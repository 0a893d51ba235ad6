"""Forks and joins: parts of one lot that go their own ways at the same time, and wait for each other where these come together."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.carried import hand_carried_on
from plantwright.simulation.codes import LOG_JOINED, LOG_SPLIT
from plantwright.simulation.draws import compiled, seldom
from plantwright.simulation.drums import come_nearer, forget_drums
from plantwright.simulation.log import note
from plantwright.simulation.lots import count_wip, give_up_if_all_wait, leave
from plantwright.simulation.parts import gather, keep_earliest, part_of


@seldom
def fork(w: Any, lot: Any, first: Any, count: Any) -> None:
    """Let a lot be so many parts, each with all its pieces and with the next step of rows `first` on of ``fork``; they are chained.

    The lot itself is the first part. All of them are one lot in process.
    """
    if w.lot.fewest[lot] < 0.0:
        w.lot.fewest[lot] = w.lot.pieces[lot]
    w.lot.operation[lot] = w.fork.operation[first]
    last = lot
    for k in range(first + 1, first + count):
        part = part_of(w, lot, w.lot.pieces[lot])
        count_wip(w, w.lot.product[lot], -1)
        for d in range(w.run.defect_width[0]):
            w.defects[part, d] = w.defects[lot, d]
        w.lot.fewest[part] = w.lot.fewest[lot]
        w.lot.operation[part] = w.fork.operation[k]
        w.lot.sibling[part] = w.lot.sibling[last]
        w.lot.sibling[last] = part
        note(w, LOG_SPLIT, part, -1, w.lot.number[lot], w.lot.pieces[part])
        w.lot.next[last] = part
        w.lot.next[part] = -1
        last = part


@seldom
def _on_its_way(w: Any, lot: Any, o: Any) -> Any:
    """Whether a part may still come to join `o`."""
    if w.lot.joins_at[lot] == o:
        return False
    at = w.operation.main[w.lot.operation[lot]]
    return (at == o and w.lot.joins_at[lot] < 0) or w.reaches[at, w.operation.join_place[o]] == 1


@compiled
def look_ahead(w: Any, lot: Any) -> None:
    """What a lot that has a new step brings to drums is known anew; of parts that come together only the first brings what follows."""
    o = w.lot.operation[lot]
    other = w.lot.sibling[lot]
    while other != lot and w.operation.joins[o] == 1:
        if w.lot.number[other] < w.lot.number[lot] and (w.lot.joins_at[other] == o or _on_its_way(w, other, o)):
            forget_drums(w, lot)
            return
        other = w.lot.sibling[other]
    come_nearer(w, lot)


@compiled
def look_ahead_all(w: Any, first: Any) -> Any:
    """The same for each of a chain of lots; returns the first."""
    lot = first
    while lot >= 0 and w.run.drums[0] > 0:
        look_ahead(w, lot)
        lot = w.lot.next[lot]
    return first


@seldom
def _wait(w: Any, lot: Any, o: Any) -> Any:
    """Let a part wait at join `o` until all parts that may come are there; returns the lot that goes on then, or -1."""
    w.lot.joins_at[lot] = o
    if w.lot.fewest[lot] <= 1e-9:
        give_up_if_all_wait(w, lot)
        return -1
    keeper = lot
    other = w.lot.sibling[lot]
    while other != lot:
        if _on_its_way(w, other, o):
            return -1
        if w.lot.joins_at[other] == o and w.lot.number[other] < w.lot.number[keeper]:
            keeper = other
        other = w.lot.sibling[other]
    other = w.lot.sibling[keeper]
    while other != keeper:
        following = w.lot.sibling[other]
        if w.lot.joins_at[other] == o:
            _take_in(w, keeper, other)
        other = following
    w.lot.joins_at[keeper] = -1
    if w.lot.sibling[keeper] == keeper:
        w.lot.pieces[keeper] = w.lot.fewest[keeper]
        w.lot.fewest[keeper] = -1.0
    _cap_defects(w, keeper)
    return keeper


@seldom
def _take_in(w: Any, keeper: Any, part: Any) -> None:
    """Let a part be one with another again."""
    note(w, LOG_JOINED, part, -1, w.lot.number[keeper], w.lot.pieces[part])
    w.lot.pieces[keeper] = min(w.lot.pieces[keeper], w.lot.pieces[part])
    for d in range(w.run.defect_width[0]):
        w.defects[keeper, d] = max(w.defects[keeper, d], w.defects[part, d])
    for k in range(w.run.bound_width[0]):
        if w.machines_of_lots[keeper, k] < 0:
            w.machines_of_lots[keeper, k] = w.machines_of_lots[part, k]
    keep_earliest(w, keeper, part)
    w.lot.cards[keeper] += w.lot.cards[part]  # parts have cards of their own where their loop is newer than they are
    w.lot.cards[part] = 0.0
    if w.lot.carries[part] >= 0:
        hand_carried_on(w, part, keeper)
    leave(w, part)


@seldom
def _cap_defects(w: Any, lot: Any) -> None:
    """No more pieces are defective than there are."""
    left = w.lot.pieces[lot]
    for d in range(w.run.defect_width[0]):
        w.defects[lot, d] = min(w.defects[lot, d], left)
        left -= w.defects[lot, d]


@seldom
def meet(w: Any, lot: Any) -> Any:
    """Let a lot that comes to its operation wait there for its other parts and for companions; returns the one that goes on, or -1."""
    o = w.lot.operation[lot]
    w.lot.next[lot] = -1
    if w.operation.joins[o] == 1 and w.lot.fewest[lot] >= 0.0:
        lot = _wait(w, lot, o)
    if lot >= 0 and w.operation.merge[o] > 0.0:
        lot = gather(w, lot)
    if lot >= 0 and w.run.drums[0] > 0:
        come_nearer(w, lot)
    return lot
