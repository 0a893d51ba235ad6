"""Plants that lock up: machines, lots and work centers that wait for each other in a circle.

Found from what can still go on. A machine that stands empty or works can; a blocked one can if a work center that its lot may go to
will have room; a work center will have room if one of its machines can go on and a lot before it can start; a lot can start if the
tools and cards that it lacks are free, or will be given back by who can go on. What waits for anything else (people, material, an
hour, other lots) is taken to go on. Whatever is left when nothing more can be shown to go on never will.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plantwright.errors import SimulationError
from plantwright.plant.plant import Plant
from plantwright.simulation import codes
from plantwright.simulation.carried import CARDS, NOT_CARRIED, PARTS_OF_A_PIECE
from plantwright.simulation.world import World

Node = tuple[str, int]
"""A work center (``"center"``) or a pool of tools or cards (``"pool"``), by its row."""


class Standstill:
    """Which machines and work centers of a world can go on, and which tools will be given back."""

    def __init__(self, world: World) -> None:
        self._world = world
        records = world.records
        self.machine, self.center, self.lot = records["machine"], records["center"], records["lot"]
        self._operation, self._need, self._ticket = records["operation"], records["need"], records["ticket"]
        self.machines = range(int(world.run.machines[0]))
        self.centers = range(int(world.run.centers[0]))
        self._on_machine = {lot: m for m in self.machines for lot in self.lots_on(m)}
        self._queued: dict[int, list[tuple[int, int]]] = {}
        for c in self.centers:
            for ticket in self.queue(c):
                self._queued.setdefault(int(self._ticket["lot"][ticket]), []).append((c, ticket))
        self._outside = {lot for c in self.centers for lot in self._line(c, "outside_head")}
        self.going: set[int] = set()
        """Machines that can go on."""
        self.roomy: set[int] = set()
        """Work centers that have or will have room."""
        self.draining: set[int] = set()
        """Work centers before which a lot waits that will start: of a buffer that they share places come free."""
        self._supply: dict[int, int] = {}
        while self._look():
            pass

    def _look(self) -> bool:
        """Find what more can go on; whether anything was found."""
        before = len(self.going) + len(self.roomy) + len(self.draining)
        self._supply = self._to_be_had()
        self.going |= {m for m in self.machines if m not in self.going and self._machine_goes_on(m)}
        self.roomy |= {c for c in self.centers if c not in self.roomy and self._has_room(c)}
        self.draining |= {c for c in self.centers if c not in self.draining and self._drains(c)}
        # Tools that come back because of what was found may let more go on.
        return len(self.going) + len(self.roomy) + len(self.draining) > before or self._to_be_had() != self._supply

    def lots_on(self, m: int) -> Iterator[int]:
        """The lots on a machine, or in its finished job."""
        lot = int(self.machine["head"][m]) if self.machine["job"][m] != codes.EMPTY else -1
        while lot >= 0:
            yield lot
            lot = int(self.lot["next"][lot])

    def queue(self, c: int) -> Iterator[int]:
        """The tickets of the lots that wait before a work center."""
        ticket = int(self.center["head"][c])
        while ticket >= 0:
            yield ticket
            ticket = int(self._ticket["next"][ticket])

    def _line(self, c: int, head: str) -> Iterator[int]:
        ticket = int(self.center[head][c])
        while ticket >= 0:
            yield int(self._ticket["lot"][ticket])
            ticket = int(self._ticket["next"][ticket])

    def of(self, c: int) -> range:
        """The machines of a work center."""
        first = int(self.center["first_machine"][c])
        return range(first, first + max(0, int(self.center["machines"][c])))

    def targets(self, lot: int) -> set[int]:
        """The work centers that can do the operation of a lot."""
        main = int(self._operation["main"][self.lot["operation"][lot]])
        first = int(self._operation["first_choice"][main])
        further = self._operation["center"][first : first + int(self._operation["choices"][main]) - 1]
        return {int(self._operation["center"][main]), *further.tolist()}

    def lane_of(self, c: int) -> set[int]:
        """The work centers that share the buffer before a work center, itself among them."""
        lane = int(self.center["lane"][c])
        if lane < 0:
            return {c}
        lanes, shared = self._world.records["lane"], self._world.records["lane_center"]["center"]
        first = int(lanes["first_center"][lane])
        return {int(other) for other in shared[first : first + int(lanes["centers"][lane])]}

    def _finds_room(self, lot: int) -> bool:
        targets = self.targets(lot)
        return bool(targets & self.roomy) or any(self.lane_of(c) & self.draining for c in targets)

    def _machine_goes_on(self, m: int) -> bool:
        job = self.machine["job"][m]
        if job == codes.DONE:
            head = int(self.machine["head"][m])
            return self.machine["blocked_by"][m] < 0 or head < 0 or self._finds_room(head)
        if job == codes.IN_PROCESS and self.machine["wants"][m] == 1 and self.machine["lacks"][m] == codes.LACKS_TOOL:
            return not self.lacked(int(self.machine["operation"][m]), self.lots_on(m))
        return True

    def _has_room(self, c: int) -> bool:
        places = float(self.center["places"][c])
        # Finished stock has room when it is sold.
        if places < 0 or self.center["stock"][c] == 1:
            return True
        if self.center["lane"][c] >= 0:
            # The empty machines of each of them have room of their own.
            return self.center["head"][c] < 0 and any(m in self.going for m in self.of(c))
        empty = float(self.center["empty"][c] * self.center["batch_lots"][c])
        used = float(self.center["queue_pieces"][c] if self.center["places_in_pieces"][c] else self.center["queue"][c])
        going = any(m in self.going for m in self.of(c))
        if self.center["head"][c] < 0:
            return going or used < places + empty
        # Places by the piece: whether a lot is small enough is not looked at, only whether places come free.
        if not self.center["places_in_pieces"][c] and used < places + empty:
            return True
        return self._drains(c)

    def _drains(self, c: int) -> bool:
        return any(m in self.going for m in self.of(c)) and any(self.starts(ticket) for ticket in self.queue(c))

    def starts(self, ticket: int) -> bool:
        """Whether the lot of a ticket will have the tools that it needs to start."""
        return not self.lacked(int(self._ticket["operation"][ticket]), [int(self._ticket["lot"][ticket])])

    def lacked(self, o: int, lots: Iterable[int]) -> list[int]:
        """The pools of which an operation needs more for some lots than there will ever be."""
        lots = list(lots)
        first = int(self._operation["first_need"][o])
        wanted: dict[int, int] = {}
        for need in self._need[first : first + int(self._operation["needs"][o])]:
            pool = int(need["pool"])
            if pool >= 0:
                count = self._wanted(need, lots) - sum(self._carried(lot, pool) for lot in lots)
                wanted[pool] = wanted.get(pool, 0) + max(0, count)
        return [pool for pool, count in wanted.items() if count > self._supply.get(pool, count)]

    def _wanted(self, need: object, lots: list[int]) -> int:
        row: dict[str, int] = need  # type: ignore[assignment]
        if row["until"] == NOT_CARRIED:
            return int(row["count"])
        if row["by_piece"]:
            return sum(int(float(self.lot["pieces"][lot]) * PARTS_OF_A_PIECE + 0.5) for lot in lots)
        return int(row["count"]) * len(lots)

    def holdings(self, lot: int) -> Iterator[int]:
        """The rows of the tools and cards of loops that a lot carries."""
        carry, pool = self._world.records["carry"], self._world.records["holding"]["pool"]
        k = int(self.lot["carries"][lot])
        while k >= 0:
            if pool[carry["holding"][k]] != CARDS:
                yield int(carry["holding"][k])
            k = int(carry["next"][k])

    def _carried(self, lot: int, pool: int) -> int:
        holding = self._world.records["holding"]
        return sum(int(holding["count"][h]) for h in self.holdings(lot) if holding["pool"][h] == pool)

    def carriers(self) -> set[int]:
        """The lots of which is known where they are, and that carry something."""
        return {lot for lot in (*self._on_machine, *self._queued, *self._outside) if self.lot["carries"][lot] >= 0}

    def _to_be_had(self) -> dict[int, int]:
        """Of each pool: how much is free, or will be given back by who can go on."""
        crews, holding = self._world.records["crew"], self._world.records["holding"]
        found = {q: int(crews["count"][q]) for q in range(len(crews))}
        stuck = {h for lot in self.carriers() if not self.lot_goes_on(lot) for h in self.holdings(lot)}
        for h in stuck:
            found[int(holding["pool"][h])] -= int(holding["count"][h])
        return found

    def lot_goes_on(self, lot: int) -> bool:
        """Whether a lot can leave where it is."""
        if lot in self._on_machine:
            return self._on_machine[lot] in self.going
        if lot in self._queued:
            return any(self._goes_in(c, ticket) for c, ticket in self._queued[lot])
        return lot not in self._outside or self._finds_room(lot)

    def _goes_in(self, c: int, ticket: int) -> bool:
        return any(m in self.going for m in self.of(c)) and self.starts(ticket)

    def where(self, lot: int) -> set[int]:
        """The work centers at which a lot stands or waits."""
        if lot in self._on_machine:
            return {int(self.machine["center"][self._on_machine[lot]])}
        return {c for c, _ in self._queued.get(lot, [])} or (self.targets(lot) if lot in self._outside else set())

    def waits_for(self) -> dict[Node, list[Node]]:
        """Whom each work center and each pool that cannot go on waits for."""
        found: dict[Node, list[Node]] = {}
        holding = self._world.records["holding"]
        for c in self.centers:
            for m in self.of(c):
                if m not in self.going:
                    if self.machine["job"][m] == codes.DONE:
                        self._add(found, ("center", c), self._places(int(self.machine["head"][m])))
                    else:
                        pools = self.lacked(int(self.machine["operation"][m]), self.lots_on(m))
                        self._add(found, ("center", c), [("pool", pool) for pool in pools])
            for ticket in self.queue(c):
                pools = self.lacked(int(self._ticket["operation"][ticket]), [int(self._ticket["lot"][ticket])])
                self._add(found, ("center", c), [("pool", pool) for pool in pools])
        for lot in sorted(self.carriers()):
            if not self.lot_goes_on(lot):
                for h in self.holdings(lot):
                    self._add(
                        found, ("pool", int(holding["pool"][h])), [("center", c) for c in sorted(self.where(lot))]
                    )
        return found

    def _places(self, lot: int) -> list[Node]:
        return [("center", other) for c in sorted(self.targets(lot)) for other in sorted(self.lane_of(c))]

    @staticmethod
    def _add(found: dict[Node, list[Node]], node: Node, others: list[Node]) -> None:
        listed = found.setdefault(node, [])
        listed += [other for other in others if other not in listed]


def circle(world: World) -> list[Node]:
    """Work centers and pools each of which waits for the next, and the last for the first; empty if the world can go on."""
    machines = world.records["machine"]
    blocked = ((machines["job"] == codes.DONE) & (machines["blocked_by"] >= 0)).any()
    carried = int(world.run.carry_margin[0]) > 0
    if not blocked and not carried:
        return []
    still = Standstill(world)
    waits_for = still.waits_for()
    # Who waits for somebody that waits for nobody is no part of a circle, nor what leads to one.
    stuck = {node for node, others in waits_for.items() if others}
    if all(m in still.going for m in still.machines) and not any(kind == "pool" for kind, _ in stuck):
        return []
    for start in sorted(stuck):
        path = [start]
        while others := [other for other in waits_for.get(path[-1], []) if other in stuck]:
            following = others[0]
            if following in path:
                return path[path.index(following) :]
            path.append(following)
    return []


def raise_if_locked(world: World, plant: Plant) -> None:
    """Raise SimulationError, naming the circle, if the world has come to a standstill."""
    nodes = circle(world)
    if not nodes:
        return
    known = {"center": list(plant.work_centers), "pool": [*plant.people, *plant.tools, *plant.loops]}
    names = [known[kind][row] for kind, row in nodes]
    shown = " -> ".join([*names, names[0]])
    if all(kind == "center" for kind, _ in nodes):
        raise SimulationError(
            f"the plant locks up: {shown}: each is full and waits for a place at the next; "
            "give one of them a larger buffer or limit the lots in process (release: {conwip: ...})"
        )
    told = [
        _told(nodes[i], nodes[(i + 1) % len(nodes)], names[i], names[(i + 1) % len(names)]) for i in range(len(nodes))
    ]
    more = next(name for name, (kind, _) in zip(names, nodes, strict=True) if kind == "pool")
    raise SimulationError(
        f"the plant locks up: {shown}: {'; '.join(told)}; "
        f"have more of {more!r}, a larger buffer, or fewer lots in process (release: {{conwip: ...}})"
    )


def _told(node: Node, following: Node, name: str, other: str) -> str:
    if node[0] == "pool":
        return f"all of {name!r} that would do are with lots at {other!r}"
    if following[0] == "pool":
        return f"lots at {name!r} wait for {other!r}"
    return f"{name!r} waits for a place at {other!r}"
