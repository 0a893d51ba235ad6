"""How much people scrap against what others scrap of the same products at the same steps."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

LEAST_SCRAP = 1.0
"""Where fewer pieces than this would be scrapped if it were as with the others, nothing is told of somebody who scrapped as few."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a visit that one person did gave: who, what was done, its pieces, good and bad, and how many of them are bad."""

    person: str
    work: Hashable
    pieces: float
    bad: float


@dataclass(frozen=True)
class Scrapped:
    """What a person scraps: the `share` of pieces, and `ratio` times what others scrap of the same work, with its 95 % interval.

    ``p_value``: how often somebody who scraps as the others do comes out so far from them.
    """

    share: float
    ratio: float
    low: float
    high: float
    p_value: float
    pieces: float


def find_scrapped(made: Sequence[Made], level: float = 0.95) -> dict[str, Scrapped]:
    """The scrap of each person of whom it can be told, from visits at one work center.

    Notes
    -----
    Only work that others did too counts. What others would have scrapped of a person's pieces is the sum over works of the person's pieces times the others' share
    (indirect standardization: Breslow and Day 1987, Statistical methods in cancer research II, section 2.3). Given all that was scrapped, the
    person's part is binomial (two Poisson counts), which gives the exact p-value and Jeffreys' interval of the ratio. Scrap that comes by the lot makes counts
    say more than they know: they are divided by Pearson's statistic within works over its degrees of freedom, as `proportions.good_share` does.
    """
    works: dict[Hashable, list[Made]] = {}
    for own in made:
        if own.pieces > 0:
            works.setdefault(own.work, []).append(own)
    dispersion = _dispersion(works)
    found = {}
    for person in sorted({own.person for own in made}):
        pieces = bad = expected = variance = 0.0
        for visits in works.values():
            mine = [own for own in visits if own.person == person]
            others = [own for own in visits if own.person != person]
            if not mine or not others:
                continue
            amount, all_others = sum(own.pieces for own in mine), sum(own.pieces for own in others)
            scrapped = sum(own.bad for own in others)
            pieces += amount
            bad += sum(own.bad for own in mine)
            expected += amount * scrapped / all_others
            variance += (amount / all_others) ** 2 * scrapped
        if expected <= 0 or max(bad, expected) < LEAST_SCRAP:
            continue
        low, high, p_value = _ratio(bad / dispersion, expected / dispersion, expected**2 / variance / dispersion, level)
        found[person] = Scrapped(bad / pieces, bad / expected, low, high, p_value, pieces)
    return found


def _ratio(own: float, expected: float, others: float, level: float) -> tuple[float, float, float]:
    """The interval of the ratio of a count to what is `expected` of it, which `others` events tell, and its p-value."""
    from scipy.special import betainc, betaincinv

    tail = (1 - level) / 2

    def ratio(share: float) -> float:
        return share / (1 - share) * others / expected

    low = ratio(float(betaincinv(own + 0.5, others + 0.5, tail))) if own > 0 else 0.0
    high = ratio(float(betaincinv(own + 0.5, others + 0.5, 1 - tail)))
    even = expected / (expected + others)
    more = float(betainc(own, others + 1, even)) if own > 0 else 1.0
    fewer = 1 - float(betainc(own + 1, others, even))
    return low, high, min(1.0, 2 * min(more, fewer))


def _dispersion(works: dict[Hashable, list[Made]]) -> float:
    """By how much counts of pieces vary more than pieces that are scrapped one by one would, within the work of one person."""
    statistic, freedom = 0.0, 0
    for visits in works.values():
        people: dict[str, list[Made]] = {}
        for own in visits:
            people.setdefault(own.person, []).append(own)
        for mine in people.values():
            share = sum(own.bad for own in mine) / sum(own.pieces for own in mine)
            if 0 < share < 1 and len(mine) > 1:
                statistic += sum(
                    (own.bad - own.pieces * share) ** 2 / (own.pieces * share * (1 - share)) for own in mine
                )
                freedom += len(mine) - 1
    return max(1.0, statistic / freedom) if freedom else 1.0
