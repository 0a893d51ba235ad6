"""How much people scrap against what others scrap of the same products at the same steps."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
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
    # Of each person the pieces and bad ones of each work, and those of the others.
    counts: dict[str, list[tuple[float, float, float, float]]] = {}
    for visits in works.values():
        for person, (amount, rejected), (of_others, scrapped) in _beside_others(visits):
            counts.setdefault(person, []).append((amount, rejected, of_others, scrapped))
    found = {}
    for person in sorted(counts):
        own_counts = counts[person]
        pieces, bad = sum(amount for amount, *_ in own_counts), sum(rejected for _, rejected, *_ in own_counts)
        expected = sum(amount * scrapped / of_others for amount, _, of_others, scrapped in own_counts)
        variance = sum((amount / of_others) ** 2 * scrapped for amount, _, of_others, scrapped in own_counts)
        if expected <= 0 or max(bad, expected) < LEAST_SCRAP:
            continue
        low, high, p_value = _ratio(bad / dispersion, expected / dispersion, expected**2 / variance / dispersion, level)
        found[person] = Scrapped(bad / pieces, bad / expected, low, high, p_value, pieces)
    return found


def _beside_others(visits: Sequence[Made]) -> Iterator[tuple[str, tuple[float, float], tuple[float, float]]]:
    """Of each person who did a work, with others: their pieces and bad pieces, and those of the others."""
    mine: dict[str, tuple[float, float]] = {}
    for own in visits:
        pieces, bad = mine.get(own.person, (0.0, 0.0))
        mine[own.person] = pieces + own.pieces, bad + own.bad
    all_pieces, all_bad = (sum(amounts) for amounts in zip(*mine.values(), strict=True))
    for person, (pieces, bad) in mine.items():
        if len(mine) > 1:
            yield person, (pieces, bad), (all_pieces - pieces, all_bad - bad)


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
