"""Moves on the flow: which lot next, batches, lots, pieces that go on before their lot, lots in process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plantwright.improvement.families.family import Family
from plantwright.improvement.families.sound import WEEK, is_sound, whose
from plantwright.improvement.families.stopping import release_paths
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.improvement.words import counted, number_of
from plantwright.plant.plant import Plant
from plantwright.plant.products import Product
from plantwright.plant.reading import value_at
from plantwright.plant.texts import scaled, text_at

TRANSFER = 4
"""A lot goes on in so many parts, where it is proposed."""


def lots_in_process(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A CONWIP limit a third and a sixth lower, and a third higher."""
    for name in plant.products:
        for path in release_paths(plant, name):
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
    """Batches that are larger, start with fewer or only when full, or wait half or twice as long."""
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
        twice = scaled(wait, 2.0) if wait is not None else None
        if batch.wait > 0 and twice is not None:
            yield move("longer wait", f"{name} waits {twice} for a batch", {f"{base} > wait": twice})


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


def kanban_cards(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A third fewer and a third more cards in each loop, at least one."""
    for name, loop in plant.loops.items():
        path = f"loops > {name} > cards"
        text = text_at(plant, path)
        step = max(1, round(loop.cards.value / 3))
        for new in (loop.cards.value - step, loop.cards.value + step):
            if text is not None and new >= 1:
                yield Move(
                    name=f"kanban cards: {new:g} {name}",
                    family="kanban cards",
                    title=f"{loop.cards.value:g} -> {counted(text, new)} in {name}",
                    edits={path: counted(text, new)},
                )


def transfer_batch(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Pieces go on before their lot is done: a quarter of the lot at a time from every step of a product where pieces are done one after
    the other, or half of what goes on at a time now. Not where batches count lots: parts would fill them.
    """
    for name, product in plant.products.items():
        edits = _in_parts(plant, product)
        if edits and is_sound(plant, edits):
            most = max(edits.values(), key=number_of)
            yield Move(
                name=f"transfer batch: {name}",
                family="transfer batch",
                title=f"{most} go on at a time{whose(plant, name)}",
                edits=edits,
                subject={"product": name},
            )


def _in_parts(plant: Plant, product: Product) -> dict[str, str]:
    """What goes on at a time from each step of a product that another follows."""
    edits: dict[str, str] = {}
    lot = text_at(plant, f"products > {product.name} > lot")
    centers = [plant.work_centers[choice.center] for step in product.routing for choice in step.at]
    if any(center.batch is not None and center.batch.largest.of != "piece" for center in centers):
        return {}  # what goes on by itself is a lot there, and would fill the batches with fewer pieces
    for step in product.routing[:-1]:
        path = f"products > {product.name} > routing > {step.name}"
        now = text_at(plant, f"{path} > transfer")
        if now is not None:
            half = round(number_of(now) / 2)
            if half >= 1:
                edits[f"{path} > transfer"] = counted(now, half)
        elif lot is not None and product.lot >= TRANSFER and isinstance(value_at(plant, path), dict):
            alone = all(
                plant.work_centers[choice.center].batch is None
                and plant.work_centers[choice.center].machines is not None
                for choice in step.at
            )
            pieces = step.time is not None and step.time.per == "piece"
            if alone and pieces and not (step.split or step.merge or step.becomes or step.next or step.rework):
                edits[f"{path} > transfer"] = counted(lot, round(product.lot / TRANSFER))
    return edits


FREE = "Costs nothing but the change; its time and the size of the step are our choice."
FAMILIES = (
    Family(
        "CONWIP limit", lots_in_process, False, "subordinate",
        Usual(cost=0.0, lead_time=WEEK, ramp_up=0.0,
              source="Little 1961; Spearman, Woodruff and Hopp, CONWIP: a pull alternative to kanban, International Journal of Production "
                     f"Research 28(5), 1990. {FREE}"),
    ),
    Family(
        "kanban cards", kanban_cards, False, "subordinate",
        Usual(cost=0.0, lead_time=WEEK, ramp_up=0.0, source=f"Pull and push: Hopp and Spearman, Factory Physics, chapter 10. {FREE}"),
    ),
    Family(
        "dispatch rule", dispatch_rule, False, "subordinate",
        Usual(cost=0.0, lead_time=WEEK, ramp_up=0.0, source=f"Hopp and Spearman, Factory Physics, chapter 15. {FREE}"),
    ),
    Family(
        "batch size", batch_size, False, "subordinate",
        Usual(cost=0.0, lead_time=WEEK, ramp_up=0.0, source=f"Process batches: Hopp and Spearman, Factory Physics, chapter 9. {FREE}"),
    ),
    Family(
        "lot size", lot_size, False, "subordinate",
        Usual(cost=0.0, lead_time=WEEK, ramp_up=0.0, source=f"Hopp and Spearman, Factory Physics, chapter 9. {FREE}"),
    ),
    Family(
        "transfer batch", transfer_batch, False, "subordinate",
        Usual(cost=0.0, lead_time=WEEK, ramp_up=0.0,
              source=f"A transfer batch need not be a process batch: Goldratt and Cox, The Goal, 1984; Hopp and Spearman, chapter 9. {FREE}"),
    ),
)  # fmt: skip
