"""How little a log knows of what was found in it, as the table that a plant draws its numbers from."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from plantwright.calibration.drafting import Draft, Found
from plantwright.calibration.fitting import FEWEST
from plantwright.calibration.intervals import Told, mean_and_cv
from plantwright.calibration.routings import step_names
from plantwright.calibration.waiting import drawn_waits

if TYPE_CHECKING:
    from plantwright.calibration.times import StepTime
    from plantwright.calibration.visits import Step

Floats = npt.NDArray[np.float64]

_LEAST, _MOST = 0.05, 20.0
"""What a handful of records says is not believed beyond these factors."""


def posterior_text(found: Found, draft: Draft, rows: int = 200, seed: int = 1) -> str:
    """The table of a plant's `posterior`: factors on its times, yields, shares of branches and failures, a row for each way in which they
    may be.

    Parameters
    ----------
    found : Found
    draft : Draft
        The plant file's words, for the paths in it.
    rows : int
        How many ways; each as likely as the others.
    seed : int

    Returns
    -------
    str
        CSV, with a column for each number by its path in the plant file, relative to what is written there.

    Notes
    -----
    What is drawn spreads as the intervals of `parameters.parameters_of` do, of which a round trip over drawn shops shows that they hold: times by
    Student's distribution of their logarithm (`intervals.Told`), yields by a beta, shares of branches by a Dirichlet distribution with the counts
    as its parameters, shares of optional steps by a beta, unexplained waits as `waiting.drawn_waits` has them, and means of fewer than eight setups, failures or repairs by the reciprocal of a gamma with as many (Gelman et al. 2013,
    Bayesian data analysis, section 2.6). A time that no visit of the product measured varies as much as the visits of the step.
    """
    random = np.random.default_rng(seed)
    columns = dict(_steps(found, rows, random))
    columns |= dict(_shares(draft, rows, random))
    columns |= dict(_centers(found, rows, random))
    columns |= dict(_waits(found, draft, rows, random))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*(np.clip(column, _LEAST, _MOST) for column in columns.values()), strict=True):
        writer.writerow(f"{value:.6g}" for value in row)
    return out.getvalue()


def _steps(found: Found, rows: int, random: np.random.Generator) -> Iterator[tuple[str, Floats]]:
    """Times and yields; a step that is done again has the numbers of the first time."""
    times: dict[tuple[str, Step], Floats] = {}
    yields: dict[tuple[str, Step], Floats] = {}
    for product, routing in found.routings.items():
        for at, name in step_names(routing.steps).items():
            key, path = (product, at.step), f"products > {product} > routing > {name}"
            time, good = found.times.steps[key], found.times.yields.get(key)
            if not time.guessed:
                if key not in times:
                    times[key] = _drawn(_told(found, at.step, time), rows, random)
                yield f"{path} > time", times[key]
            if good is not None:
                if key not in yields:
                    hits, missed = good.seen.hits / good.seen.dispersion, good.seen.missed / good.seen.dispersion
                    yields[key] = random.beta(hits + 0.5, missed + 0.5, size=rows)
                yield f"{path} > yield", yields[key] / yields[key].mean()


def _told(found: Found, step: Step, time: StepTime) -> Told:
    if time.told is not None:
        return time.told
    mean, cv = mean_and_cv(found.times.pooled[step])
    spread = 0.0 if cv is None else math.sqrt(math.log1p(min(cv.value, 2.0) ** 2))
    return Told(mean.log, math.hypot(mean.error, spread), mean.freedom)


def _drawn(told: Told, rows: int, random: np.random.Generator) -> Floats:
    return np.exp(told.error * random.standard_t(max(2.0, told.freedom), size=rows))


def _shares(draft: Draft, rows: int, random: np.random.Generator) -> Iterator[tuple[str, Floats]]:
    """Shares of branches, and of the orders that do an optional step."""
    for product, written in draft.routings.items():
        path = f"products > {product} > routing"
        for name, ways in written.branches.items():
            counts = [way.hits for way in ways.values()]
            shares = random.dirichlet(counts, size=rows).T
            for target, share, count in zip(ways, shares, counts, strict=True):
                yield f"{path} > {name} > next > {target}", share * sum(counts) / count
        for name, done in written.optional.items():
            share = random.beta(done.hits + 0.5, done.missed + 0.5, size=rows)
            yield f"{path} > {name} > share", share / done.value


def _centers(found: Found, rows: int, random: np.random.Generator) -> Iterator[tuple[str, Floats]]:
    for center, setup in found.times.setups.items():
        if setup.usual:
            many = setup.told if setup.setups >= FEWEST else None
            yield f"work centers > {center} > setup > default", _of_stops(many, setup.setups, rows, random)
            for product, own in setup.into.items():
                yield f"work centers > {center} > setup > into > {product}", _drawn(own.told, rows, random)
    for center, stops in found.times.stops.items():
        for word, fitted, number in (("every", stops.gaps, stops.stops), ("repair", stops.fitted, stops.repairs)):
            told = mean_and_cv(fitted)[0] if fitted is not None else None
            path = f"work centers > {center} > failures > 1 > {word}"
            yield path, _of_stops(told, number, rows, random)


def _waits(found: Found, draft: Draft, rows: int, random: np.random.Generator) -> Iterator[tuple[str, Floats]]:
    """Unexplained waiting: one factor for all waits before a work center."""
    delayed = [center for center, words in draft.words["work centers"].items() if "delay" in words]
    if not delayed:
        return
    drawn = drawn_waits(found.history, found.calendars, found.weeks.closed, rows, random)
    for center in delayed:
        yield f"work centers > {center} > delay", drawn[center]


def _of_stops(told: Told | None, number: int, rows: int, random: np.random.Generator) -> Floats:
    if told is not None:
        return _drawn(told, rows, random)
    return np.asarray(number / random.gamma(number + 1.0, size=rows))
