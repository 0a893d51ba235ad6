"""What must not be passed: the limits of the plant file, held against a plant with a move made."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plantwright.improvement.bench import found
from plantwright.improvement.on_people import WEEK, alone, nights_of, overtime_of, peak_of, people_of
from plantwright.improvement.study import Move
from plantwright.plant.plant import Plant
from plantwright.simulation.economics import YEAR, watts
from plantwright.simulation.run import Run


def passed(plant: Plant, move: Move, after: Plant) -> str | None:
    """Which limit a move passes, with the figures; None where it keeps all that can be told without a simulation."""
    if "budget" in plant.limits and (move.capital or 0.0) > plant.limits["budget"]:
        return f"passes the limit of budget: {move.capital:.10g} of {plant.limits['budget']:.10g} {plant.currency or ''}".rstrip()
    hired = people_of(after) - people_of(plant)
    if "hires" in plant.limits and hired > plant.limits["hires"] * YEAR * (1 + 1e-9):
        return f"passes the limit of hires: {hired:.10g} of {plant.limits['hires'] * YEAR:.10g} people in a year"
    for word, (measure, scale, unit) in _MEASURES.items():
        if word in plant.limits:
            now, then, most = measure(plant), measure(after), plant.limits[word]
            if then > most * (1 + 1e-9) and then > now * (1 + 1e-9):
                return f"passes the limit of {word}: {then / scale:.6g} of {most / scale:.6g} {unit}"
    return None


def passed_when_run(plant: Plant, before: Run, after: Run) -> str | None:
    """Which limit a plant passes as it was simulated, in the mean, and further than before; None for none."""
    for word, name, sign, offset, scale, unit in (
        ("late", "on-time share", -1.0, 1.0, 0.01, "%"),
        ("work in process", "work in process", 1.0, 0.0, 1.0, "lots"),
    ):
        now, then = found(before, name), found(after, name)
        if word in plant.limits and now is not None and then is not None:
            value, most = offset + sign * then.mean, plant.limits[word]
            if value > most and value > offset + sign * now.mean:
                return f"passes the limit of {word}: {value / scale:.4g} of {most / scale:.4g} {unit}"
    peaks = peak_of(before), peak_of(after)
    if "peak load" in plant.limits and peaks[0] is not None and peaks[1] is not None:
        most = plant.limits["peak load"]
        if peaks[1] > max(most, peaks[0]):
            return f"passes the limit of peak load: {100 * peaks[1]:.4g} of {100 * most:.4g} %"
    return None


def machines_of(plant: Plant) -> float:
    """How many machines there are."""
    return float(sum(center.machines or 0 for center in plant.work_centers.values()))


def power_of(plant: Plant) -> float:
    """The power of all machines at work at a time, in watts."""
    return sum((center.machines or 0) * watts(center, "working") for center in plant.work_centers.values())


_MEASURES: Mapping[str, tuple[Callable[[Plant], float], float, str]] = {
    "people": (people_of, 1.0, "people"),
    "machines": (machines_of, 1.0, "machines"),
    "power": (power_of, 1e3, "kW"),
    "overtime": (overtime_of, 3600.0 / WEEK, "h/wk"),
    "nights": (lambda plant: nights_of(plant) * 3600.0 / WEEK, 3600.0 / WEEK, "h/wk"),
    "alone": (lambda plant: float(len(alone(plant))), 1.0, "skills that one person only has"),
}
