"""Where the lots of a world stand, and what they carry."""

from __future__ import annotations

from collections.abc import Iterator

from plantwright.simulation import codes
from plantwright.simulation.codes import CARDS
from plantwright.simulation.layout import Columns
from plantwright.simulation.passages import Passages
from plantwright.simulation.world import World


class Whereabouts:
    """The lots of a world that stands still: on machines, in queues, outside, elsewhere.

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.columns = {concept: Columns(rows) for concept, rows in world.records.items()}
        columns = self.columns
        self.machine, self.center, self.lot = columns["machine"], columns["center"], columns["lot"]
        self.operation, self.ticket, self.release = columns["operation"], columns["ticket"], columns["release"]
        self.passages = Passages(world)
        self.machines = range(int(world.run.machines[0]))
        self.centers = range(int(world.run.centers[0]))
        self.on_machine = {lot: m for m in self.machines for lot in self.lots_on(m)}
        self.queued: dict[int, list[tuple[int, int]]] = {}
        for c in self.centers:
            for ticket in self.queue(c):
                self.queued.setdefault(self.ticket["lot"][ticket], []).append((c, ticket))
        self.outside = {lot for c in self.centers for lot in self._line(c, "outside_head")}
        free = set(self._chain(int(world.run.free_lot[0])))
        self.lots = [lot for lot, product in enumerate(self.lot["product"]) if lot not in free and product >= 0]
        """All lots in process."""
        self.elsewhere = [
            lot
            for lot in self.lots
            if lot not in self.on_machine and lot not in self.queued and lot not in self.outside
        ]
        """Lots under way, at a pure delay, or that wait for others."""
        self.under_way: dict[int, list[int]] = {}
        """Those of them that come to each work center, or may."""
        for lot in self.elsewhere:
            for c in self.targets(lot):
                self.under_way.setdefault(c, []).append(lot)

    def _chain(self, lot: int) -> Iterator[int]:
        while lot >= 0:
            yield lot
            lot = self.lot["next"][lot]

    def lots_on(self, m: int) -> Iterator[int]:
        """The lots on a machine, or in its finished job."""
        return self._chain(self.machine["head"][m] if self.machine["job"][m] != codes.EMPTY else -1)

    def queue(self, c: int) -> Iterator[int]:
        """The tickets of the lots that wait before a work center."""
        ticket = self.center["head"][c]
        while ticket >= 0:
            yield ticket
            ticket = self.ticket["next"][ticket]

    def _line(self, c: int, head: str) -> Iterator[int]:
        ticket = int(self.center[head][c])
        while ticket >= 0:
            yield self.ticket["lot"][ticket]
            ticket = self.ticket["next"][ticket]

    def of(self, c: int) -> range:
        """The machines of a work center."""
        first = self.center["first_machine"][c]
        return range(first, first + max(0, self.center["machines"][c]))

    def main(self, lot: int) -> int:
        """The operation before which a lot stands, or that is done on it."""
        main: int = self.operation["main"][self.lot["operation"][lot]]
        return main

    def targets(self, lot: int) -> set[int]:
        """The work centers that can do the operation of a lot."""
        return self.centers_of(self.main(lot))

    def centers_of(self, o: int) -> set[int]:
        """The work centers that can do an operation."""
        return {self.operation["center"][row] for row in self.passages.rows_of(o)}

    def lane_of(self, c: int) -> set[int]:
        """The work centers that share the buffer before a work center, itself among them."""
        lane = self.center["lane"][c]
        if lane < 0:
            return {c}
        lanes, shared = self.columns["lane"], self.columns["lane_center"]["center"]
        first = lanes["first_center"][lane]
        return set(shared[first : first + lanes["centers"][lane]])

    def holdings(self, lot: int) -> Iterator[int]:
        """The rows of the tools and cards of loops that a lot carries."""
        carry, pool = self.columns["carry"], self.columns["holding"]["pool"]
        k = self.lot["carries"][lot]
        while k >= 0:
            if pool[carry["holding"][k]] != CARDS:
                yield carry["holding"][k]
            k = carry["next"][k]

    def where(self, lot: int) -> set[int]:
        """The work centers at which a lot stands or waits."""
        if lot in self.on_machine:
            return {self.machine["center"][self.on_machine[lot]]}
        return {c for c, _ in self.queued.get(lot, [])} or (self.targets(lot) if lot in self.outside else set())
