"""Whether times changed during the log, and since when, so that a model speaks of today."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from plantwright.calibration.knowing import is_measured, pieces_of
from plantwright.calibration.likelihood import Floats
from plantwright.calibration.pooling import shrink
from plantwright.calibration.thin import logs_of, variance_within
from plantwright.calibration.visits import Step, Visit

FEWEST_AROUND = 20
"""A change is looked for with so many times on either side of it."""

LEAST_CHANGE = 0.1
"""A smaller change of the mean of logarithms (a tenth) is left alone: what is lost with the older times weighs more."""

_FALSE_ALARMS = 0.05
_SHUFFLES = 999
_MOST_POINTS = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """A change of level: the number of times before it, the mean of logarithms before and after, and its p-value."""

    at: int
    before: float
    after: float
    p_value: float

    @property
    def factor(self) -> float:
        """By what the times are multiplied since."""
        return math.exp(self.after - self.before)


@dataclass(frozen=True)
class Drift:
    """A change of the times of a step: since when, and what changed."""

    since: datetime
    change: Change

    @property
    def words(self) -> str:
        """What a comment in the plant file says of it."""
        longer = "longer" if self.change.factor > 1 else "shorter"
        factor = max(self.change.factor, 1 / self.change.factor)
        return f"times since {self.since:%Y-%m-%d}, when they became {factor:.2g} times {longer}"


def find_drift(by_step: Mapping[Step, Sequence[Visit]], per_piece: Mapping[Step, bool]) -> dict[Step, Drift]:
    """The steps whose times changed during the log. Each time is held against the mean of its product (by empirical Bayes), so that
    another mix of products is no change.
    """
    measured = {
        step: sorted((visit for visit in visits if is_measured(visit)), key=lambda visit: visit.start)
        for step, visits in by_step.items()
    }
    measured = {step: visits for step, visits in measured.items() if len(visits) >= 2 * FEWEST_AROUND}
    made = {}
    for step, visits in measured.items():
        change = last_change(_rests(visits, per_piece.get(step, False)), tests=len(measured))
        if change is not None:
            made[step] = Drift(visits[change.at].start, change)
    return made


def _rests(visits: Sequence[Visit], per_piece: bool) -> list[float]:
    """Logarithms of times, each less what is usual for its product."""
    products: dict[str, list[Visit]] = {}
    for visit in visits:
        products.setdefault(visit.product, []).append(visit)
    logs = logs_of(products, per_piece)
    within = variance_within(logs)
    usual = dict.fromkeys(logs, 0.0)
    if len(logs) > 1 and within > 0:
        means = shrink(
            [float(np.mean(own)) for own in logs.values()], [within / len(own) for own in logs.values()]
        ).means
        usual = dict(zip(logs, means, strict=True))
    return [math.log(v.work / (pieces_of(v) if per_piece else 1.0)) - usual[v.product] for v in visits]


def of_today(visits: Sequence[Visit], drift: Drift) -> list[Visit]:
    """The visits since a change; of products that have not come since, those before it, with times as they would be now."""
    since = [visit for visit in visits if visit.start >= drift.since]
    still_made = {visit.product for visit in since if is_measured(visit)}
    factor = drift.change.factor
    return since + [
        replace(visit, work=visit.work * factor, made_up=visit.made_up * factor, latest=None)
        for visit in visits
        if visit.start < drift.since and visit.product not in still_made
    ]


def last_change(values: Sequence[float], *, tests: int = 1, seed: int = 1) -> Change | None:
    """The last change of level in a sequence.

    Parameters
    ----------
    values : sequence of float
        Logarithms of times in the order in which they happened.
    tests : int
        How many sequences are looked at; the 5 % of false alarms are shared among them (Bonferroni).
    seed : int
        Of the shuffles.

    Returns
    -------
    Change or None
        Binary segmentation (Scott and Knott 1974): the greatest standardized difference of two means is held against that of 999
        shuffles, and what comes after a change is searched again, until none is found. Neighbours that are alike by themselves make
        differences of means larger; the statistic is divided by sqrt((1 + r) / (1 - r)), r being their correlation around both levels. None
        where no change is significant, or the last is smaller than a tenth.
    """
    series = np.asarray(values, np.float64)
    chance = np.random.default_rng(seed)
    begin, found = 0, None
    while series.size - begin >= 2 * FEWEST_AROUND:
        change = _one_change(series[begin:], _FALSE_ALARMS / max(1, tests), chance)
        if change is None:
            break
        found = Change(begin + change.at, change.before, change.after, change.p_value)
        begin = found.at
    return found if found is not None and abs(found.after - found.before) >= LEAST_CHANGE else None


def _one_change(series: Floats, alpha: float, chance: np.random.Generator) -> Change | None:
    n = series.size
    # Of very many times, means of neighbours: a change is then found to within a thousandth of them.
    width = math.ceil(n / _MOST_POINTS)
    points = series[: n - n % width].reshape(-1, width).mean(axis=1)
    margin = max(2, math.ceil(FEWEST_AROUND / width))
    if points.size < 2 * margin:
        return None
    greatest, at = _greatest(points[None, :], margin)
    cut = int(at[0])
    before, after = float(points[:cut].mean()), float(points[cut:].mean())
    rest = points - np.where(np.arange(points.size) < cut, before, after)
    power = float((rest**2).sum())
    alike = float((rest[1:] * rest[:-1]).sum()) / power if power > 0 else 0.0
    # Over n times around their own mean it is too low by (1 + 4 r) / n (Marriott and Pope 1954); here each level has half of them.
    alike = min(0.9, max(0.0, alike + (2 + 8 * alike) / points.size))
    statistic = float(greatest[0]) / math.sqrt((1 + alike) / (1 - alike))
    # Shuffles tell how large it gets by chance; far out, the tail of the greatest of them goes on as a Gumbel distribution.
    shuffled = _greatest(chance.permuted(np.broadcast_to(points, (_SHUFFLES, points.size)), axis=1), margin)[0]
    p_value = (1 + int((shuffled >= statistic).sum())) / (_SHUFFLES + 1)
    if p_value <= 20 / _SHUFFLES:
        p_value = _tail(shuffled**2, statistic**2)
    return Change(cut * width, before, after, p_value) if p_value <= alpha else None


def _greatest(rows: Floats, margin: int) -> tuple[Floats, Floats]:
    """For each row, the greatest difference of the means of its two parts over its standard error, and where it is."""
    n = rows.shape[1]
    sums = np.cumsum(rows - rows.mean(axis=1, keepdims=True), axis=1)[:, margin - 1 : n - margin]
    size = np.arange(margin, n - margin + 1)
    # Of variances around both levels, as in Student's test.
    explained = sums**2 * n / (size * (n - size))
    whole = ((rows - rows.mean(axis=1, keepdims=True)) ** 2).sum(axis=1, keepdims=True)
    squared = explained / np.maximum(whole - explained, 1e-12 * np.maximum(whole, 1e-300)) * (n - 2)
    return np.sqrt(squared.max(axis=1)), squared.argmax(axis=1) + margin


def _tail(squares: Floats, square: float) -> float:
    """The chance that the greatest of squared differences is larger, from the mean and standard deviation of shuffles (Gumbel)."""
    scale = float(squares.std()) * math.sqrt(6) / math.pi
    level = float(squares.mean()) - 0.5772156649 * scale
    return -math.expm1(-math.exp(-(square - level) / scale)) if scale > 0 else 1.0
