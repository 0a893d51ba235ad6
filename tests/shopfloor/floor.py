"""A small shop floor in memory: machines that say what a test tells them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.readings import NANOSECONDS, Batch, Events, Quality, Samples, Tag

UNAVAILABLE = "UNAVAILABLE"


def at(clock: str, day: int = 3) -> int:
    """An instant of March 2025 in UTC; the 3rd is a Monday."""
    parts = [int(part) for part in clock.split(":")]
    return int(datetime(2025, 3, day, *parts, tzinfo=UTC).timestamp()) * NANOSECONDS


class Floor:
    """A history that is filled by hand."""

    def __init__(self) -> None:
        self.history = MemoryHistory()

    def tag(self, machine: str, name: str, type: str, kind: Any = "event") -> int:
        type, _, subtype = type.partition(".")
        (number,) = self.history.declare([Tag(f"{machine}/{name}", kind, machine, machine, type, subtype=subtype)])
        return number

    def says(
        self, machine: str, type: str, told: Mapping[str, str] | Sequence[tuple[int, str]], kind: Any = "event"
    ) -> None:
        """Events by the time of the clock on Monday, or by instants; UNAVAILABLE is of that quality."""
        number = self.tag(machine, type.lower(), type, kind)
        pairs = [(at(clock), text) for clock, text in told.items()] if isinstance(told, Mapping) else list(told)
        quality = [Quality.UNAVAILABLE if text == UNAVAILABLE else Quality.GOOD for _, text in pairs]
        events = Events.of([number] * len(pairs), [t for t, _ in pairs], [text for _, text in pairs], quality=quality)
        self.history.append([Batch(machine, events=events)])

    def measures(self, machine: str, type: str, told: Mapping[str, float]) -> None:
        number = self.tag(machine, type.lower(), type, "sample")
        samples = Samples.of([number] * len(told), [at(clock) for clock in told], list(told.values()))
        self.history.append([Batch(machine, samples)])

    def gap(self, machine: str, start: str, end: str, reason: str = "lost") -> None:
        self.lost(machine, at(start), at(end), reason)

    def lost(self, machine: str, start: int, end: int, reason: str = "lost") -> None:
        """A gap from one instant to another."""
        number = self.tag(machine, "gaps", "GAP", "note")
        detail = json.dumps({"start": start, "end": end})
        self.history.append([Batch(machine, events=Events.of([number], [start], [reason], [detail]))])

    def heard(self, machine: str, clock: str) -> None:
        number = self.tag(machine, "heard", "HEARD", "note")
        self.history.append([Batch(machine, events=Events.of([number], [at(clock)], ["heard"]))])
