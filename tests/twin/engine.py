"""The twin's clock: what happens next, until nothing is left to happen now (section 1)."""

from __future__ import annotations

import math

from tests.twin.changing import Changing
from tests.twin.lines import Line
from tests.twin.things import (
    ABSENCE,
    CALENDAR,
    CHANGE,
    DEMAND,
    END,
    LEAVES,
    MACHINE,
    OUTAGES,
    STARTS,
    STRIKES,
    SUPPLY,
    TIMER,
)
from tests.twin.ways import Vehicle


class Twin(Changing):
    """A plant that runs: `run` it, then read its `log`."""

    def run(self) -> None:
        self.start()
        while True:
            self.settle()
            self.now, kind, what = self.agenda.next()
            self.step("an event")
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
            self.step("what follows from an event")
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
        for machine in [*self.machines, *self.keepers]:
            for stop in machine.stops:
                self.start_clock(machine, stop)
        self.start_lines()
        for shift in self.hours:
            self.next_change(shift)
        self.await_absences()
        self.release_rules()
        self.open_sequences()
        self.put_at_start()
        for store in self.stores.values():
            self.see_low(store)
        self.await_outages()
        self.await_demand()
        self.agenda.put("end", END, self.end)
