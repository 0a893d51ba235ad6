"""A lock on a folder that the system takes back when its process ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from plantwright.shopfloor.history import HistoryError


class FolderLock:
    """Held by one process at a time; others are told whose it is.

    Parameters
    ----------
    path : Path
        A file that is made for it.
    what : str
        What its holder does, such as ``"written"``, for the message.
    """

    def __init__(self, path: Path, what: str) -> None:
        self._path, self._what = path, what
        self._file: int | None = None

    def take(self, patience: float = 0.0) -> None:
        """Take it, trying for so many seconds. Raises HistoryError where another process holds it."""
        until = time.monotonic() + patience
        while not self.try_take():
            if time.monotonic() >= until:
                raise HistoryError(
                    f"{self._path.parent}: is being {self._what} by {self._holder()}; one at a time can. "
                    "End that one first, or choose another folder [PW5100]"
                )
            time.sleep(0.05)

    def try_take(self) -> bool:
        """Take it if it is free; whether it was."""
        file = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o644)
        try:
            _lock(file)
        except OSError:
            os.close(file)
            return False
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, f"process {os.getpid()}\n".encode())
        self._file = file
        return True

    def release(self) -> None:
        """Give it back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _holder(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8").strip() or "another process"
        except OSError:
            return "another process"


def _lock(file: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        # Far behind the text, which others may then read.
        os.lseek(file, 1 << 30, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
