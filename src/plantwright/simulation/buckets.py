"""Results by bucket of time: what each week, day or hour of a run brought.

A run that is counted by bucket is run twice: once for the whole, and once more, with the same luck, closing its books at the end of
each bucket and beginning new ones. So every number of the whole has its part for a bucket, worked out in the same way, and
the memory is that of one set of books for each bucket.
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
from plantwright.simulation.collect import Collector, Counts, counts_of, window_of
from plantwright.simulation.ledger import carry_energy
from plantwright.simulation.run import Estimate
from plantwright.simulation.running import run_on
from plantwright.simulation.timeline import DAY, local_start, seconds_at
from plantwright.simulation.world import World

if TYPE_CHECKING:
    from plantwright.simulation.replications import Cancel

LEFT_OUT = ("contribution",)
"""What is not told by bucket: it is money a year."""


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


def parts_of(
    blueprint: Blueprint, seed: int, replication: int, between: Sequence[float], cancel: Cancel
) -> tuple[Counts, ...] | None:
    """What one replication counts in each bucket between the instants given; None where it was cancelled."""
    world = blueprint.world(seed, replication)
    _count_between(world, between)
    parts: list[Counts] = []
    changes = list(blueprint.later)
    for instant in between[1:]:
        # A change that is made at the end of a bucket comes first in the next.
        while changes and changes[0][0] < instant:
            time, after = changes.pop(0)
            if run_on(world, time, cancel) == codes.CANCELLED:
                return None
            changed = carried(world, blueprint, after)
            carry_energy(world, blueprint.plant, after.plant, changed)
            world = changed
            _count_between(world, between)
            blueprint = after
        if run_on(world, instant, cancel) == codes.CANCELLED:
            return None
        # Books that are closed here would be added up in other steps later on, so a clone closes them.
        part = world.clone()
        part.run.end[0] = instant
        run_on(part, math.inf, cancel)
        parts.append(replace(counts_of(part, True), record=None))
    return tuple(parts)


def _count_between(world: World, between: Sequence[float]) -> None:
    """Let a world close its books and begin new ones at all instants but the first and the last."""
    inner = between[1:-1]
    world.resize({"record": max(1, len(inner))})
    world.records["record"]["time"][: len(inner)] = inner
    world.run.forgets[0] = len(inner)


def estimates_by_bucket(
    blueprint: Blueprint, between: Sequence[float], counts: Sequence[Counts], level: float
) -> tuple[Estimate, ...]:
    """The estimates of every bucket in turn; each says the local time ``from`` which its bucket counts."""
    found: list[Estimate] = []
    for k, (start, end) in enumerate(pairwise(between)):
        plant = next((after.plant for time, after in reversed(blueprint.later) if time < end), blueprint.plant)
        made = Collector(plant, window_of(plant, start, end), [c.parts[k] for c in counts], level).all()
        label = local_time(plant, start).isoformat(timespec="minutes" if start % 60 == 0 else "seconds")
        found += [replace(e, of={**e.of, "from": label}) for e in made if e.name not in LEFT_OUT]
    return tuple(found)
