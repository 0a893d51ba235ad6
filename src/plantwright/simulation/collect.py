"""From what the engine counted to estimates with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from plantwright.plant.once import Once
from plantwright.plant.plant import Plant
from plantwright.plant.products import Product
from plantwright.plant.resources import WorkCenter
from plantwright.simulation.codes import STATES
from plantwright.simulation.economics import watts
from plantwright.simulation.ledger import Ledger, contribution, ledger_of
from plantwright.simulation.releases import lot_classes
from plantwright.simulation.run import Estimate
from plantwright.simulation.statistics import Subject, estimates, quantiles_of
from plantwright.simulation.store_rows import taken_in, unit_of
from plantwright.simulation.timeline import calendar, open_time
from plantwright.simulation.window import Window
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
    arrays = world.arrays
    everything = arrays["histogram"].sum(axis=0, keepdims=True)
    tables = everything, *(arrays[name] for name in ("histogram", "class_histogram", "wait_histogram"))
    found = quantiles_of(np.concatenate(tables), QUANTILES)
    return Quantiles(*np.split(found, np.cumsum([len(table) for table in tables[:-1]])))


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


def _everywhere(counted: Floats) -> list[bool]:
    """Of each row whether something was counted in every replication."""
    return [bool((row > 0).all()) for row in counted]


@Once
def _has_defects(product: Product) -> bool:
    """Whether a step of a product makes defects."""
    return any(operation.defects for operation in product.routing)


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
        self._summed: dict[str, Floats] = {}

    def add(
        self,
        name: str,
        of: Mapping[str, str],
        unit: str,
        values: Sequence[float] | Floats,
        quantile: float | None = None,
    ) -> None:
        """Add the estimate of one number per replication; it is left out where a replication has none, NaN."""
        self._found.append((name, of, unit, values, quantile))

    def all(self) -> tuple[Estimate, ...]:
        """All estimates, the headline ones first."""
        return tuple(estimates(self.subjects(), self.level))

    def subjects(self) -> list[Subject]:
        """Of what there are estimates, each with a number for each replication; the headline ones first."""
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
        return self._found

    def _subjects(self) -> list[tuple[dict[str, str], int]]:
        """Everything, which has the number 0, and each product."""
        everything: list[tuple[dict[str, str], int]] = [({}, 0)]
        return everything + [({"product": name}, p) for p, name in enumerate(self.plant.products, 1)]

    def _of(self, field: str) -> Floats:
        """A field of everything and of each product: a row for each of them, with one number per replication."""
        if field not in self._summed:
            books = self.product[field]
            found = np.empty((1 + books.shape[1], len(books)))
            found[0], found[1:] = books.sum(axis=1), books.T
            self._summed[field] = found
        return self._summed[field]

    def _flows(self) -> None:
        days, per, served = self.window.days, self.window.unit, self.window.served
        pieces, lots, areas = self._of("done_pieces"), self._of("done_lots"), self._of("wip_area") / self.window.seconds
        sold = self._of("sold") / served if served else None
        for of, row in self._subjects():
            unit = self.plant.products[of["product"]].unit if of else self.unit
            if days:
                self.add("throughput", of, f"{unit or 'lot'}/{per}", (pieces if unit else lots)[row] / days)
                self.add("lots finished", of, f"lot/{per}", lots[row] / days)
            asked = [self.plant.products[of["product"]]] if of else list(self.plant.products.values())
            if unit and sold is not None and all(product.demand for product in asked):
                self.add("sales", of, f"{unit}/{per}", sold[row])
            self.add("work in process", of, "lot", areas[row])
        if not days:
            self.unknown["throughput"] = "no open hours in the time counted"
        if not all(product.demand for product in self.plant.products.values()):
            self.unknown["sales"] = "no demand"
        elif not served:
            self.unknown["sales"] = "no day of demand ends in the time counted"

    def _times(self) -> None:
        lots, times = self._of("timed_lots"), self._of("time")
        timed = _everywhere(lots)
        if not timed[0]:
            self.unknown["cycle time"] = "no lot was released and finished in some replication"
        everything = np.array([c.quantiles.everything for c in self.counts])
        found = np.concatenate([everything, np.array([c.quantiles.product for c in self.counts])], axis=1)
        for of, row in self._subjects():
            if timed[row]:
                self.add("cycle time", of, "s", times[row] / lots[row])
                self._add_quantiles("cycle time", of, found[:, row])

    def _add_quantiles(self, name: str, of: Mapping[str, str], found: Floats) -> None:
        """Add estimates of `QUANTILES`, of one row of them for each replication."""
        for k, share in enumerate(QUANTILES):
            self.add(name, of, "s", found[:, k], share)

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
                self._add_quantiles("cycle time", of, np.array([c.quantiles.lot_class[k] for c in self.counts]))
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
        names = ("with_due", "scrapped_pieces", "done_pieces", "timed_queues", "released_lots")
        with_due, scrapped, finished, timed, released = map(self._of, names)
        gone = scrapped + finished
        counted = (with_due, gone, timed, finished, released)
        has_due, has_gone, has_timed, has_finished, has_released = map(_everywhere, counted)
        for of, row in self._subjects():
            if due and has_due[row]:
                self.add("on-time share", of, "share", self._of("on_time")[row] / with_due[row])
            if has_gone[row]:
                self.add("scrap share", of, "share", scrapped[row] / gone[row])
            if has_timed[row]:
                self.add("queue time passed share", of, "share", self._of("late_queues")[row] / timed[row])
            if self._has_defects(of) and has_finished[row]:
                self.add("escaped share", of, "share", self._of("escaped_pieces")[row] / finished[row])
            if can_lose and has_released[row]:
                self.add("lost share", of, "share", self._of("lost_lots")[row] / released[row])

    def _has_defects(self, of: Mapping[str, str]) -> bool:
        products = [self.plant.products[of["product"]]] if of else self.plant.products.values()
        return any(map(_has_defects, products))

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
        values = [contribution(one, self.window) for one in ledgers]
        self.add("contribution", {}, f"{self.plant.currency or 'money'}/y", values)

    def _joules(self, c: int, center: WorkCenter) -> Floats:
        """Energy that the machines of work center `c`, or the lots at a pure delay, used, in each replication."""
        used: Floats = np.asarray(self.center["joules"][:, c], float)
        if center.machines is None or not center.power:
            return used
        # Of machines that had other powers, the difference that these made stands in the books.
        own: Floats = self.state_time[:, c] @ np.array([watts(center, state) for state in STATES])
        return used + own

    def _centers(self) -> None:
        seconds, days = self.window.seconds, self.window.days
        # Machines that come or leave count as long as they are in the plant.
        shares = self.state_time / np.maximum(self.state_time.sum(axis=2), 1e-9)[:, :, None]
        waited = np.array([c.quantiles.center for c in self.counts])
        levels = self.center["queue_area"] / seconds
        delayed = self.center["delay_area"] / seconds
        for c, (name, center) in enumerate(self.plant.work_centers.items()):
            books = self.center[:, c]
            if center.machines is None:
                self.add("work in process", {"work center": name}, "lot", levels[:, c])
                self._energy(c, center)
                continue
            of = {"work center": name}
            for s, state in enumerate(STATES):
                self.add("state share", of | {"state": state}, "share", shares[:, c, s])
            waits = books["waits_counted"]
            if (waits > 0).all():
                self.add("queue time", of, "s", books["wait"] / waits)
                self._add_quantiles("queue time", of, waited[:, c])
            self.add("buffer level", of, "lot", levels[:, c])
            if center.delay is not None:
                self.add("lots delayed", of, "lot", delayed[:, c])
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
        parts = taken_in(self.plant)
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
        fleets = {name: mover for name, mover in self.plant.transport.items() if mover.time is None}
        for k, (name, mover) in enumerate(fleets.items()):
            books = self.mover[:, k]
            of, time = {"transport": name}, self.window.seconds * mover.count
            self.add("use of vehicles", of, "share", books["busy_area"] / time)
            self.add("empty travel share", of, "share", books["empty_area"] / time)
        rows = {name: c for c, name in enumerate(self.plant.work_centers)}
        for name, lane in self.plant.buffers.items():
            held = sum(self.center[:, rows[center]]["queue_area"] for center in lane.feeds)
            self.add("buffer level", {"buffer": name}, "lot", held / self.window.seconds)

    def _people(self) -> None:
        opened = {crew.shift: self._opened(crew.shift) for crew in self.plant.people.values()}
        for q, (name, crew) in enumerate(self.plant.people.items()):
            paid = opened[crew.shift] * self.crew["count"][:, q]
            if (paid > 0).all():
                self.add("use of people", {"crew": name}, "share", self.crew["busy_area"][:, q] / paid)

    def _opened(self, shifts: Sequence[str]) -> float:
        """The open seconds of shifts in the time counted."""
        plant, window = self.plant, self.window
        listed = [plant.shifts[shift] for shift in shifts]
        there = calendar(listed, start=plant.start, time_zone=plant.time_zone, horizon=window.known)
        return float(open_time(there, window.start, window.end))

    def _tools(self) -> None:
        # The pools of tools and the cards of loops stand behind the crews.
        plant = self.plant
        pools = [("use of tools", {"tool": name}) for name in plant.tools]
        pools += [("use of cards", {"loop": name}) for name in plant.loops]
        for q, (name, of) in enumerate(pools, len(plant.people)):
            count = self.crew["count"][:, q]
            if (count > 0).all():
                self.add(name, of, "share", self.crew["busy_area"][:, q] / (count * self.window.seconds))
