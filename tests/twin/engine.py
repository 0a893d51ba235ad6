"""The twin's clock: what happens next, until nothing is left to happen now (section 1)."""

from __future__ import annotations

import math

from plantwright.distributions import Distribution
from plantwright.plant import Plant
from tests.twin.changing import Changing
from tests.twin.lines import Line
from tests.twin.luck import AWAY, SPELL, entity
from tests.twin.things import (
    ABSENCE,
    CALENDAR,
    CHANGE,
    DAY,
    DEMAND,
    END,
    LEAVES,
    MACHINE,
    OUTAGES,
    STARTS,
    STRIKES,
    SUPPLY,
    TIMER,
    Absence,
    Crew,
    Machine,
)
from tests.twin.ways import Vehicle


class Twin(Changing):
    """A plant that runs: `run` it, then read its `log`."""

    def run(self) -> None:
        self.start()
        while True:
            self.settle()
            self.now, kind, what = self.agenda.next()
            if kind == END:
                return
            if kind == CALENDAR:
                turned = [what]
                while self.agenda.peek() == (self.now, CALENDAR):
                    turned.append(self.agenda.next()[2])
                for shift in turned:
                    self.open_now[shift] = not self.open_now[shift]  # type: ignore[index]
                    self.next_change(shift)  # type: ignore[arg-type]
                for shift in self.hours:
                    if shift in turned:
                        self.on_calendar(shift)
            else:
                self.happen(kind, what)

    def happen(self, kind: int, what: object) -> None:
        does = {
            CHANGE: self.on_change,
            MACHINE: self.on_machine,
            LEAVES: lambda what: self.on_vehicle(what) if isinstance(what, Vehicle) else self.on_leaves(what),
            STRIKES: self.strike,
            STARTS: self.on_starts,
            ABSENCE: self.on_absence,
            SUPPLY: self.on_delivery,
            OUTAGES: self.on_outage,
            TIMER: lambda what: self.on_index(what) if isinstance(what, Line) else self.mark(self.centers[what]),
            DEMAND: self.on_demand,
        }
        does[kind](what)  # type: ignore[operator]

    def settle(self) -> None:
        while True:
            if self.low:
                self.place_order()
            elif self.looking:
                self.begin_kept()
            elif self.pulling:
                self.pull()
            elif self.dirty:
                center = self.dirty.pop(0)
                self.admit(center)
                self.look_beside(center)
                line = self.line_of(center)
                if line and self.indexes(line):
                    continue
                if self.pulling:
                    self.pull()
                if center.asks:
                    self.line_up(center)
                else:
                    self.start_work(center, math.inf)
            elif self.serving:
                self.serve()
            else:
                return

    def start(self) -> None:
        for machine in self.machines:
            machine.on = self.is_open(machine.center.words.shift)
            if machine.on:
                self.note("state", None, machine, "starved")
            self.stand_idle(machine)
        for keeper in self.keepers:
            keeper.on = self.is_open(keeper.center.words.shift)
        self.first_stops()
        self.start_lines()
        for shift in self.hours:
            self.next_change(shift)
        self.await_absences()
        self.release_rules()
        self.open_sequences()
        self.put_at_start()
        for store in self.stores.values():
            self.see_low(store)
        for name in self.plant.suppliers:
            self.await_outage(name)
        if any(product.demand for product in self.plant.products.values()):
            self.await_midnight()
        self.agenda.put("end", END, self.end)

    # Calendars.
    def next_change(self, shift: tuple[str, ...]) -> None:
        later = [moment for moment, _ in self.opening(shift) if moment > self.now]
        if later:
            self.agenda.put(shift, CALENDAR, later[0])

    def on_calendar(self, shift: tuple[str, ...]) -> None:
        """A shift or break has begun or ended: machines and people come or go."""
        on = self.is_open(shift)
        if on:
            self.serving = "everybody"
        for machine in self.machines:
            if machine.center.words.shift == shift:
                if on:
                    self.open_machine(machine)
                else:
                    self.close_machine(machine)
                self.mark(machine.center)
        for keeper in self.keepers:
            if keeper.center.words.shift == shift:
                if on:
                    self.open_machine(keeper)
                else:
                    self.close_machine(keeper)
        for crew in self.crews:
            if crew.shift == shift:
                for machine in [*self.machines, *self.keepers]:
                    if any(holds is crew for _, holds in machine.held):
                        if on:
                            self.stay(machine)
                        else:
                            self.go_home(machine, crew)

    def open_machine(self, machine: Machine) -> None:
        if "shift" in machine.closing:
            self.pause(machine)
            machine.closing.remove("shift")
        machine.on = True
        self.proceed(machine)

    def close_machine(self, machine: Machine) -> None:
        if machine.center.words.shift_end == "finish piece" and self.works(machine):
            self.finish_piece(machine, "shift")
            return
        self.pause(machine)
        self.let_go(machine)
        machine.on = False
        self.proceed(machine)

    def works(self, machine: Machine) -> bool:
        return machine.running and not machine.walking and machine.stop is None and machine.job == "in process"

    def finish_piece(self, machine: Machine, why: str) -> None:
        self.pause(machine)
        machine.closing.add(why)
        self.proceed(machine)

    def go_home(self, machine: Machine, crew: Crew) -> None:
        if crew.finishes and self.works(machine):
            self.finish_piece(machine, "people")
            return
        self.pause(machine)
        self.let_go(machine)
        self.proceed(machine)

    def stay(self, machine: Machine) -> None:
        """People whose shift begins again before the piece is done do not leave, if all who are held are there."""
        if "people" in machine.closing and all(self.is_open(crew.shift) for _, crew in machine.held):
            self.pause(machine)
            machine.closing.remove("people")
            self.proceed(machine)

    # Absence.
    def await_absences(self) -> None:
        for crew in self.crews:
            words = self.plant.people[crew.name].absence
            for k in range(crew.count if words and words.share > 0 else 0):
                assert words
                spell = words.spell or Distribution("constant", (DAY,))
                between = Distribution("exponential", (spell.mean * (1 - words.share) / words.share,))
                self.await_absence(Absence(crew, entity("absence", crew.name, k), between, spell))

    def await_absence(self, person: Absence) -> None:
        time = self.luck.draw(person.between, AWAY, person.key, person.count)
        self.agenda.put(person, ABSENCE, self.now + time)

    def on_absence(self, person: Absence) -> None:
        crew = person.crew
        person.away = not person.away
        if not person.away:
            person.count += 1
            crew.away -= 1
            self.came_free(crew.name)
            self.await_absence(person)
            return
        crew.away += 1
        self.agenda.put(person, ABSENCE, self.now + self.luck.draw(person.spell, SPELL, person.key, person.count))
        while crew.at_work > crew.count - crew.away:
            everything = [*self.machines, *self.keepers]
            machine = max(everything, key=lambda m: max((o for o, holds in m.order if holds is crew), default=-1))
            self.pause(machine)
            self.let_go(machine)
            self.proceed(machine)


def twin_log(plant: Plant, end: float, seed: int = 1) -> Twin:
    """The twin of a plant, run to its end."""
    twin = Twin(plant, end, seed)
    twin.run()
    return twin
