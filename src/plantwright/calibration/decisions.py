"""Where each order went on to, one decision after another: whether it did a step that others leave out, was sent back, or ended early."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from plantwright.calibration.drift import Drift, Series
from plantwright.calibration.paths import BEGIN, END, RoutingStep

if TYPE_CHECKING:
    from plantwright.calibration.along import State

Choice = RoutingStep | str
"""What an order does or does not: a step, or to end early (`END`)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """An order of a product that has done ``before`` (`BEGIN`, a step, or steps side by side) at the ``moment``, and ``after`` goes on to another, or ends."""

    product: str
    before: State
    after: State
    moment: datetime


@dataclass(frozen=True)
class Ways:
    """All decisions about orders like those of one product. ``number`` is the place of each item of its line (and of `END`, behind the last), and ``place``
    how many of them lie behind an order that has done a step.
    """

    made: tuple[Decision, ...]
    number: Mapping[State, int]
    place: Mapping[State, int]

    @staticmethod
    def of(made: Iterable[Decision], items: Sequence[State], place: Mapping[State, int]) -> Ways:
        """The decisions about orders that go along some items."""
        number: dict[State, int] = {item: at for at, item in enumerate(items)}
        return Ways(tuple(made), number | {END: len(items)}, place)

    def choices(self) -> dict[Choice, list[tuple[Decision, bool]]]:
        """For each step, and for early ends: the decisions in which it could come next, each with whether it did.

        An order comes by a step of the line where it goes on along the line to it or past it. Where steps beside the line come next, and early
        ends, is told by the steps from which any order went there.
        """
        items, last = list(self.number), self.number[END] - 1
        made: dict[Choice, list[tuple[Decision, bool]]] = {}
        leads: dict[Choice, set[State]] = {}
        for decision in self.made:
            if self._beside(decision, last):
                leads.setdefault(decision.after, set()).add(decision.before)  # type: ignore[arg-type]
        for decision in self.made:
            first, target = self.place.get(decision.before, 0), self.number.get(decision.after, -1)
            if not self._beside(decision, last):
                for at, item in enumerate(items[first : target + 1], first):
                    if isinstance(item, RoutingStep):
                        made.setdefault(item, []).append((decision, at == target))
            for choice, rows in leads.items():
                if decision.before in rows:
                    made.setdefault(choice, []).append((decision, decision.after == choice))
        return made

    def _beside(self, decision: Decision, last: int) -> bool:
        """Whether an order left the line: for a step beside it, back, or to end before its last step."""
        first, target = self.place.get(decision.before, 0), self.number.get(decision.after, -1)
        return target < first or (decision.after == END and first < last)

    def today(self, changes: Mapping[Choice, Drift]) -> Iterator[Decision]:
        """The decisions since what they decide upon changed, where there are any since; each step is led to once at least."""
        since: dict[State, datetime] = {}
        for choice, decisions in self.choices().items() if changes else ():
            if choice in changes:
                for before in {decision.before for decision, _ in decisions}:
                    since[before] = max(since.get(before, changes[choice].since), changes[choice].since)
        still = {own.before for own in self.made if own.before in since and own.moment >= since[own.before]}
        kept = [own for own in self.made if not (own.before in still and own.moment < since[own.before])]
        led = {own.after for own in kept}
        # Who does a step no more may do it again; one order more than there were is that chance.
        lost = {own.after: own for own in sorted(self.made, key=lambda own: own.moment) if own.after not in led}
        return iter([*kept, *lost.values()])


def counted(made: Iterable[Decision]) -> dict[State, Counter[State]]:
    """What followed each step how often."""
    follows: dict[State, Counter[State]] = {}
    for decision in made:
        follows.setdefault(decision.before, Counter())[decision.after] += 1
    return follows


def of_shares(ways: Iterable[Ways]) -> dict[Choice, Series]:
    """Of each step that some orders do and others leave out, over all products: who did it, one decision after another."""
    every: dict[Choice, list[tuple[Decision, bool]]] = {}
    for own in ways:
        for choice, decisions in own.choices().items():
            if 0 < sum(done for _, done in decisions) < len(decisions):
                every.setdefault(choice, []).extend(decisions)
    return {choice: _series(decisions) for choice, decisions in every.items()}


def _series(decisions: Sequence[tuple[Decision, bool]]) -> Series:
    """Each decision against the share of its product, in standard deviations; a level is the logarithm of the odds, had all decisions been about the usual mix."""
    ordered = sorted(decisions, key=lambda one: (one[0].moment, one[0].product))
    number = Counter(decision.product for decision, _ in ordered)
    times = Counter(decision.product for decision, done in ordered if done)
    usual = {product: (times[product] + 0.5) / (number[product] + 1) for product in number}
    done = np.array([float(done) for _, done in ordered])
    share = np.array([usual[decision.product] for decision, _ in ordered])
    common = math.log(share.mean() / (1 - share.mean()))

    def level(low: int, high: int) -> float:
        did, expected, of = float(done[low:high].sum()), float(share[low:high].sum()), high - low
        more = math.log((did + 0.5) / (expected + 0.5))
        return common + more - math.log((of - did + 0.5) / (of - expected + 0.5))

    values = (done - share) / np.sqrt(share * (1 - share))
    return Series("share", [decision.moment for decision, _ in ordered], values.tolist(), level, counts=True)


def decisions_of(
    product: str, begun: bool, under_way: bool, way: Sequence[tuple[State, datetime]], first: datetime
) -> Iterator[Decision]:
    """The decisions about an order that came to some states, each left at a moment; the end of one under way is not known, nor how one
    `begun` before the log began.
    """
    before, moment = BEGIN, first
    for number, (state, left) in enumerate(way):
        if number or not begun:
            yield Decision(product, before, state, moment)
        before, moment = state, left  # type: ignore[assignment]
    if not under_way:
        yield Decision(product, before, END, moment)


__all__ = ["Choice", "Decision", "Ways", "counted", "decisions_of", "of_shares"]
