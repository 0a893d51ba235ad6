"""A common axis for effects with intervals: where its ticks stand, and where each dot and line go, in percent of its width."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from plantwright.report import words
from plantwright.simulation.run import Estimate

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
MOST_TICKS = 5


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis and its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot with its interval, in percent of the axis's width."""

    at: float
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from `low` to `high` in the estimates' own unit; labels are in `unit`, of which one holds `size`."""

    low: float
    high: float
    size: float
    unit: str
    ticks: tuple[Tick, ...]

    def place(self, value: float) -> float:
        """Where a value stands, in percent of the width."""
        return round(100 * (value - self.low) / (self.high - self.low), 2)

    @property
    def zero(self) -> float:
        """Where no change stands."""
        return self.place(0.0)

    def mark(self, estimate: Estimate) -> Mark:
        """The dot and the line of an estimate."""
        left = self.place(estimate.low)
        return Mark(self.place(estimate.mean), left, round(self.place(estimate.high) - left, 2))

    def text(self, estimate: Estimate) -> str:
        """The estimate in the axis's unit: ``+21 (20-21)``."""
        size = self.size
        return words.change(Estimate("", {}, "", estimate.mean / size, estimate.low / size, estimate.high / size))


def axis_of(estimates: Sequence[Estimate]) -> Axis:
    """The axis on which all of these fit, with zero on it; round ticks, five at most."""
    unit = estimates[0].unit if estimates else ""
    size = 1.0
    if unit == "s":
        size, unit = words.time_unit(max(abs(e.mean) for e in estimates))
    elif unit == "share":
        size, unit = 0.01, "points"
    low = min(0.0, *(e.low for e in estimates)) if estimates else 0.0
    high = max(0.0, *(e.high for e in estimates)) if estimates else 0.0
    if high - low <= 1e-9 * size:
        low, high = -size, size
    margin = 0.04 * (high - low)
    low, high = low - margin, high + margin
    return Axis(low, high, size, unit, _ticks(low, high, size))


def _ticks(low: float, high: float, size: float) -> tuple[Tick, ...]:
    span = (high - low) / size
    magnitude = 10.0 ** math.floor(math.log10(span / MOST_TICKS))
    step = next(magnitude * s for s in STEPS if span / (magnitude * s) <= MOST_TICKS)
    first, last = math.ceil(low / size / step), math.floor(high / size / step)
    places = max(0, -math.floor(math.log10(step) + 1e-9)) + (1 if abs(step / magnitude - 2.5) < 1e-9 else 0)
    return tuple(
        Tick(round(100 * (k * step * size - low) / (high - low), 2), words.signed(words.plain(k * step, places)))
        for k in range(first, last + 1)
    )
