"""Paced lines (4.10): stations that take and give lots only when the line indexes."""

from __future__ import annotations

from dataclasses import dataclass

from plantwright.plant.plant import PacedLine
from tests.twin.things import TIMER, Center, Machine
from tests.twin.turns import Turns


@dataclass(eq=False)
class Line:
    words: PacedLine
    stations: list[Center]
    due: bool = False
    at: int | None = None  # while it indexes: the station whose lot finds no place


class Lines(Turns):
    lines: tuple[Line, ...] = ()

    def start_lines(self) -> None:
        """Lines that are new may index now."""
        known = {line.words.name: line for line in self.lines}
        self.lines = tuple(known.get(name) or Line(words, []) for name, words in self.plant.lines.items())
        for line in self.lines:
            line.words = self.plant.lines[line.words.name]
            line.stations = [self.centers[name] for name in line.words.stations]
            if not line.due and not self.agenda.awaits(line, TIMER):
                self.agenda.put(line, TIMER, self.now)

    def line_of(self, center: Center) -> Line | None:
        return next((line for line in self.lines if center in line.stations), None)

    def on_index(self, line: Line) -> None:
        """The time has come at which a line may index."""
        line.due = True
        self.mark(line.stations[0])

    def is_ready(self, line: Line) -> bool:
        """Whether every job is done, and no station is off shift, stopped or has a lot that could not start."""
        for center in line.stations:
            machine = center.machines[0]
            waits = center.owed and machine.job == "empty"
            if not machine.on or machine.stop or self.is_down(machine) or machine.job == "in process" or waits:
                return False
        return True

    def is_blocked(self, machine: Machine) -> bool:
        return any(machine in center.blocked for center in self.centers.values())

    def indexes(self, line: Line) -> bool:
        """Let lots go where they go, from the last station on; whether all have."""
        if not line.due:
            return False
        if line.at is None:
            if not self.is_ready(line):
                return False
            line.at = len(line.stations) - 1
        for center in reversed(line.stations[line.at + 1 :]):
            if center.machines[0].job == "done" and not self.is_blocked(center.machines[0]):
                self.give(center.machines[0])
        for i in range(line.at, -1, -1):
            line.at = i
            machine = line.stations[i].machines[0]
            if machine.job == "done" and not self.is_blocked(machine):
                self.give(machine)
            if machine.job == "done":
                self.let_behind_take(line)
                return False
        line.at, line.due = None, False
        self.agenda.put(line, TIMER, self.now + line.words.index)
        for center in reversed(line.stations):
            center.opened, center.owed = self.now, bool(center.queue)
            self.mark(center)
        return True

    def let_behind_take(self, line: Line) -> None:
        """A lot finds no place: empty stations behind it already take what waits before them."""
        assert line.at is not None
        for center in line.stations[line.at + 1 :]:
            if center.queue and not center.owed and center.machines[0].job == "empty":
                center.owed = True
                self.mark(center)
