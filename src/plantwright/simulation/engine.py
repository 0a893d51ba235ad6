"""The event loop: what happens next, until nothing is left to happen now; then the next event.

Slots of the agenda: machine `m` has slot `m`; strikes, calendars, releases, batch timers, demand, records, the end of the
warm-up and of the run follow; lots on a pure delay have the last ones.
"""

from __future__ import annotations

from typing import Any

from plantwright.simulation.adapting import adapt
from plantwright.simulation.agenda import first, schedule, take_first
from plantwright.simulation.arrivals import (
    come_in_or_wait,
    on_way,
    put_at_start,
    release_here,
    release_lot,
    start_release,
)
from plantwright.simulation.asking import ask, is_asked, reorder, take_answer
from plantwright.simulation.books import close_books, forget_warmup, on_record
from plantwright.simulation.centers import admit, line_up, start_chosen, start_work
from plantwright.simulation.codes import (
    ABSENCE_EVENT,
    ASKED,
    CALENDAR_EVENT,
    CANCELLED,
    DELAY_EVENT,
    DELIVERY_EVENT,
    DEMAND_EVENT,
    END_EVENT,
    ENDLESS,
    EVERY,
    FINISHED,
    LOG_ENDED,
    LOG_FULL,
    LOG_STATE,
    MACHINE_EVENT,
    NEEDS_LOTS,
    OUTAGE_EVENT,
    PAUSE_EVENT,
    PAUSED,
    RECORD_EVENT,
    RELEASE_EVENT,
    STARVED,
    STRIKE_EVENT,
    TIMER_EVENT,
    WARM_EVENT,
)
from plantwright.simulation.draws import compiled, draw_from, inlined, seldom
from plantwright.simulation.jobs import on_machine_event
from plantwright.simulation.log import note
from plantwright.simulation.lots import short_of_rows
from plantwright.simulation.machines import make_idle
from plantwright.simulation.movers import NOT_ON_WAY
from plantwright.simulation.observing import look
from plantwright.simulation.pacing import index_if_ready, on_index, start_lines
from plantwright.simulation.people import count_free
from plantwright.simulation.queues import count_queue, mark_dirty, offer_lane
from plantwright.simulation.serving import serve
from plantwright.simulation.shifts import on_absence, on_calendar, schedule_absence, schedule_calendar, turn_calendar
from plantwright.simulation.short import end_short, ends_short, is_short, nobody_comes_in, start_short
from plantwright.simulation.steps import go_on
from plantwright.simulation.stops import begin_kept, start_clock, strike
from plantwright.simulation.stores import (
    await_outage,
    note_low,
    on_delivery,
    on_outage,
    place_order,
    set_level,
)
from plantwright.simulation.turns import pull

_POLL_EVERY = 1024
_MOST_AT_ONCE = 1_000_000
"""So many events at one instant, and time is taken to stand still."""


@seldom
def _begin(w: Any) -> None:
    """Put the first events into the agenda and all machines on the list of the idle."""
    w.run.begun[0] = 1
    for crew in range(w.run.crews[0]):
        count_free(w, crew)
    for m in range(w.run.machines[0]):
        w.machine.on[m] = w.calendar.on[w.center.calendar[w.machine.center[m]]]
        make_idle(w, m)
        if w.machine.state[m] == STARVED and w.machine.lead[m] == m:
            note(w, LOG_STATE, -1, m, STARVED, 0.0)
    for q in range(w.run.machines[0], w.run.machines[0] + w.run.keepers[0]):
        if w.machine.open_always[q] == 0:
            w.machine.on[q] = w.calendar.on[w.center.calendar[w.machine.center[q]]]
    for k in range(w.run.modes[0]):
        start_clock(w, k)
    for c in range(w.run.calendars[0]):
        schedule_calendar(w, c)
    for a in range(w.run.absences[0]):
        schedule_absence(w, a)
    start_lines(w)
    put_at_start(w)
    for s in range(w.run.stores[0]):
        note_low(w, s)
    for s in range(w.run.suppliers[0]):
        await_outage(w, s)
    for r in range(w.run.releases[0]):
        start_release(w, r)
    w.run.pull[0] = 1
    if w.run.days[0] > 0:
        schedule(w, w.run.slot_demand[0], w.day.time[0])
    if w.run.bucket[0] > 0.0:
        schedule(w, w.run.slot_record[0], w.run.bucket[0])
    if w.run.warmup[0] > 0.0:
        schedule(w, w.run.slot_warm[0], w.run.warmup[0])


