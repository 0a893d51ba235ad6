"""Effects that nobody knows for sure: a distribution cut in equal slices, with the edits that each would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from plantwright.distributions import Distribution
from plantwright.improvement.study import Belief, Move
from plantwright.simulation.uncertainty import quantile

SLICES = 5
"""In so many slices, equally likely, a belief is cut; each stands for its middle."""


def shares_of(effect: Distribution) -> tuple[float, ...]:
    """The middle of each slice of a distribution, moved together so that their mean is that of the distribution.

    Midpoints of equal slices lose some of the spread: with five, that of a triangle keeps 92 % of its variance.
    """
    if effect.cv <= 0:
        return (effect.mean,)
    middles = [quantile(effect, (k + 0.5) / SLICES) for k in range(SLICES)]
    moved = effect.mean - sum(middles) / SLICES
    return tuple(value + moved for value in middles)


def believed(move: Move, effect: Distribution, text: str, edits_at: Callable[[float], Mapping[str, Any]]) -> Move:
    """The move with an uncertain effect.

    Parameters
    ----------
    move : Move
        Its edits are not looked at.
    effect : Distribution
        The size of the effect, as a share: 0.4 for 40 % less.
    text : str
        What the effect is of: ``setup time shorter``.
    edits_at : callable
        Gives the edits for a size of the effect.
    """
    shares = shares_of(effect)
    if len(shares) == 1:
        return replace(move, edits=edits_at(shares[0]))
    belief = Belief(text, shares, tuple(edits_at(share) for share in shares))
    return replace(move, edits=edits_at(effect.mean), belief=belief)
