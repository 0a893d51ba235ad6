"""Effective process times: how long a work center needs for a lot, whatever keeps it, from arrivals and departures alone."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from plantwright.calibration.visits import History


@dataclass(frozen=True)
class Effective:
    """The effective process times of a work center in seconds: how many, their mean, and their squared coefficient of variation.

    ``share_busy`` is the share of its machines' time that they fill: its utilization.
    """

    times: tuple[float, ...]
    mean: float
    squared_cv: float
    share_busy: float


def effective_times(arrivals: Sequence[float], departures: Sequence[float], machines: int = 1) -> list[float]:
    """The effective process time of each lot, in the order of departures.

    Parameters
    ----------
    arrivals, departures : sequence of float
        When each lot came and left, in seconds; one of each for each lot.
    machines : int
        How many machines work side by side.

    Returns
    -------
    list of float
        The time of a lot runs from the moment at which a machine could have begun it: when it came, if fewer lots than machines were
        there, or else when one left and made room. Breakdowns, setups and missing people are in it, waiting for other lots is not. Lots
        take their places in the order in which they came; one that leaves before it had one has overtaken, and takes the oldest of the
        others, so that the sum of all times is that of all busy time (Kock, Etman, Rooda, Adan, van Vuuren and Wierman 2008, Aggregate
        modeling of multi-processing workstations, for one machine: departure less the later of arrival and last departure; Jacobs, Etman,
        van Campen and Rooda 2003, for several).

    Raises
    ------
    ValueError
        Where numbers of arrivals and departures differ, a lot leaves before it came, or there is no machine.
    """
    came, left = np.asarray(arrivals, np.float64), np.asarray(departures, np.float64)
    if came.shape != left.shape or machines < 1 or not (left >= came).all():
        raise ValueError("each lot needs an arrival and a later departure, and the work center a machine")
    # At one moment lots leave before others come, but a lot that takes no time comes first.
    events = sorted(
        [(float(at), 2 if at < left[lot] else 0, lot) for lot, at in enumerate(came)]
        + [(float(at), 1, lot) for lot, at in enumerate(left)]
    )
    begun: dict[int, float] = {}
    queue: list[tuple[float, int]] = []
    gone: set[int] = set()
    made = []
    for at, kind, lot in events:
        if kind != 1:
            heapq.heappush(queue, (at, lot))
        else:
            gone.add(lot)
            if lot in begun:
                made.append(at - begun.pop(lot))
            else:
                other = min(begun, key=lambda each: (begun[each], each))
                made.append(at - begun.pop(other))
                # The lot that was overtaken waits on, first of all.
                heapq.heappush(queue, (-math.inf, other))
        while queue and len(begun) < machines:
            _, following = heapq.heappop(queue)
            if following not in gone:
                begun[following] = at
    return made


def effective_time(arrivals: Sequence[float], departures: Sequence[float], machines: int = 1) -> Effective:
    """Mean and variability of the effective process times of a work center; parameters as `effective_times` takes them."""
    times = effective_times(arrivals, departures, machines)
    if not times:
        return Effective((), math.nan, math.nan, math.nan)
    mean, variance = float(np.mean(times)), float(np.var(times))
    span = max(departures) - min(arrivals)
    return Effective(
        tuple(times), mean, variance / mean**2 if mean > 0 else math.nan,
        sum(times) / (machines * span) if span > 0 else math.nan,
    )  # fmt: skip


def effective_of(history: History, machines: dict[str, int]) -> dict[str, Effective]:
    """The effective process times of every work center of a log, by all clock time: a visit arrives when the order's visits before it are
    done, and departs at its own end. An order's first visit arrives when it begins, for nothing earlier is known of it.
    """
    came: dict[str, list[float]] = {}
    left: dict[str, list[float]] = {}
    for visits in history.orders.values():
        for number, visit in enumerate(visits):
            end = (visit.end - history.first).total_seconds()
            arrival = visit.start if number == 0 or visit.reached is None else min(visit.reached, visit.end)
            came.setdefault(visit.step[1], []).append(min(end, (arrival - history.first).total_seconds()))
            left.setdefault(visit.step[1], []).append(end)
    return {center: effective_time(came[center], left[center], machines.get(center, 1)) for center in came}
