"""How fast people work against what is usual for the same product, step and machine, as far as a log can tell it."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plantwright.calibration.goodness import ALIKE
from plantwright.calibration.intervals import Told
from plantwright.calibration.likelihood import Floats
from plantwright.calibration.pooling import shrink

FEWEST_VISITS = 8
"""Of fewer visits that can be compared, no pace is told."""

_USUAL_FREEDOM = 10
_FEWEST_FREEDOM = 5
_NOT_TOLD = 1e-6
_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Done:
    """A visit that one person did: who, what was done (such as product and step), at which machine, and the logarithm of its time."""

    person: str
    work: Hashable
    machine: str
    log_time: float


@dataclass(frozen=True)
class Pace:
    """How fast a person works: 1.2 is a fifth more in the same time than the geometric mean of the `people` who can be compared.

    ``told`` is what is known of it, pulled towards 1 as far as the data of all say that people differ little; ``p_value`` is of its own visits alone:
    how often somebody who works as the others do comes out so far from them. ``visits`` are those that can be compared.
    """

    told: Told
    p_value: float
    visits: int
    people: int


def find_paces(done: Sequence[Done]) -> dict[str, Pace]:
    """The pace of each person of whom it can be told.

    Parameters
    ----------
    done : sequence of Done
        Visits at one work center.

    Returns
    -------
    dict
        Logarithms of times are the sum of what the work takes, of the machine and of the person, by weighted least squares. People are compared where
        the differences between them can be estimated (Searle 1971, Linear models, section 5.4): who always has other products or another machine than all
        others is not there, nor who has fewer than `FEWEST_VISITS` visits of work that others of them did too. More than three people are pulled
        together by `pooling.shrink`.
    """
    people = sorted({own.person for own in done})
    machines = sorted({own.machine for own in done})
    works, freedom = _works(done, people, machines)
    if freedom < _FEWEST_FREEDOM:
        return {}
    size = len(people) + len(machines)
    effects, covariance, within = _solved(works, size)
    shared = np.bincount(np.concatenate([work.people for work in works]), minlength=size)
    made: dict[str, Pace] = {}
    for group in _comparable(within, [at for at, _ in enumerate(people) if shared[at] >= FEWEST_VISITS]):
        contrasts = np.zeros((len(group), size))
        contrasts[:, group] = np.eye(len(group)) - 1 / len(group)
        logs = contrasts @ effects
        variances = np.maximum(np.einsum("ij,jk,ik->i", contrasts, covariance, contrasts), 1e-12)
        pulled, errors = logs, np.sqrt(variances)
        if len(group) > 3:
            found = shrink(logs.tolist(), variances.tolist())
            pulled, errors = np.array(found.means) - found.common, np.array(found.errors)
        for at, log, raw, variance, error in zip(group, pulled, logs, variances, errors, strict=True):
            own_freedom = min(freedom, float(shared[at]) - 1)
            told = Told(-float(log), float(error), own_freedom)
            p_value = _two_sided(float(raw) / math.sqrt(variance), own_freedom)
            made[people[at]] = Pace(told, p_value, int(shared[at]), len(group))
    return made


def _two_sided(statistic: float, freedom: float) -> float:
    from scipy.special import stdtr

    return float(2 * stdtr(freedom, -abs(statistic)))


@dataclass(frozen=True)
class _Work:
    """Visits of one work that several people did: the column of the person and of the machine of each, and logarithms of times less their mean; how
    much each visit weighs.
    """

    people: npt.NDArray[np.int64]
    machines: npt.NDArray[np.int64]
    logs: Floats
    weight: float

    def rows(self, size: int, begin: int, end: int) -> Floats:
        """The equations of some of the visits, less their mean over all."""
        n = self.logs.size
        mean = (np.bincount(self.people, minlength=size) + np.bincount(self.machines, minlength=size)) / n
        rows = np.tile(-mean, (min(end, n) - begin, 1))
        at = np.arange(rows.shape[0])
        rows[at, self.people[begin:end]] += 1.0
        rows[at, self.machines[begin:end]] += 1.0
        return rows


def _works(done: Sequence[Done], people: Sequence[str], machines: Sequence[str]) -> tuple[list[_Work], float]:
    """The work that several people did, and the degrees of freedom of its spread."""
    place = {name: at for at, name in enumerate(people)}
    column = {name: len(people) + at for at, name in enumerate(machines)}
    works: dict[Hashable, list[Done]] = {}
    for own in done:
        works.setdefault(own.work, []).append(own)
    shared = [visits for visits in works.values() if len({own.person for own in visits}) > 1]
    spreads = [_within(visits) for visits in shared]
    freedom = sum(known for _, known in spreads)
    usual = sum(squares for squares, _ in spreads) / max(1, freedom)
    made = []
    for visits, (squares, known) in zip(shared, spreads, strict=True):
        # What few visits tell of a spread is pulled to that of all work (Smyth 2004, Linear models and empirical Bayes methods).
        variance = (squares + _USUAL_FREEDOM * usual) / (known + _USUAL_FREEDOM)
        logs = np.array([visit.log_time for visit in visits])
        made.append(
            _Work(
                np.array([place[visit.person] for visit in visits]),
                np.array([column[visit.machine] for visit in visits]),
                logs - logs.mean(),
                1 / max(variance, ALIKE**2),
            )
        )
    return made, float(freedom)


def _solved(works: Sequence[_Work], size: int) -> tuple[Floats, Floats, Floats]:
    """The effects of people and machines of least squares, their covariance, and which sums of them can be estimated (those that it leaves as they are).

    The covariance is that of residuals as they are (MacKinnon and White 1985, HC3): spreads of works differ, and weights are only estimated.
    """
    normal, right = np.zeros((size, size)), np.zeros(size)
    parts = [(work, at) for work in works for at in range(0, work.logs.size, _CHUNK)]
    for work, at in parts:
        rows = work.rows(size, at, at + _CHUNK)
        normal += work.weight * rows.T @ rows
        right += work.weight * rows.T @ work.logs[at : at + _CHUNK]
    inverse = np.linalg.pinv(normal, rcond=1e-10, hermitian=True)
    effects = inverse @ right
    middle = np.zeros((size, size))
    for work, at in parts:
        rows = work.rows(size, at, at + _CHUNK)
        leverage = 1 / work.logs.size + work.weight * ((rows @ inverse) * rows).sum(axis=1)
        rests = (work.logs[at : at + _CHUNK] - rows @ effects) / np.maximum(1 - leverage, 0.05)
        middle += work.weight**2 * (rows.T * np.maximum(rests**2, ALIKE**2)) @ rows
    return effects, inverse @ middle @ inverse, inverse @ normal


def _within(visits: Sequence[Done]) -> tuple[float, int]:
    """The squares of logarithms of times around the mean of the same person at the same machine, and their degrees of freedom."""
    groups: dict[tuple[str, str], list[float]] = {}
    for own in visits:
        groups.setdefault((own.person, own.machine), []).append(own.log_time)
    squares = sum(float(((np.array(logs) - np.mean(logs)) ** 2).sum()) for logs in groups.values())
    return squares, len(visits) - len(groups)


def _comparable(within: Floats, told: Sequence[int]) -> list[list[int]]:
    """People between whom differences can be estimated, in groups of two at least."""
    groups: list[list[int]] = []
    for at in told:
        for group in groups:
            contrast = np.zeros(within.shape[0])
            contrast[at], contrast[group[0]] = 1.0, -1.0
            if float(np.abs(contrast @ within - contrast).max()) < _NOT_TOLD:
                group.append(at)
                break
        else:
            groups.append([at])
    return [group for group in groups if len(group) > 1]
