"""What is made: products, their routings, demand and release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from plantwright.distributions import Distribution
from plantwright.plant.resources import Amount, Batch, Staffing

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class WorkTime:
    """A time in seconds and what it counts: one piece, one lot or one batch.

    A random time per piece is drawn anew for each piece of a lot; a time per lot once for the lot.
    """

    distribution: Distribution
    per: Literal["piece", "lot", "batch"] = "lot"


@dataclass(frozen=True, slots=True)
class Usage:
    """An amount in SI units (kg, m) or pieces, for each piece, lot or batch; ``of`` is its kind (``mass``, ``pieces``...).

    ``unit`` and ``counted`` are the words of the file: the unit of the amount, and what it is counted for.
    """

    amount: float
    per: Literal["piece", "lot", "batch"] = "lot"
    of: str = "pieces"
    unit: str = field(default="", compare=False)
    counted: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A lot is counted in another unit from then on: `factor` of `unit` for one of the unit before (``counted``, as the file has it)."""

    unit: str
    factor: float
    counted: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of several work centers that can do an operation, with its own time and yield where they differ."""

    center: str
    time: WorkTime | None = None
    yield_: float | None = None


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool that an operation holds for some phases, or until another operation is done."""

    tool: str
    count: int = 1
    phases: tuple[str, ...] = ()
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Rework:
    """The share of lots that go back to an earlier operation, how often at most, and what becomes of them then."""

    share: float
    back_to: str
    at_most: int = 1
    then: Literal["scrap", "go on"] = "go on"


@dataclass(frozen=True, slots=True)
class QueueTime:
    """At most `within` seconds from this operation until that one starts; what happens past it."""

    until: str
    within: float
    past: Literal["scrap", "rework", "report"] = "report"


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a routing.

    ``at``: the work centers that can do it, one or several. ``next``: the steps that may follow with their shares
    (empty: the next in the list). ``share``: the share of lots that need this step at all, and all up to
    ``share_until`` where that names a later one. ``staff``: its own where ``own_staff`` says so, else that of its work center. ``yield_`` applies per
    piece, or to the whole lot where ``scrap`` is ``"lot"``. ``measures``: what is measured, with how it is distributed
    where that is known. ``batch``: how large its batches are, where that is not as its work center says. ``becomes``: the unit into which its lots turn, if one of what it ``gives`` is no material and no
    product.
    """

    name: str
    at: tuple[Alternative, ...]
    time: WorkTime | None = None
    load: WorkTime | None = None
    unload: WorkTime | None = None
    interval: WorkTime | None = None
    staff: tuple[Staffing, ...] = ()
    uses: tuple[ToolUse, ...] = ()
    setup: str | None = None
    yield_: float = 1.0
    scrap: Literal["piece", "lot"] = "piece"
    takes: Mapping[str, Usage] = field(default_factory=dict)
    gives: Mapping[str, Usage] = field(default_factory=dict)
    split: Amount | None = None
    merge: Amount | None = None
    transfer: Amount | None = None
    next: Mapping[str, float] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    share: float = 1.0
    share_until: str | None = None
    rework: Rework | None = None
    defects: Mapping[str, float] = field(default_factory=dict)
    finds: Mapping[str, float] = field(default_factory=dict)
    sample: float = 1.0
    measures: Mapping[str, Distribution | None] = field(default_factory=dict)
    queue_time: QueueTime | None = None
    same_machine_as: str | None = None
    batch: Batch | None = None
    becomes: Conversion | None = None
    own_staff: bool = field(default=False, compare=False)

    @property
    def center(self) -> str:
        """The name of its (first) work center."""
        return self.at[0].center


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked: pieces per ``per`` (a day of the calendar, or a working day), and what becomes of unmet demand.

    ``rate``, ``low`` and ``high`` are pieces per day or working day.
    """

    rate: float
    per: Literal["day", "working day"] = "working day"
    low: float | None = None
    high: float | None = None
    season: Mapping[str, float] = field(default_factory=dict)
    unmet: Literal["lost", "backlog"] = "lost"

    @property
    def range(self) -> Distribution | None:
        """The chance of the rate where a range is given: triangular, most likely what is given as the rate."""
        if self.low is None and self.high is None:
            return None
        low = self.rate if self.low is None else min(self.low, self.rate)
        high = self.rate if self.high is None else max(self.high, self.rate)
        return Distribution("triangular", (low, self.rate, high))

    @property
    def mean(self) -> float:
        """What is asked in the mean."""
        return self.rate if self.range is None else self.range.mean


@dataclass(frozen=True, slots=True)
class Order:
    """One line of an order list: released at `release` (local time), pieces, due, priority; of which product, if the list has several."""

    name: str
    release: datetime
    quantity: float
    due: datetime | None = None
    priority: float = 0.0
    routing: tuple[str, ...] = ()
    product: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """The rule that starts lots of a product.

    ``rule``: ``"demand"`` (at the demand's rate, evenly spaced), ``"every"`` (a lot each ``every`` seconds of the
    calendar), ``"conwip"`` (``cards`` lots in process), ``"orders"`` (a list), ``"saturated"`` (whenever the first work
    center can take one), ``"drum"``. ``due`` is seconds after release; ``first`` when the first lot of ``every`` starts, in
    seconds (None: after one interval), ``most`` how many there are (None: any number).
    ``when_full``: a lot that finds no place before its first work center waits outside, or is lost.
    """

    rule: Literal["demand", "every", "conwip", "orders", "saturated", "drum"] = "demand"
    every: Distribution | None = None
    cards: Amount | None = None
    orders: tuple[Order, ...] = ()
    drum: str | None = None
    rope: float | None = None
    due: float | None = None
    priority: float = 0.0
    label: str | None = None
    first: float | None = None
    most: float | None = None
    when_full: Literal["wait", "lost"] = "wait"


@dataclass(frozen=True, slots=True)
class InitialLot:
    """A lot that stands before an operation at time 0; of which product, if the list has several."""

    operation: str
    quantity: float
    due: datetime | None = None
    priority: float = 0.0
    product: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """What is made and sold.

    ``unit`` names one piece (cell, m, piece); ``lot`` is pieces in a lot, in ``lot_unit`` where
    that is another (its steps turn it into the unit that is sold); ``price`` money for a piece; ``family`` its
    setup family (its own name where none is given). ``releases`` is usually one rule.
    """

    name: str
    routing: tuple[Operation, ...]
    unit: str = "piece"
    lot: float = 1.0
    family: str = ""
    price: float | None = None
    demand: Demand | None = None
    releases: tuple[Release, ...] = (Release(),)
    stock: Amount | None = None
    at_start: tuple[InitialLot, ...] = ()
    lot_unit: str = ""

    def operation(self, name: str) -> Operation:
        """The operation of that name; KeyError where there is none."""
        for operation in self.routing:
            if operation.name == name:
                return operation
        raise KeyError(name)
