"""Which number, measured better, would most reduce the expected regret of the choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plantwright.distributions import Distribution
from plantwright.errors import PlantError, SimulationError
from plantwright.improvement.bench import Bench
from plantwright.improvement.flips import UNMEASURED_CV, label_of
from plantwright.improvement.ranking import OF, Base, effect, main_effect
from plantwright.improvement.selection import worth_of_knowing
from plantwright.improvement.study import Measure, Move, RankedMove, Reading
from plantwright.plant.plant import Plant
from plantwright.plant.texts import scaled, text_at
from plantwright.simulation.streams import run_key
from plantwright.simulation.uncertainty import chance, quantile, way

Floats = npt.NDArray[np.float64]

READINGS = 30
DRAWS = 60
"""Replications over which the doubtful numbers are drawn."""
MOVES = 4
MOST, TOLD = 24, 5
"""So many numbers are doubted at most, and so many told of."""
UNSURE = 0.2
"""A number that nobody measured may be this share lower or higher, where no range is given."""


@dataclass(frozen=True)
class Doubt:
    """A number that is not known: its chance relative to what stands in the file, and the spread of one reading of it."""

    path: str
    factor: Distribution
    spread: float


def doubts(plant: Plant, centers: Sequence[str], sketch: bool) -> list[Doubt]:
    """The numbers that may be doubted: guesses in their ranges, and in a sketch the times of the work centers concerned."""
    found: dict[str, Doubt] = {}
    times = {
        f"products > {product.name} > routing > {operation.name} > time": operation
        for product in plant.products.values()
        for operation in product.routing
        if operation.time is not None
    }
    for guess in plant.guesses:
        text = text_at(plant, guess.path)
        if text is None or scaled(text, 1.0) is None:
            continue
        low, high = 1 - UNSURE, 1 + UNSURE
        operation = times.get(guess.path)
        if guess.low is not None and guess.high is not None and guess.value:
            low, high = guess.low / guess.value, guess.high / guess.value
        cv = operation.time.distribution.cv if operation is not None and operation.time is not None else 0.0
        found[guess.path] = Doubt(guess.path, _around(low, high), cv or UNMEASURED_CV)
    if sketch:
        for path, operation in times.items():
            text = text_at(plant, path)
            if operation.center in centers and text is not None and scaled(text, 1.0) is not None and operation.time:
                cv = operation.time.distribution.cv or UNMEASURED_CV
                found.setdefault(path, Doubt(path, _around(1 - UNSURE, 1 + UNSURE), cv))
    return list(found.values())[:MOST]


def _around(low: float, high: float) -> Distribution:
    return Distribution("triangular", (min(low, 1.0), 1.0, max(high, 1.0)))


def what_to_measure(bench: Bench, base: Base, moves: Sequence[RankedMove], by: Measure) -> tuple[Reading, ...]:
    """The numbers whose measuring reduces the expected regret of the choice most, the most useful first.

    The first moves are simulated with all doubtful numbers drawn at once; what each brings given one number is fitted, and the choice with
    `READINGS` readings of it is compared with the choice without (`selection.worth_of_knowing`). Raises Stopped.
    """
    chosen = _choice(moves, by)
    if not chosen:
        return ()
    centers = {item.move.subject.get("work center", "") for item in chosen}
    doubted = doubts(base.plant, sorted(centers), base.released.trust == "sketch")
    beliefs = [item for item in chosen if item.move.belief is not None]
    if not doubted and not beliefs:
        return ()
    drawn = _drawn(bench.seed, doubted)
    values = _values(bench, base, [item.move for item in chosen], by, drawn)
    if values is None:
        return ()
    named = ["", *(item.move.name for item in chosen)]
    found: list[tuple[float, Reading]] = []
    numbers: dict[str, tuple[Floats, float | None, str]] = {}
    numbers |= {doubt.path: (drawn[doubt.path], doubt.spread, label_of(base.plant, doubt.path)) for doubt in doubted}
    for item in beliefs:
        numbers[f"moves > {item.move.name} > effect"] = (
            _shares(bench.seed, item.move), None, f"how much {item.move.title} brings"
        )  # fmt: skip
    for path, (number, spread, what) in numbers.items():
        worth = worth_of_knowing(number, values, spread=spread, readings=READINGS)
        if worth.readings > 0 and {worth.if_low, worth.if_high} != {worth.now}:
            changes = (named[worth.if_low], named[worth.if_high])
            left = (worth.perfect, max(0.0, worth.perfect - worth.readings))
            found.append((worth.readings, Reading(path, what, READINGS if spread is not None else 1, left, changes)))
    return tuple(reading for _, reading in sorted(found, key=lambda pair: -pair[0])[:TOLD])


def _choice(moves: Sequence[RankedMove], by: Measure) -> list[RankedMove]:
    """What is chosen among: the first moves that are for the better, then those without effect, as other numbers may give them one."""
    told = [item for item in moves if effect(item, by) is not None and item.replications > 0]
    better = [item for item in told if item.verdict in ("do now", "if you spend")]
    return [*better, *(item for item in told if item.verdict == "no effect")][:MOVES] if better else []


def _drawn(seed: int, doubted: Sequence[Doubt]) -> dict[str, Floats]:
    """What each doubtful number is in each replication, relative to what stands in the file."""
    return {
        doubt.path: np.array(
            [quantile(doubt.factor, chance(run_key(seed, r), f"doubt {doubt.path}")) for r in range(DRAWS)]
        )
        for doubt in doubted
    }


def _shares(seed: int, move: Move) -> Floats:
    assert move.belief is not None
    shares = move.belief.shares
    return np.array([shares[way(seed, r, move.name, len(shares))] for r in range(DRAWS)])


def _values(bench: Bench, base: Base, moves: Sequence[Move], by: Measure, drawn: Mapping[str, Floats]) -> Floats | None:
    """What each move brings in each replication, and nothing at all in the first column; None where one cannot run."""
    factors = [{path: float(numbers[r]) for path, numbers in drawn.items()} for r in range(DRAWS)] if drawn else ()
    saturated = OF[by][0] == "saturated"
    columns = [np.zeros(DRAWS)]
    try:
        trial = bench.trial(base.plant, saturated=saturated, factors=factors)
        before = bench.tried(trial, DRAWS)
        trial.forget_plants()
        then = replace(base, saturated=before) if saturated else replace(base, released=before)
        for move in moves:
            trial = bench.trial(base.plant, saturated=saturated, moves=[move], factors=factors)
            made = main_effect(move, bench.tried(trial, DRAWS), then, by)
            trial.forget_plants()
            if made is None or len(made.values) < DRAWS:
                return None
            columns.append(OF[by][2] * np.array(made.values))
    except (PlantError, SimulationError):
        return None
    return np.column_stack(columns)
