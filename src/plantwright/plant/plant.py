"""The plant: everything in a plant file, validated and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from plantwright.distributions import Distribution
from plantwright.plant.calendar import Shift
from plantwright.plant.once import Once
from plantwright.plant.posterior import Posterior
from plantwright.plant.products import Product
from plantwright.plant.resources import Amount, Area, Crew, Material, Supplier, Tool, Turn, WorkCenter

if TYPE_CHECKING:
    from plantwright.plant.document import Document

Trust = Literal["sketch", "totals matched", "weeks predicted", "move verified"]


@dataclass(frozen=True, slots=True)
class Lane:
    """A buffer with a name, shared by the work centers it feeds; `transit` in seconds."""

    name: str
    capacity: Amount | None
    transit: float = 0.0
    feeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """A kanban or CONWIP loop over part of a routing."""

    name: str
    cards: Amount
    start: str
    until: str


@dataclass(frozen=True, slots=True)
class PacedLine:
    """Stations that index together every `index` seconds."""

    name: str
    index: float
    stations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mover:
    """What carries lots: a fleet of `count` vehicles, with speed in m/s and distances in m between work centers; or movers of which there are
    always enough, which take `time` seconds from a work center at one of the locations `start` to one at `end`.
    """

    name: str
    count: int = 0
    speed: float | None = None
    distances: Mapping[tuple[str, str], float] = field(default_factory=dict)
    time: Distribution | None = None
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A dated change of one value of the plant file."""

    on: datetime
    path: str
    to: Any


@dataclass(frozen=True, slots=True)
class Totals:
    """What the owner knows of the plant as a whole, to be compared with what is simulated.

    ``throughput`` is (quantity, pieces or lots, seconds it covers); ``cycle_time`` seconds; ``late`` a share;
    ``work_in_process`` an amount.
    """

    throughput: tuple[float, Literal["piece", "lot"], float] | None = None
    cycle_time: float | None = None
    late: float | None = None
    work_in_process: Amount | None = None


@dataclass(frozen=True, slots=True)
class Foretold:
    """One distance of a hold-out from what happened: of the model and of past orders replayed and cut off as the log is, each with the
    width of its 95 % interval.
    """

    model: float
    width: float
    replay: float
    replay_width: float

    @property
    def predicts(self) -> bool:
        """Whether the model is no farther than replay, and more surely so."""
        return self.model <= self.replay and self.width < self.replay_width


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What plants made of the first parts of this plant's log foretold of the rest, by the five published log distances.

    ``of`` is of which content (`content.content_of`) that was found; of a plant that was changed since, it says nothing.
    """

    windows: int
    n_gram: Foretold
    absolute: Foretold
    circadian: Foretold
    relative: Foretold
    cycle_time: Foretold
    of: str = ""

    @property
    def predicts(self) -> bool:
        """Whether all five distances are no worse than by replay, and surer."""
        return all(one.predicts for one in (self.n_gram, self.absolute, self.circadian, self.relative, self.cycle_time))


@dataclass(frozen=True, slots=True)
class OwnMove:
    """A move that the user wrote: paths of the plant file and their new values, cost, lead time, ties to others.

    ``cost_per_year`` is money a year, times are in seconds. ``training`` is how long people are away from work for it, all together.
    ``effect`` is the share of the change of its numbers that comes true.
    """

    name: str
    edits: Mapping[str, Any]
    cost: float | None = None
    cost_per_year: float | None = None
    lead_time: float | None = None
    only_with: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()
    ramp_up: float | None = None
    training: float = 0.0
    effect: Distribution | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """How money is counted: discount rate a year, horizon in seconds, price of energy per joule."""

    discount: float | None = None
    horizon: float | None = None
    energy: float | None = None


@dataclass(frozen=True, slots=True)
class Guess:
    """A number that nobody measured: its path, the range in which calibration may move it, if given, and the number itself (SI)."""

    path: str
    low: float | None = None
    high: float | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """A number that was given as a distribution where the model keeps one number: its path; the model keeps the mean."""

    path: str
    distribution: Distribution


@dataclass(frozen=True, slots=True)
class FamilyDefault:
    """What a family's moves cost, need and bring where nothing else says so; ``cost_per_year`` money a year, times in seconds.

    ``effect`` is the size of their effect as a share.
    """

    name: str
    cost: float | None = None
    cost_per_year: float | None = None
    lead_time: float | None = None
    only_with: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()
    ramp_up: float | None = None
    effect: Distribution | None = None


@dataclass(frozen=True, slots=True)
class Plant:
    """One model of a plant. Build it with `plantwright.plant.read_plant`; change it with `changed`."""

    name: str
    products: Mapping[str, Product]
    work_centers: Mapping[str, WorkCenter]
    people: Mapping[str, Crew] = field(default_factory=dict)
    shifts: Mapping[str, Shift] = field(default_factory=dict)
    areas: Mapping[str, Area] = field(default_factory=dict)
    tools: Mapping[str, Tool] = field(default_factory=dict)
    materials: Mapping[str, Material] = field(default_factory=dict)
    suppliers: Mapping[str, Supplier] = field(default_factory=dict)
    buffers: Mapping[str, Lane] = field(default_factory=dict)
    loops: Mapping[str, Loop] = field(default_factory=dict)
    lines: Mapping[str, PacedLine] = field(default_factory=dict)
    transport: Mapping[str, Mover] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    totals: Totals | None = None
    hold_out: HeldOut | None = None
    money: Money = Money()
    limits: Mapping[str, float] = field(default_factory=dict)
    moves: Mapping[str, OwnMove] = field(default_factory=dict)
    banned: tuple[str, ...] = ()
    family_defaults: Mapping[str, FamilyDefault] = field(default_factory=dict)
    rule: tuple[str, ...] = ()
    sequence: tuple[Turn, ...] = ()
    posterior: Posterior | None = None
    currency: str | None = None
    time_zone: str = "UTC"
    start: datetime = datetime(2026, 1, 5)
    guesses: tuple[Guess, ...] = ()
    spreads: tuple[Spread, ...] = ()
    document: Document | None = field(default=None, compare=False, repr=False)

    def release_rules(self) -> frozenset[str]:
        """The rules that start its lots: ``demand``, ``every``, ``orders``, ``conwip``, ``saturated``, ``drum``."""
        return frozenset(release.rule for product in self.products.values() for release in product.releases)

    def families(self) -> tuple[str, ...]:
        """Names of the setup families and setups that lots can need, in the order in which they appear."""
        return tuple(dict.fromkeys(name for product in self.products.values() for name in _families_of(product)))


@Once
def _families_of(product: Product) -> tuple[str, ...]:
    """The names of the setups that lots of one product need, in the order in which they appear."""
    return tuple(dict.fromkeys(operation.setup or product.family or product.name for operation in product.routing))


__all__ = ["Distribution", "Plant", "Trust"]
