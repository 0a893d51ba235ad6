"""Orders that began before the log did, of which it shows only the rest."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from plantwright.calibration.visits import History

OPENS = 0.02
"""An operation opens orders if at least this share of those that come later begin with it."""

FEWEST = 20
_FIRST_PART = 0.25


def begun_before(history: History) -> frozenset[str]:
    """The orders that come first in the time that an order usually takes (a quarter of the log at most) and begin with what no later
    order begins with. What they had done before is not in the log; what they still had to do is.
    """
    times = history.cycle_times().values()
    if not times:
        return frozenset()
    usual = min(sum(times) / len(times), _FIRST_PART * history.span)
    until = history.first + timedelta(seconds=usual)
    first = {order: visits[0] for order, visits in history.orders.items()}
    late = Counter(visit.step[0] for visit in first.values() if visit.start >= until)
    if late.total() < FEWEST:
        return frozenset()
    openers = {operation for operation, number in late.items() if number >= max(1.0, OPENS * late.total())}
    return frozenset(order for order, visit in first.items() if visit.start < until and visit.step[0] not in openers)
