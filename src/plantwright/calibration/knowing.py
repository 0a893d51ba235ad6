"""What a log says of the time that a visit took: to the minute, or only that it lies between bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from plantwright.calibration.likelihood import Known
from plantwright.calibration.visits import Visit

if TYPE_CHECKING:
    import polars

_CLOCKS = (3600.0, 1800.0, 900.0, 600.0, 300.0, 60.0, 1.0)
_NEARLY_ALL = 0.99


def resolution(table: polars.DataFrame) -> float:
    """Seconds to which a log's clock was read: of an hour down to a second, the longest of which 99 % of all starts and ends of
    measured reports are whole multiples; nothing where they are finer.
    """
    timed = table.filter("timed")
    moments = np.concatenate([timed[name].dt.epoch("us").to_numpy() for name in ("start", "end")])
    for clock in _CLOCKS:
        if moments.size and (moments % int(1e6 * clock) == 0).mean() >= _NEARLY_ALL:
            return clock
    return 0.0


def pieces_of(visit: Visit) -> float:
    """The pieces that a visit's time was for: those of the order less what was scrapped before, for simulated lots have as many there; those
    reported where the order's are not known.
    """
    return visit.due or visit.pieces or 1.0


def is_measured(visit: Visit) -> bool:
    """Whether all the work of a visit was measured, from its begin to its end."""
    return visit.timed and visit.work > visit.made_up == 0 and not visit.running


def half_width(clock: float, reports: int) -> float:
    """Half the width of the interval in which a time lies that was measured with a clock read to `clock` seconds.

    The difference of two rounded moments is off by a triangle of variance clock^2 / 6, and so many `reports` by as many of them; the
    interval has that variance.
    """
    return clock * math.sqrt(max(1, reports) / 2)


def known_of(visits: Sequence[Visit], clock: float) -> Known:
    """What is known of the work of visits.

    A measured visit lies within its rounding. One that was still running when the log ended took longer than was seen of it. Where
    some of its reports have made-up ends, it took longer than the measured ones, and no longer than until its order went on; where
    all have, no longer than that. A visit of which nothing is known is left out.
    """
    low, high, pieces, measured = [], [], [], []
    for visit in visits:
        seen = visit.work - visit.made_up
        half = half_width(clock, visit.reports)
        at_most = visit.latest if visit.latest is not None and visit.latest > seen else math.inf
        if visit.running or visit.made_up > 0:
            if seen <= 0 and math.isinf(at_most):
                continue
            bounds = (max(0.0, seen - half), math.inf if visit.running else at_most)
        elif is_measured(visit):
            bounds = (max(0.0, seen - half), seen + half)
        else:
            continue
        low.append(bounds[0])
        high.append(bounds[1])
        pieces.append(pieces_of(visit))
        measured.append(is_measured(visit))
    return Known(np.array(low), np.array(high), np.array(pieces), np.array(measured, bool))
