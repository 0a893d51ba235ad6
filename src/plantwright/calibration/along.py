"""Routings as a line of steps of which some are optional, where that is how orders go; and as branches where it is not."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from plantwright.calibration.paths import BEGIN, END

Floats = npt.NDArray[np.float64]
State = Hashable
Counts = Mapping[State, Mapping[State, int]]

ALONG = "along the line"
"""What follows where an order goes on along the line, to the next step of it that it needs."""

DOUBTED = 0.05
"""The chance that a step is given branches of its own though its orders just leave out optional steps."""

_DRAWS, _ENOUGH = (99, 1999), 20
"""A chance is told from few draws where it is not small, else from many."""


@dataclass(frozen=True)
class Line:
    """Steps in their order, of which some are optional, with branches beside.

    Attributes
    ----------
    items : tuple
        What orders come to along the line, in order.
    shares : mapping
        Of items that some orders leave out: the share of those that come by that do it.
    passing : mapping
        How many orders came by, for each item.
    ways : mapping
        For `BEGIN` and each step: to what orders go on, and how many did: `ALONG`, or a step (or `END`) itself.
    """

    items: tuple[State, ...]
    shares: Mapping[State, float]
    passing: Mapping[State, int]
    ways: Mapping[State, Mapping[State, int]]


def find_line(
    order: Sequence[State], counts: Counts, place: Mapping[State, int], never: frozenset[State] = frozenset()
) -> Line:
    """A line that says how orders go on.

    Parameters
    ----------
    order : sequence
        Steps in their usual order; all others are beside it.
    counts : mapping
        What followed each step, and `BEGIN`, how often.
    place : mapping
        How many of `order` lie behind an order that has done a step: it goes on along the line from there.
    never : frozenset
        Steps that are never left out along the line.

    Notes
    -----
    Each step is done by a share of the orders that come by, whatever they did before, so that a step is followed by the first of the
    later ones that an order needs. Shares are such that each step is visited as often as in the log. A step whose orders go on in another
    way has branches of its own, the one that differs most first: its likelihood ratio against those shares is beyond what a multinomial sample of
    so many orders exceeds once in twenty times (by simulation). `BEGIN`, steps that lead back and early ends have branches always;
    so have those few steps from which orders come along the line past one with which most that do it begin.
    """
    fit = _Fit(order, counts, place, never)
    own: set[State] = {BEGIN}
    while True:
        line = fit.line(own)
        seldom = fit.seldom_along(line)
        if seldom:
            own |= seldom
            continue
        doubts = {row: fit.doubt(row, line) for row in counts if row not in own}
        worst = min(doubts, key=lambda row: (*doubts[row], str(row)), default=None)
        if worst is None or doubts[worst][0] >= DOUBTED:
            return line
        own.add(worst)


class _Fit:
    """Counts of what followed each step, told apart in those ahead on the line and others."""

    def __init__(
        self, order: Sequence[State], counts: Counts, place: Mapping[State, int], never: frozenset[State]
    ) -> None:
        self.order, self.counts, self.never = tuple(order), counts, never
        self.number: dict[State, int] = {item: at for at, item in enumerate(order)} | {END: len(self.order)}
        self.place = {row: place.get(row, 0) for row in counts}
        self.flows = expected_visits(counts)
        # Only the last step is left out by ending; an earlier end is a branch, and so is one before a step that none leaves out.
        last = len(self.order) - int(bool(self.order) and self.order[-1] not in never)
        self.ahead = {
            row: {
                target: times
                for target, times in targets.items()
                if self.number.get(target, -1) >= self.place[row] and (target != END or self.place[row] >= last)
            }
            for row, targets in counts.items()
        }

    def line(self, own: set[State]) -> Line:
        """The line where all but some steps go along it."""
        number = len(self.order)
        done, came, seen = np.zeros(number), np.zeros(number), np.zeros(number, int)
        ways: dict[State, dict[State, int]] = {}
        for row, targets in self.counts.items():
            ahead = {} if row in own else self.ahead[row]
            weight = self.flows[row] / sum(targets.values())
            for target, times in ahead.items():
                first, last = self.place[row], self.number[target]
                came[first : last + 1] += weight * times
                seen[first : last + 1] += times
                if last < number:
                    done[last] += weight * times
            mine = {target: times for target, times in targets.items() if target not in ahead}
            mine |= {ALONG: sum(ahead.values())} if ahead else {}
            ways[row] = dict(sorted(mine.items(), key=lambda item: (-item[1], str(item[0]))))
        kept = [at for at in range(number) if done[at] > 0 or self.order[at] in self.never]
        left_out = [at for at in kept if done[at] < (1 - 1e-9) * came[at] and self.order[at] not in self.never]
        return Line(
            tuple(self.order[at] for at in kept),
            {self.order[at]: float(done[at] / came[at]) for at in left_out},
            {self.order[at]: int(seen[at]) for at in kept},
            ways,
        )

    def seldom_along(self, line: Line) -> set[State]:
        """Steps that lead along the line past a step with which most orders that do it begin."""
        into: dict[State, int] = {}
        for targets in self.counts.values():
            for target, times in targets.items():
                into[target] = into.get(target, 0) + times
        begins = line.ways.get(BEGIN, {})
        for item in line.items:
            if item in line.shares and begins.get(item, 0) > 0.5 * into[item]:
                at = self.number[item]
                return {
                    row
                    for row, ways in line.ways.items()
                    if ALONG in ways
                    and self.place[row] <= at
                    and any(self.number[target] >= at for target in self.ahead[row])
                }
        return set()

    def doubt(self, row: State, line: Line) -> tuple[float, float]:
        """How often so many orders that go along the line would be as far from its shares as those of a step are, and less how far that is."""
        seen = self.ahead[row]
        total = sum(seen.values())
        if total < 2:
            return 1.0, 0.0
        items = [item for item in line.items if self.number[item] >= self.place[row]]
        shares = np.array([line.shares.get(item, 1.0) for item in items])
        expected = np.append(shares, 1.0) * np.cumprod(np.append(1.0, 1 - shares))
        counts = np.array([[float(seen.get(item, 0)) for item in (*items, END)]])
        if (counts[0][expected <= 0] > 0).any():
            return 0.0, -np.inf
        random, ratio = np.random.default_rng(1), _ratio(counts, expected)[0] - 1e-9
        for draws in _DRAWS:
            drawn = random.multinomial(total, expected / expected.sum(), size=draws)
            beyond = int((_ratio(drawn, expected) >= ratio).sum())
            if beyond >= _ENOUGH:
                break
        return (1 + beyond) / (draws + 1), -ratio


def _ratio(counts: npt.NDArray[Any], expected: Floats) -> Floats:
    """Twice the logarithm of the likelihood ratio of counts, row by row."""
    total = counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(counts > 0, counts * np.log(counts / (total * expected)), 0.0)
    return np.asarray(2 * parts.sum(axis=1))


def expected_visits(counts: Counts) -> dict[State, float]:
    """How often an order comes to each step on average, if what follows depends on the step alone; 1 for `BEGIN`."""
    states = [BEGIN, *(state for state in counts if state != BEGIN)]
    number = {state: at for at, state in enumerate(states)}
    flow = np.zeros((len(states), len(states)))
    for row, targets in counts.items():
        for target, times in targets.items():
            if target in number:
                flow[number[target], number[row]] += times / sum(targets.values())
    start = np.zeros(len(states))
    start[0] = 1.0
    visits = np.linalg.solve(np.eye(len(states)) - flow, start)
    return {state: float(visits[at]) for state, at in number.items()}
