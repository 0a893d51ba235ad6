"""Why orders waited, as far as their log tells: hour by hour, what would have held each up even if all else had been there.

After K. Lashkevich, F. Milani, D. Chapela-Campa, I. Suvorau and M. Dumas, Why am I waiting? Data-driven analysis of waiting times in
business processes (CAiSE 2023), with machines and people apart and the hours of a closed door split.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from plantwright.calibration.calendars import Calendar, Pattern, Weeks, open_spans
from plantwright.calibration.centers import Center
from plantwright.calibration.holding_up import (
    BREAKDOWN,
    FREE,
    MISSING_PERSON,
    OFF_SHIFT,
    QUEUEING,
    States,
    Use,
    at_work,
    free_of,
    states_of,
)
from plantwright.calibration.spans import Pair, Seconds, joined, left_of
from plantwright.calibration.staffing import StaffFound
from plantwright.calibration.visits import History

if TYPE_CHECKING:
    import polars

CAUSES = ("queueing", "priority", "breakdown", "off shift", "missing person", "batching", "unexplained")
_BATCHED = 0.1
_LARGE = 0.05
_GROUPS = 10
_NOTHING = 1e-3
_END_OF_SHIFT = 1800.0
"""Around each closing a quarter of an hour at either side is no reason to think that nothing but an unknown cause held an order up."""
_OF_STATE = {QUEUEING: 0, BREAKDOWN: 2, OFF_SHIFT: 3, MISSING_PERSON: 4, FREE: 6}
_PRIORITY, _BATCHING, _UNEXPLAINED, _OFF = 1, 5, 6, 3


@dataclass(frozen=True)
class Share:
    """A share of all waiting with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class WaitingFound:
    """Seconds that orders waited, by work center and cause (`CAUSES`); ``shares`` are those of all of it.

    ``visits`` is how many visits waited at each work center.
    """

    centers: Mapping[str, Mapping[str, float]]
    visits: Mapping[str, int]
    shares: Mapping[str, Share]
    orders: int

    @property
    def total(self) -> float:
        """All seconds waited."""
        return sum(sum(own.values()) for own in self.centers.values())

    @property
    def words(self) -> str:
        """``waiting is 61 % unexplained, 23 % off shift, 8 % missing person``: the causes of a twentieth or more."""
        large = [(cause, own.value) for cause, own in self.shares.items() if own.value >= _LARGE]
        parts = [f"{100 * value:.0f} % {cause}" for cause, value in sorted(large, key=lambda item: -item[1])]
        return f"waiting is {', '.join(parts)}" if parts else "orders do not wait"

    def rows(self) -> list[dict[str, Any]]:
        """A row for each work center, where most was waited first: how many visits waited, and hours by cause."""
        ranked = sorted(self.centers, key=lambda center: -sum(self.centers[center].values()))
        return [
            {"work center": center, "visits that waited": self.visits[center], "waited (h)": sum(self.centers[center].values()) / 3600}
            | {f"{cause} (h)": seconds / 3600 for cause, seconds in self.centers[center].items()}
            for center in ranked
        ]  # fmt: skip


@dataclass(frozen=True)
class _Wait:
    """The spans in which one visit waited, the number of its order, when it came, was worked from and until, where."""

    spans: tuple[Pair, ...]
    order: int
    reached: float
    start: float
    end: float
    stations: tuple[str, ...]


