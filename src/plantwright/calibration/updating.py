"""Revise the numbers of an existing plant from new records; what people wrote stays, and only what moved beyond noise is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from plantwright.calibration.cleaning import clean
from plantwright.calibration.estimating import between_events, mean_of, ratio, share
from plantwright.calibration.finding import find_history
from plantwright.calibration.knowing import is_measured, pieces_of, resolution
from plantwright.calibration.left_out import with_outliers
from plantwright.calibration.machines import at_speed
from plantwright.calibration.placing import Placed, placed
from plantwright.calibration.quality import Quality
from plantwright.calibration.recent import MOST_REPORTS
from plantwright.calibration.renewing import Candidate, Renewed, judged
from plantwright.calibration.stops import find_stops
from plantwright.calibration.updating_arrivals import arrivals_of
from plantwright.calibration.updating_batches import batches_of
from plantwright.calibration.updating_hours import hours_of
from plantwright.calibration.updating_setups import setups_of, without_words
from plantwright.calibration.updating_shares import shares_of
from plantwright.calibration.visits import History, Visit
from plantwright.errors import LogError, Place, Problem
from plantwright.events import EventLog
from plantwright.plant import Plant
from plantwright.plant.products import Operation
from plantwright.plant.texts import text_at


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


def update(plant: Plant, log: EventLog, *, since: datetime | None = None, unattended: bool = False) -> Update:
    """Hold the numbers of a plant against new records.

    Times of operations and batches, setups by what came after what, loading, failures and repairs, yields, shares of optional steps, branches and rework,
    demand, releases and due dates are estimated from the visits that began at `since` or later. A number whose interval does not hold what the plant says has moved, and is changed; the intervals hold all at once
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
    clock = resolution(table)
    begun = whole.begun | {order for order in history.orders if whole.orders[order][0].start < since}
    candidates = [
        *_times(plant, found, clock),
        *batches_of(plant, found, cleaned.quiet, clock),
        *_yields(plant, found),
        *setups_of(plant, found, clock, from_begin=since <= whole.first),
        *_failures(plant, found, stops),
        *shares_of(plant, found, begun, whole.open_orders),
        *arrivals_of(plant, found, whole, since),
        *_delays(plant),
        *hours_of(plant, found.centers, seen.center_of, recent, cleaned.quiet),
    ]
    numbers = judged(plant, candidates)
    unknown = dict(found.unknown) | without_words(plant, found)
    outliers = (*seen.outliers, *(one.outliers for one in stops.values() if one.outliers is not None))
    quality = with_outliers(cleaned, outliers)
    rows = set(recent["row"].to_list())
    left_out = sum(not rows.isdisjoint(own.rows) for one in outliers for own in one.times)
    return Update(plant, numbers, quality, since, recent.height, len(history.orders), unknown, left_out)


def _delays(plant: Plant) -> Iterator[Candidate]:
    """What lots lie for is no more in the records than what they wait for; it is fitted to the totals of a whole log."""
    for name, center in plant.work_centers.items():
        if center.delay is not None:
            why = "delays are fitted to the totals of a whole log, when all that explains waiting is known: make the plant anew (calibrate)"
            yield Candidate(f"work centers > {name} > delay", center.delay.mean, None, 0, why=why)


def _since(history: History, since: datetime) -> History:
    """The visits that began then or later, in orders that have any."""
    orders = {
        order: kept
        for order, visits in history.orders.items()
        if (kept := tuple(v for v in visits if v.start >= since))
    }
    return replace(history, orders=orders)


def _times(plant: Plant, found: Placed, clock: float) -> Iterator[Candidate]:
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
            continue
        lot = plant.products[product].lot
        counts = [pieces_of(visit) if step.time.per == "piece" else _lots(visit, lot) for visit in measured]
        work, why = _less_loading(step, measured, lot), ""
        made = ratio(work, counts, clock)
        if made is None and measured and (step.load or step.unload):
            why = "records show no more than loading and unloading takes"
        yield Candidate(path, was, made, len(measured), why=why)


def _less_loading(step: Operation, visits: Sequence[Visit], lot: float) -> list[float]:
    """The work of visits less loading and unloading: records tell both together, and what the plant says of these two is believed."""
    work = [visit.work for visit in visits]
    for time, booked in ((step.load, any(visit.setup > 0 for visit in visits)), (step.unload, False)):
        if time is None or booked:
            continue
        numbers = [pieces_of(visit) if time.per == "piece" else _lots(visit, lot) for visit in visits]
        work = [seconds - time.distribution.mean * number for seconds, number in zip(work, numbers, strict=True)]
    return work


def _lots(visit: Visit, lot: float) -> float:
    """How many lots of the plant an order is; one where the plant's lots are as large as its orders."""
    return max(1.0, pieces_of(visit) / lot) if lot > 1 else 1.0


def _yields(plant: Plant, found: Placed) -> Iterator[Candidate]:
    """Shares of good pieces, where any were rejected or the plant says that some are; what counts is how many visits had rejects."""
    for (product, name), visits in found.steps.items():
        step = plant.products[product].operation(name)
        counted = [visit for visit in visits if visit.pieces + visit.rejected > 0]
        bad = sum(visit.rejected > 0 for visit in counted)
        path = f"products > {product} > routing > {name} > yield"
        if not counted or not (bad or text_at(plant, path) is not None):
            continue
        made = share([visit.pieces for visit in counted], [visit.pieces + visit.rejected for visit in counted])
        yield Candidate(path, step.yield_, made, bad, "share")


def _failures(plant: Plant, found: Placed, stops: Mapping[str, Any]) -> Iterator[Candidate]:
    """The time between failures and the repair of a work center that has one way to fail."""
    for name, seen in stops.items():
        center = found.centers.get(name)
        if center is None or len(plant.work_centers[center].failures) != 1:
            continue
        failure = plant.work_centers[center].failures[0]
        base = f"work centers > {center} > failures > 1"
        if failure.clock == "working":
            yield Candidate(f"{base} > every", failure.every.mean, between_events(seen.worked, seen.stops), seen.stops)
        values = seen.fitted.values if seen.fitted is not None else ()
        yield Candidate(f"{base} > repair", failure.repair.mean, mean_of(values), len(values))


__all__ = ["Renewed", "Update", "update"]
