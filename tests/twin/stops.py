"""What stops machines (4.6 to 4.8), alone and together."""

from __future__ import annotations

import math

from plantwright.plant.resources import Failure, Maintenance
from tests.twin.luck import BETWEEN_STOPS, LENGTH_OF_STOP
from tests.twin.machines import Machines
from tests.twin.things import STRIKES, Machine, Stop, WarmingUp


class Stops(Machines):
    def due(self, machine: Machine) -> Stop | None:
        """A stop that waits: a failure that struck meanwhile, or maintenance if no job is in process."""
        for stop in machine.stops:
            if isinstance(stop.words, WarmingUp):
                continue
            if not stop.repair and any(other.job != "empty" for other in [machine, *machine.members]):
                continue
            if self.is_worn(stop) or stop.due:
                return stop
        return None

    def begin_stop(self, machine: Machine, stop: Stop) -> None:
        if machine.members and stop.repair:
            machine.stop = stop
            for member in machine.members:
                if member.stop is None:
                    self.pause(member)
                    self.let_go(member)
                self.step_out(member)
                self.cut_short(member, stop)
            machine.stop = None
        self.pause(machine)
        self.let_go(machine)
        self.step_out(machine)
        self.cut_short(machine, stop)
        machine.stop = stop
        machine.stop_left = self.luck.draw(stop.lasts, LENGTH_OF_STOP, stop.key, stop.count)
        stop.count += 1
        stop.due = stop.fitted = False
        self.proceed(machine)

    def step_out(self, machine: Machine) -> None:
        """Leave the line of the idle; a lot that lacks a claim there lacks it on another machine now."""
        if machine in machine.center.idle and machine.lacks:
            self.mark(machine.center)
        self.leave_idle(machine)

    def cut_short(self, machine: Machine, stop: Stop) -> None:
        if machine.job == "in process" and isinstance(stop.words, Failure):
            if stop.words.then == "restart" and not machine.waits:
                machine.left = machine.times[machine.phase]
            elif stop.words.then == "scrap":
                self.scrap_job(machine)

    def hold(self, keeper: Machine) -> None:
        """Maintenance of a keeper is due: its machines take no new jobs."""
        keeper.holding = True
        for member in keeper.members:
            self.step_out(member)
            self.see(member)

    def begin_kept(self) -> None:
        """Begin what waits for all machines of a keeper to be empty, where they are."""
        self.looking = False
        for keeper in self.keepers:
            stop = self.due(keeper) if keeper.stop is None else None
            if stop:
                self.begin_stop(keeper, stop)

    def scrap_job(self, machine: Machine) -> None:
        if machine.phase == "run" and machine.waits != "to run":
            elapsed = machine.times["run"] - machine.left
            begun = sum(start <= elapsed for _, start in machine.starts[:-1])
            self.count_pieces(machine, min(machine.pieces, max(machine.counted, begun)))
        lots, machine.lots = machine.lots, []
        for lot in lots:
            self.scrap(lot, lot.pieces)
        machine.job = "empty"
        self.forget_turns(machine)
        self.mark(machine.center)
        self.looking = self.looking or bool(self.keepers_of(machine))

    def end_stop(self, machine: Machine) -> None:
        stop = machine.stop
        assert stop
        self.let_go(machine)
        machine.stop = None
        if not isinstance(stop.words, WarmingUp):
            every = self.luck.draw(stop.words.every, BETWEEN_STOPS, stop.key, stop.count)
            if stop.words.clock != "calendar":
                stop.left = every
            elif stop.repair:
                self.agenda.put(stop, STRIKES, self.now + every)
        if machine.members:
            self.let_all_go_on(machine, stop)
        else:
            self.go_on_after_stop(machine)

    def go_on_after_stop(self, machine: Machine) -> None:
        following = None if self.is_down(machine) else self.due(machine)
        if following:
            self.begin_stop(machine, following)
            return
        self.warm_up(machine)
        if machine.center.paced:
            self.mark(machine.center)
        if machine.stop is None and machine.job == "empty":
            self.stand_idle(machine)
        else:
            self.proceed(machine)

    def let_all_go_on(self, keeper: Machine, stop: Stop) -> None:
        """A stop of a keeper is over: its machines go on, unless the next is due."""
        due = [other for other in keeper.stops if not other.repair and (other.due or self.is_worn(other))]
        was_held = stop.repair or not due
        if was_held and not stop.repair:
            keeper.holding = False
        there = [
            member for member in keeper.members if member in self.machines
        ]  # a place may have left before the others
        for member in there if was_held else []:
            if member.stop is None and not self.is_down(member):
                self.go_on_after_stop(member)
            else:
                self.see(member)
        following = self.due(keeper)
        if following:
            self.begin_stop(keeper, following)

    def strike(self, stop: Stop) -> None:
        """A stop by the calendar falls due."""
        machine = next(machine for machine in [*self.machines, *self.keepers] if stop in machine.stops)
        if not stop.repair and stop.words.clock == "calendar":
            stop.at += self.luck.draw(stop.words.every, BETWEEN_STOPS, stop.key, stop.count, 1)
            self.agenda.put(stop, STRIKES, max(self.now, stop.at))
        stop.due = True
        if not stop.repair and machine.members and not machine.holding:
            self.hold(machine)
        if machine.stop is None and not self.is_down(machine) and self.due(machine) is stop:
            self.begin_stop(machine, stop)

    def start_clock(self, machine: Machine, stop: Stop) -> None:
        """Find out when a stop strikes first, from now on."""
        every = self.luck.draw(stop.words.every, BETWEEN_STOPS, stop.key, stop.count)
        if isinstance(stop.words, Maintenance):
            if stop.words.first == "spread":
                k = machine.members[0].k if machine.whole else machine.k
                alike = machine.center.words.machines or 1
                share = (k + 1) / alike if machine.whole or not machine.members else 1.0
                over = stop.words.every.mean if stop.words.spread is None else stop.words.spread
                every = over * share
            else:
                every = self.luck.draw(stop.words.first, BETWEEN_STOPS, stop.key, 0, 2)
        stop.left = every
        stop.at = self.now + every if stop.words.clock == "calendar" else math.inf
        if stop.words.clock == "calendar":
            self.agenda.put(stop, STRIKES, stop.at)
