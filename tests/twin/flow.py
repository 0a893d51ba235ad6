"""Lots (section 3): how they come, what follows a step, how they leave."""

from __future__ import annotations

import math

from plantwright.plant.products import Operation, Product, WorkTime
from tests.twin import hours
from tests.twin.luck import BRANCH, LOAD, REWORK, SHARE, TIME, UNLOAD, YIELD, entity
from tests.twin.machines import Machines
from tests.twin.things import LEAVES, Center, Lot, Rule

MEASURED = ("kg", "g", "t", "mg", "m", "mm", "cm", "km", "um", "l", "ml", "m2", "cm2")


class Flow(Machines):
    def key(self, lot: Lot) -> int:
        return entity("operation", lot.product.name, lot.operation.name)

    # Places.
    def size(self, center: Center, pieces: float) -> float:
        buffer = center.words.buffer
        return pieces if buffer and buffer.of == "piece" else 1.0

    def batch_lots(self, center: Center) -> int:
        batch = center.words.batch
        if batch is None:
            return 1
        smallest = min(product.lot for product in self.plant.products.values())
        return max(1, int(batch.largest.value // (smallest if batch.largest.of == "piece" else 1)))

    def has_room(self, center: Center, pieces: float) -> bool:
        buffer = center.words.buffer
        if buffer is None:
            return True
        machines = center.empty * self.batch_lots(center)
        if buffer.of == "piece":
            return sum(lot.pieces for lot in center.queue) + pieces <= buffer.value + machines * pieces
        return len(center.queue) < buffer.value + machines

    def is_open_to(self, center: Center, pieces: float, behind: bool) -> bool:
        if center.words.machines is None:
            return True
        overtakes = center.blocked or (behind and center.outside)
        return not overtakes and self.has_room(center, pieces)

    # Coming.
    def come_in(self, lot: Lot, behind: bool) -> bool:
        center = self.centers[lot.operation.center]
        if center.words.machines is None:
            self.spend(lot, center)
            return True
        if not self.is_open_to(center, lot.pieces, behind):
            return False
        self.enqueue(lot, center)
        return True

    def come_or_wait(self, lot: Lot) -> None:
        if not self.come_in(lot, True):
            self.centers[lot.operation.center].outside.append(lot)

    def enqueue(self, lot: Lot, center: Center) -> None:
        lot.came = self.now
        self.note("queued", lot, None, None, lot.pieces)
        rank = self.rank(lot, center)
        place = len(center.queue)
        while place and rank < self.rank(center.queue[place - 1], center):
            place -= 1
        center.queue.insert(place, lot)
        self.mark(center)

    def rank(self, lot: Lot, center: Center) -> tuple[float, ...]:
        """What the rules of a work center order its lots by."""
        rules = [r for r in center.words.rule or self.plant.rule or ("priority",) if r != "least setup"]
        run = lot.operation.at[0].time or lot.operation.time or lot.operation.interval
        mean = run.distribution.mean * (lot.pieces if run.per == "piece" else 1) if run else 0.0
        by = {
            "priority": -lot.priority,
            "FIFO": lot.came,
            "FIFO at step": lot.came,
            "FIFO by release": lot.released,
            "LIFO": -lot.came,
            "EDD": lot.due,
            "SPT": mean,
        }
        return tuple(by[rule] for rule in rules[:3])

    def spend(self, lot: Lot, center: Center) -> None:
        """At a pure delay."""
        lot.came = self.now
        self.note("queued", lot, None, None, lot.pieces)
        self.note("started", lot, None, None, lot.pieces)
        operation = lot.operation
        time = self.phase_time(operation.at[0].time or operation.time, TIME, lot)
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
        whole = int(lot.pieces)
        total = sum(self.luck.draw(time.distribution, purpose, of, lot.count, k << 21) for k in range(whole))
        if lot.pieces > whole:
            total += (lot.pieces - whole) * self.luck.draw(time.distribution, purpose, of, lot.count, whole << 21)
        return total

    def on_leaves(self, lot: Lot) -> None:
        self.note("ended", lot, None, None, lot.pieces)
        for following in self.go_on(lot):
            self.come_or_wait(following)

    # What follows a step.
    def go_on(self, lot: Lot) -> list[Lot]:
        operation, of, count = lot.operation, self.key(lot), lot.count
        if not self.pass_yield(lot, operation, of, count):
            return []
        rework = operation.rework
        if rework:
            if self.luck.uniform(REWORK, of, count) < rework.share:
                if lot.reworks.get(operation.name, 0) < rework.at_most:
                    lot.reworks[operation.name] = lot.reworks.get(operation.name, 0) + 1
                    lot.turn += 1
                    self.note("reworked", lot, None, rework.back_to, lot.pieces)
                    lot.step = self.place_of(lot.product, rework.back_to)
                    return [lot]
                if rework.then == "scrap":
                    self.scrap(lot, lot.pieces)
                    return []
            lot.reworks[operation.name] = 0
        target = self.step_after(lot.product, lot.step, count)
        if target is None:
            self.complete(lot)
            return []
        if target <= lot.step:
            lot.turn += 1
        lot.step = target
        return [lot]

    def pass_yield(self, lot: Lot, operation: Operation, of: int, count: int) -> bool:
        own = operation.at[0].yield_
        good = operation.yield_ if own is None else own
        if good >= 1:
            return True
        if operation.scrap == "lot":
            bad = lot.pieces if self.luck.uniform(YIELD, of, count) >= good else 0.0
        elif lot.product.unit not in MEASURED and float(lot.product.lot).is_integer():
            bad = self.luck.hits(lot.pieces, 1 - good, YIELD, of, count)
        else:
            bad = lot.pieces * (1 - good)
        return bad <= 0 or self.scrap(lot, bad)

    def place_of(self, product: Product, name: str) -> int:
        return [operation.name for operation in product.routing].index(name)

    def step_after(self, product: Product, step: int, count: int) -> int | None:
        """The step that follows for a lot, those passed over that it does not need."""
        while True:
            operation = product.routing[step]
            target: int | None = step + 1 if step + 1 < len(product.routing) else None
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
            if target is None or self.is_needed(product, target, count):
                return target
            step = target

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
        return False

    def complete(self, lot: Lot) -> None:
        self.note("completed", lot, None, None, lot.pieces)
        self.stock[lot.product.name] += lot.pieces
        self.leave(lot)

    def leave(self, lot: Lot) -> None:
        self.give_back(lot.rule)

    def give_back(self, rule: Rule) -> None:
        if rule.words.cards:
            rule.cards += rule.pieces if rule.words.cards.of == "piece" else 1
            self.pulling = True

    # Release.
    def start_lot(self, rule: Rule, pieces: float, due: float, priority: float) -> None:
        product = rule.product
        serial = self.made[product.name]
        self.made[product.name] += 1
        rule.count += 1
        step: int | None = 0
        if not self.is_needed(product, 0, serial * 4096):
            step = self.step_after(product, 0, serial * 4096)
            if step is None:
                self.give_back(rule)
                return
        center = self.centers[product.routing[step].center]
        if rule.words.when_full == "lost" and not self.is_open_to(center, pieces, True):
            self.note("lost", None, None, product.name, pieces)
            self.give_back(rule)
            return
        self.lots_made += 1
        lot = Lot(product, self.lots_made, serial, pieces, self.now, due, priority, rule, step)
        self.note("released", lot, None, None, pieces)
        self.come_or_wait(lot)

    def due_of(self, rule: Rule) -> float:
        return math.inf if rule.words.due is None else self.now + rule.words.due
