"""Write what was found in a log as a plant file, each value with the evidence for it in a comment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from plantwright.calibration.calendars import Calendar, Pattern, Weeks
from plantwright.calibration.causes import WaitingFound
from plantwright.calibration.centers import Center
from plantwright.calibration.due_dates import late_total
from plantwright.calibration.machines import MachineFound, speeds_of
from plantwright.calibration.measured import MeasuredTimes
from plantwright.calibration.releasing import release_list
from plantwright.calibration.routings import RoutingFound, RoutingStep
from plantwright.calibration.skills import SkillsFound
from plantwright.calibration.staffing import StaffFound, levels
from plantwright.calibration.times import Times
from plantwright.calibration.visits import History, order_pieces
from plantwright.calibration.writing_routings import Written, product_comment, write_routing
from plantwright.distributions import Distribution
from plantwright.plant import distribution_text
from plantwright.simulation.trust import MONTH
from plantwright.units import show_duration, write_duration

NO_TIME = "no time"
ORDERS = "orders.csv"
_DAY = 86400.0
_GOING_ON = "orders go on"


@dataclass(frozen=True)
class Found:
    """All that was found in a log, before it is simulated. ``going_on`` are the hours in which orders go on to their next step."""

    name: str
    log: str
    history: History
    centers: tuple[Center, ...]
    calendars: Mapping[str, Calendar]
    weeks: Weeks
    plant_hours: Calendar
    routings: Mapping[str, RoutingFound]
    times: Times
    staff: StaffFound | None
    waiting: WaitingFound
    machines: tuple[MachineFound, ...] = ()
    skills: SkillsFound | None = None
    going_on: Calendar = field(default_factory=lambda: Calendar((), 1.0))


@dataclass(frozen=True)
class Draft:
    """The words of a plant file as nested dicts and lists, the comments on them by path, the files beside it, and the routing of each product
    as it was written.
    """

    words: dict[str, Any]
    comments: dict[str, str]
    files: dict[str, str]
    routings: Mapping[str, Written] = field(default_factory=dict)


def rounded(distribution: Distribution) -> Distribution:
    """A distribution with parameters as exact as measured times can be, round in the unit in which people would write them."""

    def duration(seconds: float) -> float:
        size = next((size for size in (3600.0, 60.0) if seconds >= size), 1.0)
        return float(f"{seconds / size:.3g}") * size

    p = distribution.parameters
    match distribution.kind:
        case "gamma" | "lognormal":
            return Distribution(distribution.kind, (duration(p[0]), float(f"{p[1]:.3g}")))
        case "weibull":
            return Distribution("weibull", (float(f"{p[0]:.3g}"), duration(p[1])))
        case "empirical":
            return distribution
        case _:
            return Distribution(distribution.kind, tuple(duration(value) for value in p))


def draft(found: Found, waits: Mapping[str, Distribution], staff: StaffFound | None) -> Draft:
    """A plant file of what was found.

    Parameters
    ----------
    found : Found
    waits : mapping of str to Distribution
        Unexplained waiting before the steps of each work center, in seconds.
    staff : StaffFound, optional
        The people who were found, as operations need them; None where they need nobody.
    """
    shifts, center_shifts, crew_shifts = _shifts(found)
    comments: dict[str, str] = {}
    words: dict[str, Any] = {
        "format": "1",
        "plant": found.name,
        "start": f"{found.history.first:%Y-%m-%d} 00:00",
        "shifts": shifts,
    }
    if found.staff is not None:
        words["people"] = _people(found.staff, crew_shifts)
        comments["people"] = _people_comment(found.staff, staff)
        if found.skills is not None:
            comments["people"] = "\n".join([comments["people"], *found.skills.notes])
            comments |= dict(found.skills.comments())
    going_on = {f"{_GOING_ON} {pattern.name}": pattern.words(found.weeks) for pattern in found.going_on.patterns}
    if waits:
        shifts |= going_on
    measured = MeasuredTimes()
    centers = _work_centers(found, center_shifts, staff, waits, comments, measured)
    written = _routings(found, measured)
    if any(words["at"] == NO_TIME for own in written.values() for step in own.steps for words in step.values()):
        centers[NO_TIME] = {"machines": "unlimited"}
        comments[f"work centers > {NO_TIME}"] = (
            "no work: where orders of a product begin differently, part or come together"
        )
    words["work centers"] = centers
    if waits:
        comments["work centers"] = _waits_comment(found)
    words["products"] = _products(found, written, comments)
    words["totals"] = totals(found.history)
    comments["shifts"] = "hours in which each work center, and each person, was usually found at work"
    comments["totals"] = "the log's own: good pieces, a lot is a whole order; simulated totals are held against them"
    return Draft(words, comments, {ORDERS: release_list(found)} | measured.file(), written)


def totals(history: History) -> dict[str, str]:
    """Good pieces finished a month, mean cycle time of finished orders, from the first start to the last end that the log has of
    each, and mean orders in process, all over the span of the log. An order that is still under way is in process until the log
    ends, and is not finished: a simulated one is counted so too. Good pieces are those of the order less those rejected on its way. With
    due dates, the share of the finished orders that have one and were finished after it, unless dates that contradict leave it open.
    """
    times = {order: seconds for order, seconds in history.cycle_times().items() if order not in history.open_orders}
    good = sum(
        max(0.0, order_pieces(history.orders[order]) - sum(visit.rejected for visit in history.orders[order]))
        for order in times
    )
    held = sum((history.last - history.reported[order][0]).total_seconds() for order in history.open_orders)
    mean = sum(times.values()) / max(1, len(times))
    late = late_total(history)
    made = {
        "throughput": f"{good / history.span * MONTH:.6g} pieces/mo",
        "cycle time": f"{mean / _DAY:.4g} d",
        "work in process": f"{(sum(times.values()) + held) / history.span:.4g} lots",
    }
    return made if late is None else made | {"late": f"{100 * late:.4g} %"}


def _shifts(found: Found) -> tuple[dict[str, Any], dict[str, list[str]], dict[str, list[str]]]:
    """The shifts by name, and which of them each work center and each shift of people has."""
    shifts: dict[str, Any] = {}

    def named(pattern: Pattern, whose: str) -> str:
        words = pattern.words(found.weeks)
        alike = next((name for name, own in shifts.items() if own == words), None)
        if alike is not None:
            return alike
        name = pattern.name if pattern.name not in shifts else f"{pattern.name}, {whose}"
        shifts[name] = words
        return name

    centers = {
        name: [named(pattern, name) for pattern in calendar.patterns] for name, calendar in found.calendars.items()
    }
    people: dict[str, list[str]] = {}
    if found.staff is not None:
        for shift, patterns in found.staff.shifts.items():
            people[shift] = [named(pattern, f"{shift} people") for pattern in patterns]
    return shifts, centers, people


def _one_or_more(names: Sequence[str]) -> Any:
    return names[0] if len(names) == 1 else list(names)


def _people(staff: StaffFound, shifts: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        person.name: {
            "shift": _one_or_more(shifts[person.shift]),
            "skills": {center: str(level) for center, level in levels(person.reports).items()},
        }
        for person in staff.people
    }


def _people_comment(staff: StaffFound, needed: StaffFound | None) -> str:
    rotating = sum(person.rotates for person in staff.people)
    lines = ["skills: 2 from three reports at a work center on, else 1"]
    if rotating:
        lines.append(f"{rotating} people rotate; they are spread over the shifts as their team's hours are")
    if staff.left_out:
        share = 100 * staff.left_out_share
        lines.append(f"left out: {staff.left_out} people on few days, with {share:.1f} % of the hours")
    if staff.unmeasured:
        lines.append(f"left out: {staff.unmeasured} people all of whose reports have no times of their own")
    tended = sorted({name for person in staff.people for name in person.reports} - staff.attended)
    if needed is not None:
        lines += [
            f"one person tends {needed.tends[name]} machines at {name}, as nearly always in the log"
            if name in needed.tends
            else f"one person tends several machines at {name}: people are needed there for setups only, as they could not have done what was done else"
            for name in tended
        ]
    else:
        lines.append(
            "operations do not ask for people: with the hours reported, these people could not do what was done"
        )
    return "\n".join(lines)


def _work_centers(
    found: Found,
    shifts: Mapping[str, Sequence[str]],
    staff: StaffFound | None,
    waits: Mapping[str, Distribution],
    comments: dict[str, str],
    measured: MeasuredTimes,
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    speeds = speeds_of(found.machines)
    for center in found.centers:
        words: dict[str, Any] = {"machines": str(center.machines)}
        notes = [center.evidence]
        if any(station in speeds for station in center.stations):
            words["machines"] = [{"name": name, "speed": f"{100 * speeds[name]:.0f} %"} for name in center.stations]
        notes += [machine.words for machine in found.machines if machine.center == center.name and machine.words]
        calendar = found.calendars.get(center.name)
        if calendar is not None and calendar.patterns:
            words["shift"] = _one_or_more(shifts[center.name])
            share = f"{100 * calendar.inside:.0f} % of its measured work lies in these hours"
            notes.append(f"its hours are {calendar.whose}" if calendar.whose else share)
            notes += [f"{pattern.name}: on {on} of {of} days only, so left out" for pattern, on, of in calendar.seldom]
        setup = found.times.setups.get(center.name)
        if setup is not None:
            seen = f"{setup.words}; {setup.changes} change{'s' * (setup.changes != 1)} of product"
            if setup.each:
                notes.append(f"{seen}: they come with each lot, so they are what it takes to load it")
            elif setup.usual:
                words["setup"] = {"default": measured.text(rounded(setup.distribution), f"setup of {center.name}")}
                if setup.into:
                    words["setup"]["into"] = {
                        product: measured.text(rounded(own.distribution), f"setup of {center.name} into {product}")
                        for product, own in setup.into.items()
                    }
                notes += [f"{seen}: the default has the same hours in all", *setup.by_product]
            else:
                notes.append(f"{seen}: too seldom to be the rule, so left out")
        stops = found.times.stops.get(center.name)
        if stops is not None:
            every, repair = (
                measured.text(rounded(times), f"{what} of {center.name}")
                for what, times in (("work between failures", stops.every), ("repair", stops.repair))
            )
            words["failures"] = [{"every": every, "clock": "working", "repair": repair}]
            notes.append(
                f"breakdowns: {stops.stops} in {show_duration(stops.worked)} of work; the times between: {stops.evidence}"
            )
            notes.append(stops.repair_words)
        need = _need(found, staff, center.name)
        if need is not None:
            words["staff"] = [need]
        if center.name in waits:
            words["delay"] = distribution_text(rounded(waits[center.name]))
            if found.going_on.patterns:
                words["delay shift"] = _one_or_more(
                    [f"{_GOING_ON} {pattern.name}" for pattern in found.going_on.patterns]
                )
        made[center.name] = words
        comments[f"work centers > {center.name}"] = "\n".join(notes)
    return made


def _waits_comment(found: Found) -> str:
    return (
        "delay: lots lie for reasons that the log does not tell (other orders, decisions, transport, papers);\n"
        "its times were fitted so that the log's own cycle time and work in process come out;\n"
        f"{_going_on_words(found.going_on)}"
        f"in the log itself {found.waiting.words}"
    )


def _going_on_words(going_on: Calendar) -> str:
    if not going_on.patterns:
        return ""
    return (
        f"it passes in the hours in which orders go on: {100 * going_on.inside:.0f} % of all visits after an order's first begin in them;\n"
        "whoever lengthens a shift of machines does not lengthen these\n"
    )


def _routings(found: Found, measured: MeasuredTimes) -> dict[str, Written]:
    """The steps of each product, those with most orders first."""
    return {
        product: write_routing(
            found.routings[product],
            {"at": NO_TIME, "time": "0 h/lot"},
            partial(_operation, found, product, measured),
            lambda step, product=product: found.times.steps[product, step.step].evidence,  # type: ignore[misc]
        )
        for product in sorted(found.routings, key=lambda name: (-found.routings[name].orders, name))
    }


def _products(found: Found, written: Mapping[str, Written], comments: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for product, own in written.items():
        made[product] = {"release": {"orders": ORDERS}, "routing": own.steps}
        comments[f"products > {product}"] = product_comment(found.routings[product])
        for step, comment in own.comments.items():
            comments[f"products > {product} > routing > {step}"] = comment
    return made


def _operation(found: Found, product: str, measured: MeasuredTimes, step: RoutingStep) -> dict[str, Any]:
    time = found.times.steps[product, step.step]
    text = measured.text(rounded(time.distribution), f"{step.operation} of {product}", per=f"/{time.per}")
    if time.guessed:
        most = write_duration(2 * rounded(time.distribution).mean)
        text = f"{text} guess 0 h..{most}"
    words: dict[str, Any] = {"at": step.center, "time": text}
    setup = found.times.setups.get(step.center)
    if setup is not None and setup.each:
        words["load"] = measured.text(rounded(setup.load), f"setup of {step.center}", per="/lot")
    good = found.times.yields.get((product, step.step))
    if good is not None:
        words["yield"] = f"{100 * good.value:.5g} %"
    return words


def _need(found: Found, staff: StaffFound | None, center: str) -> dict[str, Any] | None:
    if staff is None:
        return None
    able = [levels(person.reports)[center] for person in staff.people if center in person.reports]
    if not able:
        return None
    runs = center in staff.attended or center in staff.tends
    setup = found.times.setups.get(center)
    before = [] if setup is None else ["load"] if setup.each else ["setup"] if setup.usual else []
    phases = before + (["run"] if runs else [])
    tends = {"tends": f"{staff.tends[center]} machines"} if center in staff.tends else {}
    return {"skill": f"{center} {max(able)}", "for": phases} | tends if phases else None
