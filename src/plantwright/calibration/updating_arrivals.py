"""Demand, releases and due dates of a plant against the orders that came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from plantwright.calibration.estimating import Estimated, mean_of, ratio
from plantwright.calibration.placing import Placed
from plantwright.calibration.renewing import Candidate
from plantwright.calibration.visits import History, order_pieces
from plantwright.plant import Plant
from plantwright.plant.products import Product
from plantwright.plant.texts import text_at

_WEEKS = 8
"""From so many whole weeks on each is one draw, so that neither weekdays nor what comes several days in a row count as chance; else each day is."""
_FEWEST_DAYS = 8
_BY_RULE = "orders start when others are done or a machine is free, so their starts do not tell what is asked"


@dataclass(frozen=True)
class _Came:
    """The orders of one product: the day on which each began, and its pieces as the plant counts them."""

    days: Sequence[date]
    pieces: Sequence[float]


def arrivals_of(plant: Plant, found: Placed, whole: History, since: datetime) -> Iterator[Candidate]:
    """Demand where lots start at its rate, the time between releases, and how long after its release an order is due.

    Orders come when their first reports start. Counted are whole days: from the day after the log begins (eight days, if it is four weeks long: orders
    that had begun before seem to come in them) to the day before it ends.
    """
    first, last = _window(whole, since)
    for name, product in plant.products.items():
        orders = [order for order, (own, _) in found.orders.items() if own == name and order not in whole.begun]
        if not any(own == name for own, _ in found.orders.values()):
            continue
        began = {order: whole.reported[order][0] for order in orders}
        inside = [order for order in orders if first <= began[order].date() < last and began[order] >= since]
        pieces = [_pieces(plant, product, whole, order) for order in inside]
        came = _Came([began[order].date() for order in inside], pieces)
        yield from _demand(plant, product, came, first, last)
        yield from _every(plant, product, came, first, last)
        yield from _due(plant, product, whole, [order for order in orders if began[order] >= since])


def _pieces(plant: Plant, product: Product, whole: History, order: str) -> float:
    """The pieces of an order as the plant counts them: where it asks for lots of one piece, or the log has no quantities, an order is a lot."""
    visits = whole.orders[order]
    by_lot = "lot" in (text_at(plant, f"products > {product.name} > demand > rate") or "") and product.lot <= 1
    if by_lot or not any(visit.order_quantity or visit.pieces for visit in visits):
        return product.lot
    return max(1.0, order_pieces(visits))


def _window(whole: History, since: datetime) -> tuple[date, date]:
    """The first whole day that counts, and the day after the last."""
    begin = whole.first.date() + timedelta(days=1)
    if whole.last - whole.first >= timedelta(weeks=4):
        begin += timedelta(days=7)
    whole_day = (
        since.date() if since == datetime.combine(since.date(), datetime.min.time()) else since.date() + timedelta(1)
    )
    return max(begin, whole_day) if since > whole.first else begin, whole.last.date()


def _demand(plant: Plant, product: Product, came: _Came, first: date, last: date) -> Iterator[Candidate]:
    path = f"products > {product.name} > demand > rate"
    demand, rules = product.demand, [release.rule for release in product.releases]
    if demand is None or text_at(plant, path) is None:
        return
    number = len(came.days)
    why = ""
    if demand.season or demand.range is not None:
        why = "with a season or a range: what came in these weeks does not tell what its rate is to be"
    elif rules == ["every"]:
        why = "orders start every so often, whatever is asked"
    elif rules == ["orders"]:
        why = "orders start as their list says, whatever is asked"
    elif rules != ["demand"]:
        why = _BY_RULE
    if why:
        yield Candidate(path, demand.rate, None, number, "pieces/day", why)
        return
    days = _days(first, last)
    if demand.per == "working day":
        days = [day for day in days if is_working(plant, day)]
    told = _rate(came, days, first, last)
    yield Candidate(path, demand.rate, told, number, "pieces/day", "" if told else "too few days to tell")


def _every(plant: Plant, product: Product, came: _Came, first: date, last: date) -> Iterator[Candidate]:
    path = f"products > {product.name} > release"
    if len(product.releases) != 1:
        yield Candidate(
            path,
            0.0,
            None,
            len(came.days),
            why="several rules start its orders; a log does not tell which started which",
        )
        return
    release = product.releases[0]
    if release.rule == "orders":
        why = "a list of releases: put the new orders into it, or make the plant anew (calibrate)"
        yield Candidate(f"{path} > orders", 0.0, None, len(came.days), why=why)
    if release.every is None or text_at(plant, f"{path} > every") is None:
        return
    # A release is one lot, an order as many as its pieces fill, or one where the plant does not speak of lots.
    lots = _Came(came.days, [max(1.0, own / product.lot) if product.lot > 1 else 1.0 for own in came.pieces])
    days = _days(first, last)
    per_day = _rate(lots, days, first, last)
    told = None if per_day is None else _gap(per_day)
    yield Candidate(
        f"{path} > every", release.every.mean, told, len(came.days), why="" if told else "too few days to tell"
    )


def _gap(per_day: Estimated) -> Estimated:
    """The time between lots of which so many come a day."""

    def interval(level: float) -> tuple[float, float]:
        low, high = per_day.interval(level)
        return 86400.0 / high, 86400.0 / low

    return Estimated(86400.0 / per_day.mean, interval)


def _due(plant: Plant, product: Product, whole: History, orders: Sequence[str]) -> Iterator[Candidate]:
    path = f"products > {product.name} > release > due"
    if len(product.releases) != 1 or product.releases[0].due is None or text_at(plant, path) is None:
        return
    times = [
        seconds
        for order in orders
        if order in whole.dues and (seconds := (whole.dues[order] - whole.reported[order][0]).total_seconds()) > 0
    ]
    if times:
        yield Candidate(path, product.releases[0].due, mean_of(times), len(times))


def _rate(came: _Came, days: Sequence[date], first: date, last: date) -> Estimated | None:
    """Pieces for each of some days; what came on another day counts for the last one before it."""
    if len(days) < _FEWEST_DAYS:
        return None
    weeks = (last - first).days // 7
    if weeks >= _WEEKS:
        # Whole weeks up to the end.
        first = last - timedelta(weeks=weeks)
        bins = [(day - first).days // 7 for day in days if day >= first]
        came_in = [(day - first).days // 7 for day in came.days if day >= first]
        pieces = [own for day, own in zip(came.days, came.pieces, strict=True) if day >= first]
    else:
        number = {day: at for at, day in enumerate(days)}
        bins, at = list(range(len(days))), 0
        place = {}
        for day in _days(first, last):
            at = number.get(day, at)
            place[day] = at
        came_in, pieces = [place[day] for day in came.days], list(came.pieces)
    sums, counts = [0.0] * (max(bins) + 1), [0.0] * (max(bins) + 1)
    for own in bins:
        counts[own] += 1
    for own, amount in zip(came_in, pieces, strict=True):
        sums[min(own, len(sums) - 1)] += amount
    return ratio(sums, counts)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days)]


def is_working(plant: Plant, day: date) -> bool:
    """Whether a shift of the plant begins on a day; every day is a working day of a plant without shifts."""
    if not plant.shifts:
        return True
    return any(
        shift.exceptions[day] != "closed" if day in shift.exceptions else day.weekday() in shift.days
        for shift in plant.shifts.values()
    )


__all__ = ["arrivals_of", "is_working"]
