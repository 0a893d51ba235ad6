"""The bins in which the engine counts times: one for what is less than 2^-10 s, then for each power of two in seconds 64, equally wide."""

from __future__ import annotations

import math

PARTS, FIRST_OCTAVE, OCTAVES = 64, -10, 40
BINS = 1 + PARTS * OCTAVES


def middle_of(b: int) -> float:
    """The middle of a bin, in seconds, which is off by at most 1/128; 0 for the first."""
    octave, part = divmod(int(b) - 1, PARTS)
    return math.ldexp(1 + (part + 0.5) / PARTS, FIRST_OCTAVE + octave) if b > 0 else 0.0


def low_of(b: int) -> float:
    """Where a bin begins, in seconds."""
    octave, part = divmod(int(b) - 1, PARTS)
    return math.ldexp(1 + part / PARTS, FIRST_OCTAVE + octave) if b > 0 else 0.0


def bin_at(time: float) -> int:
    """The bin of a time in seconds, at least 0, as `tallies.bin_of` finds it in compiled code."""
    fraction, exponent = math.frexp(time)
    b = 1 + (exponent - 1 - FIRST_OCTAVE) * PARTS + int((2 * fraction - 1) * PARTS)
    return max(0, min(BINS - 1, b)) if time > 0 else 0
