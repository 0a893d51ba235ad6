"""Parts: the Parquet files of a history, one kind and one UTC day each; written in groups of rows, read back tag by tag."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from plantwright.shopfloor.history import HistoryDamaged
from plantwright.shopfloor.history.disk import Disk
from plantwright.shopfloor.history.frames import joined_events, joined_samples
from plantwright.shopfloor.history.packing import pack_events, pack_samples, unpack_events, unpack_samples
from plantwright.shopfloor.history.rollups import Minutes, joined_minutes, pack_minutes, unpack_minutes
from plantwright.shopfloor.readings import NANOSECONDS, Events, Samples

if TYPE_CHECKING:
    pass

R = TypeVar("R", Samples, Events, Minutes)

FOLDER = "data"
DAY = 86_400 * NANOSECONDS
FEWEST = 16_384
MOST = 1_048_576
"""Rows of a group: tags with fewer than the first share one, a tag with more than the second has several."""


@dataclass(frozen=True)
class Shape(Generic[R]):
    """How readings of one kind are packed, and which columns by what."""

    pack: Callable[[R], Any]
    unpack: Callable[[Any], R]
    join: Callable[[Sequence[R]], R]
    dictionary: list[str]
    encoding: dict[str, str]


DELTA, SPLIT = "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"
SAMPLES: Shape[Samples] = Shape(
    pack_samples,
    unpack_samples,
    joined_samples,
    ["tag", "step", "per", "quality"],
    {"time": DELTA, "digits": DELTA, "real": SPLIT},
)
EVENTS: Shape[Events] = Shape(
    pack_events, unpack_events, joined_events, ["tag", "step", "value", "detail", "quality"], {"time": DELTA}
)
MINUTES: Shape[Minutes] = Shape(
    pack_minutes,
    unpack_minutes,
    joined_minutes,
    ["tag", "count"],
    {"minute": DELTA, **dict.fromkeys(("first", "last", "least", "most", "mean"), SPLIT)},
)


class PartWriter(Generic[R]):
    """Writes one part; readings come sorted by tag, time and arrival, a tag whole at once.

    Parameters
    ----------
    disk : Disk
    path : Path
        A file that was begun before and never finished is replaced.
    shape : Shape
    """

    def __init__(self, disk: Disk, path: Path, shape: Shape[R]) -> None:
        disk.remove(path)
        self._shape: Shape[R] = shape
        self._handle = disk.create(path)
        self._writer: Any = None
        self._waiting: list[R] = []
        self._count = 0
        self.rows, self.bytes = 0, 0
        self.first, self.last = 2**63 - 1, -(2**63)

    def add(self, readings: R) -> None:
        """Write the readings of one tag or more."""
        for cut in _cuts(readings.tag):
            piece = readings if len(cut) == len(readings) else _taken(readings, cut)
            self._waiting.append(piece)
            self._count += len(piece)
            if self._count >= FEWEST:
                self._flush()

    def finish(self) -> None:
        """End the file; all of it then outlasts a power cut."""
        self._flush()
        if self._writer is not None:
            self._writer.close()
        self._handle.sync()
        self.bytes = self._handle.tell()
        self._handle.close()

    def give_up(self) -> None:
        """Leave the file as it is."""
        self._handle.close()

    def _flush(self) -> None:
        if not self._count:
            return
        import pyarrow.parquet as pq

        readings = self._shape.join(self._waiting)
        self._waiting, self._count = [], 0
        self.rows += len(readings)
        if len(readings.time):
            self.first = min(self.first, int(readings.time.min()))
            self.last = max(self.last, int(readings.time.max()))
        table = self._shape.pack(readings)
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self._handle,
                table.schema,
                compression="zstd",
                use_dictionary=self._shape.dictionary,
                column_encoding=self._shape.encoding,
                write_statistics=["tag"],
                store_schema=False,
                write_page_checksum=True,
            )
        self._writer.write_table(table, row_group_size=MOST)


def read_part(path: Path, shape: Shape[R]) -> Iterator[tuple[int, R]]:
    """The readings of a part, tag by tag, checked against the checksums of its pages. Raises HistoryDamaged."""
    import pyarrow

    try:
        yield from _read_part(path, shape)
    except (pyarrow.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise damaged_part(path, error) from error


def whole_groups(path: Path, shape: Shape[R]) -> tuple[R, bool]:
    """What can be read of a part, and whether that is all of it."""
    import pyarrow
    import pyarrow.parquet as pq

    found: list[R] = []
    whole = True
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
    except (pyarrow.ArrowException, OSError):
        return shape.join([]), False
    for group in range(file.num_row_groups):
        try:
            found.append(shape.unpack(file.read_row_group(group)))
        except (pyarrow.ArrowException, OSError, ValueError):
            whole = False
    file.close()
    return shape.join(found), whole


def damaged_part(path: Path, error: Exception) -> HistoryDamaged:
    """What to say of a part that cannot be read."""
    return HistoryDamaged(
        f"{path}: is damaged, by the disk or another program; restore it from a backup, or 'plantwright history mend "
        f"{path.parents[1]}' puts it aside ({str(error).splitlines()[0][:200]}) [PW5102]"
    )


def _read_part(path: Path, shape: Shape[R]) -> Iterator[tuple[int, R]]:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path, memory_map=True, page_checksum_verification=True)
    held: list[R] = []
    try:
        for group in range(file.num_row_groups):
            readings = shape.unpack(file.read_row_group(group))
            for cut in _by_tag(readings.tag):
                piece = _taken(readings, cut)
                if held and held[0].tag[0] != piece.tag[0]:
                    yield int(held[0].tag[0]), shape.join(held)
                    held = []
                held.append(piece)
        if held:
            yield int(held[0].tag[0]), shape.join(held)
    finally:
        file.close()


def day_text(day: int) -> str:
    """A day since 1970 as in ISO 8601."""
    return str(np.datetime64(day, "D"))


def _by_tag(tag: Any) -> list[slice]:
    edges = [0, *(np.flatnonzero(tag[1:] != tag[:-1]) + 1).tolist(), len(tag)]
    return [slice(start, end) for start, end in pairwise(edges)]


def _cuts(tag: Any) -> list[range]:
    """Pieces of whole tags with at least `FEWEST` rows each but the last."""
    edges = [*(np.flatnonzero(tag[1:] != tag[:-1]) + 1).tolist(), len(tag)] if len(tag) else []
    found, start = [], 0
    for edge in edges:
        if edge - start >= FEWEST or edge == len(tag):
            found.append(range(start, edge))
            start = edge
    return found


def _taken(readings: R, cut: slice | range) -> R:
    piece = slice(cut.start, cut.stop)
    return type(readings)(*(getattr(readings, name)[piece] for name in readings.__slots__))
