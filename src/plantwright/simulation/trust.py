"""How far a run can be trusted: its plant's own totals, held against what was simulated."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import stdev

from plantwright.plant.content import content_of
from plantwright.plant.plant import Plant, Trust
from plantwright.plant.quantities import several
from plantwright.simulation.loads import typical_lot
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.statistics import estimate
from plantwright.units import figures, show_duration

TOLERANCE = 0.15
"""Simulated and given may differ by this share of the given; a share late by as many points."""

MONTH = 365.25 * 86400.0 / 12


SURE = 0.01
"""An interval that is narrower than this share of its mean, on either side, is not said."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One total: what it is, simulated and given in the same unit, how both are written, and whether they agree.

    They agree where the simulated mean lies within the tolerance; ``interval`` is how it is written between which two
    values that mean lies, empty where it is known to a hundredth. ``standard_error`` is that of the simulated mean, in the same unit.
    """

    name: str
    simulated: float
    given: float
    shown: tuple[str, str]
    agrees: bool
    interval: str = ""
    standard_error: float = 0.0

    def __str__(self) -> str:
        return f"{self.name} {self.shown[0]}{self.interval} simulated, {self.shown[1]} given"


def trust_of(plant: Plant, run: Run) -> tuple[Trust, list[str]]:
    """The grade of a run's plant, and what of its totals the run does not reproduce.

    A plant without totals is a sketch. With totals, all that were given must agree within `TOLERANCE`; each that does not is
    said in a line. With them, and with a hold-out (`plantwright calibrate --hold-out`) in which every distance from what happened was
    no worse than that of past orders replayed, and surer, weeks were predicted, if the plant is what it was then. A saturated run is not what the owner's totals describe, so it proves nothing.
    """
    if plant.totals is None or run.options.get("saturated"):
        return "sketch", []
    compared = compare_totals(plant, run)
    wrong = [str(comparison) for comparison in compared if not comparison.agrees]
    if not compared or wrong:
        return "sketch", wrong
    predicted = plant.hold_out is not None and plant.hold_out.predicts and not changed_since(plant)
    return ("weeks predicted" if predicted else "totals matched"), wrong


CHANGED = "the plant was changed since the weeks were held out: run calibrate --hold-out again"


def changed_since(plant: Plant) -> bool:
    """Whether a plant's hold-out was of another content than it has now, or says not of which."""
    return plant.hold_out is not None and plant.hold_out.of != content_of(plant)


def not_told(plant: Plant) -> dict[str, str]:
    """What the grade cannot say, and why: weeks that were predicted by the plant as it was."""
    predicted = plant.hold_out is not None and plant.hold_out.predicts
    return {"weeks predicted": CHANGED} if predicted and changed_since(plant) else {}


def compare_totals(plant: Plant, run: Run) -> tuple[Comparison, ...]:
    """Every total that the plant gives and the run can be held against, in the order of the plant file."""
    totals = plant.totals
    if totals is None:
        return ()
    made: list[Comparison] = []
    if totals.throughput is not None:
        quantity, unit, span = totals.throughput
        simulated = _per_second(plant, run, unit)
        if simulated is not None:
            word = "lots" if unit == "lot" else "pieces"
            made.append(
                _compared("throughput", simulated, quantity / span, lambda value: f"{figures(value * MONTH)} {word}/mo")
            )
    cycle_time = _found(run, "cycle time")
    if totals.cycle_time is not None and cycle_time is not None:
        given = totals.cycle_time
        made.append(_compared("cycle time", cycle_time, given, lambda value: show_duration(value, like=given)))
    on_time = _found(run, "on-time share")
    if totals.late is not None and on_time is not None:
        late = _of_values(run, [1 - value for value in on_time.values])
        made.append(_compared("share late", late, totals.late, lambda value: f"{100 * value:.0f} %", whole=1.0))
    if totals.work_in_process is not None:
        amount = totals.work_in_process
        held = _work_in_process(plant, run, amount.of == "piece")
        if held is not None:
            what = several(amount.unit) if amount.of == "piece" else "lots"
            made.append(_compared("work in process", held, amount.value, lambda value: f"{figures(value)} {what}"))
    return tuple(made)


def _compared(
    name: str, found: Estimate, given: float, written: Callable[[float], str], whole: float | None = None
) -> Comparison:
    """`found` against `given`, within the tolerance of the given or of `whole`."""
    agrees = abs(found.mean - given) <= TOLERANCE * (given if whole is None else whole)
    sure = found.half_width <= SURE * (abs(found.mean) if whole is None else whole)
    interval = "" if sure else _interval(found, written)
    error = stdev(found.values) / math.sqrt(len(found.values)) if len(found.values) > 1 else math.inf
    return Comparison(name, found.mean, given, (written(found.mean), written(given)), agrees, interval, error)


def _interval(found: Estimate, written: Callable[[float], str]) -> str:
    if not math.isfinite(found.half_width):
        return " (one run)"
    least, most = (written(value).partition(" ")[0] for value in (found.low, found.high))
    return f" ({least} to {most})"


def _found(run: Run, name: str, **of: str) -> Estimate | None:
    return next((found for found in run.named(name) if found.of == of and found.quantile is None), None)


def _of_values(run: Run, values: Sequence[float]) -> Estimate:
    return estimate("total", {}, "", values, run.level)


def _per_second(plant: Plant, run: Run, unit: str) -> Estimate | None:
    """Pieces or lots finished per second of the calendar, over all products."""
    name = "lots finished" if unit == "lot" else "throughput"
    factor = run.working_days / run.horizon
    return _summed(run, name, dict.fromkeys(plant.products, factor))


def _work_in_process(plant: Plant, run: Run, in_pieces: bool) -> Estimate | None:
    if not in_pieces:
        return _found(run, "work in process")
    return _summed(run, "work in process", {name: typical_lot(product) for name, product in plant.products.items()})


def _summed(run: Run, name: str, factors: Mapping[str, float]) -> Estimate | None:
    """A measure of each product times its factor, added up in each replication."""
    parts = []
    for product, factor in factors.items():
        found = _found(run, name, product=product)
        if found is None:
            return None
        parts.append([factor * value for value in found.values])
    return _of_values(run, [sum(values) for values in zip(*parts, strict=True)])
