"""The sealer as a process of its own: started beside the recorder, started again if it dies, ended with it however that ends."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from plantwright.errors import PlantwrightError
from plantwright.shopfloor.history import HistoryError, HistoryFull
from plantwright.shopfloor.history.places import without_password
from plantwright.shopfloor.history.sealing import Sealer

logger = logging.getLogger(__name__)

PAUSE = 2.0
LONGEST_PAUSE = 60.0


class SealerProcess:
    """Starts ``plantwright history seal --follow`` for a folder when there is something to seal.

    The process ends when its standard input does, and so with this one, even if this one is killed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._next = 0.0
        self._deaths = 0

    def ensure(self) -> None:
        """Start it if it does not run; not at once again where it just died."""
        if self._process is not None and self._process.poll() is None:
            return
        now = time.monotonic()
        if self._process is not None:
            self._deaths += 1
            logger.warning("%s: the sealer ended with %s; it is started again", self._folder, self._process.returncode)
            self._forget()
        if now < self._next:
            return
        self._next = now + min(LONGEST_PAUSE, 2.0**self._deaths)
        windows = sys.platform == "win32"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "plantwright", "history", "seal", str(self._folder), "--follow"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=not windows,  # Ctrl-C is not for it
            creationflags=0x200 if windows else 0,
        )

    def end(self, patience: float = 10.0) -> None:
        """Ask it to end when it has sealed what there is; wait for that no longer than so many seconds."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)

    def _forget(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process = None


def seal(
    place: str | Path, *, follow: threading.Event | None = None, say: Callable[[str], None] = logger.warning
) -> bool:
    """Seal what there is in a folder; with `follow` go on until it is set. Whether there was anything.

    Parameters
    ----------
    place : str or Path
    follow : threading.Event, optional
    say : callable
        Told what is in the way (a full disk) while it goes on; without `follow` it is raised instead.
    """
    if "://" in str(place):
        raise HistoryError(f"{without_password(place)}: a database needs no sealing; only a folder does [PW5100]")
    folder, ending = Path(place), follow or threading.Event()
    sealer = Sealer(folder, stopping=ending.is_set, patience=2.0 if follow is None else LONGEST_PAUSE)
    try:
        if follow is None:
            return sealer.run()
        done, told = False, ""
        while not ending.wait(PAUSE):
            try:
                done |= sealer.run()
                told = ""
            except PlantwrightError as error:
                if str(error) != told:
                    say(str(error))
                told = str(error)
                ending.wait(PAUSE if isinstance(error, HistoryFull) else LONGEST_PAUSE)
        sealer.stopping = lambda: False
        return sealer.seal_all() or done
    finally:
        sealer.close()


def until_input_ends() -> threading.Event:
    """An event that is set when nothing more can come over standard input: whoever started this process has ended."""
    ended = threading.Event()

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            while sys.stdin.buffer.read(4096):
                pass
        ended.set()

    threading.Thread(target=watch, name="input", daemon=True).start()
    return ended
