"""Which operation closes the orders of a log, so that an order without it can be told from one that is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime


def closing_operation(reports: Iterable[tuple[str, str, datetime]]) -> tuple[str, float]:
    """The operation that most orders have on their last day, and the share of orders that have it then; each report is an order, an
    operation and an end. The day counts, not the hour: the last step is often booked with its date alone.
    """
    last: dict[str, date] = {}
    on: dict[str, dict[date, set[str]]] = {}
    for order, operation, end in reports:
        day = end.date()
        last[order] = max(last.get(order, day), day)
        on.setdefault(order, {}).setdefault(day, set()).add(operation)
    counts = Counter(operation for order, days in on.items() for operation in days[last[order]])
    name, count = max(counts.items(), key=lambda item: (item[1], item[0]))
    return name, count / len(last)
