"""From what the engine counted to estimates with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from plantwright.plant.plant import Plant
from plantwright.simulation.codes import STATES
from plantwright.simulation.economics import contribution_per_year, economics
from plantwright.simulation.run import Estimate
from plantwright.simulation.statistics import estimate, quantiles
from plantwright.simulation.timeline import calendar, open_time, working_days
from plantwright.simulation.world import World

QUANTILES = (0.5, 0.9, 0.95)


@dataclass(frozen=True)
class Counts:
    """What one replication counted after its warm-up: a copy of the world's books."""

    product: Any
    center: Any
    machine: Any
    crew: Any
    state_time: Any
    histogram: Any
    record: Any
    buckets: int
    events: int
    finished: bool


def counts_of(world: World, finished: bool) -> Counts:
    """Copy the books of a world, so that the world can go."""
    records, arrays = world.records, world.arrays
    return Counts(
        records["product"].copy(),
        records["center"].copy(),
        records["machine"].copy(),
        records["crew"].copy(),
        arrays["state_time"].copy(),
        arrays["histogram"].copy(),
        records["record"].copy(),
        int(world.run.buckets[0]),
        int(world.run.events[0]),
        finished,
    )


@dataclass(frozen=True)
class Window:
    """The span of time that is counted: from the end of the warm-up to the end of the run."""

    start: float
    end: float
    days: float
    unit: str

    @property
    def seconds(self) -> float:
        return self.end - self.start


def window_of(plant: Plant, warmup: float, end: float) -> Window:
    """The counted span, in working days where the plant has shifts, else in days."""
    if not plant.shifts:
        return Window(warmup, end, (end - warmup) / 86400.0, "day")
    days = working_days(plant, end)
    working = sum(1 for at, on in zip(days.ends, days.working, strict=True) if on and at > warmup + 1.0)
    return Window(warmup, end, float(max(1, working)), "working day")


