"""Streams of random numbers, each found by what it is for: in plain Python, as the world is made; `draws` draws of them in the engine.

Every draw is a function of (seed and replication, purpose, entity, count, part). So the same seed gives the same answer
whatever the order of events or the number of threads, and two plants that differ in one place see the same luck
elsewhere. The mixing function is the finaliser of splitmix64 (Steele, Lea and Flood 2014), applied twice.
"""

from __future__ import annotations

from typing import get_args

from plantwright.distributions import Kind

# Purposes.
(TIME, LOAD, UNLOAD, SETUP, YIELD, BRANCH, SHARE, REWORK, FAILURE, REPAIR, RELEASE, LEAD_TIME, OUTAGE, DEFECT, FIND, SPOILT,
 PART_OFF, ABSENCE, SPELL, NUMBER, DELAY, WAY) = range(22)  # fmt: skip

KINDS = get_args(Kind)
(CONSTANT, EXPONENTIAL, LOGNORMAL, GAMMA, ERLANG, WEIBULL, NORMAL, UNIFORM, TRIANGULAR, PERT, GEOMETRIC, EMPIRICAL) = (
    range(12)
)

_MASK = (1 << 64) - 1
GOLDEN, FIRST, SECOND, PART_FACTOR = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93


def mix(value: int) -> int:
    """The finaliser of splitmix64 on Python's integers: a 64-bit value scattered over all 64-bit values."""
    value = (value ^ (value >> 30)) * FIRST & _MASK
    value = (value ^ (value >> 27)) * SECOND & _MASK
    return value ^ (value >> 31)


def entity_key(*names: object) -> int:
    """A non-negative 63-bit key of an entity from its names, the same on every machine and in every version (FNV-1a)."""
    value = 0xCBF29CE484222325
    for byte in "\x1f".join(map(str, names)).encode():
        value = (value ^ byte) * 0x100000001B3 & _MASK
    return mix(value) >> 1


def run_key(seed: int, replication: int) -> int:
    """The key of one replication of a seed: non-negative, 63 bits."""
    return mix((mix((seed & _MASK) + GOLDEN & _MASK) + (replication + 1) * GOLDEN) & _MASK) >> 1


def stream_plain(key: int, purpose: int, entity: int) -> int:
    """`stream_of` on Python's integers."""
    return mix((int(key) + int(purpose) * FIRST + int(entity) * GOLDEN) & _MASK)


def drawn_plain(stream: int, count: int, part: int) -> float:
    """`drawn` on Python's integers."""
    value = mix(((int(stream) & _MASK) + int(count) * GOLDEN + int(part) * PART_FACTOR) & _MASK)
    return ((value >> 11) + 0.5) * (1.0 / (1 << 53))


def uniform_plain(key: int, purpose: int, entity: int, count: int, part: int) -> float:
    """`uniform` on Python's integers."""
    return drawn_plain(stream_plain(key, purpose, entity), count, part)
