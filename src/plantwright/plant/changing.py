"""What of a plant can change while it runs, and what cannot."""

from __future__ import annotations

from plantwright.plant.plant import Plant
from plantwright.plant.products import Product


def cannot_become(before: Plant, after: Plant) -> list[str]:
    """Why a run of one plant cannot go on in another; empty if it can."""
    reasons = []
    for word, one, other in (
        ("start", before.start, after.start),
        ("time zone", before.time_zone, after.time_zone),
    ):
        if one != other:
            reasons.append(f"the {word} of a run cannot change while it goes on")
    for section in (
        "products",
        "work_centers",
        "people",
        "tools",
        "loops",
        "materials",
        "suppliers",
        "buffers",
        "lines",
        "transport",
    ):
        words = section.replace("_", " ")
        reasons += [
            f"{words} > {name} would be no more, with what is there; leave it, without machines, people or lots to come"
            for name in getattr(before, section)
            if name not in getattr(after, section)
        ]
    for name, center in before.work_centers.items():
        other_center = after.work_centers.get(name)
        if other_center is not None and (center.machines is None) != (other_center.machines is None):
            reasons.append(
                f"work centers > {name}: a pure delay and machines cannot become each other; add a work center"
            )
        if other_center is not None and center.places != other_center.places:
            reasons.append(
                f"work centers > {name} > places: a machine keeps its places, and the jobs in them; add a work center"
            )
    for name, loop in before.loops.items():
        if name in after.loops and loop.cards.of != after.loops[name].cards.of:
            reasons.append(f"loops > {name} > cards: those of lots and those of pieces cannot become each other")
    for name, mover in before.transport.items():
        if name in after.transport and after.transport[name].count < mover.count:
            reasons.append(f"transport > {name} > count: a vehicle would be no more, with what it carries")
    for name, product in before.products.items():
        if name in after.products:
            reasons += _of_product(product, after.products[name])
    for name, material in before.materials.items():
        if name in after.materials and material.on_hand != after.materials[name].on_hand:
            reasons.append(f"materials > {name}: what is on hand at the start cannot change later")
    return reasons


def _of_product(before: Product, after: Product) -> list[str]:
    reasons = []
    there = {operation.name: operation for operation in after.routing}
    for operation in before.routing:
        words = f"products > {before.name} > routing > {operation.name}"
        if operation.name not in there:
            reasons.append(
                f"{words} would be no more, with the lots that stand there; leave it, with 'share: 0 %' for those to come"
            )
        elif [choice.center for choice in operation.at] != [choice.center for choice in there[operation.name].at]:
            reasons.append(
                f"{words} would be done elsewhere than where its lots stand; add a step for the new work center, with a share"
            )
    if before.stock is not None and after.stock is None:
        reasons.append(
            f"products > {before.name} > stock would be no more, with the lots that wait for a place; give it a capacity that is enough"
        )
    if before.at_start != after.at_start:
        reasons.append(f"products > {before.name}: lots at start are those of the start of a run")
    return reasons
