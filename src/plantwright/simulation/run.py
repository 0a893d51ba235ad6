"""What a simulation answers: estimates with intervals, and the manifest that lets anyone repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair
    import polars

SCHEMA = "plantwright.run/1"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its Student interval over replications.

    ``values`` holds one number for each replication, in order, so that two runs on common random numbers can be
    compared pair by pair. ``quantile`` is given for quantiles of a distribution, None for means and shares.
    """

    name: str
    of: Mapping[str, str]
    unit: str
    mean: float
    low: float
    high: float
    values: tuple[float, ...] = ()
    quantile: float | None = None

    @property
    def half_width(self) -> float:
        """Half the length of the interval."""
        return (self.high - self.low) / 2

    def to_dict(self) -> dict[str, Any]:
        """The estimate as JSON shows it, without the single replications."""
        shown: dict[str, Any] = {"name": self.name, "of": dict(self.of), "unit": self.unit}
        if self.quantile is not None:
            shown["quantile"] = self.quantile
        return shown | {"mean": self.mean, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Run:
    """The result of `simulate`: estimates over replications, with all that is needed to repeat them.

    Times are seconds. ``unknown`` says what cannot be known and why: ``{"on time": "no due dates"}``. ``partial`` is
    True where the run was stopped before all replications were done. ``steady`` is False where work in process was
    still growing at the end, so that cycle times have no long-run mean. ``precision`` is what was asked of the headlines'
    intervals, ``wider`` names those that did not reach it, each with half its interval relative to its mean.
    ``buckets`` are the estimates of each bucket of time, if such were asked for; they say ``from`` which local time they count.
    ``uncertain`` are the paths of the numbers of the plant that were drawn anew in each replication.
    """

    plant: str
    name: str
    trust: str
    seed: int
    replications: int
    level: float
    horizon: float
    warmup: float
    warmup_rule: str
    not_simulated: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    unknown: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    working_days: float = 0.0
    events: int = 0
    partial: bool = False
    steady: bool = True
    precision: float | None = None
    wider: Mapping[str, float] = field(default_factory=dict)
    buckets: tuple[Estimate, ...] = ()
    uncertain: tuple[str, ...] = ()

    def estimate(self, name: str, *, quantile: float | None = None, **of: str) -> Estimate:
        """The estimate of that name and subject, such as ``estimate("state share", work_center="mixer",
        state="working")``; a blank in a key is written as an underscore. KeyError where there is none.
        """
        wanted = {key.replace("_", " "): value for key, value in of.items()}
        for estimate in self.estimates:
            if estimate.name == name and dict(estimate.of) == wanted and estimate.quantile == quantile:
                return estimate
        raise KeyError((name, wanted, quantile))

    def named(self, name: str) -> tuple[Estimate, ...]:
        """All estimates of that name."""
        return tuple(estimate for estimate in self.estimates if estimate.name == name)

    def over_time(self, name: str, *, quantile: float | None = None, **of: str) -> tuple[Estimate, ...]:
        """The estimates of that name and subject of each bucket of time, in order.

        A bucket in which some replication has no such number is left out: a cycle time where no lot was finished.
        """
        wanted = {key.replace("_", " "): value for key, value in of.items()}
        return tuple(
            e
            for e in self.buckets
            if e.name == name and e.quantile == quantile and {k: v for k, v in e.of.items() if k != "from"} == wanted
        )

    def to_dict(self) -> dict[str, Any]:
        """The run as the JSON document that programs read."""
        return {
            "schema": SCHEMA,
            "plant": self.plant,
            "name": self.name,
            "trust": self.trust,
            "version": self.version,
            "seed": self.seed,
            "replications": self.replications,
            "level": self.level,
            "horizon": {"value": self.horizon, "unit": "s", "working days": self.working_days},
            "warmup": {"value": self.warmup, "unit": "s", "rule": self.warmup_rule},
            "options": dict(self.options),
            "partial": self.partial,
            "steady": self.steady,
            "precision": None if self.precision is None else {"asked": self.precision, "wider": dict(self.wider)},
            "not simulated": list(self.not_simulated),
            "uncertain": list(self.uncertain),
            "unknown": dict(self.unknown),
            "estimates": [estimate.to_dict() for estimate in (*self.estimates, *self.buckets)],
        }

    def table(self, name: str) -> polars.DataFrame:
        """The estimates of that name as a Polars frame, a column for each key of what they are of."""
        from plantwright.simulation.show import run_table

        return run_table(self, name)

    def chart(self, name: str) -> altair.Chart | altair.LayerChart:
        """The estimates of that name as a picture."""
        from plantwright.simulation.show import run_chart

        return run_chart(self, name)

    def __str__(self) -> str:
        from plantwright.simulation.show import run_text

        return run_text(self)