def find_causes(
    table: polars.DataFrame,
    measured: polars.DataFrame,
    history: History,
    centers: Sequence[Center],
    calendars: Mapping[str, Calendar],
    weeks: Weeks,
    staff: StaffFound | None,
) -> WaitingFound:
    """Why the orders of a cleaned log waited; `measured` are its rows with a time of their own, cut at quiet hours.

    An order waits from the moment at which it has left the step before until it leaves this one, but for the time of its own reports.
    Each instant is put down to the first of these that holds:

    - *queueing*: every machine of the work center works on other orders; *priority* where one of these came later;
    - *off shift*: the work center is closed, in so far as the open hours of the same wait are explained, or where it has none. A night
      within a wait that nothing explains would have passed also if the door had been open;
    - *breakdown*: the machines that do not work are down;
    - *missing person*: of those who have worked there, nobody is there and on no other report (there at all, where one person
      tends several machines);
    - *batching*: the last order of the batch in which it was worked has not come yet (orders that begin and end together at a machine, where a tenth of
      its visits do);
    - *unexplained* else.
    """
    uses, reports = _uses(measured, history, centers)
    present = at_work(reports, _shifts(staff, weeks, history)) if staff is not None else {}
    free = free_of(present, reports)
    waits = _waits(table, measured, history)
    by_order = np.zeros((len(history.orders), len(CAUSES)))
    found: dict[str, dict[str, float]] = {}
    visits: dict[str, int] = {}
    for center in centers:
        own, use = waits.get(center.name, []), uses[center.name]
        people = None
        if staff is not None and use.people:
            held = free if center.name in staff.attended else present
            people = [span for person in sorted(use.people) for span in held[person]]
        calendar = calendars.get(center.name)
        opened = _opened(calendar.patterns, weeks, history) if calendar is not None and calendar.patterns else None
        seconds = _causes_of(own, states_of(use, opened, people, history.span))
        np.add.at(by_order, [wait.order for wait in own], seconds)
        found[center.name] = dict(zip(CAUSES, seconds.sum(axis=0).tolist(), strict=True))
        visits[center.name] = int((seconds.sum(axis=1) > 0).sum())
    came = sorted(range(len(by_order)), key=[history.reported[order][0] for order in history.orders].__getitem__)
    return WaitingFound(found, visits, _shares(by_order[came]), len(history.orders))


def _uses(
    measured: polars.DataFrame, history: History, centers: Sequence[Center]
) -> tuple[dict[str, Use], dict[str, list[Pair]]]:
    """Who used each work center when, and the reports of each person."""
    of = {station: center for center in centers for station in center.stations}
    uses = {center.name: Use(center.machines, len(center.stations) == 1) for center in centers}
    reports: dict[str, list[Pair]] = {}
    rows = measured.select("order", "station", "worker", "type", *_seconds(history))
    for order, station, worker, kind, start, end in rows.iter_rows():
        center = of.get(station)
        if center is None or end <= start:
            continue
        use = uses[center.name]
        if kind == "breakdown":
            use.down.setdefault(station, []).append((start, end))
            continue
        use.spans.setdefault(order if use.alone and use.machines > 1 else station, []).append((start, end))
        if worker is not None:
            use.people.add(worker)
            reports.setdefault(worker, []).append((start, end))
    return uses, reports


def _seconds(history: History) -> list[polars.Expr]:
    """Starts and ends of rows as seconds since the log began."""
    import polars

    return [(polars.col(name) - history.first).dt.total_microseconds() / 1e6 for name in ("start", "end")]


