"""Whether times, setups, failures, scrap or shares changed during the log, and since when, so that a model speaks of today."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeVar

import numpy as np

from plantwright.calibration.knowing import is_measured, pieces_of
from plantwright.calibration.likelihood import Floats
from plantwright.calibration.pooling import shrink
from plantwright.calibration.thin import variance_within
from plantwright.calibration.visits import Visit

FEWEST_AROUND = 20
"""A change is looked for with so many times on either side of it."""

LEAST_CHANGE = 0.1
"""A smaller change of the mean of logarithms (a tenth) is left alone: what is lost with the older times weighs more."""

_FALSE_ALARMS = 0.05
_SHUFFLES = 999
_MORE = 20
"""So many times as many shuffles tell the tail of counts."""
_MOST_POINTS = 1000


What = Literal["times", "setups", "failures", "repairs", "scrap", "share"]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of level: the place of the first value after it, the logarithm of the level before and after, and its p-value."""

    at: int
    before: float
    after: float
    p_value: float

    @property
    def factor(self) -> float:
        """By what the values are multiplied since."""
        return math.exp(self.after - self.before)


@dataclass(frozen=True)
class Drift:
    """A change of what was found: since when, and what changed; of failures, the work between them is what changed, of shares the odds."""

    since: datetime
    change: Change
    what: What = "times"

    @property
    def words(self) -> str:
        """What a comment in the plant file says of it."""
        if self.what == "share":
            was, now = (100 / (1 + math.exp(-odds)) for odds in (self.change.before, self.change.after))
            return f"share since {self.since:%Y-%m-%d}, when it went from {was:.2g} to {now:.2g} %"
        up = self.change.factor > 1
        factor = f"{max(self.change.factor, 1 / self.change.factor):.2g} times"
        became = {
            "failures": f"they became {factor} {'rarer' if up else 'more frequent'}",
            "scrap": f"it became {factor} {'more' if up else 'less'}",
        }.get(self.what, f"they became {factor} {'longer' if up else 'shorter'}")
        return f"{self.what} since {self.since:%Y-%m-%d}, when {became}"


@dataclass(frozen=True)
class Series:
    """What came one after another, each at its moment: values whose level may have changed, and the logarithm of the level of a part of them
    (from one place up to another), if that is not the mean of the values.
    """

    what: What
    moments: Sequence[datetime]
    values: Sequence[float]
    level: Callable[[int, int], float] | None = None
    counts: bool = False
    """Whether the values are of counts: seldom ones are so skewed that only shuffles tell their tail."""


Key = TypeVar("Key", bound=Hashable)


def find_drifts(series: Mapping[Key, Series]) -> dict[Key, Drift]:
    """The series that changed during the log; the rate of false alarms is that of all of them together."""
    long = {key: own for key, own in series.items() if len(own.values) >= 2 * FEWEST_AROUND}
    made = {}
    for key, own in long.items():
        change = last_change(own.values, tests=len(long), level=own.level, counts=own.counts)
        if change is not None:
            made[key] = Drift(own.moments[change.at], change, own.what)
    return made


def of_times(visits: Sequence[Visit], per_piece: bool) -> Series:
    """The times of a step, each held against the mean of its product (by empirical Bayes), so that another mix of products is no change."""
    measured = sorted((visit for visit in visits if is_measured(visit)), key=lambda visit: visit.start)
    seconds = [visit.work / (pieces_of(visit) if per_piece else 1.0) for visit in measured]
    return Series("times", [visit.start for visit in measured], _rests(measured, seconds))


def of_setups(visits: Sequence[Visit]) -> Series:
    """The setups of a work center, each held against the mean of those into the same product."""
    own = sorted((visit for visit in visits if visit.setup > 0), key=lambda visit: visit.start)
    return Series("setups", [visit.start for visit in own], _rests(own, [visit.setup for visit in own]))


def of_repairs(repairs: Sequence[tuple[datetime, float]]) -> Series:
    """Repairs: when each began, and its seconds."""
    own = sorted(repairs)
    return Series("repairs", [begin for begin, _ in own], [math.log(max(1.0, seconds)) for _, seconds in own])


