"""Moves on people: one more, a stand-in for those who are absent, one who can do several jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plantwright.distributions import Distribution
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.busy import can, share_open
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.learning import hours_to
from plantwright.improvement.families.sound import span
from plantwright.improvement.families.usual import Usual, assumed
from plantwright.improvement.study import Move
from plantwright.improvement.words import fresh, singular
from plantwright.plant.plant import Plant
from plantwright.plant.reading import value_at
from plantwright.plant.resources import Area, Crew, Machine, Staffing, WorkCenter

HIRING = Usual(
    cost=4_700.0,
    lead_time=42 * 86400.0,
    ramp_up=8 * 7 * 86400.0,
    source="SHRM benchmarking: 4,700 USD for each hire (2022), 42 days to fill a position (2016); the ramp-up is our choice",
)
COVER = Usual(
    effect=Distribution("triangular", (0.5, 0.8, 0.95)),
    cost=0.0,
    lead_time=2 * 7 * 86400.0,
    ramp_up=0.0,
    source="our choice: the share of absences for which a stand-in comes",
)
STAND_IN_PAY = 1.5
"""What a stand-in costs, as a share of the wage of those who are absent (our choice: overtime's pay, or an agency's mark-up of a half)."""

YEAR = 365.25 * 86400.0


def alike(plant: Plant) -> list[Crew]:
    """One crew of each kind: same shifts, skills and wage; the one with the most people."""
    kinds: dict[tuple[Any, ...], Crew] = {}
    for crew in plant.people.values():
        key = (crew.shift, tuple(sorted(crew.skills.items())), crew.wage)
        if key not in kinds or crew.count > kinds[key].count:
            kinds[key] = crew
    return list(kinds.values())


def needs_of(plant: Plant, center: str) -> list[Staffing]:
    """The most demanding need of each skill at a work center, over its operations."""
    operations = [operation for product in plant.products.values() for operation in product.routing]
    return _greatest(need for operation in operations if operation.center == center for need in operation.staff)


def all_needs(plant: Plant) -> list[Staffing]:
    """The most demanding need of each skill at each level, over all operations, repairs and maintenance."""
    asked = [need for product in plant.products.values() for operation in product.routing for need in operation.staff]
    centers = plant.work_centers.values()
    places: list[WorkCenter | Machine | Area] = [*centers, *plant.areas.values()]
    places += [machine for center in centers for machine in center.unlike]
    for place in places:
        asked += [need for failure in place.failures for need in failure.by]
        asked += [need for care in place.maintenance for need in care.by]
    return _greatest(asked)


def _greatest(needs: Any) -> list[Staffing]:
    found: dict[tuple[str, int], Staffing] = {}
    for need in needs:
        key = (need.skill, need.level)
        if key not in found or need.count > found[key].count:
            found[key] = need
    return list(found.values())


def one_more_person(plant: Plant, usual: Usual) -> Iterator[Move]:
    """One more in each crew whose skills the routings need; people who are alike count once."""
    asked = _greatest(
        need for product in plant.products.values() for operation in product.routing for need in operation.staff
    )
    for crew in alike(plant):
        if any(can(crew, need) for need in asked):
            yield Move(
                name=f"one more person: {crew.name}",
                family="one more person",
                title=f"one more {singular(crew.name)}" if crew.count > 1 else f"one more like {crew.name}",
                edits={f"people > {crew.name} > count": str(crew.count + 1)},
                subject={"crew": crew.name},
            )


def cover_for_absence(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A stand-in comes for most of those who are absent, for each crew with an absence; the hours are paid half as much again."""
    effect = usual.effect or Distribution.constant(1.0)
    for crew in plant.people.values():
        if crew.absence is None or crew.absence.share <= 0:
            continue
        path = f"people > {crew.name} > absence"
        if isinstance(value_at(plant, path), dict):
            path += " > share"
        away = crew.absence.share * crew.count * share_open(plant, crew.shift) * YEAR
        cost = None if crew.wage is None else effect.mean * away * crew.wage * STAND_IN_PAY

        def edits(share: float, path: str = path, absent: float = crew.absence.share) -> dict[str, str]:
            return {path: f"{100 * absent * max(0.0, 1 - share):.4g} %"}

        move = Move(
            name=f"cover for absence: {crew.name}",
            family="cover for absence",
            title=f"stand-ins for absences, {crew.name}",
            edits={},
            subject={"crew": crew.name},
            **assumed(plant, "cover for absence", yearly=cost),
        )
        yield believed(move, effect, f"a stand-in comes for {span(effect)} of absences", edits)


def floating_operator(plant: Plant, usual: Usual) -> Iterator[Move]:
    """On each shift one more person, who can do all that several crews of it are needed for, at the highest of their wages."""
    asked = all_needs(plant)
    for number, shifts in enumerate(dict.fromkeys(crew.shift for crew in plant.people.values()), 1):
        crews = [crew for crew in plant.people.values() if crew.shift == shifts]
        skills: dict[str, int] = {}
        for need in asked:
            if any(can(crew, need) for crew in crews):
                skills[need.skill] = max(need.level, skills.get(need.skill, 0))
        if len(skills) < 2 or any(_has_all(crew, skills) for crew in crews):
            continue
        wage = max((crew.wage for crew in crews if crew.wage is not None), default=None)
        dearest = next((crew for crew in crews if wage is not None and crew.wage == wage), crews[0])
        words = value_at(plant, f"people > {dearest.name}")
        kept = {key: value for key, value in words.items() if key in ("shift", "wage")}
        name = fresh(f"floater {number}", plant.people)
        learnt = sum(sorted(hours_to(level) for level in skills.values())[:-1])
        yield Move(
            name=f"floating operator: {', '.join(shifts) or 'always'}",
            family="floating operator",
            title=f"a floating operator for {' and '.join(skills)}" + (f", {', '.join(shifts)}" if shifts else ""),
            edits={f"people > {name}": {"count": "1", **kept, "skills": {k: str(v) for k, v in skills.items()}}},
            subject={"crew": name},
            note="comes with one of the skills and learns the others before",
            **assumed(
                plant, "floating operator", lead_time=(usual.lead_time or 0.0) + learnt / share_open(plant, shifts)
            ),
        )


def _has_all(crew: Crew, skills: dict[str, int]) -> bool:
    return all(crew.skills.get(skill, -1) >= level for skill, level in skills.items())


FAMILIES = (
    Family("cover for absence", cover_for_absence, True, "exploit", COVER),
    Family("one more person", one_more_person, True, usual=HIRING),
    Family("floating operator", floating_operator, True, usual=HIRING),
)
