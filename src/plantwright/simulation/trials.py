"""A plant tried a few replications at a time, always under the same conditions; nothing is simulated twice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from plantwright import __version__
from plantwright.plant import fingerprint
from plantwright.plant.plant import Plant
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.collect import Collector, Counts
from plantwright.simulation.coverage import not_simulated
from plantwright.simulation.executing import Workers
from plantwright.simulation.replications import Cancel, replicate
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.statistics import estimates
from plantwright.simulation.trust import not_told, trust_of
from plantwright.simulation.uncertainty import TOGETHER, Seeds, uncertain_numbers
from plantwright.simulation.window import window_of

Key = tuple[str, tuple[tuple[str, str], ...], float | None]
PlantIn = Callable[[int], Plant]


@dataclass(frozen=True)
class Conditions:
    """Under what a plant is tried: spans in seconds, the seed, the level of intervals, and whether it is saturated, with how many lots; if
    ``listed``, so many orders of its lists are kept in process, each next one released when one is done.
    """

    horizon: float
    warmup: float
    seed: int
    level: float
    saturated: bool = False
    lots: int | None = None
    warmup_rule: str = "given"
    seeds: Seeds = TOGETHER
    listed: bool = False


class Trial:
    """One plant under fixed conditions, replicated as far as is asked.

    Parameters
    ----------
    plant : Plant
        The plant as it is told of.
    conditions : Conditions
    plant_in : callable, optional
        Which plant it is in a replication (from 0 on), where that is not always the same; it must give the same object for the
        same plant.
    factors : sequence of mapping
        By what numbers of the plant are multiplied in each replication, by their paths in the plant file.
    lean : bool
        Keep no quantiles, and nothing of single products, classes or operations.
    """

    def __init__(
        self,
        plant: Plant,
        conditions: Conditions,
        plant_in: PlantIn | None = None,
        lean: bool = False,
        factors: Sequence[Mapping[str, float]] = (),
    ) -> None:
        self.plant, self.conditions, self._lean, self._factors = plant, conditions, lean, factors
        self._plant_in = plant_in or (lambda _: plant)
        self._ready: dict[int, tuple[Plant, Blueprint]] = {}
        self._values: dict[Key, tuple[str, list[float]]] = {}
        self.unknown: dict[str, str] = {}
        self.working_days = 0.0
        self.events = 0
        self.done = 0
        self.simulated = 0

    def more(
        self,
        until: int,
        *,
        threads: Workers = None,
        cancel: Cancel | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> bool:
        """Replicate until there are so many replications; False where it was stopped, and then none of these counts.

        Raises SimulationError where the plant cannot run.
        """
        if until <= self.done:
            return True
        cancel = cancel or Cancel()
        parts: dict[int, dict[Key, tuple[str, float]]] = {}
        for blueprint, numbers in self._grouped(range(self.done, until)):
            counts = replicate(
                blueprint, self.conditions.seed, numbers, threads=threads, cancel=cancel, progress=progress,
                seeds=self.conditions.seeds,
            )  # fmt: skip
            if len(counts) < len(numbers):
                return False
            self._collect(blueprint, counts, parts)
        self._add(parts)
        self.simulated += until - self.done
        self.done = until
        return True

    def _grouped(self, numbers: Iterable[int]) -> list[tuple[Blueprint, list[int]]]:
        """The replications of each plant, made ready."""
        c = self.conditions
        groups: dict[int, list[int]] = {}
        for number in numbers:
            plant = self._plant_in(number)
            if id(plant) not in self._ready:
                end = c.warmup + c.horizon
                self._ready[id(plant)] = (
                    plant,
                    Blueprint(plant, end, c.warmup, 0.0, c.saturated, c.lots, listed=c.listed, factors=self._factors),
                )
            groups.setdefault(id(plant), []).append(number)
        return [(self._ready[plant][1], mine) for plant, mine in groups.items()]

    def _collect(
        self, blueprint: Blueprint, counts: Sequence[Counts], parts: dict[int, dict[Key, tuple[str, float]]]
    ) -> None:
        c = self.conditions
        plant = blueprint.last.plant
        window = window_of(plant, c.warmup, c.warmup + c.horizon)
        collector = Collector(plant, window, counts, c.level)
        rows: list[dict[Key, tuple[str, float]]] = [{} for _ in counts]
        for name, of, unit, values, quantile in collector.subjects():
            if self._lean and not _is_lean(of, quantile):
                continue
            numbers = np.asarray(values, float)
            if np.isnan(numbers).any():
                continue
            key = (name, tuple(of.items()), quantile)
            for row, value in zip(rows, numbers.tolist(), strict=True):
                row[key] = (unit, value)
        parts.update({one.replication: row for one, row in zip(counts, rows, strict=True)})
        self.unknown |= collector.unknown
        self.working_days = window.days
        self.events += sum(one.events for one in counts)

    def _add(self, parts: Mapping[int, Mapping[Key, tuple[str, float]]]) -> None:
        """Append the numbers of new replications; what one of them lacks is known of none."""
        ordered = [parts[number] for number in sorted(parts)]
        first = not self._values and self.done == 0
        keys = [key for key in (ordered[0] if first else self._values) if all(key in part for part in ordered)]
        before = {key: self._values[key][1] for key in keys} if not first else {}
        self._values = {
            key: (ordered[0][key][0], [*before.get(key, ()), *(part[key][1] for part in ordered)]) for key in keys
        }

    def forget_plants(self) -> None:
        """Let go what was made ready; it is made ready again if more is asked."""
        self._ready.clear()

    def keep(self, run: Run) -> None:
        """Take what an earlier run under the same conditions found, in place of simulating it."""
        self._values = {(e.name, tuple(e.of.items()), e.quantile): (e.unit, list(e.values)) for e in run.estimates}
        self.unknown, self.working_days = dict(run.unknown), run.working_days
        self.events, self.done = run.events, run.replications

    def subjects(
        self, replications: int | None = None
    ) -> list[tuple[str, dict[str, str], str, list[float], float | None]]:
        """Of what there are numbers, in each replication or the first so many of them."""
        return [
            (name, dict(of), unit, values[:replications], quantile)
            for (name, of, quantile), (unit, values) in self._values.items()
        ]

    def run(self, replications: int | None = None) -> Run:
        """What its replications tell, or the first so many of them."""
        c = self.conditions
        count = min(replications or self.done, self.done)
        options: dict[str, object] = {"saturated": c.saturated}
        if c.lots:
            options["lots in process"] = c.lots
        made = Run(
            plant=fingerprint(self.plant),
            name=self.plant.name,
            trust="sketch",
            seed=c.seed,
            replications=count,
            level=c.level,
            horizon=c.horizon,
            warmup=c.warmup,
            warmup_rule=c.warmup_rule,
            not_simulated=not_simulated(self.plant),
            uncertain=uncertain_numbers(self.plant),
            estimates=tuple(_together(self.subjects(count), c.level)),
            unknown=self.unknown | ({} if self._lean else not_told(self.plant)),
            options=options,
            version=__version__,
            working_days=self.working_days,
            events=self.events,
        )
        return replace(made, trust=trust_of(self.plant, made)[0])


def _is_lean(of: Mapping[str, str], quantile: float | None) -> bool:
    return quantile is None and not of.keys() & {"product", "class", "operation", "material"}


def _together(
    subjects: list[tuple[str, dict[str, str], str, list[float], float | None]], level: float
) -> list[Estimate]:
    known = [subject for subject in subjects if not any(map(math.isnan, subject[3]))]
    return estimates(known, level)
