"""From what the engine counted to estimates with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from plantwright.plant.plant import Plant
from plantwright.plant.resources import WorkCenter
from plantwright.simulation.codes import STATES
from plantwright.simulation.economics import WEEK, YEAR, watts
from plantwright.simulation.ledger import Ledger, ledger_of
from plantwright.simulation.releases import lot_classes
from plantwright.simulation.run import Estimate
from plantwright.simulation.statistics import Subject, estimates, quantiles
from plantwright.simulation.store_rows import unit_of
from plantwright.simulation.timeline import calendar, open_time, working_days
from plantwright.simulation.world import World

if TYPE_CHECKING:
    from plantwright.simulation.blueprint import Blueprint

_KWH = 3.6e6
Floats = npt.NDArray[np.float64]
QUANTILES = (0.5, 0.9, 0.95)


@dataclass(frozen=True)
class Quantiles:
    """`QUANTILES` in seconds, a row for each of what they are of; NaN where nothing was counted.

    Of the histograms no more is kept, so that the memory of a run grows little with its replications.
    """

    everything: Floats
    product: Floats
    lot_class: Floats
    center: Floats


@dataclass(frozen=True)
class Counts:
    """What one replication counted after its warm-up: a copy of the world's books."""

    product: Any
    center: Any
    crew: Any
    store: Any
    mover: Any
    state_time: Any
    lot_class: Any
    quantiles: Quantiles
    record: Any
    buckets: int
    events: int
    finished: bool
    parts: tuple[Counts, ...] = ()
    ledger: Ledger | None = None
    replication: int = 0


def stacked(tables: Sequence[Any]) -> Any:
    """A copy of tables of the same shape as one, the table first; numpy would copy records field by field."""
    rows = np.frombuffer(bytearray().join(map(memoryview, tables)), tables[0].dtype)
    return rows.reshape(len(tables), *tables[0].shape)


def _quantiles_of(world: World) -> Quantiles:
    def rows(histogram: Any) -> Floats:
        return np.array([quantiles(row, QUANTILES) for row in histogram])

    arrays = world.arrays
    return Quantiles(
        rows(arrays["histogram"].sum(axis=0, keepdims=True)),
        rows(arrays["histogram"]),
        rows(arrays["class_histogram"]),
        rows(arrays["wait_histogram"]),
    )


def _state_times(world: World) -> Floats:
    """How long the machines of each work center were in each state, together."""
    centers = world.records["center"]
    spans = zip(centers["first_machine"].tolist(), centers["machines"].tolist(), strict=True)
    return np.array([world.arrays["state_time"][first : first + max(0, count)].sum(axis=0) for first, count in spans])


def counts_of(world: World, finished: bool, blueprint: Blueprint | None = None) -> Counts:
    """Copy the books of a world, so that the world can go; with the money, where its blueprint is given."""
    records = world.records
    return Counts(
        stacked([records["product"]])[0],
        stacked([records["center"]])[0],
        stacked([records["crew"]])[0],
        stacked([records["store"]])[0],
        stacked([records["mover"]])[0],
        _state_times(world),
        stacked([records["lot_class"]])[0],
        _quantiles_of(world),
        stacked([records["record"]])[0],
        int(world.run.buckets[0]),
        int(world.run.events[0]),
        finished,
        ledger=ledger_of(world, blueprint, float(world.run.end[0])) if finished and blueprint is not None else None,
    )


@dataclass(frozen=True)
class Window:
    """The span of time that is counted: from the end of the warm-up to the end of the run.

    ``days`` are days of ``unit``, those that lie in the window in part as far as their open hours do; ``served`` those on whose
    midnight demand was served; ``share`` days of that unit in a day of the calendar, over whole weeks. Open hours are worked out
    until ``known``.
    """

    start: float
    end: float
    known: float
    days: float
    unit: str
    share: float
    served: int

    @property
    def seconds(self) -> float:
        return self.end - self.start


