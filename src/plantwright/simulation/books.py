"""The books of a run: sums over time that are closed at its end, forgotten at the end of the warm-up, and noted at that of each bucket."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.agenda import schedule
from plantwright.simulation.codes import STATE_COUNT
from plantwright.simulation.draws import seldom
from plantwright.simulation.movers import book_mover
from plantwright.simulation.queues import count_delayed
from plantwright.simulation.states import is_there
from plantwright.simulation.stores import book_level
from plantwright.simulation.tallies import forget_tallies


@seldom
def close_books(w: Any) -> None:
    """Book all time up to now, so that sums over time are complete."""
    now = w.run.now[0]
    for m in range(w.run.machines[0]):
        if w.machine.lead[m] == m and is_there(w, m):
            w.state_time[m, w.machine.state[m]] += now - w.machine.since[m]
            w.machine.since[m] = now
    for c in range(w.run.centers[0]):
        w.center.queue_area[c] += w.center.queue[c] * (now - w.center.queue_since[c])
        w.center.queue_since[c] = now
        count_delayed(w, c, 0)
    for p in range(w.run.products[0]):
        w.product.wip_area[p] += w.product.wip[p] * (now - w.product.wip_since[p])
        w.product.wip_since[p] = now
    for q in range(w.run.crews[0]):
        w.crew.busy_area[q] += w.crew.busy[q] * (now - w.crew.since[q])
        w.crew.since[q] = now
    for s in range(w.run.stores[0]):
        book_level(w, s)
    for k in range(w.run.movers[0]):
        book_mover(w, k)
    w.run.wip_area[0] += w.run.wip[0] * (now - w.run.wip_since[0])
    w.run.wip_since[0] = now


@seldom
def forget_warmup(w: Any) -> None:
    """Set all sums to zero: what is counted begins now."""
    if w.run.now[0] >= w.run.end[0]:
        return
    close_books(w)
    forget_tallies(w)
    for m in range(w.run.machines[0]):
        for state in range(STATE_COUNT):
            w.state_time[m, state] = 0.0
    for c in range(w.run.centers[0]):
        w.center.queue_area[c] = 0.0
        w.center.delay_area[c] = 0.0
        w.center.setups[c] = 0
    for p in range(w.run.products[0]):
        w.product.released_lots[p] = 0
        w.product.scrapped_pieces[p] = 0.0
        w.product.escaped_pieces[p] = 0.0
        w.product.timed_queues[p] = 0
        w.product.late_queues[p] = 0
        w.product.started_pieces[p] = 0.0
        w.product.lost_lots[p] = 0
        w.product.sold[p] = 0.0
        w.product.wip_area[p] = 0.0
    for q in range(w.run.crews[0]):
        w.crew.busy_area[q] = 0.0
    for k in range(w.run.movers[0]):
        w.mover.busy_area[k] = 0.0
        w.mover.empty_area[k] = 0.0
    for s in range(w.run.stores[0]):
        w.store.area[s] = 0.0
        w.store.short_time[s] = 0.0
        w.store.taken[s] = 0.0


@seldom
def on_record(w: Any) -> None:
    """The end of a bucket of time: note the sums so far."""
    now = w.run.now[0]
    w.run.wip_area[0] += w.run.wip[0] * (now - w.run.wip_since[0])
    w.run.wip_since[0] = now
    b = w.run.buckets[0]
    w.record.wip_area[b] = w.run.wip_area[0]
    w.record.done[b] = w.run.done[0]
    w.record.done_time[b] = w.run.done_time[0]
    w.record.time[b] = now
    w.run.buckets[0] = b + 1
    if b + 1 < w.run.most_buckets[0]:
        schedule(w, w.run.slot_record[0], now + w.run.bucket[0])
