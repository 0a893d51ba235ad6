"""Reports to visits: what one order had done at one step, however many reports it took."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from statistics import median
from typing import TYPE_CHECKING, Any

from plantwright.calibration.closing import closing_operation
from plantwright.calibration.quiet import Quiet

if TYPE_CHECKING:
    import polars

_FEWEST_SILENT = 20
Step = tuple[str, str]
"""What is done (the operation) and where (the work center)."""


@dataclass
class Visit:
    """One order at one step: from the start of its first report to the end of its last.

    ``work`` and ``setup`` are seconds of a machine, as `shared_seconds` divides them. ``timed`` is False where none of the reports has a
    measured time.
    """

    order: str
    product: str
    step: Step
    start: datetime
    end: datetime
    stations: tuple[str, ...]
    work: float
    setup: float
    pieces: float
    rejected: float
    order_quantity: float | None
    timed: bool
    rework: bool
    reached: datetime | None = None
    """The latest end of the visits before it; the visit takes the order on from there to its own end."""
    reports: int = 1
    """Measured reports of work in it."""
    made_up: float = 0.0
    """Seconds of `work` that were not measured but taken from other visits."""
    latest: float | None = None
    """Seconds from its first start to the next start of the order: its work cannot take longer, at one machine. None where that is
    not known.
    """
    running: bool = False
    """Whether it was still under way when the log ended."""
    due: float | None = None
    """Pieces of the order less those scrapped before; None where the order's pieces are not known."""
    worker: str | None = None
    """The person who did all its measured work; None where several did, or nobody is named."""
    parts: tuple[tuple[int, str, float], ...] = ()
    """Its measured reports: the row of each, whether it is work or setup, and its seconds."""


@dataclass(frozen=True)
class History:
    """The orders of a log, each as its visits in the order of their starts, and the times of untimed reports."""

    orders: Mapping[str, tuple[Visit, ...]]
    first: datetime
    last: datetime
    open_orders: frozenset[str]
    closing: str | None
    typical: Mapping[str, float] = field(default_factory=dict)
    reported: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)
    """The first start and the last end of each order as the log has them."""
    begun: frozenset[str] = frozenset()
    """Orders that began before the log did (`begun.begun_before`)."""
    dues: Mapping[str, datetime] = field(default_factory=dict)
    """When orders were due, of those of which the log says it."""
    doubtful: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)
    """The earliest and the latest due date of orders that state several."""

    @property
    def span(self) -> float:
        """Seconds from the first start to the last end."""
        return (self.last - self.first).total_seconds()

    def visits(self) -> list[Visit]:
        """All visits of all orders."""
        return [visit for visits in self.orders.values() for visit in visits]

    def cycle_times(self) -> dict[str, float]:
        """Seconds from the first start to the last end of each order."""
        return {order: (end - start).total_seconds() for order, (start, end) in self.reported.items()}


def order_pieces(visits: Sequence[Visit]) -> float:
    """The pieces of an order as the log has them; those reported at once where it states none, and one where none were reported."""
    stated = next((visit.order_quantity for visit in visits if visit.order_quantity), None)
    return stated or max(visit.pieces for visit in visits) or 1.0


def union_seconds(spans: Iterable[tuple[datetime, datetime]]) -> float:
    """Seconds covered by at least one of the spans."""
    total, until = 0.0, None
    for start, end in sorted(spans):
        begin = start if until is None or start > until else until
        if end > begin:
            total += (end - begin).total_seconds()
            until = end
    return total


def shared_seconds(reports: Iterable[Mapping[str, Any]], places: int, quiet: Quiet | None = None) -> dict[int, float]:
    """Seconds of a station that each of its measured reports (by its row) took.

    A machine works on one order at a time: where reports of several orders overlap, each has an equal share of the time. At a place
    where several work at once, orders share only where there are more of them than `places`. Reports of one order that overlap
    count once, as work where one of them is a setup. What lies in `quiet` hours does not count.
    """
    quiet = quiet or Quiet()
    edges: list[tuple[datetime, bool, int, str, bool]] = []
    for row in reports:
        if row["timed"] and row["end"] > row["start"]:
            edges.append((row["start"], True, row["row"], row["order"], row["type"] == "setup"))
            edges.append((row["end"], False, row["row"], row["order"], row["type"] == "setup"))
    edges.sort()
    shares: dict[int, float] = {}
    active: dict[str, dict[int, bool]] = {}
    before: datetime | None = None
    for at, begins, number, order, is_setup in edges:
        if active and before is not None and at > before:
            share = quiet.seconds(before, at) * min(1.0, places / len(active))
            for own in active.values():
                counted = [report for report, setup in own.items() if not setup] or list(own)
                for report in counted:
                    shares[report] = shares.get(report, 0.0) + share / len(counted)
        before = at
        if begins:
            active.setdefault(order, {})[number] = is_setup
        else:
            del active[order][number]
            if not active[order]:
                del active[order]
    return shares


