"""Moves on what people can do: a skill learnt level by level, and crews that take turns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plantwright.improvement.families.busy import can, is_told, people_loads, time_there
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.learning import Training, hours_told, training_of
from plantwright.improvement.families.people import alike, all_needs
from plantwright.improvement.families.usual import Usual, assumed
from plantwright.improvement.study import Move
from plantwright.improvement.words import is_plural
from plantwright.plant.plant import Plant
from plantwright.plant.resources import Crew, Staffing

TRAINED = Usual(
    ramp_up=4 * 7 * 86400.0,
    source="wages of the hours of training: those under learns, else 20, 80, 240, 640 h to the levels 1 to 4; these and the ramp-up are our "
    "choice (BLS: training on the job is short up to a month, moderate up to a year)",
)
MOST_LEARNERS = 3
MOST_ROTATIONS = 2
LIGHTER = 0.75
"""A crew takes turns with the busiest of its shift where its own load is at most this share of the other's (our choice)."""


def cross_train(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A crew learns a skill that work or repairs need and that they do not have, level by level; of each skill those whose training is
    told first, then those with the fewest skills. Training costs the wages of its hours, in which they are away from work, and takes
    as long as their shifts need for them.
    """
    levels: dict[str, list[Staffing]] = {}
    for need in all_needs(plant):
        levels.setdefault(need.skill, []).append(need)
    for skill, needs in levels.items():
        needs.sort(key=lambda need: need.level)
        learners = [crew for crew in alike(plant) if any(_may_learn(plant, crew, need) for need in needs)]

        def turn(crew: Crew, skill: str = skill, needs: list[Staffing] = needs) -> tuple[bool, int]:
            first = next(need.level for need in needs if not can(crew, need))
            return hours_told(crew, skill, first) is None, len(crew.skills)

        for crew in sorted(learners, key=turn)[:MOST_LEARNERS]:
            before: tuple[str, ...] = ()
            for need in needs:
                if _may_learn(plant, crew, need):
                    move = _learns(plant, crew, need, before)
                    yield move
                    before = (move.name,)


def _may_learn(plant: Plant, crew: Crew, need: Staffing) -> bool:
    """Whether a crew cannot do what is needed, and is there when those who can are."""
    return not can(crew, need) and bool(set(crew.shift) & _shifts_with(plant, need))


def _learns(plant: Plant, crew: Crew, need: Staffing, before: tuple[str, ...]) -> Move:
    """All of a crew come to a level of a skill; what the levels before it take is in it."""
    training = training_of(plant, crew, need.skill, need.level)
    return Move(
        name=f"cross-train: {crew.name} {need.skill} {need.level}",
        family="cross-train",
        title=f"{crew.name} {'learn' if is_plural(crew.name) and crew.count > 1 else 'learns'} {need.skill} {need.level}",
        edits={f"people > {crew.name} > skills > {need.skill}": str(need.level)},
        needs=before,
        subject={"crew": crew.name},
        **_costs(plant, "cross-train", [training]),
    )


def _costs(plant: Plant, family: str, trainings: list[Training]) -> dict[str, Any]:
    """Wages, times and hours of some trainings that go on beside each other; assumed where the hours of one are only the usual ones."""
    wages = [training.wages for training in trainings if training.wages is not None]
    found: dict[str, Any] = {
        "capital": sum(wages) if wages else None,
        "lead_time": max(training.lasts for training in trainings) or None,
        "training": sum(training.seconds for training in trainings),
    }
    return found if all(training.told for training in trainings) else assumed(plant, family, **found)


def _shifts_with(plant: Plant, need: Staffing) -> set[str]:
    return {shift for crew in plant.people.values() if can(crew, need) for shift in crew.shift}


def rotation(plant: Plant, usual: Usual) -> Iterator[Move]:
    """The busiest crew of a shift and one with much less to do learn each other's work and take turns, so that the peak of load falls. Where
    the plant has a limit of peak load: every crew above it, with those with whom the load of both comes below, if there are any.
    """
    needs, loads = all_needs(plant), people_loads(plant)
    most = plant.limits.get("peak load")
    done: set[frozenset[str]] = set()
    for shift in plant.shifts:
        crews = sorted(
            (crew for crew in plant.people.values() if shift in crew.shift), key=lambda crew: -loads[crew.name]
        )
        for rank, heavy in enumerate(crews):
            if rank and (most is None or loads[heavy.name] <= most):
                break
            made = 0
            for light, shared in _partners(plant, heavy, crews, needs, loads):
                pair = frozenset((heavy.name, light.name))
                if pair in done or made == MOST_ROTATIONS:
                    continue
                done.add(pair)
                made += 1
                mine, theirs = _lacks(needs, light, heavy)[0], _lacks(needs, heavy, light)[0]
                yield _turns(plant, heavy, light, theirs, mine, loads[heavy.name], shared)


def _partners(
    plant: Plant, heavy: Crew, crews: list[Crew], needs: list[Staffing], loads: dict[str, float]
) -> list[tuple[Crew, float]]:
    """With whom a crew could take turns, the least busy first, each with the load that both have then."""
    found: list[tuple[Crew, float]] = []
    for light in reversed(crews):
        if (
            loads[light.name] <= LIGHTER * loads[heavy.name]
            and _lacks(needs, light, heavy)
            and _lacks(needs, heavy, light)
        ):
            there = [time_there(plant, crew) for crew in (heavy, light)]
            work = sum(loads[crew.name] * time for crew, time in zip((heavy, light), there, strict=True))
            found.append((light, work / sum(there)))
    most = plant.limits.get("peak load")
    below = [pair for pair in found if most is not None and pair[1] <= most]
    return below or found


def _lacks(needs: list[Staffing], crew: Crew, other: Crew) -> list[Staffing]:
    """What another crew can do and a crew cannot, of what is needed."""
    return [need for need in needs if can(other, need) and not can(crew, need)]


def _turns(
    plant: Plant, heavy: Crew, light: Crew, by_heavy: Staffing, by_light: Staffing, alone: float, shared: float
) -> Move:
    """Both learn what the other does; by hand, the load of the busier one falls to what both share."""
    taught = [
        (crew, need, training_of(plant, crew, need.skill, need.level))
        for crew, need in ((heavy, by_heavy), (light, by_light))
    ]
    return Move(
        name=f"rotation: {heavy.name} and {light.name}",
        family="rotation",
        title=f"{heavy.name} and {light.name} take turns at {by_light.skill} and {by_heavy.skill}",
        edits={f"people > {crew.name} > skills > {need.skill}": str(need.level) for crew, need, _ in taught},
        subject={"crew": heavy.name},
        note=f"by hand, {heavy.name} {100 * alone:.0f} % at work; taking turns, {100 * shared:.0f} %"
        if is_told(plant)
        else "",
        **_costs(plant, "rotation", [training for _, _, training in taught]),
    )


FAMILIES = (
    Family("cross-train", cross_train, False, "subordinate", TRAINED),
    Family("rotation", rotation, False, "subordinate", TRAINED),
)
