"""What all parts of the twin stand on: the plant, its things, the clock, the agenda, the log."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from plantwright.plant import Plant
from plantwright.plant.products import WorkTime
from plantwright.plant.resources import Failure, Maintenance, WorkCenter
from plantwright.plant.resources import Machine as UnlikeMachine
from tests.twin import hours
from tests.twin.agenda import Agenda
from tests.twin.luck import Luck, entity
from tests.twin.things import Absence, Center, Crew, Delivery, Lot, Machine, Place, Rule, Stop, Store

FINE = 1_000_000
"""Cards by the piece are counted in millionths."""


MOST_AT_ONCE = 20_000
"""So many steps at one instant, and the run is taken to go round for ever; drawn plants come to some hundreds."""


class EndlessError(Exception):
    """More and more is done at one instant, and time does not go on."""


class Noted(NamedTuple):
    """A row of the log, as `plantwright.simulation.Event` has it."""

    time: float
    what: str
    lot: int | None
    operation: str | None
    machine: str | None
    detail: str | None
    amount: float | None


class Base:
    def __init__(self, plant: Plant, end: float, seed: int = 1, replication: int = 0) -> None:
        self.plant, self.end, self.now = plant, end, 0.0
        self.steps, self.stepped_at = 0, 0.0
        self.luck, self.agenda = Luck(seed, replication), Agenda()
        self.log: list[Noted] = []
        self.all_lots: list[Lot] = []
        self.lots_made = self.seized = self.days = 0
        self.behind: dict[tuple[str, str | None], list[tuple[float, float]]] = {}
        self.made: dict[str, int] = {}
        self.backlog: dict[str, float] = {}
        self.dirty: list[Center] = []
        self.pulling = True
        self.serving = ""  # who is to be asked: nobody, "some" or "everybody"
        self.freed: set[str] = set()
        self.given: set[str] = set()  # steps of the job in hand that have given what they give by the batch
        self.hours: dict[tuple[str, ...], list[tuple[float, bool]]] = {}
        self.open_now: dict[tuple[str, ...], bool] = {}
        self.crews: list[Crew] = []
        self.absences: dict[tuple[str, int], Absence] = {}
        self.tools: dict[str, Crew] = {}
        self.cards: dict[str, Crew] = {}
        self.centers: dict[str, Center] = {}
        self.machines: list[Machine] = []
        self.keepers: list[Machine] = []
        self.stores: dict[str, Store] = {}
        self.low: list[Store] = []
        self.outages: dict[str, int] = {}
        self.out: dict[str, list[Delivery]] = {}
        self.looking = False  # whether what waits for all machines of a keeper to be empty may begin
        self.rules: list[Rule] = []
        self.gathered: dict[tuple[str, str], list[Lot]] = {}
        self.set_up()
        for center in self.centers.values():
            for k in range(center.words.machines or 0):
                center.machines += self.new_machines(center, k)
        self.list_machines()
        self.keepers = self.new_keepers()

    def set_up(self) -> None:
        """Let all that the plant has be there with its words: what is there already, and what is new."""
        self.behind = {}
        self.made = {name: self.made.get(name, 0) for name in self.plant.products}
        self.backlog = {name: self.backlog.get(name, 0.0) for name in self.plant.products}
        self._set_up_people()
        self._set_up_centers()
        self.open_stores()
        self.open_ways()
        for shift in [*(crew.shift for crew in self.crews), ()]:
            self.opening(shift)
        for center in self.centers.values():
            self.opening(center.words.shift)
            if center.words.delay is not None:
                self.opening(center.words.delay_shift)

    def _set_up_people(self) -> None:
        known = {crew.name: crew for crew in self.crews}
        self.crews = [known.get(name) or Crew(name, 0, (), {}) for name in self.plant.people]
        for crew, words in zip(self.crews, self.plant.people.values(), strict=True):
            crew.count, crew.shift, crew.skills = words.count, words.shift, dict(words.skills)
            crew.finishes = words.shift_end != "pause"
        self.tools = {name: self.tools.get(name) or Crew(name, 0, (), {}, tool=True) for name in self.plant.tools}
        for name, tool in self.plant.tools.items():
            self.tools[name].count = tool.count
        self.cards = {name: self.cards.get(name) or Crew(name, 0, (), {}, tool=True) for name in self.plant.loops}
        for name, loop in self.plant.loops.items():
            self.cards[name].count = round(loop.cards.value * (FINE if loop.cards.of == "piece" else 1))

    def _set_up_centers(self) -> None:
        stations = [name for line in self.plant.lines.values() for name in line.stations]
        known = self.centers
        self.centers = {}
        for name, words in self.plant.work_centers.items():
            self.centers[name] = center = known.get(name) or Center(words)
            center.words, center.paced, center.asks = words, name in stations, False
        for name, product in self.plant.products.items():
            if product.stock:
                there = f"stock of {name}"
                self.centers[there] = known.get(there) or Center(WorkCenter(there, 0))
                self.centers[there].stock = product
        for product in self.plant.products.values():
            for operation in product.routing:
                parts = [name for name in operation.takes if name in self.plant.products]
                if (
                    operation.staff
                    or operation.uses
                    or parts
                    or any(self.plant.materials[m].on_hand is not None for m in operation.takes if m not in parts)
                    or any(loop.start == operation.name for loop in self.plant.loops.values())
                ):
                    for choice in operation.at:
                        self.centers[choice.center].asks = True

    def list_machines(self) -> None:
        """All machines in the order of the file."""
        self.machines = [machine for center in self.centers.values() for machine in center.machines]

    def open_ways(self) -> None:
        """Ways between work centers are a part of its own."""

    def open_stores(self) -> None:
        """Stores are a part of its own."""

    def new_machine(self, center: Center, k: int) -> Machine:
        machine = Machine(center, k)
        machine.warmed = Stop(None, entity("start-up", center.words.luck or center.name, k))
        machine.stops = self.stops_of(center, k)
        return machine

    def new_machines(self, center: Center, k: int) -> list[Machine]:
        """A machine, or its places."""
        if center.words.places == 1:
            return [self.new_machine(center, k)]
        places = [Place(None, center, k)]
        return places + [Place(places[0], center, k) for _ in range(center.words.places - 1)]

    def stops_of(self, center: Center, k: int) -> list[Stop]:
        """What stops a machine: each is known by its number in its list, a machine's own behind those of its work center."""
        words, own = center.words, self.own_words(center, k)
        failures = (*words.failures, *(own.failures if own else ()))
        cares = (*words.maintenance, *(own.maintenance if own else ()))
        lucky = words.luck or center.name
        stops = [Stop(f, entity("failure", lucky, k, j)) for j, f in enumerate(failures)]
        return stops + [
            Stop(care, entity("maintenance", lucky, k, j)) for j, care in enumerate(cares) if care.per == "machine"
        ]

    def own_words(self, center: Center, k: int) -> UnlikeMachine | None:
        """What is said of one machine of its own."""
        return center.words.unlike[k] if k < len(center.words.unlike) else None

    def new_keepers(self) -> list[Machine]:
        """What stops several machines together: maintenance of whole work centers, and areas."""
        keepers = []
        for name, center in self.centers.items():
            together = {j: care for j, care in enumerate(center.words.maintenance) if care.per == "work center"}
            if together and center.words.machines:
                keepers.append(self.keeper(Center(center.words), [center], {}, together, ("center", name)))
        for name, area in self.plant.areas.items():
            centers = [self.centers[other] for other in dict.fromkeys(area.work_centers)]
            always = Center(replace(centers[0].words, shift=()))
            failures, cares = dict(enumerate(area.failures)), dict(enumerate(area.maintenance))
            keepers.append(self.keeper(always, centers, failures, cares, ("area", name)))
            keepers[-1].area = name
        for center in self.centers.values():
            for lead in dict.fromkeys(machine.lead for machine in center.machines if machine.lead.places):
                whole = Machine(Center(center.words), lead.k, members=lead.places, whole=True)
                whole.known_as = ("machine", center.name, str(lead.k))
                whole.stops = self.stops_of(center, lead.k)
                if whole.stops:
                    keepers.append(whole)
        return keepers

    def keeper(
        self,
        home: Center,
        centers: list[Center],
        failures: dict[int, Failure],
        cares: dict[int, Maintenance],
        key: tuple[str, str],
    ) -> Machine:
        keeper = Machine(home, 0, members=[machine for center in centers for machine in center.machines])
        keeper.known_as = key
        if key[0] == "center":
            key = ("center", home.words.luck or key[1])
        keeper.stops = [Stop(f, entity("failure", *key, j)) for j, f in failures.items()]
        keeper.stops += [Stop(care, entity("maintenance", *key, j)) for j, care in cares.items()]
        return keeper

    def opening(self, shift: tuple[str, ...]) -> list[tuple[float, bool]]:
        if shift not in self.hours:
            self.hours[shift] = hours.changes(self.plant, shift, self.end)
            self.open_now[shift] = self.hours[shift][0][1]
        return self.hours[shift]

    def is_open(self, shift: tuple[str, ...]) -> bool:
        return self.open_now[shift]

    def note(
        self,
        what: str,
        lot: Lot | None = None,
        machine: Machine | None = None,
        detail: str | None = None,
        amount: float | None = None,
    ) -> None:
        operation = lot.operation.name if lot else None
        if what.startswith(("people", "tool")) and lot is None and machine and not machine.stop and machine.operation:
            operation = machine.operation.name
        number = lot.number if lot else None
        name = self.name_of(machine) if machine else None
        self.log.append(Noted(self.now, what, number, operation, name, detail, amount))

    def name_of(self, machine: Machine) -> str:
        words = machine.center.words
        if machine.members and not machine.whole:
            return machine.area or words.name
        own = self.own_words(machine.center, machine.k)
        if own:
            return own.name
        return words.name if words.machines == 1 else f"{words.name} {machine.k + 1}"

    def step(self, doing: str) -> None:
        """Count what is done at this instant: one that does not end is an error, not a run that hangs."""
        if self.now != self.stepped_at:
            self.steps, self.stepped_at = 0, self.now
        self.steps += 1
        if self.steps > MOST_AT_ONCE:
            raise EndlessError(f"at {self.now!r} s the twin does not come to an end, with {doing} at last")

    def mark(self, center: Center) -> None:
        """Note that something changed at a work center."""
        if center not in self.dirty:
            self.dirty.append(center)

    def came_free(self, *names: str) -> None:
        """Something came free: who could use it is asked before the next event."""
        self.freed |= set(names)
        waiting = any(machine.wants_since is not None for machine in [*self.machines, *self.keepers])
        if waiting or any(center.waits_since is not None for center in self.centers.values()):
            self.serving = self.serving or "some"

    def group(self, lot: Lot, center: Center) -> object:
        """Lots of one group may share a batch."""
        batch, operation = center.words.batch, lot.operation
        if batch is None or batch.together == "same operation":
            return lot.product.name, operation.name
        return "" if batch.together == "any" else self.run_time(lot, center)

    def run_time(self, lot: Lot, center: Center) -> WorkTime | None:
        """The time of the lot's step at a work center that can do it."""
        operation = lot.operation
        own = next(choice.time for choice in operation.at if choice.center == center.name)
        return own or operation.time or operation.interval

    def family(self, lot: Lot) -> str:
        return lot.operation.setup or lot.product.family or lot.product.name
