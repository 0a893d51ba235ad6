"""Results by bucket of time: what each week, day or hour of a run brought.

At the end of each bucket a copy of the run has its books closed; what they say more than at the end of the bucket before is what this
bucket brought. So every number of the whole has its part for a bucket, worked out in the same way, the parts add up to the whole, the
run itself goes on as if nobody had looked, and the memory is that of one set of books for each bucket.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from plantwright.plant.plant import Plant
from plantwright.simulation import codes
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.carrying import carried
from plantwright.simulation.collect import Collector, Counts, counts_of
from plantwright.simulation.ledger import carry_energy
from plantwright.simulation.recording import Rows
from plantwright.simulation.run import Estimate
from plantwright.simulation.running import ended_at, run_on
from plantwright.simulation.timeline import DAY, local_start, seconds_at
from plantwright.simulation.window import window_of
from plantwright.simulation.world import World

if TYPE_CHECKING:
    from plantwright.simulation.replications import Cancel

LEFT_OUT = ("contribution",)
"""What is not told by bucket: it is money a year."""

SUMS = {
    "product": (
        "released_lots done_lots done_pieces timed_lots time on_time with_due scrapped_pieces escaped_pieces timed_queues "
        "late_queues started_pieces lost_lots sold wip_area"
    ),
    "lot_class": "done_lots done_pieces timed_lots time on_time with_due",
    "center": "delay_area queue_area wait waits_counted joules setups",
    "crew": "busy_area",
    "store": "area short_time taken",
    "mover": "busy_area empty_area",
}
TABLES = ("state_time", "histogram", "wait_histogram", "class_histogram")
"""Books: what `books.forget_warmup` sets to nothing. All else that is counted is how things stand."""


def edges(plant: Plant, start: float, end: float, length: float) -> list[float]:
    """The instants, in seconds of the run, at which buckets begin, and the end; the last bucket may be shorter.

    Buckets of whole days begin at the same local time each, whether clocks are changed between them or not.
    """
    if length <= 0:
        raise ValueError(f"bucket: {length:g} s: must be longer than nothing")
    count = math.ceil((end - start) / length - 1e-9)
    if length % DAY:
        return [*(start + k * length for k in range(count)), end]
    first = local_time(plant, start).replace(tzinfo=None)
    times = [seconds_at(plant, first + timedelta(seconds=k * length)) for k in range(1, count + 1)]
    return [start, *(time for time in times if time < end - 1e-6), end]


def local_time(plant: Plant, seconds: float) -> datetime:
    """The local date and time so many seconds after a plant's run has begun."""
    begin = local_start(plant)
    return (begin.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(begin.tzinfo)


class Buckets:
    """Looks at the books of one replication at the end of each bucket, on its way.

    Parameters
    ----------
    between : sequence of float
        The instants at which buckets begin, and the end of the run; nothing is looked at where there are none.

    Attributes
    ----------
    parts : list of Counts
        What was counted in each bucket so far.
    """

    def __init__(self, between: Sequence[float]) -> None:
        self.parts: list[Counts] = []
        self._counts = bool(between)
        self._ends = list(between[1:-1])
        self._before: World | None = None

    def run_on(self, world: World, until: float, cancel: Cancel, sink: Rows | None = None) -> int:
        """Let a world go on as `running.run_on` does."""
        while self._ends and self._ends[0] <= until:
            code = run_on(world, self._ends[0], cancel, sink)
            if code != codes.PAUSED:
                return code
            closed = ended_at(world, self._ends.pop(0), cancel)
            if cancel.stopped:
                return codes.CANCELLED
            self._note(closed)
        code = run_on(world, until, cancel, sink)
        if code == codes.FINISHED and self._counts:
            self._note(world)
        return code

    def _note(self, closed: World) -> None:
        """A bucket ends: it brought what the books say now beyond what they said before."""
        part = closed
        if self._before is not None:
            part = closed.clone()
            for concept, fields in SUMS.items():
                for field in fields.split():
                    part.records[concept][field] -= self._before.records[concept][field]
            for name in TABLES:
                part.arrays[name] -= self._before.arrays[name]
        self._before = closed
        self.parts.append(replace(counts_of(part, True), record=None))

    def change(self, before: Blueprint, after: Blueprint) -> None:
        """The plant has changed: what the books said before is written as they are kept now."""
        if self._before is not None:
            changed = carried(self._before, before, after)
            carry_energy(self._before, before.plant, after.plant, changed)
            self._before = changed


def estimates_by_bucket(
    blueprint: Blueprint, between: Sequence[float], counts: Sequence[Counts], level: float
) -> tuple[Estimate, ...]:
    """The estimates of every bucket in turn; each says the local time ``from`` which its bucket counts."""
    found: list[Estimate] = []
    for k, (start, end) in enumerate(pairwise(between)):
        plant = next((after.plant for time, after in reversed(blueprint.later) if time < end), blueprint.plant)
        made = Collector(plant, window_of(plant, start, end, between[-1]), [c.parts[k] for c in counts], level).all()
        label = local_time(plant, start).isoformat(timespec="minutes" if start % 60 == 0 else "seconds")
        found += [replace(e, of={**e.of, "from": label}) for e in made if e.name not in LEFT_OUT]
    return tuple(found)
