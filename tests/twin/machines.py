"""Machines (section 4): phases of jobs, what cuts them short, where a machine without a job stands."""

from __future__ import annotations

import math

from tests.twin.luck import LENGTH_OF_STOP
from tests.twin.places import Places
from tests.twin.things import MACHINE, Lot, Machine, Stop, WarmingUp

PHASES = ("setup", "load", "run", "unload")


class Machines(Places):
    # What the parts that follow give.
    def come_in(self, lot: Lot, behind: bool) -> bool:
        raise NotImplementedError

    def go_on(self, lot: Lot) -> list[Lot]:
        raise NotImplementedError

    def scrap(self, lot: Lot, bad: float) -> bool:
        raise NotImplementedError

    def part_off(self, lot: Lot, pieces: float) -> Lot:
        raise NotImplementedError

    def reach_drums(self, lot: Lot) -> None:
        raise NotImplementedError

    def come_or_wait(self, lot: Lot) -> None:
        raise NotImplementedError

    def due(self, machine: Machine) -> Stop | None:
        raise NotImplementedError

    def hold(self, keeper: Machine) -> None:
        raise NotImplementedError

    def is_worn(self, stop: Stop) -> bool:
        """Whether a clock that counts work or pieces has run down."""
        clocks = ("count",) if stop.repair else ("working", "count")
        return stop.words.clock in clocks and stop.left <= 0

    def whole_of(self, machine: Machine) -> Machine:
        """What stops: a machine, or that which stops all places of one."""
        return next((k for k in self.keepers if k.members == machine.lead.places and k.whole), machine)

    def begin_stop(self, machine: Machine, stop: Stop) -> None:
        raise NotImplementedError

    def end_stop(self, machine: Machine) -> None:
        raise NotImplementedError

    # Work.
    def pause(self, machine: Machine) -> None:
        """Stop the clock of work or repair."""
        if not machine.running:
            return
        machine.running = False
        self.agenda.drop(machine, MACHINE)
        if machine.walking:
            machine.walking = False
            machine.walk = max(0.0, machine.walk - (self.now - machine.resumed))
        else:
            self.age(machine)
        self.stir(machine)

    def age(self, machine: Machine) -> None:
        elapsed = self.now - machine.resumed
        if machine.stop:
            machine.stop_left = max(0.0, machine.stop_left - elapsed)
            return
        machine.left = max(0.0, machine.left - elapsed)
        if machine.phase != "setup":
            for stop in machine.stops:
                if stop.words.clock == "working":
                    stop.left -= elapsed

    def count_pieces(self, machine: Machine, started: float) -> None:
        """So many pieces of the job have started to run."""
        whole = self.whole_of(machine)
        for stop in whole.stops:
            if stop.words.clock == "count":
                stop.left -= started - machine.counted
                if whole.members and not whole.holding and self.is_worn(stop):
                    self.hold(whole)
                    self.looking = True
        machine.counted = started

    def piece_of(self, machine: Machine, stop: Stop) -> float:
        """The number, from 1 on, of the piece of the job whose start brings on a failure."""
        return max(1.0, math.ceil(machine.counted + stop.left))

    def start_at(self, machine: Machine, place: float) -> float:
        """How long after the run of its job begins a machine comes to a place in it, in pieces."""
        before = [row for row in machine.starts if row[0] <= place]
        after = [row for row in machine.starts if row[0] > place]
        (begin, start), (end, stop) = before[-1], (after or before)[0]
        return start + (stop - start) * (place - begin) / (end - begin) if after else start

    def until_failure(self, machine: Machine, stop: Stop) -> float:
        """How long the machine will work in this phase until a failure strikes."""
        if stop.words.clock == "working" and machine.phase != "setup":
            return max(0.0, stop.left)
        if stop.words.clock == "count" and machine.phase == "run":
            if machine.counted + stop.left > machine.pieces:
                return math.inf
            start = self.start_at(machine, self.piece_of(machine, stop) - 1)
            return max(0.0, start - (machine.times["run"] - machine.left))
        return math.inf

    def let_go(self, machine: Machine) -> None:
        self.release(machine)
        machine.staffed = False
        machine.wants_since = None
        if machine.closing:
            machine.closing = set()
            machine.on = self.is_open(machine.center.words.shift)

    def proceed(self, machine: Machine) -> None:
        """Let work or repair go on, if the machine is on shift and has its claims."""
        if machine.waits:
            self.see(machine)
            return
        self.warm_up(machine)
        busy = machine.stop is not None or (machine.job == "in process" and not self.is_down(machine))
        if busy and machine.on and not machine.running:
            # Who does not wait yet gets in line while what came free is not given out.
            its_turn = machine.wants_since is not None or not self.serving
            if not machine.staffed and its_turn:
                machine.lacks = self.claim(machine)
                if not machine.lacks:
                    machine.staffed, machine.wants_since = True, None
            if machine.staffed:
                self.work(machine)
            elif machine.wants_since is None:
                machine.wants_since, machine.news = self.now, not its_turn
        self.see(machine)

    def warm_up(self, machine: Machine) -> None:
        """A machine that may work again warms up first if it was off shift or stopped for long."""
        words = machine.center.words.start_up
        if words is None or machine.away_since is None or machine.members:
            return
        stopped = machine.stop and not isinstance(machine.stop.words, WarmingUp)
        if stopped or not machine.on or self.is_down(machine):
            return
        away, machine.away_since = self.now - machine.away_since, None
        if away > words.after:
            self.leave_idle(machine)
            machine.warmed.words = WarmingUp(words.lasts)
            machine.stop = machine.warmed
            machine.stop_left = self.luck.draw(words.lasts, LENGTH_OF_STOP, machine.warmed.key, machine.warmed.count)
            machine.warmed.count += 1

    def work(self, machine: Machine) -> None:
        machine.running, machine.resumed, machine.strikes = True, self.now, None
        machine.lacks = ""
        if machine.walk > 0:
            machine.walking = True
            self.agenda.put(machine, MACHINE, self.now + machine.walk)
            self.stir(machine)
            return
        if machine.stop:
            self.agenda.put(machine, MACHINE, self.now + machine.stop_left)
            return
        left = machine.left
        for stop in machine.stops:
            if stop.repair and self.until_failure(machine, stop) < left:
                left, machine.strikes = self.until_failure(machine, stop), stop
        machine.piece_ends = False
        if machine.closing and self.left_of_piece(machine) < left - 1e-6:
            left, machine.strikes, machine.piece_ends = self.left_of_piece(machine), None, True
        machine.sends = False
        if self.until_transfer(machine) < left:
            left, machine.strikes, machine.piece_ends = self.until_transfer(machine), None, False
            machine.sends = True
        self.agenda.put(machine, MACHINE, self.now + left)
        self.stir(machine)

    def until_transfer(self, machine: Machine) -> float:
        """How long the machine will run until so many pieces are done that they go on; the last go with the lot."""
        assert machine.operation
        transfer = machine.operation.transfer
        if transfer is None or machine.phase != "run":
            return math.inf
        lot = machine.lots[0]
        done = lot.ahead + transfer.value
        if done > lot.ahead + lot.pieces - 1e-9:
            return math.inf
        return max(0.0, self.start_at(machine, done) - (machine.times["run"] - machine.left))

    def left_of_piece(self, machine: Machine) -> float:
        """How much longer the machine must run to have done the piece on which it is, if its time counts by the piece."""
        elapsed = machine.times["run"] - machine.left
        ends = [end for end in machine.bounds if end >= elapsed - 1e-6]
        return max(0.0, ends[0] - elapsed) if machine.phase == "run" and ends else math.inf

    def on_machine(self, machine: Machine) -> None:
        """A phase, a repair or maintenance is over, or a failure cuts work short."""
        if self.begins_run(machine):
            return
        machine.running = False
        if machine.walking:
            machine.walking, machine.walk = False, 0.0
            self.proceed(machine)
            return
        if machine.stop:
            self.end_stop(machine)
            return
        self.age(machine)
        if machine.piece_ends:
            machine.piece_ends = False
            self.let_go(machine)
            self.proceed(machine)
            return
        if machine.strikes:
            if machine.strikes.words.clock == "count":
                self.count_pieces(machine, min(machine.pieces, self.piece_of(machine, machine.strikes)))
            self.begin_stop(machine, machine.strikes)
            return
        if machine.sends:
            machine.sends = False
            lot = machine.lots[0]
            assert machine.operation
            assert machine.operation.transfer
            self.given = {machine.operation.name}  # by the batch it gives when the job ends
            part = self.part_off(lot, machine.operation.transfer.value)
            lot.ahead += part.pieces
            self.reach_drums(lot)
            part.done_on[part.operation.name] = machine
            self.note("ended", part, machine, None, part.pieces)
            for onward in self.go_on(part):
                self.come_or_wait(onward)
            self.proceed(machine)
            return
        if self.stays_in_run(machine):
            return
        was_run = machine.phase == "run"
        if was_run:
            self.count_pieces(machine, machine.pieces)
        more = self.next_phase(machine, PHASES[PHASES.index(machine.phase) + 1 :])
        if more:
            self.line_up_run(machine)
        if was_run:
            self.look_behind(machine)
        if more:
            if machine.closing:
                self.let_go(machine)
            self.release(machine, machine.phase)
            machine.staffed = False
            self.proceed(machine)
        else:
            self.finish(machine)

    def next_phase(self, machine: Machine, phases: tuple[str, ...]) -> bool:
        """Enter the first of these phases that takes time; the run always counts."""
        for phase in phases:
            if machine.times[phase] > 0 or phase == "run":
                machine.phase, machine.left = phase, machine.times[phase]
                return True
        return False

    def finish(self, machine: Machine) -> None:
        machine.job = "done"
        self.let_go(machine)
        if machine.center.paced:
            for lot in machine.lots:
                self.note("ended", lot, machine, None, lot.pieces)
            self.see(machine)
            self.mark(machine.center)
        else:
            self.give(machine)

    def give(self, machine: Machine) -> None:
        """What was worked on becomes what it becomes, and what goes on is sent off."""
        lots, machine.lots = machine.lots, []
        self.given = set()
        for lot in lots:
            lot.done_on[lot.operation.name] = machine.lead
            if not machine.center.paced:
                self.note("ended", lot, machine, None, lot.pieces)
            machine.lots += self.go_on(lot)
        self.send_off(machine)

    def send_off(self, machine: Machine) -> None:
        """Send the finished lots on; the first without a place blocks the machine."""
        while machine.lots:
            if not self.come_in(machine.lots[0], False):
                for choice in machine.lots[0].operation.at:
                    self.centers[choice.center].blocked.append(machine)
                self.see(machine)
                return
            machine.lots.pop(0)
        self.vacate(machine)

    def vacate(self, machine: Machine) -> None:
        machine.job = "empty"
        if machine.stop is None:
            stop = self.due(machine)
            if stop:
                self.begin_stop(machine, stop)
            else:
                self.stand_idle(machine)
        self.mark(machine.center)
        self.looking = self.looking or bool(self.keepers_of(machine))

    def stand_idle(self, machine: Machine) -> None:
        if not self.keepers_of(machine):
            machine.center.idle.append(machine)
        self.see(machine)
        self.mark(machine.center)

    def leave_idle(self, machine: Machine) -> None:
        if machine in machine.center.idle:
            machine.center.idle.remove(machine)
            machine.lacks = ""
