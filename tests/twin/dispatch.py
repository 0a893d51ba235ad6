"""Which lot next, on which machine (4.2 to 4.4); who comes in; whose turn it is (5.3)."""

from __future__ import annotations

import math
from itertools import pairwise

from plantwright.distributions import Distribution
from plantwright.plant.products import WorkTime
from tests.twin.luck import LOAD, SETUP, TIME, UNLOAD
from tests.twin.machines import PHASES
from tests.twin.things import TIMER, Center, Lot, Machine, Rule
from tests.twin.windows import Windows


class Dispatch(Windows):
    # Who comes in.
    def admit(self, center: Center) -> None:
        """Let in blocked machines first, then lots outside, then what a source gives."""
        while center.blocked:
            machine = center.blocked[0]
            if not self.has_room(center, machine.lots[0].pieces):
                return
            lot = machine.lots.pop(0)
            for other in self.choices(lot):
                other.blocked.remove(machine)
            self.settle_in(lot, center)
            waits = machine.lots and center in self.choices(machine.lots[0])
            if waits and not self.gathers(machine.lots[0]):
                for other in self.choices(machine.lots[0]):  # it stays first in the line here
                    other.blocked.insert(0 if other is center else len(other.blocked), machine)
                continue
            self.send_off(machine)
        while center.outside:
            lot = center.outside[0]
            if not self.has_room(center, lot.pieces):
                return
            for other in self.choices(lot):
                other.outside.remove(lot)
            self.settle_in(lot, center)
        if center.sources:
            while not center.outside and len(center.queue) + len(center.coming) < center.empty * self.batch_lots(
                center
            ):
                self.step("lots that come in")
                rule = self.furthest_behind(center.sources)
                self.start_lot(rule, rule.pieces, self.due_of(rule), rule.words.priority)
        if center.looped:
            self.pulling = True

    def furthest_behind(self, rules: list[Rule]) -> Rule:
        """Of rules that pull, the one that is furthest behind its share of the mix."""
        best = rules[0]
        for rule in rules:
            if (rule.count + 1) * best.weight < (best.count + 1) * rule.weight:
                best = rule
        return best

    def pull(self) -> None:
        """Rules that have cards start lots, then those whose rope is slack."""
        self.pulling = False
        for rule in self.rules:
            while rule.words.cards:
                need = rule.pieces if rule.words.cards.of == "piece" else 1
                if rule.cards < need or not self.has_way_in(rule):
                    break
                self.step("lots that cards let in")
                rule.cards -= need
                self.start_lot(rule, rule.pieces, self.due_of(rule), rule.words.priority)
        for drum in self.drums:
            while (tied := self.slack_rope(drum)) and self.has_way_in(tied):
                self.step("lots that a rope lets in")
                self.start_lot(tied, tied.pieces, self.due_of(tied), tied.words.priority)

    def has_way_in(self, rule: Rule) -> bool:
        centers = [self.centers[choice.center] for choice in rule.product.routing[0].at]
        return any(self.is_open_to(center, rule.pieces, True) for center in centers)

    # Setups.
    def setup_of(self, machine: Machine, lot: Lot) -> Distribution | None:
        words, old, new = machine.center.words.setup, machine.setup, self.family(lot)
        if words is None:
            return None
        if old == new:
            return words.minor if machine.last_product is not lot.product else None
        if old is not None and (old, new) in words.between:
            return words.between[old, new]
        return words.into.get(new, words.default)

    def may_take(self, machine: Machine, lot: Lot) -> bool:
        """Whether the machine can do the lot's step, the lot is not bound to another one, and the setup may change."""
        words, setup = machine.center.words, self.family(lot)
        own = self.own_words(machine.center, machine.k)
        only = own.only if own else ()
        if only and setup not in only and (lot.product.family or lot.product.name) not in only:
            return False
        bound = lot.done_on.get(lot.operation.same_machine_as or "")
        if bound and bound is not machine.lead and bound.center is machine.center:
            return False
        run = words.setup.minimum_run if words.setup else None
        if machine.setup in (None, setup) or run is None:
            return True
        return machine.since_setup >= words.setup.minimum_runs.get(machine.setup, run.value)

    def pick(self, center: Center, lot: Lot) -> Machine | None:
        able = [machine for machine in center.idle if self.may_take(machine, lot)]
        if not able:
            return None
        if center.words.choose == "empty machine":
            able = [machine for machine in able if self.is_empty(machine)] or able
        ready = [m for m in able if center.words.setup and m.setup == self.family(lot)]
        able = ready or able
        if center.words.choose != "longest idle place":
            able = [machine for machine in able if self.is_empty(machine)] or able
        if ready:
            return able[0]
        if center.words.choose == "fastest":
            return min(able, key=lambda machine: -self.speed(machine))
        if center.words.choose == "least setup":
            setups = [self.setup_of(machine, lot) for machine in able]
            means = [setup.mean if setup else 0.0 for setup in setups]
            return able[means.index(min(means))]
        return able[0]

    def is_empty(self, machine: Machine) -> bool:
        return all(place.job == "empty" for place in machine.lead.places)

    def speed(self, machine: Machine) -> float:
        own = self.own_words(machine.center, machine.k)
        return own.speed if own else 1.0

    def setup_time(self, machine: Machine, first: Lot) -> float:
        words, setup = machine.center.words.setup, self.setup_of(machine, first)
        time = self.luck.draw(setup, SETUP, self.key(first), first.count) if setup else 0.0
        if words and words.campaign and words.cleaning and machine.since_cleaning >= words.campaign.value:
            time += self.luck.draw(words.cleaning, SETUP, self.key(first), first.count, 1 << 21)
        return time

    def note_setup(self, machine: Machine, lots: list[Lot]) -> None:
        """A job begins: its setup is there, and what counts jobs counts it."""
        words = machine.center.words.setup
        if machine.setup != self.family(lots[0]):
            machine.setup, machine.since_setup = self.family(lots[0]), 0.0
        machine.last_product = lots[0].product
        size = {"lot": float(len(lots)), "piece": machine.pieces, "batch": 1.0}
        if words and words.minimum_run:
            machine.since_setup += size[words.minimum_run.of]
        if words and words.campaign:
            if machine.since_cleaning >= words.campaign.value:
                machine.since_cleaning = 0.0
            machine.since_cleaning += size[words.campaign.of]

    # Jobs.
    def batch_of(self, center: Center, first: Lot) -> list[Lot]:
        """The lots that would start with this one, in the order of the queue from it on."""
        batch = center.words.batch
        if batch is None:
            return [first]
        chosen: list[Lot] = []
        for lot in center.queue[center.queue.index(first) :]:
            pieces = sum(other.pieces for other in chosen) + lot.pieces
            full = pieces if batch.largest.of == "piece" else len(chosen) + 1
            most = (first.operation.batch or batch).largest.value
            if self.group(lot, center) == self.group(first, center) and (full <= most or not chosen):
                chosen.append(lot)
        return chosen

    def job_time(self, center: Center, lots: list[Lot], word: str, purpose: int) -> float:
        """Added up by piece or lot; by the batch that of the first lot, or of the slowest other operation."""
        total = 0.0
        for lot in lots:
            operation = lot.operation
            time: WorkTime | None = self.run_time(lot, center) if word == "time" else getattr(operation, word)
            if word == "time" and self.cascades(lot, center):
                total += self.starts_of(center, [lot])[-1][1]
                continue
            if time is None or time.per != "batch" or lot is lots[0]:
                total += self.phase_time(time, purpose, lot)
            elif operation is not lots[0].operation:
                total = max(total, self.phase_time(time, purpose, lot))
        return total

    def cascades(self, lot: Lot, center: Center) -> bool:
        """Whether the pieces of a lot begin an interval apart."""
        own = next((choice.time for choice in lot.operation.at if choice.center == center.name), None)
        time, interval = own or lot.operation.time, lot.operation.interval
        return bool(time and interval and time.per == "piece" and interval.per == "piece")

    def begin(self, center: Center, machine: Machine, first: Lot) -> bool:
        """Start a job; False if a claim is missing."""
        lots = self.batch_of(center, first)
        machine.operation, machine.product = first.operation, first.product
        machine.times = {
            "setup": self.setup_time(machine, first),
            "load": self.job_time(center, lots, "load", LOAD),
            "run": self.job_time(center, lots, "time", TIME) / self.speed(machine),
            "unload": self.job_time(center, lots, "unload", UNLOAD),
        }
        machine.pieces, machine.counted = sum(lot.pieces for lot in lots), 0.0
        interval = self.job_time(center, lots, "interval", TIME) if first.operation.interval else math.inf
        machine.interval = interval / self.speed(machine)
        machine.starts = [(place, start / self.speed(machine)) for place, start in self.starts_of(center, lots)]
        run = self.run_time(first, center)
        ends = [*(start for _, start in machine.starts[:-1]), machine.times["run"]]
        machine.bounds = ends if run and run.per == "piece" else []
        self.next_phase(machine, PHASES)
        missing = self.claim(machine, lots)
        if missing:
            center.missing = center.missing or missing
            return False
        self.take_materials(self.materials_for(lots), machine, first)
        for lot in lots:
            self.dequeue(lot, center)
            self.take(lot, machine)
            machine.lots.append(lot)
            lot.where = center.name
            self.reach_drums(lot)
            self.meet_limits(lot)
            self.note("started", lot, machine, None, lot.pieces)
        self.leave_idle(machine)
        self.note_setup(machine, lots)
        machine.job, machine.staffed = "in process", True
        center.owed, center.opened = False, -1.0
        self.take_place(machine)
        self.proceed(machine)
        return True

    def starts_of(self, center: Center, lots: list[Lot]) -> list[tuple[float, float]]:
        """Where in the job each piece of it begins, and how long after the run does; one after the other, those of a batch at once."""
        found, place, at = [], 0.0, 0.0
        for lot in lots:
            time = self.run_time(lot, center)
            worked = self.worked_pieces(lot) if time and time.per == "piece" else lot.pieces
            edges = sorted({float(k) for k in range(math.ceil(lot.pieces))} | {min(worked, lot.pieces), lot.pieces})
            for k, end in pairwise(edges):
                found.append((place + k, at))
                if time and time.per == "lot":
                    at += (end - k) * self.phase_time(time, TIME, lot) / lot.pieces
                elif time and time.per == "piece" and k < worked and self.cascades(lot, center):
                    last = k + 1 >= worked
                    step = time if last else lot.operation.interval
                    assert step
                    draw = self.luck.draw(step.distribution, TIME, self.key(lot), lot.count, int(k) << 21)
                    at += (min(end, worked) - k) * draw if last else draw
                elif time and time.per == "piece" and k < worked:
                    draw = self.luck.draw(time.distribution, TIME, self.key(lot), lot.count, int(k) << 21)
                    at += (end - k) * draw
            place += lot.pieces
        return [*found, (place, at)]

    def can_start(self, center: Center) -> bool:
        may = not center.paced or center.owed or center.opened == self.now
        return may and bool(center.queue and center.idle) and self.is_open(center.words.shift)

    def line_up(self, center: Center) -> None:
        self.serving, center.news = self.serving or "some", True
        if center.waits_since is None and self.can_start(center):
            self.wait(center)

    def wait(self, center: Center) -> None:
        center.waits_since = min(lot.came for lot in center.queue)

    def start_work(self, center: Center, most: float) -> bool:
        """Start what can be started, at most so many jobs; whether any was."""
        center.waits_since = None
        if self.can_start(center):
            self.order_anew(center)
            self.expel_late(center)
        if not self.can_start(center):
            self.lack(center, 0)
            return False
        before = len(center.queue)
        center.missing = ""
        turn = self.turn_at(center)
        if turn:
            missing = self.start_in_turn(center, most)
        elif center.words.batch:
            missing = self.start_batches(center, most)
        elif "least setup" in (center.words.rule or self.plant.rule):
            missing = self.start_by_setup(center, most)
        else:
            missing = self.start_lots(center, most)
        begun = len(center.queue) < before
        if begun and (center.words.buffer or self.lane_of(center)):
            self.mark(center)
        left = bool(center.idle and center.queue)
        limited = begun and most < math.inf
        if left and (missing or limited):
            self.wait(center)
        if not (left and limited):
            jobs = 0 if not (missing and left) else 1 if center.words.batch or turn else len(center.queue)
            self.lack(center, jobs)
        return begun

    def lack(self, center: Center, jobs: int) -> None:
        """So many idle machines lack a claim, the others lots."""
        for i, machine in enumerate(center.idle):
            machine.lacks = center.missing if i < jobs else ""
            self.see(machine)

    def start_lots(self, center: Center, most: float) -> bool:
        missing = False
        started = 0
        for lot in list(center.queue):
            if not center.idle:
                break
            machine = self.pick(center, lot)
            if machine is None:
                continue
            if self.begin(center, machine, lot):
                started += 1
                if started == most:
                    break
            else:
                missing = True
        return missing

    def start_in_turn(self, center: Center, most: float) -> bool:
        """Start the lots whose turn it is; whether a claim was missing for one."""
        started = 0
        while center.idle and started < most:
            turn = self.turn_at(center)
            if turn is None:
                self.mark(center)  # now the others
                return False
            lot = next((lot for lot in center.queue if self.is_turn(turn, lot)), None)
            machine = self.pick(center, lot) if lot else None
            if lot is None or machine is None:
                return False
            if not self.begin(center, machine, lot):
                return True
            self.take_turn(turn, lot)
            started += 1
        return False

    def start_by_setup(self, center: Center, most: float) -> bool:
        """Rule least setup: the pair of lot and idle machine with the shortest mean setup, among lots first by the rules before it."""
        rules = center.words.rule or self.plant.rule
        before = rules.index("least setup")
        tried: set[Lot] = set()
        started = 0
        while center.idle:
            best: tuple[Lot, Machine] | None = None
            least = (True, math.inf)
            for lot in center.queue:
                if least <= (False, 0.0) or (
                    best and self.rank(lot, center)[:before] != self.rank(best[0], center)[:before]
                ):
                    break
                if lot in tried:
                    continue
                for machine in center.idle:
                    setup = self.setup_of(machine, lot)
                    works = center.words.choose == "empty machine" and not self.is_empty(machine)
                    cost = (works, setup.mean if setup else 0.0)
                    if self.may_take(machine, lot) and cost < least:
                        best, least = (lot, machine), cost
            if best is None:
                break
            if self.begin(center, best[1], best[0]):
                started += 1
                if started == most:
                    break
            else:
                tried.add(best[0])
        return bool(tried)

    def start_batches(self, center: Center, most: float) -> bool:
        self.agenda.drop(center.name, TIMER)
        started = 0
        while center.idle and center.queue and started < most:
            did = self.start_batch(center)
            if did <= 0:
                return did < 0
            started += 1
        return False

    def start_batch(self, center: Center) -> int:
        """Start the first batch that may: 1; none may yet: 0; a claim is missing: -1."""
        batch = center.words.batch
        assert batch
        pieces = batch.largest.of == "piece"
        size: dict[object, float] = {}
        full: set[object] = set()
        first: dict[object, float] = {}
        for lot in center.queue:
            group, own = self.group(lot, center), lot.pieces if pieces else 1.0
            first[group] = min(first.get(group, math.inf), lot.came)
            most_of_it = (lot.operation.batch or batch).largest.value
            if size.get(group, 0.0) > 0 and size[group] + own > most_of_it:
                full.add(group)
            else:
                size[group] = size.get(group, 0.0) + own
                if size[group] >= most_of_it:
                    full.add(group)
        refused: set[object] = set()
        wake = math.inf
        for lot in center.queue:
            group = self.group(lot, center)
            if group in refused:
                continue
            ready = first[group] + batch.wait
            alike = [other for other in center.queue if self.group(other, center) == group]
            here = sum(other.pieces for other in alike) if batch.smallest.of == "piece" else len(alike)
            enough = here >= (lot.operation.batch or batch).smallest.value
            if group in full or (enough and self.now >= ready):
                machine = self.pick(center, lot)
                if machine is None:
                    continue
                if self.begin(center, machine, lot):
                    return 1
                refused.add(group)
            elif enough:
                wake = min(wake, ready)
        if wake < math.inf:
            self.agenda.put(center.name, TIMER, wake)
        return -1 if refused else 0
