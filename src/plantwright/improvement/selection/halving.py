"""Sequential halving: the best guess that a given number of simulations buys."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plantwright.improvement.selection.table import Enough, Limits, Sampler, Selection, Table, by_mean
from plantwright.improvement.selection.wanted import at_least, refuse


@dataclass(frozen=True)
class SequentialHalving:
    """Half of the alternatives is left behind in each round, and each round may use as much of what is left of the budget.

    The better half by the mean of all replications so far stays. Z. Karnin, T. Koren and O. Somekh (2013): Almost optimal exploration in multi-armed
    bandits, ICML; there each round starts anew and luck is not common. Nothing is promised.

    Parameters
    ----------
    budget : int
        Simulations in all, those in the table counted; at least one for each alternative.
    """

    budget: int

    def __post_init__(self) -> None:
        refuse(at_least("budget", self.budget, 1))

    def run(
        self,
        sampler: Sampler,
        k: int,
        *,
        table: Table | None = None,
        enough: Enough | None = None,
        at_once: int | None = None,
    ) -> Selection:
        """Choose one of `k` alternatives; parameters as in `KimNelson.run`. Raises InputError where the budget is below `k`."""
        refuse(at_least("budget", self.budget, k))
        table = Table(k) if table is None else table
        limits = Limits(None, enough, at_once)
        alive: tuple[int, ...] = tuple(i for i in range(k) if not table.lost[i])
        spent, r, decided = 0, 0, True
        while len(alive) > 1:
            rounds = math.ceil(math.log2(len(alive)))
            more = max(1, (self.budget - spent) // (len(alive) * rounds))
            more = min(more, (self.budget - spent) // len(alive))
            if more < 1 or not table.fill(sampler, alive, r + more, limits):
                decided = False
                break
            r, spent = r + more, spent + more * len(alive)
            alive = tuple(i for i in alive if not table.lost[i])
            means = table.means() if r == table.counts.max() else table.values[:r].mean(axis=0)
            alive = by_mean(alive, means)[: math.ceil(len(alive) / 2)]
        if not alive:
            raise ValueError("no alternative could be simulated")
        survivors = by_mean(alive, table.means())
        return Selection(
            procedure="sequential halving",
            best=survivors[0],
            survivors=survivors,
            decided=decided,
            probability=None,
            zone=math.inf,
            reached=math.inf,
            simulations=table.simulations,
            equal=int((~table.lost).sum() * table.counts.max(initial=0)),
        )
