"""Plants with their guesses moved, each simulated on the same luck and held against the totals; none is simulated twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from plantwright.calibration.totals.known import Known
from plantwright.calibration.totals.movable import Movable
from plantwright.errors import Interrupted, PlantError, SimulationError
from plantwright.plant import Plant, changed
from plantwright.simulation import Cancel, Run
from plantwright.simulation.executing import Workers
from plantwright.simulation.trials import Conditions, Trial
from plantwright.simulation.trust import Comparison, compare_totals

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]
FEWEST_ERRORS = 1e-4
"""What simulates without luck is still not surer than this."""


@dataclass(frozen=True)
class Tried:
    """A plant that was simulated: coordinates of its guesses, how far each total is from the given, and the standard error of that."""

    point: Floats
    misses: Floats
    errors: Floats
    comparisons: tuple[Comparison, ...]


@dataclass
class Tries:
    """Tries plants under the same conditions; what was tried is kept."""

    plant: Plant
    guesses: Sequence[Movable]
    conditions: Conditions
    replications: int
    threads: Workers = None
    cancel: Cancel | None = None
    progress: Progress | None = None
    known: Sequence[Known] = ()
    expected: int = 1
    done: int = 0
    failed: int = 0
    kept: dict[tuple[str, ...], Tried | None] = field(default_factory=dict)

    def values(self, point: Floats) -> list[float]:
        """The values of the guesses at some coordinates."""
        return [guess.at(float(z)) for guess, z in zip(self.guesses, point, strict=True)]

    def point(self, values: Sequence[float]) -> Floats:
        """The coordinates of values."""
        return np.array([guess.coordinate(value) for guess, value in zip(self.guesses, values, strict=True)])

    def at(self, point: Floats) -> Tried | None:
        """The plant at some coordinates; None where there is no such plant, it cannot run, or a total is not told of it."""
        return self.of(self.values(point))

    def of(self, values: Sequence[float]) -> Tried | None:
        """The plant with these values, as `at`."""
        texts = tuple(guess.written(value) for guess, value in zip(self.guesses, values, strict=True))
        if texts not in self.kept:
            self.kept[texts] = self._tried(texts, self.point(values))
            self.failed += self.kept[texts] is None
        return self.kept[texts]

    def run(self, texts: Sequence[str]) -> tuple[Plant, Run]:
        """The plant with these texts in place of its guesses, and its run. Raises PlantError, SimulationError, Interrupted."""
        plant = changed(self.plant, {guess.path: text for guess, text in zip(self.guesses, texts, strict=True)})
        trial = Trial(plant, self.conditions)
        if not trial.more(self.replications, threads=self.threads, cancel=self.cancel):
            raise Interrupted("stopped before the totals were matched")
        self.done += 1
        if self.progress is not None:
            self.progress(min(self.done, self.expected), self.expected)
        return plant, trial.run()

    def _tried(self, texts: Sequence[str], point: Floats) -> Tried | None:
        try:
            plant, run = self.run(texts)
        except (PlantError, SimulationError):
            return None
        compared = {one.name: one for one in compare_totals(plant, run)}
        if any(known.name not in compared for known in self.known):
            return None
        told = tuple(compared[known.name] for known in self.known)
        misses = np.array([known.miss(one) for known, one in zip(self.known, told, strict=True)])
        errors = np.array([known.error(one) for known, one in zip(self.known, told, strict=True)])
        return Tried(point, misses, np.maximum(errors, FEWEST_ERRORS), told)

    @property
    def all(self) -> list[Tried]:
        """All plants that could be simulated."""
        return [tried for tried in self.kept.values() if tried is not None]
