"""The problem as a mixed-integer programme, in few columns: what is in force of each move in each period, not each scenario.

What all moves together bring by selling more is, in the mean of the scenarios, a concave function of what is in force: each scenario
brings the smaller of what could be sold and what the demand leaves. So is the mean of the worst scenarios. Neither needs a
row for each scenario: each is held from above by tangent planes, made where the last answer lay (Kelley 1960). What the programme
finds is never below the truth, so it is a bound, and the bound comes down to it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from plantwright.improvement.roadmap.cash import Starts, matrices, tail_weights
from plantwright.improvement.roadmap.problem import Floats, Problem
from plantwright.improvement.roadmap.sharing import brought, slopes, tangent, tree


@dataclass
class Rows:
    """Rows of a sparse matrix with their bounds, one after another."""

    row: list[Any] = field(default_factory=list)
    column: list[Any] = field(default_factory=list)
    value: list[Any] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def add(self, columns: Any, values: Any, low: float = -np.inf, high: float = np.inf) -> None:
        """One row: low <= values @ columns <= high."""
        columns = np.asarray(columns, np.int64)
        self.row.append(np.full(len(columns), len(self.low)))
        self.column.append(columns)
        self.value.append(np.broadcast_to(np.asarray(values, float), columns.shape))
        self.low.append(low)
        self.high.append(high)

    def matrix(self, columns: int) -> Any:
        """All rows as a sparse matrix."""
        from scipy.sparse import csr_array

        if not self.low:
            return csr_array((0, columns))
        triple = (np.concatenate(self.value), (np.concatenate(self.row), np.concatenate(self.column)))
        return csr_array(triple, shape=(len(self.low), columns))


@dataclass(frozen=True, eq=False)
class Plane:
    """A tangent plane over what is in force: at most ``at`` @ force + ``free`` (of one period, or of all for the worst)."""

    at: Floats
    free: float


class Programme:
    """The columns and rows of a problem; planes are added as they are found, and hold for every budget and bound on risk.

    Columns, in order: whether each move starts in each quarter; what is in force of each item in each period; what selling more
    brings in each period; the mean of the worst scenarios. Money is counted in `scale`, so that numbers are near one.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.moves, self.quarters = len(problem.moves), problem.quarters
        self.periods = problem.quarters + 1
        self.items = self.moves + len(problem.together)
        selling, other = matrices(problem)
        largest = max(float(np.abs(selling).max(initial=0.0)), float(np.abs(other).max(initial=0.0)))
        self.scale = max(largest, max((move.capital for move in problem.moves), default=0.0), 1e-9)
        self.selling, self.other = selling / self.scale, other / self.scale
        self.ceiling = problem.ceiling / self.scale
        self.groups = tree(problem, self.scale)
        self.first_force = self.moves * self.quarters
        self.first_sold = self.first_force + self.items * self.periods
        self.worst = self.first_sold + self.periods
        self.columns = self.worst + 1
        self.minds_risk = problem.least is not None or problem.weight > 0
        self.planes: list[Plane] = []
        self.worst_planes: list[Plane] = []
        self._kept: tuple[float, Any] | None = None
        self._fixed = self._rules()
        self.costs = self._costs()

    def start(self, j: Any, s: Any) -> Any:
        """The column that says whether move j starts in quarter s."""
        return np.asarray(j) * self.quarters + np.asarray(s)

    def force(self, i: Any, p: Any) -> Any:
        """The column of what is in force of item i in period p."""
        return self.first_force + np.asarray(i) * self.periods + np.asarray(p)

    def _costs(self) -> Floats:
        """What each start costs in today's money: capital, and its yearly cost until the end."""
        problem = self.problem
        yearly = np.array([move.yearly for move in problem.moves])
        made: Floats = (problem.outlay + yearly[:, None] * (problem.paid @ problem.weights)) / self.scale
        return made

    def objective(self) -> Floats:
        """What is made greatest."""
        weights, share = self.problem.weights, 1 - self.problem.weight
        made = np.zeros(self.columns)
        made[: self.first_force] = -share * self.costs.ravel()
        made[self.first_force : self.first_sold] = share * np.outer(self.other.mean(axis=0), weights).ravel()
        made[self.first_sold : self.worst] = share * weights
        made[self.worst] = self.problem.weight
        return made

    def _rules(self) -> Rows:
        """What holds whatever the budget: each move once, what is in force follows from the starts, needs and excludes, effort."""
        problem, rows = self.problem, Rows()
        quarters = np.arange(self.quarters)
        for j, move in enumerate(problem.moves):
            rows.add(self.start(j, quarters), 1.0, low=1.0 if move.required else 0.0, high=1.0)
            for p in range(self.periods):
                share = problem.shares[j, :, p]
                held = np.flatnonzero(share)
                rows.add([self.force(j, p), *self.start(j, held)], [1.0, *(-share[held])], low=0.0, high=0.0)
            for name in move.needs:
                k = problem.place[name]
                for s in quarters:
                    before = quarters[: s + 1]
                    rows.add(
                        [*self.start(j, before), *self.start(k, before)], [*np.ones(s + 1), *-np.ones(s + 1)], high=0.0
                    )
        for j, k in _pairs(problem):
            rows.add([*self.start(j, quarters), *self.start(k, quarters)], 1.0, high=1.0)
        if np.isfinite(problem.at_once):
            for q in quarters:
                columns, values = [], []
                for j, move in enumerate(problem.moves):
                    making = quarters[max(0, q + 1 - int(problem.busy[j])) : q + 1]
                    columns += list(self.start(j, making))
                    values += [move.effort] * len(making)
                rows.add(columns, values, high=problem.at_once)
        for number, item in enumerate(problem.together):
            self._together(rows, self.moves + number, [[problem.place[name] for name in part] for part in item.parts])
        return rows

    def _together(self, rows: Rows, item: int, parts: Sequence[Sequence[int]]) -> None:
        """A set of moves is in force as much as the member that is least so, of moves that do the same the one that is most so."""
        for p in range(self.periods):
            for part in parts:
                rows.add([self.force(item, p), *self.force(part, p)], [1.0, *(-1.0 for _ in part)], high=0.0)
        if self._may_cost(item):
            for members in itertools.product(*parts):
                self._at_least(rows, item, members)

    def _at_least(self, rows: Rows, item: int, members: Sequence[int]) -> None:
        """An item is in force at least as much as the least of these moves."""
        shares = self.problem.shares
        for p in range(self.periods):
            for level in np.unique(shares[list(members)][:, :, p]):
                if level <= 0:
                    continue
                # Once every member has started by the latest quarter that brings it to this level, so much is in force.
                latest = [int(np.flatnonzero(shares[j, :, p] >= level - 1e-12).max(initial=-1)) for j in members]
                if min(latest) < 0:
                    continue
                starts = [self.start(j, s) for j, last in zip(members, latest, strict=True) for s in range(last + 1)]
                values = [-level] * len(starts)
                rows.add([self.force(item, p), *starts], [1.0, *values], low=-level * (len(members) - 1))

    def _may_cost(self, item: int) -> bool:
        return bool((self.selling[:, item] < 0).any() or (self.other[:, item] < 0).any())

    def _money(self, rows: Rows, budget: float) -> None:
        """What may be spent: in all, in each quarter, and out of what was brought before."""
        problem = self.problem
        capital = np.array([move.capital for move in problem.moves]) / self.scale
        quarters = np.arange(self.quarters)
        spends = np.flatnonzero(capital)
        for q in quarters if problem.by_quarter is not None else ():
            assert problem.by_quarter is not None
            rows.add(self.start(spends, q), capital[spends], high=problem.by_quarter[q] / self.scale)
        if not np.isfinite(budget):
            return
        for q in quarters if problem.reinvest else quarters[-1:]:
            columns = [self.start(j, s) for j in spends for s in range(q + 1)]
            values = [capital[j] for j in spends for _ in range(q + 1)]
            if problem.reinvest and q:
                yearly = np.array([move.yearly for move in problem.moves]) / self.scale
                for p in range(q):
                    columns += [*self.force(np.arange(self.items), p), self.first_sold + p]
                    values += [*(-self.other.mean(axis=0) / 4), -0.25]
                    for j in np.flatnonzero(yearly):
                        held = np.flatnonzero(problem.paid[j, :, p])
                        columns += list(self.start(j, held))
                        values += list(yearly[j] * problem.paid[j, held, p] / 4)
            rows.add(columns, values, high=budget / self.scale)

    def look(self, values: Floats) -> Floats:
        """items x periods: what is in force in an answer."""
        made: Floats = values[self.first_force : self.first_sold].reshape(self.items, self.periods)
        return made

    def brought(self, force: Floats) -> Floats:
        """periods: what selling more brings in the mean of the scenarios, in truth."""
        made: Floats = brought(self.groups, self.selling, force).mean(axis=0)
        return made

    def scenarios(self, force: Floats, starts: Floats) -> Floats:
        """scenarios: the net present value of what is in force with these starts (moves x quarters, which may be broken)."""
        each = brought(self.groups, self.selling, force) + self.other @ force
        made: Floats = each @ self.problem.weights - float((self.costs * starts).sum())
        return made

    def tighten(self, values: Floats, precision: float) -> bool:
        """Add the tangent planes at an answer where it promised more than the truth; False where it did not."""
        force = self.look(values)
        sold, weights = self.brought(force), self.problem.weights
        told = values[self.first_sold : self.worst]
        added = False
        counts, free, reached = tangent(self.groups, self.selling, force)
        alike = np.full(len(self.selling), 1 / len(self.selling))
        slope = slopes(self.groups, self.selling, counts, alike, reached)
        for p in np.flatnonzero((told > sold + precision / self.periods / np.maximum(weights, 1e-9)) & (weights > 0)):
            self.planes.append(Plane(slope[:, p], float(free[:, p].mean())))
            added = True
        if self.minds_risk:
            starts = values[: self.first_force].reshape(self.moves, self.quarters)
            each = self.scenarios(force, starts)
            tail = tail_weights(each, self.problem.tail)
            if values[self.worst] > float(tail @ each) + precision:
                self.worst_planes.append(self._worst_plane(force, tail))
                added = True
        return added

    def _worst_plane(self, force: Floats, tail: Floats) -> Plane:
        counts, free, reached = tangent(self.groups, self.selling, force)
        slope = slopes(self.groups, self.selling, counts, tail, reached) + (tail @ self.other)[:, None]
        weights = self.problem.weights
        return Plane((slope * weights).ravel(), float(tail @ free @ weights))

    def constraint(self, budget: float, least: float | None) -> Any:
        """All rows as SciPy takes them."""
        from scipy.optimize import LinearConstraint
        from scipy.sparse import vstack

        if self._kept is None or self._kept[0] != budget:
            fixed = Rows(*(list(part) for part in vars(self._fixed).values()))
            self._money(fixed, budget)
            self._kept = (budget, (fixed.matrix(self.columns), fixed.low, fixed.high))
        matrix, low, high = self._kept[1]
        rows = Rows()
        for plane in self.planes:
            held = np.flatnonzero(plane.at)
            for p in range(self.periods):
                rows.add([self.first_sold + p, *self.force(held, p)], [1.0, *-plane.at[held]], high=plane.free)
        for plane in self.worst_planes:
            held = np.flatnonzero(plane.at)
            columns = [self.worst, *(self.first_force + held), *range(self.first_force)]
            rows.add(columns, [1.0, *-plane.at[held], *self.costs.ravel()], high=plane.free)
        if least is not None:
            rows.add([self.worst], [1.0], low=least / self.scale)
        return LinearConstraint(vstack([matrix, rows.matrix(self.columns)]), [*low, *rows.low], [*high, *rows.high])

    def bounds(self) -> Any:
        """The least and the most of each column."""
        from scipy.optimize import Bounds

        low, high = np.zeros(self.columns), np.ones(self.columns)
        low[self.first_sold :] = -np.inf
        # What every scenario could bring at the very most, so that there is a bound before there are planes.
        raised = 0.0 if self.groups[-1].lowers is None else np.maximum(-self.groups[-1].lowers, 0.0).sum(axis=1)
        most = np.minimum(np.maximum(self.selling, 0.0).sum(axis=1), self.ceiling + raised).mean()
        high[self.first_sold : self.worst] = most
        free = np.maximum(self.other, 0.0).sum(axis=1).mean() + most
        high[self.worst] = max(0.0, free) * self.problem.weights.sum() if self.minds_risk else 0.0
        low[self.worst] = -np.inf if self.minds_risk else 0.0
        return Bounds(low, high)

    def starts_of(self, values: Floats) -> Starts:
        """The quarter in which each move starts in an answer of whole numbers."""
        table = values[: self.first_force].reshape(self.moves, self.quarters)
        return [int(row.argmax()) if row.max(initial=0.0) > 0.5 else None for row in table]

    def values_of(self, starts: Starts, force: Floats) -> Floats:
        """A plan as an answer that promises too much, to have planes made there."""
        made = np.full(self.columns, np.inf)
        made[: self.first_force] = 0.0
        for j, s in enumerate(starts):
            if s is not None:
                made[self.start(j, s)] = 1.0
        made[self.first_force : self.first_sold] = force.ravel()
        return made


def _pairs(problem: Problem) -> Iterable[tuple[int, int]]:
    """Moves that exclude each other, each pair once, whichever of them says so."""
    found = {
        tuple(sorted((problem.place[move.name], problem.place[name])))
        for move in problem.moves
        for name in move.excludes
        if name in problem.place
    }
    return sorted((pair[0], pair[1]) for pair in found)
