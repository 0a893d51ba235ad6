"""Movers: vehicles that carry lots between work centers, one lot at a time, and drive empty to the next.

A lot on its way has its place at the work center where it goes, and counts as waiting there, but it cannot start. What it is
waiting for stands in ``lot.on_way``.
"""

from __future__ import annotations

from typing import Any

from plantwright.simulation.agenda import schedule
from plantwright.simulation.codes import LOG_VEHICLE_CAME, LOG_VEHICLE_LEFT
from plantwright.simulation.draws import compiled, seldom
from plantwright.simulation.log import note

# What a lot is doing between two work centers: nothing, it waits for a vehicle, one comes for it, it is carried, it goes
# through a shared buffer, it lies before it comes, it is brought by a mover of which there are always enough.
NOT_ON_WAY, WAITS_FOR_VEHICLE, FETCHED, CARRIED, IN_TRANSIT, DELAYED, BROUGHT = range(7)


@compiled
def book_mover(w: Any, k: Any) -> None:
    """Book the vehicles of mover `k` that are in use, and those that drive empty, up to now."""
    elapsed = w.run.now[0] - w.mover.since[k]
    w.mover.busy_area[k] += w.mover.busy[k] * elapsed
    w.mover.empty_area[k] += w.mover.empty[k] * elapsed
    w.mover.since[k] = w.run.now[0]


@compiled
def _travel(w: Any, k: Any, start: Any, end: Any) -> Any:
    """Seconds that a vehicle of mover `k` takes from one work center to another; -1 where no distance is given."""
    one, other = w.stop_of[k, start], w.stop_of[k, end]
    if one < 0 or other < 0:
        return -1.0
    return w.travel[w.mover.first_travel[k] + one * w.mover.stops[k] + other]


@compiled
def mover_for(w: Any, lot: Any, c: Any) -> Any:
    """The first mover that has a way for a lot, from where it is, to center `c`; -1 if it needs none."""
    here = w.lot.here[lot]
    if here >= 0 and here != c:
        first = w.center.first_mover_at[c]
        for i in range(first, first + w.center.fetched[c]):
            k = w.mover_at.mover[i]
            time = _travel(w, k, here, c)
            if time >= 0.0:
                return k if time > 0.0 else -1
    return -1


@compiled
def request(w: Any, lot: Any, k: Any) -> None:
    """A lot asks for a vehicle of mover `k`: the nearest that is free, or it waits behind those who wait."""
    nearest = -1
    least = 0.0
    for v in range(w.mover.first_vehicle[k], w.mover.first_vehicle[k] + w.mover.vehicles[k]):
        if w.vehicle.lot[v] < 0:
            time = max(0.0, _travel(w, k, w.vehicle.at[v], w.lot.here[lot]))
            if nearest < 0 or time < least:
                nearest, least = v, time
    if nearest >= 0:
        _send(w, k, nearest, lot)
        return
    w.lot.on_way[lot] = WAITS_FOR_VEHICLE
    w.lot.next[lot] = -1
    if w.mover.head[k] < 0:
        w.mover.head[k] = lot
    else:
        w.lot.next[w.mover.tail[k]] = lot
    w.mover.tail[k] = lot


@seldom
def look_at_movers(w: Any) -> None:
    """The plant has changed: vehicles that have come go to the lots that wait."""
    for k in range(w.run.movers[0]):
        for v in range(w.mover.first_vehicle[k], w.mover.first_vehicle[k] + w.mover.vehicles[k]):
            waiting = w.mover.head[k]
            if waiting >= 0 and w.vehicle.lot[v] < 0:
                w.mover.head[k] = w.lot.next[waiting]
                request(w, waiting, k)


@compiled
def _send(w: Any, k: Any, v: Any, lot: Any) -> None:
    """Vehicle `v` drives to where a lot is."""
    book_mover(w, k)
    w.mover.busy[k] += 1
    w.mover.empty[k] += 1
    w.vehicle.lot[v] = lot
    w.lot.vehicle[lot] = v
    w.lot.on_way[lot] = FETCHED
    time = max(0.0, _travel(w, k, w.vehicle.at[v], w.lot.here[lot]))
    if time > 0.0:
        schedule(w, w.run.first_slot_of_lots[0] + lot, w.run.now[0] + time)
    else:
        pick_up(w, lot)


@compiled
def pick_up(w: Any, lot: Any) -> None:
    """A lot's vehicle is there, and drives off with it."""
    v = w.lot.vehicle[lot]
    k = w.vehicle.mover[v]
    book_mover(w, k)
    w.mover.empty[k] -= 1
    w.lot.on_way[lot] = CARRIED
    note(w, LOG_VEHICLE_LEFT, lot, -1, k, w.lot.pieces[lot])
    time = _travel(w, k, w.lot.here[lot], w.operation.center[w.lot.operation[lot]])
    schedule(w, w.run.first_slot_of_lots[0] + lot, w.run.now[0] + time)


@compiled
def set_down(w: Any, lot: Any) -> None:
    """A lot is where it was carried; its vehicle goes to the lot that has waited longest."""
    v = w.lot.vehicle[lot]
    k = w.vehicle.mover[v]
    book_mover(w, k)
    w.mover.busy[k] -= 1
    c = w.operation.center[w.lot.operation[lot]]
    note(w, LOG_VEHICLE_CAME, lot, -1, k, w.lot.pieces[lot])
    w.lot.here[lot] = c
    w.lot.on_way[lot] = NOT_ON_WAY
    w.vehicle.at[v] = c
    w.vehicle.lot[v] = -1
    waiting = w.mover.head[k]
    if waiting >= 0:
        w.mover.head[k] = w.lot.next[waiting]
        _send(w, k, v, waiting)