class Collector:
    """Turns the counts of replications into estimates."""

    def __init__(self, plant: Plant, window: Window, counts: Sequence[Counts], level: float) -> None:
        self.plant, self.window, self.counts, self.level = plant, window, counts, level
        self.made: list[Estimate] = []
        self.unknown: dict[str, str] = {}
        units = {product.unit for product in plant.products.values()}
        self.unit = units.pop() if len(units) == 1 else None

    def add(
        self, name: str, of: Mapping[str, str], unit: str, values: Sequence[float], quantile: float | None = None
    ) -> None:
        """Add the estimate of one number per replication, left out where a replication has none."""
        if len(values) and not np.isnan(values).any():
            self.made.append(estimate(name, of, unit, values, self.level, quantile=quantile))

    def each(self, function: Callable[[Counts], float]) -> list[float]:
        """One number from each replication."""
        return [float(function(counts)) for counts in self.counts]

    def all(self) -> tuple[Estimate, ...]:
        """All estimates, the headline ones first."""
        self._flows()
        self._times()
        self._shares()
        self._money()
        self._centers()
        self._people()
        return tuple(self.made)

    def _subjects(self) -> list[tuple[dict[str, str], Any]]:
        everything: list[tuple[dict[str, str], Any]] = [({}, slice(None))]
        return everything + [({"product": name}, slice(p, p + 1)) for p, name in enumerate(self.plant.products)]

    def _flows(self) -> None:
        days, per = self.window.days, self.window.unit
        for of, rows in self._subjects():
            unit = self.plant.products[of["product"]].unit if of else self.unit
            field = "done_pieces" if unit else "done_lots"
            self.add(
                "throughput",
                of,
                f"{unit or 'lot'}/{per}",
                self.each(lambda c, r=rows, f=field: c.product[f][r].sum() / days),
            )
            asked = [self.plant.products[of["product"]]] if of else list(self.plant.products.values())
            if unit and all(product.demand for product in asked):
                self.add("sales", of, f"{unit}/{per}", self.each(lambda c, r=rows: c.product["sold"][r].sum() / days))
            seconds = self.window.seconds
            self.add(
                "work in process", of, "lot", self.each(lambda c, r=rows: c.product["wip_area"][r].sum() / seconds)
            )
        if not all(product.demand for product in self.plant.products.values()):
            self.unknown["sales"] = "no demand"

    def _times(self) -> None:
        for of, rows in self._subjects():
            lots = np.array(self.each(lambda c, r=rows: c.product["done_lots"][r].sum()))
            if (lots == 0).any():
                continue
            self.add("cycle time", of, "s", self.each(lambda c, r=rows: c.product["time"][r].sum()) / lots)
            found = [quantiles(c.histogram[rows].sum(axis=0), QUANTILES) for c in self.counts]
            for k, share in enumerate(QUANTILES):
                self.add("cycle time", of, "s", [row[k] for row in found], share)

    def _shares(self) -> None:
        due = any(
            release.due is not None or any(order.due for order in release.orders)
            for product in self.plant.products.values()
            for release in product.releases
        )
        if not due:
            self.unknown["on time"] = "no due dates"
        for of, rows in self._subjects():
            if due:
                with_due = np.array(self.each(lambda c, r=rows: c.product["with_due"][r].sum()))
                if (with_due > 0).all():
                    kept = np.array(self.each(lambda c, r=rows: c.product["on_time"][r].sum()))
                    self.add("on-time share", of, "share", kept / with_due)
            scrapped = np.array(self.each(lambda c, r=rows: c.product["scrapped_pieces"][r].sum()))
            finished = np.array(self.each(lambda c, r=rows: c.product["done_pieces"][r].sum()))
            if (scrapped + finished > 0).all():
                self.add("scrap share", of, "share", scrapped / (scrapped + finished))
            released = np.array(self.each(lambda c, r=rows: c.product["released_lots"][r].sum()))
            lost = np.array(self.each(lambda c, r=rows: c.product["lost_lots"][r].sum()))
            can_lose = any(r.when_full == "lost" for p in self.plant.products.values() for r in p.releases)
            if can_lose and (released > 0).all():
                self.add("lost share", of, "share", lost / released)

    def _money(self) -> None:
        money = economics(self.plant, self.window.end)
        if money is None:
            self.unknown["money"] = "no prices"
            return
        names = list(self.plant.products)
        asked = [product.demand is not None for product in self.plant.products.values()]

        def contribution(c: Counts) -> float:
            sold = np.where(asked, c.product["sold"][: len(names)], c.product["done_pieces"][: len(names)])
            started = c.product["started_pieces"][: len(names)]
            return contribution_per_year(
                money, dict(zip(names, sold, strict=True)), dict(zip(names, started, strict=True)), self.window.seconds
            )

        self.add("contribution", {}, f"{self.plant.currency or 'money'}/y", self.each(contribution))

    def _centers(self) -> None:
        seconds = self.window.seconds
        for c, name in enumerate(self.plant.work_centers):
            center = self.counts[0].center
            first, machines = int(center["first_machine"][c]), int(center["machines"][c])
            if machines < 0:
                continue
            of = {"work center": name}
            for s, state in enumerate(STATES):
                self.add(
                    "state share",
                    of | {"state": state},
                    "share",
                    self.each(lambda k, a=first, n=machines, s=s: k.state_time[a : a + n, s].sum() / (n * seconds)),
                )
            waits = np.array(self.each(lambda k, c=c: k.center["waits_counted"][c]))
            if (waits > 0).all():
                self.add("queue time", of, "s", np.array(self.each(lambda k, c=c: k.center["wait"][c])) / waits)
            self.add("buffer level", of, "lot", self.each(lambda k, c=c: k.center["queue_area"][c] / seconds))
            if self.plant.work_centers[name].setup is not None:
                days = self.window.days
                self.add(
                    "setups", of, f"setup/{self.window.unit}", self.each(lambda k, c=c: k.center["setups"][c] / days)
                )

    def _people(self) -> None:
        for q, (name, crew) in enumerate(self.plant.people.items()):
            there = calendar(
                [self.plant.shifts[shift] for shift in crew.shift],
                start=self.plant.start,
                time_zone=self.plant.time_zone,
                horizon=self.window.end,
            )
            paid = open_time(there, self.window.start, self.window.end) * crew.count
            if paid > 0:
                self.add(
                    "use of people", {"crew": name}, "share", self.each(lambda k, q=q: k.crew["busy_area"][q] / paid)
                )
