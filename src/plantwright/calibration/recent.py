"""Of a log with far more records than a model needs, the most recent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars

MOST_REPORTS = 200_000
"""Of a log with more reports than this, the plant is made of the last so many."""

MOST_HELD_OUT = 40_000
"""Of a log with more reports than this, the last so many are simulated event by event, and held against what happened, in a hold-out."""

_FEWEST_ORDERS = 1000
_SHORTEST = timedelta(weeks=4)
_CYCLES = 10


@dataclass(frozen=True, slots=True)
class Recent:
    """The part of a log that a plant is made of: the orders begun `since` then, their `reports`, and how many the log has."""

    since: datetime
    orders: int
    reports: int
    of_orders: int
    of_reports: int

    @property
    def words(self) -> str:
        """What is said of it."""
        return (
            f"the plant is made of the last {self.reports:,} of {self.of_reports:,} reports: the {self.orders:,} orders begun since "
            f"{self.since:%Y-%m-%d %H:%M}"
        )

    def to_dict(self) -> dict[str, Any]:
        """The part as JSON shows it."""
        return {
            "since": self.since.isoformat(sep=" "), "orders": self.orders, "reports": self.reports, "of orders": self.of_orders,
            "of reports": self.of_reports,
        }  # fmt: skip


def most_recent(used: polars.DataFrame, most: int = MOST_REPORTS) -> tuple[polars.DataFrame, Recent | None]:
    """The rows of the orders that began last, whole orders with up to so many rows; all, and None, where there are no more.

    There are more than that where these would be fewer than a thousand orders, four weeks (weekdays must show their hours), or ten times as
    long as nineteen in twenty orders are under way (so that few are cut off by the end).
    """
    import polars

    if used.height <= most:
        return used, None
    spans = used.lazy().group_by("order").agg(polars.col("start").min(), polars.col("end").max(), polars.len())
    orders = spans.sort("start", "order", descending=True).collect()
    usual = (orders["end"] - orders["start"]).quantile(0.95) or timedelta()
    last = used["end"].max()
    assert isinstance(last, datetime)
    assert isinstance(usual, timedelta)
    earliest = last - max(_SHORTEST, _CYCLES * usual)
    number = max(int((orders["len"].cum_sum() <= most).sum()), _FEWEST_ORDERS, int((orders["start"] >= earliest).sum()))
    if number >= orders.height:
        return used, None
    since = orders["start"][number - 1]
    kept = orders.filter(polars.col("start") >= since)["order"]
    rows = used.filter(polars.col("order").is_in(kept.implode()))
    return rows, Recent(since, kept.len(), rows.height, orders.height, used.height)
