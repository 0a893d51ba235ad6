"""From what the devices of a virtual plant said back to the log of the run: by what they show and count alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from plantwright.shopfloor.history import History
from plantwright.shopfloor.virtual.machine import Row
from plantwright.shopfloor.virtual.observations import UNAVAILABLE, unlisted
from plantwright.shopfloor.virtual.states import state_of

Said = tuple[str, str, int, str]
"""A device's name, the key of an item, an instant in nanoseconds, and what was said."""


def rebuilt(said: Iterable[Said], zero: int, floor: str = "floor") -> list[Row]:
    """The rows of the log, by device and in order of time, from all that was said.

    Parameters
    ----------
    said : iterable of Said
        What one item said at one instant stands in the order in which it came.
    zero : int
        The instant of the run's time zero, in nanoseconds.
    floor : str
        The name of the device that is no machine.
    """
    found: list[Row] = []
    ordered = sorted(said, key=lambda one: (one[0], one[2]))
    for name, of_device in groupby(ordered, key=lambda one: one[0]):
        device: _Floor | _Machine = _Floor() if name == floor else _Machine(name)
        for instant, several in groupby(of_device, key=lambda one: one[2]):
            time = (instant - zero) / 1e9
            for key, value in [(key, value) for _, key, _, value in several]:
                device.change(key, value)
            found += device.rows(time)
    return found


def said_in(history: History) -> list[Said]:
    """All that the devices of a virtual plant said, as a history keeps it: which item it was is told by the end of its tag's name."""
    tags = [(number, tag) for number, tag in enumerate(history.tags()) if tag.machine and tag.kind == "event"]
    keys = {number: (tag.machine, tag.name.rpartition("/")[2].replace("_", " ")) for number, tag in tags}
    events = history.events(list(keys), 0, np.iinfo(np.int64).max)
    columns = (events["tag"].to_list(), events["time"].to_physical().to_list(), events["value"].to_list())
    return [(*keys[number], time, value) for number, time, value in zip(*columns, strict=True)]


@dataclass
class _Floor:
    shown: dict[str, str] = field(default_factory=dict)
    happened: bool = False

    def change(self, key: str, value: str) -> None:
        self.shown[key] = value
        self.happened |= key == "row" and value != UNAVAILABLE

    def rows(self, time: float) -> Iterator[Row]:
        """The row that was told at an instant, if there was one."""
        if not self.happened:
            return
        self.happened = False
        texts = {key: value or None for key, value in self.shown.items()}
        lot, amount = texts["lot"], texts["amount"]
        yield Row(
            time,
            self.shown["what"],
            int(lot) if lot else None,
            texts["product"],
            texts["operation"],
            texts["work center"],
            texts["machine"],
            texts["detail"],
            float(amount) if amount else None,
        )


@dataclass
class _Machine:
    name: str
    shown: dict[str, str] = field(default_factory=dict)
    jobs: dict[int, tuple[str, str, float]] = field(default_factory=dict)
    people: dict[str, list[str]] = field(default_factory=lambda: {"operator": [], "repairer": [], "tool": []})
    counts: dict[str, float] = field(default_factory=lambda: {"all": 0.0, "bad": 0.0})
    state: str | None = None

    def change(self, key: str, value: str) -> None:
        self.shown[key] = value

    def rows(self, time: float) -> Iterator[Row]:
        """What happened at an instant, seen by what is shown now and was before."""
        center = self.shown.get("work center")
        if self.shown.get("available") != "AVAILABLE":
            if self.state is not None:
                yield Row(time, "state", None, None, None, center, self.name, "not there", None)
            self.state = None
            return
        for role, word in (("operator", "people"), ("repairer", "people"), ("tool", "tool")):
            operation = None if role == "repairer" else self.shown.get("program")
            now = unlisted(self._text(role))
            for name, change in _differences(self.people[role], now):
                what = f"{word} {'seized' if change > 0 else 'let go'}"
                yield Row(time, what, None, None, operation, center, self.name, name, float(abs(change)))
            self.people[role] = now
        yield from self._lots(time, center)
        shown = [self._text(key) for key in ("execution", "wait state", "functional mode", "power")]
        state = state_of(*shown)
        if state is not None and state != self.state:
            self.state = state
            yield Row(time, "state", None, None, None, center, self.name, state, None)

    def _lots(self, time: float, center: str | None) -> Iterator[Row]:
        columns = [unlisted(self._text(key)) for key in ("lot", "product", "operation", "quantity")]
        now = {
            int(lot): (product, operation, float(size)) for lot, product, operation, size in zip(*columns, strict=True)
        }
        counts = {key: float(self._text(key) or 0.0) for key in self.counts}
        for lot, (product, operation, _) in self.jobs.items():
            made = counts["all"] - self.counts["all"]
            if lot not in now and made > 0.0:
                yield Row(time, "ended", lot, product, operation, center, self.name, None, made)
                if (bad := counts["bad"] - self.counts["bad"]) > 0.0:
                    yield Row(time, "scrapped", lot, product, operation, center, None, None, bad)
        for lot, (product, operation, size) in now.items():
            if lot not in self.jobs:
                yield Row(time, "started", lot, product, operation, center, self.name, None, size)
        self.jobs, self.counts = now, counts

    def _text(self, key: str) -> str:
        text = self.shown.get(key, "")
        return "" if text == UNAVAILABLE else text


def _differences(before: list[str], now: list[str]) -> Iterator[tuple[str, int]]:
    for name in dict.fromkeys([*before, *now]):
        if change := now.count(name) - before.count(name):
            yield name, change
