"""Lots (section 3): how they come, what follows a step, how they leave."""

from __future__ import annotations

import math

from plantwright.plant.products import Operation, Product, WorkTime
from tests.twin import hours
from tests.twin.following import followers, parts_behind, place_behind
from tests.twin.luck import BRANCH, DEFECT, FIND, LOAD, REWORK, SHARE, SPOILT, TIME, UNLOAD, YIELD, entity
from tests.twin.rooms import Rooms
from tests.twin.things import LEAVES, Center, Lot

MEASURED = ("kg", "g", "t", "mg", "m", "mm", "cm", "km", "um", "l", "ml", "m2", "cm2")


def whole(count: float) -> float:
    """Whole pieces; a rest is lost, one part in 10^9 is forgiven."""
    return float(math.floor(count * (1 + 1e-9) + 1e-9))


class Flow(Rooms):
    def key(self, lot: Lot) -> int:
        return entity("operation", lot.product.name, lot.operation.name)

    # At a pure delay.
    def spend(self, lot: Lot, center: Center) -> None:
        lot.came, lot.stands, lot.where = self.now, center, center.name
        self.note("queued", lot, None, None, lot.pieces)
        self.reach_drums(lot)
        self.meet_limits(lot)
        self.note("started", lot, None, None, lot.pieces)
        operation = lot.operation
        time = self.phase_time(self.run_time(lot, center), TIME, lot)
        time += self.phase_time(operation.load, LOAD, lot) + self.phase_time(operation.unload, UNLOAD, lot)
        opening = self.opening(center.words.shift)
        self.agenda.put(lot, LEAVES, hours.after(opening, self.now, time))

    def phase_time(self, time: WorkTime | None, purpose: int, lot: Lot) -> float:
        """The time of a phase for one lot: a draw for each piece, or one."""
        if time is None:
            return 0.0
        of = self.key(lot)
        if time.per != "piece":
            return self.luck.draw(time.distribution, purpose, of, lot.count)
        pieces = self.worked_pieces(lot) if purpose == TIME else lot.pieces
        whole = int(pieces)
        total = sum(self.luck.draw(time.distribution, purpose, of, lot.count, k << 21) for k in range(whole))
        if pieces > whole:
            total += (pieces - whole) * self.luck.draw(time.distribution, purpose, of, lot.count, whole << 21)
        return total

    def worked_pieces(self, lot: Lot) -> float:
        """The pieces on which a time by the piece is spent: those that are looked at."""
        if lot.operation.sample >= 1:
            return lot.pieces
        looked_at = lot.pieces * lot.operation.sample
        return math.ceil(looked_at - 1e-9) if self.is_whole(lot) else looked_at

    def on_leaves(self, lot: Lot) -> None:
        if self.is_through(lot) or self.is_over(lot):
            return
        self.note("ended", lot, None, None, lot.pieces)
        self.given = set()
        for following in self.go_on(lot):
            self.come_or_wait(following)

    def meet_limits(self, lot: Lot) -> None:
        raise NotImplementedError

    def reach_drums(self, lot: Lot) -> None:
        raise NotImplementedError

    def forget_drums(self, lot: Lot) -> None:
        raise NotImplementedError

    # What follows a step.
    def go_on(self, lot: Lot) -> list[Lot]:
        """The lots that go on from here, before their next steps."""
        onward = self.judge(lot)
        for part in onward:
            self.look_ahead(part)
        return onward

    def judge(self, lot: Lot) -> list[Lot]:
        operation, of, count = lot.operation, self.key(lot), lot.count
        lot.came_back, lot.ahead = False, 0.0
        if operation.queue_time:
            lot.clocks[lot.step] = self.now + operation.queue_time.within
        if not self.pass_yield(lot, operation, of, count) or not self.pass_defects(lot, operation, of, count):
            return []
        rework = operation.rework
        if rework:
            if self.luck.uniform(REWORK, of, count) < rework.share:
                if lot.reworks.get(operation.name, 0) < rework.at_most:
                    lot.reworks[operation.name] = lot.reworks.get(operation.name, 0) + 1
                    self.note("reworked", lot, None, rework.back_to, lot.pieces)
                    self.send_back(lot, self.place_of(lot.product, rework.back_to))
                    return [lot]
                if rework.then == "scrap":
                    self.scrap(lot, lot.pieces)
                    return []
            lot.reworks[operation.name] = 0
        if operation.gives:
            self.make(lot, operation)
            if lot.pieces <= 1e-9:
                self.leave(lot)
                return []
        self.give_up(lot, operation.name)
        parts = [lot, *self.split(lot, operation)]
        return [onward for part in parts for onward in self.next_step(part)]

    def send_back(self, lot: Lot, step: int) -> None:
        """Send a lot back, by its order's own routing to the last time that it was there."""
        lot.turn += 1
        lot.came_back, lot.step = True, step
        if step in lot.route[: lot.at + 1]:
            while lot.route[lot.at] != step:
                lot.at -= 1

    def next_step(self, lot: Lot) -> list[Lot]:
        """The lot before its next step, or its parts before theirs; nothing if it is finished."""
        steps = [] if lot.route else parts_behind(lot.product, lot.step)
        if steps:
            return self.fork(lot, steps)
        if lot.route:
            target = lot.route[lot.at + 1] if lot.at + 1 < len(lot.route) else None
            lot.at += 1
        else:
            target = self.step_after(lot.product, lot.step, lot.count)
        if target is None and lot.product.stock:
            target = len(lot.product.routing)
        if target is None:
            self.complete(lot)
            return []
        if target <= lot.step:
            lot.turn += 1
        lot.step = target
        return [lot]

    def pass_yield(self, lot: Lot, operation: Operation, of: int, count: int) -> bool:
        own = next(choice.yield_ for choice in operation.at if lot.stands and choice.center == lot.stands.name)
        good = operation.yield_ if own is None else own
        if good >= 1:
            return True
        if operation.scrap == "lot":
            bad = lot.pieces if self.luck.uniform(YIELD, of, count) >= good else 0.0
        elif self.is_whole(lot):
            bad = self.luck.hits(lot.pieces, 1 - good, YIELD, of, count)
        else:
            bad = lot.pieces * (1 - good)
        if bad <= 0:
            return True
        if bad < lot.pieces:
            self.spoil_defective(lot, bad, of, count)
        return self.scrap(lot, bad)

    def is_whole(self, lot: Lot) -> bool:
        turned = lot.product.lot_unit not in ("", lot.unit)
        return lot.unit not in MEASURED and (turned or float(lot.product.lot).is_integer())

    def spoil_defective(self, lot: Lot, bad: float, of: int, count: int) -> None:
        """Of the pieces that are spoilt some carry a defect: each is any of those left."""
        left = lot.pieces
        if not self.is_whole(lot):
            lot.defects = {name: carry * (1 - bad / left) for name, carry in lot.defects.items()}
            return
        for piece in range(int(bad)):
            place = self.luck.uniform(SPOILT, of, count, piece) * left
            for name in self.kinds_of_defect():
                if place < lot.defects.get(name, 0.0):
                    lot.defects[name] -= 1
                    break
                place -= lot.defects.get(name, 0.0)
            left -= 1

    def pass_defects(self, lot: Lot, operation: Operation, of: int, count: int) -> bool:
        """Make defects among clean pieces, and find some of those there are; whether any pieces are left."""
        for k, (name, share) in enumerate(operation.defects.items()):
            clean = lot.pieces - sum(lot.defects.values())
            new = self.luck.hits(clean, share, DEFECT, of, count, k << 21) if self.is_whole(lot) else clean * share
            lot.defects[name] = lot.defects.get(name, 0.0) + new
        found = 0.0
        for k, (name, share) in enumerate(operation.finds.items()):
            here = lot.defects.get(name, 0.0)
            seen = share * operation.sample
            taken = self.luck.hits(here, seen, FIND, of, count, k << 21) if self.is_whole(lot) else here * seen
            if taken > 0:
                lot.defects[name] = here - taken
                found += taken
                self.note("found", lot, None, name, taken)
        return found <= 0 or self.scrap(lot, lot.pieces if operation.scrap == "lot" else found)

    def make(self, lot: Lot, operation: Operation) -> None:
        """What a step gives to stores, and the unit in which its lot is counted from then on."""
        first = not self.given
        for name, usage in operation.gives.items():
            if name in self.stores and name != lot.product.name:
                if usage.per == "batch":
                    self.given.add(operation.name)
                count = {"piece": lot.pieces, "lot": 1.0, "batch": float(first)}[usage.per]
                if usage.amount * count > 0:
                    self.note("given", lot, None, name, usage.amount * count)
                    if self.stores[name].counted:
                        self.put(self.stores[name], usage.amount * count)
        if operation.becomes:
            lot.pieces, lot.unit = lot.pieces * operation.becomes.factor, operation.becomes.unit
            lot.defects = {name: count * operation.becomes.factor for name, count in lot.defects.items()}
            if lot.unit not in MEASURED:
                lot.pieces = whole(lot.pieces)
                lot.defects = {name: whole(count) for name, count in lot.defects.items()}

    def place_of(self, product: Product, name: str) -> int:
        return [operation.name for operation in product.routing].index(name)

    def step_after(self, product: Product, step: int, count: int) -> int | None:
        """The step that follows for a lot, those passed over that it does not need."""
        operation = product.routing[step]
        target: int | None = next(iter(followers(product, step)), None)
        if operation.next:
            u = self.luck.uniform(BRANCH, entity("operation", product.name, operation.name), count)
            reached = 0.0
            for name, share in operation.next.items():
                reached += share
                chosen = name
                if u < reached:
                    break
            known = [other.name for other in product.routing]
            target = known.index(chosen) if chosen in known else None
        return (
            target
            if target is None or self.is_needed(product, target, count)
            else self.left_out(product, target, count)
        )

    def left_out(self, product: Product, step: int, count: int) -> int | None:
        """The step to which a lot goes on that does not need this one."""
        last = product.routing[step].share_until
        if last is None:
            return self.step_after(product, step, count)
        target = place_behind(product, self.place_of(product, last))
        return (
            target
            if target is None or self.is_needed(product, target, count)
            else self.left_out(product, target, count)
        )

    def is_needed(self, product: Product, step: int, count: int) -> bool:
        operation = product.routing[step]
        of = entity("operation", product.name, operation.name)
        return operation.share >= 1 or self.luck.uniform(SHARE, of, count) < operation.share

    # Leaving.
    def scrap(self, lot: Lot, bad: float) -> bool:
        """Scrap pieces; whether any are left."""
        self.note("scrapped", lot, None, None, bad)
        lot.pieces -= bad
        if lot.pieces > 1e-9:
            return True
        self.leave(lot)
        if lot.forked:
            self.part_is_gone(lot)
        return False

    def complete(self, lot: Lot) -> None:
        self.note("completed", lot, None, None, lot.pieces)
        self.put(self.stores[lot.product.name], lot.pieces)
        self.leave(lot)

    def into_stock(self, lot: Lot) -> None:
        self.complete(lot)

    def leave(self, lot: Lot) -> None:
        if lot.forked is None:
            self.pass_turns(lot)
        lot.left = True
        self.give_up(lot, None)
        self.forget_drums(lot)
