"""Observations into readings: what a value of each shape becomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from plantwright.shopfloor.connectors.mtconnect.devices import Slot
from plantwright.shopfloor.connectors.mtconnect.texts import UNAVAILABLE, number
from plantwright.shopfloor.readings import NANOSECONDS, Events, Quality, Samples

MOST_OF_SERIES = 100_000
"""Values of one time series."""

LEVELS = ("NORMAL", "WARNING", "FAULT", UNAVAILABLE)


class Sheet:
    """Gathers readings in columns.

    Parameters
    ----------
    reject : callable
        ``reject(tag, text, why)`` is told of values that are none.
    """

    def __init__(self, reject: Callable[[int, str, str], None]) -> None:
        self._reject = reject
        self._parts: list[Samples] = []
        self._samples: tuple[list[int], list[int], list[float], list[int]] = ([], [], [], [])
        self._events: tuple[list[int], list[int], list[str], list[str], list[int]] = ([], [], [], [], [])

    def __len__(self) -> int:
        return sum(map(len, self._parts)) + len(self._samples[0]) + len(self._events[0])

    def readings(self) -> tuple[Samples, Events]:
        """All that was gathered."""
        parts = [*self._parts, Samples.of(*self._samples)] if self._samples[0] or not self._parts else self._parts
        tag, time, value, detail, quality = self._events
        events = Events.of(tag, time, value, detail, quality)
        if len(parts) == 1:
            return parts[0], events
        columns = [np.concatenate([getattr(p, c) for p in parts]) for c in ("tag", "time", "value", "quality")]
        return Samples(*columns), events

    def add(self, samples: Samples) -> None:
        """Samples that are in columns already."""
        self._parts.append(samples)

    def put(self, tag: int, time: int, value: float, quality: int = Quality.GOOD) -> None:
        """One sample."""
        tags, times, values, qualities = self._samples
        tags.append(tag)
        times.append(time)
        values.append(value)
        qualities.append(quality)

    def tell(self, tag: int, time: int, text: str, detail: Mapping[str, Any] | None = None, quality: int = 0) -> None:
        """One event."""
        said = json.dumps(detail, ensure_ascii=False) if detail else ""
        tags, times, texts, details, qualities = self._events
        tags.append(tag)
        times.append(time)
        texts.append(text)
        details.append(said)
        qualities.append(quality)

    def value(
        self, slot: Slot, time: int, text: str, quality: int = 0, detail: Mapping[str, Any] | None = None
    ) -> None:
        """What a data item that is no condition, data set or time series said in one text."""
        if not slot.tags:
            return
        if slot.shape == "sample" or slot.shape == "three":
            self._numbers(slot, time, text, quality)
        elif unavailable(text):
            self.tell(slot.tags[0], time, UNAVAILABLE, detail, Quality.UNAVAILABLE)
        else:
            self.tell(slot.tags[0], time, text, detail, quality)

    def _numbers(self, slot: Slot, time: int, text: str, quality: int) -> None:
        if unavailable(text):
            for tag in slot.tags:
                self.put(tag, time, np.nan, Quality.UNAVAILABLE)
            return
        words = text.split() if slot.shape == "three" else [text]
        if len(words) != len(slot.tags):
            self._reject(slot.tags[0], text, f"{len(words)} numbers where {len(slot.tags)} belong")
            return
        found = [number(word) for word in words]
        for tag, word, value in zip(slot.tags, words, found, strict=True):
            if value is None:
                self._reject(tag, word, "not a number")
            else:
                self.put(tag, time, value, quality)

    def series(self, slot: Slot, time: int, text: str, rate: float | None, quality: int = 0) -> None:
        """A time series: the last value was observed at its instant, the others before it at its rate."""
        if not slot.tags:
            return
        tag = slot.tags[0]
        if unavailable(text):
            self.put(tag, time, np.nan, Quality.UNAVAILABLE)
            return
        words = text.split()
        rate = rate or slot.item.rate
        if len(words) > MOST_OF_SERIES:
            self._reject(tag, text, f"a time series of {len(words):,} values; at most {MOST_OF_SERIES:,} are read")
            return
        if len(words) > 1 and not (rate and rate > 0):
            self._reject(tag, text, "a time series without its sample rate")
            return
        step = NANOSECONDS / rate if rate else 0.0
        for i, word in enumerate(words):
            value = number(word)
            if value is None:
                self._reject(tag, word, "not a number")
            else:
                self.put(tag, time - round((len(words) - 1 - i) * step), value, quality)

    def condition(self, slot: Slot, time: int, level: str, detail: Mapping[str, Any]) -> None:
        """A condition: its level, with code, severity, qualifier and text."""
        if not slot.tags:
            return
        level = level.strip().upper()
        if level not in LEVELS:
            self._reject(slot.tags[0], level, "not a level of a condition (normal, warning, fault, unavailable)")
            return
        quality = Quality.UNAVAILABLE if level == UNAVAILABLE else Quality.GOOD
        self.tell(slot.tags[0], time, level, {k: v for k, v in detail.items() if v}, quality)

    def entries(
        self, slot: Slot, time: int, entries: Mapping[str, Any] | None, detail: Mapping[str, Any], quality: int = 0
    ) -> None:
        """A data set's or table's entries that are new (None: gone); None for all is unavailable."""
        if not slot.tags:
            return
        if entries is None:
            self.tell(slot.tags[0], time, UNAVAILABLE, detail, Quality.UNAVAILABLE)
        else:
            self.tell(slot.tags[0], time, str(len(entries)), {"entries": entries, **detail}, quality)


def unavailable(text: str) -> bool:
    """Whether a text says that nothing is known."""
    return len(text) < 20 and text.strip().upper() == UNAVAILABLE


def typed(text: str) -> Any:
    """A value of a data set: a number where it is one."""
    found = number(text)
    if found is None:
        return text
    return int(found) if found.is_integer() and abs(found) < 2**53 and text.strip().lstrip("+-").isdigit() else found


def joined(parts: Sequence[str]) -> str:
    """Texts in one, without doubled spaces."""
    return " ".join(" ".join(parts).split())
