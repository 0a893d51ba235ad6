"""The agenda: what happens next. An indexed heap over fixed slots, four below each; an event is moved or cancelled in place.

Ties go by kind of event (as `engine` numbers them: work that ends comes before a calendar that changes), then by the order
in which the events were scheduled: one number for both. Times and numbers stand in the heap itself, so that events are compared without
a look at their slots.

What happens mostly brings on something else. So the event that is taken leaves a gap at the top, which the next that is scheduled
fills: one way down the heap instead of two.
"""

from __future__ import annotations

from typing import Any

from plantwright.simulation.draws import compiled, inlined


KIND_SHIFT = 48
"""The number by which events of one instant go has the kind of the event from this bit on, and below it the order of scheduling."""
_CHILDREN = 4


@inlined
def _goes_before(time: Any, key: Any, other_time: Any, other_key: Any) -> Any:
    """Whether one event goes before another; without a jump, which a processor could not foresee."""
    return (time < other_time) | ((time == other_time) & (key < other_key))


@inlined
def _put(w: Any, place: Any, slot: Any, time: Any, key: Any) -> None:
    w.heap[place] = slot
    w.heap_time[place] = time
    w.heap_key[place] = key
    w.slot.place[slot] = place


@compiled
def _rise(w: Any, place: Any, slot: Any, time: Any, key: Any) -> Any:
    """Put an event at `place` or above it, where it belongs, but in no gap; returns where."""
    top = _CHILDREN * w.run.gap[0]
    while place > top:
        parent = (place - 1) // _CHILDREN
        above_time, above_key = w.heap_time[parent], w.heap_key[parent]
        if _goes_before(above_time, above_key, time, key):
            break
        _put(w, place, w.heap[parent], above_time, above_key)
        place = parent
    _put(w, place, slot, time, key)
    return place


@compiled
def _sink(w: Any, place: Any, slot: Any, time: Any, key: Any) -> None:
    """Put an event at `place` or below it, where it belongs."""
    count = w.run.heap[0]
    while True:
        child = _CHILDREN * place + 1
        if child >= count:
            break
        first, first_time, first_key = child, w.heap_time[child], w.heap_key[child]
        for other in range(child + 1, min(child + _CHILDREN, count)):
            other_time, other_key = w.heap_time[other], w.heap_key[other]
            if _goes_before(other_time, other_key, first_time, first_key):
                first, first_time, first_key = other, other_time, other_key
        if _goes_before(time, key, first_time, first_key):
            break
        _put(w, place, w.heap[first], first_time, first_key)
        place = first
    _put(w, place, slot, time, key)


@compiled
def schedule(w: Any, slot: Any, time: Any) -> None:
    """Put the event of `slot` at `time`, moving it if it is in the agenda."""
    order = w.run.sequence[0]
    w.run.sequence[0] = order + 1
    key = (w.slot.kind[slot] << KIND_SHIFT) | order
    w.slot.time[slot] = time
    w.slot.key[slot] = key
    place = w.slot.place[slot]
    if place < 0 and w.run.gap[0] == 1:
        w.run.gap[0] = 0
        _sink(w, 0, slot, time, key)
    elif place < 0:
        place = w.run.heap[0]
        w.run.heap[0] = place + 1
        _rise(w, place, slot, time, key)
    elif _rise(w, place, slot, time, key) == place:
        _sink(w, place, slot, time, key)


@inlined
def first(w: Any) -> Any:
    """The slot of the first event of the agenda, which is not empty."""
    if w.run.gap[0] == 1:
        w.run.gap[0] = 0
        count = w.run.heap[0] - 1
        w.run.heap[0] = count
        if count > 0:
            _sink(w, 0, w.heap[count], w.heap_time[count], w.heap_key[count])
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
        last, time, key = w.heap[count], w.heap_time[count], w.heap_key[count]
        if _rise(w, place, last, time, key) == place:
            _sink(w, place, last, time, key)
