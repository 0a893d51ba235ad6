"""A history in a folder: its reader. Many may read, in any process, while one writes and one seals; none waits for another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from plantwright.shopfloor.history import HistoryError
from plantwright.shopfloor.history.frames import joined_events, joined_samples
from plantwright.shopfloor.history.manifest import NAME, Manifest, in_order, read_manifest, read_tags
from plantwright.shopfloor.history.memory import by_minute, events_frame, samples_frame
from plantwright.shopfloor.history.ordering import tidy_events, tidy_samples
from plantwright.shopfloor.history.segments import FOLDER
from plantwright.shopfloor.history.tail import SegmentRead, Tail, chosen_events, chosen_samples
from plantwright.shopfloor.readings import Tag

if TYPE_CHECKING:
    import polars

T = TypeVar("T")

TRIES = 8


@dataclass(frozen=True)
class View:
    """The history at one moment: what is sealed, and what is not yet."""

    manifest: Manifest
    tail: list[SegmentRead]


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
        self._tail = Tail(self.folder)
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
        chosen = np.asarray(list(tags), np.int32)
        if not len(chosen):
            return samples_frame([])
        return self._read(
            lambda view: samples_frame([tidy_samples(joined_samples(chosen_samples(view.tail, chosen, start, end)))])
        )

    def events(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        chosen = np.asarray(list(tags), np.int32)
        if not len(chosen):
            return events_frame([])
        return self._read(
            lambda view: events_frame([tidy_events(joined_events(chosen_events(view.tail, chosen, start, end)))])
        )

    def before(self, tags: Sequence[int], instant: int) -> polars.DataFrame:
        earlier = self.events(tags, np.iinfo(np.int64).min, instant)
        return earlier.group_by("tag", maintain_order=True).last()

    def minutes(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        return by_minute(self.samples(tags, start, end))

    def newest(self, tags: Sequence[int] = ()) -> int | None:
        if tags:
            ever = 2**62
            times = [self.before(tags, ever)["time"], self.samples(tags, 0, ever)["time"]]
            return max((int(some.to_physical().to_numpy().max()) for some in times if len(some)), default=None)

        def read(view: View) -> int | None:
            times = [piece.time for one in view.tail for piece in one.samples]
            times += [piece.time for one in view.tail for piece in one.events]
            tail = [int(time.max()) for time in times]
            return max([*tail, *(part.last for part in view.manifest.parts)], default=None)

        return self._read(read)

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
