"""The tail of a history in a folder: what lies in segments that are not sealed yet, read on from where it was read before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from plantwright.shopfloor.history.frames import Frame, frames, joined_events, joined_samples, later_frame
from plantwright.shopfloor.history.segments import damaged, read_from, segment_numbers, segment_path
from plantwright.shopfloor.readings import Events, Samples, Tag

P = TypeVar("P", Samples, Events)

FEW = 16
"""Pieces of a segment that are looked through one by one; more are joined."""


@dataclass
class SegmentRead:
    """What was read of one segment so far."""

    path: Path
    end: int = 0
    samples: list[Samples] = field(default_factory=list)
    events: list[Events] = field(default_factory=list)
    tags: dict[int, Tag] = field(default_factory=dict)

    def read_on(self, closed: bool) -> None:
        """Read what came since. Raises FileNotFoundError where the segment is gone, HistoryDamaged where it is damaged."""
        size = self.path.stat().st_size
        if size < self.end:  # a write that failed was taken back
            self.end = 0
            self.samples, self.events, self.tags = [], [], {}
        if size == self.end:
            return
        data, found = read_from(self.path, self.end), 0
        for place, frame in frames(data):
            found = place
            self._take(frame)
        if found < len(data) and (closed or later_frame(data, found) is not None):
            raise damaged(self.path, self.end + found)
        self.end += found

    def _take(self, frame: Frame) -> None:
        self.tags.update(frame.tags)
        if len(frame.samples):
            self.samples.append(frame.samples)
            self.samples = _few(self.samples, joined_samples)
        if len(frame.events):
            self.events.append(frame.events)
            self.events = _few(self.events, joined_events)


def _few(pieces: list[P], join: Callable[[Sequence[P]], P]) -> list[P]:
    """Pieces in their order; where they are many, the last ones of like size are joined, so that each row is copied a few times only."""
    while len(pieces) > FEW:
        at, size = len(pieces) - 2, len(pieces[-2]) + len(pieces[-1])
        while at > 0 and len(pieces[at - 1]) <= size:
            at -= 1
            size += len(pieces[at])
        kept = pieces[:at]
        kept.append(join(pieces[at:]))
        pieces = kept
    return pieces


class Tail:
    """All segments that are not sealed, in their order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._segments: dict[int, SegmentRead] = {}

    def read_on(self, sealed: int) -> list[SegmentRead]:
        """What lies in the segments behind the last one that is sealed."""
        numbers = [number for number in segment_numbers(self._folder) if number > sealed]
        self._segments = {
            number: self._segments.get(number) or SegmentRead(segment_path(self._folder, number)) for number in numbers
        }
        for number, segment in self._segments.items():
            segment.read_on(closed=number != numbers[-1])
        return list(self._segments.values())


def chosen_samples(segments: list[SegmentRead], tags: npt.NDArray[Any], start: int, end: int) -> list[Samples]:
    """Samples of some tags in a window, in the order of arrival."""
    found = []
    for piece in (piece for segment in segments for piece in segment.samples):
        keep = (piece.time >= start) & (piece.time < end) & _of(piece.tag, tags)
        if keep.any():
            found.append(piece.where(keep))
    return found


def chosen_events(segments: list[SegmentRead], tags: npt.NDArray[Any], start: int, end: int) -> list[Events]:
    """Events of some tags in a window, in the order of arrival."""
    found = []
    for piece in (piece for segment in segments for piece in segment.events):
        keep = (piece.time >= start) & (piece.time < end) & _of(piece.tag, tags)
        if keep.any():
            found.append(piece.where(keep))
    return found


def _of(tag: npt.NDArray[Any], tags: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    return tag == tags[0] if len(tags) == 1 else np.isin(tag, tags)
