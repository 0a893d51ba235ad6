"""The span of time that a run counts, and the days in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from plantwright.plant.plant import Plant
from plantwright.simulation.economics import WEEK
from plantwright.simulation.timeline import calendar, open_time, working_days


@dataclass(frozen=True)
class Window:
    """The span of time that is counted: from the end of the warm-up to the end of the run.

    ``days`` are days of ``unit``, those that lie in the window in part as far as their open hours do; ``served`` those on whose
    midnight demand was served; ``share`` days of that unit in a day of the calendar, over whole weeks. Open hours are worked out
    until ``known``.
    """

    start: float
    end: float
    known: float
    days: float
    unit: str
    share: float
    served: int

    @property
    def seconds(self) -> float:
        return self.end - self.start


def window_of(plant: Plant, warmup: float, end: float, run: float | None = None) -> Window:
    """The counted span, in working days where the plant has shifts, else in days; of a `run` that ends then, whose hours are worked out
    once for all spans of it.
    """
    known = end if run is None else run
    after = working_days(plant, known + 2 * 86400.0)
    served = int((after.working & (warmup + 1.0 < after.ends) & (after.ends <= end + 1e-6)).sum())
    if not plant.shifts:
        return Window(warmup, end, known, (end - warmup) / 86400.0, "day", 1.0, served)
    weeks = math.ceil(known / WEEK)
    share = float(working_days(plant, weeks * WEEK).working.sum()) / (7 * weeks)
    midnight = plant.start.replace(hour=0, minute=0, second=0, microsecond=0)
    past = (plant.start - midnight).total_seconds()
    shifts = list(plant.shifts.values())
    open_hours = calendar(shifts, start=midnight, time_zone=plant.time_zone, horizon=past + known + 3 * 86400.0)
    begins = np.concatenate(([-past], after.ends[:-1]))
    counted = after.working & (after.ends > warmup) & (begins < end)
    begins, ends = begins[counted], after.ends[counted]
    inside = open_time(open_hours, past + np.maximum(warmup, begins), past + np.minimum(end, ends))
    whole = open_time(open_hours, past + begins, past + ends)
    days = sum(np.divide(inside, whole, out=np.ones_like(whole), where=whole > 0).tolist())
    return Window(warmup, end, known, days, "working day", share or 1.0, served)
