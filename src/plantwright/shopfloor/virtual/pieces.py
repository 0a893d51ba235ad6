"""What is measured on pieces: a deviation each, of which as many lie outside the tolerance as the engine scraps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from statistics import NormalDist

from plantwright.simulation.streams import uniform_plain

MOST = 100
"""Pieces of a lot that are measured; of a larger lot as many, evenly chosen."""

WHICH, DEVIATION = 1001, 1002
"""Purposes of draws, beside those of the engine."""

_NORMAL = NormalDist()


@lru_cache(maxsize=4096)
def spread(yield_: float) -> float:
    """The standard deviation, in tolerances, of a centred normal deviation of which the share `yield_` is within the tolerance."""
    within = min(max(yield_, 0.01), 1.0 - 1e-9)
    return 1.0 / _NORMAL.inv_cdf(0.5 * (1.0 + within))


def deviations(key: int, entity: int, lot: int, count: int, bad: int, yield_: float) -> list[float]:
    """The deviations of the pieces of a lot in tolerances: `bad` of `count` outside -1..1, which of them is drawn.

    They are draws from the centred normal whose share within the tolerance is `yield_`, given on which side of the tolerance each lies;
    so over many lots they are that normal's. Every draw is a function of the key of the replication, the entity (an operation of a
    product at a machine), the lot and the piece.
    """
    which = sorted(range(count), key=lambda piece: uniform_plain(key, WHICH, entity, lot, piece))
    outside = set(which[:bad])
    scale = spread(yield_)
    beyond = _NORMAL.cdf(-1.0 / scale)
    found = []
    for piece in range(count):
        share = uniform_plain(key, DEVIATION, entity, lot, piece)
        if piece in outside:
            side, share = (-1.0, 2.0 * share) if share < 0.5 else (1.0, 2.0 * share - 1.0)
            found.append(side * max(1.0, -scale * _NORMAL.inv_cdf(max(beyond * share, 1e-300))))
        else:
            found.append(scale * _NORMAL.inv_cdf(beyond + (1.0 - 2.0 * beyond) * share))
    return found


def chosen(count: int) -> Iterator[int]:
    """Which pieces of so many are measured."""
    return (piece * count // min(count, MOST) for piece in range(min(count, MOST)))
