"""Moves on machines: one more, a faster one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plantwright.improvement.families.family import Family
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.improvement.words import fresh, ordinal, scaled, singular, text_at, value_at
from plantwright.plant.plant import Plant

FASTER = 1.1


def add_machine(plant: Plant, usual: Usual) -> Iterator[Move]:
    """One more machine in each work center that has a number of them, at the work center's price."""
    for name, center in plant.work_centers.items():
        if center.machines is None:
            continue
        path = f"work centers > {name} > machines"
        listed = value_at(plant, path)
        more: Any = str(center.machines + 1)
        if isinstance(listed, list):
            last = listed[-1]
            copied = last if isinstance(last, dict) else {}
            names = {item.get("name") for item in listed if isinstance(item, dict)}
            more = [*listed, {**copied, "name": fresh(str(copied.get("name", name)), names)}]
        yield Move(
            name=f"add a machine: {name}",
            family="add a machine",
            title=f"{ordinal(center.machines + 1)} {singular(name) if center.machines > 1 else name}",
            edits={path: more},
            capital=center.price,
            subject={"work center": name},
        )


def time_edits(plant: Plant, center: str, factor: float) -> dict[str, str]:
    """Edits that multiply the time of every operation at a work center; empty where one of them is not text in the file."""
    edits: dict[str, str] = {}
    for product in plant.products.values():
        for operation in product.routing:
            base = f"products > {product.name} > routing > {operation.name}"
            found: list[str] = []
            if operation.center == center:
                found = [f"{base} > {word}" for word in ("time", "interval") if getattr(operation, word)]
            for i, choice in enumerate(operation.at, 1):
                if choice.center == center and choice.time is not None:
                    found.append(f"{base} > at > {i} > time")
            for path in found:
                text = text_at(plant, path)
                new = None if text is None else scaled(text, factor)
                if new is None:
                    return {}
                edits[path] = new
    return edits


def faster_machine(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Every machine of a work center works 10 % faster: all times there are divided by 1.1."""
    for name, center in plant.work_centers.items():
        edits = time_edits(plant, name, 1 / FASTER)
        if center.machines is not None and edits:
            yield Move(
                name=f"faster machine: {name}",
                family="faster machine",
                title=f"{name} 10 % faster",
                edits=edits,
                subject={"work center": name},
            )


FAMILIES = (
    Family("add a machine", add_machine, True),
    Family("faster machine", faster_machine, True),
)
