"""Arrivals: how lots come to their operations, from a release, a machine or a delay."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.agenda import schedule
from plantwright.simulation.cards import cards_for, give_cards_back
from plantwright.simulation.carried import carry_at_start
from plantwright.simulation.codes import (
    BY_ORDERS,
    EVERY,
    LOG_LOST,
    LOG_QUEUED,
    LOG_RELEASED,
    LOG_STARTED,
    OUTSIDE_LINE,
    PER_LOT,
)
from plantwright.simulation.draws import compiled, draw, draw_from, inlined, seldom
from plantwright.simulation.drums import come_nearer, reach_drums
from plantwright.simulation.joins import look_ahead_all, meet
from plantwright.simulation.log import note
from plantwright.simulation.lots import complete, meet_limits, new_lot
from plantwright.simulation.movers import (
    BROUGHT,
    CARRIED,
    DELAYED,
    FETCHED,
    IN_TRANSIT,
    NOT_ON_WAY,
    mover_for,
    pick_up,
    request,
    set_down,
)
from plantwright.simulation.parts import carried_rows, expect_parts, parts_of
from plantwright.simulation.queues import (
    choice_row,
    count_delayed,
    count_queue,
    enqueue,
    has_place,
    has_room,
    join_queue,
    stand,
    wait_to_come_in,
)
from plantwright.simulation.sequences import miss_turns, pass_unborn
from plantwright.simulation.steps import first_needed, part_ways
from plantwright.simulation.stores import take_wanted, want
from plantwright.simulation.streams import DELAY, LOAD, TIME, UNLOAD, WAY
from plantwright.simulation.times import TURNS, open_after, work_time


@seldom
def delay(w: Any, lot: Any) -> None:
    """Let a lot spend its operation's time at a work center of unlimited machines."""
    o = w.lot.operation[lot]
    now = w.run.now[0]
    count_queue(w, w.operation.center[o], 1, w.lot.pieces[lot])
    w.lot.arrived[lot] = now
    w.lot.here[lot] = w.operation.center[o]
    if w.run.drums[0] > 0:
        reach_drums(w, lot)
    note(w, LOG_QUEUED, lot, -1, -1, w.lot.pieces[lot])
    if w.operation.limits[o] > 0:
        meet_limits(w, lot)
    note(w, LOG_STARTED, lot, -1, -1, w.lot.pieces[lot])
    if w.operation.takes[o] > 0:
        want(w, w.operation.first_take[o], w.operation.takes[o], 1.0, w.lot.pieces[lot], 1.0)
        take_wanted(w, lot, -1)
    if w.operation.makes_lots[o] == 1:
        expect_parts(w, parts_of(w, lot), parts_of(w, lot) * (1 + carried_rows(w, lot)))
    run = work_time(w, w.operation.time[o], w.operation.time_per[o], TIME, lot)
    load = work_time(w, w.operation.load[o], w.operation.load_per[o], LOAD, lot)
    unload = work_time(w, w.operation.unload[o], w.operation.unload_per[o], UNLOAD, lot)
    c = w.operation.center[o]
    w.center.joules[c] += (
        w.center.run_watts[c] * run + w.center.load_watts[c] * load + w.center.unload_watts[c] * unload
    )
    schedule(w, w.run.first_slot_of_lots[0] + lot, open_after(w, w.center.calendar[c], now, run + load + unload))


@seldom
def wait_outside(w: Any, lot: Any) -> None:
    """Let a lot that finds no place wait outside its center, behind those who wait there."""
    wait_to_come_in(w, lot, OUTSIDE_LINE, -1)


@compiled
def is_open_to(w: Any, c: Any, pieces: Any, behind: Any) -> Any:
    """Whether a lot of so many pieces may come to center `c` now: nobody is overtaken, where `behind` is true also not who waits outside."""
    if w.center.machines[c] < 0:
        return True
    return has_room(w, c, pieces) and w.center.blocked_head[c] < 0 and (not behind or w.center.outside_head[c] < 0)


@compiled
def way_in(w: Any, o: Any, pieces: Any, behind: Any) -> Any:
    """The row of the first alternative of operation `o` whose center is open to so many pieces, or -1; `behind` as `is_open_to` takes it."""
    for k in range(w.operation.choices[o]):
        row = choice_row(w, o, k)
        if is_open_to(w, w.operation.center[row], pieces, behind):
            return row
    return -1


