"""Where lots come from (7.3, 3.9), and what is asked for (6.4)."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise

from plantwright.plant.products import MONTHS, Product, Release
from plantwright.simulation.loads import mix
from tests.twin import hours
from tests.twin.drums import Drums
from tests.twin.following import beginnings
from tests.twin.luck import RELEASE, entity
from tests.twin.things import DAY, DEMAND, STARTS, Carried, Holding, Listed, Lot, Rule
from tests.twin.units import sold_of_one

KINDS = {"every": "every", "conwip": "conwip", "saturated": "saturated", "drum": "drum"}
"""Kinds of release; all others start lots by a list."""


class Sources(Drums):
    def cards_for(self, rule: Rule, pieces: float) -> float:
        return pieces if rule.words.cards and rule.words.cards.of == "piece" else 1.0

    # Release.
    def start_lot(self, rule: Rule, pieces: float, due: float, priority: float, order: Listed | None = None) -> None:
        product, route = rule.product, order.routing if order else ()
        serial = self.made[product.name]
        self.made[product.name] += 1
        rule.count += 1
        cards = self.cards_for(rule, pieces)
        steps = [self.place_of(product, name) for name in route]
        step: int | None = steps[0] if steps else 0
        begins = beginnings(product)
        if not steps and len(begins) == 1 and not self.is_needed(product, 0, serial * 4096):
            step = self.left_out(product, 0, serial * 4096)
        if step is None:
            self.pass_unborn(product, order)
            self.give_back(rule, cards)
            return
        centers = [self.centers[choice.center] for choice in product.routing[step].at]
        if rule.words.when_full == "lost" and not any(self.is_open_to(center, pieces, True) for center in centers):
            self.note("lost", None, None, product.name, pieces)
            self.pass_unborn(product, order)
            self.give_back(rule, cards)
            return
        lot = self.new_lot(product, serial, pieces, due, priority, rule, step)
        lot.route, lot.order = steps, order.name if order else ""
        self.hold_cards(lot, rule, cards)
        self.note("released", lot, None, None, pieces)
        self.come_nearer(lot)
        parts = self.fork(lot, begins) if len(begins) > 1 and not steps else [lot]
        for part in parts if len(parts) > 1 else []:
            self.look_ahead(part)
        for part in parts:
            self.come_or_wait(part)

    def pass_unborn(self, product: Product, order: Listed | None) -> None:
        """No turn of its order waits for a lot that is none."""
        if order:
            lot = Lot(product, 0, 0, 0.0, self.now, math.inf, 0.0, None)
            lot.route, lot.order = [self.place_of(product, name) for name in order.routing], order.name
            self.pass_turns(lot)

    def new_lot(
        self, product: Product, serial: int, pieces: float, due: float, priority: float, rule: Rule | None, step: int
    ) -> Lot:
        self.lots_made += 1
        self.all_lots.append(Lot(product, self.lots_made, serial, pieces, self.now, due, priority, rule, step))
        return self.all_lots[-1]

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
                for operation in product.routing[:step]:
                    lot.unit = operation.becomes.unit if operation.becomes else lot.unit
                for before in range(step):
                    self._carry_from(lot, before, step)
                lot.step = step
                if self.gathers(lot):
                    whole = self.meet(lot)
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
                count = self.pick_up(lot, tool, wanted, until)
                if count > 0:
                    lot.step = step
                    self.note("tool seized", lot, None, tool.name, count / self.fine(tool))
                    lot.step = before

    def release_rules(self) -> None:
        """Let the rules of the plant start lots: those that are new begin, those that are there go on."""
        weights = mix(self.plant)
        known = {(rule.product.name, rule.number): rule for rule in self.rules}
        self.rules = []
        for center in self.centers.values():
            center.looped, center.sources = False, []
        for name, product in self.plant.products.items():
            for number, words in enumerate(product.releases):
                rule = known.pop((name, number), None)
                before = rule.words if rule else None
                if rule is None:
                    rule = Rule(words, product, entity("release", name, number), product.lot, weights[name], number)
                rule.words, rule.product, rule.pieces, rule.weight = words, product, product.lot, weights[name]
                self.rules.append(rule)
                self._tell_centers(rule)
                self._go_by(rule, before)
        for rule in known.values():
            self.agenda.drop(rule, STARTS)
        self.tie_ropes()

    def _tell_centers(self, rule: Rule) -> None:
        for choice in rule.product.routing[0].at:
            center = self.centers[choice.center]
            center.looped = center.looped or rule.words.cards is not None or rule.words.rule == "drum"
            if rule.words.rule == "saturated":
                center.sources.insert(0, rule)

    def _go_by(self, rule: Rule, before: Release | None) -> None:
        """A rule begins, or goes on as it did, if it was one of the same kind."""
        words, kind = rule.words, KINDS.get(rule.words.rule, "list")
        same = before is not None and KINDS.get(before.rule, "list") == kind
        if kind == "conwip":
            self.deal_cards(rule, before if same else None)
        if kind == "list":
            orders = self.split_orders(rule) if words.rule == "orders" else self.at_rate(rule)
            if same and orders == rule.orders:
                return
            self.agenda.drop(rule, STARTS)
            rule.orders = orders
            rule.cursor = sum(order.time < self.now for order in orders)
            if rule.cursor < len(orders):
                self.agenda.put(rule, STARTS, orders[rule.cursor].time)
        elif not same:
            self.agenda.drop(rule, STARTS)
            if words.every and self.may_start_more(rule):
                time = self.luck.draw(words.every, RELEASE, rule.key, rule.count)
                time = time if words.first is None else words.first
                self.agenda.put(rule, STARTS, self.now + time)

    def deal_cards(self, rule: Rule, before: Release | None) -> None:
        """So many cards as there are more, or all of them, less those for the lots of the rule that are in process."""
        cards = rule.words.cards
        assert cards
        if before and before.cards and before.cards.of == cards.of:
            rule.cards += cards.value - before.cards.value
            return
        rule.cards = cards.value
        for lot in self.all_lots:
            if lot.rule is rule and not lot.left:
                lot.carries = [kept for kept in lot.carries if not isinstance(kept.holding.tool, Rule)]
                needed = self.cards_for(rule, lot.pieces)
                rule.cards -= needed
                self.hold_cards(lot, rule, needed)

    def split_orders(self, rule: Rule) -> list[Listed]:
        lot = rule.product.lot
        found = []
        for order in sorted(rule.words.orders, key=lambda order: order.release):
            due = math.inf if order.due is None else hours.instant(self.plant, order.due)
            time = max(0.0, hours.instant(self.plant, order.release))
            left = order.quantity
            while left > 1e-9:
                pieces = min(left, lot) if lot > 1 else left
                left -= pieces
                found.append(Listed(time, pieces, due, order.priority, order.routing, order.name))
        return found

    def at_rate(self, rule: Rule) -> list[Listed]:
        """Lots at the demand's rate, evenly over the open hours of the first work center, as the season has it (7.3)."""
        product = rule.product
        demand = product.demand
        assert demand
        everyday = demand.per == "day"
        shift = () if everyday else self.plant.work_centers[product.routing[0].center].shift
        opening = [*self.opening(shift), (math.inf, False)]
        worth: list[tuple[float, float, float]] = []  # spans of open hours, and what one of them counts
        asked = 0.0
        for number in range(math.ceil((self.end - self.day_start(0)) / DAY) + 1):
            begin, end = self.day_start(number), min(self.day_start(number + 1), self.end)
            share = self.season_of(product, number)
            for (a, on), (b, _) in pairwise(opening):
                here, until = max(a, begin, 0.0), min(b, end)
                if on and here < until:
                    goes_on = worth and worth[-1][1:] == (here, share)
                    worth.append((worth.pop()[0] if goes_on else here, until, share))
            whole = self.day_start(number + 1) <= self.end + 1e-6
            if everyday:
                asked += share * max(0.0, end - max(begin, 0.0)) / DAY
            elif whole and self.is_working_day(number):
                asked += share
        lots = asked * demand.rate / (product.lot * sold_of_one(product))
        total = sum((b - a) * share for a, b, share in worth)
        found = []
        for n in range(math.ceil(lots - 1e-9)) if total > 0 else ():
            wanted = n * (total / lots)
            for a, b, share in worth:
                if wanted < (b - a) * share - 1e-9:
                    time = round(a + wanted / share, 6)
                    due = math.inf if rule.words.due is None else time + rule.words.due
                    found.append(Listed(time, product.lot, due, rule.words.priority))
                    break
                wanted = max(0.0, wanted - (b - a) * share)
        return found

    def may_start_more(self, rule: Rule) -> bool:
        return rule.words.most is None or rule.count < rule.words.most

    def on_starts(self, rule: Rule) -> None:
        words: Release = rule.words
        if words.every:
            self.start_lot(rule, rule.pieces, self.due_of(rule), words.priority)
            if self.may_start_more(rule):
                every = self.luck.draw(words.every, RELEASE, rule.key, rule.count)
                self.agenda.put(rule, STARTS, self.now + every)
            return
        order = rule.orders[rule.cursor]
        self.start_lot(rule, order.pieces, order.due, order.priority, order)
        rule.cursor += 1
        if rule.cursor < len(rule.orders):
            self.agenda.put(rule, STARTS, rule.orders[rule.cursor].time)

    # Days and their demand.
    def day(self, number: int) -> datetime:
        """The midnight with which a day begins, counted from the day of the start."""
        start = self.plant.start.replace(hour=0, minute=0, second=0, microsecond=0)
        return start + timedelta(days=number)

    def day_start(self, number: int) -> float:
        return hours.instant(self.plant, self.day(number))

    def season_of(self, product: Product, number: int) -> float:
        month = MONTHS[self.day(number).month - 1]
        return product.demand.season.get(month, 1.0) if product.demand else 1.0

    def is_working_day(self, number: int) -> bool:
        shifts = self.plant.shifts.values()
        return not shifts or any(hours.begins_on(shift, self.day(number)) for shift in shifts)

    def await_demand(self) -> None:
        """Let customers come at the midnights from now on, if there are any."""
        if not any(product.demand for product in self.plant.products.values()):
            self.agenda.drop("day", DEMAND)
        elif not self.agenda.awaits("day", DEMAND):
            self.days = sum(self.day_start(number) < self.now for number in range(1, math.ceil(self.now / DAY) + 2))
            self.await_midnight()

    def await_midnight(self) -> None:
        self.days += 1
        self.agenda.put("day", DEMAND, self.day_start(self.days))

    def on_demand(self, _: object) -> None:
        number = self.days - 1
        for name, product in self.plant.products.items():
            demand = product.demand
            if demand and (demand.per == "day" or self.is_working_day(number)):
                asked = demand.rate * self.season_of(product, number) + self.backlog[name]
                sold = min(asked, self.stores[name].level)
                self.stores[name].level -= sold
                if sold > 0:
                    self.made_room(name)
                self.backlog[name] = asked - sold if demand.unmet == "backlog" else 0.0
        self.await_midnight()
