"""What there is in a plant while it runs, as the twin keeps it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from plantwright.distributions import Distribution
from plantwright.plant.products import Alternative, Operation, Product, Release
from plantwright.plant.resources import Failure, Material, WorkCenter

DAY = 86400.0
# Kinds of event, in their order at one instant.
CHANGE = -1
(MACHINE, LEAVES, STRIKES, CALENDAR, ABSENCE, SUPPLY, OUTAGES, STARTS, TIMER, DEMAND, END) = range(11)


@dataclass(eq=False)
class Lot:
    product: Product
    number: int
    serial: int
    pieces: float
    released: float
    due: float
    priority: float
    rule: Any
    step: int = 0
    turn: int = 0
    whole: bool = True
    came: float = 0.0
    reworks: dict[str, int] = field(default_factory=dict)
    route: list[int] = field(default_factory=list)
    at: int = 0
    ahead: float = 0.0
    came_back: bool = False
    stands: Center | None = None
    where: str | None = None
    brought: bool = False
    carries: list[Carried] = field(default_factory=list)
    defects: dict[str, float] = field(default_factory=dict)
    done_on: dict[str, Machine] = field(default_factory=dict)
    forked: Any = None
    waits_at: int | None = None
    clocks: dict[int, float] = field(default_factory=dict)
    order: str = ""
    took: set[Any] = field(default_factory=set)  # the turns in which it has started
    unit: str = ""
    on_way: dict[str, float] = field(default_factory=dict)
    left: bool = False
    lies: bool = False

    def __post_init__(self) -> None:
        self.unit = self.unit or self.product.lot_unit or self.product.unit

    @property
    def operation(self) -> Operation:
        if self.step == len(self.product.routing):
            return Operation("into stock", (Alternative(f"stock of {self.product.name}"),))
        return self.product.routing[self.step]

    @property
    def count(self) -> int:
        return self.serial * 4096 + self.turn


@dataclass(eq=False)
class Holding:
    """So many of a tool, or cards of a release, that the parts of a lot share."""

    tool: Crew | Rule
    count: float
    parts: int = 1


@dataclass(eq=False)
class Carried:
    """What a lot carries until a step is done (None: until it leaves)."""

    holding: Holding
    until: str | None


@dataclass(frozen=True)
class WarmingUp:
    """What a machine does before it works again; nobody is needed."""

    lasts: Distribution
    by: tuple[Any, ...] = ()


@dataclass(eq=False)
class Stop:
    """One way of a machine to stop."""

    words: Any
    key: int
    count: int = 0
    left: float = 0.0
    at: float = math.inf
    due: bool = False
    fitted: bool = False

    @property
    def repair(self) -> bool:
        return isinstance(self.words, Failure)

    @property
    def lasts(self) -> Any:
        return self.words.repair if isinstance(self.words, Failure) else self.words.lasts


@dataclass(eq=False)
class Machine:
    center: Center
    k: int
    stops: list[Stop] = field(default_factory=list)
    on: bool = True
    state: str = "starved"
    job: str = "empty"
    lots: list[Lot] = field(default_factory=list)
    members: list[Machine] = field(default_factory=list)
    places: list[Machine] = field(default_factory=list)
    lead: Machine = field(init=False)
    turn: int = 0
    waits: str = ""
    interval: float = math.inf
    gate: float | None = None
    area: str = ""
    known_as: tuple[str, ...] = ()  # of what stops several machines: by what it is known when the plant changes
    whole: bool = False
    gone: bool = False
    holding: bool = False
    keepers: list[Machine] = field(default_factory=list)
    away_since: float | None = None
    warmed: Stop = field(default_factory=lambda: Stop(None, 0))
    operation: Operation | None = None
    product: Product | None = None
    phase: str = ""
    times: dict[str, float] = field(default_factory=dict)
    left: float = 0.0
    running: bool = False
    resumed: float = 0.0
    strikes: Stop | None = None
    stop: Stop | None = None
    stop_left: float = 0.0
    setup: str | None = None
    last_product: Product | None = None
    staffed: bool = False
    wants_since: float | None = None
    news: bool = False
    lacks: str = ""
    since_setup: float = 0.0
    since_cleaning: float = 0.0
    closing: set[str] = field(default_factory=set)
    piece_ends: bool = False
    sends: bool = False
    bounds: list[float] = field(default_factory=list)
    walk: float = 0.0
    walking: bool = False
    pieces: float = 0.0
    counted: float = 0.0
    starts: list[tuple[float, float]] = field(default_factory=list)
    held: list[tuple[Want, Crew]] = field(default_factory=list)
    order: list[tuple[int, Crew]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lead = self


def of_the_machine(name: str) -> Any:
    """What the places of a machine have in common: the first of them keeps it."""

    def get(place: Place) -> Any:
        return place.common[name]

    def put(place: Place, value: Any) -> None:
        place.common[name] = value

    return property(get, put)


@dataclass(eq=False)
class Place(Machine):
    """One place of a machine that has several."""

    setup = of_the_machine("setup")
    last_product = of_the_machine("last_product")
    since_setup = of_the_machine("since_setup")
    since_cleaning = of_the_machine("since_cleaning")
    state = of_the_machine("state")

    def __init__(self, first: Place | None, center: Any, k: int) -> None:
        self.common: dict[str, Any] = first.common if first else {"entered": 0, "next_run": 1, "next_end": 1}
        super().__init__(center, k)
        self.lead = first or self
        self.lead.places.append(self)


@dataclass(eq=False)
class Center:
    words: WorkCenter
    machines: list[Machine] = field(default_factory=list)
    queue: list[Lot] = field(default_factory=list)
    idle: list[Machine] = field(default_factory=list)
    blocked: list[Machine] = field(default_factory=list)
    outside: list[Lot] = field(default_factory=list)
    coming: list[Lot] = field(default_factory=list)
    paced: bool = False
    owed: bool = False
    opened: float = -1.0
    stock: Product | None = None
    sources: list[Rule] = field(default_factory=list)
    looped: bool = False
    asks: bool = False
    waits_since: float | None = None
    missing: str = ""
    news: bool = False

    @property
    def name(self) -> str:
        return self.words.name

    @property
    def empty(self) -> int:
        return sum(machine.job == "empty" for machine in self.machines)


@dataclass(eq=False)
class Crew:
    name: str
    count: int
    shift: tuple[str, ...]
    skills: dict[str, int]
    busy: int = 0
    tool: bool = False
    finishes: bool = False
    away: int = 0
    tends: dict[object, int] = field(default_factory=dict)

    @property
    def at_work(self) -> int:
        """People who are busy: those who tend several machines share the claims of one kind as they like."""
        return self.busy + sum(math.ceil(claims / kind[2]) for kind, claims in self.tends.items())  # type: ignore[index]


@dataclass(frozen=True)
class Want:
    """One person or tool that a phase asks for: of the place-th need; those who tend are numbered."""

    place: int
    need: Any
    number: int
    nth: int = field(default=0, compare=False)  # of the needs of its list that are alike
    own: int = field(default=0, compare=False)  # of those that are alike and needed in one phase

    @property
    def kind(self) -> tuple[object, ...]:
        """Claims of one kind may share a person."""
        return self.need.skill, self.need.level, self.need.tends, self.own


@dataclass(eq=False)
class Store:
    """A material, or the finished stock of a product."""

    name: str
    counted: bool
    level: float
    material: Material | None = None
    orders: int = 0
    on_order: float = 0.0


@dataclass(eq=False)
class Absence:
    """One person of a crew, who is away at times."""

    crew: Crew
    key: int
    between: Distribution
    spell: Distribution
    count: int = 0
    away: bool = False


@dataclass(eq=False)
class Delivery:
    store: Store
    number: int
    amount: float


@dataclass(frozen=True)
class Listed:
    """A lot that starts at a time of its own."""

    time: float
    pieces: float
    due: float
    priority: float
    routing: tuple[str, ...] = ()
    name: str = ""


@dataclass(eq=False)
class Rule:
    """A release rule at work."""

    words: Release
    product: Product
    key: int
    pieces: float
    weight: float
    number: int = 0
    count: int = 0
    cards: float = 0.0
    orders: list[Listed] = field(default_factory=list)
    cursor: int = 0
