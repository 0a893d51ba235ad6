"""Machines with several places: jobs side by side, whose runs begin and end in the order in which they came in.

Each place is a row of ``machine``; the first of a machine leads, and the others point to it. What stops the machine is a keeper that
stops all its places together.
"""

from __future__ import annotations

import math
from typing import Any

from plantwright.simulation.codes import IN_PROCESS, NOT_YET_ENDED, NOT_YET_RUN, RUN_PHASE
from plantwright.simulation.draws import seldom
from plantwright.simulation.machines import SOON, pause, proceed


@seldom
def _runs(w: Any, lead: Any, turn: Any) -> Any:
    """The place where the job of a turn runs, or -1."""
    for m in range(lead, lead + w.machine.beside[lead]):
        its_turn = w.machine.job[m] == IN_PROCESS and w.machine.turn[m] == turn
        if its_turn and w.machine.phase[m] == RUN_PHASE and w.machine.waits[m] == 0:
            return m
    return -1


@seldom
def _until_gate(w: Any, m: Any) -> Any:
    """How long the run of the job at place `m` must wait: 0 not at all, infinity until the run ahead is over, or while it rests."""
    lead = w.machine.lead[m]
    if w.machine.next_run[lead] != w.machine.turn[m]:
        return math.inf
    ahead = _runs(w, lead, w.machine.turn[m] - 1)
    if ahead < 0:
        return 0.0
    left = w.machine.interval[ahead] - (w.machine.run_time[ahead] - w.machine.left[ahead])
    if w.machine.running[ahead] == 1 and w.machine.walking[ahead] == 0:
        left -= w.run.now[0] - w.machine.resumed[ahead]
    elif left > SOON:
        left = math.inf
    return left if left > SOON else 0.0


@seldom
def _open(w: Any, m: Any) -> None:
    w.machine.waits[m] = 0
    w.machine.left[m] = w.machine.run_time[m]
    w.machine.next_run[w.machine.lead[m]] = w.machine.turn[m] + 1


@seldom
def line_up_run(w: Any, m: Any) -> None:
    """The job at place `m` has come to its run: it begins, or waits for those ahead."""
    gate = _until_gate(w, m)
    if gate > 0.0:
        w.machine.waits[m] = NOT_YET_RUN
        w.machine.left[m] = gate
    else:
        _open(w, m)


@seldom
def take_place(w: Any, m: Any) -> None:
    """A job comes in at place `m`, behind those that are in the machine."""
    lead = w.machine.lead[m]
    w.machine.entered[lead] += 1
    w.machine.turn[m] = w.machine.entered[lead]
    w.machine.waits[m] = 0
    if w.machine.phase[m] == RUN_PHASE:
        line_up_run(w, m)


@seldom
def _begins_now(w: Any, m: Any) -> Any:
    """Whether the run at place `m` waits for this instant already: it begins in its turn among what comes now."""
    return w.machine.running[m] == 1 and w.machine.resumed[m] + w.machine.left[m] <= w.run.now[0] + SOON


@seldom
def look_behind(w: Any, lead: Any) -> None:
    """Something changed in the machine that `lead` leads: who waits for it to run, or to have run, goes on."""
    for _ in range(w.machine.beside[lead]):
        for m in range(lead, lead + w.machine.beside[lead]):
            if (
                w.machine.waits[m] == NOT_YET_RUN
                and w.machine.turn[m] == w.machine.next_run[lead]
                and not _begins_now(w, m)
            ):
                pause(w, m)
                line_up_run(w, m)
                proceed(w, m)
            waited = w.machine.waits[m] == NOT_YET_ENDED and w.machine.left[m] > 0.0
            if waited and w.machine.turn[m] == w.machine.next_end[lead]:
                pause(w, m)
                w.machine.left[m] = 0.0
                proceed(w, m)


@seldom
def run_goes_on(w: Any, m: Any) -> Any:
    """The clock of place `m` has rung in its run: whether the job stays in it, as the run begins now, or must not end before others."""
    lead = w.machine.lead[m]
    if w.machine.waits[m] == NOT_YET_RUN:
        line_up_run(w, m)
        proceed(w, m)
        look_behind(w, lead)
        return True
    if w.machine.waits[m] == 0 and w.machine.next_end[lead] != w.machine.turn[m]:
        w.machine.waits[m] = NOT_YET_ENDED
        w.machine.left[m] = math.inf
        proceed(w, m)
        look_behind(w, lead)
        return True
    w.machine.waits[m] = 0
    w.machine.next_end[lead] = w.machine.turn[m] + 1
    return False


@seldom
def forget_turns(w: Any, m: Any) -> None:
    """The jobs of a machine with several places are scrapped: nobody waits for them."""
    lead = w.machine.lead[m]
    w.machine.waits[m] = 0
    w.machine.next_run[lead] = w.machine.entered[lead] + 1
    w.machine.next_end[lead] = w.machine.entered[lead] + 1