def of_failures(gaps: Sequence[tuple[datetime, float]]) -> Series:
    """The work of all machines together between failures, and when each such time began. Cube roots of exponential times are nearly normal (Wilson and
    Hilferty 1931); a level is the mean of the times themselves.
    """
    times = np.array([gap for _, gap in gaps])
    return Series(
        "failures", [begin for begin, _ in gaps], np.cbrt(times).tolist(), lambda low, high: math.log(float(times[low:high].mean()))
    )  # fmt: skip


def of_scrap(visits: Sequence[Visit]) -> Series:
    """The scrap of a step: each visit's against the share of its product, in standard deviations of a binomial count; a level is pieces rejected over
    those that would be if nothing had changed.
    """
    own = sorted((visit for visit in visits if visit.pieces + visit.rejected > 0), key=lambda visit: visit.start)
    made: dict[str, list[float]] = {}
    for visit in own:
        sums = made.setdefault(visit.product, [0.0, 0.0])
        sums[0] += visit.rejected
        sums[1] += visit.pieces + visit.rejected
    # A product of which nothing was scrapped yet has some share, too.
    usual = {product: (bad + 0.5) / (pieces + 1) for product, (bad, pieces) in made.items()}
    bad = np.array([visit.rejected for visit in own])
    pieces = bad + np.array([visit.pieces for visit in own])
    share = np.array([usual[visit.product] for visit in own])
    values = (bad - pieces * share) / np.sqrt(pieces * share * (1 - share))

    def level(low: int, high: int) -> float:
        return math.log((float(bad[low:high].sum()) + 0.5) / (float((pieces * share)[low:high].sum()) + 0.5))

    return Series("scrap", [visit.start for visit in own], values.tolist() if bad.any() else [], level, counts=True)


def _rests(visits: Sequence[Visit], seconds: Sequence[float]) -> list[float]:
    """Logarithms of times of visits, each less what is usual for its product."""
    logs: dict[str, list[float]] = {}
    for visit, value in zip(visits, seconds, strict=True):
        logs.setdefault(visit.product, []).append(math.log(value))
    within = variance_within(logs)
    usual = dict.fromkeys(logs, 0.0)
    if len(logs) > 1 and within > 0:
        means = shrink(
            [float(np.mean(own)) for own in logs.values()], [within / len(own) for own in logs.values()]
        ).means
        usual = dict(zip(logs, means, strict=True))
    return [math.log(value) - usual[visit.product] for visit, value in zip(visits, seconds, strict=True)]


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


def last_change(
    values: Sequence[float],
    *,
    tests: int = 1,
    seed: int = 1,
    level: Callable[[int, int], float] | None = None,
    counts: bool = False,
) -> Change | None:
    """The last change of level in a sequence.

    Parameters
    ----------
    values : sequence of float
        Logarithms of times in the order in which they happened.
    tests : int
        How many sequences are looked at; the 5 % of false alarms are shared among them (Bonferroni).
    seed : int
        Of the shuffles.
    level, counts : callable, bool, optional
        As `Series` has them.

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
        change = _one_change(series[begin:], _FALSE_ALARMS / max(1, tests), chance, counts)
        if change is None:
            break
        at = begin + change.at
        before, after = (level(begin, at), level(at, series.size)) if level else (change.before, change.after)
        found = Change(at, before, after, change.p_value)
        begin = at
    return found if found is not None and abs(found.after - found.before) >= LEAST_CHANGE else None


def _one_change(series: Floats, alpha: float, chance: np.random.Generator, counts: bool = False) -> Change | None:
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
    # Shuffles tell how large it gets by chance; far out, the tail of the greatest of them goes on as a Gumbel distribution, that of counts does not.
    shuffled = _shuffled(points, margin, _SHUFFLES, chance)
    p_value = (1 + int((shuffled >= statistic).sum())) / (_SHUFFLES + 1)
    if p_value <= 20 / _SHUFFLES and counts:
        more = [_shuffled(points, margin, _SHUFFLES, chance) for _ in range(_MORE)]
        p_value = (1 + sum(int((own >= statistic).sum()) for own in more)) / (_MORE * _SHUFFLES + 1)
    elif p_value <= 20 / _SHUFFLES:
        p_value = _tail(shuffled**2, statistic**2)
    return Change(cut * width, before, after, p_value) if p_value <= alpha else None


def _shuffled(points: Floats, margin: int, number: int, chance: np.random.Generator) -> Floats:
    """The greatest differences in so many shuffles."""
    return _greatest(chance.permuted(np.broadcast_to(points, (number, points.size)), axis=1), margin)[0]


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
