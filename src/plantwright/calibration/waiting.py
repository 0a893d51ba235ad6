"""Waiting that a log shows and nothing in it explains."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from statistics import median

import numpy as np
import numpy.typing as npt

from plantwright.calibration.calendars import Calendar, open_seconds
from plantwright.calibration.visits import History
from plantwright.distributions import Distribution

_OTHER_PACE, _NO_CHANCE = 0.1, 0.01
_SHORTEST = 900.0
"""Waits that are shorter on average are left out of the plant file: there would be more of them than of work."""


def excess_waits(
    history: History,
    calendars: Mapping[str, Calendar],
    closed: Sequence[date] = (),
    going_on: Calendar | None = None,
) -> dict[str, Distribution]:
    """Before each work center, how much longer than its work a visit takes the order on, as a gamma.

    What counts is time in which the work center is open, as the plant file closes it too; that makes the wait, in open hours, and
    over the share of hours that are open, in all hours; it passes in those hours only in which orders are `going_on`, so it is their share of that. Its mean is that of the log. Its spread is too, times one factor for all:
    the waits of one order are drawn each by itself, so the factor makes the whole waiting of an order differ from order to order as
    it does in the log.
    """
    waited = waits_by_order(history, calendars, closed)
    excess: dict[str, list[float]] = {}
    for own in waited.values():
        for center, wait in own:
            excess.setdefault(center, []).append(wait)
    orders = [
        (sum(wait for _, wait in own), [center for center, _ in own])
        for order, own in waited.items()
        if order not in history.open_orders
    ]
    mean = {center: float(np.mean(values)) for center, values in excess.items()}
    spread = {
        center: float(np.std(values)) / mean[center] if len(values) > 2 and mean[center] > 0 else 1.0
        for center, values in excess.items()
    }
    shown = sum((whole - sum(mean[center] for center in centers)) ** 2 for whole, centers in orders)
    drawn = sum((mean[center] * spread[center]) ** 2 for _, centers in orders for center in centers)
    together = math.sqrt(shown / drawn) if shown > 0 and drawn > 0 else 1.0
    passes = _share_of(going_on, history, closed)
    return {
        center: Distribution("gamma", (passes * mean[center], min(3.0, max(0.3, spread[center] * together))))
        for center in excess
        if mean[center] > 0
    }


def _share_of(going_on: Calendar | None, history: History, closed: Sequence[date]) -> float:
    """The share of the log's hours that lies in those of a calendar; all of it where there is none."""
    if going_on is None or not going_on.patterns:
        return 1.0
    clock = open_seconds(going_on.patterns, closed, history.first.date(), history.last.date())
    return clock(history.first, history.last) / history.span


def waits_by_order(
    history: History, calendars: Mapping[str, Calendar], closed: Sequence[date] = ()
) -> dict[str, list[tuple[str, float]]]:
    """For each order, the work center of each visit but its first, and by how many seconds the visit took the order on longer than its work: in open
    hours of the work center, over the share of hours that are open.
    """
    always = open_seconds((), closed, history.first.date(), history.last.date())
    clocks = {
        center: open_seconds(calendar.patterns, closed, history.first.date(), history.last.date())
        for center, calendar in calendars.items()
    }
    share = {center: max(0.05, clock(history.first, history.last) / history.span) for center, clock in clocks.items()}
    made: dict[str, list[tuple[str, float]]] = {}
    for order, visits in history.orders.items():
        own = made[order] = []
        for visit in visits[1:]:
            center = visit.step[1]
            passed = clocks.get(center, always)(
                visit.reached or visit.start, max(visit.end, visit.reached or visit.start)
            )
            own.append((center, max(0.0, passed - visit.work - visit.setup) / share.get(center, 1.0)))
    return made


def drawn_waits(
    history: History,
    calendars: Mapping[str, Calendar],
    closed: Sequence[date],
    rows: int,
    random: np.random.Generator,
) -> dict[str, npt.NDArray[np.float64]]:
    """For each work center, factors on the mean wait before it, so many as `rows`: what it may be as far as so few orders tell.

    Orders, with all their waits, are weighed anew each time (Rubin 1981, The Bayesian bootstrap), as an order that is slow once is often slow throughout.
    """
    waited = waits_by_order(history, calendars, closed)
    places = {center: at for at, center in enumerate(sorted({center for own in waited.values() for center, _ in own}))}
    total, number = np.zeros((len(waited), len(places))), np.zeros((len(waited), len(places)))
    for at, own in enumerate(waited.values()):
        for center, wait in own:
            total[at, places[center]] += wait
            number[at, places[center]] += 1
    weights = random.exponential(size=(rows, len(waited)))
    with np.errstate(invalid="ignore"):
        factors = (weights @ total) / (weights @ number) / (total.sum(axis=0) / number.sum(axis=0))
    return {center: factors[:, at] for center, at in places.items() if total[:, at].any()}


def scaled(waits: Mapping[str, Distribution], factor: float, spread: float) -> dict[str, Distribution]:
    """Waits with their means times `factor` and their coefficients of variation times `spread`; very short ones left out."""
    made = {
        center: Distribution("gamma", (factor * wait.parameters[0], spread * wait.parameters[1]))
        for center, wait in waits.items()
    }
    return {center: wait for center, wait in made.items() if wait.mean >= _SHORTEST}


def unexplained_share(history: History, without: float, fitted: float) -> float:
    """The share of all waiting (cycle time less the work that the log has of an order) that is not there `without` fitted waits; mean cycle times
    of both, in seconds.
    """
    work = sum(visit.work + visit.setup for visit in history.visits()) / max(1, len(history.orders))
    return min(1.0, max(0.0, (fitted - without) / (fitted - work))) if fitted > work else 0.0


def pace(history: History) -> tuple[float, float, float] | None:
    """Whether the shop changed its pace: the usual (median) cycle time, and the shares of orders that were done within it, of those
    that began in the first half of the log and in the second, as far as it lets them that time. None where these do not differ by ten points, or chance
    explains it (Fisher's exact test, 1 %).
    """
    from scipy.stats import fisher_exact

    times = {order: seconds for order, seconds in history.cycle_times().items() if order not in history.open_orders}
    if not times:
        return None
    usual = median(times.values())
    halves: tuple[list[bool], list[bool]] = ([], [])
    for order, (start, _) in history.reported.items():
        since = (start - history.first).total_seconds()
        if since + usual <= history.span:
            halves[since > history.span / 2].append(times.get(order, math.inf) <= usual)
    if min(map(len, halves)) < 10:
        return None
    first, second = (sum(half) / len(half) for half in halves)
    table = [[sum(half), len(half) - sum(half)] for half in halves]
    if abs(first - second) <= _OTHER_PACE or fisher_exact(np.array(table)).pvalue > _NO_CHANCE:
        return None
    return usual, first, second
