"""The order in which a history gives readings: by tag, time and arrival, what came twice once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from plantwright.shopfloor.readings import Events, Ids, Instants, Samples

if TYPE_CHECKING:
    import polars

Rows = npt.NDArray[np.int64]


def tidy_samples(samples: Samples) -> Samples:
    """In the order of tag, time and arrival, each once."""

    def told(rows: Rows) -> list[Hashable]:
        values, qualities = samples.value[rows].tolist(), samples.quality[rows].tolist()
        return [(None if value != value else value, quality) for value, quality in zip(values, qualities, strict=True)]

    rows = tidy_rows(samples.tag, samples.time, told)
    if rows is None:
        return samples
    return Samples(samples.tag[rows], samples.time[rows], samples.value[rows], samples.quality[rows])


def tidy_events(events: Events) -> Events:
    """In the order of tag, time and arrival, each once."""

    def told(rows: Rows) -> list[Hashable]:
        return [(events.value[row], events.detail[row], int(events.quality[row])) for row in rows.tolist()]

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


def tidy_frame(frame: polars.DataFrame) -> polars.DataFrame:
    """Events as a frame, with whole numbers for times, in the order of tag, time and arrival, each once."""

    def told(rows: Rows) -> list[Hashable]:
        return list(frame[rows].select("value", "detail", "quality").rows())

    rows = tidy_rows(frame["tag"].to_numpy(), frame["time"].to_numpy(), told)
    return frame if rows is None else frame[rows]


def tidy_rows(tag: Ids, time: Instants, told: Callable[[Rows], Sequence[Hashable]]) -> Rows | None:
    """The rows to take, in their order; None where all stand as they should.

    Parameters
    ----------
    tag, time : array
    told : callable
        What rows say beside their tag and time: rows of one tag, time and saying are one.
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
    at = np.flatnonzero(same)
    involved = np.union1d(at, at + 1)
    says = dict(zip(involved.tolist(), told(rows[involved]), strict=True))
    seen: set[Hashable] = set()
    last = -1
    for place in at.tolist():
        if place != last:
            seen = {says[place]}
        keep[place + 1] = says[place + 1] not in seen
        seen.add(says[place + 1])
        last = place + 1
    return rows[keep]


def _sorted(tag: Ids, time: Instants) -> Rows:
    """A stable order by tag and time; quick where the times of a tag hardly stray, as they do."""
    least = int(tag.min())
    few = int(tag.max()) - least < 32_767  # numpy counts small integers instead of comparing them
    rows = np.argsort((tag - least).astype(np.int16) if few else tag, kind="stable")
    tags, times = tag[rows], time[rows]
    if ((times[1:] < times[:-1]) & (tags[1:] == tags[:-1])).any():
        return np.lexsort((time, tag))
    return rows
