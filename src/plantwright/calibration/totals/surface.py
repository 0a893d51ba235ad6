"""Where in their ranges guesses make the totals match: the best place, and how far each may be from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from plantwright.calibration.totals.emulating import Emulator
from plantwright.calibration.totals.movable import Movable
from plantwright.calibration.totals.trying import Floats, Tried

PULL = 1.0
"""The standard deviation of a guess around what was guessed, as a share of its range: so weak a pull moves none that totals ask for."""
LIGHT = 0.05
"""While one is moved along its range, the others stay near where they were found by so much."""
STEPS = 16
"""Steps along a range."""
ALLOWED = 3.841459
"""A value is allowed by the totals where the misfit exceeds the least by no more than this (chi-squared, one degree, 95 %)."""
NEEDLESS = 0.01
"""A guess is not moved where that would make the misfit, with the pull, no better than by this."""
BENT = 2.0
"""Beyond so many standard deviations a miss counts in proportion and not by its square (Huber 1964): a total that cannot be reached does
not drag guesses along that hardly move it.
"""
_END = 1e-9
_CLOSE, _MOST_STEPS = 1e-3, 15


def loss(misses: Floats) -> Floats:
    """What misses in standard deviations count."""
    size = np.abs(misses)
    return np.where(size <= BENT, size**2, 2 * BENT * size - BENT**2)


@dataclass(frozen=True)
class Profile:
    """One guess moved along its range, the others as they suit it best: its coordinates, the misfits, the places of all guesses."""

    steps: Floats
    misfits: Floats
    places: Floats

    def interval(self, least: float) -> tuple[float, float]:
        """Between which coordinates the misfit is allowed, the outermost, interpolated."""
        within = np.flatnonzero(self.misfits <= least + ALLOWED)
        if len(within) == 0:
            best = float(self.steps[int(self.misfits.argmin())])
            return best, best
        return self._crossed(int(within[0]), -1, least), self._crossed(int(within[-1]), 1, least)

    def places_in(self, low: float, high: float) -> tuple[Floats, Floats]:
        """Where all guesses are when this one is at the first and the last step between two coordinates, or nearest to them."""
        within = np.flatnonzero((self.steps >= low - 1e-9) & (self.steps <= high + 1e-9))
        if len(within) == 0:
            within = np.array([np.abs(self.steps - low).argmin()])
        return self.places[int(within[0])], self.places[int(within[-1])]

    def _crossed(self, inside: int, step: int, least: float) -> float:
        outside = inside + step
        if not 0 <= outside < len(self.steps):
            return float(self.steps[inside])
        rise = self.misfits[outside] - self.misfits[inside]
        share = min(1.0, (least + ALLOWED - self.misfits[inside]) / rise) if rise > 0 else 0.0
        return float(self.steps[inside] + share * (self.steps[outside] - self.steps[inside]))


@dataclass
class Surface:
    """What totals are taken to be anywhere in the ranges, learnt from the plants that were tried.

    ``deviations`` are the standard deviations of what is known of each total, ``errors`` those of simulation near the best place.
    """

    guesses: Sequence[Movable]
    tried: Sequence[Tried]
    deviations: Floats
    start: Floats
    errors: Floats = field(init=False)

    def __post_init__(self) -> None:
        points = np.array([one.point for one in self.tried])
        misses = np.array([one.misses for one in self.tried])
        self._emulators = [Emulator(points, misses[:, k]) for k in range(misses.shape[1])]
        squares = [self.misfit_of(one) for one in self.tried]
        self.errors = self.tried[int(np.argmin(squares))].errors
        self._best_first = [self.tried[int(k)].point for k in np.argsort(squares)]

    @property
    def scale(self) -> Floats:
        """The standard deviation of each miss: of what is known and of simulation."""
        made: Floats = np.sqrt(self.deviations**2 + self.errors**2)
        return made

    def misfit_of(self, tried: Tried) -> float:
        """The misfit of a plant that was simulated: what its misses count, in their standard deviations."""
        return float(loss(tried.misses / np.sqrt(self.deviations**2 + tried.errors**2)).sum())

    def misses(self, at: Floats) -> Floats:
        """The misses at each of some places, not simulated: an array of places by totals."""
        return np.column_stack([emulator.mean(at) for emulator in self._emulators])

    def misfit(self, at: Floats) -> Floats:
        """The misfit at each of some places; where the totals there are not known for sure, less."""
        variance = np.column_stack([emulator.variance(at) for emulator in self._emulators])
        made: Floats = loss(self.misses(at) / np.sqrt(self.scale**2 + variance)).sum(axis=1)
        return made

    def slopes(self, at: Floats) -> Floats:
        """By how many standard deviations each total changes as each guess goes along its range: totals by guesses."""
        return np.array([emulator.slope(at) for emulator in self._emulators]) / self.scale[:, None]

    def best(self, kept: Mapping[int, float] | None = None, tries: int = 6) -> Floats:
        """The place where the totals match best, with a weak pull to what was guessed; some guesses are `kept` at their coordinates."""
        starts = [self.start, *self._best_first[:tries]]
        found = [self._fitted(start, kept or {}, self.start, 1 / PULL) for start in starts]
        place = min(found, key=lambda one: self._cost(one))
        return self._made_whole(place, dict(kept or {}))

    def least_moved(self, best: Floats, kept: Mapping[int, float]) -> Floats:
        """The best place with those guesses back at what was guessed that need not be moved, the least moved first."""
        held = dict(kept)
        for number in np.argsort(np.abs(best - self.start)):
            k = int(number)
            if k in held:
                continue
            tried = self._made_whole(
                self._fitted(best, {**held, k: float(self.start[k])}, self.start, 1 / PULL),
                {**held, k: float(self.start[k])},
            )
            if self._cost(tried) <= self._cost(best) + NEEDLESS:
                held[k], best = float(self.start[k]), tried
        return best

    def profile(self, number: int, best: Floats, kept: Mapping[int, float] | None = None) -> Profile:
        """Move one guess along its range, and the others as they suit it."""
        steps = self._steps(number, float(best[number]))
        first = int(np.abs(steps - best[number]).argmin())
        places = np.tile(best, (len(steps), 1))
        for order in (range(first, len(steps)), range(first - 1, -1, -1)):
            place = best
            for k in order:
                place = self._fitted(place, {**(kept or {}), number: float(steps[k])}, best, LIGHT)
                places[k] = place
        return Profile(steps, self.misfit(places), places)

    def alone(self, number: int, best: Floats) -> Profile:
        """Move one guess along its range, and no other."""
        steps = self._steps(number, float(best[number]))
        places = np.tile(best, (len(steps), 1))
        places[:, number] = steps
        return Profile(steps, self.misfit(places), places)

    def _steps(self, number: int, best: float) -> Floats:
        guess = self.guesses[number]
        if guess.whole:
            count = round((guess.high - guess.low) / guess.size)
            if count <= 2 * STEPS:
                return np.array([guess.coordinate(guess.low + k * guess.size) for k in range(count + 1)])
        # Finer around the best place, for intervals that are much narrower than the range.
        near = best + np.array([-0.04, -0.02, -0.008, 0.0, 0.008, 0.02, 0.04])
        return np.unique(np.clip(np.concatenate([np.linspace(0, 1, STEPS + 1), near]), 0.0, 1.0))

    def _fitted(self, start: Floats, kept: Mapping[int, float], centre: Floats, weight: float) -> Floats:
        """The place near `start` that matches best, with a pull to `centre`."""
        from scipy.optimize import least_squares

        place = np.clip(start, 0.0, 1.0)
        for number, value in kept.items():
            place[number] = value
        free = [k for k in range(len(place)) if k not in kept]
        if not free:
            return place

        def whole(part: Floats) -> Floats:
            made: Floats = place.copy()
            made[free] = part
            return made

        def missed(part: Floats) -> Floats:
            at = whole(part)
            return np.concatenate([self.misses(at[None, :])[0] / self.scale, weight * (part - centre[free])])

        def slope(part: Floats) -> Floats:
            return np.vstack([self.slopes(whole(part))[:, free], weight * np.eye(len(free))])

        found: Any = least_squares(
            missed, np.clip(place[free], 1e-6, 1 - 1e-6), jac=slope, bounds=(-_END, 1 + _END),
            method="trf", loss="huber", f_scale=BENT, ftol=_CLOSE, xtol=_CLOSE, gtol=_CLOSE, max_nfev=_MOST_STEPS,
        )  # fmt: skip
        return whole(np.clip(found.x, 0.0, 1.0))

    def _cost(self, place: Floats) -> float:
        misses = self.misses(place[None, :])[0] / self.scale
        return float(loss(misses).sum() + ((place - self.start) ** 2).sum() / PULL**2)

    def _made_whole(self, place: Floats, kept: dict[int, float]) -> Floats:
        """Counts rounded one after the other, to whichever side the others can make up for."""
        for number, guess in enumerate(self.guesses):
            if not guess.whole or number in kept:
                continue
            value = guess.at(float(place[number]))
            near = {min(max(value + step * guess.size, guess.low), guess.high) for step in (-1, 0, 1)}
            made = [
                self._fitted(place, {**kept, number: guess.coordinate(other)}, self.start, 1 / PULL)
                for other in sorted(near)
            ]
            place = min(made, key=self._cost)
            kept[number] = float(place[number])
        return place
