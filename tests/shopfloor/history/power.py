"""A disk whose power can be cut: what was not synced may be lost, in part, and in any order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from plantwright.shopfloor.history.disk import Disk, Handle

SECTOR = 512


class PowerCut(BaseException):
    """The machine is off."""


@dataclass(eq=False)
class Held:
    """What the disk holds of a file: so many bytes for good, or another content for good while this one is not synced."""

    path: Path
    synced: int = 0


class DroppingDisk(Disk):
    """Works on real files, and remembers what of them would outlast a power cut.

    Parameters
    ----------
    random : Random
    acts : int
        The power is cut in the act that comes after so many.
    """

    def __init__(self, random: Random, acts: int) -> None:
        self._random, self._left, self._off = random, acts, False
        self._now: dict[Path, Held] = {}
        self._kept: dict[Path, Held] = {}
        self._store = 0
        self.between: Callable[[], None] = lambda: None

    def adopt(self, root: Path) -> None:
        """All that lies in a folder is there for good."""
        for path in root.rglob("*"):
            if path.is_file():
                self._now[path] = self._kept[path] = Held(path, path.stat().st_size)

    def act(self) -> None:
        """Something is about to be done to the disk."""
        if self._off:
            raise PowerCut
        self.between()
        self._left -= 1
        if self._left < 0:
            self.off()

    def within(self, work: Callable[[], None]) -> None:
        """Do something else in the middle of an act."""
        between, self.between = self.between, lambda: None
        try:
            work()
        finally:
            self.between = between

    def off(self) -> None:
        """Cut the power."""
        self._off = True
        raise PowerCut

    def create(self, path: Path) -> Handle:
        self.act()
        held = Held(path)
        handle = _Handle(path, self, held)
        self._now[path] = held
        return handle

    def rename(self, old: Path, new: Path) -> None:
        self.act()
        kept = self._kept.get(new)
        if kept is not None and kept.path == new:
            # The old content may come back, so it is put aside.
            self._store += 1
            aside = new.parent / f".aside-{self._store}"
            new.rename(aside)
            kept.path = aside
        old.rename(new)
        held = self._now.pop(old)
        held.path = new
        self._now[new] = held

    def remove(self, path: Path) -> None:
        self.act()
        held = self._now.pop(path, None)
        if held is None:
            return
        if self._kept.get(path) is held:
            self._store += 1
            aside = path.parent / f".aside-{self._store}"
            path.rename(aside)
            held.path = aside
        else:
            path.unlink()

    def cut(self, path: Path, size: int) -> None:
        self.act()
        super().cut(path, size)
        self._now[path].synced = size

    def sync_folder(self, path: Path) -> None:
        self.act()
        self._kept = {name: held for name, held in self._kept.items() if name.parent != path}
        self._kept |= {name: held for name, held in self._now.items() if name.parent == path}

    def free(self, path: Path) -> int:
        return 10**12

    def after(self, source: Path, target: Path) -> None:
        """What of a folder is left after the cut, in another folder."""
        for name in sorted({*self._now, *self._kept}):
            held = self._random.choice([self._now.get(name), self._kept.get(name)])
            if held is None:
                continue
            place = target / name.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(self._left_of(held))
        (target / "wal").mkdir(parents=True, exist_ok=True)

    def _left_of(self, held: Held) -> bytes:
        data = bytearray(held.path.read_bytes())
        if self._random.random() < 0.5:
            del data[self._random.randint(held.synced, max(held.synced, len(data))) :]
        for start in range(held.synced, len(data), SECTOR):
            if self._random.random() < 0.3:
                end = min(start + SECTOR, len(data))
                data[start:end] = bytes(end - start)
        return bytes(data)


class _Handle(Handle):
    def __init__(self, path: Path, disk: DroppingDisk, held: Held) -> None:
        super().__init__(path)
        self._disk, self._held = disk, held

    def write(self, data: bytes) -> int:
        try:
            self._disk.act()
        except PowerCut:
            super().write(data[: self._disk._random.randint(0, len(data))])
            raise
        return super().write(data)

    def sync(self) -> None:
        self._disk.act()
        super().sync()
        self._held.synced = self.tell()
