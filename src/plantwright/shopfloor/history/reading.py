"""A history in a folder: its reader. Many may read, in any process, while one writes and one seals; none waits for another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from plantwright.shopfloor.history import HistoryError
from plantwright.shopfloor.history.frames import joined_events, joined_samples
from plantwright.shopfloor.history.keeping import Keep, read_keep
from plantwright.shopfloor.history.manifest import NAME, Manifest, Part, in_order, read_manifest, read_tags
from plantwright.shopfloor.history.memory import events_frame, samples_frame
from plantwright.shopfloor.history.ordering import tidy_events, tidy_frame, tidy_samples
from plantwright.shopfloor.history.queries import Queries
from plantwright.shopfloor.history.rollups import (
    Minutes,
    apart_minutes,
    hulls,
    joined_minutes,
    minutes_of,
    tidy_minutes,
    within,
)
from plantwright.shopfloor.history.segments import FOLDER
from plantwright.shopfloor.history.tail import SegmentRead, Tail, chosen_events, chosen_samples
from plantwright.shopfloor.readings import NO_SAMPLES, Events, Ids, Instants, Samples, Tag

if TYPE_CHECKING:
    import polars

T = TypeVar("T")

TRIES = 8
LEAST = -(2**63)


@dataclass(frozen=True)
class View:
    """The history at one moment: what is sealed, and what is not yet."""

    manifest: Manifest
    tail: list[SegmentRead]

    def parts(self, kind: str) -> list[Part]:
        """The parts of a kind by day, those of a day in the order of arrival."""
        chosen = [part for part in self.manifest.parts if part.kind == kind]
        return sorted(chosen, key=lambda part: (part.day, part.order))

    def readings(self) -> list[Part]:
        """The parts that hold readings."""
        return [part for part in self.manifest.parts if part.kind != "minutes"]

    def times(self) -> list[Instants]:
        """The times of what is not sealed."""
        found = [piece.time for one in self.tail for piece in one.samples]
        return found + [piece.time for one in self.tail for piece in one.events]


class FolderHistory:
    """Reads a history in a folder.

    Parameters
    ----------
    folder : str or Path

    Raises
    ------
    HistoryError
        There is none.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if not (self.folder / FOLDER).is_dir() and not (self.folder / NAME).exists():
            raise HistoryError(f"{self.folder}: there is no history; 'plantwright collect' makes one [PW5100]")
        self._tail, self._queries = Tail(self.folder), Queries(self.folder)
        self._using = threading.Lock()
        self._known: tuple[str, dict[int, Tag]] = ("", {})

    def tags(self) -> Sequence[Tag]:
        def read(view: View) -> Sequence[Tag]:
            if self._known[0] != view.manifest.tags:
                self._known = view.manifest.tags, read_tags(self.folder, view.manifest)
            found = dict(self._known[1])
            for segment in view.tail:
                found.update(segment.tags)
            return in_order(found)

        return self._read(read)

    def samples(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        chosen = _ids(tags)
        return self._read(lambda view: samples_frame([self._samples(view, chosen, start, end)]))

    def events(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        chosen = _ids(tags)

        def read(view: View) -> polars.DataFrame:
            import polars

            if not len(chosen):
                return events_frame([])
            time = polars.col("time")
            tail = events_frame([joined_events(chosen_events(view.tail, chosen, start, end))])
            sealed = self._queries.events(view.parts("events"), chosen, start, end)
            whole = tail.with_columns(time.to_physical())
            found = tidy_frame(whole if sealed is None else polars.concat([sealed.cast(dict(whole.schema)), whole]))
            return found.with_columns(time.cast(polars.Datetime("ns", "UTC")))

        return self._read(read)

    def before(self, tags: Sequence[int], instant: int) -> polars.DataFrame:
        chosen = _ids(tags)
        return self._read(lambda view: events_frame([self._before(view, chosen, instant)]))

    def minutes(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        chosen = _ids(tags)
        return self._read(lambda view: self._minutes(view, chosen, start, end).frame())

    def newest(self, tags: Sequence[int] = ()) -> int | None:
        if tags:
            chosen = _ids(tags)
            return self._read(lambda view: self._newest(view, chosen))
        return self._read(
            lambda view: max(
                [*(int(time.max()) for time in view.times()), *(part.last for part in view.readings())], default=None
            )
        )

    def oldest(self) -> int | None:
        return self._read(
            lambda view: min(
                [*(int(time.min()) for time in view.times()), *(part.first for part in view.readings())], default=None
            )
        )

    def keeps(self) -> Keep:
        return read_keep(self.folder)

    def amounts(self) -> Mapping[str, tuple[int, int]]:
        def read(view: View) -> Mapping[str, tuple[int, int]]:
            found = {"segments": (sum(map(len, view.times())), sum(one.end for one in view.tail))}
            for kind in ("samples", "events", "minutes"):
                parts = view.parts(kind)
                found[kind] = sum(part.rows for part in parts), sum(part.bytes for part in parts)
            return found

        return self._read(read)

    def _samples(self, view: View, tags: Ids, start: int, end: int) -> Samples:
        if not len(tags):
            return NO_SAMPLES
        sealed = self._queries.samples(view.parts("samples"), tags, start, end)
        return tidy_samples(joined_samples([sealed, *chosen_samples(view.tail, tags, start, end)]))

    def _before(self, view: View, tags: Ids, instant: int) -> Events:
        """The last events before an instant: day by day backwards, more days at a time the longer it takes."""
        best = _last_each(tidy_events(joined_events(chosen_events(view.tail, tags, LEAST, instant))))
        days = [list(parts) for _, parts in groupby(view.parts("events"), key=lambda part: part.day)]
        days = [parts for parts in days if min(part.first for part in parts) < instant]
        left, many = tags, 1
        while days and len(left):
            parts = [part for day in days[-many:] for part in day]
            days, many = days[:-many], many * 2
            found = self._queries.newest(parts, left, instant)
            tail = chosen_events(view.tail, left, LEAST, instant)  # of one instant, what came later stands behind
            best = _last_each(tidy_events(joined_events([found, best, *tail])))
            horizon = max((part.last for day in days for part in day), default=LEAST)
            left = np.setdiff1d(tags, best.tag[best.time > horizon])
        return best

    def _newest(self, view: View, tags: Ids) -> int | None:
        """The latest instant of some tags: more days at a time backwards, until there is one or nothing left could be later."""
        tail = [piece.time for piece in chosen_samples(view.tail, tags, LEAST, -LEAST - 1)]
        tail += [piece.time for piece in chosen_events(view.tail, tags, LEAST, -LEAST - 1)]
        best = max((int(time.max()) for time in tail), default=LEAST)
        parts, many = sorted(view.readings(), key=lambda part: part.last), 2
        while parts and parts[-1].last > best:
            best = max(best, self._queries.latest(parts[-many:], tags, LEAST))
            parts, many = parts[:-many], many * 2
        return best if best > LEAST else None

    def _minutes(self, view: View, tags: Ids, start: int, end: int) -> Minutes:
        """From rollups; a minute of which more than one place tells, or that lies in the window in part, from its samples."""
        if not len(tags) or start >= end:
            return joined_minutes([])
        tail = [piece.time for piece in chosen_samples(view.tail, tags, start, end)]
        apart = apart_minutes(view.parts("samples"), tail, start, end)
        rolled = self._queries.minutes(view.parts("minutes"), tags, start, end)
        if not len(apart):
            return tidy_minutes(rolled)
        rolled = rolled.where(~within(rolled.time, apart))
        anew = []
        for first, last in hulls(apart):
            samples = self._samples(view, tags, max(start, first), min(end, last))
            anew.append(minutes_of(samples.where(within(samples.time, apart))))
        return tidy_minutes(joined_minutes([rolled, *anew]))

    def _read(self, work: Callable[[View], T]) -> T:
        """Do something with the history as it is. A file that vanished was brought into another: then it is read anew."""
        with self._using:
            for attempt in range(TRIES):
                try:
                    manifest = read_manifest(self.folder)
                    return work(View(manifest, self._tail.read_on(manifest.sealed)))
                except FileNotFoundError:
                    if attempt == TRIES - 1:
                        raise
        raise AssertionError("unreachable")


def _ids(tags: Sequence[int]) -> Ids:
    return np.unique(np.asarray(list(tags), np.int32))


def _last_each(events: Events) -> Events:
    """The last of each tag, of events in order."""
    if not len(events):
        return events
    return events.where(np.append(events.tag[1:] != events.tag[:-1], True))
