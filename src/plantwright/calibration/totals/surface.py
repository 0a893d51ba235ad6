"""Where in their ranges guesses make the totals match: the best place, and how far each may be from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from plantwright.calibration.totals.descending import descend, loss
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
_STARTS = 6
NEEDLESS = 0.01
"""A guess is not moved where that would make the misfit, with the pull, no better than by this."""


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

    ``ends`` narrow the ranges for a while; ``before`` is what fewer plants taught. ``deviations`` are the standard deviations of what is known of each total, ``errors`` those of simulation near the best place.
    """

    guesses: Sequence[Movable]
    tried: Sequence[Tried]
    deviations: Floats
    start: Floats
    before: Surface | None = None
    errors: Floats = field(init=False)
    _emulators: list[Emulator] = field(init=False)
    ends: tuple[Floats, Floats] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        points = np.array([one.point for one in self.tried])
        misses = np.array([one.misses for one in self.tried])
        known: list[Floats | None]
        known = [one.asked for one in self.before._emulators] if self.before is not None else [None] * misses.shape[1]
        self._emulators = [Emulator(points, misses[:, k], first) for k, first in enumerate(known)]
        self.before = None
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

    def cost_of(self, tried: Tried) -> float:
        """The misfit of a plant that was simulated, with the pull to what was guessed."""
        return self.misfit_of(tried) + float(((tried.point - self.start) ** 2).sum()) / PULL**2

    def misses(self, at: Floats) -> Floats:
        """The misses at each of some places, not simulated: an array of places by totals."""
        return np.column_stack([emulator.mean(at) for emulator in self._emulators])

    def misfit(self, at: Floats) -> Floats:
        """The misfit at each of some places; where the totals there are not known for sure, less."""
        variance = np.column_stack([emulator.variance(at) for emulator in self._emulators])
        made: Floats = loss(self.misses(at) / np.sqrt(self.scale**2 + variance)).sum(axis=1)
        return made

    def loss_at(self, place: Floats) -> float:
        """What the misses at a place, not simulated, count."""
        return float(loss(self._scaled(place[None, :])).sum())

    def slopes(self, at: Floats) -> Floats:
        """By how many standard deviations each total changes as each guess goes along its range: totals by guesses, at one place."""
        made: Floats = self._told(at[None, :])[1][0]
        return made

    def _scaled(self, at: Floats) -> Floats:
        made: Floats = self.misses(at) / self.scale
        return made

    def _told(self, at: Floats) -> tuple[Floats, Floats]:
        slopes = np.stack([emulator.slopes(at) for emulator in self._emulators], axis=1)
        return self._scaled(at), slopes / self.scale[:, None]

    def best(self, kept: Mapping[int, float] | None = None, near: Floats | None = None) -> Floats:
        """The place where the totals match best, with a weak pull to what was guessed; some guesses are `kept` at their coordinates.

        With `near`, sought from there alone and from where it was guessed.
        """
        others = self._best_first[:_STARTS] if near is None else [near]
        found = self._fitted(np.array([self.start, *others]), kept or {}, self.start, 1 / PULL)
        return self._made_whole(min(found, key=self._cost), dict(kept or {}))

    def least_moved(self, best: Floats, kept: Mapping[int, float]) -> Floats:
        """The best place with those guesses back at what was guessed that need not be moved, the least moved first."""
        held = dict(kept)
        for number in np.argsort(np.abs(best - self.start)):
            k = int(number)
            if k in held:
                continue
            back = {**held, k: float(self.start[k])}
            tried = self._made_whole(self._fitted(best[None, :], back, self.start, 1 / PULL)[0], dict(back))
            if self._cost(tried) <= self._cost(best) + NEEDLESS:
                held[k], best = float(self.start[k]), tried
        return best

    def profiles(self, numbers: Sequence[int], best: Floats, kept: Mapping[int, float] | None = None) -> list[Profile]:
        """Move each of these guesses along its range, and the others as they suit it."""
        if not numbers:
            return []
        steps = [self._steps(number, float(best[number])) for number in numbers]
        rows = np.split(np.arange(sum(map(len, steps))), np.cumsum([len(one) for one in steps])[:-1])
        starts = np.tile(best, (sum(map(len, steps)), 1))
        held = np.zeros(starts.shape, bool)
        for number, value in (kept or {}).items():
            starts[:, number], held[:, number] = value, True
        for number, own, row in zip(numbers, steps, rows, strict=True):
            starts[row, number], held[row, number] = own, True
        places = descend(starts, held, best, LIGHT, self._told, self._scaled)
        misfits = self.misfit(places)
        return [Profile(own, misfits[row], places[row]) for own, row in zip(steps, rows, strict=True)]

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

    def _fitted(self, starts: Floats, kept: Mapping[int, float], centre: Floats, pull: float) -> Floats:
        """The places near each of some that match best, with a pull to `centre`."""
        starts = starts.copy()
        held = np.zeros(starts.shape, bool)
        for number, value in kept.items():
            starts[:, number], held[:, number] = value, True
        return descend(starts, held, centre, pull, self._told, self._scaled, self.ends or (0.0, 1.0))

    def _cost(self, place: Floats) -> float:
        return float(self.loss_at(place) + ((place - self.start) ** 2).sum() / PULL**2)

    def _made_whole(self, place: Floats, kept: dict[int, float]) -> Floats:
        """Counts rounded one after the other, to whichever side the others can make up for."""
        for number, guess in enumerate(self.guesses):
            if not guess.whole or number in kept:
                continue
            value = guess.at(float(place[number]))
            near = {min(max(value + step * guess.size, guess.low), guess.high) for step in (-1, 0, 1)}
            made = [
                self._fitted(place[None, :], {**kept, number: guess.coordinate(other)}, self.start, 1 / PULL)[0]
                for other in sorted(near)
            ]
            place = min(made, key=self._cost)
            kept[number] = float(place[number])
        return place
