"""The order in which a history gives readings: by tag, time and arrival, what came twice once."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np
import numpy.typing as npt

from plantwright.shopfloor.readings import Events, Ids, Instants, Samples

Rows = npt.NDArray[np.int64]


def tidy_samples(samples: Samples) -> Samples:
    """In the order of tag, time and arrival, each once."""

    def told(row: int) -> Hashable:
        value = float(samples.value[row])
        return (None if value != value else value, int(samples.quality[row]))

    rows = tidy_rows(samples.tag, samples.time, told)
    if rows is None:
        return samples
    return Samples(samples.tag[rows], samples.time[rows], samples.value[rows], samples.quality[rows])


def tidy_events(events: Events) -> Events:
    """In the order of tag, time and arrival, each once."""

    def told(row: int) -> Hashable:
        return (events.value[row], events.detail[row], int(events.quality[row]))

    rows = tidy_rows(events.tag, events.time, told)
    if rows is None:
        return events
    return Events(
        events.tag[rows],
        events.time[rows],
        [events.value[row] for row in rows.tolist()],
        [events.detail[row] for row in rows.tolist()],
        events.quality[rows],
    )


def tidy_rows(tag: Ids, time: Instants, told: Callable[[int], Hashable]) -> Rows | None:
    """The rows to take, in their order; None where all stand as they should.

    Parameters
    ----------
    tag, time : array
    told : callable
        What a row says beside its tag and time: rows of one tag, time and saying are one.
    """
    if len(tag) < 2:
        return None
    up = (tag[1:] > tag[:-1]) | ((tag[1:] == tag[:-1]) & (time[1:] > time[:-1]))
    if up.all():
        return None
    rows = _sorted(tag, time)
    tags, times = tag[rows], time[rows]
    same = (tags[1:] == tags[:-1]) & (times[1:] == times[:-1])
    if not same.any():
        return rows
    keep = np.ones(len(rows), bool)
    seen: set[Hashable] = set()
    last = -1
    for at in np.flatnonzero(same).tolist():
        if at != last:
            seen = {told(int(rows[at]))}
        says = told(int(rows[at + 1]))
        keep[at + 1] = says not in seen
        seen.add(says)
        last = at + 1
    return rows[keep]


def _sorted(tag: Ids, time: Instants) -> Rows:
    """A stable order by tag and time; quick where times hardly stray, as they do."""
    by_time = np.argsort(time, kind="stable") if (time[1:] < time[:-1]).any() else np.arange(len(time))
    return by_time[np.argsort(tag[by_time], kind="stable")]
