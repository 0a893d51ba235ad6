"""Routings with branch shares: how often each step follows each other step, product by product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from plantwright.calibration.proportions import Proportion
from plantwright.calibration.visits import History, Step, Visit

BEGIN, END = "begin", "end"


class RoutingStep(NamedTuple):
    """An operation at a work center, the first time that an order comes to it or `again`.

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
class RoutingFound:
    """The routing of one product: its steps in their usual order, and for each the steps that follow with their shares.

    ``follows`` maps `BEGIN` and each step to the steps (or `END`) that came next and how often. The chain has one property
    that matters here: its expected number of visits to each step is that of the log, whatever the order of the steps.
    """

    product: str
    steps: tuple[RoutingStep, ...]
    follows: Mapping[RoutingStep | str, Mapping[RoutingStep | str, int]]
    orders: int
    variants: int

    def shares(self, step: RoutingStep | str) -> dict[RoutingStep | str, float]:
        """What follows a step (or `BEGIN`) with its share, the most frequent first; shares add up to one."""
        counts = self.follows.get(step, {})
        total = sum(counts.values())
        ranked = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
        return {target: count / total for target, count in ranked} if total else {END: 1.0}

    def ways(self, step: RoutingStep | str) -> dict[RoutingStep | str, Proportion]:
        """What follows a step (or `BEGIN`), as so many of so many."""
        counts = self.follows.get(step, {})
        total = sum(counts.values())
        return {target: Proportion(counts[target], total) for target in self.shares(step) if target in counts}


def find_routings(history: History) -> dict[str, RoutingFound]:
    """The routing of each product. The last step of an order that is still under way is not counted as an end, nor the first of one that
    began before the log as a begin, where others of its product began within it.
    """
    by_product: dict[str, list[tuple[str, Sequence[Visit]]]] = {}
    for order, visits in history.orders.items():
        by_product.setdefault(visits[0].product, []).append((order, visits))
    made = {}
    for product, orders in by_product.items():
        names = {order for order, _ in orders}
        begun = history.begun if names - history.begun else frozenset()
        made[product] = _routing(product, orders, history.open_orders, begun)
    return made


def _routing(
    product: str,
    orders: Sequence[tuple[str, Sequence[Visit]]],
    still_open: Iterable[str],
    begun: frozenset[str] = frozenset(),
) -> RoutingFound:
    follows: dict[RoutingStep | str, Counter[RoutingStep | str]] = {}
    place: dict[RoutingStep, list[float]] = {}
    under_way = set(still_open)
    paths = []
    for order, visits in orders:
        seen: set[Step] = set()
        path: list[RoutingStep | str] = []
        for number, visit in enumerate(visits):
            step = RoutingStep(*visit.step, again=visit.step in seen)
            seen.add(visit.step)
            path.append(step)
            place.setdefault(step, []).append(number / len(visits))
        paths.append(tuple(path))
        if order not in under_way:
            path.append(END)
        for before, after in zip([BEGIN, *path], path, strict=False):
            if before != BEGIN or order not in begun:
                follows.setdefault(before, Counter())[after] += 1
    # Where nothing else leads to a step, an order that was seen there first must do.
    led_to = {after for own in follows.values() for after in own}
    for seen_first in {whole[0] for whole in paths} - led_to:
        follows.setdefault(BEGIN, Counter())[seen_first] += 1
    steps = tuple(sorted(place, key=lambda step: (sum(place[step]) / len(place[step]), step)))
    _reach_the_end(steps, follows)
    return RoutingFound(product, steps, follows, len(orders), len(set(paths)))


def _reach_the_end(steps: Sequence[RoutingStep], follows: dict[RoutingStep | str, Counter[RoutingStep | str]]) -> None:
    """Every step must lead to an end: where only orders under way were seen, they end after their last step."""
    while True:
        reach: set[RoutingStep | str] = {END}
        grown = True
        while grown:
            more = {step for step in steps if step not in reach and reach & set(follows.get(step, ()))}
            reach |= more
            grown = bool(more)
        lost = [step for step in steps if step not in reach]
        if not lost:
            return
        # The last of them in the usual order is where such orders were last seen.
        follows.setdefault(lost[-1], Counter())[END] += 1


def step_names(steps: Iterable[RoutingStep]) -> dict[RoutingStep, str]:
    """A name for each step: its operation, with the work center where the same operation is done at several, and whether it is
    done again.
    """
    steps = list(steps)
    often = Counter(operation for operation, _ in {step.step for step in steps})
    made: dict[RoutingStep, str] = {}
    for step in steps:
        name = step.operation if often[step.operation] == 1 else f"{step.operation} at {step.center}"
        name = f"{name} again" if step.again else name
        while name in made.values():
            name = f"{name}, too"
        made[step] = name
    return made
