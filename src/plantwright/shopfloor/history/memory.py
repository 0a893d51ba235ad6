"""A history in memory: for tests, for a first look, and as the plainest statement of what a history is."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from plantwright.shopfloor.history.frames import joined_samples
from plantwright.shopfloor.history.keeping import Keep
from plantwright.shopfloor.readings import Batch, Events, Samples, Tag

if TYPE_CHECKING:
    import polars


class MemoryHistory:
    """Keeps all that is appended for as long as the process lives; a `Recorder` and a `History` in one."""

    def __init__(self) -> None:
        self._tags: dict[str, tuple[int, Tag]] = {}
        self._samples: list[Samples] = []
        self._events: list[Events] = []
        self._positions: dict[str, Mapping[str, Any]] = {}
        self._lock = threading.Lock()

    def declare(self, tags: Sequence[Tag]) -> list[int]:
        with self._lock:
            for tag in tags:
                number = self._tags[tag.name][0] if tag.name in self._tags else len(self._tags)
                self._tags[tag.name] = number, tag
            return [self._tags[tag.name][0] for tag in tags]

    def append(self, batches: Sequence[Batch]) -> None:
        with self._lock:
            for batch in batches:
                if len(batch.samples):
                    self._samples.append(batch.samples)
                if len(batch.events):
                    self._events.append(batch.events)
                if batch.position is not None:
                    self._positions[batch.source] = batch.position

    def positions(self) -> Mapping[str, Mapping[str, Any]]:
        return dict(self._positions)

    def close(self) -> None:
        return

    def tags(self) -> Sequence[Tag]:
        return [tag for _, tag in self._tags.values()]

    def samples(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        return _between(samples_frame(self._copy(self._samples)), tags, start, end)

    def events(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        return _between(events_frame(self._copy(self._events)), tags, start, end)

    def before(self, tags: Sequence[int], instant: int) -> polars.DataFrame:
        earlier = self.events(tags, np.iinfo(np.int64).min, instant)
        return earlier.group_by("tag", maintain_order=True).last()

    def minutes(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        return by_minute(self.samples(tags, start, end))

    def newest(self, tags: Sequence[int] = ()) -> int | None:
        times = [
            part.time[np.isin(part.tag, tags)] if tags else part.time
            for part in (*self._copy(self._samples), *self._copy(self._events))
        ]
        return max((int(some.max()) for some in times if len(some)), default=None)

    def oldest(self) -> int | None:
        times = [int(part.time.min()) for part in (*self._copy(self._samples), *self._copy(self._events))]
        return min(times, default=None)

    def keeps(self) -> Keep:
        return Keep()

    def amounts(self) -> Mapping[str, tuple[int, int]]:
        return {
            "samples": (sum(map(len, self._copy(self._samples))), 0),
            "events": (sum(map(len, self._copy(self._events))), 0),
        }

    def _copy(self, parts: list[Any]) -> list[Any]:
        with self._lock:
            return list(parts)


def samples_frame(parts: Sequence[Samples]) -> polars.DataFrame:
    """Samples as a frame with the columns of `History.samples`, in the order given."""
    import polars

    samples = joined_samples(parts)
    return polars.DataFrame({name: getattr(samples, name) for name in Samples.__slots__}).with_columns(
        polars.col("time").cast(polars.Datetime("ns", "UTC"))
    )


def events_frame(parts: Sequence[Events]) -> polars.DataFrame:
    """Events as a frame with the columns of `History.events`, in the order given."""
    import polars

    return polars.DataFrame(
        {
            "tag": np.concatenate([part.tag for part in parts] or [np.empty(0, np.int32)]),
            "time": np.concatenate([part.time for part in parts] or [np.empty(0, np.int64)]),
            "value": polars.Series([text for part in parts for text in part.value], dtype=polars.String),
            "detail": polars.Series([text for part in parts for text in part.detail], dtype=polars.String),
            "quality": np.concatenate([part.quality for part in parts] or [np.empty(0, np.uint8)]),
        }
    ).with_columns(polars.col("time").cast(polars.Datetime("ns", "UTC")))


def _between(frame: polars.DataFrame, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
    import polars

    time = polars.col("time").cast(polars.Int64)
    inside = frame.filter(polars.col("tag").is_in(list(tags)) & (time >= start) & (time < end))
    return once_each(inside)


def once_each(frame: polars.DataFrame) -> polars.DataFrame:
    """In the order of tag, time and arrival, each reading once."""
    return frame.unique(keep="first", maintain_order=True).sort("tag", "time", maintain_order=True)


def by_minute(samples: polars.DataFrame) -> polars.DataFrame:
    """Samples of good quality by tag and minute, with the columns of `History.minutes`."""
    import polars

    value = polars.col("value")
    return (
        samples.filter((polars.col("quality") == 0) & value.is_not_nan())
        .group_by("tag", polars.col("time").dt.truncate("1m").alias("minute"), maintain_order=True)
        .agg(
            count=value.len().cast(polars.Int64),
            least=value.min(),
            most=value.max(),
            mean=value.mean(),
            first=value.first(),
            last=value.last(),
        )
    )
