"""Moves on hours: breaks relieved, overtime, weekend work, another shift."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from plantwright.improvement.families.busy import busiest, can
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.people import HIRING, needs_of
from plantwright.improvement.families.usual import Usual, times_usual
from plantwright.improvement.study import Move
from plantwright.improvement.words import fresh
from plantwright.plant.calendar import Shift, Span
from plantwright.plant.plant import Plant
from plantwright.plant.reading import value_at
from plantwright.plant.resources import Crew, Staffing
from plantwright.units import clock

OVERTIME = 3600.0
WEEK = 7 * 86400.0
OVERTIME_PAY = "150 %"
"""One and a half times the wage, as the US Fair Labor Standards Act (29 U.S.C. 207) has it for hours beyond 40 a week."""
DAY = 86400.0
SATURDAY = 5
SHORTEST_WEEKEND = 2 * 3600.0
MOST_CENTERS = 2

ARRANGED = Usual(
    cost=0.0,
    lead_time=WEEK,
    ramp_up=0.0,
    source="nothing but the hours, which are in the wages; 150 % of the wage as in the US Fair Labor Standards Act, 29 U.S.C. 207; a week to "
    "arrange it is our choice",
)
RELIEVED = Usual(cost=0.0, lead_time=WEEK, ramp_up=0.0, source="costs nothing; a week to arrange it is our choice")
HIRED_SHIFT = Usual(
    cost=HIRING.cost,
    lead_time=12 * WEEK,
    ramp_up=HIRING.ramp_up,
    source=f"for each who is hired: {HIRING.source}; twelve weeks until a shift is hired and trained are our choice",
)


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
    return f"{clock((pause.start + length) % DAY)}-{clock(pause.end + length)}"


def overtime(plant: Plant, usual: Usual) -> Iterator[Move]:
    """One hour more at the end of a shift at 150 % of the wage: for one work center with its people, and for everybody.

    Only where a week of it stays within the plant's limit of overtime.
    """
    most = plant.limits.get("overtime", math.inf) * WEEK
    for shift_name, shift in plant.shifts.items():
        words = _shift_words(plant, shift_name)
        if not words or shift.overtime or shift.span.end - shift.span.start > 23 * 3600.0 - OVERTIME:
            continue
        span = Span(shift.span.end, shift.span.end + OVERTIME)
        if len(shift.days) * OVERTIME > most * (1 + 1e-9) or _covered(plant, shift, span, shift.days):
            continue
        extra = _extra(_days(words, shift), span)
        centers = [name for name in plant.work_centers if _may_stay(plant, name, shift_name)]
        yield from _more_hours(plant, "overtime", "one hour overtime", shift_name, extra, centers)


def weekend_work(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A shift also works on Saturday, as many hours as on another day and at 150 % of the wage: everybody, and each of the two busiest
    work centers with its people. Where the plant's limit of overtime leaves fewer hours, so many; none below two.
    """
    most = plant.limits.get("overtime", math.inf) * WEEK
    loaded = busiest(plant)
    for shift_name, shift in plant.shifts.items():
        words = _shift_words(plant, shift_name)
        if not words or shift.overtime or SATURDAY in shift.days:
            continue
        rest = sum(pause.end - pause.start for pause in shift.breaks)
        hours = 60.0 * math.floor(min(shift.span.end - shift.span.start - rest, most) / 60.0 + 1e-9)
        span = Span(shift.span.start, shift.span.start + hours)
        if hours < SHORTEST_WEEKEND or _covered(plant, shift, span, (SATURDAY,)):
            continue
        centers = [name for name in loaded if _may_stay(plant, name, shift_name)][:MOST_CENTERS]
        yield from _more_hours(plant, "weekend work", "Saturday work", shift_name, _extra("Sat", span), centers)


def _extra(days: Any, span: Span) -> dict[str, Any]:
    return {"days": days, "from": clock(span.start % DAY), "to": clock(span.end), "pay": OVERTIME_PAY}


def _may_stay(plant: Plant, center: str, shift: str) -> bool:
    return plant.work_centers[center].machines is not None and shift in plant.work_centers[center].shift


def _more_hours(
    plant: Plant, family: str, what: str, shift_name: str, extra: dict[str, Any], centers: list[str]
) -> Iterator[Move]:
    """Extra hours of a shift for everybody, and for single work centers with just the people that each needs."""
    if not any(shift_name in center.shift for center in plant.work_centers.values()):
        return
    yield Move(
        name=f"{family}: {shift_name}",
        family=family,
        title=f"{what}, {shift_name}",
        edits={f"shifts > {shift_name} > overtime": extra},
        subject={"shift": shift_name},
    )
    longer = fresh(f"{shift_name} with {family}", plant.shifts)
    for name in centers:
        moved = moved_people(plant, name, shift_name, longer)
        if moved is not None:
            yield Move(
                name=f"{family}: {name} {shift_name}",
                family=family,
                title=f"{what}, {name}",
                edits={f"shifts > {longer}": {**_shift_words(plant, shift_name), "overtime": extra}}
                | _with_shift(plant, name, shift_name, longer)
                | moved,
                subject={"work center": name},
            )


def _covered(plant: Plant, shift: Shift, span: Span, days: tuple[int, ...]) -> bool:
    """Whether another shift already works in most of a span that begins on some of these days."""
    for other in plant.shifts.values():
        if other.name == shift.name or not set(other.days) & set(days):
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
        if not words or length > 12 * 3600.0 or _covered(plant, shift, following, shift.days):
            continue
        second = fresh(f"{shift_name} 2", plant.shifts)
        made = {"days": _days(words, shift), "from": clock(following.start % DAY), "to": clock(following.end)}
        if shift.breaks:
            made["breaks"] = [f"{clock((p.start + length) % DAY)}-{clock(p.end + length)}" for p in shift.breaks]
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
            **times_usual(plant, "another shift", usual, sum(everybody.values())),
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
                    **times_usual(plant, "another shift", usual, sum(hired.values())),
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
    Family("relieved breaks", relieved_breaks, False, "exploit", RELIEVED),
    Family("overtime", overtime, False, "exploit", ARRANGED),
    Family("weekend work", weekend_work, False, "exploit", ARRANGED),
    Family("another shift", another_shift, True, usual=HIRED_SHIFT),
)
