"""What works: crews of people, work centers and their machines, and what stops them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from plantwright.distributions import Distribution

Phase = Literal["setup", "load", "run", "unload"]
DISPATCH_RULES = (
    "FIFO",
    "FIFO at step",
    "FIFO by release",
    "LIFO",
    "SPT",
    "EDD",
    "priority",
    "slack",
    "CR",
    "least setup",
)
"""Rules that say which lot goes next."""
RULE_ENTRY_POINTS = "plantwright.rules"
"""Where other packages offer rules of their own."""
PHASES: tuple[Phase, ...] = ("setup", "load", "run", "unload")


@dataclass(frozen=True, slots=True)
class Amount:
    """A count of lots, pieces or batches: ``8 lots``, ``40 pieces``, ``64 cells``.

    ``of`` is ``"lot"``, ``"batch"``, or ``"piece"`` for the product's own unit, whose name stands in ``unit``.
    """

    value: float
    of: Literal["lot", "piece", "batch"] = "lot"
    unit: str = "lot"


@dataclass(frozen=True, slots=True)
class Absence:
    """People who do not come: the share of working time lost, in spells of the length given (seconds)."""

    share: float
    spell: Distribution | None = None


@dataclass(frozen=True, slots=True)
class Crew:
    """One named person, or several who are alike.

    ``skills`` maps a skill to its level (TWI 0 to 4). ``shift`` names shifts (all of them in turn); empty: always
    there. ``wage`` is money per second of paid time.
    """

    name: str
    count: int = 1
    shift: tuple[str, ...] = ()
    skills: Mapping[str, int] = field(default_factory=dict)
    wage: float | None = None
    absence: Absence | None = None
    shift_end: Literal["pause", "finish piece"] = "pause"
    learns: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Staffing:
    """People that an operation or a repair seizes: `count` with `skill` at `level` or higher, for some phases.

    ``tends`` is how many machines one person serves at a time; ``walk`` the walking time in seconds.
    """

    skill: str
    level: int = 1
    count: int = 1
    phases: tuple[Phase, ...] = PHASES
    tends: int = 1
    walk: float = 0.0


@dataclass(frozen=True, slots=True)
class Failure:
    """A way in which a machine fails.

    ``every`` is the time between failures: in seconds of work (``clock`` working: while it loads, runs or unloads),
    in seconds of the calendar, or in pieces (``count``); measured from the end of the last repair.
    """

    every: Distribution
    repair: Distribution
    clock: Literal["working", "calendar", "count"] = "working"
    by: tuple[Staffing, ...] = ()
    takes: Mapping[str, float] = field(default_factory=dict)
    then: Literal["resume", "restart", "scrap"] = "resume"


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned maintenance: it waits for the lot in process, then takes `lasts` seconds of the machine's shift.

    ``spread`` is over which time, or how many pieces, the first of alike machines are spread (None: the time between two).
    """

    every: Distribution
    lasts: Distribution
    clock: Literal["working", "calendar", "count"] = "calendar"
    by: tuple[Staffing, ...] = ()
    per: Literal["machine", "work center"] = "machine"
    first: Distribution | Literal["spread"] = "spread"
    spread: float | None = None


@dataclass(frozen=True, slots=True)
class SetupTimes:
    """Setup times of a work center, by family or setup name, in seconds.

    The time from `a` to `b` is ``between[a, b]``, else ``into[b]``, else ``default``; ``minor`` where family stays and
    product changes; nothing where both stay. ``minimum_runs`` are those of single setups, counted as ``minimum_run``, which holds for the others.
    """

    default: Distribution | None = None
    between: Mapping[tuple[str, str], Distribution] = field(default_factory=dict)
    into: Mapping[str, Distribution] = field(default_factory=dict)
    minor: Distribution | None = None
    minimum_run: Amount | None = None
    campaign: Amount | None = None
    cleaning: Distribution | None = None
    minimum_runs: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """Lots that are worked together: starts at `largest`, or once `wait` seconds have passed since the first lot came
    and `smallest` is there. ``together`` says which lots may share a batch.
    """

    largest: Amount
    smallest: Amount = Amount(1.0)
    wait: float = 0.0
    together: Literal["same operation", "same recipe", "any"] = "same operation"


@dataclass(frozen=True, slots=True)
class StartUp:
    """Warming up after a stop: a stop longer than `after` seconds costs `lasts` seconds."""

    after: float
    lasts: Distribution


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine of a work center where they are not alike."""

    name: str
    speed: float = 1.0
    only: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a given sequence: which order goes next, and of which product, step and work center if that is said."""

    order: str
    product: str = ""
    step: str = ""
    center: str = ""


@dataclass(frozen=True, slots=True)
class WorkCenter:
    """A group of interchangeable machines.

    ``machines`` is how many; None means unlimited (a pure delay). ``unlike`` describes them where they differ.
    ``shift`` names shifts; empty: always there. ``buffer``: places in front, the machines' own not counted; None:
    unlimited. ``delay``: seconds that a lot which comes from another step lies before it comes here, in the hours of the shifts ``delay_shift`` (empty: day and night). ``staff``: whom steps need that name nobody. ``rule``: dispatch rules, the first decides and the next break ties. ``cost`` is money per second,
    ``power`` watts by state, ``price`` money for one more machine. ``location`` names where it stands, for `Mover`; ``luck`` by which
    name its stops are drawn, where that is not its own.
    """

    name: str
    machines: int | None = 1
    unlike: tuple[Machine, ...] = ()
    shift: tuple[str, ...] = ()
    location: str | None = None
    luck: str | None = None
    places: int = 1
    setup: SetupTimes | None = None
    failures: tuple[Failure, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    start_up: StartUp | None = None
    batch: Batch | None = None
    buffer: Amount | None = None
    delay: Distribution | None = None
    delay_shift: tuple[str, ...] = ()
    staff: tuple[Staffing, ...] = ()
    rule: tuple[str, ...] = ()
    sequence: tuple[Turn, ...] = ()
    choose: str = "longest idle"
    price: float | None = None
    power: Mapping[str, float] = field(default_factory=dict)
    cost: float | None = None
    shift_end: Literal["pause", "finish piece"] = "pause"


@dataclass(frozen=True, slots=True)
class Area:
    """Work centers that stop together."""

    name: str
    work_centers: tuple[str, ...]
    failures: tuple[Failure, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A die, gauge, fixture or pallet of which there are `count`."""

    name: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Material:
    """A raw material: money per SI unit (kg, m or piece), stock and reorder rule in that unit.

    ``unit`` is the kind of quantity: ``mass``, ``length``, ``pieces``...; empty where the file does not tell.
    """

    name: str
    unit: str
    price: float | None = None
    supplier: str | None = None
    on_hand: float | None = None
    reorder_at: float | None = None
    reorder_up_to: float | None = None


@dataclass(frozen=True, slots=True)
class Supplier:
    """Who delivers: lead time in seconds, and outages."""

    name: str
    lead_time: Distribution | None = None
    outage_every: Distribution | None = None
    outage_lasts: Distribution | None = None
