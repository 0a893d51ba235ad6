"""The ways of orders through their steps: which steps come before which, and orders that were booked against a sure order."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from plantwright.calibration.proportions import Proportion
from plantwright.calibration.visits import Step, Visit

BEGIN, END = "begin", "end"

SURE = 0.1
"""Two steps have a sure order if fewer than this share of orders does them the other way round, with 97.5 % confidence."""

_DIFFERS = 0.01

Pair = tuple[Step, Step]


class RoutingStep(NamedTuple):
    """An operation at a work center, where it usually comes or `again`: once more, or later than what usually follows it.

    An order that comes back goes on in another way than one that comes first: without the difference, a simulated order could
    return for ever.
    """

    operation: str
    center: str
    again: bool = False

    @property
    def step(self) -> Step:
        """What is done and where, whichever time it is."""
        return self.operation, self.center


@dataclass(frozen=True)
class Path:
    """One order's visits, from the first start to the last; whether it is still under way when the log ends, and whether it began before."""

    order: str
    visits: tuple[Visit, ...]
    under_way: bool = False
    begun: bool = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was done and where, in the order of the starts."""
        return tuple(visit.step for visit in self.visits)


def orders_of(paths: Iterable[Path]) -> Counter[Pair]:
    """How many orders begin one step before another, by the first visit to each."""
    found: Counter[Pair] = Counter()
    for path in paths:
        found.update(itertools.combinations(dict.fromkeys(path.steps), 2))
    return found


def usual_order(paths: Sequence[Path], before: Mapping[Pair, int]) -> list[Step]:
    """All steps in the order that the fewest pairs of steps in orders contradict.

    Steps are placed by where in orders they come on average, then each is put where that leaves fewest contradictions until none gets
    better: the order of Kemeny (1959), by local search.
    """
    place: dict[Step, list[float]] = {}
    for path in paths:
        for number, step in enumerate(path.steps):
            place.setdefault(step, []).append(number / len(path.steps))
    order = sorted(place, key=lambda step: (sum(place[step]) / len(place[step]), step))
    index = {step: i for i, step in enumerate(order)}
    against = np.zeros((len(order), len(order)))
    for (one, other), count in before.items():
        if one in index and other in index:
            against[index[other], index[one]] += count
    ranked = list(range(len(order)))
    for _ in range(len(ranked)):
        moved = False
        for own in list(ranked):
            at = ranked.index(own)
            rest = ranked[:at] + ranked[at + 1 :]
            # What it costs to stand before the first, the second, ... of the others.
            gains = against[own, rest] - against[rest, own]
            costs = np.concatenate([[0.0], -np.cumsum(gains)])
            best = int(np.argmin(costs))
            if costs[best] < costs[at] - 0.5:
                ranked = [*rest[:best], own, *rest[best:]]
                moved = True
        if not moved:
            break
    return [order[i] for i in ranked]


def sure_pairs(own: Mapping[Pair, int], everywhere: Mapping[Pair, int]) -> frozenset[Pair]:
    """Pairs of steps of which the first surely comes before the second in the orders of a product, though some were booked otherwise.

    So it is if at most one order in ten has them the other way round, with 97.5 % confidence by Jeffreys' interval, over all products
    that do both, and the product's own orders do not say otherwise (at 1 %).
    """
    from scipy.special import betainc

    found = set()
    for one, other in {tuple(sorted(pair)) for pair in own}:
        first, second = (
            (one, other) if everywhere.get((one, other), 0) >= everywhere.get((other, one), 0) else (other, one)
        )
        wrong, right = everywhere.get((second, first), 0), everywhere.get((first, second), 0)
        if Proportion(wrong, wrong + right).interval()[1] > SURE:
            continue
        odd, usual = own.get((second, first), 0), own.get((first, second), 0)
        # The chance of so many or more of so many (binomial).
        if odd == 0 or float(betainc(odd, usual + 1, SURE)) > _DIFFERS:
            found.add((first, second))
    return frozenset(found)


@dataclass(frozen=True)
class Odd:
    """An order that was booked against a sure order of steps, and the pairs of steps that it has the wrong way round."""

    order: str
    pairs: tuple[Pair, ...]


def mended(path: Path, sure: Collection[Pair]) -> tuple[Path, Odd | None]:
    """A path with its first visits in the sure order, all of them kept, and what was wrong with it.

    A step that is done once more after the one that should have come before it is right: an order may leave out a step and be sent back to it.
    """
    wrong = tuple(sorted(_undone(path.steps, sure)))
    if not wrong:
        return path, None
    visits = list(path.visits)
    for _ in range(len(visits) ** 2):
        undone = next(_undone([visit.step for visit in visits], sure), None)
        if undone is None:
            return Path(path.order, tuple(visits), path.under_way, path.begun), Odd(path.order, wrong)
        at = [[visit.step for visit in visits].index(step) for step in undone]
        visits.insert(at[1], visits.pop(at[0]))
    return path, None  # sure pairs that contradict each other in a circle


def _undone(steps: Sequence[Step], sure: Collection[Pair]) -> Iterator[Pair]:
    """The sure pairs of which the second step was done before the first, and not again after it."""
    first = {step: at for at, step in reversed(list(enumerate(steps)))}
    last = {step: at for at, step in enumerate(steps)}
    for one, other in itertools.permutations(first, 2):
        if (one, other) in sure and last[other] < first[one]:
            yield one, other
