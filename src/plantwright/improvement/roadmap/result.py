"""What a roadmap answers: which move in which quarter, the cash by quarter, what it is worth, and how far the engine agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from plantwright.improvement.study import Move
from plantwright.simulation.run import Estimate

if TYPE_CHECKING:
    import altair
    import polars

SCHEMA = "plantwright.roadmap/1"


@dataclass(frozen=True, slots=True)
class Step:
    """A move on the roadmap.

    ``quarter`` counts from 1 and is when it is bought and begun, on ``begins``; it is in force from ``in_force`` on and brings all
    that it brings from ``full`` on. ``effect`` is what it brings alone, money a year, as the study measured it.
    """

    quarter: int
    move: Move
    capital: float
    begins: date
    in_force: date
    full: date
    effect: Estimate


@dataclass(frozen=True, slots=True)
class Cash:
    """The money of one quarter.

    ``capital`` is spent; ``mean`` is what the moves bring more than the plant as it is, in the mean of the scenarios; ``low`` and ``high``
    are the points below which a tenth and nine tenths of them lie; ``simulated`` is what the engine has (None where it was stopped before).
    """

    quarter: int
    begins: date
    capital: float
    mean: float
    low: float
    high: float
    simulated: Estimate | None


@dataclass(frozen=True, slots=True)
class FrontierStep:
    """What a budget is worth: the ``value`` of its best plan, the mean of its ``worst`` scenarios, its moves and the ``first`` bought."""

    budget: float
    value: float
    worst: float
    capital: float
    gap: float
    moves: tuple[str, ...]
    first: str | None


@dataclass(frozen=True, slots=True)
class Round:
    """One round of choosing and simulating: the moves chosen, their net present value as the sum of the parts and as the engine has
    it (all as given), how far these differ as a share, and what was learnt from that. ``within``: half of the interval of what was
    simulated, as a share of it, from so many ``replications``.
    """

    moves: tuple[str, ...]
    by_parts: float
    simulated: float
    differs: float
    learnt: tuple[str, ...] = ()
    replications: int = 0
    within: float = 0.0


@dataclass(frozen=True)
class Roadmap:
    """Which moves, in which quarter.

    ``value`` is the net present value that the engine has for the sequence, demand and effects as given, its interval over replications
    (None where it was stopped before that). Over scenarios of demand, belief and luck ``expected`` is the mean, ``low`` and ``high`` the
    points below which a tenth and nine tenths lie, ``worst`` the mean of the worst ``tail`` of them, ``loses`` the share below nothing. ``bound`` is what no plan can bring more than, ``gap`` how far that is above this one; ``agrees`` whether the engine and the
    sum of the parts agree within ``agreement``. ``left_out`` says why moves of the study were not considered. ``assumed`` are figures that
    nobody gave. ``partial``: it was stopped, and this is the best so far.
    """

    name: str
    plant: str
    trust: str
    currency: str
    budget: float
    quarters: int
    steps: tuple[Step, ...]
    cash: tuple[Cash, ...]
    value: Estimate | None
    expected: float
    low: float
    high: float
    worst: float
    tail: float
    loses: float
    bound: float
    gap: float
    frontier: tuple[FrontierStep, ...]
    rounds: tuple[Round, ...]
    agreement: float
    agrees: bool
    in_one_run: bool = True
    partial: bool = False
    left_out: Mapping[str, str] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    not_simulated: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""

    @property
    def capital(self) -> float:
        """The money that is spent once, in all."""
        return sum(step.capital for step in self.steps)

    def to_dict(self) -> dict[str, Any]:
        """The roadmap as the JSON document that programs read."""
        from plantwright.improvement.roadmap.show import roadmap_dict

        return roadmap_dict(self)

    def table(self, name: str = "steps") -> polars.DataFrame:
        """``steps``, ``cash``, ``frontier`` or ``rounds`` as a Polars frame."""
        from plantwright.improvement.roadmap.show import roadmap_table

        return roadmap_table(self, name)

    def chart(self, name: str = "steps") -> altair.Chart | altair.LayerChart:
        """``steps`` on an axis of time, or the ``frontier`` of value against budget."""
        from plantwright.improvement.roadmap.show import roadmap_chart

        return roadmap_chart(self, name)

    def __str__(self) -> str:
        from plantwright.improvement.roadmap.show import roadmap_text

        return roadmap_text(self)
