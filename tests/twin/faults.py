"""Faults that are planted in the engine's source, one at a time: the twin must find each.

A fault is a file, a piece of its source that stands there once, what is written instead, and the features of the plants in which
it can be seen.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.twin.faults_changes import OF_CHANGES
from tests.twin.faults_machines import OF_MACHINES


class Fault(NamedTuple):
    name: str
    file: str
    old: str
    new: str
    features: tuple[str, ...] = ()


FAULTS = (
    Fault("events of one instant go by the last scheduled", "agenda", "return (time, key) < (other_time, other_key)", "return (time, -key) < (other_time, -other_key)", ("order list", "pure delay")),
    Fault("one place too many", "queues", "return w.center.queue[c] < w.center.places[c] +", "return w.center.queue[c] <= w.center.places[c] +",
          ("a buffer of lots",)),
    Fault("the machine that was idle shortest is taken", "choosing", "    return w.center.idle_head[c]",
          "    return w.center.idle_tail[c]", ("several machines", "load")),
    Fault("work on the short way brings no failure nearer", "short", "age(w, m, w.run.now[0] - w.machine.resumed[m])", "age(w, m, 0.0)",
          ("failures by work",)),
    Fault("a finished lot comes in behind those outside", "jobs", "come_in(w, lot, False)", "come_in(w, lot, True)",
          ("a buffer of pieces", "pure delay", "split")),
    Fault("a batch does not wait", "starting", "return w.group.oldest[g] + w.center.batch_wait[c]", "return w.group.oldest[g]", ("batches",)),
    Fault("a batch of one lot too many", "starting", "return lots + 1 <= most", "return lots <= most",
          ("time by the batch",)),
    Fault("minor setups for the same product", "choosing", "w.machine.last_product[lead] != w.lot.product[lot]",
          "w.machine.last_product[lead] == w.lot.product[lot]", ("least setup",)),
    Fault("the slowest machine is chosen", "choosing", "cost = -w.machine.speed[m]", "cost = w.machine.speed[m]", ("unlike machines",)),
    Fault("a minimum run is one too long", "choosing", "] >= w.minimum_runs[", "] > w.minimum_runs[", ("minimum run", "setups")),
    Fault("a campaign is not cleaned after", "choosing", "time += draw(w, w.center.cleaning[c]", "time += 0.0 * draw(w, w.center.cleaning[c]",
          ("campaigns",)),
    Fault("inspections look at all pieces", "quality", "w.flaw.share[k] * w.operation.sample[o]", "w.flaw.share[k]",
          ("hidden defects", "sampling", "sampling")),
    Fault("one rework too many", "steps", "< w.operation.rework_most[o]", "<= w.operation.rework_most[o]", ("rework",)),
    Fault("rework has the luck of the first time", "steps", "    w.lot.turn[lot] += 1\n    w.lot.operation[lot] = o", "    w.lot.operation[lot] = o",
          ("rework",)),
    Fault("branches by the wrong shares", "steps", "if u < w.branch.share[b]:", "if u > w.branch.share[b]:", ("branches",)),
    Fault("tools are kept too long", "carried", "if o < 0 or w.carry.until[k] == o:", "if o < 0:", ("tools until a step", "conwip")),
    Fault("orders are placed late", "stores", "position > w.store.reorder_at[s] or", "position >= w.store.reorder_at[s] or", ("materials", "parts")),
    Fault("every order has the same luck", "stores", "w.store.key[s], w.lot.serial[order], 0)", "w.store.key[s], 0, 0)", ("materials",)),
    Fault("all pieces have the same luck", "times", "count, piece << 21)", "count, 0)", ("time by the piece",)),
    Fault("the smaller parts go first", "parts", "1.0 * math.ceil(left / parts - 1e-9)", "1.0 * max(1, math.floor(left / parts))", ("split",)),
    Fault("merged lots lose pieces", "parts", "w.lot.pieces[keeper] += w.lot.pieces[lot]", "w.lot.pieces[keeper] += 0.0", ("merge",)),
    Fault("who comes alone is there at once", "people", "w.machine.walk[m] = w.claim.walk[claim]", "w.machine.walk[m] = 0.0", ("walking",)),
    Fault("nobody tends a second machine", "people", "% w.need.tends[need] != 0", "% w.need.tends[need] < 0", ("tending",)),
    Fault("the versatile go first", "tables", "for _, i, there in sorted(known)", "for _, i, there in sorted(known, reverse=True)", ("staff",)),
    Fault("people leave for the phase that needs them", "people", "& keep) == 0:", "& keep) != 0:", ("staff", "load", "unload")),
    Fault("maintenance begins while others work", "stops", "and _all_empty(w, m):", "and True:", ("maintenance of a work center",)),
    Fault("machines warm up after short stops", "machines", "if away > w.machine.cold_after[m]:", "if away < w.machine.cold_after[m]:",
          ("start-up", "shifts")),
    Fault("setting up wears a machine", "jobs", "if w.machine.phase[m] != SETUP_PHASE:\n        age(", "if True:\n        age(",
          ("failures by work", "setups")),
    Fault("a restart goes on where it stopped", "stops", "w.machine.left[m] = phase_time(w, m, w.machine.phase[m])", "w.machine.left[m] = w.machine.left[m]",
          ("work restarts",)),
    Fault("the next failure counts what the last left over", "stops", "        w.mode.left[k] = every\n    elif", "        w.mode.left[k] += 2.0 * every\n    elif",
          ("failures by work",)),
    Fault("releases draw one interval twice", "engine", "w.release.stream[r], w.release.count[r], 0)", "w.release.stream[r], w.release.count[r] // 2, 0)",
          ("lost where full",)),
    Fault("who waits shortest is asked first", "waiting", "w.center.waiting_since[one], w.center.waiting_since[other]", "w.center.waiting_since[other], w.center.waiting_since[one]",
          ("staff", "shifts of people", "staff for setups")),
    Fault("one absent too few", "shifts", "while w.crew.busy[crew] > w.crew.count[crew]", "while w.crew.busy[crew] > w.crew.count[crew] + 1",
          ("absence",)),
    Fault("an area's failure spares the work in process", "stops", "w.machine.down[m] += 1\n", "w.machine.down[m] += 0\n", ("areas",)),
    Fault("a count forgets its pieces", "machines", "    w.machine.counted[m] = started\n", "    w.machine.counted[m] = 0.0\n",
          ("failures by count", "time by the piece")),
    Fault("the last part of a lot goes on", "joins", "w.lot.number[other] < w.lot.number[keeper]", "w.lot.number[other] > w.lot.number[keeper]",
          ("parts side by side",)),
    Fault("parts do not wait for those on their way", "joins", "w.reaches[at, w.operation.join_place[o]] == 1",
          "w.reaches[at, w.operation.join_place[o]] == 2", ("parts side by side",)),
    Fault("a joined lot has the defects of its best part", "joins", "max(w.defects[keeper, d], w.defects[part, d])",
          "min(w.defects[keeper, d], w.defects[part, d])", ("parts side by side", "hidden defects")),
    Fault("work behind a join weighs on a drum twice", "joins", "            forget_drums(w, lot)\n            return", "            break",
          ("drum and rope", "parts side by side")),
    Fault("late lots are given ten minutes", "limits", "until > 0.0 and w.run.now[0] > until:", "until > 0.0 and w.run.now[0] > until + 600.0:",
          ("queue times",)),
    Fault("of merged lots the clock that runs out last counts", "parts", "w.clocks[lot, k] < w.clocks[keeper, k]", "w.clocks[lot, k] > w.clocks[keeper, k]",
          ("queue times", "merge")),
    Fault("slack is added to", "queues", "w.lot.due[lot] - work_ahead(w, o, pieces)", "w.lot.due[lot] + work_ahead(w, o, pieces)",
          ("slack and critical ratio",)),
    Fault("the critical ratio is that of the arrival", "centers", "if w.center.moving[c] == 1 and", "if w.center.moving[c] == 2 and",
          ("slack and critical ratio",)),
    Fault("a user's rule takes the release for the arrival", "queues", "            w.lot.arrived[lot],\n            w.lot.released[lot],",
          "            w.lot.released[lot],\n            w.lot.released[lot],", ("a rule of a user's own",)),
    Fault("each turn is taken twice", "sequences", "w.turn.left[turn] -= 1.0\n    part", "w.turn.left[turn] -= 0.5\n    part", ("a given sequence",)),
    Fault("lots at the demand's rate start an interval late", "releases", "np.arange(math.ceil(lots)) * (total / lots)",
          "(np.arange(math.ceil(lots)) + 1) * (total / lots)", ("release at the demand's rate",)),
    Fault("a lot at the drum still weighs on it", "drums", "w.on_way.later_of_lot[row] +", "w.on_way.of_lot[row] +", ("drum and rope",)),
    Fault("rests of pieces are kept", "stores", "w.lot.pieces[lot] = math.floor(w.lot.pieces[lot] * (1.0 + 1e-9) + 1e-9)",
          "w.lot.pieces[lot] = 1.0 * math.ceil(w.lot.pieces[lot] - 1e-9)", ("changes of unit",)),
    Fault("a season comes a month late", "releases", "demand.season.get(MONTHS[date.month - 1], 1.0) for date",
          "demand.season.get(MONTHS[date.month - 2], 1.0) for date", ("release at the demand's rate", "a season")),
    *(Fault(*words) for words in (*OF_MACHINES, *OF_CHANGES)),
)  # fmt: skip
