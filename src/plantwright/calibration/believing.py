"""How little a log knows of the times that were found in it: a bootstrap of its orders, as the table that a plant draws its numbers from."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from plantwright.calibration.drafting import Found
from plantwright.calibration.fitting import FEWEST
from plantwright.calibration.knowing import is_measured, pieces_of
from plantwright.calibration.routings import step_names
from plantwright.calibration.visits import Step, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator

Floats = npt.NDArray[np.float64]

_LEAST = 0.05
"""A bootstrap in which nearly all that was measured is missing says nothing of a mean: no factor is below this."""


def posterior_text(found: Found, rows: int = 200, seed: int = 1) -> str:
    """The table of a plant's `posterior`: factors on its operation and setup times, a row for each way in which they may be.

    Parameters
    ----------
    found : Found
    rows : int
        How many ways; each as likely as the others.
    seed : int

    Returns
    -------
    str
        CSV, with a column for each number by its path in the plant file, relative to what is written there.

    Notes
    -----
    Orders are drawn with replacement, whole, so that times that go together in an order stay together (cluster bootstrap; Davison and
    Hinkley 1997, section 3.8). A product with fewer than eight measured visits at a step has the factor of all products there, times a
    gamma one whose coefficient of variation is that of a visit over the root of its visits: what so few say of a mean.
    """
    random = np.random.default_rng(seed)
    numbers = {order: at for at, order in enumerate(found.history.orders)}
    weights = random.multinomial(len(numbers), np.full(len(numbers), 1 / len(numbers)), size=rows).astype(np.float64)
    columns = dict(_columns(found, numbers, weights, random))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow(f"{value:.4g}" for value in row)
    return out.getvalue()


def _columns(
    found: Found, numbers: dict[str, int], weights: Floats, random: np.random.Generator
) -> Iterator[tuple[str, Floats]]:
    by_step: dict[Step, list[Visit]] = {}
    at_center: dict[str, list[Visit]] = {}
    for visit in found.history.visits():
        at_center.setdefault(visit.step[1], []).append(visit)
        if is_measured(visit):
            by_step.setdefault(visit.step, []).append(visit)
    pooled = {}
    for step, visits in by_step.items():
        per = found.times.pooled[step].per
        pooled[step] = (_of_times(visits, per, numbers, weights), _variation(visits, per))
    for product, routing in found.routings.items():
        for at, name in step_names(routing.steps).items():
            time = found.times.steps[product, at.step]
            if time.guessed or at.step not in pooled:
                continue
            own = [visit for visit in by_step[at.step] if visit.product == product]
            if len(own) >= FEWEST:
                factors = _of_times(own, time.per, numbers, weights)
            else:
                together, variation = pooled[at.step]
                shape = max(1, len(own)) / max(variation, 1e-3) ** 2
                factors = together * random.gamma(shape, 1 / shape, size=together.size)
            yield f"products > {product} > routing > {name} > time", np.maximum(_LEAST, factors)
    for center, setup in found.times.setups.items():
        if setup.usual:
            visits = at_center[center]
            factors = _ratio([visit.setup for visit in visits], [1.0] * len(visits), visits, numbers, weights)
            yield f"work centers > {center} > setup > default", np.maximum(_LEAST, factors)


def _of_times(visits: Sequence[Visit], per: str, numbers: dict[str, int], weights: Floats) -> Floats:
    parts = [pieces_of(visit) if per == "piece" else 1.0 for visit in visits]
    return _ratio([visit.work for visit in visits], parts, visits, numbers, weights)


def _ratio(
    sums: Sequence[float], parts: Sequence[float], visits: Sequence[Visit], numbers: dict[str, int], weights: Floats
) -> Floats:
    """The mean of `sums` for each of `parts` in each bootstrap of orders, over that of the log; one where none of the orders is drawn."""
    drawn = weights[:, [numbers[visit.order] for visit in visits]]
    above, below = drawn @ np.asarray(sums), drawn @ np.asarray(parts)
    seen = below > 0
    means = np.divide(above, below, out=np.full(below.size, sum(sums) / sum(parts)), where=seen)
    found: Floats = means / (sum(sums) / sum(parts))
    return found


def _variation(visits: Sequence[Visit], per: str) -> float:
    """The coefficient of variation of the visits' times; one for a single visit."""
    times = np.array([visit.work / (pieces_of(visit) if per == "piece" else 1.0) for visit in visits])
    return float(times.std(ddof=1) / times.mean()) if times.size > 1 else 1.0
