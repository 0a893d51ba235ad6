"""What takes a look at every single event: what people did with their time, and how long lots waited before each operation.

It is counted from the log as it is written, so a run that does not ask for it pays nothing, and memory does not grow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from plantwright.plant.plant import Plant
from plantwright.simulation import codes
from plantwright.simulation.bins import BINS, bin_at
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.codes import STATES
from plantwright.simulation.collect import QUANTILES
from plantwright.simulation.recording import Settled, Sink
from plantwright.simulation.run import Estimate
from plantwright.simulation.statistics import estimate, quantiles
from plantwright.simulation.timeline import calendar, open_time
from plantwright.simulation.window import Window

ACTIVITIES = {
    "setup": "setup", "load": "load", "working": "run", "unload": "unload", "in repair": "repair", "maintenance": "maintenance",
    "no staff": "walking", "waiting for repair": "walking",
}  # fmt: skip
"""What people who are held by a machine in a state do; whoever is held by one that has no staff yet is on the way there."""


class Details(Settled):
    """The sink that counts them in one replication; `also` takes the rows besides."""

    def __init__(self, warmup: float, also: Sink | None = None) -> None:
        super().__init__(self._take)
        self._warmup, self._also = warmup, also
        self.people: defaultdict[tuple[int, int], float] = defaultdict(float)
        self.waits: dict[tuple[int, int], Any] = {}
        self.waited: defaultdict[tuple[int, int], float] = defaultdict(float)
        self._queued: dict[int, float] = {}
        self._state: dict[int, int] = {}
        self._since: dict[int, float] = {}
        self._holds: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))

    def __call__(self, rows: Any) -> None:
        """Take the next rows."""
        if self._also is not None:
            self._also(rows)
        super().__call__(rows)

    def close(self) -> None:
        """No more rows come."""
        if self._also is not None:
            self._also.close()
        super().close()

    def end(self, time: float) -> None:
        """The run has ended."""
        for machine in list(self._holds):
            self._book(machine, time)

    def _book(self, machine: int, time: float) -> None:
        passed = time - max(self._since.get(machine, 0.0), self._warmup)
        if passed > 0:
            for crew, count in self._holds[machine].items():
                if count:
                    self.people[crew, self._state.get(machine, -1)] += count * passed
        self._since[machine] = time

    def _take(self, rows: Any) -> None:
        names = ("kind", "time", "lot", "product", "operation", "machine", "detail", "amount")
        for kind, time, lot, product, operation, machine, detail, amount in zip(
            *(rows[n].tolist() for n in names), strict=True
        ):
            if kind == codes.LOG_STATE:
                if machine in self._holds:
                    self._book(machine, time)
                self._state[machine] = detail
            elif kind == codes.LOG_SEIZED:
                self._book(machine, time)
                self._holds[machine][detail] += amount
            elif kind == codes.LOG_LET_GO:
                self._book(machine, time)
                self._holds[machine][detail] -= amount
            elif kind == codes.LOG_QUEUED:
                self._queued[lot] = time
            elif kind == codes.LOG_STARTED:
                self._wait((product, operation), time, self._queued.pop(lot, None))

    def _wait(self, of: tuple[int, int], time: float, since: float | None) -> None:
        if since is None or time <= self._warmup:
            return
        wait = time - since
        counts = self.waits.setdefault(of, np.zeros(BINS, np.int64))
        counts[bin_at(wait)] += 1
        self.waited[of] += wait


def told_of(blueprint: Blueprint, window: Window, found: Sequence[Details], level: float) -> tuple[Estimate, ...]:
    """The estimates of what was counted in each replication of a plant."""
    for details in found:
        details.end(window.end)
    plant, names = blueprint.plant, blueprint.names
    return (*_of_people(plant, window, found, level), *_of_queues(names, found, level))


def _of_people(plant: Plant, window: Window, found: Sequence[Details], level: float) -> list[Estimate]:
    made = []
    for row, crew in enumerate(plant.people.values()):
        shifts = [plant.shifts[name] for name in crew.shift]
        there = calendar(shifts, start=plant.start, time_zone=plant.time_zone, horizon=window.end)
        paid = open_time(there, window.start, window.end) * crew.count
        spent: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * len(found))
        for r, details in enumerate(found):
            for (who, state), seconds in details.people.items():
                if who == row:
                    spent[ACTIVITIES.get(STATES[state], "other")][r] += seconds
        for activity in (*dict.fromkeys(ACTIVITIES.values()), "other"):
            if activity in spent and paid > 0:
                of = {"crew": crew.name, "activity": activity}
                made.append(estimate("time of people", of, "share", np.array(spent[activity]) / paid, level))
    return made


def _of_queues(names: Mapping[str, Sequence[Any]], found: Sequence[Details], level: float) -> list[Estimate]:
    made = []
    rows: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for row in sorted({row for details in found for row in details.waits}):
        rows[names["product"][row[0]], names["operation"][row[1]]].append(row)
    for (product, name), alike in rows.items():
        counts = [sum(d.waits.get(row, np.zeros(BINS, np.int64)) for row in alike) for d in found]
        if not all(count.sum() for count in counts):
            continue
        of = {"product": product, "operation": name}
        means = [sum(d.waited[row] for row in alike) / count.sum() for d, count in zip(found, counts, strict=True)]
        made.append(estimate("queue time", of, "s", means, level))
        told = [quantiles(count, QUANTILES) for count in counts]
        for k, share in enumerate(QUANTILES):
            made.append(estimate("queue time", of, "s", [one[k] for one in told], level, share))
    return made
