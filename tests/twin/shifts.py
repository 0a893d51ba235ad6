"""Hours (5.4, 5.5): shifts and breaks that begin and end, work that is finished first, people who do not come."""

from __future__ import annotations

from collections.abc import Sequence

from plantwright.distributions import Distribution
from tests.twin.lines import Lines
from tests.twin.luck import AWAY, SPELL, entity
from tests.twin.things import ABSENCE, CALENDAR, DAY, Absence, Crew, Machine


class Shifts(Lines):
    def next_change(self, shift: tuple[str, ...]) -> None:
        later = [moment for moment, _ in self.opening(shift) if moment > self.now]
        if later:
            self.agenda.put(shift, CALENDAR, later[0])

    def on_calendar(self, shift: tuple[str, ...]) -> None:
        """A shift or break has begun or ended: machines and people come or go."""
        if self.is_open(shift):
            self.serving = "everybody"
        for machine in self.machines:
            if machine.center.words.shift == shift:
                self.keep_hours(machine)
                self.mark(machine.center)
        for keeper in self.keepers:
            if keeper.center.words.shift == shift:
                self.keep_hours(keeper)
        for crew in self.crews:
            if crew.shift == shift:
                self.come_or_go(crew)

    def keep_hours(self, machine: Machine) -> None:
        if self.is_open(machine.center.words.shift):
            self.open_machine(machine)
        else:
            self.close_machine(machine)

    def come_or_go(self, crew: Crew, but_for: Sequence[Machine] = ()) -> None:
        """The hours of a crew have begun or ended: who is held by a machine, but for some, stays there or leaves it."""
        for machine in [*self.machines, *self.keepers]:
            if machine not in but_for and any(holds is crew for _, holds in machine.held):
                if self.is_open(crew.shift):
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
        else:
            self.rest(machine)

    def rest(self, machine: Machine) -> None:
        """Whoever is at work at a machine leaves it."""
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
        """Put the next absence of everybody into the agenda who is not awaited or away yet; who is no more is forgotten."""
        before, self.absences = self.absences, {}
        for crew in self.crews:
            words = self.plant.people[crew.name].absence
            for k in range(crew.count if words and words.share > 0 else 0):
                assert words
                spell = words.spell or Distribution("constant", (DAY,))
                between = Distribution("exponential", (spell.mean * (1 - words.share) / words.share,))
                person = before.pop((crew.name, k), None)
                if person:
                    person.between, person.spell = between, spell
                else:
                    person = Absence(crew, entity("absence", crew.name, k), between, spell)
                    self.await_absence(person)
                self.absences[crew.name, k] = person
            crew.away = sum(person.away for person in self.absences.values() if person.crew is crew)
        for person in before.values():
            self.agenda.drop(person, ABSENCE)

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
            self.step(f"who of {crew.name} leaves")
            everything = [*self.machines, *self.keepers]
            self.rest(max(everything, key=lambda m: max((o for o, holds in m.order if holds is crew), default=-1)))