def window_of(plant: Plant, warmup: float, end: float, run: float | None = None) -> Window:
    """The counted span, in working days where the plant has shifts, else in days; of a `run` that ends then, whose hours are worked out
    once for all spans of it.
    """
    known = end if run is None else run
    after = working_days(plant, known + 2 * 86400.0)
    served = int((after.working & (warmup + 1.0 < after.ends) & (after.ends <= end + 1e-6)).sum())
    if not plant.shifts:
        return Window(warmup, end, known, (end - warmup) / 86400.0, "day", 1.0, served)
    weeks = math.ceil(known / WEEK)
    share = float(working_days(plant, weeks * WEEK).working.sum()) / (7 * weeks)
    midnight = plant.start.replace(hour=0, minute=0, second=0, microsecond=0)
    past = (plant.start - midnight).total_seconds()
    shifts = list(plant.shifts.values())
    open_hours = calendar(shifts, start=midnight, time_zone=plant.time_zone, horizon=past + known + 3 * 86400.0)
    begins = np.concatenate(([-past], after.ends[:-1]))
    counted = after.working & (after.ends > warmup) & (begins < end)
    begins, ends = begins[counted], after.ends[counted]
    inside = open_time(open_hours, past + np.maximum(warmup, begins), past + np.minimum(end, ends))
    whole = open_time(open_hours, past + begins, past + ends)
    days = sum(np.divide(inside, whole, out=np.ones_like(whole), where=whole > 0).tolist())
    return Window(warmup, end, known, days, "working day", share or 1.0, served)


