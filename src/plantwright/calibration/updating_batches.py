"""Times per batch of a plant against records: lots of one batch have one start and one end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from plantwright.calibration.estimating import ratio
from plantwright.calibration.knowing import is_measured
from plantwright.calibration.placing import Placed, Where
from plantwright.calibration.quiet import Quiet
from plantwright.calibration.renewing import Candidate
from plantwright.plant import Plant

Batch = tuple[datetime, datetime]
_MOST_APART = 0.05
NOT_TOLD = "a time per batch, and records at these machines overlap without starting and ending together: they do not tell which lots were one batch"


def batches_of(plant: Plant, found: Placed, quiet: Quiet, clock: float) -> Iterator[Candidate]:
    """The time of a batch, for each step whose time is per batch: from start to end of the records that share both, less quiet hours."""
    per_step: dict[Where, list[float]] = defaultdict(list)
    doubtful: set[Where] = set()
    for machine in found.machines.values():
        batches: dict[Batch, set[Where]] = defaultdict(set)
        for where, visit in machine:
            if where is not None and _per_batch(plant, where) and is_measured(visit):
                batches[visit.start, visit.end].add(where)
        apart = _overlapping(sorted(batches)) > _MOST_APART * len(batches)
        for (start, end), steps in batches.items():
            for where in steps:
                per_step[where].append(quiet.seconds(start, end))
                doubtful |= {where} if apart else set()
    for where, seconds in per_step.items():
        product, name = where
        step = plant.products[product].operation(name)
        assert step.time is not None
        path = f"products > {product} > routing > {name} > time"
        was = step.time.distribution.mean
        if where in doubtful:
            yield Candidate(path, was, None, len(seconds), why=NOT_TOLD)
        elif step.load is not None or step.unload is not None:
            why = "a time per batch with loading or unloading beside, which records of lots do not tell apart"
            yield Candidate(path, was, None, len(seconds), why=why)
        else:
            yield Candidate(path, was, ratio(seconds, [1.0] * len(seconds), clock), len(seconds))


def _per_batch(plant: Plant, where: Where) -> bool:
    time = plant.products[where[0]].operation(where[1]).time
    return time is not None and time.per == "batch"


def _overlapping(batches: Sequence[Batch]) -> int:
    """How many batches begin before one that began earlier has ended."""
    number, until = 0, None
    for start, end in batches:
        number += until is not None and start < until
        until = end if until is None else max(until, end)
    return number
