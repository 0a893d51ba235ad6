"""Which operation closes the orders of a log, so that an order without it can be told from one that is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime


def closing_operation(reports: Iterable[tuple[str, str, datetime]]) -> tuple[str, float]:
    """The operation with which most orders end, and the share of orders that end with it; each report is an order, an operation and
    an end. A report of which only the date is known must come with the end of its day.
    """
    last: dict[str, tuple[datetime, set[str]]] = {}
    for order, operation, end in reports:
        if order not in last or end > last[order][0]:
            last[order] = end, {operation}
        elif end == last[order][0]:
            last[order][1].add(operation)
    counts = Counter(operation for _, operations in last.values() for operation in operations)
    name, count = max(counts.items(), key=lambda item: (item[1], item[0]))
    return name, count / len(last)
