"""The agenda: what happens next. An indexed heap over fixed slots, four below each; an event is moved or cancelled in place.

Ties go by kind of event (as `engine` numbers them: work that ends comes before a calendar that changes), then by the order
in which the events were scheduled: one number for both. Times and numbers stand in the heap itself, so that events are compared without
a look at their slots.

What happens mostly brings on something else. So the event that is taken leaves a gap at the top, which the next that is scheduled
fills: one way down the heap instead of two.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from plantwright.simulation.codes import CHILDREN as _CHILDREN
from plantwright.simulation.codes import KIND_SHIFT, PAST_END_KEY, PAST_END_TIME
from plantwright.simulation.draws import compiled, inlined
from plantwright.simulation.world import PLAIN

if PLAIN:

    def _goes_before(time: Any, key: Any, other_time: Any, other_key: Any) -> Any:
        """Whether one event goes before another."""
        return (time, key) < (other_time, other_key)

else:

    @intrinsic  # type: ignore[untyped-decorator]
    def _goes_before(context: Any, time: Any, key: Any, other_time: Any, other_key: Any) -> Any:
        """The same, as one comparison of integers of 128 bits: times and keys are not negative, and then their bits are in the same order."""

        def one_number(builder: Any, time: Any, key: Any) -> Any:
            high = builder.zext(builder.bitcast(time, ir.IntType(64)), ir.IntType(128))
            return builder.or_(builder.shl(high, high.type(64)), builder.zext(key, high.type))

        def compare(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            one, other = one_number(builder, *arguments[:2]), one_number(builder, *arguments[2:])
            return builder.icmp_unsigned("<", one, other)

        return types.boolean(types.float64, types.int64, types.float64, types.int64), compare


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


@inlined
def _earlier(w: Any, one: Any, other: Any) -> Any:
    """1 if the event at place `one` goes before that at place `other`, 0 if not."""
    return int(_goes_before(w.heap_time[one], w.heap_key[one], w.heap_time[other], w.heap_key[other]))


@inlined
def _earliest_below(w: Any, child: Any) -> Any:
    """The place of the earliest of the four events from place `child` on: reckoned, where a jump would be a guess."""
    one = child + _earlier(w, child + 1, child)
    other = child + 2 + _earlier(w, child + 3, child + 2)
    return one + (other - one) * _earlier(w, other, one)


@compiled
def _sink(w: Any, place: Any, slot: Any, time: Any, key: Any) -> None:
    """Put an event at `place` or below it, where it belongs."""
    _sink_here(w, place, slot, time, key)


@inlined
def _sink_here(w: Any, place: Any, slot: Any, time: Any, key: Any) -> None:
    """The same, compiled into where most events are scheduled."""
    count = w.run.heap[0]
    child = _CHILDREN * place + 1
    while child < count:
        first = _earliest_below(w, child)
        first_time, first_key = w.heap_time[first], w.heap_key[first]
        if _goes_before(time, key, first_time, first_key):
            break
        _put(w, place, w.heap[first], first_time, first_key)
        place = first
        child = _CHILDREN * place + 1
    _put(w, place, slot, time, key)


@inlined
def _leave_void(w: Any, place: Any) -> None:
    """Nothing is at this place, past the last event: it goes after all that is."""
    w.heap_time[place] = PAST_END_TIME
    w.heap_key[place] = PAST_END_KEY


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
        _sink_here(w, 0, slot, time, key)
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
        slot, time, key = w.heap[count], w.heap_time[count], w.heap_key[count]
        _leave_void(w, count)
        if count > 0:
            _sink(w, 0, slot, time, key)
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
    last, time, key = w.heap[count], w.heap_time[count], w.heap_key[count]
    _leave_void(w, count)
    if place < count and _rise(w, place, last, time, key) == place:
        _sink(w, place, last, time, key)
