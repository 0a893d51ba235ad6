"""What all parts of the twin stand on: the plant, its things, the clock, the agenda, the log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from plantwright.plant import Plant
from plantwright.plant.products import WorkTime
from tests.twin import hours
from tests.twin.agenda import Agenda
from tests.twin.luck import Luck, entity
from tests.twin.things import Center, Crew, Lot, Machine, Place, Rule, Stop

FINE = 1_000_000
"""Cards by the piece are counted in millionths."""


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
        self.luck, self.agenda = Luck(seed, replication), Agenda()
        self.log: list[Noted] = []
        self.all_lots: list[Lot] = []
        self.lots_made = self.seized = self.days = 0
        self.behind: dict[tuple[str, str | None], list[tuple[float, float]]] = {}
        self.made = dict.fromkeys(plant.products, 0)
        self.backlog = dict.fromkeys(plant.products, 0.0)
        self.dirty: list[Center] = []
        self.pulling = True
        self.serving = ""  # who is to be asked: nobody, "some" or "everybody"
        self.freed: set[str] = set()
        self.given: set[str] = set()  # steps of the job in hand that have given what they give by the batch
        self.hours: dict[tuple[str, ...], list[tuple[float, bool]]] = {}
        self.open_now: dict[tuple[str, ...], bool] = {}
        self.crews = [
            Crew(c.name, c.count, c.shift, dict(c.skills), finishes=c.shift_end != "pause")
            for c in plant.people.values()
        ]
        for crew in self.crews:
            self.opening(crew.shift)
        self.tools = {name: Crew(name, tool.count, (), {}, tool=True) for name, tool in plant.tools.items()}
        self.cards = {
            name: Crew(name, round(loop.cards.value * (FINE if loop.cards.of == "piece" else 1)), (), {}, tool=True)
            for name, loop in plant.loops.items()
        }
        self.opening(())
        stations = [name for line in plant.lines.values() for name in line.stations]
        self.centers = {name: Center(words, paced=name in stations) for name, words in plant.work_centers.items()}
        for center in self.centers.values():
            self.opening(center.words.shift)
            for k in range(center.words.machines or 0):
                center.machines += self.new_machines(center, k)
        self.machines = [machine for center in self.centers.values() for machine in center.machines]
        self.keepers = self.new_keepers()
        self.looking = False  # whether what waits for all machines of a keeper to be empty may begin
        for product in plant.products.values():
            for operation in product.routing:
                parts = [name for name in operation.takes if name in plant.products]
                if (
                    operation.staff
                    or operation.uses
                    or parts
                    or any(plant.materials[name].on_hand is not None for name in operation.takes if name not in parts)
                    or any(loop.start == operation.name for loop in plant.loops.values())
                ):
                    for choice in operation.at:
                        self.centers[choice.center].asks = True
        self.rules: list[Rule] = []
        self.gathered: dict[tuple[str, str], list[Lot]] = {}
        self.open_stores()
        self.open_ways()

    def open_ways(self) -> None:
        """Ways between work centers are a part of its own."""

    def open_stores(self) -> None:
        """Stores are a part of its own."""

    def new_machine(self, center: Center, k: int) -> Machine:
        machine = Machine(center, k)
        machine.warmed = Stop(None, entity("start-up", center.name, k))
        machine.stops = self.stops_of(center, k)
        return machine

    def new_machines(self, center: Center, k: int) -> list[Machine]:
        """A machine, or its places."""
        if center.words.places == 1:
            return [self.new_machine(center, k)]
        places = [Place(None, center, k)]
        return places + [Place(places[0], center, k) for _ in range(center.words.places - 1)]

    def stops_of(self, center: Center, k: int) -> list[Stop]:
        words = center.words
        own = words.unlike[k] if words.unlike else None
        failures = (*words.failures, *(own.failures if own else ()))
        alone = [care for care in words.maintenance if care.per == "machine"]
        care = (*alone, *(own.maintenance if own else ()))
        stops = [Stop(f, entity("failure", center.name, k, j)) for j, f in enumerate(failures)]
        return stops + [Stop(f, entity("maintenance", center.name, k, j)) for j, f in enumerate(care)]

    def new_keepers(self) -> list[Machine]:
        """What stops several machines together: maintenance of whole work centers, and areas."""
        keepers = []
        for name, center in self.centers.items():
            together = [care for care in center.words.maintenance if care.per == "work center"]
            if together and center.machines:
                keepers.append(self.keeper(Center(center.words), [center], (), together, ("center", name)))
        for name, area in self.plant.areas.items():
            centers = [self.centers[other] for other in dict.fromkeys(area.work_centers)]
            always = Center(replace(centers[0].words, shift=()))
            keepers.append(self.keeper(always, centers, area.failures, area.maintenance, ("area", name)))
            keepers[-1].area = name
        for center in self.centers.values():
            for lead in dict.fromkeys(machine.lead for machine in center.machines if machine.lead.places):
                whole = Machine(Center(center.words), lead.k, members=lead.places, whole=True)
                whole.stops = self.stops_of(center, lead.k)
                if whole.stops:
                    keepers.append(whole)
        return keepers

    def keeper(self, home: Center, centers: list[Center], failures: Any, care: Any, key: tuple[str, str]) -> Machine:
        keeper = Machine(home, 0, members=[machine for center in centers for machine in center.machines])
        keeper.stops = [Stop(f, entity("failure", *key, j)) for j, f in enumerate(failures)]
        keeper.stops += [Stop(f, entity("maintenance", *key, j)) for j, f in enumerate(care)]
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
        if words.unlike:
            return words.unlike[machine.k].name
        return words.name if words.machines == 1 else f"{words.name} {machine.k + 1}"

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
