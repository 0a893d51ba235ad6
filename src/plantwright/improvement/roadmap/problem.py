"""What the programme chooses from: moves with what they cost, bring and need, in money and quarters. No simulation is known here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from plantwright.errors import Problem as Wrong
    from plantwright.improvement.roadmap.sharing import Group

Floats = npt.NDArray[np.float64]
QUARTERS_A_YEAR = 4
FOR_EVER = 400
"""Quarters after which an endless horizon is no longer looked at quarter by quarter; all is in force then."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A move as the programme sees it.

    ``capital`` is money once, in the quarter in which it starts; ``yearly`` money a year from the end of its lead time on. ``lead_time``
    and ``ramp_up`` are quarters. ``effort`` is how much change it is to the plant in each quarter of its lead time (in its first, where it
    has none). ``needs`` are moves that start no later, ``excludes`` moves that are never made with it; ``required``: it must be made.
    """

    name: str
    capital: float = 0.0
    yearly: float = 0.0
    lead_time: float = 0.0
    ramp_up: float = 0.0
    effort: float = 1.0
    needs: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, eq=False)
class Together:
    """What moves bring beyond the sum of each alone, once all of them are in force: money a year, for each scenario.

    ``other`` and ``selling`` as in `Problem`. A single move may stand here, too: what it brings beyond what was thought. In place of a
    move several may stand that do the same: any of them will do.
    """

    moves: tuple[str | tuple[str, ...], ...]
    other: Floats
    selling: Floats

    @property
    def parts(self) -> tuple[tuple[str, ...], ...]:
        """Of each move that must be in force those that will do."""
        return tuple((one,) if isinstance(one, str) else one for one in self.moves)


@dataclass(frozen=True, eq=False)
class Shared:
    """Moves that relieve the same thing: by selling more they bring at most ``most`` together, money a year, for each scenario.

    A move may stand in several, where one lies within the other.
    """

    moves: tuple[str, ...]
    most: Floats


@dataclass(frozen=True, eq=False)
class Problem:
    """Which moves in which quarter, so that the expected net present value is greatest.

    Attributes
    ----------
    moves : tuple of Candidate
    selling, other : array, scenarios x moves
        What each move brings once it is in force, money a year, its yearly cost not gone off: by selling more, and otherwise.
        Scenarios are equally likely.
    ceiling : array, scenarios
        What more could be sold at all, money a year: the parts by ``selling`` bring no more than that together. Infinite for no limit.
    together : tuple of Together
    shared : tuple of Shared
    lowers : array, scenarios x moves, optional
        By how much each move in force lowers the ceiling, money a year: less is asked at a higher price. Below nothing where it raises it.
    quarters : int
        In which a move may start.
    discount : float
        A quarter: what comes after t quarters is worth (1 + discount)^-t today.
    after : float
        So many quarters after the last are counted, too; may be infinite where there is a discount.
    budget : float
        Capital of all; infinite for no limit. ``by_quarter``: in each quarter.
    reinvest : bool
        What the moves have brought in the mean, less their yearly costs, may be spent on others from the next quarter on.
    at_once : float
        The most effort in a quarter.
    tail, least, weight : float
        The mean of the worst `tail` of the scenarios is to be at least `least` (None for no bound), and counts with the `weight` in what
        is made greatest: (1 - weight) mean + weight mean of the worst (conditional value at risk; Rockafellar and Uryasev 2000).
    """

    moves: tuple[Candidate, ...]
    selling: Floats
    other: Floats
    ceiling: Floats
    together: tuple[Together, ...] = ()
    quarters: int = 12
    discount: float = 0.0
    after: float = 0.0
    budget: float = math.inf
    by_quarter: tuple[float, ...] | None = None
    reinvest: bool = False
    at_once: float = math.inf
    tail: float = 0.1
    least: float | None = None
    weight: float = 0.0
    shared: tuple[Shared, ...] = ()
    lowers: Floats | None = None

    def with_budget(self, budget: float) -> Problem:
        """The same problem with another budget."""
        return replace(self, budget=budget)

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each move stands."""
        return {move.name: j for j, move in enumerate(self.moves)}

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups of `shared` as a tree, the demand at its root."""
        from plantwright.improvement.roadmap.sharing import tree

        return tree(self)

    @cached_property
    def weights(self) -> Floats:
        """Discounted years of each period: the quarters, and one for all that is counted after them.

        A quarter that begins after t quarters weighs the integral of (1 + discount)^-u over it, in years.
        """
        rate = math.log1p(self.discount)
        ends = np.append(np.arange(self.quarters + 1.0), self.quarters + self.after)
        years = np.diff(ends) if rate == 0.0 else -np.diff(np.exp(-rate * ends)) / rate
        made: Floats = years / QUARTERS_A_YEAR
        return made

    @cached_property
    def shares(self) -> Floats:
        """moves x start x period: how much of a move is in force, from 0 to 1, in the (discounted) mean of each period."""
        return self._in_force([(move.lead_time, move.ramp_up) for move in self.moves])

    @cached_property
    def paid(self) -> Floats:
        """moves x start x period: the share of each period in which the yearly cost is paid."""
        return self._in_force([(move.lead_time, 0.0) for move in self.moves])

    @cached_property
    def outlay(self) -> Floats:
        """moves x start: capital as it is worth today."""
        factors = (1 + self.discount) ** -np.arange(float(self.quarters))
        made: Floats = np.outer([move.capital for move in self.moves], factors)
        return made

    def _in_force(self, steps: Sequence[tuple[float, float]]) -> Floats:
        made = np.zeros((len(steps), self.quarters, self.quarters + 1))
        # Long after the last quarter all is in force; until then the time after it is looked at quarter by quarter.
        longest = max((lead + ramp for lead, ramp in steps), default=0.0)
        beyond = min(self.after, FOR_EVER, math.ceil(longest) + 1.0)
        edges = np.append(np.arange(0.0, beyond), beyond) + self.quarters
        discounted = (1 + self.discount) ** -((edges[1:] + edges[:-1]) / 2) * np.diff(edges)
        rest = (
            max(0.0, float(self.weights[-1]) * QUARTERS_A_YEAR - float(discounted.sum()))
            if self.after > beyond
            else 0.0
        )
        for j, (lead, ramp) in enumerate(steps):
            for start in range(self.quarters):
                at = np.arange(start, self.quarters + 1.0)
                made[j, start, start : self.quarters] = np.diff(_until(at - start, lead, ramp))
                if self.after > 0:
                    grown = np.diff(_until(edges - start, lead, ramp)) / np.diff(edges)
                    made[j, start, -1] = (grown @ discounted + rest) / (float(discounted.sum()) + rest)
        return made

    @cached_property
    def busy(self) -> Floats:
        """moves: for how many quarters each is being made."""
        return np.array([max(1.0, math.ceil(move.lead_time - 1e-9)) for move in self.moves])

    def wrong(self) -> list[Wrong]:
        """All reasons for which there is no plan at all that can be told without solving."""
        from plantwright.improvement.roadmap.wrong import reasons

        return reasons(self)


def _until(ages: Floats, lead: float, ramp: float) -> Floats:
    """The integral of what is in force from the start to each age, in quarters: nothing in the lead time, then evenly more."""
    working = np.maximum(ages - lead, 0.0)
    if ramp <= 0:
        return working
    growing = np.minimum(working, ramp)
    made: Floats = growing**2 / (2 * ramp) + (working - growing)
    return made
