"""Steps of one order that go on side by side."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from plantwright.calibration.paths import Pair, Path, RoutingStep
from plantwright.calibration.visits import Step, Visit

MISBOOKED = 0.05
"""By misbooked times, at most this share of the orders that do two steps one after the other seems to have the later one begun first and the
two overlapping.
"""

FALSE_ALARM = 0.01
"""The chance that any steps of a log without steps side by side are taken for such."""


@dataclass(frozen=True)
class Overlap:
    """Of so many ``orders`` that did two steps, in how many they went on at the same time with the ``first`` begun first, and the
    ``second``; and in how many with the ``first`` begun or ended first, or the second (``either_first``, ``either_second``). Those of the same moment count
    in both.
    """

    orders: int = 0
    first: int = 0
    second: int = 0
    either_first: int = 0
    either_second: int = 0


@dataclass(frozen=True)
class SideBySide:
    """Steps that go on side by side: each branch is done step after step, and an order goes on when all branches are done.

    ``orders`` did steps of two branches at least, of which ``overlapping`` had two going on at the same time.
    """

    branches: tuple[tuple[RoutingStep, ...], ...]
    orders: int
    overlapping: int

    @property
    def steps(self) -> tuple[RoutingStep, ...]:
        """The steps of all branches."""
        return tuple(step for branch in self.branches for step in branch)


def _measured(visit: Visit) -> bool:
    """Whether it is known from when to when it went on: a start at midnight is often that of a day, not of work."""
    return visit.timed and visit.end > visit.start and visit.start.time() != time()


def overlaps(paths: Iterable[Path]) -> dict[Pair, Overlap]:
    """How each two steps lie in orders that did both, by the first visit to each; pairs stand in the order of their names."""
    counts: dict[Pair, list[int]] = {}
    for path in paths:
        first: dict[Step, Visit] = {}
        for visit in path.visits:
            first.setdefault(visit.step, visit)
        known = sorted((step, visit) for step, visit in first.items() if _measured(visit)) if len(first) > 1 else []
        for (one, a), (other, b) in itertools.combinations(known, 2):
            own = counts.setdefault((one, other), [0, 0, 0, 0, 0])
            own[0] += 1
            if max(a.start, b.start) < min(a.end, b.end):
                own[1] += a.start <= b.start
                own[2] += b.start <= a.start
                own[3] += a.start <= b.start or a.end <= b.end
                own[4] += b.start <= a.start or b.end <= a.end
    return {pair: Overlap(*own) for pair, own in counts.items()}


def concurrent(found: Mapping[Pair, Overlap], tests: int) -> frozenset[Pair]:
    """The pairs of steps that go on side by side, both ways round.

    Both ways of overlapping must be more frequent than misbooked times explain: with `MISBOOKED` orders at most that seem to have the later
    step begun first, so many come by chance less than once in a hundred logs (binomial, Bonferroni over so many `tests`). Steps that overlap
    but always begin in the same order pass pieces on early; steps that come in either order but do not overlap are one after the other.
    Beside a step that is side by side with another, a third is so too if it often overlaps with it and either begins or ends
    first: on a branch of several steps the later ones seldom begin before those of another branch.

    Notes
    -----
    Leemans, Fahland and van der Aalst (2015, Using life cycle information in process discovery) and Augusto, Dumas and La Rosa (2020, Split
    Miner 2.0) take overlaps for concurrency, too, above a share that the user sets; the Alpha and Inductive Miners take steps that follow
    each other directly both ways round.
    """
    limit = FALSE_ALARM / max(1, tests)
    made = {
        turned
        for pair, own in found.items()
        if _beyond(min(own.first, own.second), own.orders, limit)
        for turned in (pair, pair[::-1])
    }
    wider = {
        pair: own for pair, own in found.items() if _beyond(min(own.either_first, own.either_second), own.orders, limit)
    }
    while True:
        beside = {one for one, _ in made}
        more = {pair for pair in wider if pair not in made and (pair[0] in beside or pair[1] in beside)}
        if not more:
            return frozenset(made)
        made |= {turned for pair in more for turned in (pair, pair[::-1])}


def _beyond(times: int, orders: int, limit: float) -> bool:
    """Whether so many of so many orders are misbooked less often than the limit says (binomial)."""
    from scipy.special import betainc

    return times > 0 and float(betainc(times, orders - times + 1, MISBOOKED)) < limit


def blocks(order: Sequence[Step], pairs: frozenset[Pair]) -> list[tuple[tuple[Step, ...], ...]]:
    """The steps that go on side by side as branches, each in the `order` given.

    Steps that are concurrent with each other, directly or through others, belong together; branches are what is left connected where
    steps are *not* concurrent, so that each step of one goes on beside all of the others (the parallel cut of Leemans, Fahland and van der Aalst
    2013, Discovering block-structured process models from event logs). Where that leaves one branch only, there is no such cut.
    """
    made = []
    for together in _connected([step for step in order if any((step, other) in pairs for other in order)], pairs):
        apart = frozenset((a, b) for a in together for b in together if a != b and (a, b) not in pairs)
        branches = _connected(together, apart)
        if len(branches) > 1:
            made.append(tuple(tuple(branch) for branch in branches))
    return made


def _connected(steps: Sequence[Step], pairs: frozenset[Pair]) -> list[list[Step]]:
    """Steps that are connected by pairs, in their order."""
    left, made = list(steps), []
    while left:
        group, ahead = {left[0]}, [left[0]]
        while ahead:
            here = ahead.pop()
            more = {other for other in left if other not in group and (here, other) in pairs}
            group |= more
            ahead += more
        made.append([step for step in steps if step in group])
        left = [step for step in left if step not in group]
    return made


def block_of(branches: tuple[tuple[Step, ...], ...], paths: Iterable[Path]) -> SideBySide:
    """A block with the evidence for it."""
    where = {step: number for number, branch in enumerate(branches) for step in branch}
    seen: Counter[bool] = Counter()
    for path in paths:
        own = [visit for visit in path.visits if visit.step in where and _measured(visit)]
        if len({where[visit.step] for visit in own}) > 1:
            seen[
                any(
                    where[a.step] != where[b.step] and max(a.start, b.start) < min(a.end, b.end)
                    for a, b in itertools.combinations(own, 2)
                )
            ] += 1
    steps = tuple(tuple(RoutingStep(*step) for step in branch) for branch in branches)
    return SideBySide(steps, seen.total(), seen[True])
