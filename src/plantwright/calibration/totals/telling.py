"""Which guesses the totals tell, which they do not tell apart, and which no total reacts to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plantwright.calibration.totals.surface import ALLOWED, Profile, Surface
from plantwright.calibration.totals.trying import Floats

REACTS = 1.0
"""A total reacts to a guess that changes it, along its whole range, by at least so many of its standard deviations."""
WIDER, LOOSE = 1.5, 0.2
"""A guess is traded for others where they let it go so many times farther than it may go alone, and over so much of its range."""
GOES_ALONG = 0.05
"""Another guess makes up for it where it goes along by this share of its range."""


@dataclass(frozen=True)
class Told:
    """What totals tell of one guess, in coordinates: how far it may be, the others making up for it, and how far alone.

    ``reacts`` is by how many standard deviations each total changes along its whole range, the others where they are.
    """

    reacts: Floats
    allowed: tuple[float, float]
    alone: tuple[float, float]

    @property
    def is_told(self) -> bool:
        """Whether any total reacts to it."""
        return bool(np.abs(self.reacts).max() >= REACTS)

    @property
    def is_traded(self) -> bool:
        """Whether others can make up for it."""
        width, alone = self.allowed[1] - self.allowed[0], self.alone[1] - self.alone[0]
        return self.is_told and width > max(WIDER * alone, LOOSE)


@dataclass(frozen=True)
class Trade:
    """Guesses, by number, that can make up for each other; those to measure so that the totals tell the others; two places that both fit."""

    members: tuple[int, ...]
    measure: tuple[int, ...]
    ways: tuple[Floats, Floats]


def tell(surface: Surface, best: Floats, reactions: Mapping[int, Floats]) -> tuple[list[Told], list[Trade]]:
    """What is told of each guess around the best place, and which make up for each other."""
    kept = {k: float(best[k]) for k, told in reactions.items() if np.abs(told).max() < REACTS}
    free = [k for k in range(len(best)) if k not in kept]
    profiles = dict(zip(free, surface.profiles(free, best, kept), strict=True))
    lone = {k: surface.alone(k, best) for k in profiles}
    least = min([float(surface.misfit(best[None, :])[0]), *(float(one.misfits.min()) for one in profiles.values())])
    fitting = np.vstack([best, *(one.places[one.misfits <= least + ALLOWED] for one in profiles.values())])
    told = []
    for k in range(len(best)):
        if k in kept:
            told.append(Told(reactions[k], (0.0, 1.0), (0.0, 1.0)))
            continue
        alone = _holding(lone[k].interval(float(lone[k].misfits.min())), best[k])
        ends = [*profiles[k].interval(least), *alone, float(fitting[:, k].min()), float(fitting[:, k].max())]
        told.append(Told(reactions[k], (min(ends), max(ends)), alone))
    return told, _trades(surface, best, told, profiles)


def _holding(interval: tuple[float, float], value: float) -> tuple[float, float]:
    return min(interval[0], float(value)), max(interval[1], float(value))


def _trades(surface: Surface, best: Floats, told: Sequence[Told], profiles: Mapping[int, Profile]) -> list[Trade]:
    """The groups that are connected by making up for each other."""
    group = {k: {k} for k in profiles}
    for k, one in enumerate(told):
        if not one.is_traded:
            continue
        ends = profiles[k].places_in(*one.allowed)
        along = np.abs(ends[1] - ends[0])
        along[k] = 0.0
        others = [j for j in profiles if along[j] >= GOES_ALONG] or [int(along.argmax())]
        for j in others:
            if j in group and j != k:
                joined = group[k] | group[j]
                for member in joined:
                    group[member] = joined
    made = []
    for members in {tuple(sorted(one)) for one in group.values() if len(one) > 1}:
        first = max(members, key=lambda k: told[k].allowed[1] - told[k].allowed[0])
        ways = profiles[first].places_in(*told[first].allowed)
        made.append(Trade(members, _to_measure(surface.slopes(best), members), ways))
    return sorted(made, key=lambda one: one.members)


def _to_measure(slopes: Floats, members: Sequence[int]) -> tuple[int, ...]:
    """The fewest to measure, one after the other: always that which tells most of the others, until each is told as well as alone.

    From the covariance of guesses given totals, (J'J + 1)^-1 with J the slopes in standard deviations along whole ranges.
    """
    part = slopes[:, list(members)]
    covariance = np.linalg.inv(part.T @ part + np.eye(len(members)))
    alone = 1 / ((part**2).sum(axis=0) + 1)
    measured: list[int] = []
    while len(measured) < len(members) - 1:
        left = [k for k in range(len(members)) if k not in measured]
        variances = np.diag(covariance)
        if all(variances[k] <= WIDER**2 * alone[k] for k in left):
            break
        tells = {k: float((covariance[k, left] ** 2 / covariance[k, k] / alone[left]).sum()) for k in left}
        chosen = max(left, key=lambda k: tells[k])
        measured.append(chosen)
        column = covariance[:, chosen].copy()
        covariance = covariance - np.outer(column, column) / column[chosen]
    return tuple(members[k] for k in measured or [0])


__all__ = ["ALLOWED", "Told", "Trade", "tell"]
