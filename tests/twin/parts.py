"""Parts (3.5): lots that are split and merged, pieces that go on before their lot is done."""

from __future__ import annotations

import math

from plantwright.plant.products import Operation
from tests.twin.luck import PART_OFF, entity
from tests.twin.stops import Stops
from tests.twin.things import Carried, Lot


class Parts(Stops):
    def is_whole(self, lot: Lot) -> bool:
        raise NotImplementedError

    def forget_drums(self, lot: Lot) -> None:
        raise NotImplementedError

    def expect_one_more(self, lot: Lot) -> None:
        raise NotImplementedError

    def pass_turns(self, lot: Lot) -> None:
        raise NotImplementedError

    def part_off(self, lot: Lot, pieces: float) -> Lot:
        """Take so many pieces of a lot away, as a lot of their own."""
        part = self.new_part(lot, pieces)
        part.took = set(lot.took)
        self.expect_one_more(lot)
        self._share_defects(lot, part)
        lot.pieces -= pieces
        self.note("split", part, None, str(lot.number), pieces)
        return part

    def new_part(self, lot: Lot, pieces: float) -> Lot:
        """A new lot of so many pieces, numbered on, that is in all else as `lot` is."""
        self.lots_made += 1
        serial = self.made[lot.product.name]
        self.made[lot.product.name] += 1
        part = Lot(lot.product, self.lots_made, serial, pieces, lot.released, lot.due, lot.priority, lot.rule, lot.step)
        self.all_lots.append(part)
        part.route, part.at, part.stands, part.where = lot.route, lot.at, lot.stands, lot.where
        part.reworks, part.done_on = dict(lot.reworks), dict(lot.done_on)
        part.clocks, part.order, part.unit = dict(lot.clocks), lot.order, lot.unit
        for kept in lot.carries:
            kept.holding.parts += 1
            part.carries.insert(0, Carried(kept.holding, kept.until))
        return part

    def carry_on(self, lot: Lot, other: Lot) -> None:
        """A lot carries on what another carries that goes on with it; what both share it carries once."""
        for kept in other.carries:
            if any(own.holding is kept.holding for own in lot.carries):
                kept.holding.parts -= 1
            else:
                lot.carries.insert(0, kept)

    def keep_earliest(self, lot: Lot, other: Lot) -> None:
        """Of the queue times of two lots that go on as one, those count that run out first."""
        for step, until in other.clocks.items():
            lot.clocks[step] = min(until, lot.clocks.get(step, until))

    def _share_defects(self, lot: Lot, part: Lot) -> None:
        """Defective pieces go with a part as chance has it, each as likely as any other."""
        pieces, room, draw = lot.pieces, part.pieces, 0
        of = entity("operation", lot.product.name, lot.operation.name)
        for name in self.kinds_of_defect():
            here = lot.defects.get(name, 0.0)
            going = here * room / pieces if pieces else 0.0
            if self.is_whole(lot):
                going = 0.0
                for _ in range(int(here)):
                    if self.luck.uniform(PART_OFF, of, part.serial * 4096, draw) * pieces < room:
                        going += 1
                        room -= 1
                    pieces -= 1
                    draw += 1
            if here:
                lot.defects[name], part.defects[name] = here - going, going

    def kinds_of_defect(self) -> list[str]:
        made = [name for p in self.plant.products.values() for o in p.routing for name in (*o.defects, *o.finds)]
        return list(dict.fromkeys(made))

    def split(self, lot: Lot, operation: Operation) -> list[Lot]:
        """The parts that are split off, behind the lot itself."""
        if operation.split is None:
            return []
        whole = self.is_whole(lot)
        sizes: list[float] = []
        left = lot.pieces
        if operation.split.of == "lot":
            parts = min(operation.split.value, max(1.0, left)) if whole else operation.split.value
            while left > 1e-9:
                share = left / (parts - len(sizes))
                sizes.append(math.ceil(share - 1e-9) if whole else share)
                left -= sizes[-1]
        else:
            while left > 1e-9:
                sizes.append(min(left, operation.split.value))
                left -= sizes[-1]
        return [self.part_off(lot, size) for size in sizes[1:]]

    def gather(self, lot: Lot) -> Lot | None:
        """Let a lot wait for companions at its step; the one that goes on with all of them, once they are enough."""
        merge = lot.operation.merge
        assert merge
        waiting = self.gathered.setdefault((lot.product.name, lot.operation.name), [])
        waiting.append(lot)
        here = sum(other.pieces for other in waiting) if merge.of == "piece" else len(waiting)
        if here < merge.value - 1e-9:
            return None
        for other in waiting[:-1]:
            self.note("merged", other, None, str(lot.number), other.pieces)
            lot.pieces += other.pieces
            lot.released, lot.due = min(lot.released, other.released), min(lot.due, other.due)
            lot.priority = max(lot.priority, other.priority)
            for name, count in other.defects.items():
                lot.defects[name] = lot.defects.get(name, 0.0) + count
            self.keep_earliest(lot, other)
            self.carry_on(lot, other)
            self.pass_turns(other)
            self.forget_drums(other)
            other.left = True
        waiting.clear()
        return lot
