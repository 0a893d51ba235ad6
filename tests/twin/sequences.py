"""Given sequences (7.2): whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plantwright.plant.products import Product
from plantwright.plant.resources import Turn
from tests.twin.sources import Sources
from tests.twin.things import Center, Lot


@dataclass(eq=False)
class Place:
    """A turn of a work center's sequence: so many lots of an order are still to start there."""

    center: Center
    order: str
    product: Product
    step: int | None
    left: float
    steps: frozenset[int]

    @property
    def known_as(self) -> tuple[str, ...]:
        step = "" if self.step is None else self.product.routing[self.step].name
        return self.center.name, self.order, self.product.name, step


class Sequences(Sources):
    turns: Mapping[str, list[Place]] = {}

    def open_sequences(self) -> None:
        """Find the turns of all work centers, those that are known again, and for how many lots each is still to come."""
        known: dict[tuple[str, ...], list[Place]] = {}
        for turn in (turn for turns in self.turns.values() for turn in turns):
            known.setdefault(turn.known_as, []).append(turn)
        self.turns = {name: self.turns_of(center) for name, center in self.centers.items()}
        for turns in self.turns.values():
            for number, turn in enumerate(turns):
                if known.get(turn.known_as):
                    turns[number] = same = known[turn.known_as].pop(0)
                    same.product, same.step, same.steps = turn.product, turn.step, turn.steps
        for turn in (turn for turns in self.turns.values() for turn in turns):
            turn.left = self.lots_ahead(turn)

    def lots_ahead(self, turn: Place) -> int:
        """Lots that have not had a turn: those in process, parts of a forked lot as one, and those that lists will start."""
        here = {id(lot.took) for lot in self.all_lots if not lot.left and self.is_of(turn, lot)}
        names = {turn.product.routing[step].name for step in turn.steps}
        lists = [rule for rule in self.rules if rule.product is turn.product and rule.words.rule == "orders"]
        mine = [order for rule in lists for order in rule.orders[rule.cursor :] if order.name == turn.order]
        return len(here) + sum(not order.routing or bool(names & set(order.routing)) for order in mine)

    def turns_of(self, center: Center) -> list[Place]:
        found = []
        for turn in center.words.sequence or self.plant.sequence:
            for product in self.plant.products.values():
                if turn.center in ("", center.name) and turn.product in ("", product.name):
                    found += self.turn_for(center, turn, product)
        return found

    def turn_for(self, center: Center, turn: Turn, product: Product) -> list[Place]:
        here = [
            step
            for step, operation in enumerate(product.routing)
            if turn.step in ("", operation.name) and any(choice.center == center.name for choice in operation.at)
        ]
        if not here:
            return []
        return [Place(center, turn.order, product, here[0] if len(here) == 1 else None, 0, frozenset(here))]

    def turn_at(self, center: Center) -> Place | None:
        """The turn that it is; None at the end of the sequence, or without one."""
        return next((turn for turn in self.turns[center.name] if turn.left > 0), None)

    def is_of(self, turn: Place, lot: Lot) -> bool:
        """Whether a turn is for a lot, which has not had it yet."""
        comes = not lot.route or bool(turn.steps & set(lot.route))
        return lot.order == turn.order and lot.product is turn.product and comes and turn not in lot.took

    def is_turn(self, turn: Place, lot: Lot) -> bool:
        return self.is_of(turn, lot) and turn.step in (None, lot.step)

    def take_turn(self, turn: Place, lot: Lot) -> None:
        turn.left -= 1
        lot.took.add(turn)  # the parts into which it was forked have the same set

    def expect_one_more(self, lot: Lot) -> None:
        """A part of a lot is a lot of its own: turns that are not over, and that the lot has not had, are for both."""
        for turns in self.turns.values():
            for turn in turns:
                if turn.left > 0 and self.is_of(turn, lot):
                    turn.left += 1

    def pass_turns(self, lot: Lot) -> None:
        """A lot is no more: no turn that it has not had waits for it."""
        for turns in self.turns.values():
            for turn in turns:
                if self.is_of(turn, lot):
                    turn.left -= 1
                    self.mark(turn.center)
