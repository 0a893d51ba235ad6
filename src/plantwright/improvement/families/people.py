"""Moves on people and hours: one more, a skill learnt, breaks relieved, overtime, another shift."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from plantwright.improvement.families.family import Family
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.improvement.words import clock, fresh, is_plural, singular, value_at
from plantwright.plant.calendar import Shift, Span
from plantwright.plant.plant import Plant
from plantwright.plant.resources import Crew, Staffing
from plantwright.plant.words.people import read_skill
from plantwright.simulation.timeline import calendar, open_time

OVERTIME = 3600.0
WEEK = 7 * 86400.0
OVERTIME_PAY = "150 %"
MOST_LEARNERS = 3


def alike(plant: Plant) -> list[Crew]:
    """One crew of each kind: same shifts, skills and wage; the one with the most people."""
    kinds: dict[tuple[Any, ...], Crew] = {}
    for crew in plant.people.values():
        key = (crew.shift, tuple(sorted(crew.skills.items())), crew.wage)
        if key not in kinds or crew.count > kinds[key].count:
            kinds[key] = crew
    return list(kinds.values())


def needs_of(plant: Plant, center: str) -> list[Staffing]:
    """The most demanding need of each skill at a work center, over its operations and repairs."""
    found: dict[tuple[str, int], Staffing] = {}
    operations = [operation for product in plant.products.values() for operation in product.routing]
    asked = [need for operation in operations if operation.center == center for need in operation.staff]
    for need in asked:
        key = (need.skill, need.level)
        if key not in found or need.count > found[key].count:
            found[key] = need
    return list(found.values())


def can(crew: Crew, need: Staffing) -> bool:
    """Whether the people of a crew have the skill at the level."""
    return crew.skills.get(need.skill, -1) >= need.level


def one_more_person(plant: Plant, usual: Usual) -> Iterator[Move]:
    """One more in each crew whose skills the routings or repairs need; people who are alike count once."""
    for crew in alike(plant):
        yield Move(
            name=f"one more person: {crew.name}",
            family="one more person",
            title=f"one more {singular(crew.name)}" if crew.count > 1 else f"one more like {crew.name}",
            edits={f"people > {crew.name} > count": str(crew.count + 1)},
            subject={"crew": crew.name},
        )


def cross_train(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A crew learns a skill that an operation needs and that they do not have; those whose training is told first, then those with the
    fewest skills. Training costs the wages of its hours and takes as long as their shifts need for them.
    """
    needs = {(need.skill, need.level): need for name in plant.work_centers for need in needs_of(plant, name)}
    for (skill, level), need in needs.items():
        learners = [
            crew for crew in alike(plant) if not can(crew, need) and set(crew.shift) & _shifts_with(plant, need)
        ]
        order = sorted(learners, key=lambda crew: (hours_to_learn(crew, skill, level) is None, len(crew.skills)))
        for crew in order[:MOST_LEARNERS]:
            hours = hours_to_learn(crew, skill, level)
            yield Move(
                name=f"cross-train: {crew.name} {skill} {level}",
                family="cross-train",
                title=f"{crew.name} {'learn' if is_plural(crew.name) and crew.count > 1 else 'learns'} {skill} {level}",
                edits={f"people > {crew.name} > skills > {skill}": str(level)},
                capital=hours * crew.count * crew.wage if hours and crew.wage else None,
                lead_time=hours / _share_at_work(plant, crew) if hours else None,
                subject={"crew": crew.name},
            )


def hours_to_learn(crew: Crew, skill: str, level: int) -> float | None:
    """The time of training (seconds) that takes a person of a crew to a level of a skill or higher; None where nobody said."""
    found = []
    for text, seconds in crew.learns.items():
        name, learnt = read_skill(text)
        if name == skill and learnt >= level:
            found.append(seconds)
    return min(found, default=None)


def _share_at_work(plant: Plant, crew: Crew) -> float:
    """The share of all time that a crew is there."""
    horizon = 4 * WEEK
    shifts = [plant.shifts[name] for name in crew.shift]
    there = calendar(shifts, start=plant.start, time_zone=plant.time_zone, horizon=horizon)
    return open_time(there, 0.0, horizon) / horizon or 1.0


def _shifts_with(plant: Plant, need: Staffing) -> set[str]:
    return {shift for crew in plant.people.values() if can(crew, need) for shift in crew.shift}


def _on_shift(plant: Plant, center: str, shift: str) -> list[tuple[Staffing, int]]:
    """The needs of a work center with the people wanted for each on a shift of its own."""
    machines = plant.work_centers[center].machines or 1
    return [(need, need.count * (machines if "run" in need.phases else 1)) for need in needs_of(plant, center)]


