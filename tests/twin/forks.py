"""Forks and joins (3.6): parts of a lot that go their own ways and wait for each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from plantwright.plant.products import Product
from tests.twin.following import further
from tests.twin.parts import Parts
from tests.twin.things import Lot


@dataclass(eq=False)
class Forked:
    """The parts of one lot, each behind the one from which it was forked."""

    parts: list[Lot] = field(default_factory=list)
    lost: bool = False  # a part was scrapped whole


class Forks(Parts):
    # What the parts that follow give.
    def leave(self, lot: Lot) -> None:
        raise NotImplementedError

    def come_nearer(self, lot: Lot) -> None:
        raise NotImplementedError

    def step_after(self, product: Product, step: int, count: int) -> int | None:
        raise NotImplementedError

    def left_out(self, product: Product, step: int, count: int) -> int | None:
        raise NotImplementedError

    def is_needed(self, product: Product, step: int, count: int) -> bool:
        raise NotImplementedError

    def fork(self, lot: Lot, steps: list[int]) -> list[Lot]:
        """Let a lot be as many parts as there are steps, each with all its pieces before one of them."""
        forked = lot.forked
        if forked is None:
            forked = lot.forked = Forked([lot])
        parts, pieces, defects = [lot], lot.pieces, dict(lot.defects)
        lot.step = steps[0]
        for step in steps[1:]:
            part = self.new_part(lot, pieces)
            part.step, part.defects, part.forked = step, dict(defects), forked
            part.took = lot.took
            forked.parts.insert(forked.parts.index(parts[-1]) + 1, part)
            self.note("split", part, None, str(lot.number), pieces)
            parts.append(part)
        for part in parts:
            if not self.is_needed(part.product, part.step, part.count):
                target = self.left_out(part.product, part.step, part.count)
                assert target is not None
                part.step = target
        return parts

    def gathers(self, lot: Lot) -> bool:
        """Whether a lot that comes to its step waits there for others."""
        return not lot.came_back and bool(lot.operation.merge or lot.operation.after)

    def meet(self, lot: Lot) -> Lot | None:
        """A lot comes to a step where lots wait for others; the one that goes on, once all are there."""
        whole: Lot | None = lot
        if lot.operation.after and lot.forked:
            whole = self.join(lot, lot.forked)
        if whole and whole.operation.merge:
            whole = self.gather(whole)
        if whole:
            self.come_nearer(whole)
        return whole

    def join(self, lot: Lot, forked: Forked) -> Lot | None:
        lot.waits_at = lot.step
        if forked.lost:
            self.give_up_if_all_wait(forked, lot)
            return None
        if any(self.may_come(part, lot.step) for part in forked.parts):
            return None
        here = [part for part in forked.parts if part.waits_at == lot.step]
        keeper = min(here, key=lambda part: part.number)
        place = here.index(keeper)
        for part in here[place + 1 :] + here[:place]:
            self.take_in(keeper, part)
            forked.parts.remove(part)
        keeper.waits_at = None
        if len(forked.parts) == 1:
            keeper.forked = None
        left = keeper.pieces
        for name in self.kinds_of_defect():
            if name in keeper.defects:
                keeper.defects[name] = min(keeper.defects[name], left)
                left -= keeper.defects[name]
        return keeper

    def look_ahead(self, lot: Lot) -> None:
        """A lot has a new step; of parts that come together at it only the first has work for drums there and behind."""
        others = lot.forked.parts if lot.forked and lot.operation.after else []
        if any(
            part.number < lot.number and (part.waits_at == lot.step or self.may_come(part, lot.step)) for part in others
        ):
            self.forget_drums(lot)
        else:
            self.come_nearer(lot)

    def may_come(self, part: Lot, join: int) -> bool:
        """Whether a part may still come to a join, by steps that stand further down in the list."""
        if part.waits_at == join:
            return False
        if part.step == join and part.waits_at is None:
            return True
        return join in further(part.product, part.step)

    def take_in(self, keeper: Lot, part: Lot) -> None:
        self.note("joined", part, None, str(keeper.number), part.pieces)
        keeper.pieces = min(keeper.pieces, part.pieces)
        for name, count in part.defects.items():
            keeper.defects[name] = max(keeper.defects.get(name, 0.0), count)
        keeper.done_on = part.done_on | keeper.done_on
        self.keep_earliest(keeper, part)
        self.carry_on(keeper, part)
        self.forget_drums(part)
        part.left = True

    def part_is_gone(self, lot: Lot) -> None:
        """A part of a lot is scrapped whole: the lot is, as soon as its other parts wait."""
        forked = lot.forked
        assert forked
        place = forked.parts.index(lot)
        forked.parts.remove(lot)
        forked.lost = True
        if forked.parts:
            self.give_up_if_all_wait(forked, forked.parts[place % len(forked.parts)])
        else:
            self.pass_turns(lot)

    def give_up_if_all_wait(self, forked: Forked, last: Lot) -> None:
        if all(part.waits_at is not None for part in forked.parts):
            place = forked.parts.index(last)
            for part in forked.parts[place + 1 :] + forked.parts[: place + 1]:
                if part is last:
                    self.pass_turns(part)
                self.leave(part)
