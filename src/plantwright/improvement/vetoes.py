"""What must not be passed: the limits of the plant file, held against a plant with a move made."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plantwright.improvement.bench import found
from plantwright.improvement.study import Move
from plantwright.plant.plant import Plant
from plantwright.simulation.economics import YEAR, watts
from plantwright.simulation.run import Run

WEEK = 7 * 86400.0


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
    return None


def people_of(plant: Plant) -> float:
    """How many people there are."""
    return float(sum(crew.count for crew in plant.people.values()))


def machines_of(plant: Plant) -> float:
    """How many machines there are."""
    return float(sum(center.machines or 0 for center in plant.work_centers.values()))


def power_of(plant: Plant) -> float:
    """The power of all machines at work at a time, in watts."""
    return sum((center.machines or 0) * watts(center, "working") for center in plant.work_centers.values())


def overtime_of(plant: Plant) -> float:
    """The most overtime that a shift of somebody, or of a work center, has: a share of the week."""
    used = {name for crew in plant.people.values() for name in crew.shift}
    used |= {name for center in plant.work_centers.values() for name in center.shift}
    hours = [
        sum((extra.span.end - extra.span.start) * len(extra.days) for extra in plant.shifts[name].overtime)
        for name in used
    ]
    return max(hours, default=0.0) / WEEK


_MEASURES: Mapping[str, tuple[Callable[[Plant], float], float, str]] = {
    "people": (people_of, 1.0, "people"),
    "machines": (machines_of, 1.0, "machines"),
    "power": (power_of, 1e3, "kW"),
    "overtime": (overtime_of, 3600.0 / WEEK, "h/wk"),
}
