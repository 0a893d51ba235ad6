"""From rows to the memory of a world: slots of the agenda, places for lots, and all numbers in their arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from plantwright.plant.products import Product
from plantwright.simulation import codes
from plantwright.simulation.bins import BINS
from plantwright.simulation.claim_rows import add_claims
from plantwright.simulation.layout import LAYOUT, as_words
from plantwright.simulation.own_rows import rows_to_hold
from plantwright.simulation.records import records_of
from plantwright.simulation.releases import season_rows
from plantwright.simulation.short_ways import add_short_ways
from plantwright.simulation.tables import Row, Tables
from plantwright.simulation.team_rows import add_teams
from plantwright.simulation.tool_rows import tools_carried
from plantwright.simulation.world import World


def build(tables: Tables, warmup: float, bucket: float) -> World:
    """The world in which a run of these rows begins; `warmup` and `bucket` as `Blueprint` takes them."""
    add_teams(tables)
    lots = _add_run(tables, warmup, bucket)
    add_short_ways(tables)
    _add_slots(tables)
    add_claims(tables)
    return _fill(tables, lots)


def _add_run(tables: Tables, warmup: float, bucket: float) -> int:
    """The row of the run itself; returns how many lots to make room for."""
    rows = tables.rows
    most_batch = max((row["batch_lots"] for row in rows["center"]), default=1)
    capacity: int = sum(max(0, row["machines"]) * row["batch_lots"] for row in rows["center"])
    cards: int = sum(int(row["cards"]) for row in rows["loop"])
    buckets = int(tables.end / bucket) if bucket > 0 else 0
    widths = [
        sum(rows_to_hold(need) for need in rows["need"][row["first_need"] : row["first_need"] + row["needs"]])
        for row in rows["mode"]
    ]
    sizes = tables.sizes
    rows["run"] = [
        {
            "end": tables.end,
            "stop": math.inf,
            "warmup": warmup,
            "bucket": bucket if buckets else 0.0,
            "most_buckets": buckets,
            "lot_margin": 16 + capacity + 2 * most_batch + _most_starts(tables),
            "carry_margin": _carry_width(tables) * (16 + capacity + 2 * most_batch),
            "lot_reserve": _most_starts(tables),
            "carry_reserve": 1 + _most_starts(tables) if rows["loop"] and _most_starts(tables) > 1 else 0,
            "log_limit": 1,
            "lot_classes": len(tables.classes),
            "dirty_head": -1,
            "dirty_tail": -1,
            "wanted_head": -1,
            "low_head": -1,
            "low_tail": -1,
            "told": -1,
            "asked": -1,
            "hold_width": max([tables.least.holds, sizes.get("hold", 0), *widths]),
            "rework_width": sizes.get("rework", 0),
            "bound_width": sizes.get("bound", 0),
            "width": sizes.get("choices", 1),
            "defect_width": len(tables.names["defect"]),
            "took_width": max((row["place"] + 1 for row in rows["turn"]), default=0),
            "clock_width": sizes.get("clock", 0),
            "setup_names": len(tables.setups),
            "initials": len(rows["initial"]),
            "absences": len(rows["absence"]),
            "lines": len(rows["line"]),
            "keepers": sum(1 for row in rows["machine"] if row.get("members")),
            **{
                f"{name}s": len(rows[name])
                for name in (
                    "machine",
                    "center",
                    "crew",
                    "team",
                    "loop",
                    "release",
                    "product",
                    "store",
                    "supplier",
                    "mover",
                    "mode",
                    "calendar",
                    "day",
                    "turn",
                    "drum",
                )
            },
        }
    ]
    rows["run"][0]["machines"] -= rows["run"][0]["keepers"]
    rows["record"] = [{} for _ in range(max(1, buckets))]
    return 256 + min(cards, 4096) + 2 * capacity + len(rows["initial"])


def _most_starts(tables: Tables) -> int:
    """The most parts with which a lot begins."""
    return max((row["starts"] for row in tables.rows["product"]), default=1)


def _carry_width(tables: Tables) -> int:
    """How many pools of tools there are from which lots may carry something; cards that parts of a lot share are one more."""
    shared = bool(tables.rows["loop"]) and bool(tables.sizes.get("makes_lots") or _most_starts(tables) > 1)
    return max((len(_pools_carried(tables, product)) for product in tables.plant.products.values()), default=0) + int(
        shared
    )


def _pools_carried(tables: Tables, product: Product) -> set[tuple[str, str]]:
    """The pools of which lots of a product may carry tools or cards, in this plant or one before it."""
    pools = set(tables.pools_carried[product.name])
    return pools | {("tool", tool) for tool, _ in tools_carried(tables, product) if ("tool", tool) in tables.pools}


def _add_slots(tables: Tables) -> None:
    """Give everything that can happen its slot in the agenda."""
    rows = tables.rows
    slots: list[Row] = [{"kind": codes.MACHINE_EVENT, "entity": m} for m in range(len(rows["machine"]))]
    for concept, kind in (
        ("mode", codes.STRIKE_EVENT),
        ("calendar", codes.CALENDAR_EVENT),
        ("absence", codes.ABSENCE_EVENT),
        ("supplier", codes.OUTAGE_EVENT),
        ("release", codes.RELEASE_EVENT),
        ("center", codes.TIMER_EVENT),
    ):
        for i, row in enumerate(rows[concept]):
            row["slot"] = len(slots)
            slots.append({"kind": kind, "entity": i})
    for i, row in enumerate(rows["line"]):
        row["slot"] = len(slots)
        slots.append({"kind": codes.TIMER_EVENT, "entity": -1 - i})
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


def _fill(tables: Tables, lots: int) -> World:
    rows = tables.rows
    sizes: dict[str, Any] = {concept: len(listed) for concept, listed in rows.items()}
    sizes |= {concept: len(rows[concept]) + len(array) for concept, array in tables.arrays.items()}
    sizes |= {concept: len(next(iter(columns.values()))) for concept, columns in tables.columns.items()}
    machines = len(rows["machine"])
    matrix = np.concatenate([np.zeros(0, np.int64), *tables.matrix])
    sizes["hold"] = max(1, machines * rows["run"][0]["hold_width"])
    sizes["roll"] = max(sizes["hold"], len(rows["crew"]))
    sizes["plan"] = max(1, rows["run"][0]["hold_width"])
    sizes |= {
        "heap": (1,),
        "heap_time": (1,),
        "heap_key": (1,),
        "reworks": (1, max(1, rows["run"][0]["rework_width"])),
        "reaches": (max(1, len(tables.arrays["operation"])), 1 + int(tables.reaches[:, 1].max(initial=0))),
        "drum_work": (1, max(1, len(rows["drum"]))),
        "clocks": (1, max(1, rows["run"][0]["clock_width"])),
        "took": (1, max(1, rows["run"][0]["took_width"])),
        "defects": (1, max(1, rows["run"][0]["defect_width"])),
        "machines_of_lots": (1, max(1, rows["run"][0]["bound_width"])),
        "qualified": (max(1, len(tables.qualified)),),
        "setup_matrix": (max(1, len(matrix)),),
        "sample": (max(1, len(tables.sample)),),
        "state_time": (max(1, machines), len(codes.STATES)),
        "histogram": (max(1, len(tables.products)), BINS),
        "stop_of": (max(1, len(tables.stops)), max(1, len(rows["center"]))),
        "travel": (max(1, len(tables.travel)),),
        "way_of": tables.ways.shape,
        "minimum_runs": (max(1, len(tables.minimum_runs)),),
        "season": (max(1, len(tables.products)), 12),
        "wait_histogram": (max(1, len(rows["center"])), BINS),
        "class_histogram": (max(1, len(tables.classes)), BINS),
    }
    run = rows["run"][0]
    carries = _carries_of(run["carry_margin"], run["lot_margin"], lots)
    for name, count in _rows_of_lots(run["first_slot_of_lots"], run["width"], lots, carries).items():
        sizes[name] = (count, *sizes[name][1:]) if isinstance(sizes.get(name), tuple) else count
    world = World(sizes)
    for concept, listed in rows.items():
        if listed:
            as_words(world.records[concept])[: len(listed) * len(LAYOUT[concept])] = as_words(
                records_of(concept, listed)
            )
    for concept, array in tables.arrays.items():
        first, width = len(rows[concept]), len(LAYOUT[concept])
        as_words(world.records[concept])[first * width : (first + len(array)) * width] = as_words(array)
    for concept, columns in tables.columns.items():
        for field, values in columns.items():
            world.records[concept][field][: len(values)] = values
    world.arrays["setup_matrix"][: len(matrix)] = matrix
    world.arrays["qualified"][: len(tables.qualified)] = tables.qualified
    if tables.travel:
        world.arrays["stop_of"][:] = -1
        world.arrays["stop_of"][:, : len(tables.stops[0])] = tables.stops
        world.arrays["travel"][:] = tables.travel
    world.arrays["way_of"][:] = tables.ways
    world.arrays["minimum_runs"][: len(tables.minimum_runs)] = tables.minimum_runs
    world.arrays["season"][:] = season_rows(tables.plant)
    world.arrays["sample"][: len(tables.sample)] = tables.sample
    world.arrays["reaches"][tables.reaches[:, 0], tables.reaches[:, 1]] = 1
    world.records["slot"]["place"][: len(rows["slot"])] = -1
    world.run.free_lot[0] = world.run.free_carry[0] = world.run.free_holding[0] = -1
    add_lots(world, lots, first=True)
    return world


def add_lots(world: World, lots: int, first: bool = False) -> None:
    """Give a world room for `lots` more lots, with their slots in the agenda; for the `first` it has room."""
    old = 0 if first else len(world.records["lot"])
    base, width = int(world.run.first_slot_of_lots[0]), int(world.run.width[0])
    rows = old + lots
    carries = _carries_of(int(world.run.carry_margin[0]), int(world.run.lot_margin[0]), lots)
    carried = 0 if first else len(world.records["carry"])
    if not first:
        world.resize(_rows_of_lots(base, width, rows, carried + carries if carries else 0))
    write_void(world)
    if carries:
        _chain(world.records["carry"], carried, world.run.free_carry)
        _chain(world.records["holding"], carried, world.run.free_holding)
        world.run.free_carries[0] += carries
    _chain(world.records["lot"], old, world.run.free_lot)
    world.run.free_lots[0] += lots
    world.records["ticket"]["lot"][old * width :] = np.repeat(np.arange(old, rows), width)
    slot = world.records["slot"]
    slot["kind"][base + old :] = codes.DELAY_EVENT
    slot["entity"][base + old :] = np.arange(old, rows)
    slot["place"][base + old :] = -1


def write_void(world: World) -> None:
    """Write what stands past the last event of a world's agenda."""
    count = int(world.run.heap[0])
    world.arrays["heap_time"][count:] = codes.PAST_END_TIME
    world.arrays["heap_key"][count:] = codes.PAST_END_KEY


def _rows_of_lots(first_slot: int, width: int, lots: int, carries: int) -> dict[str, int]:
    """How many rows there must be for so many lots, with so many of what they carry."""
    events = first_slot + lots
    return {
        **dict.fromkeys(("lot", "reworks", "machines_of_lots", "defects", "drum_work", "clocks", "took"), lots),
        **dict.fromkeys(("slot", "heap"), events),
        **dict.fromkeys(("heap_time", "heap_key"), events + codes.CHILDREN),
        "ticket": lots * width,
        **(dict.fromkeys(("carry", "holding"), carries) if carries else {}),
    }


def _carries_of(margin: int, lot_margin: int, lots: int) -> int:
    """How many rows there must be for what so many lots carry."""
    return lots * margin // lot_margin + 2 * margin


def _chain(rows: Any, first: int, free: Any) -> None:
    """Put rows from `first` on in front of those that are free."""
    rows["next"][first:] = np.arange(first + 1, len(rows) + 1)
    rows["next"][-1] = int(free[0])
    free[0] = first