@compiled
def _set_end(w: Any) -> None:
    """Put the end of the run into the agenda, or before it the instant at which the run is to come back."""
    slot = w.run.slot_end[0]
    order = w.run.sequence[0]
    if w.run.stop[0] <= w.run.end[0]:
        w.slot.kind[slot] = PAUSE_EVENT
        schedule(w, slot, w.run.stop[0])
    else:
        w.slot.kind[slot] = END_EVENT
        schedule(w, slot, w.run.end[0])
    w.run.sequence[0] = order  # a run that is stopped on its way numbers its events like one that is not


@compiled
def _on_release(w: Any, r: Any) -> None:
    now = w.run.now[0]
    if w.release.rule[r] == EVERY:
        release_here(w, r, w.release.pieces[r], now + w.release.due[r], w.release.priority[r], -1)
        if w.release.count[r] < w.release.most[r]:
            every = draw_from(w, w.release.every[r], w.release.stream[r], w.release.count[r], 0)
            schedule(w, w.release.slot[r], now + every)
        return
    order = w.release.first_order[r] + w.release.cursor[r]
    release_lot(w, r, w.order.pieces[order], w.order.due[order], w.order.priority[order], order)
    w.release.cursor[r] += 1
    if w.release.cursor[r] < w.release.orders[r]:
        schedule(w, w.release.slot[r], w.order.time[order + 1])


@seldom
def _on_delay(w: Any, lot: Any) -> None:
    """A lot leaves a pure delay."""
    count_queue(w, w.operation.center[w.lot.operation[lot]], -1, -w.lot.pieces[lot])
    note(w, LOG_ENDED, lot, -1, -1, w.lot.pieces[lot])
    w.run.job_gives[0] = 1
    come_in_or_wait(w, go_on(w, lot))


@seldom
def _on_demand(w: Any) -> None:
    """The end of a day: customers take what they asked for, as far as stock goes."""
    day = w.run.day[0]
    for p in range(w.run.products[0]):
        if w.product.demand_rule[p] == 0 or (w.product.demand_rule[p] == 2 and w.day.working[day] == 0):
            continue
        asked = w.product.demand[p] * w.season[p, w.day.month[day]] + w.product.backlog[p]
        sold = min(asked, w.store.level[p])
        set_level(w, p, w.store.level[p] - sold)
        w.product.sold[p] += sold
        if w.product.backlogged[p] == 1:
            w.product.backlog[p] = asked - sold
    w.run.day[0] = day + 1
    if day + 1 < w.run.days[0]:
        schedule(w, w.run.slot_demand[0], w.day.time[day + 1])


@inlined
def _take_dirty(w: Any, c: Any) -> None:
    """Center `c` is the first of those at which something has changed; it is looked at now."""
    w.run.dirty_head[0] = w.center.next_dirty[c]
    w.center.dirty[c] = 0


@compiled
def _start_short(w: Any, c: Any) -> None:
    """Start what can be started at a short center that somebody has come in to."""
    start_short(w, c)


@compiled
def _settle(w: Any) -> None:
    """Do all that can be done at this instant; it stops early where there is no room for another lot, or in the log, or the caller is asked."""
    while True:
        c = w.run.dirty_head[0]
        if w.run.low_head[0] < 0 and (w.run.kept[0] | w.run.pull[0]) == 0:
            if c < 0:
                if w.run.serve[0] == 0:
                    return
            elif is_short(w, c) and nobody_comes_in(w, c) and w.run.logged[0] < w.run.log_limit[0]:
                _take_dirty(w, c)
                start_short(w, c)
                continue
        if short_of_rows(w) or w.run.logged[0] >= w.run.log_limit[0]:
            return
        if w.run.low_head[0] >= 0:
            place_order(w)
        elif w.run.kept[0] == 1:
            begin_kept(w)
        elif w.run.pull[0] == 1:
            pull(w)
        elif c >= 0:
            _take_dirty(w, c)
            admit(w, c)
            if w.center.lane[c] >= 0:
                offer_lane(w, c)
            if w.center.line[c] >= 0 and index_if_ready(w, w.center.line[c]):
                continue
            if w.run.pull[0] == 1:
                # What finds a place now may fill a batch that starts now.
                pull(w)
                if w.run.pull[0] == 1:
                    mark_dirty(w, c)
                    continue
            if is_short(w, c):
                _start_short(w, c)
                continue
            if w.center.put_to_caller[c] == 1 and is_asked(w, c):
                ask(w, c)
                return
            if w.center.asks[c] == 1:
                line_up(w, c)
            elif w.center.chosen[c] >= 0:
                start_chosen(w, c)
            elif w.center.idle_head[c] >= 0 or w.center.waits[c] == 1:
                start_work(w, c, 0, False)
        else:
            serve(w)


