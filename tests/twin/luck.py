"""Luck as section 2 of the semantics defines it, in Python's own integers."""

from __future__ import annotations

import math
from statistics import NormalDist

from plantwright.distributions import Distribution

MASK = (1 << 64) - 1
GOLDEN, FIRST, SECOND, PART = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93
TURNS = 4096
(
    TIME,
    LOAD,
    UNLOAD,
    SETUP,
    YIELD,
    BRANCH,
    SHARE,
    REWORK,
    BETWEEN_STOPS,
    LENGTH_OF_STOP,
    RELEASE,
    LEAD_TIME,
    OUTAGE,
    DEFECT,
    FIND,
    SPOILT,
    PART_OFF,
    AWAY,
    SPELL,
    NUMBER,
    DELAY,
    WAY,
) = range(22)


def mix(v: int) -> int:
    v = (v ^ (v >> 30)) * FIRST & MASK
    v = (v ^ (v >> 27)) * SECOND & MASK
    return v ^ (v >> 31)


def entity(*names: object) -> int:
    """FNV-1a over the names, separated by the byte 0x1f, mixed, without its last bit."""
    value = 0xCBF29CE484222325
    for byte in "\x1f".join(map(str, names)).encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    return mix(value) >> 1


class Luck:
    """All draws of one replication of a seed."""

    def __init__(self, seed: int, replication: int) -> None:
        self.key = mix((mix((seed & MASK) + GOLDEN & MASK) + (replication + 1) * GOLDEN) & MASK) >> 1

    def uniform(self, purpose: int, of: int, count: int, part: int = 0) -> float:
        stream = mix((self.key + purpose * FIRST + of * GOLDEN) & MASK)
        value = mix((stream + count * GOLDEN + part * PART) & MASK)
        return ((value >> 11) + 0.5) / (1 << 53)

    def draw(self, what: Distribution, purpose: int, of: int, count: int, part: int = 0) -> float:
        p = what.parameters
        if what.kind == "constant":
            return p[0]
        u = self.uniform(purpose, of, count, part)
        if what.kind == "exponential":
            return -p[0] * math.log(u)
        if what.kind == "uniform":
            return p[0] + (p[1] - p[0]) * u
        if what.kind == "normal":
            return max(0.0, p[0] + p[1] * NormalDist().inv_cdf(u))
        if what.kind == "lognormal":
            deviation = math.sqrt(math.log(1 + p[1] ** 2))
            return p[0] * math.exp(deviation * NormalDist().inv_cdf(u) - deviation**2 / 2)
        if what.kind == "weibull":
            return p[1] * (-math.log(u)) ** (1 / p[0])
        if what.kind == "triangular":
            low, mode, high = p
            if u * (high - low) < mode - low:
                return low + math.sqrt(u * (high - low) * (mode - low))
            return high - math.sqrt((1 - u) * (high - low) * (high - mode))
        if what.kind == "geometric":
            return 1.0 if p[0] <= 1 else 1.0 + math.floor(math.log(u) / math.log(1 - 1 / p[0]))
        if what.kind == "empirical":
            return what.values[min(len(what.values) - 1, int(u * len(what.values)))]
        raise NotImplementedError(what.kind)

    def hits(self, pieces: float, share: float, purpose: int, of: int, count: int, part: int = 0) -> float:
        """How many of so many whole pieces are hit, each with the same share: from one that is hit (or, of a share above one
        half, spared) to the next goes a geometric number of pieces, one draw each, parts counted on.
        """
        if share <= 0 or pieces <= 0:
            return 0.0
        if share >= 1:
            return pieces
        rare = min(share, 1 - share)
        place, found = 0.0, 0
        while True:
            place += 1 + math.floor(math.log(self.uniform(purpose, of, count, part + found)) / math.log1p(-rare))
            if place > pieces:
                return float(found) if share <= 0.5 else pieces - found
            found += 1
