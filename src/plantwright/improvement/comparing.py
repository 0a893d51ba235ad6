"""Compare two plants: what differs between them, and what that does, on the same luck."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from plantwright.errors import Interrupted
from plantwright.improvement.bench import Bench, Progress, Stopped, found, gain
from plantwright.improvement.limits import capacity_limit, limit_of, probe
from plantwright.improvement.study import Limit
from plantwright.plant.differing import Difference, differences
from plantwright.plant.plant import Plant
from plantwright.simulation.replicate import FROM_THE_START, Cancel, horizon_of, seconds_of
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.statistics import difference

if TYPE_CHECKING:
    import altair
    import polars

SCHEMA = "plantwright.comparison/1"
HEADLINES = (
    "throughput", "sales", "cycle time", "work in process", "on-time share", "scrap share", "contribution", "energy",
)  # fmt: skip
PROBE_REPLICATIONS = 8


@dataclass(frozen=True, slots=True)
class Effect:
    """A measure in both plants, and the difference that the second makes, paired replication by replication.

    ``before`` or ``after`` is None where that plant has no such number; there is no difference then. ``under`` is ``released``, or
    ``saturated`` for what the plants could make with work enough.
    """

    before: Estimate | None
    after: Estimate | None
    change: Estimate | None
    under: str = "released"

    @property
    def name(self) -> str:
        """What is measured."""
        known = self.before or self.after
        assert known is not None
        return "capacity" if self.under == "saturated" else known.name


@dataclass(frozen=True)
class PlantComparison:
    """Two plants beside each other: what differs, and what that does.

    ``before`` and ``after`` are the plants as released, ``saturated`` both with work enough. ``effects`` are the headline numbers and the
    capacity; ``states`` what each work center does with its time (shares of all time), what changes most first; ``limits`` what
    holds each back. All on common random numbers.
    """

    differs: tuple[Difference, ...]
    before: Run
    after: Run
    saturated: tuple[Run, Run]
    effects: tuple[Effect, ...]
    states: tuple[Effect, ...]
    limits: tuple[Limit, Limit]
    level: float
    options: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as the JSON document that programs read."""
        from plantwright.improvement.comparison_show import comparison_dict

        return comparison_dict(self)

    def table(self, name: str = "effects") -> polars.DataFrame:
        """``effects``, ``states`` or ``differs`` as a Polars frame."""
        from plantwright.improvement.comparison_show import comparison_table

        return comparison_table(self, name)

    def chart(self, name: str = "effects") -> altair.LayerChart:
        """The effects as shares of what they change, as intervals on one axis."""
        from plantwright.improvement.comparison_show import comparison_chart

        return comparison_chart(self, name)

    def __str__(self) -> str:
        from plantwright.improvement.comparison_show import comparison_text

        return comparison_text(self)


def compare(
    before: Plant,
    after: Plant,
    *,
    horizon: str | float = "auto",
    warmup: str | float = "auto",
    replications: int = 20,
    seed: int = 1,
    level: float = 0.95,
    threads: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> PlantComparison:
    """What differs between two plants, and what that does.

    Both are simulated as released and saturated on common random numbers: the same seed and replications, the longer horizon and
    warm-up of the two, and as many lots in process when saturated as the one that needs more.

    Parameters
    ----------
    before, after : Plant
        Read from files, texts or mappings.
    horizon, warmup, replications, seed, level, threads, executor, cancel
        As `plantwright.simulation.simulate` takes them.
    progress : callable, optional
        Called with the simulations done and expected.

    Returns
    -------
    PlantComparison
        Its differences are the second plant's number less the first's; a number per working day is told per working day of the first.

    Raises
    ------
    SimulationError
        If one of the plants locks up.
    Interrupted
        If it was stopped.
    ValueError
        For a plant that was not read from a file, text or mapping.
    """
    differs = differences(before, after)
    span = max(horizon_of(plant, horizon) for plant in (before, after))
    cancel = cancel or Cancel()
    workers = threads if executor is None else executor
    benches = tuple(Bench(plant, span, replications, seed, level, workers, cancel) for plant in (before, after))
    steps = _Steps(progress, 4 + sum(len(plant.work_centers) + len(plant.people) for plant in (before, after)))
    for bench in benches:
        bench.progress = steps.one
    if warmup != "auto":
        for bench in benches:
            bench.warmup = dict.fromkeys((False, True), seconds_of(warmup))
    try:
        runs = _same_spans(benches)
        limits = tuple(_limit(bench, *pair, level) for bench, pair in zip(benches, runs, strict=True))
    except Stopped as stopped:
        raise Interrupted("stopped before both plants were simulated") from stopped
    (released, saturated), (released_after, saturated_after) = runs
    effects = [_effect(released, released_after, name, level) for name in HEADLINES]
    effects.insert(1, _effect(saturated, saturated_after, "throughput", level, "saturated"))
    return PlantComparison(
        differs=differs,
        before=released,
        after=released_after,
        saturated=(saturated, saturated_after),
        effects=tuple(effect for effect in effects if effect is not None),
        states=_states(released, released_after, level),
        limits=(limits[0], limits[1]),
        level=level,
        options={
            "horizon": span,
            "warmup": released.warmup,
            "replications": released.replications,
            "seed": seed,
            "level": level,
            "lots in process": saturated.options.get("lots in process"),
        },
    )


@dataclass
class _Steps:
    """Counts the simulations of both plants together."""

    progress: Progress | None
    expected: int
    done: int = 0

    def one(self, done: int, total: int) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, max(self.done, self.expected))