def moved_people(plant: Plant, center: str, old: str, new: str, spare: bool = False) -> dict[str, Any] | None:
    """Edits that put enough people of shift `old` on shift `new` to keep a work center going; None where they are not there.

    Of a crew of several only those who are needed change; those with the fewest other skills go first. With `spare`, as
    many must stay behind on the old shift.
    """
    edits: dict[str, Any] = {}
    moved: dict[str, int] = {}
    for need, wanted in _on_shift(plant, center, old):
        able = [crew for crew in plant.people.values() if can(crew, need) and old in crew.shift]
        if not able and any(can(crew, need) and not crew.shift for crew in plant.people.values()):
            continue
        if sum(crew.count for crew in able) < wanted * (2 if spare else 1):
            return None
        left = wanted - sum(moved.get(crew.name, 0) for crew in able)
        for crew in sorted(able, key=lambda crew: (len(crew.skills), crew.wage or 0.0)):
            take = min(max(left, 0), crew.count - moved.get(crew.name, 0))
            moved[crew.name] = moved.get(crew.name, 0) + take
            left -= take
    for name, count in moved.items():
        if count:
            edits |= _split(plant, plant.people[name], count, old, new)
    return edits


def _split(plant: Plant, crew: Crew, count: int, old: str, new: str) -> dict[str, Any]:
    shifts = _shift_text(tuple(new if name == old else name for name in crew.shift))
    if count == crew.count:
        return {f"people > {crew.name} > shift": shifts}
    words = value_at(plant, f"people > {crew.name}")
    copied = {**(words if isinstance(words, dict) else {}), "count": str(count), "shift": shifts}
    name = fresh(f"{crew.name} ({new})", plant.people)
    return {f"people > {crew.name} > count": str(crew.count - count), f"people > {name}": copied}


def _shift_text(names: tuple[str, ...]) -> Any:
    return names[0] if len(names) == 1 else list(names)


def _with_shift(plant: Plant, center: str, old: str, new: str, *, add: bool = False) -> dict[str, Any]:
    now = plant.work_centers[center].shift
    names = (*now, new) if add else tuple(new if name == old else name for name in now)
    return {f"work centers > {center} > shift": _shift_text(names)}


def _shift_words(plant: Plant, name: str) -> dict[str, Any]:
    words = value_at(plant, f"shifts > {name}")
    return dict(words) if isinstance(words, dict) else {}


def _days(words: dict[str, Any], shift: Shift) -> Any:
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return words.get("days") or " ".join(names[day] for day in shift.days)


