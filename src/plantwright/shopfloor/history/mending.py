"""Mending: what is whole of a damaged history is kept, what is not is put aside, and how much that is, is said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plantwright.shopfloor.history import HistoryError
from plantwright.shopfloor.history.disk import Disk
from plantwright.shopfloor.history.frames import frames, later_frame
from plantwright.shopfloor.history.locks import FolderLock
from plantwright.shopfloor.history.manifest import read_manifest
from plantwright.shopfloor.history.sealing import Sealer
from plantwright.shopfloor.history.segments import read_from, segment_numbers, segment_path


@dataclass(frozen=True, slots=True)
class Mended:
    """A file that was damaged: where it was put aside, readings of it that were kept, and what could not be read, in bytes of a segment
    or rows of a part.
    """

    aside: Path
    readings: int
    lost: int
    unit: str = "bytes"


def mend(folder: Path, disk: Disk | None = None) -> list[Mended]:
    """Keep what is whole of damaged segments and parts; all of them are read. Raises HistoryError where someone writes or seals it."""
    disk = disk or Disk()
    if not (folder / "wal").is_dir():
        raise HistoryError(f"{folder}: there is no history [PW5100]")
    writer = FolderLock(folder / "writer.lock", "written")
    writer.take()
    try:
        sealer = Sealer(folder, disk, grace=0)
        try:
            sealed = read_manifest(folder).sealed
            live = [number for number in segment_numbers(folder) if number > sealed]
            found = [_mend(segment_path(folder, number), number == live[-1], disk) for number in live]
            for part in sealer.parts:
                kept = sealer.mend_part(part) if part in sealer.parts else None
                if kept is not None:
                    found.append(Mended(folder / f"{part.name}.damaged", kept, part.rows - kept, "rows"))
            return [one for one in found if one is not None]
        finally:
            sealer.close()
    finally:
        writer.release()


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