_READ = (
    "row", "order", "station", "product", "type", "start", "end", "quantity", "rejected", "order quantity", "rework", "operation",
    "timed", "worker",
)  # fmt: skip


def read_history(
    table: polars.DataFrame, center_of: Mapping[str, str], places: Mapping[str, int], quiet: Quiet | None = None
) -> History:
    """The visits of a cleaned log; `center_of` maps stations to work centers, `places` to how many orders each can work on at once;
    in `quiet` hours nobody works.

    All reports of an order on one step are one visit, until as many pieces were reported as the order still has: reports after that,
    when the order has meanwhile been elsewhere, are another visit. Without quantities, a visit ends where another step begins.
    """
    typical = _typical_times(table)
    rows: dict[str, list[dict[str, Any]]] = {}
    at: dict[str, list[dict[str, Any]]] = {}
    worked = table.filter(table["type"] != "breakdown").sort("start", "end", "row").select(_READ)
    for row in worked.iter_rows(named=True):
        rows.setdefault(row["order"], []).append(row)
        at.setdefault(row["station"], []).append(row)
    shares: dict[int, float] = {}
    for station, own in at.items():
        shares |= shared_seconds(own, places.get(station, 1), quiet)
    counted = table["quantity"].null_count() < table.height
    orders = {}
    for order, reports in rows.items():
        reports = _at_day_end(reports)
        visits = [_visit(group, center_of, typical, shares) for group in _groups(reports, center_of, counted)]
        visits.sort(key=lambda visit: (visit.start, visit.end))
        _set_reached(visits)
        orders[order] = tuple(visits)
    first, last = table["start"].min(), table["end"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    closing, still_open, recent = _open_orders(orders, last)
    still_open = _set_running(orders, still_open, recent)
    spans = _reported(table)
    reported = {order: (spans[order]["start"], spans[order]["end"]) for order in orders}
    return History(orders, first, last, still_open, closing, typical, reported)


def _reported(table: polars.DataFrame) -> dict[str, dict[str, datetime]]:
    import polars

    spans = table.group_by("order").agg(polars.col("start").min(), polars.col("end").max())
    return {row["order"]: row for row in spans.iter_rows(named=True)}


def _at_day_end(reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reports of which only the date is known (made up, from midnight on) moved behind the last measured report of their day."""
    ends: dict[Any, datetime] = {}
    for row in reports:
        if row["timed"]:
            day = row["end"].date()
            ends[day] = max(ends.get(day, row["end"]), row["end"])
    moved = []
    for row in reports:
        start = row["start"]
        if not row["timed"] and start.hour == start.minute == 0 and start.date() in ends:
            row = row | {"start": ends[start.date()], "end": ends[start.date()]}
        moved.append(row)
    return sorted(moved, key=lambda row: (row["start"], row["end"], row["row"]))


def _typical_times(table: polars.DataFrame) -> dict[str, float]:
    """The median measured time of a report of each operation; of its made-up times where none was measured."""
    times: dict[str, list[float]] = {}
    made_up: dict[str, list[float]] = {}
    for operation, kind, timed, seconds in table.select("operation", "type", "timed", "seconds").iter_rows():
        if kind == "work" and seconds > 0:
            (times if timed else made_up).setdefault(operation, []).append(seconds)
    return {name: median(found) for name, found in {**made_up, **times}.items()}


def _groups(
    reports: Sequence[Mapping[str, Any]], center_of: Mapping[str, str], counted: bool
) -> list[list[Mapping[str, Any]]]:
    groups: list[list[Mapping[str, Any]]] = []
    latest: dict[Step, int] = {}
    done: dict[Step, float] = {}
    came: dict[Step, float] = {}
    last: Step | None = None
    scrapped = 0.0
    for row in reports:
        step = (row["operation"], center_of[row["station"]])
        wanted = row["order quantity"]
        elsewhere = last is not None and last != step
        whole = not counted or wanted is None or done.get(step, 0.0) >= wanted - came.get(step, 0.0)
        if step not in latest or (elsewhere and whole):
            latest[step] = len(groups)
            groups.append([])
            done[step], came[step] = 0.0, scrapped
        groups[latest[step]].append(row)
        done[step] += (row["quantity"] or 0.0) + (row["rejected"] or 0.0)
        scrapped += row["rejected"] or 0.0
        last = step
    return groups


def _visit(
    group: Sequence[Mapping[str, Any]],
    center_of: Mapping[str, str],
    typical: Mapping[str, float],
    shares: Mapping[int, float],
) -> Visit:
    first = group[0]
    stations = tuple(dict.fromkeys(row["station"] for row in group))
    timed = [row for row in group if row["timed"]]
    seconds = {"work": 0.0, "setup": 0.0}
    for row in timed:
        seconds[row["type"]] += shares.get(row["row"], 0.0)
    untimed = [row for row in group if not row["timed"] and row["type"] == "work"]
    made_up = len(untimed) * typical.get(first["operation"], 0.0)
    seconds["work"] += made_up
    wanted = next((row["order quantity"] for row in group if row["order quantity"]), None)
    return Visit(
        order=first["order"],
        product=first["product"],
        step=(first["operation"], center_of[first["station"]]),
        start=min(row["start"] for row in group),
        end=max(row["end"] for row in group),
        stations=stations,
        work=seconds["work"],
        setup=seconds["setup"],
        pieces=sum(row["quantity"] or 0.0 for row in group),
        rejected=sum(row["rejected"] or 0.0 for row in group),
        order_quantity=wanted,
        timed=any(row["type"] == "work" for row in timed),
        rework=any(row["rework"] for row in group),
        reports=sum(row["type"] == "work" for row in timed),
        made_up=made_up,
        worker=_only({row["worker"] for row in timed if row["type"] == "work"}),
        parts=tuple((row["row"], row["type"], shares.get(row["row"], 0.0)) for row in timed),
    )


def _only(workers: set[str | None]) -> str | None:
    return workers.pop() if len(workers) == 1 else None


def _set_reached(visits: Sequence[Visit]) -> None:
    reached, scrapped = visits[0].start, 0.0
    for visit, after in itertools.zip_longest(visits, visits[1:]):
        visit.reached = reached
        if visit.order_quantity:
            visit.due = max(1.0, visit.order_quantity - scrapped)
        scrapped += visit.rejected
        reached = max(reached, visit.end)
        # A start at midnight is often that of a day, not of work.
        if after is not None and len(visit.stations) == 1 and visit.start.time() != time():
            visit.latest = (after.start - visit.start).total_seconds()


def _set_running(
    orders: Mapping[str, Sequence[Visit]], still_open: frozenset[str], recent: frozenset[str]
) -> frozenset[str]:
    """The last visit of a `recent` order is not done where pieces are missing that others, before the order goes on, report there: in
    nine of ten visits, of five at least. The orders under way, with those of which only such a visit tells it.
    """

    def whole(visit: Visit) -> bool:
        return visit.pieces + visit.rejected >= (visit.due or 0.0)

    done: dict[Step, list[bool]] = {}
    for order, visits in orders.items():
        for visit in visits if order not in recent else visits[:-1]:
            if visit.due:
                done.setdefault(visit.step, []).append(whole(visit))
    found = set(still_open)
    for order in recent:
        last = max(orders[order], key=lambda visit: visit.end)
        others = done.get(last.step, [])
        if last.due and not whole(last) and len(others) >= 5 and sum(others) >= 0.9 * len(others):
            last.running = True
            found.add(order)
    return frozenset(found)


def _closing(orders: Mapping[str, Sequence[Visit]]) -> tuple[str, float]:
    return closing_operation((visit.order, visit.step[0], visit.end) for visits in orders.values() for visit in visits)


def _open_orders(
    orders: Mapping[str, Sequence[Visit]], last: datetime
) -> tuple[str | None, frozenset[str], frozenset[str]]:
    """The operation that closes most orders; the orders taken to be under way when the log ends, which never reach it; and those whose
    last report is nearer to the log's end than 99 % of the pauses between visits are long, from which they are taken.
    """
    silent = {order: (last - max(visit.end for visit in visits)).total_seconds() for order, visits in orders.items()}
    pauses = sorted(
        max(0.0, (after.start - before.end).total_seconds())
        for visits in orders.values()
        for before, after in itertools.pairwise(visits)
    )
    usual, most = (pauses[int(share * (len(pauses) - 1))] if pauses else 0.0 for share in (0.99, 0.9))
    recent = frozenset(order for order, seconds in silent.items() if seconds <= usual)
    closing, share = _closing(orders)
    if share < 0.5:
        # In a short log most orders may be under way: those tell it of which nothing was heard for longer than most pauses last.
        quiet = {order: visits for order, visits in orders.items() if silent[order] > most}
        closing, share = _closing(quiet) if len(quiet) >= _FEWEST_SILENT else (closing, 0.0)
    if share < 0.5:
        return None, frozenset(), recent
    reach = {order for order, visits in orders.items() if closing in {visit.step[0] for visit in visits}}
    return closing, recent - reach, recent
