"""Shares that counts tell: of good pieces, and of orders that go one way; with what so few counts leave open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plantwright.calibration.visits import Step, Visit

_FEWEST_VISITS = 8
_FEWEST_SCRAPPED = 5.0


@dataclass(frozen=True)
class Proportion:
    """So many `hits` of so many `trials`; where trials that belong together end alike, as if of `dispersion` times fewer."""

    hits: float
    trials: float
    dispersion: float = 1.0

    @property
    def value(self) -> float:
        """The share of hits."""
        return self.hits / self.trials

    @property
    def missed(self) -> float:
        """Trials that were no hits."""
        return self.trials - self.hits

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Where the true share lies: Jeffreys' interval (Brown, Cai and DasGupta 2001, Interval estimation for a binomial proportion)."""
        from scipy.special import betaincinv

        hits, missed = self.hits / self.dispersion, self.missed / self.dispersion
        tail = (1 - level) / 2
        low = float(betaincinv(hits + 0.5, missed + 0.5, tail)) if self.hits > 0 else 0.0
        high = float(betaincinv(hits + 0.5, missed + 0.5, 1 - tail)) if self.hits < self.trials else 1.0
        return low, high


def good_share(visits: Sequence[Visit]) -> Proportion | None:
    """The share of good pieces of visits, None where no pieces were reported. Scrap that comes by the lot makes counts of pieces say more than they
    know: they are divided by Pearson's statistic over its degrees of freedom (McCullagh and Nelder 1989, section 4.5).
    """
    bad = np.array([visit.rejected for visit in visits])
    made = np.array([visit.pieces for visit in visits]) + bad
    bad, made = bad[made > 0], made[made > 0]
    total = float(made.sum())
    if total <= 0:
        return None
    share = float(bad.sum()) / total
    dispersion = 1.0
    if 0 < share < 1 and made.size > 1:
        dispersion = float(((bad - made * share) ** 2 / (made * share * (1 - share))).sum()) / (made.size - 1)
    return Proportion(total - float(bad.sum()), total, max(1.0, dispersion))


@dataclass(frozen=True)
class Yield:
    """The share of good pieces of a product at a step, taken to be ``value``; ``seen`` is what its own pieces tell."""

    value: float
    seen: Proportion


def find_yields(by_step: Mapping[Step, Sequence[Visit]]) -> dict[tuple[str, Step], Yield]:
    """The yield of each product at each step where any was scrapped.

    A product with fewer than eight visits, or of which fewer than five pieces (or lots, where scrap comes by the lot) would be scrapped if
    it were as the others are, has that of all products there, as long as its own pieces could be of it.
    """
    made = {}
    for step, visits in by_step.items():
        pooled = good_share(visits)
        if pooled is None or pooled.hits == pooled.trials:
            continue
        products: dict[str, list[Visit]] = {}
        for visit in visits:
            products.setdefault(visit.product, []).append(visit)
        for product, own in products.items():
            seen = good_share(own)
            if seen is None:
                continue
            expected = seen.trials * (1 - pooled.value) / seen.dispersion
            few = len(own) < _FEWEST_VISITS or expected < _FEWEST_SCRAPPED
            low, high = seen.interval()
            value = pooled.value if few and low <= pooled.value <= high else seen.value
            if value < 1:
                made[product, step] = Yield(value, seen)
    return made
