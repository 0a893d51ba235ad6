"""Moves on transport: vehicles, their speed, and the ways between the work centers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plantwright.distributions import Distribution
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.sound import MONTH, brief, less, span
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.improvement.words import ordinal, singular
from plantwright.plant.plant import Plant
from plantwright.plant.reading import value_at
from plantwright.plant.texts import scaled, text_at


def one_more_vehicle(plant: Plant, usual: Usual) -> Iterator[Move]:
    """One more in each fleet that carries lots. A driver is not in it: what carries is a vehicle in the file, not a person."""
    for name, mover in plant.transport.items():
        if mover.time is not None:
            continue
        yield Move(
            name=f"one more vehicle: {name}",
            family="one more vehicle",
            title=f"{ordinal(mover.count + 1)} {singular(name)}",
            edits={f"transport > {name} > count": str(mover.count + 1)},
        )


def faster_vehicle(plant: Plant, usual: Usual) -> Iterator[Move]:
    """The vehicles of a fleet drive faster, by an uncertain share."""
    effect = usual.effect or Distribution.constant(0.0)
    for name in plant.transport:
        path = f"transport > {name} > speed"
        text = text_at(plant, path)
        if text is not None and scaled(text, 1.0) is not None:
            said = f"{name} {span(effect)} faster"
            yield believed(Move(f"faster vehicle: {name}", "faster vehicle", f"{name} {brief(effect)} faster", {}), effect, said,
                           lambda share, path=path, text=text: {path: scaled(text, 1 + share)})  # type: ignore[misc]  # fmt: skip


def shorter_ways(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Work centers nearer to each other: every way of a fleet shorter by a share, written as a speed that gives the same times, since the
    distances stand in a table beside the plant; and the walks of people shorter by the same.
    """
    effect = usual.effect or Distribution.constant(0.0)
    speeds = [(f"transport > {name} > speed", text_at(plant, f"transport > {name} > speed"))
              for name, mover in plant.transport.items() if mover.distances]  # fmt: skip
    speeds = [(path, text) for path, text in speeds if text is not None and scaled(text, 1.0) is not None]
    walks = [(path, text) for path, text in _walks(plant) if scaled(text, 1.0) is not None]
    if not speeds and not walks:
        return

    def edits_at(share: float) -> dict[str, Any]:
        faster = {path: scaled(text, 1 / less(share)) for path, text in speeds if text is not None}
        return faster | {path: scaled(text, less(share)) for path, text in walks}

    said = f"ways {span(effect)} shorter"
    note = "written as a higher speed, which gives the same times" if speeds else ""
    yield believed(
        Move("shorter ways: layout", "shorter ways", f"layout: ways {brief(effect)} shorter", {}, note=note),
        effect,
        said,
        edits_at,
    )


def _walks(plant: Plant) -> Iterator[tuple[str, str]]:
    """The paths and texts of the walks of those whom an operation needs."""
    bases = [
        f"products > {product.name} > routing > {step.name}"
        for product in plant.products.values()
        for step in product.routing
    ]
    for base in [*bases, *(f"work centers > {name}" for name in plant.work_centers)]:
        staff = value_at(plant, f"{base} > staff")
        listed = staff if isinstance(staff, list) else []
        places = [(f"{base} > staff > {i}", need) for i, need in enumerate(listed, 1)] or [(f"{base} > staff", staff)]
        for path, need in places:
            if isinstance(need, dict) and isinstance(need.get("walk"), str):
                yield f"{path} > walk", need["walk"]


FAMILIES = (
    Family(
        "shorter ways", shorter_ways, True, "subordinate",
        Usual(effect=Distribution("uniform", (0.2, 0.5)), cost=25e3, lead_time=4 * MONTH, ramp_up=MONTH,
              source="How a layout is drawn anew and measured by distance times flow: Kovács and Kot, Facility layout redesign for efficiency "
                     "improvement and cost reduction, Journal of Applied Mathematics and Computational Mechanics 16(1), 2017. The range, "
                     "the cost of moving machines and the times are our choice."),
    ),
    Family(
        "faster vehicle", faster_vehicle, True, "elevate",
        Usual(effect=Distribution("uniform", (0.1, 0.3)), cost=10e3, lead_time=2 * MONTH, ramp_up=0.0,
              source="Our choice: better floors, lanes of their own, fewer stops."),
    ),
    Family(
        "one more vehicle", one_more_vehicle, True, "elevate",
        Usual(cost=35e3, lead_time=3 * MONTH, ramp_up=0.0,
              source="An electric counterbalance truck of 3,000 to 6,000 lb costs 20,000 to 45,000 USD new, its battery and charger not counted "
                     "(climbtheladder.com, How Much Are Forklifts? New, Used, Rental, and Ownership); a vehicle without driver costs more. Three "
                     "months are our choice."),
    ),
)  # fmt: skip
