"""How far a run can be trusted: its plant's own totals, held against what was simulated."""

from __future__ import annotations

from dataclasses import dataclass

from plantwright.plant.plant import Plant, Trust
from plantwright.simulation.loads import typical_lot
from plantwright.simulation.run import Estimate, Run
from plantwright.units import show_duration

TOLERANCE = 0.15
"""Simulated and given may differ by this share of the given; a share late by as many points."""

MONTH = 365.25 * 86400.0 / 12


@dataclass(frozen=True, slots=True)
class Comparison:
    """One total: what it is, simulated and given in the same unit, how both are written, and whether they agree."""

    name: str
    simulated: float
    given: float
    shown: tuple[str, str]
    agrees: bool

    def __str__(self) -> str:
        return f"{self.name} {self.shown[0]} simulated, {self.shown[1]} given"


def trust_of(plant: Plant, run: Run) -> tuple[Trust, list[str]]:
    """The grade of a run's plant, and what of its totals the run does not reproduce.

    A plant without totals is a sketch. With totals, all that were given must agree within `TOLERANCE`; each that does not is
    said in a line. A saturated run is not what the owner's totals describe, so it proves nothing.
    """
    if plant.totals is None or run.options.get("saturated"):
        return "sketch", []
    compared = compare_totals(plant, run)
    wrong = [str(comparison) for comparison in compared if not comparison.agrees]
    return ("totals matched" if compared and not wrong else "sketch"), wrong


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
            shown = (f"{simulated * MONTH:.3g} {word}/mo", f"{quantity / span * MONTH:.3g} {word}/mo")
            made.append(_compared("throughput", simulated, quantity / span, shown))
    cycle_time = _mean(run, "cycle time")
    if totals.cycle_time is not None and cycle_time is not None:
        shown = (show_duration(cycle_time), show_duration(totals.cycle_time))
        made.append(_compared("cycle time", cycle_time, totals.cycle_time, shown))
    on_time = _mean(run, "on-time share")
    if totals.late is not None and on_time is not None:
        late = 1 - on_time
        agrees = abs(late - totals.late) <= TOLERANCE
        shown = (f"{100 * late:.0f} %", f"{100 * totals.late:.0f} %")
        made.append(Comparison("share late", late, totals.late, shown, agrees))
    if totals.work_in_process is not None:
        in_pieces = totals.work_in_process.of == "piece"
        held = _work_in_process(plant, run, in_pieces)
        if held is not None:
            word = totals.work_in_process.unit if in_pieces else "lots"
            shown = (f"{held:.3g} {word}", f"{totals.work_in_process.value:.3g} {word}")
            made.append(_compared("work in process", held, totals.work_in_process.value, shown))
    return tuple(made)


def _compared(name: str, simulated: float, given: float, shown: tuple[str, str]) -> Comparison:
    return Comparison(name, simulated, given, shown, abs(simulated - given) <= TOLERANCE * given)


def _found(run: Run, name: str, **of: str) -> Estimate | None:
    return next((found for found in run.named(name) if found.of == of and found.quantile is None), None)


def _mean(run: Run, name: str, **of: str) -> float | None:
    found = _found(run, name, **of)
    return None if found is None else found.mean


def _per_second(plant: Plant, run: Run, unit: str) -> float | None:
    """Pieces or lots finished per second of the calendar, over all products."""
    total = 0.0
    for name in plant.products:
        rate = _mean(run, "lots finished" if unit == "lot" else "throughput", product=name)
        if rate is None:
            return None
        total += rate
    return total * run.working_days / run.horizon


def _work_in_process(plant: Plant, run: Run, in_pieces: bool) -> float | None:
    if not in_pieces:
        return _mean(run, "work in process")
    total = 0.0
    for name, product in plant.products.items():
        lots = _mean(run, "work in process", product=name)
        if lots is None:
            return None
        total += lots * typical_lot(product)
    return total
