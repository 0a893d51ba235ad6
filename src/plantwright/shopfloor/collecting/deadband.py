"""Deadbands: a sample that hardly differs from the last one kept is left out."""

from __future__ import annotations

import math

import numpy as np

from plantwright.shopfloor.readings import NANOSECONDS, Samples


class Deadband:
    """Leaves out samples within a band around the last one that was kept of their tag.

    The first of a tag, a change of quality, and one after `longest` seconds are always kept, so that a flat line is known to be flat.

    Parameters
    ----------
    longest : float
        Seconds after which a sample is kept whatever its value.
    """

    def __init__(self, longest: float = 600.0) -> None:
        self._longest = int(longest * NANOSECONDS)
        self._bands: dict[int, tuple[float, float]] = {}
        self._last: dict[int, tuple[int, float, int]] = {}

    def set(self, tag: int, band: float, share: float = 0.0) -> None:
        """The band of a tag in its own unit, or as a share of the last value; the larger of both counts."""
        self._bands[tag] = band, share

    def __call__(self, given: Samples) -> Samples:
        """Those to keep, in their order."""
        if not self._bands:
            return given
        keep = np.ones(len(given), bool)
        for tag in np.unique(given.tag).tolist():
            if tag in self._bands:
                rows = np.flatnonzero(given.tag == tag)
                keep[rows] = self._one(
                    tag, given.time[rows].tolist(), given.value[rows].tolist(), given.quality[rows].tolist()
                )
        return given if keep.all() else given.where(keep)

    def _one(self, tag: int, times: list[int], values: list[float], qualities: list[int]) -> list[bool]:
        """Which of one tag's samples to keep."""
        band, share = self._bands[tag]
        last = self._last.get(tag)
        kept = []
        for time, value, quality in zip(times, values, qualities, strict=True):
            new = last is None or quality != last[2] or time - last[0] >= self._longest or time < last[0]
            if not new and last is not None and not math.isnan(value):
                new = abs(value - last[1]) > max(band, share * abs(last[1]))
            kept.append(new)
            if new and (last is None or time >= last[0]):
                last = time, value, quality
        if last is not None:
            self._last[tag] = last
        return kept
