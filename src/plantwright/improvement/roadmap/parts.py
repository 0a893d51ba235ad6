"""The sum of the parts: what moves bring by themselves, and what was learnt of sets of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from plantwright.improvement.roadmap.candidates import Measured
from plantwright.improvement.roadmap.problem import Floats, Shared, Together
from plantwright.improvement.roadmap.scenarios import Effects
from plantwright.improvement.roadmap.sequence import Stage

CORE = 0.9
"""The moves that bring so much of all that a set brings are what is learnt about."""
SELLS = 0.05
"""A move that alone brings less than this share of the largest, by selling more, does not relieve what that relieves."""
ALIKE = 0.5
"""Two moves relieve the same thing where together they bring less than each alone by at least this share of the smaller."""
MOST_WAYS = 64
"""What moves spoil of each other is said of all that do the same where that makes no more sets than so many; each needs rows of its own."""

Names = tuple[str | tuple[str, ...], ...]
"""Moves that are in force together; in place of one several that do the same."""


def _holds(names: Names, chosen: set[str]) -> bool:
    return all(part in chosen if isinstance(part, str) else not chosen.isdisjoint(part) for part in names)


def _within(names: Names, known: set[str]) -> Names:
    """The same of moves that are known; nothing where one is not."""
    kept = [part if isinstance(part, str) else tuple(name for name in part if name in known) for part in names]
    return tuple(kept) if all(part in known if isinstance(part, str) else part for part in kept) else ()


@dataclass
class Parts:
    """What moves bring by themselves, all as given; groups that relieve the same thing, with what they bring at most; and sets of which
    something else was learnt.
    """

    moves: Sequence[Measured]
    effects: Effects
    learnt: list[tuple[Names, float, float]] = field(default_factory=list)
    groups: list[tuple[frozenset[str], float]] = field(default_factory=list)
    pairs: set[frozenset[str]] = field(default_factory=set)
    clusters: list[frozenset[str]] = field(default_factory=list)

    def of(self, moves: Sequence[Measured], effects: Effects) -> Parts:
        """What was learnt of these moves alone."""
        names = {item.move.name for item in moves}
        kept = [(held, selling, rest) for group, selling, rest in self.learnt if (held := _within(group, names))]
        groups = [(within, most) for group, most in self.groups if len(within := group & names) > 1]
        return Parts(moves, effects, kept, groups, self.pairs, [cluster & names for cluster in self.clusters])

    def copy(self) -> Parts:
        """The same, to be kept while more is learnt."""
        kept = list(self.learnt), list(self.groups), set(self.pairs), list(self.clusters)
        return Parts(self.moves, self.effects, *kept)

    def alone(self) -> dict[str, float]:
        """Money a year that each move brings by selling more."""
        return {item.move.name: float(self.effects.selling[0, j]) for j, item in enumerate(self.moves)}

    def sells(self, made: Sequence[str]) -> float:
        """Money a year that moves in force bring by selling more; the groups' ceilings kept, not that of demand."""
        alone = self.alone()
        parts = {frozenset((name,)): alone[name] for name in made}
        for names, most in sorted(self.groups, key=lambda group: len(group[0])):
            inside = [part for part in parts if part <= names]
            if inside:
                parts[names] = min(most, sum(parts.pop(part) for part in inside))
        return sum(parts.values())

    def could(self, made: Collection[str]) -> float:
        """Money a year that could be sold more at most, with moves in force that may lower or raise that."""
        lowers = sum(float(self.effects.lowers[0, j]) for j, item in enumerate(self.moves) if item.move.name in made)
        return float(self.effects.ceiling[0]) - lowers

    def brings(self, made: Sequence[str]) -> float:
        """Money a year of moves that are all in force, by the sum of the parts."""
        chosen = set(made)
        sold = self.sells(sorted(chosen))
        other = sum(float(self.effects.other[0, j]) for j, item in enumerate(self.moves) if item.move.name in chosen)
        for names, selling, rest in self.learnt:
            if _holds(names, chosen):
                sold += selling
                other += rest
        return float(min(sold, self.could(chosen)) + other)

    def scale(self, made: Sequence[str]) -> float:
        """The sum of what each brings, whatever its sign."""
        return sum(abs(float(item.gains.mean())) for item in self.moves if item.move.name in made)

    def size(self, name: str) -> float:
        """What a move brings alone, whatever its sign."""
        return next(abs(float(item.gains.mean())) for item in self.moves if item.move.name == name)

    def core(self, made: Sequence[str]) -> tuple[str, ...]:
        """Of moves in force those that bring nearly all: what does not add up is theirs, and not of one that hardly adds anything, without
        which the programme would only seem to be rid of it.
        """
        size = {item.move.name: abs(float(item.gains.mean())) for item in self.moves if item.move.name in made}
        whole = self.brings(made)
        kept: list[str] = []
        for name in sorted(size, key=lambda name: (-size[name], name)):
            so_far = self.brings(kept)
            if len(kept) > 1 and so_far >= CORE * whole:
                break
            # What a move brings alone is known; what is learnt is of at least two.
            if len(kept) < 2 or self.brings([*kept, name]) - so_far > (1 - CORE) / len(size) * abs(whole):
                kept.append(name)
        return tuple(kept)

    def learn(self, names: Sequence[str], amount: float) -> str:
        """Moves in force together bring so much more than thought; says so in words.

        Less than thought is a ceiling of what they sell more together, as far as that can be.
        """
        names = tuple(sorted(names))
        wanted = self.brings(names) + amount
        if amount < 0 and self._share(names, amount):
            amount = wanted - self.brings(names)
            if abs(amount) <= 0.01 * abs(wanted):
                return f"{' + '.join(names)}: at most {wanted:.4g} a year together"
        before = self.brings(names)
        told = self._any_of(names) if amount < 0 else names
        self.learnt.append((told, amount, 0.0))
        # Where demand is met already, more by selling changes nothing; what was simulated is then counted as it is.
        if abs(self.brings(names) - before - amount) > 0.01 * abs(amount):
            self.learnt[-1] = (told, 0.0, amount)
        return f"{' + '.join(names)}: {amount:+.4g} a year"

    def add(self, names: Sequence[str], amount: float) -> str:
        """Moves in force together bring so much more than thought, whatever is asked; says so in words."""
        self.learnt.append((tuple(sorted(names)), 0.0, amount))
        return f"{' + '.join(sorted(names))}: {amount:+.4g} a year on the way"

    def like(self, name: str) -> frozenset[str]:
        """The moves that relieve the same thing as this one, itself included; all that alone sell most of what demand leaves do so."""
        alone, ceiling = self.alone(), float(self.effects.ceiling[0])
        if alone[name] >= ALIKE * ceiling > 0:
            return frozenset(other for other, sold in alone.items() if sold >= ALIKE * ceiling)
        return next((cluster for cluster in self.clusters if name in cluster), frozenset((name,)))

    def _any_of(self, names: Sequence[str]) -> Names:
        """The moves, each with all that relieve the same thing in its place: what one spoils of another, those spoil as well."""
        parts: dict[frozenset[str], str | tuple[str, ...]] = {}
        for name in names:
            like = self.like(name)
            parts[like] = tuple(sorted(like)) if len(like) > 1 else name
        ways = math.prod(len(like) for like in parts)
        return tuple(parts.values()) if len(parts) > 1 and ways <= MOST_WAYS else tuple(names)

    def _share(self, names: Sequence[str], amount: float) -> bool:
        """Let moves have a ceiling together, that of demand or less by so much; False where they do not relieve the same thing."""
        alone = self.alone()
        sizes = sorted((alone[name] for name in names if alone[name] > 0), reverse=True)
        most = min(self.sells(names), self.could(names)) + amount
        if len(sizes) < 2 or most < ALIKE * sizes[0] or (len(names) == 2 and amount > -ALIKE * sizes[1]):
            return False
        self.group((name for name in names if alone[name] >= SELLS * sizes[0]), most)
        return True

    def group(self, names: Iterable[str], most: float) -> None:
        """Let moves bring at most so much together, by selling more; with those of groups of which they hold a part."""
        alone, group = self.alone(), frozenset(names)
        while wider := [g for g, _ in self.groups if g & group and not (g <= group or g >= group)]:
            group = group.union(*wider)
        most = max(most, max(alone[name] for name in group))
        self.groups = [(g, m) for g, m in self.groups if g != group]
        self.groups.append((group, most))

    def widen(self, cluster: Sequence[str]) -> None:
        """Let the largest group within a cluster hold all of it, the largest move first in it: the others relieve the same thing."""
        names = frozenset(cluster)
        inside = [(group, most) for group, most in self.groups if cluster[0] in group and group < names]
        if inside and not any(group == names for group, _ in self.groups):
            self.groups = [pair for pair in self.groups if pair not in inside]
            self.group(names, max(inside, key=lambda pair: len(pair[0]))[1])

    def together(self, scenarios: int) -> tuple[Together, ...]:
        """What was learnt of sets, as the programme takes it; the same in every scenario."""
        return tuple(
            Together(names, np.full(scenarios, other), np.full(scenarios, selling))
            for names, selling, other in self.learnt
        )

    def shared(self, effects: Effects) -> tuple[Shared, ...]:
        """The groups, as the programme takes them: the ceiling goes up and down with what their moves bring in a scenario."""
        place = {item.move.name: j for j, item in enumerate(self.moves)}
        made = []
        for names, most in self.groups:
            rows = [place[name] for name in sorted(names)]
            given = float(self.effects.selling[0, rows].clip(0).sum())
            drawn = effects.selling[:, rows].clip(0)
            scaled = most * (drawn.sum(axis=1) / given if given > 0 else np.ones(len(drawn)))
            made.append(Shared(tuple(sorted(names)), np.maximum(scaled, drawn.max(axis=1))))
        return tuple(made)


def by_parts(parts: Parts, stages: Sequence[Stage], quarters: int) -> Floats:
    """Money in each quarter by the sum of the parts."""
    made = np.zeros(quarters)
    for stage in stages:
        brings = parts.brings(stage.moves)
        for q in range(quarters):
            made[q] += brings * max(0.0, min(stage.end, q + 1.0) - max(stage.begin, float(q))) / 4
    return made


def last_stage(stages: Sequence[Stage], short: float) -> int:
    """The last stage that is not too short to say anything."""
    return ([k for k, stage in enumerate(stages) if stage.end - stage.begin >= short] or [len(stages) - 1])[-1]
