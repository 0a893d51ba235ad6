"""The agent's buffer: the last observations, each with its sequence number."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection
from itertools import islice
from typing import NamedTuple

from plantwright.shopfloor.virtual.observations import Observations


class OutOfRange(Exception):  # noqa: N818  (it becomes the agent's answer)
    """A sequence number that the buffer does not hold, or no longer."""


class Entry(NamedTuple):
    """An observation in the buffer."""

    sequence: int
    time: int
    item: int
    value: str


class Part(NamedTuple):
    """What was asked of the buffer, and how it stood."""

    entries: list[Entry]
    next: int
    first: int
    last: int


class Buffer:
    """Holds the last `size` observations, and what held before them.

    Parameters
    ----------
    size : int
    """

    def __init__(self, size: int = 131_072) -> None:
        self.size = size
        self._entries: deque[Entry] = deque()
        self._before: dict[int, Entry] = {}
        self._latest: dict[int, Entry] = {}
        self._next = 1
        self._more = threading.Condition()

    def add(self, said: Observations) -> None:
        """Take observations in."""
        with self._more:
            for time, item, value in zip(said.time, said.item, said.value, strict=True):
                entry = Entry(self._next, time, item, value)
                self._next += 1
                self._entries.append(entry)
                self._latest[item] = entry
                if len(self._entries) > self.size:
                    oldest = self._entries.popleft()
                    self._before[oldest.item] = oldest
            self._more.notify_all()

    def current(self, wanted: Collection[int], at: int | None = None) -> Part:
        """The last observation of each item, now or after the one with a sequence number. Raises OutOfRange."""
        with self._more:
            first, last = self._range()
            latest = self._latest
            if at is not None:
                if not first <= at <= last:
                    raise OutOfRange(f"'at' must be between {first} and {last}")
                latest = dict(self._before)
                for entry in islice(self._entries, at - first + 1):
                    latest[entry.item] = entry
            entries = [latest[item] for item in wanted if item in latest]
            return Part(entries, self._next, first, last)

    def sample(self, wanted: Collection[int], start: int | None, count: int, end: int | None = None) -> Part:
        """At most `count` observations of some items from a sequence number on (None: the first; 0 as well), up to `end`; where `count`
        is below zero, those before it, the newest first. Raises OutOfRange.
        """
        with self._more:
            first, last = self._range()
            if start is not None and start > self._next:
                raise OutOfRange(f"'from' must be at most {self._next}")
            if start and start < first:
                raise OutOfRange(f"'from' must be at least {first}: what came before is no longer in the buffer")
            found: list[Entry] = []
            if count < 0:
                place = min(start if start else last, last) - first
                for entry in islice(reversed(self._entries), len(self._entries) - 1 - place, None):
                    if entry.item in wanted:
                        found.append(entry)
                        if len(found) == -count:
                            break
                return Part(found, found[-1].sequence if found else first, first, last)
            following = start or first
            for entry in islice(self._entries, max(0, following - first), None):
                if end is not None and entry.sequence > end:
                    break
                following = entry.sequence + 1
                if entry.item in wanted:
                    found.append(entry)
                    if len(found) == count:
                        break
            return Part(found, following, first, last)

    def wait_beyond(self, sequence: int, timeout: float, ended: Callable[[], bool]) -> bool:
        """Wait until there is an observation with a sequence number, or it is ended; whether there is one."""
        with self._more:
            self._more.wait_for(lambda: self._next > sequence or ended(), timeout)
            return self._next > sequence

    def wake(self) -> None:
        """Let those who wait look again."""
        with self._more:
            self._more.notify_all()

    def _range(self) -> tuple[int, int]:
        first = self._entries[0].sequence if self._entries else self._next
        return first, max(first, self._next - 1)
