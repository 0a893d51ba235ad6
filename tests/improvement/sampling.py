"""Alternatives with normal values and known means, for procedures that choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass
class Normal:
    """Values of alternatives with these means and standard deviations; any two have the same correlation."""

    means: Floats
    deviations: Floats
    correlation: float
    seed: int
    asked: int = 0
    rows: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def more(self, alternatives: Sequence[int], replications: range) -> Floats:
        while len(self.rows) < replications.stop:
            n, k = max(128, len(self.rows)), len(self.means)
            common, own = np.sqrt(self.correlation), np.sqrt(1 - self.correlation)
            luck = common * self.rng.standard_normal((n, 1)) + own * self.rng.standard_normal((n, k))
            made = self.means + self.deviations * luck
            self.rows = made if self.rows.size == 0 else np.vstack([self.rows, made])
        self.asked += len(alternatives) * len(replications)
        return self.rows[replications.start : replications.stop][:, list(alternatives)]


@dataclass
class Listed:
    """Values written down; each may be asked for once."""

    values: Floats
    given: set[tuple[int, int]] = field(default_factory=set)

    def more(self, alternatives: Sequence[int], replications: range) -> Floats:
        asked = {(r, i) for r in replications for i in alternatives}
        assert not asked & self.given
        self.given |= asked
        return self.values[replications.start : replications.stop][:, list(alternatives)]


def slippage(k: int, ahead: float) -> tuple[Floats, Floats]:
    """Means and deviations: the first is ahead of all others, which are equal."""
    return np.r_[ahead, np.zeros(k - 1)], np.ones(k)


def steps(k: int, step: float) -> tuple[Floats, Floats]:
    """Each is a step better than the next."""
    return -step * np.arange(k), np.ones(k)


def random_means(k: int, ahead: float, seed: int) -> tuple[Floats, Floats]:
    """Normal means, the best at least so much ahead; deviations evenly from 1 to 3."""
    rng = np.random.default_rng((7, seed))
    means = rng.standard_normal(k)
    best, second = np.argmax(means), np.partition(means, -2)[-2]
    means[best] = max(means[best], second + ahead)
    return means, rng.uniform(1, 3, k)


def rinott(k: int, probability: float, first: int) -> float:
    """The constant h of Y. Rinott (1978): On two-stage selection procedures and related probability-inequalities, Communications in
    Statistics A7, 799-811; by Gauss-Legendre quadrature over the quantiles of both chi-squared variables.
    """
    from scipy import optimize, special

    points, weights = np.polynomial.legendre.leggauss(400)
    freedom = first - 1
    chi2 = 2 * special.gammaincinv(freedom / 2, (points + 1) / 2)
    spread = np.sqrt(freedom * (1 / chi2[:, None] + 1 / chi2))

    def missing(h: float) -> float:
        return float((weights / 2 * (special.ndtr(h / spread) @ (weights / 2)) ** (k - 1)).sum()) - probability

    return float(optimize.brentq(missing, 0.0, 50.0))
