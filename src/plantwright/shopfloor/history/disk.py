"""The disk, as few verbs: all that a history in a folder changes goes through it, so that tests can cut its power or fill it."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


def is_full(error: OSError) -> bool:
    """Whether an error says that the disk has no room."""
    return error.errno in FULL or getattr(error, "winerror", None) in (39, 112)


class Handle:
    """A file that is being written; also what pyarrow takes as a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.closed = False
        self._at = 0
        self._file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0), 0o644)

    def write(self, data: bytes) -> int:
        """Write all of it at the end."""
        view, size = memoryview(data), len(data)
        while len(view):
            written = os.write(self._file, view)
            self._at += written
            view = view[written:]
        return size

    def sync(self) -> None:
        """Return when all that was written outlasts a power cut."""
        if sys.platform == "darwin":
            import fcntl

            fcntl.fcntl(self._file, fcntl.F_FULLFSYNC)
        elif sys.platform == "win32":
            os.fsync(self._file)
        else:
            os.fdatasync(self._file)

    def cut(self, size: int) -> None:
        """Leave only so many bytes from the start."""
        os.ftruncate(self._file, size)
        os.lseek(self._file, size, os.SEEK_SET)
        self._at = size

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        return

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            os.close(self._file)


class Disk:
    """The disk itself."""

    def create(self, path: Path) -> Handle:
        """A new file to write."""
        return Handle(path)

    def make_folder(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)

    def rename(self, old: Path, new: Path) -> None:
        """Put a file in another's place, at once."""
        _patiently(lambda: os.replace(old, new))

    def remove(self, path: Path) -> None:
        """Remove a file if it is there."""
        _patiently(lambda: path.unlink(missing_ok=True))

    def cut(self, path: Path, size: int) -> None:
        """Leave only so many bytes of a file, for good."""
        handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        try:
            os.ftruncate(handle, size)
            os.fsync(handle)
        finally:
            os.close(handle)

    def sync_folder(self, path: Path) -> None:
        """Return when names that came and went in a folder outlast a power cut. Windows keeps them with the files."""
        if sys.platform == "win32":
            return
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def free(self, path: Path) -> int:
        """Bytes that are free."""
        return shutil.disk_usage(path).free

    def write_whole(self, path: Path, data: bytes) -> None:
        """Put a file in place with all its bytes, or not at all."""
        draft = path.with_name(path.name + ".new")
        self.remove(draft)
        handle = self.create(draft)
        try:
            handle.write(data)
            handle.sync()
        finally:
            handle.close()
        self.rename(draft, path)
        self.sync_folder(path.parent)


def _patiently(act: Callable[[], None], seconds: float = 5.0) -> None:
    """Windows refuses to replace or remove a file while someone reads it: try for a while."""
    until = time.monotonic() + seconds
    while True:
        try:
            return act()
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > until:
                raise
            time.sleep(0.02)
