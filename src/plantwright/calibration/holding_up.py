"""What would hold up an order at a work center, instant by instant: its machines, its hours, its people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from plantwright.calibration.spans import Pair, Seconds, at_once, edges, joined, left_of_each

QUEUEING, BREAKDOWN, OFF_SHIFT, MISSING_PERSON, FREE = range(5)
"""Every machine works on other orders; those that do not are down; it is closed; nobody who can is free; nothing that the log shows."""

PAUSE = 4 * 3600.0
"""A person whose reports are nearer to each other has been there between them."""


@dataclass
class Use:
    """Who used a work center when: spans of each machine (of each order, where one place holds several), breakdowns, and people who
    have worked there.
    """

    machines: int
    alone: bool
    spans: dict[str, list[Pair]] = field(default_factory=dict)
    down: dict[str, list[Pair]] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class States:
    """How long each of the states (`QUEUEING` to `FREE`) held at a work center before each of some instants, and when it closed."""

    instants: Seconds
    before: npt.NDArray[np.float64]
    closings: Seconds

    def within(self, starts: Seconds, ends: Seconds, state: int) -> Seconds:
        """Seconds of a state in each of some spans."""
        own = self.before[state]
        return np.asarray(np.interp(ends, self.instants, own) - np.interp(starts, self.instants, own))


def states_of(use: Use, hours: Sequence[Pair] | None, free: Iterable[Pair] | None, until: float) -> States:
    """The states of a work center from 0 to `until`: the first that holds, in the order in which they are named.

    `hours` are those in which it is open, always if None; `free` the spans in which each of its people could have come, None where
    nobody is needed as far as the log tells.
    """
    busy = [span for own in use.spans.values() for span in joined(own)]
    down = [span for own in use.down.values() for span in joined(own)]
    opened = [(0.0, until)] if hours is None else hours
    people = [] if free is None else list(free)
    instants = edges(busy, down, opened, people, [(0.0, until)])
    instants = instants[(instants >= 0) & (instants <= until)]
    at = instants[:-1]
    working = at_once(busy, at)
    stopped = use.machines * (at_once(down, at) > 0) if use.alone else at_once(down, at)
    state = np.select(
        [
            working >= use.machines,
            at_once(opened, at) == 0,
            (stopped > 0) & (working + stopped >= use.machines),
            (at_once(people, at) == 0) if free is not None else np.zeros(at.size, bool),
        ],
        [QUEUEING, OFF_SHIFT, BREAKDOWN, MISSING_PERSON],
        FREE,
    )
    lasted = np.diff(instants)
    before = np.zeros((FREE + 1, instants.size))
    for number in range(FREE + 1):
        before[number, 1:] = np.cumsum(np.where(state == number, lasted, 0.0))
    closed = state == OFF_SHIFT
    return States(instants, before, at[closed & ~np.concatenate(([False], closed[:-1]))])


def at_work(reports: Mapping[str, Sequence[Pair]], shifts: Sequence[Pair]) -> dict[str, list[Pair]]:
    """When each person was there: from report to report (but for pauses of over four hours), and to the ends of a shift in which a stay begins."""
    starts = [start for start, _ in shifts]
    made = {}
    for person, own in reports.items():
        stays: list[Pair] = []
        for start, end in joined(own):
            if stays and start - stays[-1][1] < PAUSE:
                stays[-1] = stays[-1][0], end
            else:
                stays.append((start, end))
        shift_of = np.searchsorted(starts, [start for start, _ in stays], "right") - 1
        whole = [shifts[k] for (start, _), k in zip(stays, shift_of, strict=True) if k >= 0 and start < shifts[k][1]]
        made[person] = joined([*stays, *whole])
    return made


def free_of(present: Mapping[str, Sequence[Pair]], reports: Mapping[str, Sequence[Pair]]) -> dict[str, list[Pair]]:
    """When each person was there and on no report."""
    taken = {person: joined(own) for person, own in reports.items()}
    return {person: left_of_each(own, taken[person]) for person, own in present.items()}
