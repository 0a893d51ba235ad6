"""From a plant to the world that the engine runs: names become rows, once for all replications."""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np

from plantwright.distributions import Distribution
from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation, Product, WorkTime
from plantwright.plant.resources import PHASES, Amount, Staffing, WorkCenter
from plantwright.simulation import codes
from plantwright.simulation.concepts import CONCEPTS
from plantwright.simulation.draws import KINDS, entity_key, run_key
from plantwright.simulation.loads import typical_lot
from plantwright.simulation.lots import BINS
from plantwright.simulation.releases import OrderRow, ReleaseRow, release_rows
from plantwright.simulation.timeline import calendar, working_days
from plantwright.simulation.world import World

Row = dict[str, Any]
_PER = {"piece": codes.PER_PIECE, "lot": codes.PER_LOT, "batch": codes.PER_BATCH}
_RULES = {
    "FIFO": codes.FIFO,
    "FIFO at step": codes.FIFO,
    "FIFO by release": codes.FIFO_BY_RELEASE,
    "EDD": codes.EDD,
    "SPT": codes.SPT,
    "LIFO": codes.LIFO,
}
KEY_RULES = frozenset(_RULES)
"""Dispatch rules that the engine knows, besides ``priority`` and ``least setup``."""


class Blueprint:
    """A plant made ready for the engine: a template world, and the names of its rows.

    Parameters
    ----------
    plant : Plant
    end, warmup : float
        Seconds; `end` counts from the start, the warm-up included.
    bucket : float
        Length in seconds of the buckets in which work in process and cycle times are recorded; 0 for none.
    saturated : bool
        Replace every release by a loop with more lots than the plant can work on, in the mix of the demand.
    """

    def __init__(self, plant: Plant, end: float, warmup: float, bucket: float, saturated: bool) -> None:
        self.plant = plant
        self.rows: dict[str, list[Row]] = {concept: [] for concept in CONCEPTS}
        self.sample: list[float] = []
        self.matrix: list[int] = []
        self._distributions: dict[Distribution, int] = {}
        self._calendars: dict[tuple[str, ...], int] = {}
        self._skills: dict[tuple[str, int], int] = {}
        self.products = list(plant.products)
        self.centers = list(plant.work_centers)
        self.crews = list(plant.people)
        self.setups = {name: i for i, name in enumerate(plant.families())}
        self.end, self.warmup, self.bucket = end, warmup, bucket
        self._add_people()
        self._add_centers()
        self._add_products()
        self._add_days()
        releases, orders, loops = release_rows(plant, end, saturated)
        self._add_releases(releases, orders, loops)
        self._add_run()
        self._template = self._fill()

    def world(self, seed: int, replication: int) -> World:
        """A fresh world for one replication of a seed."""
        fresh = copy(self._template)
        fresh.records = {name: record.copy() for name, record in self._template.records.items()}
        fresh.arrays = {name: array.copy() for name, array in self._template.arrays.items()}
        fresh.table = self._template.table.copy()
        fresh.bind()
        fresh.run.key[0] = run_key(seed, replication)
        return fresh

    def distribution(self, distribution: Distribution | None) -> int:
        """The row of a distribution, added where it is new; -1 for None."""
        if distribution is None:
            return -1
        if distribution not in self._distributions:
            self._distributions[distribution] = len(self.rows["distribution"])
            self.rows["distribution"].append(self._distribution_row(distribution))
        return self._distributions[distribution]

    def _distribution_row(self, distribution: Distribution) -> Row:
        p = distribution.parameters
        a, b, c = (*p, 0.0, 0.0, 0.0)[:3]
        kind = distribution.kind
        if kind == "lognormal":
            b = math.sqrt(math.log1p(p[1] ** 2))
            a = math.log(p[0]) - b * b / 2 if p[0] > 0 else -math.inf
        elif kind == "gamma":
            a, b = 1 / p[1] ** 2, p[0] * p[1] ** 2
        elif kind == "erlang":
            a, b = p[0], p[1] / p[0]
        if kind in ("lognormal", "gamma") and p[1] <= 0:
            kind, a, b = "constant", p[0], 0.0
        first = len(self.sample)
        self.sample.extend(distribution.values)
        return {
            "kind": KINDS.index(kind), "a": a, "b": b, "c": c, "first": first, "values": len(distribution.values)
        }  # fmt: skip

    def calendar(self, shifts: tuple[str, ...]) -> int:
        """The row of the calendar that is the union of the shifts named."""
        if shifts not in self._calendars:
            plant = self.plant
            made = calendar(
                [plant.shifts[name] for name in shifts],
                start=plant.start,
                time_zone=plant.time_zone,
                horizon=self.end,
            )
            self._calendars[shifts] = len(self.rows["calendar"])
            self.rows["calendar"].append(
                {"first": len(self.rows["calendar_row"]), "rows": len(made.times), "on": int(made.on[0])}
            )
            self.rows["calendar_row"] += [
                {"time": float(time), "on": int(on)} for time, on in zip(made.times, made.on, strict=True)
            ]
        return self._calendars[shifts]

    def _needs(self, staffing: Sequence[Staffing]) -> Row:
        first = len(self.rows["need"])
        for need in staffing:
            key = (need.skill, need.level)
            if key not in self._skills:
                self._skills[key] = len(self.rows["skill"])
                able = [
                    (len(crew.skills), i)
                    for i, crew in enumerate(self.plant.people.values())
                    if crew.skills.get(need.skill, -1) >= need.level
                ]
                self.rows["skill"].append({"first": len(self.rows["eligible"]), "crews": len(able)})
                self.rows["eligible"] += [{"crew": i} for _, i in sorted(able)]
            bits = sum(1 << PHASES.index(phase) for phase in need.phases)
            self.rows["need"].append({"skill": self._skills[key], "count": need.count, "phases": bits})
        return {"first_need": first, "needs": len(staffing)}

    def _add_people(self) -> None:
        for crew in self.plant.people.values():
            self.rows["crew"].append({"count": crew.count, "calendar": self.calendar(crew.shift)})

    def _add_centers(self) -> None:
        for name, center in self.plant.work_centers.items():
            row = self._center_row(center)
            row["first_machine"] = len(self.rows["machine"])
            self.rows["center"].append(row)
            for k in range(center.machines or 0):
                self._add_machine(name, center, k)

    def _center_row(self, center: WorkCenter) -> Row:
        rules = center.rule or self.plant.rule
        key_rules = [rule for rule in rules if rule in _RULES]
        pieces = center.buffer is not None and center.buffer.of == "piece"
        batch = center.batch
        row: Row = {
            "machines": -1 if center.machines is None else center.machines,
            "calendar": self.calendar(center.shift),
            "places": -1.0 if center.buffer is None else center.buffer.value,
            "places_in_pieces": int(pieces),
            "rule": _RULES[key_rules[0]] if key_rules else codes.FIFO,
            "by_priority": int("priority" in rules or not rules),
            "least_setup": int("least setup" in rules),
            "setup_offset": self._setup_matrix(center),
            "minor": self.distribution(center.setup.minor) if center.setup else -1,
            "batch": int(batch is not None),
            "batch_most": 1.0,
            "batch_least": 1.0,
            "batch_lots": 1,
            "empty": center.machines or 0,
        }
        for link in ("head", "tail", "idle_head", "idle_tail", "blocked_head", "blocked_tail", "outside_head"):
            row[link] = -1
        row |= {"outside_tail": -1, "first_source": -1, "next_dirty": -1}
        if batch is not None:
            in_pieces = batch.largest.of == "piece"
            smallest_lot = min(typical_lot(product) for product in self.plant.products.values())
            row |= {
                "batch_most": batch.largest.value,
                "batch_least": _same_unit(batch.smallest, in_pieces, smallest_lot),
                "batch_wait": batch.wait,
                "batch_in_pieces": int(in_pieces),
                "batch_lots": max(1, int(batch.largest.value // (smallest_lot if in_pieces else 1.0))),
            }
        return row

    def _setup_matrix(self, center: WorkCenter) -> int:
        setup = center.setup
        if setup is None or not self.setups:
            return -1
        offset = len(self.matrix)
        for old in (None, *self.setups):
            for new in self.setups:
                time = setup.into.get(new, setup.default)
                if old is not None:
                    time = setup.between.get((old, new), time)
                self.matrix.append(-1 if old == new else self.distribution(time))
        return offset

    def _add_machine(self, name: str, center: WorkCenter, k: int) -> None:
        m = len(self.rows["machine"])
        own = center.unlike[k] if k < len(center.unlike) else None
        first = len(self.rows["mode"])
        for j, failure in enumerate((*center.failures, *(own.failures if own else ()))):
            if failure.clock == "count":
                continue
            self.rows["mode"].append(
                {
                    "machine": m,
                    "kind": codes.REPAIR,
                    "clock": codes.WORKING_CLOCK if failure.clock == "working" else codes.CALENDAR_CLOCK,
                    "every": self.distribution(failure.every),
                    "lasts": self.distribution(failure.repair),
                    "key": entity_key("failure", name, k, j),
                    **self._needs(failure.by),
                }
            )
        for j, care in enumerate((*center.maintenance, *(own.maintenance if own else ()))):
            if care.clock == "count":
                continue
            spread = care.every.mean * (k + 1) / (center.machines or 1)
            self.rows["mode"].append(
                {
                    "machine": m,
                    "kind": codes.MAINTENANCE,
                    "clock": codes.WORKING_CLOCK if care.clock == "working" else codes.CALENDAR_CLOCK,
                    "every": self.distribution(care.every),
                    "lasts": self.distribution(care.lasts),
                    "first": spread if care.first == "spread" else care.first.mean,
                    "key": entity_key("maintenance", name, k, j),
                    **self._needs(care.by),
                }
            )
        self.rows["machine"].append(
            {
                "center": self.centers.index(name),
                "head": -1,
                "setup": -1,
                "last_product": -1,
                "stop_mode": -1,
                "fails": -1,
                "blocked_by": -1,
                "blocked_next": -1,
                "first_mode": first,
                "modes": len(self.rows["mode"]) - first,
                "key": entity_key("machine", name, k),
            }
        )

    def _add_products(self) -> None:
        groups: dict[tuple[object, ...], int] = {}
        for p, (name, product) in enumerate(self.plant.products.items()):
            first = len(self.rows["operation"])
            index = {operation.name: first + i for i, operation in enumerate(product.routing)}
            for i, operation in enumerate(product.routing):
                row = self._operation_row(product, operation, index)
                row["product"] = p
                row["following"] = first + i + 1 if i + 1 < len(product.routing) else -1
                row["group"] = groups.setdefault(self._group(operation, row["key"]), len(groups))
                self.rows["operation"].append(row)
            demand = product.demand
            self.rows["product"].append(
                {
                    "key": entity_key("product", name),
                    "whole": int(float(product.lot).is_integer()),
                    "demand": demand.rate if demand else 0.0,
                    "demand_rule": 0 if demand is None else 1 if demand.per == "day" else 2,
                    "backlogged": int(demand is not None and demand.unmet == "backlog"),
                }
            )
        self.rows["group"] = [{} for _ in groups]

    def _group(self, operation: Operation, key: int) -> tuple[object, ...]:
        batch = self.plant.work_centers[operation.center].batch
        if batch is None or batch.together == "same operation":
            return ("operation", key)
        return ("any", operation.center) if batch.together == "any" else ("recipe", operation.center, operation.time)

    def _operation_row(self, product: Product, operation: Operation, index: dict[str, int]) -> Row:
        key = entity_key("operation", product.name, operation.name)
        row: Row = {
            "center": self.centers.index(operation.center),
            "key": key,
            "setup": self.setups[operation.setup or product.family or product.name],
            "good": operation.yield_,
            "scrap_lot": int(operation.scrap == "lot"),
            "share": operation.share,
            "work": operation.time.distribution.mean if operation.time else 0.0,
            "rework_to": -1,
            **self._needs(operation.staff),
        }
        times: dict[str, WorkTime | None] = {
            "time": operation.time, "load": operation.load, "unload": operation.unload
        }  # fmt: skip
        for word, time in times.items():
            row[word] = self.distribution(time.distribution) if time else -1
            row[f"{word}_per"] = _PER[time.per] if time else codes.PER_LOT
        if operation.rework:
            row |= {
                "rework": operation.rework.share,
                "rework_to": index[operation.rework.back_to],
                "rework_most": operation.rework.at_most,
                "rework_scrap": int(operation.rework.then == "scrap"),
            }
        row["first_branch"] = len(self.rows["branch"])
        row["branches"] = len(operation.next)
        shares = np.cumsum(list(operation.next.values()))
        self.rows["branch"] += [
            {"share": float(share), "operation": index.get(target, -1)}
            for target, share in zip(operation.next, shares, strict=True)
        ]
        return row

    def _add_days(self) -> None:
        if any(product.demand for product in self.plant.products.values()):
            days = working_days(self.plant, self.end)
            self.rows["day"] = [
                {"time": float(end), "working": int(working)}
                for end, working in zip(days.ends, days.working, strict=True)
            ]

    def _add_releases(self, releases: list[ReleaseRow], orders: list[OrderRow], loops: list[Row]) -> None:
        first = {
            name: sum(len(self.plant.products[other].routing) for other in self.products[:p])
            for p, name in enumerate(self.products)
        }
        self.rows["order"] = [dict(order) for order in orders]
        self.rows["loop"] = loops
        for r, release in enumerate(releases):
            row = dict(release)
            row["every"] = self.distribution(row["every"])
            row["operation"] = first[row["product"]]
            row["product"] = self.products.index(row["product"])
            row["next_source"] = -1
            center = self.rows["center"][self.rows["operation"][row["operation"]]["center"]]
            if row["rule"] == codes.SATURATED:
                row["next_source"] = center["first_source"]
                center["first_source"] = r
            elif row["rule"] == codes.LOOP:
                center["looped"] = 1
            self.rows["release"].append(row)

    def _add_run(self) -> None:
        rows = self.rows
        most_batch = max((row["batch_lots"] for row in rows["center"]), default=1)
        capacity = sum(max(0, row["machines"]) * row["batch_lots"] for row in rows["center"])
        cards = sum(int(row["cards"]) for row in rows["loop"])
        buckets = int(self.end / self.bucket) if self.bucket > 0 else 0
        widths = [
            sum(rows["need"][k]["count"] for k in range(row["first_need"], row["first_need"] + row["needs"]))
            for row in (*rows["operation"], *rows["mode"])
        ]
        self.lots = 256 + min(cards, 4096) + 2 * capacity
        rows["run"] = [
            {
                "end": self.end,
                "warmup": self.warmup,
                "bucket": self.bucket if buckets else 0.0,
                "most_buckets": buckets,
                "bins": BINS,
                "lot_margin": 16 + capacity + 2 * most_batch,
                "dirty_head": -1,
                "dirty_tail": -1,
                "hold_width": max(widths, default=0),
                "setup_names": len(self.setups),
                **{
                    f"{name}s": len(rows[name])
                    for name in ("machine", "center", "crew", "loop", "release", "product", "mode", "calendar", "day")
                },
            }
        ]
        rows["record"] = [{} for _ in range(max(1, buckets))]

    def _slots(self) -> None:
        """Give everything that can happen its slot in the agenda."""
        rows = self.rows
        slots: list[Row] = [{"kind": codes.MACHINE_EVENT, "entity": m} for m in range(len(rows["machine"]))]
        for concept, kind in (
            ("mode", codes.STRIKE_EVENT),
            ("calendar", codes.CALENDAR_EVENT),
            ("release", codes.RELEASE_EVENT),
            ("center", codes.TIMER_EVENT),
        ):
            for i, row in enumerate(rows[concept]):
                row["slot"] = len(slots)
                slots.append({"kind": kind, "entity": i})
        run = rows["run"][0]
        for name, kind in (
            ("slot_demand", codes.DEMAND_EVENT),
            ("slot_record", codes.RECORD_EVENT),
            ("slot_warm", codes.WARM_EVENT),
            ("slot_end", codes.END_EVENT),
        ):
            run[name] = len(slots)
            slots.append({"kind": kind, "entity": 0})
        run["first_slot_of_lots"] = len(slots)
        rows["slot"] = slots

    def _fill(self) -> World:
        self._slots()
        rows = self.rows
        sizes: dict[str, Any] = {concept: len(listed) for concept, listed in rows.items()}
        machines = len(rows["machine"])
        sizes["hold"] = max(1, machines * rows["run"][0]["hold_width"])
        sizes |= {
            "heap": (1,),
            "setup_matrix": (max(1, len(self.matrix)),),
            "sample": (max(1, len(self.sample)),),
            "state_time": (max(1, machines), len(codes.STATES)),
            "histogram": (max(1, len(self.products)), BINS),
        }
        sizes["lot"] = 1
        world = World(sizes)
        for concept, listed in rows.items():
            fields = {field for row in listed for field in row}
            for field in fields:
                world.records[concept][field][: len(listed)] = [row.get(field, 0) for row in listed]
        world.arrays["setup_matrix"][: len(self.matrix)] = self.matrix
        world.arrays["sample"][: len(self.sample)] = self.sample
        world.records["slot"]["place"] = -1
        world.run.free_lot[0] = -1
        add_lots(world, self.lots, first=True)
        world.run.first_slot_of_lots[0] = rows["run"][0]["first_slot_of_lots"]
        return world


def add_lots(world: World, lots: int, first: bool = False) -> None:
    """Give a world room for `lots` more lots, with their slots in the agenda."""
    old = 0 if first else len(world.records["lot"])
    base = int(world.run.first_slot_of_lots[0])
    world.grow("lot", old + lots)
    world.grow("slot", base + old + lots)
    world.grow("heap", base + old + lots)
    lot, slot = world.records["lot"], world.records["slot"]
    free = int(world.run.free_lot[0])
    lot["next"][old:] = np.arange(old + 1, old + lots + 1)
    lot["next"][old + lots - 1] = free
    slot["kind"][base + old :] = codes.DELAY_EVENT
    slot["entity"][base + old :] = np.arange(old, old + lots)
    slot["place"][base + old :] = -1
    world.bind()
    world.run.free_lot[0] = old
    world.run.free_lots[0] += lots


def _same_unit(amount: Amount, in_pieces: bool, lot: float) -> float:
    if in_pieces and amount.of != "piece":
        return amount.value * lot
    return amount.value / lot if amount.of == "piece" and not in_pieces else amount.value
