"""The agenda: what happens next. An indexed binary heap over fixed slots; an event is moved or cancelled in place.

Ties go by kind of event (as `engine` numbers them: work that ends comes before a calendar that changes), then by the order
in which the events were scheduled. The times stand in the heap itself, so that two events are mostly compared without a look at
their slots.

What happens mostly brings on something else. So the event that is taken leaves a gap at the top, which the next that is scheduled
fills: one way down the heap instead of two.
"""

from __future__ import annotations

from typing import Any

from plantwright.simulation.draws import compiled, inlined


@compiled
def _first_by_kind(w: Any, one: Any, other: Any) -> Any:
    """Whether `one` goes first of two events at the same instant."""
    kind, other_kind = w.slot.kind[one], w.slot.kind[other]
    if kind != other_kind:
        return kind < other_kind
    return w.slot.order[one] < w.slot.order[other]


@compiled
def _put(w: Any, place: Any, slot: Any, time: Any) -> None:
    w.heap[place] = slot
    w.heap_time[place] = time
    w.slot.place[slot] = place


@compiled
def _rise(w: Any, place: Any, slot: Any, time: Any) -> Any:
    """Put an event at `place` or above it, where it belongs, but in no gap; returns where."""
    top = 2 * w.run.gap[0]
    while place > top:
        parent = (place - 1) >> 1
        above, above_time = w.heap[parent], w.heap_time[parent]
        if above_time < time or (above_time == time and _first_by_kind(w, above, slot)):
            break
        _put(w, place, above, above_time)
        place = parent
    _put(w, place, slot, time)
    return place


@compiled
def _sink(w: Any, place: Any, slot: Any, time: Any) -> None:
    """Put an event at `place` or below it, where it belongs.

    All the way down along the earlier child first, and from there up: what is put here comes from the end, where late events are.
    """
    count = w.run.heap[0]
    top = place
    child = 2 * place + 1
    while child < count:
        below_time = w.heap_time[child]
        if child + 1 < count:
            beside_time = w.heap_time[child + 1]
            if beside_time < below_time or (
                beside_time == below_time and _first_by_kind(w, w.heap[child + 1], w.heap[child])
            ):
                child += 1
                below_time = beside_time
        _put(w, place, w.heap[child], below_time)
        place = child
        child = 2 * place + 1
    while place > top:
        parent = (place - 1) >> 1
        above, above_time = w.heap[parent], w.heap_time[parent]
        if above_time < time or (above_time == time and _first_by_kind(w, above, slot)):
            break
        _put(w, place, above, above_time)
        place = parent
    _put(w, place, slot, time)


@compiled
def schedule(w: Any, slot: Any, time: Any) -> None:
    """Put the event of `slot` at `time`, moving it if it is in the agenda."""
    w.slot.time[slot] = time
    w.slot.order[slot] = w.run.sequence[0]
    w.run.sequence[0] += 1
    place = w.slot.place[slot]
    if place < 0 and w.run.gap[0] == 1:
        w.run.gap[0] = 0
        _sink(w, 0, slot, time)
    elif place < 0:
        place = w.run.heap[0]
        w.run.heap[0] = place + 1
        _rise(w, place, slot, time)
    elif _rise(w, place, slot, time) == place:
        _sink(w, place, slot, time)


@inlined
def first(w: Any) -> Any:
    """The slot of the first event of the agenda, which is not empty."""
    if w.run.gap[0] == 1:
        w.run.gap[0] = 0
        count = w.run.heap[0] - 1
        w.run.heap[0] = count
        if count > 0:
            _sink(w, 0, w.heap[count], w.heap_time[count])
    return w.heap[0]


@inlined
def take_first(w: Any) -> Any:
    """Take the first event out of the agenda, which is not empty; returns its slot."""
    slot = first(w)
    w.slot.place[slot] = -1
    w.run.gap[0] = 1
    return slot


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
        last, time = w.heap[count], w.heap_time[count]
        if _rise(w, place, last, time) == place:
            _sink(w, place, last, time)
