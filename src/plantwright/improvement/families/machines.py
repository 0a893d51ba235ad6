"""Moves on machines: one more, a faster one, shorter setups, fewer and shorter stops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plantwright.improvement.families.family import Family
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.improvement.words import fresh, ordinal, scaled, singular, text_at, value_at
from plantwright.plant.plant import Plant
from plantwright.units import show_duration

FASTER = 1.1
SHORTER_SETUP = 0.7
REPAIR_RATE = 1.5
LONGER_BETWEEN = 1.5


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


def _texts_below(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts_below(item, f"{path} > {key}")


def shorter_setup(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Setups take 30 % less time, as a first quick-changeover workshop brings (Shingo 1985 reports far more)."""
    for name, center in plant.work_centers.items():
        if center.setup is None:
            continue
        base = f"work centers > {name} > setup"
        edits: dict[str, str] = {}
        found = value_at(plant, base)
        texts = [(base, found)] if isinstance(found, str) else []
        if isinstance(found, dict):
            for word in ("default", "from", "into", "minor"):
                texts += _texts_below(found.get(word), f"{base} > {word}")
        for path, text in texts:
            new = scaled(text, SHORTER_SETUP)
            if new is not None:
                edits[path] = new
        if edits:
            yield Move(
                name=f"shorter setup: {name}",
                family="shorter setup",
                title=f"{name} setups 30 % shorter",
                edits=edits,
                subject={"work center": name},
            )


def failure_paths(plant: Plant, center: str) -> list[str]:
    """The paths of the failures of a work center, as they stand in the file."""
    base = f"work centers > {center} > failures"
    value = value_at(plant, base)
    if isinstance(value, list):
        return [f"{base} > {i}" for i in range(1, len(value) + 1)]
    return [base] if isinstance(value, dict) else []


def better_reliability(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Repairs done 1.5 times as fast, and failures 1.5 times as rare."""
    for name, center in plant.work_centers.items():
        paths = failure_paths(plant, name) if center.failures else []
        for word, factor, what in (
            ("repair", 1 / REPAIR_RATE, "repairs 1.5 x as fast"),
            ("every", LONGER_BETWEEN, "fails 1.5 x as rarely"),
        ):
            edits: dict[str, str] = {}
            for path in paths:
                text = text_at(plant, f"{path} > {word}")
                new = None if text is None else scaled(text, factor)
                if new is not None:
                    edits[f"{path} > {word}"] = new
            if edits:
                worst = center.failures[0]
                yield Move(
                    name=f"better reliability: {name} {word}",
                    family="better reliability",
                    title=f"{name} {what}",
                    edits=edits,
                    subject={"work center": name},
                    note=f"now {show_duration(worst.repair.mean)} every {show_duration(worst.every.mean)}",
                )


FAMILIES = (
    Family("add a machine", add_machine, True),
    Family("faster machine", faster_machine, True),
    Family("shorter setup", shorter_setup, False),
    Family("better reliability", better_reliability, True),
)
