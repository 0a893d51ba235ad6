"""How long to run: the horizon, the warm-up that pilot runs find, and how many lots saturate a plant."""

from __future__ import annotations

import math

import numpy as np

from plantwright.errors import Interrupted
from plantwright.plant.plant import Plant
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.collect import Counts
from plantwright.simulation.executing import Workers
from plantwright.simulation.loads import lots_to_saturate
from plantwright.simulation.replications import Cancel, replicate
from plantwright.simulation.statistics import mser5, remembered

DAY, WEEK = 86400.0, 7 * 86400.0
USUAL_HORIZON = "90 d"
FROM_THE_START = "none: order list"
"""The rule of a warm-up that is none."""
_PILOT_REPLICATIONS = 5
_LOTS_REPLICATIONS, _MOST_DOUBLINGS = 3, 6
SATURATED = 0.005
"""A plant is saturated where twice as many lots bring less than this share more."""
_CYCLES = 3  # mean cycle times that a warm-up lasts at least
_MEMORIES = 5  # and how many times as long as what is there now is remembered
_OTHER_LUCK = 0x5851F42D4C957F2D
"""Pilots have luck of their own: MSER-5 cuts off what swings, and that is where a plant is full; on the same luck the run would be
counted where it happens to be empty.
"""


def seconds_of(text: str | float) -> float:
    """A time given as text (``"90 d"``, ``"90d"``) or in seconds, in seconds."""
    if isinstance(text, str):
        from plantwright.units import read

        return read(text, "duration")
    return float(text)


def only_orders(plant: Plant) -> bool:
    """Whether lists of orders alone start the lots of a plant."""
    return plant.release_rules() == {"orders"}


def horizon_of(plant: Plant, horizon: str | float) -> float:
    """How long to count, in seconds: ``"auto"`` is 90 days, or, where lists of orders alone start lots, until the end of the day
    of the last release, as there is nothing to be known of the time after it. Raises ValueError for no time at all.
    """
    if horizon == "auto" and only_orders(plant):
        last = max(order.release for p in plant.products.values() for r in p.releases for order in r.orders)
        return max(DAY, math.ceil((last - plant.start).total_seconds() / DAY) * DAY)
    span = seconds_of(USUAL_HORIZON if horizon == "auto" else horizon)
    if span <= 0:
        raise ValueError(f"horizon: {horizon!r}: must be longer than nothing")
    return span


def find_lots(plant: Plant, span: float, seed: int, threads: Workers, cancel: Cancel) -> int:
    """How many lots in process saturate a plant: the first of a series, each twice the one before, past which output over the later
    half of pilot runs grows by less than `SATURATED`. A line of N equal random stations needs some 200 N (Hopp and Spearman's
    practical worst case, w / (w + N - 1)).

    No more lots are taken than go through in that half: the output of a larger heap is not that of its mix, as lots that pass the narrowest
    place by are through long before the others.
    """
    lots = lots_to_saturate(plant)
    if plant.release_rules() == {"saturated"}:
        return lots
    made = _output(plant, span, seed, lots, threads, cancel)
    for _ in range(_MOST_DOUBLINGS):
        more = _output(plant, span, seed, 2 * lots, threads, cancel)
        if more <= made * (1 + SATURATED) or more < 2 * lots * _LOTS_REPLICATIONS:
            break
        lots, made = 2 * lots, more
    return lots


def _output(plant: Plant, span: float, seed: int, lots: int, threads: Workers, cancel: Cancel) -> float:
    blueprint = Blueprint(plant, 2 * span, span, 0.0, True, lots)
    counts = _some(blueprint, seed, _LOTS_REPLICATIONS, threads, cancel)
    return float(sum(c.product["done_lots"].sum() for c in counts))


def find_warmup(
    plant: Plant, span: float, seed: int, lots: int | None, threads: Workers, cancel: Cancel
) -> tuple[float, str, bool]:
    """The warm-up by MSER-5 on work in process and output of a pilot run: its length in seconds, the rule, and whether it settles.

    Where they do not settle within the first half of the pilot, nor of one three times as long, a quarter of the horizon is
    taken, and the run is not steady. `lots` are kept in process where the plant is saturated.
    """
    saturated = lots is not None
    if not saturated and any(release.rule == "orders" for p in plant.products.values() for release in p.releases):
        return 0.0, FROM_THE_START, True
    length = max(2 * span, 26 * WEEK) if plant.shifts else 2 * span
    # What has not settled gets one more chance in a longer pilot: slow swings look like growth for a while.
    for pilot in (length, 3 * length):
        settled, through = _pilot(plant, pilot, seed, lots, threads, cancel)
        # Of a saturated plant the output counts, which is steady long before the heap in front of it is through.
        least = min(through if saturated else _CYCLES * through, span)
        if settled is not None:
            return _whole(plant, max(settled, least)), "MSER-5", True
    return _whole(plant, max(span / 4, least)), "a quarter: work in process or output does not settle", False


def _pilot(
    plant: Plant, length: float, seed: int, lots: int | None, threads: Workers, cancel: Cancel
) -> tuple[float | None, float]:
    """When a pilot run of that length settles (None if it does not), and its mean cycle time, in seconds.

    A start from empty that is lost in the noise of a few pilots still shows in the mean of many replications: so nothing is counted
    before the plant has forgotten where it began, whatever MSER-5 finds.
    """
    # With shifts, five buckets are one week, so that a batch of MSER-5 does not see the days of the week.
    bucket = 1.4 * DAY if plant.shifts else length / 1000
    blueprint = Blueprint(plant, length, 0.0, bucket, lots is not None, lots)
    counts = _some(blueprint, seed + _OTHER_LUCK, _PILOT_REPLICATIONS, threads, cancel)
    buckets = min(c.buckets for c in counts)
    # Work in process alone would call a loop with a fixed number of lots settled from the start; output alone, a growing queue.
    told = [
        np.array([np.diff(c.record[name][:buckets], prepend=0.0) for c in counts]) / bucket
        for name in ("wip_area", "done")
    ]
    found = [mser5(series) for series in told]
    # A plant that starts empty sends nothing out before its first lots are through, and takes longer to mix.
    through = max(float(c.record["done_time"][buckets - 1] / max(1, c.record["done"][buckets - 1])) for c in counts)
    if not all(series.found for series in found):
        return None, through
    settled = max(series.truncation for series in found)
    forgotten = _MEMORIES * max(remembered(series, settled) for series in told)
    return max(settled, min(forgotten, buckets / 4)) * bucket, through


def _whole(plant: Plant, seconds: float) -> float:
    return float(np.ceil(seconds / WEEK) * WEEK) if plant.shifts else seconds


def _some(blueprint: Blueprint, seed: int, count: int, threads: Workers, cancel: Cancel) -> list[Counts]:
    return at_least_two(replicate(blueprint, seed, range(count), threads=threads, cancel=cancel))


def at_least_two(counts: list[Counts]) -> list[Counts]:
    """The counts as they are. Raises Interrupted where they are too few for an interval, as when a run was stopped early."""
    if len(counts) < 2:
        raise Interrupted("stopped before two replications were done")
    return counts
