"""Which stations of other names than machine 1, 2, 3 are interchangeable in fact: their orders, products and times tell."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars

_FEWEST, _ALIKE, _BOTH, _PACE = 10, 0.5, 0.1, 1.5
"""Orders that each station has had at least; the share of the orders of the one with fewer that are of products which the other has had as often; the greatest share that
went to both; and by how many times the one may be slower for the same product.
"""


@dataclass
class _Done:
    """What a station did: the product of each order, and the seconds that each took there."""

    products: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def counts(self) -> Counter[str]:
        return Counter(self.products.values())

    def times(self) -> dict[str, list[float]]:
        made: dict[str, list[float]] = {}
        for order, seconds in self.seconds.items():
            if seconds > 0:
                made.setdefault(self.products[order], []).append(math.log(seconds))
        return made


@dataclass(frozen=True)
class Alike:
    """Stations that are interchangeable, the share of orders that are of products which they have in common, and the slowest pace against the fastest."""

    stations: tuple[str, ...]
    common: float
    slowest: float

    @property
    def words(self) -> str:
        """The evidence."""
        return (
            f"{len(self.stations)} stations that do the same: {100 * self.common:.0f} % of their orders are of products that the others had as often, hardly an order went to two of "
            f"them, and the slowest has {100 * self.slowest:.0f} % of the pace of the fastest: {', '.join(self.stations)}"
        )


def find_alike(table: polars.DataFrame, operation: str, stations: Sequence[str]) -> list[Alike]:
    """Groups of two or more of the stations, all of which do mostly the same operation.

    Two stations stand in for each other if they get the same products, an order goes to one of them only (who goes to both, one after the other, has two steps), and
    the same product takes about as long at either. A group is one in which this holds of any two.
    """
    import polars as pl

    done = {station: _Done() for station in stations}
    rows = table.filter(pl.col("station").cast(pl.String).is_in(list(stations)) & (pl.col("operation") == operation) & ~pl.col("rework") & (pl.col("type") == "work"))  # fmt: skip
    for station, order, product, seconds, timed in rows.select(
        pl.col("station", "order", "product").cast(pl.String), "seconds", "timed"
    ).iter_rows():
        own = done[station]
        own.products[order] = product
        own.seconds[order] = own.seconds.get(order, 0.0) + (seconds if timed else 0.0)
    groups: list[list[str]] = []
    for station in sorted(stations, key=lambda name: (-len(done[name].products), name)):
        fits = (group for group in groups if all(_pair(done[station], done[other]) is not None for other in group))
        group = next(fits, None)
        if group is None:
            groups.append([station])
        else:
            group.append(station)
    return [_alike(group, done) for group in groups if len(group) > 1]


def _alike(group: Iterable[str], done: dict[str, _Done]) -> Alike:
    names = sorted(group)
    pairs = [pair for k, one in enumerate(names) for other in names[k + 1 :] if (pair := _pair(done[one], done[other]))]
    return Alike(tuple(names), min(common for common, _ in pairs), min(pace for _, pace in pairs))


def _pair(one: _Done, other: _Done) -> tuple[float, float] | None:
    """What two stations have in common, and the pace of the slower against the other; None where they do not stand in for each other."""
    fewer = min(len(one.products), len(other.products))
    if fewer < _FEWEST or len(one.products.keys() & other.products.keys()) > _BOTH * fewer:
        return None
    mine, theirs = one.counts(), other.counts()
    # As often, in so far as the stations are given as many orders.
    mine_all, theirs_all = mine.total(), theirs.total()
    common = sum(min(mine[product] / mine_all, theirs[product] / theirs_all) for product in mine)
    times, others = one.times(), other.times()
    both = [product for product in times if product in others]
    if common < _ALIKE or not both:
        return None
    weights = [min(len(times[product]), len(others[product])) for product in both]
    apart = fmean((median(times[product]) - median(others[product]) for product in both), weights)
    pace = math.exp(-abs(apart))
    return (common, pace) if pace >= 1 / _PACE else None
