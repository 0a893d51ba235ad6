"""The lots, machines, hours, people and luck of a second simulator, for `test_peers`."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from scipy.special import ndtri

from plantwright.distributions import Distribution
from plantwright.plant import Plant
from plantwright.simulation import streams as of

DAY, NEAR = 86400.0, 1e-7
PHASES = ("setup", "load", "run", "unload")


def value_at(distribution: Distribution, u: float) -> float:
    """The draw of a distribution for a uniform number."""
    kind, p = distribution.kind, distribution.parameters
    if kind == "constant":
        return float(p[0])
    if kind == "exponential":
        return -float(p[0]) * math.log(u)
    if kind == "uniform":
        return float(p[0] + (p[1] - p[0]) * u)
    assert kind == "lognormal"
    spread = math.sqrt(math.log1p(p[1] ** 2))
    return float(math.exp(math.log(p[0]) - spread * spread / 2 + spread * ndtri(u)))


@dataclass(eq=False)
class Lot:
    product: str
    number: int
    pieces: float
    released: float
    due: float
    priority: float
    step: int = 0
    turn: int = 0
    came: tuple[float, int] = (0.0, 0)
    sent_back: dict[int, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(eq=False)
class Stop:
    """A way to stop, of one machine."""

    words: Any
    key: int
    state: str
    left: float  # of the working clock
    at: float  # by the calendar
    count: int = 0
    due: bool = False


@dataclass(eq=False)
class Machine:
    center: str
    stops: list[Stop]
    idle_since: tuple[float, int]
    lots: list[Lot] = field(default_factory=list)
    job: str = "empty"
    phase: str = "run"
    left: float = 0.0
    times: dict[str, float] = field(default_factory=dict)
    stopped: Stop | None = None
    stop_left: float = 0.0
    held: list[tuple[str, Any]] = field(default_factory=list)
    staffed: bool = False
    wants: float | None = None
    setup: str = ""
    product: str = ""
    time: dict[str, float] = field(default_factory=lambda: defaultdict(float))


class Staffed:
    """Who and what is there: a plant whose shifts are the same every day."""

    def __init__(self, plant: Plant, seed: int, replication: int) -> None:
        self.plant, self.key = plant, of.run_key(seed, replication)
        self.now, self.order = 0.0, 0
        self.queue: dict[str, list[Lot]] = {name: [] for name in plant.work_centers}
        self.blocked: dict[str, list[Machine]] = {name: [] for name in plant.work_centers}
        self.outside: dict[str, list[Lot]] = {name: [] for name in plant.work_centers}
        self.lacks: set[str] = set()
        self.delays: list[list[Any]] = []
        self.busy: dict[str, int] = defaultdict(int)
        self.count: dict[str, int] = defaultdict(int)
        self.stock: dict[str, float] = defaultdict(float)
        self.backlog: dict[str, float] = defaultdict(float)
        self.in_process = 0
        self.machines = [
            Machine(name, self.stops_of(name, k), (-1.0, k))
            for name, center in plant.work_centers.items()
            for k in range(center.machines or 0)
        ]
        releases = {name: product.releases[0] for name, product in plant.products.items()}
        self.cards = {name: release.cards.value for name, release in releases.items() if release.cards}
        self.next = {name: self.interval(name) for name, release in releases.items() if release.every}
        self.forget()

    def forget(self) -> None:
        self.area: dict[str, float] = defaultdict(float)
        self.sums: dict[str, list[float]] = defaultdict(list)
        for machine in self.machines:
            machine.time.clear()

    # Luck: the engine's numbers, asked for by name.
    def uniform(self, purpose: int, entity: int, count: int, part: int = 0) -> float:
        return of.uniform_plain(self.key, purpose, entity, count, part)

    def draw(self, what: Distribution, purpose: int, entity: int, count: int, part: int = 0) -> float:
        return value_at(what, self.uniform(purpose, entity, count, part))

    def interval(self, name: str) -> float:
        every = self.plant.products[name].releases[0].every
        assert every
        return self.draw(every, of.RELEASE, of.entity_key("release", name, 0), self.count[name])

    def stops_of(self, name: str, k: int) -> list[Stop]:
        center, made = self.plant.work_centers[name], []
        for j, failure in enumerate(center.failures):
            key = of.entity_key("failure", name, k, j)
            first = self.draw(failure.every, of.FAILURE, key, 0)
            by_work = failure.clock == "working"
            made.append(Stop(failure, key, "in repair", first if by_work else math.inf, math.inf if by_work else first))
        for j, care in enumerate(center.maintenance):
            first = care.every.mean * (k + 1) / (center.machines or 1)
            made.append(Stop(care, of.entity_key("maintenance", name, k, j), "maintenance", math.inf, first))
        return made

    def luck(self, lot: Lot) -> tuple[int, int]:
        return of.entity_key("operation", lot.product, self.step(lot).name), lot.number * 4096 + lot.turn

    def duration(self, lot: Lot, word: str, purpose: int) -> float:
        given = getattr(self.step(lot), word)
        if given is None:
            return 0.0
        pieces = range(int(lot.pieces)) if given.per == "piece" else range(1)
        return sum(self.draw(given.distribution, purpose, *self.luck(lot), piece << 21) for piece in pieces)

    # Hours and people.
    def spans(self, shifts: tuple[str, ...]) -> list[tuple[float, float]]:
        made = []
        for shift in (self.plant.shifts[name] for name in shifts):
            edges = [shift.span.start, *(x for rest in shift.breaks for x in (rest.start, rest.end)), shift.span.end]
            made += list(zip(edges[::2], edges[1::2], strict=True))
        return made

    def is_open(self, shifts: tuple[str, ...]) -> bool:
        return not shifts or any(a - NEAR <= self.now % DAY < b - NEAR for a, b in self.spans(shifts))

    def changes(self, shifts: tuple[str, ...]) -> float:
        edges = [x for span in self.spans(shifts) for x in span]
        midnight = self.now - self.now % DAY
        return min(
            (midnight + x + d for x in edges for d in (0, DAY) if midnight + x + d > self.now + NEAR), default=math.inf
        )

    def there(self, machine: Machine) -> bool:
        return self.is_open(self.plant.work_centers[machine.center].shift)

    def runs(self, machine: Machine) -> bool:
        return machine.staffed and self.there(machine)

    def step(self, lot: Lot) -> Any:
        return self.plant.products[lot.product].routing[lot.step]

    def needs(self, machine: Machine) -> list[Any]:
        if machine.stopped:
            return list(machine.stopped.words.by)
        return [need for need in self.step(machine.lots[0]).staff if machine.phase in need.phases]

    def let_go(self, machine: Machine, keep: list[Any] | None = None) -> None:
        for crew, need in list(machine.held):
            if not any(need is other for other in keep or []):
                self.busy[crew] -= 1
                machine.held.remove((crew, need))
        machine.staffed, machine.wants = False, None

    def seek(self, machine: Machine) -> bool:
        """Seize whom the machine needs, the least versatile first, or nobody."""
        since = machine.wants
        for need in self.needs(machine):
            missing = need.count - sum(held is need for _, held in machine.held)
            able = [crew for crew in self.plant.people.values() if crew.skills.get(need.skill, -1) >= need.level]
            for crew in sorted(able, key=lambda crew: len(crew.skills)):
                while missing and self.is_open(crew.shift) and self.busy[crew.name] < crew.count:
                    self.busy[crew.name] += 1
                    machine.held.append((crew.name, need))
                    missing -= 1
            if missing:
                self.let_go(machine)
                machine.wants = self.now if since is None else since
                return False
        machine.staffed, machine.wants = True, None
        return True
