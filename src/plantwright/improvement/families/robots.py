"""Moves that let robots do what people do: load a machine, or work at a place of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from plantwright.distributions import Distribution
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.busy import can, people_at
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.sound import span
from plantwright.improvement.families.technology import as_list, is_machine, operations_at
from plantwright.improvement.families.usual import Usual, times_usual
from plantwright.improvement.study import Move
from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation, Product
from plantwright.plant.reading import value_at
from plantwright.plant.resources import Crew
from plantwright.plant.staffing import staffing_words
from plantwright.plant.texts import scaled, text_at

WEEK = 7 * 86400.0
MOST_CENTERS = 2
HANDLING = 0.1
"""The part of a machine's time that loading and unloading are, where people stand by and the file does not say (our choice)."""
ROBOT_FAILS = {"every": "exponential 80 h", "clock": "working", "repair": "lognormal 30 min cv 1"}
"""How a robot's cell stops: grippers, sensors and parts that lie wrong, far more often than the arm itself (our choice: 99.4 % up)."""

ROBOT = Usual(
    effect=Distribution("triangular", (0.8, 1.0, 1.3)),
    cost=250_000.0,
    yearly=12_000.0,
    lead_time=26 * WEEK,
    ramp_up=13 * WEEK,
    source="an arm lists at 50,000 to 150,000 USD and is 25 to 40 % of a cell (AMD Machines, Total Cost of Ownership for Robotic Systems), so "
    "a cell costs 125,000 to 600,000; within that, upkeep of 5 % a year, times, failures and speed are our choice",
)
LOADER = Usual(
    effect=Distribution("triangular", (0.7, 1.0, 1.4)),
    cost=150_000.0,
    yearly=7_500.0,
    lead_time=20 * WEEK,
    ramp_up=8 * WEEK,
    source="the lower end of what a cell costs by AMD Machines, Total Cost of Ownership for Robotic Systems; upkeep of 5 % a year, times, "
    "failures and speed are our choice",
)


def automate_loading(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A robot for each machine loads and unloads it, at the two machine work centers that take most of people's time: nobody is needed but
    for setups, loading takes another time, and the robot stops now and then; once with all people kept, once with those fewer whom it
    frees.
    """
    effect = usual.effect or LOADER.effect or Distribution.constant(1.0)
    for name in _most_attended(plant, machines=True):
        yield from _automated(plant, usual, "automate loading", f"robots load {name}", name, effect)


def automate_operation(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A robot at each place of the two work centers, not of machines, where people work most: nobody is needed, the work takes another time,
    and the robot stops now and then; once with all people kept, once with those fewer whom it frees.
    """
    effect = usual.effect or ROBOT.effect or Distribution.constant(1.0)
    for name in _most_attended(plant, machines=False):
        yield from _automated(plant, usual, "automate an operation", f"robots work at {name}", name, effect)


_HANDLING = ("load", "run", "unload")


def _most_attended(plant: Plant, machines: bool) -> list[str]:
    """The work centers where people are needed most and all of it can be automated."""
    work = people_at(plant)
    names = [
        name
        for name, center in plant.work_centers.items()
        if center.machines and work[name] > 0 and is_machine(plant, name) is machines and _can_be(plant, name)
    ]
    return sorted(names, key=lambda name: -work[name])[:MOST_CENTERS]


def _can_be(plant: Plant, center: str) -> bool:
    """Whether nothing there is done elsewhere too, where people would still be needed: staff are of the step and not of the place."""
    found = operations_at(plant, center)
    return all(len(operation.at) == 1 for _, operation in found) and bool(_edits(plant, center, found, 0.9))


def _automated(
    plant: Plant, usual: Usual, family: str, title: str, center: str, effect: Distribution
) -> Iterator[Move]:
    machines, found = plant.work_centers[center].machines or 1, operations_at(plant, center)
    move = Move(
        name=f"{family}: {center}",
        family=family,
        title=title,
        edits={},
        subject={"work center": center},
        **times_usual(plant, family, usual, machines),
    )
    text = f"the robot takes {span(effect)} of the time"
    yield believed(move, effect, text, lambda share: _edits(plant, center, found, share))
    freed = _freed(plant, [operation for _, operation in found], machines)
    if freed is not None:
        crew, fewer = freed
        less = {f"people > {crew.name} > count": str(crew.count - fewer)}
        smaller = replace(move, name=f"{move.name}, {fewer} fewer", title=f"{title}, {fewer} fewer in {crew.name}")
        yield believed(smaller, effect, text, lambda share: {**_edits(plant, center, found, share), **less})


def _edits(plant: Plant, center: str, found: Iterable[tuple[Product, Operation]], share: float) -> Mapping[str, Any]:
    """What a robot changes: who is needed, how long it takes, how it fails. Empty where a time does not stand in the file."""
    edits: dict[str, Any] = {}
    nobody: list[Any] | None = [] if plant.work_centers[center].staff else None
    for product, operation in found:
        base = f"products > {product.name} > routing > {operation.name}"
        if not operation.staff:
            continue
        for word, factor in _factors(plant, operation, max(share, 0.05)).items():
            text = text_at(plant, f"{base} > {word}")
            new = None if text is None else scaled(text, factor)
            if new is None:
                return {}
            edits[f"{base} > {word}"] = new
        edits[f"{base} > staff"] = _still_needed(plant, operation) or nobody
    if edits:
        path = f"work centers > {center} > failures"
        mended: dict[str, Any] = next((failure for failure in as_list(value_at(plant, path)) if failure.get("by")), {})
        edits[path] = [
            *as_list(value_at(plant, path)),
            {**ROBOT_FAILS, **({"by": mended["by"]} if mended else {})},
        ]
    return edits


def _factors(plant: Plant, operation: Operation, share: float) -> dict[str, float]:
    """By what each time of an operation is multiplied: what people did there; of a machine's run that they stood by, the part that loading
    is taken to be.
    """
    times = {word: share for word in ("load", "unload") if getattr(operation, word) is not None}
    if any("run" in need.phases for need in operation.staff):
        machine = is_machine(plant, operation.center)
        of_run = 1 - HANDLING + HANDLING * share if machine else share
        if not machine or not times:
            times |= {word: of_run for word in ("time", "interval") if getattr(operation, word) is not None}
    return times


def _still_needed(plant: Plant, operation: Operation) -> list[Any]:
    """The staff of an operation for the phases that no robot does: its setup, if it has one."""
    left: list[Any] = []
    has_setup = plant.work_centers[operation.center].setup is not None
    for need in operation.staff:
        phases = [phase for phase in need.phases if phase not in _HANDLING and has_setup]
        if phases:
            left.append(staffing_words(need) | {"for": phases})
    return left


def _freed(plant: Plant, operations: list[Operation], machines: int) -> tuple[Crew, int] | None:
    """The crew that did most of it, and how many of it a robot frees: one for each that the machines held, but never all of a crew."""
    needs = [need for operation in operations for need in operation.staff if set(need.phases) & set(_HANDLING)]
    if not needs:
        return None
    need = max(needs, key=lambda need: need.count)
    able = [crew for crew in plant.people.values() if can(crew, need) and crew.count > 1 and crew.wage]
    if not able:
        return None
    crew = max(able, key=lambda crew: crew.count)
    return crew, min(-(-machines * need.count // need.tends), crew.count - 1)


FAMILIES = (
    Family("automate loading", automate_loading, True, usual=LOADER),
    Family("automate an operation", automate_operation, True, usual=ROBOT),
)
