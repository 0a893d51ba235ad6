"""Shares of a plant's routings against the ways of new orders: optional steps, branches, rework."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from plantwright.calibration.estimating import Estimated
from plantwright.calibration.placing import Placed
from plantwright.calibration.proportions import Proportion
from plantwright.calibration.renewing import Candidate
from plantwright.plant import Plant
from plantwright.plant.products import Operation, Product
from plantwright.plant.texts import text_at

END = "end"
_MOST_PATHS = 2000
_MOST_OTHERS = 0.05
SIDE_BY_SIDE = "its orders go on side by side, so that what follows in records is not what was decided"
SEVERAL = "records show the same whichever way an order took: several ways lead to the same next step"
OTHER_WAYS = "more than one order in twenty went on from there in a way that the routing does not have"

Taken = tuple[str, str]
"""A share that was drawn, as the words behind the product's routing in its path (``pack > share``), and what was drawn."""
YES, NO = "yes", "no"


@dataclass
class _Tally:
    """How often each share of a routing was drawn, and came out how; shares that records do not tell, and why."""

    drawn: dict[str, Counter[str]] = field(default_factory=dict)
    several: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)

    def add(self, taken: Sequence[Taken]) -> None:
        """Count one way that an order took."""
        for share, came in taken:
            self.drawn.setdefault(share, Counter())[came] += 1


class _Routing:
    """The ways that lots can take from one step that records show to the next."""

    def __init__(self, plant: Plant, product: Product) -> None:
        self.steps = product.routing
        self.place = {step.name: at for at, step in enumerate(product.routing)}
        self.unseen = {step.name for step in product.routing if plant.work_centers[step.center].machines is None}
        self._ways: dict[tuple[str | None, bool], list[tuple[str, tuple[Taken, ...]]]] = {}

    @cached_property
    def draws(self) -> dict[str, tuple[Operation, str]]:
        """The shares of the routing: the step of each, and what it is a share of."""
        made = {}
        for step in self.steps:
            if step.share < 1:
                made[f"{step.name} > share"] = step, "share"
            if len(step.next) > 1:
                made[f"{step.name} > next"] = step, "next"
            if step.rework is not None:
                made[f"{step.name} > rework > share"] = step, "rework"
        return made

    def ways(self, before: str | None, again: bool = True) -> list[tuple[str, tuple[Taken, ...]]]:
        """Where lots can go from a step (from the begin for None; to be sent back `again` or not) to, each with the shares drawn on the way."""
        if (before, again) not in self._ways:
            made = self._come_to(self.steps[0].name, ()) if before is None else self._leave(before, again, ())
            self._ways[before, again] = list(itertools.islice(made, _MOST_PATHS))
        return self._ways[before, again]

    def _come_to(self, name: str, taken: tuple[Taken, ...]) -> Iterator[tuple[str, tuple[Taken, ...]]]:
        if name == END or len(taken) > len(self.steps):
            yield END, taken
            return
        step = self.steps[self.place[name]]
        if step.share < 1:
            share = f"{name} > share"
            behind = self.place[step.share_until or name] + 1
            after = self.steps[behind].name if behind < len(self.steps) else END
            yield from self._come_to(after, (*taken, (share, NO)))
            taken = (*taken, (share, YES))
        if name in self.unseen:
            yield from self._leave(name, True, taken)
        else:
            yield name, taken

    def _leave(self, name: str, again: bool, taken: tuple[Taken, ...]) -> Iterator[tuple[str, tuple[Taken, ...]]]:
        step = self.steps[self.place[name]]
        if step.rework is not None and again:
            share = f"{name} > rework > share"
            yield from self._come_to(step.rework.back_to, (*taken, (share, YES)))
            taken = (*taken, (share, NO))
        behind = self.place[name] + 1
        following = list(step.next) or [self.steps[behind].name if behind < len(self.steps) else END]
        for target in following:
            yield from self._come_to(target, (*taken, (f"{name} > next", target)) if len(step.next) > 1 else taken)


def shares_of(plant: Plant, found: Placed, begun: Collection[str], still_open: Collection[str]) -> Iterator[Candidate]:
    """The shares of orders that do an optional step, go one way or another, or are sent back.

    From each visit to the next of its order lots may go one way of the routing, or several. Where only one leads from the one step to the other, what was
    drawn on it is known: each optional step that it passes, each branch. Steps at work centers of `unlimited` machines may be in no record. Orders that
    had `begun` before tell nothing of how orders begin, nor those `still_open` of how they end.
    """
    ways: dict[str, list[tuple[str, list[str | None]]]] = {}
    for order, (of, visits) in found.orders.items():
        ways.setdefault(of, []).append((order, [name for name, _ in visits]))
    for name, orders in ways.items():
        product = plant.products[name]
        routing = _Routing(plant, product)
        if not routing.draws:
            continue
        tally = _tally(routing, orders, begun, still_open)
        side_by_side = any(step.after for step in product.routing)
        for share, (step, kind) in routing.draws.items():
            yield from _candidates(
                plant, f"products > {name} > routing > {share}", share, step, kind, tally, side_by_side
            )


def _tally(
    routing: _Routing,
    orders: Sequence[tuple[str, Sequence[str | None]]],
    begun: Collection[str],
    still_open: Collection[str],
) -> _Tally:
    tally = _Tally()
    for order, names in orders:
        way: list[str | None] = [*names, *([] if order in still_open else [END])]
        sent: Counter[str] = Counter()
        before: str | None = None
        for number, after in enumerate(way):
            known = after is not None and (number > 0 or order not in begun) and (number == 0 or before is not None)
            if known:
                step = None if number == 0 else routing.steps[routing.place[before]]  # type: ignore[index]
                again = step is not None and step.rework is not None and sent[step.name] < step.rework.at_most
                ways = routing.ways(None if number == 0 else before, again)
                own = [taken for target, taken in ways if target == after]
                if len(own) == 1:
                    tally.add(own[0])
                    sent.update(
                        step.name for step in [step] if step and (f"{step.name} > rework > share", YES) in own[0]
                    )
                else:
                    which = tally.several if own else tally.other
                    which.update({share for taken in own or [taken for _, taken in ways] for share, _ in taken})
            before = after
    return tally


def _candidates(
    plant: Plant, path: str, share: str, step: Operation, kind: str, tally: _Tally, side_by_side: bool
) -> Iterator[Candidate]:
    drawn = tally.drawn.get(share, Counter())
    number = drawn.total()
    why = ""
    if side_by_side:
        why = SIDE_BY_SIDE
    elif tally.several[share]:
        why = SEVERAL
    elif tally.other[share] > _MOST_OTHERS * (number + tally.other[share]):
        why = OTHER_WAYS
    if kind == "next":
        for target, was in step.next.items():
            told = _estimated(drawn[target], number) if not why else None
            yield Candidate(f"{path} > {target}", was, told, number, "share", why, path)
    elif text_at(plant, path) is not None:
        was = step.share if kind == "share" or step.rework is None else step.rework.share
        yield Candidate(path, was, _estimated(drawn[YES], number) if not why else None, number, "share", why)


def _estimated(times: int, of: int) -> Estimated | None:
    if not of:
        return None
    seen = Proportion(times, of)
    # What never happened in so many may happen yet: a share of nothing would take the step away.
    return Estimated(max(1e-4, seen.value), seen.interval)
