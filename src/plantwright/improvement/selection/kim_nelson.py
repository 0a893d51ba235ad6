"""The procedure of Kim and Nelson: rule out what is surely not the best, stage by stage, with a promised probability."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plantwright.improvement.selection.table import Enough, Floats, Limits, Sampler, Selection, Table, by_mean
from plantwright.improvement.selection.wanted import at_least, fitting, is_above, is_share, refuse


def eta(error: float, first: int, *, sided: bool = False) -> float:
    """The constant of a comparison of two alternatives that may go wrong with a probability of `error`.

    Solves ``(1 + 2 eta)**(-(first - 1) / 2) / 2 = error`` (Kim and Nelson 2001, g(eta) with c = 1, after Fabian 1974): half the mean of
    exp(-eta chi2) with ``first - 1`` degrees of freedom, the chance that a Brownian motion leaves a triangle on the wrong side. With
    `sided` without the half: the chance that it ever crosses the line below, with nothing above at which it would have stopped.
    """
    return (math.pow(error if sided else 2 * error, -2 / (first - 1)) - 1) / 2


def paired_variances(values: Floats) -> Floats:
    """The variance of the paired difference of any two columns (columns x columns)."""
    centred = values - values.mean(axis=0)
    spread = np.array([((centred - centred[:, [i]]) ** 2).sum(axis=0) for i in range(values.shape[1])])
    return np.reshape(spread, (values.shape[1], values.shape[1])) / (len(values) - 1)


@dataclass(frozen=True)
class KimNelson:
    """The fully sequential procedure KN on common random numbers.

    With `probability` the best is chosen, if it is at least `zone` better than every other. Each alternative is simulated `first` times; the
    variances of all paired differences follow from these. Then, after each further `batch` of replications, whoever is behind another by more than

        W = max(0, zone / (2 r) x (h2 S2 / zone**2 - r)),   h2 = 2 eta (first - 1)

    after r replications is ruled out (S2: variance of their paired difference), until one is left. S.-H. Kim and B. L. Nelson (2001): A fully
    sequential procedure for indifference-zone selection in simulation, ACM Transactions on Modeling and Computer Simulation 11, 251-273;
    with c = 1. Errors of comparisons are added up, not multiplied, as common luck asks for.

    The proof embeds the sums of differences in a Brownian motion, which is watched all the time; who looks less often is wrong less often (Jennison,
    Johnstone and Turnbull 1982). So a batch of more than one keeps the promise, and costs replications of those that could have been ruled out.

    Parameters
    ----------
    probability : float
        Between 1 / alternatives and 1.
    zone : float
        The smallest difference that matters, in the unit of the values.
    first : int
        Replications of each alternative before anyone is ruled out; at least 2. With less than 10 the constant grows fast.
    batch : int
        Replications in each stage after it.
    """

    probability: float
    zone: float
    first: int = 10
    batch: int = 1

    def __post_init__(self) -> None:
        refuse(
            is_share("probability", self.probability),
            is_above("zone", self.zone, 0),
            at_least("first", self.first, 2),
            at_least("batch", self.batch, 1),
        )

    def run(
        self,
        sampler: Sampler,
        k: int,
        *,
        table: Table | None = None,
        most: int | None = None,
        enough: Enough | None = None,
        at_once: int | None = None,
    ) -> Selection:
        """Choose one of `k` alternatives.

        Parameters
        ----------
        table : Table, optional
            Values that are there already, to which others are added. Run again with the same table the procedure takes the same way and
            asks only for what it does not have; with ``enough=lambda: True`` it answers from the table alone.
        most, enough, at_once
            As in `Limits`. Where they stop it, the answer holds the best mean, who is still in, and the zone that was `reached`.

        Raises InputError where the probability is not above 1 / `k`.
        """
        refuse(fitting(self.probability, k))
        table = Table(k) if table is None else table
        race = _Race(self, table, sampler, Limits(most, enough, at_once))
        return race.answer(race.decide())


class _Race:
    """One run of the procedure: who is still in, after how many replications."""

    def __init__(self, rule: KimNelson, table: Table, sampler: Sampler, limits: Limits) -> None:
        self.rule, self.table, self.sampler, self.limits = rule, table, sampler, limits
        self.alive = np.flatnonzero(~table.lost)
        self.eliminated: dict[int, tuple[int, int]] = {}
        self.error = (1 - rule.probability) / max(1, table.alternatives - 1)
        self.variances: Floats | None = None

    def decide(self) -> bool:
        """Rule out until one is left; False where a limit came before."""
        rule, table = self.rule, self.table
        r = rule.first
        if len(self.alive) <= 1:
            return True
        if not self._fill(r):
            return False
        self.variances = np.full((table.alternatives, table.alternatives), np.nan)
        self.variances[np.ix_(self.alive, self.alive)] = paired_variances(table.values[:r, self.alive])
        sums = table.values[:r, self.alive].sum(axis=0)
        while True:
            sums = sums[self._rule_out(sums / r, r)]
            if len(self.alive) <= 1:
                return True
            before = self.alive
            if not self._fill(r + rule.batch):
                return False
            sums = sums[np.isin(before, self.alive)] + table.values[r : r + rule.batch, self.alive].sum(axis=0)
            r += rule.batch

    def _fill(self, upto: int) -> bool:
        filled = self.table.fill(self.sampler, self.alive.tolist(), upto, self.limits)
        self.alive = self.alive[~self.table.lost[self.alive]]
        return filled

    def _rule_out(self, means: Floats, r: int) -> npt.NDArray[np.bool_]:
        """Who stays, of those that are in. Of equals of which nothing is left to be learnt the first stays."""
        assert self.variances is not None
        rule, alive = self.rule, self.alive
        if len(alive) <= 1:
            return np.ones(len(alive), bool)
        h2 = 2 * eta(self.error, rule.first) * (rule.first - 1)
        wait = self.variances[np.ix_(alive, alive)] * (h2 / (2 * r * rule.zone)) - rule.zone / 2
        lead = means - np.maximum(0, wait)
        np.fill_diagonal(lead, -np.inf)
        by = lead.argmax(axis=1)
        stays: npt.NDArray[np.bool_] = means >= lead.max(axis=1)
        for i in np.flatnonzero(stays & (means == lead.max(axis=1))):
            equal = np.flatnonzero((lead[i] == means[i]) & (wait[i] <= 0) & stays)
            if len(equal) and equal[0] < i:
                stays[i], by[i] = False, equal[0]
        for i in np.flatnonzero(~stays):
            self.eliminated[int(alive[i])] = (r, int(alive[by[i]]))
        self.alive = alive[stays]
        return stays

    def answer(self, decided: bool) -> Selection:
        table, rule = self.table, self.rule
        survivors = by_mean(self.alive.tolist(), table.means())
        if not survivors:
            raise ValueError("no alternative could be simulated")
        best = survivors[0]
        reached = self._reached(best)
        return Selection(
            procedure="Kim-Nelson",
            best=best,
            survivors=survivors,
            decided=decided,
            probability=rule.probability,
            zone=rule.zone if decided else reached,
            reached=reached,
            simulations=table.simulations,
            equal=int((~table.lost).sum() * table.counts.max(initial=0)),
            eliminated=self.eliminated,
        )

    def _reached(self, best: int) -> float:
        """How far the best of all may be ahead of the chosen one at most, with the promised probability.

        A sum of paired differences with a mean of D each ever falls below the line -h2 S2 / (2 D) + D r / 2 with a probability of at most `error`
        (`eta` with ``sided``). If it did not, D is below the zone that puts the line where the sum is after r replications. The line may
        be crossed at any time, so this holds whenever and for whatever reason one stops; and for all alternatives at once, as
        errors are added up.
        """
        if self.variances is None:
            return math.inf if len(self.alive) > 1 else 0.0
        table, first = self.table, self.rule.first
        h2 = 2 * eta(self.error, first, sided=True) * (first - 1)
        widest = 0.0
        for i in np.flatnonzero(~table.lost):
            if i != best:
                r = int(min(table.counts[best], table.counts[i]))
                ahead = float((table.values[:r, best] - table.values[:r, i]).mean())
                widest = max(widest, -ahead + math.sqrt(ahead**2 + h2 * self.variances[best, i] / r))
        return widest
