"""Mending: what is whole of a damaged history is kept, what is not is put aside, and how much that is, is said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plantwright.shopfloor.history import HistoryError
from plantwright.shopfloor.history.disk import Disk
from plantwright.shopfloor.history.frames import frames, later_frame
from plantwright.shopfloor.history.locks import FolderLock
from plantwright.shopfloor.history.manifest import read_manifest
from plantwright.shopfloor.history.segments import read_from, segment_numbers, segment_path


@dataclass(frozen=True, slots=True)
class Mended:
    """A segment that was damaged: the file that was put aside, readings that were kept, and bytes that could not be read."""

    aside: Path
    readings: int
    lost: int


def mend(folder: Path, disk: Disk | None = None) -> list[Mended]:
    """Rewrite damaged segments with their whole frames. Raises HistoryError where someone writes or seals it."""
    disk = disk or Disk()
    locks = [FolderLock(folder / "writer.lock", "written"), FolderLock(folder / "sealer.lock", "sealed")]
    if not (folder / "wal").is_dir():
        raise HistoryError(f"{folder}: there is no history [PW5100]")
    try:
        for lock in locks:
            lock.take()
        sealed = read_manifest(folder).sealed
        live = [number for number in segment_numbers(folder) if number > sealed]
        found = [_mend(segment_path(folder, number), number == live[-1], disk) for number in live]
        return [one for one in found if one is not None]
    finally:
        for lock in locks:
            lock.release()


def _mend(path: Path, is_last: bool, disk: Disk) -> Mended | None:
    data = read_from(path)
    whole, lost, readings, at, damaged = [], 0, 0, 0, False
    while at < len(data):
        start = at
        for at, frame in frames(data, start):  # noqa: B007
            readings += len(frame.samples) + len(frame.events)
        whole.append(data[start:at])
        if at >= len(data):
            break
        later = later_frame(data, at)
        if later is None and is_last:
            break  # torn off by a crash, as may be
        damaged = True
        lost += (later or len(data)) - at
        at = later or len(data)
    if not damaged:
        return None
    aside = path.with_suffix(".damaged")
    disk.write_whole(aside, data)
    disk.write_whole(path, b"".join(whole))
    return Mended(aside, readings, lost)
