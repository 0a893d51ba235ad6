"""Moves on who stands by which machine: one person tends one machine more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from plantwright.distributions import Distribution
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.busy import can, people_at
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.machines import time_edits
from plantwright.improvement.families.sound import MONTH, span
from plantwright.improvement.families.stopping import LOOKS
from plantwright.improvement.families.technology import is_machine, operations_at
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation, Product
from plantwright.plant.resources import Crew, Staffing
from plantwright.plant.staffing import staffing_words

TENDING = Usual(
    effect=Distribution("triangular", (0.0, 0.03, 0.1)),
    cost=5_000.0,
    lead_time=MONTH,
    ramp_up=2 * MONTH,
    source="To tend several machines, the work of people and that of machines must be apart, and machines must stop by themselves: Lean Enterprise "
    "Institute, Lean Lexicon, Multimachine handling. Machines then wait for hands: Stecke and Aronson, Review of operator/machine interference "
    "models, University of Michigan, working paper 355, 1983. How long they do, cost and times are our choice.",
)
MOST_CENTERS = 2


def tend_more(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Whoever stands by a machine while it runs tends one more of them, at the two machine work centers where people work most; work takes
    a little longer, as machines wait for hands. Once with all people kept, once with those fewer whom it frees.
    """
    effect = usual.effect or TENDING.effect or Distribution.constant(0.0)
    for name in _most_attended(plant):
        found = operations_at(plant, name)
        tends = max(need.tends for need in _standing_by(found))
        staff = _staff_edits(plant, found)
        move = Move(
            name=f"tend more machines: {name}",
            family="tend more machines",
            title=f"one person tends {tends + 1} {name}",
            edits={},
            subject={"work center": name},
        )
        text = f"work takes {span(effect)} longer"

        def edits(share: float, name: str = name, staff: dict[str, Any] = staff) -> dict[str, Any]:
            return {**(time_edits(plant, name, 1 + share) if share else {}), **staff}

        yield believed(move, effect, text, edits)
        freed = _freed(plant, name, found)
        if freed is not None:
            crew, fewer = freed
            less = {f"people > {crew.name} > count": str(crew.count - fewer)}
            smaller = replace(
                move, name=f"{move.name}, {fewer} fewer", title=f"{move.title}, {fewer} fewer in {crew.name}"
            )
            yield believed(
                smaller,
                effect,
                text,
                lambda share, edits=edits, less=less: {**edits(share), **less},  # type: ignore[misc]
            )


def _most_attended(plant: Plant) -> list[str]:
    """The machine work centers with one person at a machine that runs, and a further machine to tend, where people work most."""
    work = people_at(plant)
    names = [
        name
        for name, center in plant.work_centers.items()
        if work[name] > 0 and is_machine(plant, name) and _may_tend(plant, name, center.machines or 0)
    ]
    return sorted(names, key=lambda name: -work[name])[:MOST_CENTERS]


def _may_tend(plant: Plant, center: str, machines: int) -> bool:
    """Whether everybody who stands by its machines does so alone and could have one more of them, and nothing of it is done elsewhere too.

    Who looks at parts is no machine's attendant, even if his place has a setup.
    """
    found = operations_at(plant, center)
    if any(LOOKS.search(name) for _, step in found for name in (center, step.name)):
        return False
    needs = _standing_by(found)
    alone = all(need.count == 1 and need.tends < machines for need in needs)
    return (
        bool(needs) and alone and all(len(step.at) == 1 for _, step in found) and bool(time_edits(plant, center, 1.0))
    )


def _standing_by(found: Sequence[tuple[Product, Operation]]) -> list[Staffing]:
    return [need for _, step in found for need in step.staff if "run" in need.phases]


def _staff_edits(plant: Plant, found: Sequence[tuple[Product, Operation]]) -> dict[str, Any]:
    edits: dict[str, Any] = {}
    for product, step in found:
        path = f"products > {product.name} > routing > {step.name} > staff"
        told = [
            staffing_words(need) | ({"tends": f"{need.tends + 1} machines"} if "run" in need.phases else {})
            for need in step.staff
        ]
        if step.staff:
            edits[path] = told
    return edits


def _freed(plant: Plant, center: str, found: Sequence[tuple[Product, Operation]]) -> tuple[Crew, int] | None:
    """The crew that did most of it, and how many fewer of it all machines at work need; never all of a crew, and only where wages fall."""
    need = _standing_by(found)[0]
    crews = [crew for crew in plant.people.values() if can(crew, need) and crew.count > 1 and crew.wage]
    machines = plant.work_centers[center].machines or 0
    fewer = -(-machines // need.tends) - -(-machines // (need.tends + 1))
    if not crews or not fewer:
        return None
    crew = max(crews, key=lambda crew: crew.count)
    return crew, min(fewer, crew.count - 1)


FAMILIES = (Family("tend more machines", tend_more, True, "exploit", TENDING),)
