"""What the checks of a product look at in the rest of the plant, and what they look at in a product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plantwright.distributions import Distribution
from plantwright.plant.conversions import units_after, units_at
from plantwright.plant.once import Once
from plantwright.plant.products import Product
from plantwright.plant.resources import Staffing, WorkCenter

if TYPE_CHECKING:
    from plantwright.plant.checks import Checker


@dataclass(frozen=True, eq=False)
class Told:
    """What a product tells of itself.

    Attributes
    ----------
    steps, units : frozenset of str
        The names of its steps; the units in which its lots are counted, somewhere, and in which it is sold.
    units_at : tuple
        Work centers, and a unit in which lots come there.
    centers : tuple of str
        The work centers that do its steps, and the drums of its releases.
    staff : tuple of Staffing
        Who is needed.
    tools, things : tuple of str
        The tools that its steps use; the materials and products that they take and give.
    """

    steps: frozenset[str]
    units: frozenset[str]
    units_at: tuple[tuple[str, str], ...]
    centers: tuple[str, ...]
    staff: tuple[Staffing, ...]
    tools: tuple[str, ...]
    things: tuple[str, ...]


def _told_by(product: Product) -> Told:
    units, steps = units_at(product), product.routing
    pairs = [(choice.center, unit) for step, unit in zip(steps, units.values(), strict=True) for choice in step.at]
    drums = [release.drum for release in product.releases if release.drum is not None]
    return Told(
        frozenset(step.name for step in steps),
        frozenset([product.unit, *units.values(), *units_after(product).values()]),
        tuple(dict.fromkeys(pairs)),
        tuple(dict.fromkeys([*(center for center, _ in pairs), *drums])),
        tuple(dict.fromkeys(need for step in steps for need in step.staff)),
        tuple(dict.fromkeys(use.tool for step in steps for use in step.uses)),
        tuple(dict.fromkeys(name for step in steps for name in (*step.takes, *step.gives))),
    )


told_by = Once(_told_by)
"""What a product tells of itself, found once."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All of a plant that the checks of a product (`routes`, `material_flow`, `gathering`) look at, beside the product.

    Attributes
    ----------
    centers : tuple
        Of each work center that it names: places, whether its machines are unlimited, what its batches count and who shares them, whether it is a station of
        a paced line, its delay with its shifts, and its staff; None where it is not there.
    staff : tuple of bool
        Of all that it needs of people, whether they are there.
    tools : tuple
        How many there are of each tool that it names, None where it is not there.
    things : tuple
        Of each thing that it takes or gives: the unit of a product; the unit of a material, and whether it may run out; None of neither.
    loops : tuple
        The first step of each loop, the last, how many cards of what.
    """

    centers: tuple[
        tuple[int, bool, tuple[str, ...], bool, Distribution | None, tuple[str, ...], tuple[Staffing, ...]] | None, ...
    ]
    staff: tuple[bool, ...]
    tools: tuple[int | None, ...]
    things: tuple[object, ...]
    loops: tuple[tuple[str, str, str, float], ...]


def around_of(checker: Checker, product: Product) -> Surroundings:
    """The surroundings of a product in a plant that is being checked."""
    plant, told = checker.plant, told_by(product)
    stations = {name for line in plant.lines.values() for name in line.stations} if plant.lines else ()
    centers = [(name, plant.work_centers.get(name)) for name in told.centers]
    tools = [plant.tools.get(name) for name in told.tools]
    return Surroundings(
        tuple(
            None
            if center is None
            else (
                center.places,
                center.machines is None,
                batch_told(center),
                name in stations,
                center.delay,
                center.delay_shift,
                center.staff,
            )
            for name, center in centers
        ),
        tuple(map(checker.can_be_met, told.staff)),
        tuple(None if tool is None else tool.count for tool in tools),
        tuple(_thing(checker, name) for name in told.things),
        tuple((loop.start, loop.until, loop.cards.of, loop.cards.value) for loop in plant.loops.values()),
    )


def batch_told(center: WorkCenter) -> tuple[str, ...]:
    """Which lots share a batch of a work center, and what its size counts; nothing where it has none."""
    batch = center.batch
    return () if batch is None else (batch.together, batch.largest.of, batch.smallest.of)


def _thing(checker: Checker, name: str) -> object:
    """What is known of a product or a material; of both, where both have that name."""
    product, material = checker.plant.products.get(name), checker.plant.materials.get(name)
    if product is None and material is None:
        return None
    return (
        None if product is None else product.unit,
        None if material is None else (material.unit, material.on_hand is not None),
    )
