"""What a study answers: moves ranked by what they bring, with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from plantwright.simulation.run import Estimate, Run

if TYPE_CHECKING:
    import altair
    import polars

    from plantwright.improvement.reaction import Reaction

SCHEMA = "plantwright.study/1"
Measure = Literal["capacity", "cycle-time", "on-time", "contribution", "cash"]
MONEY = ("cash", "contribution")
"""Measures in money."""
OWN = "own move"
"""The family of the moves that the plant file lists."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What a move may turn out to bring, where nobody knows for sure: some ways, each as likely as the others.

    ``text`` says it in words (``setup time 20 to 60 % shorter, most likely 40 %``); ``shares`` are the size of the effect in each way,
    and ``ways`` the edits of the move in each, in place of its own. A replication of a simulation draws one of them.
    """

    text: str
    shares: tuple[float, ...]
    ways: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A change to the plant, as frozen data: only what a user could write in the plant file.

    ``edits`` maps a path of the plant file (``work centers > coater > machines``) to its new value: text, a list, a
    mapping, or None to take the word away; where the effect is uncertain they are those of its mean, and ``belief`` has the
    others. ``capital`` is money once, ``yearly`` money a year, ``lead_time`` seconds until it works, ``ramp_up`` seconds from then until
    it brings all that it brings, evenly; None where nobody gave it. ``training`` is the time that people are away from work for it, in
    seconds of one person; its wages are in the capital. ``assumed`` names those of these that are a family's and not the user's.
    ``needs`` and ``excludes`` are moves, families or titles that it goes only with, or never with; ``edits`` and ``capital`` of those that
    it needs are in its own.
    """

    name: str
    family: str
    title: str
    edits: Mapping[str, Any]
    capital: float | None = None
    yearly: float | None = None
    lead_time: float | None = None
    ramp_up: float | None = None
    training: float = 0.0
    belief: Belief | None = None
    subject: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    assumed: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnPeople:
    """What a plant asks of its people, before and with a move (each a pair).

    ``headcount``: people. ``overtime``: hours of overtime of one person a week, the most that anyone has. ``nights``: hours between
    22:00 and 06:00 of all people a week. ``peak``: the share of its time that the busiest crew is at work. ``alone``: skills that one
    person only has, by name and level.
    """

    headcount: tuple[float, float]
    overtime: tuple[float, float]
    nights: tuple[float, float]
    peak: tuple[float, float] | None
    alone: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Guarantee:
    """How sure it is that the first move is the best of those tried.

    ``procedure``: how it was selected. ``probability``: promised for a best that is ``zone`` (in ``unit``) better than the others; None where
    nothing is promised. ``simulations``: replications of moves that it took; ``equal``: those that the same number for every move, as
    many as the one with most had, would have taken. ``text`` says it in a sentence.
    """

    procedure: str
    probability: float | None
    zone: float
    unit: str
    simulations: int
    equal: int
    text: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A move that was not simulated, or not ranked, and on which ground."""

    move: Move
    ground: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two moves made together: the effect on the ranking's measure, and how much more that is than the sum of both alone."""

    first: str
    second: str
    effect: Estimate
    interaction: Estimate


@dataclass(frozen=True, slots=True)
class Reading:
    """A number of the plant that would be worth measuring better.

    ``path`` in the plant file; ``readings`` how many; ``regret`` the expected regret of the choice now and after them, in the
    unit of the ranking's measure; ``changes``: the move that would be chosen if it turned out low, and if high.
    """

    path: str
    what: str
    readings: int
    regret: tuple[float, float]
    changes: tuple[str, str]


@dataclass(frozen=True, slots=True)
class RankedMove:
    """A move with its place: paired differences to the plant as it is, on common random numbers.

    ``released``: effects with the plant's own release and demand; ``saturated``: with more work than it can do. Each is
    keyed by measure: ``throughput``, ``sales``, ``cycle time``, ``work in process``, ``on-time share``,
    ``contribution``; an estimate whose mean and interval are the difference. ``sure`` is the chance that the effect on
    the ranking's own measure is for the better. ``tied_with`` names moves that cannot be told apart from it. ``wages`` is
    what paid hours change, money a year, already counted in the contribution; ``capacity`` the saturated throughput with
    the move; ``meets_demand`` says that with it everything asked is sold; ``next_limit`` what holds the plant back then.
    ``cash`` is what it brings over the plant's horizon of money, discounted, less its capital, before its price where nobody gave one;
    ``net_present_value`` the same, None where nobody gave the price;
    ``payback`` the seconds from the spending until it has paid itself back.

    ``shrunk`` is the effect on the ranking's measure as it is to be expected after having been picked out of many (the best of many noisy
    estimates is too good); ``best`` the chance that it is the best of all, ``regret`` how much of the measure is lost in the mean
    by choosing it. ``shares`` splits the variance of its effect in ``luck``, ``records``, ``belief`` and ``demand``. ``at_demand``:
    its effect at ``low``, ``as given`` and ``high`` demand; ``at_variability``: at ``half`` and ``twice`` the variability. ``people``: what
    it does to people. ``ground``: why it was not simulated, or not further; empty where it was.
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
    cash: Estimate | None = None
    payback: float | None = None
    shrunk: Estimate | None = None
    best: float | None = None
    regret: float | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    at_demand: Mapping[str, Estimate] = field(default_factory=dict)
    at_variability: Mapping[str, Estimate] = field(default_factory=dict)
    people: OnPeople | None = None
    ground: str = ""
    replications: int = 0

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
    where machines or people are the limit. ``probes`` prove it. ``partial`` says that it was stopped before every move was simulated. ``left_out`` are moves that were
    not simulated or not ranked, with the ground; ``guarantee`` says how sure the first move is the best; ``pairs`` are moves tried together; ``binding`` the share of time in which each work center or crew
    is what holds the plant back; ``first_at`` the first move at ``low``, ``as given`` and ``high`` demand; ``readings`` what to
    measure better, the most useful first; ``reaction`` how the leading moves fare where orders are not released as they were. ``kept`` is what was simulated, for another study to go on from.
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
    guarantee: Guarantee | None = None
    left_out: tuple[LeftOut, ...] = ()
    pairs: tuple[Pair, ...] = ()
    binding: Mapping[str, float] = field(default_factory=dict)
    first_at: Mapping[str, str] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    reaction: Reaction | None = None
    kept: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def measure_first(self) -> tuple[Flip, ...]:
        """The readings that are worth taking, as what would change the answer."""
        named = {item.move.name: item.move.title for item in self.moves} | {"": "nothing"}
        return tuple(
            Flip(
                f"measure first: {reading.what}",
                "",
                f"if low: {named[reading.changes[0]]}; if high: {named[reading.changes[1]]}",
                f"take {reading.readings} readings" if reading.readings > 1 else "try it on a small scale",
            )
            for reading in self.readings
        )

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
