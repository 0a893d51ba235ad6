"""A second simulator, for `test_peers`: it shares with the engine nothing but the rules and the luck.

It keeps no agenda and books nothing late: it looks at the whole plant, takes the earliest thing that can happen, lets
every machine, lot and person age until then, and looks again. It draws each time from the same numbers as the engine, so that
the two must agree to rounding: every share of time, queue, waiting time, output and cycle time of plants that mix what the stories
tell one by one.
"""

from __future__ import annotations

import math

from plantwright.simulation import streams as of
from tests.simulation.test_peers_people import DAY, NEAR, PHASES, Lot, Machine, Staffed, Stop


class Peer(Staffed):
    """All that happens in a plant whose shifts are the same every day."""

    # Time passes.
    def state(self, machine: Machine) -> str:
        if not self.there(machine):
            return "off shift"
        if machine.stopped:
            return machine.stopped.state if machine.staffed else "waiting for repair"
        if machine.job == "done":
            return "blocked"
        if machine.job == "empty":
            return "no staff" if machine.center in self.lacks else "starved"
        return "no staff" if not machine.staffed else "working" if machine.phase == "run" else machine.phase

    def soonest(self, end: float) -> float:
        times = [end, *self.next.values(), (math.floor(self.now / DAY + 1e-9) + 1) * DAY]
        times += [self.changes(center.shift) for center in self.plant.work_centers.values()]
        times += [self.changes(crew.shift) for crew in self.plant.people.values()]
        for machine in self.machines:
            times += [max(self.now, stop.at) for stop in machine.stops if not stop.due]
            if self.runs(machine):
                times.append(self.now + (machine.stop_left if machine.stopped else machine.left))
                if not machine.stopped and machine.phase != "setup":
                    times += [self.now + max(0.0, stop.left) for stop in machine.stops]
        times += [self.now + left for lot, left in self.delays if self.is_open(self.hours(lot))]
        for name, center in self.plant.work_centers.items():
            if center.batch:
                times += [t for lot in self.queue[name] if (t := lot.came[0] + center.batch.wait) > self.now + NEAR]
        return min(times)

    def hours(self, lot: Lot) -> tuple[str, ...]:
        return self.plant.work_centers[self.step(lot).center].shift

    def age(self, span: float) -> None:
        for machine in self.machines:
            machine.time[self.state(machine)] += span
            if self.runs(machine) and machine.stopped:
                machine.stop_left -= span
            elif self.runs(machine):
                machine.left -= span
                for stop in machine.stops if machine.phase != "setup" else []:
                    stop.left -= span
        for waiting in self.delays:
            waiting[1] -= span if self.is_open(self.hours(waiting[0])) else 0.0
        for name, lots in self.queue.items():
            self.area[name] += len(lots) * span
        self.area["in process"] += self.in_process * span
        for crew, people in self.busy.items():
            self.area["use of " + crew] += people * span

    def run(self, warm: float, end: float) -> None:
        self.settle()
        for until in (warm, end):
            while self.now < until - NEAR:
                then = self.soonest(until)
                self.age(then - self.now)
                running = [machine for machine in self.machines if self.runs(machine)]
                self.now = then
                self.happen(running)
                self.settle()
                if abs(self.now / DAY - round(self.now / DAY)) < 1e-9:
                    self.sell()
            if until == warm:
                self.forget()

    def happen(self, running: list[Machine]) -> None:
        """Work that ends, delays, failures, calendars, releases: in this order."""
        for machine in running:
            if machine.stopped:
                if machine.stop_left <= NEAR:
                    self.end_stop(machine)
            elif machine.left <= NEAR:
                self.end_phase(machine)
            elif struck := [stop for stop in machine.stops if stop.left <= NEAR and machine.phase != "setup"]:
                self.begin_stop(machine, struck[0])
        for waiting in [waiting for waiting in self.delays if waiting[1] <= NEAR]:
            self.delays.remove(waiting)
            if self.goes_on(waiting[0]):
                self.arrive(waiting[0])
        for machine in self.machines:
            for stop in machine.stops:
                if stop.at <= self.now + NEAR:
                    stop.due = True
                    stop.at = stop.at + stop.words.every.mean if stop.state == "maintenance" else math.inf
                    self.stop_if_due(machine)
            crews = [self.plant.people[crew].shift for crew, _ in machine.held]
            if not self.there(machine) or not all(map(self.is_open, crews)):
                self.let_go(machine)
        for name in self.next:
            if self.next[name] <= self.now + NEAR:
                self.release(name)
                self.next[name] = self.now + self.interval(name)

    def sell(self) -> None:
        for name, product in self.plant.products.items():
            if product.demand:
                asked = product.demand.rate + self.backlog[name]
                sold = min(asked, self.stock[name])
                self.stock[name] -= sold
                self.sums["sales " + name].append(sold)
                self.backlog[name] = asked - sold if product.demand.unmet == "backlog" else 0.0

    # Lots.
    def release(self, name: str) -> None:
        product = self.plant.products[name]
        release = product.releases[0]
        due = math.inf if release.due is None else self.now + release.due
        lot = Lot(name, self.count[name], product.lot, self.now, due, release.priority)
        self.count[name] += 1
        self.in_process += 1
        self.arrive(lot)

    def has_room(self, name: str) -> bool:
        center = self.plant.work_centers[name]
        if center.buffer is None:
            return True
        jobs = center.batch.largest.value if center.batch else 1
        empty = sum(machine.job == "empty" for machine in self.machines if machine.center == name)
        return len(self.queue[name]) < center.buffer.value + jobs * empty

    def arrive(self, lot: Lot) -> None:
        name = self.step(lot).center
        if self.plant.work_centers[name].machines is None:
            self.delays.append([lot, self.duration(lot, "time", of.TIME)])
        elif self.has_room(name) and not self.outside[name] and not self.blocked[name]:
            self.line_up(name, lot)
        else:
            self.outside[name].append(lot)

    def line_up(self, name: str, lot: Lot) -> None:
        self.order += 1
        lot.came = (self.now, self.order)
        rule = (*self.plant.work_centers[name].rule, "priority")[0]
        rank = {"EDD": lambda lot: lot.due, "priority": lambda lot: -lot.priority, "FIFO": lambda lot: 0.0}[rule]
        self.queue[name] = sorted([*self.queue[name], lot], key=lambda lot: (rank(lot), lot.came))

    def leave(self, lot: Lot) -> bool:
        self.in_process -= 1
        if lot.product in self.cards:
            self.cards[lot.product] += 1
        return False

    def bad_pieces(self, lot: Lot, good: float) -> int:
        at, part = 0.0, 0
        while True:
            at += 1 + math.floor(math.log(self.uniform(of.YIELD, *self.luck(lot), part)) / math.log(good))
            if at > lot.pieces:
                return part
            part += 1

    def goes_on(self, lot: Lot) -> bool:
        step = self.step(lot)
        if step.yield_ < 1:
            whole = step.scrap == "lot"
            lost = self.uniform(of.YIELD, *self.luck(lot)) >= step.yield_ if whole else False
            lot.pieces -= (lot.pieces if lost else 0) if whole else self.bad_pieces(lot, step.yield_)
            if lot.pieces <= 0:
                return self.leave(lot)
        if step.rework and self.uniform(of.REWORK, *self.luck(lot)) < step.rework.share:
            if lot.sent_back[lot.step] < step.rework.at_most:
                lot.sent_back[lot.step] += 1
                lot.turn += 1
                names = [operation.name for operation in self.plant.products[lot.product].routing]
                lot.step = names.index(step.rework.back_to)
                return True
            if step.rework.then == "scrap":
                return self.leave(lot)
        lot.sent_back[lot.step] = 0
        lot.step += 1
        if lot.step < len(self.plant.products[lot.product].routing):
            return True
        self.stock[lot.product] += lot.pieces
        self.sums["throughput " + lot.product].append(lot.pieces)
        self.sums["cycle time " + lot.product].append(self.now - lot.released)
        return self.leave(lot)

    # Machines.
    def end_phase(self, machine: Machine) -> None:
        later = PHASES[PHASES.index(machine.phase) + 1 :]
        ahead = [phase for phase in later if machine.times[phase] > 0 or phase == "run"]
        if ahead:
            machine.phase, machine.left = ahead[0], machine.times[ahead[0]]
            self.let_go(machine, self.needs(machine))
            self.seek(machine)
            return
        machine.job = "done"
        self.let_go(machine)
        machine.lots = [lot for lot in machine.lots if self.goes_on(lot)]
        self.send_off(machine)

    def send_off(self, machine: Machine) -> None:
        while machine.lots:
            name = self.step(machine.lots[0]).center
            if self.plant.work_centers[name].machines is not None and (not self.has_room(name) or self.blocked[name]):
                self.blocked[name].append(machine)
                return
            self.arrive(machine.lots.pop(0))
        self.order += 1
        machine.job, machine.idle_since = "empty", (self.now, self.order)
        self.stop_if_due(machine)

    def stop_if_due(self, machine: Machine) -> None:
        ready = [stop for stop in machine.stops if stop.due and (stop.state != "maintenance" or machine.job == "empty")]
        if ready and not machine.stopped:
            self.begin_stop(machine, ready[0])

    def begin_stop(self, machine: Machine, stop: Stop) -> None:
        self.let_go(machine)
        lasts = stop.words.lasts if stop.state == "maintenance" else stop.words.repair
        machine.stopped, machine.stop_left = stop, self.draw(lasts, of.REPAIR, stop.key, stop.count)
        stop.count += 1
        stop.due = False

    def end_stop(self, machine: Machine) -> None:
        stop = machine.stopped
        assert stop
        self.let_go(machine)
        machine.stopped = None
        if stop.state == "in repair":
            every = self.draw(stop.words.every, of.FAILURE, stop.key, stop.count)
            stop.left, stop.at = (every, math.inf) if stop.words.clock == "working" else (math.inf, self.now + every)
        if machine.job == "empty":
            self.order += 1
            machine.idle_since = (self.now, self.order)
        self.stop_if_due(machine)

    # Everything that can be done at this instant.
    def settle(self) -> None:
        while self.admitted() or self.pulled() or self.resumed() or self.started():
            pass

    def admitted(self) -> bool:
        for name in self.queue:
            if self.blocked[name] and self.has_room(name):
                machine = self.blocked[name][0]
                self.line_up(name, machine.lots.pop(0))
                if not machine.lots or self.step(machine.lots[0]).center != name:
                    self.blocked[name].pop(0)
                    self.send_off(machine)
                return True
            if self.outside[name] and self.has_room(name):
                self.line_up(name, self.outside[name].pop(0))
                return True
        return False

    def pulled(self) -> bool:
        for name, cards in self.cards.items():
            first = self.plant.products[name].routing[0].center
            if cards > 0 and self.has_room(first) and not self.outside[first] and not self.blocked[first]:
                self.cards[name] -= 1
                self.release(name)
                return True
        return False

    def resumed(self) -> bool:
        waiting = [m for m in self.machines if self.there(m) and not m.staffed and (m.stopped or m.job == "in process")]
        waiting.sort(key=lambda machine: self.now if machine.wants is None else machine.wants)
        served = [self.seek(machine) for machine in waiting]
        return any(served)

    def started(self) -> bool:
        """Start one job: at the work center whose first lot has waited longest."""
        ready = {}
        self.lacks.clear()
        for name, lots in self.queue.items():
            idle = [
                m for m in self.machines if m.center == name and m.job == "empty" and not m.stopped and self.there(m)
            ]
            if idle and lots:
                ready[name] = sorted(idle, key=lambda machine: machine.idle_since)
        for name in sorted(ready, key=lambda name: self.queue[name][0].came):
            if any(self.begin(name, ready[name], lot) for lot in list(self.queue[name])):
                return True
        return False

    def begin(self, name: str, idle: list[Machine], first: Lot) -> bool:
        center, step, product = self.plant.work_centers[name], self.step(first), self.plant.products[first.product]
        lots = self.batch_of(name, first)
        if not lots:
            return False
        wanted = step.setup or product.family or product.name
        machine = next((machine for machine in idle if center.setup and machine.setup == wanted), idle[0])
        which = None
        if center.setup and machine.setup != wanted:
            general = center.setup.into.get(wanted, center.setup.default)
            which = center.setup.between.get((machine.setup, wanted), general)
        elif center.setup and machine.product != first.product:
            which = center.setup.minor
        whole = step.time.per == "batch"
        machine.times = {
            "setup": self.draw(which, of.SETUP, *self.luck(first)) if which else 0.0,
            "load": sum(self.duration(lot, "load", of.LOAD) for lot in lots),
            "run": sum(self.duration(lot, "time", of.TIME) for lot in ([first] if whole else lots)),
            "unload": sum(self.duration(lot, "unload", of.UNLOAD) for lot in lots),
        }
        machine.lots, machine.job = lots, "in process"
        machine.phase = next(phase for phase in PHASES if machine.times[phase] > 0 or phase == "run")
        machine.left = machine.times[machine.phase]
        if not self.seek(machine):
            machine.lots, machine.job, machine.wants = [], "empty", None
            self.lacks.add(name)
            return False
        machine.setup, machine.product = wanted, first.product
        for lot in lots:
            self.queue[name].remove(lot)
            self.sums["queue time " + name].append(self.now - lot.came[0])
        return True

    def batch_of(self, name: str, first: Lot) -> list[Lot]:
        batch = self.plant.work_centers[name].batch
        if batch is None:
            return [first]
        alike = [lot for lot in self.queue[name] if (lot.product, lot.step) == (first.product, first.step)]
        if len(alike) >= batch.largest.value:
            return alike[: int(batch.largest.value)]
        late = self.now >= min(lot.came[0] for lot in alike) + batch.wait - NEAR
        return alike if late and len(alike) >= batch.smallest.value else []