def relieved_breaks(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A work center that stops for a break is kept going: some who can run it take their break later and relieve the others.

    Only where twice the people it needs are there; a work center that needs nobody simply runs on.
    """
    for name, center in plant.work_centers.items():
        for shift_name in center.shift:
            shift = plant.shifts[shift_name]
            if center.machines is None or not shift.breaks:
                continue
            words = _shift_words(plant, shift_name)
            if not words:
                continue
            through = fresh(f"{shift_name} without breaks", plant.shifts)
            edits: dict[str, Any] = {
                f"shifts > {through}": {key: value for key, value in words.items() if key != "breaks"},
                **_with_shift(plant, name, shift_name, through),
            }
            if needs_of(plant, name):
                later = fresh(f"{shift_name} with later breaks", plant.shifts)
                moved = moved_people(plant, name, shift_name, later, spare=True)
                if moved is None:
                    continue
                if moved:
                    shifted = [_later(pause) for pause in shift.breaks]
                    edits |= {f"shifts > {later}": {**words, "breaks": shifted}, **moved}
            at = ", ".join(f"{clock(pause.start)}-{clock(pause.end)}" for pause in shift.breaks)
            verb = "relieve" if needs_of(plant, name) else "run on:"
            yield Move(
                name=f"relieved breaks: {name} {shift_name}",
                family="relieved breaks",
                title=f"{verb} {name} at {at}",
                edits=edits,
                subject={"work center": name},
            )


def _later(pause: Span) -> str:
    length = pause.end - pause.start
    return f"{clock(pause.start + length)}-{clock(pause.end + length)}"


def overtime(plant: Plant, usual: Usual) -> Iterator[Move]:
    """One hour more at the end of a shift at 150 % of the wage: for one work center with its people, and for everybody.

    Only where a week of it stays within the plant's limit of overtime.
    """
    most = plant.limits.get("overtime", math.inf) * WEEK
    for shift_name, shift in plant.shifts.items():
        if len(shift.days) * OVERTIME > most * (1 + 1e-9):
            continue
        words = _shift_words(plant, shift_name)
        if not words or shift.span.end - shift.span.start > 23 * 3600.0 - OVERTIME or shift.overtime:
            continue
        extra = {
            "days": _days(words, shift),
            "from": clock(shift.span.end),
            "to": clock(shift.span.end + OVERTIME),
            "pay": OVERTIME_PAY,
        }
        if _covered(plant, shift_name, Span(shift.span.end, shift.span.end + OVERTIME)):
            continue
        if not any(shift_name in center.shift for center in plant.work_centers.values()):
            continue
        yield Move(
            name=f"overtime: {shift_name}",
            family="overtime",
            title=f"one hour overtime, {shift_name}",
            edits={f"shifts > {shift_name} > overtime": extra},
            subject={"shift": shift_name},
        )
        longer = fresh(f"{shift_name} with overtime", plant.shifts)
        for name, center in plant.work_centers.items():
            if center.machines is None or shift_name not in center.shift:
                continue
            moved = moved_people(plant, name, shift_name, longer)
            if moved is not None:
                yield Move(
                    name=f"overtime: {name} {shift_name}",
                    family="overtime",
                    title=f"one hour overtime, {name}",
                    edits={f"shifts > {longer}": {**words, "overtime": extra}}
                    | _with_shift(plant, name, shift_name, longer)
                    | moved,
                    subject={"work center": name},
                )


def _covered(plant: Plant, name: str, span: Span) -> bool:
    """Whether another shift on the same days already works in most of a span."""
    shift = plant.shifts[name]
    for other in plant.shifts.values():
        if other.name == name or not set(other.days) & set(shift.days):
            continue
        for day in (0.0, 86400.0):
            overlap = min(span.end, other.span.end + day) - max(span.start, other.span.start + day)
            if overlap > (span.end - span.start) / 2:
                return True
    return False


def another_shift(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A further shift as long as the one before it: for one work center with new people for it, and for the whole plant."""
    for shift_name, shift in plant.shifts.items():
        length = shift.span.end - shift.span.start
        following = Span(shift.span.end, shift.span.end + length)
        words = _shift_words(plant, shift_name)
        if not words or length > 12 * 3600.0 or _covered(plant, shift_name, following):
            continue
        second = fresh(f"{shift_name} 2", plant.shifts)
        made = {"days": _days(words, shift), "from": clock(following.start), "to": clock(following.end)}
        if shift.breaks:
            made["breaks"] = [f"{clock(p.start + length)}-{clock(p.end + length)}" for p in shift.breaks]
        centers = [
            name for name, center in plant.work_centers.items() if shift_name in center.shift and center.machines
        ]
        everybody = {name: crew.count for name, crew in plant.people.items() if shift_name in crew.shift}
        if not centers:
            continue
        edits: dict[str, Any] = {f"shifts > {second}": made}
        for name in centers:
            edits |= _with_shift(plant, name, shift_name, second, add=True)
        yield Move(
            name=f"another shift: {shift_name}",
            family="another shift",
            title=f"shift after {shift_name}, everybody",
            edits=edits | _hired(plant, everybody, second),
            subject={"shift": shift_name},
        )
        if len(centers) < 2:
            continue
        for name in centers:
            hired = _wanted(plant, name, shift_name)
            if hired is not None:
                yield Move(
                    name=f"another shift: {name} {shift_name}",
                    family="another shift",
                    title=f"another shift at {name}",
                    edits={f"shifts > {second}": made}
                    | _with_shift(plant, name, shift_name, second, add=True)
                    | _hired(plant, hired, second),
                    subject={"work center": name},
                )


def _wanted(plant: Plant, center: str, shift: str) -> dict[str, int] | None:
    """Whom to copy, and how many, so that a work center has its people on a shift of its own."""
    hired: dict[str, int] = {}
    for need, wanted in _on_shift(plant, center, shift):
        able = [crew for crew in plant.people.values() if can(crew, need)]
        if not able:
            return None
        if all(not crew.shift for crew in able):
            continue
        cheapest = min(able, key=lambda crew: (crew.wage or 0.0, len(crew.skills)))
        hired[cheapest.name] = max(hired.get(cheapest.name, 0), wanted)
    return hired


def _hired(plant: Plant, crews: dict[str, int], shift: str) -> dict[str, Any]:
    edits: dict[str, Any] = {}
    for name, count in crews.items():
        words = value_at(plant, f"people > {name}")
        copied = dict(words) if isinstance(words, dict) else {}
        edits[f"people > {fresh(f'{name} ({shift})', plant.people)}"] = {
            **copied,
            "count": str(count),
            "shift": shift,
        }
    return edits


FAMILIES = (
    Family("one more person", one_more_person, True),
    Family("cross-train", cross_train, False),
    Family("relieved breaks", relieved_breaks, False),
    Family("overtime", overtime, False),
    Family("another shift", another_shift, True),
)
