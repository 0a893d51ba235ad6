"""The places at which totals match best, sought from many at once.

Levenberg and Marquardt's method within bounds, Huber's loss by reweighting (P. J. Huber, Robust Statistics, 1981, chapter 7); what lies at an end of its range
and would leave it is held there. All places take each step together: one after the other would take fifty times as long.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Told = Callable[[Floats], tuple[Floats, Floats]]

BENT = 2.0
"""Beyond so many standard deviations a miss counts in proportion and not by its square (Huber 1964): a total that cannot be reached does
not drag guesses along that hardly move it.
"""
_STEPS = 40
_DAMPED, _LOOSER, _TIGHTER, _GIVEN_UP = 1e-2, 0.3, 5.0, 1e8
_STILL = 1e-5


def loss(misses: Floats) -> Floats:
    """What misses in standard deviations count."""
    size = np.abs(misses)
    return np.where(size <= BENT, size**2, 2 * BENT * size - BENT**2)


def descend(
    starts: Floats,
    held: npt.NDArray[np.bool_],
    centre: Floats,
    pull: float,
    told: Told,
    misses_at: Callable[[Floats], Floats],
    ends: tuple[Floats | float, Floats | float] = (0.0, 1.0),
) -> Floats:
    """Where the misfit, with a pull to `centre`, is least, from each of some places.

    Parameters
    ----------
    starts : array of shape (places, guesses)
        Coordinates from 0 to 1.
    held : array of shape (places, guesses)
        Which coordinates stay.
    centre : array of shape (guesses,)
    pull : float
        How much a distance of 1 from the centre counts, as a miss.
    told : callable
        Misses (places, totals) in standard deviations at some places, and their slopes (places, totals, guesses).
    misses_at : callable
        The misses alone.
    ends : pair
        The least and the greatest coordinates, of each guess or of all.
    """
    low, high = ends
    places = np.where(held, starts, np.clip(starts, low, high))

    def cost(at: Floats) -> Floats:
        made: Floats = loss(misses_at(at)).sum(axis=1) + pull**2 * ((at - centre) ** 2).sum(axis=1)
        return made

    costs = cost(places)
    damped = np.full(len(places), _DAMPED)
    one = np.eye(places.shape[1])
    for _ in range(_STEPS):
        misses, slopes = told(places)
        weights = np.minimum(1.0, BENT / np.maximum(np.abs(misses), 1e-12))
        downhill = np.einsum("pt,ptg->pg", weights * misses, slopes) + pull**2 * (places - centre)
        curved = np.einsum("pt,ptg,pth->pgh", weights, slopes, slopes) + pull**2 * one
        free = ~(held | ((places <= low) & (downhill > 0)) | ((places >= high) & (downhill < 0)))
        curved = np.where(free[:, :, None] & free[:, None, :], curved, 0.0) + np.where(free, 0.0, 1.0)[:, :, None] * one
        steps = np.linalg.solve(curved + damped[:, None, None] * one, -(downhill * free)[:, :, None])[:, :, 0]
        tried = np.where(free, np.clip(places + steps, low, high), places)
        now = cost(tried)
        better = now < costs
        moved = np.abs(tried - places).max(axis=1)
        places = np.where(better[:, None], tried, places)
        costs = np.where(better, now, costs)
        damped = np.where(better, damped * _LOOSER, damped * _TIGHTER)
        if ((moved < _STILL) | (damped > _GIVEN_UP)).all():
            break
    return places
