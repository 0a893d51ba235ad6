"""Segments: the files to which frames are appended, until the sealer has brought them into Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from plantwright.shopfloor.history import HistoryDamaged
from plantwright.shopfloor.history.frames import END, Frame, frames, later_frame

FOLDER = "wal"


def segment_path(folder: Path, number: int) -> Path:
    """Where a segment lies."""
    return folder / FOLDER / f"{number:010d}.wal"


def segment_numbers(folder: Path) -> list[int]:
    """The numbers of all segments that are there, in order."""
    try:
        return sorted(int(path.stem) for path in (folder / FOLDER).glob("*.wal") if path.stem.isdigit())
    except FileNotFoundError:
        return []


def read_from(path: Path, start: int = 0) -> bytes:
    """A segment's bytes from a place on."""
    with path.open("rb") as file:
        file.seek(start)
        return file.read()


def is_closed(path: Path) -> bool:
    """Whether a segment ends as one that its recorder has closed."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(END)))
        return file.read() == END


def whole_frames(path: Path, *, closed: bool) -> Iterator[tuple[int, Frame]]:
    """The frames of a segment, each with the place behind it.

    Bytes behind the last that are no frame were torn off by a crash before they were acknowledged. Raises HistoryDamaged where that
    cannot be: a frame stands behind them, or the segment is closed, so that all its bytes were acknowledged.
    """
    data = read_from(path)
    end = 0
    for end, frame in frames(data):
        yield end, frame
    if end < len(data) and (closed or later_frame(data, end) is not None):
        raise damaged(path, end)


def damaged(path: Path, place: int) -> HistoryDamaged:
    """What to say of a segment that holds bytes that no crash explains."""
    return HistoryDamaged(
        f"{path}: is damaged from byte {place:,} on, by the disk or another program; restore it from a backup, "
        f"or 'plantwright history mend {path.parents[1]}' keeps what is whole and puts the damaged file aside [PW5102]"
    )
