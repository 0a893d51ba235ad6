"""A history in a folder: its recorder. One frame with one sync holds what is appended at once; `sealing` makes Parquet of it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantwright.errors import PlantwrightError
from plantwright.shopfloor.history import HistoryError, HistoryFull
from plantwright.shopfloor.history.disk import Disk, Handle, is_full
from plantwright.shopfloor.history.frames import END, Frame, encode, frame_of
from plantwright.shopfloor.history.locks import FolderLock
from plantwright.shopfloor.history.manifest import in_order, read_manifest, read_tags
from plantwright.shopfloor.history.segments import (
    FOLDER,
    segment_numbers,
    segment_path,
    whole_frames,
)
from plantwright.shopfloor.readings import Batch, Tag

if TYPE_CHECKING:
    from plantwright.shopfloor.history.sealer_process import SealerProcess

SEGMENT_BYTES = 32_000_000
SEGMENT_SECONDS = 60.0
RESERVE = 64_000_000
"""Bytes of the disk that are left free, so that the sealer can still make 21 bytes a reading into some two."""


class FolderRecorder:
    """Writes a history into a folder.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there.
    disk : Disk
    segment_bytes, segment_seconds : int, float
        A segment that is larger or older is closed, so that it can be sealed.
    reserve : int
        Bytes of the disk that are left free.
    sealer : optional
        Its ``ensure()`` is called when there is a segment to seal, its ``end()`` when this ends.

    Raises
    ------
    HistoryError
        The folder cannot be written, or another process writes it.
    HistoryDamaged
        Bytes that were acknowledged cannot be read.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        disk: Disk | None = None,
        segment_bytes: int = SEGMENT_BYTES,
        segment_seconds: float = SEGMENT_SECONDS,
        reserve: int = RESERVE,
        sealer: SealerProcess | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._disk = disk or Disk()
        self._bytes, self._seconds, self._reserve, self._sealer = segment_bytes, segment_seconds, reserve, sealer
        self._using = threading.Lock()
        self._segment: Handle | None = None
        self._began, self._room_at = 0.0, -1e9
        self._cut: tuple[Path, int] | None = None
        try:
            self._disk.make_folder(self.folder / FOLDER)
            self._disk.sync_folder(self.folder.parent)
            self._disk.sync_folder(self.folder)
            self._lock = FolderLock(self.folder / "writer.lock", "written")
            self._lock.take(patience=2.0)
        except OSError as error:
            raise HistoryError(f"{self.folder}: cannot be written: {error.strerror or error} [PW5100]") from error
        try:
            self._read_back()
        except BaseException:
            self._lock.release()
            raise

    def declare(self, tags: Sequence[Tag]) -> list[int]:
        with self._using:
            new: dict[int, Tag] = {}
            for tag in tags:
                number = self._ids.get(tag.name)
                if number is None:
                    number = self._ids[tag.name] = len(self._tags)
                    self._tags.append(tag)
                    new[number] = tag
                elif self._tags[number] != tag:
                    self._tags[number] = new[number] = tag
            self._untold |= new
            if new:
                with contextlib.suppress(HistoryFull):  # then they are kept with the first readings that are
                    self._keep(Frame(dict(self._untold)))
                    self._untold.clear()
            return [self._ids[tag.name] for tag in tags]

    def append(self, batches: Sequence[Batch]) -> None:
        frame = frame_of(batches)
        with self._using:
            self._keep(Frame(dict(self._untold), frame.samples, frame.events, frame.positions))
            self._untold.clear()
            self._positions.update(frame.positions)

    def positions(self) -> Mapping[str, Mapping[str, Any]]:
        with self._using:
            return dict(self._positions)

    def roll(self) -> None:
        """Close the segment that is being written, so that it can be sealed."""
        with self._using:
            self._roll()

    def close(self) -> None:
        with self._using:
            self._roll(closing=True)
            self._lock.release()
        if self._sealer is not None:
            self._sealer.end()

    def _read_back(self) -> None:
        """Learn tags and positions, and cut off what a crash has torn."""
        manifest = read_manifest(self.folder)
        tags = read_tags(self.folder, manifest)
        self._positions = dict(manifest.positions)
        self._untold: dict[int, Tag] = {}
        there = segment_numbers(self.folder)
        live = [number for number in there if number > manifest.sealed]
        for number in live:
            path, end = segment_path(self.folder, number), 0
            for place, frame in whole_frames(path, closed=number != live[-1]):
                end = place
                tags.update(frame.tags)
                self._positions.update(frame.positions)
            if end < path.stat().st_size:
                self._disk.cut(path, end)
        self._tags = in_order(tags)
        self._ids = {tag.name: number for number, tag in enumerate(self._tags)}
        self._next = max([manifest.sealed, *there]) + 1

    def _keep(self, frame: Frame) -> None:
        """Append a frame and sync. Where that fails nothing of it is left."""
        self._mend()
        self._check_room()
        data = encode(frame)
        segment = self._open()
        start = segment.tell()
        try:
            segment.write(data)
            segment.sync()
        except OSError as error:
            self._cut = (segment.path, start)
            self._segment = None
            segment.close()
            with contextlib.suppress(PlantwrightError):
                self._mend()
            raise self._failed(error) from error
        if segment.tell() >= self._bytes or time.monotonic() - self._began >= self._seconds:
            self._roll()

    def _mend(self) -> None:
        """Cut off what a write that failed has left. What the disk holds after a failed sync is not known, so that no segment goes on
        after one.
        """
        if self._cut is not None:
            try:
                self._disk.cut(*self._cut)
            except OSError as error:
                raise self._failed(error) from error
            self._cut = None

    def _open(self) -> Handle:
        if self._segment is not None:
            return self._segment
        path, self._next = segment_path(self.folder, self._next), self._next + 1
        try:
            segment = self._disk.create(path)
            try:
                self._disk.sync_folder(path.parent)
            except OSError:
                segment.close()
                raise
        except OSError as error:
            raise self._failed(error) from error
        self._began, self._segment = time.monotonic(), segment
        return segment

    def _roll(self, closing: bool = False) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            start = segment.tell()
            try:
                segment.write(END)
                segment.sync()
            except OSError:  # it is closed by the next one, too
                self._cut = (segment.path, start)
            segment.close()
            with contextlib.suppress(PlantwrightError):
                self._mend()
            if self._sealer is not None and not closing:
                self._sealer.ensure()

    def _check_room(self) -> None:
        """Raise HistoryFull where less than the reserve is free; asked once a second."""
        now = time.monotonic()
        if now - self._room_at < 1.0:
            return
        if self._disk.free(self.folder) < self._reserve:
            raise self._full()
        self._room_at = now

    def _failed(self, error: OSError) -> HistoryError | HistoryFull:
        self._room_at = -1e9
        if is_full(error):
            return self._full()
        return HistoryError(f"{self.folder}: cannot be written: {error.strerror or error}; look at the disk [PW5100]")

    def _full(self) -> HistoryFull:
        try:
            free = f"{self._disk.free(self.folder) / 1e6:,.0f} MB free"
        except OSError:
            free = "no room"
        return HistoryFull(
            f"{self.folder}: the disk is full ({free}, {self._reserve / 1e6:,.0f} MB are kept in reserve); "
            "remove other files, or keep less by 'keep' in the collector's file [PW5101]"
        )
