"""Setup times of a log: by work center, and by product where that is no chance."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median

import numpy as np

from plantwright.calibration.drift import Drift
from plantwright.calibration.estimating import of_few
from plantwright.calibration.fitting import FEWEST, FittedTime, fit_known
from plantwright.calibration.intervals import Told, mean_and_cv
from plantwright.calibration.knowing import half_width
from plantwright.calibration.left_out import Key, Outliers
from plantwright.calibration.likelihood import Known
from plantwright.calibration.many_tests import limit_of
from plantwright.calibration.pooling import shrink
from plantwright.calibration.visits import History
from plantwright.distributions import Distribution
from plantwright.units import show_duration

_FEWEST_OF_PRODUCT = 3
OFTENER = 3
"""Setups that are so many times as many as changes of product come with each lot."""


@dataclass(frozen=True)
class SetupInto:
    """The time to set up for one product, at a change to it, with what is known of its mean, and how many were measured."""

    distribution: Distribution
    told: Told
    setups: int


@dataclass(frozen=True)
class SetupFound:
    """Setups of a work center: measured times, how often products changed there, and the time to set up at a change of product, with
    what is known of its mean: of the measured ones, and of how often a change takes one. ``setups`` counts the `outliers` too.

    Where products differ, ``into`` has those with setups enough, ``distribution`` is that of all others, and ``shape`` what was fitted to the times over
    the mean of their product. ``visits`` are all visits to the work center.
    """

    fitted: FittedTime
    setups: int
    changes: int
    distribution: Distribution
    told: Told
    outliers: Outliers | None = None
    drift: Drift | None = None
    into: Mapping[str, SetupInto] = field(default_factory=dict)
    shape: FittedTime | None = None
    visits: int = 0

    @property
    def words(self) -> str:
        """What a comment in the plant file says of them."""
        setups = "1 setup" if self.setups == 1 else f"{self.setups} setups"
        left_out = f", {self.outliers.words}" if self.outliers is not None else ""
        changed = f"; {self.drift.words}" if self.drift is not None else ""
        return f"setup: {show_duration(median(self.fitted.values))} median, {setups}{left_out}{changed}"

    @property
    def by_product(self) -> list[str]:
        """What a comment says of each product that has a setup time of its own."""
        made = []
        for product, own in self.into.items():
            low, high = (show_duration(end) for end in own.told.interval())
            made.append(
                f"setup into {product}: mean {low} to {high}, {own.setups} setups; products differ by more than chance"
            )
        return made

    @property
    def usual(self) -> bool:
        """Whether setups belong to a change of product: they come often enough, three at least or at one change in ten, and not at visits without one."""
        return (self.setups >= 3 or self.setups >= 0.1 * self.changes) and not self.each

    @property
    def each(self) -> bool:
        """Whether setups belong to each visit, and not to a change of product, as there are over three times as many as changes."""
        return self.setups > OFTENER * self.changes

    @property
    def load(self) -> Distribution:
        """The time for a visit where setups belong to each: as many hours in all as setups took."""
        return self.fitted.distribution.times(self.setups / self.visits)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Where the true mean for a change of product lies (of few: `estimating.of_few`)."""
        if self.setups >= FEWEST:
            return self.told.interval(level)
        return of_few(self.distribution.mean, self.setups).interval(level)


@dataclass
class _Seen:
    """The setups of a work center by product, and the changes to each."""

    times: dict[str, list[float]] = field(default_factory=dict)
    changes: Counter[str] = field(default_factory=Counter)
    visits: int = 0

    @property
    def values(self) -> list[float]:
        return [seconds for own in self.times.values() for seconds in own]


def find_setups(
    history: History, clock: float, out: Mapping[Key, Outliers], drifts: Mapping[str, Drift]
) -> dict[str, SetupFound]:
    """Setup time is spread over the changes of product, so that simulated setups take as many hours as the log's; those that are left `out`
    count as long as the others. Where setups changed, those since count.

    Products have setup times of their own at a work center where the lengths of their setups differ (Kruskal and Wallis 1952, of products with three at least;
    in one log of twenty by chance, over all work centers: Holm 1979).
    """
    seen = _seen(history, drifts)
    p_values = {center: _differ(own) for center, own in seen.items()}
    limit = limit_of([p_value for p_value in p_values.values() if p_value is not None])
    made = {}
    for center, own in seen.items():
        found = _found(own, clock, out.get(center) if center not in drifts else None)
        found = replace(found, outliers=out.get(center), drift=drifts.get(center))
        p_value = p_values[center]
        apart = p_value is not None and p_value <= limit and not found.each
        made[center] = _apart(found, own, clock) if apart else found
    return made


