"""Hours in which orders go on to their next step: those in which visits begin, not those in which machines run."""

from __future__ import annotations

import numpy as np

from plantwright.calibration.calendars import Calendar, Weeks, find_calendar
from plantwright.calibration.visits import History

FEWEST = 100
"""With fewer begins their hours of the week are not told."""


def find_going_on(history: History, weeks: Weeks) -> Calendar:
    """The hours in which orders usually go on: found as those of work are, each measured begin of a visit after the first counting as an hour.

    Without patterns where so few begins do not tell, or where they come day and night. ``inside`` is the share of the begins in these hours.
    """
    starts = np.array([v.start for own in history.orders.values() for v in own[1:] if v.timed], "datetime64[h]")
    if starts.size < FEWEST:
        return Calendar((), 1.0)
    found = find_calendar(np.stack([starts, starts + np.timedelta64(1, "h")], axis=1), weeks, days_off=False)
    always = len(found.patterns) == 1 and found.patterns[0].days == tuple(range(7)) and found.patterns[0].end == 24
    return Calendar((), 1.0) if always else found
