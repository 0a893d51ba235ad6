"""The agenda: what happens next. An indexed binary heap over fixed slots; an event is moved or cancelled in place.

Ties go by kind of event (as `engine` numbers them: work that ends comes before a calendar that changes), then by the order
in which the events were scheduled.
"""

from __future__ import annotations

from typing import Any

from plantwright.simulation.draws import compiled


@compiled
def _before(w: Any, one: Any, other: Any) -> Any:
    first, second = w.slot.time[one], w.slot.time[other]
    if first != second:
        return first < second
    kind, other_kind = w.slot.kind[one], w.slot.kind[other]
    if kind != other_kind:
        return kind < other_kind
    return w.slot.order[one] < w.slot.order[other]


@compiled
def _rise(w: Any, place: Any, slot: Any) -> Any:
    while place > 0:
        parent = (place - 1) // 2
        above = w.heap[parent]
        if not _before(w, slot, above):
            break
        w.heap[place] = above
        w.slot.place[above] = place
        place = parent
    w.heap[place] = slot
    w.slot.place[slot] = place
    return place


@compiled
def _sink(w: Any, place: Any, slot: Any) -> None:
    count = w.run.heap[0]
    while True:
        child = 2 * place + 1
        if child >= count:
            break
        if child + 1 < count and _before(w, w.heap[child + 1], w.heap[child]):
            child += 1
        below = w.heap[child]
        if not _before(w, below, slot):
            break
        w.heap[place] = below
        w.slot.place[below] = place
        place = child
    w.heap[place] = slot
    w.slot.place[slot] = place


@compiled
def schedule(w: Any, slot: Any, time: Any) -> None:
    """Put the event of `slot` at `time`, moving it if it is in the agenda."""
    w.slot.time[slot] = time
    w.slot.order[slot] = w.run.sequence[0]
    w.run.sequence[0] += 1
    place = w.slot.place[slot]
    if place < 0:
        place = w.run.heap[0]
        w.run.heap[0] = place + 1
        _rise(w, place, slot)
    elif _rise(w, place, slot) == place:
        _sink(w, place, slot)


@compiled
def cancel(w: Any, slot: Any) -> None:
    """Take the event of `slot` out of the agenda, if it is there."""
    place = w.slot.place[slot]
    if place < 0:
        return
    w.slot.place[slot] = -1
    count = w.run.heap[0] - 1
    w.run.heap[0] = count
    if place < count:
        last = w.heap[count]
        w.slot.place[last] = place
        if _rise(w, place, last) == place:
            _sink(w, place, last)
