"""Dated changes (8.2): the plant changes while it runs.

Machines, people, tools, cards, buffers, rules, times and the shifts of work centers and people are changed; not what stops machines,
hours of a shift, releases, nor what comes new.
"""

from __future__ import annotations

from typing import Any

from plantwright.plant import Plant, changed
from tests.twin import hours
from tests.twin.base import FINE
from tests.twin.lines import Lines
from tests.twin.luck import BETWEEN_STOPS
from tests.twin.things import CHANGE, MACHINE, STRIKES, Center, Machine


def plants_of(plant: Plant) -> list[tuple[float, Plant]]:
    """The plant as it is from each of its dates on; the first at the start."""
    dated = sorted(plant.changes, key=lambda change: change.on)
    moments = sorted({0.0} | {max(0.0, hours.instant(plant, change.on)) for change in dated})
    found = []
    for moment in moments:
        edits: dict[str, Any] = {}
        for change in dated:
            if hours.instant(plant, change.on) <= moment:
                edits.pop(change.path, None)
                edits[change.path] = change.to
        found.append((moment, changed(plant, edits | {"changes": None}) if edits else plant))
    return found


class Changing(Lines):
    def __init__(self, plant: Plant, end: float, seed: int = 1, replication: int = 0) -> None:
        plants = plants_of(plant)
        super().__init__(plants[0][1], end, seed, replication)
        self.later = dict(plants[1:])
        for moment in self.later:
            self.agenda.put(moment, CHANGE, moment)
        self.most = {
            name: max(p.work_centers[name].machines or 0 for _, p in plants if name in p.work_centers)
            for name in plants[0][1].work_centers
        }

    def name_of(self, machine: Machine) -> str:
        """A machine has the same name all the time, with its number where there is another at some time."""
        words = machine.center.words
        if not machine.members and not words.unlike and self.most.get(words.name, 1) > 1:
            return f"{words.name} {machine.k + 1}"
        return super().name_of(machine)

    def on_change(self, moment: float) -> None:
        self.plant = self.later[moment]
        self.take_words()
        self.change_hours()
        for center in self.centers.values():
            if center.words.machines is not None and center.stock is None:
                self.change_machines(center)
        for center in self.centers.values():
            center.queue.sort(key=lambda lot: self.rank(lot, center))
            center.news = True
            self.mark(center)
        self.pulling, self.serving = True, "everybody"

    def take_words(self) -> None:
        """Everything that is there has the words of the plant as it is now; jobs keep the times that were drawn."""
        plant = self.plant
        for lot in self.all_lots:
            lot.product = plant.products[lot.product.name]
        for machine in [*self.machines, *self.keepers]:
            if machine.operation and machine.product:
                machine.product = plant.products[machine.product.name]
                name = machine.operation.name
                machine.operation = next(step for step in machine.product.routing if step.name == name)
            if machine.last_product:
                machine.last_product = plant.products[machine.last_product.name]
        for rule in self.rules:
            product = plant.products[rule.product.name]
            number = [r for r in self.rules if r.product is rule.product or r.product is product].index(rule)
            words = product.releases[number]
            if words.cards and rule.words.cards:
                rule.cards += words.cards.value - rule.words.cards.value
            rule.words, rule.product = words, product
        for turn in (turn for turns in self.turns.values() for turn in turns):
            turn.product = plant.products[turn.product.name]
        for name, center in self.centers.items():
            if name in plant.work_centers:
                center.words = plant.work_centers[name]
        for keeper in self.keepers:
            if keeper.center.name in plant.work_centers and not keeper.area:
                keeper.center.words = plant.work_centers[keeper.center.name]
        for crew in self.crews:
            crew.count, crew.skills = plant.people[crew.name].count, dict(plant.people[crew.name].skills)
        for name, tool in self.tools.items():
            tool.count = plant.tools[name].count
        for name, loop in plant.loops.items():
            self.cards[name].count = round(loop.cards.value * (FINE if loop.cards.of == "piece" else 1))

    def change_hours(self) -> None:
        """Who has other hours comes or goes."""
        before = {crew.name: self.is_open(crew.shift) for crew in self.crews}
        for crew in self.crews:
            crew.shift = self.plant.people[crew.name].shift
        known = list(self.hours)
        for shift in [*(crew.shift for crew in self.crews), *(center.words.shift for center in self.centers.values())]:
            if shift not in self.hours:
                opening = self.opening(shift)
                self.open_now[shift] = [on for at, on in opening if at <= self.now][-1]
                self.next_change(shift)
        self.hours = {shift: self.hours[shift] for shift in [*known, *(s for s in self.hours if s not in known)]}
        for crew in self.crews:
            on = self.is_open(crew.shift)
            if on != before[crew.name]:
                for machine in [*self.machines, *self.keepers]:
                    if any(holds is crew for _, holds in machine.held):
                        if on:
                            self.stay(machine)
                        else:
                            self.go_home(machine, crew)
        for machine in [*self.machines, *self.keepers]:
            on = self.is_open(machine.center.words.shift)
            if on != (machine.on and "shift" not in machine.closing):
                if on:
                    self.open_machine(machine)
                else:
                    self.close_machine(machine)

    def change_machines(self, center: Center) -> None:
        """Machines that are too many leave once they are empty; others come."""
        number = center.words.machines or 0
        for machine in list(center.machines):
            machine.gone = machine.k >= number
            if machine.gone and machine.job == "empty":
                self.leave_plant(machine)
        known = {machine.k for machine in center.machines}
        for k in range(number):
            if k not in known:
                machine = self.new_machine(center, k)
                machine.on, machine.state = self.is_open(center.words.shift), "off shift"
                center.machines.insert(k, machine)
                self.machines = [m for c in self.centers.values() for m in c.machines]
                self.begin_clocks(machine)
                self.stand_idle(machine)

    def begin_clocks(self, machine: Machine) -> None:
        for stop in machine.stops:
            stop.left = self.luck.draw(stop.words.every, BETWEEN_STOPS, stop.key, 0)
            if stop.words.clock == "calendar":
                stop.at = self.now + stop.left
                self.agenda.put(stop, STRIKES, stop.at)

    def leave_plant(self, machine: Machine) -> None:
        self.pause(machine)
        self.let_go(machine)
        machine.stop = None
        self.step_out(machine)
        machine.on, machine.job = False, "empty"
        for stop in machine.stops:
            self.agenda.drop(stop, STRIKES)
        self.agenda.drop(machine, MACHINE)
        machine.center.machines.remove(machine)
        self.machines.remove(machine)
        self.see(machine)

    def vacate(self, machine: Machine) -> None:
        if machine.gone:
            self.leave_plant(machine)
            self.mark(machine.center)
            self.looking = self.looking or bool(self.keepers_of(machine))
        else:
            super().vacate(machine)