def _seen(history: History, drifts: Mapping[str, Drift]) -> dict[str, _Seen]:
    found: dict[str, _Seen] = {}
    sequence: dict[tuple[str, str], list[tuple[datetime, str]]] = {}
    for visit in history.visits():
        center = visit.step[1]
        if center in drifts and visit.start < drifts[center].since:
            continue
        if visit.setup > 0:
            found.setdefault(center, _Seen()).times.setdefault(visit.product, []).append(visit.setup)
        for station in visit.stations:
            sequence.setdefault((center, station), []).append((visit.start, visit.product))
    for (center, _), moments in sequence.items():
        if center in found:
            order = [product for _, product in sorted(moments)]
            found[center].changes.update([order[0], *(b for a, b in itertools.pairwise(order) if a != b)])
            found[center].visits += len(order)
    return found


def _found(seen: _Seen, clock: float, out: Outliers | None) -> SetupFound:
    values = seen.values
    fitted = fit_known(Known.of(values, half_widths=[half_width(clock, 1)] * len(values)))
    changes = seen.changes.total()
    number = len(values) + (len(out.times) if out is not None else 0)
    mean = sum(values) / len(values) * number / max(1, changes)
    told = mean_and_cv(fitted)[0]
    told = Told(math.log(mean), math.hypot(told.error, _seldom(number, changes)), told.freedom)
    law = fitted.distribution.times(mean / fitted.distribution.mean)
    return SetupFound(fitted, number, changes, law, told, visits=seen.visits)


def _seldom(number: int, changes: int) -> float:
    """How unsure it is how often a change takes a setup, as a standard error of its logarithm."""
    return math.sqrt(max(0.0, 1 - number / max(1, changes)) / number)


def _differ(seen: _Seen) -> float | None:
    """How often products that are alike would differ so much by chance; None where too few can be compared."""
    groups = [own for own in seen.times.values() if len(own) >= _FEWEST_OF_PRODUCT]
    if len(groups) < 2 or max(map(len, groups)) < FEWEST or len({value for own in groups for value in own}) < 2:
        return None
    from scipy.stats import kruskal

    return float(kruskal(*groups).pvalue)


def _apart(found: SetupFound, seen: _Seen, clock: float) -> SetupFound:
    """Products with `FEWEST` setups have times of their own: means of logarithms pulled together, raised so that all setups of the log take their hours."""
    own = {product: times for product, times in seen.times.items() if len(times) >= FEWEST}
    rest = [value for product, times in seen.times.items() if product not in own for value in times]
    groups: dict[str | None, list[float]] = {}
    groups.update(own)
    if rest:
        groups[None] = rest
    logs = {name: np.log(times) for name, times in groups.items()}
    freedom = sum(map(len, logs.values())) - len(logs)
    within = sum(float(((x - x.mean()) ** 2).sum()) for x in logs.values()) / freedom
    pulled = shrink([float(x.mean()) for x in logs.values()], [within / len(x) for x in logs.values()])
    level = dict(zip(logs, pulled.means, strict=True))
    error = dict(zip(logs, pulled.errors, strict=True))
    ratios = [value / math.exp(level[name]) for name, times in groups.items() for value in times]
    shape = fit_known(
        Known.of(ratios, half_widths=[_narrow(clock, level[name]) for name, times in groups.items() for _ in times])
    )
    common = level.get(None, pulled.common)
    expected = sum(math.exp(level.get(product, common)) * number for product, number in seen.changes.items())
    raised = found.told.value * found.changes / expected

    def told(name: str | None) -> Told:
        of_setups = math.hypot(error.get(name, math.sqrt(within)), within / math.sqrt(2 * freedom))
        seldom = _seldom(found.setups, found.changes)
        return Told(math.log(raised) + level.get(name, common), math.hypot(of_setups, seldom), freedom)

    def law(mean: float) -> Distribution:
        return shape.distribution.times(mean / shape.distribution.mean)

    into = {product: SetupInto(law(told(product).value), told(product), len(times)) for product, times in own.items()}
    others = told(None)
    return replace(found, distribution=law(others.value), told=others, into=into, shape=shape)


def _narrow(clock: float, level: float) -> float:
    """Half the width of what a clock leaves open of a time, over the mean of its product."""
    return half_width(clock, 1) / math.exp(level)
