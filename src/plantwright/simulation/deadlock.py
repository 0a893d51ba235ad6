"""Plants that lock up: machines, lots and work centers that wait for each other in a circle.

Whatever `standstill` cannot show to go on never will. Of this the circle is told: who waits for whom, and for what.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from plantwright.errors import SimulationError
from plantwright.plant.plant import Plant
from plantwright.simulation import codes
from plantwright.simulation.standstill import Standstill
from plantwright.simulation.world import World

Node = tuple[str, int]
"""A work center (``"center"``), a pool of tools or cards of a loop (``"pool"``), a product or material that is taken (``"part"``), or the
cards of a conwip rule (``"cards"``), by its row.
"""
PLACE, CLAIM, KEPT, MADE, HELD = "waits for a place", "lacks", "keeps its setup", "is made by lots", "are with lots"
Edges = dict[Node, dict[Node, str]]


class _Waits:
    """Whom everything that cannot go on waits for, and why."""

    def __init__(self, still: Standstill) -> None:
        self._still = still
        self.edges: Edges = {}
        self._stuck = stuck = [lot for lot in still.lots if not still.lot_goes_on(lot)]
        for c in still.centers:
            self._center(c)
        holding = still.columns["holding"]
        for lot in stuck:
            for h in still.holdings(lot):
                self._add(("pool", holding["pool"][h]), self._at(lot), HELD)
            if still.lot["cards"][lot] > 0 and still.release["rule"][still.lot["release"][lot]] == codes.LOOP:
                self._add(("cards", still.release["loop"][still.lot["release"][lot]]), self._at(lot), HELD)
        for s in range(len(still.world.records["store"])):
            if s not in still.supplied:
                ways = still.passages
                makers = {o for o, p in ways.product.items() if s in ways.given(o) or p == s}
                self._add(("part", s), self._where_from(makers, stuck), MADE)

    def _add(self, node: Node, others: Iterable[Node], why: str) -> None:
        listed = self.edges.setdefault(node, {})
        for other in others:
            listed.setdefault(other, why)

    def _at(self, lot: int) -> list[Node]:
        return [("center", c) for c in sorted(self._still.where(lot))]

    def _center(self, c: int) -> None:
        still, node = self._still, ("center", c)
        waiting = [t for t in still.queue(c) if not still.goes_in(c, t)]
        for m in still.of(c):
            if waiting and m not in still.changing:
                self._add(node, self._wanted(c, m), KEPT)
        for m in still.of(c):
            if m not in still.going:
                if still.machine["job"][m] == codes.DONE:
                    self._add(node, self._places(still.machine["head"][m]), PLACE)
                else:
                    pools = still.lacked(still.machine["operation"][m], still.lots_on(m))
                    self._add(node, [("pool", pool) for pool in pools], CLAIM)
        for ticket in waiting:
            self._add(node, self._lacks(ticket), CLAIM)

    def _lacks(self, ticket: int) -> list[Node]:
        o, lot = self._still.ticket["operation"][ticket], self._still.ticket["lot"][ticket]
        pools: list[Node] = [("pool", pool) for pool in self._still.lacked(o, [lot])]
        return [*pools, *(("part", s) for s in self._still.short_of(o, lot))]

    def _wanted(self, c: int, m: int) -> list[Node]:
        """What keeps the lots for which a machine keeps its setup from it."""
        still = self._still
        rows = still.kept_for(m)
        here = [t for t in still.queue(c) if still.ticket["operation"][t] in rows]
        found = [node for ticket in here for node in self._lacks(ticket)]
        there = {still.ticket["lot"][t] for t in here}
        stuck = [lot for lot in self._stuck if lot not in there]
        found += self._where_from({still.operation["main"][o] for o in rows}, stuck)
        come = [o for o in rows if still.operation["main"][o] in still.comes]
        return found + [("part", s) for o in come for s in still.short_of(o)]

    def _where_from(self, operations: set[int], stuck: list[int]) -> list[Node]:
        """Where lots stand that would come to one of these operations and cannot, and the cards without which no more begin."""
        still = self._still
        found = [
            node for lot in stuck if still.passages.comes_to(still.main(lot), operations) for node in self._at(lot)
        ]
        for r in range(int(still.world.run.releases[0])):
            begins = still.passages.begins(still.release["product"][r])
            if any(still.passages.comes_to(o, operations) for o in begins) and not still.starts_lots(r):
                found += self._held_back_by(r, begins, stuck)
        return found

    def _held_back_by(self, r: int, begins: list[int], stuck: list[int]) -> list[Node]:
        """Where a release waits for a card, a shorter queue or a slack rope."""
        still, rule = self._still, self._still.release["rule"][r]
        if rule == codes.LOOP:
            return [("cards", still.release["loop"][r])]
        if rule == codes.SATURATED:
            return [("center", c) for o in begins for c in sorted(still.centers_of(o))]
        drum = still.release["drum"][r]
        held = rule == codes.DRUM
        return [
            node for lot in stuck if held and still.passages.works_for(still.main(lot), drum) for node in self._at(lot)
        ]

    def _places(self, lot: int) -> list[Node]:
        still = self._still
        return [("center", other) for c in sorted(still.targets(lot)) for other in sorted(still.lane_of(c))]


def circle(world: World) -> tuple[list[Node], Edges]:
    """Nodes each of which waits for the next, and the last for the first, and why; none if the world can go on."""
    machines, centers = world.records["machine"], world.records["center"]
    blocked = ((machines["job"] == codes.DONE) & (machines["blocked_by"] >= 0)).any()
    carried = int(world.run.carry_margin[0]) > 0
    kept = ((centers["minimum_run"] > 0) & (centers["head"] >= 0)).any()
    if not blocked and not carried and not kept:
        return [], {}
    edges = _Waits(Standstill(world)).edges
    return _circle(edges), edges


def _circle(edges: Edges) -> list[Node]:
    """The first circle that is found, going through who waits in order, and at each through whom it waits for."""
    over: set[Node] = set()
    for start in sorted(edges):
        path, ahead = [start], [iter(edges[start])]
        while path:
            following = next(ahead[-1], None)
            if following is None:
                over.add(path.pop())
                ahead.pop()
            elif following in path:
                return path[path.index(following) :]
            elif following not in over:
                path.append(following)
                ahead.append(iter(edges.get(following, {})))
    return []


def raise_if_locked(world: World, plant: Plant) -> None:
    """Raise SimulationError, naming the circle, if the world has come to a standstill."""
    nodes, edges = circle(world)
    if not nodes:
        return
    names = [_name(node, world, plant) for node in nodes]
    named = dict(zip(nodes, names, strict=True))
    steps = list(pairwise([*nodes, nodes[0]]))
    whys = {edges[node][following] for node, following in steps}
    shown = " -> ".join([*names, names[0]])
    if whys == {PLACE}:
        raise SimulationError(
            f"the plant locks up: {shown}: each is full and waits for a place at the next; "
            "give one of them a larger buffer or limit the lots in process (release: {conwip: ...})"
        )
    told = "; ".join(_told(node, following, edges[node][following], named) for node, following in steps)
    raise SimulationError(f"the plant locks up: {shown}: {told}; {_advice(nodes, whys, named)}")


def _name(node: Node, world: World, plant: Plant) -> str:
    kind, row = node
    if kind == "cards":
        releases = world.records["release"]
        tied = releases["product"][(releases["rule"] == codes.LOOP) & (releases["loop"] == row)]
        products = list(plant.products)
        return f"cards of {', '.join(products[p] for p in sorted(set(tied.tolist())))}"
    known = {
        "center": list(plant.work_centers),
        "pool": [*plant.people, *plant.tools, *plant.loops],
        "part": [*plant.products, *plant.materials],
    }
    return known[kind][row]


def _told(node: Node, following: Node, why: str, named: Mapping[Node, str]) -> str:
    name, other = named[node], named[following]
    if why == HELD:
        return f"all of {name!r} that would do are with lots at {other!r}"
    if why == MADE:
        return f"what would make {name!r} is {_where(following, other)}"
    if why == KEPT:
        if node == following:
            return f"{name!r} keeps its setup (minimum run) for lots that find no place before it"
        lots = (
            f"lots that wait for {other!r}" if following[0] in ("pool", "part") else f"lots {_where(following, other)}"
        )
        return f"{name!r} keeps its setup (minimum run) for {lots}"
    if why == CLAIM:
        return f"lots at {name!r} wait for {other!r}"
    return f"{name!r} waits for a place at {other!r}"


def _where(node: Node, name: str) -> str:
    return f"at {name!r}" if node[0] == "center" else f"not started, as no {name!r} come back"


def _advice(nodes: list[Node], whys: set[str], named: Mapping[Node, str]) -> str:
    found = [f"more of {named[node]!r}" for node in nodes if node[0] in ("pool", "part")][:2]
    if KEPT in whys:
        found.append("a shorter minimum run")
    if any(node[0] == "cards" for node in nodes):
        found.append("more cards")
    else:
        found += ["a larger buffer", "fewer lots in process (release: {conwip: ...})"]
    return f"have {', '.join(found[:-1])}{',' if len(found) > 2 else ''} or {found[-1]}"
