"""Operation, setup and repair times of a log, each with the distribution that fits it best."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING

from plantwright.calibration.candidates import Per
from plantwright.calibration.changes import Changes, find_changes
from plantwright.calibration.decisions import Ways
from plantwright.calibration.drift import of_today
from plantwright.calibration.fitting import FEWEST, FittedTime, fit_known
from plantwright.calibration.intervals import Told, mean_and_cv
from plantwright.calibration.knowing import is_measured, known_of, pieces_of, resolution
from plantwright.calibration.left_out import Outliers
from plantwright.calibration.machines import at_speed
from plantwright.calibration.proportions import Yield, find_yields
from plantwright.calibration.quiet import Quiet
from plantwright.calibration.setups import SetupFound, find_setups
from plantwright.calibration.stopped import machines_of
from plantwright.calibration.stops import StopsFound, stops_of
from plantwright.calibration.thin import Borrowed, borrowed_times
from plantwright.calibration.visits import History, Step, Visit
from plantwright.distributions import Distribution
from plantwright.units import show_duration

if TYPE_CHECKING:
    import polars

    from plantwright.calibration.centers import Center


@dataclass(frozen=True)
class StepTime:
    """The time of one product at one step: its distribution, what it is per, and where it comes from."""

    distribution: Distribution
    per: Per
    measured: int
    evidence: str
    guessed: bool = False
    fitted: FittedTime | None = None
    """What was fitted to its own times, where these are enough."""
    told: Told | None = None
    """What is known of its mean."""


@dataclass(frozen=True)
class Times:
    """All times of a log. ``pooled`` are the times of a step over all products; ``yields`` the shares of good pieces of a product at a step; ``changes`` what
    changed during the log, so that only records since are used; ``outliers`` the times that were left out of all this.
    """

    steps: Mapping[tuple[str, Step], StepTime]
    pooled: Mapping[Step, FittedTime]
    setups: Mapping[str, SetupFound] = field(default_factory=dict)
    stops: Mapping[str, StopsFound] = field(default_factory=dict)
    yields: Mapping[tuple[str, Step], Yield] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    outliers: tuple[Outliers, ...] = ()


def find_times(
    table: polars.DataFrame,
    history: History,
    centers: Sequence[Center],
    places: Mapping[str, int] | None = None,
    quiet: Quiet | None = None,
    outliers: Sequence[Outliers] = (),
    speeds: Mapping[str, float] | None = None,
    asked: Iterable[tuple[str, Step]] = (),
    ways: Iterable[Ways] = (),
) -> Times:
    """Fit the times of every product at every step, and of every work center's setups and breakdowns; `places` and `quiet` as
    `visits.read_history` takes them, `outliers` what was left out of the visits of `history`, `speeds` those of machines: times are what a machine of
    speed 1 takes. Of products and steps `asked` for that no visit tells, times are those of all products there. `ways` are the ways
    of orders, of which changes of shares are found.
    """
    out = {one.key: one for one in outliers}
    clock = resolution(table)
    by_step: dict[Step, list[Visit]] = {}
    for visit in history.visits():
        by_step.setdefault(visit.step, []).append(at_speed(visit, speeds) if speeds else visit)
    pooled = {}
    for step, visits in by_step.items():
        if any(is_measured(visit) for visit in visits):
            pooled[step] = fit_known(known_of(visits, clock))
    stopped = machines_of(table, history, centers, places or {}, quiet)
    per_piece = {step: own.per == "piece" for step, own in pooled.items()}
    changes = find_changes(by_step, per_piece, stopped, history.first, ways)
    today = dict(by_step)
    for step, drift in changes.times.items():
        today[step] = of_today(by_step[step], drift)
        pooled[step] = fit_known(known_of(today[step], clock))
    steps: dict[tuple[str, Step], StepTime] = {}
    for step, visits in today.items():
        products: dict[str, list[Visit]] = {}
        for visit in visits:
            products.setdefault(visit.product, []).append(visit)
        borrowed = borrowed_times(products, pooled[step]) if step in pooled else {}
        for product, own in products.items():
            thin = borrowed.get(product)
            steps[product, step] = _step_time(own, pooled.get(step), history.typical.get(step[0], 0.0), clock, thin)
            said = [out[product, step].words] if (product, step) in out else []
            said += changes.words(step)
            time = steps[product, step]
            steps[product, step] = replace(time, evidence="; ".join([time.evidence, *said]))
    for product, step in asked:
        if (product, step) not in steps:
            steps[product, step] = _step_time([], pooled.get(step), history.typical.get(step[0], 0.0), clock, None)
    stops = stops_of(stopped, history, centers, clock, changes.failures, changes.repairs)
    setups = find_setups(history, clock, out, changes.setups)
    yields = find_yields({step: changes.since(step, visits) for step, visits in by_step.items()})
    left_out = (*outliers, *(found.outliers for found in stops.values() if found.outliers is not None))
    return Times(steps, pooled, setups, stops, yields, changes, left_out)


def _step_time(
    own: Sequence[Visit], pooled: FittedTime | None, typical: float, clock: float, borrowed: Borrowed | None
) -> StepTime:
    measured = [visit for visit in own if is_measured(visit)]
    if pooled is None:
        return StepTime(Distribution.constant(typical), "lot", 0, "its reports have no times of their own", True)
    if not measured:
        return StepTime(
            pooled.distribution, pooled.per, 0, f"none measured; as all {len(pooled.values)} visits of this step"
        )
    if len(measured) >= FEWEST:
        fitted = fit_known(known_of(own, clock))
        told = mean_and_cv(fitted)[0]
        middle = show_duration(median(fitted.values))
        words = f"{middle} median, {len(measured)} visits, {fitted.words}, mean {_between(told)}"
        if fitted.bounds:
            words += f"; of {fitted.bounds} more only bounds are known"
        return StepTime(fitted.distribution, fitted.per, len(measured), words, fitted=fitted, told=told)
    count = len(measured)
    if borrowed is not None:
        words = (
            f"{count} {'visit' if count == 1 else 'visits'}, too few: mean {100 * borrowed.own:.0f} % its own, else of {borrowed.products} "
            f"products; spread of {len(pooled.values)} visits"
        )
        return StepTime(borrowed.distribution, borrowed.per, count, words, told=borrowed.told)
    work = sum(visit.work for visit in measured)
    parts = sum(map(pieces_of, measured)) if pooled.per == "piece" else count
    scaled = pooled.distribution.times(work / parts / pooled.distribution.mean)
    words = f"mean of {count}, spread as all {len(pooled.values)} visits of this step"
    if len(pooled.values) < FEWEST and scaled.kind != "constant":
        words = f"mean of {count}; too few to tell a distribution: {scaled.kind} is assumed"
    told = Told(math.log(scaled.mean), scaled.cv / math.sqrt(parts), max(1, len(pooled.values) - 1))
    return StepTime(scaled, pooled.per, count, words, told=told)


def _between(told: Told) -> str:
    """Where a mean lies, in words."""
    low, high = (show_duration(end) for end in told.interval())
    return low if low == high else f"{low} to {high}"
