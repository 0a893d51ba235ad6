"""Revise the numbers of an existing plant from new records; what people wrote stays, and only what moved beyond noise is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from plantwright.calibration.cleaning import clean
from plantwright.calibration.estimating import Estimated, between_events, mean_of, rate_between, ratio, share
from plantwright.calibration.finding import find_history
from plantwright.calibration.fitting import FEWEST
from plantwright.calibration.knowing import is_measured, pieces_of, resolution
from plantwright.calibration.left_out import with_outliers
from plantwright.calibration.machines import at_speed
from plantwright.calibration.placing import Placed, placed
from plantwright.calibration.quality import Quality
from plantwright.calibration.recent import MOST_REPORTS
from plantwright.calibration.stops import find_stops
from plantwright.calibration.visits import History, Visit
from plantwright.errors import LogError, Place, Problem
from plantwright.events import EventLog
from plantwright.plant import Plant
from plantwright.plant.texts import scaled, text_at

if TYPE_CHECKING:
    pass

Verdict = Literal["moved", "measured now", "within noise", "too few records", "not changed"]
LEVEL = 0.95
FIGURES = 3


@dataclass(frozen=True)
class Renewed:
    """One number of a plant against new records of it.

    ``path`` and ``before`` as in the plant file; ``after`` what is to stand there, None where nothing is changed. ``was``, ``found``, ``low``
    and ``high`` are means in SI units (seconds, or shares), the interval one of all intervals of the update that hold at once with
    95 %. ``records`` is how many were used, ``why`` what is to be said beside.
    """

    path: str
    before: str
    after: str | None
    was: float
    found: float
    low: float
    high: float
    records: int
    verdict: Verdict
    unit: Literal["s", "share"] = "s"
    why: str = ""


@dataclass(frozen=True)
class Update:
    """What new records say of a plant: each number that they speak of, and what in them is not in the plant.

    ``rows`` of the log begin at ``since`` or later, and are of so many ``orders``; ``unknown`` names what the plant has not, with how
    many visits of orders each is. ``left_out`` is how many new times are outliers, which the quality names.
    """

    plant: Plant
    numbers: tuple[Renewed, ...]
    quality: Quality
    since: datetime
    rows: int
    orders: int
    unknown: Mapping[str, int]
    left_out: int = 0

    @property
    def edits(self) -> dict[str, Any]:
        """What is to be changed in the plant file, by path."""
        return {number.path: number.after for number in self.numbers if number.after is not None}

    def to_dict(self) -> dict[str, Any]:
        """The update as JSON shows it."""
        from plantwright.calibration.updating_show import update_dict

        return update_dict(self)

    def __str__(self) -> str:
        from plantwright.calibration.updating_show import update_text

        return update_text(self)


@dataclass(frozen=True)
class _Candidate:
    """A number of the plant that records speak of, before it is known how many are compared."""

    path: str
    was: float
    found: Estimated | None
    records: int
    unit: Literal["s", "share"] = "s"
    why: str = ""


def update(plant: Plant, log: EventLog, *, since: datetime | None = None, unattended: bool = False) -> Update:
    """Hold the numbers of a plant against new records.

    Times of operations, setups, failures and repairs, and the yields of steps are estimated from the visits that began at `since` or
    later. A number whose interval does not hold what the plant says has moved, and is changed; the intervals hold all at once
    with 95 % (Bonferroni). A guess that has been measured often enough is replaced, whether it was right or not. All else stays.

    Parameters
    ----------
    plant : Plant
        Read from a file.
    log : EventLog
        As `plantwright.exchange.read_log` gives it; what it calls products, operations and stations must be what the plant calls
        them, capitals and blanks aside.
    since : datetime, optional
        The first moment of the new records; all, if not given. Of a log with more reports than `recent.MOST_REPORTS`, only the orders
        that began last are looked at, and ``Update.since`` says since when.
    unattended : bool
        As in `calibrate`.

    Raises
    ------
    LogError
        For a log too damaged to use, or without a record since then.
    """
    cleaned = clean(log, unattended, MOST_REPORTS)
    seen = find_history(cleaned)
    table = seen.table
    whole = seen.history
    since = max(since or whole.first, whole.first if cleaned.recent is None else cleaned.recent.since)
    history = _since(whole, since)
    recent = table.filter(table["start"] >= since)
    if not history.orders:
        reason = (
            f"has no work that began on {since:%Y-%m-%d %H:%M} or later; its last ended on {whole.last:%Y-%m-%d %H:%M}"
        )
        raise LogError([Problem("PW3035", Place(log.name), "", reason)])
    found = placed(plant, history, seen.centers)
    stops = find_stops(recent, history, seen.centers, seen.places, cleaned.quiet)
    candidates = [
        *_times(plant, found, resolution(table)),
        *_yields(plant, found),
        *_setups(plant, found),
        *_failures(plant, found, stops),
    ]
    compared = sum(item.found is not None and item.records >= FEWEST for item in candidates)
    level = 1 - (1 - LEVEL) / max(1, compared)
    numbers = tuple(_judged(plant, item, level) for item in candidates)
    outliers = (*seen.outliers, *(one.outliers for one in stops.values() if one.outliers is not None))
    quality = with_outliers(cleaned, outliers)
    rows = set(recent["row"].to_list())
    left_out = sum(not rows.isdisjoint(own.rows) for one in outliers for own in one.times)
    return Update(plant, numbers, quality, since, recent.height, len(history.orders), dict(found.unknown), left_out)


def _since(history: History, since: datetime) -> History:
    """The visits that began then or later, in orders that have any."""
    orders = {
        order: kept
        for order, visits in history.orders.items()
        if (kept := tuple(v for v in visits if v.start >= since))
    }
    return replace(history, orders=orders)


def _times(plant: Plant, found: Placed, clock: float) -> Iterator[_Candidate]:
    """Times of operations: of all visits of a product at a step, a time per piece as the ratio of their work to their pieces; of unlike machines, at the
    speed that the plant gives them.
    """
    unlike = [machine for center in plant.work_centers.values() for machine in center.unlike]
    speeds = {machine.name: machine.speed for machine in unlike}
    for (product, name), visits in found.steps.items():
        step = plant.products[product].operation(name)
        path = f"products > {product} > routing > {name} > time"
        if step.time is None:
            continue
        measured = [at_speed(visit, speeds) for visit in visits if is_measured(visit)]
        was = step.time.distribution.mean
        if step.time.per == "batch":
            yield _Candidate(
                path, was, None, len(measured), why="a time per batch, of which records of orders do not tell"
            )
            continue
        lot = plant.products[product].lot
        counts = [pieces_of(visit) if step.time.per == "piece" else _lots(visit, lot) for visit in measured]
        made = ratio([visit.work for visit in measured], counts, clock)
        yield _Candidate(path, was, made, len(measured))


def _lots(visit: Visit, lot: float) -> float:
    """How many lots of the plant an order is; one where the plant's lots are as large as its orders."""
    return max(1.0, pieces_of(visit) / lot) if lot > 1 else 1.0


