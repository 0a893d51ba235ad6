"""The bench on which every change of a plant is tried under the same conditions and the same luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from plantwright.errors import Interrupted
from plantwright.plant.plant import Plant
from plantwright.simulation.replicate import Cancel, simulate
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.statistics import difference

Progress = Callable[[int, int], None]


class Stopped(Exception):  # noqa: N818  (a request, not an error)
    """Somebody asked the study to stop."""


@dataclass
class Bench:
    """Runs plants as released and saturated, always with the same horizon, replications, seed, and the baseline's warm-up and lots."""

    plant: Plant
    horizon: float
    replications: int
    seed: int
    level: float
    threads: int | None = None
    cancel: Cancel | None = None
    progress: Progress | None = None
    warmup: dict[bool, float] = field(default_factory=dict)
    lots: int | None = None
    done: int = 0
    expected: int = 0

    def run(self, plant: Plant, *, saturated: bool, replications: int | None = None) -> Run:
        """Simulate a plant; the first run of each kind is the baseline's and finds the warm-up for all others.

        Raises Stopped where the cancel word was given, SimulationError where the plant cannot run.
        """
        if self.cancel is not None and self.cancel.stopped:
            raise Stopped
        wanted = min(replications or self.replications, self.replications)
        try:
            made = simulate(
                plant,
                horizon=self.horizon,
                warmup=self.warmup.get(saturated, "auto"),
                replications=wanted,
                seed=self.seed,
                level=self.level,
                saturated=saturated,
                lots=self.lots if saturated else None,
                threads=self.threads,
                cancel=self.cancel,
            )
        except Interrupted as stopped:
            raise Stopped from stopped
        if made.partial:
            raise Stopped
        self.warmup.setdefault(saturated, made.warmup)
        if saturated:
            self.lots = made.options["lots in process"]
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, max(self.done, self.expected))
        return made

    def changed(self, edits: Mapping[str, Any], plant: Plant | None = None) -> Plant:
        """The plant with the edits made."""
        from plantwright.plant import changed

        return changed(plant or self.plant, edits)


def found(run: Run, name: str, **of: str) -> Estimate | None:
    """The estimate of that name and subject, or None."""
    try:
        return run.estimate(name, quantile=None, **of)
    except KeyError:
        return None


def shortened(estimate: Estimate, replications: int) -> Estimate:
    """The first replications of an estimate, to be paired with a shorter run on the same luck (its interval is not used)."""
    values = estimate.values[:replications]
    return replace(estimate, values=values, mean=sum(values) / len(values))


def gain(changed: Run, base: Run, name: str, level: float) -> Estimate | None:
    """The paired difference of an estimate over all products between two runs; None where one of them lacks it."""
    after, before = found(changed, name), found(base, name)
    if after is None or before is None:
        return None
    if after.unit == before.unit and after.unit.endswith("/working day"):
        # A move may add days to the week: what it brings is told per working day of the plant as it is.
        days = changed.working_days / changed.horizon / (base.working_days / base.horizon)
        after = replace(after, values=tuple(value * days for value in after.values))
    return difference(after, shortened(before, len(after.values)), level)
