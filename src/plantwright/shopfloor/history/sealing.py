"""Sealing: segments become Parquet by day, small parts become large ones, and what retention lets go is removed.

One process does it, beside the one that writes and those that read. What it makes counts when the manifest names it, and the manifest is
replaced at once; so a sealer that is killed has done a step whole or not at all.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from plantwright.shopfloor.history import HistoryError, HistoryFull
from plantwright.shopfloor.history import segments as wal
from plantwright.shopfloor.history.disk import Disk, is_full
from plantwright.shopfloor.history.frames import joined_events, joined_samples
from plantwright.shopfloor.history.keeping import Keep, read_keep
from plantwright.shopfloor.history.locks import FolderLock
from plantwright.shopfloor.history.manifest import NAME, Manifest, Part, encode_tags, read_manifest, read_tags
from plantwright.shopfloor.history.ordering import tidy_events, tidy_samples
from plantwright.shopfloor.history.parts import (
    DAY,
    EVENTS,
    FOLDER,
    MINUTES,
    SAMPLES,
    PartWriter,
    R,
    Shape,
    day_text,
    read_part,
    whole_groups,
)
from plantwright.shopfloor.history.rollups import minutes_of
from plantwright.shopfloor.readings import NANOSECONDS, Events, Samples

logger = logging.getLogger(__name__)

AT_ONCE = 64_000_000
"""Bytes of segments that are sealed together."""

GRACE = 60.0
"""Seconds after which a file that the manifest no longer names is removed: readers that began before may still want it."""

SETTLED = 600.0
"""Seconds without a new part after which the parts of a past day become one."""

MANY = 8
"""So many parts of like size become one."""


@dataclass
class Sealer:
    """Seals one history in a folder.

    Parameters
    ----------
    folder : Path
    disk : Disk
    clock : callable
        Nanoseconds since 1970.
    grace, settled : float
    stopping : callable
        Asked between steps; where it says True the work ends early.
    patience : float
        Seconds to wait for another sealer to end.
    """

    folder: Path
    disk: Disk = field(default_factory=Disk)
    clock: Callable[[], int] = time.time_ns
    grace: float = GRACE
    settled: float = SETTLED
    stopping: Callable[[], bool] = lambda: False
    patience: float = 2.0

    def __post_init__(self) -> None:
        if not (self.folder / wal.FOLDER).is_dir():
            raise HistoryError(f"{self.folder}: there is no history [PW5100]")
        self._lock = FolderLock(self.folder / "sealer.lock", "sealed")
        self._lock.take(self.patience)
        self._gone: list[tuple[int, Path]] = []
        try:
            self.disk.make_folder(self.folder / FOLDER)
            self.disk.sync_folder(self.folder)
            self._manifest = read_manifest(self.folder)
            self._sweep()
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Let another seal."""
        self._lock.release()

    def run(self) -> bool:
        """Do what there is to do; whether there was anything. Raises HistoryFull where the disk has no room, HistoryDamaged."""
        try:
            done = self.seal_all()
            while not self.stopping() and self._compact():
                done = True
            done |= self._forget()
            self._remove()
            return done
        except OSError as error:
            if is_full(error):
                raise HistoryFull(
                    f"{self.folder}: the disk is full, so that nothing can be sealed; remove other files [PW5101]"
                ) from error
            raise HistoryError(f"{self.folder}: cannot be sealed: {error.strerror or error} [PW5100]") from error

    def seal_all(self) -> bool:
        """Seal, and nothing else; whether there was anything."""
        done = False
        while not self.stopping() and self._seal():
            done = True
        return done

    def mend_part(self, part: Part) -> int | None:
        """Put a damaged part's file aside and keep the groups of rows that are whole; how many rows those are, None where all are."""
        shapes: dict[str, Shape[Any]] = {"samples": SAMPLES, "events": EVENTS, "minutes": MINUTES}
        shape = shapes[part.kind]
        path = self.folder / FOLDER / part.name
        readings, whole = whole_groups(path, shape)
        if whole:
            return None
        same = [one for one in self._manifest.parts if one.kind == "samples" and one.order == part.order]
        self.disk.rename(path, self.folder / f"{part.name}.damaged")
        made = self._manifest.made + 1
        kept = tuple(one for one in self._manifest.parts if one.name != part.name)
        self._manifest = replace(self._manifest, made=made, parts=kept)
        if part.kind == "minutes" and same:
            self._merge(same)  # which sums its samples up anew
            return part.rows
        new = self._write(part.day, part.kind, shape, [readings], made, part.order) if len(readings) else []
        self._publish(replace(self._manifest, parts=(*kept, *new)))
        return len(readings)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that count."""
        return self._manifest.parts

    def _seal(self) -> bool:
        """Bring the next segments into parts."""
        numbers = [number for number in wal.segment_numbers(self.folder) if number > self._manifest.sealed]
        if not numbers:
            return False
        if wal.is_closed(wal.segment_path(self.folder, numbers[-1])):
            self._seal_these(self._next(numbers), torn=0)
            return True
        writer = FolderLock(self.folder / "writer.lock", "sealed", briefly=True)
        idle = writer.try_take()  # while someone writes, the last segment goes on
        try:
            chosen = self._next(numbers if idle else numbers[:-1])
            if chosen:
                self._seal_these(chosen, torn=numbers[-1])
            return bool(chosen)
        finally:
            writer.release()

    def _next(self, numbers: Sequence[int]) -> list[int]:
        chosen: list[int] = []
        size = 0
        for number in numbers:
            size += wal.segment_path(self.folder, number).stat().st_size
            if chosen and size > AT_ONCE:
                break
            chosen.append(number)
        return chosen

    def _seal_these(self, numbers: Sequence[int], torn: int) -> None:
        """Bring segments into parts; one of them may have a torn end."""
        known = read_tags(self.folder, self._manifest)
        tags, positions = dict(known), dict(self._manifest.positions)
        samples: list[Samples] = []
        events: list[Events] = []
        for number in numbers:
            path = wal.segment_path(self.folder, number)
            for _, frame in wal.whole_frames(path, closed=number != torn):
                tags.update(frame.tags)
                positions.update(frame.positions)
                samples.append(frame.samples)
                events.append(frame.events)
        made = self._manifest.made
        new: list[Part] = []
        for day, some in _by_day(joined_samples(samples)):
            made += 1
            new += self._write_samples(day, [(0, tidy_samples(some))], made, made)
        for day, words in _by_day(joined_events(events)):
            made += 1
            new += self._write(day, "events", EVENTS, [tidy_events(words)], made, made)
        manifest = replace(
            self._manifest,
            sealed=numbers[-1],
            made=made,
            parts=(*self._manifest.parts, *new),
            positions=positions,
        )
        old_tags = manifest.tags
        if tags != known:
            made += 1
            manifest = replace(manifest, made=made, tags=f"tags-{made:08d}.json")
            self.disk.write_whole(self.folder / manifest.tags, encode_tags(tags))
        self._publish(manifest)
        self._drop([wal.segment_path(self.folder, number) for number in numbers])
        if old_tags and old_tags != manifest.tags:
            self._drop([self.folder / old_tags])

    def _compact(self) -> bool:
        """Make one part of several."""
        for kind in ("samples", "events"):
            chosen = self._choose([part for part in self._manifest.parts if part.kind == kind])
            if chosen:
                self._merge(chosen)
                return True
        return False

    def _choose(self, parts: Sequence[Part]) -> list[Part]:
        """Parts of one day that follow each other and should be one."""
        days: dict[int, list[Part]] = {}
        for part in sorted(parts, key=lambda part: part.order):
            days.setdefault(part.day, []).append(part)
        newest = max(days, default=0)
        now = self.clock()
        for day, several in days.items():
            if len(several) < 2:
                continue
            if day < newest and now - max(part.made for part in several) >= self.settled * NANOSECONDS:
                return several
            run: list[Part] = []
            for part in reversed(several):
                if run and part.rows > 2 * sum(one.rows for one in run):
                    break
                run.insert(0, part)
            if len(run) >= MANY:
                return run
        return []

    def _merge(self, parts: Sequence[Part]) -> None:
        made, order, day = self._manifest.made + 1, parts[0].order, parts[0].day
        paths = [self.folder / FOLDER / part.name for part in parts]
        if parts[0].kind == "samples":
            new = self._write_samples(day, _merged(paths, SAMPLES, tidy_samples), made, order)
        else:
            new = self._write(
                day, "events", EVENTS, (one for _, one in _merged(paths, EVENTS, tidy_events)), made, order
            )
        gone = {part.name for part in parts}
        if parts[0].kind == "samples":
            orders = {part.order for part in parts}
            gone |= {part.name for part in self._manifest.parts if part.kind == "minutes" and part.order in orders}
        kept = [part for part in self._manifest.parts if part.name not in gone]
        self._publish(replace(self._manifest, made=made, parts=(*kept, *new)))
        self._drop([self.folder / FOLDER / name for name in gone])

    def _write_samples(self, day: int, readings: Iterable[tuple[int, Samples]], number: int, order: int) -> list[Part]:
        """A part of samples, and that of their minutes."""
        names = [f"{day_text(day)}.{kind}.{number:08d}.parquet" for kind in ("samples", "minutes")]
        folder = self.folder / FOLDER
        one = PartWriter(self.disk, folder / names[0], SAMPLES)
        try:
            two = PartWriter(self.disk, folder / names[1], MINUTES)
            try:
                for _, some in readings:
                    one.add(some)
                    two.add(minutes_of(some))
                one.finish()
                two.finish()
            finally:
                two.give_up()
        finally:
            one.give_up()
        found = [self._part(one, names[0], "samples", day, order)]
        return [*found, self._part(two, names[1], "minutes", day, order)] if two.rows else found

    def _write(
        self, day: int, kind: str, shape: Shape[R], readings: Iterable[R], number: int, order: int
    ) -> list[Part]:
        name = f"{day_text(day)}.{kind}.{number:08d}.parquet"
        writer = PartWriter(self.disk, self.folder / FOLDER / name, shape)
        try:
            for some in readings:
                writer.add(some)
            writer.finish()
        finally:
            writer.give_up()
        return [self._part(writer, name, kind, day, order)]

    def _part(self, writer: PartWriter[Any], name: str, kind: Any, day: int, order: int) -> Part:
        return Part(name, kind, day, writer.rows, writer.bytes, writer.first, writer.last, order, self.clock())

    def _forget(self) -> bool:
        """Let go of days that retention does not keep."""
        keep: Keep = read_keep(self.folder)
        today = self.clock() // DAY
        gone = [part for part in self._manifest.parts if keep.is_over(part.kind, today - part.day)]
        if not gone:
            return False
        names = {part.name for part in gone}
        counts = dict(self._manifest.counts)
        for part in gone:
            counts[part.kind] = counts.get(part.kind, 0) + part.rows
        kept = tuple(part for part in self._manifest.parts if part.name not in names)
        self._publish(replace(self._manifest, parts=kept, counts=counts))
        self._drop([self.folder / FOLDER / name for name in names])
        return True

    def _publish(self, manifest: Manifest) -> None:
        self.disk.sync_folder(self.folder / FOLDER)
        self.disk.write_whole(self.folder / NAME, manifest.encode())
        self._manifest = manifest

    def _drop(self, paths: Iterable[Path]) -> None:
        self._gone += [(self.clock(), path) for path in paths]

    def _remove(self) -> None:
        """Remove files that nobody needs any more."""
        until = self.clock() - int(self.grace * NANOSECONDS)
        for since, path in list(self._gone):
            if since <= until:
                with contextlib.suppress(PermissionError):  # Windows, while someone reads it: the next time
                    self.disk.remove(path)
                    self._gone.remove((since, path))

    def _sweep(self) -> None:
        """Remove what an earlier sealer left behind: files that no manifest names, and segments that are sealed."""
        named = {part.name for part in self._manifest.parts}
        for path in (self.folder / FOLDER).iterdir():
            if path.name not in named:
                self.disk.remove(path)
        for path in self.folder.glob("tags-*"):
            if path.name != self._manifest.tags:
                self.disk.remove(path)
        for number in wal.segment_numbers(self.folder):
            if number <= self._manifest.sealed:
                self.disk.remove(wal.segment_path(self.folder, number))


def _by_day(readings: R) -> Iterator[tuple[int, R]]:
    """Readings by the day (UTC) of their time, each in the order of arrival."""
    day = readings.time // DAY
    for one in np.unique(day).tolist():
        yield one, readings.where(day == one)


def _merged(paths: Sequence[Path], shape: Shape[R], tidy: Callable[[R], R]) -> Iterator[tuple[int, R]]:
    """Parts, in the order of their arrival, tag by tag as one."""
    streams = [read_part(path, shape) for path in paths]  # merge is stable: of one tag, earlier parts come first
    for tag, several in groupby(merge(*streams, key=lambda one: one[0]), key=lambda one: one[0]):
        yield tag, tidy(shape.join([some for _, some in several]))