@compiled
def arrive(w: Any, lot: Any) -> None:
    """A lot goes where it has its place: into a queue, onto a pure delay or into finished stock, by a vehicle if it needs one."""
    c = w.operation.center[w.lot.operation[lot]]
    if w.center.fetched[c] > 0:
        k = mover_for(w, lot, c)
        if k >= 0:
            if w.center.machines[c] >= 0:
                stand(w, lot)
            request(w, lot, k)
            return
    if w.center.reached[c] == 1 and _is_brought(w, lot, c):
        return
    if w.center.machines[c] < 0:
        delay(w, lot)
    elif w.center.stock[c] == 1:
        complete(w, lot)
    elif w.center.transit[c] > 0.0:
        stand(w, lot)
        _go_through(w, lot, c)
    else:
        enqueue(w, lot)


@compiled
def _is_brought(w: Any, lot: Any, c: Any) -> Any:
    """Let a lot be brought to center `c` from where it is, if that takes time."""
    here = w.lot.here[lot]
    which = w.way_of[w.center.location[here], w.center.location[c]] if here >= 0 else -1
    if which < 0:
        return False
    if w.center.machines[c] >= 0:
        stand(w, lot)
    w.lot.on_way[lot] = BROUGHT
    count = w.lot.serial[lot] * TURNS + w.lot.turn[lot]
    time = draw(w, which, WAY, w.operation.key[w.lot.operation[lot]], count, 0)
    schedule(w, w.run.first_slot_of_lots[0] + lot, w.run.now[0] + time)
    return True


@seldom
def _go_through(w: Any, lot: Any, c: Any) -> None:
    """A lot goes through the shared buffer before center `c`."""
    w.lot.on_way[lot] = IN_TRANSIT
    schedule(w, w.run.first_slot_of_lots[0] + lot, w.run.now[0] + w.center.transit[c])


@compiled
def on_way(w: Any, lot: Any) -> None:
    """Something of a lot's way is over: it has lain long enough, its vehicle is there, it has been carried, or it is through a shared buffer."""
    if w.lot.on_way[lot] == FETCHED:
        pick_up(w, lot)
        return
    if w.lot.on_way[lot] == DELAYED:
        w.lot.on_way[lot] = NOT_ON_WAY
        count_delayed(w, w.operation.center[w.lot.operation[lot]], -1)
        if not _find_place(w, lot, True):
            wait_outside(w, lot)
        return
    c = w.operation.center[w.lot.operation[lot]]
    carried = w.lot.on_way[lot] == CARRIED
    if carried:
        set_down(w, lot)
    elif w.lot.on_way[lot] == BROUGHT:
        carried = True
        w.lot.here[lot] = c
    w.lot.on_way[lot] = NOT_ON_WAY
    if w.center.machines[c] < 0:
        delay(w, lot)
    elif carried and w.center.transit[c] > 0.0:
        _go_through(w, lot, c)
    else:
        w.center.coming[c] -= 1
        join_queue(w, lot)


@inlined
def line_up_at_once(w: Any, lot: Any, behind: Any) -> Any:
    """Let a lot come to the one center that can do its operation, where it lines up at once; returns whether there is room."""
    c = w.operation.center[w.lot.operation[lot]]
    if w.center.places[c] >= 0.0 and not has_place(w, c):
        return False
    if w.center.blocked_head[c] >= 0 or (behind and w.center.outside_head[c] >= 0):
        return False
    enqueue(w, lot)
    return True


@compiled
def come_in(w: Any, lot: Any, behind: Any) -> Any:
    """Let a lot come to its operation, if there is room; `behind` as `is_open_to` takes it. Returns whether it did.

    Where lots wait for others, there is room for all beside the buffer; the one that goes on waits there for its place.
    """
    if w.operation.lines_up[w.lot.operation[lot]] == 1:
        return line_up_at_once(w, lot, behind)
    if w.operation.gathers[w.lot.operation[lot]] == 0 or w.lot.passes[lot] == 1:
        return _come_in(w, lot, behind)
    lot = meet(w, lot)
    if lot >= 0 and not _come_in(w, lot, True):
        wait_outside(w, lot)
    return True


@seldom
def come_in_or_wait(w: Any, first: Any) -> None:
    """Let lots of a chain come to their operations, in their order; those without a place wait outside."""
    lot = first
    while lot >= 0:
        following = w.lot.next[lot]
        if not come_in(w, lot, True):
            wait_outside(w, lot)
        lot = following


@compiled
def _come_in(w: Any, lot: Any, behind: Any) -> Any:
    """The same where it waits for no others. A lot from another step may lie before it comes: then it is off, and takes no place so far."""
    o = w.lot.operation[lot]
    if w.operation.delay[o] >= 0 and w.lot.here[lot] >= 0 and w.lot.released[lot] < w.run.now[0]:
        w.lot.on_way[lot] = DELAYED
        count_delayed(w, w.operation.center[o], 1)
        lies = work_time(w, w.operation.delay[o], PER_LOT, DELAY, lot)
        hours = w.center.delay_calendar[w.operation.center[o]]
        schedule(w, w.run.first_slot_of_lots[0] + lot, open_after(w, hours, w.run.now[0], lies))
        return True
    return _find_place(w, lot, behind)


