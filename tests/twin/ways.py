"""Ways between work centers (6.5, 6.6): buffers with a transit, and vehicles that carry lots."""

from __future__ import annotations

from dataclasses import dataclass, field

from plantwright.plant.plant import Lane, Mover
from tests.twin.luck import WAY, entity
from tests.twin.ranking import Ranking
from tests.twin.things import LEAVES, Center, Lot


@dataclass(eq=False)
class Vehicle:
    at: str
    lot: Lot | None = None
    loaded: bool = False


@dataclass(eq=False)
class Fleet:
    """Vehicles of one kind, and the lots that call for one, the first first."""

    words: Mover
    vehicles: list[Vehicle]
    calls: list[Lot] = field(default_factory=list)

    def time(self, start: str, end: str) -> float | None:
        """How long a vehicle drives from one work center to another; None where there is no distance."""
        distance = self.words.distances.get((start, end), self.words.distances.get((end, start)))
        return None if distance is None else distance / (self.words.speed or 1.0)


class Ways(Ranking):
    fleets: tuple[Fleet, ...] = ()

    def spend(self, lot: Lot, center: Center) -> None:
        raise NotImplementedError

    def enqueue(self, lot: Lot) -> None:
        raise NotImplementedError

    def open_ways(self) -> None:
        known = {fleet.words.name: fleet for fleet in self.fleets}
        fleets = []
        for name, words in self.plant.transport.items():
            if words.time is not None:
                continue
            first = next((start for start, _ in words.distances), "")
            fleet = known.get(name) or Fleet(words, [])
            fleet.words = words
            fleet.vehicles += [Vehicle(first) for _ in range(words.count - len(fleet.vehicles))]
            fleets.append(fleet)
        self.fleets = tuple(fleets)

    def lane_of(self, center: Center) -> Lane | None:
        return next((lane for lane in self.plant.buffers.values() if center.name in lane.feeds), None)

    def fleet_for(self, lot: Lot, center: Center) -> Fleet | None:
        if lot.where is None or lot.where == center.name:
            return None
        return next((fleet for fleet in self.fleets if fleet.time(lot.where, center.name) is not None), None)

    def is_carried(self, lot: Lot, center: Center) -> bool:
        """Call a vehicle if the lot needs one to come to its work center."""
        fleet = self.fleet_for(lot, center)
        if fleet is None:
            return self.is_brought(lot, center)
        center.coming.append(lot)
        fleet.calls.append(lot)
        self.send_vehicles(fleet)
        return True

    def is_brought(self, lot: Lot, center: Center) -> bool:
        """Somebody brings the lot, as there are always enough of them."""
        if lot.where is None:
            return False
        start, end = self.centers[lot.where].words.location, center.words.location
        movers = [mover for mover in self.plant.transport.values() if start in mover.start and end in mover.end]
        if not movers:
            return False
        assert movers[0].time
        operation = entity("operation", lot.product.name, lot.operation.name)
        time = self.luck.draw(movers[0].time, WAY, operation, lot.count)
        center.coming.append(lot)
        lot.brought = True
        self.agenda.put(lot, LEAVES, self.now + time)
        return True

    def send_vehicles(self, fleet: Fleet) -> None:
        """The nearest free vehicle goes for the lot that called first."""
        while fleet.calls:
            free = [vehicle for vehicle in fleet.vehicles if vehicle.lot is None]
            if not free:
                return
            lot = fleet.calls.pop(0)
            assert lot.where
            ways = [fleet.time(vehicle.at, lot.where) or 0.0 if vehicle.at != lot.where else 0.0 for vehicle in free]
            vehicle = free[ways.index(min(ways))]
            vehicle.lot, vehicle.loaded = lot, False
            if min(ways) > 0:
                self.agenda.put(vehicle, LEAVES, self.now + min(ways))
            else:
                self.leave_with(vehicle, fleet)

    def leave_with(self, vehicle: Vehicle, fleet: Fleet) -> None:
        lot = vehicle.lot
        assert lot
        assert lot.where
        assert lot.stands
        vehicle.loaded = True
        self.note("vehicle left", lot, None, fleet.words.name, lot.pieces)
        time = fleet.time(lot.where, lot.stands.name)
        assert time is not None
        self.agenda.put(vehicle, LEAVES, self.now + time)

    def on_vehicle(self, vehicle: Vehicle) -> None:
        """A vehicle is where its lot is, or where it takes it."""
        fleet = next(fleet for fleet in self.fleets if vehicle in fleet.vehicles)
        lot = vehicle.lot
        assert lot
        if not vehicle.loaded:
            self.leave_with(vehicle, fleet)
            return
        center = lot.stands
        assert center
        self.note("vehicle came", lot, None, fleet.words.name, lot.pieces)
        vehicle.at = lot.where = center.name
        vehicle.lot = None
        center.coming.remove(lot)
        self.send_vehicles(fleet)
        self.pass_through(lot, center)

    def pass_through(self, lot: Lot, center: Center) -> None:
        """Go through the buffer in front of a work center, if that takes time, and line up."""
        lane = self.lane_of(center)
        if lane and lane.transit > 0:
            center.coming.append(lot)
            self.agenda.put(lot, LEAVES, self.now + lane.transit)
        else:
            self.arrive(lot, center)

    def arrive(self, lot: Lot, center: Center) -> None:
        if center.words.machines is None:
            self.spend(lot, center)
        else:
            self.enqueue(lot)

    def is_through(self, lot: Lot) -> bool:
        """Whether a lot that leaves something leaves a buffer; it lines up then."""
        center = lot.stands
        if center is None or lot not in center.coming:
            return False
        center.coming.remove(lot)
        if lot.brought:
            lot.brought, lot.where = False, center.name
            self.pass_through(lot, center)
        else:
            self.arrive(lot, center)
        return True

    def look_beside(self, center: Center) -> None:
        """Who waits for a place at the other work centers that the buffer feeds comes in, if it finds one."""
        lane = self.lane_of(center)
        for name in lane.feeds if lane else ():
            other = self.centers[name]
            first = other.blocked[0].lots[0] if other.blocked else other.outside[0] if other.outside else None
            if other is not center and first and self.has_room(other, first.pieces):
                self.mark(other)
            self.pulling = self.pulling or (other is not center and other.looped)

    def has_room(self, center: Center, pieces: float) -> bool:
        raise NotImplementedError
