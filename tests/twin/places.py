"""Machines with several places (4.5): jobs side by side, whose runs begin and end in the order in which they came in."""

from __future__ import annotations

import math

from tests.twin.states import States
from tests.twin.things import MACHINE, Machine


class Places(States):
    def proceed(self, machine: Machine) -> None:
        raise NotImplementedError

    def see(self, machine: Machine) -> None:
        super().see(machine.lead)

    def state_of(self, machine: Machine) -> str:
        """The state of the job which came in first, of those that are not done."""
        if not machine.places:
            return super().state_of(machine)
        busy = [place for place in machine.places if place.job == "in process"]
        done = [place for place in machine.places if place.job == "done"]
        lacking = [place for place in machine.places if place.lacks]
        first = min(busy, key=lambda place: place.turn) if busy else [*done, *lacking, machine][0]
        return super().state_of(first)

    def take_place(self, machine: Machine) -> None:
        """A job comes in, behind those that are in the machine."""
        if machine.lead.places:
            common = machine.lead.common  # type: ignore[attr-defined]
            common["entered"] += 1
            machine.turn = common["entered"]
            self.line_up_run(machine)

    def line_up_run(self, machine: Machine) -> None:
        """A job that has come to its run begins it, or waits for those ahead."""
        if machine.lead.places and machine.phase == "run":
            machine.waits = "to run"
            self.await_run(machine)

    def await_run(self, machine: Machine) -> None:
        gate = self.until_run(machine)
        if (
            self.agenda.awaits(machine, MACHINE)
            and machine.gate is not None
            and abs(self.now + gate - machine.gate) <= 1e-6
        ):
            return  # it begins at this instant, now or later, in its turn
        at = self.now + gate if gate > 1e-6 else None
        if at is None:
            machine.waits = ""
            machine.lead.common["next_run"] = machine.turn + 1  # type: ignore[attr-defined]
        if at is None or at == math.inf:
            machine.gate = None
            self.agenda.drop(machine, MACHINE)
        else:
            machine.gate = at
            self.agenda.put(machine, MACHINE, at)

    def until_run(self, machine: Machine) -> float:
        """How long the run must wait: infinitely while the run ahead has not begun, or rests."""
        common = machine.lead.common  # type: ignore[attr-defined]
        if common["next_run"] != machine.turn:
            return math.inf
        ahead = [p for p in machine.lead.places if p.job == "in process" and p.turn == machine.turn - 1]
        if not ahead or ahead[0].waits or common["next_end"] >= machine.turn:
            return 0.0
        run = ahead[0]
        at_it = run.running and not run.walking
        done = run.times["run"] - run.left + (self.now - run.resumed if at_it else 0.0)
        left = max(0.0, run.interval - done)
        return left if at_it or left <= 1e-6 else math.inf

    def begins_run(self, machine: Machine) -> bool:
        """Whether it was the interval that was over."""
        if machine.waits != "to run":
            return False
        self.await_run(machine)
        self.proceed(machine)
        self.look_behind(machine)
        return True

    def stays_in_run(self, machine: Machine) -> bool:
        """Whether a run that is over must wait for those ahead to end."""
        if not machine.lead.places or machine.phase != "run":
            return False
        common = machine.lead.common  # type: ignore[attr-defined]
        if common["next_end"] != machine.turn:
            machine.waits = "to end"
            self.see(machine)
            self.look_behind(machine)
            return True
        machine.waits = ""
        common["next_end"] = machine.turn + 1
        return False

    def look_behind(self, machine: Machine) -> None:
        """Something changed: who waits to run, or to have run, goes on."""
        for _ in machine.lead.places:
            for place in machine.lead.places:
                if place.waits == "to run" and place.turn == place.common["next_run"]:  # type: ignore[attr-defined]
                    self.await_run(place)
                    if not place.waits:
                        self.proceed(place)
                if place.waits == "to end" and place.turn == place.common["next_end"]:  # type: ignore[attr-defined]
                    self.agenda.put(place, MACHINE, self.now)

    def stir(self, machine: Machine) -> None:
        """A run begins, rests or goes on: so does the interval that another waits for."""
        for place in machine.lead.places:
            if place is not machine and place.waits == "to run":
                self.await_run(place)
                if not place.waits:
                    self.proceed(place)

    def forget_turns(self, machine: Machine) -> None:
        """The jobs of a machine are scrapped: nobody waits for them."""
        machine.waits = ""
        if machine.lead.places:
            common = machine.lead.common  # type: ignore[attr-defined]
            common["next_run"] = common["next_end"] = common["entered"] + 1
            self.agenda.drop(machine, MACHINE)
