"""What happens next: by time, kind, and the order in which it was scheduled."""

from __future__ import annotations

from typing import Any


class Agenda:
    """At most one event for each thing that can happen; scheduled anew, it goes behind."""

    def __init__(self) -> None:
        self._events: dict[Any, tuple[float, int, int]] = {}
        self._scheduled = 0

    def put(self, what: Any, kind: int, time: float) -> None:
        self._events[kind, what] = (time, kind, self._scheduled)
        self._scheduled += 1

    def drop(self, what: Any, kind: int) -> None:
        self._events.pop((kind, what), None)

    def awaits(self, what: Any, kind: int) -> bool:
        return (kind, what) in self._events

    def time_of(self, what: Any, kind: int) -> float | None:
        """When something is to happen; None if it is not."""
        return self._events[kind, what][0] if (kind, what) in self._events else None

    def all_of(self, kind: int) -> list[tuple[int, Any]]:
        return [key for key in self._events if key[0] == kind]

    def next(self) -> tuple[float, int, Any]:
        """The next event, which is taken out."""
        key = min(self._events, key=self._events.__getitem__)
        time, kind, _ = self._events.pop(key)
        return time, kind, key[1]

    def peek(self) -> tuple[float, int]:
        return min(self._events.values())[:2]
