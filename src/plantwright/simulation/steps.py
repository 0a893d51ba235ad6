"""Steps: what becomes of a lot whose operation is done, and which operation follows."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.carried import give_back
from plantwright.simulation.codes import AS_AFTER_IT, LOG_REWORKED
from plantwright.simulation.draws import compiled, inlined, seldom, uniform
from plantwright.simulation.joins import fork, look_ahead_all
from plantwright.simulation.log import note
from plantwright.simulation.lots import complete, leave, scrap
from plantwright.simulation.parts import split
from plantwright.simulation.quality import passes
from plantwright.simulation.stores import make
from plantwright.simulation.streams import BRANCH, REWORK, SHARE
from plantwright.simulation.times import TURNS


@inlined
def _chosen(w: Any, o: Any, count: Any) -> Any:
    """The operation to which a lot goes on from `o`, whether it needs that or not; -1 at the end. `count` is that of the lot's draws."""
    target = w.operation.following[o]
    if w.operation.branches[o] > 0:
        u = uniform(w.run.key[0], BRANCH, w.operation.key[o], count, 0)
        first = w.operation.first_branch[o]
        target = w.branch.operation[first + w.operation.branches[o] - 1]
        for b in range(first, first + w.operation.branches[o]):
            if u < w.branch.share[b]:
                target = w.branch.operation[b]
                break
    return target


@compiled
def first_needed(w: Any, target: Any, count: Any) -> Any:
    """The first operation from `target` on that a lot needs, optional ones left out by their share; -1 at the end."""
    while target >= 0:
        share = w.operation.share[target]
        if share >= 1.0 or uniform(w.run.key[0], SHARE, w.operation.key[target], count, 0) < share:
            return target
        behind = w.operation.behind[target]
        target = behind if behind != AS_AFTER_IT else _chosen(w, target, count)
    return target


@compiled
def step_after(w: Any, o: Any, count: Any) -> Any:
    """The operation that follows `o` for a lot; -1 at the end."""
    return first_needed(w, _chosen(w, o, count), count)


@seldom
def _next_on_route(w: Any, lot: Any) -> Any:
    """The operation that follows in the routing of the lot's own order; -1 at its end."""
    at = w.lot.route[lot]
    if w.route.last[at] == 1:
        return -1
    w.lot.route[lot] = at + 1
    return w.route.operation[at + 1]


@seldom
def was_at(w: Any, lot: Any, o: Any) -> Any:
    """The row of the routing of its own order at which a lot was at operation `o` last; -1 where it was not."""
    at = w.lot.route[lot]
    while w.route.operation[at] != o:
        at -= 1
        if at < 0 or w.route.last[at] == 1:
            return -1
    return at


@seldom
def back_to(w: Any, lot: Any, o: Any) -> None:
    """Send a lot back to operation `o`, in the routing of its own order to the last time that it was there."""
    w.lot.turn[lot] += 1
    w.lot.operation[lot] = o
    if w.lot.route[lot] >= 0 and was_at(w, lot, o) >= 0:
        w.lot.route[lot] = was_at(w, lot, o)


@seldom
def part_ways(w: Any, lot: Any, first: Any, count: Any) -> Any:
    """Fork a lot into the ways of rows `first` on of ``fork``, steps skipped by their share; returns the chain of its parts."""
    fork(w, lot, first, count)
    part = lot
    while part >= 0:
        o = w.lot.operation[part]
        draws = w.lot.serial[part] * TURNS + w.lot.turn[part]
        w.lot.operation[part] = first_needed(w, o, draws)
        part = w.lot.next[part]
    return lot


@compiled
def _next_step(w: Any, lot: Any, o: Any) -> Any:
    """Give a lot whose operation `o` is done its next one, and return it; -1 where it is finished."""
    if w.operation.forks[o] > 1 and w.lot.route[lot] < 0:
        return part_ways(w, lot, w.operation.first_fork[o], w.operation.forks[o])
    count = w.lot.serial[lot] * TURNS + w.lot.turn[lot]
    return _move_to(w, lot, o, _next_on_route(w, lot) if w.lot.route[lot] >= 0 else step_after(w, o, count))


