"""Times of products with few visits at a step, which borrow from the other products there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plantwright.calibration.candidates import Per
from plantwright.calibration.fitting import FEWEST, FittedTime, fit_times
from plantwright.calibration.intervals import Told
from plantwright.calibration.knowing import is_measured, pieces_of
from plantwright.calibration.pooling import shrink
from plantwright.calibration.visits import Visit
from plantwright.distributions import Distribution


@dataclass(frozen=True)
class Borrowed:
    """The time of a product at a step, with the weight of its own visits in it, of how many products it is pooled, and what is known of
    its mean.
    """

    distribution: Distribution
    per: Per
    own: float
    products: int
    told: Told


def borrowed_times(products: Mapping[str, Sequence[Visit]], pooled: FittedTime) -> dict[str, Borrowed]:
    """For each measured product at a step, its mean by empirical Bayes, and the spread of the times of all products around theirs.

    Logarithms of times (of times per piece, where `pooled` is per piece) are averaged for each product and pulled towards the common mean
    (`pooling.shrink`) with the variance within products. Means of times are those of logarithms, raised by what makes the hours of
    all visits come out as measured (Duan 1983, Smearing estimate). Nothing where fewer than `FEWEST` visits of at least two products
    were measured, or the visits within products are too few to tell their variance.
    """
    per_piece = pooled.per == "piece"
    logs = logs_of(products, per_piece)
    within = variance_within(logs)
    if sum(map(len, logs.values())) < FEWEST or len(logs) < 2 or within <= 0:
        return {}
    names = list(logs)
    found = shrink([float(np.mean(logs[name])) for name in names], [within / len(logs[name]) for name in names])
    center = dict(zip(names, found.means, strict=True))
    ratios = [math.exp(value - center[name]) for name in names for value in logs[name]]
    weights = [1.0] * len(ratios)
    if per_piece:
        weights = [pieces_of(v) for name in names for v in products[name] if is_measured(v)]
    raised = float(np.average(ratios, weights=_hours(names, logs, center, weights)))
    # A single distribution, so that each product's is one line of the plant file.
    shape = pooled.distribution if per_piece else _single(fit_times(ratios))
    freedom = sum(map(len, logs.values())) - len(logs)
    made = {}
    for name, own, error in zip(names, found.own, found.errors, strict=True):
        log = center[name] + math.log(raised)
        # Half the variance within raises the mean of logarithms to that of times, and is itself known from so many.
        told = Told(log, math.sqrt(error**2 + within**2 / (2 * freedom)), freedom)
        made[name] = Borrowed(shape.times(math.exp(log) / shape.mean), pooled.per, own, len(names), told)
    return made


def logs_of(products: Mapping[str, Sequence[Visit]], per_piece: bool) -> dict[str, list[float]]:
    """Logarithms of the measured times of each product, or of times per piece; products without are left out."""
    logs: dict[str, list[float]] = {}
    for product, visits in products.items():
        measured = [visit for visit in visits if is_measured(visit)]
        if measured:
            logs[product] = [math.log(v.work / (pieces_of(v) if per_piece else 1.0)) for v in measured]
    return logs


def variance_within(logs: Mapping[str, Sequence[float]]) -> float:
    """The variance of logarithms within products; nothing where too few products have several."""
    freedom = sum(map(len, logs.values())) - len(logs)
    if freedom < max(3, len(logs) / 4):
        return 0.0
    return sum(float(np.sum((np.array(own) - np.mean(own)) ** 2)) for own in logs.values()) / freedom


def _hours(
    names: Sequence[str], logs: Mapping[str, Sequence[float]], center: Mapping[str, float], weights: Sequence[float]
) -> list[float]:
    """What each visit is expected to take, so that raised means keep the sum of all hours."""
    expected = [math.exp(center[name]) for name in names for _ in logs[name]]
    return [value * weight for value, weight in zip(expected, weights, strict=True)]


def _single(fitted: FittedTime) -> Distribution:
    return next(c.distribution for c in fitted.candidates if c.distribution.kind != "empirical")
