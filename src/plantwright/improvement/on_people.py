"""What a move does to people: how many they are, their overtime and nights, the peak of their load, on whom alone the plant depends."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from plantwright.improvement.study import OnPeople
from plantwright.plant.once import OnceFor
from plantwright.plant.plant import Plant
from plantwright.plant.resources import Crew
from plantwright.simulation.run import Run
from plantwright.simulation.timeline import Calendar, calendar

WEEK = 7 * 86400.0
NIGHT = (22 * 3600.0, 6 * 3600.0)
"""The hours of night, from and to (Directive 2003/88/EC counts those from midnight to 5 among them)."""
_STEP, _WEEKS = 300.0, 4


def on_people(before: Plant, after: Plant, run: Run, then: Run | None) -> OnPeople | None:
    """What a plant asks of its people, before and with a move; None where nobody works in it, before and after."""
    if not before.people and not after.people:
        return None
    return OnPeople(
        headcount=(people_of(before), people_of(after)),
        overtime=(overtime_of(before) * WEEK / 3600.0, overtime_of(after) * WEEK / 3600.0),
        nights=(nights_of(before), nights_of(after)),
        peak=None
        if then is None or peak_of(then) is None or peak_of(run) is None
        else (peak_of(run) or 0.0, peak_of(then) or 0.0),
        alone=(alone(before), alone(after)),
    )


def peak_of(run: Run) -> float | None:
    """The share of its time that the busiest crew is at work."""
    return max((made.mean for made in run.named("use of people")), default=None)


def people_of(plant: Plant) -> float:
    """How many people there are."""
    return float(sum(crew.count for crew in plant.people.values()))


def overtime_of(plant: Plant) -> float:
    """The most overtime that a shift of somebody, or of a work center, has: a share of the week."""
    used = {name for crew in plant.people.values() for name in crew.shift}
    used |= {name for center in plant.work_centers.values() for name in center.shift}
    hours = [
        sum((extra.span.end - extra.span.start) * len(extra.days) for extra in plant.shifts[name].overtime)
        for name in used
    ]
    return max(hours, default=0.0) / WEEK


def nights_of(plant: Plant) -> float:
    """Hours of night that all people together work a week."""
    return sum(crew.count * _night_hours(plant, crew) for crew in plant.people.values())


def _night_hours(plant: Plant, crew: Crew) -> float:
    if not crew.shift:
        return 0.0
    shifts = [plant.shifts[name] for name in crew.shift]
    there = calendar(shifts, start=plant.start, time_zone=plant.time_zone, horizon=_WEEKS * WEEK)
    return _at_night(there, plant.start)


def _hours_at_night(there: Calendar, start: datetime) -> float:
    """Hours between `NIGHT` a week in which a calendar that starts then is open."""
    at = np.arange(_STEP / 2, _WEEKS * WEEK, _STEP)
    works = there.on[np.searchsorted(there.times, at, side="right") - 1] > 0
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    clock = (at + (start - midnight).total_seconds()) % 86400.0
    night = (clock >= NIGHT[0]) | (clock < NIGHT[1])
    return float((works & night).sum()) * _STEP / 3600.0 / _WEEKS


_at_night = OnceFor(_hours_at_night)


def alone(plant: Plant) -> tuple[str, ...]:
    """Skills that operations or repairs need and that one person only has, each with its level."""
    needed = {
        (need.skill, need.level)
        for product in plant.products.values()
        for operation in product.routing
        for need in operation.staff
    }
    for center in plant.work_centers.values():
        needed |= {(need.skill, need.level) for failure in center.failures for need in failure.by}
    found = []
    for skill, level in sorted(needed):
        able = sum(crew.count for crew in plant.people.values() if crew.skills.get(skill, -1) >= level)
        if able == 1:
            found.append(f"{skill} {level}")
    return tuple(found)