def _opened(patterns: Sequence[Pattern], weeks: Weeks, history: History) -> list[Pair]:
    """The hours of some patterns as seconds since the log began."""
    first = history.first
    before = (first - first.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    spans = open_spans(patterns, weeks.closed, first.date(), history.last.date())
    return [(start - before, end - before) for start, end in spans]


def _shifts(staff: StaffFound, weeks: Weeks, history: History) -> list[Pair]:
    """The shifts of all people one by one, by their starts."""
    return sorted(
        span for own in staff.shifts.values() for pattern in own for span in _opened([pattern], weeks, history)
    )


def _waits(table: polars.DataFrame, measured: polars.DataFrame, history: History) -> dict[str, list[_Wait]]:
    """The waits of all visits, by work center, in the order in which they came."""
    import polars

    worked: dict[str, list[Pair]] = {}
    for rows in (measured, table.filter(~polars.col("timed"))):
        own = rows.filter(polars.col("type") != "breakdown").select("order", *_seconds(history))
        for order, start, end in own.iter_rows():
            worked.setdefault(order, []).append((start, end))

    def since(at: datetime) -> float:
        return (at - history.first).total_seconds()

    made: dict[str, list[_Wait]] = {}
    for number, (order, visits) in enumerate(history.orders.items()):
        taken = joined(worked.get(order, ()))
        for visit in visits:
            reached, start, end = since(visit.reached or visit.start), since(visit.start), since(visit.end)
            spans = tuple(left_of(reached, end, taken)) if end > reached else ()
            made.setdefault(visit.step[1], []).append(_Wait(spans, number, reached, start, end, visit.stations))
    for waits in made.values():
        waits.sort(key=lambda wait: (wait.reached, wait.start))
    return made


def _causes_of(waits: Sequence[_Wait], states: States) -> npt.NDArray[np.float64]:
    """Seconds of each cause for each visit to one work center."""
    spans = [(number, start, end) for number, wait in enumerate(waits) for start, end in wait.spans]
    made = np.zeros((len(waits), len(CAUSES)))
    if not spans:
        return made
    for state, cause in _OF_STATE.items():
        made[:, cause] = _held(spans, states, state, len(waits))
    _pass_over(made, waits, states)
    _batch(made, waits, states)
    explained = made[:, [0, 1, 2, 4, 5]].sum(axis=1)
    closed = [np.subtract(*np.searchsorted(states.closings, [wait.end, wait.reached])) for wait in waits]
    unexplained = np.maximum(0.0, made[:, _UNEXPLAINED] - _END_OF_SHIFT * np.maximum(1, closed))
    opened = explained + unexplained
    share = np.where(opened > 0, explained / np.where(opened > 0, opened, 1.0), 1.0)
    made[:, _UNEXPLAINED] += (1 - share) * made[:, _OFF]
    made[:, _OFF] *= share
    # Differences of long sums leave traces of what is not there.
    made[made < _NOTHING] = 0.0
    return made


def _pass_over(made: npt.NDArray[np.float64], waits: Sequence[_Wait], states: States) -> None:
    """Of queueing, that while an order that came later is worked on is priority."""
    begun = sorted(waits, key=lambda wait: wait.start)
    starts = np.array([wait.start for wait in begun])
    reached = np.array([wait.reached for wait in begun])
    lows = np.searchsorted(starts, [wait.reached for wait in waits], "right")
    highs = np.searchsorted(starts, [wait.end for wait in waits], "right")
    passed: list[tuple[int, float, float]] = []
    for number in np.flatnonzero((made[:, 0] > 0) & (highs > lows)).tolist():
        wait, low = waits[number], int(lows[number])
        later = (begun[k] for k in (low + np.flatnonzero(reached[low : highs[number]] > wait.reached)).tolist())
        passed += [
            (number, max(a, start), min(b, end))
            for start, end in joined((other.start, other.end) for other in later)
            for a, b in wait.spans
            if min(b, end) > max(a, start)
        ]
    seconds = _held(passed, states, QUEUEING, len(waits))
    made[:, 0] -= seconds
    made[:, _PRIORITY] += seconds


def _batch(made: npt.NDArray[np.float64], waits: Sequence[_Wait], states: States) -> None:
    """What nothing else explains until the last order of a batch has come is batching."""
    together: dict[tuple[tuple[str, ...], float, float], list[int]] = {}
    for number, wait in enumerate(waits):
        if wait.end > wait.start:
            together.setdefault((wait.stations, wait.start, wait.end), []).append(number)
    batches = [own for own in together.values() if len({waits[number].order for number in own}) > 1]
    if sum(map(len, batches)) < _BATCHED * len(waits):
        return
    spans: list[tuple[int, float, float]] = []
    for own in batches:
        whole = max(waits[number].reached for number in own)
        spans += [(number, a, min(b, whole)) for number in own for a, b in waits[number].spans if a < whole]
    seconds = _held(spans, states, FREE, len(waits))
    made[:, _UNEXPLAINED] -= seconds
    made[:, _BATCHING] += seconds


def _held(spans: Sequence[tuple[int, float, float]], states: States, state: int, visits: int) -> Seconds:
    """Seconds of a state within the spans of each visit, which come with its number."""
    total = np.zeros(visits)
    if spans:
        numbers, starts, ends = np.array(spans).T
        np.add.at(total, numbers.astype(int), states.within(starts, ends, state))
    return total


def _shares(by_order: npt.NDArray[np.float64]) -> dict[str, Share]:
    """The share of each cause in all waiting. Orders that wait together wait for the same, so intervals are of ten groups of orders as they
    came (batch means), for a ratio (Cochran 1977, Sampling techniques, section 2.11).
    """
    from scipy.special import stdtrit

    groups = [own.sum(axis=0) for own in np.array_split(by_order, min(_GROUPS, max(1, len(by_order))))]
    number, total = len(groups), float(by_order.sum())
    made = {}
    for cause, own in zip(CAUSES, np.array(groups).T, strict=True):
        value = float(own.sum()) / total if total > 0 else 0.0
        half = 1.0
        if number > 1 and total > 0:
            error = own - value * np.array(groups).sum(axis=1)
            spread = math.sqrt(number / (number - 1) * float((error**2).sum())) / total
            half = float(stdtrit(number - 1, 0.975)) * spread
        made[cause] = Share(value, max(0.0, value - half), min(1.0, value + half))
    return made