@inlined
def _move_to(w: Any, lot: Any, o: Any, target: Any) -> Any:
    """Give a lot whose operation `o` is done `target` as its next, or what follows the last, and return it; -1 where it is finished."""
    if target < 0:
        target = w.product.last_operation[w.lot.product[lot]]
        if target < 0:
            complete(w, lot)
            return -1
    if target <= w.operation.main[o]:
        w.lot.turn[lot] += 1
    w.lot.operation[lot] = target
    return lot


@seldom
def _next_steps(w: Any, first: Any, o: Any) -> Any:
    """Do the same for each of a chain of lots, and chain those that go on; returns the first of them, or -1."""
    head = last = -1
    lot = first
    while lot >= 0:
        following = w.lot.next[lot]
        w.lot.next[lot] = -1
        onward = _next_step(w, lot, o)
        if last >= 0:
            w.lot.next[last] = onward
        else:
            head = onward
        while onward >= 0:
            last = onward
            onward = w.lot.next[onward]
        lot = following
    return head


@inlined
def just_goes_on(w: Any, lot: Any) -> Any:
    """Whether nothing becomes of a lot whose operation is done but that it goes on to the operation that always follows."""
    return w.operation.goes_on[w.lot.operation[lot]] == 1 and w.lot.route[lot] < 0


@inlined
def pass_on(w: Any, lot: Any) -> Any:
    """Let such a lot go on; returns it with its next operation, or -1 where it is finished."""
    o = w.lot.operation[lot]
    w.lot.next[lot] = -1
    w.lot.passes[lot] = 0
    w.lot.ahead[lot] = 0.0
    return _move_to(w, lot, o, w.operation.following[o])


@compiled
def go_on(w: Any, lot: Any) -> Any:
    """Let a lot whose operation is done go on; returns the lots that do, each with its next operation, chained in their order; -1 for none."""
    return look_ahead_all(w, _judge(w, lot))


@compiled
def _judge(w: Any, lot: Any) -> Any:
    """What becomes of a lot whose operation is done: scrap, rework, the next operation, or completion.

    Returns the lots that go on from here, each with its next operation, chained in their order; -1 for none.
    """
    if just_goes_on(w, lot):
        return pass_on(w, lot)
    o = w.lot.operation[lot]
    w.lot.next[lot] = -1
    w.lot.passes[lot] = 0
    w.lot.ahead[lot] = 0.0
    if w.operation.clock[o] >= 0:
        w.clocks[lot, w.operation.clock[o]] = w.run.now[0] + w.operation.within[o]
    if w.operation.judged[o] == 1 and not passes(w, lot):
        return -1
    if w.operation.rework[o] > 0.0:
        count = w.lot.serial[lot] * TURNS + w.lot.turn[lot]
        if uniform(w.run.key[0], REWORK, w.operation.key[o], count, 0) < w.operation.rework[o]:
            if w.reworks[lot, w.operation.rework_place[o]] < w.operation.rework_most[o]:
                w.reworks[lot, w.operation.rework_place[o]] += 1
                note(w, LOG_REWORKED, lot, -1, w.operation.rework_to[o], w.lot.pieces[lot])
                back_to(w, lot, w.operation.rework_to[o])
                w.lot.passes[lot] = 1
                return lot
            if w.operation.rework_scrap[o] == 1:
                scrap(w, lot, w.lot.pieces[lot])
                return -1
        w.reworks[lot, w.operation.rework_place[o]] = 0
    if w.operation.makes[o] == 1:
        make(w, lot)
        if w.lot.pieces[lot] <= 1e-9:
            leave(w, lot)
            return -1
    if w.operation.returns[o] == 1:
        give_back(w, lot, w.operation.main[o])
    if w.operation.split[o] <= 0.0:
        return _next_step(w, lot, o)
    split(w, lot, o)
    return _next_steps(w, lot, o)
