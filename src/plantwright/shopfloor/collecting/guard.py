"""The guard: which readings can be kept, and when a source says so much rubbish that it is left alone for a while."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from plantwright.shopfloor.connectors import SourceQuarantined
from plantwright.shopfloor.readings import NANOSECONDS, Events, Quality, Samples

LONGEST_TEXT = 64 * 1024
"""Characters of a text; a longer one is no reading of a machine."""

EARLIEST = 0
"""1970: an instant before it is a clock that was never set."""

MOST_AHEAD = 3_600 * NANOSECONDS
"""So far may a source's clock be ahead of the collector's; beyond it a reading would hide all that come later."""


@dataclass(frozen=True, slots=True)
class Rubbish:
    """Readings that are none: how many, one of them, and why."""

    count: int
    example: str
    why: str

    def __str__(self) -> str:
        many = f"{self.count} readings, such as" if self.count > 1 else "a reading,"
        return f"{many} {self.example}: {self.why}"


class Guard:
    """Sorts out what is no reading, and counts it.

    Parameters
    ----------
    most_rubbish : int
        So much rubbish within `window` is too much if it is also a tenth of all that came.
    window : float
        Seconds.
    """

    def __init__(self, most_rubbish: int = 100, window: float = 60.0) -> None:
        self._most = most_rubbish
        self._window = int(window * NANOSECONDS)
        self._seen: deque[tuple[int, int, int]] = deque()

    def samples(self, given: Samples, now: int) -> tuple[Samples, list[Rubbish]]:
        """Those that can be kept, and what is wrong with the others. A value that is no finite number is kept where its quality says so."""
        out_of_time = _out_of_time(given.time, now)
        no_number = ~np.isfinite(given.value) & (given.quality == Quality.GOOD)
        wrong = out_of_time | no_number
        if not wrong.any():
            self._count(len(given), 0, now)
            return given, []
        found = []
        if no_number.any():
            at = int(np.flatnonzero(no_number)[0])
            found.append(Rubbish(int(no_number.sum()), f"{given.value[at]}", "not a finite number"))
        found += _misdated(given.time, out_of_time & ~no_number, now)
        self._count(len(given), int(wrong.sum()), now, found)
        return given.where(~wrong), found

    def events(self, given: Events, now: int) -> tuple[Events, list[Rubbish]]:
        """Those that can be kept, and what is wrong with the others."""
        out_of_time = _out_of_time(given.time, now)
        sizes = np.fromiter(
            (len(v) + len(d) for v, d in zip(given.value, given.detail, strict=True)), np.int64, len(given)
        )
        too_long = sizes > LONGEST_TEXT
        wrong = out_of_time | too_long
        if not wrong.any():
            self._count(len(given), 0, now)
            return given, []
        found = []
        if too_long.any():
            at = int(np.flatnonzero(too_long)[0])
            why = f"a text of {sizes[at]:,} characters; the longest that is kept has {LONGEST_TEXT:,}"
            found.append(Rubbish(int(too_long.sum()), repr(given.value[at][:20]) + "...", why))
        found += _misdated(given.time, out_of_time & ~too_long, now)
        self._count(len(given), int(wrong.sum()), now, found)
        return given.where(~wrong), found

    def reject(self, text: str, why: str, now: int) -> Rubbish:
        """A text that is no reading."""
        found = Rubbish(1, repr(text[:40]) + ("..." if len(text) > 40 else ""), why)
        self._count(1, 1, now, [found])
        return found

    def _count(self, came: int, wrong: int, now: int, found: list[Rubbish] | None = None) -> None:
        seen = self._seen
        if seen and now - seen[-1][0] < NANOSECONDS:
            when, before, wrong_before = seen.pop()
            seen.append((when, before + came, wrong_before + wrong))
        else:
            seen.append((now, came, wrong))
        while seen[0][0] < now - self._window:
            seen.popleft()
        total, bad = sum(entry[1] for entry in seen), sum(entry[2] for entry in seen)
        if wrong and bad > self._most and bad * 10 > total:
            seen.clear()
            last = f"; the last was {found[0]}" if found else ""
            raise SourceQuarantined(
                f"{bad} of {total} readings within {self._window // NANOSECONDS} s are rubbish{last}"
            )


def _out_of_time(
    time: np.ndarray[tuple[int], np.dtype[np.int64]], now: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return (time > now + MOST_AHEAD) | (time < EARLIEST)


def _misdated(
    time: np.ndarray[tuple[int], np.dtype[np.int64]], wrong: np.ndarray[tuple[int], np.dtype[np.bool_]], now: int
) -> list[Rubbish]:
    if not wrong.any():
        return []
    first = int(time[np.flatnonzero(wrong)[0]])
    shown = str(np.datetime64(first, "ns").astype("datetime64[s]"))
    why = "before 1970" if first < EARLIEST else f"{(first - now) / 3.6e12:,.0f} hours ahead of the collector's clock"
    return [Rubbish(int(wrong.sum()), shown, f"{why}; set the source's clock (NTP)")]