@inlined
def _happen(w: Any, kind: Any, entity: Any) -> None:
    if kind == MACHINE_EVENT:
        if ends_short(w, entity):
            end_short(w, entity)
        else:
            on_machine_event(w, entity)
    elif kind == RELEASE_EVENT:
        _on_release(w, entity)
    elif kind == STRIKE_EVENT:
        strike(w, entity)
    elif kind == CALENDAR_EVENT:
        turn_calendar(w, entity)
    elif kind == ABSENCE_EVENT:
        on_absence(w, entity)
    elif kind == DELAY_EVENT:
        if w.lot.on_way[entity] != NOT_ON_WAY:
            on_way(w, entity)
        else:
            _on_delay(w, entity)
    elif kind == DELIVERY_EVENT:
        on_delivery(w, entity)
    elif kind == OUTAGE_EVENT:
        on_outage(w, entity)
    elif kind == TIMER_EVENT and entity >= 0:
        mark_dirty(w, entity)
    elif kind == TIMER_EVENT:
        on_index(w, -1 - entity)
    elif kind == DEMAND_EVENT:
        _on_demand(w)
    elif kind == RECORD_EVENT:
        on_record(w)
    elif kind == WARM_EVENT:
        forget_warmup(w)


@seldom
def _same_instant(w: Any, kind: Any) -> Any:
    """Whether the next event is one of that kind, and now."""
    slot = first(w)
    return w.slot.kind[slot] == kind and w.slot.time[slot] == w.run.now[0]


@seldom
def _change_shifts(w: Any) -> None:
    """A calendar has turned: so do all others that turn now, and then what follows from each.

    Shifts that begin or end at one instant do so together: nobody is given out before all who wait are there, or to a shift
    that is over.
    """
    while _same_instant(w, CALENDAR_EVENT):
        slot = take_first(w)
        w.run.events[0] += 1
        turn_calendar(w, w.slot.entity[slot])
    for calendar in range(w.run.calendars[0]):
        if w.calendar.turned[calendar] == 1:
            on_calendar(w, calendar)


@seldom
def _time_stands_still(w: Any) -> Any:
    """Whether more happens at this instant than ever can in a plant in which all that goes round takes time."""
    if w.run.now[0] != w.run.looked_at[0]:
        w.run.looked_at[0] = w.run.now[0]
        w.run.looks[0] = 0
    w.run.looks[0] += 1
    return w.run.looks[0] * _POLL_EVERY > _MOST_AT_ONCE


@compiled
def loop(w: Any) -> Any:
    """Run a world until it is over, or the caller must do something first; returns which, as `codes` numbers it."""
    if w.run.look[0] == 1:
        look(w)
        return PAUSED
    if w.run.begun[0] == 0:
        _begin(w)
    end = w.run.slot_end[0]
    if w.run.changed[0] == 1:
        adapt(w)
    if w.run.reordered[0] == 1:
        reorder(w)
    if w.run.question[0] > 0:
        take_answer(w)
    _set_end(w)
    polls = 0
    while True:
        _settle(w)
        if w.run.question[0] > 0:
            look(w)
            return ASKED
        if w.run.free_lots[0] < w.run.lot_margin[0] or w.run.free_carries[0] < w.run.carry_margin[0]:
            return NEEDS_LOTS
        if w.run.logged[0] >= w.run.log_limit[0]:
            return LOG_FULL
        polls += 1
        if polls >= _POLL_EVERY:
            polls = 0
            if w.cancel[0] != 0:
                return CANCELLED
            if _time_stands_still(w):
                return ENDLESS
        slot = first(w)
        w.run.now[0] = w.heap_time[0]
        if slot == end:
            if w.slot.kind[slot] == PAUSE_EVENT:
                if w.run.watched[0] > 0:
                    look(w)
                return PAUSED
            close_books(w)
            return FINISHED
        w.run.events[0] += 1
        take_first(w)
        _happen(w, w.slot.kind[slot], w.slot.entity[slot])
        if w.slot.kind[slot] == CALENDAR_EVENT:
            _change_shifts(w)
