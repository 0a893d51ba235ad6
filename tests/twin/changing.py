"""Dated changes (8.2): the plant changes while it runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plantwright.plant import Plant, changed
from plantwright.plant.products import Product
from tests.twin import hours
from tests.twin.shifts import Shifts
from tests.twin.things import CALENDAR, CHANGE, MACHINE, STRIKES, Center, Crew, Lot, Machine, Stop, Want, WarmingUp


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


class Changing(Shifts):
    def __init__(self, plant: Plant, end: float, seed: int = 1, replication: int = 0) -> None:
        plants = plants_of(plant)
        super().__init__(plants[0][1], end, seed, replication)
        self.later = dict(plants[1:])
        for moment in self.later:
            self.agenda.put(moment, CHANGE, moment)
        self.last = [p for moment, p in plants if moment < end][-1]
        self.most: dict[str, int] = {}
        for _, p in plants:
            for name, center in p.work_centers.items():
                self.most[name] = max(self.most.get(name, 0), center.machines or 0)
        self.departed: dict[tuple[str, int], list[Machine]] = {}
        self.departed_keepers: dict[tuple[str, ...], Machine] = {}

    def name_of(self, machine: Machine) -> str:
        """A machine has the same name all the time: as it is called at last, with its number where there is another at some time."""
        if machine.members and not machine.whole:
            return super().name_of(machine)
        words = self.last.work_centers[machine.center.words.name]
        if machine.k < len(words.unlike):
            return words.unlike[machine.k].name
        return words.name if self.most[words.name] == 1 else f"{words.name} {machine.k + 1}"

    def on_change(self, moment: float) -> None:
        before, self.plant = self.plant, self.later[moment]
        held = {machine for machine in self.machines if self.keepers_of(machine)}
        down = {machine for machine in self.machines if self.is_down(machine)}
        self.serving, self.pulling = "everybody", True
        self.hours = {}
        self.set_up()
        self._take_words(before)
        coming = [machine for center in self.centers.values() for machine in self._find_machines(center)]
        self.list_machines()
        fresh, freed = self._take_stops(coming)
        self._keep_new_hours(coming)
        self._start_clocks(fresh)
        for machine in list(self.machines):
            if machine in coming:
                self._come(machine)
            elif machine.gone and machine.job == "empty":
                self.leave_plant(machine)
            elif machine in freed:
                self.go_on_after_stop(machine)
            elif machine in fresh and machine.job == "in process" and machine.stop is None:
                self.proceed(machine)
        self._look_at_keepers(held | {machine for machine in coming if self.keepers_of(machine)}, down)
        self.start_lines()
        self.await_absences()
        for store in self.stores.values():
            self.see_low(store)
        self.await_outages()
        for fleet in self.fleets:
            self.send_vehicles(fleet)
        self.release_rules()
        self.open_sequences()
        self.await_demand()
        for center in self.centers.values():
            center.queue.sort(key=lambda lot: (*self.rank(lot, center), lot.came))
            center.news = True
            self.mark(center)
        self.looking = True

    # Words.
    def _take_words(self, before: Plant) -> None:
        """All that goes on has the words of the plant as it is now; steps are the same by their name."""
        products = self.plant.products
        for lot in self.all_lots:
            self._find_steps(lot, before.products[lot.product.name], products[lot.product.name])
        for machine in [*self.machines, *self.keepers]:
            if machine.operation and machine.product:
                machine.product = products[machine.product.name]
                machine.operation = machine.product.routing[self.place_of(machine.product, machine.operation.name)]
            if machine.job == "in process":
                self._stretch(machine)
        away = [machine for machines in self.departed.values() for machine in machines]
        for machine in [*self.machines, *self.keepers, *away]:
            if machine.last_product:
                machine.last_product = products[machine.last_product.name]

    def _stretch(self, machine: Machine) -> None:
        """The pieces of a job begin where they would by the times of now, stretched to the time that it has."""
        whole = [replace(lot, pieces=lot.ahead + lot.pieces) for lot in machine.lots]
        starts = self.starts_of(machine.center, whole)
        factor = machine.times["run"] / starts[-1][1] if starts[-1][1] > 0 else 1.0
        machine.starts = [(place, start * factor) for place, start in starts]
        run = self.run_time(machine.lots[0], machine.center)
        ends = [*(start for _, start in machine.starts[:-1]), machine.times["run"]]
        machine.bounds = ends if run and run.per == "piece" else []

    def _find_steps(self, lot: Lot, old: Product, new: Product) -> None:
        def there(step: int) -> int:
            return self.place_of(new, old.routing[step].name) if step < len(old.routing) else len(new.routing)

        lot.product, lot.step = new, there(lot.step)
        lot.route = [there(step) for step in lot.route]
        lot.clocks = {there(step): until for step, until in lot.clocks.items()}
        lot.waits_at = None if lot.waits_at is None else there(lot.waits_at)

    # What stops machines.
    def _take_stops(self, coming: list[Machine]) -> tuple[dict[Machine, list[Stop]], list[Machine]]:
        """Let machines and keepers have the stops that the plant has now.

        Returns the machines of which they are others, with those that are new, and those that go on, as their stop is no more.
        """
        fresh: dict[Machine, list[Stop]] = {}
        freed: list[Machine] = []
        for machine in self.machines:
            stops = [] if machine.lead.places else self.stops_of(machine.center, machine.k)
            self._adopt(machine, stops, fresh, freed)
            if machine in coming:
                fresh[machine] = machine.stops
        known = self.departed_keepers | {keeper.known_as: keeper for keeper in self.keepers}
        keepers = self.new_keepers()
        self.keepers = [known.pop(keeper.known_as, keeper) for keeper in keepers]
        for keeper, new in zip(self.keepers, keepers, strict=True):
            keeper.center, keeper.members = new.center, new.members
            if keeper is new:
                keeper.on = self.is_open(keeper.center.words.shift)
                fresh[keeper] = list(keeper.stops)
            else:
                self._adopt(keeper, new.stops, fresh, freed)
                if self.departed_keepers.pop(keeper.known_as, None):
                    keeper.on, fresh[keeper] = self.is_open(keeper.center.words.shift), keeper.stops
        for keeper in known.values():
            if keeper.known_as not in self.departed_keepers:
                self._adopt(keeper, [], {}, freed)
        for machine in [*self.machines, *self.keepers]:
            self._keep_held(machine)
        return fresh, freed

    def _adopt(
        self, machine: Machine, stops: list[Stop], fresh: dict[Machine, list[Stop]], freed: list[Machine]
    ) -> None:
        """A stop is the same that has its number in its list, and is counted by the same clock."""
        known = {(stop.key, stop.words.clock): stop for stop in machine.stops}
        listed = []
        for stop in stops:
            same = known.pop((stop.key, stop.words.clock), None)
            if same:
                same.words = stop.words
            listed.append(same or stop)
        new = [stop for stop in listed if stop not in machine.stops]
        if new or known:
            fresh[machine] = new
        for stop in known.values():
            self.agenda.drop(stop, STRIKES)
        machine.stops = listed
        warming = machine.stop and isinstance(machine.stop.words, WarmingUp)
        no_more = machine.center.words.start_up is None if warming else machine.stop in known.values()
        if machine.stop and no_more:
            self.pause(machine)
            self._forget(machine)
            machine.stop = None
            freed.append(machine)

    def _forget(self, machine: Machine) -> None:
        """Those who work at what is no more go, and nobody tells of it."""
        for want, crew in machine.held:
            self._take_from(want, crew)
        machine.held, machine.order = [], []
        self.let_go(machine)

    def _take_from(self, want: Want, crew: Crew) -> None:
        if crew.tool:
            crew.busy -= 1
        else:
            self.put_to_work(want, crew, -1)

    def _keep_held(self, machine: Machine) -> None:
        """Who is held for a need that is still there is held for it as it is now; the others are let go."""
        if not machine.held:
            return
        staff = self.staff_of(machine)
        uses = () if machine.stop or machine.operation is None else machine.operation.uses
        orders = iter(list(machine.order))
        held, machine.held, machine.order = machine.held, [], []
        for want, crew in held:
            order = None if crew.tool else next(orders)
            needs: Any = uses if crew.tool else staff
            alike = self.alike(needs, want.need)
            self._take_from(want, crew)
            if want.nth < len(alike):
                place, number = alike[want.nth]
                now = Want(place, needs[place], place, want.nth) if crew.tool else self.want(staff, place, number)
                machine.held.append((now, crew))
                machine.order += [order] if order else []
                if crew.tool:
                    crew.busy += 1
                else:
                    self.put_to_work(now, crew, 1)

    # What follows.
    def _keep_new_hours(self, coming: list[Machine]) -> None:
        """Calendars are those of the plant as it is now; who has other hours comes or goes: machines, then people."""
        listed = list(self.hours)
        for kind, shift in self.agenda.all_of(CALENDAR):
            if shift not in listed:
                self.agenda.drop(shift, kind)
        for shift in listed:
            edges = self.hours[shift]
            self.open_now[shift] = [on for at, on in edges if at < self.now or at == 0][-1]
            following = [at for at, _ in edges if at >= self.now and at > 0]
            if not following:
                self.agenda.drop(shift, CALENDAR)
            elif self.agenda.time_of(shift, CALENDAR) != following[0]:
                self.agenda.put(shift, CALENDAR, following[0])
        for machine in [*self.machines, *self.keepers]:
            is_on = machine.on and "shift" not in machine.closing
            if machine not in coming and self.is_open(machine.center.words.shift) != is_on:
                self.keep_hours(machine)
        for crew in self.crews:
            leaving = [machine for machine in [*self.machines, *self.keepers] if "people" in machine.closing]
            self.come_or_go(crew, but_for=leaving if crew.finishes and not self.is_open(crew.shift) else ())

    def _start_clocks(self, fresh: dict[Machine, list[Stop]]) -> None:
        for machine in self.machines:
            if machine in fresh and machine.stop is None:
                self.pause(machine)
        for machine in [*self.machines, *self.keepers]:
            for stop in fresh.get(machine, []):
                self.start_clock(machine, stop)

    def _find_machines(self, center: Center) -> list[Machine]:
        """Those that come are there, or are there again, behind those with a lower number; which they are."""
        number = center.words.machines or 0
        known = {machine.k for machine in center.machines}
        coming = []
        for k in range(number):
            # Of a machine with several places some may have left and others not.
            machines = self.departed.pop((center.name, k), None) or ([] if k in known else self.new_machines(center, k))
            for machine in machines:
                machine.on = False
            if k not in known:
                for machine in machines:
                    machine.state = "off shift"
            coming += machines

        def in_order(machine: Machine) -> tuple[int, int]:
            return machine.k, machine.lead.places.index(machine) if machine.lead.places else 0

        center.machines = sorted([*center.machines, *coming], key=in_order)
        for machine in center.machines:
            machine.gone = machine.k >= number
        return coming

    def _come(self, machine: Machine) -> None:
        machine.on = self.is_open(machine.center.words.shift)
        self.warm_up(machine)
        if machine.stop is None:
            self.stand_idle(machine)
        else:
            self.proceed(machine)
        self.note("state", None, machine, machine.state)

    def _look_at_keepers(self, held: set[Machine], down: set[Machine]) -> None:
        """Machines that others stop or hold back together with them rest; those that no longer are go on."""
        for keeper in self.keepers:
            due = any(not stop.repair and (stop.due or self.is_worn(stop)) for stop in keeper.stops)
            keeper.holding = keeper.holding and (due or (keeper.stop is not None and not keeper.stop.repair))
        for machine in self.machines:
            if self.keepers_of(machine) and machine not in held:
                self.step_out(machine)
            if self.is_down(machine) and machine not in down and machine.stop is None:
                self.pause(machine)
                self.let_go(machine)
            freed = (machine in held and not self.keepers_of(machine)) or (
                machine in down and not self.is_down(machine)
            )
            if freed and machine.stop is None and not self.is_down(machine):
                self.go_on_after_stop(machine)
            else:
                self.see(machine)

    def leave_plant(self, machine: Machine) -> None:
        self.pause(machine)
        self.let_go(machine)
        machine.stop = None
        self.step_out(machine)
        machine.on, machine.job = False, "empty"
        for stop in machine.stops:
            self.agenda.drop(stop, STRIKES)
            stop.due = False
        self.agenda.drop(machine, MACHINE)
        machine.center.machines.remove(machine)
        self.departed.setdefault((machine.center.name, machine.k), []).append(machine)
        self.machines.remove(machine)
        for keeper in list(self.keepers):
            if machine in keeper.members and not keeper.whole:
                keeper.members.remove(machine)
            elif machine in keeper.members and not any(place in self.machines for place in keeper.members):
                self._withdraw(keeper)
        self.see(machine)
        if not any(place in self.machines for place in machine.lead.places):
            self.note("state", None, machine, "not there")

    def _withdraw(self, keeper: Machine) -> None:
        """The last place of a machine has left, and with it what stops all of them."""
        self.pause(keeper)
        self.let_go(keeper)
        keeper.stop, keeper.holding = None, False
        for stop in keeper.stops:
            self.agenda.drop(stop, STRIKES)
            stop.due = False
        self.agenda.drop(keeper, MACHINE)
        self.keepers.remove(keeper)
        self.departed_keepers[keeper.known_as] = keeper

    def go_on_after_stop(self, machine: Machine) -> None:
        if machine.gone and machine.job == "empty":  # its job was scrapped
            self.looking = self.looking or bool(self.keepers_of(machine))
            self.leave_plant(machine)
            self.mark(machine.center)
        else:
            super().go_on_after_stop(machine)

    def vacate(self, machine: Machine) -> None:
        if machine.gone and machine.stop is None:
            self.looking = self.looking or bool(
                self.keepers_of(machine)
            )  # it may have been the last that was not empty
            self.leave_plant(machine)
            self.mark(machine.center)
        else:
            super().vacate(machine)
