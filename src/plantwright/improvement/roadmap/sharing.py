"""Moves that relieve the same thing: what they bring by selling more, together, has a ceiling of its own under that of demand.

Two of the groups have no move in common, or one lies within the other; so they are a tree, with all moves and the demand at its root. What
a group brings is the smaller of its ceiling and the sum of what its moves and inner groups bring: a concave function of what is in force. So it is
where a move lowers the ceiling of demand by as much as it is in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from plantwright.improvement.roadmap.problem import Floats, Problem


@dataclass(frozen=True, eq=False)
class Group:
    """Moves by their place that are in no inner group, the ``inner`` groups by their place, and the ceiling in each scenario.

    ``lowers`` (scenarios x items): by how much what is in force of each lowers the ceiling; None where nothing does.
    """

    items: npt.NDArray[np.int64]
    inner: tuple[int, ...]
    most: Floats
    lowers: Floats | None = None

    def ceiling(self, force: Floats) -> Floats:
        """scenarios x periods: the ceiling where so much (items x periods) is in force."""
        whole: Floats = np.repeat(self.most[:, None], force.shape[1], axis=1)
        return whole if self.lowers is None else whole - self.lowers @ force


def tree(problem: Problem, scale: float = 1.0) -> tuple[Group, ...]:
    """The groups of a problem, inner ones first, the root last; money in `scale`."""
    count = len(problem.moves) + len(problem.together)
    sets = sorted(
        ((frozenset(problem.place[name] for name in one.moves), one.most) for one in problem.shared),
        key=lambda pair: len(pair[0]),
    )
    sets.append((frozenset(range(count)), problem.ceiling))
    made: list[Group] = []
    outer = list(range(len(sets)))
    for k, (members, most) in enumerate(sets):
        inner = tuple(g for g in range(k) if outer[g] == g and sets[g][0] <= members)
        for g in inner:
            outer[g] = k
        own = sorted(members.difference(*(sets[g][0] for g in inner)))
        made.append(Group(np.array(own, np.int64), inner, most / scale))
    if problem.lowers is not None and problem.lowers.any():
        lowers = np.zeros((len(problem.ceiling), count))
        lowers[:, : len(problem.moves)] = problem.lowers / scale
        made[-1] = replace(made[-1], lowers=lowers)
    return tuple(made)


def brought(groups: Sequence[Group], selling: Floats, force: Floats) -> Floats:
    """scenarios x periods: what selling more brings, from what each item would bring (scenarios x items) and is in force (items x periods)."""
    return _sums(groups, selling, force)[1][-1]


def _sums(groups: Sequence[Group], selling: Floats, force: Floats) -> tuple[list[Floats], list[Floats]]:
    """Of each group the sum of what is in it, and what is left of that under its ceiling."""
    wholes: list[Floats] = []
    kept: list[Floats] = []
    for group in groups:
        whole: Floats = selling[:, group.items] @ force[group.items]
        for g in group.inner:
            whole = whole + kept[g]
        wholes.append(whole)
        kept.append(np.minimum(whole, group.ceiling(force)))
    return wholes, kept


def tangent(groups: Sequence[Group], selling: Floats, force: Floats) -> tuple[list[Floats], Floats, Floats]:
    """Of each group where its own moves count (scenarios x periods, 0 or 1), the money of the ceilings that are reached, and where that of
    the root is.

    What is brought is, for each scenario and period, at most the sum of what counts and these ceilings, less what lowers the root's where it
    is reached; and just that at `force`.
    """
    wholes, _ = _sums(groups, selling, force)
    free = np.zeros_like(wholes[-1])
    counts: list[Floats] = [np.ones_like(free) for _ in groups]
    for k in reversed(range(len(groups))):
        over = wholes[k] > groups[k].ceiling(force)
        reached = (counts[k] > 0) & over
        free += np.where(reached, np.where(np.isfinite(groups[k].most), groups[k].most, 0.0)[:, None], 0.0)
        counts[k] = np.where(over, 0.0, counts[k])
        for g in groups[k].inner:
            counts[g] = counts[k]
    return counts, free, 1.0 - counts[-1]


def slopes(
    groups: Sequence[Group], selling: Floats, counts: Sequence[Floats], weights: Floats, reached: Floats
) -> Floats:
    """items x periods: how much more is brought for each that is more in force; scenarios count by `weights`."""
    made = np.zeros((selling.shape[1], counts[-1].shape[1]))
    for group, where in zip(groups, counts, strict=True):
        made[group.items] = selling[:, group.items].T @ (weights[:, None] * where)
    lowers = groups[-1].lowers
    return made if lowers is None else made - lowers.T @ (weights[:, None] * reached)
