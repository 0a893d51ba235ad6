"""Moves on the flow: buffers, lots in process, which lot next, batches, lot sizes, yield."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plantwright.improvement.families.family import Family
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.improvement.words import counted, number_of, scaled, text_at, value_at
from plantwright.plant.plant import Plant


def more_buffer(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A quarter more places in front of each work center that has a limit, at least one."""
    for name, center in plant.work_centers.items():
        path = f"work centers > {name} > buffer"
        text = text_at(plant, path)
        if center.buffer is None or text is None:
            continue
        extra = max(1, round(center.buffer.value / 4))
        places = "one more place" if extra == 1 else f"{extra} more places"
        yield Move(
            name=f"more buffer: {name}",
            family="more buffer",
            title=f"{places} before {name}",
            edits={path: counted(text, center.buffer.value + extra)},
            subject={"work center": name},
        )


def _release_paths(plant: Plant, product: str) -> list[str]:
    base = f"products > {product} > release"
    value = value_at(plant, base)
    if isinstance(value, list):
        return [f"{base} > {i}" for i in range(1, len(value) + 1)]
    return [base] if value is not None else []


def lots_in_process(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A CONWIP limit a third and a sixth lower, and a third higher."""
    for name in plant.products:
        for path in _release_paths(plant, name):
            text = text_at(plant, f"{path} > conwip")
            if text is None:
                continue
            now = number_of(text)
            several = len(plant.products) > 1
            for new in dict.fromkeys((round(now * 2 / 3), round(now * 5 / 6), round(now * 4 / 3))):
                if new < 1 or new == now:
                    continue
                whose = f" of {name}" if several else ""
                yield Move(
                    name=f"CONWIP limit: {new} {name}",
                    family="CONWIP limit",
                    title=f"{now:g} -> {new} lots in process{whose}",
                    edits={f"{path} > conwip": counted(text, new)},
                    subject={"product": name},
                )


def dispatch_rule(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Another rule for which lot comes next, wherever no work center has its own."""
    busy = [center for center in plant.work_centers.values() if center.machines is not None]
    if not busy or any(center.rule for center in busy):
        return
    due = any(
        release.due is not None or any(order.due for order in release.orders)
        for product in plant.products.values()
        for release in product.releases
    )
    steps: dict[str, int] = {}
    for product in plant.products.values():
        for operation in product.routing:
            steps[operation.center] = steps.get(operation.center, 0) + 1
    choice = max(steps.values(), default=0) > 1
    setups = any(center.setup for center in busy) and len(plant.families()) > 1
    now = plant.rule[0] if plant.rule else "FIFO"
    wanted: list[tuple[str, Any, str]] = []
    if due:
        wanted.append(("EDD", "EDD", "earliest due date first"))
    if choice:
        wanted.append(("SPT", "SPT", "shortest job first"))
        wanted.append(("FIFO", "FIFO", "first come, first served"))
    if setups:
        wanted.append(("least setup", ["least setup", "FIFO"], "least setup first"))
    for rule, value, title in wanted:
        if not now.startswith(rule):
            yield Move(
                name=f"dispatch rule: {rule}",
                family="dispatch rule",
                title=title,
                edits={"rule": value},
                subject={},
            )


def batch_size(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Batches that are larger, start with fewer or only when full, or wait half as long."""
    for name, center in plant.work_centers.items():
        batch = center.batch
        if batch is None:
            continue
        base = f"work centers > {name} > batch"
        most, least, wait = (text_at(plant, f"{base} > {word}") for word in ("max", "min", "wait"))
        if most is None:
            continue
        largest = batch.largest.value
        subject = {"work center": name}

        def move(what: str, title: str, edits: dict[str, Any], subject: dict[str, str] = subject) -> Move:
            of = subject["work center"]
            return Move(f"batch size: {of} {what}", "batch size", title, edits, subject=subject)

        step = max(1, round(largest / 4))
        yield move("larger", f"{name} batch up to {counted(most, largest + step)}",
                   {f"{base} > max": counted(most, largest + step)})  # fmt: skip
        if batch.smallest.value > 1 and least is not None:
            yield move("start small", f"{name} starts with {counted(least, 1)}",
                       {f"{base} > min": counted(least, 1)})  # fmt: skip
        if batch.smallest.value < largest:
            yield move("full only", f"{name}: full batches only", {f"{base} > min": most})
        half = scaled(wait, 0.5) if wait is not None else None
        if batch.wait > 0 and half is not None:
            yield move("shorter wait", f"{name} waits {half} for a batch", {f"{base} > wait": half})


def lot_size(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Lots half and twice as large, where no time counts by the lot (else the time would have to change too)."""
    for name, product in plant.products.items():
        path = f"products > {name} > lot"
        text = text_at(plant, path)
        by_lot = any(
            time is not None and time.per == "lot"
            for operation in product.routing
            for time in (operation.time, operation.load, operation.unload)
        )
        if text is None or by_lot or product.lot < 2:
            continue
        several = f" of {name}" if len(plant.products) > 1 else ""
        for direction, new in (
            ("smaller", max(1, round(product.lot / 2))),
            ("larger", round(product.lot * 2)),
        ):
            yield Move(
                name=f"lot size: {direction} {name}",
                family="lot size",
                title=f"lots of {counted(text, new)}{several}",
                edits={path: counted(text, new)},
                subject={"product": name},
            )


def better_yield(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Half of the scrap of an operation avoided, for all products that have it at the same work center."""
    scrapping: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for name, product in plant.products.items():
        for operation in product.routing:
            path = f"products > {name} > routing > {operation.name} > yield"
            if operation.yield_ < 1 and text_at(plant, path) is not None:
                scrapping.setdefault((operation.name, operation.center), []).append((name, operation.yield_))
    for (step, center), found in scrapping.items():
        halved = {name: 100 * (1 + now) / 2 for name, now in found}
        alone = next(iter(halved)) if len(halved) == 1 else ""
        whose = f" of {alone}" if alone and len(plant.products) > 1 else ""
        values = set(halved.values())
        yields = f"yields {min(values):.4g} %" if len(values) == 1 else "scraps half as much"
        yield Move(
            name=f"yield: {alone or center} {step}",
            family="yield",
            title=f"{step}{whose} {yields}",
            edits={f"products > {name} > routing > {step} > yield": f"{new:.6g} %" for name, new in halved.items()},
            subject={"work center": center} | ({"product": alone} if alone else {}),
        )


FAMILIES = (
    Family("more buffer", more_buffer, True),
    Family("CONWIP limit", lots_in_process, False),
    Family("dispatch rule", dispatch_rule, False),
    Family("batch size", batch_size, False),
    Family("lot size", lot_size, False),
    Family("yield", better_yield, True),
)