def _same_spans(benches: tuple[Bench, ...]) -> tuple[tuple[Run, Run], ...]:
    """Each plant as released and saturated, all over the same span of time: only there they have the same luck."""
    runs = [[bench.run(bench.plant, saturated=kind) for kind in (False, True)] for bench in benches]
    fixed = any(run.warmup_rule == FROM_THE_START for pair in runs for run in pair)
    longest = max(run.warmup for pair in runs for run in pair)
    lots = max(int(pair[1].options["lots in process"]) for pair in runs)
    made = []
    for bench, pair in zip(benches, runs, strict=True):
        bench.lots = lots
        if not fixed:
            bench.warmup = dict.fromkeys((False, True), longest)
        again = []
        for kind, run in zip((False, True), pair, strict=True):
            moved = run.warmup != bench.warmup[kind] or (kind and run.options["lots in process"] != lots)
            again.append(replace(bench.run(bench.plant, saturated=kind), steady=run.steady) if moved else run)
        made.append((again[0], again[1]))
    return tuple(made)


def _limit(bench: Bench, released: Run, saturated: Run, level: float) -> Limit:
    """What holds a plant back as it is released, found by relief."""
    probes = probe(bench, bench.plant, saturated, replications=PROBE_REPLICATIONS)
    capacity = capacity_limit(bench.plant, released, saturated, probes, level)
    return limit_of(bench.plant, released, saturated, capacity, level)


def _effect(before: Run, after: Run, name: str, level: float, under: str = "released") -> Effect | None:
    one, other = _whole(before, name), _whole(after, name)
    if one is None and other is None:
        return None
    change = gain(after, before, name, level)
    if change is None and one is not None and other is not None and one.unit == other.unit:
        change = difference(other, one, level)
    return Effect(
        one, other, change if one is not None and other is not None and one.unit == other.unit else None, under
    )


def _whole(run: Run, name: str) -> Estimate | None:
    """An estimate of the plant as a whole; energy, which is told by work center, added up."""
    whole = found(run, name)
    parts = run.named(name)
    if whole is not None or name != "energy" or not parts:
        return whole
    from plantwright.simulation.statistics import estimate

    values = [sum(column) for column in zip(*(part.values for part in parts), strict=True)]
    return estimate(name, {}, parts[0].unit, values, run.level) if any(values) else None


def _states(before: Run, after: Run, level: float) -> tuple[Effect, ...]:
    """What each work center that both have does with its time, where that changes; the largest changes first."""
    there = {tuple(sorted(e.of.items())): e for e in before.named("state share")}
    made = []
    for other in after.named("state share"):
        one = there.get(tuple(sorted(other.of.items())))
        if one is not None:
            change = difference(other, one, level)
            if abs(change.mean) > 1e-9:
                made.append(Effect(one, other, change))
    return tuple(sorted(made, key=lambda effect: -abs(effect.change.mean if effect.change else 0.0)))
