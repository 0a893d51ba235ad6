"""What a study answers: moves ranked by what they bring, with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from plantwright.simulation.run import Estimate, Run

if TYPE_CHECKING:
    import altair
    import polars

SCHEMA = "plantwright.study/1"
Measure = Literal["capacity", "cycle-time", "on-time", "contribution"]


@dataclass(frozen=True, slots=True)
class Move:
    """A change to the plant, as frozen data: only what a user could write in the plant file.

    ``edits`` maps a path of the plant file (``work centers > coater > machines``) to its new value: text, a list, a
    mapping, or None to take the word away. ``capital`` is money once, ``yearly`` money a year, ``lead_time`` seconds;
    None where nobody gave it. ``effect`` is the range, low to high, of how much of the change may come true (a faster
    machine that is 8 to 12 % faster: ``(0.8, 1.2)`` of the 10 %).
    """

    name: str
    family: str
    title: str
    edits: Mapping[str, Any]
    capital: float | None = None
    yearly: float | None = None
    lead_time: float | None = None
    effect: tuple[float, float] = (1.0, 1.0)
    subject: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class RankedMove:
    """A move with its place: paired differences to the plant as it is, on common random numbers.

    ``released``: effects with the plant's own release and demand; ``saturated``: with more work than it can do. Each is
    keyed by measure: ``throughput``, ``sales``, ``cycle time``, ``work in process``, ``on-time share``,
    ``contribution``; an estimate whose mean and interval are the difference. ``sure`` is the chance that the effect on
    the ranking's own measure is for the better. ``tied_with`` names moves that cannot be told apart from it. ``wages`` is
    what paid hours change, money a year, already counted in the contribution; ``capacity`` the saturated throughput with
    the move; ``meets_demand`` says that with it everything asked is sold; ``next_limit`` what holds the plant back then.
    ``net_present_value`` is what it brings over the plant's horizon of money, discounted, less its capital, where that can be told.
    """

    rank: int
    move: Move
    released: Mapping[str, Estimate]
    saturated: Mapping[str, Estimate]
    sure: float
    tied_with: tuple[str, ...] = ()
    verdict: Literal["do now", "if you spend", "do not buy", "no effect", "harms"] = "no effect"
    next_limit: str | None = None
    wages: float | None = None
    capacity: float | None = None
    meets_demand: bool = False
    spends: bool = True
    net_present_value: Estimate | None = None

    @property
    def cost_per_year(self) -> float | None:
        """What the move costs each year: its own yearly cost and its wages; None where neither is known."""
        known = [amount for amount in (self.move.yearly, self.wages) if amount is not None]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class Probe:
    """What relief of one thing brings: its machines or people doubled, in a saturated run; paired difference of throughput."""

    kind: Literal["machines", "people"]
    subject: str
    gain: Estimate


@dataclass(frozen=True, slots=True)
class Limit:
    """What holds the plant back: its kind, its name, and the hand arithmetic that proves it.

    ``kind``: demand, machines, people, material, release or unknown. ``subject`` names a work center or crew.
    ``arithmetic`` is a line such as ``7.5 h / 1.5 h = 5 lots x 64 x 97 % = 310``; ``by_hand`` its result in the unit
    of throughput, to be held against the simulated ``capacity``.
    """

    kind: Literal["demand", "machines", "people", "material", "release", "unknown"]
    subject: str
    arithmetic: str = ""
    by_hand: float | None = None
    tied_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flip:
    """What would change the answer: a number of the plant, the value at which the first move changes, and to what."""

    what: str
    threshold: str
    then: str
    measure_by: str = ""


@dataclass(frozen=True)
class Study:
    """The ranking of moves on one plant.

    ``limit`` is what limits the plant as it is; ``capacity_limit`` what would limit it with work enough, which is the same
    where machines or people are the limit. ``probes`` prove it. ``measure_first`` names numbers that nobody measured and on
    which a tie at the top hangs. ``partial`` says that it was stopped before every move was simulated.
    """

    baseline: Run
    saturated: Run
    by: Measure
    limit: Limit
    moves: tuple[RankedMove, ...]
    flips: tuple[Flip, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    partial: bool = False
    capacity_limit: Limit | None = None
    probes: tuple[Probe, ...] = ()
    measure_first: tuple[Flip, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The study as the JSON document that programs read."""
        from plantwright.improvement.show import study_dict

        return study_dict(self)

    def table(self, name: str = "moves") -> polars.DataFrame:
        """``moves`` or ``probes`` as a Polars frame."""
        from plantwright.improvement.show import study_table

        return study_table(self, name)

    def chart(self, name: str = "moves") -> altair.Chart | altair.LayerChart:
        """The moves as intervals on one axis."""
        from plantwright.improvement.show import study_chart

        return study_chart(self, name)

    def __str__(self) -> str:
        from plantwright.improvement.show import study_text

        return study_text(self)
