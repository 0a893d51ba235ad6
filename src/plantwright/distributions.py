"""The random times that the plant file, the engine and the calibration all speak of.

A distribution here is data: its kind and its parameters in SI units. How it is drawn stands in the engine; how it is
written and read stands with the plant file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "constant",
    "exponential",
    "lognormal",
    "gamma",
    "erlang",
    "weibull",
    "normal",
    "uniform",
    "triangular",
    "pert",
    "geometric",
    "empirical",
]

PARAMETERS: dict[str, tuple[str, ...]] = {
    "constant": ("value",),
    "exponential": ("mean",),
    "lognormal": ("mean", "cv"),
    "gamma": ("mean", "cv"),
    "erlang": ("stages", "mean"),
    "weibull": ("shape", "scale"),
    "normal": ("mean", "sd"),
    "uniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "pert": ("low", "mode", "high"),
    "geometric": ("mean",),
    "empirical": (),
}
"""What the parameters of each kind mean, in the order in which they are kept."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A random quantity in SI units (seconds for times).

    Parameters
    ----------
    kind : str
        One of the keys of `PARAMETERS`.
    parameters : tuple of float
        As `PARAMETERS` names them. ``lognormal``, ``gamma``: mean and coefficient of variation of the quantity itself.
        ``erlang``: number of stages and mean of their sum. ``normal`` is cut at zero: a draw below zero counts as
        zero. ``pert``: a beta distribution on low..high with weight 4 on the mode. ``geometric``: a count from 1 on by its
    mean; for a time, the mean and the unit of which it is a whole number.
    values : tuple of float
        The sample of an ``empirical`` distribution, each value as likely as the others.
    """

    kind: Kind
    parameters: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    @staticmethod
    def constant(value: float) -> Distribution:
        """The distribution that is always `value`."""
        return Distribution("constant", (float(value),))

    @property
    def mean(self) -> float:
        """The expected value (of the uncut normal for ``normal``)."""
        p = self.parameters
        match self.kind:
            case "constant" | "exponential" | "lognormal" | "gamma" | "normal" | "geometric":
                return p[0]
            case "erlang":
                return p[1]
            case "weibull":
                return p[1] * math.gamma(1 + 1 / p[0])
            case "uniform":
                return (p[0] + p[1]) / 2
            case "triangular":
                return sum(p) / 3
            case "pert":
                return (p[0] + 4 * p[1] + p[2]) / 6
            case "empirical":
                return sum(self.values) / len(self.values)

    @property
    def variance(self) -> float:
        """The variance (of the uncut normal for ``normal``)."""
        p = self.parameters
        match self.kind:
            case "constant":
                return 0.0
            case "exponential":
                return p[0] ** 2
            case "lognormal" | "gamma":
                return (p[0] * p[1]) ** 2
            case "erlang":
                return p[1] ** 2 / p[0]
            case "weibull":
                return p[1] ** 2 * math.gamma(1 + 2 / p[0]) - self.mean**2
            case "normal":
                return p[1] ** 2
            case "uniform":
                return (p[1] - p[0]) ** 2 / 12
            case "triangular":
                low, mode, high = p
                return (low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18
            case "pert":
                return (self.mean - p[0]) * (p[2] - self.mean) / 7
            case "geometric":
                return p[0] * (p[0] - (p[1] if len(p) > 1 else 1.0))
            case "empirical":
                mean = self.mean
                return sum((value - mean) ** 2 for value in self.values) / len(self.values)

    @property
    def cv(self) -> float:
        """The coefficient of variation: standard deviation over mean."""
        mean = self.mean
        return math.sqrt(max(self.variance, 0.0)) / mean if mean else 0.0

    def varied(self, factor: float) -> Distribution:
        """A distribution with the same mean and its coefficient of variation multiplied by `factor`.

        A lognormal stays one, measured values are drawn together or apart around their mean (none falls below zero), and all others
        become gamma distributions; a constant and a ``geometric`` count stay as they are.
        """
        mean, cv = self.mean, self.cv
        if cv <= 0 or mean <= 0 or self.kind == "geometric" or factor == 1.0:
            return self
        if self.kind == "empirical":
            moved = [max(0.0, mean + factor * (value - mean)) for value in self.values]
            scale = mean * len(moved) / sum(moved)
            return Distribution("empirical", (), tuple(value * scale for value in moved))
        return Distribution("lognormal" if self.kind == "lognormal" else "gamma", (mean, cv * factor))

    def times(self, factor: float) -> Distribution:
        """The same distribution with every value multiplied by `factor` (not for a ``geometric`` count)."""
        p = self.parameters
        match self.kind:
            case "lognormal" | "gamma":
                return Distribution(self.kind, (p[0] * factor, p[1]))
            case "erlang" | "weibull":
                return Distribution(self.kind, (p[0], p[1] * factor))
            case "empirical":
                return Distribution(self.kind, (), tuple(value * factor for value in self.values))
            case _:
                return Distribution(self.kind, tuple(value * factor for value in p))
