"""Moves on machines as they are: faster ones."""

from __future__ import annotations

from collections.abc import Iterator

from plantwright.distributions import Distribution
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.sound import span
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.plant.plant import Plant
from plantwright.plant.texts import scaled, text_at

FASTER = Usual(
    effect=Distribution("triangular", (0.05, 0.1, 0.2)),
    cost=40_000.0,
    lead_time=13 * 7 * 86400.0,
    ramp_up=8 * 7 * 86400.0,
    source="our choice: better tools, drives or programs on the machine that is there",
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
    """Every machine of a work center works faster, most likely by a tenth: all times there are divided by as much."""
    effect = usual.effect or Distribution.constant(0.1)
    for name, center in plant.work_centers.items():
        if center.machines is None or not time_edits(plant, name, 1 / (1 + effect.mean)):
            continue

        def edits(share: float, name: str = name) -> dict[str, str]:
            return time_edits(plant, name, 1 / (1 + share))

        move = Move(
            name=f"faster machine: {name}",
            family="faster machine",
            title=f"{name} {100 * effect.mean:.2g} % faster",
            edits={},
            subject={"work center": name},
        )
        yield believed(move, effect, f"{name} {span(effect)} faster", edits)


FAMILIES = (Family("faster machine", faster_machine, True, usual=FASTER),)
