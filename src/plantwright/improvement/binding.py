"""Limits wander: which work center holds the plant back at each instant, and for which share of the time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plantwright.plant.plant import Plant
from plantwright.simulation import codes
from plantwright.simulation.histories import History, history
from plantwright.simulation.replications import Cancel

LONGEST = 60 * 86400.0
POINTS = 20_000
_IDLE = (
    codes.STARVED, codes.BLOCKED, codes.NO_STAFF, codes.NO_TOOL, codes.NO_MATERIAL, codes.NOT_THERE,
)  # fmt: skip
"""States in which a machine waits for something else; off shift neither begins nor ends a period."""

Period = tuple[float, float, str]


def binding(plant: Plant, *, horizon: float, warmup: float, seed: int, lots: int, cancel: Cancel) -> dict[str, float]:
    """The share of time in which each work center is what holds the saturated plant back, the largest first.

    At each instant it is the one whose machine is in the longest uninterrupted active period of all that are active then (C. Roser, M. Nakano and M. Tanaka 2002:
    Shifting bottleneck detection, Winter Simulation Conference, 1079-1086), in one replication of at most 60 days. Active is a machine that works, is set up, loaded,
    unloaded, maintained, repaired, or waits for repair.
    """
    told = history(
        plant, horizon=min(horizon, LONGEST), warmup=warmup, seed=seed, saturated=True, lots=lots, cancel=cancel
    )
    return shares_of_time(active_periods(told), warmup, told.end)


def active_periods(told: History) -> list[Period]:
    """When each machine was active without a pause, and of which work center it is."""
    rows = told.rows[told.rows["kind"] == codes.LOG_STATE]
    names = told.names["center"]
    found: list[Period] = []
    begun: dict[int, tuple[float, str]] = {}
    for time, machine, center, state in zip(
        rows["time"].tolist(), rows["machine"].tolist(), rows["center"].tolist(), rows["detail"].tolist(), strict=True
    ):
        if state == codes.OFF_SHIFT:
            continue
        if state not in _IDLE:
            begun.setdefault(machine, (time, names[center]))
        elif machine in begun:
            start, name = begun.pop(machine)
            found.append((start, time, name))
    found += [(start, told.end, name) for start, name in begun.values()]
    return found


def shares_of_time(periods: Sequence[Period], start: float, end: float) -> dict[str, float]:
    """The share of the time from `start` to `end`, as far as anything was active, in which the longest period is one of each name."""
    names = sorted({name for _, _, name in periods})
    number = {name: k for k, name in enumerate(names)}
    step = (end - start) / POINTS
    owner = np.full(POINTS, -1)
    for begin, until, name in sorted(periods, key=lambda period: period[1] - period[0]):
        first, last = round((begin - start) / step), round((until - start) / step)
        owner[max(0, first) : max(0, last)] = number[name]
    known = owner[owner >= 0]
    if not len(known):
        return {}
    counts = np.bincount(known, minlength=len(names)) / len(known)
    return {names[k]: float(counts[k]) for k in np.argsort(-counts, kind="stable") if counts[k] > 0}
