"""Where lots come from (7.3, 3.9), and what is asked for (6.4)."""

from __future__ import annotations

import math
from datetime import timedelta

from plantwright.plant.products import Product, Release
from plantwright.simulation.loads import mix
from tests.twin import hours
from tests.twin.flow import Flow
from tests.twin.luck import RELEASE, entity
from tests.twin.things import DEMAND, STARTS, Carried, Holding, Lot, Rule


class Sources(Flow):
    def cards_for(self, rule: Rule, pieces: float) -> float:
        return pieces if rule.words.cards and rule.words.cards.of == "piece" else 1.0

    # Release.
    def start_lot(self, rule: Rule, pieces: float, due: float, priority: float, route: tuple[str, ...] = ()) -> None:
        product = rule.product
        serial = self.made[product.name]
        self.made[product.name] += 1
        rule.count += 1
        cards = self.cards_for(rule, pieces)
        steps = [self.place_of(product, name) for name in route]
        step: int | None = steps[0] if steps else 0
        if not steps and not self.is_needed(product, 0, serial * 4096):
            step = self.step_after(product, 0, serial * 4096)
        if step is None:
            self.give_back(rule, cards)
            return
        centers = [self.centers[choice.center] for choice in product.routing[step].at]
        if rule.words.when_full == "lost" and not any(self.is_open_to(center, pieces, True) for center in centers):
            self.note("lost", None, None, product.name, pieces)
            self.give_back(rule, cards)
            return
        lot = self.new_lot(product, serial, pieces, due, priority, rule, step)
        lot.route = steps
        self.hold_cards(lot, rule, cards)
        self.note("released", lot, None, None, pieces)
        self.come_or_wait(lot)

    def new_lot(
        self, product: Product, serial: int, pieces: float, due: float, priority: float, rule: Rule | None, step: int
    ) -> Lot:
        self.lots_made += 1
        return Lot(product, self.lots_made, serial, pieces, self.now, due, priority, rule, step)

    def hold_cards(self, lot: Lot, rule: Rule, cards: float) -> None:
        if rule.words.cards:
            lot.carries.append(Carried(Holding(rule, cards), None))

    def due_of(self, rule: Rule) -> float:
        return math.inf if rule.words.due is None else self.now + rule.words.due

    def put_at_start(self) -> None:
        """Lots that stand at their steps at time 0."""
        for product in self.plant.products.values():
            for words in product.at_start:
                serial = self.made[product.name]
                self.made[product.name] += 1
                due = math.inf if words.due is None else hours.instant(self.plant, words.due)
                rule = next((rule for rule in self.rules if rule.product is product and rule.words.cards), None)
                step = self.place_of(product, words.operation)
                lot = self.new_lot(product, serial, words.quantity, due, words.priority, rule, step)
                if rule:
                    cards = self.cards_for(rule, lot.pieces)
                    rule.cards -= cards
                    self.hold_cards(lot, rule, cards)
                for before in range(step):
                    self._carry_from(lot, before, step)
                lot.step = step
                if lot.operation.merge:
                    whole = self.gather(lot)
                    if whole is None:
                        continue
                    lot = whole
                lot.stands = self.choices(lot)[0]
                self.arrive(lot, lot.stands)

    def _carry_from(self, lot: Lot, before: int, step: int) -> None:
        """What a step before the one at which a lot stands had it take for longer."""
        lot.step = before
        for tool, wanted, until in self.to_carry(lot):
            if until is None or self.place_of(lot.product, until) >= step:
                for kept in lot.carries:
                    if kept.holding.tool is tool:
                        kept.until = until
                count = wanted - self.carried(lot, tool)
                if count > 0:
                    lot.carries.insert(0, Carried(Holding(tool, count), until))
                    tool.busy += count
                    lot.step = step
                    self.note("tool seized", lot, None, tool.name, count / self.fine(tool))
                    lot.step = before

    def release_rules(self) -> None:
        weights = mix(self.plant)
        for name, product in self.plant.products.items():
            for number, words in enumerate(product.releases):
                rule = Rule(words, product, entity("release", name, number), product.lot, weights[name])
                self.rules.append(rule)
                centers = [self.centers[choice.center] for choice in product.routing[0].at]
                if words.rule == "every":
                    assert words.every
                    self.agenda.put(rule, STARTS, self.luck.draw(words.every, RELEASE, rule.key, 0))
                elif words.cards:
                    rule.cards = words.cards.value
                    for center in centers:
                        center.looped = True
                elif words.rule == "saturated":
                    for center in centers:
                        center.sources.insert(0, rule)
                elif words.rule == "orders":
                    rule.orders = self.split_orders(rule)
                    if rule.orders:
                        self.agenda.put(rule, STARTS, rule.orders[0][0])

    def split_orders(self, rule: Rule) -> list[tuple[float, float, float, float, tuple[str, ...]]]:
        """Release, pieces, due time and priority of each lot."""
        lot = rule.product.lot
        found = []
        for order in sorted(rule.words.orders, key=lambda order: order.release):
            due = math.inf if order.due is None else hours.instant(self.plant, order.due)
            left = order.quantity
            while left > 1e-9:
                pieces = min(left, lot) if lot > 1 else left
                left -= pieces
                found.append(
                    (max(0.0, hours.instant(self.plant, order.release)), pieces, due, order.priority, order.routing)
                )
        return found

    def on_starts(self, rule: Rule) -> None:
        words: Release = rule.words
        if words.every:
            self.start_lot(rule, rule.pieces, self.due_of(rule), words.priority)
            every = self.luck.draw(words.every, RELEASE, rule.key, rule.count)
            self.agenda.put(rule, STARTS, self.now + every)
            return
        _, pieces, due, priority, route = rule.orders[rule.cursor]
        self.start_lot(rule, pieces, due, priority, route)
        rule.cursor += 1
        if rule.cursor < len(rule.orders):
            self.agenda.put(rule, STARTS, rule.orders[rule.cursor][0])

    def midnight(self) -> float:
        """The next local midnight."""
        midnight = self.plant.start.replace(hour=0, minute=0, second=0, microsecond=0)
        while hours.instant(self.plant, midnight) <= self.now:
            midnight += timedelta(days=1)
        self.today = midnight - timedelta(days=1)
        return hours.instant(self.plant, midnight)

    def on_demand(self, _: object) -> None:
        over = self.today
        working = not self.plant.shifts or any(hours.begins_on(shift, over) for shift in self.plant.shifts.values())
        for name, product in self.plant.products.items():
            demand = product.demand
            if demand and (demand.per == "day" or working):
                asked = demand.rate + self.backlog[name]
                sold = min(asked, self.stores[name].level)
                self.stores[name].level -= sold
                if sold > 0:
                    self.made_room(name)
                self.backlog[name] = asked - sold if demand.unmet == "backlog" else 0.0
        self.agenda.put("day", DEMAND, self.midnight())
