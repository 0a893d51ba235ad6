"""The published distances between two logs (Chapela-Campa et al., "Can I trust my simulation model?", BPM 2023), and two beside them.

Each is the distance of two histograms: of runs of activities, or of times in whole hours. For times it is the first Wasserstein
distance: by how many hours a time has to be moved on average to turn one histogram into the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from plantwright.calibration.holdout.traces import HOUR, Times, Trace

MEASURES = ("n-gram", "absolute", "circadian", "relative", "cycle time")
BESIDE = ("arrivals", "remaining workload")
"""What is told beside the five: when orders begin, and how much of their work is still to be done."""
ALL = MEASURES + BESIDE
UNITS = ("", "h", "h", "h", "h", "h", "h")
"""Of `ALL`."""
LONG = 3
_WORST_HOURS = 23.0
_MONDAY = 3  # 1970 began on a Thursday

Log = Sequence[Trace]


def distances(real: Log, simulated: Log) -> npt.NDArray[np.float64]:
    """All five distances, in the order of `MEASURES`. Raises ValueError where one of the logs is empty."""
    if not real or not simulated:
        raise ValueError("a log without orders has no distance from another")
    measures = (n_gram_distance, absolute_distance, circadian_distance, relative_distance, cycle_time_distance)
    return np.array([measure(real, simulated) for measure in measures])


def all_distances(real: Log, simulated: Log, cut: int, until: int) -> npt.NDArray[np.float64]:
    """The five distances and those beside them, in the order of `ALL`, of orders that begin between two moments; raises as `distances`."""
    beside = [arrival_distance(real, simulated), workload_distance(real, simulated, cut, until)]
    return np.concatenate([distances(real, simulated), beside])


def arrival_distance(real: Log, simulated: Log) -> float:
    """The distance of the hours of the calendar in which orders begin, in hours."""
    one, other = (np.array([trace.first for trace in log]) for log in (real, simulated))
    return _apart(one // HOUR, other // HOUR)


def workload_distance(real: Log, simulated: Log, cut: int, until: int) -> float:
    """How far apart the work still to be done is, from hour to hour in the mean.

    Parameters
    ----------
    real, simulated : sequence of Trace
    cut, until : int
        From when to when, in microseconds since 1970.

    Returns
    -------
    float
        Hours of machines: the mean over whole hours of the absolute difference. The work still to be done to the orders that have begun is what is left of their
        activities, as far as they end by `until`; an activity's work is spread evenly from its begin to its end.
    """
    hours = np.arange(cut, until + 1, HOUR, dtype=np.int64)
    return float(np.abs(_to_be_done(real, hours, until) - _to_be_done(simulated, hours, until)).mean())


def _to_be_done(log: Log, moments: Times, until: int) -> npt.NDArray[np.float64]:
    """At each moment the hours of work that is left of the activities of orders that have begun."""
    starts, ends, worked = (
        np.concatenate([getattr(trace, what) for trace in log]) for what in ("starts", "ends", "worked")
    )
    firsts = np.repeat([trace.first for trace in log], [trace.starts.size for trace in log])
    seen = ends <= until
    starts, ends, firsts, worked = starts[seen], ends[seen], firsts[seen], worked[seen] / HOUR
    # An activity counts whole from the begin of its order on, and less and less while it is done.
    pace = worked / np.maximum(1, ends - starts)
    done = _over(moments, starts, pace) - _over(moments, ends, pace)
    at_once = np.where(ends > starts, 0.0, worked)
    return np.asarray(_after(moments, firsts, worked) - done - _after(moments, ends, at_once))


def _after(moments: Times, times: Times, amounts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The sum of the amounts whose time has come by each moment."""
    order = np.argsort(times, kind="stable")
    summed = np.concatenate([[0.0], np.cumsum(amounts[order])])
    return np.asarray(summed[np.searchsorted(times[order], moments, side="right")])


def _over(moments: Times, times: Times, paces: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """At each moment, what has been done at some paces since the times that have come, all together."""
    since = (times - moments[0]).astype(float)
    return np.asarray((moments - moments[0]) * _after(moments, times, paces) - _after(moments, times, paces * since))


def n_gram_distance(real: Log, simulated: Log, long: int = LONG) -> float:
    """The distance of the frequencies of runs of activities.

    Parameters
    ----------
    real, simulated : sequence of Trace
    long : int
        Activities in a run; ends of an order count as activities of their own.

    Returns
    -------
    float
        Sum of absolute differences of the counts over the sum of all counts, from 0 to 1.
    """
    one, other = _runs(real, long), _runs(simulated, long)
    apart = sum(abs(one[run] - other[run]) for run in one.keys() | other.keys())
    return apart / (one.total() + other.total())


def absolute_distance(real: Log, simulated: Log) -> float:
    """The distance of the hours of the calendar in which activities begin and end, in hours."""
    return _apart(_stamps(real) // HOUR, _stamps(simulated) // HOUR)


def circadian_distance(real: Log, simulated: Log) -> float:
    """The distance of the hours of the day in which activities begin and end, in hours: the mean over the days of the week.

    A day of the week with activities in one log only counts as 23 h, the most there can be.
    """
    one, other = _stamps(real) // HOUR, _stamps(simulated) // HOUR
    days = []
    for day in range(7):
        here, there = (hours[(hours // 24 + _MONDAY) % 7 == day] % 24 for hours in (one, other))
        if here.size and there.size:
            days.append(_apart(here, there))
        else:
            days.append(0.0 if here.size == there.size else _WORST_HOURS)
    return float(np.mean(days))


def relative_distance(real: Log, simulated: Log) -> float:
    """The distance of the hours since the start of their order in which activities begin and end, in hours."""
    return _apart(_since_start(real), _since_start(simulated))


def cycle_time_distance(real: Log, simulated: Log) -> float:
    """The distance of the times from the first start to the last end of an order, in hours above the shortest of both logs."""
    one, other = (np.array([trace.last - trace.first for trace in log]) for log in (real, simulated))
    least = min(one.min(), other.min())
    return _apart((one - least) // HOUR, (other - least) // HOUR)


def _runs(log: Log, long: int) -> Counter[tuple[str | None, ...]]:
    runs: Counter[tuple[str | None, ...]] = Counter()
    ends = (None,) * (long - 1)
    # Many orders go one way.
    for activities, number in Counter(trace.activities for trace in log).items():
        padded = (*ends, *activities, *ends)
        for at in range(len(padded) - long + 1):
            runs[padded[at : at + long]] += number
    return runs


def _stamps(log: Log) -> Times:
    return np.concatenate([trace.stamps for trace in log])


def _since_start(log: Log) -> Times:
    stamps = _stamps(log)
    firsts = np.repeat([trace.first for trace in log], [trace.stamps.size for trace in log])
    return np.asarray((stamps - firsts) // HOUR)


def _apart(one: Times, other: Times) -> float:
    """The first Wasserstein distance of whole hours: the area between their cumulative shares."""
    least = min(one.min(), other.min())
    width = int(max(one.max(), other.max()) - least) + 1
    below = [np.cumsum(np.bincount(hours - least, minlength=width)) / hours.size for hours in (one, other)]
    return float(np.abs(below[0] - below[1]).sum())