class Collector:
    """Turns the counts of replications into estimates.

    The books of all replications are stacked, the replication first, so that each number is one expression.
    """

    def __init__(self, plant: Plant, window: Window, counts: Sequence[Counts], level: float) -> None:
        self.plant, self.window, self.counts, self.level = plant, window, counts, level
        self._found: list[Subject] = []
        self.unknown: dict[str, str] = {}
        units = {product.unit for product in plant.products.values()}
        self.unit = units.pop() if len(units) == 1 else None
        self.product: Any = stacked([c.product for c in counts])
        self.center: Any = stacked([c.center for c in counts])
        self.lot_class: Any = stacked([c.lot_class for c in counts])
        self.crew: Any = stacked([c.crew for c in counts])
        self.store: Any = stacked([c.store for c in counts])
        self.mover: Any = stacked([c.mover for c in counts])
        self.state_time: Any = stacked([c.state_time for c in counts])

    def add(
        self,
        name: str,
        of: Mapping[str, str],
        unit: str,
        values: Sequence[float] | Floats,
        quantile: float | None = None,
    ) -> None:
        """Add the estimate of one number per replication, left out where a replication has none."""
        numbers = values.tolist() if isinstance(values, np.ndarray) else values
        if len(numbers) and not any(map(math.isnan, numbers)):
            self._found.append((name, of, unit, numbers, quantile))

    def all(self) -> tuple[Estimate, ...]:
        """All estimates, the headline ones first."""
        self._flows()
        self._times()
        self._shares()
        self._classes()
        self._money()
        self._centers()
        self._people()
        self._tools()
        self._stores()
        self._movers()
        return tuple(estimates(self._found, self.level))

    def _subjects(self) -> list[tuple[dict[str, str], slice]]:
        everything: list[tuple[dict[str, str], slice]] = [({}, slice(None))]
        return everything + [({"product": name}, slice(p, p + 1)) for p, name in enumerate(self.plant.products)]

    def _sum(self, field: str, rows: slice) -> Floats:
        """A field of the products, summed over those of `rows`: one number per replication."""
        return np.asarray(self.product[field][:, rows].sum(axis=1), float)

    def _flows(self) -> None:
        days, per = self.window.days, self.window.unit
        for of, rows in self._subjects():
            unit = self.plant.products[of["product"]].unit if of else self.unit
            made = self._sum("done_pieces" if unit else "done_lots", rows)
            if days:
                self.add("throughput", of, f"{unit or 'lot'}/{per}", made / days)
                self.add("lots finished", of, f"lot/{per}", self._sum("done_lots", rows) / days)
            asked = [self.plant.products[of["product"]]] if of else list(self.plant.products.values())
            if unit and self.window.served and all(product.demand for product in asked):
                self.add("sales", of, f"{unit}/{per}", self._sum("sold", rows) / self.window.served)
            self.add("work in process", of, "lot", self._sum("wip_area", rows) / self.window.seconds)
        if not days:
            self.unknown["throughput"] = "no open hours in the time counted"
        if not all(product.demand for product in self.plant.products.values()):
            self.unknown["sales"] = "no demand"
        elif not self.window.served:
            self.unknown["sales"] = "no day of demand ends in the time counted"

    def _times(self) -> None:
        for of, rows in self._subjects():
            lots = self._sum("timed_lots", rows)
            if (lots == 0).any():
                if not of:
                    self.unknown["cycle time"] = "no lot was released and finished in some replication"
                continue
            self.add("cycle time", of, "s", self._sum("time", rows) / lots)
            found = [c.quantiles.product[rows][0] if of else c.quantiles.everything[0] for c in self.counts]
            self._add_quantiles("cycle time", of, found)

    def _add_quantiles(self, name: str, of: Mapping[str, str], found: Sequence[Floats]) -> None:
        """Add estimates of `QUANTILES`, of one row of them for each replication."""
        for k, share in enumerate(QUANTILES):
            self.add(name, of, "s", [row[k] for row in found], share)

    def _classes(self) -> None:
        """What becomes of the lots of each class, whatever they are of."""
        for k, (label, products) in enumerate(lot_classes(self.plant).items()):
            books = self.lot_class[:, k]
            of = {"class": label}
            units = {product.unit for product in products}
            unit = units.pop() if len(units) == 1 else None
            if days := self.window.days:
                made = books["done_pieces"] if unit else books["done_lots"]
                self.add("throughput", of, f"{unit or 'lot'}/{self.window.unit}", made / days)
                self.add("lots finished", of, f"lot/{self.window.unit}", books["done_lots"] / days)
            if (books["timed_lots"] > 0).all():
                self.add("cycle time", of, "s", books["time"] / books["timed_lots"])
                self._add_quantiles("cycle time", of, [c.quantiles.lot_class[k] for c in self.counts])
            if (books["with_due"] > 0).all():
                self.add("on-time share", of, "share", books["on_time"] / books["with_due"])

    def _shares(self) -> None:
        releases = [release for product in self.plant.products.values() for release in product.releases]
        standing = [lot for product in self.plant.products.values() for lot in product.at_start]
        due = any(lot.due for lot in standing) or any(
            release.due is not None or any(order.due for order in release.orders) for release in releases
        )
        if not due:
            self.unknown["on time"] = "no due dates"
        can_lose = any(release.when_full == "lost" for release in releases)
        for of, rows in self._subjects():
            with_due = self._sum("with_due", rows)
            if due and (with_due > 0).all():
                self.add("on-time share", of, "share", self._sum("on_time", rows) / with_due)
            scrapped, finished = self._sum("scrapped_pieces", rows), self._sum("done_pieces", rows)
            if (scrapped + finished > 0).all():
                self.add("scrap share", of, "share", scrapped / (scrapped + finished))
            timed = self._sum("timed_queues", rows)
            if (timed > 0).all():
                self.add("queue time passed share", of, "share", self._sum("late_queues", rows) / timed)
            if self._has_defects(of) and (finished > 0).all():
                self.add("escaped share", of, "share", self._sum("escaped_pieces", rows) / finished)
            released = self._sum("released_lots", rows)
            if can_lose and (released > 0).all():
                self.add("lost share", of, "share", self._sum("lost_lots", rows) / released)

    def _has_defects(self, of: Mapping[str, str]) -> bool:
        products = [self.plant.products[of["product"]]] if of else self.plant.products.values()
        return any(operation.defects for product in products for operation in product.routing)

    def _money(self) -> None:
        ledgers = [c.ledger for c in self.counts if c.ledger is not None]
        if len(ledgers) < len(self.counts):
            self.unknown["money"] = "no prices"
            return
        if not self.window.served or not self.window.days:
            self.unknown["money"] = "no day of demand ends in the time counted"
            return
        if any(center.power for center in self.plant.work_centers.values()) and not self.plant.money.energy:
            self.unknown["energy costs"] = "no price of energy"
        # A window of 90 days holds more working days than 90 days of the year do.
        seconds = self.window.days / self.window.share * 86400.0
        served = self.window.days / self.window.served
        values = [
            ((one.sales * served + one.income - one.spent) / seconds - one.fixed / self.window.seconds) * YEAR
            for one in ledgers
        ]
        self.add("contribution", {}, f"{self.plant.currency or 'money'}/y", values)

    def _joules(self, c: int, center: WorkCenter) -> Floats:
        """Energy that the machines of work center `c`, or the lots at a pure delay, used, in each replication."""
        used: Floats = np.asarray(self.center["joules"][:, c], float)
        if center.machines is None:
            return used
        # Of machines that had other powers, the difference that these made stands in the books.
        own: Floats = self.state_time[:, c] @ np.array([watts(center, state) for state in STATES])
        return used + own

    def _centers(self) -> None:
        seconds, days = self.window.seconds, self.window.days
        for c, (name, center) in enumerate(self.plant.work_centers.items()):
            books = self.center[:, c]
            if center.machines is None:
                self.add("work in process", {"work center": name}, "lot", books["queue_area"] / seconds)
                self._energy(c, center)
                continue
            of = {"work center": name}
            # Machines that come or leave count as long as they are in the plant.
            there = self.state_time[:, c].sum(axis=1)
            shares = self.state_time[:, c] / np.maximum(there, 1e-9)[:, None]
            for s, state in enumerate(STATES):
                self.add("state share", of | {"state": state}, "share", shares[:, s])
            waits = books["waits_counted"]
            if (waits > 0).all():
                self.add("queue time", of, "s", books["wait"] / waits)
                self._add_quantiles("queue time", of, [one.quantiles.center[c] for one in self.counts])
            self.add("buffer level", of, "lot", books["queue_area"] / seconds)
            self._energy(c, center)
            if center.setup is not None and days:
                self.add("setups", of, f"setup/{self.window.unit}", books["setups"] / days)

    def _energy(self, c: int, center: WorkCenter) -> None:
        used = self._joules(c, center) / _KWH
        if (center.power or used.any()) and self.window.days:
            used /= self.window.days
            self.add("energy", {"work center": center.name}, f"kWh/{self.window.unit}", used)

    def _stores(self) -> None:
        """What was on hand, how long work waited for it, and what was taken: of finished stock that is counted, and of materials."""
        seconds, days = self.window.seconds, self.window.days
        things = [({"product": name}, product.unit) for name, product in self.plant.products.items()]
        things += [({"material": name}, unit_of(material)) for name, material in self.plant.materials.items()]
        parts = {name for product in self.plant.products.values() for step in product.routing for name in step.takes}
        for s, (of, unit) in enumerate(things):
            books = self.store[:, s]
            if books["counted"].any():
                self.add("buffer level", of, unit, books["area"] / seconds)
                if "material" in of or of["product"] in parts:
                    self.add("stock-out share", of, "share", books["short_time"] / seconds)
            if "material" in of and days:
                self.add("material used", of, f"{unit}/{self.window.unit}", books["taken"] / days)

    def _movers(self) -> None:
        """How much vehicles are in use, and how much of their time they drive empty; how many lots shared buffers hold."""
        for k, (name, mover) in enumerate(self.plant.transport.items()):
            books = self.mover[:, k]
            of, time = {"transport": name}, self.window.seconds * mover.count
            self.add("use of vehicles", of, "share", books["busy_area"] / time)
            self.add("empty travel share", of, "share", books["empty_area"] / time)
        rows = {name: c for c, name in enumerate(self.plant.work_centers)}
        for name, lane in self.plant.buffers.items():
            held = sum(self.center[:, rows[center]]["queue_area"] for center in lane.feeds)
            self.add("buffer level", {"buffer": name}, "lot", held / self.window.seconds)

    def _people(self) -> None:
        for q, (name, crew) in enumerate(self.plant.people.items()):
            there = calendar(
                [self.plant.shifts[shift] for shift in crew.shift],
                start=self.plant.start,
                time_zone=self.plant.time_zone,
                horizon=self.window.known,
            )
            paid = open_time(there, self.window.start, self.window.end) * self.crew["count"][:, q]
            if (paid > 0).all():
                self.add("use of people", {"crew": name}, "share", self.crew["busy_area"][:, q] / paid)

    def _tools(self) -> None:
        # The pools of tools and the cards of loops stand behind the crews.
        plant = self.plant
        pools = [("use of tools", {"tool": name}) for name in plant.tools]
        pools += [("use of cards", {"loop": name}) for name in plant.loops]
        for q, (name, of) in enumerate(pools, len(plant.people)):
            count = self.crew["count"][:, q]
            if (count > 0).all():
                self.add(name, of, "share", self.crew["busy_area"][:, q] / (count * self.window.seconds))
