"""The values that were simulated so far, of whom they are asked, and what a procedure answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Enough = Callable[[], bool]
"""Asked before every call of a sampler; True stops the procedure, which then answers from what it has."""


class Sampler(Protocol):
    """Who simulates."""

    def more(self, alternatives: Sequence[int], replications: range) -> Floats:
        """Values of these replications (rows) of these alternatives (columns); more is better.

        Replication r has the same luck for every alternative, which is what makes differences small. A column of NaN says that
        the alternative cannot be simulated: it is out from then on.
        """
        ...


@dataclass
class Limits:
    """When to stop asking.

    ``most``: simulations in all, those of earlier runs counted. ``enough``: a question asked before each call. ``at_once``: alternatives
    that are asked for in one call, all where None; what a call gave is kept, whatever happens in the next one.
    """

    most: int | None = None
    enough: Enough | None = None
    at_once: int | None = None


class Table:
    """Values of replications (rows) x alternatives (columns): NaN where not simulated. No value is asked for twice.

    Attributes
    ----------
    counts : array of int
        Replications of each alternative, always the first ones.
    lost : array of bool
        Alternatives that could not be simulated.
    """

    def __init__(self, alternatives: int, values: npt.ArrayLike | None = None) -> None:
        self.counts = np.zeros(alternatives, np.int64)
        self.lost = np.zeros(alternatives, bool)
        self._values = np.full((0, alternatives), np.nan)
        if values is not None:
            self._take(np.asarray(values, float))

    def _take(self, values: Floats) -> None:
        if values.ndim != 2 or values.shape[1] != len(self.counts):
            raise ValueError(f"values of {values.shape} are not replications x {len(self.counts)} alternatives")
        known = np.isfinite(values)
        self.counts = known.sum(axis=0)
        if not (known == (np.arange(len(values))[:, None] < self.counts)).all():
            raise ValueError("the replications of an alternative must be its first ones, without a gap")
        self._values = values.copy()

    @property
    def alternatives(self) -> int:
        return len(self.counts)

    @property
    def simulations(self) -> int:
        """Replications of all alternatives together."""
        return int(self.counts.sum())

    @property
    def values(self) -> Floats:
        """Replications x alternatives, NaN where not simulated (a view)."""
        return self._values[: int(self.counts.max(initial=0))]

    def means(self) -> Floats:
        """The mean of each alternative's own replications, NaN where it has none."""
        with np.errstate(invalid="ignore"):
            means: Floats = np.nansum(self.values, axis=0) / np.where(self.counts, self.counts, np.nan)
        return means

    def fill(self, sampler: Sampler, alternatives: Sequence[int], upto: int, limits: Limits) -> bool:
        """Have the first `upto` replications of these alternatives; False where a limit came before.

        Alternatives that miss the same replications are asked for together.
        """
        missing = [i for i in alternatives if self.counts[i] < upto and not self.lost[i]]
        for have in sorted({int(self.counts[i]) for i in missing}):
            group = [i for i in missing if self.counts[i] == have]
            size = limits.at_once or len(group)
            for k in range(0, len(group), size):
                part = group[k : k + size]
                if limits.enough is not None and limits.enough():
                    return False
                if limits.most is not None and self.simulations + len(part) * (upto - have) > limits.most:
                    return False
                self._add(part, have, upto, sampler.more(part, range(have, upto)))
        return True

    def _add(self, alternatives: list[int], have: int, upto: int, values: Floats) -> None:
        values = np.asarray(values, float)
        if values.shape != (upto - have, len(alternatives)):
            raise ValueError(f"asked for {(upto - have, len(alternatives))} values, got {values.shape}")
        if upto > len(self._values):
            grown = np.full((max(upto, 2 * len(self._values)), self.alternatives), np.nan)
            grown[: len(self._values)] = self._values
            self._values = grown
        good = np.isfinite(values).all(axis=0)
        columns = np.array(alternatives)
        self._values[have:upto, columns[good]] = values[:, good]
        self.counts[columns[good]] = upto
        self.lost[columns[~good]] = True


@dataclass(frozen=True)
class Selection:
    """The alternative that a procedure chose, and what is guaranteed.

    Attributes
    ----------
    procedure : str
    best : int
        The alternative chosen.
    survivors : tuple of int
        Those that were not ruled out, the chosen one among them, the best mean first.
    decided : bool
        Whether the procedure came to its end; False where a limit stopped it.
    probability : float or None
        Promised; None where nothing is promised.
    zone : float
        With that probability the chosen one is the best, if the best is at least so much better than all others. Where the procedure was
        stopped, the zone that was reached instead (`KimNelson`); infinite where nothing can be said.
    reached : float
        With that probability the chosen one is less than this worse than the best of all, whatever the others are.
    eliminated : mapping
        Of each alternative that was ruled out: by how many replications, and by which other it was.
    simulations, equal : int
        Replications of all alternatives; and what the same number for each, as many as the one with most had, would have been.
    """

    procedure: str
    best: int
    survivors: tuple[int, ...]
    decided: bool
    probability: float | None
    zone: float
    reached: float
    simulations: int
    equal: int
    eliminated: Mapping[int, tuple[int, int]] = field(default_factory=dict)


def by_mean(alternatives: Sequence[int], means: Floats) -> tuple[int, ...]:
    """Alternatives with the best mean first; those without any last, equal ones in their own order."""
    return tuple(sorted(alternatives, key=lambda i: (-means[i] if np.isfinite(means[i]) else np.inf, i)))
