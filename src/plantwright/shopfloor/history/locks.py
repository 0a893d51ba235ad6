"""A lock on a folder that the system takes back when its process ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from plantwright.shopfloor.history import HistoryError

BRIEFLY = ", for a moment"
BRIEF_PATIENCE = 30.0


class FolderLock:
    """Held by one process at a time; others are told whose it is.

    Parameters
    ----------
    path : Path
        A file that is made for it.
    what : str
        What its holder does, such as ``"written"``, for the message.
    briefly : bool
        It is taken for seconds only, so that others may as well wait.
    """

    def __init__(self, path: Path, what: str, briefly: bool = False) -> None:
        self._path, self._what, self._briefly = path, what, briefly
        self._file: int | None = None

    def take(self, patience: float = 0.0) -> None:
        """Take it, trying for so many seconds. Raises HistoryError where another process holds it."""
        begun = time.monotonic()
        while not self.try_take():
            brief = self._holder().endswith(BRIEFLY)
            if time.monotonic() - begun >= (max(patience, BRIEF_PATIENCE) if brief else patience):
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
        os.write(file, f"process {os.getpid()}{BRIEFLY if self._briefly else ''}\n".encode())
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