def _yields(plant: Plant, found: Placed) -> Iterator[_Candidate]:
    """Shares of good pieces, where any were rejected or the plant says that some are; what counts is how many visits had rejects."""
    for (product, name), visits in found.steps.items():
        step = plant.products[product].operation(name)
        counted = [visit for visit in visits if visit.pieces + visit.rejected > 0]
        bad = sum(visit.rejected > 0 for visit in counted)
        path = f"products > {product} > routing > {name} > yield"
        if not counted or not (bad or text_at(plant, path) is not None):
            continue
        made = share([visit.pieces for visit in counted], [visit.pieces + visit.rejected for visit in counted])
        yield _Candidate(path, step.yield_, made, bad, "share")


def _setups(plant: Plant, found: Placed) -> Iterator[_Candidate]:
    """Times of setups that do not hang on what comes after what: all setup time over all changes of product."""
    for center, (setups, changes) in found.setups.items():
        base = f"work centers > {center} > setup"
        path = base if text_at(plant, base) is not None else f"{base} > default"
        setup = plant.work_centers[center].setup
        if setup is None or text_at(plant, path) is None or setup.default is None:
            continue
        if setup.between or setup.into:
            yield _Candidate(
                path, setup.default.mean, None, len(setups), why="setups here hang on what comes after what"
            )
            continue
        made = rate_between(setups, changes)
        yield _Candidate(path, setup.default.mean, made, len(setups))


def _failures(plant: Plant, found: Placed, stops: Mapping[str, Any]) -> Iterator[_Candidate]:
    """The time between failures and the repair of a work center that has one way to fail."""
    for name, seen in stops.items():
        center = found.centers.get(name)
        if center is None or len(plant.work_centers[center].failures) != 1:
            continue
        failure = plant.work_centers[center].failures[0]
        base = f"work centers > {center} > failures > 1"
        if failure.clock == "working":
            yield _Candidate(f"{base} > every", failure.every.mean, between_events(seen.worked, seen.stops), seen.stops)
        values = seen.fitted.values if seen.fitted is not None else ()
        yield _Candidate(f"{base} > repair", failure.repair.mean, mean_of(values), len(values))


def _judged(plant: Plant, item: _Candidate, level: float) -> Renewed:
    """Whether a number has moved, and what is to stand in the file then."""
    before = text_at(plant, item.path) or ""
    if item.found is None or item.records < FEWEST:
        verdict: Verdict = "not changed" if item.why else "too few records"
        mean = item.found.mean if item.found is not None else item.was
        return Renewed(item.path, before, None, item.was, mean, mean, mean, item.records, verdict, item.unit, item.why)
    low, high = item.found.interval(level)
    guessed = "guess" in before.split()
    moved = not low <= item.was <= high
    after, why = None, item.why
    if moved or guessed:
        after = _written(before, item)
        if after == before:
            moved, after = False, None
        elif after is None:
            why = "its numbers stand in a file beside the plant: change it there"
    verdict = "moved" if moved else "measured now" if guessed else "within noise"
    return Renewed(
        item.path, before, after, item.was, item.found.mean, low, high, item.records, verdict, item.unit, why
    )  # fmt: skip


def _written(before: str, item: _Candidate) -> str | None:
    assert item.found is not None
    if item.unit == "share":
        return f"{100 * item.found.mean:.4g} %"
    if not before or item.was <= 0:
        return None
    text = before.partition(" guess")[0]
    return scaled(text, item.found.mean / item.was, FIGURES)


__all__ = ["Renewed", "Update", "update"]
