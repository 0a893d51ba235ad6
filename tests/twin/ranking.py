"""Rules of dispatch (7.1): what the lots of a work center are ordered by, and the work that they have ahead."""

from __future__ import annotations

import math

from plantwright.plant.products import Operation, Product
from tests.twin.following import counted_ways, followers, parts_behind, place_behind
from tests.twin.forks import Forks
from tests.twin.own_rules import OWN_RULES
from tests.twin.things import Center, Lot

Work = tuple[float, float]
"""Seconds for a lot, and for each piece that it has."""


def plus(one: Work, other: Work, share: float = 1.0, factor: float = 1.0) -> Work:
    return one[0] + share * other[0], one[1] + share * factor * other[1]


def work_of(operation: Operation, at: str | None) -> Work:
    """Mean load, run and unload; with `at` as far as it can be done there."""
    choices = [choice for choice in operation.at if at in (None, choice.center)]
    if not choices:
        return 0.0, 0.0
    times = (choices[0].time or operation.time or operation.interval, operation.load, operation.unload)
    means = [(time.distribution.mean, time.per == "piece") for time in times if time]
    return sum(m for m, by_piece in means if not by_piece), sum(m for m, by_piece in means if by_piece)


def comes_back(operation: Operation) -> float:
    """The share of visits after which a lot goes back, such that it does so as often as with its limit."""
    if operation.rework is None:
        return 0.0
    times = sum(operation.rework.share**n for n in range(1, operation.rework.at_most + 1))
    return times / (1 + times)


def found_defective(product: Product, step: int) -> float:
    """The share of the pieces that a step finds defective in the mean, the steps taken in their order."""
    carried: dict[str, float] = {}
    for operation in product.routing[: step + 1]:
        for name, share in operation.defects.items():
            clean = 1 - sum(carried.values())
            carried[name] = carried.get(name, 0.0) + clean * share * operation.share
        found = {name: carried.get(name, 0.0) * share * operation.sample for name, share in operation.finds.items()}
        total = sum(found.values())
        left = 1 - total * operation.share
        if operation is not product.routing[step]:
            for name in carried:
                rest = carried[name] - found.get(name, 0.0) * operation.share
                carried[name] = rest / left if left > 1e-12 else 0.0
    return total


def stays_whole(product: Product, step: int) -> float:
    """The share of the lots that a step does not scrap as a whole."""
    operation = product.routing[step]
    if operation.scrap != "lot":
        return 1.0
    good = operation.yield_ if operation.at[0].yield_ is None else operation.at[0].yield_
    return good * (1 - found_defective(product, step)) ** product.lot


def ways_on(product: Product, step: int, along: list[int]) -> list[tuple[int, float, float]]:
    """To which steps a lot that does a step comes next: the share of lots, and what becomes of one of its units."""
    operation = product.routing[step]
    back, whole = comes_back(operation), stays_whole(product, step)
    factor = operation.becomes.factor if operation.becomes else 1.0
    found = [
        (target, whole * (1 - back) * operation.next.get(product.routing[target].name, 1.0), factor) for target in along
    ]
    if operation.rework:
        found.append(([other.name for other in product.routing].index(operation.rework.back_to), whole * back, 1.0))
    return found


class Ranking(Forks):
    behind: dict[tuple[str, str | None], list[Work]]

    def work_behind(self, product: Product, step: int, at: str | None = None) -> Work:
        """The mean work of all that follows a step that is done."""
        if (product.name, at) not in self.behind:
            self.behind[product.name, at] = self.solve_work(product, at)
        return self.behind[product.name, at][step]

    def solve_work(self, product: Product, at: str | None) -> list[Work]:
        """For each step the work that follows it, gone over until it changes no more.

        With `at` the ways of all parts of a lot count, and what follows their join once; without, the way of the first part.
        """
        steps = range(len(product.routing))
        own = [work_of(operation, at) for operation in product.routing]
        along = counted_ways(product) if at else {step: followers(product, step) for step in steps}
        if not at:
            along |= {step: firsts[:1] for step in steps if (firsts := parts_behind(product, step))}
        behind = [(0.0, 0.0) for _ in steps]
        coming = list(behind)  # before it is known whether the step is needed
        for _ in range(400):
            for step in reversed(steps):
                behind[step] = passed = (0.0, 0.0)
                for target, share, factor in ways_on(product, step, along[step]):
                    behind[step] = plus(behind[step], coming[target], share, factor)
                operation = product.routing[step]
                if operation.share_until:
                    last = self.place_of(product, operation.share_until)
                    beyond = place_behind(product, last)
                    if beyond is not None and (beyond in along[last] or beyond not in followers(product, last)):
                        passed = coming[beyond]
                else:
                    for target in along[step]:
                        passed = plus(passed, coming[target], operation.next.get(product.routing[target].name, 1.0))
                done = plus(own[step], behind[step])
                coming[step] = plus(plus((0.0, 0.0), done, operation.share), passed, 1 - operation.share)
        return behind

    def work_ahead(self, lot: Lot) -> float:
        """The mean work of a lot's step and all that follow, for the pieces that it has."""
        work = plus(work_of(lot.operation, None), self.work_behind(lot.product, lot.step))
        return work[0] + lot.pieces * work[1]

    def moves(self, center: Center) -> bool:
        """Whether the rules of a work center look at the clock."""
        return any(rule == "CR" or rule in OWN_RULES for rule in self.rules_of(center))

    def rules_of(self, center: Center) -> list[str]:
        return [r for r in center.words.rule or self.plant.rule or ("priority",) if r != "least setup"][:3]

    def order_anew(self, center: Center) -> None:
        if self.moves(center):
            center.queue.sort(key=lambda lot: self.rank(lot, center))

    def rank(self, lot: Lot, center: Center) -> tuple[float, ...]:
        """What the rules of a work center order its lots by."""
        return tuple(self._key(rule, lot, center) for rule in self.rules_of(center))

    def _key(self, rule: str, lot: Lot, center: Center) -> float:
        run = self.run_time(lot, center)
        mean = run.distribution.mean * (lot.pieces * lot.operation.sample if run.per == "piece" else 1) if run else 0.0
        if rule in ("slack", "CR"):
            ahead = self.work_ahead(lot)
            if rule == "slack" or lot.due == math.inf:
                return lot.due - ahead
            return (lot.due - self.now) / max(ahead, 1e-9)
        if rule in OWN_RULES:
            ahead = self.work_ahead(lot)
            return OWN_RULES[rule](self.now, lot.came, lot.released, lot.due, lot.priority, lot.pieces, mean, ahead)
        by = {
            "priority": -lot.priority,
            "FIFO": lot.came,
            "FIFO at step": lot.came,
            "FIFO by release": lot.released,
            "LIFO": -lot.came,
            "EDD": lot.due,
            "SPT": mean,
        }
        return by[rule]
