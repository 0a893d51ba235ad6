"""Whether orders were released as they came, or as others were done: what the work in process of a log tells."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from plantwright.calibration.visits import History

Floats = npt.NDArray[np.float64]

ALARM = 0.01
"""Of logs whose orders were released as they came, at most so many are taken for those of a limit."""
_HELD, _FREE = 0.5, 0.75
"""A limit halves the spread of what is in process at least; where three quarters of it are left, nothing holds it."""
_SHUFFLES, _FEW_SHUFFLES, _MANY = 499, 199, 10_000
_FEWEST_WEEKS, _FEWEST_ORDERS = 5, 40
_DAY = 86400.0
_SEED = 21
_AT_ONCE, _BUSY = 900.0, 0.8


@dataclass(frozen=True)
class Policy:
    """How orders seem to have been released.

    ``kind``: ``limit`` (the work in process was held: the next order began as others were done), ``as they came`` (by dates or demand, whatever was in
    process) or ``unknown``. ``level``: orders in process on an average day. ``spread`` is the standard deviation of the daily mean, ``by_chance`` what it would be had the
    same orders, with the times they took, come in another sequence of days; ``chance`` how often it would be as small. ``why`` says
    what stands in the way of telling.
    """

    kind: Literal["limit", "as they came", "unknown"]
    level: float
    spread: float
    by_chance: float
    chance: float
    why: str = ""

    @property
    def words(self) -> str:
        """In a sentence."""
        if self.why:
            return f"whether orders are released to a limit of work in process cannot be told: {self.why}"
        held = f"{self.level:.3g} orders in process, give or take {self.spread:.2g} from day to day; released by chance it would be {self.by_chance:.2g}"
        if self.kind == "limit":
            return f"orders seem to be released as others are done: {held}"
        if self.kind == "as they came":
            return f"orders seem to be released as they come, whatever is in process: {held}"
        return f"whether orders are released to a limit of work in process cannot be told: {held}"

    def row(self) -> dict[str, Any]:
        """As a row of a table."""
        return {
            "released": self.kind, "level": self.level, "spread": self.spread, "by chance": self.by_chance, "chance": self.chance, "why": self.why,
        }  # fmt: skip


def find_policy(history: History) -> Policy:
    """Whether the log's orders look released to a limit on the work in process, as they came, or as nobody can tell.

    Notes
    -----
    Where the next order is released as one is done, releases make up for completions, and the number of orders in process hardly changes
    (Hopp and Spearman 2008, section 10.3). The test: days of the log change places, those of one weekday among each other, each with the orders that began on it and the times
    that they took; releases then make up for nothing. The variance of the daily mean of the orders in process, each weekday around its own
    mean, is held against that of the shuffled logs. A shop that is congested takes longer when much is in process, which makes the variance larger
    than that of shuffled days, so that such a shop is no false alarm.

    A log shows when orders were begun, not when they were let in: what waits before the first step is in no count. Where four in five begin as the machine is
    left by another, a limit is told if it is seen, and nothing else; nor where orders are through within a day.
    """
    first, last = history.first.replace(hour=0, minute=0, second=0, microsecond=0), history.last
    spans = {
        order: (
            (start - first).total_seconds() / _DAY,
            ((last if order in history.open_orders else end) - first).total_seconds() / _DAY,
        )
        for order, (start, end) in history.reported.items()
    }
    starts, ends = (np.array([spans[order][k] for order in spans]) for k in (0, 1))
    is_open = np.array([order in history.open_orders for order in spans])
    known = np.array([order not in history.begun for order in spans])
    days = math.floor((last - first).total_seconds() / _DAY)
    took = ends - starts
    usual = float(took[known & ~is_open].mean()) if (known & ~is_open).any() else 0.0
    # What lies at the beginning began before the log, or is not there yet; what is silent at the end may be under way.
    begin = 7 * math.ceil(float(np.quantile(took[known], 0.9)) / 7) if known.any() else 0
    until = days - math.ceil(_silence(history) / _DAY)
    held = _daily(starts, ends, days)[begin : max(begin, until)]
    level, spread = (float(held.mean()), float(_apart(held[None], begin)[0])) if held.size >= 14 else (0.0, 0.0)
    why = _why_not(until - begin, int(((starts >= begin) & (starts < until)).sum()), usual)
    if why:
        return Policy("unknown", level, spread, 0.0, 1.0, why)
    random = np.random.default_rng(_SEED)
    number = _SHUFFLES if starts.size < _MANY else _FEW_SHUFFLES
    drawn = np.stack([_shuffled(starts, took, is_open, days, random)[begin:until] for _ in range(number)])
    by_chance = _apart(drawn, begin)
    chance = float((1 + (by_chance <= spread * (1 + 1e-9)).sum()) / (1 + number))
    kind: Literal["limit", "as they came", "unknown"] = "unknown"
    left = spread / max(1e-9, float(np.median(by_chance)))
    if chance <= ALARM and left <= _HELD:
        kind = "limit"
    elif left >= _FREE:
        if followed(history) > _BUSY:
            why = "orders begin as the machine of their first step is left by another, and what waits before that is not in the log"
        else:
            kind = "as they came"
    return Policy(kind, level, spread, float(np.median(by_chance)), chance, why)


def _silence(history: History) -> float:
    """Seconds for which an order may be silent, in a log of what is done, before it is done with a step: 95 in 100 are no longer."""
    gaps = [
        (after.end - before.end).total_seconds()
        for visits in history.orders.values()
        for before, after in itertools.pairwise(sorted(visits, key=lambda visit: visit.end))
    ]
    return float(np.quantile(gaps, 0.95)) if gaps else 0.0


def _why_not(days: int, orders: int, usual: float) -> str:
    if days < 7 * _FEWEST_WEEKS or orders < _FEWEST_ORDERS:
        return f"without its first orders and those that may be under way at its end, the log has {max(0, days) // 7} weeks and {orders} orders left"
    if usual < 1.0:
        return "orders are through within a day"
    return ""


def followed(history: History) -> float:
    """The share of orders that began as the machine of their first step was left by another: they waited for it, unseen."""
    at: dict[str, list[tuple[float, float, bool]]] = {}
    for visits in history.orders.values():
        for number, visit in enumerate(visits):
            start, end = ((moment - history.first).total_seconds() for moment in (visit.start, visit.end))
            at.setdefault(visit.stations[0], []).append((start, end, number == 0))
    at_once = total = 0
    for own in at.values():
        own.sort()
        left = -math.inf
        for start, end, begins in own:
            if begins:
                total += 1
                at_once += start - left <= _AT_ONCE
            left = max(left, end)
    return at_once / max(1, total)


def _daily(starts: Floats, ends: Floats, days: int) -> Floats:
    """The mean number of orders in process on each day: what has begun by then less what has ended, integrated."""
    return np.diff(_since(starts, days) - _since(ends, days))


def _since(times: Floats, days: int) -> Floats:
    """The sum of the days that have passed at each midnight since those of the times that are over."""
    day = np.floor(times).astype(int)
    number, total = (
        np.concatenate([[0.0], np.cumsum(np.bincount(day, weights, minlength=days)[:days])])
        for weights in (np.ones_like(times), times)
    )
    return np.asarray(np.arange(days + 1) * number - total)


def _apart(held: Floats, begin: int) -> Floats:
    """The standard deviation of daily numbers, each weekday around its own mean (rows are logs)."""
    weekday = (np.arange(held.shape[1]) + begin) % 7
    apart = held.copy()
    for day in range(7):
        own = weekday == day
        if own.any():
            apart[:, own] -= held[:, own].mean(axis=1, keepdims=True)
    return np.asarray(np.sqrt((apart**2).mean(axis=1)))


def _shuffled(starts: Floats, took: Floats, is_open: npt.NDArray[np.bool_], days: int, random: Any) -> Floats:
    """Orders in process, day by day, had the days on which they came changed places within their weekday."""
    day = np.floor(starts).astype(int)
    to = np.arange(max(days, int(day.max())) + 1)
    for weekday in range(7):
        own = to[weekday::7].copy()
        to[weekday::7] = random.permutation(own)
    moved = to[day] + (starts - day)
    # An order that is under way at the end of the log would have taken as long as one that took at least so long.
    long = np.sort(took[~is_open])
    if long.size:
        least = np.searchsorted(long, took[is_open])
        pick = np.minimum(least + (random.random(least.size) * (long.size - least)).astype(int), long.size - 1)
        took = took.copy()
        took[is_open] = np.maximum(took[is_open], long[pick])
    return _daily(moved, moved + took, days)