@compiled
def _find_place(w: Any, lot: Any, behind: Any) -> Any:
    row = way_in(w, w.lot.operation[lot], w.lot.pieces[lot], behind)
    if row < 0:
        return False
    w.lot.operation[lot] = row
    arrive(w, lot)
    return True


@seldom
def start_release(w: Any, r: Any) -> None:
    """Put the next lot of release `r` into the agenda, where it goes by the clock."""
    if w.release.rule[r] == BY_ORDERS and w.release.cursor[r] < w.release.orders[r]:
        schedule(w, w.release.slot[r], w.order.time[w.release.first_order[r] + w.release.cursor[r]])
    elif w.release.rule[r] == EVERY and w.release.count[r] < w.release.most[r]:
        every = draw_from(w, w.release.every[r], w.release.stream[r], w.release.count[r], 0)
        if w.release.first[r] >= 0.0:
            every = w.release.first[r]
        schedule(w, w.release.slot[r], w.run.now[0] + every)


@compiled
def release_lot(w: Any, r: Any, pieces: Any, due: Any, priority: Any, order: Any) -> None:
    """Start a lot by release rule `r`, as `release_here` does."""
    release_here(w, r, pieces, due, priority, order)


@inlined
def release_here(w: Any, r: Any, pieces: Any, due: Any, priority: Any, order: Any) -> None:
    """Start a lot by release rule `r`, by the own routing of its order (-1: none) if that has one; where no place is free it waits
    outside, or is lost if the rule says so.
    """
    route = w.order.route[order] if order >= 0 else -1
    p = w.release.product[r]
    serial = w.product.made[p]
    w.product.made[p] = serial + 1
    w.release.count[r] += 1
    o = w.release.operation[r]
    if route >= 0:
        o = w.route.operation[route]
    elif w.operation.share[o] < 1.0 and w.product.starts[p] <= 1:
        o = first_needed(w, o, serial * TURNS)
        if o < 0:
            pass_unborn(w, order, p)
            give_cards_back(w, r, cards_for(w, r, pieces))
            return
    w.product.released_lots[p] += 1
    if w.release.lost[r] == 1 and way_in(w, o, pieces, True) < 0:
        w.product.lost_lots[p] += 1
        note(w, LOG_LOST, -1, -1, p, pieces)
        pass_unborn(w, order, p)
        give_cards_back(w, r, cards_for(w, r, pieces))
        return
    w.product.started_pieces[p] += pieces
    lot = new_lot(w, p, r, o, pieces)
    w.lot.due[lot] = due
    w.lot.priority[lot] = priority
    w.lot.serial[lot] = serial
    w.lot.route[lot] = route
    if order >= 0:
        w.lot.sequenced[lot] = w.order.sequenced[order]
        if w.run.turns[0] > 0 and route >= 0:
            miss_turns(w, lot, route)
    note(w, LOG_RELEASED, lot, -1, -1, pieces)
    if w.run.drums[0] > 0:
        come_nearer(w, lot)
    if route < 0 and w.product.starts[p] > 1:
        come_in_or_wait(w, look_ahead_all(w, part_ways(w, lot, w.product.first_start[p], w.product.starts[p])))
    elif not come_in(w, lot, True):
        wait_outside(w, lot)


@seldom
def put_at_start(w: Any) -> None:
    """Put the lots that stand at their steps when the run begins before them, place or no place; those of a loop have its cards."""
    for i in range(w.run.initials[0]):
        p = w.initial.product[i]
        r = w.initial.release[i]
        lot = new_lot(w, p, r, w.initial.operation[i], w.initial.pieces[i])
        w.lot.due[lot] = w.initial.due[i]
        w.lot.priority[lot] = w.initial.priority[i]
        w.lot.serial[lot] = w.product.made[p]
        w.product.made[p] += 1
        w.lot.at_start[lot] = 1
        if r >= 0:
            w.loop.cards[w.release.loop[r]] -= w.lot.cards[lot]
        carry_at_start(w, lot)
        if w.operation.gathers[w.lot.operation[lot]] == 1:
            lot = meet(w, lot)
            if lot < 0:
                continue
        if w.center.machines[w.operation.center[w.lot.operation[lot]]] < 0:
            delay(w, lot)
        else:
            enqueue(w, lot)
